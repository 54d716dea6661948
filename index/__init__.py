"""The library of documents: parse, split, store, embed, search. Knows nothing of questions, models or pages."""
