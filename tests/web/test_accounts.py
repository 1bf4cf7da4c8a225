"""The page of accounts: invite, give, take, make a new link, withdraw; and always someone who can."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Account
from readiness.services import accounts, invitations
from readiness.services.accounts import Actor, Capability, NotAllowed
from readiness.services.database import db
from tests.web.conftest import everything_stored
from tests.web.staffing import Staff, invite

REFUSED = "Nobody else who has signed in may manage accounts."

#: What no kind of database does otherwise.
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def boss(staff: Callable[..., Staff]) -> Staff:
    """Return the one who manages accounts."""
    return staff(Capability.MANAGE_ACCOUNTS, email="boss@example.com")


def test_someone_is_invited_on_the_page_and_can_do_what_was_ticked(app: Flask, boss: Staff) -> None:
    boss.get("/staff/accounts")

    response = boss.post("/staff/accounts", email=" Mei@Example.com ", capabilities=["publish", "edit_drafts"])

    link = re.search(r'id="new-link"[^>]*value="([^"]+)"', boss.text)
    assert response.status_code == 200
    assert link
    # Nothing is on its way where no mail server is set.
    assert "only printed into the log" in boss.text
    assert "on its way" not in boss.text
    mei = Staff(app.test_client(), "mei@example.com").accept(link[1].rpartition("/")[2])
    assert "Publish versions of the rubric" in mei.text
    assert "Edit drafts of the rubric" in mei.text
    assert "Edit support schemes" not in mei.text


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a b@example.com", "x" * 300 + "@example.com", "boss@example.com"]
)
@sqlite_only
def test_an_address_that_cannot_be_invited_is_said_so(app: Flask, boss: Staff, email: str) -> None:
    boss.get("/staff/accounts")
    before = everything_stored(app)

    response = boss.post("/staff/accounts", email=email)

    assert response.status_code == 422
    assert "govuk-error-summary" in boss.text
    assert everything_stored(app) == before


def test_capabilities_are_given_and_taken_one_by_one_and_hold_at_once(
    app: Flask, boss: Staff, staff: Callable[..., Staff]
) -> None:
    mei = staff(email="mei@example.com")
    page = f"/staff/accounts/{_id(app, 'mei@example.com')}"
    boss.get(page)

    boss.follow(boss.post(f"{page}/give/manage_accounts"))
    assert mei.client.get("/staff/accounts").status_code == 200
    boss.follow(boss.post(f"{page}/give/manage_accounts"))
    boss.follow(boss.post(f"{page}/take/manage_accounts"))

    assert mei.client.get("/staff/accounts").status_code == 403
    refused = mei.client.get("/staff/accounts").get_data(as_text=True)
    assert "This page is not open to you" in refused
    assert '<a class="govuk-button" href="/staff">To the desk</a>' in refused


@sqlite_only
def test_a_capability_or_an_account_that_does_not_exist_is_not_found(app: Flask, boss: Staff) -> None:
    own = f"/staff/accounts/{_id(app, 'boss@example.com')}"
    boss.get(own)

    for path in (
        f"{own}/give/everything",
        f"/staff/accounts/{uuid4()}/withdraw",
        f"/staff/accounts/{uuid4()}/give/publish",
    ):
        assert boss.client.post(path, data={"csrf_token": boss.csrf}).status_code == 404, path


@pytest.mark.parametrize("how", ["take/manage_accounts", "withdraw"])
def test_nobody_leaves_as_the_last_who_can_manage_accounts(app: Flask, boss: Staff, how: str) -> None:
    invite(app, "never-came@example.com", Capability.MANAGE_ACCOUNTS)
    page = f"/staff/accounts/{_id(app, 'boss@example.com')}"
    boss.get(page)

    response = boss.post(f"{page}/{how}")

    assert response.status_code == 409
    assert REFUSED in boss.text
    assert boss.get("/staff/accounts").status_code == 200


@sqlite_only
def test_with_a_second_manager_the_first_can_leave(app: Flask, boss: Staff, staff: Callable[..., Staff]) -> None:
    staff(Capability.MANAGE_ACCOUNTS, email="mei@example.com")
    page = f"/staff/accounts/{_id(app, 'boss@example.com')}"
    boss.get(page)

    response = boss.post(f"{page}/withdraw")

    assert response.status_code == 302
    assert boss.client.get("/staff").status_code == 302


@sqlite_only
def test_an_invitation_to_the_wrong_address_can_be_withdrawn(app: Flask, boss: Staff) -> None:
    token = invite(app, "wrong@example.com", Capability.MANAGE_ACCOUNTS)
    page = f"/staff/accounts/{_id(app, 'wrong@example.com')}"
    boss.get(page)

    boss.follow(boss.post(f"{page}/withdraw"))

    assert "withdrawn" in boss.text
    assert app.test_client().get(f"/staff/invitations/{token}").status_code == 404


def test_a_withdrawn_account_that_is_invited_again_has_what_it_is_given_then(
    app: Flask, boss: Staff, staff: Callable[..., Staff]
) -> None:
    staff(Capability.PUBLISH, email="mei@example.com")
    with app.app_context():
        accounts.withdraw("mei@example.com")
        db.session.close()

    again = Staff(app.test_client(), "mei@example.com").accept(
        invite(app, "mei@example.com", Capability.SEE_STATISTICS)
    )

    assert "See statistics" in again.text
    assert "Publish versions" not in again.text


@sqlite_only
def test_a_new_link_ends_what_was_set_and_is_shown_once(app: Flask, boss: Staff, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com")
    page = f"/staff/accounts/{_id(app, 'mei@example.com')}"
    boss.get(page)

    boss.post(f"{page}/reset")

    link = re.search(r'id="new-link"[^>]*value="([^"]+)"', boss.text)
    assert link
    assert mei.client.get("/staff").status_code == 302
    mei.accept(link[1].rpartition("/")[2])
    assert "<h1>Desk</h1>" in mei.text
    boss.get(page)
    assert "new-link" not in boss.text


@sqlite_only
def test_below_the_pages_the_capability_is_asked_for_again(app: Flask, boss: Staff) -> None:
    mallory = Actor(uuid4(), "mallory@example.com", frozenset(set(Capability) - {Capability.MANAGE_ACCOUNTS}))
    id = _id(app, "boss@example.com")
    before = everything_stored(app)

    with app.app_context():
        for attempt in (
            lambda: accounts.give(id, Capability.PUBLISH, mallory),
            lambda: accounts.take(id, Capability.MANAGE_ACCOUNTS, mallory),
            lambda: accounts.withdraw(id, mallory),
            lambda: invitations.reset(id, mallory),
            lambda: invitations.invite("new@example.com", [], mallory),
        ):
            with pytest.raises(NotAllowed):
                attempt()

    assert everything_stored(app) == before


def _id(app: Flask, email: str) -> UUID:
    with app.app_context():
        id = db.session.scalars(sa.select(Account.id).where(Account.email == email)).one()
        db.session.close()
    return id
