"""Filled in without network: a workbook is read as it was filled in, shown, and saved as a whole or not at all."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from readiness.app import create_app
from readiness.core.answers import plain
from readiness.core.languages import Language
from readiness.documents.questionnaire import QuestionnaireView
from readiness.documents.workbook import ANSWER, NOTE, choice_text, workbook_xlsx
from readiness.models import AnswerChange
from readiness.services.database import db
from readiness.services.opening import open_with
from readiness.services.questionnaires import empty_questionnaire
from readiness.services.versions import load_shipped
from readiness.services.vouching import published_digests, released_digests
from readiness.services.workbooks import Filled, read_workbook, version_of
from readiness.settings import ROOT
from readiness.web.limits import limiter
from tests.conftest import settings_for
from tests.guided.conftest import Consultant
from tests.guided.workbook_files import filled, rows
from tests.web.conftest import LEVELS, Owner

PUBLISHED = [line.split() for line in (ROOT / "rubric" / "PUBLISHED.sha256").read_text().splitlines()]
ADDRESS = "https://readiness.example"


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application with every version that is shipped."""
    folder = tmp_path_factory.mktemp("whole")
    path = folder / "readiness.sqlite"
    app = create_app(settings_for(f"sqlite:///{path}", folder, rubric_folder=ROOT / "rubric"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visitor(whole_app: Flask) -> Owner:
    """Return an owner on the start page of that application."""
    limiter.reset()
    return Owner(whole_app.test_client())


def upload(owner: Owner, content: bytes) -> TestResponse:
    """Send a file, as the page does, and stand on what is shown."""
    owner.get("/offline")
    owner.page = send(owner, "offline", {"csrf_token": owner.token_of_the_form}, "workbook", content)
    return owner.page


def send(owner: Owner, page: str, fields: Mapping[str, str], field: str, content: bytes) -> TestResponse:
    """Send a form with a file in it."""
    boundary, body = encode_multipart({**fields, field: FileStorage(io.BytesIO(content), "workbook.xlsx")})
    kind = f"multipart/form-data; boundary={boundary}"
    return owner.client.post(f"/assessments/{owner.token}/{page}", data=body, content_type=kind)


def save(owner: Owner, **chosen: str) -> TestResponse:
    """Save what is shown, with a choice for each key given."""
    read = re.search(r'name="read" value="([^"]+)"', owner.text)
    assert read, owner.text
    fields = {name.replace("__", "."): value for name, value in chosen.items()}
    response = owner.post(f"/assessments/{owner.token}/offline/save", read=unescape(read[1]), **fields)
    if response.status_code != 302:
        owner.page = response
    return response


def workbook_of(owner: Owner, language: str = "en") -> bytes:
    """Return the assessment's own workbook."""
    response = owner.client.get(f"/assessments/{owner.token}/workbook-{language}.xlsx")
    assert response.status_code == 200
    return response.data


def said(app: Flask, owner: Owner) -> dict[str, Any]:
    """Return the answers that are saved."""
    with app.app_context():
        return {id: plain(answer) for id, answer in open_with(owner.token).answers.items()}


def noted(app: Flask, owner: Owner) -> dict[str, str]:
    """Return the notes that are saved."""
    with app.app_context():
        return dict(open_with(owner.token).notes)


def by_question(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the keys of their rows."""
    return {f"question.{id}": value for id, value in values.items()}


# What is read is what was filled in.


@pytest.mark.parametrize(("digest", "number"), PUBLISHED, ids=[number for _, number in PUBLISHED])
@pytest.mark.parametrize("language", list(Language))
def test_every_answer_of_every_version_comes_back(
    whole_app: Flask, digest: str, number: str, language: Language
) -> None:
    with whole_app.app_context():
        view = empty_questionnaire(version_of(db.session, number, digest), language, ADDRESS)
        content = workbook_xlsx(view)
        most = max(len(question.options) for question in view.questions)
        for turn in range(most):
            chosen = {each.id: each.options[turn % len(each.options)] for each in view.questions}
            sector, employees = view.company.sectors[turn], view.company.employees[turn]
            company = {
                "company.name": "海港 & <Co>",
                "company.sector": sector.text,
                "company.employees": employees.text,
            }
            by_hand = filled(content, by_question({id: choice_text(option) for id, option in chosen.items()}) | company)

            read = read_workbook(db.session, by_hand)

            expected = {id: int(o.id) if o.number else o.id for id, o in chosen.items()}
            assert read.answers == expected
            assert read.company == {"name": "海港 & <Co>", "sector": sector.id, "employees": employees.id}
            assert read.unread == ()


def _view(app: Flask, language: Language = Language.EN) -> QuestionnaireView:
    digest, number = PUBLISHED[-1]
    with app.app_context():
        return empty_questionnaire(version_of(db.session, number, digest), language, ADDRESS)


text_in_a_cell = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t=+-@_x'\"<&"), max_size=200
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_filled_in_comes_back(whole_app: Flask, data: st.DataObject) -> None:
    view = _view(whole_app, data.draw(st.sampled_from(list(Language))))
    questions = data.draw(st.lists(st.sampled_from([each.id for each in view.questions]), unique=True))
    asked = {each.id: each for each in view.questions}
    chosen = {id: data.draw(st.sampled_from(asked[id].options)) for id in questions}
    notes = {id: data.draw(text_in_a_cell) for id in data.draw(st.sets(st.sampled_from(sorted(asked))))}
    # As a spreadsheet program has it: a text that begins like a formula is typed with a quote before it.
    written = {id: note if not note.startswith("=") else f" {note}" for id, note in notes.items()}

    with whole_app.app_context():
        content = filled(workbook_xlsx(view), by_question(_as_typed(chosen, data)), by_question(written))
        read = read_workbook(db.session, content)

    assert read.answers == {id: int(o.id) if o.number else o.id for id, o in chosen.items()}
    assert read.unread == ()
    assert read.notes == {id: _kept(note) for id, note in written.items() if _kept(note)}


def _as_typed(chosen: Mapping[str, Any], data: st.DataObject) -> dict[str, Any]:
    def typed(option: Any) -> Any:
        ways: list[Any] = [choice_text(option), option.text, f"  {choice_text(option)} "]
        if option.number:
            full_width = chr(ord("０") + int(option.number))
            ways += [int(option.id), float(option.id), option.id, full_width, f"第{option.id}級", f"{option.id}.0"]
        else:
            ways += [option.id, option.text.upper()]
        return data.draw(st.sampled_from(ways))

    return {id: typed(option) for id, option in chosen.items()}


def _kept(note: str) -> str:
    # A spreadsheet takes what looks like _x0041_ for a letter.
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), note).strip()


def test_what_stands_in_our_workbook_is_text_whatever_it_begins_with(whole_app: Flask, visitor: Owner) -> None:
    visitor.start(name='=HYPERLINK("http://bad";"x")', sector="logistics", employees="6-9")
    visitor.answer("ai_talent", 3, note="@SUM(1+1)*cmd|' /C calc'!A0")
    visitor.answer("data_quality", 2, note="_x0041_ and \x0b a bell")

    content = workbook_of(visitor)

    book = load_workbook(io.BytesIO(content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    with whole_app.app_context():
        read = read_workbook(db.session, content)
    assert read.company["name"].startswith("=HYPERLINK")
    assert read.notes == {"ai_talent": "@SUM(1+1)*cmd|' /C calc'!A0", "data_quality": "_x0041_ and  a bell"}


def test_a_workbook_has_no_macro_no_link_and_locks_all_but_the_answers(whole_app: Flask) -> None:
    book = load_workbook(io.BytesIO(workbook_xlsx(_view(whole_app))), keep_vba=True)

    assert book.vba_archive is None or not any("vba" in name.lower() for name in book.vba_archive.namelist())
    assert not book._external_links
    assert all(sheet.protection.sheet for sheet in book)
    assert book["readiness"].sheet_state == "hidden"
    places = rows(book)
    for key, (sheet, row) in places.items():
        for cell in sheet[row]:
            is_open = cell.column == ANSWER or (key.startswith("question.") and cell.column == NOTE)
            assert cell.protection.locked is not (is_open and not key.startswith("readiness.")), (key, cell)
    for key, (sheet, row) in places.items():
        if key.startswith("question.") or key in ("company.sector", "company.employees"):
            lists = [each for each in sheet.data_validations.dataValidation if f"G{row}" in each.sqref]
            assert len(lists) == 1, key


# What is shown, and what saving does.


def test_a_filled_workbook_is_saved_on_either_database(app: Flask, owner: Owner) -> None:
    owner.start()
    content = filled(
        workbook_of(owner, "zh-Hant"),
        {**by_question(LEVELS), "company.sector": "logistics", "company.employees": "6-9", "company.name": "海港"},
        by_question({"ai_talent": "看第 3 頁"}),
    )

    shown = upload(owner, content)
    before = said(app, owner)
    saved = save(owner)

    assert shown.status_code == 200
    assert "Nothing is saved yet" in owner.text
    assert before == {}
    assert saved.status_code == 302
    assert said(app, owner) == LEVELS
    assert noted(app, owner) == {"ai_talent": "看第 3 頁"}
    with app.app_context():
        company = open_with(owner.token).assessment.company
        by = set(db.session.scalars(sa.select(AnswerChange.changed_by)))
    assert company == {"name": "海港", "sector": "logistics", "employees": "6-9"}
    assert by == {"owner"}


def test_saving_twice_is_once(app: Flask, owner: Owner) -> None:
    owner.start()
    upload(owner, filled(workbook_of(owner), by_question({"ai_talent": 3})))

    first, second = save(owner), save(owner)

    assert (first.status_code, second.status_code) == (302, 302)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerChange)) == 1


def test_empty_cells_change_nothing(whole_app: Flask, visitor: Owner) -> None:
    visitor.start(name="Harbour")
    visitor.answer("ai_talent", 4, note="kept")
    content = filled(
        workbook_of(visitor), {"question.ai_talent": None, "company.name": None}, {"question.ai_talent": None}
    )

    upload(visitor, content)

    assert "There is nothing to save" in visitor.text
    assert said(whole_app, visitor) == {"ai_talent": 4}


def test_an_answer_that_was_changed_in_the_workbook_alone_is_taken_unless_one_keeps_the_other(
    whole_app: Flask, visitor: Owner
) -> None:
    visitor.start()
    visitor.answer("ai_talent", 4)
    visitor.answer("data_quality", 4)
    upload(visitor, filled(workbook_of(visitor), by_question({"ai_talent": 2, "data_quality": 1})))

    save(visitor, question__ai_talent="workbook", question__data_quality="saved")

    assert said(whole_app, visitor) == {"ai_talent": 2, "data_quality": 4}


def test_what_was_saved_after_the_workbook_was_taken_is_kept_where_the_workbook_was_not_touched(
    whole_app: Flask, visitor: Owner
) -> None:
    visitor.start()
    visitor.answer("ai_talent", 4)
    content = filled(workbook_of(visitor), by_question({"data_quality": 1}))
    visitor.answer("ai_talent", 5)

    upload(visitor, content)
    save(visitor)

    assert said(whole_app, visitor) == {"ai_talent": 5, "data_quality": 1}


def test_two_answers_are_both_shown_and_none_is_taken_without_a_choice(app: Flask, owner: Owner) -> None:
    owner.start()
    content = filled(workbook_of(owner), by_question({"ai_talent": 2}), by_question({"ai_talent": "from the book"}))
    owner.answer("ai_talent", 5, note="from the page")

    upload(owner, content)
    both = owner.text
    without = save(owner)
    still = said(app, owner)
    chosen = save(owner, question__ai_talent="workbook")

    assert "from the book" in both
    assert "from the page" in both
    assert without.status_code == 422
    assert still == {"ai_talent": 5}
    assert chosen.status_code == 302
    assert said(app, owner) == {"ai_talent": 2}
    assert noted(app, owner) == {"ai_talent": "from the book"}


def test_what_is_saved_while_one_looks_is_not_overwritten_and_nothing_else_is_saved_either(
    app: Flask, owner: Owner
) -> None:
    owner.start()
    upload(owner, filled(workbook_of(owner), by_question({"ai_talent": 2, "data_quality": 3})))
    page = owner.page
    owner.answer("ai_talent", 5)
    owner.page = page

    answered = save(owner)
    after = said(app, owner)
    save(owner, question__ai_talent="saved")

    assert answered.status_code == 409
    assert after == {"ai_talent": 5}
    assert said(app, owner) == {"ai_talent": 5, "data_quality": 3}


def test_a_finished_assessment_takes_in_nothing_until_one_begins_to_change_it(whole_app: Flask, visitor: Owner) -> None:
    visitor.start().answer_all()
    upload(visitor, filled(workbook_of(visitor), by_question({"ai_talent": 1})))
    page = visitor.page
    visitor.submit()
    visitor.page = page

    saved = save(visitor)
    visitor.get("/offline")
    offered = visitor.text
    visitor.page = visitor.client.get("/")
    token = {"csrf_token": visitor.token_of_the_form}
    sent = send(visitor, "offline", token, "workbook", workbook_of(visitor))

    assert saved.status_code == 409
    assert 'type="file"' not in offered
    assert sent.status_code == 302
    assert said(whole_app, visitor) == LEVELS


def test_a_consultant_fills_in_for_the_company_and_the_record_says_so(
    app: Flask, engaged: Callable[..., tuple[Owner, Consultant]]
) -> None:
    owner, consultant = engaged()
    there = consultant.as_company()

    upload(there, filled(workbook_of(there), by_question(LEVELS)))
    saved = save(there)

    assert saved.status_code == 302
    assert said(app, owner) == LEVELS
    with app.app_context():
        by = set(db.session.scalars(sa.select(AnswerChange.changed_by)))
    assert [each.partition(":")[0] for each in by] == ["consultant"]


def test_a_consultant_who_may_only_read_takes_in_nothing(engaged: Callable[..., tuple[Owner, Consultant]]) -> None:
    _, consultant = engaged("read", submitted=True)
    there = consultant.as_company()

    for path in ("/offline", "/workbook-en.xlsx", "/questionnaire-en.pdf"):
        assert there.get(path).status_code == 403
    for path in ("/offline", "/offline/save"):
        there.page = there.client.get("/")
        assert there.post(f"/assessments/{there.token}{path}").status_code == 403


def test_a_workbook_of_another_company_says_so_and_takes_nothing_for_unchanged(
    whole_app: Flask, visitor: Owner
) -> None:
    other = Owner(whole_app.test_client()).start(name="Other")
    other.answer("ai_talent", 4)
    content = workbook_of(other)
    visitor.start()
    visitor.answer("ai_talent", 5)

    upload(visitor, content)

    assert "another assessment" in visitor.text
    assert save(visitor).status_code == 422
    assert said(whole_app, visitor) == {"ai_talent": 5}


# Older and newer versions of the questions.


def test_a_workbook_of_an_earlier_version_is_carried_over(whole_app: Flask, visitor: Owner) -> None:
    digest, number = PUBLISHED[0]
    with whole_app.app_context():
        view = empty_questionnaire(version_of(db.session, number, digest), Language.ZH_HANS, ADDRESS)
    content = filled(workbook_xlsx(view), by_question(LEVELS))
    visitor.start()

    upload(visitor, content)
    carried = visitor.text
    save(visitor)

    assert f"is of version {number}" in carried
    assert said(whole_app, visitor) == LEVELS


def test_a_workbook_of_a_newer_version_names_it_and_changes_nothing(app: Flask, owner: Owner) -> None:
    owner.start()
    with app.app_context():
        load_shipped(ROOT / "rubric")
        released_digests().update(published_digests(ROOT / "rubric"))
    content = filled(owner.client.get("/questionnaire/en.xlsx").data, by_question(LEVELS))

    refused = upload(owner, content)

    assert refused.status_code == 422
    assert "version 2026.2" in owner.text
    assert "newer" in owner.text
    assert said(app, owner) == {}


# What was read goes back and forth in the page: nobody else can make or use it.


def test_only_what_was_read_here_is_saved(whole_app: Flask, visitor: Owner) -> None:
    visitor.start()
    upload(visitor, filled(workbook_of(visitor), by_question({"ai_talent": 2})))
    page, read = visitor.page, re.search(r'name="read" value="([^"]+)"', visitor.text)
    assert read
    sealed = unescape(read[1])
    other = Owner(whole_app.test_client()).start()
    further = visitor.give("edit")

    for who, token, sent in (
        (visitor, visitor.token, ""),
        (visitor, visitor.token, sealed[:-2]),
        (visitor, visitor.token, "x" + sealed),
        (visitor, further, sealed),
        (other, visitor.token, sealed),
    ):
        who.page = page if who is visitor else who.client.get("/")
        response = who.post(f"/assessments/{token}/offline/save", read=sent)
        assert response.status_code == 422
        assert b"Nothing was saved" in response.data
    assert said(whole_app, visitor) == {}


def test_an_upload_needs_the_token_of_the_form_and_says_that_the_file_is_gone(whole_app: Flask, visitor: Owner) -> None:
    visitor.start()
    content = filled(workbook_of(visitor), by_question({"ai_talent": 2}))

    answered = visitor.client.post(
        f"/assessments/{visitor.token}/offline", data={"workbook": (io.BytesIO(content), "w.xlsx")}
    )

    assert answered.status_code == 400
    assert "choose it once more" in answered.get_data(as_text=True)
    assert said(whole_app, visitor) == {}


def test_a_file_that_is_far_too_large_is_not_taken_and_other_forms_take_no_more_than_before(
    whole_app: Flask, visitor: Owner
) -> None:
    visitor.start()
    visitor.get("/offline")
    csrf = visitor.token_of_the_form
    token = {"csrf_token": csrf}

    huge = send(visitor, "offline", token, "workbook", b"x" * 3_000_000)
    large = send(visitor, "offline", token, "workbook", b"PK" + b"x" * 1_048_600)
    elsewhere = send(visitor, "company", token, "name", b"x" * 300_000)

    assert huge.status_code == 413
    assert "far less than 1 MB" in huge.get_data(as_text=True)
    assert large.status_code == 422
    assert "larger than 1 MB" in large.get_data(as_text=True)
    assert elsewhere.status_code == 413


def test_the_language_can_be_changed_while_one_looks(whole_app: Flask, visitor: Owner) -> None:
    visitor.start()
    visitor.answer("ai_talent", 5)
    upload(visitor, filled(visitor.client.get("/questionnaire/en.xlsx").data, by_question({"ai_talent": 2})))

    read = re.search(r'name="read" value="([^"]+)"', visitor.text)
    assert read
    fields = {"language": "zh-Hant", "question.ai_talent": "saved", "read": unescape(read[1])}
    visitor.page = visitor.post(f"/assessments/{visitor.token}/offline/save", **fields)

    assert 'lang="zh-Hant-HK"' in visitor.text
    assert re.search(r'value="saved" checked', visitor.text)
    assert save(visitor, question__ai_talent="saved").status_code == 302


def test_anyone_gets_the_empty_questions_and_no_other_language(whole_app: Flask, visitor: Owner) -> None:
    limiter.reset()
    paper = visitor.client.get("/questionnaire/en.pdf")
    assert paper.data.startswith(b"%PDF")
    for language in Language:
        book = visitor.client.get(f"/questionnaire/{language}.xlsx")
        assert "attachment" in book.headers["Content-Disposition"]
    for path in ("fr.pdf", "EN.xlsx", "zh.pdf"):
        assert visitor.client.get(f"/questionnaire/{path}").status_code == 404
    assert visitor.client.get("/without-network").status_code == 200


def test_what_was_read_survives_the_way_through_the_page() -> None:
    filled_in = Filled("2026.1", "sha256:0", "", {"ai_talent": 3}, {"ai_talent": "備註"}, {"name": "海港"})

    assert Filled.from_record(filled_in.record()) == filled_in
