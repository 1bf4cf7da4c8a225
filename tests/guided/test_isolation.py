"""Nobody reaches a company that did not let them: every route, by every method, with another company's ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from readiness.models import Account, Engagement, EngagementNote, EngagementRequest
from readiness.services import accounts, engagements
from readiness.services.accounts import Capability
from readiness.services.database import db, writing
from readiness.web.limits import limiter
from tests.guided.conftest import Consultant, offered
from tests.guided.walking import ask, invite, note
from tests.web.conftest import Owner, everything_stored
from tests.web.staffing import Staff, staff_of

NAME, SAID, PRIVATE, SHARED, REACHED, WROTE = (
    "Harbour Marker Ltd",
    "answer-marker",
    "private-marker",
    "shared-marker",
    "reached-marker",
    "wrote-marker",
)
MARKERS = (NAME, SAID, PRIVATE, SHARED, REACHED, WROTE)
FORM = {
    "answer": "take",
    "note": "Ask Mei.",
    "version": "1",
    "then": "continue",
    "name": "Another name",
    "company": "Another name",
    "sector": "education",
    "access": "edit",
    "scope": "edit",
    "until": "2026-12-31",
    "contact": "2345 6789",
    "address": "someone@example.com",
    "text": "another note",
    "kind": "shared",
    "seen": "1",
    "next_on": "2026-12-31",
    "clients": "leave",
}


@dataclass
class Foreign:
    """A company that whoever walks may not see: what fills the places of addresses."""

    token: str
    engagement_id: UUID
    note_id: UUID
    account_id: UUID

    @property
    def places(self) -> Mapping[str, Any]:
        """What each place of an address is filled with."""
        known = {"question_id": "ai_talent", "revision": 1, "other": 1, "language_tag": "en", "scheme_id": "nittp"}
        return {**known, **vars(self)}


def _another_consultants(app: Flask, mei: Consultant, _: Consultant) -> None:
    _company(app, mei)


def _ended(app: Flask, _: Consultant, mallory: Consultant) -> None:
    owner = _company(app, mallory)
    owner.get("/consultants")
    owner.post(re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)[0])


def _over(app: Flask, _: Consultant, mallory: Consultant) -> None:
    _company(app, mallory)
    with app.app_context(), writing() as session:
        session.execute(sa.update(Engagement).values(until=date(2026, 1, 2)))


def _handed_over(app: Flask, mei: Consultant, mallory: Consultant) -> None:
    _company(app, mallory)
    page = f"/staff/clients/{mallory.client_id}"
    mallory.get(page)
    assert mallory.post(f"{page}/propose", address=mei.email).status_code == 302
    mei.get("/staff/clients")
    assert mei.post(f"/staff/proposals/{mallory.client_id}", answer="take").status_code == 302


def _proposed_to_another(app: Flask, mei: Consultant, _: Consultant) -> None:
    _company(app, mei)
    kai = staff_of(app, Capability.GUIDE, email="kai@example.com")
    page = f"/staff/clients/{mei.client_id}"
    mei.get(page)
    assert mei.post(f"{page}/propose", address=kai.email).status_code == 302


def _invited(_: Flask, mei: Consultant, __: Consultant) -> None:
    invite(mei, NAME)
    note(mei, PRIVATE, "private")


CASES: dict[str, Callable[[Flask, Consultant, Consultant], None]] = {
    "another's": _another_consultants,
    "ended": _ended,
    "over": _over,
    "handed over": _handed_over,
    "proposed to another": _proposed_to_another,
    "invited by another": _invited,
}


@pytest.mark.parametrize("case", CASES)
def test_a_consultant_finds_nothing_of_a_company_that_is_not_engaged(
    app: Flask, consultant: Callable[..., Consultant], case: str
) -> None:
    mei, mallory = consultant(), consultant()
    CASES[case](app, mei, mallory)
    foreign = _foreign(app)
    csrf = _csrf(mallory)
    before = everything_stored(app)
    wrong = {}

    for rule, method, address in _ways(app, foreign):
        limiter.reset()
        response = _open(mallory.client, method, address, csrf)
        # Of a room that is not theirs, a poll says that it is over, as of one that never was.
        said_over = method == "HEAD" or b'"place":"over"' in response.data
        polled = rule.endpoint == "consultant.session_state" and said_over
        if _names_a_company(rule) and not polled and response.status_code not in (403, 404, 409):
            wrong[f"{method} {address}"] = response.status_code
        # The names of those whom one had are left, on one page.
        past = rule.endpoint == "consultant.ended"
        for marker in MARKERS[1 if past else 0 :]:
            assert marker.encode() not in response.get_data(), f"{method} {address}"

    assert wrong == {}
    assert everything_stored(app) == before


@pytest.mark.parametrize("who", ["nobody", "without the right", "one factor", "withdrawn"])
def test_the_consultants_address_is_worth_nothing_without_the_consultant(
    app: Flask, consultant: Callable[..., Consultant], who: str
) -> None:
    mei = consultant()
    _company(app, mei)
    foreign = _foreign(app)
    expected = {302}
    if who == "nobody":
        client = app.test_client()
        csrf = _csrf_of(client.get("/staff/sign-in"))
    elif who == "without the right":
        others = set(Capability) - {Capability.GUIDE, Capability.MANAGE_ACCOUNTS}
        other = staff_of(app, *others, email="other@example.com")
        client, csrf, expected = other.client, _csrf(other), {403, 404}
    elif who == "one factor":
        mei.sign_out()
        mei.give_password()
        client, csrf = mei.client, mei.csrf
    else:
        csrf = _csrf(mei)
        with app.app_context():
            accounts.withdraw(mei.email, leave_clients=True)
        client = mei.client
    before = everything_stored(app)
    answers = {}

    for rule, method, address in _ways(app, foreign):
        if _names_a_company(rule):
            limiter.reset()
            response = _open(client, method, address, csrf)
            answers[f"{method} {address}"] = response.status_code
            assert not any(marker.encode() in response.get_data() for marker in MARKERS), f"{method} {address}"

    assert len(answers) > 70
    assert {way: status for way, status in answers.items() if status not in expected} == {}
    assert everything_stored(app) == before


def test_the_queue_is_all_that_is_seen_of_a_company_that_asks(
    app: Flask, consultant: Callable[..., Consultant]
) -> None:
    mallory = consultant()
    owner = _answered(app)
    ask(owner, name=REACHED, message=WROTE)
    with app.app_context():
        id = db.session.scalars(sa.select(Engagement.id)).one()
    foreign = Foreign("e." + "A" * 43, id, uuid4(), uuid4())
    csrf = _csrf(mallory)
    before = everything_stored(app)

    for rule, method, address in _ways(app, foreign):
        if rule.endpoint != "consultant.queue_take":
            body = _open(mallory.client, method, address, csrf).get_data()
            assert not any(marker.encode() in body for marker in MARKERS), f"{method} {address}"

    assert everything_stored(app) == before


def test_the_same_walk_finds_everything_for_the_consultant_who_is_engaged(
    app: Flask, consultant: Callable[..., Consultant]
) -> None:
    mei = consultant()
    _company(app, mei)
    bodies = b""

    for _, method, address in _ways(app, _foreign(app)):
        if method == "GET":
            bodies += mei.client.get(address).get_data()

    assert [marker for marker in MARKERS if marker.encode() not in bodies] == []


def _answered(app: Flask) -> Owner:
    owner = Owner(app.test_client()).start(name=NAME, sector="food_beverage")
    owner.answer("ai_talent", 3, note=SAID)
    return owner.answer_all(ai_talent=None).submit()


def _company(app: Flask, consultant: Consultant) -> Owner:
    """Make a company of this consultant, with everything in it that only the two may see."""
    owner = _answered(app)
    consultant.take(offered(owner))
    with app.app_context(), writing() as session:
        row = session.scalars(sa.select(Engagement)).one()
        session.add(EngagementRequest(engagement_id=row.id, name=REACHED, contact="2345 6789", message=WROTE))
    note(consultant, PRIVATE, "private")
    note(consultant, SHARED, "shared")
    consultant.enter()
    return owner


def _foreign(app: Flask) -> Foreign:
    with app.app_context():
        row = db.session.scalars(sa.select(Engagement)).one()
        private = db.session.scalars(sa.select(EngagementNote.id).where(~EngagementNote.shared)).one()
        account = db.session.scalars(sa.select(Account.id).where(Account.id == row.consultant_id)).one()
        token = engagements._token_of(row.link_id) if row.link_id else "e." + "A" * 43
        return Foreign(token, row.id, private, account)


def _ways(app: Flask, foreign: Foreign) -> Iterator[tuple[Rule, str, str]]:
    """Yield every route by each of its methods; what names no company is only looked at."""
    for rule in app.url_map.iter_rules():
        converters = rule._converters
        places = {
            name: foreign.places.get(
                name, {"UUIDConverter": uuid4(), "IntegerConverter": 1}.get(type(each).__name__, "x")
            )
            for name, each in converters.items()
        }
        built = rule.build(places)
        assert built is not None, rule
        methods = (rule.methods or set()) - {"OPTIONS"}
        for method in sorted(methods if _names_a_company(rule) else methods - {"POST"}):
            yield rule, method, built[1]


def _names_a_company(rule: Rule) -> bool:
    return bool({"token", "engagement_id"} & set(rule.arguments))


def _open(client: FlaskClient, method: str, address: str, csrf: str) -> TestResponse:
    data = {"csrf_token": csrf, **FORM} if method == "POST" else None
    return client.open(address, method=method, data=data)


def _csrf(staff: Staff) -> str:
    staff.get("/staff/account")
    return staff.csrf


def _csrf_of(response: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.get_data(as_text=True))
    assert found
    return found[1]
