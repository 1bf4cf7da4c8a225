"""A newer version of the questions: looked at, moved to, undone, compared; and nothing that was said is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from readiness.cli import main as run_command
from readiness.library.canonical import canonical
from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.models import Assessment, StoredRubric
from readiness.services import upkeep
from readiness.services.database import db, now, writing
from readiness.services.triggers import drop_triggers
from readiness.services.vouching import released_digests
from readiness.settings import Settings
from readiness.web.limits import limiter
from tests.next_version import REWORDED, add_version, copy_of_rubric
from tests.web.conftest import LEVELS, Owner, everything_stored

HALVED = {"1": 1, "2": 1, "3": 2, "4": 4, "5": None}
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def wider(tmp_path_factory: pytest.TempPathFactory) -> RubricVersion:
    """Return a second version that asks three questions more."""
    return add_version(copy_of_rubric(tmp_path_factory.mktemp("wider") / "rubric"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the versions after 2026.1 are made."""
    return copy_of_rubric(tmp_path_factory.mktemp("changed") / "rubric")


@pytest.fixture(scope="module")
def changed(folder: Path) -> RubricVersion:
    """Return a second version in which something of every kind changed."""
    return add_version(
        folder,
        new=["genai_risk"],
        retired=["reference_data"],
        reworded=["ai_literacy"],
        counterparts={"data_quality": HALVED},
        gate=True,
    )


@pytest.fixture(scope="module")
def third(folder: Path, changed: RubricVersion) -> RubricVersion:
    """Return the version after that."""
    return add_version(
        folder, "2026.3", changed.id, new=["genai_value"], retired=["genai_risk"], reworded=["ai_talent"]
    )


def publish(app: Flask, *versions: RubricVersion) -> None:
    """Store versions as published ones of the release, each a minute after the one before."""
    with app.app_context(), writing() as session:
        released_digests().update({version.id: version.digest for version in versions})
        for minutes, version in enumerate(versions, start=1):
            session.add(
                StoredRubric(
                    number=version.id,
                    digest=version.digest,
                    state="published",
                    document=canonical(version.document),
                    released=True,
                    created_at=now() + timedelta(minutes=minutes),
                )
            )


def move(owner: Owner) -> Any:
    """Open the preview and move."""
    owner.get("/move")
    to = re.search(r'name="to" value="([^"]+)"', owner.text)
    assert to, owner.text
    return owner.post(f"/assessments/{owner.token}/move", to=to[1])


def undo(owner: Owner) -> Any:
    """Open the page that asks, and undo the move."""
    owner.get("/move/undo")
    seen = re.search(r'name="seen" value="([^"]+)"', owner.text)
    assert seen, owner.text
    return owner.post(f"/assessments/{owner.token}/move/undo", seen=seen[1])


def export(owner: Owner, path: str = "/export.json") -> dict[str, Any]:
    return json.loads(owner.client.get(f"/assessments/{owner.token}{path}").get_data(as_text=True))


def content(page: str) -> str:
    return " ".join(" ".join(lxml.html.fromstring(page).xpath("//main//text()")).split())


def without_moments(stored: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    return {table: rows for table, rows in stored.items() if table != "loaded"}


# The offer


def test_without_a_newer_version_nothing_is_offered(owner: Owner) -> None:
    owner.start().answer_all()

    for path in ("/questions/ai_talent", "/check"):
        assert "newer version" not in content(owner.get(path).get_data(as_text=True))
    assert owner.get("/move").request.path.endswith("/check")


def test_a_draft_is_offered_the_newer_version_in_one_line(owner: Owner, app: Flask, wider: RubricVersion) -> None:
    owner.start().answer("ai_talent", 3)
    publish(app, wider)

    for path in ("", "/questions/ai_talent", "/check"):
        assert owner.get(path).get_data(as_text=True).count("There is a newer version of the questions (2026.2).") == 1


@SQLITE
def test_a_version_without_a_way_from_the_old_one_is_not_offered(
    owner: Owner, app: Flask, third: RubricVersion
) -> None:
    owner.start().answer("ai_talent", 3)
    publish(app, third)  # 2026.2, from which it maps, was never published here

    assert "newer version" not in content(owner.get("/check").get_data(as_text=True))


# The preview


def test_the_preview_says_what_becomes_of_every_answer_and_changes_nothing(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    before = everything_stored(app)

    said = content(owner.get("/move").get_data(as_text=True))

    assert "9 answers are carried over as they are." in said
    assert "1 answer is carried over and to be confirmed: the wording changed." in said
    assert "1 answer takes its matching place." in said
    assert "1 answer has no place any more: it is kept, but not counted." in said
    assert "1 question is new." in said
    for id in LEVELS:
        versions = [app_version(app, "2026.1"), changed]
        assert any(version.texts["en"].get(f"questions.{id}.text", "-") in said for version in versions), id
    assert everything_stored(app) == before


def test_the_preview_tells_what_the_rubric_changes_from_what_the_person_changed(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    # 41/12 is 3.4; without reference data (4) and with data quality at 2 it is 36/11: 3.3 of eleven answered in twelve.
    owner.start().answer_all()
    publish(app, changed)

    said = content(owner.get("/move").get_data(as_text=True))

    assert "What you changed Nothing: moving changes none of your answers." in said
    assert "What the rubric changed The score goes from 3.4 to 3.3; the band stays AI Aware." in said
    assert "11 of 12" in said


def test_the_preview_says_when_another_band_is_reached_by_a_moved_cut_off(
    owner: Owner, app: Flask, tmp_path: Path
) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    add_version(folder, new=())
    path = folder / "versions" / "2026.2" / "rubric.yaml"
    rubric = json.loads(path.read_text("utf-8"))
    next(band for band in rubric["bands"] if band["id"] == "ready")["floor"] = "3.4"
    path.write_text(json.dumps(rubric, ensure_ascii=False), "utf-8")
    owner.start().answer_all()
    publish(app, read_rubric_folder(path.parent))

    said = content(owner.get("/move").get_data(as_text=True))

    assert "The score stays 3.4; the band goes from AI Aware to AI Ready. The bands begin at other scores now." in said


def test_the_preview_says_honestly_that_a_band_is_lost(owner: Owner, app: Flask, wider: RubricVersion) -> None:
    owner.start().answer_all(ai_talent=None)
    publish(app, wider)

    said = content(owner.get("/move").get_data(as_text=True))

    assert "There is no band any more: 11 of 15 areas are answered, and 12 are needed." in said


def test_the_preview_tells_apart_what_the_person_changed_since_the_last_result(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 5)
    publish(app, changed)

    said = content(owner.get("/move").get_data(as_text=True))

    assert (
        "What you changed Since your last result: "
        "The score goes from 3.4 to 3.8, the band from AI Aware to AI Ready." in said
    )
    assert "What the rubric changed The score goes from 3.8 to 3.6; the band stays AI Ready." in said


# Moving


def test_moving_makes_a_new_revision_and_leaves_the_old_one_as_it_was(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all()
    owner.answer("reference_data", 4, note="Ask Mei.")
    publish(app, changed)
    before = without_moments(everything_stored(app))

    response = move(owner)

    assert response.headers["Location"].endswith("/check")
    after = without_moments(everything_stored(app))
    for table in ("answer", "answer_change", "link", "plan"):
        assert [row for row in before[table] if row not in after[table]] == [], table
    found = export(owner)
    assert found["rubric"] == "2026.2"
    assert found["company"] == {"name": "Harbour Foods Ltd"}
    assert found["answers"] == {**{k: v for k, v in LEVELS.items() if k != "reference_data"}, "data_quality": 2}
    assert found["kept_aside"] == [
        {"rubric": "2026.1", "question": "reference_data", "answer": 4, "note": "Ask Mei.", "reason": "retired"}
    ]
    with app.app_context():
        rows = db.session.execute(sa.select(Assessment.revision, Assessment.status).order_by(Assessment.revision)).all()
    assert [tuple(row) for row in rows] == [(1, "moved"), (2, "draft")]


def test_the_check_page_asks_to_confirm_first_and_shows_what_is_kept_aside(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)

    said = content(owner.get("/check").get_data(as_text=True))

    assert said.index("Please confirm") < said.index(REWORDED[0]) < said.index("All other answers")
    assert said.index("All other answers") < said.index("Kept, but not counted")
    assert "The newer version does not ask this any more. Rubric version 2026.1" in said
    assert "1 question is not answered yet." in said
    assert "Undo the move" in said
    assert "earlier result" not in said


@pytest.mark.parametrize("level", [3, 5], ids=["the same answer", "another answer"])
def test_saving_an_answer_confirms_it(owner: Owner, app: Flask, changed: RubricVersion, level: int) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/questions/ai_literacy")
    assert "please look at your answer and save it" in owner.text

    assert owner.answer("ai_literacy", level).status_code == 302

    owner.get("/questions/ai_literacy")
    assert "please look at your answer and save it" not in owner.text
    assert "Please confirm" not in content(owner.get("/check").get_data(as_text=True))
    assert export(owner)["answers"]["ai_literacy"] == level


def test_an_answer_to_be_confirmed_counts_in_the_result(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)

    owner.submit()

    assert "Your company is AI Aware: 3.3 of 5." in owner.text
    assert export(owner)["kept_aside"][0]["question"] == "reference_data"


@SQLITE
def test_an_export_with_something_kept_aside_can_be_scored_and_holds(
    owner: Owner, app: Flask, changed: RubricVersion, folder: Path, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.submit()
    file = tmp_path / "export.json"
    file.write_bytes(owner.client.get(f"/assessments/{owner.token}/export.json").data)
    monkeypatch.setenv("READINESS_RUBRIC_FOLDER", str(folder))
    monkeypatch.setenv("READINESS_INSTANCE_FOLDER", str(tmp_path / "nothing"))
    monkeypatch.delenv("READINESS_DATABASE", raising=False)

    for command, status in (("score", 0), ("verify", 0)):
        monkeypatch.setattr("sys.argv", ["readiness", command, str(file)])
        with pytest.raises(SystemExit) as ended:
            run_command()
        assert ended.value.code == status or not ended.value.code, capsys.readouterr()


def test_several_versions_are_moved_over_at_once(
    owner: Owner, app: Flask, changed: RubricVersion, third: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed, third)

    move(owner)

    found = export(owner)
    assert found["rubric"] == "2026.3"
    assert found["answers"]["data_quality"] == 2
    said = content(owner.get("/check").get_data(as_text=True))
    assert said.index("Please confirm") < said.index(f"3. {REWORDED[0]}") < said.index("All other answers")


def test_moving_twice_is_moving_once(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    owner.get("/move")
    page = owner.page
    to = re.search(r'name="to" value="([^"]+)"', owner.text)
    assert to
    move(owner)
    once = everything_stored(app)
    owner.page = page

    again = owner.post(f"/assessments/{owner.token}/move", to=to[1])

    assert again.status_code == 302
    assert everything_stored(app) == once


def test_two_windows_that_move_at_once_make_one_move(
    owner: Owner, app: Flask, changed: RubricVersion, make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    owner.get("/move")
    to = re.search(r'name="to" value="([^"]+)"', owner.text)
    assert to
    second = make_app(settings)
    with second.app_context():
        released_digests()[changed.id] = changed.digest
    other = Owner(second.test_client())
    other.token = owner.token
    other.get("/move")
    barrier = Barrier(2)

    def post(window: Owner) -> int:
        barrier.wait()
        return window.post(f"/assessments/{owner.token}/move", to=to[1]).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(post, (owner, other)))

    assert statuses == [302, 302]
    with app.app_context():
        states = sorted(db.session.scalars(sa.select(Assessment.status)))
    assert states == ["draft", "moved"]


def test_an_answer_saved_while_another_window_moves_is_not_lost(
    owner: Owner, app: Flask, wider: RubricVersion, make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    owner.start().answer_all()
    publish(app, wider)
    other = Owner(make_app(settings).test_client())
    other.token = owner.token
    for level in (1, 2, 4, 5):
        other.get("/questions/ai_talent")
        version = re.search(r'name="version"[^>]*value="([^"]*)"', other.text)
        assert version
        owner.get("/move")
        to = re.search(r'name="to" value="([^"]+)"', owner.text)
        assert to
        barrier = Barrier(2)

        def save(seen: str = version[1], value: int = level, barrier: Barrier = barrier) -> int:
            barrier.wait()
            return other.post(
                f"/assessments/{other.token}/questions/ai_talent",
                answer=value, version=seen, rubric="2026.1", then="continue",
            ).status_code  # fmt: skip

        def go(to: str = to[1], barrier: Barrier = barrier) -> int:
            barrier.wait()
            return owner.post(f"/assessments/{owner.token}/move", to=to).status_code

        with ThreadPoolExecutor(2) as pool:
            statuses = [pool.submit(save), pool.submit(go)]

        assert [each.result() for each in statuses] == [302, 302]
        assert export(owner)["answers"]["ai_talent"] == level
        assert export(owner)["rubric"] == "2026.2"
        undo(owner)


# A page of the other version that was open meanwhile


def test_a_question_that_is_the_same_is_saved_from_a_page_of_the_old_version(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    owner.get("/questions/ai_talent")
    page = owner.page
    publish(app, changed)
    move(owner)
    owner.page = page

    response = owner.post(
        f"/assessments/{owner.token}/questions/ai_talent", answer=5, version=1, rubric="2026.1", then="continue"
    )

    assert response.status_code == 302
    assert export(owner)["answers"]["ai_talent"] == 5


def test_the_same_question_changed_on_both_sides_of_a_move_shows_both(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.answer("ai_talent", 1)

    response = owner.post(
        f"/assessments/{owner.token}/questions/ai_talent", answer=5, version=1, rubric="2026.1", then="continue"
    )

    assert response.status_code == 409
    assert "Two answers to one question" in response.get_data(as_text=True)


@pytest.mark.parametrize("id", ["ai_literacy", "data_quality", "reference_data"])
def test_a_question_that_changed_is_not_saved_from_a_page_of_the_old_version_and_shown_instead(
    owner: Owner, app: Flask, changed: RubricVersion, id: str
) -> None:
    owner.start().answer_all()
    owner.get(f"/questions/{id}")
    page = owner.page
    publish(app, changed)
    move(owner)
    before = everything_stored(app)
    owner.page = page

    response = owner.post(
        f"/assessments/{owner.token}/questions/{id}",
        answer=2, version=1, rubric="2026.1", then="continue", note="Ask Mei.",
    )  # fmt: skip

    said = content(response.get_data(as_text=True))
    old = app_version(app, "2026.1").texts["en"]
    assert response.status_code == 409
    assert "Your answers are on version 2026.2 now" in said
    for text in (old[f"questions.{id}.text"], old[f"questions.{id}.levels.2.text"], "Ask Mei."):
        assert " ".join(text.split()) in said
    assert everything_stored(app) == before


def test_finishing_from_a_page_of_the_old_version_shows_the_answers_first(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    owner.get("/submit")
    page = owner.page
    publish(app, changed)
    move(owner)
    owner.page = page

    response = owner.post(f"/assessments/{owner.token}/submit", rubric="2026.1")

    assert response.headers["Location"].endswith("/check")
    assert "result" not in export(owner)


@SQLITE
@pytest.mark.parametrize("rubric", ["2099.9", "", "x" * 300, "2026.2"])
def test_a_page_of_a_version_that_is_not_there_saves_nothing(owner: Owner, app: Flask, rubric: str) -> None:
    owner.start()
    owner.get("/questions/ai_talent")
    before = everything_stored(app)

    response = owner.post(
        f"/assessments/{owner.token}/questions/ai_talent", answer=5, version=0, rubric=rubric, then="continue"
    )

    assert response.status_code == 404
    assert everything_stored(app) == before


# Undoing


def test_undoing_restores_every_row_as_it_was(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start(name="Harbour Foods Ltd", sector="education").answer_all(ai_governance="not_sure")
    owner.answer("ai_risk_control", 2, note="Ask Mei.")
    publish(app, changed)
    before = everything_stored(app)
    move(owner)
    assert everything_stored(app) != before

    response = undo(owner)

    assert response.headers["Location"].endswith("/check")
    assert everything_stored(app) == before
    assert export(owner)["rubric"] == "2026.1"


def test_undoing_twice_is_undoing_once(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/move/undo")
    page = owner.page
    undo(owner)
    once = everything_stored(app)
    owner.page = page

    assert owner.post(f"/assessments/{owner.token}/move/undo", seen="0").status_code == 302

    assert everything_stored(app) == once


def test_what_was_said_since_the_move_is_named_before_undoing_and_kept_after(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    old = export(owner)["answers"]
    move(owner)
    owner.answer("genai_risk", 3, note="Ask Mei.")
    owner.answer("ai_talent", 5)

    said = content(owner.get("/move/undo").get_data(as_text=True))
    undo(owner)

    assert changed.texts["en"]["questions.genai_risk.text"] in said
    found = export(owner)
    assert (found["rubric"], found["answers"]) == ("2026.1", old)
    assert found["kept_aside"] == [
        {"rubric": "2026.2", "question": "ai_talent", "answer": 5, "reason": "undone"},
        {"rubric": "2026.2", "question": "genai_risk", "answer": 3, "note": "Ask Mei.", "reason": "undone"},
    ]
    assert "You said this on the newer version before you went back." in content(
        owner.get("/check").get_data(as_text=True)
    )


def test_what_was_said_on_new_questions_is_put_in_again_by_the_next_move(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.answer("genai_risk", 3, note="Ask Mei.")
    owner.answer("ai_talent", 5)
    undo(owner)

    move(owner)

    found = export(owner)
    assert (found["answers"]["genai_risk"], found["notes"]["genai_risk"]) == (3, "Ask Mei.")
    assert found["answers"]["ai_talent"] == LEVELS["ai_talent"]
    assert [(each["question"], each["reason"]) for each in found["kept_aside"]] == [
        ("reference_data", "retired"), ("ai_talent", "undone"),
    ]  # fmt: skip
    owner.submit()
    assert owner.page.status_code == 200


def test_undoing_asks_again_if_more_was_said_meanwhile(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/move/undo")
    page = owner.page
    owner.answer("genai_risk", 3)
    owner.page = page

    response = owner.post(f"/assessments/{owner.token}/move/undo", seen="0")

    assert response.status_code == 409
    assert "More was said on the newer version while this page was open." in response.get_data(as_text=True)
    assert export(owner)["rubric"] == "2026.2"


def test_what_is_said_about_the_company_belongs_to_no_version_and_stays(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/company")
    version = re.search(r'name="version"[^>]*value="([^"]*)"', owner.text)
    assert version
    owner.post(f"/assessments/{owner.token}/company", name="Harbour Foods", version=version[1])

    assert "What you changed about the company stays changed." in content(
        owner.get("/move/undo").get_data(as_text=True)
    )
    undo(owner)

    assert export(owner)["company"] == {"name": "Harbour Foods"}


def test_links_open_the_moved_draft_and_after_undoing_the_old_one(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    before = owner.give("edit")
    move(owner)
    meanwhile = owner.give("edit")
    opened = {}

    for moment in ("moved", "undone"):
        for token in (owner.token, before, meanwhile):
            answer = owner.client.get(f"/assessments/{token}/export.json")
            opened[moment, token] = answer.get_json()["rubric"]
        if moment == "moved":
            undo(owner)

    assert set(opened[key] for key in opened if key[0] == "moved") == {"2026.2"}
    assert set(opened[key] for key in opened if key[0] == "undone") == {"2026.1"}


def test_after_an_undone_move_the_old_draft_is_finished_and_changed_as_ever(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.answer("genai_risk", 3)
    undo(owner)

    owner.submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 5)
    owner.submit()

    assert "Your company is AI Ready: 3.8 of 5." in owner.text
    assert export(owner)["kept_aside"][0]["question"] == "genai_risk"
    assert owner.get("/results/2").status_code == 404  # the draft whose move was undone
    assert "3.4" in content(owner.get("/results/1").get_data(as_text=True))


def test_deleting_everything_deletes_what_was_moved_and_kept_aside_too(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all()
    publish(app, changed)
    move(owner)
    owner.answer("genai_risk", 3)
    undo(owner)
    move(owner)
    owner.get("/delete")

    owner.post(f"/assessments/{owner.token}/delete")

    left = everything_stored(app)
    assert {table: left[table] for table in ("assessment", "answer", "answer_aside", "answer_change", "link")} == {
        "assessment": [], "answer": [], "answer_aside": [], "answer_change": [], "link": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": "gone"}, "status_is_known"),
        ({"status": "draft"}, "assessment"),  # the family has a draft already
        ({"moved_from_id": "0" * 32}, "(?i)foreign key"),
    ],
    ids=["an unknown status", "two drafts", "moved from nowhere"],
)
def test_the_database_refuses_what_no_move_makes(
    owner: Owner, app: Flask, changed: RubricVersion, values: dict[str, str], constraint: str
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)

    names = ", ".join(f"{name} = :{name}" for name in values)
    statement = sa.text(f"UPDATE assessment SET {names} WHERE revision = 1")  # noqa: S608

    with app.app_context(), db.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match=constraint):
        connection.execute(statement, values)


def test_a_finished_assessment_has_no_move_to_undo(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/move/undo")
    page = owner.page
    owner.submit()
    before = everything_stored(app)
    owner.page = page

    owner.post(f"/assessments/{owner.token}/move/undo", seen="0")

    assert everything_stored(app) == before
    assert owner.get("/move/undo").request.path.endswith("/result")


# A finished assessment


def test_a_result_stays_and_says_what_its_answers_would_give(owner: Owner, app: Flask, wider: RubricVersion) -> None:
    owner.start().answer_all().submit()
    first = export(owner)
    publish(app, wider)

    said = content(owner.get("/result").get_data(as_text=True))

    assert (
        "Under rubric version 2026.2 these answers would give 3.4, AI Aware. "
        "3 questions are new and count as unanswered." in said
    )
    assert "Your company is AI Aware: 3.4 of 5." in owner.text
    assert {k: v for k, v in export(owner).items() if k != "exported_at"} == {
        k: v for k, v in first.items() if k != "exported_at"
    }


def test_a_result_is_not_given_a_band_under_a_version_of_which_too_little_is_answered(
    owner: Owner, app: Flask, wider: RubricVersion
) -> None:
    owner.start().answer_all(ai_talent=None).submit()
    publish(app, wider)

    said = content(owner.get("/result").get_data(as_text=True))

    assert (
        "Under rubric version 2026.2 these answers would give no band: 11 of 15 areas are answered, "
        "and 12 are needed. 3 questions are new and count as unanswered." in said
    )


def test_changing_a_result_of_an_old_version_goes_through_the_preview(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all().submit()
    publish(app, changed)

    owner.get("/result")
    assert f'href="/assessments/{owner.token}/move"' in owner.text
    move(owner)
    said = content(owner.get("/check").get_data(as_text=True))

    assert export(owner)["rubric"] == "2026.2"
    assert export(owner, "/results/1/export.json")["rubric"] == "2026.1"
    assert "You are changing the answers of an earlier result." in said
    assert "Undo the move" not in said  # dropping the changes is the way back


def test_changing_a_result_may_stay_on_its_version(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all().submit()
    publish(app, changed)
    said = content(owner.get("/move").get_data(as_text=True))

    owner.post(f"/assessments/{owner.token}/revise")

    assert "Your result was made with version 2026.1, and stays." in said
    assert "Stay on version 2026.1" in said
    assert export(owner)["rubric"] == "2026.1"
    assert "There is a newer version of the questions (2026.2)." in owner.get("/check").get_data(as_text=True)


def test_dropping_the_changes_after_a_move_leads_back_to_the_result_and_leaves_no_draft(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all().submit()
    publish(app, changed)
    before = everything_stored(app)
    owner.get("/move")
    owner.post(f"/assessments/{owner.token}/revise")
    move(owner)
    assert export(owner)["rubric"] == "2026.2"
    owner.get("/check")

    owner.post(f"/assessments/{owner.token}/drop")

    assert everything_stored(app) == before


def test_results_of_two_versions_stand_side_by_side_with_what_changed_them_told_apart(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all().submit()
    publish(app, changed)
    move(owner)
    for id, level in (("ai_governance", 5), ("genai_risk", 5)):
        owner.answer(id, level)
    owner.submit()

    said = content(owner.get("/compare/2/1").get_data(as_text=True))

    assert "What the rubric changed (from A to B) The score goes from 3.4 to 3.3; the band stays AI Aware." in said
    assert "1 question is new and counts as unanswered." in said
    assert "What you changed (from B to C) The score goes from 3.3 to 3.8, the band from AI Aware to AI Ready." in said
    rows = {
        row.xpath("string(th)"): [" ".join(cell.xpath("string(.)").split()) for cell in row.xpath("td")]
        for row in lxml.html.fromstring(owner.text).xpath("//tbody/tr")
    }
    assert rows["AI governance"] == ["1", "1", "5", "your answers"]
    assert rows["Data quality"] == ["3", "2", "2", "the rubric"]
    assert rows["Reference data"] == ["4", "not asked", "not asked", "asked no more"]
    assert rows["Generative AI: risk"] == ["not asked", "–Not answered", "5", "new, your answers"]
    assert rows["AI talent"] == ["3", "3", "3", ""]


def test_two_results_of_one_version_differ_by_the_person_alone(owner: Owner) -> None:
    owner.start().answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 5)
    owner.submit()

    said = content(owner.get("/compare/1/2").get_data(as_text=True))

    assert "What you changed (from A to B) The score goes from 3.4 to 3.8, the band from AI Aware to AI Ready." in said
    assert "What the rubric changed" not in said


def test_a_result_is_compared_with_what_it_would_be_under_the_newest_version(
    owner: Owner, app: Flask, wider: RubricVersion
) -> None:
    owner.start().answer_all().submit()
    publish(app, wider)

    said = content(owner.get("/compare").get_data(as_text=True))

    assert "12 of 15 areas answered" in said
    assert "Nothing: it stays 3.4, AI Aware. 3 questions are new and count as unanswered." in said
    assert "What you changed Nothing: these are the same answers." in said


def test_there_is_nothing_to_compare_without_results(owner: Owner) -> None:
    owner.start().answer_all()

    assert owner.get("/compare").request.path.endswith("/check")
    owner.submit()
    assert owner.get("/compare").request.path.endswith("/result")
    for path in ("/compare/1/1", "/compare/1/2", "/compare/7/8", "/compare/0/1", "/compare/1/9999999"):
        assert owner.get(path).status_code == 404, path


# Attacks, languages, cost


@SQLITE
def test_opening_pages_moves_nothing_and_undoes_nothing(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    drafted = everything_stored(app)
    owner.get("/move")
    assert everything_stored(app) == drafted
    move(owner)
    moved = everything_stored(app)

    for path in ("/move", "/move/undo", "/check", "/compare"):
        owner.get(path)

    assert everything_stored(app) == moved


@SQLITE
def test_a_form_without_its_token_neither_moves_nor_undoes(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all()
    publish(app, changed)
    owner.get("/move")
    to = re.search(r'name="to" value="([^"]+)"', owner.text)
    assert to
    drafted = everything_stored(app)

    refused = owner.client.post(f"/assessments/{owner.token}/move", data={"to": to[1]})

    assert refused.status_code == 400
    assert "Not saved yet" in refused.get_data(as_text=True)
    assert everything_stored(app) == drafted
    move(owner)
    moved = everything_stored(app)
    assert owner.client.post(f"/assessments/{owner.token}/move/undo", data={"seen": "0"}).status_code == 400
    assert everything_stored(app) == moved


@SQLITE
def test_a_reading_link_neither_moves_nor_compares_nor_sees_what_is_kept_aside(
    owner: Owner, app: Flask, changed: RubricVersion
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.submit()
    reading = owner.give("read")
    before = everything_stored(app)
    csrf = owner.token_of_the_form

    answers = [owner.client.get(f"/assessments/{reading}{path}") for path in ("/move", "/move/undo", "/compare")]
    answers += [
        owner.client.post(f"/assessments/{reading}{path}", data={"csrf_token": csrf, "to": "x", "seen": "0"})
        for path in ("/move", "/move/undo")
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert "kept_aside" not in owner.client.get(f"/assessments/{reading}/export.json").get_json()
    assert everything_stored(app) == before


@SQLITE
@pytest.mark.parametrize("to", ["", "x", "0" * 32, "1.5", "00000000-0000-0000-0000-000000000000"])
def test_a_version_that_was_not_offered_is_not_moved_to(
    owner: Owner, app: Flask, changed: RubricVersion, to: str
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    owner.get("/move")
    before = everything_stored(app)

    response = owner.post(f"/assessments/{owner.token}/move", to=to)

    assert response.status_code in (200, 409)
    assert "Move to version 2026.2" in response.get_data(as_text=True)
    assert everything_stored(app) == before


@SQLITE
@pytest.mark.parametrize("seen", ["", "-1", "1", "x", "9" * 30])
def test_undoing_needs_to_have_been_shown_what_it_does(
    owner: Owner, app: Flask, changed: RubricVersion, seen: str
) -> None:
    owner.start().answer_all()
    publish(app, changed)
    move(owner)
    owner.get("/move/undo")
    before = everything_stored(app)

    assert owner.post(f"/assessments/{owner.token}/move/undo", seen=seen).status_code == 409

    assert everything_stored(app) == before


@SQLITE
def test_the_pages_take_few_statements(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    owner.start().answer_all().submit()
    publish(app, changed)
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    counts = {}

    @sa.event.listens_for(engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    def visit(*paths: str) -> None:
        for path in paths:
            owner.get(path)  # documents are read once in each process
            statements.clear()
            owner.get(path)
            counts[f"{len(counts)} {path}"] = len(statements)

    visit("/result", "/move", "/compare")
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    visit("/check", "/questions/ai_talent", "/move")
    move(owner)
    visit("/check", "/questions/ai_literacy", "/move/undo", "/submit", "/export.json")
    owner.submit()
    visit("/result", "/compare/1/3")

    assert max(counts.values()) <= 6, counts


@SQLITE
@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_the_pages_speak_chinese(client: FlaskClient, app: Flask, changed: RubricVersion, language: str) -> None:
    owner = Owner(client, language).start(name="海港食品").answer_all()
    publish(app, changed)
    pages = [owner.get(path).get_data(as_text=True) for path in ("/check", "/move")]
    move(owner)
    owner.answer("genai_risk", 3)
    pages += [owner.get(path).get_data(as_text=True) for path in ("/check", "/questions/ai_literacy", "/move/undo")]

    for page in pages:
        words = set(re.findall(r"[A-Za-z]{4,}", content(page).replace("ChatGPT", "").replace("DeepSeek", "")))
        assert words & {"version", "questions", "answer", "answers", "move", "back", "changed", "Kept"} == set()


# What must hold of any answers


levels = st.one_of(st.integers(1, 5), st.just("not_sure"))


@SQLITE
@settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    said=st.fixed_dictionaries(
        {}, optional={**dict.fromkeys(LEVELS, levels), "reference_data": st.just("not_applicable")}
    ),
    later=st.fixed_dictionaries({}, optional={"genai_risk": levels, "ai_literacy": levels}),
)
def test_moving_and_undoing_any_answers_loses_nothing_and_restores_every_row(
    app: Flask, changed: RubricVersion, said: dict[str, Any], later: dict[str, Any]
) -> None:
    limiter.reset()
    with app.app_context(), writing() as session:
        # The database would keep the version that the example before published.
        drop_triggers(session.connection())
        session.execute(sa.delete(Assessment))
        session.execute(sa.delete(StoredRubric).where(StoredRubric.number == changed.id))
    owner = Owner(app.test_client()).start()
    for id, level in said.items():
        owner.answer(id, level)
    publish(app, changed)
    before = everything_stored(app)

    move(owner)
    moved = export(owner)
    kept = {each["question"] for each in moved.get("kept_aside", [])}
    assert set(said) <= set(moved["answers"]) | kept
    undo(owner)
    assert everything_stored(app) == before

    move(owner)
    for id, level in later.items():
        owner.answer(id, level)
    confirmed = dict(export(owner)["answers"])
    undo(owner)
    restored = export(owner)
    assert restored["answers"] == {id: said[id] for id in restored["answers"]}
    assert set(restored["answers"]) == set(said)
    asides = {each["question"]: each["answer"] for each in restored.get("kept_aside", [])}
    assert asides == {id: confirmed[id] for id in later}


def test_what_is_moved_is_kept_as_long_as_what_is_not(owner: Owner, app: Flask, changed: RubricVersion) -> None:
    # The old draft, without an answer, is no longer the whole of it.
    response = owner.post("/assessments")
    owner.token = response.headers["Location"].split("/")[2]
    publish(app, changed)
    move(owner)
    owner.answer("genai_risk", 3)

    with app.app_context():
        done = upkeep.tick(now() + timedelta(days=30), 24)
        later = upkeep.tick(now() + timedelta(days=900), 24)

    assert (done.unanswered, later.expired) == (0, 1)
    assert everything_stored(app)["assessment"] == []


def app_version(app: Flask, number: str) -> RubricVersion:
    from readiness.services.versions import rubric_of

    with app.app_context():
        return rubric_of(db.session.scalars(sa.select(StoredRubric).where(StoredRubric.number == number)).one())
