"""The maintainer's pages: find a scheme, change it in a minute, see who changed what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from flask import Flask, url_for

from readiness.core.languages import Language
from readiness.core.schemes import Status
from readiness.library.merging import part_of
from readiness.services import schemes_desk
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.scheme_lists import LISTS
from readiness.services.schemes_desk import ChangeRefused
from readiness.services.site_catalogue import current_catalogue, head
from readiness.services.versions import load_shipped
from readiness.web.rights import RIGHTS
from tests.desk.conftest import SOURCE, Desk
from tests.desk.test_release_meets_site import release  # noqa: F401  (a fixture)
from tests.web.conftest import Owner
from tests.web.staffing import staff_of

CAP = "/staff/schemes/nittp/facts/cap"
STATUS = "/staff/schemes/nittp/status"


def new_source(**changed: object) -> dict[str, object]:
    return {
        "source": "new",
        "title": "ITC: new terms",
        "href": "https://www.itc.gov.hk/en/new-terms",
        "lang": "en",
        "dated": "2026-11",
        "evidence": "primary",
        **changed,
    }


def day_of(day: Any) -> dict[str, object]:
    return {"day": day.isoformat()}


def nittp() -> Any:
    db.session.rollback()
    return current_catalogue(db.session).catalogue.schemes["nittp"]


@pytest.mark.parametrize("language", list(Language))
def test_every_list_opens_in_every_language(desk: Desk, language: Language) -> None:
    for name in (*LISTS, "none-such"):
        page = lxml.html.fromstring(desk.get(f"/staff/schemes?list={name}&lang={language.value}"))
        assert page.get("lang") == language.tag
        assert len(page.xpath("//nav[@class='lists']//a")) == len(LISTS)


def test_all_schemes_are_listed_and_found_by_name(desk: Desk) -> None:
    everything = lxml.html.fromstring(desk.get("/staff/schemes"))
    found = lxml.html.fromstring(desk.get("/staff/schemes?q=TECHNOLOGY+training"))

    assert len(everything.xpath("//tbody/tr")) == len(current_catalogue(db.session).forms)
    assert [row.get("href") for row in found.xpath("//tbody//th/a")] == ["/staff/schemes/nittp"]


def ids_in(desk: Desk, name: str) -> list[str]:
    page = lxml.html.fromstring(desk.get(f"/staff/schemes?list={name}"))
    return [link.get("href").split("/")[-1] for link in page.xpath("//tbody//th/a")]


def test_what_ends_soon_or_changes_soon_is_listed(desk: Desk, editor: Actor) -> None:
    assert "nittp" not in ids_in(desk, "ending")
    schemes_desk.close(editor, "nittp", on=today() + timedelta(days=60), source=SOURCE)
    schemes_desk.close(editor, "erb", on=today() + timedelta(days=61), source=SOURCE)

    assert "nittp" in ids_in(desk, "ending")
    assert "erb" not in ids_in(desk, "ending")
    assert {"nittp", "erb"} <= set(ids_in(desk, "coming"))


def test_what_was_announced_long_ago_is_listed(desk: Desk, editor: Actor) -> None:
    schemes_desk.change_status(editor, "nittp", "announced", since=today() - timedelta(days=181), source=SOURCE)
    schemes_desk.change_status(editor, "erb", "announced", since=today() - timedelta(days=180), source=SOURCE)

    assert "nittp" in ids_in(desk, "overdue")
    assert "erb" not in ids_in(desk, "overdue")


def test_a_checked_scheme_leaves_the_list_of_those_never_checked(desk: Desk) -> None:
    assert "nittp" in ids_in(desk, "never")
    desk.get("/staff/schemes/nittp")
    seen = re.search(r'name="seen" value="(\d+)"', desk.text)
    assert seen is not None

    assert desk.send("/staff/schemes/nittp/checked", seen=seen[1]).status_code == 302

    assert "nittp" not in ids_in(desk, "never")
    assert nittp().checked_on == today()


def test_the_schemes_that_plans_recommend_most_are_counted(desk: Desk, app: Flask) -> None:
    for _ in range(2):
        Owner(app.test_client()).start().answer_all().submit()

    page = lxml.html.fromstring(desk.get("/staff/schemes?list=plans"))

    counts = {
        row.xpath("./th/a")[0].get("href").split("/")[-1]: row.xpath("./td[@class='number']")[0].text_content()
        for row in page.xpath("//tbody/tr")
    }
    assert counts["nittp"].endswith("2")


def test_a_fact_is_changed_by_one_form(desk: Desk) -> None:
    day = today() + timedelta(days=30)

    response = desk.submit(CAP, value="HK$300,000", **day_of(day), **new_source(), checked="y", reason="Gazette")

    assert response.status_code == 302, desk.text
    cap = nittp().facts["cap"]
    assert (cap.on(today()).value, cap.on(day).value) == (250000, 300000)
    assert nittp().checked_on == today()
    sheet = desk.get("/staff/schemes/nittp")
    assert "HK$300,000" in sheet
    assert "HK$250,000" in sheet


@pytest.mark.parametrize(("written", "kept"), [("1/4", "1/4"), ("25%", "1/4"), (" 33 % ", "33/100"), ("0.5", "1/2")])
def test_a_share_is_read_as_people_write_it(desk: Desk, written: str, kept: str) -> None:
    response = desk.submit("/staff/schemes/nittp/facts/subsidy_rate", value=written, **day_of(today()), **new_source())

    assert response.status_code == 302, desk.text
    assert nittp().facts["subsidy_rate"].on(today()).value == kept


def test_a_value_that_was_never_true_is_taken_back_with_a_reason(desk: Desk, editor: Actor) -> None:
    wrong = date(2017, 12, 1)
    schemes_desk.change_fact(editor, "nittp", "cap", 900000, since=wrong, source=SOURCE)
    address = "/staff/schemes/nittp/facts/cap"
    page = lxml.html.fromstring(desk.get(address))
    (form,) = [form for form in page.forms if form.get("action") == f"{address}/withdraw"]
    (index,) = [each.get("value") for each in form.inputs["value"] if "900,000" in each.getnext().text_content()]
    sent = {"seen": form.inputs["seen"].value, "value": index}

    assert desk.send(f"{address}/withdraw", **sent, reason=" ").status_code == 422
    assert "say why the value was wrong" in desk.text
    assert desk.send(f"{address}/withdraw", **sent, reason="a slip of the pen").status_code == 302

    db.session.rollback()
    scheme = part_of(head(db.session).version.document, "nittp")
    assert 900000 not in [value["value"] for value in scheme["facts"]["cap"]["values"]]
    assert SOURCE.title not in [source["title"] for source in scheme["sources"].values()]
    history = desk.get("/staff/schemes/nittp/history")
    assert "a slip of the pen" in history
    assert "900000" in history
    desk.get(address)
    # The page that was seen is an old one by now: what stands at this place may be another value.
    assert desk.send(f"{address}/withdraw", **sent, reason="once more").status_code in (404, 409)


def test_the_only_value_of_a_fact_is_corrected_and_not_taken_back(desk: Desk, editor: Actor) -> None:
    db.session.rollback()
    scheme = part_of(head(db.session).version.document, "nittp")
    fact = next(id for id, fact in scheme["facts"].items() if len(fact["values"]) == 1)

    with pytest.raises(ChangeRefused, match="its only value"):
        schemes_desk.withdraw_value(editor, "nittp", fact, 0, seen=head(db.session).number, reason="wrong")


def test_a_text_is_changed_in_three_languages(desk: Desk) -> None:
    response = desk.submit(
        "/staff/schemes/nittp/facts/acronym",
        value_en="TTP",
        value_hant="TTP",
        value_hans="TTP",
        **day_of(today()),
        **new_source(source="itf_nittp"),
    )

    assert response.status_code == 302, desk.text
    assert nittp().facts["acronym"].on(today()).value.en == "TTP"
    assert nittp().facts["acronym"].on(today()).source.id == "itf_nittp"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value": "many"}, "whole number"),
        ({"value": ""}, "whole number"),
        ({"value": "-5"}, "whole number"),
        ({"value": "1,00"}, "whole number"),
        ({"value": "٣"}, "whole number"),
        ({"day": "2026-02-30"}, "Write a day"),
        ({"day": ""}, "Write a day"),
        ({"start": "never"}, "Choose one"),
        ({"title": ""}, "Write the title"),
        ({"dated": "soon"}, "Write the date as"),
        ({"source": "nowhere"}, "Choose one"),
        ({"href": "http://10.0.0.1/"}, "no public host"),
        ({"href": "javascript:alert(1)"}, "sources."),
        ({"dated": "2026-13-45"}, "2026-13-45"),
        ({"dated": "2026-00"}, "2026-00"),
        ({"start": "announced", "day": "2099-01-01"}, "lies ahead"),
        ({"reason": "x" * 501}, "500"),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_with_what_is_wrong(
    desk: Desk, fields: dict[str, object], said: str
) -> None:
    given = {"value": "300000", **day_of(today()), **new_source(), **fields}

    response = desk.submit(CAP, **given)

    assert response.status_code == 422
    assert said in desk.text
    assert "Traceback" not in desk.text
    assert len(nittp().facts["cap"].values) == 2


def test_closing_by_the_form_takes_the_scheme_out_of_new_plans(desk: Desk, app: Flask) -> None:
    response = desk.submit(STATUS, code="closed", start="since", **day_of(today()), **new_source())

    assert response.status_code == 302, desk.text
    assert nittp().status_on(today()) is Status.CLOSED
    owner = Owner(app.test_client()).start().answer_all().submit()
    assert 'id="scheme-nittp"' not in owner.text


def test_texts_are_changed_side_by_side_and_only_what_was_changed(desk: Desk, editor: Actor) -> None:
    before = current_catalogue(db.session).document["schemes"]["nittp"]

    response = desk.submit("/staff/schemes/nittp/texts", t_summary_en="It pays a part.", t_names_en="")

    db.session.rollback()
    after = current_catalogue(db.session).document["schemes"]["nittp"]
    assert response.status_code == 302, desk.text
    assert after == {
        **before,
        "summary": {**before["summary"], "en": "It pays a part."},
        "names": {**before["names"], "en": {"text": None, "basis": "none"}},
    }


def test_texts_that_are_not_changed_record_nothing(desk: Desk) -> None:
    before = current_catalogue(db.session).digest

    assert desk.submit("/staff/schemes/nittp/texts").status_code == 302

    db.session.rollback()
    assert current_catalogue(db.session).digest == before


def test_how_it_is_shown_and_what_it_pays_is_changed(desk: Desk) -> None:
    unchanged = desk.submit("/staff/schemes/nittp/offer")
    assert (unchanged.status_code, nittp().money.share) == (302, "subsidy_rate")

    response = desk.submit("/staff/schemes/nittp/offer", offer="mention", share="")

    assert response.status_code == 302, desk.text
    assert (nittp().offer.value, nittp().money) == ("mention", None)


def test_the_second_of_two_editors_sees_both_values_and_can_go_on(desk: Desk, account: Callable[..., Actor]) -> None:
    desk.get(CAP)
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', desk.text)
    assert seen is not None
    other = account(Capability.EDIT_SCHEMES)
    schemes_desk.change_fact(other, "nittp", "cap", 111000, since=today(), source=SOURCE)
    mine = {"value": "222000", "start": "since", **day_of(today()), **new_source(), "seen": seen[1]}

    first = desk.send(CAP, **mine)
    assert first.status_code == 409
    assert "111000" in desk.text
    assert 'value="222000"' in desk.text
    assert nittp().facts["cap"].on(today()).value == 111000

    seen_now = re.search(r'name="seen"[^>]*value="(\d+)"', desk.text)
    assert seen_now is not None
    assert desk.send(CAP, **{**mine, "seen": seen_now[1]}).status_code == 302
    assert nittp().facts["cap"].on(today()).value == 222000


@pytest.mark.parametrize("seen", ["", "0", "999999999", "x", "-1"])
def test_a_form_that_saw_nothing_known_changes_nothing_unasked(desk: Desk, seen: str) -> None:
    response = desk.submit(CAP, value="1", **day_of(today()), **new_source(), seen=seen)

    assert response.status_code == 409
    assert len(nittp().facts["cap"].values) == 2


def test_the_history_says_who_changed_what_and_why(desk: Desk, editor: Actor) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE, reason="Read in the Gazette")
    schemes_desk.confirm_checked(editor, "erb", reason="of another scheme")

    page = desk.get("/staff/schemes/nittp/history")

    assert editor.email in page
    assert "Read in the Gazette" in page
    assert "300000" in page
    assert "facts.cap.values.0" in page
    assert "of another scheme" not in page


def test_a_conflict_with_a_release_is_shown_and_settled(
    desk: Desk,
    editor: Actor,
    release: Callable[..., Path],  # noqa: F811
) -> None:
    schemes_desk.confirm_checked(editor, "nittp")
    load_shipped(release(nittp={"short_name": "TTP"}))
    assert ids_in(desk, "conflicts") == ["nittp"]
    page = desk.get("/staff/schemes/nittp")
    assert "short_name" in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None

    response = desk.send("/staff/schemes/nittp/settle", take="shipped", seen=seen[1])

    assert response.status_code == 302
    assert ids_in(desk, "conflicts") == []
    assert "TTP" in desk.get("/staff/schemes/nittp")
    assert desk.send("/staff/schemes/nittp/settle", take="shipped", seen=seen[1]).status_code == 404
    desk.get("/staff/schemes/nittp")
    assert desk.send("/staff/schemes/nittp/settle", take="both").status_code == 400


def test_a_script_in_a_record_is_text_at_the_desk(desk: Desk, editor: Actor) -> None:
    attack = dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "<script>alert(1)</script>")
    schemes_desk.edit_texts(
        editor,
        "nittp",
        {"summary": attack, "names": attack, "facts.cap.label": attack},
        reason="<script>alert(2)</script>",
    )

    for path in ("", "/history", "/facts/cap", "/status", "/texts", "/offer"):
        page = desk.get(f"/staff/schemes/nittp{path}")
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert "<script>alert" not in desk.get("/staff/schemes")


@pytest.mark.parametrize("scheme", ["none", "NITTP", "a" * 500, "%00"])
def test_a_scheme_that_is_not_there_is_a_page_that_says_so(desk: Desk, scheme: str) -> None:
    desk.get("/staff/schemes/nittp")
    for path in ("", "/history", "/status", "/texts", "/offer", "/facts/cap"):
        assert desk.client.get(f"/staff/schemes/{scheme}{path}").status_code == 404
    for path in ("/checked", "/status", "/texts", "/offer", "/facts/cap"):
        desk.get("/staff/schemes/nittp")
        assert desk.send(f"/staff/schemes/{scheme}{path}", seen="1").status_code == 404


def test_every_page_of_schemes_asks_for_the_capability_to_change_them(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff/schemes")}

    assert len(routes) == 16
    assert {RIGHTS[route] for route in routes} == {Capability.EDIT_SCHEMES}


def test_whoever_may_not_change_schemes_sees_and_changes_nothing(app: Flask) -> None:
    others = staff_of(app, *(each for each in Capability if each is not Capability.EDIT_SCHEMES))
    routes = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff/schemes")]
    before = current_catalogue_of(app)

    for rule in routes:
        with app.test_request_context():
            path = url_for(
                rule.endpoint, **{name: {"scheme_id": "nittp", "fact_id": "cap"}[name] for name in rule.arguments}
            )
        if "POST" in (rule.methods or ()):
            others.get("/staff")
            assert others.client.post(path, data={"csrf_token": others.csrf, "seen": "1"}).status_code == 403
        else:
            assert others.client.get(path).status_code == 403
            assert app.test_client().get(path).status_code == 302

    assert current_catalogue_of(app) == before


def current_catalogue_of(app: Flask) -> str:
    with app.app_context():
        return current_catalogue(db.session).digest


def test_the_desk_leads_to_the_schemes(desk: Desk) -> None:
    assert 'href="/staff/schemes"' in desk.get("/staff")
