"""What several tests of engagements do: read a new link off a page, ask for a consultant, write a note."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from readiness.services.planning import today
from tests.guided.conftest import Consultant
from tests.web.conftest import Owner

IN_A_MONTH = (today() + timedelta(days=30)).isoformat()


def new_link(page: str) -> str:
    """Return the link that a page shows this once, without the site's name."""
    shown = re.search(r'id="new-link"[^>]*value="([^"]+)"', page)
    assert shown is not None, page
    return "/" + unescape(shown[1]).split("/", 3)[3]


def ask(owner: Owner, **changed: Any) -> TestResponse:
    """Let a company ask for a consultant."""
    owner.get("/consultants/ask")
    fields = {"name": "Ms Chan", "contact": "2345 6789", "message": "Help", "scope": "edit", "until": IN_A_MONTH}
    return owner.post(f"/assessments/{owner.token}/consultants/ask", **{**fields, **changed})


def note(consultant: Consultant, text: str, kind: str) -> None:
    """Write a note on the consultant's client."""
    page = f"/staff/clients/{consultant.client_id}"
    consultant.get(page)
    assert consultant.post(f"{page}/notes", text=text, kind=kind).status_code == 302, consultant.text


def invite(consultant: Consultant, company: str, days: int = 30) -> str:
    """Invite a company, remember it as the client, and return the path of the invitation."""
    consultant.get("/staff/clients")
    until = (today() + timedelta(days=days)).isoformat()
    assert consultant.post("/staff/clients", company=company, scope="edit", until=until).status_code == 200
    path = new_link(consultant.text)
    row = re.search(r'/staff/clients/([0-9a-f-]{36})">' + re.escape(company), consultant.text)
    assert row is not None, consultant.text
    consultant.client_id = row[1]
    return path
