"""How good the answers are: sets of questions asked through `answer()`, and what came of them in figures.

Imported by nothing that answers: `pincite eval` and the benchmarks use it.
"""
