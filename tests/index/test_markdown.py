"""Markdown comes out as the text a reader sees."""

from index.parse.markdown import markdown_extract
from index.types import Kind

SOURCE = """\
---
title: Guide
---
# The *harbour*

The ferry to [Lindholm](https://example.org) leaves at **07:40**,
from the north quay.<br>Daily.

## Fares

- one ticket
  1. for a dog
- `two` tickets

| Fare | Euros |
|------|-------|
| dog  | 3     |

> Quoted text.

```
code = 1
```

<div>Block <b>of</b> HTML<script>alert(1)</script></div>
"""


def test_markers_go_and_structure_stays() -> None:
    extract = markdown_extract(SOURCE)

    assert [(block.kind, block.level, block.span.of(extract.text)) for block in extract.blocks] == [
        (Kind.PARAGRAPH, 0, "title: Guide"),
        (Kind.HEADING, 1, "The harbour"),
        (Kind.PARAGRAPH, 0, "The ferry to Lindholm leaves at 07:40,\nfrom the north quay.\nDaily."),
        (Kind.HEADING, 2, "Fares"),
        (Kind.PARAGRAPH, 0, "- one ticket\n  1. for a dog\n- two tickets"),
        (Kind.TABLE, 0, "Fare | Euros\ndog | 3"),
        (Kind.PARAGRAPH, 0, "Quoted text."),
        (Kind.CODE, 0, "code = 1"),
        (Kind.PARAGRAPH, 0, "Block of HTML"),
    ]


def test_a_file_of_markers_alone_has_no_blocks() -> None:
    assert markdown_extract("---\n\n***\n").blocks == ()
