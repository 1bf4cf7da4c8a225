"""What a maintainer changes in the schemes: each change is checked like a file, and is a new state of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.library import scheme_edits
from readiness.library.catalogues import CatalogueVersion, catalogue_from, days_ahead
from readiness.library.merging import SUPPORT, Difference, differences, part_of, with_part
from readiness.library.scheme_edits import EditRefused, SourceOf, Start, Three
from readiness.library.yaml_files import FileProblems
from readiness.models import CatalogueConflict
from readiness.services import site_catalogue
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db, writing
from readiness.services.planning import today
from readiness.services.site_catalogue import EDIT, SETTLED, Head, NoCatalogue, SchemeUnknown, head

#: The days that a record may speak of.
EARLIEST = date(1950, 1, 1)
LATEST = date(2100, 12, 31)
#: Characters in the reason of a change.
LONGEST_REASON = 500
#: How often a change is tried that others overtook.
ATTEMPTS = 5

Edit = Callable[[scheme_edits.Data], scheme_edits.Data]


class ChangeRefused(ValueError):
    """A change would break a rule of the catalogue: nothing was changed."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{where}: {problem}" if where else problem for where, problem in problems))
        #: Each place in the record and what is wrong there.
        self.problems = problems


class SchemeChanged(RuntimeError):
    """Somebody else changed this scheme meanwhile: both are shown, and the person chooses."""

    def __init__(self, scheme: str, number: int, meanwhile: list[Difference]) -> None:
        super().__init__(f"{scheme} was changed meanwhile")
        #: The scheme.
        self.scheme = scheme
        #: The number of the newest change, which a second attempt has then seen.
        self.number = number
        #: What differs between what the person saw and what holds now.
        self.meanwhile = meanwhile


def change_fact(
    actor: Actor,
    scheme: str,
    fact: str,
    value: Any,
    *,
    source: SourceOf,
    since: date | None = None,
    known_in_force_by: date | None = None,
    announced: date | None = None,
    checked: bool = True,
    seen: int | None = None,
    reason: str = "",
) -> int:
    """Give a fact a new value from a day on, which may be a later one; the old values stay. Return the change's number.

    :param value: "1/2" for a share, a whole number, or a text in three languages, as the fact's unit asks.
    :param checked: whether the person compared the record with the live page today.
    :param seen: the number of the newest change when the person looked; None overwrites whatever is there.
    :raises NotAllowed: if the actor may not change schemes.
    :raises SchemeUnknown: if there is no such scheme.
    :raises SchemeChanged: if the scheme was changed since.
    :raises ChangeRefused: with everything that is wrong with it.
    """
    start = Start(since, known_in_force_by, announced)

    def edit(data: scheme_edits.Data) -> scheme_edits.Data:
        _check_days(start)
        return _checked(scheme_edits.with_value(data, fact, value, start, source), checked)

    return change(actor, scheme, edit, seen=seen, reason=reason)


def withdraw_value(actor: Actor, scheme: str, fact: str, index: int, *, seen: int, reason: str) -> int:
    """Take back a value of a fact that was never true; the history of changes keeps it, with the reason.

    :param index: its place among the values, from 0, the newest first, when the person looked.
    :raises ChangeRefused: if there is no such value, it is the only one, or no reason is given; else as
        :func:`change_fact`.
    """
    if not reason.strip():
        raise ChangeRefused([("reason", "say why the value was wrong")])
    return change(actor, scheme, lambda data: scheme_edits.without_value(data, fact, index), seen=seen, reason=reason)


def change_status(
    actor: Actor,
    scheme: str,
    code: str,
    *,
    source: SourceOf,
    since: date | None = None,
    known_in_force_by: date | None = None,
    note: Three | None = None,
    checked: bool = True,
    seen: int | None = None,
    reason: str = "",
) -> int:
    """Say from when a scheme is open, announced, unknown and so on; parameters and errors as of :func:`change_fact`."""
    start = Start(since, known_in_force_by)

    def edit(data: scheme_edits.Data) -> scheme_edits.Data:
        _check_days(start)
        return _checked(scheme_edits.with_status(data, code, start, source, note), checked)

    return change(actor, scheme, edit, seen=seen, reason=reason)


def close(
    actor: Actor,
    scheme: str,
    *,
    source: SourceOf,
    on: date | None = None,
    known_by: date | None = None,
    checked: bool = True,
    seen: int | None = None,
    reason: str = "",
) -> int:
    """Say that a scheme takes no applications from a day on; parameters and errors as of :func:`change_fact`."""

    def edit(data: scheme_edits.Data) -> scheme_edits.Data:
        _check_days(Start(on, known_by))
        return _checked(scheme_edits.closed(data, source, on=on, known_by=known_by), checked)

    return change(actor, scheme, edit, seen=seen, reason=reason)


def confirm_checked(actor: Actor, scheme: str, *, seen: int | None = None, reason: str = "") -> int:
    """Say that the record was compared with the live page today, and agrees with it."""
    return change(actor, scheme, lambda data: _checked(data, True), seen=seen, reason=reason)


def edit_texts(
    actor: Actor, scheme: str, texts: Mapping[str, Three], *, seen: int | None = None, reason: str = ""
) -> int:
    """Rewrite texts of a scheme, each in all three languages.

    :param texts: by place, as :func:`readiness.library.scheme_edits.texts_of` names them.
    """
    return change(actor, scheme, lambda data: scheme_edits.with_texts(data, texts), seen=seen, reason=reason)


def change_money(
    actor: Actor, scheme: str, rule: Mapping[str, Any] | None, *, seen: int | None = None, reason: str = ""
) -> int:
    """Say by which of its facts a scheme pays, or that nothing can be computed."""
    return change(actor, scheme, lambda data: scheme_edits.with_money(data, rule), seen=seen, reason=reason)


def change_offer_and_money(
    actor: Actor, scheme: str, offer: str, rule: Mapping[str, Any] | None, *, seen: int | None = None, reason: str = ""
) -> int:
    """Say whether a scheme is recommended, mentioned, or only on record, and by which of its facts it pays."""

    def edit(data: scheme_edits.Data) -> scheme_edits.Data:
        return scheme_edits.with_money(scheme_edits.with_offer(data, offer), rule)

    return change(actor, scheme, edit, seen=seen, reason=reason)


def change_support(
    actor: Actor,
    bands: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    seen: int | None = None,
    reason: str = "",
) -> int:
    """Say which schemes belong to which band, the most fitting first; errors as of :func:`change_fact`.

    :param bands: ids of schemes by band and kind of support; a kind without schemes is left out.
    """
    filled = {band: {kind: list(ids) for kind, ids in kinds.items() if ids} for band, kinds in bands.items()}
    return _change(actor, SUPPORT, lambda data: {**data, "bands": filled}, seen, reason)


def settle(actor: Actor, part: str, *, take_shipped: bool, seen: int | None = None, reason: str = "") -> int:
    """Decide between the site's record and the one that a release ships, where both were changed.

    :param part: a scheme, or "support" for the support matrix.
    :raises SchemeUnknown: if nothing is open there.
    """
    actor.must(Capability.EDIT_SCHEMES)

    def decide(session: Session, present: Head) -> int:
        conflict = session.scalars(
            sa.select(CatalogueConflict)
            .where(CatalogueConflict.scheme_id == part, CatalogueConflict.settled_by.is_(None))
            .order_by(CatalogueConflict.change_number.desc())
            .limit(1)
        ).one_or_none()
        if conflict is None:
            raise SchemeUnknown(part, [each.scheme_id for each in site_catalogue.open_conflicts(session)])
        _compare(session, present, part, seen)
        version = present.version
        if take_shipped:
            shipped = site_catalogue.with_digest(session, conflict.shipped_digest)
            version = _made(present, part, part_of(shipped.document, part))
        made = site_catalogue.record(
            session, present, version, SETTLED, scheme=part, account=actor.id, reason=_reason(reason)
        )
        site_catalogue.settle(session, made.number, part)
        return made.number

    return in_turn(decide)


def change(actor: Actor, scheme: str, edit: Edit, *, seen: int | None = None, reason: str = "") -> int:
    """Change one scheme's record and return the number of the change; without a difference nothing is recorded.

    Errors as of :func:`change_fact`.
    """
    if scheme == SUPPORT:
        raise SchemeUnknown(scheme, list(head(db.session).version.catalogue.schemes))
    return _change(actor, scheme, edit, seen, reason)


def in_turn(work: Callable[[Session, Head], int]) -> int:
    """Do something with the newest state of the catalogue; whoever is overtaken by another change looks again."""
    for attempt in range(ATTEMPTS):
        try:
            with writing() as session:
                return work(session, head(session))
        except sa.exc.IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _change(actor: Actor, part: str, edit: Edit, seen: int | None, reason: str) -> int:
    actor.must(Capability.EDIT_SCHEMES)

    def apply(session: Session, present: Head) -> int:
        data = part_of(present.version.document, part)
        if data is None:
            raise SchemeUnknown(part, list(present.version.catalogue.schemes))
        _compare(session, present, part, seen)
        try:
            new = edit(data)
        except EditRefused as error:
            raise ChangeRefused([(error.where, error.problem)]) from None
        if new == data:
            return present.number
        version = _made(present, part, new)
        made = site_catalogue.record(
            session, present, version, EDIT, scheme=part, account=actor.id, reason=_reason(reason)
        )
        return made.number

    return in_turn(apply)


def _compare(session: Session, present: Head, part: str, seen: int | None) -> None:
    if seen is None or seen == present.number:
        return
    try:
        before = part_of(site_catalogue.at_number(session, seen).document, part)
    except NoCatalogue:
        raise SchemeChanged(part, present.number, []) from None
    meanwhile = list(differences(before, part_of(present.version.document, part)))
    if meanwhile:
        raise SchemeChanged(part, present.number, meanwhile)


def _made(present: Head, part: str, data: Any) -> CatalogueVersion:
    try:
        version = catalogue_from(with_part(present.version.document, part, data), where="catalogue")
    except FileProblems as error:
        prefix = f"catalogue/schemes/{part}.yaml"
        problems = [
            (
                each.where if each.path == prefix else f"{each.path.removeprefix('catalogue/')} {each.where}".strip(),
                f"{each.problem}; {each.remedy}" if each.remedy else each.problem,
            )
            for each in error.problems
        ]
        raise ChangeRefused(problems) from None
    ahead = list(days_ahead(version.forms[part], today())) if part in version.forms else []
    if ahead:
        raise ChangeRefused(ahead)
    return version


def _checked(data: scheme_edits.Data, checked: bool) -> scheme_edits.Data:
    return scheme_edits.checked(data, today()) if checked else data


def _check_days(start: Start) -> None:
    """Refuse starts that are slips of the pen.

    :raises EditRefused: naming the day.
    """
    for name in ("since", "known_in_force_by", "announced"):
        given = getattr(start, name)
        if given is not None and not EARLIEST <= given <= LATEST:
            raise EditRefused(name, f"{given} is no day from {EARLIEST} to {LATEST}")


def _reason(reason: str) -> str:
    text = " ".join(reason.split())
    if len(text) > LONGEST_REASON:
        raise ChangeRefused([("reason", f"has over {LONGEST_REASON} characters")])
    return text
