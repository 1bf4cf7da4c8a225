"""Fonts in the file: only the shapes that are printed, without the empty places that WeasyPrint leaves between them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pydyf
from fontTools.cffLib import CFFFontSet
from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset
from weasyprint.text.fonts import get_hb_object_data

#: Nothing reads these tables of an embedded font.
UNREAD_TABLES = ("BASE", "DSIG", "GDEF", "GPOS", "GSUB", "OS/2", "VORG", "cmap", "name", "post", "vhea", "vmtx")


def compact_fonts(document: Any, pdf: pydyf.PDF) -> None:
    """Embed every CID-keyed font of *document* again, as a bare CFF font that holds only the shapes in use.

    WeasyPrint keeps each shape at its number in the font file, so that a font of 65,535 shapes costs more than
    100 KB before the first one is drawn. In a CID-keyed font a shape knows its number (the font's charset), and a
    PDF reader asks by that number: the places between may go, and the text of the pages stays as it is.
    """
    numbers: dict[str, set[int]] = {}
    for font in document.fonts.values():
        numbers.setdefault(font.hash, set()).update(font.to_unicode)
    contents = {id(font.file_content): font for font in document.fonts.values() if font.type == "otf"}
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream) or len(stream.stream) != 1 or id(stream.stream[0]) not in contents:
            continue
        font = contents[id(stream.stream[0])]
        cff = _cff_with(font, numbers[font.hash] - set(font.missing.values()))
        if cff is not None:
            stream.stream = [cff]
            stream.extra["Subtype"] = "/CIDFontType0C"


def _cff_with(font: Any, numbers: Iterable[int]) -> bytes | None:
    """Return the font's CFF table with the shapes of these numbers, None where it is not keyed by them."""
    if not harfbuzz_subset:
        return None
    subset = ffi.gc(harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy)
    _add(harfbuzz_subset.hb_subset_input_glyph_set(subset), numbers)
    unread = (harfbuzz.hb_tag_from_string(name.encode(), -1) for name in UNREAD_TABLES)
    drop = harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG
    _add(harfbuzz_subset.hb_subset_input_set(subset, drop), unread)
    # Without hinting and subroutines, as WeasyPrint embeds them: what is left compresses better.
    flags = (
        harfbuzz_subset.HB_SUBSET_FLAGS_NO_HINTING
        | harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
        | harfbuzz_subset.HB_SUBSET_FLAGS_NO_LAYOUT_CLOSURE
    )
    if font.missing:
        flags |= harfbuzz_subset.HB_SUBSET_FLAGS_NOTDEF_OUTLINE
    harfbuzz_subset.hb_subset_input_set_flags(subset, flags)
    face = harfbuzz_subset.hb_subset_or_fail(font.hb_face, subset)
    if face == ffi.NULL:
        return None
    content = get_hb_object_data(ffi.gc(face, harfbuzz.hb_face_destroy))
    cff = _table(content, b"CFF ")
    return cff if cff is not None and _numbers_of(cff) >= set(numbers) else None


def _add(values: Any, added: Iterable[int]) -> None:
    ordered = sorted(added)
    harfbuzz.hb_set_add_sorted_array(values, ffi.new("hb_codepoint_t[]", ordered), len(ordered))


def _table(font: bytes, name: bytes) -> bytes | None:
    """Return a table of an OpenType font file; its directory is 16 bytes for each table, after the first 12."""
    for at in range(12, 12 + 16 * int.from_bytes(font[4:6], "big"), 16):
        if font[at : at + 4] == name:
            start, length = (int.from_bytes(font[place : place + 4], "big") for place in (at + 8, at + 12))
            return font[start : start + length]
    return None


def _numbers_of(cff: bytes) -> set[int]:
    """Return the numbers by which a CID-keyed font knows its shapes; nothing for a font keyed by names."""
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(cff), None)
    top = fonts[0]
    return {int(name[3:]) for name in top.charset[1:]} | {0} if hasattr(top, "ROS") else set()
