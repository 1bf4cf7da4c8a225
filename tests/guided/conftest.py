"""A company and its consultant, each with a browser of their own, on a real database of each kind."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from readiness.app import create_app
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.planning import today
from readiness.web.limits import limiter
from tests.conftest import settings_for
from tests.web.conftest import Owner
from tests.web.staffing import Staff, staff_of


class Consultant(Staff):
    """A consultant at the desk."""

    #: The id of the client last taken, and the token by which its pages open.
    client_id: str = ""
    token: str = ""

    def take(self, offer: str) -> Consultant:
        """Take up what a company offers, by the address that it was given."""
        path = "/staff/offers/" + offer.rsplit("/", 1)[1]
        self.get(path)
        response = self.post(path)
        assert response.status_code == 302, self.text
        self.client_id = response.headers["Location"].rsplit("/", 1)[1]
        return self

    def enter(self) -> Consultant:
        """Open the company's pages, and remember by which token."""
        self.get(f"/staff/clients/{self.client_id}")
        response = self.post(f"/staff/clients/{self.client_id}/open")
        assert response.status_code == 302, self.text
        self.token = response.headers["Location"].split("/")[2]
        self.follow(response)
        return self

    def as_company(self) -> Owner:
        """Return this browser as one that walks the company's pages."""
        owner = Owner(self.client)
        owner.token = self.token
        return owner


def offered(owner: Owner, scope: str = "edit", days: int = 30) -> str:
    """Let a company make an offer, and return its address."""
    owner.get("/consultants")
    until = (today() + timedelta(days=days)).isoformat()
    owner.page = owner.post(f"/assessments/{owner.token}/consultants", scope=scope, until=until)
    assert owner.page.status_code == 200, owner.text
    shown = re.search(r'id="new-link"[^>]*value="([^"]+)"', owner.text)
    assert shown is not None
    return unescape(shown[1])


@pytest.fixture
def owner(app: Flask) -> Owner:
    """Return an owner on the start page, in English."""
    limiter.reset()
    return Owner(app.test_client())


@pytest.fixture
def consultant(app: Flask) -> Callable[..., Consultant]:
    """Return how to make consultants, signed in with both factors; further capabilities are given beside."""
    limiter.reset()

    def make(*more: Capability, language: str = "en") -> Consultant:
        staff = staff_of(app, Capability.GUIDE, *more, email=f"{uuid4().hex}@example.com", language=language)
        made = Consultant(staff.client, staff.email, language)
        made.phone = staff.phone
        return made

    return make


@pytest.fixture
def staff(app: Flask) -> Callable[..., Staff]:
    """Return how to make other members of staff."""
    limiter.reset()
    return lambda *capabilities, **how: staff_of(app, *capabilities, **how)


@pytest.fixture
def engaged(owner: Owner, consultant: Callable[..., Consultant]) -> Callable[..., tuple[Owner, Consultant]]:
    """Return how to make a company that a consultant may see, and both of them: ``engaged(scope="read")``."""

    def make(scope: str = "edit", *, submitted: bool = False, **company: object) -> tuple[Owner, Consultant]:
        owner.start(**company)
        if submitted:
            owner.answer_all().submit()
        made = consultant().take(offered(owner, scope))
        return owner, made.enter()

    return make


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
