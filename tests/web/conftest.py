"""An owner who reads pages and posts forms as a browser without JavaScript would."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from readiness.app import create_app
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.settings import Settings
from readiness.web.limits import limiter
from tests.conftest import settings_for
from tests.web.staffing import Staff, staff_of

LEVELS = {
    "management_support": 4,
    "ai_literacy": 3,
    "ai_talent": 3,
    "employee_acceptance": 4,
    "experimentation_culture": 4,
    "ai_governance": 1,
    "ai_risk_control": 3,
    "business_use_case": 4,
    "data_quality": 3,
    "reference_data": 4,
    "ml_infrastructure": 4,
    "data_infrastructure": 4,
}


class Owner:
    """Walks the owner's way; every form carries the token that its page showed."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client = client
        self.page = client.get(f"/?lang={language}")
        self.token = ""

    @property
    def text(self) -> str:
        """The page as HTML."""
        return self.page.get_data(as_text=True)

    @property
    def token_of_the_form(self) -> str:
        """What the page's form carries against forgery."""
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert csrf, "the page has no form"
        return unescape(csrf[1])

    def get(self, path: str) -> TestResponse:
        """Open a page of the assessment."""
        self.page = self.client.get(f"/assessments/{self.token}{path}", follow_redirects=True)
        return self.page

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen, without following the redirect."""
        return self.client.post(path, data={"csrf_token": self.token_of_the_form, **fields})

    def give(self, access: str, label: str = "") -> str:
        """Make a further link and return its token, which the page shows this once."""
        self.get("/links")
        self.page = self.post(f"/assessments/{self.token}/links", access=access, label=label)
        assert self.page.status_code == 200, self.text
        shown = re.search(r'id="new-link"[^>]*value="([^"]+)"', self.text)
        assert shown is not None
        return shown[1].split("/")[4]

    def start(self, **company: object) -> Owner:
        """Begin, and save what is given of the company."""
        response = self.post("/assessments")
        self.token = response.headers["Location"].split("/")[2]
        self.get("/company")
        self.post(f"/assessments/{self.token}/company", **company)
        return self

    def answer(self, question: str, value: object, **fields: object) -> TestResponse:
        """Answer one question on its page."""
        self.get(f"/questions/{question}")
        version = re.search(r'name="version"[^>]*value="([^"]*)"', self.text)
        fields = {"version": version[1] if version else "0", "then": "continue", "answer": value, **fields}
        return self.post(f"/assessments/{self.token}/questions/{question}", **fields)

    def answer_all(self, **changed: object) -> Owner:
        """Answer every question; a value of None leaves one out."""
        for question, value in {**LEVELS, **changed}.items():
            if value is not None:
                assert self.answer(question, value).status_code == 302
        return self

    def submit(self) -> Owner:
        """Finish, and stand on the result."""
        self.get("/submit")
        assert self.post(f"/assessments/{self.token}/submit").status_code == 302
        self.get("/result")
        return self


@pytest.fixture
def owner(client: FlaskClient) -> Owner:
    """Return an owner on the start page, in English."""
    return Owner(client)


@pytest.fixture(scope="module")
def shared_app(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application on SQLite that the tests of one file share; each begins an assessment of its own."""
    folder = tmp_path_factory.mktemp("site")
    path = shutil.copy(loaded_sqlite, folder / "readiness.sqlite")
    app = create_app(settings_for(f"sqlite:///{path}", folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visitor(shared_app: Flask) -> Owner:
    """Return an owner on the start page of the shared application, with nothing counted against them."""
    limiter.reset()
    return Owner(shared_app.test_client())


@pytest.fixture
def staff(app: Flask) -> Callable[..., Staff]:
    """Return how to make members of staff on ``app``: ``staff(Capability.PUBLISH, email="mei@example.com")``.

    Each was invited, set a password and an app that shows codes, and is signed in, all through the pages.
    """
    limiter.reset()

    def make(*capabilities: Capability, email: str = "", language: str = "en") -> Staff:
        return staff_of(app, *capabilities, email=email, language=language)

    return make


@pytest.fixture
def shared_staff(shared_app: Flask) -> Callable[..., Staff]:
    """Return how to make members of staff on ``shared_app``; each needs an address of its own."""
    limiter.reset()
    return lambda *capabilities, **how: staff_of(shared_app, *capabilities, **how)


@pytest.fixture
def settings_with(loaded_sqlite: Path, tmp_path: Path) -> Callable[..., Settings]:
    """Return how to make settings of a site on SQLite, with what a test changes."""
    path = shutil.copy(loaded_sqlite, tmp_path / "readiness.sqlite")
    return lambda **changed: settings_for(f"sqlite:///{path}", tmp_path, **changed)


def everything_stored(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, but for those that the daily work and the health page write."""
    with app.app_context(), db.engine.connect() as connection:
        tables = sorted(set(sa.inspect(connection).get_table_names()) - {"chore", "alembic_version"})
        return {
            table: sorted(
                (tuple(row) for row in connection.execute(sa.text(f'SELECT * FROM "{table}"'))),  # noqa: S608
                key=repr,
            )
            for table in tables
        }


def tables_that_hold(app: Flask, words: str) -> list[str]:
    """Return the tables in which a value holds these words, however JSON wrote them."""
    forms = {words, words.encode("unicode_escape").decode(), words.encode().hex()}
    return [
        table
        for table, rows in everything_stored(app).items()
        if any(form in _as_text(value) for row in rows for value in row for form in forms)
    ]


def _as_text(value: object) -> str:
    return f"{value.hex()} {value.decode('utf-8', 'replace')}" if isinstance(value, bytes) else str(value)
