"""What the database itself refuses: a published document never changes, and a log only grows.

A trigger can be dropped by whoever may change the schema, and SQLite drops those of a table that a migration makes
anew. So there is one place that makes them, which such a migration calls at its end, and one that looks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

#: What the database says when it refuses.
NEVER_CHANGES = "a published rubric version never changes"
ONLY_GROWS = "rows are only added here"
SIGNED_STAYS = "what was signed never changes"
FOUR_EYES = "a version is published by a second person, as it was submitted"

VERSIONS = "rubric_version"
#: Every column of a version: what must stay when a published one is retired.
COLUMNS = (
    "id",
    "number",
    "digest",
    "state",
    "document",
    "created_at",
    "submitted_by_id",
    "submitted_at",
    "published_by_id",
    "published_at",
    "released",
)
#: What no version ever changes, whatever its state: another document is another row.
FIXED = ("id", "number", "digest", "document")
#: Tables whose rows are neither changed nor removed, with what no two rows share.
LOGS = {
    "audit_entry": ("number", "entry_hash"),
    "catalogue_version": ("digest",),
    "rubric_step": ("id",),
    "rubric_draft_change": ("id",),
}
#: Signatures are never changed either, but go with the company that deletes everything.
SIGNATURES = "sign_off"
#: The function of PostgreSQL that keeps a table, where it is not that of a log.
KEEPERS = {VERSIONS: "keep_versions", SIGNATURES: "keep_signatures"}


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: its table, its name, and the text that makes it."""

    table: str
    name: str
    text: str


def create_triggers(connection: sa.Connection) -> None:
    """Make every trigger anew, for the tables that there are."""
    tables = set(sa.inspect(connection).get_table_names())
    wanted = [each for each in _triggers(connection.dialect.name) if each.table in tables]
    if connection.dialect.name == "sqlite":
        for each in wanted:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {each.name}")
            connection.exec_driver_sql(each.text)
        return
    for name, body in _BODIES.items():
        connection.exec_driver_sql(_FUNCTION.format(name=name, body=body))
    for each in wanted:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {each.name} ON {each.table}")
        connection.exec_driver_sql(each.text)
        # ALWAYS: also for a session that calls itself a replica.
        connection.exec_driver_sql(f"ALTER TABLE {each.table} ENABLE ALWAYS TRIGGER {each.name}")


def drop_triggers(connection: sa.Connection) -> None:
    """Remove every trigger: only for a migration that must change what they keep, and that makes them again."""
    there = set(sa.inspect(connection).get_table_names())
    for each in _triggers(connection.dialect.name):
        if each.table in there:
            on = "" if connection.dialect.name == "sqlite" else f" ON {each.table}"
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {each.name}{on}")


def broken_triggers(connection: sa.Connection) -> list[str]:
    """Return what is wrong with the protection, a line each: a trigger that is missing, off or other than ours."""
    find = _found_in_sqlite if connection.dialect.name == "sqlite" else _found_in_postgresql
    return sorted(find(connection))


def _found_in_sqlite(connection: sa.Connection) -> Iterator[str]:
    rows = connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found = {row.name: row.sql for row in rows}
    wanted = {each.name: each for each in _triggers("sqlite")}
    for name, each in wanted.items():
        if name not in found:
            yield f"{each.table}: the trigger {name} is missing"
        elif _plain(found[name]) != _plain(each.text):
            yield f"{each.table}: the trigger {name} is not ours"
    protected = {each.table for each in wanted.values()}
    for row in rows:
        if row.tbl_name in protected and row.name not in wanted:
            yield f"{row.tbl_name}: there is a trigger {row.name} that is not ours"


def _found_in_postgresql(connection: sa.Connection) -> Iterator[str]:
    rows = connection.exec_driver_sql(
        "SELECT c.relname AS table, t.tgname AS name, t.tgenabled AS enabled, t.tgtype AS kind,"
        " p.proname AS function, p.prosrc AS body, t.tgqual IS NULL AND t.tgattr = '' AS whole"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE NOT t.tgisinternal AND n.nspname = ANY (current_schemas(false))"
    ).all()
    found = {(row.table, row.name): row for row in rows}
    wanted = {(each.table, each.name): each for each in _triggers("postgresql")}
    for (table, name), each in wanted.items():
        row = found.get((table, name))
        if row is None:
            yield f"{table}: the trigger {name} is missing"
            continue
        # PostgreSQL's bits: each row, before, insert, delete, update; or before, truncate.
        kind = 34 if name.endswith("_truncate") else 31
        function = KEEPERS.get(each.table, "keep_log")
        enabled = row.enabled.decode() if isinstance(row.enabled, bytes) else row.enabled
        if enabled != "A":
            yield f"{table}: the trigger {name} is switched off"
        elif (row.kind, row.function, row.whole) != (kind, function, True) or row.body != _BODIES[function]:
            yield f"{table}: the trigger {name} is not ours"
    protected = {table for table, _ in wanted}
    for table, name in found:
        if table in protected and (table, name) not in wanted:
            yield f"{table}: there is a trigger {name} that is not ours"


def _triggers(dialect: str) -> Sequence[Trigger]:
    if dialect == "sqlite":
        logs = (each for table, keys in LOGS.items() for each in _sqlite_log(table, keys))
        return [*_sqlite_versions(), *logs, *_sqlite_signatures()]
    return [each for table in (VERSIONS, *LOGS, SIGNATURES) for each in _postgresql(table)]


def _plain(text: str) -> str:
    return " ".join(text.split())


# SQLite. INSERT OR REPLACE removes a row without asking triggers of deletion, unless a pragma of the connection says
# otherwise: so every insertion and change asks beforehand whether what it would replace is kept. ``rowid`` is the
# hidden key, by which a row can be replaced too; it is -1 where an insertion names none.

_FINAL = "('published', 'retired')"


def _sqlite_versions() -> Iterator[Trigger]:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("rowid", *COLUMNS) if name != "state")
    fixed = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("rowid", *FIXED))
    second = (
        "OLD.state = 'in_review' AND NEW.submitted_by_id IS OLD.submitted_by_id"
        " AND NEW.submitted_by_id <> NEW.published_by_id AND NEW.submitted_at IS OLD.submitted_at"
        " AND NEW.published_at IS NOT NULL AND NOT NEW.released"
    )
    yield _refusing(
        VERSIONS,
        "insert",
        "INSERT",
        f"EXISTS (SELECT 1 FROM {VERSIONS} AS kept WHERE kept.rowid = NEW.rowid OR kept.id = NEW.id"
        " OR (kept.number = NEW.number AND kept.digest = NEW.digest)"
        f" OR (kept.number = NEW.number AND kept.state IN {_FINAL}))",
        NEVER_CHANGES,
    )
    yield _refusing(
        VERSIONS,
        "insert_published",
        "INSERT",
        "NEW.state = 'retired' OR (NEW.state = 'published' AND NOT COALESCE(NEW.released, 0))",
        FOUR_EYES,
    )
    yield _refusing(
        VERSIONS,
        "update",
        "UPDATE",
        f"NOT ({fixed}) OR (OLD.state IN {_FINAL}"
        f" AND NOT (OLD.state = 'published' AND NEW.state = 'retired' AND {same}))"
        f" OR (OLD.state NOT IN {_FINAL} AND NEW.state IN {_FINAL} AND EXISTS (SELECT 1 FROM {VERSIONS} AS kept"
        f" WHERE kept.number = NEW.number AND kept.rowid <> OLD.rowid AND kept.state IN {_FINAL}))",
        NEVER_CHANGES,
    )
    yield _refusing(
        VERSIONS,
        "publish",
        "UPDATE",
        f"OLD.state NOT IN {_FINAL} AND NEW.state IN {_FINAL} AND NOT COALESCE("
        f"NEW.state = 'published' AND (NEW.released OR ({second})), 0)",
        FOUR_EYES,
    )
    yield _refusing(VERSIONS, "delete", "DELETE", f"OLD.state IN {_FINAL}", NEVER_CHANGES)


def _sqlite_log(table: str, keys: Sequence[str]) -> Iterator[Trigger]:
    same = " OR ".join(f"kept.{key} = NEW.{key}" for key in ("rowid", *keys))
    yield _refusing(table, "insert", "INSERT", f"EXISTS (SELECT 1 FROM {table} AS kept WHERE {same})", ONLY_GROWS)
    yield _refusing(table, "update", "UPDATE", "1", ONLY_GROWS)
    yield _refusing(table, "delete", "DELETE", "1", ONLY_GROWS)


def _sqlite_signatures() -> Iterator[Trigger]:
    same = "kept.rowid = NEW.rowid OR kept.id = NEW.id OR (kept.plan_id = NEW.plan_id AND kept.side = NEW.side)"
    there = f"EXISTS (SELECT 1 FROM {SIGNATURES} AS kept WHERE {same})"
    yield _refusing(SIGNATURES, "insert", "INSERT", there, SIGNED_STAYS)
    yield _refusing(SIGNATURES, "update", "UPDATE", "1", SIGNED_STAYS)


def _refusing(table: str, name: str, event: str, when: str, words: str) -> Trigger:
    text = (
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH ROW WHEN {when}"
        f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
    return Trigger(table, f"{table}_{name}", text)


# PostgreSQL. Comparing whole rows protects columns that come later, too.

_FUNCTION = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    " SET search_path = pg_catalog, pg_temp AS $body${body}$body$"
)
_BODIES = {
    "keep_versions": f"""
DECLARE
    probe record;
    taken boolean;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION '{NEVER_CHANGES}' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state IN {_FINAL} THEN
            RAISE EXCEPTION '{NEVER_CHANGES}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || quote_ident(TG_TABLE_SCHEMA) || '.' || quote_ident(TG_TABLE_NAME)
            || ' WHERE id = $1 OR (number = $2 AND digest = $3)'
            || ' OR (number = $2 AND state IN (''published'', ''retired'')))'
            INTO taken USING NEW.id, NEW.number, NEW.digest;
        IF taken THEN
            RAISE EXCEPTION '{NEVER_CHANGES}' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state = 'retired' OR (NEW.state = 'published' AND NOT COALESCE(NEW.released, false)) THEN
            RAISE EXCEPTION '{FOUR_EYES}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN {_FINAL} THEN
        probe := NEW;
        probe.state := OLD.state;
        IF OLD.state <> 'published' OR NEW.state IS DISTINCT FROM 'retired' OR probe IS DISTINCT FROM OLD THEN
            RAISE EXCEPTION '{NEVER_CHANGES}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.number, NEW.digest, NEW.document) IS DISTINCT FROM (OLD.id, OLD.number, OLD.digest, OLD.document)
    THEN
        RAISE EXCEPTION '{NEVER_CHANGES}' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN {_FINAL} AND NOT COALESCE(
        NEW.state = 'published' AND (NEW.released OR (
            OLD.state = 'in_review' AND NEW.submitted_by_id = OLD.submitted_by_id
            AND NEW.submitted_by_id <> NEW.published_by_id AND NEW.submitted_at = OLD.submitted_at
            AND NEW.published_at IS NOT NULL)), false)
    THEN
        RAISE EXCEPTION '{FOUR_EYES}' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
""",
    "keep_log": f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{ONLY_GROWS}' USING ERRCODE = 'restrict_violation';
END
""",
    "keep_signatures": f"""
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{SIGNED_STAYS}' USING ERRCODE = 'restrict_violation';
END
""",
}


def _postgresql(table: str) -> Iterator[Trigger]:
    function = KEEPERS.get(table, "keep_log")
    name = f"{table}_keep"
    yield Trigger(
        table,
        name,
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()",
    )
    name = f"{table}_truncate"
    yield Trigger(
        table,
        name,
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    )
