"""What a consultant made of the answers as plain values, for the site's store and its export."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from readiness.core.answers import Answer
from readiness.core.evidence import Checked, Grade, Held, can_be_held
from readiness.core.records import read_result, result_record
from readiness.core.rubric import Rubric
from readiness.core.wording import shown, shown_key


class CheckedUnreadable(ValueError):
    """A record of what a consultant checked cannot be read."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        #: Where, what is wrong, what is allowed.
        self.problems = problems


def checked_record(checked: Checked, digest: str) -> dict[str, Any]:
    """Return *checked* as plain values; shares are fractions as text, such as "5/12".

    :param digest: that of the rubric version.
    """
    return {
        "held_back": {id: {"level": held.level, "reason": held.reason} for id, held in checked.held_back.items()},
        "evidence": {id: grade.value for id, grade in checked.grades.items()},
        "share": {"checked": str(checked.checked), "shown": str(checked.shown)},
        "result": result_record(checked.result, digest),
    }


def read_checked(record: Mapping[str, Any], rubric: Rubric) -> Checked:
    """Return what :func:`checked_record` wrote: the same, nothing of it computed again."""
    return Checked(
        {id: Held(held["level"], held["reason"]) for id, held in record["held_back"].items()},
        {id: Grade(grade) for id, grade in record["evidence"].items()},
        read_result(record["result"], rubric),
        Fraction(record["share"]["checked"]),
        Fraction(record["share"]["shown"]),
    )


def read_judgement(
    record: object, rubric: Rubric, answers: Mapping[str, Answer]
) -> tuple[dict[str, Held], dict[str, Grade]]:
    """Return what was held back and how answers were graded, of a record that may hold anything.

    :raises CheckedUnreadable: naming every entry that does not fit the answers.
    """
    if not isinstance(record, Mapping):
        raise CheckedUnreadable([f"checked: {shown(record)} cannot be read; allowed: an object"])
    problems: list[str] = []
    held: dict[str, Held] = {}
    grades: dict[str, Grade] = {}
    for id, value in _object(record, "held_back", problems).items():
        level, reason = (value.get("level"), value.get("reason")) if isinstance(value, Mapping) else (None, None)
        if not can_be_held(rubric, id, answers.get(id), level) or not isinstance(reason, str) or not reason:
            allowed = "a level below the answer, and a reason"
            problems.append(f"checked.held_back.{shown_key(id)}: {shown(value)} cannot be; allowed: {allowed}")
        else:
            held[id] = Held(int(str(level)), reason)
    for id, value in _object(record, "evidence", problems).items():
        if id not in answers or value not in (Grade.SHOWN.value, Grade.CHECKED.value):
            allowed = '"shown" or "checked" of an answer'
            problems.append(f"checked.evidence.{shown_key(id)}: {shown(value)} cannot be; allowed: {allowed}")
        else:
            grades[id] = Grade(str(value))
    if problems:
        raise CheckedUnreadable(problems)
    return held, grades


def _object(record: Mapping[str, Any], key: str, problems: list[str]) -> Mapping[str, Any]:
    found = record.get(key)
    if isinstance(found, Mapping):
        return found
    problems.append(f"checked.{key}: {shown(found)} cannot be read; allowed: an object")
    return {}
