"""The maintainers' desk in a real browser: by axe, on narrow and wide screens, and saved while one writes."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import make_server

from readiness.app import create_app
from readiness.services import drafts, publishing
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.publishing_commands import actor_named
from readiness.web.limits import limiter
from tests.browser.axe import AXE, RUN, TAGS
from tests.browser.layout import CUT_OFF, SMALL_TARGETS
from tests.conftest import settings_for
from tests.next_version import add_version, copy_of_rubric
from tests.web.staffing import Staff, staff_of

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
TEXT = "value:questions.ai_talent.text"
#: Where pictures of the pages are kept to be looked at; nowhere unless asked for.
PICTURES = os.environ.get("READINESS_TEST_PICTURES", "")


NAMES = (
    "versions",
    "draft",
    "question",
    "action",
    "bands",
    "gates",
    "policy",
    "changes",
    "impact",
    "preview-question",
    "preview-result",
    "review",
)


class Desk:
    """A site that is served, with a draft and a version in review."""

    def __init__(self, app: Flask, address: str, mei: Staff, ken: Staff, draft: str) -> None:
        self.app, self.address, self.mei, self.ken, self.draft = app, address, mei, ken, draft

    def pages(self) -> dict[str, str]:
        """Return the address of each page by a name for its picture."""
        return {
            "versions": "/staff/rubrics",
            "draft": self.draft,
            "question": f"{self.draft}/questions/ai_talent",
            "action": f"{self.draft}/actions/ai_talent_1_2",
            "bands": f"{self.draft}/bands",
            "gates": f"{self.draft}/gates",
            "policy": f"{self.draft}/policy",
            "changes": f"{self.draft}/diff",
            "impact": f"{self.draft}/impact",
            "preview-question": f"{self.draft}/preview/questions/ai_talent",
            "preview-result": f"{self.draft}/preview/result",
            "review": "/staff/rubrics/review/2026.2",
        }


@pytest.fixture(scope="module")
def desk(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve a site on which a draft was written."""
    folder = tmp_path_factory.mktemp("desk")
    path = shutil.copy(loaded_sqlite, folder / "readiness.sqlite")
    app = create_app(settings_for(f"sqlite:///{path}", folder))
    limiter.reset()
    both = (Capability.EDIT_DRAFTS, Capability.PUBLISH)
    mei, ken = staff_of(app, *both, email="mei@example.com"), staff_of(app, *both, email="ken@example.com")
    version = add_version(copy_of_rubric(folder / "rubric"), new=(), gate=True)
    with app.app_context():
        publishing.submit(actor_named("ken@example.com"), version.document)
        id = drafts.create(actor_named("mei@example.com"), "2026.1")
        draft = drafts.find(db.session, id)
        key = "questions.ai_talent.why"
        drafts.set_text(
            actor_named("mei@example.com"), id, key, "We ask because it differs.", drafts.mark_of(draft.english[key])
        )
        db.session.close()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Desk(app, f"http://127.0.0.1:{server.server_port}", mei, ken, f"/staff/rubrics/{id}")
    server.shutdown()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def at_desk(browser: Any, desk: Desk) -> Iterator[Callable[..., Any]]:
    """Return how to open a browser as someone who has signed in."""
    contexts = []

    def open_as(staff: Staff, size: dict[str, int] = WIDE, language: str = "en") -> Any:
        context = browser.new_context(viewport=size)
        cookie = staff.client.get_cookie("readiness")
        assert cookie is not None
        context.add_cookies(
            [
                {"name": "readiness", "value": cookie.value, "url": desk.address},
                {"name": "language", "value": language, "url": desk.address},
            ]
        )
        contexts.append(context)
        return context.new_page()

    yield open_as
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_sound_on_a_phone_and_a_wide_screen(desk: Desk, at_desk: Callable[..., Any], name: str) -> None:
    for size in (NARROW, WIDE):
        for language in ("en", "zh-Hant"):
            page = at_desk(desk.mei, size, language)
            response = page.goto(desk.address + desk.pages()[name])
            assert response.status == 200
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{name}-{size['width']}-{language}.png", full_page=True)

            assert page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") <= 0
            assert [each for each in page.evaluate(CUT_OFF) if 'class="scrolled"' not in each] == []
            assert page.evaluate(SMALL_TARGETS) == []
            page.evaluate(AXE)
            found = page.evaluate(RUN, TAGS)
            assert found["violations"] == []


def test_texts_stand_side_by_side_on_a_wide_screen_and_below_each_other_on_a_phone(
    desk: Desk, at_desk: Callable[..., Any]
) -> None:
    places = {}
    for size in (NARROW, WIDE):
        page = at_desk(desk.mei, size)
        page.goto(f"{desk.address}{desk.draft}/questions/ai_talent")
        boxes = [
            page.locator(f'[name="value:{prefix}questions.ai_talent.text"]').bounding_box()
            for prefix in ("", "zh-Hant/", "zh-Hans/")
        ]
        places[size["width"]] = len({round(box["x"]) for box in boxes})

    assert places == {360: 1, 1280: 3}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["phone", "wide"])
def test_every_box_shows_the_whole_of_its_text_in_each_language(
    desk: Desk, at_desk: Callable[..., Any], size: dict[str, int]
) -> None:
    page = at_desk(desk.mei, size)
    page.goto(f"{desk.address}{desk.draft}/questions/data_quality")

    cut = page.eval_on_selector_all(
        "#writing textarea",
        "all => all.filter(each => each.scrollHeight > each.clientHeight + 2).map(each => each.name)",
    )

    assert page.locator("#writing textarea").count() > 30
    assert cut == []


def test_what_is_written_is_saved_without_a_button(desk: Desk, at_desk: Callable[..., Any]) -> None:
    page = at_desk(desk.mei)
    page.goto(f"{desk.address}{desk.draft}/questions/ai_literacy")
    field = page.locator('[name="value:questions.ai_literacy.why"]')
    for number, words in enumerate(("Saved by itself.", "Saved once more."), start=1):
        field.fill(words)
        field.blur()
        expect(page.locator(f"#autosaved[data-sent='{number}']")).to_have_text("Saved")

    # The mark beside the translation follows at once.
    standing = page.locator('[data-path="zh-Hant/questions.ai_literacy.why"] .small[id$="-standing"]')
    expect(standing).to_have_text("behind the English")

    page.goto(f"{desk.address}{desk.draft}/questions/ai_literacy")

    assert page.locator('[name="value:questions.ai_literacy.why"]').input_value() == "Saved once more."


def test_two_at_once_are_told_and_neither_loses_what_was_written(desk: Desk, at_desk: Callable[..., Any]) -> None:
    address = f"{desk.address}{desk.draft}/questions/ai_talent"
    hers, his = at_desk(desk.mei), at_desk(desk.ken)
    hers.goto(address)
    his.goto(address)
    hers.locator(f'[name="{TEXT}"]').fill("Hers?")
    hers.locator(f'[name="{TEXT}"]').blur()
    expect(hers.locator("#autosaved")).to_have_text("Saved")

    his.locator(f'[name="{TEXT}"]').fill("His?")
    his.locator(f'[name="{TEXT}"]').blur()
    expect(his.locator("#autosaved")).to_contain_text("Somebody else")
    with his.expect_navigation():
        his.click("#writing .govuk-button[type=submit]")

    assert "Saved by mei@example.com" in his.inner_text("main")
    assert "Hers?" in his.inner_text("main")
    assert his.locator(".conflict textarea").input_value() == "His?"


def test_without_a_script_the_button_saves(desk: Desk, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    cookie = desk.mei.client.get_cookie("readiness")
    assert cookie is not None
    context.add_cookies([{"name": "readiness", "value": cookie.value, "url": desk.address}])
    page = context.new_page()
    page.goto(f"{desk.address}{desk.draft}/questions/data_quality")
    page.fill('[name="value:questions.data_quality.why"]', "Saved by the button.")
    page.click("#writing .govuk-button[type=submit]")

    assert page.locator('[name="value:questions.data_quality.why"]').input_value() == "Saved by the button."
    context.close()
