"""A member of staff who signs in through the pages, with password and the codes of an app."""

from __future__ import annotations

import base64
import hmac
import re
import struct
from html import unescape
from time import time

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from readiness.services import invitations
from readiness.services.accounts import Capability
from readiness.services.database import db

PASSWORD = "four plain harbour words"
HALF_MINUTE = 30


class Phone:
    """An app that shows codes, by RFC 6238, written anew here: the site's own code does not judge itself."""

    def __init__(self, key: str) -> None:
        plain = "".join(letter for letter in key if letter.isalnum())
        self._secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
        # A site takes the code of the half minute before, too: there are three at any time.
        self._next = int(time()) // HALF_MINUTE - 1

    def code(self) -> str:
        """Return the next code that was not used yet."""
        # At the end of a half minute the code before is too old by the time that it is looked at.
        late = time() % HALF_MINUTE > HALF_MINUTE - 3
        number = max(self._next, int(time()) // HALF_MINUTE - (0 if late else 1))
        assert number <= int(time()) // HALF_MINUTE + 1, "three codes within half a minute are all there are"
        self._next = number + 1
        return self.code_of(number)

    def code_of(self, half_minute: int) -> str:
        """Return the code of a half minute."""
        digest = hmac.digest(self._secret, struct.pack(">Q", half_minute), "sha1")
        start = digest[-1] & 15
        number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"


class Staff:
    """A member of staff with a browser of their own; forms carry the token of the page last seen."""

    def __init__(self, client: FlaskClient, email: str, language: str = "en") -> None:
        self.client = client
        self.email = email
        self.phone: Phone | None = None
        self.recovery_codes: list[str] = []
        self.page = client.get(f"/staff/sign-in?lang={language}")

    @property
    def text(self) -> str:
        """The page last seen as HTML."""
        return self.page.get_data(as_text=True)

    @property
    def csrf(self) -> str:
        """What the forms of the page last seen carry against forgery."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert found, f"the page has no form: {self.page.status}"
        return unescape(found[1])

    def get(self, path: str) -> TestResponse:
        """Open a page, and follow where it leads."""
        self.page = self.client.get(path, follow_redirects=True)
        return self.page

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen, without following the redirect."""
        response = self.client.post(path, data={"csrf_token": self.csrf, **fields})
        if response.status_code not in (301, 302, 303):
            self.page = response
        return response

    def accept(self, token: str, password: str = PASSWORD) -> Staff:
        """Open an invitation, set the password and set up the app; then stand at the desk."""
        self.get(f"{invitations.PATH}{token}")
        self.follow(self.post(f"{invitations.PATH}{token}", password=password))
        self.set_up_app()
        return self

    def set_up_app(self) -> Staff:
        """Read the key on the page, type the code that the phone shows, and keep the recovery codes."""
        key = re.search(r'class="digest key">([^<]+)<', self.text)
        assert key, self.text
        self.phone = Phone(key[1])
        response = self.post("/staff/second-factor", code=self.phone.code())
        assert response.status_code == 200, self.text
        self.recovery_codes = re.findall(r"<code>([^<]+)</code>", self.text)
        self.get("/staff")
        return self

    def sign_in(self, password: str = PASSWORD, onward: str = "") -> Staff:
        """Sign in with password and code, and follow where that leads."""
        assert self.phone is not None
        self.give_password(password, onward)
        self.follow(self.post("/staff/sign-in/code", code=self.phone.code(), next=onward))
        return self

    def give_password(self, password: str = PASSWORD, onward: str = "") -> TestResponse:
        """Give the first factor, and follow where that leads."""
        self.get("/staff/sign-in")
        response = self.post("/staff/sign-in", email=self.email, password=password, next=onward)
        if response.status_code == 302:
            self.follow(response)
        return response

    def sign_out(self) -> Staff:
        """Sign out, and stand on the page that signs in."""
        self.get("/staff")
        self.follow(self.post("/staff/sign-out"))
        return self

    def follow(self, response: TestResponse) -> None:
        """Go where a redirect leads."""
        assert response.status_code == 302, response.get_data(as_text=True)
        self.get(response.headers["Location"])


def invite(app: Flask, email: str, *capabilities: Capability) -> str:
    """Invite someone as the command line does, and return the token."""
    with app.app_context():
        try:
            return invitations.invite(email, capabilities)
        finally:
            db.session.close()


def staff_of(app: Flask, *capabilities: Capability, email: str = "", language: str = "en") -> Staff:
    """Return someone who was invited with these capabilities, signed up, and is signed in with both factors."""
    email = email or f"{'-'.join(capabilities) or 'nobody'}@example.com".replace("_", "")
    return Staff(app.test_client(), email, language).accept(invite(app, email, *capabilities))
