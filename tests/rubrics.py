"""A rubric that is cut down from the shipped one by rule, with a question of each kind, conditions and a gate added."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from readiness.library.rubrics import RubricVersion, version_from
from readiness.library.strict_yaml import load
from readiness.library.yaml_writing import yaml_text

RUBRIC = Path(__file__).resolve().parents[1] / "rubric"
SHIPPED = RUBRIC / "versions" / "2026.1"
DIMENSIONS = ("ai_governance", "data_quality", "reference_data")
SCHEMES = ("nittp", "sme-reachout")
LANGUAGES = ("zh-Hant", "zh-Hans")

GATE = {"id": "rule_first", "dimension": "ai_governance", "needs": 3, "limit": "ready", "explanation": "A rule first."}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"id": "uses_ai", "kind": "single", "options": ["every_day", "sometimes", "never"]},
    {
        "id": "used_for",
        "kind": "multiple",
        "options": ["letters", "pictures"],
        "other": True,
        "show_when": {"not": {"question": "uses_ai", "equals": "never"}},
    },
    {"id": "tools", "kind": "number", "show_when": {"question": "used_for", "includes": "letters"}},
    {
        "id": "comfort",
        "kind": "matrix",
        "options": ["easy", "hard"],
        "rows": ["owner", "staff"],
        "show_when": {"question": "tools", "at_least": 2},
    },
    {
        "id": "wish",
        "kind": "short_text",
        "show_when": {"any": [{"question": "tools", "equals": 1}, {"question": "ai_governance", "at_least": 4}]},
    },
)


def document() -> dict[str, Any]:
    """Return a new copy of the document."""
    return json.loads(_document())  # type: ignore[no-any-return]


def version(changed: dict[str, Any] | None = None) -> RubricVersion:
    """Return the version that a document holds."""
    return version_from(document() if changed is None else changed)


def write_version(content: dict[str, Any], folder: Path) -> Path:
    """Write a document as the files of a version, in block style: a line for each value."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("rubric", "actions"):
        (folder / f"{name}.yaml").write_text(yaml_text(content[name]), "utf-8")
    for language in LANGUAGES:
        (folder / f"{language}.yaml").write_text(yaml_text(content["texts"][language]), "utf-8")
    return folder


def write_rubric(folder: Path) -> Path:
    """Write a rubric folder: the version and a catalogue of two schemes."""
    write_version(document(), folder / "versions" / "2026.1")
    (folder / "schemes").mkdir()
    for id in SCHEMES:
        (folder / "schemes" / f"{id}.yaml").write_text(yaml_text(scheme(id)), "utf-8")
    (folder / "support.yaml").write_text(yaml_text(support()), "utf-8")
    return folder


def scheme(id: str) -> Any:
    """Return a new copy of a shipped scheme."""
    return load((RUBRIC / "schemes" / f"{id}.yaml").read_text("utf-8"))


def support() -> Any:
    """Return the shipped support matrix, without the schemes that are left out."""
    matrix = load((RUBRIC / "support.yaml").read_text("utf-8"))
    matrix["bands"] = {
        band: {kind: kept for kind, ids in kinds.items() if (kept := [id for id in ids if id in SCHEMES])}
        for band, kinds in matrix["bands"].items()
    }
    return matrix


@cache
def _document() -> str:
    rubric, library, *translations = (
        load((SHIPPED / f"{name}.yaml").read_text("utf-8")) for name in ("rubric", "actions", *LANGUAGES)
    )
    rubric["dimensions"] = [each for each in rubric["dimensions"] if each["id"] in DIMENSIONS]
    pillars = {each["pillar"] for each in rubric["dimensions"]}
    rubric["pillars"] = [each for each in rubric["pillars"] if each["id"] in pillars]
    rubric["questions"] = [each for each in rubric["questions"] if each["id"] in DIMENSIONS]
    rubric["gates"] = [GATE]
    actions = [each for each in library["actions"] if each["dimension"] in DIMENSIONS]
    ids = {each["id"] for each in actions}
    for action in actions:
        action["prerequisites"] = [id for id in action["prerequisites"] if id in ids]
    kept = {"pillars": pillars, "dimensions": set(DIMENSIONS), "questions": set(DIMENSIONS), "actions": ids}
    for texts in translations:
        for part, known in kept.items():
            texts[part] = {id: text for id, text in texts[part].items() if id in known}
        texts["gates"] = {"rule_first": {"explanation": "先訂守則"}}
    for question in QUESTIONS:
        rubric["questions"].append(_written(question))
        for texts in translations:
            texts["questions"][question["id"]] = _translated(question)
    content = {
        "rubric": rubric,
        "actions": {"actions": actions},
        "texts": dict(zip(LANGUAGES, translations, strict=True)),
    }
    return json.dumps(content)


def _written(question: dict[str, Any]) -> dict[str, Any]:
    id = question["id"]
    texts = {"text": f"The question {id}?", "why": f"Why {id}.", "example": f"For {id}."}
    parts = {
        part: [{"id": each, "text": f"The choice {each}"} for each in question[part]]
        for part in ("options", "rows")
        if part in question
    }
    return {**question, **texts, **parts}


def _translated(question: dict[str, Any]) -> dict[str, Any]:
    id = question["id"]
    parts = {
        part: {each: f"選擇 {each}" for each in question[part]} for part in ("options", "rows") if part in question
    }
    return {"text": f"問題 {id}？", "why": f"原因 {id}", "example": f"例子 {id}", **parts}
