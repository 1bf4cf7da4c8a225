"""A question page and saving an answer, against the floor's page and the floor's row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks import floor
from benchmarks.load import Outcome, Request, closed_loop
from benchmarks.owners import QUESTIONS, Visitor, Walk, begin, get_request, post_request, site, walk
from benchmarks.report import Section, Several
from benchmarks.serving import Databases, Served, free_port, gunicorn, site_environment

BUDGET = 2.0
AT_ONCE = (1, 32)
METHOD = (
    "The floor (`floor.py`) and the site are served side by side by the same gunicorn with two sync workers, each on a "
    "database of its own of the same kind, and are loaded in turns: floor, site, floor, site. Every request opens a "
    "connection. The throughput ratio is the floor's answers a second over the site's; the latency ratio is the "
    "site's median latency over the floor's; each is taken within a round. Processor time is that of the gunicorn "
    "workers (not of PostgreSQL). Saving: each answer is the first to its question, and the redirect to the next page "
    "is checked. Pages: of assessments with answers."
)


@dataclass
class Rounds:
    """What the rounds of one kind of request on one server gave."""

    outcomes: list[Outcome] = field(default_factory=list)
    #: Processor milliseconds of the workers for each request.
    cpu: list[float] = field(default_factory=list)

    def add(self, outcome: Outcome, cpu_seconds: float) -> None:
        """Keep one round."""
        self.outcomes.append(outcome)
        self.cpu.append(1000 * cpu_seconds / len(outcome.latencies))

    def each(self, number: Callable[[Outcome], float]) -> Several:
        """Return one number of every round."""
        return Several(tuple(map(number, self.outcomes)))


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int
    #: Requests in each round, by how many are in flight.
    requests: dict[int, int]


FULL = Sizes(rounds=7, requests={1: 240, 32: 480})
QUICK = Sizes(rounds=3, requests={1: 48, 32: 96})


def measure(kinds: Sequence[Databases], folder: Path, sizes: Sizes) -> Section:
    """Measure pages and saving on every kind of database."""
    section = Section("A question page and saving an answer", METHOD)
    rows: list[list[str]] = []
    for databases in kinds:
        _measure_on(databases, folder, sizes, section, rows)
    head = ["database", "request", "at once", "throughput ratio", "latency ratio (p50)", "floor /s", "site /s"]
    head += ["floor p50, p95 ms", "site p50, p95 ms", "floor CPU ms", "site CPU ms", "CPU ratio", "verdict"]
    section.table(head, rows)
    return section


def _measure_on(databases: Databases, folder: Path, sizes: Sizes, section: Section, rows: list[list[str]]) -> None:
    ours, port, floor_port = databases.new(), free_port(), free_port()
    # One more round than is counted: the first warms both servers.
    saves = (sizes.rounds + 1) * sum(sizes.requests.values())
    with site(ours, port, folder):
        first, *tokens = begin(2 + saves // QUESTIONS)
    floor_address = databases.new()
    with (
        gunicorn("benchmarks.floor:served()", floor_port, {floor.DATABASE: floor_address}) as floor_server,
        gunicorn("wsgi:app", port, site_environment(ours, port, folder)) as server,
    ):
        way = walk(port, first)
        floor_get, floor_post = _floor_requests(floor_port)
        saving = iter(
            way.saving(owner, token, question) for question in way.questions for owner, token in enumerate(tokens)
        )
        client_cpu = client_seconds = 0.0
        for request in ("save", "page"):
            for at_once in AT_ONCE:
                count = sizes.requests[at_once]
                shown = _pages(way, tokens)
                floors, sites = Rounds(), Rounds()
                for number in range(sizes.rounds + 1):
                    floor_sent = [floor_post if request == "save" else floor_get] * count
                    site_sent = list(islice(saving if request == "save" else shown, count))
                    for target, sent, kept in ((floor_server, floor_sent, floors), (server, site_sent, sites)):
                        outcome, cpu = _round(target, sent, at_once)
                        client_cpu += outcome.client_cpu
                        client_seconds += outcome.seconds
                        if number:
                            kept.add(outcome, cpu)
                rows.append(_compared(databases.name, request, at_once, floors, sites, section))
    wrong = _missing(ours, saves + len(way.questions))
    section.say(
        f"{databases.name}: {saves:,} answers were saved under load; {wrong} of them were missing from the database "
        f"afterwards. The client used {100 * client_cpu / client_seconds:.0f} % of one core."
    )
    section.budget(f"every saved answer is stored ({databases.name}, missing)", wrong, 0)


def _round(server: Served, requests: Sequence[Request], at_once: int) -> tuple[Outcome, float]:
    before = server.cpu_seconds()
    outcome = closed_loop(server.port, requests, at_once)
    used = server.cpu_seconds() - before
    if outcome.wrong:
        raise RuntimeError(
            f"{len(outcome.wrong)} of {len(requests)} answers are wrong, the first: {outcome.wrong[0]!r}"
        )
    return outcome, used


def _compared(kind: str, request: str, at_once: int, floors: Rounds, sites: Rounds, section: Section) -> list[str]:
    pairs = list(zip(floors.outcomes, sites.outcomes, strict=True))
    throughput = Several(tuple(floor.rate / site.rate for floor, site in pairs))
    latency = Several(tuple(site.percentile(0.5) / floor.percentile(0.5) for floor, site in pairs))
    cpu = Several(tuple(site / floor for floor, site in zip(floors.cpu, sites.cpu, strict=True)))
    name = {"save": "saving an answer", "page": "question page"}[request]
    worst = max(throughput.median, latency.median)
    verdict = section.budget(f"{name} at most 2x the floor's ({kind}, {at_once} at once)", worst, BUDGET, "x")

    def percentiles(rounds: Rounds) -> str:
        half, most = rounds.each(lambda each: each.percentile(0.5)), rounds.each(lambda each: each.percentile(0.95))
        return f"{half.median:.1f}, {most.median:.1f}"

    return [
        kind,
        name,
        str(at_once),
        throughput.shown(),
        latency.shown(),
        f"{floors.each(lambda each: each.rate).median:.0f}",
        f"{sites.each(lambda each: each.rate).median:.0f}",
        percentiles(floors),
        percentiles(sites),
        f"{Several(tuple(floors.cpu)).median:.2f}",
        f"{Several(tuple(sites.cpu)).median:.2f}",
        cpu.shown(),
        verdict,
    ]


def _pages(way: Walk, tokens: Sequence[str]) -> Iterator[Request]:
    return cycle(
        [
            way.showing_question(owner, token, question)
            for question in way.questions
            for owner, token in list(enumerate(tokens))[:200]
        ]
    )


def _floor_requests(port: int) -> tuple[Request, Request]:
    visitor = Visitor(port)
    form = visitor.get(floor.PATH).form
    fields = {**form.fields, "answer": form.radios["answer"][2]}
    head = visitor.head(0)
    redirected = f"Location: {quote(floor.PATH)}\r\n".encode()
    return (
        get_request(head, floor.PATH, b'name="answer"'),
        post_request(head, floor.PATH, fields, b"302", redirected),
    )


def _missing(database: str, saved: int) -> int:
    """Return how many of the *saved* answers the database lacks."""
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        found = connection.scalar(sa.text("SELECT count(*) FROM answer")) or 0
    engine.dispose()
    return saved - int(found)
