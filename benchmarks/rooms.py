"""Guided sessions at once: every participant looks every three seconds whether the room went on, and answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from benchmarks.load import Outcome, Request, Timed, scheduled
from benchmarks.owners import Visitor, address_of, begin, post_request, site
from benchmarks.report import Section
from benchmarks.serving import Databases, free_port, gunicorn, site_environment
from readiness.models import Access, Account, Role
from readiness.services import engagements, guided_sessions, invitations, rooms
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.planning import today

EVERY = 3.0
BUDGET_MS = 300.0
QUESTION = "management_support"
METHOD = (
    "Each room has an address of its own, as behind one hotel's wifi, and is open on one question. Every participant "
    f"looks every {EVERY:.0f} seconds with the mark of what was last seen (an open loop: a look begins when it is due, "
    "whatever the server does), and answers once during the run, as fast after another as the run is long. An answer "
    "moves the mark, so that the next look of everybody in that room is answered in full. Latency runs from the moment "
    "a request was due. Two gunicorn workers; the consultants' screens, one a room, are not part of the load."
)


@dataclass
class Phone:
    """One participant: where to look, and the mark of what was last seen."""

    room: int
    token: str
    mark: str = '""'
    #: Looks answered with nothing new, and in full.
    looks: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def head(self, port: int) -> str:
        """Return the header lines of every request."""
        lines = [f"Host: 127.0.0.1:{port}", f"X-Forwarded-For: {address_of(self.room)}", "Accept: application/json"]
        return "\r\n".join([*lines, "Connection: close"])

    def look(self, port: int) -> Request:
        """Return the request that asks whether the room went on."""
        lines = f"GET /room/{self.token}/state HTTP/1.1\r\n{self.head(port)}\r\nIf-None-Match: {self.mark}\r\n\r\n"
        # 304 or 200: both bear a mark, and no error does.
        return Request(lines.encode(), b"", b"ETag: ")

    def heard(self, answer: bytes) -> None:
        """Remember the mark."""
        found = re.search(rb"ETag: ([^\r]+)", answer)
        if found:
            self.mark = found[1].decode()
            self.looks[answer.startswith(b"HTTP/1.1 304")] += 1


def measure(kinds: Sequence[Databases], folder: Path, number: int, people: int, seconds: int) -> Section:
    """Hold *number* rooms of *people* each for *seconds* on every kind of database."""
    section = Section(f"{number} rooms of {people} people for {seconds} seconds", METHOD)
    rows = [_held(databases, folder, number, people, seconds, section) for databases in kinds]
    head = ["database", "looks", "of them unchanged", "answers", "errors", "looks p50, p95, p99 ms"]
    section.table([*head, "answers p50, p95, p99 ms", "site: cores used", "client: cores used"], rows)
    return section


def _held(databases: Databases, folder: Path, number: int, people: int, seconds: int, section: Section) -> list[str]:
    database, port = databases.new(), free_port()
    with site(database, port, folder):
        phones = [Phone(room, token) for room, tokens in enumerate(_rooms(number, people)) for token in tokens]
    with gunicorn("wsgi:app", port, site_environment(database, port, folder)) as server:
        visitor = Visitor(port)
        csrf = visitor.get(f"/room/{phones[0].token}").form.fields["csrf_token"]
        looks, answers = _events(phones, port, seconds, visitor, csrf)
        before = server.cpu_seconds()
        looked, answered = scheduled(port, [looks, answers])
        cpu = server.cpu_seconds() - before
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        missing = len(phones) - int(connection.scalar(sa.text("SELECT count(*) FROM voice")) or 0)
    engine.dispose()
    wrong = [*looked.wrong, *answered.wrong]
    name = databases.name
    section.budget(f"p95 of a look under 300 ms ({name})", looked.percentile(0.95), BUDGET_MS, " ms")
    section.budget(f"p95 of an answer under 300 ms ({name})", answered.percentile(0.95), BUDGET_MS, " ms")
    section.budget(f"no error ({name})", len(wrong), 0)
    section.budget(f"every answer is stored ({name}, missing)", missing, 0)
    if wrong:
        section.say(f"{name}: the first error: {wrong[0]!r}.")
    unchanged = sum(phone.looks[True] for phone in phones)
    return [
        name,
        f"{len(looked.latencies):,}",
        f"{100 * unchanged / max(1, len(looked.latencies)):.0f} %",
        f"{len(answered.latencies):,}",
        str(len(wrong)),
        _percentiles(looked),
        _percentiles(answered),
        f"{cpu / looked.seconds:.2f}",
        f"{looked.client_cpu / looked.seconds:.2f}",
    ]


def _rooms(number: int, people: int) -> list[list[str]]:
    """Open rooms through the real services, seat people in them, ask a question; return the tokens of the seats."""
    invitations.invite("guide@example.com", [Capability.GUIDE])
    account = db.session.scalars(sa.select(Account.id).where(Account.email == "guide@example.com")).one()
    actor = Actor(account, "guide@example.com", frozenset({Capability.GUIDE}))
    return [_room(actor, token, people) for token in begin(number)]


def _room(actor: Actor, token: str, people: int) -> list[str]:
    until = today() + timedelta(days=1)
    engagement: UUID = engagements.take(actor, engagements.offer(token, Access.EDIT, until))
    guided_sessions.open_session(actor, engagement)
    code = guided_sessions.led(actor, engagement).code
    names = count()
    seats = [
        rooms.join(code, f"Person {next(names)}", Role.STAFF, keep_name=False, ticket=rooms.new_ticket())
        for _ in range(people)
    ]
    guided_sessions.ask(actor, engagement, QUESTION)
    return seats


def _events(
    phones: Sequence[Phone], port: int, seconds: int, visitor: Visitor, csrf: str
) -> tuple[list[Timed], list[Timed]]:
    looks = [
        # Spread over the three seconds, as people join one after the other.
        Timed(EVERY * (place / len(phones) + turn), lambda phone=phone: phone.look(port), phone.heard)  # type: ignore[misc]
        for turn in range(int(seconds / EVERY))
        for place, phone in enumerate(phones)
    ]
    cookies = "Cookie: " + "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    answers = []
    for place, phone in enumerate(phones):
        head = f"{phone.head(port)}\r\n{cookies}"
        fields = {"csrf_token": csrf, "answer": str(place % 5 + 1), "turn": "1", "then": "send"}
        path = f"/room/{phone.token}/questions/{QUESTION}"
        request = post_request(head, path, fields, b"302", f"/room/{phone.token}\r\n".encode())
        answers.append(Timed(seconds * place / len(phones), lambda request=request: request, lambda _: None))  # type: ignore[misc]
    return looks, answers


def _percentiles(outcome: Outcome) -> str:
    return ", ".join(f"{outcome.percentile(share):.0f}" for share in (0.5, 0.95, 0.99))
