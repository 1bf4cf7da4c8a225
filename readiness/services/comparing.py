"""A result beside what its answers give under a newer version, and beside a later result."""

from __future__ import annotations

from dataclasses import dataclass

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
    moved: Moved
    result: Result

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
    #: By the person alone; None where there is one result only.
    by_you: str | None
    #: Questions that are new in the later version and count as unanswered; 0 where nothing is bridged.
    new: int
    #: Whether no map leads from one version to the other, so that nothing can be told apart.
    apart: bool = False


def bridged(opened: Opened, way: Way | None) -> Bridged | None:
    """Return what the answers give at the end of *way*, or None without one."""
    if way is None:
        return None
    moved = move_along(way.first.rubric, opened.counted_answers, way.steps)
    return Bridged(way.last, moved, score(way.last.rubric, moved.answers))


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
    results: list[tuple[str, RubricVersion, Result]] = [(_title(first, words), first.version, first.counted_result)]
    if between is not None:
        title = words.gettext("The same answers under the newer version")
        results.append((title, between.version, between.result))
    if second is not None:
        results.append((_title(second, words), second.version, second.counted_result))
    columns = tuple(
        Column("ABC"[index], title, standing(version, result, words))
        for index, (title, version, result) in enumerate(results)
    )
    standings = [column.standing for column in columns]
    return Comparison(
        columns=columns,
        rows=tuple(_rows(results, between is not None, second is not None, words)),
        by_the_rubric=difference(standings[0], standings[1], words) if between is not None else None,
        by_you=difference(standings[-2], standings[-1], words) if second is not None and not apart else None,
        new=between.new if between is not None else 0,
        apart=apart,
    )


def _title(opened: Opened, words: Words) -> str:
    submitted = opened.assessment.submitted_at or opened.assessment.saved_at
    return words.say("Result of %(day)s", day=words.day_of(submitted))


def _rows(results: list[tuple[str, RubricVersion, Result]], bridged: bool, two: bool, words: Words) -> list[Row]:
    names: dict[str, str] = {}
    for _, version, _ in results:
        texts = version.texts[words.language]
        names |= {each.id: texts[f"dimensions.{each.id}.name"] for each in version.rubric.dimensions}
    found = []
    for id, name in names.items():
        levels = tuple(_level(result, id) for _, _, result in results)
        found.append(Row(name, levels, _why(levels, bridged, two, words)))
    return found


def _level(result: Result, dimension: str) -> str:
    if dimension not in result.dimensions:
        return ""
    level = result.dimensions[dimension]
    return "–" if level is None else str(whole_or_text(level))


def _why(levels: tuple[str, ...], bridged: bool, two: bool, words: Words) -> str:
    """Return who changed the level of an area: between the first two columns the rubric did, if they are bridged."""
    _ = words.gettext
    if bridged and not levels[0]:
        rubric = _("new")
    elif bridged and not levels[1]:
        rubric = _("asked no more")
    else:
        rubric = _("the rubric") if bridged and levels[0] != levels[1] else ""
    you = _("you") if two and levels[-2] != levels[-1] else ""
    return words.listed([each for each in (rubric, you) if each])
