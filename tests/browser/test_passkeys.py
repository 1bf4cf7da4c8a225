"""Passkeys in a real browser, with an authenticator that Chromium plays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.staffing import Office
from tests.web.staffing import PASSWORD

MAKE = "form[data-passkey=create] button"
USE = "form[data-passkey=get] button"


class Device:
    """A browser on a device that checks its user."""

    def __init__(self, browser: Any) -> None:
        self.context = browser.new_context(locale="en-GB")
        self.page = self.context.new_page()
        self._wire = self.context.new_cdp_session(self.page)
        self._wire.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._authenticator = made["authenticatorId"]

    def recognises(self, user: bool) -> None:
        """Let the device recognise who uses it, or not."""
        self._wire.send("WebAuthn.setUserVerified", {"authenticatorId": self._authenticator, "isUserVerified": user})

    def credentials(self) -> list[dict[str, Any]]:
        """Return the passkeys on the device."""
        found = self._wire.send("WebAuthn.getCredentials", {"authenticatorId": self._authenticator})
        return list(found["credentials"])

    def press(self, selector: str) -> None:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.click(selector)


@pytest.fixture
def device(browser: Any) -> Iterator[Device]:
    """Return a device with no passkey on it."""
    device = Device(browser)
    yield device
    device.context.close()


def test_a_passkey_is_both_factors_from_the_invitation_on(device: Device, office: Office) -> None:
    device.page.goto(office.site + office.invite())

    device.press(MAKE)
    assert device.page.inner_text("h1") == "Desk"
    device.press("text=Sign out")
    assert device.page.inner_text("h1") == "Sign in"
    device.press(USE)

    assert device.page.inner_text("h1") == "Desk"
    assert [each["isResidentCredential"] for each in device.credentials()] == [True]


def test_a_device_that_does_not_recognise_its_user_signs_nobody_in(device: Device, office: Office) -> None:
    device.page.goto(office.site + office.invite())
    device.press(MAKE)
    device.press("text=Sign out")

    device.recognises(False)
    device.page.click(USE)

    device.page.wait_for_selector("form[data-passkey=get] [role=alert]:visible")
    assert device.page.inner_text("h1") == "Sign in"


def test_a_passkey_is_the_second_factor_beside_a_password(device: Device, office: Office) -> None:
    email = f"passkey-{id(device)}@example.com"
    device.page.goto(office.site + office.invite(email=email))
    device.page.fill("#password", PASSWORD)
    device.press("form:has(#password) button[type=submit]")

    device.press(MAKE)
    assert device.page.inner_text("h1") == "Keep your recovery codes"
    device.press("text=I have kept them")
    device.press("text=Sign out")
    device.page.fill("#email", email)
    device.page.fill("#password", PASSWORD)
    device.press("form:has(#password) button[type=submit]")
    assert device.page.inner_text("h1") == "Your second factor"
    device.press(USE)

    assert device.page.inner_text("h1") == "Desk"


def test_an_answer_that_was_used_is_not_taken_again(device: Device, office: Office) -> None:
    device.page.goto(office.site + office.invite())
    device.press(MAKE)
    device.press("text=Sign out")
    with device.page.expect_request(lambda request: request.url.endswith("/staff/sign-in/passkey")) as sent:
        device.press(USE)
    form = dict(part.split("=", 1) for part in str(sent.value.post_data).split("&"))
    device.press("text=Sign out")

    answer = device.context.request.post(
        office.site + "/staff/sign-in/passkey",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data="&".join(
            f"{name}={value}"
            for name, value in {**form, "csrf_token": device.page.input_value("[name=csrf_token] >> nth=0")}.items()
        ),
    )

    assert answer.status == 422


def test_a_passkey_is_removed_unless_it_is_the_last_way_in(device: Device, office: Office) -> None:
    device.page.goto(office.site + office.invite())
    device.press(MAKE)
    device.page.goto(office.site + "/staff/account")

    device.press("text=Remove")

    assert "Without this passkey you could not sign in any more" in device.page.inner_text("main")


def test_without_javascript_password_and_code_are_the_way(browser: Any, office: Office) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()

    page.goto(office.site + office.invite())

    assert page.locator("form[data-passkey]").is_hidden()
    assert page.locator("#password").is_visible()
    page.context.close()
