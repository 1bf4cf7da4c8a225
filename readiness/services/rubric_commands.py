"""What ``readiness rubric`` does: check, diff and export, from folders, and from the database if one is configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from readiness.core.version_numbers import next_number, order
from readiness.library.differences import Difference, differences, highest
from readiness.library.predecessor_checks import unsaid_by_method
from readiness.library.rubric_folders import write_rubric_folder
from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.library.version_checks import check_folder
from readiness.library.yaml_files import FileProblem, FileProblems, located
from readiness.services.commands import find_version, stored_rubrics
from readiness.services.versions import (
    map_problems,
    previous_of,
    published_digests,
    read_version,
    shipped_version,
    unshipped,
    version_folders,
)
from readiness.services.vouching import LIST


def check_rubrics(folder: Path | None, rubric_folder: Path, database: str | None) -> Iterator[str]:
    """Yield a line for each version that is right; without *folder*, for every one on disk.

    :raises FileProblems: with everything that is wrong.
    :raises DigestDiffers: if a published version was edited.
    """
    stored = stored_rubrics(database) if database else []
    listed = published_digests(rubric_folder)
    published = {version.id: version.digest for version in stored} | listed
    known = known_versions(rubric_folder, stored)
    shipped = (rubric_folder / "versions").absolute()
    problems = []
    lines = []
    for path in [folder] if folder else version_folders(rubric_folder):
        try:
            version = _checked(path, published, known, shipped=path.absolute().parent == shipped)
        except FileProblems as error:
            problems += error.problems
            continue
        state = "published" if version.id in published else "candidate"
        counts = f"{len(version.rubric.questions)} questions, {len(version.action_forms)} actions"
        lines.append(f"rubric {version.id}: right; {counts}, {state}, {version.digest}")
        before = previous_of(version.id, known)
        if before is not None and (changed := unsaid_by_method(version, before)):
            said = f"says the same as in {before.id}, though {', '.join(changed)} changed: read it again"
            lines.append(f"{path / 'rubric.yaml'}: method: {said} (this keeps nothing back)")
    for number in [] if folder else unshipped(rubric_folder, listed):
        gone = f"has {number}, but its folder is gone"
        problems.append(FileProblem(rubric_folder / LIST, "", gone, remedy="restore the files of the release"))
    if problems:
        raise FileProblems(problems)
    yield from lines


def diff_rubrics(one: str, other: str, rubric_folder: Path, database: str | None) -> Iterator[str]:
    """Yield what differs between two versions, given by number or folder: the kind first, then each difference.

    :raises FileProblems: if a folder cannot be read.
    :raises VersionUnknown: if there is no such version.
    """
    old, new = (_named(name, rubric_folder, database) for name in (one, other))
    found = differences(old, new)
    kind = highest(found)
    yield f"kind: {kind}"
    if found:
        yield f"number: {next_number(old.id, kind)} follows {old.id}"
    elif old.digest != new.digest:
        yield "nothing differs in meaning; the digests differ by spaces, by the order of keys or by a confirmation"
    for difference in found:
        yield from _lines(difference)


def export_rubric(number: str, folder: Path, rubric_folder: Path, database: str | None) -> str:
    """Write a version as files, and say so.

    :raises FileProblems: if the folder is there already.
    :raises VersionUnknown: if there is no such version.
    """
    version = find_version(rubric_folder, number, database)
    write_rubric_folder(version, folder)
    return f"rubric {version.id}: written to {folder}; {version.digest}"


def known_versions(rubric_folder: Path, stored: Iterable[RubricVersion]) -> list[RubricVersion]:
    """Return the versions that another is compared with: those on disk that can be read, then those in the database."""
    found: dict[str, RubricVersion] = {}
    for path in version_folders(rubric_folder):
        try:
            version = read_rubric_folder(path)
        except FileProblems:
            # It has its own problems, which its own check names.
            continue
        found.setdefault(version.id, version)
    for version in stored:
        found.setdefault(version.id, version)
    return sorted(found.values(), key=lambda version: order(version.id))


def _checked(path: Path, published: dict[str, str], known: list[RubricVersion], *, shipped: bool) -> RubricVersion:
    """Return the version of a folder if it is right; a published one need only be what was published."""
    try:
        version = shipped_version(path, published) if shipped else read_version(path, published)
    except FileProblems:
        if not shipped or path.name not in published:
            # What cannot be used may have more that is wrong.
            check_folder(path, known)
        raise
    if version.id in published:
        return version
    check_folder(path, known)
    if problems := map_problems(version, known, str(path)):
        raise FileProblems(located(problems))
    return version


def _named(name: str, rubric_folder: Path, database: str | None) -> RubricVersion:
    path = Path(name)
    numbered = (rubric_folder / "versions" / name).is_dir() and bool(order(name))
    if path.is_dir() and not numbered:
        return read_rubric_folder(path)
    return find_version(rubric_folder, name, database)


def _lines(difference: Difference) -> Iterator[str]:
    language = f" [{difference.language}]" if difference.language else ""
    start = f"{difference.kind}: {difference.where}{language}"
    match difference.before, difference.after:
        case None, after:
            yield f"{start}: added"
            yield f"  + {_one_line(after)}"
            for part in difference.parts:
                for tongue, text in part.said:
                    yield f"    {part.where}{f' [{tongue}]' if tongue else ''}: {_one_line(text)}"
        case before, None:
            yield f"{start}: removed"
            yield f"  - {_one_line(before)}"
        case before, after:
            yield f"{start}: changed"
            yield f"  - {_one_line(before)}"
            yield f"  + {_one_line(after)}"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
