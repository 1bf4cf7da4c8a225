"""Both sides sign one frozen plan; whatever changes afterwards is another plan, or is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from readiness.models import Participant
from readiness.services import audit, sign_off
from readiness.services.database import db
from tests.guided.conftest import Consultant
from tests.guided.rooms import Leader, Person
from tests.guided.test_checked_results import plan_pages, verified
from tests.guided.test_evidence import judge
from tests.web.conftest import Owner

Engaged = Callable[..., tuple[Owner, Consultant]]
REFUSED = (sa.exc.IntegrityError, sa.exc.DBAPIError)


def sign(company: Owner, name: str = "Chan Tai Man", role: str = "Owner", **changed: str) -> TestResponse:
    """Sign on the result page, and stand on the page that follows."""
    company.get("/result")
    seen = re.search(r'<input[^>]*name="seen"[^>]*value="([^"]*)"', company.text)
    fields = {"seen": seen[1] if seen else "", "name": name, "role": role, **changed}
    response = company.post(f"/assessments/{company.token}/sign", **fields)
    company.page = response
    if response.status_code == 302:
        company.get("/result")
    return response


def names_in_rooms(app: Flask) -> list[str]:
    """The names that are kept of everybody in a guided session."""
    with app.app_context():
        return list(db.session.scalars(sa.select(Participant.name)))


def test_both_sign_in_any_order_and_page_pdf_and_export_show_it(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    Person(app.test_client()).join(Leader(consultant).open().code, "Kwok Siu Fan")
    owner.answer_all()
    judge(consultant, "management_support", "checked", "2", "No budget line yet")
    owner.submit()
    assert "Chan" not in " ".join(plan_pages(owner))
    company = consultant.as_company()

    assert sign(company, "Wong Mei", "HKPC").status_code == 302
    assert names_in_rooms(app) == ["Kwok Siu Fan"]
    first = plan_pages(owner)
    assert "The other side has not signed." in first[-1]
    assert sign(owner).status_code == 302

    assert names_in_rooms(app) == [""]
    reading = Owner(app.test_client())
    reading.token = owner.give("read")
    for seen in (owner.get("/result"), company.get("/result"), reading.get("/result")):
        text = seen.get_data(as_text=True)
        assert "Chan Tai Man" in text
        assert "Wong Mei" in text
        assert "(Hong Kong time)" in text
        assert text.count("Mark of what was signed (the exported file shows it whole): <span") == 2
        assert "Sign for the company" not in text
        assert "Sign as the consultant" not in text
    pages = plan_pages(owner)
    for place in (0, -1):
        assert "Chan Tai Man" in pages[place]
        assert "Wong Mei" in pages[place]
    assert "Checked by a consultant: 2/39 (5 %) of the score." in pages[-1]
    assert "The other side" not in pages[-1]
    assert "By your answers 3.4 AI Aware; with the levels that the consultant counts lower: 3.3 AI Aware." in " ".join(
        pages[1].split()
    )
    exported = owner.client.get(f"/assessments/{owner.token}/export.json").get_data(as_text=True)
    record = json.loads(exported)
    assert sorted(each["side"] for each in record["signed"]) == ["company", "consultant"]
    assert verified(exported) == []
    record["company"]["name"] = "Another company"
    assert [line.split(":")[0] for line in verified(json.dumps(record)) if line.startswith("signed")] == [
        "signed[0].digest", "signed[1].digest"
    ]  # fmt: skip
    with app.app_context():
        assert audit.verify().holds


def test_the_plan_says_it_in_chinese_too(engaged: Engaged) -> None:
    owner, _ = engaged(submitted=True)

    sign(owner, "陳大文", "東主")

    assert "陳大文" in plan_pages(owner, "zh-Hant")[0]


def test_without_a_consultant_nothing_is_there_to_sign(owner: Owner) -> None:
    owner.start().answer_all().submit()

    assert "Sign-off" not in owner.text
    assert sign(owner).status_code == 409
    assert "signed" not in json.loads(owner.client.get(f"/assessments/{owner.token}/export.json").get_data())


def test_one_side_signs_once_by_name_and_what_it_saw(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    company = consultant.as_company()

    assert sign(owner, "  ").status_code == 422
    assert "Write your name" in owner.text
    assert sign(owner, "x" * 101).status_code == 422
    assert sign(owner, seen="sha256:" + "0" * 64).status_code == 409
    assert sign(owner).status_code == 302
    company.get("/result")
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', company.text)
    assert seen is not None
    owner.get("/evidence")
    again = {"name": "Somebody Else", "role": "", "seen": seen[1]}
    owner.page = company.page
    owner.get("/links")
    assert owner.post(f"/assessments/{owner.token}/sign", **again).status_code == 409
    assert "Somebody Else" not in company.get("/result").get_data(as_text=True)


def test_a_later_change_is_another_plan_that_is_not_signed_and_says_so(engaged: Engaged) -> None:
    owner, _ = engaged(submitted=True)
    sign(owner)
    owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="no", version="1")

    owner.get("/result")
    assert "Chan Tai Man" not in owner.text
    assert "This one is not signed." in owner.text
    assert "Chan" not in " ".join(plan_pages(owner))
    sign(owner, "Chan Siu Ming")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    owner.submit()
    assert "This one is not signed." in owner.text
    assert "Chan Siu Ming" in owner.get("/results/1").get_data(as_text=True)


def test_a_signature_is_neither_changed_nor_put_in_anothers_place(engaged: Engaged, app: Flask) -> None:
    owner, _ = engaged(submitted=True)
    sign(owner)
    replaced = "INSERT OR REPLACE" if db_kind(app) == "sqlite" else "INSERT"
    columns = "assessment_id, plan_id, side, role, account_id, digest, signed_at"
    attacks = [
        "UPDATE sign_off SET name = 'Another'",
        "UPDATE sign_off SET digest = 'x'",
        f"{replaced} INTO sign_off (id, name, {columns}) SELECT id, 'Another', {columns} FROM sign_off",  # noqa: S608
    ]
    attacks += ["TRUNCATE sign_off"] if replaced == "INSERT" else []
    for attack in attacks:
        with app.app_context(), pytest.raises(REFUSED), db.engine.begin() as connection:
            connection.exec_driver_sql(attack)
    assert "Chan Tai Man" in owner.get("/result").get_data(as_text=True)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE plan SET document = replace(document, '\"ai_governance\"', '\"ai_talent\"')",
        "UPDATE assessment SET result = replace(result, '3.4', '4.4')",
        "UPDATE assessment SET checked = '{}'",
        "UPDATE plan SET document = 'no JSON'",
        "UPDATE answer SET value = '5' WHERE question_id = replace('ai_talent', 'x', 'y')",
    ],
)
def test_what_was_changed_after_it_was_signed_is_found(engaged: Engaged, app: Flask, attack: str) -> None:
    owner, _ = engaged(submitted=True)
    sign(owner)
    with app.app_context():
        assert list(sign_off.broken(db.session)) == []
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.exec_driver_sql(attack)

        assert len(list(sign_off.broken(db.session))) == 1
    if "replace" in attack:
        assert "What stands here is not what was signed" in owner.get("/result").get_data(as_text=True)


def test_a_signature_that_was_put_in_or_taken_out_by_statements_is_found(engaged: Engaged, app: Flask) -> None:
    owner, _ = engaged(submitted=True)
    sign(owner)
    columns = "assessment_id, plan_id, role, digest, signed_at"
    forged = "'00000000000000000000000000000001'" if db_kind(app) == "sqlite" else "gen_random_uuid()"
    _run(
        app,
        f"INSERT INTO sign_off (id, side, name, account_id, {columns}) SELECT {forged}, 'consultant',"  # noqa: S608
        f" 'Prof. Forged', (SELECT id FROM account LIMIT 1), {columns} FROM sign_off",
    )
    put_in = _broken(app)
    page = owner.get("/result").get_data(as_text=True)
    _run(app, "DELETE FROM sign_off")
    taken_out = _broken(app)

    assert len(put_in) == 1
    assert "the audit log knows of no such signature of the consultant" in put_in[0]
    assert "What stands here is not what was signed" in page
    assert len(taken_out) == 1
    assert "is gone" in taken_out[0]


def test_with_no_consultant_any_more_nothing_can_be_signed_first(engaged: Engaged) -> None:
    owner, _ = engaged(submitted=True)
    owner.get("/result")
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', owner.text)
    assert seen is not None
    owner.get("/consultants")
    (ended,) = re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)
    owner.post(ended)

    assert sign(owner, seen=seen[1]).status_code == 409
    assert "Chan Tai Man" not in owner.get("/result").get_data(as_text=True)


def test_deleting_everything_takes_the_signatures_along(engaged: Engaged, app: Flask) -> None:
    owner, _ = engaged(submitted=True)
    sign(owner)
    owner.get("/delete")

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 302

    with app.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM sign_off")) == 0


def db_kind(app: Flask) -> str:
    """The kind of the test's database."""
    with app.app_context():
        return db.engine.dialect.name


def _run(app: Flask, statement: str) -> None:
    """Do what whoever can write into the database can."""
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def _broken(app: Flask) -> list[str]:
    with app.app_context():
        return list(sign_off.broken(db.session))
