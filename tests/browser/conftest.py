"""One site for all tests of this folder, and each state of its pages on a phone in each language."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.browser.axe", "tests.browser.layout", "tests.browser.structure")

from tests.browser.pages import LANGUAGES, PHONE, Poster, Visit, states  # noqa: E402  (the line before comes first)
from tests.browser.staffing import Office  # noqa: E402
from tests.conftest import serving  # noqa: E402


@pytest.fixture(scope="session")
def site_folder(loaded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site whose assessments are never looked for by other tests."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(loaded_sqlite, folder / "readiness.sqlite")
    return folder


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """Return the address of that site: a name, since browsers offer no passkeys for a number."""
    with serving(f"sqlite:///{site_folder / 'readiness.sqlite'}", site_folder, "localhost") as address:
        yield address


@pytest.fixture(scope="session")
def office(site: str, site_folder: Path, browser: Any) -> Office:
    """Return what invites members of staff to the site, and signs them in."""
    return Office(site, site_folder, browser)


@pytest.fixture(scope="session")
def poster(site: str, browser: Any, office: Office) -> Poster:
    """Return what prepares assessments on the site, and knows the office."""
    return Poster(site, browser, office)


@pytest.fixture(scope="session")
def phones(browser: Any) -> Callable[[str], Any]:
    """Return a function that gives the one page of a language: a new page for each state takes a browser longer."""
    pages: dict[str, Any] = {}

    def phone(language: str) -> Any:
        if language not in pages:
            pages[language] = browser.new_context(viewport=PHONE, locale=LANGUAGES[language]).new_page()
        return pages[language]

    return phone


# Of the session, so that each state is opened once for all tests: they look, and leave it as it was.
@pytest.fixture(scope="session", params=states(), ids=" in ".join)
def shown(request: pytest.FixtureRequest, site: str, poster: Poster, phones: Callable[[str], Any]) -> Visit:
    """Return a visit at one state of a page."""
    state, language = request.param
    return Visit(site, poster, phones(language), language).arrive(state)


@pytest.fixture(scope="session")
def walker(browser: Any) -> Any:
    """Return one more page in English, for tests that lead it away."""
    return browser.new_context(viewport=PHONE, locale=LANGUAGES["en"]).new_page()


@pytest.fixture
def visit(site: str, poster: Poster, walker: Any) -> Visit:
    """Return a visit in English that a test may lead where it wants."""
    return Visit(site, poster, walker, "en")
