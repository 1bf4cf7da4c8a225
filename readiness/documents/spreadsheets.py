"""Reading a spreadsheet file (XLSX) that a stranger sent: its cells and nothing else, within fixed bounds.

Formulas are not computed, styles say only what is a date, and no other part of the file is opened. The library that
writes our workbooks reads far more than this, with no bound on it; so this is a reader of its own.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from posixpath import join, normpath
from xml.parsers.expat import ExpatError

from readiness.core.strict_xml import DoctypeDeclared, strict_parser

#: Bytes of a file.
LARGEST = 1024 * 1024
#: Bytes of all its parts, unpacked.
LARGEST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 50
#: XML elements in all parts that are read: what our workbook holds, twenty times over.
MOST_ELEMENTS = 100_000
#: Elements within each other.
DEEPEST = 32
MOST_SHEETS = 20
#: What is looked at of a sheet: what lies beyond is none of our cells.
LAST_ROW = 500
LAST_COLUMN = 30
#: Characters of a cell, as the makers of spreadsheets have it.
LONGEST_CELL = 32_767


class Refusal(StrEnum):
    """Why a file is not read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    #: It unpacks to more than it may.
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    PASSWORD = "password"  # noqa: S105  (it names what the file asks for)
    #: A spreadsheet of another make: .xls, .xlsb, .ods, .numbers, .csv.
    OTHER_SPREADSHEET = "other_spreadsheet"
    NO_SPREADSHEET = "no_spreadsheet"
    MACROS = "macros"
    #: It refers to other files.
    EXTERNAL = "external"
    #: It declares a document type, with which XML files are attacked.
    DOCTYPE = "doctype"
    DAMAGED = "damaged"


class FileRefused(ValueError):
    """The file is not read at all."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"the file is not read: {refusal}")
        #: Why.
        self.refusal = refusal


class CellKind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    #: TRUE or FALSE.
    LOGICAL = "logical"
    #: Such as #N/A.
    ERROR = "error"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: its kind, and its text or number as it was written."""

    kind: CellKind
    text: str


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet that hold something, by row and column, both counted from 1."""

    name: str
    cells: Mapping[tuple[int, int], Cell]

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell, "" if it is empty."""
        cell = self.cells.get((row, column))
        return cell.text if cell else ""


def cell_name(row: int, column: int) -> str:
    """Return what a cell is called, such as E7."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def read_sheets(content: bytes) -> list[Sheet]:
    """Return the sheets of a file, in their order.

    :raises FileRefused: if it is no such file, a damaged or a hostile one.
    """
    _look_at_the_beginning(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _Reader(archive).sheets()
    except FileRefused:
        raise
    except DoctypeDeclared:
        raise FileRefused(Refusal.DOCTYPE) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        ExpatError,
        EOFError,
        OSError,
        KeyError,
        ValueError,
        OverflowError,
        NotImplementedError,
        RuntimeError,
    ):
        # Everything that the readers of the standard library say of a file that is not what it claims to be.
        raise FileRefused(Refusal.DAMAGED) from None


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _look_at_the_beginning(content: bytes) -> None:
    if not content:
        raise FileRefused(Refusal.EMPTY)
    if len(content) > LARGEST:
        raise FileRefused(Refusal.TOO_LARGE)
    if content.startswith(_COMPOUND):
        # An encrypted workbook is a compound file, as workbooks of before 2007 are.
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise FileRefused(Refusal.PASSWORD if encrypted else Refusal.OTHER_SPREADSHEET)
    if content.startswith(b"PK"):
        return
    raise FileRefused(Refusal.OTHER_SPREADSHEET if _is_a_table_of_text(content) else Refusal.NO_SPREADSHEET)


def _is_a_table_of_text(content: bytes) -> bool:
    try:
        first = content[:2000].decode("utf-8-sig", "ignore").splitlines()[0]
    except IndexError:
        return False
    return first.isprintable() and not first.lstrip().startswith(("<", "{", "%")) and ("," in first or ";" in first)


@dataclass
class _Count:
    """How much was read of a file so far."""

    elements: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Reader:
    archive: zipfile.ZipFile
    count: _Count = field(default_factory=_Count)

    def sheets(self) -> list[Sheet]:
        """Read what the file says of its sheets, then each of them."""
        self._look_at_the_parts()
        book = self._book()
        related = self._relations(book)
        shared = self._shared(book, related)
        dates = self._dates(related)
        found = []
        for name, relation in self._listed(book):
            kind, target = related.get(relation, ("", ""))
            # A chart or a dialog of its own has no cells.
            if kind == "worksheet":
                found.append(Sheet(name, self._cells(target, shared, dates)))
        if not found:
            raise FileRefused(Refusal.DAMAGED)
        return found

    def _look_at_the_parts(self) -> None:
        parts = self.archive.infolist()
        names = [part.filename for part in parts]
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise FileRefused(Refusal.UNPACKS_TOO_LARGE)
        if any(part.flag_bits & 0x1 for part in parts):
            raise FileRefused(Refusal.PASSWORD)
        # The other ways of packing unpack a part at once, however large it is, and no spreadsheet program uses them.
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise FileRefused(Refusal.DAMAGED)
        lowered = [name.lower() for name in names]
        if any("vbaproject" in name or "/macrosheets/" in name for name in lowered):
            raise FileRefused(Refusal.MACROS)
        if any("/externallinks/" in name or name.endswith("connections.xml") for name in lowered):
            raise FileRefused(Refusal.EXTERNAL)
        if len(set(lowered)) != len(lowered):
            raise FileRefused(Refusal.DAMAGED)
        if "[content_types].xml" not in lowered:
            other = any(name in ("content.xml", "index.zip") or name.endswith(".iwa") for name in lowered)
            raise FileRefused(Refusal.OTHER_SPREADSHEET if other else Refusal.NO_SPREADSHEET)

    def _book(self) -> str:
        """Return the name of the part that lists the sheets, as the file's own kind of part says."""
        kinds: list[tuple[str, str]] = []
        self._parse("[Content_Types].xml", lambda name, given: _kind_of_part(name, given, kinds))
        books = [(part, kind) for part, kind in kinds if "sheet" in kind and kind.endswith(".main+xml")]
        if any("sheet.binary" in kind for _, kind in kinds):
            raise FileRefused(Refusal.OTHER_SPREADSHEET)
        if any("macroenabled" in kind.lower() for _, kind in kinds):
            raise FileRefused(Refusal.MACROS)
        if not books:
            raise FileRefused(Refusal.NO_SPREADSHEET)
        if len(books) > 1:
            raise FileRefused(Refusal.DAMAGED)
        return books[0][0].lstrip("/")

    def _relations(self, book: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the name of each part that the book refers to, by the name of the reference."""
        folder, _, file = book.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def relation(name: str, given: Mapping[str, str]) -> None:
            if name != "Relationship":
                return
            if given.get("TargetMode") == "External":
                raise FileRefused(Refusal.EXTERNAL)
            target = given["Target"]
            path = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found[given["Id"]] = given["Type"].rpartition("/")[2], path

        self._parse(f"{folder}/_rels/{file}.rels".lstrip("/"), relation)
        return found

    def _listed(self, book: str) -> list[tuple[str, str]]:
        listed: list[tuple[str, str]] = []

        def sheet(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                listed.append((given["name"], given["id"]))

        self._parse(book, sheet)
        if len(listed) > MOST_SHEETS:
            raise FileRefused(Refusal.UNPACKS_TOO_LARGE)
        return listed

    def _shared(self, book: str, related: Mapping[str, tuple[str, str]]) -> list[str]:
        """Return the texts that cells refer to by number."""
        path = next((target for kind, target in related.values() if kind == "sharedStrings"), None)
        if path is None or path == book:
            return []
        texts = _Texts("si")
        self._parse(path, texts.begin, texts.said, texts.end)
        return texts.found

    def _dates(self, related: Mapping[str, tuple[str, str]]) -> set[int]:
        """Return the styles that show a number as a date or a time."""
        path = next((target for kind, target in related.values() if kind == "styles"), None)
        if path is None:
            return set()
        styles = _Styles()
        self._parse(path, styles.begin, None, styles.end)
        return {number for number, format in enumerate(styles.used) if styles.is_date(format)}

    def _cells(self, path: str, shared: list[str], dates: set[int]) -> dict[tuple[int, int], Cell]:
        cells = _Cells(shared, dates)
        self._parse(path, cells.begin, cells.said, cells.end)
        return cells.found

    def _parse(
        self,
        path: str,
        begin: Callable[[str, Mapping[str, str]], None],
        said: Callable[[str], None] | None = None,
        end: Callable[[str], None] | None = None,
    ) -> None:
        """Read a part; names are without their namespaces, of which there are two for the same things."""
        parser = strict_parser()
        depth = 0

        def begun(name: str, given: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self.count.elements += 1
            if depth > DEEPEST or self.count.elements > MOST_ELEMENTS:
                raise FileRefused(Refusal.UNPACKS_TOO_LARGE)
            begin(_local(name), {_local(key): value for key, value in given.items()})

        def ended(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(_local(name))

        parser.StartElementHandler = begun
        parser.EndElementHandler = ended
        if said is not None:
            parser.buffer_text = True
            parser.CharacterDataHandler = said
        for piece in self._pieces(path):
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    def _pieces(self, path: str) -> Iterator[bytes]:
        with self.archive.open(path) as part:
            # Some Expats begin anew with every piece while a tag or comment goes on, so there must not be many pieces.
            while piece := part.read(1024 * 1024):
                self.count.bytes += len(piece)
                # What the list of parts claims is not what they hold.
                if self.count.bytes > LARGEST_UNPACKED:
                    raise FileRefused(Refusal.UNPACKS_TOO_LARGE)
                yield piece


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _kind_of_part(name: str, given: Mapping[str, str], kinds: list[tuple[str, str]]) -> None:
    if name == "Override":
        kinds.append((given["PartName"], given["ContentType"]))


class _Texts:
    """Gathers the text of elements, without what only tells how to pronounce it."""

    def __init__(self, holder: str) -> None:
        self.found: list[str] = []
        self._holder = holder
        self._parts: list[str] | None = None
        self._silent = 0
        self._open = False

    def begin(self, name: str, _: Mapping[str, str]) -> None:
        if name == self._holder:
            self._parts = []
        self._silent += name == "rPh"
        self._open = name == "t" and not self._silent

    def said(self, text: str) -> None:
        if self._open and self._parts is not None:
            self._parts.append(text)

    def end(self, name: str) -> None:
        self._open = False
        self._silent -= name == "rPh"
        if name == self._holder and self._parts is not None:
            self.found.append(_readable("".join(self._parts)))
            self._parts = None


class _Styles:
    """Gathers which number format each style has."""

    #: Formats that every file knows without saying: days and times.
    BUILT_IN = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))

    def __init__(self) -> None:
        self.used: list[int] = []
        self._named: dict[int, str] = {}
        self._in_cells = False

    def begin(self, name: str, given: Mapping[str, str]) -> None:
        if name == "numFmt" and "numFmtId" in given:
            self._named[int(given["numFmtId"])] = given.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self.used.append(int(given.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        self._in_cells = self._in_cells and name != "cellXfs"

    def is_date(self, format: int) -> bool:
        """Return whether a number format shows days or times: it has their letters outside of quoted text."""
        if format not in self._named:
            return format in self.BUILT_IN
        plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", self._named[format][:255])
        return any(letter in plain.lower() for letter in "dmyhs") and "general" not in plain.lower()


class _Cells:
    """Gathers what stands in the cells of a sheet."""

    def __init__(self, shared: list[str], dates: set[int]) -> None:
        self.found: dict[tuple[int, int], Cell] = {}
        self._shared = shared
        self._dates = dates
        self._row = self._column = 0
        self._kind = ""
        self._style = 0
        self._value: list[str] = []
        self._inline = _Texts("is")
        self._formula = False
        self._in_value = False

    def begin(self, name: str, given: Mapping[str, str]) -> None:
        if name == "row":
            # A row or cell without its number follows the one before.
            self._row = int(given["r"]) if "r" in given else self._row + 1
            self._column = 0
        elif name == "c":
            self._row, self._column = _place(given["r"]) if "r" in given else (self._row, self._column + 1)
            self._kind, self._style = given.get("t", "n"), int(given.get("s", "0"))
            self._value, self._inline, self._formula = [], _Texts("is"), False
        elif name == "f":
            self._formula = True
        elif name == "v":
            self._in_value = True
        else:
            self._inline.begin(name, given)

    def said(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)
        else:
            self._inline.said(text)

    def end(self, name: str) -> None:
        self._inline.end(name)
        if name == "v":
            self._in_value = False
        elif name == "c":
            self._keep()

    def _keep(self) -> None:
        if not (0 < self._row <= LAST_ROW and 0 < self._column <= LAST_COLUMN):
            return
        cell = self._cell(_readable("".join(self._value)))
        place = self._row, self._column
        if place in self.found:
            raise FileRefused(Refusal.DAMAGED)
        if cell.text or cell.kind is CellKind.FORMULA:
            self.found[place] = cell

    def _cell(self, value: str) -> Cell:
        if self._formula:
            return Cell(CellKind.FORMULA, value)
        match self._kind:
            case "s":
                number = int(value) if value else -1
                if value and not 0 <= number < len(self._shared):
                    raise FileRefused(Refusal.DAMAGED)
                return Cell(CellKind.TEXT, self._shared[number] if value else "")
            case "inlineStr":
                return Cell(CellKind.TEXT, "".join(self._inline.found))
            case "str":
                return Cell(CellKind.TEXT, value)
            case "b":
                return Cell(CellKind.LOGICAL, "TRUE" if value.strip() == "1" else "FALSE")
            case "e":
                return Cell(CellKind.ERROR, value)
            case "d":
                return Cell(CellKind.DATE, value)
            case "n":
                return Cell(CellKind.DATE if self._style in self._dates else CellKind.NUMBER, value)
        raise FileRefused(Refusal.DAMAGED)


def _place(name: str) -> tuple[int, int]:
    """Return the row and the column of a cell's name."""
    found = re.fullmatch(r"([A-Z]{1,3})([1-9][0-9]{0,6})", name)
    if found is None:
        raise FileRefused(Refusal.DAMAGED)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _readable(text: str) -> str:
    """Return a text without its blanks if there is nothing else, with the characters written as ``_x000D_``, and cut.

    It is done once for a text that thousands of cells may refer to.
    """
    # An escaped character takes seven.
    text = text[: LONGEST_CELL * 7]
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    return text[:LONGEST_CELL] if text.strip() else ""
