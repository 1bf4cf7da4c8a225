"""Files that are wrong, damaged or made to do harm: each gets a precise message, and changes nothing."""

from __future__ import annotations

import io
import re
import shutil
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, time
from html import unescape
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import Workbook

from readiness.app import create_app
from readiness.core.languages import Language
from readiness.documents import spreadsheets
from readiness.documents.spreadsheets import LARGEST_UNPACKED, FileRefused, Refusal, read_sheets
from readiness.documents.words import words_in
from readiness.models import AnswerChange, AnswerRow, Assessment
from readiness.services.database import db
from readiness.services.workbook_words import refusal_words, unread_words
from readiness.services.workbooks import Filled, NotOurWorkbook, VersionNotHere, Why, read_workbook
from readiness.web.limits import limiter
from tests.conftest import settings_for
from tests.guided.test_offline import upload
from tests.guided.workbook_files import (
    MAIN,
    cell_xml,
    changed,
    filled,
    in_sheet,
    packed,
    parts,
    rows,
    with_parts,
)
from tests.web.conftest import Owner

#: The first question of the workbook, its row, and the cells of its answer and note.
FIRST, ROW, ANSWER_CELL, NOTE_CELL = "question.management_support", 3, "G3", "H3"
Make = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def site(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application that the tests of this file share."""
    folder: Path = tmp_path_factory.mktemp("bad")
    path = shutil.copy(loaded_sqlite, folder / "readiness.sqlite")
    app = create_app(settings_for(f"sqlite:///{path}", folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def visitor(site: Flask) -> Owner:
    """Return an owner who begins once for all tests of this file."""
    return Owner(site.test_client()).start(name="Harbour")


@pytest.fixture(scope="module")
def empty(site: Flask) -> bytes:
    """Return the empty workbook."""
    limiter.reset()
    return site.test_client().get("/questionnaire/en.xlsx").data


def state(site: Flask) -> list[Any]:
    """Return all that an assessment keeps."""
    with site.app_context():
        kept = [list(db.session.execute(sa.select(table.__table__))) for table in (Assessment, AnswerRow, AnswerChange)]
        db.session.rollback()
        return kept


# Files that are not read at all.


def _compound(more: bytes = b"") -> Make:
    return lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + more


def _encrypted(content: bytes) -> bytes:
    """Mark every part as encrypted."""
    made = bytearray(content)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(signature)
        while at >= 0:
            made[at + place] |= 1
            at = made.find(signature, at + 4)
    return bytes(made)


def _bomb(content: bytes) -> bytes:
    found = parts(content)
    found["xl/worksheets/sheet2.xml"] += b" " * (21 * 1024 * 1024)
    return packed(found)


def _lying_bomb(content: bytes) -> bytes:
    """A part that says it holds ten bytes, and holds 21 MiB."""
    made = bytearray(_bomb(content))
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        if struct.unpack("<I", made[at + 24 : at + 28])[0] > 1_000_000:
            made[at + 24 : at + 28] = struct.pack("<I", 10)
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def _otherwise_packed(method: int) -> Make:
    """A list of parts that says it holds a hundred bytes, and holds 24 MiB in a way that is unpacked at once."""

    def make(_: bytes) -> bytes:
        made = bytearray(packed({TYPES: bytes(24 * 1024 * 1024)}, method))
        at = made.rfind(b"PK\x01\x02") + 24
        made[at : at + 4] = struct.pack("<I", 100)
        return bytes(made)

    return make


def _damaged_inside(method: int) -> Make:
    def make(content: bytes) -> bytes:
        made = bytearray(packed(parts(content), method))
        at = made.find(TYPES.encode()) + len(TYPES)
        made[at + 20 : at + 200] = bytes(180)
        return bytes(made)

    return make


def _many_cells(content: bytes) -> bytes:
    return in_sheet(content, "</sheetData>", "<row><c><v>1</v></c></row>" * 40_000 + "</sheetData>")


def _million_rows(content: bytes) -> bytes:
    return in_sheet(content, "</sheetData>", "<row/>" * 1_000_000 + "</sheetData>")


def _deep(content: bytes) -> bytes:
    return in_sheet(content, "</sheetData>", "<row><c>" * 50 + "</c></row>" * 50 + "</sheetData>")


def _doctype(name: str, text: str, encoding: str = "utf-8") -> Make:
    def make(content: bytes) -> bytes:
        found = parts(content)
        old = found[name].decode().partition("?>")[2] if found[name].startswith(b"<?xml") else found[name].decode()
        found[name] = (f'<?xml version="1.0" encoding="{encoding}"?>' + text + old).encode(encoding)
        return packed(found)

    return make


def _encoding(said: str, name: str) -> Make:
    """A part that says it is written in another encoding."""

    def make(content: bytes) -> bytes:
        found = parts(content)
        body = re.sub(rb"^<\?xml.*?\?>", b"", found[name])
        return packed(found | {name: f'<?xml version="1.0" encoding="{said}"?>'.encode() + body})

    return make


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
BOOK, SHEET, TYPES, STYLES = "xl/workbook.xml", "xl/worksheets/sheet2.xml", "[Content_Types].xml", "xl/styles.xml"


def _renamed_type(old: str, new: str) -> Make:
    return lambda content: with_parts(content, types=lambda text: text.replace(old.encode(), new.encode()))


def _relation(xml: str) -> Make:
    end = b"</Relationships>"
    return lambda content: with_parts(
        content, **{"xl___rels__workbook_dot_xml_dot_rels": lambda text: text.replace(end, xml.encode() + end)}
    )


def _part(name: str, content: bytes | None) -> Make:
    return lambda whole: packed(
        {key: value for key, value in parts(whole).items() if key != name} | ({name: content} if content else {})
    )


def _zip_of(**names: bytes) -> Make:
    return lambda _: packed({name.replace("__", "/").replace("_dot_", "."): text for name, text in names.items()})


def _twice(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts(content).items():
            archive.writestr(name, part)
            if name == SHEET:
                archive.writestr(name.upper(), part)
    return out.getvalue()


MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
BINARY = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
LINK = '<Relationship Id="z9" Type="http://x/externalLinkPath" Target="http://127.0.0.1:9/" TargetMode="External"/>'

NOT_READ: dict[str, tuple[Refusal | type[Exception], Make]] = {
    "nothing in it": (Refusal.EMPTY, lambda _: b""),
    "a PDF file": (Refusal.NO_SPREADSHEET, lambda _: b"%PDF-1.7\n..."),
    "a page": (Refusal.NO_SPREADSHEET, lambda _: b"<html><body>,;</body></html>"),
    "a picture": (Refusal.NO_SPREADSHEET, lambda _: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "our own export": (Refusal.NO_SPREADSHEET, lambda _: b'{"rubric": "2026.1", "answers": {}}'),
    "a program": (Refusal.NO_SPREADSHEET, lambda _: b"MZ" + bytes(500)),
    "zeros": (Refusal.NO_SPREADSHEET, lambda _: bytes(5000)),
    "a table of text": (Refusal.OTHER_SPREADSHEET, lambda _: b"question,answer\nai_talent,3\n"),
    "a table of text in Chinese": (Refusal.OTHER_SPREADSHEET, lambda _: "\ufeff問題,答案\n甲,3\n".encode()),
    "a workbook of 1997": (Refusal.OTHER_SPREADSHEET, _compound()),
    "a workbook with a password": (Refusal.PASSWORD, _compound("EncryptedPackage".encode("utf-16-le"))),
    "parts with a password": (Refusal.PASSWORD, _encrypted),
    "an OpenDocument spreadsheet": (
        Refusal.OTHER_SPREADSHEET,
        _zip_of(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"),
    ),
    "a Numbers spreadsheet": (Refusal.OTHER_SPREADSHEET, _zip_of(Index__Document_dot_iwa=b"x")),
    "a binary workbook": (Refusal.OTHER_SPREADSHEET, _renamed_type(MAIN_TYPE, BINARY)),
    "a text document": (
        Refusal.NO_SPREADSHEET,
        _renamed_type("spreadsheetml.sheet.main", "wordprocessingml.document.main"),
    ),
    "an archive of other things": (Refusal.NO_SPREADSHEET, _zip_of(readme_dot_txt=b"hello")),
    "an empty archive": (Refusal.NO_SPREADSHEET, lambda _: packed({})),
    "a macro": (Refusal.MACROS, _part("xl/vbaProject.bin", b"x")),
    "a workbook that says it has macros": (Refusal.MACROS, _renamed_type(MAIN_TYPE, MACROS)),
    "a sheet of old macros": (Refusal.MACROS, _part("xl/macrosheets/sheet1.xml", b"<x/>")),
    "a link to another file": (Refusal.EXTERNAL, _part("xl/externalLinks/externalLink1.xml", b"<x/>")),
    "a connection to a database": (Refusal.EXTERNAL, _part("xl/connections.xml", b"<x/>")),
    "a reference to elsewhere": (Refusal.EXTERNAL, _relation(LINK)),
    "too many bytes": (Refusal.TOO_LARGE, lambda content: content + bytes(1024 * 1024)),
    "a bomb": (Refusal.UNPACKS_TOO_LARGE, _bomb),
    "a bomb that lies": (Refusal.DAMAGED, _lying_bomb),
    "a bomb packed with bzip2": (Refusal.DAMAGED, _otherwise_packed(zipfile.ZIP_BZIP2)),
    "parts packed with LZMA, and damaged": (Refusal.DAMAGED, _damaged_inside(zipfile.ZIP_LZMA)),
    "many cells": (Refusal.UNPACKS_TOO_LARGE, _many_cells),
    "a million rows": (Refusal.UNPACKS_TOO_LARGE, _million_rows),
    "many parts": (
        Refusal.UNPACKS_TOO_LARGE,
        lambda content: packed(parts(content) | {f"x/{n}": b"" for n in range(60)}),
    ),
    "elements within elements": (Refusal.UNPACKS_TOO_LARGE, _deep),
    "laughs in a sheet": (Refusal.DOCTYPE, _doctype(SHEET, LAUGHS)),
    "laughs in the list of parts": (Refusal.DOCTYPE, _doctype(TYPES, LAUGHS)),
    "laughs in the list of sheets": (Refusal.DOCTYPE, _doctype(BOOK, LAUGHS)),
    "laughs in the styles": (Refusal.DOCTYPE, _doctype(STYLES, LAUGHS)),
    "a file of the server": (Refusal.DOCTYPE, _doctype(SHEET, OUTSIDE)),
    "a file of the server, in UTF-16": (Refusal.DOCTYPE, _doctype(SHEET, OUTSIDE, "utf-16")),
    "a document type from elsewhere": (Refusal.DOCTYPE, _doctype(SHEET, REMOTE)),
    "an encoding that is none": (Refusal.DAMAGED, _encoding("foo", TYPES)),
    "an encoding of bytes": (Refusal.DAMAGED, _encoding("hex", BOOK)),
    "an encoding with a very long name": (Refusal.DAMAGED, _encoding("x" * 3000, TYPES)),
    "an encoding of a language": (Refusal.DAMAGED, _encoding("big5", SHEET)),
    "an encoding of programs": (Refusal.DAMAGED, _encoding("unicode_escape", SHEET)),
    "an encoding that is not the one in use": (Refusal.DAMAGED, _encoding("utf-16", SHEET)),
    "cut off": (Refusal.DAMAGED, lambda content: content[: len(content) // 2]),
    "the beginning alone": (Refusal.DAMAGED, lambda content: content[:30]),
    "two letters": (Refusal.DAMAGED, lambda _: b"PK"),
    "a byte that was changed": (
        Refusal.DAMAGED,
        lambda content: content[: len(content) // 3] + b"\x00\xff\x00" + content[len(content) // 3 + 3 :],
    ),
    "a part twice": (Refusal.DAMAGED, _twice),
    "no list of sheets": (Refusal.DAMAGED, _part(BOOK, None)),
    "no sheets": (Refusal.DAMAGED, _part(SHEET, None)),
    "a sheet that is no XML": (Refusal.DAMAGED, _part(SHEET, b"hello")),
    "a sheet that ends too early": (
        Refusal.DAMAGED,
        lambda content: in_sheet(content, "</sheetData>.*", ""),
    ),
    "a cell outside of all rows": (Refusal.DAMAGED, lambda c: cell_xml(c, ANSWER_CELL, '<c r="3G"><v>1</v></c>')),
    "a row that is no number": (Refusal.DAMAGED, lambda c: in_sheet(c, '<row r="3"', '<row r="three"')),
    "a cell twice": (
        Refusal.DAMAGED,
        lambda c: cell_xml(c, ANSWER_CELL, '<c r="G3"><v>1</v></c><c r="G3"><v>2</v></c>'),
    ),
    "a text that is not there": (
        Refusal.DAMAGED,
        lambda c: cell_xml(c, ANSWER_CELL, '<c r="G3" t="s"><v>99999</v></c>'),
    ),
    "a kind of cell that nobody knows": (
        Refusal.DAMAGED,
        lambda c: cell_xml(c, ANSWER_CELL, '<c r="G3" t="zip"><v>1</v></c>'),
    ),
    "another way of packing": (Refusal.DAMAGED, lambda c: c.replace(b"\x08\x00", b"\x63\x00")),
    "another workbook": (NotOurWorkbook, lambda _: _saved(Workbook())),
    "a sheet of ours alone": (NotOurWorkbook, lambda c: in_sheet(c, "readiness.digest", "x", number=1)),
    "a version that never was": (VersionNotHere, lambda c: in_sheet(c, "2026.1", "2031.7", number=1)),
    "a digest of another version": (VersionNotHere, lambda c: in_sheet(c, "sha256:....", "sha256:0000", number=1)),
    "a version that is a statement": (
        VersionNotHere,
        lambda c: in_sheet(c, "2026.1", "x&apos;; DROP TABLE answer; --_x0000_", number=1),
    ),
}


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("case", NOT_READ)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(
    site: Flask, visitor: Owner, empty: bytes, case: str
) -> None:
    expected, make = NOT_READ[case]
    limiter.reset()
    before = state(site)
    content = make(empty)

    with site.app_context():
        with pytest.raises((FileRefused, NotOurWorkbook, VersionNotHere)) as found:
            read_workbook(db.session, content)
        message = refusal_words(found.value, words_in(Language.EN))
    response = upload(visitor, content) if len(content) < 2_000_000 else None

    if isinstance(expected, Refusal):
        assert isinstance(found.value, FileRefused)
        assert found.value.refusal is expected
    else:
        assert isinstance(found.value, expected)
    if response is not None:
        assert response.status_code == 422
        assert message in unescape(visitor.text)
    assert state(site) == before


# Cells that are not read, in a workbook that is.


def _cell(xml: str, name: str = ANSWER_CELL) -> Make:
    return lambda content: cell_xml(content, name, f'<c r="{name}"{xml}</c>')


def _value(value: Any, key: str = FIRST) -> Make:
    return lambda content: filled(content, {key: value})


def _note(value: Any) -> Make:
    return lambda content: filled(content, {}, {FIRST: value})


def _with_rows(change: Callable[[Any, int], None]) -> Make:
    return lambda content: changed(content, lambda book: change(*rows(book)[FIRST]))


def _second_row(sheet: Any, row: int) -> None:
    sheet.cell(200, 1).value = sheet.cell(row, 1).value
    sheet.cell(row, 7).value, sheet.cell(200, 7).value = 3, 4


def _unknown_row(sheet: Any, _: int) -> None:
    sheet.cell(200, 1).value, sheet.cell(200, 7).value = "question.of_another_version", 4


def _beside(sheet: Any, row: int) -> None:
    sheet.cell(row, 10).value = "a remark"


def _without_its_key(sheet: Any, row: int) -> None:
    sheet.cell(row, 1).value = None


UNREAD: dict[str, tuple[Why, str, Make]] = {
    "level 0": (Why.OUT_OF_RANGE, ANSWER_CELL, _value(0)),
    "level 6": (Why.OUT_OF_RANGE, ANSWER_CELL, _value(6)),
    "level -1 as text": (Why.OUT_OF_RANGE, ANSWER_CELL, _value("-1")),
    "level ９ in full width": (Why.OUT_OF_RANGE, ANSWER_CELL, _value("９")),
    "a level too large to write out": (Why.OUT_OF_RANGE, ANSWER_CELL, _cell("><v>1E999</v>")),
    "a long row of digits": (Why.OUT_OF_RANGE, ANSWER_CELL, _value("7" * 59)),
    "level 3.5": (Why.NOT_WHOLE, ANSWER_CELL, _value(3.5)),
    "level 2.9999999": (Why.NOT_WHOLE, ANSWER_CELL, _value("2.9999999")),
    "words": (Why.NOT_OFFERED, ANSWER_CELL, _value("about half")),
    "two levels": (Why.NOT_OFFERED, ANSWER_CELL, _value("3-4")),
    "a level of another question": (Why.NOT_OFFERED, ANSWER_CELL, _value("3. Also, something else")),
    "NaN": (Why.NOT_OFFERED, ANSWER_CELL, _cell("><v>NaN</v>")),
    "TRUE": (Why.NOT_OFFERED, ANSWER_CELL, _value(True)),
    "a day": (Why.DATE, ANSWER_CELL, _value(date(2026, 3, 4))),
    "a time": (Why.DATE, ANSWER_CELL, _value(time(3, 4))),
    "a day as ISO writes it": (Why.DATE, ANSWER_CELL, _cell(' t="d"><v>2026-03-04</v>')),
    "a formula that comes to 3": (Why.FORMULA, ANSWER_CELL, _cell("><f>1+2</f><v>3</v>")),
    "a formula that comes to a text": (Why.FORMULA, ANSWER_CELL, _cell(' t="str"><f>"3"</f><v>3</v>')),
    "a formula that calls out": (Why.FORMULA, ANSWER_CELL, _cell(' t="str"><f>WEBSERVICE("http://x")</f><v/>')),
    "an error": (Why.ERROR, ANSWER_CELL, _cell(' t="e"><v>#N/A</v>')),
    "does not apply, where it does": (Why.NOT_APPLICABLE, ANSWER_CELL, _value("Does not apply to us")),
    "不適用 where it applies": (Why.NOT_APPLICABLE, ANSWER_CELL, _value("not_applicable")),
    "a note of 1,001 characters": (Why.NOTE_TOO_LONG, NOTE_CELL, _note("x" * 1001)),
    "a note that is a formula": (Why.FORMULA, NOTE_CELL, _note("=1+1")),
    "a note that is a day": (Why.DATE, NOTE_CELL, _note(date(2026, 3, 4))),
    "a question twice": (Why.TWICE, ANSWER_CELL, _with_rows(_second_row)),
    "a question that is none": (Why.UNKNOWN, "A200", _with_rows(_unknown_row)),
    "something beside": (Why.BESIDE, "J3", _with_rows(_beside)),
    "a row without its key": (Why.MISSING, "", _with_rows(_without_its_key)),
    "a name that is too long": (Why.NAME_TOO_LONG, "", _value("x" * 121, "company.name")),
    "a sector that is none": (Why.NOT_OFFERED, "", _value("Shipbuilding", "company.sector")),
    "a head-count that is a number": (Why.NOT_OFFERED, "", _value(12, "company.employees")),
    "a head-count that became a day": (Why.DATE, "", _value(date(2026, 6, 9), "company.employees")),
}


@pytest.mark.parametrize("case", UNREAD)
def test_a_cell_that_cannot_be_read_is_named_with_what_is_allowed_and_nothing_is_saved(
    site: Flask, visitor: Owner, empty: bytes, case: str
) -> None:
    why, cell, make = UNREAD[case]
    limiter.reset()
    before = state(site)
    content = make(filled(empty, {"question.data_quality": 2}))

    response = upload(visitor, content)

    with site.app_context():
        read: Filled = read_workbook(db.session, content)
    told = [each for each in read.unread if each.why == why]
    assert told, read.unread
    assert cell in {each.cell for each in told} or not cell
    assert read.answers == {"data_quality": 2}
    assert response.status_code == 200
    assert "Not read" in visitor.text
    assert (not cell) or f"cell {cell}" in visitor.text
    assert state(site) == before


def test_there_are_enough_bad_files_and_each_message_is_its_own_in_each_language(site: Flask, empty: bytes) -> None:
    with site.app_context():
        version = _version()
        for language in Language:
            words = words_in(language)
            refused = {refusal_words(FileRefused(each), words) for each in Refusal}
            told = {unread_words(_unread(each), version, words) for each in Why}
            assert len(refused) == len(Refusal)
            assert len(told) == len(Why)
    assert len(NOT_READ) + len(UNREAD) >= 60


def _unread(why: Why) -> Any:
    from readiness.services.workbooks import Unread

    return Unread(why.value, FIRST)


def _version() -> Any:
    from readiness.services.versions import current_rubric, rubric_of

    return rubric_of(current_rubric(db.session))


# The reader within its bounds.


@pytest.mark.parametrize(
    "make", [_bomb, _lying_bomb, _otherwise_packed(zipfile.ZIP_BZIP2), _otherwise_packed(zipfile.ZIP_LZMA)]
)
def test_a_bomb_takes_no_more_memory_than_a_file_may(empty: bytes, make: Make) -> None:
    content = make(empty)

    tracemalloc.start()
    try:
        with pytest.raises(FileRefused):
            read_sheets(content)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < LARGEST_UNPACKED


@pytest.mark.parametrize("filler", [" " * 19_000_000, f"<!--{'x' * 19_000_000}-->"], ids=["blanks", "one comment"])
def test_what_the_worst_file_costs_is_bounded(empty: bytes, filler: str) -> None:
    """As many elements as are read at all, in as many bytes as are unpacked at all: well under what a plan takes."""
    cells = '<row r="900">' + '<c r="A900"><v>1</v></c>' * 33_000 + "</row>"
    most = in_sheet(empty, "</sheetData>", cells + filler + "</sheetData>")

    begun = process_time()
    read_sheets(most)

    assert process_time() - begun < 3


def test_a_long_text_that_many_cells_refer_to_is_kept_once(empty: bytes) -> None:
    """A text of half a megabyte in 15,000 cells would be gigabytes."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * 500_000}</t></si></sst>'.encode()
    refers = '<c t="s"><v>0</v></c>'
    row = "".join(f'<row r="{number}">{refers * 30}</row>' for number in range(100, 500))
    content = in_sheet(empty, "</sheetData>", row + "</sheetData>")
    related = b'<Relationship Id="s9" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    name = "xl/_rels/workbook.xml.rels"
    found = parts(content)
    old = re.sub(rb"<Relationship [^>]*sharedStrings[^>]*/>", b"", found[name])
    found |= {name: old.replace(b"</Relationships>", related), "xl/sharedStrings.xml": shared}

    sheet = next(each for each in read_sheets(packed(found)) if each.name == "Questions")

    texts = [cell.text for (row, _), cell in sheet.cells.items() if row >= 100]
    assert len(texts) == 12_000
    assert len({id(text) for text in texts}) == 1
    assert len(texts[0]) == spreadsheets.LONGEST_CELL


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16"])
def test_parts_are_read_in_the_two_encodings_of_office_files(empty: bytes, encoding: str) -> None:
    found = parts(empty)
    for name in (TYPES, BOOK, SHEET):
        body = re.sub(r"^<\?xml.*?\?>", "", found[name].decode())
        found[name] = f'<?xml version="1.0" encoding="{encoding}"?>{body}'.encode(encoding)

    assert read_sheets(packed(found)) == read_sheets(empty)


def test_texts_are_read_as_any_program_writes_them(empty: bytes) -> None:
    """Runs of rich text without their pronunciation, texts of a formula, shared ones, and another namespace."""
    rich = '<c r="G3" t="inlineStr"><is><r><t>Not </t></r><r><t>sure</t></r><rPh><t>x</t></rPh></is></c>'
    prefixed = in_sheet(empty, f'<worksheet xmlns="{MAIN}"', '<worksheet xmlns="http://purl.oclc.org/ooxml/main"')

    for content in (cell_xml(empty, "G3", rich), cell_xml(prefixed, "G3", rich)):
        sheet = next(each for each in read_sheets(content) if each.name == "Questions")
        assert sheet.text(3, 7) == "Not sure"


def test_no_part_but_those_that_are_needed_is_opened(empty: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = zipfile.ZipFile.open
    monkeypatch.setattr(
        zipfile.ZipFile,
        "open",
        lambda self, name, *rest, **more: (opened.append(str(name)), real(self, name, *rest, **more))[1],
    )

    read_sheets(packed(parts(empty) | {"xl/media/picture.png": b"x", "docProps/custom.xml": LAUGHS.encode()}))

    assert not {"xl/media/picture.png", "docProps/custom.xml"} & set(opened)
    assert spreadsheets.MOST_PARTS == 50
