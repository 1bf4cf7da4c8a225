"""Files to upload in tests, each made here, byte by byte."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x02\x12\x34\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 12) + b"WEBPVP8 " + b"\x00\x00\x00\x00"
WEBP = WEBP[:4] + struct.pack("<I", len(WEBP) - 8) + WEBP[8:]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ROOT_RELS = (
    '<Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="a.xml"/></Relationships>'
)


def png() -> bytes:
    """A picture of one point."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00\x00")),
        (b"IEND", b""),
    ):
        parts.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
    return b"".join(parts)


def office(main: str = SHEET, method: int = ZIP_DEFLATED, **parts: bytes | str) -> bytes:
    """An office file with further parts; ``__`` in a name stands for a slash, ``_dot_`` for a dot.

    :param method: how the parts are packed that every office file has.
    """
    made = BytesIO()
    with ZipFile(made, "w", method) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/a.xml" ContentType="{main}"/></Types>')
        archive.writestr("_rels/.rels", ROOT_RELS)
        archive.writestr("a.xml", "<a>甲</a>")
        for name, content in parts.items():
            archive.writestr(ZipInfo(name.replace("__", "/").replace("_dot_", ".")), content, ZIP_DEFLATED)
    return made.getvalue()


def relations(*kinds_and_targets: tuple[str, str], mode: str = "External") -> str:
    """A part that leads from another one to what is named, by kind and target."""
    found = "".join(
        f'<Relationship Id="r{number}" Type="http://x/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for number, (kind, target) in enumerate(kinds_and_targets)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{found}</Relationships>'
    )


def field(*codes: str, within: str = "", result: str = "") -> str:
    """A field of a text document with its code in pieces, a field after the first one of them, and what it shows."""
    first, *others = (f"<w:r><w:instrText>{code}</w:instrText></w:r>" for code in codes)
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{each}"/></w:r>' for each in ("begin", "separate", "end"))
    return f"{begin}{first}{within}{''.join(others)}{separate}<w:r><w:t>{result}</w:t></w:r>{end}"


def word(paragraph: str, **parts: bytes | str) -> bytes:
    """A text document of one paragraph."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    written = f'<w:document xmlns:w="{space}"><w:body><w:p>{paragraph}</w:p></w:body></w:document>'
    return office(DOCUMENT, word__document_dot_xml=written, **parts)


def saying_two_ways_of_packing() -> bytes:
    """An office file of which one part is packed with bzip2 to whoever does not look at the list of parts."""
    content = bytearray(office())
    content[8:10] = struct.pack("<H", ZIP_BZIP2)
    return bytes(content)


def lying_about_its_size() -> bytes:
    """An office file of which a part says that it holds ten bytes, and holds thirty million."""
    content = bytearray(office(big_dot_xml=b"0" * 30_000_000))
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        where = content.rfind(sign)
        content[where + at : where + at + 4] = struct.pack("<I", 10)
    return bytes(content)
