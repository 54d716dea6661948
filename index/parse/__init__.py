"""Bytes of a file to a document's text and blocks. One small module per family of formats.

`index.parse.formats` parses in this process; `index.parse.reader` has it done in another one, within limits, since
files come from anywhere and some are made to do harm. Importing this package loads none of them.
"""

PARSER_VERSION = 2
"""Raised whenever the same bytes would come out as another text or other blocks."""
