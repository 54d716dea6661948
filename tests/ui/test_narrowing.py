"""What the page's boxes and fields send becomes a scope; nothing malformed does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import EVERYTHING, Scope
from rag.errors import QuestionError
from ui.narrowing import read_scope

COLLECTIONS = ("letters", "papers", "uploads")


def test_what_is_not_ticked_is_left_out_and_fields_narrow_down() -> None:
    sent = '{"without": ["papers", "gone"], "type": "pdf", "since": "2024-02-29", "until": ""}'
    assert read_scope(sent, COLLECTIONS) == Scope(("letters", "uploads"), formats=("pdf",), since=date(2024, 2, 29))
    assert read_scope('{"without": ["gone"]}', COLLECTIONS) == EVERYTHING, "also of what was added since"


def test_one_document_and_a_folder_are_asked_alone() -> None:
    assert read_scope('{"document": 3}', COLLECTIONS) == Scope(documents=(3,))
    assert read_scope('{"folder": "/home/ada/papers"}', COLLECTIONS) == Scope(folders=("/home/ada/papers",))


def test_where_nothing_is_ticked_nothing_can_be_asked() -> None:
    with pytest.raises(QuestionError, match="no collection is ticked"):
        read_scope('{"without": ["papers", "letters", "uploads"]}', COLLECTIONS)


VALUES = st.recursive(
    st.none() | st.integers() | st.text(), lambda own: st.lists(own) | st.dictionaries(st.text(), own)
)


@given(st.text() | VALUES.map(str))
def test_whatever_else_is_sent_narrows_nothing_down(sent: str) -> None:
    assert read_scope(sent, COLLECTIONS) == EVERYTHING


@pytest.mark.parametrize(
    "sent",
    [
        '{"without": "papers"}',
        '{"document": "3"}',
        '{"document": true}',
        '{"document": -1}',
        '{"folder": 3}',
        '{"type": 3}',
        '{"since": "soon"}',
        '{"without": [["x"]]}',
    ],
)
def test_malformed_fields_narrow_nothing_down(sent: str) -> None:
    assert read_scope(sent, COLLECTIONS) == EVERYTHING
