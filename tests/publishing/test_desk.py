"""The maintainers' desk through its pages, by people who really signed in."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from time import monotonic
from zipfile import ZipFile

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.library.draft_documents import mark_of
from readiness.library.rubrics import read_rubric_folder
from readiness.models import StoredDraft, StoredRubric
from readiness.services import drafts, publishing
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.web.limits import limiter
from tests.next_version import add_version
from tests.publishing.conftest import make_account
from tests.web.staffing import Staff, staff_of

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
EDITOR = (Capability.EDIT_DRAFTS,)
BOTH = (Capability.EDIT_DRAFTS, Capability.PUBLISH)
LEVELS = ("1", "2", "3", "4", "5")


@pytest.fixture
def mei(app: Flask) -> Staff:
    """Return a maintainer at the desk."""
    limiter.reset()
    return staff_of(app, *BOTH, email="mei@example.com")


@pytest.fixture
def ken(app: Flask) -> Staff:
    """Return another one, with a browser of their own."""
    return staff_of(app, *BOTH, email="ken@example.com")


def test_a_question_is_added_translated_and_published_by_a_second_person(app: Flask, mei: Staff, ken: Staff) -> None:
    draft = begin(mei)
    mei.get(draft)
    added = {"question": "genai_risk", "dimension": "", "new_dimension": "genai_risk", "pillar": "ethics_governance"}
    assert mei.post(f"{draft}/questions", **added).status_code == 302
    mei.get(draft)
    assert "keeps it from review" in mei.text or "keep it from review" in mei.text
    assert mei.post(f"{draft}/submit").status_code == 422
    write(mei, f"{draft}/questions/genai_risk", "generative AI", "生成式人工智能", "生成式人工智能")
    for level in LEVELS[:-1]:
        write(
            mei,
            f"{draft}/actions/genai_risk_{level}_{int(level) + 1}",
            f"step {level}",
            f"步驟 {level}",
            f"步骤 {level}",
        )
    page, key = f"{draft}/questions/genai_risk", "questions.genai_risk.why"
    mei.get(page)
    mei.post(page, **{**fields(mei), f"value:{key}": "Put otherwise, for a question that is new."})
    mei.get(draft)
    # Behind is behind, of a new question, too; each line names its language.
    assert "Nothing is wrong" not in mei.text
    check = lxml.html.fromstring(mei.text).xpath("//section[@aria-labelledby='check']//li")
    assert [line.findtext("span") for line in check] == ["繁體中文", "简体中文"]
    assert mei.post(f"{draft}/submit").status_code == 422
    for language in ("zh-Hant", "zh-Hans"):
        confirmed = {"text": f"{language}/{key}", "seen": mark_of("Put otherwise, for a question that is new.")}
        mei.post(f"{draft}/still-right", **confirmed)
    mei.get(draft)
    assert "Nothing is wrong" in mei.text, re.findall(r"<code>([^<]+)</code></a>([^<]*)", mei.text)[:10]

    mei.follow(mei.post(f"{draft}/submit"))
    assert "a second person confirms it" in mei.text
    assert "ken@example.com" in mei.text
    own = mei.client.post(
        "/staff/rubrics/review/2026.2/confirm", data={"csrf_token": mei.csrf, "digest": digest_on(mei)}
    )
    assert own.status_code == 403
    ken.get("/staff/rubrics/review/2026.2")
    ken.follow(ken.post("/staff/rubrics/review/2026.2/confirm", digest=digest_on(ken)))

    assert "in use for new assessments" in ken.text
    with app.app_context():
        row = db.session.scalars(sa.select(StoredRubric).where(StoredRubric.number == "2026.2")).one()
        assert row.state == "published"
        assert db.session.scalars(sa.select(StoredDraft.closed_at)).one() is not None


@sqlite_only
def test_whoever_wrote_a_version_reads_why_it_was_sent_back(app: Flask, mei: Staff, ken: Staff, folder: Path) -> None:
    version, reason = add_version(folder, new=(), gate=True), "Level 3 reads like level 2."
    draft = begin(mei)
    with app.app_context():
        publishing.submit(actor_of(app, mei), version.document)
        db.session.close()
    address = "/staff/rubrics/review/2026.2"
    ken.get(address)
    sent = {"digest": version.digest}

    assert ken.post(f"{address}/send-back", note=" ", **sent).status_code == 422
    assert "Say why" in ken.text
    assert ken.post(f"{address}/send-back", note=reason, **sent).status_code == 302

    for page in (draft, "/staff/rubrics", address):
        assert mei.get(page).status_code == 200
        assert reason in mei.text, page
    assert "Confirm and publish" not in mei.text
    assert mei.get("/staff/rubrics/review/2099.1").status_code == 404


@sqlite_only
def test_a_draft_says_where_it_stands_and_a_late_save_keeps_what_was_typed(app: Flask, mei: Staff, ken: Staff) -> None:
    draft, place = begin(mei), "value:questions.ai_talent.text"
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    mei.post(page, **{**fields(mei), place: "Who looks after AI here?"})
    for language in ("zh-Hant", "zh-Hans"):
        confirmed = {"text": f"{language}/questions.ai_talent.text", "seen": mark_of("Who looks after AI here?")}
        mei.post(f"{draft}/still-right", **confirmed)
    mei.get(draft)
    assert 'id="standing"' not in mei.text
    mei.follow(mei.post(f"{draft}/submit"))
    digest = digest_on(mei)

    mei.get(draft)
    assert "put in review" in standing_on(mei)
    assert "changed since" not in standing_on(mei)
    assert "it can be put in review" not in mei.text
    mei.get(page)
    late = fields(mei)
    mei.post(page, **{**late, place: "Changed meanwhile?"})
    mei.get(draft)
    assert "changed since" in standing_on(mei)
    ken.get("/staff/rubrics/review/2026.2")
    ken.post("/staff/rubrics/review/2026.2/confirm", digest=digest)
    answer = mei.post(page, **{**late, place: "Typed too late?"})

    assert answer.status_code == 409
    assert "Typed too late?" in mei.text
    assert "Not saved: the draft was closed meanwhile" in mei.text
    asks = {"Accept": "application/json"}
    assert mei.client.post(page, data={"csrf_token": mei.csrf}, headers=asks).get_json()["closed"] is True
    mei.get(draft)
    assert "published" in standing_on(mei)
    assert "it can be put in review" not in mei.text


@sqlite_only
def test_a_method_that_does_not_tell_of_a_changed_band_is_named(mei: Staff) -> None:
    draft = begin(mei)
    mei.get(f"{draft}/bands")
    assert "To look at again" not in mei.get(draft).get_data(as_text=True)
    mei.get(f"{draft}/bands")
    mei.post(f"{draft}/bands", **{**fields(mei), "value:bands.ready.floor": "3.0"})
    assert "the bands changed, but the text of the method" in mei.get(draft).get_data(as_text=True)

    mei.get(f"{draft}/policy")
    mei.post(f"{draft}/policy", **{**fields(mei), "value:method.1": "The score is a mean; ready begins at 3.0."})

    assert "To look at again" not in mei.get(draft).get_data(as_text=True)


@sqlite_only
def test_a_draft_shows_the_order_in_which_owners_are_asked(mei: Staff) -> None:
    draft = begin(mei)
    mei.get(draft)
    assert asked_as(mei, "ai_literacy") == 2

    mei.post(f"{draft}/questions/ai_literacy/move", to="up")

    mei.get(draft)
    assert (asked_as(mei, "ai_literacy"), asked_as(mei, "management_support")) == (1, 2)


@sqlite_only
def test_a_question_without_a_dimension_is_refused_for_that(mei: Staff) -> None:
    draft = begin(mei)
    mei.get(draft)

    response = mei.post(f"{draft}/questions", question="genai_risk", dimension="", new_dimension="", pillar="data")

    assert response.status_code == 422
    assert "Choose a dimension for the question" in mei.text
    assert "An id begins" not in mei.text
    assert 'value="genai_risk"' in mei.text


@sqlite_only
def test_the_second_person_reads_and_tries_what_they_confirm(app: Flask, mei: Staff, folder: Path) -> None:
    version = add_version(folder, new=("genai_risk",))
    with app.app_context():
        publishing.submit(make_account(app, "first@example.hk", *BOTH), version.document)
        db.session.close()
    address = "/staff/rubrics/review/2026.2"
    mei.get(address)
    page = " ".join(lxml.html.fromstring(mei.text).text_content().split())

    for language in Language:
        texts = version.texts[language]
        for key in ("questions.genai_risk.levels.4.text", "questions.genai_risk.why", "actions.genai_risk_1_2.then"):
            assert " ".join(str(texts[key]).split()) in page, (language, key)
    assert "person_days" in page
    assert page.index("What changed from") < page.index("Confirm and publish")
    asked = mei.get(f"{address}/preview/questions/genai_risk?lang=zh-Hant").get_data(as_text=True)
    assert version.texts[Language.ZH_HANT]["questions.genai_risk.text"] in unescape(asked)
    assert mei.get(f"{address}/preview/result?lang=en").status_code == 200
    assert mei.client.get(f"{address}/preview/plan-en.pdf").data.startswith(b"%PDF")
    with ZipFile(BytesIO(mei.client.get(f"{address}/files.zip").data)) as files:
        files.extractall(folder / "taken")
    assert read_rubric_folder(folder / "taken" / "2026.2").digest == version.digest
    assert mei.get("/staff/rubrics/review/2099.1/files.zip").status_code == 404


@sqlite_only
def test_before_a_version_retires_the_page_says_what_that_means(
    app: Flask, mei: Staff, ken: Staff, folder: Path
) -> None:
    version = add_version(folder, new=(), gate=True)
    with app.app_context():
        publishing.submit(actor_of(app, ken), version.document)
        publishing.confirm(actor_of(app, mei), "2026.2", version.digest)
        db.session.close()

    page = lxml.html.fromstring(mei.get("/staff/rubrics").get_data(as_text=True))

    (asked,) = page.xpath("//form[contains(@action, 'retire')]/ancestor::details")
    assert "open" not in asked.attrib
    assert "cannot be published again" in asked.text_content()
    assert mei.post("/staff/rubrics/versions/2026.1/retire").status_code == 302
    with app.app_context():
        assert db.session.scalar(sa.select(StoredRubric.state).where(StoredRubric.number == "2026.1")) == "retired"


@sqlite_only
def test_the_desk_leads_to_a_page_once_and_says_what_waits_there(
    app: Flask, mei: Staff, ken: Staff, folder: Path
) -> None:
    version = add_version(folder, new=(), gate=True)
    with app.app_context():
        publishing.submit(actor_of(app, mei), version.document)
        db.session.close()

    for staff, waits in ((mei, False), (ken, True)):
        page = lxml.html.fromstring(staff.get("/staff").get_data(as_text=True))
        assert len(page.xpath("//ul[@class='desk-pages']//a[@href='/staff/rubrics']")) == 1
        assert ("1 version waits for your decision" in page.text_content()) is waits


@sqlite_only
def test_with_one_maintainer_the_page_says_whom_to_invite(app: Flask, mei: Staff, folder: Path) -> None:
    version = add_version(folder, new=(), gate=True)
    with app.app_context():
        publishing.submit(actor_of(app, mei), version.document)
        db.session.close()

    mei.get("/staff/rubrics/review/2026.2")

    assert "Nobody else may publish yet. Invite a second maintainer" in mei.text
    assert "Confirm and publish" not in mei.text


@sqlite_only
def test_confirming_asks_for_a_second_factor_that_is_fresh(
    app: Flask, mei: Staff, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = add_version(folder, new=(), gate=True)
    with app.app_context():
        publishing.submit(make_account(app, "first@example.hk", *BOTH), version.document)
        db.session.close()
    mei.get("/staff/rubrics/review/2026.2")
    with mei.client.session_transaction() as session:
        session["second_factor"] -= 301

    response = mei.post("/staff/rubrics/review/2026.2/confirm", digest=version.digest)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/staff/sign-in/code")
    with app.app_context():
        assert publishing.review_of(db.session, "2026.2")


@pytest.mark.parametrize("given", [(), EDITOR, (Capability.PUBLISH,), (Capability.EDIT_SCHEMES,)])
@sqlite_only
def test_an_attack_by_the_web_changes_nothing(app: Flask, folder: Path, given: tuple[Capability, ...]) -> None:
    version = add_version(folder, new=(), gate=True)
    limiter.reset()
    mallory = staff_of(app, *given, email="mallory@example.com")
    with app.app_context():
        first = make_account(app, "first@example.hk", *BOTH)
        publishing.submit(first, version.document)
        draft = drafts.create(first, "2026.1")
        before = stored(app)
        db.session.close()
    mallory.get("/staff/account")
    forged = {
        "state": "published",
        "digest": "sha256:" + "0" * 64,
        "published_by_id": "x",
        "value:id": "2026.1",
        "seen:id": mark_of("2026.2"),
        "value:map.questions.ai_talent": "new",
        "seen:map.questions.ai_talent": mark_of("same"),
    }
    addresses = [
        "/staff/rubrics/review/2026.2/confirm",
        "/staff/rubrics/review/2026.2/send-back",
        "/staff/rubrics/review/2026.1/confirm",
        "/staff/rubrics/versions/2026.1/retire",
        f"/staff/rubrics/{draft}/policy/../bands",
        f"/staff/rubrics/{draft}/bands",
    ]

    answers = [mallory.client.post(each, data={"csrf_token": mallory.csrf, **forged}).status_code for each in addresses]

    assert stored(app) == before
    assert {code // 100 for code in answers} <= {3, 4}
    assert 200 not in answers


@sqlite_only
def test_pages_are_read_by_those_who_edit_or_publish_and_by_nobody_else(app: Flask, mei: Staff) -> None:
    draft = begin(mei)
    other = staff_of(app, Capability.EDIT_SCHEMES, email="schemes@example.com")
    pages = ["", "/questions/ai_talent", "/actions/ai_talent_1_2", "/bands", "/gates", "/policy", "/diff", "/impact"]
    pages += ["/preview/questions/ai_talent", "/preview/result"]

    for path in pages:
        assert mei.get(draft + path).status_code == 200, path
        assert other.client.get(draft + path).status_code == 403, path
    assert other.client.get("/staff/rubrics").status_code == 403
    assert mei.get("/staff/rubrics/diff/2026.1/2026.1").status_code == 200
    for path in ("/questions/nothing", "/actions/nothing", "/preview/questions/nothing"):
        assert mei.get(draft + path).status_code == 404, path


def test_two_who_write_different_places_both_win(mei: Staff, ken: Staff) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    ken.get(page)
    hers, his = fields(mei), fields(ken)
    hers["value:questions.ai_talent.text"] = "Written by Mei?"
    his["value:questions.ai_talent.why"] = "Written by Ken."

    assert mei.post(page, **hers).status_code == 302
    assert ken.post(page, **his).status_code == 302

    mei.get(page)
    found = fields(mei)
    assert found["value:questions.ai_talent.text"] == "Written by Mei?"
    assert found["value:questions.ai_talent.why"] == "Written by Ken."


def test_two_who_write_the_same_place_see_both_values_and_lose_nothing(mei: Staff, ken: Staff) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    ken.get(page)
    place = "value:questions.ai_talent.text"
    mei.post(page, **{**fields(mei), place: "Written by Mei?"})

    response = ken.post(page, **{**fields(ken), place: "Written by Ken?", "value:questions.ai_talent.why": "By Ken."})

    assert response.status_code == 409
    text = unescape(ken.text)
    assert "Saved by mei@example.com" in text
    assert "Written by Mei?" in text
    assert "Written by Ken?" in text
    ken.get(page)
    assert (fields(ken)[place], fields(ken)["value:questions.ai_talent.why"]) == ("Written by Mei?", "By Ken.")
    # Having seen both, the person chooses.
    assert (
        ken.post(
            page, **{place: "Written by Ken?", "seen:questions.ai_talent.text": mark_of("Written by Mei?")}
        ).status_code
        == 302
    )
    mei.get(page)
    assert fields(mei)[place] == "Written by Ken?"


@sqlite_only
def test_a_script_saves_one_place_and_is_told_of_a_conflict(mei: Staff, ken: Staff) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    place, seen = "value:questions.ai_talent.text", "seen:questions.ai_talent.text"
    sent = {"csrf_token": mei.csrf, place: "By a script?", seen: fields(mei)[seen]}
    asks = {"Accept": "application/json"}

    first = mei.client.post(page, data=sent, headers=asks)
    again = mei.client.post(page, data={**sent, place: "Once more?"}, headers=asks)

    assert (first.status_code, first.get_json()) == (
        200,
        {
            "saved": {"questions.ai_talent.text": mark_of("By a script?")},
            "conflicts": [],
            "standings": {
                f"{language}/questions.ai_talent.text": ["behind", "behind the English"]
                for language in ("zh-Hant", "zh-Hans")
            },
        },
    )
    assert again.status_code == 409
    assert again.get_json()["conflicts"] == [
        {"path": "questions.ai_talent.text", "by": "mei@example.com", "saved": "By a script?"}
    ]


@sqlite_only
def test_a_form_without_a_change_changes_nothing(app: Flask, mei: Staff) -> None:
    draft = begin(mei)
    for path in ("/questions/ai_talent", "/questions/reference_data", "/actions/ai_talent_1_2", "/bands", "/policy"):
        mei.get(draft + path)
        assert mei.post(draft + path, **fields(mei)).status_code == 302, path

    with app.app_context():
        assert db.session.scalars(sa.select(StoredDraft.counter)).one() == 0


@sqlite_only
def test_a_place_that_the_page_does_not_show_is_refused(app: Flask, mei: Staff) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    csrf = mei.csrf

    for path in ("bands.ready.floor", "map.from", "format", "zh-Hant/x", "../x", "questions.ai_talent"):
        sent = {"csrf_token": csrf, f"value:{path}": "x", f"seen:{path}": mark_of(None)}
        assert mei.client.post(page, data=sent).status_code == 400, path


@sqlite_only
def test_a_translation_falls_behind_when_its_english_changes_and_can_be_still_right(mei: Staff) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    assert "behind the English" not in mei.text
    mei.post(page, **{**fields(mei), "value:questions.ai_talent.why": "Put otherwise."})

    mei.get(page)
    assert mei.text.count("Still right") == 2
    beside = lxml.html.fromstring(mei.text).xpath("//div[@data-path='zh-Hant/questions.ai_talent.why']//button/@form")
    assert beside == ["right-zh-Hant/questions.ai_talent.why"]
    for language in ("zh-Hant", "zh-Hans"):
        mei.get(page)
        sent = {"text": f"{language}/questions.ai_talent.why", "seen": mark_of("Put otherwise.")}
        assert mei.post(f"{draft}/still-right", **sent).status_code == 302
    mei.get(page)

    assert "Still right" not in mei.text
    mei.get(draft)
    assert "under still_right" not in mei.text


@pytest.mark.parametrize("language", Language)
@sqlite_only
def test_any_page_and_the_pdf_are_seen_from_the_draft(mei: Staff, language: Language) -> None:
    draft = begin(mei)
    page = f"{draft}/questions/ai_talent"
    mei.get(page)
    place = (
        "value:questions.ai_talent.text" if language is Language.EN else f"value:{language}/questions.ai_talent.text"
    )
    mei.post(page, **{**fields(mei), place: "DRAFTED 草擬"})

    shown = mei.get(f"{draft}/preview/questions/ai_talent?lang={language}").get_data(as_text=True)
    result = mei.get(f"{draft}/preview/result?lang={language}")
    pdf = mei.client.get(f"{draft}/preview/plan-{language}.pdf")

    assert "DRAFTED 草擬" in shown
    assert result.status_code == 200
    assert pdf.data.startswith(b"%PDF")


@sqlite_only
def test_the_preview_of_a_question_stays_there_in_another_language(mei: Staff) -> None:
    draft = begin(mei)
    address = f"{draft}/preview/questions/data_infrastructure"
    page = lxml.html.fromstring(mei.get(address).get_data(as_text=True))

    (link,) = page.xpath("//nav[@class='languages']//a[@lang='zh-Hant-HK']/@href")
    shown = lxml.html.fromstring(mei.get(f"{address}{link}").get_data(as_text=True))

    assert mei.page.request.path == address
    assert shown.get("lang") == "zh-Hant-HK"


def test_impact_is_reckoned_watched_and_read(app: Flask, mei: Staff, folder: Path) -> None:
    from tests.web.conftest import Owner

    for _ in range(3):
        Owner(app.test_client()).start(sector="manufacturing", employees="10-19").answer_all().submit()
    draft = begin(mei)
    mei.get(f"{draft}/bands")
    mei.post(f"{draft}/bands", **{**fields(mei), "value:bands.ready.floor": "3.2"})
    mei.get(f"{draft}/impact")

    mei.follow(mei.post(f"{draft}/impact"))

    address = mei.page.request.path
    until = monotonic() + 60
    while mei.client.get(address, headers={"Accept": "application/json"}).get_json()["state"] == "running":
        assert monotonic() < until
    mei.get(address)
    page = lxml.html.fromstring(mei.text)
    assert "3 of 3 assessments would be in another band" in page.text_content()
    assert "fewer than 5" in page.text_content()
    assert "Harbour" not in page.text_content()
    assert "AI Aware" in page.text_content()
    assert page.xpath("//p[@class='way']/a/@href") == [f"{draft}/impact"]


@sqlite_only
def test_impact_says_which_questions_are_new_and_how_the_bands_are_called(app: Flask, mei: Staff, folder: Path) -> None:
    version = add_version(folder, new=("genai_risk",))
    with app.app_context():
        publishing.submit(make_account(app, "first@example.hk", *BOTH), version.document)
        db.session.close()
    address = "/staff/rubrics/review/2026.2"
    mei.get(f"{address}/impact")

    mei.follow(mei.post(f"{address}/impact"))
    run = mei.page.request.path
    until = monotonic() + 60
    while mei.client.get(run, headers={"Accept": "application/json"}).get_json()["state"] == "running":
        assert monotonic() < until
    mei.get(run)

    page = lxml.html.fromstring(mei.text)
    assert "1 question is new and counts as unanswered" in page.text_content()
    assert version.texts[Language.EN]["questions.genai_risk.text"] in page.text_content()
    assert page.xpath("//p[text()='None moves.']")
    assert page.xpath("//p[@class='way']/a/@href") == [address]


def begin(staff: Staff) -> str:
    """Begin a draft and return its address."""
    staff.get("/staff/rubrics")
    return str(staff.post("/staff/rubrics/drafts").headers["Location"])


def fields(staff: Staff) -> dict[str, str]:
    """Return what the writing form of the page would send; a browser leaves out the first line break of an area."""
    form = lxml.html.fromstring(staff.text).get_element_by_id("writing")
    return {name: (value or "").removeprefix("\n") for name, value in form.form_values() if name != "csrf_token"}


def write(staff: Staff, page: str, *texts: str) -> None:
    """Fill every empty text of a page, each differently in three languages."""
    staff.get(page)
    sent = fields(staff)
    for number, name in enumerate(sorted(name for name in sent if name.startswith("value:"))):
        path = name.removeprefix("value:")
        if sent[name]:
            continue
        text = texts[1] if path.startswith("zh-Hant/") else texts[2] if path.startswith("zh-Hans/") else texts[0]
        if not path.endswith((".show_when", ".floor", ".not_applicable", ".prerequisites", ".helps")):
            sent[name] = f"{text} {path.rsplit('/')[-1]} {number}"
    response = staff.post(page, **sent)
    assert response.status_code == 302, response.get_data(as_text=True)[:3000]


def asked_as(staff: Staff, question: str) -> int:
    """Return the number that the page of a draft gives a question."""
    text: str = lxml.html.fromstring(staff.text).get_element_by_id(f"questions-{question}").text_content()
    return int(text.partition(".")[0])


def standing_on(staff: Staff) -> str:
    """Return where the page of a draft says that it stands."""
    text: str = lxml.html.fromstring(staff.text).get_element_by_id("standing").text_content()
    return " ".join(text.split())


def digest_on(staff: Staff) -> str:
    """Return the digest that the page shows."""
    found = re.search(r'class="digest">(sha256:[0-9a-f]{64})<', staff.text)
    assert found, staff.text
    return found[1]


def actor_of(app: Flask, staff: Staff) -> Actor:
    from readiness.services.publishing_commands import actor_named

    with app.app_context():
        return actor_named(staff.email)


def stored(app: Flask) -> list[tuple[object, ...]]:
    """Return every version and every draft as stored."""
    with app.app_context(), db.engine.connect() as connection:
        versions = connection.exec_driver_sql(
            "SELECT number, digest, state, document FROM rubric_version ORDER BY 1, 2"
        )
        open_drafts = connection.exec_driver_sql("SELECT number, document, counter FROM rubric_draft ORDER BY 1, 3")
        return [tuple(row) for rows in (versions.all(), open_drafts.all()) for row in rows]
