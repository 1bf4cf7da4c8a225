"""How often one may, by which name the site is asked for, and what https changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from readiness.settings import Settings
from tests.conftest import settings_for
from tests.web.conftest import Owner, everything_stored

CHANGES_A_MINUTE = 120
STARTS_AN_HOUR = 300
YEAR = 365 * 24 * 3600


def test_one_link_that_saves_too_often_is_told_so_and_another_behind_the_same_address_is_not(
    visitor: Owner, shared_app: Flask
) -> None:
    visitor.start()
    other = Owner(shared_app.test_client()).start()

    refused = _save_until_refused(visitor)

    assert refused.status_code == 429
    assert "That was too often in a short time" in refused.get_data(as_text=True)
    assert other.answer("ai_talent", 3).status_code == 302


def test_what_was_saved_before_the_limit_is_still_there_and_can_be_read(visitor: Owner) -> None:
    visitor.start()
    visitor.answer("ai_talent", 3)

    _save_until_refused(visitor)

    assert visitor.get("/questions/ai_talent").status_code == 200
    assert 'value="3"' in visitor.text


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-Hant", "zh-Hant-HK"), ("zh-Hans", "zh-Hans-CN")])
def test_the_page_that_says_too_often_speaks_the_person_s_language(
    visitor: Owner, shared_app: Flask, language: str, tag: str
) -> None:
    owner = Owner(shared_app.test_client(), language).start()

    page = _save_until_refused(owner).get_data(as_text=True)

    assert f'<html lang="{tag}"' in page
    assert ("too often" in page) == (language == "en")


def test_no_more_than_three_hundred_assessments_begin_at_one_address_in_an_hour(
    visitor: Owner, shared_app: Flask
) -> None:
    csrf = {"csrf_token": visitor.token_of_the_form}
    here, elsewhere = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "203.0.113.8"}

    begun = [
        visitor.client.post("/assessments", data=csrf, environ_overrides=here).status_code
        for _ in range(STARTS_AN_HOUR + 1)
    ]

    assert begun == [302] * STARTS_AN_HOUR + [429]
    assert visitor.client.post("/assessments", data=csrf, environ_overrides=elsewhere).status_code == 302


def test_files_are_made_thirty_times_a_minute_for_one_link(visitor: Owner, shared_app: Flask) -> None:
    visitor.start()
    address = f"/assessments/{visitor.token}/export.json"

    answers = [visitor.client.get(address).status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted_as_one"),
    [
        (0, ["198.51.100.1", "198.51.100.2"], True),
        (1, ["198.51.100.1", "198.51.100.2"], False),
        # A visitor may write what they like before the address that the proxy adds.
        (1, ["6.6.6.6, 198.51.100.1", "7.7.7.7, 198.51.100.1"], True),
        (2, ["198.51.100.1, 10.0.0.1", "198.51.100.2, 10.0.0.1"], False),
    ],
)
def test_a_forwarded_address_is_believed_only_from_as_many_proxies_as_are_trusted(
    settings_with: Callable[..., Settings],
    make_app: Callable[[Settings], Flask],
    proxies: int,
    forwarded: list[str],
    counted_as_one: bool,
) -> None:
    client = make_app(settings_with(trusted_proxies=proxies)).test_client()
    owner = Owner(client).start()
    first, second = ({"X-Forwarded-For": each} for each in forwarded)

    for _ in range(20):
        _ask_for_a_mail(owner, headers=first)
    refused = _ask_for_a_mail(owner, headers=second)

    assert _ask_for_a_mail(owner, headers=first) == 429
    assert (refused == 429) == counted_as_one


def test_a_foreign_host_is_refused_with_words_and_nothing_is_written(shared_app: Flask, visitor: Owner) -> None:
    before = everything_stored(shared_app)

    for address in ("/", "/method", "/nothing", f"/assessments/{'A' * 43}"):
        response = visitor.client.get(address, headers={"Host": "evil.example"})
        assert response.status_code == 400, address
        assert "evil.example" not in response.get_data(as_text=True)
    begun = visitor.client.post(
        "/assessments", data={"csrf_token": visitor.token_of_the_form}, headers={"Host": "evil.example"}
    )

    assert begun.status_code == 400
    assert everything_stored(shared_app) == before


def test_a_further_name_is_answered_to_once_it_is_set_and_links_still_hold_the_public_one(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(settings_with(hosts=("readiness.example.hk",), public_url="http://check.example.hk"))

    owner = Owner(app.test_client()).start()
    owner.answer("ai_talent", 3)
    page = owner.client.get(f"/assessments/{owner.token}/left", headers={"Host": "readiness.example.hk:8080"})

    assert page.status_code == 200
    assert f'value="http://check.example.hk/assessments/{owner.token}"' in page.get_data(as_text=True)
    assert owner.client.get("/", headers={"Host": "other.example.hk"}).status_code == 400


def test_in_production_the_machine_s_own_names_are_not_answered_to(tmp_path: Path) -> None:
    production = settings_for("sqlite://", tmp_path, production=True, public_url="https://check.example.hk")

    assert production.trusted_hosts == ["check.example.hk"]


def test_over_https_cookies_are_secure_http_is_redirected_and_browsers_are_told_to_stay(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]
) -> None:
    client = make_app(settings_with(public_url="https://check.example.hk")).test_client()
    site = "https://check.example.hk"

    page = client.get("/?lang=zh-Hant", base_url=site)
    plain = client.get("/method", base_url="http://check.example.hk")

    cookies = page.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"language", "readiness"}
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert int(page.headers["Strict-Transport-Security"].split(";")[0].removeprefix("max-age=")) >= YEAR
    assert (plain.status_code // 100, plain.headers["Location"]) == (3, f"{site}/method")


def test_behind_a_proxy_that_speaks_https_nothing_is_redirected(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(settings_with(public_url="https://check.example.hk", trusted_proxies=1))

    response = app.test_client().get(
        "/", base_url="http://check.example.hk", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    )

    assert response.status_code == 200


def test_without_https_cookies_travel_and_no_browser_is_told_to_stay(shared_app: Flask) -> None:
    page = shared_app.test_client().get("/?lang=zh-Hant")

    assert not any("Secure" in cookie for cookie in page.headers.getlist("Set-Cookie"))
    assert "Strict-Transport-Security" not in page.headers


def test_the_language_is_kept_in_a_cookie_of_its_own_for_a_year(shared_app: Flask) -> None:
    client: FlaskClient = shared_app.test_client()

    response = client.get("/?lang=zh-Hans")

    kept = client.get_cookie("language")
    assert kept is not None
    assert kept.value == "zh-Hans"
    assert any(f"Max-Age={YEAR}" in cookie for cookie in response.headers.getlist("Set-Cookie"))
    client.delete_cookie("readiness")
    assert '<html lang="zh-Hans-CN"' in client.get("/method").get_data(as_text=True)


@pytest.mark.parametrize("value", ["xx", "", "<script>", "zh-Hant; Path=/evil", "EN"])
def test_a_language_that_we_do_not_speak_is_not_remembered(shared_app: Flask, value: str) -> None:
    client = shared_app.test_client()

    page = client.get("/", query_string={"lang": value})

    assert client.get_cookie("language") is None
    assert '<html lang="en"' in page.get_data(as_text=True)


def test_what_the_limiter_says_of_it_names_no_link(visitor: Owner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.start()

    _save_until_refused(visitor)

    assert visitor.token not in caplog.text


def _save_until_refused(owner: Owner):  # type: ignore[no-untyped-def]
    """Save the page about the company until it is refused; the last answer of the site is returned."""
    csrf = owner.token_of_the_form
    for _ in range(CHANGES_A_MINUTE + 1):
        data = {"csrf_token": csrf, "sector": "nowhere"}
        response = owner.client.post(f"/assessments/{owner.token}/company", data=data)
        if response.status_code == 429:
            break
    return response


def _ask_for_a_mail(owner: Owner, headers: dict[str, str]) -> int:
    data = {"csrf_token": owner.token_of_the_form, "address": "nobody"}
    return owner.client.post(f"/assessments/{owner.token}/links/mail", data=data, headers=headers).status_code
