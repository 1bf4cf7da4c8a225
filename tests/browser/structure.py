"""What a screen reader tells of each page: its title, headings, landmarks, languages and tables."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.browser.pages import COMPANIES, TAGS, Visit

ERROR = {"en": "Error: ", "zh-Hant": "錯誤：", "zh-Hans": "错误："}
NAME = {"en": "AI Readiness", "zh-Hant": "AI 準備度", "zh-Hans": "AI 准备度"}

#: States whose title is in other words than the heading.
OWN_TITLES = {
    "start",  # in search results and bookmarks a short question says more than the heading's promise
}

# Every text with the language it is marked with, apart from the name that the person gave the company.
TEXTS = """company => {
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const text = walker.currentNode.data.replaceAll(company, "").trim();
    if (text && !parent.closest("script")) found.push([parent.closest("[lang]").getAttribute("lang"), text]);
  }
  for (const each of document.querySelectorAll("[aria-label], [title], [alt]")) {
    for (const name of ["aria-label", "title", "alt"]) {
      const text = (each.getAttribute(name) || "").replaceAll(company, "").trim();
      if (text) found.push([each.closest("[lang]").getAttribute("lang"), text]);
    }
  }
  return found;
}"""

VISIBLE_LEVELS = "all => all.filter(each => each.checkVisibility()).map(each => +each.tagName[1])"

HAN = re.compile("[\u3400-\u9fff]")
#: Three English words in a row are more than a name or an acronym.
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [A-Za-z]{2,}\b")


def test_the_title_says_first_whether_something_is_wrong_and_then_what_the_heading_says(shown: Visit) -> None:
    title = shown.page.title()
    heading = shown.page.inner_text("h1")

    error = ERROR[shown.language] if "error" in shown.state else ""
    assert title.startswith(error)
    assert title.endswith(f" – {NAME[shown.language]}")
    if shown.state not in OWN_TITLES:
        said = title.removeprefix(error).removesuffix(f" – {NAME[shown.language]}")
        # A title may be the heading without its question; that of a question says first which it is.
        assert said in heading or (said.endswith(heading) and shown.state.startswith("question"))


def test_there_is_a_summary_of_errors_exactly_where_something_is_wrong(shown: Visit) -> None:
    assert shown.page.locator(".govuk-error-summary:visible").count() == ("error" in shown.state)


def test_there_is_one_heading_of_the_first_level_and_no_level_is_skipped(shown: Visit) -> None:
    levels = shown.page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", VISIBLE_LEVELS)

    assert levels.count(1) == 1
    # A summary of errors stands before the heading of its page, as in the pattern it follows.
    first = levels.index(1)
    assert levels[:first] == ([2] if "error" in shown.state else [])
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels[first:]))


def test_the_landmarks_are_one_each_and_every_section_has_a_name(shown: Visit) -> None:
    tree = shown.page.locator("body").aria_snapshot()

    for landmark in ("banner", "main", "contentinfo"):
        assert len(re.findall(rf"^- {landmark}\b", tree, re.MULTILINE)) == 1, landmark
    assert not re.search(r"^\s*- (region|navigation|complementary|form)(:|$)", tree, re.MULTILINE)


def test_each_text_is_marked_with_its_language(shown: Visit, other_script: dict[str, set[str]]) -> None:
    assert shown.page.get_attribute("html", "lang") == TAGS[shown.language]
    for language, text in shown.page.evaluate(TEXTS, COMPANIES[shown.language]):
        if language == "en":
            assert not HAN.search(text), text
        else:
            assert language in TAGS.values(), text
            assert HAN.search(text) or not ENGLISH.search(text), text
            assert not other_script[language] & set(text), text


@pytest.fixture(scope="session")
def other_script() -> dict[str, set[str]]:
    """Return, for each Chinese language tag, characters that only the other script has."""
    path = Path(__file__).parent.parent / "content" / "character_pairs.txt"
    both_differ = path.read_text("utf-8").partition("# [traditional]")[0]
    pairs = [pair for line in both_differ.splitlines() if not line.startswith("#") for pair in line.split()]
    return {
        "zh-Hant-HK": {simplified for _, simplified in pairs},
        "zh-Hans-CN": {traditional for traditional, _ in pairs},
    }
