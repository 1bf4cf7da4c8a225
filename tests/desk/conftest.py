"""A maintainer at the desk, on a real database of each kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextvars import Context
from html import unescape
from typing import Any
from uuid import uuid4

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from readiness.library.scheme_edits import SourceOf
from readiness.models import Account, Grant
from readiness.services.accounts import Actor, Capability
from readiness.services.database import now, writing
from readiness.web.limits import limiter
from tests.web.conftest import Owner
from tests.web.staffing import staff_of

SOURCE = SourceOf(
    title="ITC: new terms of the programme",
    lang="en",
    href="https://www.itc.gov.hk/en/new-terms",
    dated="2026-11-01",
    evidence="primary",
)


class Client(FlaskClient):
    """A browser whose requests know nothing of the context in which a test calls services."""

    def open(self, *arguments: Any, **named: Any) -> TestResponse:
        """Send a request as a server would: in a context of its own."""
        return Context().run(super().open, *arguments, **named)


@pytest.fixture
def app(app: Flask) -> Flask:
    """Return the application, whose browsers are such."""
    app.test_client_class = Client
    return app


@pytest.fixture
def site(app: Flask) -> Iterator[Flask]:
    """Return the application with its context, in which services are called."""
    with app.app_context():
        yield app


@pytest.fixture
def account(site: Flask) -> Callable[..., Actor]:
    """Return how to make accounts with capabilities."""

    def make(*capabilities: Capability, mail: str = "") -> Actor:
        mail = mail or f"{uuid4().hex}@example.com"
        with writing() as session:
            row = Account(email=mail, fs_uniquifier=uuid4().hex, created_at=now())
            session.add(row)
            session.flush()
            session.add_all(Grant(account_id=row.id, capability=each, given_at=now()) for each in capabilities)
        return Actor(row.id, mail, frozenset(capabilities))

    return make


@pytest.fixture
def editor(account: Callable[..., Actor]) -> Actor:
    """Return someone who may change schemes."""
    return account(Capability.EDIT_SCHEMES)


@pytest.fixture
def owner(app: Flask) -> Owner:
    """Return an owner on the start page, in English."""
    return Owner(app.test_client())


class Desk:
    """A maintainer's browser; every form carries the token that its page showed."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.text = ""

    def get(self, path: str) -> str:
        """Open a page of the desk and return it."""
        response = self.client.get(path)
        self.text = response.get_data(as_text=True)
        assert response.status_code == 200, self.text
        return self.text

    def submit(self, path: str, **changed: object) -> TestResponse:
        """Fill in the form that stands at *path*, with what is changed of it, and send it there."""
        page = lxml.html.fromstring(self.get(path))
        (form,) = [form for form in page.forms if form.get("action") in (None, path)]
        fields: dict[str, object] = {}
        for name, value in form.form_values():
            fields[name] = [*fields[name], value] if name in fields else [value]  # type: ignore[misc]
        return self.send(path, **{**fields, **changed})

    def send(self, path: str, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen."""
        response = self.client.post(path, data={"csrf_token": self.csrf, **fields})
        self.text = response.get_data(as_text=True)
        return response

    @property
    def csrf(self) -> str:
        """What the page's forms carry against forgery."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert found, "the page has no form"
        return unescape(found[1])


@pytest.fixture
def desk(site: Flask) -> Desk:
    """Return the browser of someone who is signed in and may change schemes."""
    limiter.reset()
    return Desk(staff_of(site, Capability.EDIT_SCHEMES).client)
