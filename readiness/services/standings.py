"""Where answers stand under one version, in words, and what differs between two of these."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.core.scoring import Result
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion


@dataclass(frozen=True, slots=True)
class Standing:
    """What answers come to under a version, in one language."""

    #: The number of the version.
    rubric: str
    #: Such as "3.4", or None where too few areas are answered.
    score: str | None
    #: The band's name, or None.
    band: str | None
    #: Areas answered, areas there are, areas needed for a band.
    scored: int
    all: int
    needed: int
    #: Why the band is lower than the score says.
    gates: tuple[str, ...]
    #: From which score each band begins, by its id.
    floors: tuple[tuple[str, str], ...]


def standing(version: RubricVersion, result: Result, words: Words) -> Standing:
    """Return what answers come to in words."""
    texts = version.texts[words.language]
    return Standing(
        rubric=version.id,
        score=None if result.score is None else str(result.score),
        band=None if result.band is None else texts[f"bands.{result.band}.name"],
        scored=sum(level is not None for level in result.dimensions.values()),
        all=len(result.dimensions),
        needed=version.rubric.fewest_scored,
        gates=tuple(texts[f"gates.{state.gate.id}.explanation"] for state in result.gates if state.holds)
        if result.band != result.band_by_score
        else (),
        floors=tuple((band.id, str(band.floor)) for band in version.rubric.bands),
    )


def difference(before: Standing, after: Standing, words: Words) -> str:
    """Return in one sentence how the score and the band differ."""
    _ = words.gettext
    if after.score is None:
        if before.score is None:
            return _("Nothing: there is no band before or after.")
        return words.say(
            "There is no band any more: %(scored)s of %(all)s areas are answered, and %(needed)s are needed.",
            scored=after.scored,
            all=after.all,
            needed=after.needed,
        )
    if before.score is None:
        return words.say("There is a band now: %(band)s, %(score)s.", band=after.band, score=after.score)
    if before.band == after.band:
        if before.score == after.score:
            return words.say("Nothing: it stays %(score)s, %(band)s.", score=after.score, band=after.band)
        return words.say(
            "The score goes from %(before)s to %(after)s; the band stays %(band)s.",
            before=before.score,
            after=after.score,
            band=after.band,
        )
    moved = words.space + _("The bands begin at other scores now.") if before.floors != after.floors else ""
    if before.score == after.score:
        said = words.say(
            "The score stays %(score)s; the band goes from %(before)s to %(after)s.",
            score=after.score,
            before=before.band,
            after=after.band,
        )
        return said + moved
    said = words.say(
        "The score goes from %(before)s to %(after)s, the band from %(band_before)s to %(band_after)s.",
        before=before.score,
        after=after.score,
        band_before=before.band,
        band_after=after.band,
    )
    return said + moved
