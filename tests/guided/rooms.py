"""People in the room of a guided session, each with a browser of their own."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.guided.conftest import Consultant


class Person:
    """Somebody with a phone."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client = client
        self.page = client.get(f"/join?lang={language}")
        #: The address of the seat.
        self.seat = ""

    @property
    def text(self) -> str:
        """The page last seen as HTML."""
        return self.page.get_data(as_text=True)

    def join(self, code: str, name: str, role: str = "staff", **fields: object) -> Person:
        """Join by the code on the screen."""
        self.page = self.client.get("/join", query_string={"code": code}, follow_redirects=True)
        assert self.page.status_code == 200, self.text
        ticket = re.search(r'name="ticket"[^>]*value="([^"]+)"', self.text)
        assert ticket, self.text
        response = self.post(f"/join/{code}", name=name, role=role, ticket=ticket[1], **fields)
        assert response.status_code == 302, response.get_data(as_text=True)
        self.seat = response.headers["Location"]
        self.look()
        return self

    def look(self) -> str:
        """Open the seat, and return the page."""
        self.page = self.client.get(self.seat)
        return self.text

    def state(self, mark: str = "") -> TestResponse:
        """Ask as the page does by itself."""
        return self.client.get(f"{self.seat}/state", headers={"If-None-Match": mark} if mark else {})

    def say(self, question: str, answer: object, **fields: object) -> TestResponse:
        """Answer alone, from the page last seen."""
        turn = re.search(r'name="turn" value="(\d+)"', self.text)
        fields = {"turn": turn[1] if turn else "1", "then": "send", "answer": answer, **fields}
        response = self.post(f"{self.seat}/questions/{question}", **fields)
        if response.status_code == 302:
            self.look()
        return response

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen."""
        return self.client.post(path, data={"csrf_token": csrf_of(self.text), **fields})


class Leader:
    """A consultant who leads a session with one client."""

    def __init__(self, consultant: Consultant) -> None:
        self.desk = consultant
        self.path = f"/staff/clients/{consultant.client_id}/session"

    def open(self) -> Leader:
        """Open a session, and stand on its screen."""
        self.desk.get(f"/staff/clients/{self.desk.client_id}")
        assert self.desk.post(self.path).status_code == 302, self.desk.text
        self.look()
        return self

    def look(self) -> str:
        """Look at the screen."""
        self.desk.get(self.path)
        return self.desk.text

    @property
    def code(self) -> str:
        """The code on the screen."""
        shown = re.search(r'class="join-code">([^<]+)<', self.look())
        assert shown, self.desk.text
        return shown[1].replace(" ", "")

    def press(self, what: str, question: str = "") -> TestResponse:
        """Press a button on the screen: "ask", "show", "again" or "close"."""
        self.look()
        response = self.desk.post(f"{self.path}/{what}" + (f"/{question}" if question else ""))
        if response.status_code == 302:
            self.desk.get(response.headers["Location"])
        return response

    def agree(self, question: str, answer: object, reason: str = "", **fields: object) -> TestResponse:
        """Save an agreed answer from the screen as it is now."""
        if "version" not in fields:
            self.look()
            fields["version"] = (re.findall(r'name="version" value="(\d+)"', self.desk.text) or ["0"])[0]
        sent = {"rubric": "2026.1", "answer": answer, "reason": reason, **fields}
        response = self.desk.post(f"{self.path}/agree/{question}", **sent)
        if response.status_code == 302:
            self.look()
        return response

    def remove(self, *people: str) -> TestResponse:
        """Remove people from the room, by their places in the list on the screen."""
        self.look()
        return self.desk.post(f"{self.path}/remove", person=list(people))

    def state(self, mark: str = "") -> TestResponse:
        """Ask as the screen does by itself."""
        return self.desk.client.get(f"{self.path}/state", headers={"If-None-Match": mark} if mark else {})


def people(app: Flask, code: str, *roles: str) -> list[Person]:
    """Return people of these roles who have joined, named after their place."""
    return [Person(app.test_client()).join(code, f"Person {place}", role) for place, role in enumerate(roles)]


def csrf_of(text: str) -> str:
    """Return what a page's forms carry against forgery."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found, "the page has no form"
    return unescape(found[1])
