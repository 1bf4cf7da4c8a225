"""What saving a workbook would do, in one language: what was read, what was not and why."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.documents.profile_words import asked, employees_label, sector_label
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.answer_words import answer_words
from readiness.services.opening import Opened
from readiness.services.taking_in import AnswerTaken, FactTaken, Review, State
from readiness.services.workbook_words import unread_words


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One question with what is saved and what the workbook says."""

    key: str
    question: str
    state: State
    before: str
    after: str
    note_before: str = ""
    note_after: str = ""
    #: Whether the question reads otherwise than in the workbook.
    to_confirm: bool = False

    @property
    def to_choose(self) -> bool:
        """Whether one of the two goes."""
        return self.state in (State.BOTH, State.CHANGED)


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A cell that was not read, and why."""

    question: str
    place: str
    found: str
    why: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A workbook as it is shown before it is saved."""

    of_another: bool
    #: The workbook's version, where it is an earlier one than the assessment's; else "".
    earlier: str
    choices: tuple[ChangeLine, ...]
    additions: tuple[ChangeLine, ...]
    unread: tuple[UnreadLine, ...]
    same: tuple[str, ...]
    empty: tuple[str, ...]


def review_view(opened: Opened, review: Review, words: Words) -> ReviewView:
    """Return what the page shows."""
    texts = opened.version.texts[words.language]
    lines = [_fact(each, words) for each in review.company]
    lines += [_answer(opened.version, each, words) for each in review.answers]
    return ReviewView(
        of_another=review.of_another,
        earlier="" if review.version.digest == opened.version.digest else review.version.id,
        choices=tuple(line for line in lines if line.to_choose),
        additions=tuple(line for line in lines if not line.to_choose),
        unread=tuple(
            UnreadLine(
                _question(review.version, each.key, words),
                _place(each.sheet, each.cell, words),
                each.found,
                unread_words(each, review.version, words),
            )
            for each in review.unread
        ),
        same=tuple(texts[f"questions.{id}.text"] for id in review.same),
        empty=tuple(texts[f"questions.{id}.text"] for id in review.empty),
    )


def _answer(version: RubricVersion, change: AnswerTaken, words: Words) -> ChangeLine:
    return ChangeLine(
        change.key,
        version.texts[words.language][f"questions.{change.question}.text"],
        change.state,
        answer_words(version, change.question, change.before.answer, words),
        answer_words(version, change.question, change.after.answer, words),
        change.before.note,
        change.after.note,
        change.to_confirm,
    )


def _fact(change: FactTaken, words: Words) -> ChangeLine:
    left_open = words.gettext("left open")
    before = _fact_words(change.name, change.before, words) if change.before else left_open
    return ChangeLine(
        change.key, asked(change.name, words), change.state, before, _fact_words(change.name, change.after, words)
    )


def _fact_words(name: str, value: str, words: Words) -> str:
    if name == "sector":
        return sector_label(value, words)
    return employees_label(value) if name == "employees" else value


def _question(version: RubricVersion, key: str, words: Words) -> str:
    kind, _, id = key.partition(".")
    if kind == "company":
        return asked(id, words)
    return version.texts[words.language].get(f"questions.{id}.text", id)


def _place(sheet: str, cell: str, words: Words) -> str:
    return words.say("sheet “%(sheet)s”, cell %(cell)s", sheet=sheet, cell=cell) if cell else ""
