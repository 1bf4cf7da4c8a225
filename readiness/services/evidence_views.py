"""Evidence in words: each answer with what shows it, how it is graded, and what counts instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from readiness.core import answers as answer_rules
from readiness.core.answers import Mark
from readiness.core.evidence import Grade
from readiness.core.rubric import Question
from readiness.documents.words import Words
from readiness.models import Account, AskedQuestion, EvidenceItem
from readiness.services import evidence, guided_sessions
from readiness.services.answer_words import answer_words
from readiness.services.checked_views import grade_name
from readiness.services.database import db
from readiness.services.judgements import UNJUDGED, Judged, judged
from readiness.services.opening import Opened


@dataclass(frozen=True, slots=True)
class ItemView:
    """A note, a link or a file, with who added it and when."""

    id: UUID
    kind: str
    text: str
    #: Such as "340 KB"; "" for what is no file.
    size: str
    #: Who added it, and when.
    added: str
    #: Whether the answer was another one then.
    outdated: bool
    #: Whether whoever looks may remove it.
    removable: bool


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """One answer, and what shows it."""

    id: str
    number: int
    text: str
    #: In words; None where there is no answer.
    answer: str | None
    #: The answer as a plain value, to see whether it was changed.
    value: Any
    #: The level that was answered, or None.
    level: int | None
    #: What would show the answer, as the rubric says.
    proof: str
    grade: Grade
    grade_text: str
    #: What the grade was before the answer was changed, in words, or "".
    before: str
    #: Who graded it, and when, or "".
    by: str
    held_level: int | None
    held_reason: str
    #: When a guided session agreed on this very answer, in words, or ""; and why, or "".
    agreed: str
    agreed_reason: str
    version: int
    items: tuple[ItemView, ...]
    #: Levels below the answer, the highest first, with their words.
    lower: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """All answers of an assessment with what shows them."""

    answers: tuple[AnswerEvidence, ...]
    #: What was added for questions that are not asked any more.
    elsewhere: tuple[ItemView, ...]

    def of(self, question_id: str) -> AnswerEvidence | None:
        """Return one answer, or None if there is none to show."""
        return next((each for each in self.answers if each.id == question_id and each.answer is not None), None)

    def beside(self, question_id: str) -> tuple[AnswerEvidence | None, AnswerEvidence | None]:
        """Return the answers before and after one: None where it is the first or the last."""
        answered = [each for each in self.answers if each.answer is not None]
        place = [each.id for each in answered].index(question_id)
        return (answered[place - 1] if place else None, answered[place + 1] if place + 1 < len(answered) else None)

    @property
    def checked(self) -> int:
        """How many answers were checked."""
        return sum(each.grade is Grade.CHECKED for each in self.answers)


def evidence_view(opened: Opened, words: Words, *, consultant: UUID | None) -> EvidenceView:
    """Return all evidence of a company, for the answers of one revision.

    :param consultant: the consultant who looks, or None for the company.
    """
    standing = judged(db.session, opened)
    items = evidence.items_of(opened)
    rows = (each.row for each in standing.values())
    names = _names({row.account_id for row in rows if row} | {item.account_id for item in items if item.account_id})
    seen = _Seen(opened, words, names, consultant, guided_sessions.agreed_of(db.session, opened.assessment.family_id))
    questions = {question.id for question in opened.questions}
    return EvidenceView(
        tuple(
            seen.answer(number, question, standing.get(question.id, UNJUDGED), items)
            for number, question in enumerate(opened.questions, start=1)
        ),
        tuple(seen.item(item, None) for item in items if item.question_id not in questions),
    )


class _Seen:
    """Puts evidence into the words of one reader."""

    def __init__(
        self,
        opened: Opened,
        words: Words,
        names: Mapping[UUID, str],
        consultant: UUID | None,
        agreed: Mapping[str, AskedQuestion],
    ) -> None:
        self.opened = opened
        self.agreed = agreed
        self.words = words
        self.names = names
        self.consultant = consultant
        self.texts = opened.version.texts[words.language]

    def answer(self, number: int, question: Question, judged: Judged, items: Iterable[EvidenceItem]) -> AnswerEvidence:
        """Return one answer."""
        said = self.opened.answers.get(question.id)
        level = said if type(said) is int and question.dimension else None
        key = f"questions.{question.id}"
        value = None if said is None else answer_rules.plain(said)
        words = None if said is None else answer_words(self.opened.version, question.id, said, self.words)
        agreed = self.agreed.get(question.id)
        # An answer that was changed since is not what the room agreed on.
        if agreed is not None and (value is None or agreed.value != value):
            agreed = None
        lower = range((level or 1) - 1, self.opened.version.rubric.scoring.lowest - 1, -1)
        return AnswerEvidence(
            id=question.id,
            number=number,
            text=self.texts[f"{key}.text"],
            answer=words,
            value=value,
            level=level,
            proof=self.texts[f"{key}.levels.{level}.evidence"] if level is not None else "",
            grade=judged.grade,
            grade_text=grade_name(judged.grade, self.words),
            before=grade_name(judged.before, self.words) if judged.before else "",
            by=self._added(judged.row.account_id, judged.row.set_at) if judged.row else "",
            held_level=judged.held.level if judged.held else None,
            held_reason=judged.held.reason if judged.held else "",
            agreed=self.words.day_of(agreed.agreed_at) if agreed and agreed.agreed_at else "",
            agreed_reason=agreed.reason if agreed else "",
            version=judged.version,
            items=tuple(self.item(item, value) for item in items if item.question_id == question.id),
            lower=tuple((each, self.texts[f"{key}.levels.{each}.text"]) for each in lower) if level else (),
        )

    def item(self, item: EvidenceItem, value: Any) -> ItemView:
        """Return one piece of evidence.

        :param value: the present answer; None where there is none.
        """
        return ItemView(
            item.id,
            item.kind,
            self._removed(item.text) if item.kind == evidence.REMOVED else item.text,
            "" if item.size is None else _size(item.size),
            self._added(item.account_id, item.added_at),
            value is not None and item.value != value,
            item.kind != evidence.REMOVED and (self.consultant is None or item.account_id == self.consultant),
        )

    def _removed(self, kind: str) -> str:
        _ = self.words.gettext
        return {"note": _("A note was removed."), "link": _("A link was removed."), "file": _("A file was removed.")}[
            kind
        ]

    def _added(self, account: UUID | None, moment: Any) -> str:
        who = self.words.gettext("the company") if account is None else self.names.get(account, "")
        return f"{who}{self.words.comma}{self.words.day_of(moment)}"


def gradable(answer: AnswerEvidence, opened: Opened) -> bool:
    """Return whether a consultant can say more of an answer than that it was said."""
    return answer.answer is not None and not isinstance(opened.answers.get(answer.id), Mark)


def _names(accounts: Iterable[UUID]) -> dict[UUID, str]:
    wanted = set(accounts)
    if not wanted:
        return {}
    return {
        id: email
        for id, email in db.session.execute(sa.select(Account.id, Account.email).where(Account.id.in_(wanted)))
    }


def _size(size: int) -> str:
    return f"{max(1, size // 1024)} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
