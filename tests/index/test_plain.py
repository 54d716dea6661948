"""Plain text comes out as the headings and paragraphs that a reader sees."""

from pathlib import Path

import pytest

from index.parse.plain import plain_blocks
from index.types import Kind

SEED = Path(__file__).parents[2] / "seeds" / "000_15bae5066eb9f954.txt"

WRAPPED = """\
THE HARBOUR

The ferry to Lindholm leaves at 07:40 from the north quay, and the
crossing takes 35 minutes in calm weather. In winter it may be
cancelled.

Dogs travel free on weekdays; on Sundays a ticket for a dog costs
three euros.
"""

WRAPPED_WITHOUT_BLANKS = """\
The ferry to Lindholm leaves at 07:40 from the north quay, and the crossing
takes 35 minutes in calm weather.
Dogs travel free on weekdays; on Sundays a ticket for a dog costs three euros
and must be bought on board of the ship.
"""


def outline(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, " ".join(block.span.of(text).split())) for block in plain_blocks(text)]


def test_the_seed_has_a_paragraph_a_line_three_headings_and_a_link() -> None:
    text = SEED.read_text(encoding="utf-8")
    blocks = outline(text)

    assert [line for kind, line in blocks if kind is Kind.HEADING] == [
        "Terror attacks from Afghan soil",
        "Call for return of refugees",
        "Warm ties between Afghanistan, India not concern",
    ]
    assert [line[:26] for kind, line in blocks if kind is Kind.LINK] == ["RELATED: Asif says Pakista"]
    assert [line for _, line in blocks] == [line for line in text.split("\n") if line]


def test_lines_wrapped_by_hand_are_joined_up_to_the_blank_line() -> None:
    assert outline(WRAPPED) == [
        (Kind.HEADING, "THE HARBOUR"),
        (
            Kind.PARAGRAPH,
            "The ferry to Lindholm leaves at 07:40 from the north quay, and the crossing takes 35 minutes in calm"
            " weather. In winter it may be cancelled.",
        ),
        (
            Kind.PARAGRAPH,
            "Dogs travel free on weekdays; on Sundays a ticket for a dog costs three euros.",
        ),
    ]


def test_without_blank_lines_a_short_closed_line_ends_a_paragraph() -> None:
    assert [line.split()[0] for _, line in outline(WRAPPED_WITHOUT_BLANKS)] == ["The", "Dogs"]


def test_a_heading_directly_above_its_wrapped_paragraph_is_told_apart() -> None:
    text = (
        "Opening hours\nThe museum opens at ten in the morning and closes at five in the\nafternoon.\n\n"
        "Tickets are sold at the door and at the station, where there is often\na queue.\n"
    )
    assert [kind for kind, _ in outline(text)] == [Kind.HEADING, Kind.PARAGRAPH, Kind.PARAGRAPH]


@pytest.mark.parametrize(
    "line",
    ["It rained.", "and so on", "Is it open?", "He said:", "- a list item", "RELATED: The other ferry", "x" * 90],
)
def test_what_is_closed_lower_case_listed_linked_or_long_is_no_heading(line: str) -> None:
    text = f"{line}\n\nThe ferry to Lindholm leaves at 07:40 from the north quay, as it always has.\n"
    assert Kind.HEADING not in [kind for kind, _ in outline(text)]


def test_a_line_that_only_leads_elsewhere_is_a_link_and_a_sentence_with_an_address_is_not() -> None:
    text = "More here: https://example.org/a\n\nWe put it at https://example.org/b for all to read and to copy.\n"
    assert [kind for kind, _ in outline(text)] == [Kind.LINK, Kind.PARAGRAPH]


def test_verse_stays_whole() -> None:
    text = "Tyger Tyger, burning bright,\nIn the forests of the night;\n\nIn what distant deeps or skies.\nBurnt\n"
    assert len(outline(text)) == 2


def test_a_list_stays_together() -> None:
    text = "Bring to the ferry:\n- a ticket\n- a passport\n- a coat\n\nNothing else is needed for the crossing today.\n"
    assert [kind for kind, _ in outline(text)] == [Kind.PARAGRAPH, Kind.PARAGRAPH]
