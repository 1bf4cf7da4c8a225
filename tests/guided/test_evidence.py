"""Evidence: added by company and consultant, graded by the consultant alone, kept to its company."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from werkzeug.test import TestResponse

from readiness.services import evidence_files
from readiness.services.database import db
from tests.guided import files
from tests.guided.conftest import Consultant
from tests.web.conftest import Owner, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]
QUESTION = "ai_talent"


def add(company: Owner, question: str = QUESTION, file: tuple[bytes, str] | None = None, **fields: str) -> TestResponse:
    """Add evidence on the page of an answer, and stand on the page that follows."""
    company.get(f"/evidence/{question}")
    sent: dict[str, Any] = dict(fields)
    if file is not None:
        sent["file"] = (BytesIO(file[0]), file[1])
    response = company.post(f"/assessments/{company.token}/evidence/{question}", **sent)
    # What is sent of a large file is a file of the test's client, which nobody else closes.
    response.request.environ["wsgi.input"].close()
    company.page = response
    if response.status_code == 302:
        company.get(f"/evidence/{question}")
    return response


def judge(
    consultant: Consultant, question: str, grade: str, level: str = "", reason: str = "", **changed: str
) -> TestResponse:
    """Grade an answer as the page offers it."""
    company = consultant.as_company()
    company.get(f"/evidence/{question}")
    shown = {name: _hidden(company, name) for name in ("seen", "answer")}
    fields = {**shown, "grade": grade, "level": level, "reason": reason, **changed}
    return company.post(f"/assessments/{company.token}/evidence/{question}/grade", **fields)


def _hidden(company: Owner, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', company.text)
    assert found, company.text
    return found[1].replace("&#34;", '"')


def stored(app: Flask) -> list[Path]:
    """The files on the disk."""
    folder = Path(app.config["EVIDENCE_FOLDER"])
    return sorted(folder.iterdir()) if folder.is_dir() else []


def links_to_files(company: Owner) -> list[str]:
    """The addresses of the files that a page shows."""
    return re.findall(r'href="(/assessments/[^"]+/evidence/files/[^"]+)"', company.text)


def test_company_and_consultant_see_what_each_added_and_who_it_was(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)

    assert add(owner, note="The contract\nlies in the safe", link="https://example.com/a?b=1").status_code == 302
    company = consultant.as_company()
    add(company, note="Saw it on 3 March", file=(files.PDF, "合約.pdf"))

    assert "The contract\nlies in the safe" in company.text
    assert '<a href="https://example.com/a?b=1" rel="noreferrer noopener nofollow">' in company.text
    owner.get("/evidence")
    assert "Saw it on 3 March" in owner.text
    assert "合約.pdf" in owner.text
    assert owner.text.count(consultant.email) == 2
    assert owner.text.count("the company, ") == 2


def test_the_company_needs_no_consultant_to_keep_its_evidence(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)

    add(owner, file=(files.png(), "proof.png"))

    assert "Your judgement" not in owner.text
    assert len(stored(app)) == 1
    owner.answer_all().submit()
    assert "hecked by" not in owner.text
    assert "Sign-off" not in owner.text
    add(owner, note="Found later")
    assert "Found later" in owner.text


LEADS_NOWHERE = ("javascript:alert(1)", "ftp://example.com", "//example.com", "http://", "data:,x",
                 "https://user@example.com", "https://exa mple.com", "https://" + "a" * 500)  # fmt: skip


def test_a_link_that_leads_to_no_site_is_not_taken(visitor: Owner) -> None:
    visitor.start()
    visitor.answer(QUESTION, 3)
    for link in LEADS_NOWHERE:
        assert add(visitor, link=link, note="kept in the form").status_code == 422, link

        assert "Write the whole address" in visitor.text
        assert "kept in the form" in visitor.text
    assert "Nothing yet." in visitor.get(f"/evidence/{QUESTION}").get_data(as_text=True)


def test_a_file_is_given_back_as_it_was_and_never_opened_here(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    add(owner, file=(files.PDF, "../../發票\u202e: y.html"))
    (address,) = links_to_files(owner)

    given = owner.client.get(address)

    assert given.data == files.PDF
    assert given.mimetype == "application/pdf"
    assert given.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E7%99%BC%E7%A5%A8%20y.pdf" in given.headers["Content-Disposition"]
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Cache-Control"] == "no-store"
    assert given.headers["Referrer-Policy"] == "no-referrer"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert "default-src 'none'" in given.headers["Content-Security-Policy"]
    (kept,) = stored(app)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert re.fullmatch("[0-9a-f]{64}", kept.name)


NOT_TAKEN = (
    (b"", "empty.pdf", "The file is empty"),
    (b"<html><script>alert(1)</script>", "page.pdf", "Not a kind of file"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "a.png", "Not a kind of file"),
    (files.PDF + files.office(), "both.pdf", "is damaged"),
    (files.office(files.MACROS), "sheet.xlsx", "holds macros"),
    (files.word(files.field("DDE", 'AUTO "cmd"')), "policy.docx", "holds macros"),
    (files.lying_about_its_size(), "sheet.xlsx", "grows too large"),
    (files.PDF + b" " * (5 * 1024 * 1024), "large.pdf", "larger than 5 MB"),
)


def test_a_file_that_is_not_taken_says_why_and_leaves_nothing(visitor: Owner) -> None:
    app = visitor.client.application
    visitor.start()
    visitor.answer(QUESTION, 3)
    for content, name, words in NOT_TAKEN:
        assert add(visitor, file=(content, name), note="what I wrote").status_code == 422, name

        assert words in visitor.text
        assert "what I wrote" in visitor.text
    assert stored(app) == []
    assert tables_that_hold(app, "what I wrote") == []


def test_more_than_a_form_may_hold_is_refused_and_only_this_form_takes_files(visitor: Owner) -> None:
    visitor.start()
    visitor.answer(QUESTION, 3)
    statuses = {}
    for path in (f"evidence/{QUESTION}", f"questions/{QUESTION}"):
        for size in (200_000, 300_000, 6_000_000):
            said = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
            response = visitor.client.post(f"/assessments/{visitor.token}/{path}", environ_overrides=said)
            statuses[path.split("/")[0], size] = response.status_code

    # 400: it was read, and has no token.
    assert statuses == {
        ("evidence", 200_000): 400, ("evidence", 300_000): 400, ("evidence", 6_000_000): 413,
        ("questions", 200_000): 400, ("questions", 300_000): 413, ("questions", 6_000_000): 413,
    }  # fmt: skip


def test_there_is_room_for_twenty_files(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    for number in range(20):
        assert add(owner, file=(files.png(), f"{number}.png")).status_code == 302

    assert add(owner, file=(files.png(), "21.png")).status_code == 409

    assert "room for 20 files" in owner.text
    assert len(stored(app)) == 20


def test_another_companys_file_is_none_of_ones_own(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    add(owner, file=(files.PDF, "a.pdf"))
    (address,) = links_to_files(owner)
    other = Owner(app.test_client()).start()
    other.answer(QUESTION, 3)
    item = address.rsplit("/", 1)[1]
    other.get(f"/evidence/{QUESTION}")

    assert other.client.get(f"/assessments/{other.token}/evidence/files/{item}").status_code == 404
    assert other.post(f"/assessments/{other.token}/evidence/items/{item}/remove").status_code == 404
    assert owner.client.get(address).status_code == 200
    assert owner.client.get(f"/assessments/{owner.token}/evidence/files/{uuid4()}").status_code == 404


def test_a_reading_link_and_a_reading_consultant_see_no_evidence(engaged: Engaged) -> None:
    owner, consultant = engaged("read", submitted=True)
    add(owner, file=(files.PDF, "a.pdf"))
    (address,) = links_to_files(owner)
    reading = owner.give("read")

    for token in (reading, consultant.token):
        for path in ("/evidence", f"/evidence/{QUESTION}", address.partition(owner.token)[2]):
            assert consultant.client.get(f"/assessments/{token}{path}").status_code == 403, path


def test_a_consultant_removes_their_own_pieces_only_and_the_company_any(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    add(owner, note="the company's")
    company = consultant.as_company()
    add(company, file=(files.PDF, "mine.pdf"))
    owner.get(f"/evidence/{QUESTION}")
    both = set(re.findall(r'action="(/assessments/[^"]+/remove)"', owner.text))
    company.get(f"/evidence/{QUESTION}")
    (own,) = re.findall(r"/evidence/items/[^/]+/remove", company.text)
    mine = f"/assessments/{owner.token}{own}"
    (theirs,) = both - {mine}

    assert company.post(theirs.replace(owner.token, company.token)).status_code == 403
    assert owner.post(mine, question="1").status_code == 302

    assert stored(app) == []
    assert "mine.pdf" not in owner.get("/evidence").get_data(as_text=True)
    assert "the company" in owner.text


def test_only_the_consultant_grades(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    owner.get(f"/evidence/{QUESTION}")
    sent = {"grade": "checked", "seen": "0", "answer": "3", "level": "", "reason": ""}

    assert owner.post(f"/assessments/{owner.token}/evidence/{QUESTION}/grade", **sent).status_code == 403
    assert judge(consultant, QUESTION, "checked").status_code == 302

    owner.get("/evidence")
    assert "checked by a consultant" in owner.text
    assert "1 of 12 answers" in owner.text


def test_a_grade_is_of_one_answer_and_of_no_other(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    add(owner, note="proof of three")
    judge(consultant, QUESTION, "checked")

    owner.answer(QUESTION, 4)

    owner.get("/evidence")
    assert "was checked by a consultant, then the answer was changed" in owner.text
    assert "added for an earlier answer" in owner.text
    assert "0 of 12 answers" in owner.text


def test_two_who_grade_one_answer_at_the_same_time_see_each_other(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    judge(consultant, QUESTION, "shown")

    stale = judge(consultant, QUESTION, "checked", seen="0")
    owner.answer(QUESTION, 4)
    other_answer = judge(consultant, QUESTION, "checked", answer="3")

    for response in (stale, other_answer):
        assert response.status_code == 409
        assert "was changed meanwhile" in response.get_data(as_text=True)
    assert 'value="shown" checked' in stale.get_data(as_text=True)


def test_a_level_is_held_back_to_a_lower_one_and_for_a_reason(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)

    for level, reason in (("2", ""), ("2", "   "), ("3", "why"), ("9", "why"), ("2", "y" * 501)):
        assert judge(consultant, QUESTION, "checked", level, reason).status_code == 422, (level, reason)
    assert judge(consultant, QUESTION, "checked", "2", "why").status_code == 302


def test_beside_a_level_held_back_the_grade_is_that_of_the_level_that_counts(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)
    judge(consultant, QUESTION, "checked", "2", "Left in May")

    read = " ".join(re.sub(r"<[^>]*>", " ", owner.get("/evidence").get_data(as_text=True)).split())

    assert "instead of 3: Left in May Basis of this level: checked by a consultant" in read


def test_of_a_level_held_back_only_what_is_missing_is_asked_for(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, 3)

    refused = judge(consultant, QUESTION, "checked", "2", " ").get_data(as_text=True)

    assert "Write the reason why the level is held back." in refused
    assert "Choose a level below" not in refused


def test_from_each_answer_a_link_leads_to_the_next_and_the_one_before(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer("ai_literacy", 3)
    owner.answer(QUESTION, 3)
    owner.answer("ai_governance", 3)
    company = consultant.as_company()
    company.get("/evidence")
    shown = re.findall(r'href="[^"]+/evidence/(\w+)">Look at it', company.text)
    pages = [company.get(f"/evidence/{id}").get_data(as_text=True) for id in shown]

    for place, page in enumerate(pages):
        around = shown[place + 1 : place + 2] + (shown[place - 1 : place] if place else [])
        assert re.findall(r'href="[^"]+/evidence/(\w+)">(?:Next|Previous) answer', page) == around
    on = judge(consultant, shown[0], "checked", then="next")
    assert on.headers["Location"].endswith(f"/evidence/{shown[1]}")
    last = judge(consultant, shown[-1], "checked", then="next")
    assert "/evidence#" in last.headers["Location"]


def test_what_nobody_knows_is_not_graded(engaged: Engaged) -> None:
    owner, consultant = engaged()
    owner.answer(QUESTION, "not_sure")
    company = consultant.as_company()

    company.get(f"/evidence/{QUESTION}")

    assert "Your judgement" not in company.text
    assert company.get("/evidence/data_quality").status_code == 404


def test_a_file_that_is_lost_or_changed_is_not_given_out(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer(QUESTION, 3)
    add(owner, file=(files.PDF, "a.pdf"))
    (address,) = links_to_files(owner)
    (kept,) = stored(app)
    kept.chmod(0o600)
    kept.write_bytes(files.PDF.replace(b"Catalog", b"catalog"))

    assert owner.client.get(address).status_code == 410
    kept.unlink()
    assert owner.client.get(address).status_code == 410
    with app.app_context():
        assert list(evidence_files.damaged(db.session)) == [kept.name]


def test_a_consultant_reaches_the_evidence_from_the_desk(engaged: Engaged) -> None:
    _, consultant = engaged(submitted=True)
    consultant.get(f"/staff/clients/{consultant.client_id}")
    assert "The company has not signed the newest plan." in consultant.text

    response = consultant.post(f"/staff/clients/{consultant.client_id}/open", then="evidence")

    assert response.headers["Location"].endswith("/evidence")
    consultant.follow(response)
    assert "Begin a checked revision" in consultant.text
