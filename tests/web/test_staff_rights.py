"""Who may open a page of the desk: every route that asks for an account, against everyone who lacks what it asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from readiness.models import Account
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.web.rights import RIGHTS, Right
from tests.web.conftest import Owner, everything_stored
from tests.web.staffing import Staff, invite, staff_of

DESK = {Right.STAFF, *Capability}
ANY_ACCOUNT = {*DESK, Right.HALF, Right.SET_UP}
#: What fills the places of an address; a slice adds its own.
PLACES: dict[str, object] = {"capability": "publish"}


def test_whoever_is_not_signed_in_is_led_to_sign_in_by_every_page_and_nothing_happens(visitor: Owner) -> None:
    before = everything_stored(visitor.client.application)
    answers = {}

    for method, address in _addresses(visitor.client.application, ANY_ACCOUNT):
        response = visitor.client.open(address, method=method, data={"csrf_token": _csrf(visitor.client)})
        answers[f"{method} {address}"] = (response.status_code, response.headers.get("Location", "").partition("?")[0])

    assert len(answers) > 20
    assert set(answers.values()) == {(302, "/staff/sign-in")}, answers
    assert everything_stored(visitor.client.application) == before


@pytest.mark.parametrize("lacking", Capability)
def test_an_account_without_the_capability_is_denied_every_page_of_it(
    shared_app: Flask, shared_staff: Callable[..., Staff], lacking: Capability
) -> None:
    others = set(Capability) - {lacking}
    mallory = shared_staff(*others, email=f"without-{lacking}@example.com")
    mallory.get("/staff/account")
    csrf = mallory.csrf
    before = everything_stored(shared_app)
    answers = {}

    for method, address in _addresses(shared_app, {lacking}):
        response = mallory.client.open(address, method=method, data={"csrf_token": csrf})
        answers[f"{method} {address}"] = response.status_code

    assert set(answers.values()) <= {403}, answers
    assert bool(answers) == (lacking in set(RIGHTS.values()))
    assert everything_stored(shared_app) == before


@pytest.mark.parametrize("with_second_factor", [True, False], ids=["factor not given", "factor not set up"])
def test_a_password_alone_opens_no_page_of_the_desk(shared_app: Flask, with_second_factor: bool) -> None:
    email = f"half-{with_second_factor}@example.com".lower()
    if with_second_factor:
        half = staff_of(shared_app, *Capability, email=email).sign_out()
        half.give_password()
        leads_to, denied = "/staff/sign-in/code", DESK | {Right.SET_UP}
    else:
        token = invite(shared_app, email, *Capability)
        half = Staff(shared_app.test_client(), email)
        half.get(f"/staff/invitations/{token}")
        half.follow(half.post(f"/staff/invitations/{token}", password="four plain harbour words"))
        leads_to, denied = "/staff/second-factor", DESK
    csrf = half.csrf
    before = everything_stored(shared_app)
    answers = {}

    for method, address in _addresses(shared_app, denied):
        response = half.client.open(address, method=method, data={"csrf_token": csrf})
        answers[f"{method} {address}"] = (response.status_code, response.headers.get("Location", "").partition("?")[0])

    assert len(answers) > 15
    assert set(answers.values()) == {(302, leads_to)}, answers
    assert everything_stored(shared_app) == before


def test_without_its_form_token_nothing_is_opened_by_the_page_that_would_show_the_form_again(visitor: Owner) -> None:
    for method, address in _addresses(visitor.client.application, ANY_ACCOUNT):
        if method == "POST":
            response = visitor.client.post(address)
            assert response.status_code in (302, 400), address
            assert "/staff/sign-out" not in response.get_data(as_text=True), address


def test_every_form_of_the_desk_is_refused_without_its_token(
    shared_app: Flask, shared_staff: Callable[..., Staff]
) -> None:
    mei = shared_staff(*Capability, email="forms@example.com")
    before = everything_stored(shared_app)

    for rule in shared_app.url_map.iter_rules():
        if rule.rule.startswith("/staff") and "POST" in (rule.methods or ()):
            address = _address(rule, {**PLACES, "invitation": "A" * 43})
            response = mei.client.post(address, data={"email": "x@example.com", "password": "x" * 20, "code": "1"})
            assert response.status_code in (400, 404), address
            assert "session=" not in response.headers.get("Set-Cookie", "")

    assert everything_stored(shared_app) == before
    assert mei.get("/staff").request.path == "/staff"


def test_owner_pages_ask_nobody_who_is_signed_in(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.PUBLISH, email="mei@example.com")
    owner = Owner(app.test_client()).start().answer_all().submit()
    with app.app_context():
        engine = db.engine
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counted = {}

    for who in (owner.client, mei.client):
        for path in ("/", "/method", f"/assessments/{owner.token}/result", f"/assessments/{owner.token}/check"):
            statements.clear()
            assert who.get(path).status_code in (200, 302), path
            counted.setdefault(path, []).append([each for each in statements if not each.startswith("BEGIN")])

    for path, (without, signed_in) in counted.items():
        assert without == signed_in, path
        assert not any(re.search(rf"\b{Account.__tablename__}\b", statement) for statement in signed_in), path


def test_a_page_of_the_desk_takes_two_statements_to_know_who_is_there(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.SEE_STATISTICS, email="mei@example.com")
    with app.app_context():
        engine = db.engine
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    mei.get("/staff")

    assert len([each for each in statements if not each.startswith("BEGIN")]) == 2, statements


def _addresses(app: Flask, rights: set[Right | Capability]) -> Iterator[tuple[str, str]]:
    """Yield each method and address that these rights guard; OPTIONS only names the methods."""
    for rule in app.url_map.iter_rules():
        if RIGHTS[rule.endpoint] in rights:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield method, _address(rule, PLACES)


def _address(rule: object, places: dict[str, object]) -> str:
    converters = rule._converters  # type: ignore[attr-defined]
    filled = {}
    for name, converter in converters.items():
        kind = type(converter).__name__
        filled[name] = places.get(name, {"UUIDConverter": uuid4(), "IntegerConverter": 1}.get(kind, "x"))
    built = rule.build(filled)  # type: ignore[attr-defined]
    assert built is not None, rule
    return str(built[1])


def _csrf(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/staff/sign-in").get_data(as_text=True))
    assert found
    return found[1]
