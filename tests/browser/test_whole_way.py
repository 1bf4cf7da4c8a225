"""The whole way in a real browser, from the start page to the PDF, at phone width."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

LEVELS = [4, 3, 3, 4, 4, 1, 3, 4, 3, 4, 4, 4]
LOCALES = {"en": "en-GB", "zh-Hant": "zh-HK", "zh-Hans": "zh-CN"}
NAMES = {"en": "Harbour Foods Ltd", "zh-Hant": "海港食品有限公司", "zh-Hans": "海港食品有限公司"}
BANDS = {"en": "AI Aware", "zh-Hant": "AI 已認知", "zh-Hans": "AI 已认知"}


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("en", False), ("zh-Hant", True), ("zh-Hans", True)])
def test_an_owner_comes_from_the_start_page_to_the_pdf(
    site: str, browser: Any, tmp_path: Path, language: str, scripts: bool
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        locale=LOCALES[language],
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    page = context.new_page()
    requests: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(site)
    _go(page, ".start-button")
    page.fill("input[name=name]", NAMES[language])
    page.select_option("select[name=sector]", "food_beverage")
    page.check('input[name=employees][value="20-49"]', force=True)
    _go(page, "main button[type=submit]")

    for level in LEVELS:
        assert "answer" not in page.url
        _no_sideways_scrolling(page, scripts)
        page.check(f'input[name=answer][value="{level}"]', force=True)
        _go(page, "main button[value=continue]")
    _go(page, "main a.govuk-button")
    _go(page, "main button[type=submit]")

    heading = page.inner_text("h1")
    assert NAMES[language] in heading
    assert BANDS[language] in heading
    assert "3.4" in heading
    _no_sideways_scrolling(page, scripts)
    with page.expect_download() as download:
        page.click(".downloads a")
    path = tmp_path / "plan.pdf"
    download.value.save_as(path)
    first, second = (sheet.extract_text() for sheet in PdfReader(BytesIO(path.read_bytes())).pages[:2])
    assert NAMES[language] in first
    assert re.sub(r"\s", "", heading) in re.sub(r"\s", "", second)
    assert all(url.startswith((site, "data:")) for url in requests)
    assert problems == []
    context.close()


def test_the_language_can_be_changed_in_the_middle_with_one_tap(site: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.click(".start-button")
    page.click("main button[type=submit]")
    page.check('input[name=answer][value="4"]', force=True)

    page.click('button.language[value="zh-Hant"]')

    assert page.get_attribute("html", "lang") == "zh-Hant-HK"
    assert page.is_checked('input[name=answer][value="4"]')
    context.close()


def test_the_link_to_come_back_is_shown_from_the_first_answer_on_and_works(site: str, browser: Any) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site)
    page.click(".start-button")
    page.click("main button[type=submit]")
    assert page.locator("#come-back-link").count() == 0
    page.check('input[name=answer][value="2"]', force=True)
    page.click("main button[value=continue]")

    link = page.input_value("#come-back-link")
    other = browser.new_context(locale="en-GB").new_page()
    other.goto(link)

    assert "Question 2 of 12" in other.inner_text("main")
    assert re.search(r"Saved at \d\d:\d\d", page.inner_text(".saved"))
    context.close()
    other.context.close()


def test_the_way_can_be_walked_by_keyboard_alone(site: str, browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB", accept_downloads=True)
    page = context.new_page()
    page.goto(site)
    _press_until(page, "button.start-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer-form")
    _press_until(page, "main button[type=submit]")
    page.keyboard.press("Enter")

    for number, level in enumerate(LEVELS, start=1):
        page.wait_for_selector(f"text=Question {number} of 12")
        if number == 1:
            _meet_an_error_by_keyboard(page)
        _choose_by_keyboard(page, level)
        if number == 2:
            _read_another_language_by_keyboard(page, level)
        if number == 3:
            _meet_a_conflict_by_keyboard(page, browser, level)
            continue
        _press_until(page, "main button[value=continue]")
        page.keyboard.press("Enter")
    page.wait_for_selector(".answers")
    _press_until(page, "main a.govuk-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Finish and see the result?")
    _press_until(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#finding")

    assert "AI Aware: 3.4 of 5" in page.inner_text("h1")
    _press_until(page, ".downloads a")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "plan.pdf")
    assert "AI Aware" in PdfReader(tmp_path / "plan.pdf").pages[0].extract_text()
    context.close()


def test_an_error_takes_the_focus_and_leads_to_the_field(site: str, browser: Any) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site)
    page.click(".start-button")
    page.click("main button[type=submit]")

    page.click("main button[value=continue]")

    assert page.evaluate("document.activeElement.classList.contains('govuk-error-summary')")
    page.click(".govuk-error-summary a")
    assert page.evaluate("document.activeElement.name") == "answer"
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_enter_key_saves_and_goes_on(site: str, browser: Any, scripts: bool) -> None:
    context = browser.new_context(locale="zh-HK", java_script_enabled=scripts)
    page = context.new_page()
    page.goto(site)
    _go(page, ".start-button")
    page.fill("input[name=name]", "海港食品")

    with page.expect_navigation():
        page.press("input[name=name]", "Enter")
    page.check('input[name=answer][value="4"]', force=True)
    with page.expect_navigation():
        page.press('input[name=answer][value="4"]', "Enter")

    assert page.get_attribute("html", "lang") == "zh-Hant-HK"
    assert page.url.endswith("/questions/ai_literacy")
    context.close()


def _go(page: Any, selector: str) -> None:
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.click(selector)


def _press_until(page: Any, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def _choose_by_keyboard(page: Any, level: int) -> None:
    _press_until(page, "input[name=answer]")
    page.keyboard.press("Space")
    for _ in range(level - 1):
        page.keyboard.press("ArrowDown")
    assert page.is_checked(f'input[name=answer][value="{level}"]')


def _meet_an_error_by_keyboard(page: Any) -> None:
    """Go on without an answer, and follow the message to the choices."""
    _press_until(page, "main button[value=continue]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".govuk-error-summary:focus")
    _press_until(page, ".govuk-error-summary a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "answer"


def _read_another_language_by_keyboard(page: Any, level: int) -> None:
    """Change the language and change it back; what was chosen is kept."""
    for language, tag in (("zh-Hant", "zh-Hant-HK"), ("en", "en")):
        _press_until(page, f'button.language[value="{language}"]')
        page.keyboard.press("Enter")
        page.wait_for_selector(f'html[lang="{tag}"]')
        assert page.is_checked(f'input[name=answer][value="{level}"]')


def _meet_a_conflict_by_keyboard(page: Any, browser: Any, level: int) -> None:
    """Save an answer that someone else gave meanwhile, and keep one's own."""
    other = browser.new_page()
    other.goto(page.url)
    other.check(f'input[name=answer][value="{level - 1}"]', force=True)
    _go(other, "main button[value=continue]")
    other.context.close()
    _press_until(page, "main button[value=continue]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Two answers to one question")
    _press_until(page, "#answer-form button[name=confirmed]")
    page.keyboard.press("Enter")


def _no_sideways_scrolling(page: Any, scripts: bool) -> None:
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
