"""Where the focus is: always seen, never lost, and led to what needs attention."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.pages import STATES, Visit

MOST_STOPS = 400

# Remember how everything that can take the focus looks without it.
REMEMBER = """() => {
  window.looks = each => {
    // A radio is drawn by its label.
    const label = each.matches("input[type=radio], input[type=checkbox]") ? each.labels[0] : each;
    return ["", "::before"].map(part => {
      const style = getComputedStyle(label, part);
      return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderWidth].join(" ");
    }).join(" | ");
  };
  document.activeElement.blur();
  window.plain = new Map();
  for (const each of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
    window.plain.set(each, window.looks(each));
  }
}"""

# Whether the focus is on a new place, and what is wrong with how it shows there.
STOP = """() => {
  const at = document.activeElement;
  if (at === document.body || window.plain.get(at) === undefined) return null;
  const seen = at.matches("input[type=radio], input[type=checkbox]") ? at.labels[0] : at;
  const box = seen.getClientRects()[0];
  const top = box && document.elementFromPoint(
    Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1)
  );
  const faults = [];
  if (!top || !(seen.contains(top) || top.contains(seen) || at.contains(top))) faults.push("hidden");
  if (!box || box.bottom < 0 || box.top > innerHeight) faults.push("off the screen");
  if (window.plain.get(at) === window.looks(at)) faults.push("not marked");
  const again = at.dataset.stopped === "yes";
  at.dataset.stopped = "yes";
  return { again, faults, markup: at.outerHTML.slice(0, 200) };
}"""

#: States that begin by saying what was done, or where a note was written.
SAID = {"staff, client", "question, told", "links, made", "links, mailed", "staff, accounts, made"}
#: Every state that has something of its own to press.
WALKED = [state for state in STATES if state not in {"check", "result, unfolded"}]


@pytest.mark.parametrize("state", WALKED)
def test_the_focus_is_seen_at_every_stop_and_leaves_the_page_at_its_end(visit: Visit, state: str) -> None:
    page = visit.arrive(state).page
    page.evaluate(REMEMBER)

    stops = _stops(page)

    assert [stop for stop in stops if stop["faults"]] == []
    # After an error the way begins at its summary, and after something was done where that is said.
    assert ("govuk-skip-link" in stops[0]["markup"]) == ("error" not in state and state not in SAID)
    assert "/privacy" in stops[-1]["markup"]


def test_the_skip_link_leads_past_the_header(visit: Visit) -> None:
    page = visit.arrive("question").page
    page.keyboard.press("Tab")
    assert page.locator(".govuk-skip-link").bounding_box()["width"] > 100

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.name") == "answer"


@pytest.mark.parametrize(
    ("state", "field"), [("company, error", "name"), ("question, error", "answer"), ("result, error", "years")]
)
def test_an_error_takes_the_focus_leads_to_its_field_and_is_read_with_it(visit: Visit, state: str, field: str) -> None:
    page = visit.arrive(state).page
    assert page.evaluate("document.activeElement.matches('.govuk-error-summary')")
    message = page.inner_text(".govuk-error-summary a")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == message
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.name") == field
    described = page.evaluate(
        """() => (document.activeElement.closest("[aria-describedby]")?.getAttribute("aria-describedby") ?? "")
            .split(" ").map(id => document.getElementById(id)?.innerText).join(" ")"""
    )
    assert message in described


def test_without_scripts_an_error_still_leads_to_its_field(site: str, poster: Any, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = Visit(site, poster, context.new_page(), "en").arrive("question, error").page

    page.click(".govuk-error-summary a")

    assert page.url.endswith("#answer")
    assert page.locator("#answer:target").count() == 1
    context.close()


def _stops(page: Any) -> list[dict[str, Any]]:
    """Press the tab key until the focus leaves the page or begins anew."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or stop["again"]:
            return stops
        stops.append(stop)
    raise AssertionError("the focus never leaves the page")
