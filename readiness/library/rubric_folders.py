"""Writing a rubric version as a folder of files: the other way round, and without loss."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from readiness.core.languages import Language
from readiness.library.form_shape import inside, keys_of
from readiness.library.map_files import MapForm
from readiness.library.rubric_files import ActionsForm, RubricForm
from readiness.library.rubric_texts import Texts
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblem, FileProblems
from readiness.library.yaml_writing import yaml_text

FORMS = {"rubric": RubricForm, "actions": ActionsForm, "map": MapForm}


def write_rubric_folder(version: RubricVersion, folder: Path) -> None:
    """Write *version* to a new or empty folder, wholly or not at all.

    :raises FileProblems: if something is there already.
    """
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        remedy = "name a folder that does not exist or is empty"
        raise FileProblems([FileProblem(folder, "", "is there already and is not empty", remedy=remedy)])
    if not folder.absolute().parent.is_dir():
        raise FileProblems([FileProblem(folder.absolute().parent, "", "is no folder", remedy="make it first")])
    unfinished = Path(mkdtemp(prefix=".readiness-", dir=folder.absolute().parent))
    try:
        for name, content in files_of(version).items():
            (unfinished / name).write_text(content, "utf-8", newline="\n")
        unfinished.chmod(0o755)
        unfinished.replace(folder.absolute())
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def files_of(version: RubricVersion) -> dict[str, str]:
    """Return the files of a version by name: each with the keys in the order of its form."""
    document = version.document
    english = version.texts[Language.EN]
    parts = {name: value for name, value in document.items() if name != "texts"}
    found = {name: _in_order(value, FORMS.get(name)) for name, value in parts.items()}
    if "map" in found:
        origins = found["map"]["questions"]
        asked = [question.id for question in version.rubric.questions if question.id in origins]
        found["map"]["questions"] = {id: origins[id] for id in asked}
    ranks = _ranks(english)
    found |= {language: _as_english(texts, ranks, "") for language, texts in document["texts"].items()}
    return {f"{name}.yaml": f"# Rubric {version.id}: {name}\n{yaml_text(content)}" for name, content in found.items()}


def _in_order(value: Any, form: Any) -> Any:
    """Return *value* with the keys of each mapping in the order of its form; a stored document has sorted ones."""
    if isinstance(value, list):
        return [_in_order(item, inside(form, 0)) for item in value]
    if not isinstance(value, Mapping):
        return value
    places = {key: place for place, key in enumerate(keys_of(form))}
    ordered = sorted(value, key=lambda key: (places.get(key, len(places)), _number(key)))
    return {key: _in_order(value[key], inside(form, key)) for key in ordered}


def _as_english(texts: Any, ranks: Mapping[str, int], above: str) -> Any:
    if not isinstance(texts, Mapping):
        return texts
    ordered = sorted(texts, key=lambda key: ranks.get(above + key, len(ranks)))
    return {key: _as_english(texts[key], ranks, f"{above}{key}.") for key in ordered}


def _ranks(english: Texts) -> dict[str, int]:
    """Return the place of each key, and of each part of one, among the English texts."""
    ranks: dict[str, int] = {}
    for place, key in enumerate(english):
        parts = key.split(".")
        for length in range(1, len(parts) + 1):
            ranks.setdefault(".".join(parts[:length]), place)
    return ranks


def _number(key: str) -> int:
    return int(key) if key.isascii() and key.isdecimal() else 0
