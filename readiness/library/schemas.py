"""JSON Schemas of the files that maintainers edit, made from the same forms that read them."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

from pydantic import BaseModel, Field

from readiness.library.languages import Form, Text
from readiness.library.map_files import MapForm
from readiness.library.rubric_files import ActionsForm, Id, RubricForm
from readiness.library.scheme_files import SchemeForm, SupportForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: A comment with a colon above a field says what it is; a field in one or several lines follows.
_FIELD = re.compile(r"(?P<comments>(?:^    #: .*\n)+)    (?P<name>[a-z_]+): ", re.MULTILINE)

Lines = dict[str, Text]


class PartTexts(Form):
    name: Text


class DimensionTexts(Form):
    name: Text
    definition: Text


class LevelTexts(Form):
    text: Text
    evidence: Text


class QuestionTexts(Form):
    text: Text
    why: Text
    example: Text
    not_applicable: Text | None = None
    #: By level.
    levels: dict[str, LevelTexts] = Field(default_factory=dict)
    #: By id.
    options: dict[Id, Text] = Field(default_factory=dict)
    #: By id.
    rows: dict[Id, Text] = Field(default_factory=dict)


class BandTexts(Form):
    name: Text
    interpretation: Text
    characteristics: Text
    recommendation: Text


class GateTexts(Form):
    explanation: Text


class ActionTexts(Form):
    title: Text
    first_step: Text
    then: Text
    role: Text
    done_when: Text
    basis: Text


class DayRateTexts(Form):
    basis: Text


class PlanningTexts(Form):
    day_rate: DayRateTexts


class TranslationForm(Form):
    """``zh-Hant.yaml`` and ``zh-Hans.yaml``: every text of the version in one language, keyed by id."""

    title: Text
    #: The lines by their number from "1".
    method: Lines
    #: The lines by their number from "1".
    guide: Lines
    planning: PlanningTexts
    pillars: dict[Id, PartTexts]
    dimensions: dict[Id, DimensionTexts]
    questions: dict[Id, QuestionTexts]
    bands: dict[Id, BandTexts]
    gates: dict[Id, GateTexts] = Field(default_factory=dict)
    actions: dict[Id, ActionTexts]
    #: Keys whose English text changed since the version before, and whose translation still says the same.
    still_right: list[str] = Field(default_factory=list)


#: The forms of the files by name. A number says which format of the file it is; it changes with ``format``.
FILES: dict[str, type[BaseModel]] = {
    "rubric": RubricForm,
    "actions": ActionsForm,
    "translation": TranslationForm,
    "map": MapForm,
    "scheme": SchemeForm,
    "support": SupportForm,
}


def schema_text(name: str) -> str:
    """Return the JSON Schema of a kind of file as text."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=2) + "\n"


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file."""
    form = FILES[name]
    schema = form.model_json_schema(by_alias=True)
    parts = {form.__name__: schema, **schema.get("$defs", {})}
    for model in _models(form):
        _describe(parts[model.__name__], model)
    return {"$schema": DIALECT, **schema, "title": f"Readiness: {name}"}


def _describe(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Add to the properties of one form what the comments above its fields say, those of the forms it extends too."""
    comments: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Form) and each is not Form:
            for found in _FIELD.finditer(inspect.getsource(each)):
                lines = (line.strip().removeprefix("#: ") for line in found["comments"].splitlines())
                comments[found["name"]] = " ".join(lines)
    for name, field in model.model_fields.items():
        shown = part["properties"][field.alias or name]
        # Made from the name of the field, it says nothing more.
        shown.pop("title", None)
        if name in comments:
            shown["description"] = comments[name]


def _models(form: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a form and every form inside it."""
    found: list[type[BaseModel]] = []
    waiting: list[Any] = [form]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            if each not in found:
                found.append(each)
                waiting += [field.annotation for field in each.model_fields.values()]
        else:
            waiting += getattr(each, "__args__", ())
    return found
