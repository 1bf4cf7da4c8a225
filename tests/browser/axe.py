"""What axe-core finds: nothing to mend, and nothing left undecided that is not decided here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import Visit

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = 4.5

#: What axe leaves to a person, as rule and markup: each is decided by a test of ours.
DECIDED_HERE = [
    # axe does not see through an image role: test_the_words_in_a_chart_stand_out_from_the_paper.
    ("color-contrast", r"^<text "),
    # axe parts words at spaces, which Chinese has not: test_a_name_that_is_heard_begins_with_the_name_that_is_seen.
    ("label-content-name-mismatch", r'lang="zh-Han'),
]

RUN = """async tags => {
  const options = { runOnly: tags, resultTypes: ["violations", "incomplete"] };
  const { violations, incomplete } = await axe.run(document, options);
  const plain = found => found.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id,
    markup: node.html,
    because: [...node.any, ...node.all, ...node.none].map(check => check.message).join("; "),
  })));
  return { violations: plain(violations), incomplete: plain(incomplete) };
}"""

# Every visible text of a chart: its colours' contrast with white, and the shapes that it touches.
CHART_TEXTS = """() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // A letter does not fill the height of its line.
  const air = box => 0.15 * box.height;
  const touches = (text, shape) => text.left < shape.right && shape.left < text.right
    && text.top + air(text) < shape.bottom && shape.top < text.bottom - air(text);
  return [...document.querySelectorAll('svg[role="img"] text')].filter(text => text.checkVisibility()).map(text => ({
    words: text.textContent,
    contrast: 1.05 / (light(getComputedStyle(text).fill) + 0.05),
    over: [...text.ownerSVGElement.querySelectorAll("rect, path, circle")]
      .filter(shape => touches(text.getBoundingClientRect(), shape.getBoundingClientRect()))
      .map(shape => shape.outerHTML),
  }));
}"""


def test_axe_finds_nothing_to_mend(shown: Visit) -> None:
    found = _axe(shown.page)

    assert found["violations"] == []
    assert [each for each in found["incomplete"] if not _is_decided_here(each)] == []


def test_the_words_in_a_chart_stand_out_from_the_paper(shown: Visit) -> None:
    for text in shown.page.evaluate(CHART_TEXTS):
        assert text["contrast"] >= CONTRAST, text
        assert text["over"] == [], text


def test_a_name_that_is_heard_begins_with_the_name_that_is_seen(shown: Visit) -> None:
    named = shown.page.eval_on_selector_all(
        "a[aria-label], button[aria-label]", "all => all.map(each => [each.ariaLabel, each.innerText.trim()])"
    )

    assert [(heard, seen) for heard, seen in named if not heard.startswith(seen)] == []


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<p style="color: #999; background: #fff">pale</p>', "color-contrast"),
        ("<input>", "label"),
        ('<img src="x.png">', "image-alt"),
        ("<h4>too deep</h4>", "heading-order"),
    ],
)
def test_axe_would_find_a_fault(browser: Any, markup: str, rule: str) -> None:
    page = browser.new_page()
    page.set_content(f'<!DOCTYPE html><html lang="en"><title>x</title><main><h1>x</h1>{markup}</main></html>')

    found = _axe(page)["violations"]

    assert rule in {each["rule"] for each in found}
    page.close()


def _axe(page: Any) -> dict[str, list[dict[str, str]]]:
    # The pages forbid scripts that are not their own; what the tests evaluate comes in by the debugger, not the page.
    page.evaluate(AXE)
    found: dict[str, list[dict[str, str]]] = page.evaluate(RUN, TAGS)
    return found


def _is_decided_here(found: dict[str, str]) -> bool:
    return any(found["rule"] == rule and re.search(markup, found["markup"]) for rule, markup in DECIDED_HERE)
