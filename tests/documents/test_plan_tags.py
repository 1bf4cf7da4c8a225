"""The structure of the PDF, as a screen reader meets it: read from the file, not from what was meant."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTCollection
from lxml import html

from readiness.core.languages import Language
from readiness.documents.pdf import plan_html
from tests.documents.plans import BEST, LEVELS, WORST, pdf_of, view_of
from tests.documents.tagged import Element, Piece, Tagged

#: What may hold text itself; everything else holds elements only.
TEXT_HOLDERS = {
    "H1",
    "H2",
    "H3",
    "H4",
    "P",
    "Span",
    "Link",
    "Reference",
    "Lbl",
    "LBody",
    "TH",
    "TD",
    "Caption",
    "Figure",
}
NOTO = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"

#: An aware company, one at the very start, one that has nothing left to do.
each_plan = pytest.mark.parametrize("levels", [LEVELS, WORST, BEST], ids=["aware", "unaware", "no-action"])
each_language = pytest.mark.parametrize("language", list(Language))


@cache
def _read(language: Language, levels: tuple[Any, ...]) -> Tagged:
    return Tagged(pdf_of(language, levels))


@cache
def _written(language: Language, levels: tuple[Any, ...]) -> Any:
    return html.document_fromstring(plan_html(view_of(language, levels), language)).body


@each_plan
@each_language
def test_all_that_is_drawn_is_in_the_structure_or_an_artifact(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    held = Counter(id(piece) for piece in pdf.root.pieces)
    assert pdf.loose == []
    assert [piece for piece in pdf.pieces if piece.inside] == []
    assert held == Counter(id(piece) for piece in pdf.pieces if piece.number is not None)
    assert {piece.tag for piece in pdf.pieces if piece.number is None} == {"Artifact"}
    assert [element.role for element in pdf.root if _own_text(element) and element.role not in TEXT_HOLDERS] == []


@each_plan
@each_language
def test_what_is_drawn_leads_back_to_the_element_that_holds_it(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    assert [int(page.obj.StructParents) for page in pdf.pdf.pages] == list(range(len(pdf.pages)))
    for element in pdf.root:
        for kid in element.kids:
            if isinstance(kid, Piece):
                assert pdf.owners[kid.page][kid.number].objgen == element.object.objgen
    for page, owners in ((page, pdf.owners[page]) for page in range(len(pdf.pages))):
        owned = {number for number, owner in enumerate(owners) if owner is not None}
        assert owned == {piece.number for piece in pdf.pieces if piece.page == page and piece.number is not None}
    assert int(pdf.pdf.Root.StructTreeRoot.ParentTreeNextKey) == len(pdf.owners)


@each_plan
@each_language
def test_the_structure_reads_as_the_document_was_written(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    read = "".join(piece.text for piece in _spoken(pdf.root))
    assert _letters(read) == _letters("".join(_written(language, levels).itertext()))


@each_plan
@each_language
def test_there_is_one_first_heading_and_no_level_is_skipped(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    headings = pdf.all("H1", "H2", "H3", "H4", "H5", "H6")
    found = [int(heading.role[1]) for heading in headings]
    assert found[0] == 1
    assert found.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(found)), found
    written = [(element.tag.upper(), _letters(element.text_content())) for element in _tags(language, levels, "h")]
    assert [(heading.role, _letters(heading.text)) for heading in headings] == written


@each_plan
@each_language
def test_every_figure_says_its_numbers_in_the_documents_language(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    result = view_of(language, levels).result
    figures = pdf.all("Figure")
    mark, *charts = [str(figure.object.Alt) for figure in figures]
    assert charts == [result.gauge.alternative, result.radar.alternative, result.bars.alternative]
    assert result.score in charts[0]
    assert all(pillar.name in charts[1] and pillar.mean in charts[1] for pillar in result.pillars)
    assert all(re.search(f"{re.escape(row.name)}.{{0,3}}{row.level}", charts[2]) for row in result.dimensions)
    for text in (mark, *charts):
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language is not Language.EN), text
    for figure in figures:
        left, bottom, right, top = (float(side) for side in figure.attribute("/BBox"))
        assert 0 <= left < right <= 596
        assert 0 <= bottom < top <= 842


@each_plan
@each_language
def test_the_heads_of_a_table_say_what_they_are_heads_of(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    tables = pdf.all("Table")
    assert len(tables) == len(_written(language, levels).findall(".//table"))
    for table in tables:
        caption, head, body = table.elements
        assert (caption.role, head.role, body.role) == ("Caption", "THead", "TBody")
        (heads,) = head.elements
        assert {(cell.role, str(cell.attribute("/Scope"))) for cell in heads.elements} == {("TH", "/Column")}
        for row in body.elements:
            first, *others = row.elements
            assert (first.role, str(first.attribute("/Scope"))) == ("TH", "/Row")
            assert {cell.role for cell in others} == {"TD"}
            assert len(row.elements) == len(heads.elements)


@each_language
def test_a_table_that_goes_on_over_a_page_is_one_table_with_its_head_repeated_for_the_eye(language: Language) -> None:
    pdf = _read(language, LEVELS)

    answers = pdf.all("Table")[1]
    pages = sorted({piece.page for piece in answers.pieces})
    assert len(pages) == 2
    head = answers.elements[1].text
    repeated = [piece.text for piece in _artifacts(pdf, pages[1]) if piece.text]
    assert "".join(repeated).startswith(head)


@each_plan
@each_language
def test_lists_hold_items_and_items_hold_a_label_and_a_body(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    lists = pdf.all("L")
    written = [element for element in _tags(language, levels, "ul") if element.get("class") != "contents-list"]
    assert [len(element.elements) for element in lists] == [len(element.findall("li")) for element in written]
    for element in lists:
        assert {item.role for item in element.elements} == {"LI"}
        assert {tuple(part.role for part in item.elements) for item in element.elements} == {("Lbl", "LBody")}
        assert str(element.attribute("/ListNumbering")) == "/Disc"
    (contents,) = pdf.all("TOC")
    assert {item.role for item in contents.elements} == {"TOCI"}
    for (reference,) in (item.elements for item in contents.elements):
        assert (reference.role, [part.role for part in reference.elements]) == ("Reference", ["Link"])


@each_plan
@each_language
def test_the_contents_name_the_pages_where_the_sections_stand(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    starts = {_letters(heading.text): heading.pieces[0].page + 1 for heading in pdf.all("H2")}
    for reference in pdf.all("Reference"):
        (link,) = reference.elements
        assert starts[_letters(link.text)] == int(_own_text(reference))


@each_plan
@each_language
def test_footers_are_artifacts_on_every_page_but_the_cover(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    result = view_of(language, levels).result
    footers = [
        "".join(piece.text for piece in _artifacts(pdf, page) if piece.subtype == "Footer")
        for page in range(len(pdf.pages))
    ]
    assert footers[0] == ""
    for page, footer in enumerate(footers[1:], start=2):
        for part in (result.company, result.date, result.digest[7:15], f"{page} / {len(pdf.pages)}"):
            assert _letters(part) in _letters(footer)


@each_plan
@each_language
def test_a_passage_in_another_language_says_so(language: Language, levels: tuple[Any, ...]) -> None:
    pdf = _read(language, levels)

    marked = [
        (str(element.object.Lang), _letters("".join(piece.text for piece in _spoken(element))))
        for element in pdf.root
        if "/Lang" in element.object
    ]
    written = [
        (element.get("lang"), _letters(element.text_content()))
        for element in _written(language, levels).iter()
        if element.get("lang") not in (None, language.tag)
    ]
    assert str(pdf.pdf.Root.Lang) == language.tag
    assert marked == written
    assert marked or levels == BEST


@each_plan
@each_language
def test_links_are_elements_with_their_annotation_and_say_where_they_lead(
    language: Language, levels: tuple[Any, ...]
) -> None:
    pdf = _read(language, levels)

    links = pdf.all("Link")
    assert [_letters(link.text) for link in links] == [
        _letters(element.text_content()) for element in _tags(language, levels, "a")
    ]
    held = []
    for link, written in zip(links, _tags(language, levels, "a"), strict=True):
        for annotation in link.annotations:
            assert _letters(str(annotation.Contents)) == _letters(written.text_content())
            assert pdf.owners[int(annotation.StructParent)].objgen == link.object.objgen
            target = str(annotation.A.URI) if "/A" in annotation else f"#{annotation.Dest}"
            assert unquote(target) == unquote(written.get("href"))
            held.append(annotation.objgen)
    drawn = [annotation for page in pdf.pdf.pages for annotation in page.obj.get("/Annots", pikepdf.Array())]
    assert sorted(annotation.objgen for annotation in drawn) == sorted(held)
    assert {str(annotation.Subtype) for annotation in drawn} == {"/Link"}
    assert {str(page.obj.Tabs) for page in pdf.pdf.pages} == {"/S"}


@each_language
def test_every_letter_has_its_shape_and_its_width_in_the_file(language: Language) -> None:
    pdf = _read(language, WORST)

    for key, codes in pdf.codes.items():
        (descendant,) = pdf.pdf.get_object(key).DescendantFonts
        widths = _widths(descendant.W)
        assert codes <= set(widths)
        if "/FontFile3" not in descendant.FontDescriptor:
            continue
        font = _embedded(descendant)
        assert codes <= {int(name[3:]) for name in font.charset[1:]}
        for code in codes:
            shape = font.CharStrings[f"cid{code:05d}"]
            shape.draw(RecordingPen())
            assert shape.width == pytest.approx(widths[code], abs=1)


def test_the_shapes_are_those_of_the_installed_font() -> None:
    pdf = _read(Language.ZH_HANT, LEVELS)

    keys = [key for key in pdf.codes if str(pdf.pdf.get_object(key).BaseFont).endswith("Noto-Sans-CJK-HK")]
    (descendant,) = pdf.pdf.get_object(keys[0]).DescendantFonts
    embedded = _embedded(descendant)
    with TTCollection(NOTO, lazy=True) as fonts:
        installed = next(font for font in fonts if font["name"].getDebugName(4) == "Noto Sans CJK HK")["CFF "].cff[0]
        for code in sorted(pdf.codes[keys[0]])[::20]:
            drawn = []
            for font in (embedded, installed):
                pen = RecordingPen()
                font.CharStrings[f"cid{code:05d}"].draw(pen)
                drawn.append(pen.value)
            assert drawn[0] == drawn[1]


def _spoken(element: Element) -> list[Piece]:
    """What is read out of *element* but stands in no text of the document: not bullets, pictures and page numbers."""
    if element.role in ("Lbl", "Figure"):
        return []
    found: list[Piece] = []
    for kid in element.kids:
        if isinstance(kid, Element):
            found.extend(_spoken(kid))
        elif isinstance(kid, Piece) and element.role != "Reference":
            found.append(kid)
    return found


def _own_text(element: Element) -> str:
    return "".join(kid.text for kid in element.kids if isinstance(kid, Piece))


def _letters(text: str) -> str:
    """*text* without spaces. Two dots that one shape stands for in the Chinese fonts count as one."""
    return re.sub(r"\s", "", normalize("NFC", text)).replace("·", "•")


def _tags(language: Language, levels: tuple[Any, ...], start: str) -> list[Any]:
    names = {"h": ("h1", "h2", "h3", "h4")}.get(start, (start,))
    return [element for element in _written(language, levels).iter() if element.tag in names]


def _artifacts(pdf: Tagged, page: int) -> list[Piece]:
    return [piece for piece in pdf.pieces if piece.page == page and piece.kind == "Pagination"]


def _embedded(descendant: Any) -> Any:
    fonts = CFFFontSet()
    fonts.decompile(BytesIO(descendant.FontDescriptor.FontFile3.read_bytes()), None)
    return fonts[0]


def _widths(array: Any) -> dict[int, float]:
    parts = list(array)
    return {
        int(first) + at: float(width)
        for first, widths in zip(parts[::2], parts[1::2], strict=True)
        for at, width in enumerate(widths)
    }
