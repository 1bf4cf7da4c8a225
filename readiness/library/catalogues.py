"""The catalogue: every scheme file and the support matrix, as one document with a digest of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from unicodedata import category

from pydantic import ValidationError

from readiness.core.eligibility import AllTests, AnyTest, KeyTest, NoTest, ProfileTest, Rule
from readiness.core.facts import DatedValue, Fact, Source
from readiness.core.profile import EMPLOYEES, KEYS, MARKETS, SECTORS
from readiness.core.schemes import Catalogue, Money, Offer, Scheme, Status
from readiness.core.wording import shown
from readiness.library.addresses import names_public_host
from readiness.library.canonical import digest_of
from readiness.library.form_problems import problems_of
from readiness.library.merging import SUPPORT
from readiness.library.scheme_files import DatedForm, SchemeForm, StatusForm, SupportForm, ValueForm
from readiness.library.yaml_files import FileProblem, FileProblems, located, read_yaml

#: Categories of characters that no text of a scheme needs: controls, formats such as a turned order, private ones.
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
OPERATORS = ("equals", "in", "includes_any", "below", "at_least", "at_most")
#: The keys of the profile that are true or false.
FLAGS = ("listed", "business_registration", "incorporated", "subvented", "production_line", "own_rd")
#: What a test of a key may be.
ALLOWED = {
    "sector": f"in: a list of {', '.join(SECTORS)}",
    "markets": f"includes_any: a list of {', '.join(MARKETS)}",
    "employees": f"below or at_least: a whole number; in: a list of {', '.join(EMPLOYEES)}",
    "years": "below, at_least or at_most: a whole number",
}


@dataclass(frozen=True)
class CatalogueVersion:
    """One state of the catalogue: its document, and what it means."""

    document: Mapping[str, Any]
    catalogue: Catalogue
    forms: Mapping[str, SchemeForm]
    support: SupportForm

    @property
    def digest(self) -> str:
        """The digest of the document."""
        return self.catalogue.digest


def read_catalogue_folder(folder: Path) -> CatalogueVersion:
    """Return the catalogue of a rubric folder: ``schemes/*.yaml`` and ``support.yaml``.

    :raises FileProblems: with everything that is wrong with it.
    """
    problems: list[FileProblem] = []
    schemes: dict[str, Any] = {}
    support: Any = None
    for path in sorted((folder / "schemes").glob("*.yaml")):
        try:
            schemes[path.stem] = read_yaml(path)
        except FileProblems as error:
            problems += error.problems
    try:
        support = read_yaml(folder / "support.yaml")
    except FileProblems as error:
        problems += error.problems
    if problems:
        raise FileProblems(located(problems))
    try:
        return catalogue_from({"schemes": schemes, "support": support}, where=str(folder))
    except FileProblems as error:
        raise FileProblems(located(error.problems)) from None


def catalogue_from(
    document: Mapping[str, Any], where: str = "document", *, checked_before: bool = False
) -> CatalogueVersion:
    """Return the catalogue that *document* holds.

    :param checked_before: whether it was accepted once; then only its form is looked at.
    :raises FileProblems: with everything that is wrong with it.
    """
    problems: list[FileProblem] = []
    forms: dict[str, SchemeForm] = {}
    schemes: dict[str, Scheme] = {}
    for id, data in sorted(document["schemes"].items()):
        path = f"{where}/schemes/{id}.yaml"
        try:
            forms[id] = SchemeForm.model_validate(data)
            if not checked_before:
                problems += [FileProblem(path, key, text) for key, text in _check(id, forms[id])]
            if not any(problem.path == path for problem in problems):
                schemes[id] = _scheme(forms[id])
        except ValidationError as error:
            problems += problems_of(path, error, SchemeForm, data)
    support = None
    try:
        support = SupportForm.model_validate(document["support"])
    except ValidationError as error:
        problems += problems_of(f"{where}/support.yaml", error, SupportForm, document["support"])
    if support is not None:
        kinds_of = {id: form.kind for id, form in forms.items()}
        known = {*document["schemes"]}
        problems += [FileProblem(f"{where}/support.yaml", *each) for each in _check_support(support, known, kinds_of)]
    if problems or support is None:
        raise FileProblems(problems)
    matrix = {band: {kind: tuple(ids) for kind, ids in kinds.items()} for band, kinds in support.bands.items()}
    return CatalogueVersion(document, Catalogue(digest_of(document), schemes, matrix), forms, support)


def _check_support(
    support: SupportForm, known: Collection[str], kinds_of: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the matrix: a scheme without a file, of another kind, or named twice.

    :param known: the schemes that have a file.
    :param kinds_of: the kind of each of them whose file is right.
    """
    for band, kinds in support.bands.items():
        for kind, ids in kinds.items():
            for place, id in enumerate(ids, start=1):
                where = f"bands.{band}.{kind}.{place}"
                if id not in known:
                    yield where, f"there is no scheme {id}: remove it, or write schemes/{id}.yaml"
                elif kinds_of.get(id, kind) != kind:
                    yield where, f"{id} is a scheme of kind {kinds_of[id]}: move it there"
                elif id in ids[: place - 1]:
                    yield where, f"{id} stands twice: keep one"


def days_ahead(form: SchemeForm, day: date) -> Iterator[tuple[str, str]]:
    """Yield what a record says to have been seen, published or checked after *day*: only a start may lie ahead."""
    today = day.isoformat()
    dated: list[tuple[str, DatedForm]] = [
        *((f"facts.{id}", value) for id, fact in form.facts.items() for value in fact.values),
        *(("statuses", status) for status in form.statuses),
    ]
    said = [
        *(
            (f"{key}.{name}", getattr(each, name))
            for key, each in dated
            for name in ("known_in_force_by", "announced", "last_seen")
        ),
        *((f"sources.{id}.dated", source.dated) for id, source in form.sources.items()),
        ("ended.known_by", form.ended.known_by if form.ended else None),
        ("newest_source", form.newest_source),
        ("checked_on", form.checked_on),
    ]
    for key, value in said:
        if value is not None and value > today:
            yield key, f"{value} lies ahead of {today}: only since, and the day on which a scheme ends, may"


def _check(id: str, form: SchemeForm) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a scheme beyond the form of its file."""
    if form.id != id:
        yield "id", f"is {form.id}, but the file is called {id}.yaml: give both the same name"
    if id == SUPPORT:
        yield "id", f"{SUPPORT} is what the support matrix is called: choose another"
    yield from _check_letters((), form.model_dump(by_alias=True))
    for key, line in _with_sources(form):
        if line not in form.sources:
            yield key, f"its source {line} is not among the sources: write it there, or name another"
    yield from _check_sources(form)
    for key, fact in form.facts.items():
        for place, value in enumerate(fact.values, start=1):
            yield from _check_dates(f"facts.{key}.values.{place}", value)
            yield from _check_value(f"facts.{key}.values.{place}", fact.unit, value)
        yield from _check_order(f"facts.{key}", fact.values)
    for place, status in enumerate(form.statuses, start=1):
        yield from _check_dates(f"statuses.{place}", status)
    yield from _check_order("statuses", form.statuses)
    yield from _check_rules(form)
    yield from _check_money(form)
    if form.where.href is not None and not names_public_host(form.where.href):
        yield "where.href", f"{form.where.href!r:.80} names no public host: write the page's address, or null"
    if form.checked_on is not None and form.newest_source and form.checked_on < form.newest_source:
        yield "checked_on", f"is before the newest source, {form.newest_source}: compare it again, or write null"


def _check_rules(form: SchemeForm) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for place, rule in enumerate(form.eligibility, start=1):
        if rule.id in seen:
            yield f"eligibility.{place}.id", f"{rule.id} stands twice: give one of them another id"
        seen.add(rule.id)
        try:
            read_test(rule.test)
        except ValueError as error:
            yield f"eligibility.{rule.id}.test", str(error)


def _check_money(form: SchemeForm) -> Iterator[tuple[str, str]]:
    if form.money is None:
        return
    for key, id, units in (("share", form.money.share, ("share",)), ("cap", form.money.cap, ("HKD", "HKD_per_month"))):
        if id is not None and id not in form.facts:
            yield f"money.{key}", f"there is no fact {id}: write it under facts, or name another"
        elif id is not None and form.facts[id].unit not in units:
            yield f"money.{key}", f"the fact {id} is counted in {form.facts[id].unit}: name one in {' or '.join(units)}"


def _check_letters(path: tuple[str, ...], content: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts with characters that cannot be seen or that turn the order of reading around."""
    if isinstance(content, str):
        if any(category(letter) in UNSEEN for letter in content):
            yield ".".join(path), "holds a character that cannot be seen: write it anew"
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _check_letters((*path, str(key)), value)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _check_letters((*path, str(index)), value)


def _check_order(key: str, values: Sequence[DatedForm]) -> Iterator[tuple[str, str]]:
    starts = [value.since or value.known_in_force_by for value in values]
    dated = [start for start in starts if start is not None]
    if dated != sorted(dated, reverse=True):
        yield key, f"the newest stands first, but the values start on {', '.join(dated)}"
    twice = {start for start in dated if dated.count(start) > 1}
    if twice:
        yield key, f"two values start on {', '.join(sorted(twice))}"


def _check_sources(form: SchemeForm) -> Iterator[tuple[str, str]]:
    for key, source in form.sources.items():
        if source.href is not None and not names_public_host(source.href):
            yield f"sources.{key}.href", f"{source.href!r:.80} names no public host"
        if source.href is None and not source.no_href:
            yield f"sources.{key}", "without href it needs no_href: the reason"
        if source.dated is not None and not _names_a_day(source.dated):
            yield f"sources.{key}.dated", f"{source.dated} is no date"
        if source.dated is None and not source.undated:
            yield f"sources.{key}", "without dated it needs undated: the reason"


def _names_a_day(text: str) -> bool:
    """Return whether a day, a month or a year is one of the calendar."""
    try:
        date.fromisoformat(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"[:10])
    except ValueError:
        return False
    return True


def _with_sources(form: SchemeForm) -> Iterator[tuple[str, str]]:
    """Yield the id of every source that a part of the scheme names, with the part's key."""
    parts: list[tuple[str, str | None]] = [
        *(
            (f"facts.{id}.values.{place}.source", value.source)
            for id, fact in form.facts.items()
            for place, value in enumerate(fact.values, start=1)
        ),
        *((f"statuses.{place}.source", status.source) for place, status in enumerate(form.statuses, start=1)),
        *((f"eligibility.{rule.id}.source", rule.source) for rule in form.eligibility),
        *(
            (f"{key}.{place}.source", line.source)
            for key in ("to_show", "prepare", "cautions")
            for place, line in enumerate(getattr(form, key), start=1)
        ),
        *(
            (f"{key}.source", part.source)
            for key in ("lead_time", "ended", "apply_before_spending")
            if (part := getattr(form, key)) is not None
        ),
    ]
    yield from ((key, source) for key, source in parts if source is not None)


def _check_dates(key: str, dated: DatedForm) -> Iterator[tuple[str, str]]:
    given = [name for name in ("since", "known_in_force_by", "announced") if getattr(dated, name) is not None]
    if len(given) > 1:
        yield key, f"has {' and '.join(given)}: keep one of them"
    if not given and dated.undated is None:
        yield key, "without a date it needs undated: the reason"


def _check_value(key: str, unit: str, value: ValueForm) -> Iterator[tuple[str, str]]:
    if unit == "share":
        try:
            right = isinstance(value.value, str) and 0 < Fraction(value.value) <= 1
        except (ValueError, ZeroDivisionError):
            right = False
        if not right:
            yield f"{key}.value", f'{shown(value.value)} is no share: write one above 0 and at most 1, such as "1/2"'
    elif unit == "text":
        if isinstance(value.value, str | int):
            yield f"{key}.value", f"{shown(value.value)} is no text in three languages: write en, zh-Hant and zh-Hans"
    elif not isinstance(value.value, int) or value.value < 0:
        yield f"{key}.value", f"{shown(value.value)} is no whole number of {unit}: write one of 0 or more"


def _scheme(form: SchemeForm) -> Scheme:
    sources = {
        id: Source(id, s.title, s.lang, s.href, s.dated, s.undated, s.evidence) for id, s in form.sources.items()
    }
    nowhere = Source("none", "", "en", None, None, "no source found", "secondary")
    ended = _day(form.ended.on or form.ended.known_by) if form.ended else None
    return Scheme(
        id=form.id,
        kind=form.kind,
        form=form.form,
        offer=Offer(form.offer),
        helps=tuple(form.helps),
        statuses=tuple(_dated(s, Status(s.code), sources.get(s.source or "", nowhere)) for s in form.statuses),
        facts={
            id: Fact(id, f.unit, tuple(_dated(v, v.value, sources[v.source]) for v in f.values), ended)
            for id, f in form.facts.items()
        },
        rules=tuple(Rule(rule.id, read_test(rule.test)) for rule in form.eligibility),
        sources=tuple(sources[id] for id in sorted(sources)),
        ended=ended,
        lead_weeks=form.lead_time.weeks if form.lead_time else None,
        money=Money(form.money.share, form.money.cap, form.money.per, tuple(form.money.pays_for))
        if form.money
        else None,
        checked_on=_day(form.checked_on),
        newest_source=_day(form.newest_source),
    )


def _dated(form: StatusForm | ValueForm, value: Any, source: Source) -> DatedValue:
    return DatedValue(
        value,
        source,
        since=_day(form.since),
        known_in_force_by=_day(form.known_in_force_by),
        announced=_day(form.announced),
        last_seen=_day(form.last_seen),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def read_test(data: Mapping[str, Any]) -> ProfileTest:
    """Return the eligibility test that *data* describes.

    :raises ValueError: if it has another form, or names a key or value that the profile does not have.
    """
    match data:
        case {"all": list(inner)} if len(data) == 1:
            return AllTests(tuple(map(read_test, inner)))
        case {"any": list(inner)} if len(data) == 1:
            return AnyTest(tuple(map(read_test, inner)))
        case {"not": dict(inner)} if len(data) == 1:
            return NoTest(read_test(inner))
        case {"key": str(key), **rest} if len(rest) == 1 and key in KEYS:
            ((operator, value),) = rest.items()
            if operator in OPERATORS and _fits(key, operator, value):
                return KeyTest(key, operator, tuple(value) if isinstance(value, list) else value)
    raise ValueError(_wrong_test(data))


def _wrong_test(data: Any) -> str:
    """Say what is wrong with a test, and what is allowed."""
    if not isinstance(data, Mapping) or "key" not in data:
        keys = f" with {', '.join(map(str, data))}" if isinstance(data, Mapping) and data else ""
        return f"{shown(data)}{keys:.60} is no test: write all, any, not, or key and what it {', '.join(OPERATORS)}"
    key = data["key"]
    if not isinstance(key, str) or key not in KEYS:
        return f"{shown(key)} is no key of the company's profile: name one of {', '.join(KEYS)}"
    rest = {name: value for name, value in data.items() if name != "key"}
    if len(rest) != 1 or next(iter(rest)) not in OPERATORS:
        return f"{key} with {', '.join(map(str, rest)) or 'nothing'} is no test: give one of {', '.join(OPERATORS)}"
    ((operator, value),) = rest.items()
    return f"{key} cannot be tested with {operator}: {shown(value)}; {ALLOWED.get(key, 'equals: true or false')}"


def _fits(key: str, operator: str, value: Any) -> bool:
    if key == "sector":
        return operator == "in" and _among(value, SECTORS)
    if key == "markets":
        return operator == "includes_any" and _among(value, MARKETS)
    if key == "employees":
        whole = operator in ("below", "at_least") and type(value) is int
        return whole or (operator == "in" and _among(value, EMPLOYEES))
    if key == "years":
        return operator in ("below", "at_least", "at_most") and type(value) is int
    return key in FLAGS and operator == "equals" and isinstance(value, bool)


def _among(value: Any, allowed: Collection[str]) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each in allowed for each in value)
