"""A result in words and drawings, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from readiness.core.answers import Answer, Mark
from readiness.core.evidence import Checked, shares
from readiness.core.records import whole_or_text
from readiness.core.scoring import Result, rounded
from readiness.documents import charts
from readiness.documents.views import BandView, DimensionView, PillarView, ResultView, SourceView
from readiness.documents.words import Words
from readiness.library.rubric_texts import Texts
from readiness.library.rubrics import RubricVersion
from readiness.services.checked_views import checked_view, statement
from readiness.services.headlines import disclaimers, headline


def result_view(
    version: RubricVersion,
    result: Result,
    answers: Mapping[str, Answer],
    company: str | None,
    day: date,
    words: Words,
    *,
    score_after: Decimal | None,
    checked: Checked | None = None,
    to_consultant: bool = False,
) -> ResultView:
    """Return *result* ready to draw.

    :param answers: what the company answered.
    :param score_after: the score that the plan reaches; None where there is no plan or no band above.
    :param checked: what a consultant made of the answers; the band is then drawn with the levels held back.
    :param to_consultant: whether a consultant reads it, whom the sentences do not call the company.
    """
    own = result
    if checked is not None:
        result = checked.result
    texts = version.texts[words.language]
    names = {dimension.id: texts[f"dimensions.{dimension.id}.name"] for dimension in version.rubric.dimensions}
    bands = _bands(version, result, texts, words)
    scored = [level for level in result.dimensions.values() if level is not None]
    dimensions = _dimensions(version, result, answers, checked, texts, words, to_consultant=to_consultant)
    scale = (version.rubric.scoring.lowest, version.rubric.scoring.highest)
    pillars = [(texts[f"pillars.{id}.name"], mean) for id, mean in result.pillars.items()]
    return ResultView(
        company=company or words.gettext("Your company"),
        date=words.day(day),
        headline=headline(version, result, company, words, score_after),
        band=next((band for band in bands if band.id == result.band), None),
        bands=tuple(bands),
        score=None if result.score is None else str(result.score),
        band_line=_band_line(version, result, texts, words),
        mean=None if result.mean is None else str(result.mean),
        mean_decimal=None if result.mean is None else _decimals(result.mean),
        sum_of_levels=str(whole_or_text(sum(scored, Fraction(0)))) if scored else None,
        scored=len(scored),
        of=len(result.dimensions),
        coverage=f"{len(scored)}/{len(result.dimensions)}",
        missing=tuple(texts[f"questions.{id}.text"] for id in result.missing),
        not_sure=tuple(texts[f"questions.{id}.text"] for id in result.not_sure),
        not_applicable=tuple(texts[f"questions.{id}.text"] for id in result.not_applicable),
        weakest=tuple(names[id] for id in _weakest(result)),
        spread=None if result.spread is None else str(whole_or_text(result.spread)),
        how_sure=tuple(_how_sure(version, result, texts, words)),
        gates=_gates(version, result, texts, words),
        dimensions=tuple(dimensions),
        pillars=tuple(PillarView(name, _one_decimal(version, mean)) for name, mean in pillars),
        gauge=_gauge(version, result, bands, words),
        bars=_bars(version, result, names, words),
        radar=charts.radar(
            [
                charts.Axis(name, rounded(mean, version.rubric.scoring) if mean is not None else None)
                for name, mean in pillars
            ],
            scale,
            words.say(
                "Radar of the pillars: %(pillars)s.",
                pillars=words.listed([f"{name} {_one_decimal(version, mean)}" for name, mean in pillars]),
            ),
            words.language.tag,
        ),
        rubric=version.id,
        digest=version.digest,
        method=tuple(texts[f"method.{index}"] for index in range(1, len(version.form.method) + 1)),
        sources=tuple(SourceView(s.title, s.lang, s.href, "") for s in version.form.sources),
        disclaimers=disclaimers(
            words, checked, shares(version.rubric, checked) if checked else None, to_consultant=to_consultant
        ),
        checked=None if checked is None else checked_view(version, checked, own, words, to_consultant=to_consultant),
    )


def _bands(version: RubricVersion, result: Result, texts: Texts, words: Words) -> list[BandView]:
    bands = version.rubric.bands
    unit = Fraction(1, 10**version.rubric.scoring.decimals)
    found = []
    for index, band in enumerate(bands):
        above = bands[index + 1].floor if index + 1 < len(bands) else None
        if band.floor is None and above is not None:
            span = words.say("below %(score)s", score=_plain(above))
        elif above is None and band.floor is not None:
            span = words.say("above %(score)s", score=_plain(band.floor - unit))
        else:
            span = f"{_plain(band.floor or Fraction(0))}–{_plain((above or Fraction(0)) - unit)}"
        key = f"bands.{band.id}"
        found.append(
            BandView(
                id=band.id,
                name=texts[f"{key}.name"],
                span=span,
                interpretation=texts[f"{key}.interpretation"],
                characteristics=texts[f"{key}.characteristics"],
                recommendation=texts[f"{key}.recommendation"],
                reached=band.id == result.band,
            )
        )
    return found


def _dimensions(
    version: RubricVersion,
    result: Result,
    answers: Mapping[str, Answer],
    checked: Checked | None,
    texts: Texts,
    words: Words,
    *,
    to_consultant: bool,
) -> list[DimensionView]:
    pillar_of = {dimension.id: dimension.pillar for dimension in version.rubric.dimensions}
    found = []
    for id, level in result.dimensions.items():
        said = []
        evidence = None
        for question in version.rubric.questions_by_dimension[id]:
            answer = answers.get(question.id)
            if isinstance(answer, int):
                text = texts[f"questions.{question.id}.levels.{answer}.text"]
                evidence = texts[f"questions.{question.id}.levels.{answer}.evidence"]
            elif answer is Mark.NOT_SURE:
                text = words.gettext("Not sure (counts as level 1)")
            elif answer is Mark.NOT_APPLICABLE:
                text = words.gettext("Not applicable (left out)")
            else:
                text = words.gettext("Not answered (left out)")
            said.append(statement(question.id, answer, text, checked, words, to_consultant=to_consultant))
        found.append(
            DimensionView(
                id=id,
                name=texts[f"dimensions.{id}.name"],
                pillar=texts[f"pillars.{pillar_of[id]}.name"],
                level="–" if level is None else str(whole_or_text(level)),
                statements=tuple(said),
                evidence=evidence,
                weakest=id in _weakest(result),
            )
        )
    return found


def _gates(version: RubricVersion, result: Result, texts: Texts, words: Words) -> tuple[str, ...]:
    """Return why the band is below that of the score: nothing where no gate lowers it."""
    if result.band is None or result.band_by_score is None or result.band == result.band_by_score:
        return ()
    by_score = words.say("By the score alone it would be %(band)s.", band=texts[f"bands.{result.band_by_score}.name"])
    rank = version.rubric.rank
    lowering = [s.gate for s in result.gates if s.holds and rank(s.gate.limit) < rank(result.band_by_score)]
    return (by_score, *(texts[f"gates.{gate.id}.explanation"] for gate in lowering))


def _how_sure(version: RubricVersion, result: Result, texts: Texts, words: Words) -> list[str]:
    if result.band is None:
        return []
    said = []
    if result.firm:
        said.append(words.gettext("The band is firm: no single answer moved by one level changes it."))
    elif result.could_be == result.band:
        said.append(words.gettext("The band is close to an edge: one answer moved by one level changes it."))
    if result.not_sure:
        said.append(
            words.count("%(number)s answer was not sure.", "%(number)s answers were not sure.", len(result.not_sure))
        )
    if result.could_be != result.band:
        said.append(words.say("It could be up to %(band)s.", band=texts[f"bands.{result.could_be}.name"]))
    if result.spread == 0:
        said.append(words.gettext("All areas are at the same level."))
    else:
        weakest = words.listed([texts[f"dimensions.{id}.name"] for id in result.weakest])
        said.append(
            words.say(
                "The mean hides differences: "
                "from the weakest (%(weakest)s) to the strongest area it is %(spread)s levels.",
                weakest=weakest,
                spread=whole_or_text(result.spread),
            )
        )
    said.append(words.gettext("Self-assessments tend to come out high: keep the proof that each level names."))
    return said


def _gauge(version: RubricVersion, result: Result, bands: list[BandView], words: Words) -> charts.Chart | None:
    if result.score is None or result.band is None:
        return None
    spans = [
        charts.BandSpan(
            view.name,
            Decimal(version.rubric.scoring.lowest) if band.floor is None else _decimal(band.floor),
            view.reached,
        )
        for view, band in zip(bands, version.rubric.bands, strict=True)
    ]
    alternative = words.say(
        "Score %(score)s on a scale from %(lowest)s to %(highest)s; bands: %(bands)s.",
        score=result.score,
        lowest=version.rubric.scoring.lowest,
        highest=version.rubric.scoring.highest,
        bands=words.listed([f"{band.name} ({band.span})" for band in bands]),
    )
    scale = (version.rubric.scoring.lowest, version.rubric.scoring.highest)
    return charts.gauge(result.score, spans, scale, alternative, words.language.tag)


def _bars(version: RubricVersion, result: Result, names: Mapping[str, str], words: Words) -> charts.Chart:
    rows = []
    for id, level in result.dimensions.items():
        note = ""
        if id in _weakest(result):
            note = words.gettext("weakest")
        elif level is None:
            note = words.gettext("left out")
        rows.append(charts.Bar(names[id], None if level is None else _decimal(level), id in _weakest(result), note))
    alternative = words.say(
        "Level of each area: %(levels)s.",
        levels=words.listed([f"{row.name} {'–' if row.level is None else row.level}" for row in rows]),
    )
    scale = (version.rubric.scoring.lowest, version.rubric.scoring.highest)
    return charts.bars(rows, scale, alternative, words.language.tag)


def _weakest(result: Result) -> tuple[str, ...]:
    """Return the dimensions to mark as weakest: none where all are at one level."""
    return result.weakest if result.spread else ()


def _decimals(mean: Fraction) -> str:
    """Return a mean with four decimals, and dots where there are more."""
    shown = Decimal(floor(mean * 10000)).scaleb(-4).normalize()
    return f"{shown:f}" if Fraction(shown) == mean else f"{Decimal(floor(mean * 10000)).scaleb(-4)}…"


def _band_line(version: RubricVersion, result: Result, texts: Texts, words: Words) -> str:
    if result.band is None:
        return ""
    band = texts[f"bands.{result.band}.name"]
    if result.could_be == result.band:
        return f"{band} · {result.score} / {version.rubric.scoring.highest}"
    return words.say("%(band)s to %(could_be)s", band=band, could_be=texts[f"bands.{result.could_be}.name"])


def _one_decimal(version: RubricVersion, mean: Fraction | None) -> str:
    return "–" if mean is None else str(rounded(mean, version.rubric.scoring))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _plain(value: Fraction) -> str:
    return str(_decimal(value))
