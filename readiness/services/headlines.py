"""The finding in one or two sentences, and the plain words on what it is not."""

from __future__ import annotations

from decimal import Decimal

from readiness.core.evidence import Checked, Shares
from readiness.core.languages import Language
from readiness.core.scoring import Result
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.checked_views import share_text

#: Up to this many steps to the next band are named; beyond, the headline names what the plan reaches.
NEAR = 3


def headline(
    version: RubricVersion, result: Result, company: str | None, words: Words, score_after: Decimal | None
) -> str:
    """Return the finding in one or two sentences."""
    texts = version.texts[words.language]
    name = _spaced(company, words) or words.gettext("Your company")
    if result.band is None:
        return words.say(
            "%(scored)s of %(all)s areas are answered. Answer at least %(needed)s to get a band.",
            scored=sum(level is not None for level in result.dimensions.values()),
            all=len(result.dimensions),
            needed=version.rubric.fewest_scored,
        )
    band = texts[f"bands.{result.band}.name"]
    highest = version.rubric.scoring.highest
    if result.could_be != result.band:
        could_be = texts[f"bands.{result.could_be}.name"]
        if result.band == version.rubric.bands[0].id:
            return words.say(
                "%(name)s is between %(band)s and %(could_be)s: find out %(number)s answers.",
                name=name,
                band=band,
                could_be=could_be,
                number=len(result.not_sure),
            )
        return words.count(
            "%(name)s is at least %(band)s (%(score)s of %(highest)s), "
            "up to %(could_be)s once you know %(number)s answer.",
            "%(name)s is at least %(band)s (%(score)s of %(highest)s), "
            "up to %(could_be)s once you know %(number)s answers.",
            len(result.not_sure),
            name=name,
            band=band,
            score=result.score,
            highest=highest,
            could_be=could_be,
        )
    said = words.say(
        "%(name)s is %(band)s: %(score)s of %(highest)s.", name=name, band=band, score=result.score, highest=highest
    )
    if result.next_band is None:
        return _joined(words, said, words.gettext("That is the highest band."))
    above = texts[f"bands.{result.next_band.band}.name"]
    if result.next_band.steps <= NEAR:
        steps = result.next_band.steps
        if steps == 1:
            return _joined(words, said, words.say("One step more and it is %(band)s.", band=above))
        more = words.say("%(number)s steps more and it is %(band)s.", number=steps, band=above)
        return _joined(words, said, more)
    if score_after is None:
        return said
    return _joined(words, said, words.say("This plan takes it to %(score)s within twelve months.", score=score_after))


def disclaimers(
    words: Words, checked: Checked | None = None, parts: Shares | None = None, *, to_consultant: bool = False
) -> tuple[str, ...]:
    """Return the plain words on what this is not.

    :param parts: how much of the score was checked; wanted with *checked*.
    :param to_consultant: whether a consultant reads it.
    """
    _ = words.gettext
    return (
        _by_whom(words, checked, parts, to_consultant=to_consultant),
        _("This is not an assessment by AI Singapore or by the Government."),
        _("A band is no approval for any scheme."),
    )


def _by_whom(words: Words, checked: Checked | None, parts: Shares | None, *, to_consultant: bool) -> str:
    _ = words.gettext
    if checked is None or parts is None or not (checked.checked or checked.held_back):
        return (
            _("The company assessed itself; nobody has checked the answers.")
            if to_consultant
            else _("You assessed yourself; nobody has checked the answers.")
        )
    if not checked.checked:
        return (
            _("The company assessed itself; a consultant counts some levels lower and has checked no proof.")
            if to_consultant
            else _("You assessed yourself; a consultant counts some levels lower and has checked no proof.")
        )
    if checked.checked < 1:
        said = (
            _("The company assessed itself; a consultant has checked %(share)s of the score, nobody the rest.")
            if to_consultant
            else _("You assessed yourself; a consultant has checked %(share)s of the score, nobody the rest.")
        )
        return said % {"share": share_text(parts.checked, parts.of)}
    if checked.held_back:
        return (
            _("The company assessed itself; a consultant has checked the answers and counts some levels lower.")
            if to_consultant
            else _("You assessed yourself; a consultant has checked the answers and counts some levels lower.")
        )
    return (
        _("The company assessed itself; a consultant has checked the answers.")
        if to_consultant
        else _("You assessed yourself; a consultant has checked the answers.")
    )


def _spaced(company: str | None, words: Words) -> str | None:
    """Return a name that ends in a Latin letter with the space that Chinese puts after it."""
    if company and words.language is not Language.EN and company[-1].isascii():
        return f"{company} "
    return company


def _joined(words: Words, *sentences: str) -> str:
    return (" " if words.language.value == "en" else "").join(sentences)
