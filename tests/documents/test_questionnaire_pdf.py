"""The questionnaire on paper, read back from its file: every question in each language, with its boxes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from unicodedata import normalize

import pytest

from readiness.core.languages import Language
from readiness.documents.questionnaire import QuestionnaireView, questionnaire_pdf
from readiness.documents.words import words_in
from readiness.library.rubrics import read_rubric_folder
from readiness.services.questionnaires import empty_questionnaire
from readiness.settings import ROOT
from tests.documents.tagged import Tagged

NEWEST = "2026.2"
each_language = pytest.mark.parametrize("language", list(Language))


@cache
def view_of(language: Language) -> QuestionnaireView:
    """Return the newest version that is shipped."""
    version = read_rubric_folder(ROOT / "rubric" / "versions" / NEWEST)
    return empty_questionnaire(version, language, "https://readiness.example")


@cache
def read(language: Language) -> Tagged:
    """Return the printed file."""
    return Tagged(questionnaire_pdf(view_of(language)))


def plain(text: str) -> str:
    """Return a text without what breaking lines and choosing glyph forms change."""
    return "".join(normalize("NFKC", text).replace("\u00ad", "").split())


@each_language
def test_every_question_and_every_answer_is_printed(language: Language) -> None:
    view = view_of(language)

    headings = [plain(element.text) for element in read(language).all("H3")]
    printed = plain(read(language).root.text)

    for question in view.questions:
        assert f"{question.number}.{plain(question.text)}" in headings
        assert plain(question.why) in printed
        assert plain(question.not_applicable) in printed
        for option in question.options:
            assert plain(option.text) in printed
    for option in (*view.company.sectors, *view.company.employees):
        assert plain(option.text) in printed


@each_language
def test_each_answer_has_a_box_to_tick(language: Language) -> None:
    view = view_of(language)
    words = words_in(language)
    answers = sum(len(question.options) for question in view.questions)

    boxes = [str(element.object.Alt) for element in read(language).all("Figure")]

    assert boxes == [words.gettext("empty box")] * (answers + len(view.company.sectors) + len(view.company.employees))


@each_language
def test_no_question_is_parted_by_a_page(language: Language) -> None:
    tagged = read(language)

    for element in tagged.all("Div"):
        if element.elements and element.elements[0].role == "H3":
            assert len({piece.page for piece in element.pieces}) == 1, element.elements[0].text


@each_language
def test_it_says_which_version_it_is_and_reads_aloud_in_its_language(language: Language) -> None:
    view, tagged = view_of(language), read(language)
    footers = [piece.text for piece in tagged.pieces if piece.subtype == "Footer"]

    assert str(tagged.pdf.Root.Lang) == language.tag
    assert tagged.loose == []
    assert len(footers) >= len(tagged.pages)
    assert sum(view.rubric in text and view.digest[7:15] in text for text in footers) == len(tagged.pages)
    assert any(plain(f"1/{len(tagged.pages)}") in plain(text) for text in footers)
    assert len(tagged.pages) <= 8


def test_what_is_answered_is_ticked_and_what_is_noted_is_printed() -> None:
    view = view_of(Language.EN)
    first, *rest = view.pillars[0].questions
    options = tuple(replace(option, chosen=option.id == "3") for option in first.options)
    answered = replace(first, options=options, note="=SUM(A1) see <page 3>\nof the folder")
    pillars = (replace(view.pillars[0], questions=(answered, *rest)), *view.pillars[1:])
    company = replace(view.company, name="Harbour 🚢 & Sons")

    tagged = Tagged(questionnaire_pdf(replace(view, pillars=pillars, company=company, assessment="x")))

    boxes = [str(element.object.Alt) for element in tagged.all("Figure")]
    assert boxes.count("ticked") == 1
    printed = plain(tagged.root.text)
    assert plain("=SUM(A1) see <page 3> of the folder") in printed
    assert plain("Harbour & Sons") in printed


def test_an_empty_questionnaire_is_printed_once_and_one_with_answers_is_not_kept() -> None:
    view = view_of(Language.EN)

    assert questionnaire_pdf(view) is questionnaire_pdf(replace(view))
    assert not replace(view, assessment="x").empty
