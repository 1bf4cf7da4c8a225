"""The questions of a version as they are printed or put into a workbook: empty, or with what a company said."""

from __future__ import annotations

from hashlib import sha256

from readiness.core.answers import Mark, plain
from readiness.core.languages import Language
from readiness.core.profile import EMPLOYEES, SECTORS
from readiness.core.rubric import Kind, Question
from readiness.documents.profile_words import employees_label, sector_label
from readiness.documents.questionnaire import (
    CompanyView,
    OptionView,
    PillarView,
    QuestionnaireView,
    QuestionView,
)
from readiness.documents.words import Words, words_in
from readiness.library.rubrics import RubricVersion
from readiness.services.headlines import disclaimers
from readiness.services.opening import Opened


def empty_questionnaire(version: RubricVersion, language: Language, address: str) -> QuestionnaireView:
    """Return the questions with nothing answered.

    :param address: where the answers are taken to once there is a network.
    """
    return _view(version, None, language, address)


def filled_questionnaire(opened: Opened, language: Language, address: str) -> QuestionnaireView:
    """Return the questions of an assessment's version with what is said on them."""
    return _view(opened.version, opened, language, address)


def mark_of(opened: Opened) -> str:
    """Return what tells one company's assessment from another's in a workbook, and opens nothing."""
    return sha256(f"workbook {opened.assessment.family_id}".encode()).hexdigest()[:16]


def levelled(version: RubricVersion) -> list[Question]:
    """Return the questions that are answered with a level: the pages ask no others yet either."""
    return [question for question in version.rubric.questions if question.kind is Kind.LEVEL]


def options_of(version: RubricVersion, question: Question, words: Words, chosen: str = "") -> tuple[OptionView, ...]:
    """Return the answers that a question takes, in words."""
    texts = version.texts[words.language]
    found = [
        OptionView(str(level), str(level), texts[f"questions.{question.id}.levels.{level}.text"], chosen == str(level))
        for level in version.rubric.scoring.levels
    ]
    found.append(OptionView(Mark.NOT_SURE.value, "", words.gettext("Not sure"), chosen == Mark.NOT_SURE))
    if question.not_applicable:
        text = words.gettext("Does not apply to us")
        found.append(OptionView(Mark.NOT_APPLICABLE.value, "", text, chosen == Mark.NOT_APPLICABLE))
    return tuple(found)


def sectors(words: Words, chosen: str = "") -> tuple[OptionView, ...]:
    """Return the sectors, in words."""
    return tuple(OptionView(id, "", sector_label(id, words), id == chosen) for id in SECTORS)


def employees(chosen: str = "") -> tuple[OptionView, ...]:
    """Return the head-counts."""
    return tuple(OptionView(id, "", employees_label(id), id == chosen) for id in EMPLOYEES)


def _view(version: RubricVersion, opened: Opened | None, language: Language, address: str) -> QuestionnaireView:
    words = words_in(language)
    texts = version.texts[language]
    company = opened.assessment.company if opened else {}
    pillars: dict[str, list[QuestionView]] = {pillar.id: [] for pillar in version.rubric.pillars}
    pillar_of = {dimension.id: dimension.pillar for dimension in version.rubric.dimensions}
    for number, question in enumerate(levelled(version), start=1):
        key = f"questions.{question.id}"
        answer = opened.answers.get(question.id) if opened else None
        pillars[pillar_of[question.dimension or ""]].append(
            QuestionView(
                id=question.id,
                number=number,
                text=texts[f"{key}.text"],
                why=texts[f"{key}.why"],
                not_applicable=texts[f"{key}.not_applicable"] if question.not_applicable else "",
                options=options_of(version, question, words, "" if answer is None else str(plain(answer))),
                note=opened.notes.get(question.id, "") if opened else "",
            )
        )
    return QuestionnaireView(
        language=language,
        title=texts["title"],
        rubric=version.id,
        digest=version.digest,
        guide=tuple(texts[f"guide.{index}"] for index in range(1, len(version.form.guide) + 1)),
        company=CompanyView(
            str(company.get("name", "")),
            sectors(words, company.get("sector", "")),
            employees(company.get("employees", "")),
        ),
        pillars=tuple(
            PillarView(texts[f"pillars.{id}.name"], tuple(questions)) for id, questions in pillars.items() if questions
        ),
        disclaimers=tuple(disclaimers(words)),
        address=address,
        assessment=mark_of(opened) if opened else "",
    )
