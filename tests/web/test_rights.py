"""Who may open which page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask

from readiness.settings import Settings
from readiness.web.rights import RIGHTS, Right
from tests.web.conftest import Owner, everything_stored

#: What fills the places of an address beside the link's token.
PLACES = {
    "question_id": "ai_talent",
    "revision": 1,
    "other": 2,
    "language_tag": "en",
    "link_id": uuid4(),
    "engagement_id": uuid4(),
    "item_id": uuid4(),
    "scheme_id": "nittp",
    "fact_id": "cap",
    "code": "none",
    "action_id": "ai_governance_1_2",
}
#: What a form could send: nothing, and something that every one of them would take.
FORMS = {
    "empty": {},
    "full": {
        "answer": "5",
        "note": "Ask Mei.",
        "version": "1",
        "then": "continue",
        "name": "Another name",
        "sector": "education",
        "employees": "6-9",
        "business_registration": "yes",
        "access": "edit",
        "label": "for me",
        "address": "someone@example.com",
        "to": str(uuid4()),
        "seen": "0",
        "state": "done",
        "owner": "Mei",
        "due_on": "2027-05-31",
        "proof": "in the safe",
        "reminder_address": "someone@example.com",
    },
}


def test_the_table_of_rights_names_every_route_and_no_other(shared_app: Flask) -> None:
    endpoints = {rule.endpoint for rule in shared_app.url_map.iter_rules()}

    assert endpoints == set(RIGHTS)


def test_a_page_asks_for_a_link_or_an_invitation_exactly_where_its_address_holds_one(shared_app: Flask) -> None:
    for rule in shared_app.url_map.iter_rules():
        right = RIGHTS[rule.endpoint]
        assert ("token" in rule.arguments) == (right in {Right.READ, Right.EDIT}), rule
        assert ("invitation" in rule.arguments) == (right is Right.INVITED), rule
        assert ("participant" in rule.arguments) == (right is Right.SEAT), rule


def test_what_changes_something_asks_for_more_than_to_look(shared_app: Flask) -> None:
    changing = {rule.endpoint for rule in shared_app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}

    begins = {"owner.begin", "account.sign_in_submit", "account.sign_in_passkey"}
    rights = {RIGHTS[endpoint] for endpoint in changing - begins}
    assert rights.isdisjoint({Right.ANYONE, Right.READ})
    assert {RIGHTS[endpoint] for endpoint in changing - begins if endpoint.startswith("owner.")} == {
        Right.EDIT,
        Right.INVITED,
        Right.MAILED,
    }


def test_every_page_under_staff_asks_for_an_account_but_for_signing_in_and_invitations(shared_app: Flask) -> None:
    open_to_anyone = {
        rule.endpoint
        for rule in shared_app.url_map.iter_rules()
        if rule.rule.startswith("/staff") and RIGHTS[rule.endpoint] in {Right.ANYONE, Right.READ, Right.EDIT}
    }

    assert open_to_anyone == {"account.sign_in", "account.sign_in_submit", "account.sign_in_passkey"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_route_that_the_table_does_not_name_is_open_to_nobody(
    settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(settings)
    app.add_url_rule("/forgotten/<token>", "forgotten", lambda token: f"all of {token}")
    owner = Owner(app.test_client()).start()

    response = owner.client.get(f"/forgotten/{owner.token}")

    assert response.status_code == 403
    assert "This page is not open to you" in response.get_data(as_text=True)
    assert owner.token not in response.get_data(as_text=True)


@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS)
def test_an_unknown_link_opens_nothing_by_any_method(visitor: Owner, fields: dict[str, str]) -> None:
    csrf = _csrf(visitor)
    before = everything_stored(visitor.client.application)
    answers = {}

    for method, address in _addresses(visitor.client.application, {Right.READ, Right.EDIT}, "A" * 43):
        response = visitor.client.open(address, method=method, data={"csrf_token": csrf, **fields})
        answers[f"{method} {address}"] = response.status_code

    assert len(answers) > 30
    assert {place: status for place, status in answers.items() if status != 404} == {}
    assert everything_stored(visitor.client.application) == before


def test_without_its_form_token_an_unknown_link_is_refused_all_the_same(visitor: Owner) -> None:
    answers = {}

    for method, address in _addresses(visitor.client.application, {Right.EDIT}, "A" * 43):
        if method == "POST":
            answers[address] = visitor.client.post(address).status_code

    assert set(answers.values()) <= {400, 404}, answers


@pytest.mark.parametrize("fields", FORMS.values(), ids=FORMS)
def test_a_reading_link_opens_no_page_that_changes_something(visitor: Owner, fields: dict[str, str]) -> None:
    visitor.start(name="Harbour Foods Ltd").answer_all().submit()
    token = visitor.give("read")
    csrf = _csrf(visitor)
    before = everything_stored(visitor.client.application)
    answers = {}

    for method, address in _addresses(visitor.client.application, {Right.EDIT}, token):
        response = visitor.client.open(address, method=method, data={"csrf_token": csrf, **fields})
        answers[f"{method} {address}"] = response.status_code

    assert len(answers) > 20
    assert {place: status for place, status in answers.items() if status != 403} == {}
    assert everything_stored(visitor.client.application) == before


def test_without_its_form_token_an_unknown_question_is_no_fault(visitor: Owner) -> None:
    visitor.start()

    response = visitor.client.post(f"/assessments/{visitor.token}/questions/none", data={"answer": "3"})

    assert response.status_code == 404


def test_without_its_form_token_a_reading_link_is_refused_all_the_same(visitor: Owner) -> None:
    visitor.start().answer_all().submit()
    token = visitor.give("read")
    answers = {}

    for method, address in _addresses(visitor.client.application, {Right.EDIT}, token):
        if method == "POST":
            answers[address] = visitor.client.post(address).status_code

    assert set(answers.values()) <= {400, 403}, answers


def test_a_reading_link_opens_the_result_with_its_files_and_nothing_else(visitor: Owner) -> None:
    visitor.start().answer_all().submit()
    token = visitor.give("read")

    opened = {
        address.replace(token, "")
        for method, address in _addresses(visitor.client.application, {Right.READ, Right.EDIT}, token)
        if method == "GET" and visitor.client.get(address, follow_redirects=True).status_code == 200
    }

    files = {"plan-en.pdf", "export.json", "schemes/nittp"}
    assert opened == {"/assessments/", "/assessments//result", "/assessments//results/1"} | {
        f"/assessments/{folder}/{file}" for folder in ("", "/results/1") for file in files
    }


def test_what_the_method_page_says_is_open_to_anyone(visitor: Owner) -> None:
    for address in ("/", "/method", "/privacy", "/deleted", "/health"):
        assert visitor.client.get(address).status_code == 200, address


def _addresses(app: Flask, rights: set[Right], token: str) -> Iterator[tuple[str, str]]:
    """Yield each method and address that these rights guard; OPTIONS only names the methods."""
    for rule in app.url_map.iter_rules():
        if RIGHTS[rule.endpoint] in rights:
            built = rule.build({name: {**PLACES, "token": token}[name] for name in rule.arguments})
            assert built is not None
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield method, built[1]


def _csrf(owner: Owner) -> str:
    owner.page = owner.client.get("/")
    return owner.token_of_the_form
