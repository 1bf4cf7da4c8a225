"""A file is what it holds, whatever it is called; what could be two things, or do something, is none."""

from __future__ import annotations

from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest

from readiness.core.file_kinds import (
    CSV,
    DOCX,
    JPEG,
    PDF,
    PNG,
    TEXT,
    WEBP,
    XLSX,
    FileKind,
    FileRefused,
    Refusal,
    kind_of,
    safe_name,
)
from tests.guided import files


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (files.PDF, "invoice.pdf", PDF),
        (files.PDF, "invoice.exe", PDF),
        (files.png(), "a.png", PNG),
        (files.JPEG, "a.jpg", JPEG),
        # Cameras put a second, larger picture behind the first.
        (files.JPEG + files.JPEG, "a.jpg", JPEG),
        (files.WEBP, "a.webp", WEBP),
        ("銷售記錄\t12\r\n".encode(), "a.txt", TEXT),
        ("銷售記錄\t12\r\n".encode("big5"), "a", TEXT),
        ("销售记录,12\n".encode("gb18030"), "a.CSV", CSV),
        ("銷售,12\n".encode("utf-16"), "a.csv", CSV),
        (files.office(), "a.xlsx", XLSX),
        (files.office(files.DOCUMENT), "a.xlsx", DOCX),
        (files.office(xl__printerSettings__printerSettings1_dot_bin=b"\x01\x02"), "a.xlsx", XLSX),
        # What a cell says is no relationship.
        (files.office(sheet_dot_xml="<t>our vbaProject and its macrosheet</t>"), "a.xlsx", XLSX),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, name: str, kind: FileKind) -> None:
    assert kind_of(content, name) == kind


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Refusal.EMPTY),
        (b" \r\n ", Refusal.EMPTY),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refusal.UNKNOWN),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><p>hi", Refusal.UNKNOWN),
        (b"name,12\n< script>alert(1)</script>", Refusal.UNKNOWN),
        ("x<html>".encode("utf-16"), Refusal.UNKNOWN),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", Refusal.UNKNOWN),
        (b"MZ\x90\x00\x03\x00", Refusal.UNKNOWN),
        (b"\x7fELF\x02\x01\x01\x00", Refusal.UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), Refusal.UNKNOWN),
        (b"{\\rtf1\\object}", Refusal.UNKNOWN),
        (b"#!/bin/sh\nrm -r /\n", Refusal.UNKNOWN),
        (b"junk before it\n" + bytes(1) + files.PDF, Refusal.UNKNOWN),
        (b"%PDF-x" + files.PDF, Refusal.UNKNOWN),
        (files.PDF[:-8], Refusal.DAMAGED),
        (files.PDF + b"<script>alert(1)</script>", Refusal.DAMAGED),
        (files.PDF + files.office(), Refusal.DAMAGED),
        (files.PDF.replace(b"/Type", b"/OpenAction << /S /JavaScript >> /Type"), Refusal.ACTIVE),
        (files.PDF.replace(b"/Type", b"/OpenAction << /S /J#61vaScript >> /Type"), Refusal.ACTIVE),
        (files.PDF.replace(b"/Type", b"/Launch /Type"), Refusal.ACTIVE),
        (files.PDF.replace(b"/Type", b"/EmbeddedFiles /Type"), Refusal.ACTIVE),
        (files.png()[:-4], Refusal.DAMAGED),
        (files.png() + b"x", Refusal.DAMAGED),
        (files.png() + files.office(), Refusal.DAMAGED),
        (files.png().replace(b"IDAT", b"IDOT"), Refusal.DAMAGED),
        (files.JPEG[:-2], Refusal.DAMAGED),
        (files.JPEG + files.office(), Refusal.DAMAGED),
        (b"\xff\xd8\xff<script>", Refusal.DAMAGED),
        (files.WEBP + b"<html>", Refusal.DAMAGED),
        (files.office(files.MACROS), Refusal.ACTIVE),
        (files.office(xl__vbaProject_dot_bin=b"\xd0\xcf\x11\xe0"), Refusal.ACTIVE),
        (files.office(xl__embeddings__a_dot_exe=b"MZ"), Refusal.ACTIVE),
        (files.office(word___rels__s_dot_xml_dot_rels='<r Type="http://x/attachedTemplate"/>'), Refusal.ACTIVE),
        (
            files.office(word___rels__s_dot_xml_dot_rels='<r Type="http://x/oleObject"/>'.encode("utf-16")),
            Refusal.ACTIVE,
        ),
        (files.office(a1_dot_xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), Refusal.ACTIVE),
        (files.office("application/zip"), Refusal.UNKNOWN),
        (files.office()[:-30], Refusal.DAMAGED),
        (files.office() + b"x", Refusal.DAMAGED),
        (files.office(method=ZIP_BZIP2), Refusal.DAMAGED),
        (files.office(method=ZIP_LZMA), Refusal.DAMAGED),
        (files.saying_two_ways_of_packing(), Refusal.DAMAGED),
        (files.office(__etc__passwd_dot_xml=b"x"), Refusal.DAMAGED),
        (files.office(**{"..__b_dot_xml": b"x"}), Refusal.DAMAGED),
        (files.office(A_dot_xml=b"twice"), Refusal.DAMAGED),
        (files.office(big_dot_xml=b"0" * 51 * 1024 * 1024), Refusal.BOMB),
        (files.lying_about_its_size(), Refusal.BOMB),
    ],
)
def test_what_is_no_such_file_or_more_than_one_is_refused(content: bytes, why: Refusal) -> None:
    with pytest.raises(FileRefused) as refused:
        kind_of(content, "harmless.txt")

    assert refused.value.why is why


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("銷售記錄 2026.pdf", "銷售記錄 2026.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\mei\\發票.exe", "發票.pdf"),
        ("photo\u202egpj.exe", "photogpj.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "abSet-Cookie x.pdf"),
        ("...", "evidence.pdf"),
        ("", "evidence.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_keeps_its_words_and_nothing_that_leads_elsewhere(sent: str, kept: str) -> None:
    assert safe_name(sent, PDF) == kept
