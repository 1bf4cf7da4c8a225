"""The published JSON Schemas: made from the forms, and true of every shipped file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.library.schemas import FILES, TranslationForm, schema_of, schema_text
from readiness.library.strict_yaml import load
from tests import rubrics

FOLDER = Path(__file__).resolve().parents[2] / "readiness" / "static" / "schema"
SHIPPED = [
    *((path, path.stem) for path in sorted(rubrics.RUBRIC.glob("versions/*/*.yaml")) if path.stem in FILES),
    *((path, "translation") for path in sorted(rubrics.RUBRIC.glob("versions/*/zh-*.yaml"))),
    *((path, "scheme") for path in sorted(rubrics.RUBRIC.glob("schemes/*.yaml"))),
    (rubrics.RUBRIC / "support.yaml", "support"),
]
#: The parts of JSON Schema that the schemas use, each with what it asks of a value.
SILENT = {"$schema", "$defs", "title", "description", "default"}
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def errors(value: Any, schema: Any, root: Any, where: str = "") -> Iterator[str]:
    """Yield where *value* is not what *schema* asks for; a keyword that this small validator does not know is an error."""
    if isinstance(schema, bool):
        yield from () if schema else (where,)
        return
    for keyword, asked in schema.items():
        if keyword not in SILENT:
            yield from KEYWORDS[keyword](value, asked, schema, root, where)


def reference(value: Any, asked: str, _: Any, root: Any, where: str) -> Iterator[str]:
    yield from errors(value, root["$defs"][asked.removeprefix("#/$defs/")], root, where)


def one_of(value: Any, asked: Any, _: Any, root: Any, where: str) -> Iterator[str]:
    if all(next(errors(value, each, root), None) is not None for each in asked):
        yield f"{where}: none of the forms"


def properties(value: Any, asked: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in asked.items():
            if key in value:
                yield from errors(value[key], inner, root, f"{where}.{key}")


def others(value: Any, asked: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value.keys() - schema.get("properties", {}).keys():
            if not any(re.search(pattern, key) for pattern in schema.get("patternProperties", {})):
                yield from errors(value[key], asked, root, f"{where}.{key}")


def by_pattern(value: Any, asked: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for pattern, inner in asked.items():
            for key in value:
                if re.search(pattern, key):
                    yield from errors(value[key], inner, root, f"{where}.{key}")


def items(value: Any, asked: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from errors(each, asked, root, f"{where}.{number}")


def names(value: Any, asked: Any, schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value:
            yield from errors(key, asked, root, f"{where}.{key}")


def rule(fails: Callable[[Any, Any], bool]) -> Callable[..., Iterator[str]]:
    def check(value: Any, asked: Any, _: Any, __: Any, where: str) -> Iterator[str]:
        if fails(value, asked):
            yield f"{where}: {value!r:.40} is not {asked!r:.60}"

    return check


KEYWORDS: dict[str, Callable[..., Iterator[str]]] = {
    "$ref": reference,
    "anyOf": one_of,
    "oneOf": one_of,
    "properties": properties,
    "additionalProperties": others,
    "patternProperties": by_pattern,
    "propertyNames": names,
    "items": items,
    "type": rule(lambda value, asked: not TYPES[asked](value)),
    "enum": rule(lambda value, asked: value not in asked),
    "const": rule(lambda value, asked: value != asked),
    "required": rule(lambda value, asked: isinstance(value, dict) and not value.keys() >= set(asked)),
    "pattern": rule(lambda value, asked: isinstance(value, str) and not re.search(asked, value)),
    "minLength": rule(lambda value, asked: isinstance(value, str) and len(value) < asked),
    "minItems": rule(lambda value, asked: isinstance(value, list) and len(value) < asked),
    "maxItems": rule(lambda value, asked: isinstance(value, list) and len(value) > asked),
    "minimum": rule(lambda value, asked: type(value) is int and value < asked),
    "maximum": rule(lambda value, asked: type(value) is int and value > asked),
    "exclusiveMinimum": rule(lambda value, asked: type(value) is int and value <= asked),
}


@pytest.mark.parametrize("name", FILES)
def test_the_published_schema_is_what_the_forms_give(name: str) -> None:
    published = (FOLDER / f"{name}-1.json").read_text("utf-8")

    assert published == schema_text(name), f"readiness rubric schema {name} > readiness/static/schema/{name}-1.json"


def test_no_other_schema_is_published() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}-1.json" for name in FILES}


@pytest.mark.parametrize(("path", "name"), SHIPPED, ids=lambda each: getattr(each, "name", each))
def test_a_shipped_file_is_what_its_schema_asks_for(path: Path, name: str) -> None:
    schema = schema_of(name)

    assert list(errors(load(path.read_text("utf-8")), schema, schema)) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rubric", lambda rubric: rubric.update(colour="blue")),
        ("rubric", lambda rubric: rubric.pop("bands")),
        ("rubric", lambda rubric: rubric["questions"][0].update(kind="slider")),
        ("rubric", lambda rubric: rubric["dimensions"][0].update(id="With Capitals")),
        ("rubric", lambda rubric: rubric["scoring"].update(minimum_coverage=0)),
        ("actions", lambda library: library["actions"][0].update(weeks=99)),
        ("actions", lambda library: library["actions"][0].update(helps=["dancing"])),
        ("translation", lambda texts: texts["bands"]["ready"].pop("name")),
    ],
)
def test_an_editor_would_mark_a_mistake(name: str, change: Callable[[Any], Any]) -> None:
    document = rubrics.document()
    content = {**document, "translation": document["texts"]["zh-Hant"]}[name]
    schema = schema_of(name)

    change(content)

    assert list(errors(content, schema, schema))


@pytest.mark.parametrize(
    ("name", "place"), [("rubric", ["QuestionForm", "show_when"]), ("scheme", ["ValueForm", "since"])]
)
def test_a_field_says_what_it_is(name: str, place: list[str]) -> None:
    form, field = place

    assert schema_of(name)["$defs"][form]["properties"][field]["description"].endswith(".")


def test_the_translation_form_takes_what_translations_hold() -> None:
    for texts in rubrics.document()["texts"].values():
        TranslationForm.model_validate(texts)


@pytest.mark.parametrize("name", FILES)
def test_the_command_prints_what_is_published(run_schema: Callable[[str], str], name: str) -> None:
    assert json.loads(run_schema(name)) == schema_of(name)


@pytest.fixture
def run_schema(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Run ``readiness rubric schema``."""
    from readiness.cli import readiness

    def run(name: str) -> str:
        readiness(["rubric", "schema", name], standalone_mode=False)
        return capsys.readouterr().out

    return run
