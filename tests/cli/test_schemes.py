"""``readiness schemes check`` and ``schemes show``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCHEMES = Path(__file__).resolve().parents[2] / "rubric" / "schemes"


def test_unchecked_schemes_are_warnings(command: Callable[..., Any]) -> None:
    done = command("schemes", "check")

    *warnings, last = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    assert sorted(line.split(": ")[1] for line in warnings) == sorted(path.stem for path in SCHEMES.glob("*.yaml"))
    assert all(line.startswith("warning: ") for line in warnings)
    assert last.startswith(f"{len(warnings)} schemes: right; {len(warnings)} warnings")


@pytest.mark.parametrize(("day", "warned"), [("2026-04-10", False), ("2026-04-11", True)])
def test_a_check_is_stale_after_ninety_days(
    run: Callable[..., Any], edited: Callable[..., Path], day: str, warned: bool
) -> None:
    folder = edited("schemes/nittp.yaml", lambda scheme: scheme.update(checked_on="2026-01-10"))

    done = run("schemes", "check", "--today", day, rubric=folder)

    lines = [line for line in done.out.splitlines() if line.startswith("warning: nittp: ")]
    assert (done.status, done.err) == (0, "")
    assert [("stale" in line, "2026-01-10" in line) for line in lines] == ([(True, True)] if warned else [])


def test_a_scheme_in_the_matrix_without_a_file_is_refused(run: Callable[..., Any], edited: Callable[..., Path]) -> None:
    folder = edited("support.yaml", lambda support: support["bands"]["aware"]["advisory"].append("nowhere"))

    done = run("schemes", "check", rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert "bands.aware.advisory" in done.err
    assert "nowhere" in done.err


def test_a_missing_catalogue_is_refused(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("schemes", "check", rubric=tmp_path)

    assert (done.status, done.out) == (2, "")
    assert str(tmp_path / "support.yaml") in done.err


@pytest.mark.parametrize(
    ("day", "shown", "not_shown"),
    [
        ("2018-08-22", ["HK$500,000", "2018-09-01"], ["HK$250,000"]),
        ("2023-10-30", ["HK$500,000"], ["HK$250,000"]),
        ("2023-10-31", ["uncertain", "HK$500,000", "HK$250,000", "2023-10-30", "2026-01-09"], []),
        ("2026-01-08", ["uncertain", "HK$500,000", "HK$250,000", "2023-10-30", "2026-01-09"], []),
        ("2026-01-09", ["HK$250,000", "2026-01-10", "https://www.stheadline.com/"], ["HK$500,000", "uncertain"]),
        ("2018-08-21", ["nothing is known"], ["HK$500,000", "HK$250,000"]),
    ],
)
def test_a_scheme_is_shown_as_it_was_on_a_day(
    run: Callable[..., Any], small_rubric: Path, day: str, shown: list[str], not_shown: list[str]
) -> None:
    done = run("schemes", "show", "nittp", "--on", day, rubric=small_rubric)

    (cap,) = [line for line in done.out.splitlines() if line.startswith("Most it pays to one company")]
    assert (done.status, done.err) == (0, "")
    assert day in done.out
    assert [word for word in shown if word not in cap] == []
    assert [word for word in not_shown if word in cap] == []


@pytest.mark.parametrize("id", sorted(path.stem for path in SCHEMES.glob("*.yaml")))
def test_every_scheme_can_be_shown(run: Callable[..., Any], small_catalogue_of: Callable[[str], Path], id: str) -> None:
    folder = small_catalogue_of(id)

    done = run("schemes", "show", id, rubric=folder)

    assert (done.status, done.err) == (0, "")
    assert f"({id})" in done.out.splitlines()[0]
    assert "never" in done.out.splitlines()[-1]


@pytest.fixture
def small_catalogue_of(tmp_path: Path, edited: Callable[..., Path]) -> Callable[[str], Path]:
    """Return a rubric folder whose catalogue holds one scheme of the shipped ones."""

    def only(id: str) -> Path:
        folder = edited("support.yaml", lambda support: support.update(bands={}))
        for path in (folder / "schemes").iterdir():
            path.unlink()
        (folder / "schemes" / f"{id}.yaml").write_bytes((SCHEMES / f"{id}.yaml").read_bytes())
        return folder

    return only


@pytest.mark.parametrize("id", ["nowhere", "NITTP", "../schemes/nittp", "nittp.yaml"])
def test_an_unknown_scheme_is_refused_and_the_known_ones_are_named(
    run: Callable[..., Any], small_rubric: Path, id: str
) -> None:
    done = run("schemes", "show", id, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert id in done.err
    assert "allowed: erb, nittp, pcpd-genai-checklist, sme-reachout" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "option"), [(["check", "--today", "soon"], "--today"), (["show", "nittp", "--on", "soon"], "--on")]
)
def test_a_day_that_is_none_is_refused(
    run: Callable[..., Any], small_rubric: Path, line: list[str], option: str
) -> None:
    done = run("schemes", *line, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert option in done.err
    assert "soon" in done.err
