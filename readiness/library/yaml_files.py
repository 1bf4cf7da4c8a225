"""Reading the files of a rubric and of the catalogue: plain values, and a line number for what is wrong."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from readiness.library import strict_yaml

LARGEST_FILE = 1024 * 1024


class FileProblem(ValueError):
    """A file of the rubric or the catalogue cannot be used: where, what is wrong, what to do."""

    def __init__(
        self, path: Path | str, where: str, problem: str, line: int | None = None, remedy: str | None = None
    ) -> None:
        place = f"{path}:{line}" if line else str(path)
        said = f"{problem}; {remedy}" if remedy else problem
        super().__init__(f"{place}: {where}: {said}" if where else f"{place}: {said}")
        #: The file.
        self.path = str(path)
        #: The id or key inside it.
        self.where = where
        #: What is wrong.
        self.problem = problem
        #: What to do about it; None where the problem says it.
        self.remedy = remedy
        #: Counted from 1, if known.
        self.line = line


class FileProblems(ValueError):
    """Everything that is wrong with a folder, a line for each."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        #: Every problem that was found.
        self.problems = problems


def read_yaml(path: Path) -> Any:
    """Return the plain content of a YAML file.

    :raises FileProblems: if it is missing, too large, no file, not UTF-8 or no strict YAML.
    """
    try:
        found = path.stat()
        _refuse_what_is_no_file(path, found.st_mode, found.st_size)
        content, faults = _parsed(path, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        raise FileProblems([FileProblem(path, "", "is missing", remedy="write it; export shows its form")]) from None
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise FileProblems([FileProblem(path, "", problem, remedy="put a readable file there")]) from None
    except UnicodeDecodeError as error:
        line = len(error.object[: error.start].split(b"\n"))
        raise FileProblems([FileProblem(path, "", "is not UTF-8 text", line, "save it as UTF-8")]) from None
    if faults:
        raise FileProblems([FileProblem(path, each.where, each.problem, each.line, each.remedy) for each in faults])
    return content


def located(problems: Iterable[FileProblem]) -> list[FileProblem]:
    """Return *problems* with the line of each that names a place in a file, in the order of files and lines.

    The files are read a second time, so that reading what is right keeps no positions.
    """
    found = [_with_line(problem) if problem.where and not problem.line else problem for problem in problems]
    return sorted(found, key=lambda problem: (problem.path, problem.line or 0))


def _with_line(problem: FileProblem) -> FileProblem:
    path = Path(problem.path)
    try:
        found = path.stat()
        line = strict_yaml.line_of(_tree(path, found.st_mtime_ns, found.st_size), problem.where)
    except (OSError, UnicodeDecodeError, strict_yaml.NotStrict, AttributeError):
        # No file (a document of the database), or one whose own problem is told already.
        return problem
    return FileProblem(problem.path, problem.where, problem.problem, line, problem.remedy)


def _refuse_what_is_no_file(path: Path, mode: int, size: int) -> None:
    if stat.S_ISDIR(mode):
        raise FileProblems([FileProblem(path, "", "is a folder", remedy="put a YAML file there")])
    if not stat.S_ISREG(mode):
        raise FileProblems([FileProblem(path, "", "is no file", remedy="put a YAML file there")])
    if size > LARGEST_FILE:
        problem = f"has {size} bytes, more than {LARGEST_FILE}"
        raise FileProblems([FileProblem(path, "", problem, remedy="shorten it")])


@lru_cache(maxsize=256)
def _parsed(path: Path, _changed: int, _size: int) -> tuple[Any, tuple[strict_yaml.Fault, ...]]:
    """Return the content of a file that is read again only after it changed, and what is wrong with its YAML.

    Nobody changes what is returned.
    """
    try:
        return strict_yaml.load(path.read_text("utf-8-sig")), ()
    except strict_yaml.NotStrict as error:
        return None, error.faults


@lru_cache(maxsize=8)
def _tree(path: Path, _changed: int, _size: int) -> Any:
    """Return the tree of a file with problems."""
    return strict_yaml.compose(path.read_text("utf-8-sig"))
