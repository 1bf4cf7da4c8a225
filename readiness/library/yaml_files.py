"""Reading YAML strictly: plain values only, no repeated keys, a line number for what is wrong."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

LARGEST_FILE = 4 * 1024 * 1024


class FileProblem(ValueError):
    """A file of the rubric or the catalogue cannot be used: where, what is wrong, what to do."""

    def __init__(self, path: Path | str, where: str, problem: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {where}: {problem}" if where else f"{place}: {problem}")
        #: The file.
        self.path = str(path)
        #: The id or key inside it.
        self.where = where
        #: What is wrong, and the remedy.
        self.problem = problem
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

    :raises FileProblem: if it is missing, too large, no YAML, repeats a key or holds an unquoted date.
    """
    try:
        found = path.stat()
        if found.st_size > LARGEST_FILE:
            raise FileProblem(path, "", f"larger than {LARGEST_FILE} bytes")
        content = _parsed(path, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise FileProblem(path, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileProblem(path, "", "is not UTF-8 text") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise FileProblem(path, "", f"no readable YAML: {' '.join(str(error.problem).split())}", line) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise FileProblem(path, "", f"no readable YAML: {type(error).__name__}") from None
    try:
        _refuse_dates(path, content, "")
    except RecursionError:
        raise FileProblem(path, "", "is nested without end") from None
    return content


@lru_cache(maxsize=256)
def _parsed(path: Path, _changed: int, _size: int) -> Any:
    """Return the content of a file that is read again only after it changed; nobody changes what is returned."""
    return YAML(typ="safe").load(path.read_text("utf-8"))


def problems_of(path: Path | str, error: ValidationError) -> list[FileProblem]:
    """Return a problem for each thing that the form of a file does not allow."""
    return [
        FileProblem(path, ".".join(str(part) for part in each["loc"]), f"{each['msg']} (found {each['input']!r:.60})")
        for each in error.errors(include_url=False)
    ]


def _refuse_dates(path: Path, content: Any, where: str) -> None:
    if isinstance(content, date):
        raise FileProblem(path, where, f'an unquoted date: write "{content}"')
    if isinstance(content, dict):
        for key, value in content.items():
            _refuse_dates(path, value, f"{where}.{key}" if where else str(key))
    if isinstance(content, list):
        for index, value in enumerate(content):
            _refuse_dates(path, value, f"{where}[{index}]")
