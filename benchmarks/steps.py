"""All small companies of Hong Kong within a day: 75 steps a second, each a save and the page after it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from benchmarks.load import Step, open_loop
from benchmarks.owners import QUESTIONS, Walk, begin, site, walk
from benchmarks.report import Section
from benchmarks.serving import Databases, free_port, gunicorn, site_environment

A_SECOND = 75
BUDGET_MS = 300.0
METHOD = (
    f"{A_SECOND} steps begin each second, whatever the server does (an open loop): an answer is posted, then the page "
    "that it redirects to is read. The latency of a step runs from the moment it was due to the end of the page. "
    "Every owner has an address and an assessment of their own, made beforehand; all owners answer the first "
    "question, then all the second, and so on. An error is any answer that is not the redirect or the page expected."
)


def measure(kinds: Sequence[Databases], folder: Path, seconds: int) -> Section:
    """Hold the rate for *seconds* on every kind of database."""
    section = Section(f"{A_SECOND} steps a second for {seconds} seconds", METHOD)
    rows = [_held(databases, folder, seconds, section) for databases in kinds]
    head = ["database", "steps", "errors", "steps /s", "p50 ms", "p95 ms", "p99 ms", "longest ms"]
    section.table([*head, "site: cores used", "client: cores used", "verdict"], rows)
    return section


def _held(databases: Databases, folder: Path, seconds: int, section: Section) -> list[str]:
    database, port = databases.new(), free_port()
    count = A_SECOND * seconds
    with site(database, port, folder):
        first, *tokens = begin(2 + count // QUESTIONS)
    with gunicorn("wsgi:app", port, site_environment(database, port, folder)) as server:
        way = walk(port, first)
        steps = [
            _step(way, owner, token, index) for index in range(len(way.questions)) for owner, token in enumerate(tokens)
        ][:count]
        if len(steps) < count:
            raise RuntimeError(f"{len(steps)} steps were prepared, {count} are needed")
        before = server.cpu_seconds()
        outcome = open_loop(port, steps, A_SECOND)
        cpu = server.cpu_seconds() - before
    missing = _missing(database, tokens, way)
    most = outcome.percentile(0.95)
    section.budget(f"p95 of a step under 300 ms ({databases.name})", most, BUDGET_MS, " ms")
    section.budget(f"no error ({databases.name})", len(outcome.wrong), 0)
    section.say(
        f"{databases.name}: every owner's answer to the first question was looked up in the database afterwards; "
        f"{missing} were missing or another." + (f" The first error: {outcome.wrong[0]!r}." if outcome.wrong else "")
    )
    return [
        databases.name,
        f"{len(outcome.latencies):,}",
        str(len(outcome.wrong)),
        f"{outcome.rate:.1f}",
        *(f"{outcome.percentile(share):.0f}" for share in (0.5, 0.95, 0.99, 1)),
        f"{cpu / outcome.seconds:.2f}",
        f"{outcome.client_cpu / outcome.seconds:.2f}",
        "kept" if most < BUDGET_MS and not outcome.wrong and not missing else "**missed**",
    ]


def _step(way: Walk, owner: int, token: str, index: int) -> Step:
    question = way.questions[index]
    if index + 1 < len(way.questions):
        after = way.showing_question(owner, token, way.questions[index + 1])
    else:
        after = way.showing(owner, token, question.after)
    return Step(way.saving(owner, token, question), after)


def _missing(database: str, tokens: Sequence[str], way: Walk) -> int:
    """Return how many answers to the first question are not in the database as they were posted.

    The first question was answered by every owner, whatever the number of steps, and in the walk before.
    """
    question = way.questions[0]
    posted = question.fields[question.name]
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        stored = connection.execute(
            sa.text("SELECT value FROM answer WHERE question_id = :question").columns(value=sa.JSON),
            {"question": question.id},
        )
        right = sum(str(value) == posted for value in stored.scalars())
    engine.dispose()
    return len(tokens) + 1 - right
