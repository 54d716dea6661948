"""Who writes the answers as HTML: what is said, what can be clicked, and no text becomes markup."""

from dataclasses import replace

from html_reading import HOSTILE, TEXTS, Reader
from hypothesis import given

from rag.models.types import CatalogueModel
from ui.getting import Transfer
from ui.menu import Found, Menu, Offer, Writer, render_banner, render_hint, render_menu

MODEL = CatalogueModel(
    "qwen3-4b", "Qwen3 4B, Q4_K_M", "owner/Qwen3-GGUF", "qwen3.gguf", 2_500_000_000, 3_400_000_000, 4_000_000_000,
    "Apache-2.0", "good sentences",
)  # fmt: skip
QUOTES = Writer("quotes", "quotes only", ("no language model",))
QWEN = Writer("0a1b", "Qwen3 4B", ("4.0 B weights", "Q4_K_M", "2.5 GB", "LM Studio"), "it may be too much")
FOUND = Found((QUOTES, QWEN), (Offer(MODEL, 0, is_advised=True),), "huggingface.co", "Qwen3 4B suits this machine")
WITHOUT = Menu("quotes only", "", "quotes", FOUND)
WITH = Menu("Qwen3 4B", "", "0a1b", FOUND)
COMING = Transfer(MODEL, 1_000_000_000, 2_500_000_000, brought=500_000_000, seconds=50)


def text_of(html: str) -> str:
    return Reader(html).text


def values(html: str, name: str) -> list[str | None]:
    return Reader(html).attributes.get(name, [])


def test_quotes_only_is_explained_and_another_can_be_chosen() -> None:
    html = render_menu(WITHOUT)
    assert "No language model is in use" in text_of(html)
    assert values(html, "data-writer") == ["quotes", "0a1b"]
    assert values(html, "aria-pressed") == ["true", "false"]
    assert "4.0 B weights · Q4_K_M · 2.5 GB · LM Studio" in text_of(html)
    assert "it may be too much" in text_of(html)


def test_a_model_is_named_with_its_place() -> None:
    assert "writes the answers, on this machine" in text_of(render_menu(WITH))
    remote = text_of(render_menu(replace(WITH, remote="http://10.0.0.7:8080/v1")))
    assert "writes the answers, at http://10.0.0.7:8080/v1" in remote
    assert "on this machine." not in remote
    assert values(render_menu(WITH), "aria-label")[0] == "Who writes the answers: Qwen3 4B"


def test_a_download_says_what_comes_from_where_and_how_large_before_any_click() -> None:
    html = render_menu(WITHOUT)
    assert "Download 2.5 GB from huggingface.co" in text_of(html)
    assert "2.5 GB · licence Apache-2.0 · needs 3.4 GB of memory" in text_of(html)
    assert "from huggingface.co/owner/Qwen3-GGUF" in text_of(html)
    assert "suits this machine" in text_of(html)
    assert values(html, "data-download") == ["qwen3-4b"]
    begun = replace(FOUND, offers=(Offer(MODEL, 1_000_000_000, is_advised=False),))
    assert "Download the other 1.5 GB from huggingface.co" in text_of(render_menu(replace(WITHOUT, found=begun)))


def test_a_download_under_way_shows_how_far_it_is_and_can_be_cancelled() -> None:
    html = render_menu(replace(WITHOUT, transfer=COMING))
    assert "Downloading Qwen3 4B, Q4_K_M…" in text_of(html)
    assert "40 % · 1.0 GB of 2.5 GB · 10.0 MB/s · 2 min left" in text_of(html)
    assert (values(html, "max"), values(html, "value")) == (["2500000000"], ["1000000000"])
    assert "Cancel" in text_of(html)
    assert values(html, "data-download") == [], "one comes at a time"
    assert "Downloading Qwen3 4B, Q4_K_M… 40 %" in text_of(render_banner(replace(WITHOUT, transfer=COMING)))


def test_the_states_of_a_download_are_told_apart() -> None:
    asking = text_of(render_menu(replace(WITHOUT, transfer=Transfer(MODEL))))
    assert "asking for the file" in asking
    assert "%" not in asking
    whole = text_of(render_menu(replace(WITHOUT, transfer=replace(COMING, done=COMING.total))))
    assert "Checking Qwen3 4B, Q4_K_M…" in whole
    assert "Cancel" not in whole
    cancelled = render_menu(replace(WITHOUT, transfer=replace(COMING, cancelled=True)))
    assert "Cancelling Qwen3 4B, Q4_K_M…" in text_of(cancelled)
    assert '<button type="button" class="cancel">' not in cancelled
    slow = replace(COMING, seconds=50_000)
    assert "0.0 MB/s · 41.7 h left" in text_of(render_menu(replace(WITHOUT, transfer=slow)))


def test_while_a_model_is_loaded_no_other_can_be_chosen() -> None:
    html = render_menu(replace(WITHOUT, loading="Qwen3 4B"))
    assert "Loading Qwen3 4B…" in text_of(html)
    assert values(html, "aria-disabled") == ["true", "true"]
    assert values(render_menu(WITHOUT), "aria-disabled") == []


def test_what_went_wrong_is_one_line_in_both_places_and_a_file_s_name_gets_no_capital() -> None:
    told = replace(WITHOUT, trouble="/models/a.gguf is cut short: download it again")
    assert "/models/a.gguf is cut short: download it again" in text_of(render_menu(told))
    assert "/models/a.gguf is cut short: download it again" in text_of(render_banner(told))
    assert 'class="error "' in render_menu(told)
    assert 'class="error sentence"' in render_menu(replace(told, trouble="the hub has no such file"))


def test_before_anybody_looked_the_menu_says_that_it_looks() -> None:
    assert "Looking for models on this machine…" in text_of(render_menu(replace(WITHOUT, found=None)))


def test_the_banner_says_quotes_only_and_goes_away_with_a_model() -> None:
    html = render_banner(WITHOUT)
    assert "Answers are quotations only, word for word: no language model is in use." in text_of(html)
    assert "Get a model…" in text_of(html)
    assert values(html, "data-banner") == ["quotes only"]
    assert values(html, "aria-label") == ["Dismiss"]
    assert render_banner(WITH) == render_banner(replace(WITHOUT, loading="Qwen3 4B")) == ""


def test_the_page_says_what_leaves_this_machine() -> None:
    assert "Nothing leaves this machine." in text_of(render_hint(""))
    remote = "http://10.0.0.7:8080"
    assert f"sent to {remote}" in text_of(render_hint(remote))
    assert "Nothing leaves" not in text_of(render_hint(remote))


@given(TEXTS)
def test_hostile_text_in_every_place_adds_no_tag_and_no_attribute(text: str) -> None:
    assert shape(text) == shape("harmless")


def test_hostile_text_is_shown_as_it_is() -> None:
    for text in HOSTILE:
        assert text_of(everything(text)).count(text) >= 12


def shape(text: str) -> tuple[list[str], dict[str, int]]:
    """The tags and the number of attributes of each name of a page in which `text` is everywhere."""
    seen = Reader(everything(text))
    return seen.tags, {name: len(values) for name, values in seen.attributes.items()}


def everything(text: str) -> str:
    """All that can be rendered, made of one text."""
    said = f"1 {text}."
    model = replace(MODEL, name=said, title=said, repository=said, file=said, licence=said, purpose=said)
    found = Found((Writer(said, said, (said,), said),), (Offer(model, 0, True, said),), said, said)
    menu = Menu(said, said, said, found, said, replace(COMING, model=model), said, said)
    calm = replace(menu, transfer=None, loading="")
    return "".join([*map(render_menu, (menu, calm)), *map(render_banner, (menu, calm)), render_hint(said)])


def test_what_leaves_this_machine_names_each_place_once() -> None:
    far, other = "https://models.example/v1", "https://ranks.example/v1"
    assert WITH.sent_to == ""
    assert replace(WITH, reranked_at=other).sent_to == other
    assert replace(WITH, remote=far, reranked_at=other).sent_to == f"{far} and {other}"
    assert replace(WITH, remote=far, reranked_at=far).sent_to == far
