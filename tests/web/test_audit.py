"""The audit log: ids and hashes only, added to and never changed, and what was changed all the same shows."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import AuditEntry
from readiness.services import audit
from readiness.services.accounts import Capability
from readiness.services.database import db, writing
from readiness.services.triggers import broken_triggers
from tests.web.staffing import Staff

TRIGGERS = {
    "sqlite": ["audit_entry_update", "audit_entry_delete", "audit_entry_insert"],
    "postgresql": ["audit_entry_keep", "audit_entry_truncate"],
}


@pytest.fixture
def entries(app: Flask) -> list[int]:
    """Return the numbers of five entries of a log."""
    with app.app_context():
        with writing() as session:
            numbers = [audit.record(session, uuid4(), "rubric.publish", "2026.2", "sha256:1").number for _ in range(5)]
        db.session.close()
    return numbers


def test_entries_count_from_one_and_the_chain_holds(app: Flask, entries: list[int]) -> None:
    with app.app_context():
        checked = audit.verify()

    assert entries == [1, 2, 3, 4, 5]
    assert (checked.entries, checked.broken_at, checked.holds) == (5, None, True)


def test_what_was_rolled_back_leaves_no_gap(app: Flask, entries: list[int]) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            _record_and_fail()
        with writing() as session:
            audit.record(session, None, "rubric.publish")

        assert audit.verify().entries == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'nothing' WHERE number = 2",
        "DELETE FROM audit_entry WHERE number = 5",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_it(app: Flask, entries: list[int], statement: str) -> None:
    with app.app_context():
        with pytest.raises(sa.exc.DBAPIError, match="only added here"), db.engine.begin() as connection:
            connection.execute(sa.text(statement))

        assert audit.verify().entries == 5


def test_the_database_refuses_its_own_ways_around(app: Flask, entries: list[int]) -> None:
    with app.app_context():
        ways = {
            "sqlite": "INSERT OR REPLACE INTO audit_entry SELECT number, at, actor_id, 'x', subject_id, content_hash, "
            "entry_hash FROM audit_entry WHERE number = 3",
            "postgresql": "TRUNCATE audit_entry",
        }
        with pytest.raises(sa.exc.DBAPIError, match="only added here"), db.engine.begin() as connection:
            connection.execute(sa.text(ways[db.engine.dialect.name]))


def test_a_trigger_of_the_log_that_is_gone_is_found(app: Flask) -> None:
    with app.app_context():
        assert broken_triggers(db.session.connection()) == []
        kind = db.engine.dialect.name
        _without_triggers("SELECT 1")

        found = broken_triggers(db.session.connection())
        db.session.close()

    assert found == sorted(f"audit_entry: the trigger {name} is missing" for name in TRIGGERS[kind])


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entry SET action = 'account.give.publish' WHERE number = 2", 2),
        ("UPDATE audit_entry SET actor_id = NULL WHERE number = 4", 4),
        ("UPDATE audit_entry SET content_hash = 'sha256:2' WHERE number = 5", 5),
        ("DELETE FROM audit_entry WHERE number = 1", 1),
        ("DELETE FROM audit_entry WHERE number = 3", 3),
    ],
)
def test_what_was_changed_past_the_triggers_is_found(
    app: Flask, entries: list[int], statement: str, broken_at: int
) -> None:
    with app.app_context():
        _without_triggers(statement)

        checked = audit.verify()

    assert (checked.holds, checked.broken_at) == (False, broken_at)


def test_an_end_that_was_cut_off_shows_against_the_head_that_was_noted(app: Flask, entries: list[int]) -> None:
    with app.app_context():
        noted = audit.verify().head
        _without_triggers("DELETE FROM audit_entry WHERE number = 5")

        assert audit.verify().head != noted


def test_it_names_nobody(app: Flask, staff: Callable[..., Staff]) -> None:
    staff(Capability.PUBLISH, email="mei@example.com")

    with app.app_context():
        found = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
        held = " ".join(f"{each.action} {each.subject_id} {each.content_hash}" for each in found)
        assert audit.verify().holds
        db.session.close()
    assert "mei" not in held
    assert [each.action for each in found] == [
        "account.give.publish",
        "account.invite",
        "account.accept",
        "account.authenticator",
        "account.recovery_codes",
    ]


def _record_and_fail() -> None:
    with writing() as session:
        audit.record(session, None, "rubric.publish")
        raise ZeroDivisionError


def _without_triggers(statement: str) -> None:
    """Change the log as someone who owns the database can."""
    kind = db.engine.dialect.name
    # Nobody may be reading meanwhile.
    db.session.close()
    with db.engine.begin() as connection:
        for name in TRIGGERS[kind]:
            connection.execute(sa.text(f"DROP TRIGGER {name}" + (" ON audit_entry" if kind == "postgresql" else "")))
        connection.execute(sa.text(statement))
