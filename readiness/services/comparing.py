"""A result beside what its answers give under a newer version, and beside a later result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from readiness.core.answers import Answer
from readiness.core.moving import Moved, Outcome, move_along
from readiness.core.records import whole_or_text
from readiness.core.scoring import Result, score
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.database import db
from readiness.services.moving import offered
from readiness.services.opening import Opened
from readiness.services.standings import Standing, difference, standing
from readiness.services.version_ways import Way, way_between


@dataclass(frozen=True, slots=True)
class Bridged:
    """What the answers of a result would give under a newer version; the result itself stays as it is."""

    version: RubricVersion
    #: With the levels that a consultant held back, as the result counts them.
    moved: Moved
    result: Result
    #: The same of the company's own answers.
    own_answers: Mapping[str, Answer]
    own_result: Result

    @property
    def new(self) -> int:
        """Questions of the newer version that were never asked: they count as unanswered."""
        return len(self.moved.of(Outcome.NEW))


@dataclass(frozen=True, slots=True)
class Column:
    """Answers under a version."""

    #: "A", "B" or "C".
    letter: str
    title: str
    standing: Standing
    #: What the company's own answers come to, in a sentence; "" where a consultant held nothing back.
    own: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One area, with its level in each column: "–" where it is not answered, "" where it is not asked."""

    name: str
    levels: tuple[str, ...]
    #: In words, or "" where nothing differs.
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results side by side, with what the rubric and what the person changed told apart."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    #: By the rubric alone; None where both are on one version.
    by_the_rubric: str | None
    #: By the company's answers and the consultant's check; None where there is one result only.
    by_you: str | None
    #: Whose doing that is, such as "What you changed".
    whose: str
    #: That a part of the difference is the consultant's check, in a sentence, or "".
    warning: str
    #: Questions that are new in the later version and count as unanswered; 0 where nothing is bridged.
    new: int
    #: Whether no map leads from one version to the other, so that nothing can be told apart.
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """Answers under a version, as they are counted and as the company gave them."""

    title: str
    version: RubricVersion
    counted: Result
    own: Result
    own_answers: Mapping[str, Answer]


class _Cause(StrEnum):
    """Who changed the level of an area, beside the rubric."""

    ANSWERS = "answers"
    CHECK = "check"


def bridged(opened: Opened, way: Way | None) -> Bridged | None:
    """Return what the answers give at the end of *way*, or None without one."""
    if way is None:
        return None
    rubric = way.last.rubric
    moved = move_along(way.first.rubric, opened.counted_answers, way.steps)
    own = moved if opened.checked is None else move_along(way.first.rubric, opened.answers, way.steps)
    return Bridged(way.last, moved, score(rubric, moved.answers), own.answers, score(rubric, own.answers))


def own_line(opened: Opened, words: Words) -> str:
    """Return what the company's own answers come to, or "" where that is what counts."""
    counted = standing(opened.version, opened.counted_result, words)
    own = standing(opened.version, opened.result, words)
    if own.band is None or (own.score, own.band) == (counted.score, counted.band):
        return ""
    if own.band == counted.band:
        return words.say("By your own answers %(score)s.", score=own.score)
    return words.say("By your own answers %(score)s, %(band)s.", score=own.score, band=own.band)


def time_where_shared(moments: Sequence[datetime], words: Words) -> list[str]:
    """Return the day of each moment in words, with the time where two are of one day."""
    days = [words.day_of(each) for each in moments]
    return [
        f"{day}{words.comma}{words.time(each)}" if days.count(day) > 1 else day
        for day, each in zip(days, moments, strict=True)
    ]


def finished(opened: Opened) -> datetime:
    """Return when a result was submitted."""
    return opened.assessment.submitted_at or opened.assessment.saved_at


def bridged_to_newest(opened: Opened) -> Bridged | None:
    """Return what the answers of a result would give under the newest version, or None if it is on that."""
    return bridged(opened, offered(opened))


def bridge_line(found: Bridged, words: Words) -> str:
    """Return in a sentence or two what the answers would give, and how many questions count as unanswered."""
    there = standing(found.version, found.result, words)
    if there.score is None:
        said = words.say(
            "Under rubric version %(number)s these answers would give no band: "
            "%(scored)s of %(all)s areas are answered, and %(needed)s are needed.",
            number=there.rubric,
            scored=there.scored,
            all=there.all,
            needed=there.needed,
        )
    else:
        said = words.say(
            "Under rubric version %(number)s these answers would give %(score)s, %(band)s.",
            number=there.rubric,
            score=there.score,
            band=there.band,
        )
    if not found.new:
        return said
    return (
        said
        + words.space
        + words.count(
            "%(number)s question is new and counts as unanswered.",
            "%(number)s questions are new and count as unanswered.",
            found.new,
        )
    )


def compare_with_newest(opened: Opened, words: Words) -> Comparison | None:
    """Return a result beside the same answers under the newest version, or None if it is on that."""
    found = bridged_to_newest(opened)
    return None if found is None else _side_by_side(opened, found, None, words)


def compare(first: Opened, second: Opened, words: Words) -> Comparison:
    """Return two results, the earlier first, side by side; where the version changed, what it changed by itself."""
    if first.assessment.rubric_version_id == second.assessment.rubric_version_id:
        return _side_by_side(first, None, second, words)
    way = way_between(db.session, first.assessment.rubric_version_id, second.assessment.rubric_version_id)
    return _side_by_side(first, bridged(first, way), second, words, apart=way is None)


def _side_by_side(
    first: Opened, between: Bridged | None, second: Opened | None, words: Words, *, apart: bool = False
) -> Comparison:
    results = [first] if second is None else [first, second]
    sides = [
        _Side(words.say("Result of %(day)s", day=day), each.version, each.counted_result, each.result, each.answers)
        for each, day in zip(results, time_where_shared([finished(each) for each in results], words), strict=True)
    ]
    own = [own_line(each, words) for each in results]
    if between is not None:
        title = words.gettext("The same answers under the newer version")
        side = _Side(title, between.version, between.result, between.own_result, between.own_answers)
        sides.insert(1, side)
        own.insert(1, "")
    columns = tuple(
        Column("ABC"[index], side.title, standing(side.version, side.counted, words), own[index])
        for index, side in enumerate(sides)
    )
    standings = [column.standing for column in columns]
    split = second is not None and not apart
    causes = _causes(sides[-2], sides[-1]) if split else {}
    found = {cause for each in causes.values() for cause in each}
    return Comparison(
        columns=columns,
        rows=tuple(_rows(sides, between is not None, causes, words)),
        by_the_rubric=difference(standings[0], standings[1], words) if between is not None else None,
        by_you=difference(standings[-2], standings[-1], words) if split else None,
        whose=_whose(found, words),
        warning=_warning(first, second, found, words) if second is not None else "",
        new=between.new if between is not None else 0,
        apart=apart,
    )


def _whose(causes: set[_Cause], words: Words) -> str:
    _ = words.gettext
    if _Cause.CHECK not in causes:
        return _("What you changed")
    if _Cause.ANSWERS not in causes:
        return _("What the consultant’s check changed")
    return _("What your answers and the consultant’s check changed")


def _warning(first: Opened, second: Opened, causes: set[_Cause], words: Words) -> str:
    """Return that a part of the difference is the consultant's check, or "" where it is none of it."""
    _ = words.gettext
    before, after = (bool(each.checked and each.checked.held_back) for each in (first, second))
    if before and not after:
        return _("A consultant held levels back in the earlier result only: part of the difference is that check.")
    if after and not before:
        return _("A consultant held levels back in the later result only: part of the difference is that check.")
    if before and _Cause.CHECK in causes:
        return _("A consultant held back other levels in each of the two: part of the difference is that check.")
    return ""


def _rows(sides: Sequence[_Side], bridged: bool, causes: Mapping[str, tuple[_Cause, ...]], words: Words) -> list[Row]:
    names: dict[str, str] = {}
    for side in sides:
        texts = side.version.texts[words.language]
        names |= {each.id: texts[f"dimensions.{each.id}.name"] for each in side.version.rubric.dimensions}
    found = []
    for id, name in names.items():
        levels = tuple(_level(side.counted, id) for side in sides)
        why = [_by_the_rubric(levels, words)] if bridged else []
        why += [_cause_words(cause, sides[-2].own, sides[-1].own, id, words) for cause in causes.get(id, ())]
        found.append(Row(name, levels, words.listed([each for each in why if each])))
    return found


def _level(result: Result, dimension: str) -> str:
    if dimension not in result.dimensions:
        return ""
    level = result.dimensions[dimension]
    return "–" if level is None else str(whole_or_text(level))


def _by_the_rubric(levels: Sequence[str], words: Words) -> str:
    """Return what the rubric did to the level of an area: between the first two columns it alone did something."""
    _ = words.gettext
    if not levels[0]:
        return _("new")
    if not levels[1]:
        return _("asked no more")
    return _("the rubric") if levels[0] != levels[1] else ""


def _causes(before: _Side, after: _Side) -> dict[str, tuple[_Cause, ...]]:
    """Return who changed each area between two sides of one version.

    The company did where its own answers give another level, also where a level that is held back hides it; the check
    did where it takes more or less off the company's own level than before.
    """
    found = {}
    for id in after.counted.dimensions:
        asked = [question.id for question in after.version.rubric.questions_by_dimension[id]]
        said = [{each: side.own_answers.get(each) for each in asked} for side in (before, after)]
        moved = before.own.dimensions.get(id) != after.own.dimensions.get(id)
        counted = before.counted.dimensions.get(id) != after.counted.dimensions.get(id)
        answers = moved or (counted and said[0] != said[1])
        check = _taken_off(before, id) != _taken_off(after, id)
        found[id] = tuple(cause for cause, holds in ((_Cause.ANSWERS, answers), (_Cause.CHECK, check)) if holds)
    return found


def _taken_off(side: _Side, dimension: str) -> Fraction:
    own, counted = side.own.dimensions.get(dimension), side.counted.dimensions.get(dimension)
    return Fraction(0) if own is None or counted is None else own - counted


def _cause_words(cause: _Cause, before: Result, after: Result, dimension: str, words: Words) -> str:
    if cause is _Cause.ANSWERS:
        return words.gettext("your answers")
    earlier, later = _level(before, dimension), _level(after, dimension)
    if earlier == later:
        own = words.say("by your own answers %(level)s both times", level=later)
    else:
        own = words.say("by your own answers %(levels)s", levels=f"{earlier}\u00a0→\u00a0{later}")
    return words.gettext("the consultant’s check") + words.bracketed(own)
