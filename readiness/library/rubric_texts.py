"""Every user-visible text of a rubric version, keyed by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness.library.rubric_files import ActionForm, QuestionForm, RubricForm

Texts = Mapping[str, str]


def english_texts(rubric: RubricForm, actions: list[ActionForm]) -> dict[str, str]:
    """Return the English texts by key, such as ``questions.data_quality.levels.3.text``."""
    return dict(_texts(rubric, actions))


def flat(nested: Mapping[str, Any]) -> dict[str, Any]:
    """Return a nested mapping of texts by dotted keys."""
    found: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            found.update({f"{key}.{inner}": text for inner, text in flat(value).items()})
        else:
            found[str(key)] = value
    return found


def _texts(rubric: RubricForm, actions: list[ActionForm]) -> Iterator[tuple[str, str]]:
    yield "title", rubric.title
    yield "planning.day_rate.basis", rubric.planning.day_rate.basis
    for name in ("method", "guide"):
        for index, line in enumerate(getattr(rubric, name), start=1):
            yield f"{name}.{index}", line
    for pillar in rubric.pillars:
        yield f"pillars.{pillar.id}.name", pillar.name
    for dimension in rubric.dimensions:
        yield f"dimensions.{dimension.id}.name", dimension.name
        yield f"dimensions.{dimension.id}.definition", dimension.definition
    for band in rubric.bands:
        for part in ("name", "interpretation", "characteristics", "recommendation"):
            yield f"bands.{band.id}.{part}", getattr(band, part)
    for gate in rubric.gates:
        yield f"gates.{gate.id}.explanation", gate.explanation
    for question in rubric.questions:
        yield from _question_texts(question)
    for action in actions:
        yield from _action_texts(action)


def _action_texts(action: ActionForm) -> Iterator[tuple[str, str]]:
    for part in ("title", "first_step", "then", "role", "done_when"):
        yield f"actions.{action.id}.{part}", getattr(action, part)
    yield f"actions.{action.id}.basis", action.spend.basis


def _question_texts(question: QuestionForm) -> Iterator[tuple[str, str]]:
    key = f"questions.{question.id}"
    for part in ("text", "why", "example"):
        yield f"{key}.{part}", getattr(question, part)
    if question.not_applicable is not None:
        yield f"{key}.not_applicable", question.not_applicable
    for level, form in question.levels.items():
        yield f"{key}.levels.{level}.text", form.text
        yield f"{key}.levels.{level}.evidence", form.evidence
    for kind in ("options", "rows"):
        for option in getattr(question, kind):
            yield f"{key}.{kind}.{option.id}", option.text
