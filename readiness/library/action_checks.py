"""What must be true of the action library of a rubric version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from readiness.library.findings import Finding, Findings
from readiness.library.rubric_checks import repeated
from readiness.library.rubric_files import ActionForm, RubricForm


def check_actions(form: RubricForm, actions: list[ActionForm]) -> Findings:
    """Yield what is wrong with ``actions.yaml`` beyond its form."""
    yield from repeated("actions", (action.id for action in actions))
    scale = form.scoring.scale
    steps = [(d.id, level) for d in form.dimensions for level in range(scale.lowest, scale.highest)]
    found = Counter((action.dimension, action.from_level) for action in actions)
    for dimension, level in steps:
        if found[dimension, level] != 1:
            times = found[dimension, level]
            remedy = "write the action of this step" if not times else "keep one of them"
            yield Finding("actions", f"step {dimension} {level}-{level + 1} has {times} actions: each has one", remedy)
    for action in actions:
        yield from _action(action, [dimension.id for dimension in form.dimensions], range(scale.lowest, scale.highest))
        for id in action.prerequisites:
            if id not in {each.id for each in actions}:
                problem = f"there is no action {id}"
                yield Finding(f"actions.{action.id}.prerequisites", problem, "name one of this file, or remove it")
    yield from _loops(actions)


def _action(action: ActionForm, dimensions: list[str], steps: range) -> Findings:
    where = f"actions.{action.id}"
    if action.dimension not in dimensions:
        problem = f"there is no dimension {action.dimension}: no step for it"
        yield Finding(f"{where}.dimension", problem, f"one of {', '.join(dimensions)}")
    elif action.from_level not in steps:
        remedy = f"steps start from level {steps.start} to {steps.stop - 1}"
        yield Finding(f"{where}.from", f"there is no step from level {action.from_level}", remedy)
    if action.to_level != action.from_level + 1:
        problem = f"{action.from_level} to {action.to_level} is no step of one level"
        yield Finding(f"{where}.to", problem, f"write to: {action.from_level + 1}")
    if action.spend.hkd[0] > action.spend.hkd[1]:
        yield Finding(f"{where}.spend.hkd", "the highest estimate comes first", "write the lowest first")
    if (action.spend.buys == "none") != (action.spend.hkd[1] == 0):
        problem = f"for: {action.spend.buys} with at most {action.spend.hkd[1]} HKD"
        yield Finding(f"{where}.spend", problem, "for: none goes with [0, 0], and only with it")


def _loops(actions: Iterable[ActionForm]) -> Findings:
    before = {action.id: set(action.prerequisites) for action in actions}
    steps = {(action.dimension, action.from_level): action.id for action in actions}
    for action in actions:
        lower = steps.get((action.dimension, action.from_level - 1))
        if lower is not None:
            before[action.id].add(lower)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        asked = {action.id: action.prerequisites for action in actions}
        # An action needs the step below it anyway: the one to mend is that which names another.
        guilty = next((b for a, b in pairwise(circle) if a in asked[b]), circle[0])
        problem = "prerequisites go in a circle: " + " -> ".join(circle)
        yield Finding(f"actions.{guilty}.prerequisites", problem, "remove one; a step needs the one below it anyway")
