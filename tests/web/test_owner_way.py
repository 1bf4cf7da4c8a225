"""The owner's way, page by page, on both databases."""

from __future__ import annotations

import json
import re
from html import unescape

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from readiness.core.languages import Language
from readiness.library.rubrics import read_rubric_folder
from readiness.models import Assessment, StoredPdf
from readiness.services.database import db
from readiness.settings import ROOT
from tests.web.conftest import LEVELS, Owner


def test_the_start_page_says_what_it_is_how_long_and_what_becomes_of_the_answers(owner: Owner) -> None:
    assert "12 questions, about 13 minutes, no account." in owner.text
    assert "What happens to the answers" in owner.text
    assert "nobody checks the answers" in owner.text


def test_the_whole_way_leads_to_a_result_that_states_the_finding_first(owner: Owner) -> None:
    owner.start(name="Harbour Foods Ltd", sector="food_beverage", employees="20-49").answer_all().submit()

    heading = lxml.html.fromstring(owner.text).xpath("string(//h1)")
    assert heading == "Harbour Foods Ltd is AI Aware: 3.4 of 5. One step more and it is AI Ready."


def test_nothing_about_the_company_is_required(owner: Owner) -> None:
    owner.start().answer_all().submit()

    assert "Your company is AI Aware" in owner.text


def test_an_answer_is_there_again_when_the_question_is_opened_again(owner: Owner) -> None:
    owner.start()

    owner.answer("ai_literacy", 3)
    owner.get("/questions/ai_literacy")

    assert re.search(r'value="3"[^>]*checked', owner.text)


def test_a_question_without_a_choice_says_what_to_do_and_keeps_the_page(owner: Owner) -> None:
    owner.start()
    owner.get("/questions/ai_literacy")

    response = owner.post(f"/assessments/{owner.token}/questions/ai_literacy", version="0", then="continue")

    assert response.status_code == 422
    assert "Choose one of the answers" in response.get_data(as_text=True)


@pytest.mark.parametrize("value", ["6", "0", "-1", "3.5", "level", "", "not_applicable", "３"])
def test_a_value_that_the_question_does_not_offer_is_refused(owner: Owner, value: str) -> None:
    owner.start()

    response = owner.answer("ai_literacy", value)

    assert response.status_code == 422
    owner.get("/check")
    assert "12 questions are not answered yet" in owner.text


def test_not_applicable_is_offered_for_reference_data_alone(owner: Owner) -> None:
    owner.start()

    assert owner.answer("reference_data", "not_applicable").status_code == 302
    owner.get("/questions/ai_talent")
    assert "not_applicable" not in owner.text


def test_the_check_page_names_what_is_not_answered(owner: Owner) -> None:
    owner.start().answer_all(ai_talent=None)

    owner.get("/check")

    assert "1 question is not answered yet." in owner.text
    assert owner.text.count("Not answered") == 1


def test_too_few_answers_give_no_band_no_plan_and_no_error(owner: Owner) -> None:
    owner.start()
    for question in list(LEVELS)[:9]:
        owner.answer(question, 3)

    owner.submit()

    assert "9 of 12 areas are answered" in owner.text
    assert "Download the action plan" not in owner.text
    assert owner.client.get(f"/assessments/{owner.token}/plan-en.pdf").status_code == 404


def test_not_sure_says_how_far_up_the_band_is_open_and_asks_to_find_out_first(owner: Owner) -> None:
    owner.start().answer_all(ai_governance="not_sure", ai_risk_control="not_sure").submit()

    assert "is at least AI Aware" in owner.text
    assert "up to AI Ready once you know 2 answers" in owner.text
    assert "Find out what you were not sure of" in owner.text
    assert "The band is firm" not in owner.text


def test_a_second_submission_changes_nothing(owner: Owner) -> None:
    owner.start().answer_all().submit()
    before = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    owner.get("/result")

    assert owner.post(f"/assessments/{owner.token}/submit").status_code == 302

    after = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    assert {**before, "exported_at": ""} == {**after, "exported_at": ""}


def test_a_submitted_answer_cannot_be_changed_by_an_old_page(owner: Owner) -> None:
    owner.start().answer_all()
    owner.get("/questions/ai_talent")
    old_page = owner.page
    owner.submit()
    owner.page = old_page

    fields = {"answer": "5", "note": "Ask Mei first.", "version": "1", "then": "continue"}
    response = owner.post(f"/assessments/{owner.token}/questions/ai_talent", **fields)

    assert response.status_code == 409
    page = response.get_data(as_text=True)
    assert "your last choice was not saved" in page
    assert _text_of_level("ai_talent", 5) in unescape(page)
    assert "Ask Mei first." in page
    export = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    assert export["answers"]["ai_talent"] == 3


def test_changing_answers_makes_a_new_version_under_the_same_link_and_the_old_result_stays(owner: Owner) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all().submit()

    response = owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    owner.submit()

    assert response.headers["Location"] == f"/assessments/{owner.token}/check"
    assert "Harbour Foods Ltd is AI Ready: 3.5 of 5." in owner.text
    assert f'href="/assessments/{owner.token}/results/1"' in owner.text
    owner.get("/results/1")
    assert "Harbour Foods Ltd is AI Aware: 3.4 of 5." in owner.text


def test_until_the_changes_are_finished_the_result_is_the_earlier_one(owner: Owner) -> None:
    owner.start().answer_all().submit()

    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)

    owner.get("/result")
    assert "Your company is AI Aware: 3.4 of 5." in owner.text
    assert "You have begun to change the answers." in owner.text
    assert owner.get("/results/2").status_code == 404


def test_dropped_changes_leave_the_earlier_result_and_no_trace_of_themselves(owner: Owner) -> None:
    owner.start().answer_all().submit()
    owner.page = owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    owner.get("/check")

    owner.post(f"/assessments/{owner.token}/drop")

    owner.get("")
    assert "Your company is AI Aware: 3.4 of 5." in owner.text
    assert "You have begun to change the answers." not in owner.text
    owner.post(f"/assessments/{owner.token}/revise")
    owner.get("/questions/ai_governance")
    assert re.search(r'value="1"[^>]*checked', owner.text)


def test_results_of_one_day_are_told_apart_by_the_time(owner: Owner) -> None:
    owner.start().answer_all().submit()
    assert not re.search(r", \d\d:\d\d, AI", owner.text)
    owner.post(f"/assessments/{owner.token}/revise")

    owner.submit()

    assert len(re.findall(r"\d{4}, \d\d:\d\d, AI", owner.text)) == 2


def test_an_earlier_result_keeps_its_own_file_and_its_own_pdf(owner: Owner) -> None:
    owner.start().answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    owner.submit()

    first = owner.client.get(f"/assessments/{owner.token}/results/1/export.json").get_json()
    newest = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()

    assert (first["answers"]["ai_governance"], first["result"]["band"]) == (1, "aware")
    assert (newest["answers"]["ai_governance"], newest["result"]["band"]) == (2, "ready")
    assert owner.get("/results/1/plan-en.pdf").data.startswith(b"%PDF")
    assert owner.get("/results/2/plan-xx.pdf").status_code == 404


def test_two_answers_to_one_question_are_both_shown_and_neither_is_lost(owner: Owner) -> None:
    owner.start()
    owner.get("/questions/ai_talent")
    first_tab = owner.page
    owner.answer("ai_talent", 2)
    owner.page = first_tab

    response = owner.post(f"/assessments/{owner.token}/questions/ai_talent", answer="4", version="0", then="continue")

    assert response.status_code == 409
    page = response.get_data(as_text=True)
    assert "Saved meanwhile" in page
    forms = _forms_of(page)
    assert [(form["answer"], form["confirmed"]) for form in forms] == [("2", "1"), ("4", "1")]
    owner.page = response
    assert owner.post(f"/assessments/{owner.token}/questions/ai_talent", **forms[1]).status_code == 302
    owner.get("/questions/ai_talent")
    assert re.search(r'value="4"[^>]*checked', owner.text)


def test_the_same_answer_twice_is_saved_once(owner: Owner) -> None:
    owner.start()
    owner.get("/questions/ai_talent")
    page = owner.page

    for _ in range(2):
        owner.page = page
        path = f"/assessments/{owner.token}/questions/ai_talent"
        assert owner.post(path, answer="4", version="0", then="continue").status_code == 302

    owner.get("/questions/ai_talent")
    assert re.search(r'name="version"[^>]*value="1"', owner.text)


def test_one_more_fact_decides_schemes_and_makes_a_further_plan(owner: Owner) -> None:
    owner.start(sector="professional_services", employees="10-19").answer_all().submit()
    assert "more facts needed" in owner.text
    before = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()

    keys = set(re.findall(r'<input[^>]+name="(business_registration|subvented)"', owner.text))
    assert keys == {"business_registration", "subvented"}
    response = owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="no")

    assert response.status_code == 302
    after = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    nittp = {scheme["id"]: scheme for scheme in after["plan"]["schemes"]}["nittp"]
    assert nittp["eligibility"] == "meets"
    assert after["result"] == before["result"]
    assert after["company"]["business_registration"] is True


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_every_page_speaks_one_language(client: FlaskClient, language: str) -> None:
    owner = Owner(client, language).start().answer_all(ai_governance="not_sure", reference_data="not_applicable")
    pages = {}
    for path in ("/company", "/questions/ai_talent", "/check", "/submit", "/left"):
        pages[path] = owner.get(path).get_data(as_text=True)
    owner.submit()
    pages["/result"] = owner.text

    for path, page in pages.items():
        tag = {"en": "en", "zh-Hant": "zh-Hant-HK", "zh-Hans": "zh-Hans-CN"}[language]
        assert f'<html lang="{tag}"' in page, path
        assert _foreign_words(page, language) == [], path


def _forms_of(page: str) -> list[dict[str, str]]:
    """Return what each form of the page's main part would send, apart from its token."""
    forms = lxml.html.fromstring(page).xpath("//main//form")
    fields = ".//input[@name] | .//button[@name]"
    return [
        {field.get("name"): field.get("value") for field in form.xpath(fields) if field.get("name") != "csrf_token"}
        for form in forms
    ]


def _text_of_level(question: str, level: int) -> str:
    """Return a level's text in English, from the shipped rubric."""
    version = read_rubric_folder(ROOT / "rubric" / "versions" / "2026.1")
    return version.texts[Language.EN][f"questions.{question}.levels.{level}.text"]


def _foreign_words(page: str, language: str) -> list[str]:
    """Return the words of another language, apart from what is marked with its own ``lang`` and proper names."""
    body = lxml.html.fromstring(page).find("body")
    for element in body.xpath(".//script | .//svg | .//input | .//*[@lang]"):
        element.drop_tree()
    # A programme's own name stays as it is.
    text = re.sub(r"https?://\S+|\S+@\S+|sha256:\w+|AI with HKPC", " ", body.text_content())
    return re.findall(r"[\u4e00-\u9fff]+" if language == "en" else r"\b[a-z]{4,}\b", text)


def test_the_language_can_be_switched_on_a_question_without_losing_what_was_chosen(owner: Owner) -> None:
    owner.start()

    response = owner.answer("ai_talent", 4, then="", language="zh-Hant")

    assert response.headers["Location"].endswith("/questions/ai_talent")
    owner.get("/questions/ai_talent")
    assert 'lang="zh-Hant-HK"' in owner.text
    assert re.search(r'value="4"[^>]*checked', owner.text)


def test_a_browser_is_answered_in_the_language_that_it_asks_for(client: FlaskClient) -> None:
    for asked, tag in [
        ("zh-HK,zh;q=0.9", "zh-Hant-HK"),
        ("zh-CN", "zh-Hans-CN"),
        ("fr, zh-TW", "zh-Hant-HK"),
        ("fr", "en"),
    ]:
        page = client.get("/", headers={"Accept-Language": asked}).get_data(as_text=True)
        assert f'<html lang="{tag}"' in page, asked


def test_what_is_exported_recomputes_to_the_same(owner: Owner, tmp_path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    owner.start(name="海港食品", employees="10-19").answer_all(reference_data="not_applicable").submit()
    path = tmp_path / "export.json"
    path.write_bytes(owner.client.get(f"/assessments/{owner.token}/export.json").data)
    from readiness import cli

    monkeypatch.setattr("sys.argv", ["readiness", "verify", str(path)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()

    assert stopped.value.code == 0, capsys.readouterr()


def test_an_export_holds_neither_tokens_nor_hashes(owner: Owner) -> None:
    owner.start().answer_all().submit()

    text = owner.client.get(f"/assessments/{owner.token}/export.json").get_data(as_text=True)

    assert owner.token not in text
    assert set(json.loads(text)) == {
        "rubric", "company", "answers", "digest", "result", "plan", "catalogue", "exported_at",
    }  # fmt: skip


def test_every_number_on_the_result_leads_to_how_it_was_computed(owner: Owner) -> None:
    owner.start().answer_all().submit()

    assert owner.text.count('href="#computed"') >= 2
    assert "add up to 41. 41 divided by 12 is 3.4166…, rounded half up to one decimal: 3.4." in owner.text
    assert "sha256:" in owner.text


def test_a_plan_is_printed_once_in_each_language_and_then_served_from_the_store(owner: Owner, app: Flask) -> None:
    owner.start(name="海港食品").answer_all().submit()

    first = owner.get("/plan-zh-Hant.pdf").data
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.update(StoredPdf).values(content=first + b"%stored"))
    again = owner.get("/plan-zh-Hant.pdf").data

    assert first.startswith(b"%PDF-1.7")
    assert again == first + b"%stored"
    assert owner.get("/plan-zh-Hans.pdf").data.startswith(b"%PDF-1.7")
    assert owner.page.headers["Content-Disposition"] == 'attachment; filename="ai-readiness-plan-zh-Hans.pdf"'


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("ABC\u200e Ltd", "ABC Ltd"),
        ("\ufeffHarbour\tFoods\u00ad", "Harbour Foods"),
        ("海港\u200b食品", "海港食品"),
        ("A\u202eB", "AB"),
        ("  \u2060 ", "Your company"),
        ("Café 👩\u200d🍳", "Café 👩🍳"),
    ],
)
def test_a_pasted_name_loses_its_invisible_characters_and_nothing_else(owner: Owner, pasted: str, shown: str) -> None:
    owner.start(name=pasted).answer_all().submit()

    assert f"{shown} is AI Aware: 3.4 of 5." in owner.text


def test_leaving_needs_no_choice(owner: Owner) -> None:
    owner.start()
    owner.answer("ai_talent", 3)
    owner.get("/questions/ai_governance")

    response = owner.post(f"/assessments/{owner.token}/questions/ai_governance", version="0", then="leave")

    assert response.headers["Location"].endswith("/left")


def test_the_language_can_be_switched_between_two_answers_without_losing_one(owner: Owner) -> None:
    owner.start()
    owner.get("/questions/ai_talent")
    first_tab = owner.page
    owner.answer("ai_talent", 2)
    owner.page = first_tab
    path = f"/assessments/{owner.token}/questions/ai_talent"
    owner.page = owner.post(path, answer="4", version="0", then="continue")
    mine = _forms_of(owner.text)[1]
    del mine["confirmed"]

    response = owner.post(path, **mine, language="zh-Hant")

    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert '<html lang="zh-Hant-HK"' in page
    assert [form["answer"] for form in _forms_of(page)] == ["2", "4"]


def test_a_fact_that_was_answered_wrongly_can_be_corrected(owner: Owner) -> None:
    owner.start().answer_all().submit()
    path = f"/assessments/{owner.token}/result"
    owner.post(path, business_registration="no", subvented="no")
    owner.get("/result")
    assert re.search(r'name="business_registration"[^>]*value="no"[^>]*checked', owner.text)

    owner.post(path, business_registration="yes", subvented="no")

    export = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    assert export["company"]["business_registration"] is True


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_an_error_of_a_field_speaks_the_language_of_the_page(client: FlaskClient, language: str) -> None:
    owner = Owner(client, language).start(sector="nowhere")

    page = owner.post(f"/assessments/{owner.token}/company", sector="nowhere").get_data(as_text=True)

    assert "Not a valid" not in page
    assert "Error" not in page
    assert _foreign_words(page, language) == []


def test_where_all_areas_are_alike_none_is_called_the_weakest(owner: Owner) -> None:
    owner.start().answer_all(**dict.fromkeys(LEVELS, 3)).submit()

    assert "All areas are at the same level." in owner.text
    assert 'class="weakest"' not in owner.text


def test_a_price_is_stated_whole_and_beside_it_what_is_left_if_the_scheme_approves(owner: Owner) -> None:
    owner.start().answer_all(ai_governance=3, ai_literacy=2).submit()

    card = re.search(
        r"<dt>You pay</dt><dd class=\"money\">(HK\$[^<]+)</dd>.*?<dt>If NITTP approves</dt>", owner.text, re.S
    )
    assert card is not None


def test_a_second_wish_to_change_goes_on_with_the_revision_that_was_begun(owner: Owner) -> None:
    owner.start().answer_all().submit()
    page = owner.page
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    owner.page = page

    assert owner.post(f"/assessments/{owner.token}/revise").status_code == 302

    owner.get("/questions/ai_governance")
    assert re.search(r'value="2"[^>]*checked', owner.text)


def test_a_frozen_result_is_shown_as_it_was_and_never_computed_again(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()
    with app.app_context(), db.engine.begin() as connection:
        frozen = json.loads(connection.execute(sa.select(Assessment.result)).scalar_one())
        frozen |= {"band": "unaware", "could_be": "unaware", "score": 1.7, "mean": "5/3"}
        connection.execute(sa.update(Assessment).values(result=json.dumps(frozen)))

    owner.get("/result")

    assert "Your company is AI Unaware: 1.7 of 5." in owner.text
