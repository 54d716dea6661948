"""Excel workbooks (XLSX) through openpyxl: each sheet under its name, each row a line with its columns' names.

Values are read as they were last computed; formulas, macros, links and charts are not looked at.
"""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.parse.archive import opened_archive
from index.parse.extract import Extract, ExtractBuilder
from index.parse.records import add_rows
from index.parse.source import SourceFile

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook


def parse_xlsx(source: SourceFile) -> Extract:
    """Read a workbook. Raises: ReadError, LimitReached."""
    with opened_archive(source) as archive:
        archive.check_all()
    workbook = _workbook(source)
    builder = ExtractBuilder()
    for sheet in workbook.worksheets:
        builder.heading(sheet.title, level=1)
        sheet.reset_dimensions()
        add_rows(builder, ([_text_of(cell) for cell in row] for row in sheet.iter_rows()), level=2)
    return builder.build(workbook.properties.title or "")


def _workbook(source: SourceFile) -> Workbook:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(source.data), read_only=True, data_only=True)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl lets through whatever a damaged file makes Python raise
        raise ReadError(f"{source.name} is a damaged workbook: open it in its program and save it again") from error


def _text_of(cell: Cell) -> str:
    """Return a value about as the sheet shows it."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(" ", "minutes")
        case float() if "%" in str(cell.number_format):
            return f"{round(100 * value, 4):g}%"
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)
