"""The way of a member of staff: invitation, password, app, signing out and in, and what must not work."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from statistics import median
from time import perf_counter, time
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Account, Authenticator, Invitation
from readiness.services import accounts, invitations, second_factors
from readiness.services.accounts import Capability
from readiness.services.database import db, now
from readiness.settings import Settings
from tests.web.conftest import everything_stored, tables_that_hold
from tests.web.staffing import PASSWORD, Staff, invite

WRONG = "Address and password do not belong together, or the account was withdrawn."
HOUR = 3600
#: What no kind of database does otherwise.
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_whole_way_from_an_invitation_to_signing_in_again(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.MANAGE_ACCOUNTS, email="mei@example.com")

    assert "<h1>Desk</h1>" in mei.text
    assert 'href="/staff/accounts"' in mei.text
    assert len(mei.recovery_codes) == 10
    mei.sign_out()
    assert "You are signed out, on every device." in mei.text
    mei.get("/staff/accounts")
    assert "<h1>Sign in</h1>" in mei.text
    mei.sign_in(onward="/staff/accounts")
    assert "<h1>Accounts</h1>" in mei.text


def test_an_invitation_holds_once(app: Flask, staff: Callable[..., Staff]) -> None:
    token = invite(app, "mei@example.com", Capability.PUBLISH)
    Staff(app.test_client(), "mei@example.com").accept(token)
    mallory = Staff(app.test_client(), "mei@example.com")
    before = everything_stored(app)

    opened = mallory.client.get(f"/staff/invitations/{token}")
    sent = mallory.post(f"/staff/invitations/{token}", password="another harbour of words")

    assert (opened.status_code, sent.status_code) == (404, 404)
    assert "This invitation cannot be used" in opened.get_data(as_text=True)
    assert everything_stored(app) == before


def test_an_invitation_ends_after_seven_days(app: Flask) -> None:
    token = invite(app, "mei@example.com", Capability.PUBLISH)
    with app.app_context():
        made, expires = db.session.execute(sa.select(Invitation.created_at, Invitation.expires_at)).one()
        db.session.execute(sa.update(Invitation).values(created_at=now() - invitations.LIFE, expires_at=now()))
        db.session.commit()
        db.session.close()
    late = Staff(app.test_client(), "mei@example.com")

    response = late.post(f"/staff/invitations/{token}", password=PASSWORD)

    assert (expires - made).days == 7
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Write a password."),
        ("short words", "Write at least 12 characters."),
        ("x" * 257, "Write at most 256 characters."),
        ("Password2026!!", "Too many people use this password"),
        ("1qaz2wsx3edc4rfv", "Too many people use this password"),
        ("abcabcabcabcabc", "Too many people use this password"),
        ("999999999999999", "Too many people use this password"),
        ("mei@example.com", "Too many people use this password"),
    ],
)
def test_a_password_that_is_short_or_common_is_not_taken_and_the_invitation_stays_open(
    shared_app: Flask, password: str, said: str
) -> None:
    email = "mei@example.com"
    with shared_app.app_context():
        known = db.session.scalar(sa.select(Account).where(Account.email == email))
        token = invitations.reset(email) if known else invitations.invite(email, [])
        db.session.close()
    mei = Staff(shared_app.test_client(), email)

    response = mei.post(f"/staff/invitations/{token}", password=password)

    assert response.status_code == 422
    assert said in mei.text
    field = re.search(r'<input[^>]*name="password"[^>]*>', mei.text)
    assert field
    assert 'value="' not in field[0] or 'value=""' in field[0]
    assert mei.get(f"/staff/invitations/{token}").status_code == 200


@pytest.mark.parametrize("password", ["four plain harbour words", "渡輪燈塔茶樓電車山頂碼頭", "        a  b       "])
def test_no_kind_of_letter_is_asked_for(shared_app: Flask, password: str) -> None:
    email = f"letters-{len(password)}@example.com"
    token = invite(shared_app, email)

    mei = Staff(shared_app.test_client(), email).accept(token, password)

    mei.sign_out().sign_in(password)
    assert "<h1>Desk</h1>" in mei.text


@sqlite_only
def test_a_wrong_code_opens_nothing_and_the_right_one_after_it_does(staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com").sign_out()
    assert mei.phone is not None
    mei.give_password()
    code = mei.phone.code()

    wrong = mei.post("/staff/sign-in/code", code=f"{(int(code) + 1) % 1_000_000:06}")

    assert wrong.status_code == 422
    assert "This code does not hold." in mei.text
    assert mei.client.get("/staff").status_code == 302
    assert mei.post("/staff/sign-in/code", code=f" {code[:3]} {code[3:]} ").status_code == 302
    assert mei.client.get("/staff").status_code == 200


def test_a_code_holds_once_and_earlier_ones_not_after_it(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com").sign_out()
    assert mei.phone is not None
    earlier, code = mei.phone.code_of(int(time()) // 30 - 1), mei.phone.code()
    mei.give_password()
    mei.follow(mei.post("/staff/sign-in/code", code=code))
    thief = Staff(app.test_client(), mei.email)
    thief.give_password()

    again = [thief.post("/staff/sign-in/code", code=each).status_code for each in (code, earlier)]

    assert again == [422, 422]
    assert thief.client.get("/staff").status_code == 302


@pytest.mark.parametrize(
    "code", ["", "x" * 65, "１２３４５６", "12345", "1234567", "-12345", "1e5000", "%00", "٣٤٥٦٧٨"]
)
def test_what_is_no_code_is_refused_with_words(
    shared_app: Flask, shared_staff: Callable[..., Staff], code: str
) -> None:
    mei = shared_staff(email=f"codes-{hash(code) % 10**9}@example.com").sign_out()
    mei.give_password()

    response = mei.post("/staff/sign-in/code", code=code)

    assert response.status_code == 422
    assert "govuk-error-summary" in mei.text


def test_a_recovery_code_stands_in_for_the_app_once(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com").sign_out()
    code = mei.recovery_codes[3].upper().replace("-", " ")
    mei.give_password()

    mei.follow(mei.post("/staff/sign-in/code", code=code))

    assert "<h1>Desk</h1>" in mei.text
    mei.get("/staff/account")
    assert "Not used yet: 9." in mei.text
    mei.sign_out().give_password()
    assert mei.post("/staff/sign-in/code", code=code).status_code == 422


@sqlite_only
def test_new_recovery_codes_end_the_earlier_ones(staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com")
    earlier = mei.recovery_codes[0]
    mei.get("/staff/account")

    mei.post("/staff/account/codes")
    newer = re.findall(r"<code>([^<]+)</code>", mei.text)

    assert len(set(newer) - set(mei.recovery_codes)) == 10
    mei.sign_out().give_password()
    assert mei.post("/staff/sign-in/code", code=earlier).status_code == 422
    assert mei.post("/staff/sign-in/code", code=newer[0]).status_code == 302


@sqlite_only
def test_an_unknown_address_a_wrong_password_and_a_withdrawn_account_are_answered_alike(
    app: Flask, staff: Callable[..., Staff]
) -> None:
    staff(email="mei@example.com")
    staff(email="gone@example.com")
    with app.app_context():
        accounts.withdraw("gone@example.com")
        db.session.close()
    invite(app, "invited@example.com")
    pages = {}

    for email in ("mei@example.com", "gone@example.com", "invited@example.com", "nobody@example.com"):
        stranger = Staff(app.test_client(), email)
        response = stranger.give_password("not this one at all")
        assert response.status_code == 422
        assert WRONG in stranger.text
        pages[email] = re.sub(
            r'name="csrf_token"[^>]*|data-options="[^"]*"',
            "",
            stranger.text.replace(email, "").replace(str(time()), ""),
        )

    assert len(set(pages.values())) == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [("a\x00@example.com", "x"), ("\ud800", "x"), ("mei@example.com", "a\x00b"), ("x" * 255, "x")],
)
def test_what_nobody_types_signs_nobody_in(app: Flask, staff: Callable[..., Staff], email: str, password: str) -> None:
    staff(email="mei@example.com")
    stranger = Staff(app.test_client(), "")

    response = stranger.client.post(
        "/staff/sign-in",
        data=urlencode({"csrf_token": stranger.csrf, "email": email, "password": password}, errors="surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 422


@sqlite_only
def test_an_unknown_address_takes_as_long_as_a_wrong_password(app: Flask, staff: Callable[..., Staff]) -> None:
    staff(email="mei@example.com")
    stranger = Staff(app.test_client(), "")
    took: dict[str, list[float]] = {"mei@example.com": [], "nobody@example.com": []}

    for _ in range(5):
        for email, times in took.items():
            begun = perf_counter()
            stranger.post("/staff/sign-in", email=email, password="not this one at all")
            times.append(perf_counter() - begun)

    # Without the hash it would be a twentieth.
    assert median(took["nobody@example.com"]) > median(took["mei@example.com"]) / 3


def test_a_password_is_kept_as_argon2id_and_secrets_are_not_kept_in_the_open(
    app: Flask, staff: Callable[..., Staff], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = invite(app, "mei@example.com", Capability.PUBLISH)
    mei = Staff(app.test_client(), "mei@example.com").accept(token)
    assert mei.phone is not None
    secret = __import__("base64").b32encode(mei.phone._secret).decode().rstrip("=")

    mei.sign_out().sign_in()

    for kept_nowhere in (token, PASSWORD, secret, *mei.recovery_codes, mei.recovery_codes[0].replace("-", "")):
        assert tables_that_hold(app, kept_nowhere) == []
        assert kept_nowhere not in caplog.text
    assert "mei@example.com" not in caplog.text
    assert tables_that_hold(app, "mei@example.com") == ["account"]
    with app.app_context():
        assert db.session.scalars(sa.select(Account.password)).one().startswith("$argon2id$")
        assert db.session.scalars(sa.select(Authenticator.secret)).one().startswith('{"enckey"')


@sqlite_only
def test_signing_in_begins_a_session_of_its_own(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com").sign_out()
    mei.get("/staff/sign-in")
    before = mei.csrf
    with mei.client.session_transaction() as session:
        session["planted"] = "by someone else"

    mei.sign_in()

    with mei.client.session_transaction() as session:
        assert "planted" not in session
    mei.get("/staff/account")
    assert mei.client.post("/staff/account/codes", data={"csrf_token": before}).status_code == 400


@sqlite_only
def test_signing_out_ends_every_copy_of_the_session(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com")
    copied = mei.client.get_cookie("readiness")
    assert copied is not None
    thief = app.test_client()

    mei.sign_out()
    thief.set_cookie("readiness", copied.value)

    assert thief.get("/staff").status_code == 302


@pytest.mark.parametrize(("idle", "status"), [(11 * HOUR, 200), (13 * HOUR, 302)])
def test_a_session_ends_after_twelve_idle_hours(
    shared_app: Flask, shared_staff: Callable[..., Staff], idle: int, status: int
) -> None:
    mei = shared_staff(email=f"idle-{idle}@example.com")
    with mei.client.session_transaction() as session:
        session["seen"] -= idle

    response = mei.client.get("/staff")

    assert response.status_code == status


def test_a_withdrawn_account_s_session_dies_and_it_cannot_sign_in(app: Flask, staff: Callable[..., Staff]) -> None:
    staff(Capability.MANAGE_ACCOUNTS, email="boss@example.com")
    mei = staff(Capability.PUBLISH, email="mei@example.com")

    with app.app_context():
        accounts.withdraw("MEI@example.com ")
        db.session.close()

    assert mei.client.get("/staff").status_code == 302
    assert mei.give_password().status_code == 422
    assert WRONG in mei.text


def test_a_reset_ends_password_app_codes_and_sessions_at_once(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.PUBLISH, email="mei@example.com")
    with app.app_context():
        token = invitations.reset("mei@example.com")
        db.session.close()

    assert mei.client.get("/staff").status_code == 302
    assert mei.give_password().status_code == 422
    mei.accept(token, "another harbour of words")
    assert "Publish versions of the rubric" in mei.text


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/staff",
        "/\\evil.example",
        "\\\\evil.example",
        "/staff/..//evil.example",
        "/staff\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "/staff/sign-out",
        "/staff/sign-in",
        "/nothing",
        "http:evil.example",
        "/%2F%2Fevil.example",
        "staff",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(shared_app: Flask, shared_staff: Callable[..., Staff], onward: str) -> None:
    mei = shared_staff(email=f"onward-{abs(hash(onward))}@example.com").sign_out()
    assert mei.phone is not None
    mei.give_password(onward=onward)

    response = mei.post("/staff/sign-in/code", code=mei.phone.code(), next=onward)

    assert (response.status_code, response.headers["Location"]) == (302, "/staff")


@sqlite_only
def test_a_page_of_the_desk_is_come_back_to_with_its_query(staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.MANAGE_ACCOUNTS, email="mei@example.com").sign_out()
    asked = mei.client.get("/staff/accounts?lang=en")
    mei.get(asked.headers["Location"])
    onward = re.search(r'name="next"[^>]*value="([^"]*)"', mei.text)
    assert onward

    mei.sign_in(onward=onward[1])

    assert mei.page.request.full_path == "/staff/accounts?lang=en"


@sqlite_only
def test_ten_wrong_tries_are_all_that_an_account_has_in_a_quarter_of_an_hour(
    app: Flask, staff: Callable[..., Staff]
) -> None:
    mei = staff(email="mei@example.com").sign_out()
    thief = Staff(app.test_client(), "mei@example.com")
    other = staff(email="other@example.com").sign_out()

    tries = [thief.post("/staff/sign-in", email=" MEI@example.com", password="guess").status_code for _ in range(11)]

    assert tries == [422] * 10 + [429]
    assert mei.give_password().status_code == 429
    other.sign_in()
    assert "<h1>Desk</h1>" in other.text


@sqlite_only
def test_ten_wrong_codes_are_all_that_an_account_has(staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com").sign_out()
    mei.give_password()

    tries = [mei.client.post("/staff/sign-in/code", data={"csrf_token": mei.csrf, "code": "1"}) for _ in range(11)]

    assert [each.status_code for each in tries] == [422] * 10 + [429]


def test_one_address_has_a_hundred_wrong_tries_an_hour_whatever_the_account(
    shared_app: Flask, shared_staff: Callable[..., Staff]
) -> None:
    stranger = Staff(shared_app.test_client(), "")

    tries = [
        stranger.client.post(
            "/staff/sign-in", data={"csrf_token": stranger.csrf, "email": f"{number}@x", "password": ""}
        )
        for number in range(101)
    ]

    assert {each.status_code for each in tries[:100]} == {422}
    assert tries[100].status_code == 429


@sqlite_only
def test_an_old_second_factor_is_asked_for_again_where_it_must_be_fresh(staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.MANAGE_ACCOUNTS, email="mei@example.com")
    assert mei.phone is not None
    with mei.client.session_transaction() as session:
        session["second_factor"] -= 301

    mei.get("/staff/accounts")

    assert mei.page.request.path == "/staff/sign-in/code"
    assert mei.client.get("/staff").status_code == 200
    mei.follow(mei.post("/staff/sign-in/code", code=mei.phone.code(), next="/staff/accounts"))
    assert "<h1>Accounts</h1>" in mei.text


@sqlite_only
def test_a_stale_form_changes_nothing_and_leads_back_to_its_page(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(Capability.MANAGE_ACCOUNTS, email="mei@example.com")
    mei.get("/staff/accounts")
    with mei.client.session_transaction() as session:
        session["second_factor"] -= 301
    before = everything_stored(app)

    response = mei.post("/staff/accounts", email="new@example.com", capabilities="publish")

    assert response.headers["Location"] == "/staff/sign-in/code?next=/staff/accounts"
    assert everything_stored(app) == before


@sqlite_only
def test_a_password_is_changed_and_other_sessions_end(app: Flask, staff: Callable[..., Staff]) -> None:
    mei = staff(email="mei@example.com")
    copied = mei.client.get_cookie("readiness")
    assert copied is not None
    mei.get("/staff/account")

    mei.follow(mei.post("/staff/account/password", password="another harbour of words"))

    assert "The password is changed." in mei.text
    elsewhere = app.test_client()
    elsewhere.set_cookie("readiness", copied.value)
    assert elsewhere.get("/staff").status_code == 302
    mei.sign_out()
    assert mei.give_password(PASSWORD).status_code == 422
    assert mei.give_password("another harbour of words").status_code == 302


@sqlite_only
def test_the_last_passkey_of_an_account_without_password_stays(app: Flask) -> None:
    from readiness.models import Passkey

    with app.app_context():
        token = invitations.invite("mei@example.com", [])
        passkey = Passkey(credential_id=b"1", public_key=b"1", sign_count=0, added_at=now())
        account = invitations.accept(token, passkey=passkey)

        with pytest.raises(second_factors.LastFactor):
            second_factors.drop_passkey(account.id, passkey.id)

        assert len(second_factors.factors(account.id).passkeys) == 1
        db.session.close()


@pytest.mark.parametrize("answer", ["", "{}", "null", "[]", '"x"', "{", '{"id":"x"}', "\x00", "9" * 5000])
def test_a_passkey_s_answer_that_cannot_be_read_is_refused_with_words(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask], answer: str
) -> None:
    app = make_app(settings_with())
    stranger = Staff(app.test_client(), "")

    response = stranger.post("/staff/sign-in/passkey", credential=answer)

    assert response.status_code == 422
    assert "The passkey does not hold here." in stranger.text


def test_cookies_of_a_session_cannot_be_read_by_scripts(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(settings_with(public_url="https://check.example.hk"))

    page = app.test_client().get("/staff/sign-in", base_url="https://check.example.hk")

    cookies = page.headers.getlist("Set-Cookie")
    assert cookies
    assert all("Secure" in each and "HttpOnly" in each and "SameSite=Lax" in each for each in cookies)
