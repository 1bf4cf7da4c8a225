"""Hundreds of wrong files, made by rule from the shipped ones: each is refused by file, line, place and remedy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from readiness.library.yaml_writing import yaml_text
from tests import rubrics

VERSION = "versions/2026.1"
RUBRIC, ACTIONS, HANT, HANS = (f"{VERSION}/{name}.yaml" for name in ("rubric", "actions", "zh-Hant", "zh-Hans"))
NITTP, SUPPORT = "schemes/nittp.yaml", "support.yaml"
FILES = (RUBRIC, ACTIONS, HANT, HANS, NITTP, SUPPORT)

#: A value that stands nowhere else: the line that holds it is the line to be named.
MARK = "MISTAKE-7"
#: Keys that may be left out.
OPTIONAL = {
    *("weight", "dimension", "not_applicable", "levels", "options", "rows", "other", "show_when", "references"),
    *(
        "gates",
        "prerequisites",
        "ended",
        "facts",
        "eligibility",
        "to_show",
        "prepare",
        "lead_time",
        "cautions",
        "money",
    ),
    *("since", "known_in_force_by", "announced", "last_seen", "undated", "no_href", "note"),
}
#: Parts whose source may be left out.
UNSOURCED = ("statuses", "to_show", "prepare", "cautions")
#: Mappings whose keys are ids: none of them is needed.
BY_ID = ("facts", "sources", "bands", "kinds", "levels")

Path_ = tuple[int | str, ...]


class Bad(NamedTuple):
    """One wrong file: which, what it holds, and what must be said about it."""

    name: str
    file: str
    content: Any
    said: tuple[str, ...]
    #: The line that must be named; None where any will do.
    line: int | None = None


def documents() -> dict[str, Any]:
    version = rubrics.document()
    return {
        RUBRIC: version["rubric"],
        ACTIONS: version["actions"],
        HANT: version["texts"]["zh-Hant"],
        HANS: version["texts"]["zh-Hans"],
        NITTP: rubrics.scheme("nittp"),
        SUPPORT: rubrics.support(),
    }


DOCUMENTS = documents()


def spoilt(file: str) -> Iterator[Bad]:
    """Yield files that are no strict YAML, whatever they were before."""
    text = yaml_text(DOCUMENTS[file])
    lines = text.splitlines(keepends=True)
    first = lines[0].split(":")[0]
    end = len(lines) + 1
    quoted = next(place for place, line in enumerate(lines) if line.count('"') == 2 and line.rstrip().endswith('"'))
    cut = "".join(lines[: quoted + 1]).rstrip()[:-1]
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    for name, content, said, line in (
        ("cut off in a text", cut, "no readable YAML", None),
        ("a tab", f"{text}x:\n\ty: 1\n", "tabs", end + 1),
        ("UTF-16", text.encode("utf-16"), "UTF-8", 1),
        ("Latin-1", (text + "# caf\u00e9\n").encode("latin-1", "replace"), "UTF-8", end),
        ("Big5", "x: 守則\n".encode("big5"), "UTF-8", 1),
        ("NUL", f"{text}x: a\x00b\n", "0x0000", end),
        ("a control character", f'{text}x: "a\\x07b"\n', "x: a character that does not print", end),
        ("half a surrogate", f'{text}x: "\\ud800"\n', "x: a character that does not print", end),
        ("a repeated key", f"{text}{lines[0]}" if len(lines[0]) < 40 else f"{text}{first}: x\n", f"key {first}", end),
        ("an anchor", f"{text}x: &x [1]\n", "an anchor, &x", end),
        ("an alias of nothing", f"{text}x: *nothing\n", "'nothing'", end),
        ("an alias of itself", f"{text}x: &x [*x]\n", "an anchor, &x", end),
        ("a bomb of aliases", f"{bomb}{text}", "an anchor, &a9", 10),
        ("a merge", f"{text}<<: {{x: 1}}\n", "<<", end),
        ("nested 5000 deep", f"{text}x: {'[' * 5000}\n", "nested deeper", end),
        ("nested 40 deep", f"{text}x: {'{a: ' * 40}1{'}' * 40}\n", "nested deeper", end),
        ("a number of 5000 digits", f"{text}x: {'9' * 5000}\n", "x: a number of 5000 digits", end),
        ("not a number", f"{text}x: .nan\n", "x: an unquoted .nan", end),
        ("infinity", f"{text}x: [-.inf]\n", "x.1: an unquoted -.inf", end),
        ("a decimal", f"{text}x: 1e3\n", "x: an unquoted 1e3", end),
        ("a hexadecimal number", f"{text}x: 0x1F\n", "x: an unquoted 0x1F", end),
        ("a date", f"{text}x: 2026-01-31\n", "x: an unquoted date", end),
        ("no", f"{text}x: no\n", "x: an unquoted no", end),
        ("a key that is a number", f"{text}1: x\n", "the key 1 is no text", end),
        ("a key that is null", f"{text}~: x\n", "the key ~ is no text", end),
        ("a key that is a list", f"{text}? [a]\n: x\n", "a key that is a list", end),
        ("a tag", f"{text}x: !!python/object/apply:os.system [id]\n", "a YAML tag", end),
        ("two documents", f"{text}---\n{text}", "another document", end),
        ("empty", "", "null", None),
        ("a comment only", "# nothing\n", "null", None),
        ("a list", "- 1\n", "a list", None),
        ("a text", "hello\n", '"hello"', None),
        ("an object that is closed twice", "{a: 1}}\n", "no readable YAML", 1),
        ("5 MB", text + "#" * 5_000_000, "bytes, more than", None),
    ):
        yield Bad(f"{file}: {name}", file, content, (said,), line)


def wrong_type(value: Any) -> tuple[Any, str]:
    """Return a value of another type, and a word that names it."""
    if isinstance(value, dict | list):
        return MARK, MARK
    if isinstance(value, str):
        return [MARK], "a list"
    return [MARK], "a list"


def places(content: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield a place for each key that the file knows: of the items of a list, and of ids, only the first."""
    if isinstance(content, dict):
        ids = (
            [*path[-1:]] and path[-1] in ("facts", "sources", "bands", "kinds", "levels") and isinstance(content, dict)
        )
        for number, (key, value) in enumerate(content.items()):
            if not ids or number == 0:
                yield (*path, key)
                yield from places(value, (*path, key))
    elif isinstance(content, list) and content:
        yield from places(content[0], (*path, 0))


def by_id(path: Path_) -> bool:
    """Return whether the keys of the mapping at a place are ids: of bands, their kinds of support too."""
    return path[-1:] != () and (path[-1] in BY_ID or "bands" in path[-2:-1])


def may_be_missing(path: Path_) -> bool:
    return path[-1] in OPTIONAL or by_id(path[:-1]) or (path[-1] == "source" and path[0] in UNSOURCED)


def shown(content: Any, path: Path_) -> str:
    """Return a place as messages name it: items by their id, or else by their number from 1."""
    steps = []
    for step in path:
        if isinstance(step, int):
            item = content[step]
            steps.append(item["id"] if isinstance(item, dict) and "id" in item else str(step + 1))
            content = item
        else:
            steps.append(step)
            content = content.get(step) if isinstance(content, dict) else None
    return ".".join(steps)


def changed(file: str, path: Path_, deed: Callable[[Any, Any], None]) -> Any:
    content = deepcopy(DOCUMENTS[file])
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    deed(inner, path[-1])
    return content


def line_with(content: Any, word: str) -> int:
    return next(number for number, line in enumerate(yaml_text(content).splitlines(), start=1) if word in line)


def formless(file: str) -> Iterator[Bad]:
    """Yield files in which one value has another type, one key is missing, or one is too many."""
    content = DOCUMENTS[file]
    for path in places(content):
        if "test" in path[:-1] or "show_when" in path[:-1]:
            continue
        where = shown(content, path)
        inner: Any = content
        for step in path:
            inner = inner[step]
        wrong, word = wrong_type(inner)
        turned = changed(file, path, lambda holder, key, wrong=wrong: holder.__setitem__(key, wrong))
        named = where if path[-1] != "id" else ".".join(where.split(".")[:-2])
        yield Bad(f"{file}: {where} of another type", file, turned, (named, word))
        if not may_be_missing(path):
            yield Bad(
                f"{file}: {where} missing",
                file,
                changed(file, path, lambda holder, key: holder.__delitem__(key)),
                (path[-1] if path[-1] == "id" else where.rpartition(".")[2], "missing"),
            )
        if isinstance(inner, dict) and path[-1] not in BY_ID and "bands" not in path[-2:-1]:
            more = changed(file, path, lambda holder, key: holder[key].update({"colour": MARK}))
            yield Bad(f"{file}: {where}.colour", file, more, ("colour",), line_with(more, MARK))


def untranslated(file: str) -> Iterator[Bad]:
    """Yield translations in which every ninth text is missing, empty, English, or stands beside one too many."""
    content = DOCUMENTS[file]
    found = [path for path in leaves(content) if len(path) > 1]
    for number, path in enumerate(found[::9]):
        where = ".".join(map(str, path))
        match number % 4:
            case 0:
                deed, said = (lambda holder, key: holder.__delitem__(key)), "is missing; translate it"
            case 1:
                deed, said = (lambda holder, key: holder.__setitem__(key, " ")), "is no text"
            case 2:
                deed, said = (lambda holder, key: holder.__setitem__(key, 7)), "is no text: 7"
            case _:
                deed, said = (lambda holder, key: holder.__setitem__(key + "x", MARK)), "x: is no text of this rubric"
        yield Bad(f"{file}: {where} {said}", file, changed(file, path, deed), (where, said))


def leaves(content: Any, path: Path_ = ()) -> Iterator[Path_]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def misnamed() -> Iterator[Bad]:
    """Yield files in which something with an id has one that is none, or one that another has."""
    for file, name in ((RUBRIC, n) for n in ("pillars", "dimensions", "questions", "bands")):
        yield from _misnamed(file, name)
    yield from _misnamed(ACTIONS, "actions")
    for id in ("NITTP", "nit tp", "培訓", "nit.tp", "../nittp", "x" * 65, "-nittp", ""):
        content = changed(NITTP, ("id",), lambda holder, key, id=id: holder.__setitem__(key, id))
        yield Bad(
            f"{NITTP}: id {id[:10]!r}", NITTP, content, ("id", f"is {json.dumps(id, ensure_ascii=False)[:40]}"), 1
        )


def _misnamed(file: str, name: str) -> Iterator[Bad]:
    for id in ("With Capitals", "a b", "守則", "a-b", "a.b", "9a", "x" * 65, ""):
        content = changed(file, (name, 1, "id"), lambda holder, key, id=id: holder.__setitem__(key, id))
        said = (name, f"is {json.dumps(id, ensure_ascii=False)[:40]}", "an id is")
        yield Bad(f"{file}: {name} {id[:13]!r}", file, content, said)
    first = DOCUMENTS[file][name][0]["id"]
    twice = changed(file, (name, 1, "id"), lambda holder, key: holder.__setitem__(key, first))
    yield Bad(f"{file}: {name} {first} twice", file, twice, (f"{name}.{first}", "stands 2 times"))


def put(file: str, said: tuple[str, ...], *path: int | str, value: Any) -> Bad:
    """Return a file with another value in one place."""
    content = changed(file, path, lambda holder, key: holder.__setitem__(key, value))
    return Bad(f"{file}: {'.'.join(map(str, path))} is {str(value)[:40]}", file, content, said)


def meaningless() -> Iterator[Bad]:
    """Yield files whose form is right and that mean nothing."""
    yield from _scoring()
    yield from _questions()
    yield from _actions()
    yield from _schemes()


def _scoring() -> Iterator[Bad]:
    for weight in ("0", "0.0", "-1", "1.0000000", "one", "1e3", "", "NaN"):
        yield put(RUBRIC, ("dimensions.ai_governance.weight", weight), "dimensions", 0, "weight", value=weight)
        yield put(RUBRIC, ("questions.ai_governance.weight", weight), "questions", 0, "weight", value=weight)
    for floors, band in (
        (("2.5", "2.5", "4.6"), "ready"),
        (("3.5", "2.5", "4.6"), "ready"),
        (("2.5", "3.5", "5.1"), "competent"),
        (("2.5", "3.5", "3.4"), "competent"),
        (("1", "3.5", "4.6"), "aware"),
        (("2.5", "3.55", "4.6"), "ready"),
        (("2.5", "2.6", "4.6"), "aware"),
    ):
        content = deepcopy(DOCUMENTS[RUBRIC])
        for place, floor in enumerate(floors, start=1):
            content["bands"][place]["floor"] = floor
        yield Bad(f"{RUBRIC}: bands from {floors}", RUBRIC, content, (f"bands.{band}",))
    yield put(RUBRIC, ("bands.unaware", "floor: null"), "bands", 0, "floor", value="1")
    yield put(RUBRIC, ("bands.ready", "no floor"), "bands", 2, "floor", value=None)
    for key, value in (
        ("minimum_coverage", "0"),
        ("minimum_coverage", "1.1"),
        ("not_sure", 0),
        ("not_sure", 6),
        ("decimals", 4),
        ("decimals", -1),
        ("decimals", True),
        ("method", "median"),
        ("rounding", "down"),
        ("scale", {"lowest": 5, "highest": 1}),
        ("scale", {"lowest": -1, "highest": 5}),
        ("scale", {"lowest": 1, "highest": 99}),
    ):
        yield put(RUBRIC, (f"scoring.{key}",), "scoring", key, value=value)
    for key, value in (("dimension", "dance"), ("limit", "dance"), ("limit", "competent"), ("needs", 1), ("needs", 6)):
        yield put(RUBRIC, (f"gates.rule_first.{key}", str(value)), "gates", 0, key, value=value)
    yield put(RUBRIC, ("gates.rule_first", "not applicable"), "gates", 0, "dimension", value="reference_data")
    yield put(RUBRIC, ("dimensions.ai_governance.pillar", "dance"), "dimensions", 0, "pillar", value="dance")
    yield put(RUBRIC, ("questions.ai_governance.dimension", "dance"), "questions", 0, "dimension", value="dance")
    yield put(
        RUBRIC, ("dimensions.ai_governance", "no level question"), "questions", 0, "dimension", value="data_quality"
    )
    for name in ("pillars", "dimensions", "questions", "bands"):
        yield put(RUBRIC, (f"{name}: has no item",), name, value=[])


def _questions() -> Iterator[Bad]:
    questions = {question["id"]: place for place, question in enumerate(DOCUMENTS[RUBRIC]["questions"])}
    levels = DOCUMENTS[RUBRIC]["questions"][0]["levels"]
    without = {level: form for level, form in levels.items() if level != "3"}
    turned = dict(reversed(levels.items()))
    more = {**levels, "6": {"text": "Sixth.", "evidence": "A sixth."}}
    where = "questions.ai_governance.levels"
    yield put(RUBRIC, (f"{where}.3", "is missing"), "questions", 0, "levels", value=without)
    yield put(RUBRIC, (where, "order 5, 4, 3, 2, 1"), "questions", 0, "levels", value=turned)
    yield put(RUBRIC, (f"{where}.6", "no level"), "questions", 0, "levels", value=more)
    same = {**levels, "4": levels["2"]}
    yield put(RUBRIC, (f"{where}.4", "same as level 2"), "questions", 0, "levels", value=same)
    for name, condition, said in conditions():
        place = questions["tools"]
        yield put(
            RUBRIC, ("questions.tools.show_when", said), "questions", place, "show_when", value=condition
        )._replace(name=f"{RUBRIC}: a condition that {name}")
    for key, value in (("options", []), ("options", [{"id": "one", "text": "One"}])):
        yield put(RUBRIC, ("questions.uses_ai.options", "two"), "questions", questions["uses_ai"], key, value=value)
    yield put(RUBRIC, ("questions.comfort.rows", "0 rows"), "questions", questions["comfort"], "rows", value=[])
    yield put(RUBRIC, ("questions.tools.other",), "questions", questions["tools"], "other", value=True)
    yield put(RUBRIC, ("questions.tools.kind",), "questions", questions["tools"], "kind", value="slider")
    yield put(
        RUBRIC, ("questions.tools.dimension",), "questions", questions["tools"], "dimension", value="data_quality"
    )
    for number in ("2026", "2026.1.1.1", "26.1", "v1", "2026.2"):
        yield put(RUBRIC, ("id", number), "id", value=number)
    for href in ("javascript:alert(1)", "data:text/html,x", "//x.test", "file:///etc/passwd", "ftp://x.test", ""):
        yield put(RUBRIC, ("questions.ai_governance.references.1.href", "https://"), *REFERENCE, value=href)
        yield put(NITTP, ("where.href", "https://"), "where", "href", value=href)
    for text in ("", "  ", "\n"):
        yield put(RUBRIC, ("questions.ai_governance.text", "is empty"), "questions", 0, "text", value=text)


REFERENCE = ("questions", 0, "references", 0, "href")


def conditions() -> Iterator[tuple[str, Any, str]]:
    choice = {"question": "uses_ai", "equals": "never"}
    yield "asks nothing", {}, "is no condition"
    yield "is a list of nothing", {"any": []}, "can never hold"
    yield "names no question", {"question": "dance", "equals": 1}, "there is no question dance"
    yield "names itself", {"question": "tools", "at_least": 1}, "tools -> tools"
    yield "names a later one", {"question": "comfort", "equals": 1}, "circle"
    yield "names the last one", {"question": "wish", "equals": "x"}, "circle"
    yield "names no option", {"question": "uses_ai", "equals": "daily"}, "equals daily can never hold"
    yield "tests in another way", {"question": "uses_ai", "includes": "never"}, "can never hold"
    yield "asks for a level too high", {"question": "ai_governance", "at_least": 6}, "at_least 6 can never hold"
    yield "asks for a mark not offered", {"question": "ai_governance", "equals": "not_applicable"}, "can never hold"
    yield "contradicts itself", {"all": [choice, {"not": choice}]}, "can never hold"
    yield "needs a hidden answer", {"all": [choice, {"question": "used_for", "includes": "letters"}]}, "can never hold"
    both = [{"question": "uses_ai", "equals": each} for each in ("never", "sometimes")]
    yield "wants two answers at once", {"all": both}, "can never hold"
    yield "compares with true", {"question": "ai_governance", "equals": True}, "is no condition"
    yield "has a key too many", {**choice, "colour": "blue"}, "is no condition"
    yield "nests what is none", {"not": {"all": [{"colour": "blue"}]}}, "is no condition"


def _actions() -> Iterator[Bad]:
    first, second = (each["id"] for each in DOCUMENTS[ACTIONS]["actions"][:2])
    where = f"actions.{first}"
    for key, value, said in (
        ("dimension", "dance", "there is no dimension dance"),
        ("from", 5, "no step from level 5"),
        ("from", 0, "no step from level 0"),
        ("to", 3, "no step of one level"),
        ("person_days", 0, "at least 1"),
        ("person_days", 61, "at most 60"),
        ("weeks", 0, "at least 1"),
        ("weeks", 53, "at most 52"),
        ("weeks", 1.5, "an unquoted 1.5"),
        ("prerequisites", ["dance"], "there is no action dance"),
        ("prerequisites", [first], "circle"),
        ("prerequisites", [second], "circle"),
        ("helps", ["dancing"], "must be"),
    ):
        yield put(ACTIONS, (where, said), "actions", 0, key, value=value)
    for key, value, said in (
        ("hkd", [2, 1], "lowest first"),
        ("hkd", [0], "at least 2"),
        ("hkd", [0, 1, 2], "at most 2"),
        ("hkd", [-1, 0], "at least 0"),
        ("hkd", [0, 10**17], "for: none"),
        ("for", "gifts", "must be"),
        ("for", "training", "for: training"),
    ):
        yield put(ACTIONS, (f"{where}.spend", said), "actions", 0, "spend", key, value=value)
    missing = changed(ACTIONS, ("actions", 0), lambda holder, key: holder.__delitem__(key))
    step = DOCUMENTS[ACTIONS]["actions"][0]["dimension"] + " 1-2"
    yield Bad(f"{ACTIONS}: a step without its action", ACTIONS, missing, (step, "0 actions"))


def _schemes() -> Iterator[Bad]:
    share = ("facts", "subsidy_rate", "values", 0)
    for value in ("3/2", "0", "-1/2", "1/0", "half", 1, "1.5", {"en": "a", "zh-Hant": "乙", "zh-Hans": "乙"}):
        yield put(NITTP, ("facts.subsidy_rate.values.1.value", "share"), *share, "value", value=value)
    for value in ("250000", -1, {"en": "a", "zh-Hant": "乙", "zh-Hans": "乙"}):
        yield put(NITTP, ("facts.cap.values.1.value", "HKD"), "facts", "cap", "values", 0, "value", value=value)
    for value in (None, True, ["1/2"]):
        yield put(NITTP, ("facts.subsidy_rate.values.1.value", "must be"), *share, "value", value=value)
    yield put(NITTP, ("facts.acronym.values.1.value", "languages"), "facts", "acronym", "values", 0, "value", value="X")
    for day in ("2026-02-30", "2026-13-01", "2026-1-1", "1 January 2026", "0000-01-01"):
        yield put(NITTP, ("facts.subsidy_rate.values.1.known_in_force_by", day), *share, "known_in_force_by", value=day)
        yield put(NITTP, ("sources.itc_2018.dated", day), "sources", "itc_2018", "dated", value=day)
        yield put(NITTP, ("checked_on", day), "checked_on", value=day)
    for path in (("checked_on",), ("newest_source",), ("sources", "itc_2018", "dated"), (*share, "known_in_force_by")):
        where = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path)
        yield put(NITTP, (where, "2099-01-01", "lies ahead"), *path, value="2099-01-01")
    yield put(NITTP, ("checked_on", "newest source"), "checked_on", value="2001-01-01")
    yield put(NITTP, ("facts.subsidy_rate.values.1", "keep one"), *share, "since", value="2026-01-01")
    yield put(NITTP, ("facts.subsidy_rate.values.1", "undated"), *share, "known_in_force_by", value=None)
    yield put(NITTP, ("facts.subsidy_rate.values.1.source", "hearsay"), *share, "source", value="hearsay")
    yield put(NITTP, ("statuses.1.source", "hearsay"), "statuses", 0, "source", value="hearsay")
    yield put(
        NITTP, ("eligibility.business_registration.source", "hearsay"), "eligibility", 0, "source", value="hearsay"
    )
    yield put(NITTP, ("facts.subsidy_rate.unit", "must be"), "facts", "subsidy_rate", "unit", value="percent")
    yield put(NITTP, ("facts.subsidy_rate.values", "at least 1"), "facts", "subsidy_rate", "values", value=[])
    yield put(NITTP, ("sources.itc_2018", "no_href"), "sources", "itc_2018", "href", value=None)
    yield put(NITTP, ("sources.itc_2018", "undated"), "sources", "itc_2018", "dated", value=None)
    for key, value in (("kind", "gifts"), ("form", "gift"), ("offer", "sell")):
        yield put(NITTP, (key, "must be"), key, value=value)
    yield put(NITTP, ("statuses.1.code", "must be"), "statuses", 0, "code", value="ajar")
    for test in (
        {},
        {"key": "shoe_size", "equals": True},
        {"key": "sector", "in": ["fishing"]},
        {"key": "sector", "in": 3},
        {"key": "sector", "in": [[]]},
        {"key": "sector", "in": []},
        {"key": "employees", "in": ["5"]},
        {"key": "employees", "below": "100"},
        {"key": "years", "at_least": True},
        {"key": "listed", "equals": "yes"},
        {"key": "listed", "is": True},
        {"key": "name", "equals": True},
        {"all": [{"not": {"key": ["listed"], "equals": True}}]},
        {"any": {"key": "listed", "equals": True}},
    ):
        yield put(NITTP, ("eligibility.business_registration.test",), "eligibility", 0, "test", value=test)
    rules = [deepcopy(DOCUMENTS[NITTP]["eligibility"][0])] * 2
    yield put(NITTP, ("eligibility.2.id", "twice"), "eligibility", value=rules)
    yield put(NITTP, ("money.share", "there is no fact"), "money", "share", value="hearsay")
    yield put(NITTP, ("money.cap", "counted in weeks"), "money", "cap", value="grant_application_weeks")
    yield put(NITTP, ("lead_time.weeks", "at least 1"), "lead_time", "weeks", value=0)
    matrix = ("bands", "aware", "advisory")
    yield put(SUPPORT, ("bands.aware.advisory.1", "there is no scheme nowhere"), *matrix, value=["nowhere"])
    yield put(SUPPORT, ("bands.aware.advisory.1", "kind skills_and_training"), *matrix, value=["nittp"])
    yield put(SUPPORT, ("bands.aware.advisory.2", "twice"), *matrix, value=["sme-reachout"] * 2)
    yield put(SUPPORT, ("bands.aware.gifts", "must be"), "bands", "aware", "gifts", value=["nittp"])


BAD = [
    *spoilt(RUBRIC),
    # The same reader reads the others: a few of the kinds for each, all kinds among them.
    *(bad for start, file in enumerate(FILES[1:]) for bad in list(spoilt(file))[start :: len(FILES) - 1]),
    *(bad for file in (RUBRIC, ACTIONS, NITTP, SUPPORT) for bad in formless(file)),
    *(bad for file in (HANT, HANS) for bad in untranslated(file)),
    *misnamed(),
    *meaningless(),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rubrics.write_rubric(tmp_path_factory.mktemp("bad") / "rubric")


@pytest.fixture
def spoil(folder: Path) -> Iterator[Callable[[str, Any], Path]]:
    """Change one file; afterwards it is what it was, so that the others need not be read again."""
    before: dict[Path, tuple[bytes, os.stat_result]] = {}

    def spoil(name: str, content: Any) -> Path:
        path = folder / name
        before[path] = (path.read_bytes(), path.stat())
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else yaml_text(content), "utf-8")
        return path

    yield spoil
    for path, (content, found) in before.items():
        path.write_bytes(content)
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def command_for(file: str) -> list[str]:
    return ["rubric", "check"] if file.startswith("versions") else ["schemes", "check"]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: ascii(bad.name)[1:60])
def test_a_bad_file_is_refused_by_line_place_and_remedy(
    run: Callable[..., Any], spoil: Callable[[str, Any], Path], folder: Path, bad: Bad
) -> None:
    path = spoil(bad.file, bad.content)

    done = run(*command_for(bad.file), rubric=folder)

    lines = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert all(line.isprintable() and len(line) < 2000 for line in lines), done.err
    # 60 characters of file names, then place, problem and remedy: in a line of its own.
    found = [line for line in lines if line.startswith(str(path)) and all(word in line for word in bad.said)]
    assert found, done.err
    if bad.line is not None:
        assert any(line.startswith(f"{path}:{bad.line}: ") for line in found), done.err
    for line in found:
        number = re.match(rf"{re.escape(str(path))}:(\d+): ", line)
        assert number is None or 1 <= int(number[1]) <= path.read_bytes().count(b"\n") + 1
        assert ";" in line or line.count(": ") >= 2, line


def test_a_text_of_another_line_is_named_by_that_line(
    run: Callable[..., Any], spoil: Callable[[str, Any], Path], folder: Path
) -> None:
    content = changed(
        RUBRIC, ("questions", 1, "levels", "4", "evidence"), lambda holder, key: holder.update({key: [MARK]})
    )
    path = spoil(RUBRIC, content)

    done = run("rubric", "check", rubric=folder)

    line = line_with(content, MARK) - 1
    assert done.err.startswith(f"{path}:{line}: questions.data_quality.levels.4.evidence: is a list; must be a text")
    assert len(done.err.splitlines()) == 1


def test_problems_stand_in_the_order_of_files_and_lines(
    run: Callable[..., Any], spoil: Callable[[str, Any], Path], folder: Path
) -> None:
    for file in (HANS, ACTIONS):
        spoil(file, yaml_text(DOCUMENTS[file]) + "x: no\ny: 2026-01-31\n")
    spoil(RUBRIC, yaml_text(DOCUMENTS[RUBRIC]) + "x: no\n")

    done = run("rubric", "check", rubric=folder)

    places = [(line.split(":")[0], int(line.split(":")[1])) for line in done.err.splitlines()]
    assert places == sorted(places)
    assert len(places) == 5


@pytest.mark.parametrize("file", [RUBRIC, NITTP, SUPPORT])
@pytest.mark.parametrize("deed", ["missing", "folder", "link to itself", "link to nothing", "pipe", "unreadable"])
def test_what_is_no_file_is_refused_by_name(run: Callable[..., Any], tmp_path: Path, file: str, deed: str) -> None:
    folder = rubrics.write_rubric(tmp_path / "rubric")
    path = folder / file
    path.unlink()
    match deed:
        case "missing":
            pass
        case "folder":
            path.mkdir()
        case "link to itself":
            path.symlink_to(path)
        case "link to nothing":
            path.symlink_to(tmp_path / "nothing")
        case "pipe":
            os.mkfifo(path)
        case "unreadable":
            path.symlink_to("/proc/self/mem")
        case _:
            pytest.fail(deed)

    done = run(*command_for(file), rubric=folder)

    if file == NITTP and deed == "missing":
        # The matrix still names it.
        path = folder / SUPPORT
    assert (done.status, done.out) == (2, "")
    assert all(line.startswith(str(path)) and line.isprintable() for line in done.err.splitlines()), done.err
    assert done.err


def test_a_byte_order_mark_is_taken(run: Callable[..., Any], spoil: Callable[[str, Any], Path], folder: Path) -> None:
    before = run("rubric", "check", rubric=folder)
    spoil(RUBRIC, b"\xef\xbb\xbf" + (folder / RUBRIC).read_bytes())

    done = run("rubric", "check", rubric=folder)

    assert done == before
    assert (done.status, done.err) == (0, "")


def test_what_is_left_out_of_the_bad_files_is_right(run: Callable[..., Any], folder: Path) -> None:
    for command in ("rubric", "schemes"):
        done = run(command, "check", rubric=folder)

        assert (done.status, done.err) == (0, "")


def test_the_bad_files_are_many_and_differ() -> None:
    contents = {(bad.file, bad.content if isinstance(bad.content, bytes) else yaml_or_text(bad.content)) for bad in BAD}

    assert len(contents) == len(BAD) > 500


def yaml_or_text(content: Any) -> str:
    return content if isinstance(content, str) else yaml_text(content)
