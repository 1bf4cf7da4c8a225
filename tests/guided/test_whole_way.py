"""From an invitation through disagreement, evidence, a held-back level and signatures to the trend of half a year."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from flask import Flask
from pypdf import PdfReader

from readiness.services.planning import today
from tests.guided.conftest import Consultant
from tests.guided.rooms import Leader, people
from tests.guided.test_again import assess_again, half_a_year_passes
from tests.guided.test_evidence import judge
from tests.guided.test_following import actions_of, follow
from tests.guided.test_sign_off import sign
from tests.web.conftest import LEVELS, Owner

#: What each of three people says of the question on which they are far apart.
VOICES = (4, 1, 2)
HELD = "management_support"


def test_a_consultant_and_a_company_go_the_whole_way(app: Flask, consultant: Callable[..., Consultant]) -> None:
    mei = consultant()
    boss = accepted(app, mei)
    leader = Leader(mei.enter()).open()
    room = people(app, leader.code, "owner", "staff", "staff")
    for question, level in LEVELS.items():
        leader.press("ask", question)
        far = question == "ai_talent"
        for person, voice in zip(room, VOICES if far else (level,) * 3, strict=True):
            person.look()
            assert person.say(question, voice).status_code == 302
        leader.press("show", question)
        assert leader.agree(question, level, "Two people were trained, and they do it.").status_code == 302
    leader.press("close")

    boss.get(f"/evidence/{HELD}")
    boss.post(f"/assessments/{boss.token}/evidence/{HELD}", kind="note", note="Minutes of 3 March")
    assert judge(mei, HELD, "checked", "2", "No line in the budget yet").status_code == 302
    boss.submit()
    both = "By your answers 3.4 AI Aware; with the levels that the consultant counts lower: 3.3 AI Aware."
    assert both in " ".join(re.sub(r"<[^>]+>", " ", boss.text).split())
    assert "far apart" in boss.text
    assert sign(boss).status_code == 302
    assert sign(mei.as_company(), "Wong Mei", "Consultant").status_code == 302
    printed = pages(boss)
    assert any("In the guided session people were far apart on: AI talent" in page for page in printed)
    assert {"Chan Tai Man", "Wong Mei"} <= {name for name in ("Chan Tai Man", "Wong Mei") if name in printed[-1]}

    assert follow(boss, actions_of(boss)[0], state="done", proof="Minutes of 4 May").status_code == 302
    half_a_year_passes(app)
    assert "it is time to assess again" in boss.get("/result").get_data(as_text=True)
    assess_again(boss, ai_governance=3)
    assert "Then and now" in boss.get("/trend").get_data(as_text=True)
    assert any("Then and now" in page or "trend" in page.lower() for page in pages(boss))
    assert "Sign for the company" in boss.get("/result").get_data(as_text=True)
    client = mei.get(f"/staff/clients/{mei.client_id}").get_data(as_text=True)
    assert "The company has not signed the newest plan." in client


def accepted(app: Flask, mei: Consultant) -> Owner:
    """Let a consultant invite a company, and return the company once it has accepted."""
    mei.get("/staff/clients")
    until = (today() + timedelta(days=300)).isoformat()
    mei.post("/staff/clients", company="Harbour Foods", scope="edit", until=until)
    link = re.search(r'id="new-link"[^>]*value="([^"]+)"', mei.text)
    assert link, mei.text
    boss = Owner(app.test_client())
    path = "/invited/" + link[1].rsplit("/", 1)[1]
    boss.page = boss.client.get(path)
    response = boss.post(path, own="")
    assert response.status_code == 302, response.get_data(as_text=True)
    boss.token = response.headers["Location"].split("/")[2]
    found = re.search(r"/staff/clients/([0-9a-f-]{36})", mei.get("/staff/clients").get_data(as_text=True))
    assert found
    mei.client_id = found[1]
    return boss


def pages(company: Owner) -> list[str]:
    """Return the text of each page of the plan's PDF file."""
    content = company.client.get(f"/assessments/{company.token}/plan-en.pdf").data
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]
