"""Answering again, after an action and after half a year; then and now; and what is printed stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from readiness.documents import charts
from readiness.library.rubrics import RubricVersion
from readiness.services.database import db, now
from tests.guided.conftest import Consultant
from tests.guided.test_evidence import judge
from tests.guided.test_following import actions_of, card, change, follow
from tests.next_version import add_version, copy_of_rubric
from tests.web.conftest import Owner, everything_stored
from tests.web.test_moving import content, publish

Engaged = Callable[..., tuple[Owner, Consultant]]
GOVERNANCE = "ai_governance"


@pytest.fixture
def finished(owner: Owner) -> Owner:
    """Return an owner whose plan was made."""
    return owner.start(name="Harbour Foods").answer_all().submit()


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> RubricVersion:
    """Return a second version that asks three questions more."""
    return add_version(copy_of_rubric(tmp_path_factory.mktemp("newer") / "rubric"))


def begin_again(owner: Owner) -> Any:
    """Open the page that says what it begins with, and begin."""
    owner.get("/again")
    to = re.search(r'name="to" value="([^"]*)"', owner.text)
    assert to, owner.text
    return owner.post(f"/assessments/{owner.token}/again", to=to[1])


def assess_again(owner: Owner, **changed: object) -> Owner:
    """Assess again with what has changed since."""
    assert begin_again(owner).status_code == 302
    for question, value in changed.items():
        assert owner.answer(question, value).status_code == 302
    return owner.submit()


def half_a_year_passes(app: Flask) -> None:
    """Move everything that is finished back by 190 days."""
    with app.app_context(), db.engine.begin() as connection:
        for table, columns in (("assessment", ("submitted_at", "saved_at")), ("plan", ("made_on",))):
            for row in connection.execute(sa.text(f"SELECT id, {', '.join(columns)} FROM {table}")).all():  # noqa: S608
                for column, value in zip(columns, row[1:], strict=True):
                    _back(connection, table, column, row[0], value)
        for id, document in connection.execute(sa.text("SELECT id, document FROM plan")).all():
            record = json.loads(document)
            record["review_on"] = (now() - timedelta(days=10)).date().isoformat()
            statement = sa.text("UPDATE plan SET document = :document WHERE id = :id")
            connection.execute(statement, {"document": json.dumps(record), "id": id})


def _back(connection: sa.Connection, table: str, column: str, id: object, value: object) -> None:
    if value is None:
        return
    if isinstance(value, str):
        from datetime import date, datetime

        earlier: object = (
            (date.fromisoformat(value) - timedelta(days=190)).isoformat()
            if len(value) == 10
            else str(datetime.fromisoformat(value) - timedelta(days=190))
        )
    else:
        earlier = value - timedelta(days=190)  # type: ignore[operator]
    connection.execute(sa.text(f"UPDATE {table} SET {column} = :value WHERE id = :id"), {"value": earlier, "id": id})  # noqa: S608


def occasions(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(sa.text("SELECT occasion, status FROM assessment ORDER BY revision")).all()
    return [(row[0], row[1]) for row in rows]


def to_confirm(app: Flask) -> set[str]:
    """Return the questions of the draft that stand to be confirmed."""
    with app.app_context():
        statement = (
            "SELECT question_id FROM answer JOIN assessment ON assessment.id = answer.assessment_id"
            " WHERE status = 'draft' AND to_confirm"
        )
        return set(db.session.scalars(sa.text(statement)))


def governance(owner: Owner) -> str:
    return next(each for each in actions_of(owner) if each.startswith(GOVERNANCE))


# One question again, after an action


def test_noting_an_action_as_done_changes_no_answer_and_offers_to_answer_again(finished: Owner, app: Flask) -> None:
    before = {table: rows for table, rows in everything_stored(app).items() if table in ("answer", "answer_change")}
    action = governance(finished)
    assert "Answer this question again" not in card(finished, action)

    follow(finished, action, state="done")

    assert "Answer this question again" in card(finished, action)
    assert {table: everything_stored(app)[table] for table in before} == before
    assert occasions(app) == [("first", "submitted")]


def test_answering_again_asks_that_question_and_says_which_level_was_to_be_reached(finished: Owner, app: Flask) -> None:
    action = governance(finished)
    follow(finished, action, state="done")
    finished.get("/actions")

    response = finished.post(f"/assessments/{finished.token}/actions/{action}/again")

    assert response.headers["Location"].endswith(f"/questions/{GOVERNANCE}")
    assert occasions(app) == [("first", "submitted"), ("change", "draft")]
    assert to_confirm(app) == {GOVERNANCE}
    page = finished.get(f"/questions/{GOVERNANCE}").get_data(as_text=True)
    assert "It was to reach level 2" in page
    assert 'value="1" checked' in page
    finished.get("/check")
    assert "Please confirm" in finished.text
    finished.answer(GOVERNANCE, 2)
    assert to_confirm(app) == set()
    assert "Answer this question again" not in card(finished, action)


def test_pressing_twice_goes_on_with_the_revision_that_was_begun(finished: Owner, app: Flask) -> None:
    action = governance(finished)
    follow(finished, action, state="done")
    for _ in range(2):
        finished.get("/actions")
        finished.post(f"/assessments/{finished.token}/actions/{action}/again")
    finished.answer("ai_talent", 5)
    finished.get("/actions")
    finished.post(f"/assessments/{finished.token}/actions/{action}/again")

    assert occasions(app) == [("first", "submitted"), ("change", "draft")]
    assert to_confirm(app) == {GOVERNANCE}
    assert 'value="5" checked' in finished.get("/questions/ai_talent").get_data(as_text=True)


def test_a_question_that_nobody_asks_any_more_leads_to_the_answers(finished: Owner, app: Flask, tmp_path: Path) -> None:
    action = governance(finished)
    follow(finished, action, state="done")
    publish(app, add_version(copy_of_rubric(tmp_path / "rubric"), retired=[GOVERNANCE]))
    begin_again(finished)
    finished.get("/actions")

    response = finished.post(f"/assessments/{finished.token}/actions/{action}/again")

    assert response.headers["Location"].endswith("/check")
    assert "Answer this question again" not in card(finished, action)


# All questions again


def test_the_result_asks_to_assess_again_from_the_day_on_that_the_plan_names(finished: Owner, app: Flask) -> None:
    assert "Assess again now" in finished.get("/result").get_data(as_text=True)
    assert "Six months have passed" not in finished.text

    half_a_year_passes(app)

    assert "Six months have passed" in finished.get("/result").get_data(as_text=True)


def test_assessing_again_begins_with_every_answer_to_be_confirmed(finished: Owner, app: Flask) -> None:
    assert begin_again(finished).headers["Location"].endswith("/check")

    assert occasions(app) == [("first", "submitted"), ("again", "draft")]
    assert len(to_confirm(app)) == 12
    assert "your answers of last time" in finished.get("/check").get_data(as_text=True)
    assert "your answer of last time" in finished.get(f"/questions/{GOVERNANCE}").get_data(as_text=True)
    finished.answer(GOVERNANCE, 1)
    assert len(to_confirm(app)) == 11
    assert "11 answers are not confirmed yet" in finished.get("/submit").get_data(as_text=True)


def test_answers_that_stand_to_be_confirmed_are_not_called_complete(finished: Owner) -> None:
    begin_again(finished)
    assert "12 answered, 12 to confirm." in finished.get("/check").get_data(as_text=True)
    assert "All questions are answered" not in finished.text

    finished.answer_all()

    assert "All questions are answered." in finished.get("/check").get_data(as_text=True)


def test_what_a_consultant_checked_is_said_to_be_graded_anew(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, "data_quality", "checked")
    owner.submit()
    anew, held = "the answers are to be graded anew", "Levels that are held back stay so"
    assert anew in owner.get("/again").get_data(as_text=True)
    assert held not in owner.text

    owner.post(f"/assessments/{owner.token}/revise")
    judge(consultant, "ai_talent", "checked", "2", "Left in May")
    # What is graded in changes that were begun holds when they become the new assessment.
    assert anew not in owner.get("/again").get_data(as_text=True)
    owner.submit()

    assert anew in owner.get("/again").get_data(as_text=True)
    assert held in owner.text


def test_asked_twice_it_goes_on_with_the_one_begun(finished: Owner, app: Flask) -> None:
    begin_again(finished)
    finished.answer(GOVERNANCE, 3)

    finished.get("/check")
    finished.post(f"/assessments/{finished.token}/again", to="")

    assert occasions(app) == [("first", "submitted"), ("again", "draft")]
    assert len(to_confirm(app)) == 11


def test_changes_that_were_begun_become_part_of_it(finished: Owner, app: Flask) -> None:
    finished.post(f"/assessments/{finished.token}/revise")
    finished.answer("ai_talent", 5)

    begin_again(finished)

    assert occasions(app) == [("first", "submitted"), ("again", "draft")]
    assert "ai_talent" not in to_confirm(app)
    assert len(to_confirm(app)) == 11


def test_before_there_is_a_result_nothing_is_begun(owner: Owner, app: Flask) -> None:
    owner.start().answer_all()
    owner.get("/submit")

    owner.post(f"/assessments/{owner.token}/again", to="")

    assert occasions(app) == [("first", "draft")]
    assert to_confirm(app) == set()


def test_on_a_newer_version_it_begins_there_and_says_so(finished: Owner, app: Flask, newer: RubricVersion) -> None:
    publish(app, newer)
    finished.get("/again")
    assert newer.id in finished.text
    assert "3 questions are new" in finished.text

    assert begin_again(finished).status_code == 302

    assert occasions(app) == [("first", "submitted"), ("again", "draft")]
    assert len(to_confirm(app)) == 12
    assert f"Rubric version {newer.id}" in finished.submit().text


def test_a_version_that_came_out_meanwhile_is_shown_first(finished: Owner, app: Flask, newer: RubricVersion) -> None:
    finished.get("/again")
    publish(app, newer)

    finished.page = finished.post(f"/assessments/{finished.token}/again", to="")

    assert finished.page.status_code == 409
    assert newer.id in finished.text
    assert occasions(app) == [("first", "submitted")]


def test_what_is_moved_later_keeps_why_it_was_begun(finished: Owner, app: Flask, newer: RubricVersion) -> None:
    begin_again(finished)
    publish(app, newer)
    finished.get("/move")
    to = re.search(r'name="to" value="([^"]+)"', finished.text)
    assert to

    finished.post(f"/assessments/{finished.token}/move", to=to[1])

    assert occasions(app)[1:] == [("again", "moved"), ("again", "draft")]
    assert len(to_confirm(app)) == 12


def test_a_consultant_assesses_again_with_the_company(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged(submitted=True)

    assess_again(consultant.as_company(), ai_governance=4)

    assert occasions(app) == [("first", "submitted"), ("again", "submitted")]
    assert owner.get("/trend").status_code == 200


# Then and now


def test_there_is_no_trend_of_one_assessment_however_often_it_was_corrected(finished: Owner) -> None:
    finished.post(f"/assessments/{finished.token}/revise")
    finished.answer("ai_talent", 5)
    finished.submit()

    assert "how the results went on" not in finished.text
    assert "one assessment so far" in finished.get("/trend").get_data(as_text=True)


def test_the_trend_shows_then_and_now_and_a_correction_as_a_small_mark(finished: Owner, app: Flask) -> None:
    finished.post(f"/assessments/{finished.token}/revise")
    finished.answer("ai_talent", 5)
    finished.submit()
    half_a_year_passes(app)
    assess_again(finished, ai_governance=5)

    page = finished.get("/trend").get_data(as_text=True)

    svg = re.search(r"<svg[^>]*aria-label=\"Scores over time.*?</svg>", page, re.S)
    assert svg
    assert (svg[0].count("<circle"), svg[0].count("<path")) == (2, 1)
    text = content(page)
    assert "first assessment" in text
    assert "answers changed" in text
    assert "assessed again" in text
    assert re.search(r"AI governance[^–]*? 1 5 your answers", text), text
    assert re.search(r"AI talent[^–]*? 3 5 your answers", text), text
    assert "how the results went on" in finished.get("/result").get_data(as_text=True)


def test_across_versions_the_trend_tells_the_rubric_from_the_company(
    finished: Owner, app: Flask, tmp_path: Path
) -> None:
    halved = {"1": 1, "2": 1, "3": 2, "4": 4, "5": None}
    folder = copy_of_rubric(tmp_path / "rubric")
    version = add_version(folder, new=["genai_risk"], counterparts={"data_quality": halved})
    half_a_year_passes(app)
    publish(app, version)
    assess_again(finished, ai_governance=5, genai_risk=4)

    page = finished.get("/trend").get_data(as_text=True)

    assert version.id in page
    assert "The answers before give" in page
    text = content(page)
    assert "What the rubric changed" in text
    assert re.search(r"3 2 2 the rubric", text), text
    assert re.search(r"1 1 5 your answers", text), text
    circles = re.findall(r'<circle[^>]*fill="([^"]+)"', page)
    assert sorted(circles) == ["#0F4C5C", "#0F4C5C", "#FFFFFF"]
    compared = content(finished.get("/compare/1/2").get_data(as_text=True))
    assert re.search(r"3 2 2 the rubric", compared), compared


def checked_three_times(owner: Owner, consultant: Consultant) -> None:
    """Make three results: two levels held back; other answers, and none; one other level held back.

    The sums of the twelve levels: 42 by the answers and 39 as counted, 41 and 41, 41 and 38.
    """
    owner.answer_all(data_quality=4)
    judge(consultant, "ai_literacy", "said", "2", "Nobody was trained")
    judge(consultant, "data_quality", "checked", "2", "Half of it is on paper")
    owner.submit()
    begin_again(owner)
    owner.answer("data_quality", 2)
    owner.answer("ai_governance", 2)
    judge(consultant, "ai_literacy", "said")
    owner.submit()
    begin_again(owner)
    judge(consultant, "management_support", "checked", "1", "No budget")
    owner.submit()


def areas(page: str) -> dict[str, list[str]]:
    """Return the cells of the table of areas by the area's name."""
    table = lxml.html.fromstring(page).xpath("//section[@aria-labelledby='areas']//tbody/tr")
    return {
        row.xpath("string(th)"): [" ".join(cell.xpath("string(.)").split()) for cell in row.xpath("td")]
        for row in table
    }


def test_the_trend_counts_what_the_result_counts_and_tells_the_check_from_the_answers(engaged: Engaged) -> None:
    owner, consultant = engaged()
    checked_three_times(owner, consultant)
    listed = content(owner.get("/result").get_data(as_text=True))

    page = owner.get("/trend").get_data(as_text=True)

    text = content(page)
    drawn = re.search(r'aria-label="Scores over time: ([^"]*)"', page)
    assert drawn
    assert re.findall(r"(\d\.\d) on", drawn[1]) == ["3.3", "3.4", "3.2"]
    assert re.findall(r'font-size="14" font-weight="700"[^>]*>([^<]+)<', page) == ["3.3", "3.4", "3.2"]
    bands = re.findall(r"(?:first assessment|assessed again) AI Aware, (\d\.\d)", text)
    assert bands == ["3.3", "3.4", "3.2"]
    assert all(f"AI Aware {score}" in listed for score in bands)
    assert text.count("By your own answers") == 2
    assert "By your own answers 3.5, AI Ready." in text
    assert "By your own answers 3.4." in text
    assert (
        "What your answers and the consultant’s check changed The score goes from 3.3 to 3.2; the band stays AI Aware."
    ) in text
    assert "A consultant held back other levels in each of the two: part of the difference is that check." in text
    rows = areas(page)
    assert rows["AI literacy"] == ["2", "3", "the consultant’s check (by your own answers 3 both times)"]
    assert rows["Data quality"] == ["2", "2", "your answers, the consultant’s check (by your own answers 4 → 2)"]
    assert rows["AI governance"] == ["1", "2", "your answers"]
    assert rows["Management support"] == ["4", "1", "the consultant’s check (by your own answers 4 both times)"]
    assert sum(bool(row[-1]) for row in rows.values()) == 4
    printed = " ".join(text_of(owner.client.get(f"/assessments/{owner.token}/plan-en.pdf").data).split())
    assert "The score goes from 3.3 to 3.2" in printed
    assert "By your own answers 3.5, AI Ready." in printed
    assert "held back other levels in each of the two" in printed


def test_two_results_of_which_one_was_checked_are_not_compared_without_saying_so(engaged: Engaged) -> None:
    owner, consultant = engaged()
    checked_three_times(owner, consultant)

    earlier = content(owner.get("/compare/1/2").get_data(as_text=True))
    later = content(owner.get("/compare/2/3").get_data(as_text=True))

    assert "in the earlier result only: part of the difference is that check" in earlier
    assert "The score goes from 3.3 to 3.4" in earlier
    assert "By your own answers 3.5, AI Ready." in earlier
    assert "in the later result only: part of the difference is that check" in later
    assert "What the consultant’s check changed (from A to B) The score goes from 3.4 to 3.2" in later
    # Both of one day: the time tells them apart.
    assert len(re.findall(r"Result of \d+ \w+ \d{4}, \d\d:\d\d", later)) >= 2
    assert areas(owner.text)["Management support"] == [
        "4", "1", "the consultant’s check (by your own answers 4 both times)"
    ]  # fmt: skip


def test_across_versions_the_counted_answers_are_bridged(engaged: Engaged, app: Flask, newer: RubricVersion) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, "ai_literacy", "said", "1", "Nobody was trained")
    owner.submit()
    half_a_year_passes(app)
    publish(app, newer)
    begin_again(owner)
    judge(consultant, "ai_literacy", "said")
    owner.submit()

    page = owner.get("/trend").get_data(as_text=True)

    # 39 and 41 of 12 areas; the three that are new are not answered.
    assert "The answers before give 3.3, AI Aware under this version." in page
    assert areas(page)["AI literacy"] == ["1", "1", "3", "the consultant’s check (by your own answers 3 both times)"]
    assert "What the consultant’s check changed The score goes from 3.3 to 3.4" in content(page)
    assert "What the rubric changed Nothing: it stays 3.3, AI Aware." in content(page)


def test_a_result_that_a_consultant_only_checked_is_not_called_changed(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    company = consultant.as_company()
    company.get("/evidence")
    company.post(f"/assessments/{company.token}/revise", then="evidence")
    judge(consultant, "ai_talent", "checked", "2", "Left in May")
    company.submit()
    assess_again(company)

    text = content(owner.get("/trend").get_data(as_text=True))

    assert "checked by a consultant AI Aware, 3.3" in text
    assert "answers changed" not in text


def test_results_of_one_day_carry_the_time_and_are_drawn_apart(finished: Owner, app: Flask) -> None:
    half_a_year_passes(app)
    assess_again(finished, ai_governance=5)
    assess_again(finished, ai_talent=5)

    page = finished.get("/trend").get_data(as_text=True)

    text = content(page)
    assert re.search(r"Before: \d+ \w+ \d{4}, version .* Now: \d+ \w+ \d{4}, \d\d:\d\d, version", text), text
    assert "Results close together are drawn a step apart, in their order." in text
    across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', page)]
    assert across[2] - across[1] >= 29.9
    assert len(re.findall(r">\d{4}-\d\d-\d\d \d\d:\d\d<", page)) == 2


def test_results_far_apart_stand_where_their_days_are(finished: Owner, app: Flask) -> None:
    half_a_year_passes(app)
    assess_again(finished, ai_governance=5)

    text = content(finished.get("/trend").get_data(as_text=True))

    assert "drawn a step apart" not in text
    assert not re.search(r"Before: \d+ \w+ \d{4}, \d\d:", text)


@pytest.mark.parametrize("number", [2, 5, 40])
def test_however_many_results_there_are_of_one_moment_none_hides_another(number: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    points = [
        charts.Assessed(begin + timedelta(days=400 * (each > 0)), Decimal("2.5"), "2026-01-01", None, "")
        for each in range(number)
    ]

    svg = charts.trend(points, [], (1, 5), "", "en").svg

    across = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg)]
    steps = [after - before for before, after in pairwise(across)]
    assert min(steps) >= min(30, 264 / number) - 0.1
    assert 26 < across[0] <= across[-1] < 334


def test_a_result_without_a_band_is_listed_and_not_drawn(owner: Owner, app: Flask) -> None:
    few = dict.fromkeys(("ai_talent", "ai_literacy", "data_quality", "reference_data", "ml_infrastructure"))
    owner.start().answer_all(**few).submit()
    assess_again(owner, **dict.fromkeys(few, 3))

    page = owner.get("/trend").get_data(as_text=True)

    assert "Scores over time" not in page
    assert "no band" in page


def test_the_plan_of_the_second_assessment_prints_it_and_that_of_the_first_never_does(
    finished: Owner, app: Flask
) -> None:
    path = f"/assessments/{finished.token}"
    half_a_year_passes(app)
    assess_again(finished, ai_governance=5)
    second = finished.client.get(f"{path}/results/2/plan-en.pdf").data
    assess_again(finished, ai_talent=5)

    assert "Then and now" in text_of(second)
    assert "Then and now" not in text_of(finished.client.get(f"{path}/results/1/plan-en.pdf").data)
    change(app, "DELETE FROM plan_pdf")
    assert finished.client.get(f"{path}/results/2/plan-en.pdf").data == second
    third = text_of(finished.client.get(f"{path}/plan-en.pdf").data)
    assert third.count("assessed again") == 2


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
