"""The action library: what a company does to move a dimension up one level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One step of one dimension, without its words."""

    id: str
    dimension: str
    from_level: int
    to_level: int
    #: The company's own working days.
    person_days: int
    #: From start to done.
    weeks: int
    #: Outside spending in HKD, lowest and highest estimate.
    spend: tuple[int, int]
    #: What the outside money buys: none, training, software, equipment, consultancy, compute or staff.
    spend_for: str
    #: Actions that must be done before.
    prerequisites: tuple[str, ...]
    #: Kinds of support that can help.
    helps: tuple[str, ...]


class ActionLibrary:
    """The actions of a rubric version, found by their step."""

    def __init__(self, actions: Iterable[Action], *, day_rate: int) -> None:
        self.by_id: Mapping[str, Action] = {action.id: action for action in actions}
        #: What one person-day is taken to cost, in HKD: a named assumption of the version.
        self.day_rate = day_rate
        self._by_step = {(a.dimension, a.from_level): a for a in self.by_id.values()}

    def raising(self, dimension: str, level: int) -> Action | None:
        """Return the action that raises *dimension* from *level*, or None if there is none."""
        return self._by_step.get((dimension, level))
