"""A file is what it holds, whatever it is called; what could be two things, or do something, is none."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

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


RELATIONS_OF_THE_TEXT = "word___rels__document_dot_xml_dot_rels"


@pytest.mark.parametrize("kind", ["frame", "subDocument", "image", "attachedTemplate", "externalLinkPath", "oleObject"])
def test_a_file_that_fetches_from_elsewhere_is_refused(kind: str) -> None:
    leads = files.relations((kind, "\\\\evil\\share\\a.png"))

    with pytest.raises(FileRefused) as refused:
        kind_of(files.office(files.DOCUMENT, **{RELATIONS_OF_THE_TEXT: leads}))

    assert refused.value.why is Refusal.ACTIVE


@pytest.mark.parametrize(
    "content",
    [
        files.word(files.field('DDE "c:\\windows\\cmd.exe" "/c calc"')),
        files.word(files.field("DDE", "AUTO c:\\windows\\cmd.exe")),
        files.word(files.field(" d", "de", ' "c:\\windows\\cmd.exe"')),
        files.word(files.field("D", 'DE "cmd"', within=files.field("PAGE"))),
        files.word(files.field("IF 1 = 1", "", within=files.field('DDE "cmd"'))),
        files.word(files.field("", ' "cmd"', within=files.field('QUOTE "x"', result="DDE"))),
        files.word(files.field('LINK Excel.Sheet.12 "\\\\evil\\a.xlsx" "" \\a')),
        files.word('<w:fldSimple w:instr="&#68;DEAUTO cmd"/>'),
        files.word("<w:instrText>DDE</w:instrText><w:instrText>AUTO cmd</w:instrText>"),
        files.word('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDEAUTO cmd</w:instrText></w:r>'),
        files.office(x_dot_xml='<x:a xmlns:x="y"><x:ddeLink ddeService="cmd" ddeTopic="/c calc"/></x:a>'),
        files.word("", **{RELATIONS_OF_THE_TEXT: files.relations(("aFChunk", "chunk.xml"), mode="Internal")}),
        files.word("", **{RELATIONS_OF_THE_TEXT: '<R><r Type="http://x/oleObj&#101;ct" Target="a.xml"/></R>'}),
        files.word("", **{RELATIONS_OF_THE_TEXT: '<R><r Type="http://x/image" TargetMode="&#69;xternal"/></R>'}),
        # A document that is called a picture, so that nobody looks at it.
        files.office(files.DOCUMENT + '"/><Default Extension="png" ContentType="a+xml'),
        files.office(files.DOCUMENT + '"/><Override PartName="/b.svg" ContentType="a+XML; charset=utf-8'),
    ],
)
def test_a_file_that_asks_another_program_for_something_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        kind_of(content)

    assert refused.value.why is Refusal.ACTIVE


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ('<?xml version="1.0" encoding="utf-7"?><a>+ADw-</a>', Refusal.DAMAGED),
        ("<a><w:instrText>PAGE</w:instrText>", Refusal.DAMAGED),
        ("<a><instrText/>" + "<b/>" * 500_000 + "</a>", Refusal.BOMB),
        ("<a><instrText/>" + f"<!--{'x' * 3_000_000}-->" + "</a>", Refusal.BOMB),
        ("<a><instrText/>" + " " * 17_000_000 + "</a>", Refusal.BOMB),
    ],
    ids=["another encoding", "no XML", "too many elements", "too long a comment", "too large"],
)
def test_a_part_that_cannot_be_looked_at_is_refused(part: str, why: Refusal) -> None:
    with pytest.raises(FileRefused) as refused:
        kind_of(files.office(x_dot_xml=part))

    assert refused.value.why is why


def test_a_document_with_links_pictures_and_fields_is_taken() -> None:
    leads = files.relations(("hyperlink", "https://example.com/?a=1&amp;b=2"), ("hyperlink", "mailto:mei@example.com"))
    leads = leads.replace("</R", '<Relationship Id="p" Type="http://x/image" Target="media/image1.png"/></R')
    page, contents = files.field(" PAGE ", result="1"), files.field('TOC \\o "1-3"', result="DDE and what it does")
    link = files.field(" HYPER", 'LINK "https://example.com"', result="our policy")
    text = f'{page}{contents}{link}<w:r><w:t>DDEAUTO is not used here.</w:t></w:r><w:fldSimple w:instr=" DATE "/>'

    content = files.word(
        text,
        word__media__image2_dot_svg="<svg/>",
        word__media__image1_dot_png=files.png(),
        **{RELATIONS_OF_THE_TEXT: leads},
    )

    assert kind_of(content) == DOCX


def test_a_workbook_with_links_pictures_and_formulas_is_taken() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["A3"] = "DDEAUTO", "=SUM(1, 2)", "our policy"
    sheet["A3"].hyperlink = "https://example.com/"
    sheet["A3"].comment = Comment("Where it is", "Mei")
    out = BytesIO()
    book.save(out)

    assert kind_of(out.getvalue()) == XLSX


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
