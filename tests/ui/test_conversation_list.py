"""The list of conversations: each opens, is renamed, saved, and deleted in two steps; no title is markup."""

from html_reading import TEXTS, Reader
from hypothesis import given

from index.conversations import Conversation
from ui.conversations import LISTED, render_conversations

TALKS = (
    Conversation("ab12", "Ferries", "2026-11-23T01:02:03Z", 2),
    Conversation("cd34", "Bread", "2026-11-22T01:02:03Z", 1),
)


def test_each_conversation_opens_and_the_current_one_is_marked() -> None:
    seen = Reader(render_conversations(TALKS, "cd34"))
    assert seen.attributes["data-conversation"] == ["ab12", "cd34"]
    assert seen.attributes["aria-current"] == ["true"]
    assert "2 questions, 2026-11-23" in seen.attributes["title"]
    assert "open" not in seen.attributes, "what can be done with one is folded away, deleting within it once more"
    assert seen.attributes["href"][:3] == [
        "conversations/ab12/html",
        "conversations/ab12/md",
        "conversations/ab12/json",
    ]


def test_an_empty_list_says_why_it_is_empty() -> None:
    assert Reader(render_conversations((), "")).text == "What you ask is kept here."
    assert Reader(render_conversations((), "", "zebra")).text == "No conversation holds these words."


def test_a_long_list_ends_and_says_how_to_find_the_others() -> None:
    seen = Reader(render_conversations(TALKS * LISTED, ""))
    assert seen.attributes["class"].count("reopen") == LISTED
    assert "200 older ones: search for them." in seen.text


@given(TEXTS)
def test_a_hostile_title_adds_no_tag(text: str) -> None:
    def tags(title: str) -> list[str]:
        return Reader(render_conversations([Conversation("ab12", title, "2026-11-23T01:02:03Z", 1)], "", title)).tags

    assert tags(text) == tags("harmless")
