"""Owner pages with very many stored assessments on PostgreSQL, against the same pages of a nearly empty database."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from benchmarks.load import Outcome, Request, closed_loop
from benchmarks.owners import Walk, begin, get_request, site, walk
from benchmarks.report import Section, Several
from benchmarks.serving import PostgresDatabases, Served, free_port, gunicorn, site_environment

BUDGET = 1.2
#: Assessments in the database that is called empty: those that the load opens.
FEW = 200
#: The tables that hold an assessment, with the columns that differ between copies.
COPIED = {
    "assessment": {"id": "{assessment}", "family_id": "{assessment}"},
    "link": {"id": "{link}", "assessment_id": "{assessment}", "token_hash": "sha256(convert_to({token}, 'UTF8'))"},
    "answer": {"assessment_id": "{assessment}"},
    "answer_change": {"assessment_id": "{assessment}"},
}
#: Counted by the database itself.
NUMBERED = {"answer_change": "id"}
METHOD = (
    "One assessment is answered through the site; its rows (the assessment, its link, its answers, their log) are then "
    "copied by INSERT ... SELECT from generate_series, each copy with ids and a link of its own, and the tables are "
    f"analysed. The database called empty holds {FEW} such copies. Both are served side by side and asked in turns, "
    "one request at a time, for assessments picked at random; saving changes a stored answer. Plans are not copied, so "
    "result pages are not measured here."
)


def measure(databases: PostgresDatabases, folder: Path, count: int, rounds: int, requests: int) -> Section:
    """Compare owner pages with *count* assessments stored to those of the empty database."""
    section = Section(f"Owner pages with {count:,} stored assessments", METHOD)
    many, few, many_port, few_port = databases.new(), databases.new(), free_port(), free_port()
    seconds = _fill(many, many_port, folder, count)
    _fill(few, few_port, folder, FEW)
    section.say(f"Filling took {seconds:.0f} s; the full database takes {_gigabytes(many):.2f} GB.")
    with (
        gunicorn("wsgi:app", few_port, site_environment(few, few_port, folder)) as few_server,
        gunicorn("wsgi:app", many_port, site_environment(many, many_port, folder)) as many_server,
    ):
        sides = []
        for server, held in ((few_server, FEW), (many_server, count)):
            with site(few if server is few_server else many, server.port, folder):
                (first,) = begin(1)
            sides.append(_requests(walk(server.port, first), held, (rounds + 1) * requests))
        rows = []
        for name in sides[0]:
            rows.append(_compared(name, (few_server, many_server), [side[name] for side in sides], rounds, section))
    section.table(["page", "ratio of median times", "empty p50, p95 ms", "full p50, p95 ms", "verdict"], rows)
    return section


def _fill(database: str, port: int, folder: Path, count: int) -> float:
    """Store *count* copies of one answered assessment and return the seconds that it took."""
    with site(database, port, folder):
        (token,) = begin(1)
    with gunicorn("wsgi:app", port, site_environment(database, port, folder), workers=1):
        walk(port, token)
    engine = sa.create_engine(database)
    begun = time.perf_counter()
    with engine.begin() as connection:
        # Foreign keys hold by construction; checking 24 million of them one by one takes most of the time.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        tables = sa.MetaData()
        tables.reflect(connection, only=list(COPIED))
        for name, differing in COPIED.items():
            connection.exec_driver_sql(_copy(tables.tables[name], differing, count))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")
    engine.dispose()
    return time.perf_counter() - begun


def _copy(table: sa.Table, differing: dict[str, str], count: int) -> str:
    """Return the statement that copies the rows of the first assessment *count* times."""
    values = {
        "assessment": "md5('assessment ' || number)::uuid",
        "link": "md5('link ' || number)::uuid",
        "token": "('bench-' || number)",
    }
    columns = [column.name for column in table.columns if column.name != NUMBERED.get(table.name)]
    chosen = [differing[name].format(**values) if name in differing else f"one.{name}" for name in columns]
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(chosen)} "  # noqa: S608  (our own names)
        f"FROM generate_series(1, {count}) AS number CROSS JOIN {table.name} AS one"
    )


def _requests(way: Walk, held: int, count: int) -> dict[str, list[Request]]:
    """Return the requests of each kind of page, for assessments picked at random."""
    picked = random.Random(7)  # noqa: S311  (a sample, no secret)
    # Each answer is changed once at most, so that the version that was seen is the first.
    pairs = [(owner, question) for owner in range(1, min(held, count) + 1) for question in way.questions]
    if held > count:
        pairs = [(owner, picked.choice(way.questions)) for owner in picked.sample(range(1, held + 1), count)]
    picked.shuffle(pairs)
    if len(pairs) < count:
        raise RuntimeError(f"{count} answers are to be changed, {len(pairs)} are stored")
    pairs = pairs[:count]
    saves = []
    for owner, question in pairs:
        other = next(each for each in question.choices if each != question.fields[question.name])
        saves.append(way.saving(owner, f"bench-{owner}", question, version="1", **{question.name: other}))
    return {
        "start page": [get_request(way.visitor.head(owner), "/", b"</html>") for owner, _ in pairs],
        "question": [way.showing_question(owner, f"bench-{owner}", question) for owner, question in pairs],
        "check": [way.showing(owner, f"bench-{owner}", "/check") for owner, _ in pairs],
        "saving an answer": saves,
    }


def _compared(
    name: str, servers: tuple[Served, Served], requests: Sequence[list[Request]], rounds: int, section: Section
) -> list[str]:
    size = len(requests[0]) // (rounds + 1)
    kept: tuple[list[Outcome], list[Outcome]] = ([], [])
    for number in range(rounds + 1):
        for server, sent, outcomes in zip(servers, requests, kept, strict=True):
            outcome = closed_loop(server.port, sent[number * size : (number + 1) * size], 1)
            if outcome.wrong:
                raise RuntimeError(f"{name}: {len(outcome.wrong)} wrong answers, the first: {outcome.wrong[0]!r}")
            if number:  # The first round warms both.
                outcomes.append(outcome)
    ratio = Several(tuple(m.percentile(0.5) / f.percentile(0.5) for f, m in zip(*kept, strict=True)))
    verdict = section.budget(f"{name}: at most 1.2x the empty database's time", ratio.median, BUDGET, "x")

    def times(outcomes: Sequence[Outcome]) -> str:
        half, most = (Several(tuple(each.percentile(share) for each in outcomes)).median for share in (0.5, 0.95))
        return f"{half:.1f}, {most:.1f}"

    return [name, ratio.shown(), times(kept[0]), times(kept[1]), verdict]


def _gigabytes(database: str) -> float:
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        size = connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
    engine.dispose()
    return float(size or 0) / 1e9
