"""Words searched in Milvus: they find what FTS5 finds, in the same scopes, and follow every change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.analyse import words
from index.errors import VectorsError
from index.library import FAISS, Library
from index.parse.limits import READER_SETTINGS
from index.types import Scope
from index.vectors.milvus import MilvusStore
from index.vectors.milvus_words import MAX_BYTES, as_text

TEXTS = {
    "town.md": "# Ferries\n\nThe ferry leaves at dawn. Ferries are slow.\n\nThe bakery sells bread.\n",
    "museum.md": "# Museum\n\nA clock stands in the museum.\n\nThe ferry's bell hangs there, too.\n",
    "hindi.md": "# समाचार\n\nकिताब मेज़ पर है।\n",
    "chinese.md": "# 新聞\n\n他住在北京大學附近。\n",
    "russian.md": "# Новости\n\nПаром уходит на рассвете.\n",
}
QUESTIONS = [
    "ferry",
    "bread and clocks",
    "FERRIES at dawn",
    "किताब",
    "北京",
    "ПАРОМ",
    "Müll",
    "museum",
    "nothing here",
]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Library]]:
    """The same documents, with words in Milvus and in FTS5."""
    folder = tmp_path_factory.mktemp("words")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    milvus, fts5 = (
        Library(folder / name, WordEmbedder, "words", READER_SETTINGS, vectors)
        for name, vectors in (("in-milvus", f"milvus+bm25:{folder / 'milvus.db'}"), ("in-fts5", FAISS))
    )
    with milvus, fts5:
        for library in (milvus, fts5):
            library.add([folder / name for name in TEXTS])
        yield milvus, fts5


def found(library: Library, question: str, scope: Scope = Scope()) -> set[int]:  # noqa: B008  # frozen
    return {hit.passage_id for hit in library.within(scope).search_lexical(words(question), 10)}


@pytest.mark.parametrize("question", QUESTIONS)
def test_words_find_in_milvus_the_passages_that_they_find_in_fts5(
    libraries: tuple[Library, Library], question: str
) -> None:
    milvus, fts5 = libraries

    assert found(milvus, question) == found(fts5, question)
    assert bool(found(milvus, question)) == (question not in ("Müll", "nothing here"))


def test_scores_fall_and_a_title_weighs_more_than_the_text(libraries: tuple[Library, Library]) -> None:
    hits = libraries[0].search_lexical(["ferry", "leaves"], 10)

    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score > 0 for hit in hits)
    titled = {passage.id for passage in libraries[0].passages([hit.passage_id for hit in hits[:2]])}
    assert {passage.document.title for passage in libraries[0].passages(sorted(titled))} == {"Ferries"}


def test_only_what_a_scope_allows_is_found(libraries: tuple[Library, Library]) -> None:
    milvus, fts5 = libraries
    museum = next(own.id for own in milvus.documents() if own.title == "Museum")
    scope = Scope(documents=(museum,))

    assert found(milvus, "ferry bread", scope) == found(fts5, "ferry bread", scope) != set()


def test_what_is_added_removed_or_called_otherwise_is_found_so(tmp_path: Path) -> None:
    vectors = f"milvus+bm25:{tmp_path / 'milvus.db'}"
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "harbour.csv").write_text("ship,year\nMary,1900\n", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words", READER_SETTINGS, vectors) as library:
        library.sync(folder)
        report = library.add_upload("town.txt", b"The bakery sells bread.")
        assert report.passages == 1
        [bakery], [harbour] = found(library, "bakery"), found(library, "harbour")

        library.remove(next(own.id for own in library.documents() if own.source == "town.txt"))
        (folder / "harbour.csv").rename(folder / "lighthouse.csv")
        library.sync(folder)

        assert found(library, "bakery") == found(library, "harbour") == set()
        assert found(library, "lighthouse") == {harbour} != {bakery}
    with Library(tmp_path / "library", WordEmbedder, "words", READER_SETTINGS) as elsewhere:
        (folder / "lighthouse.csv").rename(folder / "pier.csv")
        elsewhere.sync(folder)
    with Library(tmp_path / "library", WordEmbedder, "words", READER_SETTINGS, vectors) as library:
        assert found(library, "lighthouse") == set()
        assert found(library, "pier") == {harbour}


def test_terms_become_ascii_words_of_their_own_and_a_text_is_cut_between_two() -> None:
    assert as_text(["ferry", "été", "1900", "大"]) == "ferry uc3a974c3a9 1900 ue5a4a7"
    long = as_text(["abcdefg"] * 10_000)
    assert MAX_BYTES - 8 < len(long) <= MAX_BYTES
    assert set(long.split()) == {"abcdefg"}


def test_a_server_that_is_too_old_to_search_words_is_named(milvus_server: str) -> None:
    with pytest.raises(VectorsError, match=r"is of version v2\.3\.\d+-lite and cannot search words: 2\.5 or newer can"):
        MilvusStore(milvus_server, 1, "words", 4, read_terms=lambda ids: {})
