"""The share sheet of a phone: offered where the phone has one, and given the link that was just made."""

from __future__ import annotations

from typing import Any

import pytest

# Chromium on this system has no share sheet; a phone's is called in just this way.
SHEET = "window.shared = []; navigator.share = (what) => { window.shared.push(what); return Promise.resolve(); };"


@pytest.mark.parametrize("phone", [True, False])
def test_a_new_link_can_be_handed_to_the_phones_share_sheet(site: str, browser: Any, phone: bool) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB").new_page()
    if phone:
        page.add_init_script(SHEET)
    page.goto(site)
    page.click(".start-button")
    page.click("main button[type=submit]")
    page.goto(page.url.split("/questions")[0] + "/links")
    page.check('input[name=access][value="edit"]', force=True)

    page.click("text=Make the link")

    link = page.input_value("#new-link")
    assert link.startswith(f"{site}/assessments/")
    assert page.is_visible("[data-share]") is phone
    if phone:
        page.click("[data-share]")
        assert page.evaluate("window.shared") == [{"title": "AI Readiness", "url": link}]
