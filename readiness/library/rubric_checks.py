"""What must be true of a rubric version beyond the form of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from readiness.core.conditions import questions_in
from readiness.core.rubric import Kind
from readiness.library.conditions import read_condition
from readiness.library.rubric_files import ActionForm, QuestionForm, RubricForm
from readiness.library.yaml_files import FileProblem


def check_form(form: RubricForm, actions: list[ActionForm], where: str) -> list[FileProblem]:
    """Return what is wrong with a version: where, what, and the remedy."""
    rubric, library = f"{where}/rubric.yaml", f"{where}/actions.yaml"
    found = [
        *_repeated(form, actions),
        *_scale(form),
        *_bands(form),
        *_dimensions(form),
        *_questions(form),
        *_gates(form),
    ]
    problems = [FileProblem(rubric, id, problem) for id, problem in found]
    return problems + [FileProblem(library, id, problem) for id, problem in _actions(form, actions)]


Found = Iterator[tuple[str, str]]


def _repeated(form: RubricForm, actions: list[ActionForm]) -> Found:
    for name, things in (
        ("pillars", form.pillars),
        ("dimensions", form.dimensions),
        ("questions", form.questions),
        ("bands", form.bands),
        ("gates", form.gates),
        ("actions", actions),
    ):
        for id, times in Counter(thing.id for thing in things).items():
            if times > 1:
                yield f"{name}.{id}", f"stands {times} times: an id is used once"


def _scale(form: RubricForm) -> Found:
    scale = form.scoring.scale
    if scale.lowest >= scale.highest:
        yield "scoring.scale", "the lowest level must be below the highest"
    if not scale.lowest <= form.scoring.not_sure <= scale.highest:
        yield "scoring.not_sure", f"must be a level from {scale.lowest} to {scale.highest}"
    if not 0 < Decimal(form.scoring.minimum_coverage) <= 1:
        yield "scoring.minimum_coverage", 'must be above "0" and at most "1"'


def _bands(form: RubricForm) -> Found:
    if not form.bands or form.bands[0].floor is not None:
        yield "bands", "the first band is the lowest and has floor: null"
        return
    floors = [Decimal(band.floor) if band.floor is not None else None for band in form.bands[1:]]
    decimals = form.scoring.decimals
    previous = Decimal(form.scoring.scale.lowest)
    for band, floor in zip(form.bands[1:], floors, strict=True):
        if floor is None:
            yield f"bands.{band.id}", "only the lowest band has no floor"
        elif floor <= previous:
            yield f"bands.{band.id}", f"its floor {floor} must be above {previous}, or a band is empty"
        elif floor > form.scoring.scale.highest:
            yield f"bands.{band.id}", f"its floor {floor} is above the highest level: nobody could reach it"
        elif -floor.as_tuple().exponent > decimals:  # type: ignore[operator]
            yield f"bands.{band.id}", f"its floor {floor} has more than {decimals} decimals: the score never does"
        previous = floor if floor is not None else previous


def _dimensions(form: RubricForm) -> Found:
    pillars = {pillar.id for pillar in form.pillars}
    asked = {question.dimension for question in form.questions if question.kind is Kind.LEVEL}
    for dimension in form.dimensions:
        if dimension.pillar not in pillars:
            yield f"dimensions.{dimension.id}", f"there is no pillar {dimension.pillar}"
        if dimension.id not in asked:
            yield f"dimensions.{dimension.id}", "no level question belongs to it: it could never be scored"
        if Decimal(dimension.weight) <= 0:
            yield f"dimensions.{dimension.id}", "its weight must be above 0"


def _questions(form: RubricForm) -> Found:
    ids = {question.id for question in form.questions}
    dimensions = {dimension.id for dimension in form.dimensions}
    order = [question.id for question in form.questions]
    for question in form.questions:
        yield from _question(form, question, dimensions)
        if question.show_when is None:
            continue
        try:
            looked_at = questions_in(read_condition(question.show_when))
        except ValueError as error:
            yield f"questions.{question.id}.show_when", str(error)
            continue
        for id in sorted(looked_at):
            if id not in ids:
                yield f"questions.{question.id}.show_when", f"there is no question {id}"
            elif order.index(id) >= order.index(question.id):
                yield f"questions.{question.id}.show_when", f"{id} is not asked before it"


def _question(form: RubricForm, question: QuestionForm, dimensions: set[str]) -> Found:
    key = f"questions.{question.id}"
    if question.kind is Kind.LEVEL:
        scale = form.scoring.scale
        levels = [str(level) for level in range(scale.lowest, scale.highest + 1)]
        if question.dimension not in dimensions:
            yield key, f"there is no dimension {question.dimension}"
        if list(question.levels) != levels:
            yield f"{key}.levels", f"must be {', '.join(levels)}, in this order"
        yield from _same_texts(key, question)
        if Decimal(question.weight) <= 0:
            yield key, "its weight must be above 0"
    elif question.dimension is not None or question.levels:
        yield key, "only a level question has a dimension and levels"
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.MATRIX) and len(question.options) < 2:
        yield f"{key}.options", "a choice needs at least two options"
    if question.kind is Kind.MATRIX and not question.rows:
        yield f"{key}.rows", "a matrix needs rows"


def _same_texts(key: str, question: QuestionForm) -> Found:
    seen: dict[str, str] = {}
    for level, form in question.levels.items():
        words = " ".join(form.text.lower().split())
        if words in seen:
            yield f"{key}.levels.{level}", f"reads the same as level {seen[words]}"
        seen[words] = level


def _gates(form: RubricForm) -> Found:
    bands = {band.id for band in form.bands}
    for gate in form.gates:
        if gate.dimension not in {dimension.id for dimension in form.dimensions}:
            yield f"gates.{gate.id}", f"there is no dimension {gate.dimension}"
        if gate.limit not in bands:
            yield f"gates.{gate.id}", f"there is no band {gate.limit}"
        if not form.scoring.scale.lowest < gate.needs <= form.scoring.scale.highest:
            yield f"gates.{gate.id}", f"level {gate.needs} could not be missed or not be reached"
        if any(q.dimension == gate.dimension and q.not_applicable for q in form.questions):
            yield f"gates.{gate.id}", f"{gate.dimension} may be not applicable: a gated dimension may not"


def _actions(form: RubricForm, actions: list[ActionForm]) -> Found:
    scale = form.scoring.scale
    steps = [(d.id, level) for d in form.dimensions for level in range(scale.lowest, scale.highest)]
    found = Counter((action.dimension, action.from_level) for action in actions)
    for dimension, level in steps:
        if found[dimension, level] != 1:
            yield f"{dimension} {level}-{level + 1}", f"has {found[dimension, level]} actions: each step has one"
    ids = {action.id for action in actions}
    for action in actions:
        if (action.dimension, action.from_level) not in steps or action.to_level != action.from_level + 1:
            yield f"actions.{action.id}", "is no step of one level of a dimension"
        if action.spend.hkd[0] > action.spend.hkd[1]:
            yield f"actions.{action.id}.spend", "the lowest estimate comes first"
        if (action.spend.buys == "none") != (action.spend.hkd[1] == 0):
            yield f"actions.{action.id}.spend", "for: none goes with [0, 0], and only with it"
        for id in action.prerequisites:
            if id not in ids:
                yield f"actions.{action.id}.prerequisites", f"there is no action {id}"
    yield from _loops(actions)


def _loops(actions: Iterable[ActionForm]) -> Found:
    before = {action.id: set(action.prerequisites) for action in actions}
    steps = {(action.dimension, action.from_level): action.id for action in actions}
    for action in actions:
        lower = steps.get((action.dimension, action.from_level - 1))
        if lower is not None:
            before[action.id].add(lower)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        yield "actions", "prerequisites go in a circle: " + " -> ".join(error.args[1])
