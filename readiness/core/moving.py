"""Moving answers to a newer rubric version: each is carried or kept aside with a reason, and none is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from readiness.core.answers import LONGEST_NOTE, OTHER, Answer, Mark, visible
from readiness.core.rubric import Kind, Question, Rubric
from readiness.core.version_maps import NEW, Change, Origin, Take, VersionMap

#: Kinds whose options can have counterparts in each other.
_ONE_CHOICE = (Kind.LEVEL, Kind.SINGLE)


class Outcome(StrEnum):
    """What becomes of a question of the newer version."""

    #: Its answer is the earlier one.
    CARRIED = "carried"
    #: Its answer is the earlier level or option's counterpart.
    MAPPED = "mapped"
    #: It has an answer, which the person is asked to confirm.
    TO_CONFIRM = "to_confirm"
    #: It had an answer that does not fit any more: kept aside.
    DROPPED = "dropped"
    #: It was never asked before.
    NEW = "new"
    #: It was asked before, and not answered.
    UNANSWERED = "unanswered"


class Reason(StrEnum):
    """Why something that was said is kept aside."""

    RETIRED = "retired"
    LEVEL_GONE = "level_gone"
    OPTION_GONE = "option_gone"
    NOT_APPLICABLE_GONE = "not_applicable_gone"
    OTHER_KIND = "other_kind"
    #: Of several answers that became one, another counts.
    MERGED = "merged"
    #: Of several questions that became one, another is not answered.
    MERGE_INCOMPLETE = "merge_incomplete"
    #: The note would be too long together with those of the questions that it was merged with.
    NOTE_TOO_LONG = "note_too_long"
    #: It was said on a newer version, and the move to that one was undone.
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one question of the newer version."""

    question: str
    outcome: Outcome
    #: The questions of the older version that it comes from.
    sources: tuple[str, ...]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Aside:
    """Something that was said on an earlier version and has no place in the newer one."""

    #: The number of the version that it was said on.
    rubric: str
    question: str
    answer: Answer | None
    note: str
    reason: Reason


@dataclass(frozen=True)
class Moved:
    """Answers and notes under the newer version, and what is kept aside."""

    #: Every question of the newer version, in its order.
    effects: tuple[Effect, ...]
    notes: Mapping[str, str]
    aside: tuple[Aside, ...] = ()

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """The answers under the newer version, in its order."""
        return {effect.question: effect.answer for effect in self.effects if effect.answer is not None}

    @cached_property
    def to_confirm(self) -> frozenset[str]:
        """The questions whose answers the person is asked to confirm."""
        return frozenset(effect.question for effect in self.effects if effect.outcome is Outcome.TO_CONFIRM)

    def of(self, outcome: Outcome) -> tuple[Effect, ...]:
        """Return the effects with this outcome."""
        return tuple(effect for effect in self.effects if effect.outcome is outcome)


@dataclass(frozen=True, slots=True)
class Step:
    """A newer version and its map from the one before."""

    rubric: Rubric
    map: VersionMap


def move(
    old: Rubric,
    answers: Mapping[str, Answer],
    new: Rubric,
    map: VersionMap,
    *,
    notes: Mapping[str, str] | None = None,
    to_confirm: Collection[str] = (),
) -> Moved:
    """Move answers by one map; it never fails, whatever the map says.

    :param answers: read under *old*.
    :param to_confirm: the questions whose answers were to be confirmed already.
    """
    return _Move(old, answers, notes or {}, to_confirm, new, map).moved()


def move_along(
    old: Rubric,
    answers: Mapping[str, Answer],
    steps: Iterable[Step],
    *,
    notes: Mapping[str, str] | None = None,
    to_confirm: Collection[str] = (),
) -> Moved:
    """Move answers over several versions, one step after the other; without a step everything stays."""
    moved = Moved(
        effects=tuple(_staying(question.id, answers, to_confirm) for question in old.questions),
        notes={id: note for id, note in (notes or {}).items() if note},
    )
    for step in steps:
        further = move(old, moved.answers, step.rubric, step.map, notes=moved.notes, to_confirm=moved.to_confirm)
        moved, old = _joined(moved, further), step.rubric
    return moved


def _staying(id: str, answers: Mapping[str, Answer], to_confirm: Collection[str]) -> Effect:
    outcome = Outcome.UNANSWERED if id not in answers else Outcome.CARRIED
    return Effect(id, Outcome.TO_CONFIRM if id in answers and id in to_confirm else outcome, (id,), answers.get(id))


def _joined(first: Moved, second: Moved) -> Moved:
    earlier = {effect.question: effect for effect in first.effects}
    effects = []
    for effect in second.effects:
        before = [earlier[id] for id in effect.sources if id in earlier]
        sources = dict.fromkeys(id for each in before for id in each.sources)
        effects.append(Effect(effect.question, _outcome_of_both(before, effect), tuple(sources), effect.answer))
    return Moved(tuple(effects), second.notes, first.aside + second.aside)


def _outcome_of_both(before: list[Effect], effect: Effect) -> Outcome:
    """Return what a question went through in two steps: the greater change of the two."""
    outcomes = {each.outcome for each in before} | {effect.outcome}
    if effect.answer is not None:
        return max(outcomes & set(_KEPT), key=_KEPT.index)
    if effect.outcome is Outcome.NEW or (before and all(each.outcome is Outcome.NEW for each in before)):
        return Outcome.NEW
    return Outcome.DROPPED if Outcome.DROPPED in outcomes else Outcome.UNANSWERED


_KEPT = (Outcome.CARRIED, Outcome.MAPPED, Outcome.TO_CONFIRM)


@dataclass(frozen=True)
class _Taken:
    """What a question of the newer version takes from earlier answers."""

    answer: Answer | None = None
    #: Why the answers of these sources were not taken, or only in part.
    left: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True)
class _Move:
    old: Rubric
    answers: Mapping[str, Answer]
    notes: Mapping[str, str]
    to_confirm: Collection[str]
    new: Rubric
    map: VersionMap

    def moved(self) -> Moved:
        taken = {question.id: self._taken(question) for question in self.new.questions}
        notes, too_long = self._notes()
        return Moved(
            effects=tuple(self._effect(question, taken[question.id]) for question in self.new.questions),
            notes=notes,
            aside=tuple(self._aside(taken, too_long)),
        )

    def _origin(self, question: Question) -> Origin:
        return self.map.questions.get(question.id, NEW)

    def _effect(self, question: Question, taken: _Taken) -> Effect:
        origin = self._origin(question)
        return Effect(question.id, self._outcome(origin, taken), origin.sources, taken.answer)

    def _outcome(self, origin: Origin, taken: _Taken) -> Outcome:
        if origin.change is Change.NEW:
            return Outcome.NEW
        if taken.answer is None:
            return Outcome.DROPPED if taken.left else Outcome.UNANSWERED
        if origin.change in (Change.REWORDED, Change.SPLIT, Change.MERGED):
            return Outcome.TO_CONFIRM
        if any(id in self.to_confirm for id in origin.sources):
            return Outcome.TO_CONFIRM
        return Outcome.MAPPED if origin.change is Change.OPTIONS else Outcome.CARRIED

    def _taken(self, question: Question) -> _Taken:
        origin = self._origin(question)
        if origin.change is Change.MERGED:
            return self._merged(question, origin)
        source = next((id for id in origin.sources if id in self.answers and id in self.old.questions_by_id), None)
        if source is None:
            return _Taken()
        kind, answer = self.old.questions_by_id[source].kind, self.answers[source]
        counterpart: Answer | None = answer
        lost: Reason | None = None
        if origin.change is Change.OPTIONS:
            counterpart, lost = _translated(kind, question.kind, answer, origin.options)
        elif kind is not question.kind:
            counterpart, lost = None, Reason.OTHER_KIND
        fitting, unfit = (None, None) if counterpart is None else _fitting(self.new, question, counterpart)
        reason = lost or unfit
        return _Taken(fitting, {source: reason} if reason else {})

    def _merged(self, question: Question, origin: Origin) -> _Taken:
        asked = {each.id for each in visible(self.old, self.answers)}
        answers = {id: self.answers[id] for id in origin.sources if id in self.answers}
        if not answers:
            return _Taken()
        if any(id in asked and id not in answers for id in origin.sources):
            return _Taken(None, dict.fromkeys(answers, Reason.MERGE_INCOMPLETE))
        if any(isinstance(each, tuple) or not isinstance(each, int | Mark) for each in answers.values()):
            return _Taken(None, dict.fromkeys(answers, Reason.OTHER_KIND))
        chosen = self._chosen(list(answers.values()), origin.take)
        fitting, unfit = _fitting(self.new, question, chosen)
        left = {id: unfit or Reason.MERGED for id, answer in answers.items() if unfit or answer != chosen}
        return _Taken(fitting, left)

    def _chosen(self, answers: list[Answer], take: Take) -> Answer:
        """Return the lowest or highest answer; "not sure" counts as the policy's level, "not applicable" not at all."""
        counted = [each for each in answers if each is not Mark.NOT_APPLICABLE] or answers
        not_sure = self.old.scoring.not_sure

        def rank(answer: Answer) -> tuple[int, bool]:
            # Of two that count the same, the one that is known.
            level = answer if isinstance(answer, int) else not_sure
            return level, take is Take.HIGHEST and isinstance(answer, int)

        return (min if take is Take.LOWEST else max)(counted, key=rank)

    def _notes(self) -> tuple[dict[str, str], set[str]]:
        """Return the notes under the newer version, and the sources whose notes found no room."""
        found: dict[str, str] = {}
        too_long = set()
        for question in self.new.questions:
            for source in self._origin(question).sources:
                note = self.notes.get(source, "")
                before = found.get(question.id, "")
                if not note or note in before.split("\n"):
                    continue
                joined = f"{before}\n{note}" if before else note
                if len(joined) > LONGEST_NOTE and before:
                    too_long.add(source)
                else:
                    found[question.id] = joined
        return found, too_long

    def _aside(self, taken: Mapping[str, _Taken], too_long: set[str]) -> Iterator[Aside]:
        """Yield what was said and is not carried by any question."""
        successors: dict[str, list[str]] = {}
        for question in self.new.questions:
            for source in self._origin(question).sources:
                successors.setdefault(source, []).append(question.id)
        for question in self.old.questions:
            answer, note = self.answers.get(question.id), self.notes.get(question.id, "")
            reason = Reason.RETIRED
            if question.id in successors:
                reasons = [taken[successor].left.get(question.id) for successor in successors[question.id]]
                note = note if question.id in too_long else ""
                answer = None if None in reasons else answer
                reason = next((each for each in reasons if answer is not None and each), Reason.NOTE_TOO_LONG)
            if answer is not None or note:
                yield Aside(self.old.id, question.id, answer, note, reason)


def _translated(
    before: Kind, after: Kind, answer: Answer, options: Mapping[str, int | str | None]
) -> tuple[Answer | None, Reason | None]:
    """Return the counterpart of an answer, and why it is not the whole of it."""
    if not (before is after or (before in _ONE_CHOICE and after in _ONE_CHOICE)):
        return None, Reason.OTHER_KIND
    if isinstance(answer, Mark):
        return answer, None
    if isinstance(answer, tuple):
        return _translated_each(answer, options)
    counterpart = options.get(str(answer))
    gone = Reason.LEVEL_GONE if before is Kind.LEVEL else Reason.OPTION_GONE
    return counterpart, gone if counterpart is None else None


def _translated_each(
    answer: tuple[str, ...] | tuple[tuple[str, str], ...], options: Mapping[str, int | str | None]
) -> tuple[Answer | None, Reason | None]:
    """Return the counterparts of several options, or of those of a matrix."""
    found: list[str | tuple[str, str]] = []
    for each in answer:
        if isinstance(each, tuple):
            row, option = each
            counterpart = options.get(option)
            found += [] if counterpart is None else [(row, str(counterpart))]
        else:
            counterpart = each if each.startswith(OTHER) else options.get(each)
            found += [] if counterpart is None else [str(counterpart)]
    lost = Reason.OPTION_GONE if len(found) < len(answer) else None
    if lost and not found:
        return None, lost
    # Two options may have the same counterpart.
    return tuple(dict.fromkeys(found)), lost  # type: ignore[return-value]


def _fitting(rubric: Rubric, question: Question, answer: Answer) -> tuple[Answer | None, Reason | None]:
    """Return as much of an answer as the question takes, and why the rest is left."""
    match question.kind:
        case Kind.LEVEL:
            if answer is Mark.NOT_APPLICABLE and not question.not_applicable:
                return None, Reason.NOT_APPLICABLE_GONE
            if isinstance(answer, Mark) or answer in rubric.scoring.levels:
                return answer, None
            return None, Reason.LEVEL_GONE
        case Kind.SINGLE:
            return (answer, None) if answer in question.options else (None, Reason.OPTION_GONE)
        case Kind.MULTIPLE | Kind.MATRIX if isinstance(answer, tuple):
            kept = tuple(each for each in answer if _offered(question, each))
            if kept == answer:
                return answer, None
            return kept or None, Reason.OPTION_GONE  # type: ignore[return-value]
        case Kind.NUMBER if type(answer) is int:
            return answer, None
        case Kind.SHORT_TEXT if isinstance(answer, str) and not isinstance(answer, Mark):
            return answer, None
    return None, Reason.OTHER_KIND


def _offered(question: Question, each: str | tuple[str, str]) -> bool:
    if isinstance(each, tuple):
        return each[0] in question.rows and each[1] in question.options
    return each in question.options or (question.other and each.startswith(OTHER))
