"""Whether a part of an office file could run something, or fetch something from elsewhere, when the file is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from readiness.core.strict_xml import ENCODINGS, EncodingNotAllowed, strict_parser

#: Of all parts of a file whose elements are read: bytes, and elements.
MOST_READ = 16 * 1024 * 1024
MOST_ELEMENTS = 500_000
#: Bytes of a tag or a comment: attributes by the million take hundreds of megabytes.
LONGEST_TAG = 1024 * 1024

#: What runs something, or is another program's file, by the kinds of parts and of what leads to them.
_ACTIVE_KINDS = re.compile(
    r"macroenabled|vbaproject|macrosheet|dialogsheet|activex|/oleobject|/package$|/control$|/attachedtemplate|/afchunk",
    re.I,
)
#: What asks another program for something, by how the code of a field of a text document begins.
_ACTIVE_FIELDS = re.compile(r"dde|link\b", re.I)
#: The elements with which it is asked, in small letters.
_ASKING = (b"instrtext", b"fldsimple", b"ddelink")
#: As many characters of a code as it takes to know.
_BEGINNING = 8
#: Fields within each other.
_DEEPEST = 100
#: Two names of the same: what is written today, and what the strict standard says.
_TEXT_DOCUMENT = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_ENCODING = re.compile(rb"[^<]{0,3}<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)", re.I)


class TooMuchToRead(ValueError):
    """More would have to be read than is read of a file."""


@dataclass
class Examination:
    """Looks for what is active in the parts of one office file, one after the other."""

    _bytes: int = 0
    _elements: int = 0

    def finds(self, name: str, content: bytes) -> bool:
        """Return whether a part written in XML runs something or fetches something from elsewhere.

        Links that whoever reads the file may click on do neither.

        :param name: where the part lies in the file.
        :raises TooMuchToRead: if the part and those before it are too large to know.
        :raises ExpatError: if it is no XML.
        :raises ValueError: if it is none as office files have it.
        """
        # Without the zeros that UTF-16 has between its letters.
        written = content.replace(b"\x00", b"").lower()
        if b"<!doctype" in written or b"<!entity" in written:
            return True
        if name == "[Content_Types].xml" or name.lower().endswith(".rels"):
            return self._read(content, _Leads())
        if name.lower().endswith(".xml"):
            _see_the_encoding(written)
            # Most parts have none of these, and reading all of a large one takes seconds.
            return any(each in written for each in _ASKING) and self._read(content, _Fields())
        return False

    def _read(self, content: bytes, seen: _Leads | _Fields) -> bool:
        """Read a part with whoever sees its elements, and return whether that found something."""

        def begin(name: str, given: Mapping[str, str]) -> None:
            self._elements += 1
            if self._elements > MOST_ELEMENTS:
                raise TooMuchToRead
            seen.begin(name, given)

        self._bytes += len(content)
        if self._bytes > MOST_READ:
            raise TooMuchToRead
        parser = strict_parser(" ")
        parser.StartElementHandler = begin
        parser.EndElementHandler = seen.end
        parser.CharacterDataHandler = seen.said
        for start in range(0, len(content), LONGEST_TAG):
            piece = content[start : start + LONGEST_TAG]
            parser.Parse(piece, False)
            # Where what was read last began.
            if start + len(piece) - parser.CurrentByteIndex > LONGEST_TAG:
                raise TooMuchToRead
        parser.Parse(b"", True)
        return seen.is_active()


def _see_the_encoding(written: bytes) -> None:
    found = _ENCODING.match(written)
    if found and (encoding := found[1].decode("ascii", "replace")) not in ENCODINGS:
        raise EncodingNotAllowed(encoding)


class _Leads:
    """Sees what kinds of parts there are, and what leads from one to another or elsewhere."""

    def __init__(self) -> None:
        self._active = False

    def is_active(self) -> bool:
        return self._active

    def begin(self, _: str, given: Mapping[str, str]) -> None:
        kind, content_type = given.get("Type", "").strip(), given.get("ContentType", "").strip().lower()
        elsewhere = given.get("TargetMode", "").strip().lower() == "external"
        self._active |= elsewhere and not kind.lower().endswith("/hyperlink")
        self._active |= any(_ACTIVE_KINDS.search(each) for each in (kind, content_type))
        # A document that is called a picture would not be looked at.
        ending = (given.get("PartName") or given.get("Extension", "")).rpartition(".")[2].lower()
        other = "+xml" in content_type and content_type != "image/svg+xml"
        self._active |= other and ending not in ("xml", "rels")

    def said(self, text: str) -> None:
        """Pass over text."""

    def end(self, name: str) -> None:
        """Pass over ends."""


class _Fields:
    """Follows the fields of a text document. Each has a code, which says what to do, and then perhaps a result.

    A code may be written in any number of pieces, and what a field within it results in is one of them.
    """

    def __init__(self) -> None:
        self._active = False
        #: How the code of each open field begins, the outermost first; None once its result has begun.
        self._codes: list[str | None] = []
        #: How a code begins that stands in a paragraph without a field.
        self._loose = ""
        self._element = ""

    def is_active(self) -> bool:
        return self._active or any(map(_is_code_of_an_active_field, (*self._codes, self._loose)))

    def begin(self, name: str, given: Mapping[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self._element = local if namespace in _TEXT_DOCUMENT else ""
        attribute = f"{namespace} " if namespace else ""
        if local == "ddeLink":
            self._active = True
        elif self._element == "fldSimple":
            self._active |= _is_code_of_an_active_field(given.get(f"{attribute}instr", "").lstrip())
        elif self._element == "fldChar":
            self._turn(given.get(f"{attribute}fldCharType", ""))

    def said(self, text: str) -> None:
        if self._element not in ("instrText", "delInstrText", "t"):
            return
        for depth in reversed(range(len(self._codes))):
            code = self._codes[depth]
            if code is not None:
                self._codes[depth] = _begun(code, text)
                return
        if self._element != "t":
            self._loose = _begun(self._loose, text)

    def end(self, name: str) -> None:
        self._element = ""
        if name.rpartition(" ")[2] == "p":
            self._active |= _is_code_of_an_active_field(self._loose)
            self._loose = ""

    def _turn(self, to: str) -> None:
        """Begin a field, or the result of the innermost one, or end that."""
        if to == "begin":
            if len(self._codes) == _DEEPEST:
                raise ValueError("too many fields within each other")
            self._codes.append("")
        elif self._codes:
            self._active |= _is_code_of_an_active_field(self._codes.pop())
            if to == "separate":
                self._codes.append(None)


def _begun(code: str, text: str) -> str:
    return (code + text).lstrip()[:_BEGINNING]


def _is_code_of_an_active_field(code: str | None) -> bool:
    return bool(code and _ACTIVE_FIELDS.match(code))
