"""What a file is, by its content alone: its name decides nothing. What is not one of these kinds is refused.

It sees to it that a file is whole and no second thing beside. It is no search for viruses.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from xml.parsers.expat import ExpatError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from readiness.core.active_parts import Examination, TooMuchToRead

#: Parts of an office file, and the bytes that they may come to once inflated.
MOST_PARTS = 2000
MOST_INFLATED = 50 * 1024 * 1024
#: Characters of a file's name that are kept.
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken: how its name ends, and what it is called by who serves it."""

    ending: str
    media_type: str


PDF = FileKind("pdf", "application/pdf")
PNG = FileKind("png", "image/png")
JPEG = FileKind("jpg", "image/jpeg")
WEBP = FileKind("webp", "image/webp")
TEXT = FileKind("txt", "text/plain")
CSV = FileKind("csv", "text/csv")
XLSX = FileKind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
DOCX = FileKind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
KINDS = {kind.media_type: kind for kind in (PDF, PNG, JPEG, WEBP, TEXT, CSV, XLSX, DOCX)}


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    #: None of the kinds.
    UNKNOWN = "unknown"
    #: Cut off, or with something else behind it or in it.
    DAMAGED = "damaged"
    #: It could run something, or fetch something from elsewhere.
    ACTIVE = "active"
    #: It would grow too large when opened.
    BOMB = "bomb"


class FileRefused(ValueError):
    """A file is none that is taken."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        #: Why.
        self.why = why


def kind_of(content: bytes, name: str = "") -> FileKind:
    """Return what kind of file *content* is.

    :param name: decides between plain text and CSV alone, which no content tells apart.
    :raises FileRefused: if it is none that is taken.
    """
    if not content.strip():
        raise FileRefused(Refusal.EMPTY)
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content, name)


def safe_name(name: str, kind: FileKind) -> str:
    """Return a file's name without folders, controls and what turns the direction of writing, with *kind*'s ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C" and each not in '<>:"|?*')
    stem = " ".join(kept.split()).rpartition(".")[0] if "." in kept else " ".join(kept.split())
    stem = stem[:LONGEST_NAME].strip(". ")
    return f"{stem or 'evidence'}.{kind.ending}"


def _pdf(content: bytes) -> FileKind:
    if not re.match(rb"%PDF-[12]\.\d", content):
        raise FileRefused(Refusal.UNKNOWN)
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\x00 \t\r\n\f") or _ends_as_archive(content):
        raise FileRefused(Refusal.DAMAGED)
    # A name may be written with its letters as numbers, such as /J#61vaScript.
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)
    if re.search(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)\b", plain):
        raise FileRefused(Refusal.ACTIVE)
    return PDF


def _png(content: bytes) -> FileKind:
    at, first = 8, True
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 12 + size
        if end > len(content) or (first and name != b"IHDR"):
            break
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            break
        if name == b"IEND":
            if end == len(content):
                return PNG
            break
        at, first = end, False
    raise FileRefused(Refusal.DAMAGED)


def _jpeg(content: bytes) -> FileKind:
    """See that there is a picture from its first marker to its end; cameras put more pictures behind it."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker == 0xFF:
            at += 1
        elif marker == 0xDA:
            if content.find(b"\xff\xd9", at + 2 + size) < 0 or _ends_as_archive(content):
                break
            return JPEG
        elif size < 2 or not 0xC0 <= marker <= 0xFE:
            break
        else:
            at += 2 + size
    raise FileRefused(Refusal.DAMAGED)


def _webp(content: bytes) -> FileKind:
    size = int.from_bytes(content[4:8], "little") + 8
    if content[12:16] not in (b"VP8 ", b"VP8L", b"VP8X") or size != len(content):
        raise FileRefused(Refusal.DAMAGED)
    return WEBP


def _ends_as_archive(content: bytes) -> bool:
    """Return whether whoever looks for an archive from the end would find one."""
    return b"PK\x05\x06" in content[-65_557:]


#: What makes a text more than text to a program that guesses.
_MARKUP = re.compile(r"<\s*(!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|img|meta|link|a\s)", re.I)


def _text(content: bytes, name: str) -> FileKind:
    text = _decoded(content)
    if text is None or any(unicodedata.category(each) == "Cc" and each not in "\t\r\n\f" for each in text):
        raise FileRefused(Refusal.UNKNOWN)
    if text.lstrip("\ufeff \t\r\n").startswith(("<", "{\\rtf", "#!", "%!")) or _MARKUP.search(text):
        raise FileRefused(Refusal.UNKNOWN)
    return CSV if name.lower().endswith(".csv") else TEXT


def _decoded(content: bytes) -> str | None:
    """Return the text that *content* is, in an encoding in use in Hong Kong, or None."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8", "big5hkscs", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


#: How the parts of an office file may end.
_PARTS = re.compile(
    r"\.(xml|rels|png|jpe?g|jfif|gif|bmp|tiff?|emf|wmf|svg|vml|odttf|fntdata|thmx)$|/printersettings\d*\.bin$", re.I
)
_MAIN = {
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
}


def _office(content: bytes) -> FileKind:
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            _see_that_it_is_one_archive(content, archive, parts)
    except FileRefused:
        raise
    except (BadZipFile, LargeZipFile, ValueError, NotImplementedError, OSError):
        raise FileRefused(Refusal.DAMAGED) from None
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "_rels/.rels"} <= names:
        raise FileRefused(Refusal.UNKNOWN)
    if not all(_PARTS.search(name) for name in names if not name.endswith("/")):
        raise FileRefused(Refusal.ACTIVE)
    kinds: list[FileKind] = []
    examination = Examination()
    left = MOST_INFLATED
    for part in parts:
        inflated = _inflated(content, part, left)
        left -= len(inflated)
        if part.filename.lower().endswith((".xml", ".rels", ".vml", ".svg")):
            _see_that_it_is_passive(examination, part.filename, inflated)
        if part.filename == "[Content_Types].xml":
            kinds = [kind for name, kind in _MAIN.items() if b'"' + name + b'"' in inflated]
    if len(kinds) != 1:
        raise FileRefused(Refusal.UNKNOWN)
    return kinds[0]


def _see_that_it_is_passive(examination: Examination, name: str, content: bytes) -> None:
    """Refuse a part that runs or fetches something."""
    try:
        active = examination.finds(name, content)
    except TooMuchToRead:
        raise FileRefused(Refusal.BOMB) from None
    except (ExpatError, ValueError):
        raise FileRefused(Refusal.DAMAGED) from None
    if active:
        raise FileRefused(Refusal.ACTIVE)


def _see_that_it_is_one_archive(content: bytes, archive: ZipFile, parts: list[ZipInfo]) -> None:
    """Refuse an archive with something before, behind or between its parts, or with parts that lie in each other."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_INFLATED:
        raise FileRefused(Refusal.BOMB)
    if archive.comment or content[-22:-18] != b"PK\x05\x06":
        raise FileRefused(Refusal.DAMAGED)
    names = [part.filename.lower() for part in parts]
    odd = any(name.startswith("/") or "\\" in name or ".." in name.split("/") or "\x00" in name for name in names)
    if odd or len(set(names)) != len(names):
        raise FileRefused(Refusal.DAMAGED)
    if any(part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise FileRefused(Refusal.DAMAGED)
    at = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        if part.header_offset < at:
            raise FileRefused(Refusal.BOMB)
        at = part.header_offset + 30 + len(part.filename.encode()) + part.compress_size
    if at > archive.start_dir or (parts and min(part.header_offset for part in parts) != 0):
        raise FileRefused(Refusal.DAMAGED)


def _inflated(content: bytes, part: ZipInfo, most: int) -> bytes:
    """Return what a part holds, which is never more than it says: an archive can lie about sizes."""
    header = content[part.header_offset : part.header_offset + 30]
    # How a part is packed is said twice, and a program that opens the file may believe either.
    if header[:4] != b"PK\x03\x04" or int.from_bytes(header[8:10], "little") != part.compress_type:
        raise FileRefused(Refusal.DAMAGED)
    start = part.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    found = content[start : start + part.compress_size]
    room = min(part.file_size, most)
    if part.compress_type == ZIP_DEFLATED:
        try:
            found = zlib.decompressobj(-15).decompress(found, room + 1)
        except zlib.error:
            raise FileRefused(Refusal.DAMAGED) from None
    if len(found) > room:
        raise FileRefused(Refusal.BOMB)
    if len(found) != part.file_size or zlib.crc32(found) != part.CRC:
        raise FileRefused(Refusal.DAMAGED)
    return found
