"""The plan as a PDF file, read back."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from readiness.core.languages import Language
from readiness.documents.pdf import plan_html
from readiness.documents.printing import print_html
from readiness.documents.views import SignatureView
from tests.documents.plans import BEST, GATED, GATED_AND_OPEN, LEVELS, WORST, pdf_of, view_of

LANGUAGES = list(Language)


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "levels",
    [LEVELS, WORST, (3,) * 12, BEST, ("not_sure",) * 5 + (3,) * 7, (1,) * 15, (3,) * 15, (5,) * 15, GATED],
    ids=str,
)
def test_a_plan_has_six_to_fourteen_pages(language: Language, levels: tuple[Any, ...]) -> None:
    pages = PdfReader(BytesIO(pdf_of(language, levels))).pages

    assert 6 <= len(pages) <= 14
    assert all(round(float(page.mediabox.width)) == 595 and round(float(page.mediabox.height)) == 842 for page in pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levels", [LEVELS, WORST, BEST, (1,) * 15])
def test_a_plan_is_small_enough_to_send(language: Language, levels: tuple[Any, ...]) -> None:
    # The promise is 400 KB; the rest is for longer texts and rarer characters.
    assert len(pdf_of(language, levels)) < 300_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_says_its_title_language_day_and_that_it_is_tagged(language: Language) -> None:
    pdf = pikepdf.open(BytesIO(pdf_of(language)))

    metadata = pdf.open_metadata()
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == language.tag
    assert "海港食品有限公司" in str(pdf.docinfo["/Title"])
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261123")
    assert metadata["pdfuaid:part"] == "1"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_fonts_are_embedded_and_no_letter_is_missing(language: Language) -> None:
    content = pdf_of(language)

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
    reader = PdfReader(BytesIO(pdf_of(language)))

    top = [entry for entry in reader.outline if isinstance(entry, Destination)]
    assert len(top) >= 6
    pages = [reader.get_destination_page_number(entry) for entry in top]
    assert pages == sorted(pages)
    assert pages[0] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_stands_alone_at_the_foot_of_a_page(language: Language) -> None:
    html = plan_html(view_of(language), language)
    headings = {re.sub(r"\s|<[^>]+>", "", text) for text in re.findall(r"<h[2-4][^>]*>(.*?)</h[2-4]>", html, re.S)}

    for number, page in enumerate(PdfReader(BytesIO(pdf_of(language))).pages[1:], start=2):
        lines = [re.sub(r"\s", "", line) for line in page.extract_text().splitlines() if line.strip()]
        # The last two lines are the footer: the running text and the page number.
        body = [line for line in lines if "2026.1·" not in line and not re.fullmatch(r"\d+/\d+", line)]
        assert body[-1] not in headings, (number, body[-1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_the_boss_holds_the_finding_three_actions_and_the_money(language: Language) -> None:
    page = PdfReader(BytesIO(pdf_of(language))).pages[1].extract_text()

    text = re.sub(r"\s+", "", page)
    view = view_of(language)
    assert re.sub(r"\s+", "", view.result.headline) in text
    for action in view.actions[:3]:
        assert re.sub(r"\s+", "", action.title) in text
    assert re.sub(r"\s+", "", view.money.outside) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_the_boss_is_one_page_with_the_longest_name_and_twelve_open_answers(language: Language) -> None:
    reader = PdfReader(BytesIO(pdf_of(language, ("not_sure",) * 12, "港食" * 40)))

    top = [entry for entry in reader.outline if isinstance(entry, Destination)]
    assert [reader.get_destination_page_number(entry) for entry in top[:2]] == [1, 2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levels", [GATED, GATED_AND_OPEN], ids=["two gates", "a gate and an open answer"])
def test_the_page_for_the_boss_is_one_page_with_gates(language: Language, levels: tuple[Any, ...]) -> None:
    reader = PdfReader(BytesIO(pdf_of(language, levels, "港食" * 40)))

    top = [entry for entry in reader.outline if isinstance(entry, Destination)]
    assert [reader.get_destination_page_number(entry) for entry in top[:2]] == [1, 2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gate_that_lowers_the_band_stands_with_the_band_of_the_score(language: Language) -> None:
    gates = view_of(language, GATED).result.gates
    page = re.sub(r"\s+", "", PdfReader(BytesIO(pdf_of(language, GATED))).pages[1].extract_text())

    competent = view_of(language, GATED).result.bands[-1].name
    assert len(gates) == 3
    assert competent in gates[0]
    assert all("AI Singapore" in text for text in gates[1:])
    assert all(re.sub(r"\s+", "", text) in page for text in gates)


@pytest.mark.parametrize(
    "levels",
    [(5, 5, 5, 5, 5, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5), (4,) * 5 + (2, 2) + (4,) * 8, (1,) * 15],
    ids=["gates open", "the score is Ready", "the score is Unaware"],
)
def test_a_gate_that_lowers_no_band_is_not_spoken_of(levels: tuple[Any, ...]) -> None:
    assert view_of(Language.EN, levels).result.gates == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_says_what_it_is_not_and_how_to_verify_it(language: Language) -> None:
    text = re.sub(r"\s+", "", _text(pdf_of(language)))

    view = view_of(language)
    for sentence in view.result.disclaimers:
        assert re.sub(r"\s+", "", sentence) in text
    assert view.result.digest in text
    assert view.catalogue_digest in text


@pytest.mark.parametrize("language", [Language.ZH_HANT, Language.ZH_HANS])
def test_a_chinese_plan_meets_no_english_but_names_titles_and_addresses(language: Language) -> None:
    html = plan_html(view_of(language), language)
    html = re.sub(r"<head>.*?</head>|<cite.*?</cite>|<(\w+) lang=\"en\".*?</\1>|<img[^>]*>", " ", html, flags=re.S)
    text = re.sub(r"<[^>]+>|https?://\S+|\S+@\S+|sha256:\w+", " ", html)

    words = set(re.findall(r"\b[a-z]{3,}\b", text.replace("readiness verify", "").replace("AI with HKPC", "")))
    assert words == set()


@pytest.mark.parametrize("name", ["<b>Bold</b> & Co", "x" * 120, "𠮷野家 😀", "שלום", "a/b\\c\"'"])
def test_any_name_stands_on_the_cover(name: str) -> None:
    content = pdf_of(Language.EN, name=name)

    assert len(PdfReader(BytesIO(content)).pages) >= 6


def test_the_names_stand_on_the_page_of_their_heading() -> None:
    signed = tuple(
        SignatureView(side, name, "", "23 November 2026", "sha256:" + "0" * 64, holds=True)
        for side, name in (("For the company", "Chan"), ("Consultant", "Wong"))
    )
    html = plan_html(replace(view_of(Language.EN), signatures=signed), Language.EN)
    head, _, rest = html.partition("<body")
    sign_off = rest[rest.index('<section id="sign-off">') :]
    for room in (0, 20, 30, 40, 50, 60):
        above = f'<h1>Plan</h1><div style="height: {261 - room}mm"></div>'
        content = print_html(f'{head}<body data-running="x">{above}{sign_off}')
        text = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]

        (page,) = (page for page in text if "Sign-off" in page)
        assert "Chan" in page, room
        assert "Wong" in page, room


def test_a_document_loads_nothing_from_outside(tmp_path: Path) -> None:
    html = plan_html(view_of(Language.EN), Language.EN)

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
