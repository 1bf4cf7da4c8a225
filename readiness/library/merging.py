"""Bringing together two changed copies of the catalogue, scheme by scheme, and naming what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: What the support matrix is called where schemes are named by their ids; no scheme's file may bear it.
SUPPORT = "support"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merge:
    """What two copies of a catalogue come to."""

    document: dict[str, Any]
    #: What was taken from the other copy.
    taken: tuple[str, ...]
    #: What both changed, each in its own way: ours stands.
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two documents differ; None stands for nothing there."""

    path: tuple[str | int, ...]
    before: Any
    after: Any


def merge(base: Document, ours: Document, theirs: Document) -> Merge:
    """Return *ours* with what *theirs* changed since *base* and we did not.

    A scheme is the smallest thing that is taken: a record whose parts come from two hands is nobody's. What *theirs*
    no longer holds stays, because a scheme that ended is closed, not removed.
    """
    parts = {name: _part(ours, name) for name in names(ours)}
    taken: list[str] = []
    conflicts: list[str] = []
    for name in names(theirs):
        was, here, there = (_part(each, name) for each in (base, ours, theirs))
        if there in (was, here):
            continue
        if here == was:
            parts[name] = there
            taken.append(name)
        else:
            conflicts.append(name)
    return Merge(_document(parts), tuple(taken), tuple(conflicts))


def with_part(document: Document, name: str, part: Any) -> dict[str, Any]:
    """Return *document* with one scheme, or the support matrix, replaced or added."""
    return _document({**{each: _part(document, each) for each in names(document)}, name: part})


def part_of(document: Document, name: str) -> Any:
    """Return one scheme, or the support matrix; None if it is not there."""
    return _part(document, name)


def names(document: Document) -> list[str]:
    """Return the names of all parts: the schemes, then the support matrix."""
    return [*document["schemes"], SUPPORT]


def differences(before: Any, after: Any, path: tuple[str | int, ...] = ()) -> Iterator[Difference]:
    """Yield the places where two plain documents differ, the smallest that say it all."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from differences(before.get(key), after.get(key), (*path, key))
        return
    if isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
        return
    yield Difference(path, before, after)


def _of_lists(before: list[Any], after: list[Any], path: tuple[str | int, ...]) -> Iterator[Difference]:
    """Yield what was put in or taken out; entries that both have at their ends are the same ones."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    left, right = before[first : len(before) - last], after[first : len(after) - last]
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else None
        other = right[index] if index < len(right) else None
        if len(left) == len(right):
            yield from differences(one, other, (*path, first + index))
        else:
            yield Difference((*path, first + index), one, other)


def _part(document: Document, name: str) -> Any:
    return document[SUPPORT] if name == SUPPORT else document["schemes"].get(name)


def _document(parts: Mapping[str, Any]) -> dict[str, Any]:
    schemes = {name: part for name, part in sorted(parts.items()) if name != SUPPORT}
    return {"schemes": schemes, "support": parts[SUPPORT]}
