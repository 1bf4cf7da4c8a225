"""What a version must not do to the one before it: rename or reuse an id, leave a translation behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from readiness.core.languages import Language
from readiness.core.version_numbers import ChangeKind, is_next, next_number
from readiness.library.differences import Difference, Written, differences, highest
from readiness.library.findings import Finding, Findings
from readiness.library.languages import TRANSLATIONS
from readiness.library.rubric_texts import Texts


@dataclass(frozen=True, slots=True)
class Named:
    """Something with an id: what it is for ever, and how it reads."""

    #: What may not change while it bears this id, such as its dimension.
    identity: str
    #: The English texts by which a renamed one is known.
    texts: tuple[str, ...]


def check_ids(new: Written, earlier: Sequence[Written]) -> Findings:
    """Yield the ids that were renamed since the version before, or that an earlier version used for something else.

    :param earlier: oldest first.
    """
    if not earlier:
        return
    now, before = _named(new), _named(earlier[-1])
    for where, named in now.items():
        known = next((found[where] for version in reversed(earlier) if where in (found := _named(version))), None)
        if known is not None and known.identity != named.identity:
            problem = f"is now {named.identity}, but was {known.identity} in an earlier version"
            yield Finding(where, problem, "an id is never used again for something else: give the new one a new id")
    gone = {where: named for where, named in before.items() if where not in now}
    for where, named in now.items():
        if where in before:
            continue
        for old, candidate in gone.items():
            if old.rpartition(".")[0] == where.rpartition(".")[0] and _reads_as(candidate, named):
                id = old.rpartition(".")[2]
                yield Finding(
                    where, f"reads as {id} did in the version before: an id is never renamed", f"call it {id}"
                )
                break


def stale_texts(new: Written, previous: Written, language: Language) -> list[str]:
    """Return the keys whose English changed since *previous* while the translation did not."""
    english, before = new.texts[Language.EN], previous.texts[Language.EN]
    ours, theirs = new.texts[language], previous.texts[language]
    return [
        key
        for key in english
        if key in before and key in ours and key in theirs
        if _changed(english, before, key) and not _changed(ours, theirs, key)
    ]


def check_translations(
    new: Written, previous: Written, still_right: Mapping[Language, Sequence[str]]
) -> Iterator[tuple[Language, Finding]]:
    """Yield the translations that were made from another English text, and confirmations of nothing.

    :param still_right: the keys whose translation says the same as the new English text, by language.
    """
    for language in TRANSLATIONS:
        stale = stale_texts(new, previous, language)
        confirmed = still_right.get(language, ())
        for key in stale:
            if key not in confirmed:
                problem = "is behind: its English text changed, the translation did not"
                yield language, Finding(key, problem, f"translate it again, or list {key} under still_right")
        for key in confirmed:
            if key not in stale:
                problem = f"{key} is not behind its English text"
                yield language, Finding("still_right", problem, "remove it from the list")


def check_number(number: str, new: Written, previous: Written, previous_number: str) -> Findings:
    """Yield whether the number of a version fits the kind of its change."""
    found = differences(new=new, old=previous)
    # A second person may find that changed translations say the same; then they are texts.
    kinds = {highest(found), highest(each for each in found if not _may_be_text(each))}
    if not found:
        problem = f"says the same as {previous_number}: there is nothing to publish"
        yield Finding("id", problem, "change something, or remove the folder")
    elif not any(is_next(number, previous_number, kind) for kind in kinds):
        kind = highest(found)
        problem = f"is {number}, but follows {previous_number} with a change of kind {kind}"
        reason = next(each for each in found if each.kind is kind)
        remedy = f'number it "{next_number(previous_number, kind)}" ({reason.where} differs)'
        yield Finding("id", problem, remedy)


def unsaid_by_method(new: Written, previous: Written) -> list[str]:
    """Return what the text of the method usually tells and what changed, if nobody touched that text.

    This does not keep a version back: the text may tell none of it.
    """
    if _method(new) != _method(previous):
        return []
    now, before = new.form, previous.form
    compared = {
        "bands": ([(band.id, band.floor) for band in form.bands] for form in (before, now)),
        "dimensions": ({dimension.id for dimension in form.dimensions} for form in (before, now)),
        "gates": ({gate.id: (gate.needs, gate.limit) for gate in form.gates} for form in (before, now)),
        "minimum_coverage": (form.scoring.minimum_coverage for form in (before, now)),
    }
    return [name for name, (one, other) in compared.items() if one != other]


def _method(version: Written) -> list[str]:
    english = version.texts[Language.EN]
    return [" ".join(str(text).split()) for key, text in english.items() if key.startswith("method.")]


def _may_be_text(difference: Difference) -> bool:
    return difference.kind is ChangeKind.MINOR and difference.language in TRANSLATIONS


def _reads_as(one: Named, other: Named) -> bool:
    """Return whether more than half of the texts are the same: of one or two, all of them."""
    same = sum(first == second for first, second in zip(one.texts, other.texts, strict=False))
    return 2 * same > max(len(one.texts), len(other.texts))


def _changed(one: Texts, other: Texts, key: str) -> bool:
    return str(one[key]).split() != str(other[key]).split()


def _named(version: Written) -> dict[str, Named]:
    form, found = version.form, dict[str, Named]()
    for pillar in form.pillars:
        found[f"pillars.{pillar.id}"] = Named("a pillar", _words(pillar.name))
    for dimension in form.dimensions:
        found[f"dimensions.{dimension.id}"] = Named("a dimension", _words(dimension.definition))
    for band in form.bands:
        found[f"bands.{band.id}"] = Named("a band", _words(band.name, band.interpretation))
    for gate in form.gates:
        found[f"gates.{gate.id}"] = Named(f"a gate of {gate.dimension}", _words(gate.explanation))
    for question in form.questions:
        key = f"questions.{question.id}"
        belongs = f" of {question.dimension}" if question.dimension else ""
        levels = (level.text for level in question.levels.values())
        options = (option.text for option in question.options)
        found[key] = Named(f"a {question.kind} question{belongs}", _words(question.text, *levels, *options))
        for part in ("options", "rows"):
            for option in getattr(question, part):
                found[f"{key}.{part}.{option.id}"] = Named(f"one of the {part}", _words(option.text))
    for action in version.action_forms.values():
        step = f"the step {action.dimension} {action.from_level}-{action.to_level}"
        found[f"actions.{action.id}"] = Named(step, _words(action.title, action.first_step))
    return found


def _words(*texts: str) -> tuple[str, ...]:
    return tuple(" ".join(text.casefold().split()) for text in texts)
