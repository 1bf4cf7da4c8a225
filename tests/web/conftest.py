"""An owner who reads pages and posts forms as a browser without JavaScript would."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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

    def get(self, path: str) -> TestResponse:
        """Open a page of the assessment."""
        self.page = self.client.get(f"/assessments/{self.token}{path}", follow_redirects=True)
        return self.page

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form with the token of the page last seen, without following the redirect."""
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert csrf, "the page has no form"
        return self.client.post(path, data={"csrf_token": unescape(csrf[1]), **fields})

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
