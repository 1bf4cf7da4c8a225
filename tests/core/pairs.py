"""Two versions of a small rubric with a map between them, and answers: as Hypothesis makes them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from readiness.core.answers import OTHER, Answer, Mark
from readiness.core.rubric import Band, Dimension, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.version_maps import NEW, Change, Origin, Take, VersionMap

OPTIONS = ("apple", "pear", "plum", "fig")
CHOICES = (Kind.SINGLE, Kind.MULTIPLE, Kind.MATRIX)
notes = st.text("abc\n", min_size=1, max_size=6).map(str.strip).filter(bool)

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Making:
    """A newer version while it is made up."""

    number: int
    questions: list[Question] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)

    def add(self, question: Question, origin: Origin) -> None:
        """Ask a question of this origin."""
        self.questions.append(question)
        self.origins[question.id] = origin

    def id_from(self, *sources: str) -> str:
        """Return an id that no version had before."""
        return f"{'_'.join(sources)}_{self.number}"[-60:] + f"_{len(self.questions)}"


@st.composite
def rubrics(draw: Draw) -> Rubric:
    """Make up a first version: one to seven questions of any kind."""
    kinds = draw(st.lists(st.sampled_from(Kind), min_size=1, max_size=7))
    return rubric_of("1", [draw(questions(f"q{index}", kind)) for index, kind in enumerate(kinds)], draw(scales()))


def scales() -> st.SearchStrategy[Scoring]:
    """Levels from 0 or 1 to 3, 4 or 5."""
    return st.builds(
        lambda lowest, highest: Scoring(lowest, highest, 1, Fraction(1, 2), lowest),
        st.integers(0, 1),
        st.integers(3, 5),
    )


@st.composite
def questions(draw: Draw, id: str, kind: Kind) -> Question:
    """Make up a question."""
    some = st.lists(st.sampled_from(OPTIONS), min_size=2, max_size=4, unique=True).map(tuple)
    return Question(
        id,
        kind,
        dimension=f"d_{id}" if kind is Kind.LEVEL else None,
        not_applicable=kind is Kind.LEVEL and draw(st.booleans()),
        options=draw(some) if kind in CHOICES else (),
        rows=("morning", "evening") if kind is Kind.MATRIX else (),
        other=kind is Kind.MULTIPLE and draw(st.booleans()),
    )


def rubric_of(id: str, questions: list[Question], scoring: Scoring) -> Rubric:
    """Return a version that asks these questions, a dimension for each level question."""
    dimensions = tuple(Dimension(q.dimension, "all") for q in questions if q.dimension)
    return Rubric(
        id=id,
        pillars=(Pillar("all"),),
        dimensions=dimensions or (Dimension("none", "all"),),
        questions=tuple(questions),
        bands=(Band("low", None), Band("high", Fraction(scoring.lowest + 1))),
        gates=(),
        scoring=scoring,
    )


@st.composite
def newer(draw: Draw, old: Rubric, number: int) -> tuple[Rubric, VersionMap]:
    """Make up a version after *old*, and the map: each earlier question meets some fate."""
    making = Making(number)
    scoring = draw(st.one_of(st.just(old.scoring), scales()))
    waiting = list(old.questions)
    while waiting:
        question = waiting.pop(0)
        fate = draw(st.sampled_from([*Change, "retired"]))
        partners = [each for each in waiting if each.kind is question.kind]
        if fate == "retired":
            making.retired.append(question.id)
        elif fate is Change.SAME or fate is Change.NEW:
            making.add(question, Origin(Change.SAME, (question.id,)))
        elif fate is Change.REWORDED:
            kind = draw(st.sampled_from([question.kind, *Kind]))
            making.add(draw(questions(question.id, kind)), Origin(Change.REWORDED, (question.id,)))
        elif fate is Change.SPLIT:
            for _ in range(2):
                part = draw(questions(making.id_from(question.id), question.kind))
                making.add(part, Origin(Change.SPLIT, (question.id,)))
        elif fate is Change.MERGED and partners:
            partner = draw(st.sampled_from(partners))
            waiting.remove(partner)
            sources = (question.id, partner.id)
            whole = draw(questions(making.id_from(*sources), question.kind))
            making.add(whole, Origin(Change.MERGED, sources, take=draw(st.sampled_from(Take))))
        else:
            becomes = draw(questions(making.id_from(question.id), draw(st.sampled_from([question.kind, *Kind]))))
            counterparts = st.sampled_from([None, *becomes.options, *scoring.levels])
            options = {str(each): draw(counterparts) for each in (*old.scoring.levels, *question.options)}
            making.add(becomes, Origin(Change.OPTIONS, (question.id,), options))
    for _ in range(draw(st.integers(0 if making.questions else 1, 2))):
        making.add(draw(questions(making.id_from("new"), draw(st.sampled_from(Kind)))), NEW)
    ordered = draw(st.permutations(making.questions))
    map = VersionMap(old.id, making.origins, tuple(making.retired))
    return rubric_of(str(number), ordered, scoring), map


def answers_to(rubric: Rubric) -> st.SearchStrategy[dict[str, Answer]]:
    """Make up answers to some of the questions."""
    return st.fixed_dictionaries({}, optional={question.id: _answer(rubric, question) for question in rubric.questions})


def notes_on(rubric: Rubric) -> st.SearchStrategy[dict[str, str]]:
    """Make up notes on some of the questions."""
    return st.fixed_dictionaries({}, optional={question.id: notes for question in rubric.questions})


def _answer(rubric: Rubric, question: Question) -> st.SearchStrategy[Any]:
    match question.kind:
        case Kind.LEVEL:
            marks = [Mark.NOT_SURE, Mark.NOT_APPLICABLE] if question.not_applicable else [Mark.NOT_SURE]
            return st.sampled_from([*rubric.scoring.levels, *marks])
        case Kind.SINGLE:
            return st.sampled_from(question.options)
        case Kind.MULTIPLE:
            offered = [*question.options, *([f"{OTHER}kiwi"] if question.other else [])]
            return st.lists(st.sampled_from(offered), unique=True).map(tuple)
        case Kind.MATRIX:
            pairs = st.dictionaries(st.sampled_from(question.rows), st.sampled_from(question.options), min_size=1)
            return pairs.map(lambda chosen: tuple(chosen.items()))
        case Kind.NUMBER:
            return st.integers(-5, 1000)
        case Kind.SHORT_TEXT:
            return st.text("xyz", min_size=1, max_size=5)
