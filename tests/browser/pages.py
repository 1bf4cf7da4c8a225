"""Every page in every state that a person can meet, each reached through real use: one line for a state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

from readiness.services.accounts import Capability
from readiness.services.planning import today
from tests.browser.staffing import Office
from tests.guided.workbook_files import filled
from tests.web.conftest import LEVELS
from tests.web.staffing import PASSWORD, Phone

#: A phone's width; 320 px is a screen of 1280 px at 400 %.
PHONE = {"width": 360, "height": 740}

LANGUAGES = {"en": "en-GB", "zh-Hant": "zh-HK", "zh-Hans": "zh-CN"}
TAGS = {"en": "en", "zh-Hant": "zh-Hant-HK", "zh-Hans": "zh-Hans-CN"}
COMPANIES = {"en": "Harbour Foods Ltd", "zh-Hant": "海港食品有限公司", "zh-Hans": "海港食品有限公司"}

#: Levels that come to AI Aware, as in the tests without a browser.
AWARE = LEVELS
UNSURE = {**AWARE, "ai_talent": "not_sure", "data_quality": "not_sure", "reference_data": "not_applicable"}
COMPETENT = {**dict.fromkeys(AWARE, 5), "ml_infrastructure": 3}
HIGHEST = dict.fromkeys(AWARE, 5)
FEW = dict(list(AWARE.items())[:4])


class Poster:
    """Prepares assessments by posting forms, as a browser without a screen would, and keeps them for all tests."""

    def __init__(self, site: str, browser: Any, office: Office) -> None:
        self.office = office
        self._site = site
        self._request = browser.new_context().request
        self._kept: dict[object, str] = {}

    def assessment(
        self, company: Mapping[str, str], answers: Mapping[str, object], *, submitted: bool, anew: bool
    ) -> str:
        """Return the path of an assessment; only one that a test will change has to be made *anew*."""
        key: object = (tuple(company.items()), tuple(answers.items()), submitted)
        if anew:
            # What a test changes or deletes is nobody else's.
            key = object()
        if key not in self._kept:
            path = re.sub(r"/company$", "", self._post("/assessments", {}))
            self._post(f"{path}/company", company)
            for question, answer in answers.items():
                self.answer(path, question, answer)
            if submitted:
                self._post(f"{path}/submit", {})
            self._kept[key] = path
        return self._kept[key]

    def answer(self, path: str, question: str, answer: object) -> None:
        """Give the first answer to a question."""
        fields = {"version": "0", "then": "continue", "answer": str(answer)}
        self._post(f"{path}/questions/{question}", fields)

    def send(self, path: str, **fields: str) -> None:
        """Send another form of an assessment, which leads on."""
        self._post(path, fields)

    def offer(self, path: str) -> str:
        """Let a company make an offer to a consultant, and return the path of its link."""
        response = self._sent(f"{path}/consultants", {"scope": "edit", "until": IN_A_MONTH})
        link = re.search(r'id="new-link"[^>]*value="([^"]+)"', response.text())
        assert link, response.status
        return "/" + link[1].split("/", 3)[3]

    def _post(self, path: str, fields: Mapping[str, str]) -> str:
        response = self._sent(path, fields)
        assert response.status == 302, f"{path}: {response.status}"
        return str(response.headers["location"])

    def _sent(self, path: str, fields: Mapping[str, str]) -> Any:
        page = self._request.get(self._site).text()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "the start page has no form"
        form = {"csrf_token": unescape(token[1]), **fields}
        return self._request.post(self._site + path, form=form, max_redirects=0)


class Visit:
    """A person who reads one language, on one page."""

    def __init__(self, site: str, poster: Poster, page: Any, language: str) -> None:
        self.site = site
        self.poster = poster
        self.page = page
        self.language = language
        self.state = ""

    def arrive(self, state: str) -> Visit:
        """Come to a state of a page."""
        self.state = state
        return STATES[state](self)

    def open(self, path: str) -> Visit:
        """Go to an address of the site."""
        self.page.goto(self.site + path)
        return self

    def assessment(self, answers: Mapping[str, object] | None = None, *, submitted: bool = False, **how: Any) -> str:
        """Return the path of a company's assessment with *answers*."""
        anew = how.pop("anew", False)
        company = {"name": COMPANIES[self.language], "sector": "food_beverage", "employees": "20-49", **how}
        return self.poster.assessment(company, answers or {}, submitted=submitted, anew=anew)

    def result(self, answers: Mapping[str, object], **company: str) -> Visit:
        """Go to the result of *answers*."""
        return self.open(self.assessment(answers, submitted=True, **company) + "/result")

    def fill(self, selector: str, text: str) -> Visit:
        """Write into a field."""
        self.page.fill(selector, text)
        return self

    def choose(self, answer: object) -> Visit:
        """Choose an answer."""
        self.page.check(f'input[name=answer][value="{answer}"]')
        return self

    def press(self, selector: str = "main form button[type=submit]") -> Visit:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.click(selector)
        return self

    def unfold(self, selector: str = "details") -> Visit:
        """Open what is folded, the outer before the inner."""
        press = "all => all.forEach(each => each.open || each.firstElementChild.click())"
        self.page.eval_on_selector_all(selector, press)
        return self

    def forget(self) -> Visit:
        """Lose the session, as after weeks or with cookies deleted."""
        self.page.context.clear_cookies()
        return self

    def revised(self, *, submitted: bool) -> str:
        """Return the path of an assessment whose answers are being changed after a result, or were."""
        path = self.assessment(AWARE, submitted=True, anew=True)
        self.poster.send(f"{path}/revise")
        if submitted:
            self.poster.send(f"{path}/submit")
        return path

    def followed(self) -> str:
        """Return the path of the actions of a company that noted one as done and is late with another."""
        path = f"{self.assessment(AWARE, submitted=True, anew=True)}/actions"
        said = {"version": "0", "owner": "", "note": "", "proof": "https://intra.example/" + "a" * 60}
        self.poster.send(f"{path}/ai_governance_1_2", state="done", due_on="", **said)
        self.poster.send(f"{path}/ai_governance_2_3", state="doing", due_on="2026-01-31", **said)
        return path

    def assessed_again(self) -> str:
        """Return the path of an assessment that was made anew."""
        path = self.assessment(AWARE, submitted=True, anew=True)
        self.poster.send(f"{path}/again", to="")
        self.poster.send(f"{path}/submit")
        return path

    def company_named_elsewhere(self) -> Visit:
        """Let someone else name the company while its page is open here."""
        path = self.assessment(anew=True)
        self.open(f"{path}/company")
        self.poster.send(f"{path}/company", name="Old Harbour", sector="logistics", version="1")
        return self

    def finished_elsewhere(self) -> Visit:
        """Let someone else finish while a question is open here."""
        path = self.assessment(FEW, anew=True)
        self.open(f"{path}/questions/ai_talent")
        self.poster.send(f"{path}/submit")
        return self

    def with_link_to_read(self) -> Visit:
        """Open a result with a link that only shows it."""
        STATES["links, made"](self)
        self.page.goto(self.page.input_value("#new-link"))
        return self

    def at_desk(self, path: str, *capabilities: Capability) -> Visit:
        """Go to a page of the desk as someone with these capabilities, signed in with both factors."""
        self.poster.office.sign_in(self.page.context, *capabilities)
        return self.open(path)

    def engaged(self, then: str = "") -> Visit:
        """Take a company's offer as a consultant and share a note with it; then go to another of its pages."""
        path = self.assessment(AWARE, submitted=True, anew=True)
        self.at_desk(self.poster.offer(path), Capability.GUIDE).press("main .govuk-button")
        self.fill("#text", WRITTEN).press('form[action$="/notes"] button')
        self.page.check("[value=shared]")
        self.fill("#text", WRITTEN).press('form[action$="/notes"] button')
        return self.open(path + then) if then else self

    def invited_to_engage(self) -> Visit:
        """Open the invitation of a consultant as a company."""
        self.at_desk("/staff/clients", Capability.GUIDE)
        self.fill("#company", COMPANIES[self.language]).press(
            'form[action$="/clients"] .govuk-button:not(.govuk-button--secondary)'
        )
        self.page.goto(self.page.input_value("#new-link"))
        return self

    def asked_about(self) -> Visit:
        """Let a company say that it does not understand a question."""
        self.poster.send(f"{self.assessment(FEW)}/questions/data_quality", then="unclear", unclear="?")
        return self

    def with_password_alone(self) -> Visit:
        """Go to the desk with a password and no second factor, which leads to its set-up."""
        self.poster.office.sign_in_half(self.page.context)
        return self.open("/staff")

    def invited(self) -> Visit:
        """Open an invitation."""
        return self.open(self.poster.office.invite())

    def with_new_codes(self) -> Visit:
        """Come to the recovery codes, right after setting up an app."""
        self.invited().fill("#password", PASSWORD).press(PASSWORD_BUTTON)
        return self.fill("#code", Phone(self.page.inner_text(".key")).code()).press(CODE_BUTTON)

    def workbook(self, content: bytes | None = None) -> Visit:
        """Choose a workbook: one that says something else than what is saved, leaves much empty and has a mistake."""
        path = self.assessment(FEW)
        empty = self.page.request.get(f"{self.site}/questionnaire/{self.language}.xlsx").body()
        said = {"question.ai_literacy": 5, "question.data_quality": 3, "question.ml_infrastructure": 7}
        buffer = filled(empty, said, {"question.data_quality": "?"}) if content is None else content
        self.open(f"{path}/offline")
        self.page.set_input_files("#workbook", {"name": "w.xlsx", "mimeType": "application/x", "buffer": buffer})
        return self

    def answered_elsewhere(self, path: str, question: str, answer: object) -> Visit:
        """Let someone else answer *question* while its page is open here."""
        self.open(f"{path}/questions/{question}")
        self.poster.answer(path, question, answer)
        return self


MAKE = 'form[action$="/links"] button'
MAIL = "owner@example.com"
PASSWORD_BUTTON = "form:has(#password) button[type=submit]"
CODE_BUTTON = "form:has(#code) button[type=submit]"
INVITE_BUTTON = "form:has(#email) button[type=submit]"
MANAGER = Capability.MANAGE_ACCOUNTS
CLIENT_BUTTON = "form:has(#company) button[type=submit]"
LONG = "x" * 1001
IN_A_MONTH = (today() + timedelta(days=30)).isoformat()
WRITTEN = "2026-11-23: 3 × 12\n– 50 %"

#: What a person can meet, and how. A state whose form was refused has "error" in its name.
STATES: dict[str, Callable[[Visit], Visit]] = {
    "start": lambda visit: visit.open("/"),
    "method": lambda visit: visit.open("/method"),
    "company": lambda visit: visit.open(visit.assessment() + "/company"),
    "company, error": lambda visit: STATES["company"](visit).fill("#name", "x" * 121).press(),
    "question": lambda visit: visit.open(visit.assessment() + "/questions/reference_data"),
    "question, answered": lambda visit: visit.open(visit.assessment(FEW) + "/questions/ai_talent"),
    "question, unfolded": lambda visit: STATES["question, answered"](visit).unfold(),
    "question, told": lambda visit: STATES["question"](visit).unfold().fill("#unclear", "?").press("[value=unclear]"),
    "question, noted": lambda visit: STATES["question"](visit).unfold(),
    "question, error": lambda visit: STATES["question"](visit).press(),
    "conflict": lambda visit: visit.answered_elsewhere(visit.assessment(anew=True), "ai_talent", 2).choose(4).press(),
    "evidence": lambda visit: visit.open(visit.assessment(FEW) + "/evidence"),
    "evidence, error": lambda visit: visit.open(visit.assessment(FEW) + "/evidence/ai_talent").press(),
    "without network": lambda visit: visit.open("/without-network"),
    "without network, read": lambda visit: visit.workbook().press(),
    "without network, refused error": lambda visit: visit.workbook(b"nothing").press(),
    "left": lambda visit: visit.open(visit.assessment(FEW) + "/left"),
    "check, some missing": lambda visit: visit.open(visit.assessment(FEW) + "/check"),
    "check": lambda visit: visit.open(visit.assessment(AWARE) + "/check"),
    "submit": lambda visit: visit.open(visit.assessment(AWARE) + "/submit"),
    "submit, too few answers": lambda visit: visit.open(visit.assessment(FEW) + "/submit"),
    "result": lambda visit: visit.result(AWARE),
    "result, unfolded": lambda visit: visit.result(AWARE).unfold(),
    "result, not sure": lambda visit: visit.result(UNSURE),
    "result, no band": lambda visit: visit.result(FEW),
    "result, highest": lambda visit: visit.result(HIGHEST),
    "result, undecided": lambda visit: visit.result(COMPETENT, sector="", employees="").unfold(".deciding"),
    "result, error": lambda visit: STATES["result, undecided"](visit).fill("#years", "x").press(".deciding button"),
    "question, note error": lambda visit: STATES["question, noted"](visit).fill("#note", LONG).choose(3).press(),
    "question, expired error": lambda visit: STATES["question"](visit).choose(3).forget().press(),
    "company, conflict error": lambda visit: visit.company_named_elsewhere().press(),
    "finished elsewhere": lambda visit: visit.finished_elsewhere().choose(4).press(),
    "check, changing": lambda visit: visit.open(visit.revised(submitted=False) + "/check"),
    "result, changing": lambda visit: visit.open(visit.revised(submitted=False) + "/result"),
    "result, revised": lambda visit: visit.open(visit.revised(submitted=True) + "/result"),
    "result, earlier": lambda visit: visit.open(visit.revised(submitted=True) + "/results/1"),
    "result, to read": lambda visit: visit.with_link_to_read(),
    "scheme": lambda visit: visit.open(visit.assessment(AWARE, submitted=True) + "/schemes/tvp"),
    "links": lambda visit: visit.open(visit.assessment(AWARE, submitted=True) + "/links"),
    "links, error of none to read": lambda visit: visit.open(visit.assessment(FEW) + "/links").press(MAKE),
    "links, error": lambda visit: STATES["links"](visit).fill("#address", "nobody").press(),
    "links, made": lambda visit: STATES["links"](visit).press(MAKE),
    "links, mailed": lambda visit: visit.open(visit.assessment(anew=True) + "/links").fill("#address", MAIL).press(),
    "actions": lambda visit: visit.open(visit.followed()),
    "action, error": lambda visit: (
        visit.open(visit.followed() + "/ai_governance_1_2").fill("#note", LONG).press("main form button[type=submit]")
    ),
    "trend": lambda visit: visit.open(visit.assessed_again() + "/trend"),
    "delete": lambda visit: visit.open(visit.assessment(AWARE, submitted=True) + "/delete"),
    "deleted": lambda visit: visit.open(visit.assessment(anew=True) + "/delete").press(),
    "privacy": lambda visit: visit.open("/privacy"),
    "no such page": lambda visit: visit.open("/nothing"),
    "no such link": lambda visit: visit.open("/assessments/" + "A" * 43),
    "company, expired error": lambda visit: STATES["company"](visit).forget().press(),
    "staff, sign in": lambda visit: visit.open("/staff/sign-in"),
    "staff, sign in error": lambda visit: STATES["staff, sign in"](visit).fill("#email", MAIL).press(PASSWORD_BUTTON),
    "staff, invitation": lambda visit: visit.invited(),
    "staff, invitation error": lambda visit: visit.invited().fill("#password", "short").press(PASSWORD_BUTTON),
    "staff, no such invitation": lambda visit: visit.open("/staff/invitations/" + "A" * 43),
    "staff, set up": lambda visit: visit.with_password_alone(),
    "staff, set up error": lambda visit: visit.with_password_alone().fill("#code", "1").press(CODE_BUTTON),
    "staff, codes": lambda visit: visit.with_new_codes(),
    "staff, code": lambda visit: visit.at_desk("/staff/sign-in/code"),
    "staff, code error": lambda visit: STATES["staff, code"](visit).fill("#code", "x").press(CODE_BUTTON),
    "staff, desk": lambda visit: visit.at_desk("/staff", *Capability),
    "staff, desk with nothing": lambda visit: visit.at_desk("/staff"),
    "staff, account": lambda visit: visit.at_desk("/staff/account"),
    "staff, account error": lambda visit: STATES["staff, account"](visit).fill("#password", "x").press(PASSWORD_BUTTON),
    "staff, accounts": lambda visit: visit.at_desk("/staff/accounts", MANAGER),
    "staff, accounts error": lambda visit: STATES["staff, accounts"](visit).press(INVITE_BUTTON),
    "staff, accounts, made": lambda visit: (
        STATES["staff, accounts"](visit).fill("#email", f"{uuid4().hex}@example.com").press(INVITE_BUTTON)
    ),
    "staff, support": lambda visit: visit.at_desk("/staff/schemes/support", Capability.EDIT_SCHEMES),
    "staff, support error": lambda visit: (
        STATES["staff, support"](visit).fill("[name=aware__skills_and_training]", "no-such").press(".buttons button")
    ),
    "staff, questions": lambda visit: visit.asked_about().at_desk("/staff/questions", Capability.SEE_STATISTICS),
    "staff, one": lambda visit: STATES["staff, accounts"](visit).press(".links a"),
    "consultants": lambda visit: visit.engaged("/consultants").unfold(),
    "engage": lambda visit: visit.invited_to_engage(),
    "staff, clients": lambda visit: visit.engaged().open("/staff/clients"),
    "staff, client": lambda visit: visit.engaged(),
    "staff, denied": lambda visit: visit.at_desk("/staff/accounts"),
}


def states(start: str = "", language: str = "") -> list[tuple[str, str]]:
    """Return the states whose names begin so, with every language or one: what ``shown`` is parametrised by."""
    return [
        (state, each) for each in LANGUAGES if language in ("", each) for state in STATES if state.startswith(start)
    ]
