"""Whether the sources still answer: asked only when the operator wants it, and of public addresses only."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from threading import Timer
from time import monotonic
from urllib.parse import quote, urljoin, urlsplit

import sqlalchemy as sa

from readiness.library.addresses import is_public, names_public_host
from readiness.models import Chore, LinkCheck
from readiness.services.database import db, writing
from readiness.services.scheme_lists import hash_of_href, hrefs_of
from readiness.services.site_catalogue import NoCatalogue, current_catalogue

#: Seconds for one address, all redirects together.
PATIENCE = 15.0
MOST_REDIRECTS = 5
WEEKLY = "links"
AGENT = "AI-Readiness link check"

#: Statuses that say nothing about the page: the host does not answer a HEAD.
_ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 429, 500, 501, 503})
#: What stands in a path or a query as it is.
_SAFE = "/%:@!$&'()*+,;=~-._?"
#: What stands in a path or a query as it is.
_SAFE = "/%:@!$&'()*+,;=~-._?"
#: Statuses of pages that people may see and programs may not.
_NOT_FOR_ROBOTS = frozenset({401, 403, 405, 406, 429})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolve = Callable[[str, int], list[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered: a status, or in one word why there was none."""

    status: int | None
    #: refused, unresolved, unreachable, timeout, redirects, encryption or unreadable; "" where there is a status.
    problem: str = ""

    @property
    def failed(self) -> bool:
        """Whether a person would find no page there, as far as can be told."""
        return self.status is None or (self.status >= 400 and self.status not in _NOT_FOR_ROBOTS)


@dataclass(frozen=True, slots=True)
class Checked:
    """An address and what it answered."""

    href: str
    answer: Answer


class _Refused(Exception):
    """Why an address is not asked, in one word."""


def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host.

    :raises OSError: if it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to a numeric address."""
    return socket.create_connection((address, port), seconds)


@dataclass(frozen=True)
class Asker:
    """Asks addresses. Names are resolved here, once, and the very address that was judged public is connected to."""

    resolve: Resolve = resolve
    connect: Connect = connect
    patience: float = PATIENCE

    def ask(self, href: str) -> Answer:
        """Return what an address answers, redirects followed, each judged anew."""
        deadline = monotonic() + self.patience
        try:
            return self._follow(href, deadline)
        except _Refused as refusal:
            return Answer(None, str(refusal))
        except TimeoutError:
            return Answer(None, "timeout")
        except ssl.SSLError:
            return Answer(None, "timeout" if monotonic() >= deadline else "encryption")
        except socket.gaierror:
            return Answer(None, "unresolved")
        except (HTTPException, UnicodeError, ValueError):
            return Answer(None, "timeout" if monotonic() >= deadline else "unreadable")
        except OSError:
            return Answer(None, "timeout" if monotonic() >= deadline else "unreachable")

    def _follow(self, href: str, deadline: float) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            status, location = self._one("HEAD", href, deadline)
            if status in _ASK_AGAIN:
                status, location = self._one("GET", href, deadline)
            if status not in _REDIRECTS or not location:
                return Answer(status)
            href = urljoin(href, location)
        raise _Refused("redirects")

    def _one(self, method: str, href: str, deadline: float) -> tuple[int, str | None]:
        """Ask once; of the answer only its head is read."""
        if not names_public_host(href):
            raise _Refused("refused")
        parts = urlsplit(href)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        addresses = self.resolve(host, port)
        if not addresses:
            raise _Refused("unresolved")
        if not all(is_public(address) for address in addresses):
            raise _Refused("refused")
        line = _Line(self._connected(addresses, port, deadline))
        # A host that sends a letter every few seconds would outlive any pause: at the deadline the line is cut.
        watch = Timer(max(deadline - monotonic(), 0.0), line.cut)
        watch.daemon = True
        watch.start()
        try:
            if parts.scheme == "https":
                line.encrypt(host)
            connection = HTTPConnection(host, port)
            connection.sock = line.socket
            path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
            connection.request(method, path, headers={"User-Agent": AGENT, "Accept": "*/*", "Connection": "close"})
            response = connection.getresponse()
            if monotonic() >= deadline:
                # A line that was cut reads like the end of an answer.
                raise TimeoutError
            return response.status, response.getheader("Location")
        finally:
            watch.cancel()
            with suppress(OSError):
                line.socket.close()

    def _connected(self, addresses: list[str], port: int, deadline: float) -> socket.socket:
        """Return a connection to the first address that takes one."""
        problem: OSError = TimeoutError()
        for address in addresses:
            left = deadline - monotonic()
            if left <= 0:
                break
            try:
                return self.connect(address, port, left)
            except OSError as error:
                problem = error
        raise problem


class _Line:
    """A connection that another thread can cut, encrypted or not."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain

    def encrypt(self, host: str) -> None:
        """Go on encrypted, with a host whose certificate holds."""
        context = ssl.create_default_context()
        self.socket = context.wrap_socket(self.socket, server_hostname=host, do_handshake_on_connect=False)
        self.socket.do_handshake()

    def cut(self) -> None:
        """End it, whoever waits for what."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def check_links(moment: datetime, asker: Asker | None = None) -> Iterator[Checked]:
    """Ask every address of the catalogue in force, and keep what each answered; yield them one by one.

    No transaction is open while an address is asked.
    """
    asker = asker or Asker()
    try:
        version = current_catalogue(db.session)
    except NoCatalogue:
        return
    finally:
        db.session.rollback()
    hrefs = list(dict.fromkeys(href for id in version.forms for href in hrefs_of(version, id)))
    for href in hrefs:
        answer = asker.ask(href)
        _keep(href, answer, moment)
        yield Checked(href, answer)
    _forget_others(hrefs)


def check_if_due(moment: datetime, asker: Asker | None = None) -> list[Checked] | None:
    """Ask every address unless that was done within a week; None if it was."""
    try:
        with writing() as session:
            last = session.get(Chore, WEEKLY, with_for_update=True)
            if last is not None and last.done_at > moment - timedelta(days=7):
                return None
            session.merge(Chore(name=WEEKLY, done_at=moment))
    except sa.exc.IntegrityError:
        # Another process was quicker to begin.
        return None
    return list(check_links(moment, asker))


def _keep(href: str, answer: Answer, moment: datetime) -> None:
    with writing() as session:
        row = session.get(LinkCheck, hash_of_href(href))
        if row is None:
            row = LinkCheck(href_hash=hash_of_href(href), href=href, failing_since=None)
            session.add(row)
        row.status = answer.status
        row.problem = answer.problem
        row.checked_at = moment
        row.failing_since = (row.failing_since or moment) if answer.failed else None


def _forget_others(hrefs: Iterable[str]) -> None:
    with writing() as session:
        known = {hash_of_href(href) for href in hrefs}
        for row in session.scalars(sa.select(LinkCheck)):
            if row.href_hash not in known:
                session.delete(row)
