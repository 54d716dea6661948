"""What a word is: inflections, spellings and scripts that are written without spaces find each other."""

import sqlite3
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.analyse import term_of, terms, words
from index.library import Library
from index.migrations import MIGRATIONS


@pytest.mark.parametrize(
    ("language", "spellings"),
    [
        ("en", ["Refugee", "refugees", "REFUGEES"]),
        ("de", ["Häuser", "Haus"]),
        ("de", ["Straße", "STRASSE", "Straßen"]),
        ("de", ["Müller", "Mueller"]),
        ("es", ["canción", "canciones", "cancion"]),
        ("es", ["niño", "niños"]),
        ("fr", ["élève", "élèves"]),
        ("ru", ["ёлка", "елки"]),
        ("ar", ["كِتَاب", "كتاب", "كـــتاب"]),
        ("ar", ["أحمد", "احمد"]),
        ("ar", ["إسلام", "اسلام"]),
        ("ur", ["کتاب", "كتاب"]),
        ("ur", ["لاہور", "لاھور", "لاهور"]),
        ("ur", ["پاکستانی", "پاكستاني", "پاکِستانی"]),
        ("ur", ["۲۰۱۹", "٢٠١٩", "2019", "２０１９"]),
        ("", ["naïve", "naive"]),
        ("", ["ﬁnance", "finance"]),
    ],
)
def test_spellings_and_inflections_of_a_word_are_one_term(language: str, spellings: list[str]) -> None:
    assert len({tuple(terms(spelling, language)) for spelling in spellings}) == 1
    assert {term_of(word, language) for spelling in spellings for word in words(spelling)} == set(
        terms(spellings[0], language)
    )


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "schon", "Schiff"), ("es", "casa", "cosa"), ("ar", "كتاب", "باب"), ("en", "policy", "police")],
)
def test_different_words_stay_different(language: str, one: str, other: str) -> None:
    assert terms(one, language) != terms(other, language)


def test_scripts_without_spaces_are_pairs_of_characters_and_then_single_ones() -> None:
    assert words("瑞典首都2024年") == ["瑞典", "典首", "首都", "2024", "年"]
    assert terms("瑞典首都", "zh") == ["瑞典", "典首", "首都", "瑞", "典", "首", "都"]
    assert words("東京タワー") == ["東京", "京タ", "タワ", "ワー"]
    assert words("กรุงเทพ") == ["กรุ", "รุง", "งเ", "เท", "ทพ"]


def test_words_are_letters_marks_and_digits() -> None:
    assert words("O’Brien’s e-mail, 3.5 % of snake_case") == [
        "o",
        "brien",
        "s",
        "e",
        "mail",
        "3",
        "5",
        "of",
        "snake",
        "case",
    ]
    assert words("हिन्दी किताबें") == ["हिन्दी", "किताबें"]
    assert words(" …— ") == [] == terms("", "en")


TEXTS = {
    "zh.txt": "瑞典王国是位于北欧斯堪的纳维亚半岛的国家，首都为斯德哥尔摩。"
    "瑞典的官方语言是瑞典语，货币为瑞典克朗，人口约一千万。",
    "ja.txt": "東京タワーは、東京都港区芝公園にある総合電波塔です。"
    "高さは三百三十三メートルで、一九五八年に完成しました。",
    "de.txt": "Die Regierungen der nordischen Länder trafen sich in den alten Häusern"
    " an der Großen Straße und sprachen dort über die Fähren.",
    "es.txt": "Las canciones de los niños se cantan en las calles de la ciudad"
    " cuando llegan los barcos al puerto de la isla.",
    "ar.txt": "وصلت السفينة إلى الميناء في الصباح وكان أحمد يقرأ كِتَابًا"
    " عن تاريخ المدرسة القديمة في الجزيرة ثم عاد إلى البيت.",
    "ur.txt": "کشتی صبح سات بجے لاہور کے قریب دریا سے روانہ ہوتی ہے"
    " اور ٹکٹ کی قیمت ۱۲۰ روپے ہے، یہ بات کتاب میں لکھی ہے۔",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("languages")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    library = Library(folder / "library", WordEmbedder, "words")
    library.add([folder / name for name in TEXTS])
    return library


def found(library: Library, question: str) -> list[str]:
    hits = library.search_lexical(words(question), 9)
    return [Path(passage.document.source).name for passage in library.passages([hit.passage_id for hit in hits])]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("斯德哥尔摩", "zh.txt"),
        ("货币", "zh.txt"),
        ("億电波塔港区", "ja.txt"),
        ("塔", "ja.txt"),
        ("Regierung", "de.txt"),
        ("Haus", "de.txt"),
        ("grosse Strasse", "de.txt"),
        ("cancion", "es.txt"),
        ("niña niño", "es.txt"),
        ("كتاب", "ar.txt"),
        ("احمد", "ar.txt"),
        ("لاھور", "ur.txt"),
        ("120", "ur.txt"),
        ("كتاب میں", "ur.txt"),
    ],
)
def test_a_word_is_found_in_whatever_language_its_document_is(library: Library, question: str, name: str) -> None:
    assert name in found(library, question)


def test_a_word_that_stands_nowhere_finds_nothing(library: Library) -> None:
    assert found(library, "Zeppelin 挪威 نعامة") == []
    assert library.passages_with(["zeppelin", "瑞典"]) == [0, 1]


def test_a_library_of_the_first_format_is_analysed_when_it_is_opened(tmp_path: Path) -> None:
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        (tmp_path / "de.md").write_text("# Nachrichten\n\n" + TEXTS["de.txt"], encoding="utf-8")
        library.add([tmp_path / "de.md"])
    _as_first_format(tmp_path / "library" / "library.db")

    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        assert found(library, "Regierung") == ["de.md"]
        assert library.count() == 1
        library.remove(library.find("de.md").id)
        assert found(library, "Regierung") == []
        assert library.count() == 0


def test_terms_of_an_older_analyser_are_made_anew(tmp_path: Path) -> None:
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        (tmp_path / "es.txt").write_text(TEXTS["es.txt"], encoding="utf-8")
        library.add([tmp_path / "es.txt"])
    with sqlite3.connect(tmp_path / "library" / "library.db") as connection:
        connection.execute("DELETE FROM passage_terms")
        connection.execute("UPDATE state SET value = 0 WHERE name = 'analyser'")
    connection.close()

    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        assert found(library, "canción") == ["es.txt"]


def _as_first_format(path: Path) -> None:
    """Rewrite a library's file as the first format had it: the same rows, without what came later."""
    tables = ("documents", "sources", "passages", "embeddings")
    later = path.rename(path.with_name("later.db"))
    with sqlite3.connect(path) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("ATTACH ? AS later", (str(later),))
        for table in tables:
            names = ",".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM later.{table}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
