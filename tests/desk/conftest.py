"""A maintainer at the desk, on a real database of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask

from readiness.library.scheme_edits import SourceOf
from readiness.models import Account, Grant
from readiness.services.accounts import Actor, Capability
from readiness.services.database import now, writing
from tests.web.conftest import Owner

SOURCE = SourceOf(
    title="ITC: new terms of the programme",
    lang="en",
    href="https://www.itc.gov.hk/en/new-terms",
    dated="2026-11-01",
    evidence="primary",
)


@pytest.fixture
def site(app: Flask) -> Iterator[Flask]:
    """Return the application with its context, in which services are called."""
    with app.app_context():
        yield app


@pytest.fixture
def account(site: Flask) -> Callable[..., Actor]:
    """Return how to make accounts with capabilities."""

    def make(*capabilities: Capability, mail: str = "") -> Actor:
        mail = mail or f"{uuid4().hex}@example.com"
        with writing() as session:
            row = Account(email=mail, fs_uniquifier=uuid4().hex, created_at=now())
            session.add(row)
            session.flush()
            session.add_all(Grant(account_id=row.id, capability=each, given_at=now()) for each in capabilities)
        return Actor(row.id, mail, frozenset(capabilities))

    return make


@pytest.fixture
def editor(account: Callable[..., Actor]) -> Actor:
    """Return someone who may change schemes."""
    return account(Capability.EDIT_SCHEMES)


@pytest.fixture
def owner(app: Flask) -> Owner:
    """Return an owner on the start page, in English."""
    return Owner(app.test_client())
