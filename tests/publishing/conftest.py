"""Staff who write and publish versions, and what an attacker finds in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

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
