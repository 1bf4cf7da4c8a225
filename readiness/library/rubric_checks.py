"""What must be true of the structure of a rubric version, or it could not be scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from readiness.core.rubric import Kind
from readiness.library.findings import Finding, Findings
from readiness.library.rubric_files import QuestionForm, RubricForm

CHOICES = (Kind.SINGLE, Kind.MULTIPLE, Kind.MATRIX)


def check_rubric(form: RubricForm) -> Findings:
    """Yield what is wrong with ``rubric.yaml`` beyond its form."""
    for name in ("pillars", "dimensions", "questions", "bands", "gates"):
        things = getattr(form, name)
        if not things and name != "gates":
            yield Finding(name, "has no item", "write at least one")
        yield from repeated(name, (thing.id for thing in things))
    yield from _scale(form)
    yield from _bands(form)
    yield from _dimensions(form)
    for question in form.questions:
        yield from _question(form, question)
    yield from _gates(form)


def repeated(name: str, ids: Iterable[str]) -> Findings:
    """Yield the ids of a list that stand in it more than once."""
    for id, times in Counter(ids).items():
        if times > 1:
            yield Finding(f"{name}.{id}", f"stands {times} times", "an id is used once: give the later one another")


def _scale(form: RubricForm) -> Findings:
    scale, scoring = form.scoring.scale, form.scoring
    if scale.lowest >= scale.highest:
        problem = f"the lowest level, {scale.lowest}, is not below the highest, {scale.highest}"
        yield Finding("scoring.scale", problem, "write the lower number as lowest")
    elif not scale.lowest <= scoring.not_sure <= scale.highest:
        remedy = f"write a level from {scale.lowest} to {scale.highest}"
        yield Finding("scoring.not_sure", f"{scoring.not_sure} is no level", remedy)
    if not 0 < Decimal(scoring.minimum_coverage) <= 1:
        remedy = 'write a share above "0" and at most "1"'
        yield Finding("scoring.minimum_coverage", f"{scoring.minimum_coverage} is no share", remedy)


def _bands(form: RubricForm) -> Findings:
    if not form.bands:
        return
    lowest, *others = form.bands
    if lowest.floor is not None:
        problem = f"the first band starts at {lowest.floor}: scores below it have no band"
        yield Finding(f"bands.{lowest.id}", problem, "the first band is the lowest: write floor: null")
    decimals = form.scoring.decimals
    scale = form.scoring.scale
    above, below = Decimal(scale.lowest), f"the lowest level, {scale.lowest}"
    for band in others:
        where = f"bands.{band.id}"
        if band.floor is None:
            yield Finding(where, "has no floor, but is not the lowest band", "write the lowest score in it")
            continue
        floor = Decimal(band.floor)
        if floor <= above:
            remedy = "order the bands from the lowest, each with a higher floor"
            yield Finding(where, f"its floor {band.floor} is not above {below}: a band is empty or overlaps", remedy)
        elif floor > scale.highest:
            remedy = f"write a floor of at most {scale.highest}"
            yield Finding(where, f"its floor {band.floor} is above the highest level: nobody could reach it", remedy)
        elif -int(floor.as_tuple().exponent) > decimals:
            problem = f"its floor {band.floor} has more than {decimals} decimals, which a score never has"
            yield Finding(where, problem, f"round it to {decimals}, or raise scoring.decimals")
        above, below = max(above, floor), f"{band.floor}, where {band.id} starts"


def _dimensions(form: RubricForm) -> Findings:
    pillars = {pillar.id for pillar in form.pillars}
    asked = {question.dimension for question in form.questions if question.kind is Kind.LEVEL}
    for dimension in form.dimensions:
        where = f"dimensions.{dimension.id}"
        if dimension.pillar not in pillars:
            yield Finding(f"{where}.pillar", f"there is no pillar {dimension.pillar}", _one_of(pillars))
        if dimension.id not in asked:
            remedy = "write a question of kind level for it, or remove it"
            yield Finding(where, "has no level question: it could never be scored", remedy)
        if Decimal(dimension.weight) <= 0:
            yield Finding(f"{where}.weight", f"its weight {dimension.weight} is not above 0", 'write "1" or more')
    for id in sorted(pillars - {dimension.pillar for dimension in form.dimensions}):
        yield Finding(f"pillars.{id}", "has no dimension", "put a dimension under it, or remove it")


def _question(form: RubricForm, question: QuestionForm) -> Findings:
    key = f"questions.{question.id}"
    if question.kind is Kind.LEVEL:
        yield from _level_question(form, question)
    elif question.dimension is not None:
        yield Finding(f"{key}.dimension", "only a level question has a dimension", "remove it, or write kind: level")
    elif question.levels:
        yield Finding(f"{key}.levels", "only a level question has levels", "remove them, or write kind: level")
    elif question.not_applicable is not None:
        problem = "only a level question offers not applicable"
        yield Finding(f"{key}.not_applicable", problem, "remove it, or write kind: level")
    if question.kind in CHOICES and len(question.options) < 2:
        yield Finding(f"{key}.options", f"{len(question.options)} options are no choice", "write at least two")
    if question.kind not in CHOICES and question.options:
        yield Finding(f"{key}.options", f"a {question.kind} question has no options", "remove them, or change the kind")
    if (question.kind is Kind.MATRIX) != bool(question.rows):
        remedy = "write rows for a matrix, and for no other kind"
        yield Finding(f"{key}.rows", f"a {question.kind} question has {len(question.rows)} rows", remedy)
    if question.other and question.kind is not Kind.MULTIPLE:
        remedy = "write kind: multiple, or remove other"
        yield Finding(f"{key}.other", f"a {question.kind} question takes no other", remedy)
    yield from repeated(f"{key}.options", (option.id for option in question.options))
    yield from repeated(f"{key}.rows", (row.id for row in question.rows))


def _level_question(form: RubricForm, question: QuestionForm) -> Findings:
    key = f"questions.{question.id}"
    dimensions = [dimension.id for dimension in form.dimensions]
    scale = form.scoring.scale
    levels = [str(level) for level in range(scale.lowest, scale.highest + 1)]
    if question.dimension is None:
        yield Finding(key, "is a level question without a dimension", f"write dimension: {_one_of(dimensions)}")
    elif question.dimension not in dimensions:
        yield Finding(f"{key}.dimension", f"there is no dimension {question.dimension}", _one_of(dimensions))
    for level in levels:
        if level not in question.levels:
            yield Finding(f"{key}.levels.{level}", "is missing", f"the scale has the levels {', '.join(levels)}")
    for level in question.levels:
        if level not in levels:
            yield Finding(f"{key}.levels.{level}", "is no level of the scale", f"allowed: {', '.join(levels)}")
    if question.levels.keys() == set(levels) and list(question.levels) != levels:
        yield Finding(f"{key}.levels", f"stand in the order {', '.join(question.levels)}", "order them from the lowest")
    if Decimal(question.weight) <= 0:
        yield Finding(f"{key}.weight", f"its weight {question.weight} is not above 0", 'write "1" or more')


def _gates(form: RubricForm) -> Findings:
    bands = [band.id for band in form.bands]
    dimensions = [dimension.id for dimension in form.dimensions]
    scale = form.scoring.scale
    for gate in form.gates:
        where = f"gates.{gate.id}"
        if gate.dimension not in dimensions:
            yield Finding(f"{where}.dimension", f"there is no dimension {gate.dimension}", _one_of(dimensions))
        if gate.limit not in bands:
            yield Finding(f"{where}.limit", f"there is no band {gate.limit}", _one_of(bands))
        elif gate.limit == bands[-1]:
            problem = f"{gate.limit} is the highest band: the gate would hold nobody down"
            yield Finding(f"{where}.limit", problem, "name a lower band, or remove the gate")
        if not scale.lowest < gate.needs <= scale.highest:
            problem = f"level {gate.needs} could not be missed or not be reached"
            yield Finding(f"{where}.needs", problem, f"write a level from {scale.lowest + 1} to {scale.highest}")
        if any(question.dimension == gate.dimension and question.not_applicable for question in form.questions):
            problem = f"{gate.dimension} may be not applicable: a gated dimension may not"
            yield Finding(where, problem, "remove not_applicable from its question, or the gate")


def _one_of(ids: Iterable[str]) -> str:
    return "one of " + ", ".join(sorted(ids))
