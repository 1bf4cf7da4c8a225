"""Make the database that release 0.1 leaves behind: companies at every stage of the owner's way.

Run once, at commit 1855348, which is that release, from its folder:

    PYTHONPATH=. python tests/upgrade/make_release_0_1.py

It walks the release's own public pages on a new SQLite database and writes two files beside itself:
``release_0_1.sql.gz``, the database as SQL text, and ``release_0_1.json``, what each assessment said on the
last day of that release. It is kept to show how they came about. Never run it on a later release: the two
files are what an upgrade must not lose, and a later release cannot say what this one left.

All companies are invented. The links are readable test tokens of the shape of real ones.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from readiness.app import create_app
from readiness.core.languages import Language
from readiness.library.rubrics import read_rubric_folder
from readiness.services import database
from readiness.settings import ROOT
from tests.conftest import settings_for
from tests.web.conftest import LEVELS, Owner

COMMIT = "1855348"
HERE = Path(__file__).parent
QUESTIONS = list(LEVELS)
PAGES = ("", "/company", *(f"/questions/{id}" for id in QUESTIONS), "/check", "/submit", "/result", "/left")


class Clock(datetime):
    """A clock that is set by hand and goes on by twenty seconds whenever the site looks at it."""

    moment = datetime(2024, 8, 1, 9, tzinfo=ZoneInfo("Asia/Hong_Kong"))

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the moment in *tz*."""
        Clock.moment += timedelta(seconds=20)
        return Clock.moment.astimezone(tz)

    @classmethod
    def set(cls, day: str, hour: int = 10) -> None:
        """Go to an hour of a day in Hong Kong."""
        Clock.moment = datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00")


@dataclass
class Case:
    """An assessment, and the links that were given for it."""

    id: str
    about: str
    language: str
    owner: Owner
    links: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> list[str]:
        """The links that stand in the files, in place of the random ones."""
        numbers = range(1, len(self.links) + 1)
        return [f"release-0-1-{self.id.replace('_', '-')}-{number}-".ljust(43, "A") for number in numbers]


def begin(app: Flask, day: str, language: str, id: str, about: str, **company: object) -> Case:
    """Start an assessment on *day* and save what is given of the company."""
    Clock.set(day)
    owner = Owner(app.test_client(), language).start(**company)
    return Case(id, about, language, owner, [owner.token])


def revision(case: Case, day: str, id: str, about: str) -> Case:
    """Begin a new revision of a submitted assessment on *day*."""
    return Case(id, about, case.language, case.owner, [revise(case, day)])


def revise(case: Case, day: str) -> str:
    """Ask for a revision on *day* and return the link that is given."""
    Clock.set(day)
    owner = case.owner
    owner.token = case.links[0]
    owner.get("/result")
    owner.token = owner.post(f"/assessments/{owner.token}/revise").headers["Location"].split("/")[2]
    return owner.token


def levels(*given: object) -> dict[str, object]:
    """Return an answer to each question, in order."""
    return dict(zip(QUESTIONS, given, strict=True))


def walk(app: Flask) -> Iterator[Case]:
    """Walk the pages as the companies would."""
    Clock.set("2026-11-20")
    owner = Owner(app.test_client())
    owner.token = owner.post("/assessments").headers["Location"].split("/")[2]
    yield Case("started", "just started; the page about the company was never saved", "en", owner, [owner.token])

    yield begin(
        app, "2024-08-29", "zh-Hans", "company_only", "the company was saved and nothing answered; over two years old",
        name="深圳湾<b>贸易</b> & “合伙”有限公司", sector="trade_retail", employees="1-5",
    )  # fmt: skip

    case = begin(
        app, "2026-06-14", "zh-Hant", "half_answered",
        "half answered on two days, with changes of mind, an answer in two tabs, not sure and not applicable",
        name="嘉信五金製品廠（香港）有限公司 {{ 7*7 }} </p>", sector="manufacturing", employees="20-49",
    )  # fmt: skip
    half_answered(case)
    yield case

    case = begin(
        app, "2024-09-10", "en", "unaware", "AI Unaware, with markup in its name; over two years old",
        name="</title><script>alert('海港')</script> 茶餐廳 O'Brien & Co.", sector="food_beverage", employees="6-9",
    )  # fmt: skip
    case.owner.answer_all(**levels(2, 1, 1, 3, 1, 1, 1, 2, 2, 1, 1, 2)).submit()
    yield case

    case = begin(
        app, "2025-09-03", "zh-Hant", "aware",
        "AI Aware, with not sure and not applicable; further facts were saved nine days later: a second plan",
        name="點心🥟專門店 (九龍) & Sons Co.", sector="food_beverage", employees="10-19",
    )  # fmt: skip
    case.owner.answer_all(**levels(4, 3, "not_sure", 4, 3, "not_sure", 2, 4, 3, "not_applicable", 3, 4)).submit()
    further_facts(case)
    yield case

    case = begin(
        app, "2026-05-18", "en", "ready", "AI Ready; a revision was begun later",
        name="Harbour & Sons <Logistics> Ltd 海港物流", sector="logistics", employees="50-99",
    )  # fmt: skip
    case.owner.answer_all(**levels(5, 4, 3, 4, 4, 3, 3, 4, 4, 4, 4, 4)).submit()
    begun = revision(case, "2026-11-02", "ready_begun", "the revision: one answer changed, opened twice, not submitted")
    begun.owner.answer("ai_governance", 4)
    begun.links.append(revise(case, "2026-11-21"))
    yield case
    yield begun

    case = begin(
        app, "2025-03-11", "zh-Hans", "grown", "AI Aware; revised and submitted again",
        name="粤港“小满”设计工作室", sector="professional_services",
    )  # fmt: skip
    case.owner.answer_all(**levels(3, 3, 2, 4, 3, 2, 2, 3, 3, 3, 3, 4)).submit()
    again = revision(case, "2026-08-25", "grown_again", "the revision: AI Ready, submitted")
    again.owner.answer("ai_talent", 4)
    again.owner.answer("ai_governance", 4)
    again.owner.answer("ai_risk_control", 4)
    again.owner.answer("data_quality", 4)
    again.owner.submit()
    yield case
    yield again

    case = begin(
        app, "2026-10-07", "zh-Hant", "competent", "AI Competent", name="維港數據科技有限公司", employees="500+"
    )
    case.owner.answer_all(**levels(5, 5, 4, 5, 5, 4, 4, 5, 5, 5, 4, 5)).submit()
    yield case

    case = begin(
        app, "2026-11-22", "en", "every_level_5", "every level 5: no actions; its plan was printed and stored",
        name="Peak “AI” <Lab>", sector="telecom_it", employees="100-199",
    )  # fmt: skip
    case.owner.answer_all(**levels(*[5] * 12)).submit()
    assert case.owner.get("/plan-en.pdf").status_code == 200
    yield case

    case = begin(
        app, "2026-01-29", "zh-Hans", "too_few", "submitted with too few answers; nothing of the company given"
    )
    case.owner.answer_all(**dict.fromkeys(QUESTIONS[9:], None)).submit()
    yield case


def half_answered(case: Case) -> None:
    """Answer half of the questions, changing one's mind; two tabs disagree on one of them."""
    owner = case.owner
    for question, value in {"management_support": 2, "ai_literacy": "not_sure", "ai_talent": 1}.items():
        owner.answer(question, value)
    owner.answer("management_support", 3)
    owner.answer("management_support", 2)
    owner.answer("ai_literacy", 2)
    owner.answer("ai_literacy", "not_sure", then="leave")
    Clock.set("2026-06-20", 21)
    owner.get("/questions/employee_acceptance")
    first_tab = owner.page
    owner.answer("employee_acceptance", 4)
    owner.page = first_tab
    path = f"/assessments/{owner.token}/questions/employee_acceptance"
    assert owner.post(path, answer="5", version="0", then="continue").status_code == 409
    assert owner.post(path, answer="5", version="1", then="continue").status_code == 302
    owner.answer("reference_data", "not_applicable")
    owner.answer("data_infrastructure", 3)


def further_facts(case: Case) -> None:
    """Save on the result page what decides further schemes."""
    Clock.set("2025-09-12", 16)
    case.owner.get("/result")
    path = f"/assessments/{case.owner.token}/result"
    response = case.owner.post(path, business_registration="yes", subvented="no")
    assert response.status_code == 302


def said(case: Case, texts: dict[str, str]) -> dict[str, Any]:
    """Return what the pages of an assessment say, as far as a later release must say it too."""
    owner = case.owner
    owner.token = case.links[0]
    paths = {path: owner.client.get(f"/assessments/{owner.token}{path}") for path in PAGES}
    export = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    result, plan = export.get("result"), export.get("plan")
    band = result["band"] if result else None
    return {
        "about": case.about,
        "tokens": case.tokens,
        "language": case.language,
        "submitted": result is not None,
        "pages": {
            path: page.headers["Location"].split(owner.token)[1] if page.status_code == 302 else page.status_code
            for path, page in paths.items()
        },
        "name": export["company"].get("name"),
        "company": export["company"],
        "answers": export["answers"],
        "answer_texts": {
            id: texts[f"questions.{id}.levels.{value}.text"]
            for id, value in export["answers"].items()
            if isinstance(value, int)
        },
        "rubric": export["rubric"],
        "digest": export["digest"],
        "band": band,
        "band_name": texts[f"bands.{band}.name"] if band else None,
        "score": str(result["score"]) if band else None,
        "actions": [action["id"] for action in plan["actions"]] if plan else None,
        "action_titles": [texts[f"actions.{action['id']}.title"] for action in plan["actions"]] if plan else None,
        "catalogue": export.get("catalogue"),
    }


def frozen(connection: sqlite3.Connection, case: Case) -> dict[str, Any]:
    """Return the digests of what was frozen, and set the links that stand in the files."""
    for link, token in zip(case.links, case.tokens, strict=True):
        hashes = (sha256(token.encode()).digest(), sha256(link.encode()).digest())
        assert connection.execute("UPDATE link SET token_hash = ? WHERE token_hash = ?", hashes).rowcount == 1
    token_hash = sha256(case.tokens[0].encode()).digest()
    ((id,),) = connection.execute("SELECT assessment_id FROM link WHERE token_hash = ?", (token_hash,))
    ((revises, result),) = connection.execute("SELECT revises_id, result FROM assessment WHERE id = ?", (id,))
    plans = connection.execute("SELECT document FROM plan WHERE assessment_id = ? ORDER BY number", (id,))
    ((changes,),) = connection.execute("SELECT count(*) FROM answer_change WHERE assessment_id = ?", (id,))
    return {
        "assessment": id,
        "revises": revises,
        "result_sha256": sha256(result.encode()).hexdigest() if result else None,
        "plan_sha256": [sha256(document.encode()).hexdigest() for (document,) in plans],
        "changes": changes,
    }


def main() -> None:
    """Write the two files."""
    # The release reads the time in one place.
    database.datetime = Clock  # type: ignore[misc]
    version = read_rubric_folder(ROOT / "rubric" / "versions" / "2026.1")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "readiness.sqlite"
        app = create_app(settings_for(f"sqlite:///{path}", Path(folder)))
        cases = list(walk(app))
        record = {case.id: said(case, dict(version.texts[Language(case.language)])) for case in cases}
        with app.app_context():
            database.db.engine.dispose()
        with closing(sqlite3.connect(path)) as connection:
            for case in cases:
                record[case.id] |= frozen(connection, case)
            connection.commit()
            dump = "\n".join(connection.iterdump()) + "\n"
    (HERE / "release_0_1.sql.gz").write_bytes(gzip.compress(dump.encode(), 9, mtime=0))
    about = {"commit": COMMIT, "revision": "0001", "assessments": record}
    (HERE / "release_0_1.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
