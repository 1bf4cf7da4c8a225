"""A company grants a consultant access, sees it, and ends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.engagements import LIFE
from readiness.services.planning import today
from tests.guided.conftest import Consultant, offered
from tests.guided.walking import invite
from tests.web.conftest import Owner
from tests.web.staffing import staff_of

Engaged = Callable[..., tuple[Owner, Consultant]]


def test_a_consultant_who_takes_an_offer_sees_and_fills_in(engaged: Engaged) -> None:
    owner, consultant = engaged(name="Harbour Foods")

    assert "Harbour Foods" in consultant.get("/staff/clients").get_data(as_text=True)
    company = consultant.as_company()
    assert company.answer("ai_talent", 3).status_code == 302
    owner.get("/check")
    assert 'value="3" checked' in owner.get("/questions/ai_talent").get_data(as_text=True)


def test_who_entered_an_answer_is_on_record(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()

    consultant.as_company().answer("ai_talent", 3)
    owner.answer("ai_talent", 4)

    with app.app_context():
        by = list(db.session.scalars(sa.text("SELECT changed_by FROM answer_change ORDER BY id")))
    assert by[0].startswith("consultant:")
    assert by[1] == "owner"


def test_a_consultants_draft_may_leave_a_question_open(engaged: Engaged) -> None:
    _, consultant = engaged()
    company = consultant.as_company()
    company.get("/questions/ai_talent")

    response = company.post(f"/assessments/{company.token}/questions/ai_talent", then="continue", version="0", note="")

    assert response.status_code == 302


def test_a_reading_grant_shows_the_newest_result_and_changes_nothing(engaged: Engaged) -> None:
    owner, consultant = engaged("read", submitted=True)

    assert consultant.page.status_code == 200
    company = consultant.as_company()
    assert company.get("/questions/ai_talent").status_code == 403
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer_all(ai_governance=5).submit()
    consultant.enter()
    assert "4/5" not in consultant.text
    assert consultant.page.request.path.endswith("/result")


def test_the_consultants_address_opens_nothing_for_anyone_else(engaged: Engaged, app: Flask) -> None:
    _, consultant = engaged()

    stranger = app.test_client().get(f"/assessments/{consultant.token}/check")
    other = staff_of(app, Capability.GUIDE, email="other@example.com").get(f"/assessments/{consultant.token}/check")

    assert stranger.status_code == 302
    assert "/staff/sign-in" in stranger.headers["Location"]
    assert other.status_code == 404


@pytest.mark.parametrize("page", ["links", "delete", "consultants", "move"])
def test_a_consultant_cannot_give_links_delete_or_extend_the_grant(engaged: Engaged, page: str) -> None:
    _, consultant = engaged()

    assert consultant.get(f"/assessments/{consultant.token}/{page}").status_code == 403


def test_a_company_ends_it_and_the_consultant_sees_nothing_more(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.get("/consultants")
    (ended,) = re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)

    assert owner.post(ended).status_code == 302

    for path in (f"/assessments/{consultant.token}/check", f"/staff/clients/{consultant.client_id}"):
        page = consultant.get(path)
        assert page.status_code == 404
        assert re.search(r'<a class="govuk-button" href="/staff">To the desk</a>', page.get_data(as_text=True))
    assert consultant.client_id not in consultant.get("/staff/clients").get_data(as_text=True)
    assert "ended on" in owner.get("/consultants").get_data(as_text=True).partition('id="before"')[2]


def test_ending_asks_once_and_says_that_open_links_still_work(engaged: Engaged) -> None:
    owner, consultant = engaged()
    offered(owner)
    owner.get("/consultants")
    active, waiting = owner.text.partition('id="open"')[::2]
    assert consultant.email in active.partition('id="who"')[2]
    assert "link made on" in waiting
    (ended,) = re.findall(r'<details(?:(?!</details>).)*action="(/assessments/[^"]+/end)"', active, re.S)

    owner.page = owner.client.get(owner.post(ended).headers["Location"])

    assert 'role="status"' in owner.text
    assert "A link that nobody took up still works" in owner.text
    assert 'id="who"' not in owner.text
    assert consultant.email in owner.text.partition('id="before"')[2]


def test_access_ends_by_itself_after_its_last_day(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    with app.app_context(), db.engine.begin() as connection:
        past = today() - timedelta(days=1)
        connection.execute(sa.text("UPDATE engagement SET until = :past"), {"past": past})

    assert consultant.get(f"/assessments/{consultant.token}/check").status_code == 404
    assert "over since" in owner.get("/consultants").get_data(as_text=True)


def test_whoever_opens_an_offer_is_told_that_consultants_sign_in(owner: Owner, app: Flask) -> None:
    path = "/staff/offers/" + offered(owner.start()).rsplit("/", 1)[1]

    page = app.test_client().get(path, follow_redirects=True).get_data(as_text=True)

    assert "For consultants, and for those who look after the questions" in page


def test_an_offer_is_taken_once(owner: Owner, consultant: Callable[..., Consultant]) -> None:
    address = offered(owner.start())
    consultant().take(address)

    assert consultant().get("/staff/offers/" + address.rsplit("/", 1)[1]).status_code == 404


def test_an_offer_is_too_old_after_a_week(owner: Owner, consultant: Callable[..., Consultant], app: Flask) -> None:
    address = offered(owner.start())
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE engagement SET open_until = created_at"))

    assert consultant().get("/staff/offers/" + address.rsplit("/", 1)[1]).status_code == 404
    assert timedelta(days=7) == LIFE


@pytest.mark.parametrize("until", ["", "tomorrow", "2020-01-01", "2999-01-01", "2026-02-30"])
def test_a_day_that_cannot_be_meant_comes_back_with_what_is_wrong(owner: Owner, until: str) -> None:
    owner.start().get("/consultants")

    response = owner.post(f"/assessments/{owner.token}/consultants", scope="edit", until=until)

    assert response.status_code == 422
    assert "govuk-error-summary" in response.get_data(as_text=True)


def test_a_company_accepts_an_invitation_with_a_new_assessment_or_its_own(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask
) -> None:
    mei = consultant()
    owner.start(name="Harbour Foods")
    for own in ("", f"http://localhost/assessments/{owner.token}"):
        mei.get("/staff/clients")
        until = today() + timedelta(days=3)
        mei.post("/staff/clients", company="Kwun Tong Foods", scope="edit", until=until.isoformat())
        shown = re.search(r'id="new-link"[^>]*value="([^"]+)"', mei.text)
        assert shown is not None
        path = "/invited/" + shown[1].rsplit("/", 1)[1]
        boss = Owner(app.test_client())
        boss.page = boss.client.get(path)
        assert mei.email in boss.text

        response = boss.post(path, own=own)

        assert response.status_code == 302, response.get_data(as_text=True)
        token = response.headers["Location"].split("/")[2]
        assert (token == owner.token) == bool(own)
        assert boss.client.get(path).status_code == 404
    assert "Harbour Foods" in mei.get("/staff/clients").get_data(as_text=True)


@pytest.mark.parametrize(
    ("own", "after"), [(None, "Kwun Tong Foods"), ("", "Kwun Tong Foods"), ("Harbour Foods", "Harbour Foods")]
)
def test_an_open_assessment_without_a_name_takes_that_of_the_invitation(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask, own: str | None, after: str
) -> None:
    path = invite(consultant(), "Kwun Tong Foods")
    boss = Owner(app.test_client())
    boss.page = boss.client.get(path)
    assert "they get the name Kwun Tong Foods" in boss.text
    pasted = "" if own is None else f"http://localhost/assessments/{owner.start(name=own).token}"

    boss.token = boss.post(path, own=pasted).headers["Location"].split("/")[2]

    boss.get("/company")
    assert f'value="{after}"' in boss.text


def test_a_result_that_has_no_name_stays_as_it_is_when_an_invitation_is_accepted(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask
) -> None:
    owner.start().answer_all().submit()
    path = invite(consultant(), "Kwun Tong Foods")
    owner.page = owner.client.get(path)

    owner.post(path, own=f"http://localhost/assessments/{owner.token}")

    assert "Kwun Tong Foods" not in owner.get("/result").get_data(as_text=True)


def test_what_is_no_link_of_ones_own_is_not_accepted(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask
) -> None:
    mei = consultant()
    mei.get("/staff/clients")
    mei.post("/staff/clients", company="Foods", scope="edit", until=today().isoformat())
    shown = re.search(r'id="new-link"[^>]*value="([^"]+)"', mei.text)
    assert shown is not None
    path = "/invited/" + shown[1].rsplit("/", 1)[1]
    owner.page = owner.client.get(path)

    response = owner.post(path, own="http://localhost/assessments/nothing")

    assert response.status_code == 422
    assert owner.client.get(path).status_code == 200


def test_deleting_everything_takes_the_engagement_along(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    owner.get("/delete")

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 302

    with app.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM engagement")) == 0
    assert consultant.get(f"/staff/clients/{consultant.client_id}").status_code == 404
