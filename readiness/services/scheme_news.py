"""What has become of a plan's schemes since the plan was made; the plan itself stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from readiness.core.facts import DatedValue, Fact, FactError, FactUncertain
from readiness.core.profile import Profile
from readiness.core.schemes import Offer, Scheme, Status
from readiness.documents.views import LineView, NewsView
from readiness.documents.words import Words
from readiness.library.catalogues import CatalogueVersion
from readiness.services.scheme_views import SchemeTexts

#: Units of facts that are money, or a share of it.
MONEY = frozenset({"share", "HKD", "HKD_per_month"})
#: How much a company can rely on a status; a greater number is worse, and what is not named here is of no use to it.
_RANK = {Status.OPEN: 0, Status.CURRENT_GUIDANCE: 0, Status.OPEN_UNCONFIRMED: 1}
_OF_NO_USE = 2


def news_of(
    record: Mapping[str, Any], catalogue: CatalogueVersion, current: CatalogueVersion, day: date, words: Words
) -> tuple[NewsView, ...]:
    """Return which of a plan's recommended schemes are worse or pay otherwise today than on the plan's day.

    :param record: the plan as it was frozen.
    :param catalogue: what it was made from.
    :param current: the catalogue in force on *day*.
    """
    made_on = date.fromisoformat(record["today"])
    if catalogue.digest == current.digest and made_on == day:
        return ()
    texts = SchemeTexts(current, Profile(), day, words)
    found = []
    for verdict in record["schemes"]:
        if not verdict["recommended"]:
            continue
        id = verdict["id"]
        if id not in current.forms:
            name = SchemeTexts(catalogue, Profile(), made_on, words).name(id)
            found.append(NewsView(id, name, (LineView(words.gettext("It is no longer in our catalogue."), None),)))
            continue
        old, new = catalogue.catalogue.schemes[id], current.catalogue.schemes[id]
        lines = (*_of_status(Status(verdict["status"]), new, texts), *_of_money(old, made_on, new, texts))
        if lines:
            found.append(NewsView(id, texts.name(id), tuple(lines)))
    return tuple(found)


def _of_status(then: Status, scheme: Scheme, texts: SchemeTexts) -> Iterator[LineView]:
    words = texts.words
    form = texts.catalogue.forms[scheme.id]
    now = scheme.status_on(texts.day)
    if _RANK.get(now, _OF_NO_USE) > _RANK.get(then, _OF_NO_USE):
        source = texts.status_source(scheme, form)
        if now is Status.CLOSED and scheme.ended is not None:
            if form.ended is not None and form.ended.source in form.sources:
                source = texts.source(form.sources[form.ended.source])
            exact = form.ended is not None and form.ended.on is not None
            said = (
                words.say("It has closed: it takes no applications from %(day)s.", day=words.day(scheme.ended))
                if exact
                else words.say("It has closed, by %(day)s at the latest.", day=words.day(scheme.ended))
            )
        elif now is Status.CLOSED:
            said = words.gettext("It has closed.")
        else:
            said = words.say("Now: %(status)s.", status=texts.status(now))
        yield LineView(said, source)
    elif scheme.offer is not Offer.RECOMMEND:
        yield LineView(words.gettext("We no longer recommend it."), None)


def _of_money(old: Scheme, made_on: date, new: Scheme, texts: SchemeTexts) -> Iterator[LineView]:
    words = texts.words
    form = texts.catalogue.forms[new.id]
    for id, fact in new.facts.items():
        if fact.unit not in MONEY or id not in old.facts:
            continue
        then, now = _shown(old.facts[id], made_on), _shown(fact, texts.day)
        if then is None or now is None or then.value == now.value:
            continue
        said = words.say(
            "%(fact)s: was %(before)s, is now %(after)s (%(since)s)",
            fact=form.facts[id].label.in_(texts.language),
            before=texts.amount(old.facts[id].unit, then.value),
            after=texts.amount(fact.unit, now.value),
            since=texts.since(form, id, now),
        )
        yield LineView(said, texts.source(form.sources[now.source.id]))


def _shown(fact: Fact, day: date) -> DatedValue | None:
    """Return the value that a page of that day shows, or None if it shows none."""
    try:
        return fact.on(day)
    except FactUncertain as error:
        return error.newer
    except FactError:
        return None
