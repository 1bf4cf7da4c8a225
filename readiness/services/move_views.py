"""What moving does and what is kept aside, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from readiness.core.moving import Aside, Effect, Outcome, Reason
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.answer_words import answer_words
from readiness.services.moving import KeptAside, Preview
from readiness.services.opening import Opened
from readiness.services.standings import Standing, difference, standing


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer."""

    question: str
    answer: str
    note: str = ""
    #: The earlier question and answer, where they read otherwise.
    earlier_question: str = ""
    earlier_answer: str = ""
    #: Why it is kept aside.
    reason: str = ""
    #: The version that it was said on, where it is kept aside.
    rubric: str = ""


@dataclass(frozen=True, slots=True)
class MoveView:
    """What moving does to every answer, to the score and to the band."""

    before: Standing
    after: Standing
    #: How the score and the band differ by the rubric alone.
    by_the_rubric: str
    #: How they differ from the result that is being changed, by the person alone; None where there is no such result.
    by_you: str | None
    to_confirm: tuple[Line, ...]
    mapped: tuple[Line, ...]
    new: tuple[Line, ...]
    aside: tuple[Line, ...]
    carried: tuple[Line, ...]
    unanswered: tuple[Line, ...]


def move_view(opened: Opened, preview: Preview, words: Words) -> MoveView:
    """Return the preview of a move."""
    way = preview.way
    before, after = standing(way.first, preview.before, words), standing(way.last, preview.after, words)
    versions = {version.id: version for version in way.versions}
    lines = {
        outcome: tuple(_line(opened, way.last, effect, words) for effect in preview.moved.of(outcome))
        for outcome in Outcome
    }
    return MoveView(
        before=before,
        after=after,
        by_the_rubric=difference(before, after, words),
        by_you=difference(standing(way.first, preview.last, words), before, words) if preview.last else None,
        to_confirm=lines[Outcome.TO_CONFIRM],
        mapped=lines[Outcome.MAPPED],
        new=lines[Outcome.NEW],
        aside=tuple(_aside_line(versions[aside.rubric], aside, words) for aside in preview.moved.aside),
        carried=lines[Outcome.CARRIED],
        unanswered=lines[Outcome.UNANSWERED],
    )


def aside_lines(asides: Iterable[KeptAside], words: Words) -> list[Line]:
    """Return what is kept aside in an assessment."""
    return [_aside_line(aside.version, aside, words) for aside in asides]


def reason_words(reason: Reason, words: Words) -> str:
    """Return why something is kept aside."""
    _ = words.gettext
    return {
        Reason.RETIRED: _("The newer version does not ask this any more."),
        Reason.LEVEL_GONE: _("The newer version does not offer this answer any more."),
        Reason.OPTION_GONE: _("The newer version does not offer all of this answer any more."),
        Reason.NOT_APPLICABLE_GONE: _("“Does not apply” is not offered there any more."),
        Reason.OTHER_KIND: _("The newer version asks for another kind of answer."),
        Reason.MERGED: _("Several questions became one, and another of your answers counts for it."),
        Reason.MERGE_INCOMPLETE: _("Several questions became one, and not all of them were answered."),
        Reason.NOTE_TOO_LONG: _("Several questions became one, and their notes together were too long."),
        Reason.UNDONE: _("You said this on the newer version before you went back."),
    }[reason]


def _line(opened: Opened, newest: RubricVersion, effect: Effect, words: Words) -> Line:
    old, new = opened.version.texts[words.language], newest.texts[words.language]
    question = new[f"questions.{effect.question}.text"]
    answer = answer_words(newest, effect.question, effect.answer, words)
    asked, said = [], []
    for id in effect.sources:
        asked.append(old[f"questions.{id}.text"])
        said.append(answer_words(opened.version, id, opened.answers.get(id), words))
    other_question = [text for text in asked if text != question]
    other_answer = said if any(text != answer for text in said) else []
    return Line(
        question=question,
        answer=answer,
        earlier_question=" · ".join(other_question),
        earlier_answer=" · ".join(other_answer) if effect.answer is not None else "",
    )


def _aside_line(version: RubricVersion, aside: Aside | KeptAside, words: Words) -> Line:
    return Line(
        question=version.texts[words.language][f"questions.{aside.question}.text"],
        answer=answer_words(version, aside.question, aside.answer, words),
        note=aside.note,
        reason=reason_words(aside.reason, words),
        rubric=version.id,
    )
