"""What pages say of a room's voices, on the phones and on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readiness.core.answers import Answer
from readiness.core.rubric import Question
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.models import Role
from readiness.services.answer_words import answer_words
from readiness.services.spreads import Spread


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer, with how many gave it."""

    #: The level, where the answer is one: what people of different languages can point at.
    level: int | None
    text: str
    count: int
    #: Its share of a hundred, for the drawing.
    width: int
    #: Whether the one who looks gave it.
    mine: bool


def role_label(role: Role, words: Words) -> str:
    """Return a role in words."""
    _ = words.gettext
    return {
        Role.OWNER: _("Owner"),
        Role.MANAGEMENT: _("Management"),
        Role.FINANCE: _("Finance"),
        Role.OPERATIONS: _("Operations"),
        Role.SALES: _("Sales"),
        Role.IT: _("IT"),
        Role.STAFF: _("Staff"),
        Role.OTHER: _("Something else"),
    }[role]


def answered_line(answered: int, people: int, words: Words) -> str:
    """Return how many have answered, in a sentence."""
    if not people:
        return words.gettext("Nobody has joined yet")
    return words.say("%(answered)s of %(people)s have answered", answered=answered, people=people)


def joined_line(people: int, words: Words) -> str:
    """Return how many are in the room, in a sentence."""
    if not people:
        return words.gettext("Nobody has joined yet")
    return words.count("%(number)s person has joined", "%(number)s people have joined", people)


def line(state: str, answered: int, people: int, words: Words) -> str:
    """Return what a room's page says while it waits."""
    return answered_line(answered, people, words) if state else joined_line(people, words)


def answer_line(version: RubricVersion, question: Question, answer: Answer, words: Words) -> str:
    """Return an answer in words, a level with its number before it."""
    said = answer_words(version, question.id, answer, words)
    return f"{answer} · {said}" if type(answer) is int and question.dimension else said


def bars(
    counts: Mapping[Answer, int], version: RubricVersion, question: Question, words: Words, mine: Answer | None = None
) -> list[Bar]:
    """Return the answers in order with how many gave each; a mark that nobody gave is left out."""
    everybody = sum(counts.values()) or 1
    return [
        Bar(
            answer if type(answer) is int and question.dimension else None,
            answer_words(version, question.id, answer, words),
            count,
            100 * count // everybody,
            answer == mine,
        )
        for answer, count in counts.items()
        if count or type(answer) is int
    ]


def spread_shown(
    spread: Spread | None, version: RubricVersion, question: Question | None, words: Words, mine: Answer | None = None
) -> dict[str, Any]:
    """Return what the template of a spread needs."""
    if spread is None or question is None:
        return {"spread": None}
    return {
        "spread": spread,
        "bars": bars(spread.answers, version, question, words, mine),
        "roles": [
            (role_label(Role(role), words), [bar for bar in bars(counts, version, question, words) if bar.count])
            for role, counts in spread.roles.items()
        ],
    }
