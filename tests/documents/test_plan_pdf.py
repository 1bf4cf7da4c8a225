"""The plan as a PDF file, read back."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from readiness.core.languages import Language
from readiness.documents.pdf import plan_html
from readiness.documents.words import words_in
from readiness.library.exports import answers_file_from
from readiness.services import commands
from readiness.settings import ROOT

DAY = date(2026, 11, 23)
RUBRIC = ROOT / "rubric"
LEVELS = [4, 3, 3, 4, 4, 1, 3, 4, 3, 4, 4, 4]
WORST = [1] * 12
LANGUAGES = list(Language)


def _file(levels: list[Any], **company: Any) -> Any:
    questions = [question.id for question in commands.find_version(RUBRIC, "2026.1").rubric.questions]
    record = {"rubric": "2026.1", "company": company, "answers": dict(zip(questions, levels, strict=True))}
    return answers_file_from(json.dumps(record).encode(), "test")


@cache
def _pdf(language: Language, levels: tuple[Any, ...] = tuple(LEVELS), name: str = "海港食品有限公司") -> bytes:
    file = _file(list(levels), name=name, employees="20-49", business_registration=True, subvented=False)
    return commands.plan_file_as_pdf(file, RUBRIC, None, DAY, language)


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levels", [tuple(LEVELS), tuple(WORST), (3,) * 12, (5,) * 12, ("not_sure",) * 5 + (3,) * 7])
def test_a_plan_has_six_to_fourteen_pages(language: Language, levels: tuple[Any, ...]) -> None:
    pages = PdfReader(BytesIO(_pdf(language, levels))).pages

    assert 6 <= len(pages) <= 14
    assert all(round(float(page.mediabox.width)) == 595 and round(float(page.mediabox.height)) == 842 for page in pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_says_its_title_language_day_and_that_it_is_tagged(language: Language) -> None:
    pdf = pikepdf.open(BytesIO(_pdf(language)))

    metadata = pdf.open_metadata()
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == language.tag
    assert "海港食品有限公司" in str(pdf.docinfo["/Title"])
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261123")
    assert metadata["pdfuaid:part"] == "1"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_fonts_are_embedded_and_no_letter_is_missing(language: Language) -> None:
    content = _pdf(language)

    reader = PdfReader(BytesIO(content))
    names = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            descendant = font["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]
            names.add(str(font["/BaseFont"]).split("+")[1])
    assert all(name.startswith(("Noto-Sans-CJK", "Open-Sans")) for name in names), names
    assert "\ufffd" not in _text(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_outline_and_the_contents_lead_to_the_sections(language: Language) -> None:
    reader = PdfReader(BytesIO(_pdf(language)))

    top = [entry for entry in reader.outline if isinstance(entry, Destination)]
    assert len(top) >= 6
    pages = [reader.get_destination_page_number(entry) for entry in top]
    assert pages == sorted(pages)
    assert pages[0] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_an_alternative_in_the_documents_language(language: Language) -> None:
    pdf = pikepdf.open(BytesIO(_pdf(language)))

    figures = [element for element in _elements(pdf) if element.get("/S") == "/Figure"]
    alternatives = [str(element.get("/Alt", "")) for element in figures]
    assert len(alternatives) == 4
    for text in alternatives:
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language is not Language.EN), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_skip_no_level(language: Language) -> None:
    html = plan_html(_view(language), language)

    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels)), levels


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_stands_alone_at_the_foot_of_a_page(language: Language) -> None:
    html = plan_html(_view(language), language)
    headings = {re.sub(r"\s|<[^>]+>", "", text) for text in re.findall(r"<h[2-4][^>]*>(.*?)</h[2-4]>", html, re.S)}

    for number, page in enumerate(PdfReader(BytesIO(_pdf(language))).pages[1:], start=2):
        lines = [re.sub(r"\s", "", line) for line in page.extract_text().splitlines() if line.strip()]
        # The last two lines are the footer: the running text and the page number.
        body = [line for line in lines if "2026.1·" not in line and not re.fullmatch(r"\d+/\d+", line)]
        assert body[-1] not in headings, (number, body[-1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_the_boss_holds_the_finding_three_actions_and_the_money(language: Language) -> None:
    page = PdfReader(BytesIO(_pdf(language))).pages[1].extract_text()

    text = re.sub(r"\s+", "", page)
    view = _view(language)
    assert re.sub(r"\s+", "", view.result.headline) in text
    for action in view.actions[:3]:
        assert re.sub(r"\s+", "", action.title) in text
    assert re.sub(r"\s+", "", view.money.outside) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_says_what_it_is_not_and_how_to_verify_it(language: Language) -> None:
    text = re.sub(r"\s+", "", _text(_pdf(language)))

    view = _view(language)
    for sentence in view.result.disclaimers:
        assert re.sub(r"\s+", "", sentence) in text
    assert view.result.digest in text
    assert view.catalogue_digest in text


@pytest.mark.parametrize("language", [Language.ZH_HANT, Language.ZH_HANS])
def test_a_chinese_plan_meets_no_english_but_names_titles_and_addresses(language: Language) -> None:
    html = plan_html(_view(language), language)
    html = re.sub(r"<head>.*?</head>|<cite.*?</cite>|<(\w+) lang=\"en\".*?</\1>|<img[^>]*>", " ", html, flags=re.S)
    text = re.sub(r"<[^>]+>|https?://\S+|\S+@\S+|sha256:\w+", " ", html)

    words = set(re.findall(r"\b[a-z]{3,}\b", text.replace("readiness verify", "").replace("AI with HKPC", "")))
    assert words == set()


@pytest.mark.parametrize("name", ["<b>Bold</b> & Co", "x" * 120, "𠮷野家 😀", "שלום", "a/b\\c\"'"])
def test_any_name_stands_on_the_cover(name: str) -> None:
    content = _pdf(Language.EN, name=name)

    assert len(PdfReader(BytesIO(content)).pages) >= 6


def test_a_document_loads_nothing_from_outside(tmp_path: Path) -> None:
    html = plan_html(_view(Language.EN), Language.EN)

    loaded = re.findall(r"(?:src|data|xlink:href)=\"([^\"]+)\"|url\(([^)]+)\)", html)
    assert loaded
    assert all(address.startswith("data:") for pair in loaded for address in pair if address)


def test_an_image_from_elsewhere_is_not_loaded(tmp_path: Path) -> None:
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)

    for address in (secret.as_uri(), "http://127.0.0.1:9/x.png"):
        with pytest.raises(Exception, match=r"(?i)not allowed|protocol|forbidden"):
            fetcher.fetch(address)
        document = HTML(
            string=f'<meta charset="utf-8"><title>x</title><img src="{address}" alt="">', url_fetcher=fetcher
        )
        assert b"secret" not in document.write_pdf()


def _view(language: Language) -> Any:
    from readiness.core.plan_records import plan_record
    from readiness.core.scoring import score
    from readiness.library.canonical import readable
    from readiness.services.plan_views import plan_view

    file = _file(LEVELS, name="海港食品有限公司", employees="20-49", business_registration=True, subvented=False)
    plan, version, catalogue, answers, profile = commands._plan(file, RUBRIC, None, DAY)
    record = json.loads(readable(plan_record(plan)))
    result = score(version.rubric, answers)
    return plan_view(record, version, result, answers, profile, catalogue, words_in(language))


def _elements(pdf: pikepdf.Pdf) -> list[Any]:
    found, waiting = [], [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if not isinstance(element, pikepdf.Dictionary):
            continue
        found.append(element)
        kids = element.get("/K")
        if isinstance(kids, pikepdf.Array):
            waiting.extend(kids)
        elif kids is not None:
            waiting.append(kids)
    return found
