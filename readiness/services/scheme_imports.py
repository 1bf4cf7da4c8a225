"""Schemes edited as files: brought in by the same rules as what is changed at the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from readiness.library.catalogues import CatalogueVersion, catalogue_from, days_ahead
from readiness.library.merging import SUPPORT, Difference, differences, merge, part_of
from readiness.library.yaml_files import FileProblem, FileProblems
from readiness.models import StoredCatalogue
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.schemes_desk import in_turn
from readiness.services.site_catalogue import IMPORT, Head, changed_parts, head, record, with_digest


@dataclass(frozen=True, slots=True)
class Change:
    """What an import changes of one scheme, or of the support matrix."""

    part: str
    differences: tuple[Difference, ...]


def preview(folder: CatalogueVersion, origin: str | None) -> list[Change]:
    """Return what an import would change now.

    :param origin: the digest of the catalogue that the folder was written from, if it says.
    :raises FileProblems: with everything that stands against it.
    """
    db.session.rollback()
    present = head(db.session)
    return _changes(present.version, _merged(db.session, present, folder, origin))


def bring_in(actor: Actor, folder: CatalogueVersion, origin: str | None, reason: str = "") -> list[Change]:
    """Bring in what was edited as files, and return what it changed.

    :raises NotAllowed: if the actor may not change schemes.
    :raises FileProblems: with everything that stands against it; nothing is changed then.
    """
    actor.must(Capability.EDIT_SCHEMES)
    made: list[Change] = []

    def apply(session: Session, present: Head) -> int:
        merged = _merged(session, present, folder, origin)
        made[:] = _changes(present.version, merged)
        if not made:
            return present.number
        only = made[0].part if len(made) == 1 else None
        return record(session, present, merged, IMPORT, scheme=only, account=actor.id, reason=reason).number

    in_turn(apply)
    return made


def _merged(session: Session, present: Head, folder: CatalogueVersion, origin: str | None) -> CatalogueVersion:
    problems = [
        FileProblem(f"schemes/{id}.yaml", "", "is missing: a scheme that ended is closed, not removed")
        for id in present.version.forms
        if id not in folder.forms
    ]
    document = folder.document
    if origin is not None:
        if session.get(StoredCatalogue, origin) is None:
            problem = "names no catalogue of this site: remove the file to compare with what is in force"
            raise FileProblems([FileProblem("ORIGIN.sha256", "", problem)])
        found = merge(with_digest(session, origin).document, present.version.document, folder.document)
        document = found.document
        problems += [
            FileProblem(_file_of(name), "", "was changed on the site since it was exported: export again")
            for name in found.conflicts
        ]
    if problems:
        raise FileProblems(problems)
    merged = catalogue_from(document, where=".")
    ahead = [
        FileProblem(_file_of(name), key, text)
        for name in changed_parts(present.version, merged)
        if name in merged.forms
        for key, text in days_ahead(merged.forms[name], today())
    ]
    if ahead:
        raise FileProblems(ahead)
    return merged


def _changes(before: CatalogueVersion, after: CatalogueVersion) -> list[Change]:
    return [
        Change(name, tuple(differences(part_of(before.document, name), part_of(after.document, name))))
        for name in changed_parts(before, after)
    ]


def _file_of(name: str) -> str:
    return "support.yaml" if name == SUPPORT else f"schemes/{name}.yaml"
