"""Each page on a narrow screen, with wide text, and under a finger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.browser.pages import PHONE, Visit

#: WCAG 1.4.12: what a person may set, and still nothing is lost.
TEXT_SPACING = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
}
p { margin-bottom: 2em !important; }"""

# What is wider or higher than the box that shows it, and chart texts that leave their drawing or run into a bar.
CUT_OFF = """() => {
  const found = [];
  for (const each of document.querySelectorAll("body *")) {
    // A field scrolls its text; what only screen readers are to find is cut on purpose.
    const meant = ".govuk-visually-hidden, .govuk-skip-link, input, select, textarea, thead";
    if (!each.checkVisibility() || each.closest(meant)) continue;
    const style = getComputedStyle(each);
    const clips = style.overflowX !== "visible" || style.overflowY !== "visible" || style.clipPath !== "none";
    const cut = each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1;
    if (clips && cut && !each.closest("svg") && style.display !== "inline") found.push(each.outerHTML.slice(0, 200));
    if (each.matches('svg[role="img"] text')) {
      const text = each.getBoundingClientRect(), chart = each.ownerSVGElement.getBoundingClientRect();
      const covered = [...each.ownerSVGElement.querySelectorAll("rect")].some(bar => {
        const box = bar.getBoundingClientRect();
        return text.right > box.left && text.left < box.right && text.y + text.height / 2 > box.top
          && text.y + text.height / 2 < box.bottom;
      });
      if (covered || text.left < chart.left - 1 || text.right > chart.right + 1) found.push(each.outerHTML);
    }
  }
  return found;
}"""

# What can be pressed and is lower or narrower than 24 px; a link within a sentence is as high as its line.
SMALL_TARGETS = """() => {
  const found = [];
  for (const each of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")) {
    const box = each.getBoundingClientRect();
    if (!each.checkVisibility() || each.closest(".govuk-visually-hidden, .govuk-skip-link")) continue;
    const words = each.innerText;
    const around = each.closest("p, li, dd, dt, td")?.innerText ?? "";
    const in_a_sentence = getComputedStyle(each).display === "inline" && around.trim() !== words.trim();
    if ((box.width < 24 || box.height < 24) && !in_a_sentence) {
      found.push(`${box.width.toFixed(1)} x ${box.height.toFixed(1)}: ${each.outerHTML.slice(0, 200)}`);
    }
  }
  return found;
}"""

MOVING = """() => [...document.querySelectorAll("*")].filter(each => {
  const style = getComputedStyle(each);
  const times = [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].map(parseFloat);
  return times.some(seconds => seconds > 0.01) || style.scrollBehavior === "smooth";
}).map(each => each.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("width", [360, 320])
def test_nothing_scrolls_sideways(shown: Visit, width: int) -> None:
    with _wide(shown.page, width):
        assert _overflow(shown.page) == []


def test_wide_text_is_neither_cut_off_nor_scrolled_sideways(shown: Visit) -> None:
    before = shown.page.evaluate(CUT_OFF)
    with _wide(shown.page, 320), _styled(shown.page, TEXT_SPACING):
        assert _overflow(shown.page) == []
        assert shown.page.evaluate(CUT_OFF) == []
    assert before == []


def test_what_can_be_pressed_is_large_enough_for_a_finger(shown: Visit) -> None:
    assert shown.page.evaluate(SMALL_TARGETS) == []


def test_nothing_is_sticky_that_could_hide_the_focus(shown: Visit) -> None:
    sticky = shown.page.evaluate(
        "() => [...document.querySelectorAll('*')].filter(each => ['sticky', 'fixed']"
        ".includes(getComputedStyle(each).position)).map(each => each.outerHTML.slice(0, 200))"
    )

    assert sticky == []


def test_nothing_moves_of_itself_or_on_the_way_to_a_place(shown: Visit) -> None:
    for motion in ("no-preference", "reduce"):
        shown.page.emulate_media(reduced_motion=motion)
        assert shown.page.evaluate(MOVING) == [], motion
    shown.page.emulate_media(reduced_motion="null")


def _overflow(page: Any) -> list[str]:
    """Return the innermost elements that reach beyond the right edge, if the page scrolls sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.scrollingElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const wide = [...document.querySelectorAll("body *")]
            .filter(each => each.getBoundingClientRect().right > root.clientWidth + 0.5);
          const inner = wide.filter(each => !wide.some(other => other !== each && each.contains(other)));
          return [`${root.scrollWidth} px`, ...inner.map(each => each.outerHTML.slice(0, 200))];
        }"""
    )
    return found


@contextmanager
def _wide(page: Any, width: int) -> Iterator[None]:
    page.set_viewport_size({**PHONE, "width": width})
    try:
        yield
    finally:
        page.set_viewport_size(PHONE)


@contextmanager
def _styled(page: Any, rules: str) -> Iterator[None]:
    """Set rules as a person's own style sheet would; the page's policy forbids a style element."""
    page.evaluate(
        "rules => { const own = new CSSStyleSheet(); own.replaceSync(rules); document.adoptedStyleSheets = [own]; }",
        rules,
    )
    try:
        yield
    finally:
        page.evaluate("() => { document.adoptedStyleSheets = []; }")
