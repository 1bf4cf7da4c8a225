"""Schemes in words: what one pays, who qualifies, where to apply, each with its source and date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from readiness.core.eligibility import Outcome, examine
from readiness.core.facts import DatedValue, Fact, FactError, FactUncertain, value_on
from readiness.core.languages import Language
from readiness.core.profile import Profile
from readiness.core.schemes import Scheme, Status
from readiness.documents.views import FactView, LineView, RuleView, SchemeView, SourceView
from readiness.documents.words import Words
from readiness.library.catalogues import CatalogueVersion
from readiness.library.languages import Translated
from readiness.library.scheme_files import LineForm, SchemeForm, SourceForm


class SchemeTexts:
    """Makes the views of schemes for one company, day and language."""

    def __init__(self, catalogue: CatalogueVersion, profile: Profile, day: date, words: Words) -> None:
        self.catalogue = catalogue
        self.profile = profile
        self.day = day
        self.words = words
        self.language: Language = words.language

    def name(self, id: str) -> str:
        """Return a scheme's short name, in Chinese after its name; or its name alone."""
        form = self.catalogue.forms[id]
        name = form.name(self.language)
        if form.short_name is None or (self.language is not Language.EN and form.short_name in name):
            return name
        return form.short_name if self.language is Language.EN else f"{name}（{form.short_name}）"

    def view(self, verdict: Mapping[str, Any]) -> SchemeView:
        """Return the view of a scheme, given its verdict as the plan's record holds it."""
        form = self.catalogue.forms[verdict["id"]]
        scheme = self.catalogue.catalogue.schemes[verdict["id"]]
        other = form.other_name(self.language)
        return SchemeView(
            id=form.id,
            name=form.name(self.language),
            short_name=form.short_name,
            other_name=other[1] if other else None,
            other_tag=other[0].tag if other else None,
            kind=self.catalogue.support.kinds[form.kind].in_(self.language),
            provider=form.provider.in_(self.language),
            summary=form.summary.in_(self.language),
            status=self.status(verdict["status"]),
            status_code=verdict["status"],
            status_source=self.status_source(scheme, form),
            recommended=verdict["recommended"],
            why_not=self._why_not(verdict, form),
            eligibility=verdict["eligibility"],
            freshness=self.freshness(scheme),
            facts=tuple(self._facts(scheme, form)),
            rules=tuple(self._rules(scheme, form)),
            prepare=tuple(self._line(line, form) for line in form.prepare),
            lead_time=self._line(LineForm(text=form.lead_time.text, source=form.lead_time.source), form)
            if form.lead_time
            else None,
            before_spending=self._before_spending(form.apply_before_spending.value),
            cautions=tuple(self._line(line, form) for line in form.cautions),
            where=form.where.text.in_(self.language),
            href=form.where.href,
            contact=form.where.contact,
        )

    def source(self, form: SourceForm) -> SourceView:
        """Return a source with its date, or with the words that it has none."""
        tag = Language(form.lang).tag
        dated = self.words.day(form.dated) if form.dated else self.words.gettext("undated")
        return SourceView(form.title, tag, form.href, dated, unofficial=form.evidence == "secondary")

    def status(self, code: str) -> str:
        """Return a status in words."""
        _ = self.words.gettext
        return {
            Status.OPEN: _("Open"),
            Status.OPEN_UNCONFIRMED: _("Seen open, not confirmed: ask first"),
            Status.ANNOUNCED: _("Announced, not open yet"),
            Status.CLOSED: _("Closed"),
            Status.UNKNOWN: _("We do not know whether it is open"),
            Status.NOT_FOR_COMPANIES: _("Not open to companies"),
            Status.CURRENT_GUIDANCE: _("Current guidance"),
        }[Status(code)]

    def status_source(self, scheme: Scheme, form: SchemeForm) -> SourceView | None:
        """Return where the status of the day was read, or None if no source says."""
        try:
            value = value_on(scheme.id, scheme.statuses, self.day)
        except FactError:
            return None
        return self.source(form.sources[value.source.id]) if value.source.id in form.sources else None

    def freshness(self, scheme: Scheme) -> str:
        """Return when the record was compared with the live page, in words."""
        words = self.words
        newest = words.day(scheme.newest_source) if scheme.newest_source else None
        if scheme.checked_on is not None:
            checked = words.day(scheme.checked_on)
            if scheme.stale_on(self.day):
                return words.say("compared with the live page on %(day)s, more than 90 days ago", day=checked)
            return words.say("compared with the live page on %(day)s", day=checked)
        if newest is None:
            return words.gettext("no dated source; not checked on the live page")
        return words.say("newest source %(day)s; not checked on the live page", day=newest)

    def _why_not(self, verdict: Mapping[str, Any], form: SchemeForm) -> str | None:
        if verdict["why_not"] is None:
            return None
        words = self.words
        reason, _, value = verdict["why_not"].partition(":")
        if reason == "eligibility":
            rule = next(rule for rule in form.eligibility if rule.id == value)
            return words.say("Your company does not meet: %(rule)s", rule=rule.text.in_(self.language))
        if reason == "status":
            return self.status(value)
        return {
            "offer": words.gettext("Listed for information; we do not recommend it"),
            "band": words.gettext("Meant for companies in another band"),
            "dimension": words.gettext("Does not help with the actions of this plan"),
        }[reason]

    def _facts(self, scheme: Scheme, form: SchemeForm) -> list[FactView]:
        found = []
        for id, fact in scheme.facts.items():
            try:
                value = fact.on(self.day)
            except FactUncertain as error:
                found.append(self._fact(form, fact, error.newer, self.between(error.older, error.newer)))
            except FactError:
                pass
            else:
                found.append(self._fact(form, fact, value, self.since(form, id, value)))
            for since, later in _later(fact, self.day):
                said = self.words.say("from %(day)s", day=self.words.day(since))
                found.append(self._fact(form, fact, later, said))
            for coming in fact.coming:
                if coming.announced is not None and not _overtaken(fact, coming.announced, self.day):
                    day = self.words.day(coming.announced)
                    said = self.words.say("announced on %(day)s; whether it took effect we do not know", day=day)
                    found.append(self._fact(form, fact, coming, said))
        return found

    def _fact(self, form: SchemeForm, fact: Fact, value: DatedValue, since: str) -> FactView:
        label = form.facts[fact.id].label.in_(self.language)
        shown = self.amount(fact.unit, value.value)
        return FactView(label, shown, since, self.source(form.sources[value.source.id]))

    def amount(self, unit: str, value: Any) -> str:
        """Return a fact's value with its unit."""
        words = self.words
        if isinstance(value, Translated):
            return value.in_(self.language)
        if unit == "share":
            return share_text(Fraction(value), words)
        match unit:
            case "HKD":
                return f"HK${value:,}"
            case "HKD_per_month":
                return words.say("HK$%(amount)s a month", amount=f"{value:,}")
            case "weeks":
                return words.count("%(number)s week", "%(number)s weeks", value)
            case "months":
                return words.count("%(number)s month", "%(number)s months", value)
            case "years":
                return words.count("%(number)s year", "%(number)s years", value)
            case "days":
                return words.count("%(number)s day", "%(number)s days", value)
            case "persons":
                return words.count("%(number)s person", "%(number)s people", value)
            case _:
                return f"{value:,}"

    def since(self, form: SchemeForm, fact: str, value: DatedValue) -> str:
        """Return from when a value holds, in words."""
        words = self.words
        if value.since is not None:
            return words.say("since %(day)s", day=words.day(value.since))
        if value.known_in_force_by is None:
            forms = form.facts[fact].values
            undated = next((each.undated for each in forms if each.source == value.source.id and each.undated), None)
            return undated.in_(self.language) if undated else words.gettext("undated")
        values = self.catalogue.catalogue.schemes[form.id].facts[fact].values
        older = next((each for each in values[values.index(value) + 1 :] if each.newest_proof), None)
        if older is not None:
            return self.between(older, value)
        return words.say("in force by %(day)s", day=words.day(value.known_in_force_by))

    def between(self, older: DatedValue, newer: DatedValue) -> str:
        """Return the days between which a value gave way to another."""
        words = self.words
        if older.newest_proof is None or newer.start is None:
            return words.gettext("undated")
        return words.say(
            "changed between %(first)s and %(last)s",
            first=words.day(older.newest_proof),
            last=words.day(newer.start),
        )

    def _rules(self, scheme: Scheme, form: SchemeForm) -> list[RuleView]:
        found = [
            RuleView(
                text.text.in_(self.language),
                examine(rule.test, self.profile)[0].value,
                self.source(form.sources[text.source]),
            )
            for rule, text in zip(scheme.rules, form.eligibility, strict=True)
        ]
        order = [Outcome.FAILS.value, Outcome.UNKNOWN.value, Outcome.MEETS.value]
        found.sort(key=lambda rule: order.index(rule.outcome))
        for line in form.to_show:
            source = self.source(form.sources[line.source]) if line.source else None
            found.append(RuleView(line.text.in_(self.language), "show", source))
        return found

    def _line(self, line: LineForm, form: SchemeForm) -> LineView:
        source = self.source(form.sources[line.source]) if line.source else None
        return LineView(line.text.in_(self.language), source)

    def _before_spending(self, value: str) -> str:
        _ = self.words.gettext
        return {
            "yes": _("Apply first. Do not book or pay before approval."),
            "no": _("You may spend before you apply."),
            "unknown": _("Do not book or pay before approval unless the scheme says you may."),
        }[value]


def _later(fact: Fact, day: date) -> list[tuple[date, DatedValue]]:
    """Return the days after *day* from which other values will hold, with these, the next one first."""
    until = fact.ended or date.max
    later = [(value.since, value) for value in fact.values if value.since is not None and day < value.since < until]
    return later[::-1]


def _overtaken(fact: Fact, announced: date, day: date) -> bool:
    """Return whether a value of a later day is in force, which makes an announcement history."""
    return any(value.start is not None and announced <= value.start <= day for value in fact.values)


def share_text(share: Fraction, words: Words) -> str:
    """Return a share as people say it: half, a third, else a percentage."""
    if share == Fraction(1, 2):
        return words.gettext("half (1:1)")
    if share == Fraction(1, 3):
        return words.gettext("one third (1:2)")
    if share == Fraction(2, 3):
        return words.gettext("two thirds (2:1)")
    if share == Fraction(3, 4):
        return words.gettext("three quarters (3:1)")
    if share == Fraction(1, 4):
        return words.gettext("a quarter (1:3)")
    percent = share * 100
    shown = str(percent.numerator) if percent.denominator == 1 else f"{percent.numerator}/{percent.denominator}"
    return f"{shown}%"
