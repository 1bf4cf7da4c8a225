"""A client goes to another consultant with the history: by the company, a consultant, or a maintainer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import AnswerChange, Engagement, EngagementStep
from readiness.services import audit
from readiness.services.accounts import Capability
from readiness.services.database import db
from tests.guided.conftest import Consultant
from tests.guided.walking import invite, new_link, note
from tests.web.conftest import Owner, everything_stored
from tests.web.staffing import Staff

Engaged = Callable[..., tuple[Owner, Consultant]]
Make = Callable[..., Consultant]


def test_the_company_gives_it_on_and_the_next_one_goes_on_with_everything(engaged: Engaged, consultant: Make) -> None:
    owner, mei = engaged(name="Harbour Foods")
    _work(mei)
    owner.get("/consultants")
    (give_on,) = re.findall(r'action="(/assessments/[^"]+/give-on)"', owner.text)

    owner.page = owner.post(give_on)

    _sees_nothing(mei)
    kai = consultant().take(new_link(owner.text))
    _goes_on(kai, mei)
    shown = owner.get("/consultants").get_data(as_text=True)
    for told in (f"you ended it for {mei.email}", f"{kai.email} has access", f"{mei.email} has access"):
        assert told in shown
    before = shown.partition('id="before"')[2]
    assert mei.email in before
    assert "then handed over" in before
    assert kai.email in shown.partition('id="who"')[2].partition('id="before"')[0]


def test_the_company_sees_at_the_top_that_a_hand_over_waits(engaged: Engaged, consultant: Make) -> None:
    owner, mei = engaged()
    kai = consultant()

    _propose(mei, kai.email)

    told = f"{mei.email} asked {kai.email} on"
    assert told in owner.get("/consultants").get_data(as_text=True).partition('id="who"')[0]
    kai.get("/staff/clients")
    kai.post(f"/staff/proposals/{mei.client_id}", answer="leave")
    assert told not in owner.get("/consultants").get_data(as_text=True)
    owner.post(re.findall(r'action="(/assessments/[^"]+/give-on)"', owner.text)[0])
    owner.get("/consultants")
    assert "Nobody has taken up the link of" in owner.text.partition('id="open"')[0]


def test_a_colleague_takes_over_only_after_saying_yes(engaged: Engaged, consultant: Make) -> None:
    owner, mei = engaged(name="Harbour Foods")
    _work(mei)
    kai = consultant()

    _propose(mei, kai.email)

    assert mei.get(f"/assessments/{mei.token}/check").status_code == 200
    assert kai.get(f"/staff/clients/{mei.client_id}").status_code == 404
    assert mei.email in kai.get("/staff/clients").get_data(as_text=True)
    assert "1 hand-over waits for your answer" in kai.get("/staff").get_data(as_text=True)
    assert kai.post(f"/staff/proposals/{mei.client_id}", answer="take").status_code == 302
    kai.client_id = mei.client_id
    assert "for your answer" not in kai.get("/staff").get_data(as_text=True)
    _goes_on(kai, mei)
    _sees_nothing(mei)
    assert f"handed over to {kai.email}" in owner.get("/consultants").get_data(as_text=True)
    assert "handed over on" in mei.get("/staff/clients/ended").get_data(as_text=True)


def test_a_colleague_who_says_no_or_is_asked_no_more_gets_nothing(engaged: Engaged, consultant: Make) -> None:
    owner, mei = engaged()
    kai = consultant()

    def answer(what: str) -> int:
        kai.get("/staff/clients")
        return kai.post(f"/staff/proposals/{mei.client_id}", answer=what).status_code

    _propose(mei, kai.email)
    assert answer("leave") == 302
    assert answer("take") == 404
    _propose(mei, kai.email)
    mei.get(f"/staff/clients/{mei.client_id}")
    mei.post(f"/staff/clients/{mei.client_id}/take-back")
    assert answer("take") == 404
    _propose(mei, kai.email)
    owner.get("/consultants")
    owner.post(re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)[0])
    assert answer("take") == 404

    assert "did not take over" in owner.get("/consultants").get_data(as_text=True)
    _sees_nothing(kai, mei.client_id, mei.token)


@pytest.mark.parametrize("address", ["nobody@example.com", "own", "without the right", "\x00"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_another_consultant_can_be_asked(
    engaged: Engaged, staff: Callable[..., Staff], app: Flask, address: str
) -> None:
    _, mei = engaged()
    if address == "without the right":
        address = staff(Capability.PUBLISH, email="publisher@example.com").email
    mei.get(f"/staff/clients/{mei.client_id}")
    before = everything_stored(app)

    response = mei.post(f"/staff/clients/{mei.client_id}/propose", address=mei.email if address == "own" else address)

    assert response.status_code == 422
    assert everything_stored(app) == before


def test_who_manages_accounts_hands_over_without_seeing_a_company(
    engaged: Engaged, consultant: Make, staff: Callable[..., Staff], app: Flask
) -> None:
    owner, mei = engaged(name="Harbour Foods")
    _work(mei)
    invite_path = invite(mei, "Bay Logistics")
    invited, mei.client_id = mei.client_id, _active(app)
    kai = consultant()
    boss = staff(Capability.MANAGE_ACCOUNTS, email="boss@example.com")
    page = boss.get("/staff/engagements").get_data(as_text=True)
    for hidden in ("Harbour Foods", "Bay Logistics", "The directors"):
        assert hidden not in page
    assert mei.client_id.replace("-", "")[:6].upper() in page

    assert boss.post("/staff/engagements", to=kai.email).status_code == 422
    assert boss.post("/staff/engagements", engagement=[mei.client_id], to="nobody@example.com").status_code == 422
    boss.follow(boss.post("/staff/engagements", engagement=[mei.client_id, invited], to=kai.email))

    assert "2 engagements were handed over" in boss.text
    kai.client_id = mei.client_id
    _goes_on(kai, mei)
    _sees_nothing(mei)
    assert kai.email in owner.client.get(invite_path).get_data(as_text=True)
    assert f"by {boss.email} of this site" in owner.get("/consultants").get_data(as_text=True)
    with app.app_context():
        assert audit.verify().holds
        done = db.session.scalars(sa.text("SELECT action FROM audit_entry WHERE action LIKE 'engagement.hand%'")).all()
    assert len(done) == 2


def test_who_answered_stays_on_record_after_a_hand_over(engaged: Engaged, consultant: Make, app: Flask) -> None:
    _, mei = engaged()
    mei.as_company().answer("ai_talent", 3)
    kai = consultant()
    _propose(mei, kai.email)
    kai.get("/staff/clients")
    kai.post(f"/staff/proposals/{mei.client_id}", answer="take")
    kai.client_id = mei.client_id
    kai.enter().as_company().answer("ai_literacy", 2)

    with app.app_context():
        by = db.session.scalars(sa.select(AnswerChange.changed_by).order_by(AnswerChange.id)).all()
        steps = db.session.scalars(
            sa.select(EngagementStep).where(EngagementStep.step == "began").order_by(EngagementStep.id)
        ).all()

    assert [each.removeprefix("consultant:") for each in by] == [str(each.link_id) for each in steps]
    assert len({each.consultant_id for each in steps}) == 2


def test_an_account_with_clients_is_withdrawn_only_when_that_is_meant(
    engaged: Engaged, staff: Callable[..., Staff], consultant: Make, app: Flask
) -> None:
    _, mei = engaged()
    boss = staff(Capability.MANAGE_ACCOUNTS, email="boss@example.com")
    listed = boss.get("/staff/accounts").get_data(as_text=True)
    (path,) = re.findall(r'href="(/staff/accounts/[^"]+)"><strong>' + re.escape(mei.email), listed)
    boss.get(path)

    assert boss.post(f"{path}/withdraw").status_code == 409
    assert "still has 1 client" in boss.text
    assert mei.get(f"/assessments/{mei.token}/check").status_code == 200
    assert boss.post(f"{path}/withdraw", clients="leave").status_code == 302

    assert "/staff/sign-in" in mei.get(f"/assessments/{mei.token}/check").request.path
    kai = consultant()
    assert "may not guide companies any more" in boss.get("/staff/engagements").get_data(as_text=True)
    boss.post("/staff/engagements", engagement=[mei.client_id], to=kai.email)
    kai.client_id = mei.client_id
    assert kai.enter().page.status_code == 200


def _work(consultant: Consultant) -> None:
    consultant.as_company().answer("ai_talent", 3)
    note(consultant, "The directors do not agree", "private")


def _goes_on(successor: Consultant, predecessor: Consultant) -> None:
    page = successor.get(f"/staff/clients/{successor.client_id}").get_data(as_text=True)
    assert "The directors do not agree" in page
    assert predecessor.email in page
    # What another wrote stays as it is.
    assert "/notes/" not in page
    successor.enter()
    assert 'value="3" checked' in successor.get(f"/assessments/{successor.token}/questions/ai_talent").get_data(
        as_text=True
    )
    assert successor.token != predecessor.token


def _sees_nothing(consultant: Consultant, client_id: str = "", token: str = "") -> None:
    assert consultant.get(f"/assessments/{token or consultant.token}/check").status_code == 404
    assert consultant.get(f"/staff/clients/{client_id or consultant.client_id}").status_code == 404


def _propose(consultant: Consultant, address: str) -> None:
    page = f"/staff/clients/{consultant.client_id}"
    consultant.get(page)
    consultant.follow(consultant.post(f"{page}/propose", address=address))
    assert address in consultant.text


def _active(app: Flask) -> str:
    with app.app_context():
        return str(db.session.scalars(sa.select(Engagement.id).where(Engagement.state == "active")).one())
