"""A guided session in real browsers: a consultant and three people in three languages, bad wifi, a killed server."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from html import unescape
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from readiness.services.accounts import Capability
from tests.browser.axe import AXE, RUN, TAGS
from tests.browser.layout import CUT_OFF, SMALL_TARGETS
from tests.browser.staffing import Office
from tests.serving import Served

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PHONE = {"width": 360, "height": 740}
SCREEN = {"width": 1280, "height": 720}
SOON = 20_000
#: Where pictures of the pages are kept to be looked at; nowhere unless asked for.
PICTURES = os.environ.get("READINESS_TEST_PICTURES", "")


@pytest.fixture
def site(database: str, tmp_path: Path) -> Iterator[Served]:
    """Serve a site in processes that may be killed."""
    served = Served(database, tmp_path / "instance")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def screen(site: Served, browser: Any, tmp_path: Path) -> Any:
    """Return the consultant's browser, on the screen of a session that was just opened with a company."""
    owner = browser.new_context(viewport=PHONE, locale="en-GB").new_page()
    owner.goto(site.url)
    owner.click(".start-button")
    owner.fill("#name", "Harbour Foods")
    owner.click("main button[type=submit]")
    owner.wait_for_url("**/questions/management_support")
    owner.goto(re.sub(r"/questions/.*", "/consultants", owner.url))
    owner.check("input[name=scope][value=edit]", force=True)
    owner.click("main form:last-of-type button[type=submit]")
    offer = owner.input_value("#new-link")
    context = browser.new_context(viewport=SCREEN, locale="en-GB")
    Office(site.url, tmp_path, browser).sign_in(context, Capability.GUIDE)
    page = context.new_page()
    page.goto(offer)
    page.click("main form:has(.govuk-button) button.govuk-button")
    page.click("main form[action$='/session'] button")
    page.wait_for_selector(".join-code")
    return page


def _join(browser: Any, screen: Any, locale: str, name: str, role: str) -> Any:
    page = browser.new_context(viewport=PHONE, locale=locale).new_page()
    page.goto(f"{_origin(screen)}/join")
    page.fill("#code", screen.text_content(".join-code").lower())
    page.click("main button[type=submit]")
    page.fill("#name", name)
    page.check(f"input[name=role][value={role}]", force=True)
    _picture(page, f"join-{locale}")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/room/*")
    return page


def _answer(page: Any, level: int | str) -> None:
    page.check(f'input[name=answer][value="{level}"]', force=True)
    page.click("button[value=send]")


def test_a_room_in_three_languages_disagrees_agrees_and_goes_on(site: Served, browser: Any, screen: Any) -> None:
    _picture(screen, "screen-waiting")
    wing = _join(browser, screen, "en-GB", "Wing", "owner")
    mei = _join(browser, screen, "zh-HK", "美玲", "staff")
    ming = _join(browser, screen, "zh-CN", "小明", "staff")
    # The screen learns of them by itself.
    expect(screen.locator("#live-names li")).to_have_count(3, timeout=SOON)
    screen.click("text=Ask the first question")
    for phone in (wing, mei, ming):
        expect(phone.locator("input[name=answer]").first).to_be_attached(timeout=SOON)
    assert "第 1 題" in mei.text_content("main")
    _picture(mei, "asking-zh-HK")
    _picture(screen, "screen-asking")

    _answer(wing, 4)
    _answer(mei, 1)
    expect(screen.locator("#live-line")).to_have_text("2 of 3 have answered", timeout=SOON)
    # The third one's wifi is gone while the answer is sent, and comes back.
    ming.context.set_offline(True)
    _answer(ming, 2)
    expect(ming.locator("#unsent")).to_be_visible(timeout=SOON)
    assert "2 of 3" in screen.text_content("#live-line")
    ming.context.set_offline(False)
    expect(ming.locator("#said")).to_be_visible(timeout=SOON)
    expect(screen.locator("#live-line")).to_have_text("3 of 3 have answered", timeout=SOON)
    assert screen.locator(".spread").count() == 0

    screen.click("text=Show the answers")
    expect(screen.locator(".agreement.low")).to_be_visible()
    for phone in (wing, mei, ming):
        expect(phone.locator(".spread").first).to_be_visible(timeout=SOON)
    assert not any(name in wing.text_content("main .spread") for name in ("美玲", "小明"))
    _picture(screen, "screen-shown")
    for page in (screen, ming):
        page.evaluate(AXE)
        assert page.evaluate(RUN, TAGS)["violations"] == []
    _picture(ming, "shown-zh-CN")

    screen.check('input[name=answer][value="2"]', force=True)
    screen.click("text=Save the agreed answer")
    expect(screen.locator(".govuk-error-summary")).to_contain_text("Not everybody said this")
    screen.fill("#reason", "Two were trained; nobody has it in their duties yet.")
    screen.click("text=Save the agreed answer")
    expect(screen.locator(".card.done")).to_contain_text("Two were trained")
    expect(mei.locator(".card.done")).to_contain_text("Two were trained", timeout=SOON)
    _picture(screen, "screen-agreed")
    screen.click("text=Next question")
    expect(wing.locator("input[name=answer]").first).to_be_attached(timeout=SOON)
    assert wing.locator("input[name=answer]:checked").count() == 0
    for page in (wing, mei, ming, screen):
        assert page.evaluate(CUT_OFF) == []
        page.evaluate(AXE)
        assert page.evaluate(RUN, TAGS)["violations"] == []
    for page in (wing, mei, ming):
        assert page.evaluate(SMALL_TARGETS) == []
    # The consultant's pages on a phone: the screen, then what the session came to.
    screen.set_viewport_size(PHONE)
    _picture(screen, "screen-narrow")
    assert screen.evaluate(CUT_OFF) == []
    screen.click("summary:has-text('Close the session')")
    screen.click("button:has-text('Close the session')")
    expect(screen.locator("td strong.low")).to_have_text("far apart")
    _picture(screen, "summary-narrow")
    assert screen.evaluate(CUT_OFF) == []
    screen.evaluate(AXE)
    violations = screen.evaluate(RUN, TAGS)["violations"]
    assert [(each["rule"], each["markup"]) for each in violations] == []
    screen.click(".eyebrow a")
    _picture(screen, "client-narrow")
    # The phones learn that it is over, and look no more.
    expect(mei.locator("#live")).to_have_count(0, timeout=SOON)


def test_what_is_being_chosen_is_not_taken_away_when_the_room_goes_on(site: Served, browser: Any, screen: Any) -> None:
    wing = _join(browser, screen, "en-GB", "Wing", "owner")
    mei = _join(browser, screen, "zh-HK", "美玲", "staff")
    screen.click("text=Ask the first question")
    for phone in (wing, mei):
        expect(phone.locator("input[name=answer]").first).to_be_attached(timeout=SOON)
    wing.check('input[name=answer][value="3"]', force=True)

    screen.click("text=Show the answers")

    expect(wing.locator("#live-moved")).to_be_visible(timeout=SOON)
    assert wing.is_checked('input[name=answer][value="3"]')
    wing.click("button[value=send]")
    expect(wing.locator("h1")).to_have_text("The answers were shown already", timeout=SOON)
    assert wing.locator(".card").count() == 1


def test_a_second_press_is_not_lost_to_the_reply_to_the_first(
    site: Served, browser: Any, screen: Any, database: str
) -> None:
    wing = _join(browser, screen, "en-GB", "Wing", "owner")
    screen.reload()
    screen.click("text=Ask the first question")
    expect(wing.locator("input[name=answer]").first).to_be_attached(timeout=SOON)
    under_way: list[Any] = []
    wing.route("**/questions/*", lambda route: under_way.append(route))
    for level in (2, 5):
        with wing.expect_request("**/questions/*"):
            _answer(wing, level)
    # Whatever the browser said before it answers this has been heard.
    wing.title()
    first, second = under_way

    # The first one is saved, and its reply arrives while the second one is still on its way.
    first.fulfill(response=first.fetch(max_redirects=0))
    wing.evaluate("() => fetch(document.getElementById('live').dataset.address).then(() => null)")
    second.continue_()

    expect(wing.locator("#said")).to_be_visible(timeout=SOON)
    expect(wing.locator('input[name=answer][value="5"]')).to_be_checked()
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT value, turn FROM voice")).all() == [(5, 2)]
    engine.dispose()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Voice:
    """Somebody who joins and answers by forms alone, and remembers what was confirmed."""

    def __init__(self, origin: str, code: str, number: int) -> None:
        self._origin = origin
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), _NoRedirect())
        page = self.get(f"/join/{code}")
        self._csrf = _field(page, "csrf_token")
        fields = {"ticket": _field(page, "ticket"), "name": f"Person {number}", "role": "staff"}
        self.seat = self._post(f"/join/{code}", **fields)
        #: The newest answer that was confirmed, and how often one was sent.
        self.confirmed = (0, 0)
        self.sent = (0, 0)

    def say(self, question: str, level: int, turn: int) -> None:
        """Answer; only a redirect confirms it."""
        self.sent = (level, turn)
        self._post(f"{self.seat}/questions/{question}", answer=level, turn=turn, then="send")
        self.confirmed = (level, turn)

    def get(self, path: str) -> str:
        """Open a page."""
        with self._opener.open(f"{self._origin}{path}", timeout=20) as response:
            return str(response.read().decode())

    def _post(self, path: str, **fields: object) -> str:
        data = urlencode({"csrf_token": self._csrf, **fields}).encode()
        try:
            self._opener.open(Request(f"{self._origin}{path}", data=data), timeout=20)  # noqa: S310  (our own server)
        except HTTPError as answer:
            if answer.code == 302:
                return str(answer.headers["Location"])
            raise AssertionError(f"{path}: {answer.code}") from answer
        raise AssertionError("a form that is taken leads on")


def test_every_voice_that_was_confirmed_survives_a_killed_server(site: Served, screen: Any, database: str) -> None:
    code = screen.text_content(".join-code").replace(" ", "")
    voices = [_Voice(site.url, code, number) for number in range(6)]
    screen.click("text=Ask the first question")
    screen.wait_for_selector("text=Show the answers")
    enough = threading.Barrier(len(voices) + 1, timeout=60)
    lost = (URLError, ConnectionError, TimeoutError, HTTPException)

    def say_until_it_dies(voice: _Voice, number: int) -> None:
        try:
            for turn in range(1, 400):
                voice.say("management_support", (turn + number) % 5 + 1, turn)
                if turn == 3:
                    enough.wait()
        except lost:
            return

    threads = [threading.Thread(target=say_until_it_dies, args=(voice, n)) for n, voice in enumerate(voices)]
    for thread in threads:
        thread.start()
    enough.wait()
    site.kill()
    for thread in threads:
        thread.join()

    site.start()

    engine = sa.create_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT p.name, v.value, v.turn FROM voice v JOIN participant p ON p.id = v.participant_id")
        )
        kept = {name: (int(value), turn) for name, value, turn in rows}
    engine.dispose()
    for number, voice in enumerate(voices):
        assert voice.confirmed[1] >= 3
        # The one that was under way when the server died may have been saved without a word.
        assert kept[f"Person {number}"] in (voice.confirmed, voice.sent)
        assert re.search(rf'value="{kept[f"Person {number}"][0]}"[^>]*checked', voice.get(voice.seat))
    # The screen, which lost its server too, comes back by itself and goes on.
    expect(screen.locator("#live-line")).to_have_text("6 of 6 have answered", timeout=60_000)
    screen.click("text=Show the answers")
    counts = screen.locator(".spread").first.locator(".spread-count").all_text_contents()
    assert sum(int(each.split()[0]) for each in counts) == len(voices)


def _origin(page: Any) -> str:
    return "/".join(page.url.split("/")[:3])


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])


def _picture(page: Any, name: str) -> None:
    wide = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(wide) <= 0, f"{name} scrolls sideways"
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
