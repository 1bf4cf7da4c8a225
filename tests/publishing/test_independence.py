"""Four eyes are two people's: whoever made the link of an account could be signed in as that account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.library.rubrics import RubricVersion
from readiness.models import AuditEntry
from readiness.services import accounts, invitations, publishing
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db, writing
from readiness.services.publishing import NotIndependent, NotInReview
from readiness.services.triggers import create_triggers, drop_triggers
from readiness.services.versions import current_rubric
from readiness.web.limits import limiter
from tests.next_version import add_version
from tests.publishing.conftest import make_account
from tests.web.staffing import Staff

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
EVERYTHING = (Capability.EDIT_DRAFTS, Capability.PUBLISH, Capability.MANAGE_ACCOUNTS)
Attack = Callable[[Actor, Actor], None]


@pytest.fixture
def mei(app: Flask) -> Actor:
    """Return who submits, and manages accounts."""
    return make_account(app, "mei@example.hk", *EVERYTHING)


@pytest.fixture
def ken(app: Flask) -> Actor:
    """Return who confirms, and manages accounts too."""
    return make_account(app, "ken@example.hk", *EVERYTHING)


@pytest.fixture
def version(folder: Path) -> RubricVersion:
    """Return what is to be published."""
    return add_version(folder, new=(), gate=True)


def reset_the_second(mei: Actor, ken: Actor) -> None:
    invitations.reset(ken.id, mei)


def reset_and_open_the_link(mei: Actor, ken: Actor) -> None:
    invitations.accept(invitations.reset(ken.id, mei), password_hash="forged")


def open_a_link_that_was_made_days_ago(mei: Actor, ken: Actor) -> None:
    link = invitations.reset(ken.id, mei)
    grow_older(timedelta(days=6))
    invitations.accept(link, password_hash="forged")


def withdraw_and_invite_again(mei: Actor, ken: Actor) -> None:
    accounts.withdraw(ken.id, mei)
    invitations.invite(ken.email, [Capability.PUBLISH], mei)


def reset_again_as_the_second(mei: Actor, ken: Actor) -> None:
    invitations.accept(invitations.reset(ken.id, mei), password_hash="forged")
    invitations.accept(invitations.reset(ken.id, ken), password_hash="forged")


def reset_the_first(mei: Actor, ken: Actor) -> None:
    """The other way round: the second submits as the first, and confirms as themselves."""
    invitations.accept(invitations.reset(mei.id, ken), password_hash="forged")


@pytest.mark.parametrize(
    "attack",
    [
        reset_the_second,
        reset_and_open_the_link,
        open_a_link_that_was_made_days_ago,
        withdraw_and_invite_again,
        reset_again_as_the_second,
        reset_the_first,
    ],
)
def test_nobody_publishes_alone_through_a_link_that_they_made(
    app: Flask, mei: Actor, ken: Actor, version: RubricVersion, attack: Attack
) -> None:
    with app.app_context():
        attack(mei, ken)
        publishing.submit(mei, version.document)

        with pytest.raises(NotIndependent, match="they count as two from"):
            publishing.confirm(ken, "2026.2", version.digest)

        assert current_rubric(db.session).number == "2026.1"
        db.session.close()


def test_only_what_the_maker_of_the_link_submitted_is_kept_back(
    app: Flask, mei: Actor, ken: Actor, version: RubricVersion
) -> None:
    third = make_account(app, "third@example.hk", *EVERYTHING)
    with app.app_context():
        reset_and_open_the_link(mei, ken)
        publishing.submit(mei, version.document)
        grow_older(timedelta(hours=23, minutes=59))
        with pytest.raises(NotIndependent):
            publishing.confirm(ken, "2026.2", version.digest)
        publishing.send_back(third, "2026.2", version.digest, "Not yet.")
        publishing.submit(third, version.document)
        # What Ken may not confirm is only what Mei submitted.
        publishing.confirm(ken, "2026.2", version.digest)

        assert current_rubric(db.session).number == "2026.2"
        db.session.close()


def test_after_a_day_two_accounts_are_two_people_again(
    app: Flask, mei: Actor, ken: Actor, version: RubricVersion
) -> None:
    with app.app_context():
        reset_and_open_the_link(mei, ken)
        publishing.submit(mei, version.document)
        grow_older(timedelta(hours=24))

        publishing.confirm(ken, "2026.2", version.digest)

        with pytest.raises(NotInReview):
            publishing.review_of(db.session, "2026.2")
        db.session.close()


def test_a_link_that_somebody_else_made_keeps_nobody_apart(
    app: Flask, mei: Actor, ken: Actor, version: RubricVersion
) -> None:
    third = make_account(app, "third@example.hk", *EVERYTHING)
    with app.app_context():
        invitations.accept(invitations.reset(ken.id, third), password_hash="own")
        invitations.accept(invitations.reset(mei.id), password_hash="own")
        publishing.submit(mei, version.document)

        publishing.confirm(ken, "2026.2", version.digest)

        assert current_rubric(db.session).number == "2026.2"
        db.session.close()


@sqlite_only
def test_the_page_says_since_whom_and_until_when(app: Flask, mei: Actor, version: RubricVersion) -> None:
    limiter.reset()
    with app.app_context():
        link = invitations.invite("lin@example.com", EVERYTHING, mei)
        publishing.submit(mei, version.document)
        db.session.close()
    lin = Staff(app.test_client(), "lin@example.com").accept(link)

    lin.get("/staff/rubrics/review/2026.2")

    assert "mei@example.hk lately made the link with which you sign in" in lin.text
    assert "you can confirm this one from" in lin.text
    assert "Confirm and publish 2026.2" not in lin.text
    assert "Send back" in lin.text
    assert _confirmed(lin, version) == 403
    assert "do not count as two people yet" in lin.text
    with app.app_context():
        assert current_rubric(db.session).number == "2026.1"


def _confirmed(staff: Staff, version: RubricVersion) -> int:
    staff.page = staff.client.post(
        f"/staff/rubrics/review/{version.id}/confirm", data={"csrf_token": staff.csrf, "digest": version.digest}
    )
    return staff.page.status_code


def grow_older(by: timedelta) -> None:
    """Let everything in the audit log have happened earlier, which its triggers would refuse."""
    with writing() as session:
        drop_triggers(session.connection())
        for entry in session.scalars(sa.select(AuditEntry)):
            entry.at -= by
        session.flush()
        create_triggers(session.connection())
