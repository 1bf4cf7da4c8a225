"""Which rubric versions the site knows: shipped ones are stored at start, then never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from readiness.core.version_numbers import order
from readiness.core.wording import shown
from readiness.library.canonical import canonical
from readiness.library.catalogues import read_catalogue_folder
from readiness.library.map_files import FILE as MAP_FILE
from readiness.library.map_files import check_map
from readiness.library.rubrics import RubricVersion, read_rubric_folder, version_from
from readiness.library.yaml_files import FileProblem, FileProblems, located
from readiness.models import Loaded, StoredRubric
from readiness.services.database import db, now, writing
from readiness.services.digests import RESTORE, read_as_named
from readiness.services.digests import DigestDiffers as DigestDiffers
from readiness.services.site_catalogue import HEAD_DIGEST, receive
from readiness.services.vouching import is_vouched_for, publications
from readiness.services.vouching import published_digests as published_digests

PACKAGE = Path(__file__).resolve().parent.parent
CANDIDATE = "candidate"
PUBLISHED = "published"
RETIRED = "retired"
IN_REVIEW = "in_review"
DRAFT = "draft"
#: What was published once and never changes.
FINAL = (PUBLISHED, RETIRED)


class VersionUnknown(LookupError):
    """There is no rubric version of this number."""

    def __init__(self, number: str, known: list[str]) -> None:
        allowed = ", ".join(known) or "none is loaded"
        super().__init__(f"rubric: there is no version {shown(number)}; allowed: {allowed}")
        #: The versions there are.
        self.known = known


def shipped_versions(folder: Path) -> list[RubricVersion]:
    """Return the rubric versions on disk, oldest first.

    :raises FileProblems: with everything that is wrong with any of them.
    :raises DigestDiffers: if a published one was edited.
    """
    published = published_digests(folder)
    problems: list[FileProblem] = []
    versions = []
    for path in version_folders(folder):
        try:
            versions.append(shipped_version(path, published))
        except FileProblems as error:
            problems += error.problems
    if not problems:
        for version in versions:
            where = str(folder / "versions" / version.id)
            problems += map_problems(version, versions, where, published=version.id in published)
    if problems:
        raise FileProblems(problems)
    return versions


def map_problems(
    version: RubricVersion, known: Iterable[RubricVersion], where: str, *, published: bool = False
) -> list[FileProblem]:
    """Return what is wrong with the map of a version, if it has one.

    It starts from the version before by number, as it must to be published. One that was published keeps the version
    it started from, even if another one came between them since.

    :param known: the versions among which its predecessor is looked for.
    :param where: the folder of the version, for messages.
    """
    if version.map is None:
        return []
    known = list(known)
    named = next((each for each in known if each.id == version.map.before), None)
    if named is None:
        return [FileProblem(f"{where}/{MAP_FILE}", "from", f"there is no version {version.map.before} to map from")]
    previous = None if published else previous_of(version.id, known)
    return check_map(previous or named, version, where)


def previous_of(number: str, known: Iterable[RubricVersion]) -> RubricVersion | None:
    """Return the version before *number*, or None for the first one."""
    earlier = [version for version in known if order(version.id) < order(number)]
    return max(earlier, key=lambda version: order(version.id), default=None)


def version_folders(folder: Path) -> list[Path]:
    """Return the folders of the versions on disk, oldest first; hidden ones, such as an unfinished export, apart."""
    found = [path for path in (folder / "versions").iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: (order(path.name), path.name))


def unshipped(folder: Path, published: Iterable[str]) -> list[str]:
    """Return the published versions that the folder lacks."""
    there = {path.name for path in version_folders(folder)}
    return sorted(set(published) - there, key=lambda number: (order(number), number))


def require_own_number(path: Path, number: str) -> None:
    """See that the folder of a version bears its number.

    :raises FileProblems: if it does not.
    """
    if path.name != number:
        problem = f"is {number}, but the folder is called {path.name}"
        remedy = "a version stands under its number: rename the folder or the id"
        raise FileProblems(located([FileProblem(path / "rubric.yaml", "id", problem, remedy=remedy)]))


def shipped_version(path: Path, published: Mapping[str, str]) -> RubricVersion:
    """Return the rubric version of one folder, which bears its number.

    :raises FileProblems: if it is wrong, or called otherwise than its number.
    :raises DigestDiffers: if it is published and was edited.
    """
    try:
        version = read_version(path, published)
    except FileProblems as error:
        if path.name not in published:
            raise
        edited = FileProblem(path, "", "is published, and was edited", remedy=RESTORE)
        raise FileProblems([edited, *error.problems]) from None
    require_own_number(path, version.id)
    return version


def read_version(path: Path, published: Mapping[str, str]) -> RubricVersion:
    """Return the rubric version of one folder, wherever it is.

    :raises FileProblems: if it is wrong.
    :raises DigestDiffers: if its number is published and it is another one.
    """
    version = read_rubric_folder(path)
    expected = published.get(version.id)
    if expected is not None and version.digest != expected:
        raise DigestDiffers(version.id, expected, version.digest, f"in {path}", RESTORE)
    return version


def load_shipped(folder: Path) -> None:
    """Store what the folder holds and the database lacks, and merge its catalogue into the site's.

    A folder that is byte for byte the one loaded last is not parsed again.

    :raises DigestDiffers: if a published version differs from the stored or the listed one.
    """
    published = published_digests(folder)
    fingerprint = _fingerprint(folder)
    if db.session.get(Loaded, fingerprint) is not None and db.session.scalar(HEAD_DIGEST) is not None:
        _compare_with_stored(published)
        return
    versions = shipped_versions(folder)
    catalogue = read_catalogue_folder(folder)
    with writing() as session:
        for version in versions:
            _store_rubric(session, version, PUBLISHED if version.id in published else CANDIDATE)
        receive(session, session.scalar(sa.select(Loaded.catalogue_digest)), catalogue)
        session.flush()
        session.execute(sa.delete(Loaded))
        session.add(Loaded(fingerprint=fingerprint, catalogue_digest=catalogue.digest, loaded_at=now()))


def current_rubric(session: Session) -> StoredRubric:
    """Return the version that new assessments use: the highest published one, else the newest candidate.

    Every process asks the database: what a second person confirmed is used at once. A row that only calls itself
    published is passed over.

    :raises VersionUnknown: if there is none.
    """
    rows = session.scalars(
        sa.select(StoredRubric)
        .where(StoredRubric.state.in_((PUBLISHED, CANDIDATE)))
        .order_by(StoredRubric.created_at, StoredRubric.number)
    ).all()
    published = [row for row in rows if row.state == PUBLISHED]
    if published:
        rows = [row for row in published if is_vouched_for(session, row)]
    if not rows:
        raise VersionUnknown("any", [])
    return max(rows, key=lambda row: order(row.number)) if published else rows[-1]


def rubric_of(row: StoredRubric) -> RubricVersion:
    """Return the version that a stored row holds; it is read and checked once in each process.

    :raises DigestDiffers: if the document is no longer the one that its digest names, or that two accounts published.
    """
    known = _rubrics.get(row.digest)
    session = object_session(row)
    if known is None and session is not None and not row.released:
        _require_confirmed(session, row.id, row.number, row.digest)
    return known or _read(row.number, row.digest, row.document)


def rubric_with(id: UUID, connection: sa.Connection) -> RubricVersion:
    """Return the version that an assessment names; the database is asked once in each process.

    :raises DigestDiffers: as :func:`rubric_of`.
    """
    if id not in _rubrics_by_id:
        columns = sa.select(StoredRubric.number, StoredRubric.digest, StoredRubric.document, StoredRubric.released)
        row = connection.execute(columns.where(StoredRubric.id == id)).one()
        if not row.released:
            _require_confirmed(connection, id, row.number, row.digest)
        _rubrics_by_id[id] = _read(row.number, row.digest, row.document)
    return _rubrics_by_id[id]


def _require_confirmed(session: Session | sa.Connection, id: UUID, number: str, digest: str) -> None:
    """See that a row's digest was not changed together with its document."""
    publication = publications(session).get(id)
    if publication is not None and publication.digest != digest:
        raise DigestDiffers(number, publication.digest or "", digest, "in the database")


def _read(number: str, digest: str, document: str) -> RubricVersion:
    if digest not in _rubrics:
        _rubrics[digest] = version_from(read_as_named(number, digest, document), where=f"rubric {number}")
    return _rubrics[digest]


# Immutable documents by digest; a site knows a handful of them.
_rubrics: dict[str, RubricVersion] = {}
_rubrics_by_id: dict[UUID, RubricVersion] = {}


def _fingerprint(folder: Path) -> str:
    """Return a mark of every byte that loading depends on: the files, and the code that reads them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    code = sorted(path for name in ("core", "library") for path in (PACKAGE / name).glob("*.py"))
    mark = sha256()
    for root, paths in ((folder, files), (PACKAGE, code)):
        for path in paths:
            content = path.read_bytes()
            mark.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
            mark.update(content)
    return mark.hexdigest()


def _compare_with_stored(published: Mapping[str, str]) -> None:
    rows = db.session.execute(sa.select(StoredRubric.number, StoredRubric.digest).where(StoredRubric.state.in_(FINAL)))
    for number, digest in rows:
        if published.get(number, digest) != digest:
            raise DigestDiffers(number, published[number], digest, "in the database")


def _store_rubric(session: Session, version: RubricVersion, state: str) -> None:
    rows = session.scalars(sa.select(StoredRubric).where(StoredRubric.number == version.id)).all()
    final = next((row for row in rows if row.state in FINAL), None)
    if final is not None:
        if final.digest != version.digest:
            raise DigestDiffers(version.id, final.digest, version.digest, "on disk")
        return
    same = next((row for row in rows if row.digest == version.digest), None)
    if same is not None:
        if state == PUBLISHED:
            same.state, same.released = PUBLISHED, True
        elif same.state == CANDIDATE:
            same.created_at = now()
        return
    session.add(
        StoredRubric(
            number=version.id,
            digest=version.digest,
            state=state,
            document=canonical(version.document),
            created_at=now(),
            released=state == PUBLISHED,
        )
    )
