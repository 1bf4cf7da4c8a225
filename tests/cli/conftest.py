"""The command line as a real process and, for many inputs, inside this one; and a small rubric that reads fast."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from readiness.cli import main

RUBRIC = Path(__file__).resolve().parents[2] / "rubric"
VERSION = "2026.1"

#: What the small rubric keeps of the shipped one.
DIMENSIONS = ("management_support", "ai_talent", "ai_governance", "data_quality", "reference_data")
SCHEMES = ("erb", "nittp", "pcpd-genai-checklist", "sme-reachout")

DAY = "2026-11-22"


class Outcome(NamedTuple):
    """What a command came to."""

    status: Any
    out: str
    err: str


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Run the installed command as its own process, on a machine without a site."""
    program = Path(sys.executable).with_name("readiness")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("READINESS_")}
    clean["READINESS_INSTANCE_FOLDER"] = str(tmp_path_factory.mktemp("instance"))

    def run(*arguments: object, before: tuple[str, ...] = (), **environment: str) -> Outcome:
        line = [*before, str(program), *map(str, arguments)]
        done = subprocess.run(
            line, capture_output=True, check=False, encoding="utf-8", env={**clean, **environment}, timeout=300
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Run the command in this process, where there is no site. What it would print as a traceback is raised here."""

    nothing = tmp_path_factory.mktemp("instance")

    def run(
        *arguments: object, rubric: Path | None = None, database: str | None = None, instance: Path = nothing
    ) -> Outcome:
        # Encoded as a real process does it: stdout takes no lone surrogate, stderr escapes it.
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", newline="")
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["readiness", *map(str, arguments)])
            patch.setenv("READINESS_INSTANCE_FOLDER", str(instance))
            for name, value in (("READINESS_RUBRIC_FOLDER", rubric), ("READINESS_DATABASE", database)):
                patch.delenv(name, raising=False)
                if value is not None:
                    patch.setenv(name, str(value))
            with pytest.raises(SystemExit) as ended:
                main()
        printed = []
        for stream in (out, err):
            stream.flush()
            printed.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        return Outcome(ended.value.code, *printed)

    return run


@pytest.fixture(scope="session")
def small_rubric(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rubric folder with five of the twelve dimensions and four of the schemes."""
    folder = tmp_path_factory.mktemp("small") / "rubric"
    parts = {name: _read(RUBRIC / "versions" / VERSION / f"{name}.yaml") for name in ("rubric", "actions")}
    parts["rubric"] = _kept_rubric(parts["rubric"])
    parts["actions"] = {"actions": _kept_actions(parts["actions"]["actions"])}
    ids = {
        "pillars": {pillar["id"] for pillar in parts["rubric"]["pillars"]},
        "dimensions": set(DIMENSIONS),
        "questions": set(DIMENSIONS),
        "actions": {action["id"] for action in parts["actions"]["actions"]},
    }
    for language in ("zh-Hant", "zh-Hans"):
        texts = _read(RUBRIC / "versions" / VERSION / f"{language}.yaml")
        for part, kept in ids.items():
            texts[part] = {id: text for id, text in texts[part].items() if id in kept}
        parts[language] = texts
    support = _read(RUBRIC / "support.yaml")
    support["bands"] = {
        band: {kind: [id for id in listed if id in SCHEMES] for kind, listed in kinds.items()}
        for band, kinds in support["bands"].items()
    }
    version = folder / "versions" / VERSION
    version.mkdir(parents=True)
    for name, part in parts.items():
        _write(version / f"{name}.yaml", part)
    (folder / "schemes").mkdir()
    for id in SCHEMES:
        _write(folder / "schemes" / f"{id}.yaml", _read(RUBRIC / "schemes" / f"{id}.yaml"))
    _write(folder / "support.yaml", support)
    return folder


@pytest.fixture
def edited(small_rubric: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a copy of the small rubric (or of another folder) in which one file was changed."""

    def edit(name: str, change: Callable[[Any], Any], of: Path = small_rubric) -> Path:
        folder = tmp_path / "edited"
        if not folder.exists():
            shutil.copytree(of, folder)
        content = _read(folder / name)
        change(content)
        _write(folder / name, content)
        return folder

    return edit


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """Return a company's answers to the shipped rubric: eleven scored dimensions, 27/11."""
    return {
        "rubric": VERSION,
        "company": {"name": "海港食品 Harbour Foods", "sector": "food_beverage", "employees": "10-19", "years": 7},
        "answers": {
            "management_support": 3,
            "ai_literacy": 2,
            "ai_talent": "not_sure",
            "employee_acceptance": 4,
            "experimentation_culture": 3,
            "ai_governance": 2,
            "ai_risk_control": 1,
            "business_use_case": 3,
            "data_quality": 3,
            "reference_data": "not_applicable",
            "ml_infrastructure": 2,
            "data_infrastructure": 3,
        },
    }


@pytest.fixture(scope="session")
def few_answers(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the same company's answers to the small rubric: four scored dimensions, 9/4."""
    return {**answers, "answers": {id: answers["answers"][id] for id in DIMENSIONS}}


@pytest.fixture(scope="session")
def export(
    run: Callable[..., Outcome],
    small_rubric: Path,
    few_answers: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Return a true export under the small rubric, as JSON text."""
    path = tmp_path_factory.mktemp("export") / "answers.json"
    path.write_text(json.dumps(few_answers), "utf-8")
    result = run("score", path, rubric=small_rubric)
    plan = run("plan", path, "--json", "--today", DAY, rubric=small_rubric)
    return json.dumps(exported(few_answers, result.out, plan.out))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of answers: bytes and text as they are, anything else as JSON."""

    def write(content: Any, name: str = "answers.json") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    return write


def exported(answers: dict[str, Any], result: str, plan: str) -> dict[str, Any]:
    """Return what the site exports: the answers, and what ``score`` and ``plan --json`` print for them."""
    made = json.loads(plan)
    return {
        **answers,
        "digest": json.loads(result)["digest"],
        "result": json.loads(result),
        "plan": made,
        "catalogue": {"digest": made["catalogue"], "date": made["today"]},
        "exported_at": f"{DAY}T02:00:00+00:00",
    }


def _kept_rubric(rubric: dict[str, Any]) -> dict[str, Any]:
    dimensions = [each for each in rubric["dimensions"] if each["id"] in DIMENSIONS]
    pillars = {each["pillar"] for each in dimensions}
    return {
        **rubric,
        "pillars": [each for each in rubric["pillars"] if each["id"] in pillars],
        "dimensions": dimensions,
        "questions": [each for each in rubric["questions"] if each["id"] in DIMENSIONS],
    }


def _kept_actions(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [each for each in actions if each["dimension"] in DIMENSIONS]
    ids = {each["id"] for each in kept}
    return [{**each, "prerequisites": [id for id in each["prerequisites"] if id in ids]} for each in kept]


def _read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text("utf-8"))


def _write(path: Path, content: Any) -> None:
    # Every JSON text is YAML too.
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
