"""Names of states, kinds and places in the language of the page."""

from __future__ import annotations

from readiness.core.version_numbers import ChangeKind
from readiness.documents.words import Words
from readiness.services.drafts import State


def state_label(state: str, words: Words) -> str:
    """Return the name of a version's state."""
    _ = words.gettext
    return {
        "draft": _("sent back"),
        "candidate": _("candidate"),
        "in_review": _("in review"),
        "published": _("published"),
        "retired": _("retired"),
    }[state]


def step_label(step: str, words: Words) -> str:
    """Return the name of what happened to a version."""
    _ = words.gettext
    return {
        "submitted": _("put in review"),
        "sent_back": _("sent back"),
        "confirmed": _("confirmed and published"),
        "retired": _("retired"),
    }[step]


def translation_label(state: State, words: Words) -> str:
    """Return how a translation stands."""
    _ = words.gettext
    return {
        State.CURRENT: _("current"),
        State.BEHIND: _("behind the English"),
        State.MISSING: _("missing"),
    }[state]


def kind_label(kind: ChangeKind, words: Words) -> str:
    """Return the name of a kind of change."""
    _ = words.gettext
    return {
        ChangeKind.TEXT: _("text: nobody answers by it"),
        ChangeKind.MINOR: _("minor: answers are carried, to be confirmed again"),
        ChangeKind.MAJOR: _("major: a score or a band can change"),
    }[kind]


def part_label(path: str, words: Words) -> str:
    """Return the name of one place of a question, a band, a gate, an action or the policy."""
    _ = words.gettext
    steps = path.partition("/")[2].split(".") if "/" in path else path.split(".")
    if "levels" in steps:
        level = steps[steps.index("levels") + 1]
        return (
            _("Evidence of level %(level)s") % {"level": level}
            if steps[-1] == "evidence"
            else _("Level %(level)s") % {"level": level}
        )
    names = {
        "text": _("Question"),
        "why": _("Why we ask"),
        "example": _("Example"),
        "not_applicable": _("When not applicable"),
        "name": _("Name"),
        "definition": _("Definition"),
        "interpretation": _("What it means"),
        "characteristics": _("How such companies are"),
        "recommendation": _("What to do"),
        "explanation": _("Explanation"),
        "title": _("Title"),
        "first_step": _("First step"),
        "then": _("Then"),
        "role": _("Who does it"),
        "done_when": _("Done when"),
        "basis": _("Where the amount comes from"),
        "weight": _("Weight (1 if empty)"),
        "dimension": _("Dimension"),
        "pillar": _("Pillar"),
        "kind": _("Kind of question"),
        "show_when": _("Shown only when (a condition, as in the files)"),
        "other": _("Takes an answer of one's own"),
        "floor": _("From this score"),
        "needs": _("Needs level"),
        "limit": _("At most this band"),
        "person_days": _("Person-days"),
        "weeks": _("Weeks"),
        "hkd": _("HK$"),
        "for": _("What the money buys"),
        "prerequisites": _("Actions that come before, with commas between"),
        "helps": _("Kinds of support that help, with commas between"),
        "lowest": _("Lowest level"),
        "highest": _("Highest level"),
        "decimals": _("Decimals of the score"),
        "minimum_coverage": _("Smallest share of dimensions with an answer"),
        "not_sure": _("Level that “not sure” counts as"),
        "id": _("Number of the version"),
        "options": _("Options"),
        "rows": _("Rows"),
    }
    if steps[0] in ("method", "guide"):
        list_name = _("Method") if steps[0] == "method" else _("Guide to the levels")
        return f"{list_name} {steps[-1]}"
    if len(steps) > 1 and steps[-2] in ("options", "rows"):
        return f"{names[steps[-2]]}{words.colon}{steps[-1]}"
    return names.get(steps[-1], steps[-1])
