"""Trying the addresses of sources: a server of our own answers, and nothing that is not public is ever asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.library.addresses import is_public, names_public_host
from readiness.models import LinkCheck
from readiness.services import link_checks, schemes_desk
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.link_checks import Answer, Asker
from readiness.services.planning import today
from readiness.services.scheme_lists import lists
from tests.desk.conftest import SOURCE

MOMENT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PUBLIC = "93.184.216.34"


class Pages(BaseHTTPRequestHandler):
    """Answers by path: a number is a status, and some paths are ill-behaved."""

    def do_HEAD(self) -> None:
        if self.path == "/no-head":
            self.send_error(405)
        else:
            self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.asked.append((self.command, self.headers["Host"], self.path))  # type: ignore[attr-defined]
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            # As long as the other side listens.
            while not self.server.done.wait(0.05):  # type: ignore[attr-defined]
                self.wfile.write(b"X: y\r\n")
                self.wfile.flush()
        elif self.path == "/nonsense":
            self.wfile.write(b"\x00\xff" * 100)
        else:
            self.send_response(int(self.path.strip("/")) if self.path.strip("/").isdigit() else 200)
            self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def pages() -> Iterator[Any]:
    """Serve such pages on this machine."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.asked, server.done, server.daemon_threads = [], threading.Event(), True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.done.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def asker(pages: Any) -> Callable[..., Asker]:
    """Return how to make askers that believe every name public, and whose connections end at those pages."""

    def make(names: dict[str, list[str]] | None = None, patience: float = 5.0) -> Asker:
        def resolve(host: str, _port: int) -> list[str]:
            found = (names or {}).get(host, [PUBLIC])
            if not found:
                raise socket.gaierror
            return found

        def connect(address: str, _port: int, seconds: float) -> socket.socket:
            assert is_public(address)
            return socket.create_connection(pages.server_address, seconds)

        return Asker(resolve, connect, patience)

    return make


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", Answer(200)),
        ("/410", Answer(410)),
        ("/no-head", Answer(200)),
        ("/404", Answer(404)),
        ("/to/http://other.example.com/200", Answer(200)),
        ("/to//410", Answer(410)),
        ("/nonsense", Answer(None, "unreadable")),
    ],
)
def test_an_address_answers_as_its_page_does(asker: Callable[..., Asker], path: str, answer: Answer) -> None:
    assert asker().ask(f"http://pages.example.com{path}") == answer


def test_a_page_is_asked_for_under_its_own_name(asker: Callable[..., Asker], pages: Any) -> None:
    asker().ask("http://pages.example.com/資助?a=b c")

    assert pages.asked == [("HEAD", "pages.example.com", "/%E8%B3%87%E5%8A%A9?a=b%20c")]


@pytest.mark.parametrize(
    "href",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/admin",
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://127.1/",
        "http://0/",
        "http://intranet/",
        "http://router.local/",
        "http://metadata.google.internal/",
        "http://name:word@pages.example.com/",
        "http://pages.example.com:22/",
        "http://pages.example.com:99999/",
        "ftp://pages.example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:///",
        "http://[/",
        "",
    ],
)
def test_what_is_not_public_is_never_asked(asker: Callable[..., Asker], pages: Any, href: str) -> None:
    assert not names_public_host(href)
    assert asker().ask(href) == Answer(None, "refused")
    if href:
        asker().ask(f"http://pages.example.com/to/{href}")
    assert all(host == "pages.example.com" for _, host, _ in pages.asked)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "fd00::1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "100.64.0.1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
def test_a_name_that_leads_to_a_private_address_is_refused(
    asker: Callable[..., Asker], pages: Any, address: str
) -> None:
    both = asker({"sly.example.com": [PUBLIC, address]})

    assert both.ask("http://sly.example.com/") == Answer(None, "refused")
    assert both.ask("http://pages.example.com/to/http://sly.example.com/") == Answer(None, "refused")
    assert all(host == "pages.example.com" for _, host, _ in pages.asked)


def test_a_circle_of_redirects_ends(asker: Callable[..., Asker], pages: Any) -> None:
    href = "http://pages.example.com/to/" + "http://pages.example.com/to/" * 10

    assert asker().ask(href) == Answer(None, "redirects")
    assert len(pages.asked) == link_checks.MOST_REDIRECTS + 1


def test_a_page_that_drips_is_cut_at_the_deadline(asker: Callable[..., Asker]) -> None:
    assert asker(patience=0.4).ask("http://pages.example.com/drip") == Answer(None, "timeout")


def test_a_name_that_is_not_there_and_a_line_that_is_dead_are_told_apart(asker: Callable[..., Asker]) -> None:
    def refuse(_address: str, _port: int, _seconds: float) -> socket.socket:
        raise ConnectionRefusedError

    assert asker({"gone.example.com": []}).ask("http://gone.example.com/") == Answer(None, "unresolved")
    assert Asker(lambda *_: [PUBLIC], refuse).ask("http://pages.example.com/") == Answer(None, "unreachable")


def test_a_host_that_does_not_encrypt_fails_as_such(asker: Callable[..., Asker]) -> None:
    assert asker().ask("https://pages.example.com/") == Answer(None, "encryption")


def test_each_address_is_tried_once_and_the_desk_lists_what_failed(
    editor: Actor, asker: Callable[..., Asker], pages: Any
) -> None:
    schemes_desk.close(editor, "tvp", on=today(), source=SOURCE)
    failing = Asker(lambda host, _: [] if host == "www.itc.gov.hk" else [PUBLIC], asker().connect)

    asked = list(link_checks.check_links(MOMENT, failing))

    assert len(asked) == len({each.href for each in asked}) > 150
    found = lists(db.session, today())
    row = next(row for row in found.rows if row.id == "tvp")
    assert [(each.href, each.problem) for each in row.failed if each.href == SOURCE.href] == [
        (SOURCE.href, "unresolved")
    ]
    assert row in found.filtered("links")
    assert found.links_checked_at == MOMENT


def test_a_link_that_answers_again_no_longer_fails_and_one_that_goes_on_failing_keeps_its_day(
    site: Flask, asker: Callable[..., Asker]
) -> None:
    dead = Asker(lambda *_: [], asker().connect)
    list(link_checks.check_links(MOMENT, dead))
    list(link_checks.check_links(MOMENT + timedelta(days=7), dead))
    db.session.rollback()
    assert set(db.session.scalars(sa.select(LinkCheck.failing_since))) == {MOMENT}

    list(link_checks.check_links(MOMENT + timedelta(days=14), Answering()))

    db.session.rollback()
    assert lists(db.session, today()).filtered("links") == ()


class Answering(Asker):
    """Finds a page everywhere."""

    def ask(self, href: str) -> Answer:
        """Return that there is one."""
        return Answer(200)


@pytest.mark.parametrize(
    ("status", "failed"), [(200, False), (403, False), (429, False), (404, True), (410, True), (500, True)]
)
def test_a_page_that_only_keeps_robots_out_has_not_failed(status: int, failed: bool) -> None:
    assert Answer(status).failed is failed


def test_the_weekly_check_is_done_once_a_week(site: Flask, asker: Callable[..., Asker]) -> None:
    dead = Asker(lambda *_: [], asker().connect)

    first = link_checks.check_if_due(MOMENT, dead)
    again = link_checks.check_if_due(MOMENT + timedelta(days=6), dead)
    later = link_checks.check_if_due(MOMENT + timedelta(days=7), dead)

    assert first
    assert again is None
    assert later
