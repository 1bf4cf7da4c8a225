"""A further rubric version in a copy of the rubric folder, made from the one before by what a test wants changed."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.settings import ROOT

LANGUAGES = ("zh-Hant", "zh-Hans")
#: What a new question is made from.
PATTERN = "ml_infrastructure"
NAMES = {
    "genai_risk": ("Generative AI: risk", "生成式 AI：風險", "生成式 AI：风险"),
    "genai_value": ("Generative AI: value", "生成式 AI：價值", "生成式 AI：价值"),
    "genai_deployment": ("Generative AI: use", "生成式 AI：應用", "生成式 AI：应用"),
}
GENAI = tuple(NAMES)
REWORDED = ("In other words: ", "換句話說：", "换句话说：")

Counterparts = Mapping[str, Mapping[str, int | None]]


@cache
def first_version_alone() -> Path:
    """Return a copy of the rubric folder with 2026.1 alone, for the tests that are not about what is newest.

    A later release, which publishes another version, leaves them as they are.
    """
    folder = Path(tempfile.mkdtemp(prefix="readiness-rubric-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return copy_of_rubric(folder / "rubric")


def copy_of_rubric(folder: Path) -> Path:
    """Copy the shipped rubric of 2026.1 and the catalogue to *folder*, and nothing later."""
    shutil.copytree(ROOT / "rubric", folder)
    for path in (folder / "versions").iterdir():
        if path.name != "2026.1":
            shutil.rmtree(path)
    lines = (folder / "PUBLISHED.sha256").read_text().splitlines(keepends=True)
    (folder / "PUBLISHED.sha256").write_text("".join(line for line in lines if line.split()[1:] == ["2026.1"]))
    return folder


def add_version(
    folder: Path,
    number: str = "2026.2",
    before: str = "2026.1",
    *,
    new: Iterable[str] = GENAI,
    retired: Iterable[str] = (),
    reworded: Iterable[str] = (),
    counterparts: Counterparts | None = None,
    gate: bool = False,
    published: bool = True,
    changed_map: Mapping[str, Any] | None = None,
) -> RubricVersion:
    """Write the next version and its map, and return it.

    :param counterparts: questions whose levels are named anew, and the counterpart of each earlier level.
    :param gate: at most Ready while AI governance is below 3.
    :param changed_map: parts of the map that are to be otherwise than they should.
    """
    new, retired, reworded = list(new), list(retired), list(reworded)
    counterparts = counterparts or {}
    parts = {
        name: deepcopy(YAML(typ="safe").load((folder / "versions" / before / f"{name}.yaml").read_text("utf-8")))
        for name in ("rubric", "actions", *LANGUAGES)
    }
    parts["rubric"]["id"] = number
    for id in retired:
        _retire(parts, id)
    for id in [*reworded, *counterparts]:
        _reword(parts, id)
    for id in new:
        _add(parts, id)
    if gate:
        _gate(parts)
    kept = [each["id"] for each in parts["rubric"]["questions"] if each["id"] not in new]
    origins: dict[str, Any] = {id: "reworded" if id in reworded else "same" for id in kept}
    origins |= {id: {"options": dict(each)} for id, each in counterparts.items()} | dict.fromkeys(new, "new")
    parts["map"] = {"format": 1, "from": before, "questions": origins, "retired": retired, **(changed_map or {})}
    path = folder / "versions" / number
    path.mkdir()
    for name, part in parts.items():
        # Every JSON text is YAML too.
        (path / f"{name}.yaml").write_text(json.dumps(part, ensure_ascii=False), "utf-8")
    version = read_rubric_folder(path)
    if published:
        with (folder / "PUBLISHED.sha256").open("a") as lines:
            lines.write(f"{version.digest}  {number}\n")
    return version


def _retire(parts: dict[str, Any], id: str) -> None:
    rubric, actions = parts["rubric"], parts["actions"]
    gone = {action["id"] for action in actions["actions"] if action["dimension"] == id}
    for name in ("dimensions", "questions"):
        rubric[name] = [each for each in rubric[name] if each["id"] != id]
    actions["actions"] = [
        {**each, "prerequisites": [needed for needed in each["prerequisites"] if needed not in gone]}
        for each in actions["actions"]
        if each["id"] not in gone
    ]
    for language in LANGUAGES:
        for name in ("dimensions", "questions"):
            del parts[language][name][id]
        for action in gone:
            del parts[language]["actions"][action]


def _reword(parts: dict[str, Any], id: str) -> None:
    question = next(each for each in parts["rubric"]["questions"] if each["id"] == id)
    question["text"] = REWORDED[0] + question["text"]
    for language, said in zip(LANGUAGES, REWORDED[1:], strict=True):
        texts = parts[language]["questions"][id]
        texts["text"] = said + texts["text"]


def _add(parts: dict[str, Any], id: str) -> None:
    rubric, actions = parts["rubric"], parts["actions"]["actions"]
    english, *others = NAMES[id]
    dimension = next(each for each in rubric["dimensions"] if each["id"] == PATTERN)
    rubric["dimensions"].append({**dimension, "id": id, "name": english})
    question = deepcopy(next(each for each in rubric["questions"] if each["id"] == PATTERN))
    rubric["questions"].append({**question, "id": id, "dimension": id, "text": f"{english}: {question['text']}"})
    for action in [each for each in actions if each["dimension"] == PATTERN]:
        copied = action["id"].replace(PATTERN, id)
        title = f"{english}: {action['title']}"
        actions.append({**deepcopy(action), "id": copied, "dimension": id, "prerequisites": [], "title": title})
        for language, name in zip(LANGUAGES, others, strict=True):
            texts = deepcopy(parts[language]["actions"][action["id"]])
            parts[language]["actions"][copied] = {**texts, "title": f"{name}：{texts['title']}"}
    for language, name in zip(LANGUAGES, others, strict=True):
        texts = parts[language]
        texts["dimensions"][id] = {**texts["dimensions"][PATTERN], "name": name}
        texts["questions"][id] = deepcopy(texts["questions"][PATTERN])
        texts["questions"][id]["text"] = f"{name}：{texts['questions'][PATTERN]['text']}"


def _gate(parts: dict[str, Any]) -> None:
    explanation = "Our rule: at most AI Ready while AI governance is below level 3."
    gate = {"id": "governed", "dimension": "ai_governance", "needs": 3, "limit": "ready", "explanation": explanation}
    parts["rubric"]["gates"] = [*parts["rubric"].get("gates", []), gate]
    said = (
        "我們的規則：人工智能管治低於第 3 級時，最高為 AI 已就緒。",
        "我们的规则：人工智能管治低于第 3 级时，最高为 AI 已就绪。",
    )
    for language, text in zip(LANGUAGES, said, strict=True):
        parts[language].setdefault("gates", {})["governed"] = {"explanation": text}
