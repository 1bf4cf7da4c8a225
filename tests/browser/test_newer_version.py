"""A release publishes a newer rubric: each page about it is opened once, and all that must hold is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.settings import ROOT
from tests.browser.axe import (
    test_a_name_that_is_heard_begins_with_the_name_that_is_seen,
    test_axe_finds_nothing_to_mend,
    test_the_words_in_a_chart_stand_out_from_the_paper,
)
from tests.browser.layout import (
    test_nothing_scrolls_sideways,
    test_what_can_be_pressed_is_large_enough_for_a_finger,
    test_wide_text_is_neither_cut_off_nor_scrolled_sideways,
)
from tests.browser.pages import AWARE, LANGUAGES, Poster, Visit
from tests.browser.staffing import Office
from tests.browser.structure import (
    other_script,
    test_each_text_is_marked_with_its_language,
    test_the_landmarks_are_one_each_and_every_section_has_a_name,
    test_there_is_one_heading_of_the_first_level_and_no_level_is_skipped,
)
from tests.serving import Served

__all__ = [
    "other_script",
    "test_a_name_that_is_heard_begins_with_the_name_that_is_seen",
    "test_axe_finds_nothing_to_mend",
    "test_each_text_is_marked_with_its_language",
    "test_nothing_scrolls_sideways",
    "test_the_landmarks_are_one_each_and_every_section_has_a_name",
    "test_the_words_in_a_chart_stand_out_from_the_paper",
    "test_there_is_one_heading_of_the_first_level_and_no_level_is_skipped",
    "test_what_can_be_pressed_is_large_enough_for_a_finger",
    "test_wide_text_is_neither_cut_off_nor_scrolled_sideways",
]

# The cells of a table that do not stand where the heading of their column does.
ASTRAY = """() => [...document.querySelectorAll("main table tbody tr")].flatMap(row => [...row.cells].filter(cell => {
  const head = row.closest("table").tHead.rows[0].cells[cell.cellIndex].getBoundingClientRect();
  const box = cell.getBoundingClientRect();
  return Math.abs(head.left - box.left) > 1 || Math.abs(head.right - box.right) > 1 || head.bottom > box.top + 1;
})).map(cell => cell.outerHTML)"""

MOVE = 'form[action$="/move"] button, main form button[type=submit]'


def moved(visit: Visit, path: str) -> Visit:
    """Move a draft from its preview; one that was moved already stays."""
    visit.open(f"{path}/move")
    return visit.press(MOVE) if visit.page.url.endswith("/move") else visit


#: What a person can meet on the way to a newer version, and how.
STATES: dict[str, Callable[[Visit, str], Visit]] = {
    "offered": lambda visit, path: visit.open(f"{path}/check"),
    "preview": lambda visit, path: visit.open(f"{path}/move"),
    "moved": lambda visit, path: moved(visit, path).open(f"{path}/check"),
    "new question": lambda visit, path: moved(visit, path).open(f"{path}/questions/genai_risk"),
    "undo": lambda visit, path: moved(visit, path).open(f"{path}/move/undo"),
    "result": lambda visit, path: visit.open(f"{path}/result"),
    "preview for a result": lambda visit, path: visit.open(f"{path}/move"),
    "bridge": lambda visit, path: visit.open(f"{path}/compare"),
}
FINISHED = {"result", "preview for a result", "bridge"}


@pytest.fixture(scope="module")
def newer(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Visit]:
    """Return a visit to a site of today's release on which everything was begun under 2026.1."""
    folder = tmp_path_factory.mktemp("newer")
    database = f"sqlite:///{shutil.copy(loaded_sqlite, folder / 'readiness.sqlite')}"
    served = Served(database, folder / "instance", "localhost")
    served.start()
    poster = Poster(served.url, browser, Office(served.url, folder, browser))
    visit = Visit(served.url, poster, None, "en")
    for visit.language in LANGUAGES:
        for state in STATES:
            visit.assessment({**AWARE, "ai_talent": "not_sure"}, submitted=state in FINISHED, town=state)
    served.stop()
    served.use_rubric(ROOT / "rubric")
    served.start()
    yield visit
    served.stop()


@pytest.fixture(
    scope="module",
    params=[(state, language) for language in LANGUAGES for state in STATES],
    ids=" in ".join,
)
def shown(request: pytest.FixtureRequest, newer: Visit, phones: Callable[[str], Any]) -> Visit:
    """Return a visit at one state."""
    state, language = request.param
    visit = Visit(newer.site, newer.poster, phones(language), language)
    visit.state = state
    path = visit.assessment({**AWARE, "ai_talent": "not_sure"}, submitted=state in FINISHED, town=state)
    return STATES[state](visit, path)


def test_every_state_shows_what_it_is_about(newer: Visit, browser: Any) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    seen = {}
    for state, go in STATES.items():
        visit = Visit(newer.site, newer.poster, page, "en")
        path = visit.assessment({**AWARE, "ai_talent": "not_sure"}, submitted=state in FINISHED, town=state)
        seen[state] = go(visit, path).page.inner_text("main")
    page.context.close()

    assert [state for state, text in seen.items() if "2026.2" not in text] == ["new question"]
    assert " of 15 " in seen["new question"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("state", ["preview", "bridge"])
def test_the_headings_of_a_table_stand_above_their_columns(newer: Visit, browser: Any, state: str, width: int) -> None:
    page = browser.new_context(locale="en-GB", viewport={"width": width, "height": 800}).new_page()
    visit = Visit(newer.site, newer.poster, page, "en")
    path = visit.assessment({**AWARE, "ai_talent": "not_sure"}, submitted=state in FINISHED, town=state)

    STATES[state](visit, path)

    assert page.locator("main table tbody tr").count() > 0
    assert page.evaluate(ASTRAY) == []
    page.context.close()
