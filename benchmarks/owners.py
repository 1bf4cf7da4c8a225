"""Simulated owners: one real visit shows which forms there are, then each owner's requests are made beforehand."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask

from benchmarks.load import Request
from benchmarks.serving import site_environment
from readiness.app import create_app
from readiness.services import assessing
from readiness.services.database import db
from readiness.settings import read_settings

#: How many questions an assessment has at least: so many answers can be saved to each one made.
QUESTIONS = 15


class NotAsExpected(RuntimeError):
    """A page or an answer of the site is not what the benchmark was written for."""


@dataclass
class Form:
    """What a browser would post: the hidden fields, and the first button with a name."""

    fields: dict[str, str] = field(default_factory=dict)
    #: The choices of each group of radios.
    radios: dict[str, list[str]] = field(default_factory=dict)
    pressed: bool = False


@dataclass(frozen=True)
class Page:
    """An answer to a request."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self) -> str:
        """Where it redirects to, as a path."""
        return urlsplit(self.headers["Location"] or "").path

    @property
    def form(self) -> Form:
        """The form that posts."""
        return form_of(self.body.decode())


@dataclass
class Visitor:
    """One browser with its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Page:
        """Send a form, without following the redirect."""
        return self._ask("POST", path, urlencode(fields))

    def head(self, owner: int) -> str:
        """Return the header lines that every request of an owner has."""
        lines = [f"Host: 127.0.0.1:{self.port}", f"X-Forwarded-For: {address_of(owner)}", "Accept: text/html"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        return "\r\n".join([*lines, "Connection: close"])

    def _ask(self, method: str, path: str, body: str | None) -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, {name: value for name, value in headers.items() if value})
        response = connection.getresponse()
        page = Page(response.status, response.headers, response.read())
        connection.close()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return page


@dataclass(frozen=True)
class Question:
    """One question as its page asks it."""

    id: str
    #: What a browser posts for it, the chosen answer included.
    fields: dict[str, str]
    #: The name and the choices of its radios.
    name: str
    choices: tuple[str, ...]
    #: The last part of the address that follows it, such as ``/questions/ai_talent`` or ``/check``.
    after: str


@dataclass(frozen=True)
class Walk:
    """What one real visit found: a session, and the questions in order."""

    visitor: Visitor
    questions: tuple[Question, ...]

    def saving(self, owner: int, token: str, question: Question, **changed: str) -> Request:
        """Return the request that saves an answer to *question*."""
        return post_request(
            self.visitor.head(owner),
            f"/assessments/{token}/questions/{question.id}",
            {**question.fields, **changed},
            b"302",
            f"/assessments/{token}{question.after}\r\n".encode(),
        )

    def showing(self, owner: int, token: str, path: str, holds: bytes = b"</html>") -> Request:
        """Return the request for a page of an assessment."""
        return get_request(self.visitor.head(owner), f"/assessments/{token}{path}", holds)

    def showing_question(self, owner: int, token: str, question: Question) -> Request:
        """Return the request for the page of a question."""
        return self.showing(owner, token, f"/questions/{question.id}", f'name="{question.name}"'.encode())


def walk(port: int, token: str) -> Walk:
    """Answer a new assessment as a browser would, and remember how.

    :raises NotAsExpected: if a page holds no form, or an answer is not taken.
    """
    visitor = Visitor(port)
    company = visitor.get(f"/assessments/{token}/company")
    page = visitor.post(f"/assessments/{token}/company", company.form.fields)
    questions: list[Question] = []
    while page.location.startswith(f"/assessments/{token}/questions/"):
        address = page.location
        form = visitor.get(address).form
        if len(form.radios) != 1:
            raise NotAsExpected(f"{address} has {len(form.radios)} groups of radios")
        ((name, choices),) = form.radios.items()
        fields = {**form.fields, name: choices[2]}
        page = visitor.post(address, fields)
        if page.status != 302:
            raise NotAsExpected(f"{address} answered {page.status} to {sorted(fields)}")
        after = page.location.removeprefix(f"/assessments/{token}")
        questions.append(Question(address.rsplit("/", 1)[1], fields, name, tuple(choices), after))
    if len(questions) < QUESTIONS:
        raise NotAsExpected(f"{len(questions)} questions were asked, then {page.location!r} came")
    return Walk(visitor, tuple(questions))


@contextmanager
def site(database: str, port: int, folder: Path) -> Iterator[Flask]:
    """Give the site in this process, to prepare a database before a server is started on it."""
    app = create_app(read_settings(site_environment(database, port, folder)))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.close()
            db.engine.dispose()


def begin(count: int) -> list[str]:
    """Begin *count* assessments through the real service and return the tokens of their links."""
    return [assessing.start() for _ in range(count)]


def address_of(owner: int) -> str:
    """Return the address that an owner has to themselves."""
    return f"10.{owner >> 16 & 255}.{owner >> 8 & 255}.{owner & 255}"


def get_request(head: str, path: str, holds: bytes) -> Request:
    """Return a request for a page."""
    return Request(f"GET {path} HTTP/1.1\r\n{head}\r\n\r\n".encode(), b"200", holds)


def post_request(head: str, path: str, fields: dict[str, str], status: bytes, holds: bytes) -> Request:
    """Return a request that sends a form."""
    body = urlencode(fields)
    kind = "Content-Type: application/x-www-form-urlencoded"
    data = f"POST {path} HTTP/1.1\r\n{head}\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    return Request(data.encode(), status, holds)


def form_of(html: str) -> Form:
    """Return the form of a page that posts; of several, the one with the most radios."""
    reader = _FormReader()
    reader.feed(html)
    if not reader.forms:
        raise NotAsExpected("the page has no form")
    return max(reader.forms, key=lambda form: len(form.radios))


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            self._form = Form()
            self.forms.append(self._form)
        if self._form is None or not said.get("name"):
            return
        if tag == "input" and said.get("type") == "hidden":
            self._form.fields[said["name"]] = said.get("value", "")
        elif tag == "input" and said.get("type") == "radio":
            self._form.radios.setdefault(said["name"], []).append(said.get("value", ""))
        elif tag == "button" and said.get("type", "submit") == "submit" and not self._form.pressed:
            self._form.fields[said["name"]] = said.get("value", "")
            self._form.pressed = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
