"""A consultant's clients: found, sorted and kept up, however many they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Access, Account, Assessment, Engagement, EngagementNote, EngagementNoteText
from readiness.services import engagement_steps, engagements
from readiness.services.database import db, now, writing
from readiness.services.planning import today
from tests.guided.conftest import Consultant, offered
from tests.guided.test_following import actions_of, follow
from tests.guided.walking import IN_A_MONTH, invite, new_link, note
from tests.web.conftest import Owner

Engaged = Callable[..., tuple[Owner, Consultant]]
MOST_STATEMENTS = 7


def test_two_hundred_clients_take_no_more_statements_than_one(engaged: Engaged, app: Flask) -> None:
    _, mei = engaged(submitted=True, name="Harbour Foods")
    statements: list[str] = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    counted = []
    for more in (0, 199):
        _add_clients(app, mei, more)
        mei.get("/staff/clients")
        statements.clear()
        page = mei.get("/staff/clients").get_data(as_text=True)
        counted.append([each for each in statements if not each.startswith(("BEGIN", "ROLLBACK"))])

    assert page.count('href="/staff/clients/') > 200
    assert len(counted[0]) == len(counted[1]) <= MOST_STATEMENTS, counted[1]


def test_clients_are_searched_filtered_and_sorted(consultant: Callable[..., Consultant], app: Flask) -> None:
    mei = consultant()
    for name in ("Harbour Foods", "Kwun Tong Foods", "Bay Logistics"):
        mei.take(offered(Owner(app.test_client()).start(name=name)))
    _set_next(app, mei, today() - timedelta(days=1))
    invite(mei, "Peak Trading")

    assert _names(mei) == ["Bay Logistics", "Harbour Foods", "Kwun Tong Foods", "Peak Trading"]
    assert _names(mei, "?q=foods") == ["Harbour Foods", "Kwun Tong Foods"]
    assert _names(mei, "?state=invited") == ["Peak Trading"]
    assert _names(mei, "?due=due") == ["Bay Logistics"]
    assert _names(mei, "?sort=next")[0] == "Bay Logistics"
    assert len(_names(mei, "?band=none")) == 4
    assert _names(mei, "?q=nobody") == []
    assert "None of your clients is like that" in mei.text
    assert len(_names(mei, "?sort=x&state=y&due=z&band=")) == 4


def test_a_list_that_is_not_whole_says_of_how_many(consultant: Callable[..., Consultant]) -> None:
    mei = consultant()
    for name in ("Harbour Foods", "Bay Logistics"):
        invite(mei, name)

    assert "2 clients</h2>" in mei.get("/staff/clients").get_data(as_text=True)
    assert "1 of 2 clients</h2>" in mei.get("/staff/clients?q=bay").get_data(as_text=True)


def test_clients_with_overdue_actions_are_found_and_stand_first(engaged: Engaged, app: Flask) -> None:
    owner, mei = engaged(submitted=True, name="Peak Trading")
    mei.take(offered(Owner(app.test_client()).start(name="Bay Logistics")))
    action = actions_of(owner)[0]

    assert _names(mei, "?late=late") == []
    follow(owner, action, due_on="2026-01-01")

    assert _names(mei, "?late=late") == ["Peak Trading"]
    assert re.search(r'name="late" value="late" checked', mei.text)
    assert _names(mei, "?sort=overdue") == ["Peak Trading", "Bay Logistics"]


def test_the_band_filter_offers_the_bands_that_there_are(engaged: Engaged) -> None:
    _, mei = engaged(submitted=True, name="Harbour Foods")

    assert _names(mei, "?band=aware") == ["Harbour Foods"]
    assert "AI Aware 3.4" in mei.text
    assert _names(mei, "?band=ready") == []


def test_answers_count_as_begun_from_the_first_one(engaged: Engaged) -> None:
    owner, mei = engaged(name="Harbour Foods")

    assert "not begun yet" in mei.get("/staff/clients").get_data(as_text=True)
    owner.answer("management_support", 2)

    for path in ("/staff/clients", f"/staff/clients/{mei.client_id}"):
        assert "answers begun" in mei.get(path).get_data(as_text=True)


def test_a_draft_of_a_company_that_lets_one_read_says_nothing(engaged: Engaged) -> None:
    owner, mei = engaged("read", submitted=True, name="Harbour Foods")
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.get("/company")
    owner.post(f"/assessments/{owner.token}/company", name="Secret Merger Ltd", version="1")

    page = mei.get("/staff/clients").get_data(as_text=True)

    assert "Harbour Foods" in page
    assert "Secret Merger" not in page
    assert "answers begun" not in page


@pytest.mark.parametrize(("day", "status"), [(IN_A_MONTH, 302), ("", 302), ("2020-01-01", 422), ("soon", 422)])
def test_the_next_date_is_noted_or_comes_back(engaged: Engaged, app: Flask, day: str, status: int) -> None:
    _, mei = engaged()
    mei.get(f"/staff/clients/{mei.client_id}")

    response = mei.post(f"/staff/clients/{mei.client_id}/next", next_on=day)

    assert response.status_code == status
    with app.app_context():
        noted = db.session.scalar(sa.select(Engagement.next_on))
    assert (noted.isoformat() if noted else "") == (day if status == 302 else "")


def test_an_invited_company_is_renamed_invited_again_noted_and_withdrawn(
    consultant: Callable[..., Consultant], owner: Owner
) -> None:
    mei = consultant()
    old = invite(mei, "Harbor Food")
    page = f"/staff/clients/{mei.client_id}"
    note(mei, "Met at the fair", "private")
    mei.get(page)

    mei.follow(mei.post(f"{page}/name", company="Harbour Foods"))
    assert mei.post(f"{page}/invite").status_code == 200
    new = new_link(mei.text)

    assert owner.client.get(old).status_code == 404
    assert "Harbour Foods" in owner.client.get(new).get_data(as_text=True)
    assert "Met at the fair" in mei.get(page).get_data(as_text=True)
    mei.post(f"{page}/end")
    assert owner.client.get(new).status_code == 404
    assert mei.get(page).status_code == 404


def test_once_accepted_nothing_of_the_invitation_is_changed(
    consultant: Callable[..., Consultant], owner: Owner
) -> None:
    mei = consultant()
    path = invite(mei, "Harbour Foods")
    page = f"/staff/clients/{mei.client_id}"
    mei.get(page)
    owner.page = owner.client.get(path)
    assert owner.post(path).status_code == 302

    for change in ("name", "invite"):
        assert mei.post(f"{page}/{change}", company="Another").status_code == 409
        assert "has accepted meanwhile" in mei.text
    assert "Another" not in mei.get(page).get_data(as_text=True)


def test_a_client_of_before_is_a_name_and_days(engaged: Engaged, app: Flask) -> None:
    owner, mei = engaged(submitted=True, name="Harbour Foods", sector="food_beverage")
    note(mei, "Two directors", "private")
    owner.get("/consultants")
    owner.post(re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)[0])
    invite(mei, "Bay Logistics")
    with app.app_context(), writing() as session:
        session.execute(sa.update(Engagement).where(Engagement.state == "invited").values(until=date(2026, 1, 2)))

    page = mei.get("/staff/clients/ended").get_data(as_text=True)

    for shown in ("Harbour Foods", "ended on", "Bay Logistics", "over since 2 January 2026", "never accepted"):
        assert shown in page
    for hidden in ("AI Aware", "3.4", "Restaurants", "Two directors", mei.client_id):
        assert hidden not in page


def _names(consultant: Consultant, query: str = "") -> list[str]:
    page = consultant.get(f"/staff/clients{query}").get_data(as_text=True)
    return re.findall(r'<th scope="row"><a href="/staff/clients/[0-9a-f-]{36}">([^<]+)</a>', page)


def _set_next(app: Flask, consultant: Consultant, day: date) -> None:
    with app.app_context(), writing() as session:
        session.execute(sa.update(Engagement).where(Engagement.company == "Bay Logistics").values(next_on=day))


def _add_clients(app: Flask, consultant: Consultant, number: int) -> None:
    """Copy the first client's assessment so many times, each with an engagement and a note."""
    with app.app_context(), writing() as session:
        account = session.scalars(sa.select(Account).where(Account.email == consultant.email)).one()
        first = session.scalars(sa.select(Assessment)).first()
        assert first is not None
        kept = ("rubric_version_id", "status", "submitted_at", "result", "created_at", "saved_at")
        for place in range(number):
            copied = {name: getattr(first, name) for name in kept}
            assessment = Assessment(id=uuid4(), company={"name": f"Company {place:03}"}, company_asked=True, **copied)
            session.add(assessment)
            session.flush()
            row = Engagement(
                state="asked",
                scope=Access.EDIT.value,
                assessment_id=assessment.id,
                consultant_id=account.id,
                until=today(),
                created_at=now(),
            )
            session.add(row)
            session.flush()
            engagements.begin(session, row, assessment.id, engagement_steps.THE_COMPANY)
            written = EngagementNote(
                id=uuid4(), engagement_id=row.id, shared=False, author_id=account.id, written_at=now()
            )
            session.add(written)
            session.flush()
            session.add(EngagementNoteText(note_id=written.id, number=1, text="noted", written_at=now()))
