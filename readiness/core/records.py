"""A result as the plain record that ``score`` prints, exports hold and ``verify`` compares."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from readiness.core.rubric import Rubric
from readiness.core.scoring import GateState, NextBand, Result

FOUR_DECIMALS = Decimal("0.0001")


def result_record(result: Result, digest: str) -> dict[str, Any]:
    """Return *result* as plain values: whole numbers, ``Decimal``, text, lists and dicts, never a float.

    Means are fractions as text: "41/12", or "3" when whole.
    """
    return {
        "rubric": result.rubric,
        "digest": digest,
        "score": result.score,
        "mean": _text(result.mean),
        "band": result.band,
        "band_by_score": result.band_by_score,
        "could_be": result.could_be,
        "coverage": _four_decimals(result.coverage),
        "not_sure": list(result.not_sure),
        "not_applicable": list(result.not_applicable),
        "missing": list(result.missing),
        "dimensions": {id: whole_or_text(level) for id, level in result.dimensions.items()},
        "pillars": {id: {"mean": _text(mean)} for id, mean in result.pillars.items()},
        "weakest": list(result.weakest),
        "spread": whole_or_text(result.spread),
        "next_band": {"band": result.next_band.band, "steps": result.next_band.steps} if result.next_band else None,
        "firm": result.firm,
        "gates": [
            {
                "id": state.gate.id,
                "limit": state.gate.limit,
                "dimension": state.gate.dimension,
                "needs": state.gate.needs,
                "level": whole_or_text(state.level),
                "holds": state.holds,
            }
            for state in result.gates
        ],
    }


def read_result(record: Mapping[str, Any], rubric: Rubric) -> Result:
    """Return the result that :func:`result_record` wrote: the same one, nothing of it computed again.

    The coverage, which a record rounds, is that of the dimensions in it.
    """
    dimensions = {id: _fraction(level) for id, level in record["dimensions"].items()}
    scored = sum(level is not None for level in dimensions.values())
    gates = {gate.id: gate for gate in rubric.gates}
    above = record["next_band"]
    return Result(
        rubric=record["rubric"],
        mean=_fraction(record["mean"]),
        score=None if record["score"] is None else Decimal(record["score"]),
        band=record["band"],
        band_by_score=record["band_by_score"],
        could_be=record["could_be"],
        coverage=Fraction(scored, len(dimensions)),
        not_sure=tuple(record["not_sure"]),
        not_applicable=tuple(record["not_applicable"]),
        missing=tuple(record["missing"]),
        dimensions=dimensions,
        pillars={id: _fraction(pillar["mean"]) for id, pillar in record["pillars"].items()},
        weakest=tuple(record["weakest"]),
        spread=_fraction(record["spread"]),
        next_band=NextBand(above["band"], above["steps"]) if above else None,
        firm=record["firm"],
        gates=tuple(GateState(gates[g["id"]], _fraction(g["level"]), g["holds"]) for g in record["gates"]),
    )


def _fraction(value: int | str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def whole_or_text(value: Fraction | None) -> int | str | None:
    """Return a whole fraction as an int, another one as text such as "7/2"."""
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else str(value)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _four_decimals(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
