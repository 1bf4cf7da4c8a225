"""A company asks for a consultant, and chooses what the consultants see before one of them takes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Engagement
from readiness.services import asking
from readiness.services.accounts import Actor, Capability
from readiness.services.asking import AlreadyTaken
from readiness.services.database import db, now, writing
from readiness.services.upkeep import tick
from readiness.web.limits import limiter
from tests.guided.conftest import Consultant
from tests.guided.walking import ask
from tests.web.conftest import Owner, everything_stored, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]

COMPANY = {"name": "Harbour Foods", "sector": "food_beverage", "employees": "20-49"}


def test_the_queue_shows_sector_size_and_band_and_nothing_that_was_not_ticked(
    owner: Owner, consultant: Callable[..., Consultant]
) -> None:
    ask(owner.start(**COMPANY).answer_all().submit())

    queue = consultant().get("/staff/queue").get_data(as_text=True)

    assert "Restaurants, food and drink" in queue
    assert "20–49 people" in queue
    assert "AI Aware" in queue
    for hidden in ("Harbour Foods", "Ms Chan", "2345 6789", "Help", owner.token):
        assert hidden not in queue


@pytest.mark.parametrize(("company", "says"), [({}, ", "), (COMPANY, ", Restaurants, food and drink, ")])
def test_the_button_that_takes_a_company_names_what_is_known_of_it(
    owner: Owner, consultant: Callable[..., Consultant], company: dict[str, str], says: str
) -> None:
    ask(owner.start(**company))

    queue = consultant().get("/staff/queue").get_data(as_text=True)

    hidden = re.search(r'Take this client<span class="govuk-visually-hidden">([^<]*)</span>', queue)
    assert hidden
    assert re.fullmatch(re.escape(says) + r"\d+ \w+ \d{4}", hidden[1])


@pytest.mark.parametrize(
    ("ticked", "shown"),
    [("company", {"Harbour Foods"}), ("contact", {"Ms Chan", "2345 6789"}), ("message", {"Please come"})],
)
def test_what_was_ticked_is_shown_and_no_more(
    owner: Owner, consultant: Callable[..., Consultant], ticked: str, shown: set[str]
) -> None:
    ask(owner.start(**COMPANY), message="Please come", shows=[ticked])

    queue = consultant().get("/staff/queue").get_data(as_text=True)

    assert {each for each in ("Harbour Foods", "Ms Chan", "2345 6789", "Please come") if each in queue} == shown


def test_whoever_takes_it_has_what_the_company_chose_and_is_told_how_to_reach_it(
    owner: Owner, consultant: Callable[..., Consultant]
) -> None:
    assert ask(owner.start(**COMPANY).answer_all().submit(), scope="read").status_code == 302
    assert "asked on" in owner.get("/consultants").get_data(as_text=True)
    mei = consultant()
    mei.get("/staff/queue")
    (take,) = re.findall(r'action="(/staff/queue/[^"]+/take)"', mei.text)

    mei.follow(mei.post(take))

    for told in ("Harbour Foods", "Ms Chan", "2345 6789", "Help"):
        assert told in mei.text
    mei.client_id = take.split("/")[3]
    assert mei.enter().page.request.path.endswith("/result")
    assert mei.get(f"/assessments/{mei.token}/questions/ai_talent").status_code == 403
    assert mei.email in owner.get("/consultants").get_data(as_text=True)
    assert "No company is waiting" in mei.get("/staff/queue").get_data(as_text=True)


def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask
) -> None:
    ask(owner.start(**COMPANY))
    slow = consultant()
    slow.get("/staff/queue")
    (take,) = re.findall(r'action="(/staff/queue/[^"]+/take)"', slow.text)
    id = UUID(take.split("/")[3])
    actors = [_actor(app, each) for each in (consultant(), consultant())]
    barrier = Barrier(2)

    def work(actor: Actor) -> str:
        with app.app_context():
            barrier.wait()
            try:
                asking.take(actor, id)
            except AlreadyTaken:
                return "told"
            finally:
                db.session.close()
            return "has it"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(work, actors))
    response = slow.post(take)

    assert outcomes == ["has it", "told"]
    assert response.status_code == 409
    assert "A colleague took this company a moment ago" in slow.text
    with app.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM engagement_step WHERE step = 'began'")) == 1


def test_with_a_consultant_at_work_another_is_offered_in_passing_alone(engaged: Engaged) -> None:
    owner, _ = engaged(submitted=True)

    assert "Ask for a consultant" not in owner.get("/result").get_data(as_text=True)
    page = owner.get("/consultants").get_data(as_text=True)
    assert "Ask for another consultant" in page
    assert "Ask for a consultant" not in page
    owner.post(re.findall(r'action="(/assessments/[^"]+/end)"', page)[0])
    for path in ("/result", "/consultants"):
        assert "Ask for a consultant" in owner.get(path).get_data(as_text=True)


def test_who_waited_longest_stands_first(consultant: Callable[..., Consultant], app: Flask) -> None:
    for sector in ("logistics", "education", "construction"):
        ask(Owner(app.test_client()).start(sector=sector))
    with app.app_context(), writing() as session:
        for place, row in enumerate(session.scalars(sa.select(Engagement))):
            row.created_at = now().replace(day=3 - place, hour=2)

    queue = consultant().get("/staff/queue").get_data(as_text=True)

    order = re.findall(r"asked on (\d) ", queue)
    assert order == ["1", "2", "3"]


def test_a_company_asks_once_withdraws_and_asks_again(owner: Owner, app: Flask) -> None:
    ask(owner.start(**COMPANY))
    assert ask(owner).status_code == 409
    owner.get("/consultants")
    (end,) = re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)

    assert owner.post(end).status_code == 302

    assert tables_that_hold(app, "Ms Chan") == []
    assert ask(owner).status_code == 302


@pytest.mark.parametrize("how", ["company", "consultant", "over"])
def test_name_and_contact_go_when_the_engagement_ends(
    owner: Owner, consultant: Callable[..., Consultant], app: Flask, how: str
) -> None:
    ask(owner.start(**COMPANY))
    mei = consultant()
    mei.get("/staff/queue")
    (take,) = re.findall(r'action="(/staff/queue/[^"]+/take)"', mei.text)
    mei.follow(mei.post(take))
    assert tables_that_hold(app, "2345 6789") == ["engagement_request"]

    if how == "company":
        owner.get("/consultants")
        owner.post(re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)[0])
    elif how == "consultant":
        mei.post(f"/staff/clients/{take.split('/')[3]}/end")
    else:
        with app.app_context():
            with db.engine.begin() as connection:
                connection.execute(sa.text("UPDATE engagement SET until = '2026-01-01'"))
            tick(now(), 24)

    assert tables_that_hold(app, "2345 6789") == tables_that_hold(app, "Ms Chan") == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "  "}, "Write something here"),
        ({"contact": "somewhere"}, "such as 2345 6789"),
        ({"contact": "12345"}, "such as 2345 6789"),
        ({"contact": "a@b"}, "such as 2345 6789"),
        ({"message": "x" * 1001}, "at most 1,000 characters"),
        ({"until": "2020-01-01"}, "Write a day from today"),
        ({"scope": "all"}, "Choose one of the answers"),
        ({"shows": "everything"}, "everything"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_meant_comes_back_with_what_is_wrong_and_changes_nothing(
    owner: Owner, app: Flask, changed: dict[str, Any], said: str
) -> None:
    owner.start(**COMPANY)
    before = everything_stored(app)

    response = ask(owner, **changed)

    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert said in page
    assert "Error:" in page
    assert everything_stored(app) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_company_cannot_fill_the_queue(owner: Owner) -> None:
    limiter.reset()
    owner.start(**COMPANY)

    answers = [ask(owner).status_code for _ in range(6)]

    assert answers == [302, 409, 409, 409, 409, 429]


def _actor(app: Flask, consultant: Consultant) -> Actor:
    with app.app_context():
        id = db.session.scalar(sa.text("SELECT id FROM account WHERE email = :email"), {"email": consultant.email})
        return Actor(UUID(str(id)), consultant.email, frozenset({Capability.GUIDE}))
