"""Plans to print in tests: each is made once."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

from readiness.core.languages import Language
from readiness.core.plan_records import plan_record
from readiness.core.scoring import score
from readiness.documents.words import words_in
from readiness.library.canonical import readable
from readiness.library.exports import answers_file_from
from readiness.services import commands
from readiness.services.plan_views import plan_view
from readiness.settings import ROOT

DAY = date(2026, 11, 23)
RUBRIC = ROOT / "rubric"
#: One step below AI Ready, as it comes.
LEVELS = (4, 3, 3, 4, 4, 1, 3, 4, 3, 4, 4, 4)
#: The longest plan.
WORST = (1,) * 12
#: The shortest: nothing is left to raise.
BEST = (5,) * 12
#: 2026.2, Competent by the score: both gates hold it down.
GATED = (5, 5, 5, 5, 5, 2, 2, 5, 5, 5, 5, 5, 5, 5, 5)
#: 2026.2, Competent by the score: one gate holds it down, and an answer is open.
GATED_AND_OPEN = (5, 5, 5, 5, 5, "not_sure", 3, 5, 5, 5, 5, 5, 5, 5, 5)
#: How many levels a plan is made from says by which version.
NUMBERS = {12: "2026.1", 15: "2026.2"}
NAME = "海港食品有限公司"


def pdf_of(language: Language, levels: tuple[Any, ...] = LEVELS, name: str | None = NAME) -> bytes:
    """The plan of a company as a PDF file."""
    return _pdf(language, levels, name)


def view_of(language: Language, levels: tuple[Any, ...] = LEVELS, name: str | None = NAME) -> Any:
    """The same plan as it is drawn from."""
    return _view(language, levels, name)


@cache
def _pdf(language: Language, levels: tuple[Any, ...], name: str | None) -> bytes:
    return commands.plan_file_as_pdf(_file(levels, name), RUBRIC, None, DAY, language)


@cache
def _view(language: Language, levels: tuple[Any, ...], name: str | None) -> Any:
    plan, version, catalogue, answers, profile = commands._plan(_file(levels, name), RUBRIC, None, DAY)
    record = json.loads(readable(plan_record(plan)))
    result = score(version.rubric, answers)
    return plan_view(record, version, result, answers, profile, catalogue, words_in(language))


def _file(levels: tuple[Any, ...], name: str | None) -> Any:
    number = NUMBERS[len(levels)]
    questions = [question.id for question in commands.find_version(RUBRIC, number).rubric.questions]
    company: dict[str, Any] = {"employees": "20-49", "business_registration": True, "subvented": False}
    if name is not None:
        company["name"] = name
    record = {"rubric": number, "company": company, "answers": dict(zip(questions, levels, strict=True))}
    return answers_file_from(json.dumps(record).encode(), "test")
