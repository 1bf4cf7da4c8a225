"""Workbooks as people fill them in with a spreadsheet program, and as attackers make them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from readiness.documents.workbook import ANSWER, KEY, NOTE

SHEETS = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def filled(content: bytes, said: Mapping[str, Any], notes: Mapping[str, Any] | None = None) -> bytes:
    """Return a workbook with values in its answer cells and notes, by the key of the row."""
    return changed(content, lambda book: fill(book, said, notes or {}))


def fill(book: Any, said: Mapping[str, Any], notes: Mapping[str, Any]) -> None:
    """Put values into answer cells and notes."""
    for key, row in rows(book).items():
        for column, values in ((ANSWER, said), (NOTE, notes)):
            if key in values:
                row[0].cell(row[1], column).value = values[key]


def rows(book: Any) -> dict[str, tuple[Any, int]]:
    """Return the sheet and the number of the row of each key."""
    return {
        str(sheet.cell(row, KEY).value): (sheet, row)
        for sheet in book
        for row in range(1, sheet.max_row + 1)
        if sheet.cell(row, KEY).value
    }


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    """Return a workbook after something was done to it in a spreadsheet program."""
    book = load_workbook(BytesIO(content))
    change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of a file."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a file of parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_parts(content: bytes, **changes: Callable[[bytes], bytes] | bytes | None) -> bytes:
    """Return a file with parts changed, added or left out; "__" stands for the slash and "_dot_" for the dot."""
    found = parts(content)
    for name, change in changes.items():
        path = name.replace("__", "/").replace("_dot_", ".")
        path = "[Content_Types].xml" if path == "types" else path
        if change is None:
            del found[path]
        else:
            found[path] = change(found[path]) if callable(change) else change
    return packed(found)


def in_sheet(content: bytes, pattern: str, replacement: str, number: int = 2) -> bytes:
    """Return a file with the text of a sheet changed; it must stand there."""
    name = f"xl/worksheets/sheet{number}.xml"

    def change(old: bytes) -> bytes:
        new, times = re.subn(pattern, replacement, old.decode(), count=1, flags=re.S)
        assert times, f"{pattern} is not in {name}"
        return new.encode()

    return with_parts(content, **{name.replace("/", "__").replace(".", "_dot_"): change})


def cell_xml(content: bytes, name: str, xml: str, number: int = 2) -> bytes:
    """Return a file in which one cell is written otherwise."""
    return in_sheet(content, rf'<c r="{name}"[^>]*?(?:/>|>.*?</c>)', xml, number)
