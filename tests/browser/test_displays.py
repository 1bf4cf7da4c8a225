"""The same pages in the person's own colours, and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.browser.pages import Visit, states

#: WCAG 1.4.11: what carries meaning, and 1.4.3: text.
SHAPE, TEXT = 3.0, 4.5

# How well each part of a chart stands out from the person's background, by its words, its filling or its line.
CHARTS = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = "Canvas";
  const paper = getComputedStyle(probe).color;
  probe.remove();
  return [...document.querySelectorAll('svg[role="img"] *')].map(each => {
    const { fill, stroke } = getComputedStyle(each);
    const words = each.tagName === "text";
    const colours = (words ? [fill] : [fill, stroke]).filter(colour => colour.startsWith("rgb"));
    const parts = [paper, ...colours].map(colour => colour.match(/[0-9.]+/g).slice(0, 3).map(Number));
    return { words, parts, markup: each.outerHTML };
  });
}"""

ON_PAPER = """() => {
  const seen = selector => [...document.querySelectorAll(selector)].filter(each => each.checkVisibility());
  return {
    pressed: seen("button, input, select, nav, .govuk-button").map(each => each.outerHTML.slice(0, 200)),
    coloured: seen("body *").filter(each => !each.closest("svg")).filter(each => {
      const style = getComputedStyle(each);
      return style.color !== "rgb(0, 0, 0)" || style.backgroundColor !== "rgba(0, 0, 0, 0)";
    }).map(each => each.outerHTML.slice(0, 200)),
    opened: ["ol.roadmap", "table.levels", ".scheme.fits .scheme-body", ".scheme.closed .scheme-body"]
      .filter(selector => seen(selector).length),
  };
}"""

Colour = tuple[int, ...]

RESULTS = states("result", "en")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", [*states("start", "en"), *RESULTS], ids=" in ".join, indirect=True)
def test_in_the_persons_own_colours_every_part_of_a_chart_is_seen(shown: Visit, scheme: str) -> None:
    with _displayed(shown.page, forced_colors="active", color_scheme=scheme):
        parts = shown.page.evaluate(CHARTS)

    assert parts
    for part in parts:
        paper, *colours = part["parts"]
        best = max(_contrast(paper, colour) for colour in colours)
        assert best >= (TEXT if part["words"] else SHAPE), part["markup"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_persons_own_colours_the_reached_band_is_filled_unlike_the_others(visit: Visit, scheme: str) -> None:
    page = visit.arrive("result").page

    with _displayed(page, forced_colors="active", color_scheme=scheme):
        fills = page.eval_on_selector_all(".gauge rect", "all => all.map(each => getComputedStyle(each).fill)")

    unaware, aware, ready, competent = fills
    assert unaware == ready == competent != aware


# What the browser paints in forced colours is not what it computes: only the picture tells.
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["start", "question, answered", "conflict", "submit", "no such page"])
def test_in_the_persons_own_colours_a_button_has_an_edge_and_the_focus_another(
    visit: Visit, state: str, scheme: str
) -> None:
    page = visit.arrive(state).page

    with _displayed(page, forced_colors="active", color_scheme=scheme):
        for button in page.locator("main .govuk-button:visible").all():
            plain = _edge(page, button)
            button.focus()
            focused = _edge(page, button)
            assert max(plain) >= SHAPE
            assert max(focused) >= SHAPE
            assert len([each for each in focused if each >= SHAPE]) > len([each for each in plain if each >= SHAPE])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_persons_own_colours_the_chosen_answer_has_a_dot_and_an_outline(visit: Visit, scheme: str) -> None:
    page = visit.arrive("question, answered").page

    with _displayed(page, forced_colors="active", color_scheme=scheme):
        for item in page.locator(".choices .govuk-radios__item").all():
            chosen = item.locator("input").is_checked()
            ring = item.locator("input").bounding_box()
            middle = (ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
            dot, paper = _pixels(page, [middle, (1, middle[1])])
            assert (_contrast(dot, paper) >= SHAPE) == chosen
            outlined = item.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
            assert outlined == chosen


@pytest.mark.parametrize("shown", RESULTS, ids=" in ".join, indirect=True)
def test_a_result_on_paper_is_black_on_white_and_has_nothing_to_press(shown: Visit) -> None:
    with _displayed(shown.page, media="print"):
        paper = shown.page.evaluate(ON_PAPER)

    assert paper["pressed"] == []
    assert paper["coloured"] == []
    assert "table.levels" in paper["opened"]


def test_a_result_on_paper_opens_what_matters_and_hides_its_private_link(visit: Visit) -> None:
    page = visit.arrive("result, not sure").page
    with _displayed(page, media="print"):
        assert page.evaluate(ON_PAPER)["opened"] == ["ol.roadmap", "table.levels", ".scheme.fits .scheme-body"]

    sheets = PdfReader(BytesIO(page.pdf(format="A4"))).pages

    text = "".join(sheet.extract_text() for sheet in sheets)
    token = page.url.split("/")[4]
    assert "Harbour Foods Ltd" in sheets[0].extract_text()
    assert "nobody has checked the answers" in text
    assert len(token) > 40
    assert token not in "".join(text.split())


def _edge(page: Any, button: Any) -> list[float]:
    """Return how well the pixels on the way into a button stand out from the page before it."""
    box = button.bounding_box()
    y = box["y"] + box["height"] / 2
    paper, *way = _pixels(page, [(1, y), *((box["x"] + step, y) for step in range(-6, 6))])
    return [_contrast(paper, colour) for colour in way]


def _pixels(page: Any, places: list[tuple[float, float]]) -> list[Colour]:
    """Return the colours at *places* of the screen, or below it."""
    scrolled = page.evaluate("scrollY")
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return [picture.getpixel((int(x), int(y + scrolled))) for x, y in places]


def _contrast(one: Sequence[float], other: Sequence[float]) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: Sequence[float]) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    shares = (part / 255 for part in colour)
    linear = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@contextmanager
def _displayed(page: Any, **how: str) -> Iterator[None]:
    page.emulate_media(**how)
    try:
        yield
    finally:
        page.emulate_media(media="null", forced_colors="null", color_scheme="null")
