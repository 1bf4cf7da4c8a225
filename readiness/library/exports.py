"""Files that hold a company's answers: read strictly, so that a mistake is named and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from readiness.core import answers as answer_rules
from readiness.core import profile as profile_rules
from readiness.core.answers import Answer, AnswersError
from readiness.core.profile import Profile
from readiness.core.rubric import Rubric
from readiness.core.wording import shown_key

LARGEST_FILE = 1024 * 1024
DEEPEST_NESTING = 20
KEYS = ("rubric", "company", "answers")
#: What the site's export adds; read by ``verify`` alone.
EXPORT_KEYS = (
    "digest",
    "result",
    "plan",
    "catalogue",
    "exported_at",
    "notes",
    "kept_aside",
    "shared_notes",
    "follow_up",
    "checked",
    "signed",
)


class UnreadableFile(ValueError):
    """A file of answers cannot be read: one line for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        #: Where, what is wrong, what is allowed.
        self.problems = problems


@dataclass(frozen=True)
class AnswersFile:
    """A file of answers whose form is right; the ids in it are not looked up yet."""

    rubric: str
    company: Mapping[str, Any]
    answers: Mapping[str, Any]
    #: The other parts of an export: digest, result, plan, catalogue, exported_at, notes, kept_aside, shared_notes,
    #: follow_up, checked, signed.
    export: Mapping[str, Any]


def read_answers_file(path: Path) -> AnswersFile:
    """Return the content of a file of answers.

    :raises UnreadableFile: if it is missing, a folder, larger than 1 MiB, no strict JSON or of another form.
    """
    return answers_file_from(_bytes(path), str(path))


def answers_file_from(content: bytes, where: str) -> AnswersFile:
    """Return what *content* holds.

    :raises UnreadableFile: if it is larger than 1 MiB, no strict JSON or of another form.
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableFile([f"{where}: larger than allowed: at most 1 MiB"])
    data = _json(content, where)
    if not isinstance(data, dict):
        raise UnreadableFile([f'{where}: must be an object: {{"rubric": "2026.1", "company": {{}}, "answers": {{}}}}'])
    problems = [
        f"{shown_key(key)}: unknown key; allowed: {', '.join(KEYS)}"
        for key in data
        if key not in KEYS and key not in EXPORT_KEYS
    ]
    if not isinstance(data.get("rubric"), str):
        problems.append('rubric: must name a rubric version as text; allowed: such as "2026.1"')
    for key in ("company", "answers"):
        if not isinstance(data.get(key, {}), dict):
            problems.append(f"{key}: must be an object; allowed: {{...}}, or leave it out")
    if problems:
        raise UnreadableFile(problems)
    export = {key: data[key] for key in EXPORT_KEYS if key in data}
    return AnswersFile(data["rubric"], data.get("company", {}), data.get("answers", {}), export)


def read_content(file: AnswersFile, rubric: Rubric) -> tuple[dict[str, Answer], Profile]:
    """Return the answers and the profile of *file* under *rubric*.

    :raises UnreadableFile: naming every answer and company key that cannot be read.
    """
    problems = []
    found: dict[str, Answer] = {}
    for id, value in file.answers.items():
        try:
            found[id] = answer_rules.read(rubric, id, value)
        except AnswersError as error:
            problems.append(str(error))
    profile, wrong = profile_rules.read(file.company)
    problems += [str(error) for error in wrong]
    if problems:
        raise UnreadableFile(problems)
    return found, profile


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableFile([f"{path}: is a folder; allowed: a JSON file"])
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableFile([f"{path}: cannot be read: {error.strerror}; allowed: a JSON file"]) from None


def _json(content: bytes, where: str) -> Any:
    try:
        data = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_object, parse_float=Decimal, parse_constant=_constant
        )
    except UnreadableFile:
        raise
    except UnicodeDecodeError:
        raise UnreadableFile([f"{where}: is not UTF-8 text; allowed: JSON in UTF-8"]) from None
    except json.JSONDecodeError as error:
        problem = f"{where}: line {error.lineno}, column {error.colno}: no JSON: {error.msg}; allowed: strict JSON"
        raise UnreadableFile([problem]) from None
    except RecursionError:
        raise UnreadableFile([_too_deep(where)]) from None
    except (ValueError, ArithmeticError):
        raise UnreadableFile([f"{where}: holds a number that cannot be read; allowed: strict JSON"]) from None
    if _depth(data) > DEEPEST_NESTING:
        raise UnreadableFile([_too_deep(where)])
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise UnreadableFile([f"{shown_key(key)}: stands twice in one object; allowed: each key once"])
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise UnreadableFile([f"{name}: is no JSON number; allowed: a finite number"])


def _too_deep(where: str) -> str:
    return f"{where}: nested too deep; allowed: at most {DEEPEST_NESTING} levels"


def _depth(data: Any) -> int:
    """Return how deep lists and objects are nested; counted without recursion."""
    deepest, waiting = 0, [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        if inner is not None:
            deepest = max(deepest, depth)
            if deepest > DEEPEST_NESTING:
                return deepest
            waiting.extend((each, depth + 1) for each in inner)
    return deepest
