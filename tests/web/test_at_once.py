"""Two who act at the same moment, each with a connection of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from flask import Flask

from readiness.models import Account, Authenticator
from readiness.services import accounts, audit, second_factors
from readiness.services.accounts import Actor, Capability, LastManager
from readiness.services.database import db, now, writing

CODE = 1234


def test_the_audit_log_stays_one_chain(app: Flask) -> None:
    def write() -> None:
        for _ in range(10):
            with writing() as session:
                audit.record(session, None, "rubric.publish")

    _at_once(app, [write] * 4)

    with app.app_context():
        checked = audit.verify()
        db.session.close()
    assert (checked.entries, checked.holds) == (40, True)


def test_one_code_lets_one_in(app: Flask) -> None:
    id = _account(app, "mei@example.com")

    let_in = _at_once(app, [lambda: second_factors.accept_code(id, lambda secret, newest: CODE)] * 4)

    assert sorted(let_in) == [False, False, False, True]


def test_one_recovery_code_lets_one_in(app: Flask) -> None:
    id = _account(app, "mei@example.com")
    with app.app_context():
        second_factors.set_recovery_codes(id, ["aaaa-bbbb-cccc"])
        db.session.close()

    let_in = _at_once(app, [lambda: second_factors.accept_recovery_code(id, "aaaa bbbb cccc")] * 4)

    assert sorted(let_in) == [False, False, False, True]


def test_of_two_managers_who_both_leave_one_stays(app: Flask) -> None:
    ids = [_account(app, f"{name}@example.com", Capability.MANAGE_ACCOUNTS) for name in ("mei", "kai")]

    def leave(id: UUID) -> Callable[[], bool]:
        def work() -> bool:
            try:
                accounts.withdraw(id, Actor(id, "", frozenset(Capability)))
            except LastManager:
                return False
            return True

        return work

    left = _at_once(app, [leave(id) for id in ids])

    assert sorted(left) == [False, True]


def _at_once(app: Flask, works: list[Callable[[], object]]) -> list[object]:
    """Do all of it at once, and return what each came to."""
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        with app.app_context():
            ready.wait()
            try:
                return work()
            finally:
                db.session.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def _account(app: Flask, email: str, *capabilities: Capability) -> UUID:
    """Return the id of an account that has an app."""
    with app.app_context():
        with writing() as session:
            account = Account(email=email, active=True, fs_uniquifier=email, created_at=now())
            session.add(account)
            session.flush()
            for each in capabilities:
                accounts.add_grant(session, account.id, each, None)
            session.add(Authenticator(account_id=account.id, secret="{}", last_counter=0, added_at=now()))
            id = account.id
        db.session.close()
    return id
