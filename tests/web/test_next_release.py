"""A release that publishes another rubric version, as it is shipped: new companies get it, nobody else is disturbed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from readiness.core.languages import Language
from readiness.core.version_numbers import order
from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.services.versions import published_digests
from readiness.settings import ROOT, Settings
from readiness.web.limits import limiter
from tests.conftest import settings_for
from tests.web.conftest import LEVELS, Owner, everything_stored
from tests.web.test_moving import content, export, move, undo

SHIPPED = ROOT / "rubric"
NEWEST = max(published_digests(SHIPPED), key=order)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def newest() -> RubricVersion:
    """Return the version that the release publishes."""
    return read_rubric_folder(SHIPPED / "versions" / NEWEST)


@pytest.fixture
def released(app: Flask, database: str, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> Callable[[], Flask]:
    """Return how to start the release's site on the database of a site that had 2026.1 alone."""

    def start() -> Flask:
        limiter.reset()
        return make_app(settings_for(database, tmp_path, rubric_folder=SHIPPED))

    return start


def test_a_new_company_is_asked_by_the_newest_version_and_gets_its_plan(
    released: Callable[[], Flask], newest: RubricVersion
) -> None:
    owner = Owner(released().test_client()).start(name="海港食品")
    for question in newest.rubric.questions:
        assert owner.answer(question.id, 3).status_code == 302
    owner.submit()

    assert export(owner)["rubric"] == NEWEST
    assert export(owner)["result"]["score"] == 3
    printed = " ".join(page.extract_text() for page in PdfReader(BytesIO(owner.get("/plan-en.pdf").data)).pages)
    names = [newest.texts[Language.EN][f"dimensions.{each.id}.name"] for each in newest.rubric.dimensions]
    assert [name for name in names if name not in " ".join(printed.split())] == []


def test_a_draft_begun_before_is_offered_the_newest_moved_without_loss_and_taken_back(
    app: Flask, released: Callable[[], Flask], newest: RubricVersion
) -> None:
    owner = Owner(app.test_client()).start(name="Wing Fat").answer_all(data_quality="not_sure")
    site = released()
    owner.client = site.test_client()
    owner.client.get("/?lang=en")
    owner.get("/check")
    assert f"/assessments/{owner.token}/move" in owner.text
    before = everything_stored(site)

    move(owner)
    moved = export(owner)
    undo(owner)

    assert {id: moved["answers"][id] for id in LEVELS} == {**LEVELS, "data_quality": "not_sure"}
    assert set(moved["answers"]) == set(LEVELS)
    assert everything_stored(site) == before
    assert export(owner)["rubric"] == "2026.1"


def test_a_result_of_before_stays_as_it_was_and_is_bridged(app: Flask, released: Callable[[], Flask]) -> None:
    owner = Owner(app.test_client()).start(name="Wing Fat").answer_all().submit()
    first = export(owner)
    site = released()
    owner.client = site.test_client()
    owner.client.get("/?lang=en")

    owner.get("/result")

    assert f"Under rubric version {NEWEST} these answers would give" in content(owner.text)
    assert {**export(owner), "exported_at": ""} == {**first, "exported_at": ""}
