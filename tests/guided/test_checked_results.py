"""A result with what a consultant checked and held back: frozen, exported, verified, carried, deleted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from io import BytesIO

import pypdf
import sqlalchemy as sa
from flask import Flask

from readiness.library.exports import answers_file_from
from readiness.services import commands, evidence_files, upkeep
from readiness.services.database import db, now
from tests.guided import files
from tests.guided.conftest import Consultant
from tests.guided.test_evidence import QUESTION, add, judge, stored
from tests.next_version import first_version_alone
from tests.web.conftest import Owner, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]


def plan_pages(company: Owner, language: str = "en") -> list[str]:
    """The text of each page of the plan's PDF file."""
    content = company.client.get(f"/assessments/{company.token}/plan-{language}.pdf").data
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages]


def verified(exported: str) -> list[str]:
    """What ``readiness verify`` says of an export."""
    return commands.verify_file(answers_file_from(exported.encode(), "test"), first_version_alone(), None)


def test_both_scores_stand_beside_each_other_and_the_plan_follows_the_lower(
    engaged: Engaged,
) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, "management_support", "checked", "2", "No budget line yet")
    judge(consultant, "data_quality", "checked")
    judge(consultant, "ai_literacy", "shown")
    unchecked = Owner(owner.client.application.test_client()).start().answer_all().submit()

    owner.submit()

    assert "By your answers 3.4 AI Aware; with the levels that the consultant counts lower: 3.3 AI Aware." in owner.text
    assert "is AI Aware: 3.3 of 5" in owner.text
    assert "The consultant counts level 2: No budget line yet" in owner.text
    assert "Checked by a consultant: 5/39 (13 %) of the score." in owner.text
    assert "Only shown to a consultant: 3/39 (8 %). Shares count levels, not answers." in owner.text
    assert "a consultant has checked 5/39 (13 %) of the score, nobody the rest" in owner.text
    exported = owner.client.get(f"/assessments/{owner.token}/export.json").get_data(as_text=True)
    record = json.loads(exported)
    assert record["result"]["score"] == 3.4
    assert record["checked"]["result"]["score"] == 3.3
    assert record["checked"]["held_back"] == {"management_support": {"level": 2, "reason": "No budget line yet"}}
    assert record["checked"]["share"] == {"checked": "5/39", "shown": "1/13"}
    assert record["checked"]["evidence"] == {
        "management_support": "checked", "ai_literacy": "shown", "data_quality": "checked"
    }  # fmt: skip
    plain = json.loads(unchecked.client.get(f"/assessments/{unchecked.token}/export.json").get_data(as_text=True))
    assert plain["plan"]["target"] != record["plan"]["target"]
    assert "checked" not in plain
    assert verified(exported) == []
    for change, place in (
        (lambda r: r["checked"]["share"].update(checked="1"), "checked.share.checked"),
        (lambda r: r["checked"]["held_back"].clear(), "checked.result"),
        (lambda r: r["checked"]["evidence"].update(ai_talent="checked"), "checked.share.checked"),
        (lambda r: r.pop("checked"), "plan."),
    ):
        other = json.loads(exported)
        change(other)
        assert any(line.startswith(place) for line in verified(json.dumps(other))), place


def test_an_answer_that_was_not_confirmed_never_stands_beside_the_word_checked(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, "management_support", "checked", "2", "No budget line yet")
    judge(consultant, "data_quality", "checked")

    owner.submit()

    held, confirmed = (_row(owner.text, name) for name in ("Management support", "Data quality"))
    assert re.search(r"Your answer, level 4, was not confirmed: .+ The consultant counts level 2: No budget", held)
    assert "checked" not in held
    assert "checked by a consultant" in confirmed
    printed = " ".join(" ".join(page.split()) for page in plan_pages(owner))
    assert re.search(r"Your answer, level 4, was not confirmed: [^()]+ The consultant counts level 2: No bud", printed)
    seen = _row(consultant.as_company().get("/result").get_data(as_text=True), "Management support")
    assert "The company’s answer, level 4, was not confirmed: " in seen


def test_the_company_reads_that_its_consultant_began_the_changes(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    company = consultant.as_company()
    company.get("/evidence")
    company.post(f"/assessments/{company.token}/revise", then="evidence")

    assert "Your consultant has begun to change the answers." in owner.get("/result").get_data(as_text=True)
    assert "Changes to the answers have been begun." in company.get("/result").get_data(as_text=True)
    owner.submit()
    owner.post(f"/assessments/{owner.token}/revise")
    assert "You have begun to change the answers." in owner.get("/result").get_data(as_text=True)


def test_a_consultant_is_not_spoken_to_as_the_company(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)

    read = consultant.as_company().get("/result").get_data(as_text=True)

    assert "The company assessed itself; nobody has checked the answers." in read
    assert "Change the answers (a new version" in read
    assert not any(words in read for words in ("You assessed yourself", "Change my answers", "Your answer"))
    consultant.get("/staff/clients")
    assert "What should the company let you do?" in consultant.text
    assert "You assessed yourself" in owner.get("/result").get_data(as_text=True)


def _row(page: str, area: str) -> str:
    """What the table of levels says of an area."""
    found = re.search(rf'<tr><th scope="row">{area}.*?</tr>', page)
    assert found, page
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def test_a_result_keeps_what_was_checked_and_a_revision_takes_it_along(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    company = consultant.as_company()
    company.get(f"/evidence/{QUESTION}")
    assert "Your judgement" not in company.text
    company.get("/evidence")
    begun = company.post(f"/assessments/{company.token}/revise", then="evidence")
    assert begun.headers["Location"].endswith("/evidence")
    judge(consultant, QUESTION, "checked", "2", "Left in May")
    judge(consultant, "data_quality", "checked")
    company.submit()
    assert "with the levels that the consultant counts lower: 3.3" in company.text

    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("data_quality", 4)
    owner.submit()

    assert "with the levels that the consultant counts lower: 3.4" in owner.text
    assert "Checked by a consultant: 2/41" in owner.text
    earlier = owner.get("/results/2").get_data(as_text=True)
    assert "with the levels that the consultant counts lower: 3.3" in earlier
    assert "hecked by" not in owner.get("/results/1").get_data(as_text=True)


def test_what_is_removed_after_a_check_leaves_its_mark_and_nothing_else(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    add(owner, note="Harbour Road, second drawer")
    judge(consultant, QUESTION, "checked")
    owner.submit()
    owner.get(f"/evidence/{QUESTION}")
    (removing,) = re.findall(r'action="(/assessments/[^"]+/remove)"', owner.text)

    assert owner.post(removing, question="1").status_code == 302

    assert "A note was removed." in owner.get("/evidence").get_data(as_text=True)
    assert tables_that_hold(app, "second drawer") == []
    owner.get(f"/evidence/{QUESTION}")
    assert "/remove" not in owner.text
    assert owner.post(removing, question="1").status_code == 404


def test_a_level_stays_held_back_where_the_same_answer_is_only_confirmed(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, QUESTION, "checked", "2", "Left in May")
    judge(consultant, "data_quality", "checked")
    owner.submit()

    owner.get("/actions")
    assert owner.post(f"/assessments/{owner.token}/again", to="").status_code == 302
    owner.answer_all()
    owner.submit()

    assert "The consultant counts level 2 instead of 3" in owner.get("/evidence").get_data(as_text=True)
    assert "with the levels that the consultant counts lower" in owner.get("/result").get_data(as_text=True)
    # Nobody has looked at the answers of today yet.
    assert "Checked by a consultant: 0 %" in owner.text


def test_without_a_consultant_at_work_a_new_revision_is_the_companys_own_word(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer_all()
    judge(consultant, QUESTION, "checked", "2", "Left in May")
    judge(consultant, "data_quality", "checked")
    owner.submit()
    owner.get("/consultants")
    (ended,) = re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)
    owner.post(ended)

    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.submit()

    assert "counts level" not in owner.text
    assert "Checked by a consultant: 3/41" in owner.text


def test_deleting_everything_takes_the_files_along_and_no_other_companys(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    add(owner, note="Zanzibar", file=(files.PDF, "Zanzibar.pdf"))
    judge(consultant, QUESTION, "checked", "1", "Zanzibar")
    other = Owner(app.test_client()).start()
    other.answer(QUESTION, 3)
    add(other, file=(files.png(), "theirs.png"))
    assert tables_that_hold(app, "Zanzibar") == ["evidence_grade", "evidence_item"]
    assert len(stored(app)) == 2

    owner.get("/delete")
    owner.post(f"/assessments/{owner.token}/delete")

    assert tables_that_hold(app, "Zanzibar") == []
    assert [path.read_bytes() for path in stored(app)] == [files.png()]


def test_the_daily_work_takes_files_whose_time_is_over_and_what_a_crash_left(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    add(owner, file=(files.PDF, "a.pdf"))
    (kept,) = stored(app)
    with app.app_context():
        orphan, young = evidence_files.keep(b"a crash came before the row"), evidence_files.keep(b"just written")
        half = kept.with_name(f"{orphan}.part")
        half.write_bytes(b"ha")
        for path in (kept, kept.with_name(orphan), half):
            os.utime(path, (0, 0))

        done = upkeep.tick(now(), 24)

        assert done.swept == 2
        assert [path.name for path in stored(app)] == sorted([kept.name, young])
        with db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE assessment SET saved_at = '2020-01-01 00:00:00+00:00'"))
        assert upkeep.tick(now(), 24).expired == 1
        assert [path.name for path in stored(app)] == [young]


def test_when_the_row_cannot_be_written_the_form_comes_back_and_the_file_is_swept(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    owner.get(f"/evidence/{QUESTION}")
    with app.app_context(), db.engine.begin() as connection:
        refusing = "CREATE TRIGGER none BEFORE INSERT ON evidence_item BEGIN SELECT RAISE(ABORT, 'full'); END"
        if connection.dialect.name == "postgresql":
            refusing = "ALTER TABLE evidence_item ADD CONSTRAINT none_at_all CHECK (false)"
        connection.exec_driver_sql(refusing)

    response = add(owner, note="what I wrote", file=(files.PDF, "a.pdf"))

    assert response.status_code == 503
    assert "what I wrote" in owner.text
    (left,) = stored(app)
    os.utime(left, (0, 0))
    with app.app_context():
        assert evidence_files.sweep(now()) == 1
    assert stored(app) == []
