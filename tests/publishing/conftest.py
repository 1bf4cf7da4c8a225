"""Staff who write and publish versions, and what an attacker finds in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Account, Grant
from readiness.services.accounts import Actor, Capability
from readiness.services.database import now as clock
from readiness.services.database import writing
from tests.next_version import copy_of_rubric

#: A column that the database keeps for itself may change with nobody's doing; documents may not.
KEPT = "SELECT id, number, digest, state, document, released FROM rubric_version ORDER BY number, digest"


@dataclass(frozen=True)
class Site:
    """A database that holds a published version, one in review and two accounts, as an attacker finds it."""

    engine: sa.Engine
    #: What attacks are written with.
    names: dict[str, str]

    def kept(self) -> list[tuple[object, ...]]:
        """Return every version as it is stored."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(KEPT)]

    def catalogues(self) -> list[tuple[object, ...]]:
        """Return every catalogue as it is stored."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql("SELECT digest, document FROM catalogue_version")]


@pytest.fixture
def site(database: str) -> Iterator[Site]:
    """Return a site on each kind of database, reached by connections that know nothing of ours."""
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    ids = {name: uuid4().hex for name in ("first", "second", "reviewed", "other")}
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    with engine.begin() as connection:
        for name in ("first", "second"):
            connection.exec_driver_sql(
                "INSERT INTO account (id, email, password, active, fs_uniquifier, created_at)"
                f" VALUES ('{ids[name]}', '{name}@example.hk', NULL, true, '{ids[name]}', '{now}')"
            )
        published = connection.exec_driver_sql(
            "SELECT id, number, digest FROM rubric_version WHERE state = 'published'"
        ).one()
        connection.exec_driver_sql(
            "INSERT INTO rubric_version"
            " (id, number, digest, state, document, created_at, submitted_by_id, submitted_at, released)"
            f" VALUES ('{ids['reviewed']}', '2099.1', 'sha256:r', 'in_review', '{{}}', '{now}',"
            f" '{ids['first']}', '{now}', false)"
        )
        catalogue = connection.exec_driver_sql("SELECT digest FROM catalogue_version").scalar()
    id = str(published.id).replace("-", "")
    names = {**ids, "id": id, "number": published.number, "digest": published.digest, "now": now}
    yield Site(engine, {**names, "catalogue": str(catalogue)})
    engine.dispose()


@pytest.fixture
def first(app: Flask) -> Actor:
    """Return a maintainer who may edit and publish."""
    return make_account(app, "first@example.hk", Capability.EDIT_DRAFTS, Capability.PUBLISH)


@pytest.fixture
def second(app: Flask) -> Actor:
    """Return another one."""
    return make_account(app, "second@example.hk", Capability.EDIT_DRAFTS, Capability.PUBLISH)


def make_account(app: Flask, email: str, *capabilities: Capability) -> Actor:
    """Return a new account with these capabilities."""
    with app.app_context(), writing() as session:
        account = Account(email=email, password=None, fs_uniquifier=uuid4().hex, created_at=clock())
        session.add(account)
        session.flush()
        session.add_all(Grant(account_id=account.id, capability=each.value, given_at=clock()) for each in capabilities)
        return Actor(account.id, email, frozenset(capabilities))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the rubric folder with the published 2026.1 alone."""
    return copy_of_rubric(tmp_path / "copy")
