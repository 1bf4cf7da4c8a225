"""Whoever reaches the database can say anything to it; what was published stays what it was, to the byte."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.models import StoredCatalogue, StoredRubric
from readiness.services.triggers import FOUR_EYES, NEVER_CHANGES, ONLY_GROWS
from tests.publishing.conftest import Site

RULES = f"{NEVER_CHANGES}|{FOUR_EYES}|{ONLY_GROWS}|cannot truncate a table referenced"

COLUMNS = "id, number, digest, state, document, created_at, released"
FORGED = "'{other}', '{number}', 'sha256:forged', 'published', 'forged', '{now}', true"
SAME_ID = "'{id}', '2098.1', 'sha256:forged', 'candidate', 'forged', '{now}', false"
SAME_PAIR = "'{other}', '{number}', '{digest}', 'candidate', 'forged', '{now}', false"
PUBLISHED = "WHERE number = '{number}'"
REVIEWED = "WHERE id = '{reviewed}'"
TO_PUBLISHED = "UPDATE rubric_version SET state = 'published'"

CHANGES = [
    f"UPDATE rubric_version SET document = 'forged' {PUBLISHED}",
    f"UPDATE rubric_version SET document = document || ' ' {PUBLISHED}",
    f"UPDATE rubric_version SET digest = 'sha256:forged' {PUBLISHED}",
    f"UPDATE rubric_version SET number = '2098.9' {PUBLISHED}",
    f"UPDATE rubric_version SET id = '{{other}}' {PUBLISHED}",
    f"UPDATE rubric_version SET created_at = '2001-01-01 00:00:00' {PUBLISHED}",
    f"UPDATE rubric_version SET released = false {PUBLISHED}",
    f"UPDATE rubric_version SET submitted_by_id = '{{first}}', submitted_at = '{{now}}' {PUBLISHED}",
    f"UPDATE rubric_version SET state = 'draft' {PUBLISHED}",
    f"UPDATE rubric_version SET state = 'candidate' {PUBLISHED}",
    f"UPDATE rubric_version SET state = 'in_review' {PUBLISHED}",
    f"UPDATE rubric_version SET state = 'retired', document = 'forged' {PUBLISHED}",
    "UPDATE rubric_version SET document = 'forged'",
    f"DELETE FROM rubric_version {PUBLISHED}",
    "DELETE FROM rubric_version",
    # Another row takes its place, its number or its name.
    f"INSERT INTO rubric_version ({COLUMNS}) VALUES ({FORGED})",
    f"INSERT INTO rubric_version ({COLUMNS}) VALUES ({SAME_ID})",
    f"INSERT INTO rubric_version ({COLUMNS}) VALUES ({SAME_PAIR})",
    f"INSERT INTO rubric_version ({COLUMNS}) VALUES ({SAME_ID}) ON CONFLICT (id) DO UPDATE SET document = 'forged'",
    f"INSERT INTO rubric_version ({COLUMNS}) VALUES ({SAME_PAIR})"
    " ON CONFLICT (number, digest) DO UPDATE SET document = 'forged', state = 'draft'",
    f"UPDATE rubric_version SET number = '{{number}}' {REVIEWED}",
    f"UPDATE rubric_version SET id = '{{id}}' {REVIEWED}",
    f"UPDATE rubric_version SET document = 'forged' {REVIEWED}",
    # Published by nobody, by one, or as something else.
    f"{TO_PUBLISHED} {REVIEWED}",
    f"{TO_PUBLISHED}, published_by_id = '{{first}}', published_at = '{{now}}' {REVIEWED}",
    f"{TO_PUBLISHED}, published_by_id = '{{second}}' {REVIEWED}",
    f"{TO_PUBLISHED}, submitted_by_id = '{{second}}', published_by_id = '{{first}}', published_at = '{{now}}'"
    f" {REVIEWED}",
    f"UPDATE rubric_version SET state = 'retired' {REVIEWED}",
    f"INSERT INTO rubric_version ({COLUMNS}, submitted_by_id, submitted_at, published_by_id, published_at) VALUES"
    " ('{other}', '2098.1', 'sha256:forged', 'published', 'forged', '{now}', false,"
    " '{first}', '{now}', '{second}', '{now}')",
    # The catalogue is kept by its digest.
    "UPDATE catalogue_version SET document = 'forged'",
    "UPDATE catalogue_version SET digest = 'sha256:forged'",
    "DELETE FROM catalogue_version",
    "INSERT INTO catalogue_version VALUES ('{catalogue}', 'forged', '{now}')"
    " ON CONFLICT (digest) DO UPDATE SET document = 'forged'",
]
SQLITE = [
    f"INSERT OR REPLACE INTO rubric_version ({COLUMNS}) VALUES ({SAME_ID})",
    f"REPLACE INTO rubric_version ({COLUMNS}) VALUES ({SAME_PAIR})",
    f"REPLACE INTO rubric_version ({COLUMNS}) VALUES ({FORGED})",
    f"INSERT OR IGNORE INTO rubric_version ({COLUMNS}) VALUES ({FORGED})",
    f"INSERT OR REPLACE INTO rubric_version (rowid, {COLUMNS}) SELECT rowid,"
    " '{other}', '2098.1', 'sha256:forged', 'candidate', 'forged', '{now}', false FROM rubric_version"
    + f" {PUBLISHED}",
    f"UPDATE OR REPLACE rubric_version SET id = '{{id}}' {REVIEWED}",
    f"UPDATE OR REPLACE rubric_version SET number = '{{number}}', digest = '{{digest}}' {REVIEWED}",
    f"UPDATE OR REPLACE rubric_version SET rowid = (SELECT rowid FROM rubric_version {PUBLISHED}) {REVIEWED}",
    f"UPDATE rubric_version SET rowid = 4711 {PUBLISHED}",
    f"UPDATE rubric_version SET document = CAST(document AS BLOB) {PUBLISHED}",
    f"UPDATE OR FAIL rubric_version SET document = 'forged' {PUBLISHED}",
    f"UPDATE OR ROLLBACK rubric_version SET document = 'forged' {PUBLISHED}",
    "REPLACE INTO catalogue_version VALUES ('{catalogue}', 'forged', '{now}')",
    "INSERT OR REPLACE INTO catalogue_version (rowid, digest, document, created_at)"
    " SELECT rowid, 'sha256:forged', 'forged', '{now}' FROM catalogue_version",
]
POSTGRESQL = [
    "TRUNCATE rubric_version",
    "TRUNCATE rubric_version CASCADE",
    "TRUNCATE catalogue_version CASCADE",
    "TRUNCATE account CASCADE",
    f"UPDATE ONLY rubric_version SET document = 'forged' {PUBLISHED}",
    f"WITH gone AS (DELETE FROM rubric_version {PUBLISHED} RETURNING number) SELECT number FROM gone",
    "MERGE INTO rubric_version USING (SELECT 1) AS one ON number = '{number}'"
    " WHEN MATCHED THEN UPDATE SET document = 'forged'",
    "MERGE INTO rubric_version USING (SELECT 1) AS one ON number = '{number}' WHEN MATCHED THEN DELETE",
    # A session that calls itself a replica skips ordinary triggers.
    f"SET session_replication_role = replica; UPDATE rubric_version SET document = 'forged' {PUBLISHED}",
    "SET session_replication_role = replica; TRUNCATE rubric_version CASCADE",
    # A table of the same name that stands before it.
    "CREATE TEMP TABLE rubric_version AS SELECT * FROM public.rubric_version WITH NO DATA;"
    f" INSERT INTO public.rubric_version ({COLUMNS}) VALUES ({FORGED})",
    f"DO $$ BEGIN BEGIN UPDATE rubric_version SET document = 'forged'; EXCEPTION WHEN OTHERS THEN NULL; END;"
    f" DELETE FROM rubric_version {PUBLISHED}; END $$",
]
#: What an attacker may switch on a connection of their own before they strike.
PRAGMAS = [
    (),
    ("recursive_triggers = ON", "foreign_keys = ON"),
    ("foreign_keys = OFF", "ignore_check_constraints = ON", "recursive_triggers = OFF"),
    ("legacy_alter_table = ON", "defer_foreign_keys = ON", "trusted_schema = OFF", "reverse_unordered_selects = ON"),
]
AIMED = [pytest.param(statement, id=f"{number}") for number, statement in enumerate(CHANGES)]


@pytest.mark.parametrize("statement", AIMED)
def test_no_statement_changes_what_was_published(site: Site, statement: str) -> None:
    before = site.kept(), site.catalogues()

    _refused(site, statement)

    assert (site.kept(), site.catalogues()) == before


@pytest.mark.parametrize("pragmas", PRAGMAS, ids=["none", "recursive", "unchecked", "legacy"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_statement_of_sqlite_and_no_pragma_does(site: Site, pragmas: tuple[str, ...]) -> None:
    before = site.kept(), site.catalogues()

    for statement in (*CHANGES, *SQLITE):
        _refused(site, statement, *pragmas)
        assert (site.kept(), site.catalogues()) == before, statement


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_statement_of_postgresql_does(site: Site) -> None:
    before = site.kept(), site.catalogues()

    for statement in POSTGRESQL:
        _refused(site, statement)
        assert (site.kept(), site.catalogues()) == before, statement


def test_nor_does_it_when_hidden_in_a_transaction_after_rightful_work(site: Site) -> None:
    before = site.kept()
    connection = site.engine.connect()
    transaction = connection.begin()
    connection.exec_driver_sql(f"UPDATE rubric_version SET state = 'draft' {REVIEWED}".format(**site.names))
    savepoint = connection.begin_nested()

    with pytest.raises(sa.exc.DBAPIError):
        connection.exec_driver_sql("UPDATE rubric_version SET document = 'forged'")
    savepoint.rollback()
    transaction.commit()
    connection.close()

    changed = [row for row in site.kept() if row not in before]
    assert [row[1] for row in changed] == ["2099.1"]


def test_a_second_connection_gains_nothing_while_the_first_retires_the_version(site: Site) -> None:
    before = site.kept()
    retire = f"UPDATE rubric_version SET state = 'retired' {PUBLISHED}".format(**site.names)
    impatient = sa.create_engine(site.engine.url, poolclass=sa.NullPool, connect_args=_impatience(site))
    with site.engine.connect() as first:
        transaction = first.begin()
        first.exec_driver_sql(retire)

        with impatient.connect() as second, pytest.raises(sa.exc.DBAPIError):
            second.exec_driver_sql(f"UPDATE rubric_version SET document = 'forged' {PUBLISHED}".format(**site.names))
        transaction.rollback()

    assert site.kept() == before


def test_a_retired_version_does_not_come_back(site: Site) -> None:
    with site.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE rubric_version SET state = 'retired' {PUBLISHED}".format(**site.names))
    before = site.kept()

    for statement in (*CHANGES, f"{TO_PUBLISHED} {PUBLISHED}"):
        _refused(site, statement)
        assert site.kept() == before, statement


def test_our_own_tools_are_refused_as_well(site: Site) -> None:
    before = site.kept(), site.catalogues()
    published = sa.select(StoredRubric).where(StoredRubric.state == "published").options(undefer(StoredRubric.document))

    def change(session: Session) -> None:
        session.scalars(published).one().document = "forged"
        session.commit()

    def remove(session: Session) -> None:
        session.delete(session.scalars(published).one())
        session.commit()

    def merge(session: Session) -> None:
        row = session.scalars(published).one()
        session.merge(StoredRubric(id=row.id, document="forged"))
        session.commit()

    def in_bulk(session: Session) -> None:
        session.execute(sa.update(StoredRubric).values(document="forged"))

    def catalogue(session: Session) -> None:
        session.scalars(sa.select(StoredCatalogue)).one().document = "forged"
        session.commit()

    for attack in (change, remove, merge, in_bulk, catalogue):
        with Session(site.engine) as session, pytest.raises(sa.exc.IntegrityError):
            attack(session)
        assert (site.kept(), site.catalogues()) == before, attack.__name__


def test_two_accounts_publish_what_was_submitted(site: Site) -> None:
    second = f"{TO_PUBLISHED}, published_by_id = '{{second}}', published_at = '{{now}}' {REVIEWED}"

    with site.engine.begin() as connection:
        connection.exec_driver_sql(second.format(**site.names))

    assert [row[3] for row in site.kept()] == ["published", "published"]
    before = site.kept()
    for statement in CHANGES:
        if not statement.startswith("UPDATE rubric_version SET state = 'retired' WHERE id"):
            _refused(site, statement)
            assert site.kept() == before, statement


def _refused(site: Site, statement: str, *pragmas: str) -> None:
    with site.engine.connect() as connection:
        for pragma in pragmas:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        with pytest.raises(sa.exc.DBAPIError) as error:
            _run(connection, statement.format(**site.names))
        # It is the rule that refuses, not a mistake of the attacker's.
        assert re.search(RULES, str(error.value.orig)), f"{statement}: {error.value.orig}"


def _run(connection: sa.Connection, text: str) -> None:
    connection.execution_options(no_parameters=True).exec_driver_sql(text)
    connection.commit()


def _impatience(site: Site) -> dict[str, object]:
    return {"timeout": 0.1} if site.engine.dialect.name == "sqlite" else {"options": "-c lock_timeout=100"}
