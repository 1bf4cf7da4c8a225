"""The words of rubric 2026.1, each descriptor, question and action on its own: countable facts, in three languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from readiness.library.rubrics import read_rubric_folder

ROOT = Path(__file__).parents[2]
RUBRIC = ROOT / "rubric"
VERSION = read_rubric_folder(RUBRIC / "versions" / "2026.1")
TEXTS = {language.value: dict(texts) for language, texts in VERSION.texts.items()}
CHINESE = ("zh-Hant", "zh-Hans")
VOCABULARY = YAML(typ="safe").load(Path(__file__).with_name("vocabulary.yaml").read_text("utf-8"))

DESCRIPTOR = r"questions\.\w+\.levels\.\d+\.text"
EVIDENCE = r"questions\.\w+\.levels\.\d+\.evidence"
QUESTION = r"questions\.\w+\.text"
TITLE = r"actions\.\w+\.title"
DONE_WHEN = r"actions\.\w+\.done_when"
BASIS = r"actions\.\w+\.basis"

#: Characters at most: (Latin, Chinese).
LONGEST = {DESCRIPTOR: (135, 46), QUESTION: (95, 32), TITLE: (60, 24)}

#: Said in the same words on purpose.
FIXED = {
    "no evidence": {"en": "none needed", "zh-Hant": "毋須佐證", "zh-Hans": "无需佐证"},
    "no spending": {"en": "no outside spending", "zh-Hant": "毋須額外開支", "zh-Hans": "无需额外支出"},
    "quotes": {"en": "ask for two quotes", "zh-Hant": "請索取兩份報價", "zh-Hans": "请索取两份报价"},
}
OURS = {"en": "our estimate", "zh-Hant": "我們的估算", "zh-Hans": "我们的估算"}
SOURCED = {"en": r"\bsource: \S", "zh-Hant": r"來源：\S", "zh-Hans": r"来源：\S"}


def cases(pattern: str, languages: Iterable[str] = tuple(TEXTS)) -> list[object]:
    """Return (language, key, text) of every text whose key fits, as a test case of its own."""
    return [
        pytest.param(language, text, id=f"{language}-{key}")
        for language in languages
        for key, text in TEXTS[language].items()
        if re.fullmatch(pattern, key)
    ]


def whole_word(language: str, pattern: str) -> str:
    return rf"\b(?:{pattern})\b" if language == "en" else pattern


def observable_in(language: str, text: str) -> list[str]:
    """Return what in *text* can be observed: numbers, documents, roles and spans of time."""
    kinds = VOCABULARY["observable"][language]
    return [
        kind
        for kind, patterns in kinds.items()
        if any(re.search(whole_word(language, pattern), text, re.IGNORECASE) for pattern in patterns)
    ]


def vague_words_in(language: str, text: str) -> list[str]:
    patterns = VOCABULARY["vague"][language]
    found = (re.search(whole_word(language, pattern), text.replace("-", " "), re.IGNORECASE) for pattern in patterns)
    return [match.group() for match in found if match]


def sentences(text: str) -> list[str]:
    """Return the sentences of *text*; a full stop inside a number such as 2.5 ends none."""
    return [each for each in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text) if each.strip()]


def same_words(text: str) -> str:
    """Return *text* in the form in which two texts count as alike: without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def alike(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the keys that share a text, by that text."""
    keys: dict[str, list[str]] = defaultdict(list)
    for key, text in texts:
        keys[same_words(text)].append(key)
    return {text: found for text, found in keys.items() if len(found) > 1}


# What can be observed


def test_the_version_has_a_descriptor_for_every_level_and_an_action_for_every_step() -> None:
    counts = {
        (language, pattern): sum(bool(re.fullmatch(pattern, key)) for key in texts)
        for language, texts in TEXTS.items()
        for pattern in (DESCRIPTOR, EVIDENCE, QUESTION, TITLE, DONE_WHEN)
    }

    assert {language for language, _ in counts} == {"en", "zh-Hant", "zh-Hans"}
    assert {pattern: {n for (_, each), n in counts.items() if each == pattern} for _, pattern in counts} == {
        DESCRIPTOR: {60},
        EVIDENCE: {60},
        QUESTION: {12},
        TITLE: {48},
        DONE_WHEN: {48},
    }


@pytest.mark.parametrize(("language", "text"), cases(DESCRIPTOR))
def test_a_descriptor_states_a_number_a_document_a_role_or_a_span_of_time(language: str, text: str) -> None:
    assert observable_in(language, text), text


@pytest.mark.parametrize(("language", "text"), cases(DONE_WHEN))
def test_what_done_looks_like_holds_a_number(language: str, text: str) -> None:
    assert "number" in observable_in(language, text), text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Also, our people use AI well and our leaders believe in it."),
        ("zh-Hant", "除上述外，大家一般都懂得使用 AI，態度統一。"),
        ("zh-Hans", "此外，大家一般都会使用 AI，态度统一。"),
    ],
)
def test_a_descriptor_without_a_fact_would_be_seen(language: str, text: str) -> None:
    assert observable_in(language, text) == []


# Words that say nothing


@pytest.mark.parametrize(("language", "text"), cases(f"{QUESTION}|{DESCRIPTOR}|{EVIDENCE}|{TITLE}|{DONE_WHEN}"))
def test_no_vague_word_stands_in_for_a_fact(language: str, text: str) -> None:
    assert vague_words_in(language, text) == [], text


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "Staff are adequately trained on appropriate, state-of-the-art tools.", 3),
        ("en", "The property manager of an irregularity-free registry", 0),
        ("zh-Hant", "已有健全機制，定期檢討相關風險", 3),
        ("zh-Hant", "在指定期限內先進行測試，互相關照", 0),
        ("zh-Hans", "已有健全机制，定期检查相关风险", 3),
        ("zh-Hans", "在指定期限内先进行测试，互相关照", 0),
    ],
)
def test_a_vague_word_would_be_seen(language: str, text: str, words: int) -> None:
    assert len(vague_words_in(language, text)) == words


# Lengths: two lines on a phone


@pytest.mark.parametrize(
    ("language", "text", "limits"),
    [pytest.param(*case.values, limits, id=case.id) for kind, limits in LONGEST.items() for case in cases(kind)],  # type: ignore[attr-defined]
)
def test_a_text_that_is_chosen_or_scanned_is_short(language: str, text: str, limits: tuple[int, int]) -> None:
    latin, chinese = limits

    assert len(text) <= (latin if language == "en" else chinese), text


# Nothing said twice


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("kind", [DESCRIPTOR, TITLE, QUESTION], ids=["descriptors", "titles", "questions"])
def test_no_two_of_a_kind_read_alike_even_with_other_numbers(language: str, kind: str) -> None:
    texts = [(key, re.sub(r"\d+", "", text)) for key, text in TEXTS[language].items() if re.fullmatch(kind, key)]

    assert alike(texts) == {}


@pytest.mark.parametrize("language", TEXTS)
def test_no_sentence_stands_twice(language: str) -> None:
    exempt = {same_words(phrase[language]) for phrase in FIXED.values()}
    said = [
        (key, sentence)
        for key, text in TEXTS[language].items()
        if not key.endswith((".role", ".name"))
        for sentence in sentences(text)
        if same_words(sentence) not in exempt
    ]

    assert alike(said) == {}


# Two Chinese texts, each in the script and the words of its place


@pytest.mark.parametrize("language", CHINESE)
def test_a_chinese_text_keeps_to_its_script(
    language: str, of_the_other_script: Callable[[str, str], list[str]]
) -> None:
    found = {key: of_the_other_script(text, language) for key, text in TEXTS[language].items()}

    assert {key: characters for key, characters in found.items() if characters} == {}


def test_a_character_of_the_other_script_would_be_seen(of_the_other_script: Callable[[str, str], list[str]]) -> None:
    assert of_the_other_script("過去 12 个月后", "zh-Hant") == ["个"]
    assert of_the_other_script("最近 12 個月後", "zh-Hans") == ["個", "後"]


def test_the_list_of_characters_is_long_enough_to_see_a_converted_text() -> None:
    lines = Path(__file__).with_name("character_pairs.txt").read_text("utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]

    assert len(pairs) >= 1000
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs)


@pytest.mark.parametrize("language", CHINESE)
def test_a_chinese_text_keeps_to_the_words_of_its_place(
    language: str, words_of_the_other_place: Callable[[str, str], list[str]]
) -> None:
    found = {key: words_of_the_other_place(text, language) for key, text in TEXTS[language].items()}

    assert {key: words for key, words in found.items() if words} == {}


def test_a_word_of_the_other_place_would_be_seen(words_of_the_other_place: Callable[[str, str], list[str]]) -> None:
    assert words_of_the_other_place("把視頻放入文件夾", "zh-Hant") == ["視頻", "文件夾"]
    assert words_of_the_other_place("雇员把试算表发到个人资料私隐专员公署", "zh-Hans") == ["雇员", "试算表"]
    assert words_of_the_other_place("按《雇员使用生成式AI的指引清单》", "zh-Hans") == []


@pytest.mark.parametrize("language", CHINESE)
def test_a_reader_of_chinese_meets_no_english_but_acronyms_and_names(language: str) -> None:
    found = {
        key: set(re.findall(r"[A-Za-z]+", text)) - set(VOCABULARY["latin"]) for key, text in TEXTS[language].items()
    }

    assert {key: words for key, words in found.items() if words} == {}


@pytest.mark.parametrize("language", CHINESE)
def test_the_chinese_descriptors_hold_the_numbers_of_the_english_ones(language: str) -> None:
    """A digit may become a word on the way (2: 兩次), but no other number may appear."""
    spelled = {"two": "2", "three": "3", "four": "4", "five": "5"}
    differing = {}
    for key, english in TEXTS["en"].items():
        if re.fullmatch(DESCRIPTOR, key):
            words = (spelled.get(word, word) for word in re.findall(r"\w+", english.lower()))
            allowed = {number for word in words for number in re.findall(r"\d+", word)}
            numbers = set(re.findall(r"\d+", TEXTS[language][key]))
            if not numbers <= allowed:
                differing[key] = numbers - allowed

    assert differing == {}


# In our own words


@pytest.mark.parametrize("text", [pytest.param(text, id=key) for key, text in TEXTS["en"].items()])
def test_an_english_text_shares_no_twelve_words_in_a_row_with_the_study(
    text: str, copied_runs: Callable[[str], list[str]]
) -> None:
    assert copied_runs(text) == []


def test_a_sentence_of_the_study_would_be_seen(copied_runs: Callable[[str], list[str]]) -> None:
    """The study's title, which the rubric cites, is long enough to show that the hashes find what they were made of."""
    title = (
        "the Hong Kong AI Industry Development Study (HKPC and HIEBS, HKU Business School, 1 March 2024), Figure 3-1"
    )

    assert copied_runs(title) != []
    assert copied_runs(" ".join(reversed(title.split()))) == []


# Money


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("action", VERSION.action_forms)
def test_outside_spending_is_called_our_estimate_or_names_its_source(action: str, language: str) -> None:
    basis = TEXTS[language][f"actions.{action}.basis"]
    is_free = list(VERSION.action_forms[action].spend.hkd) == [0, 0]

    if is_free:
        assert basis.startswith(FIXED["no spending"][language])
    elif not re.search(SOURCED[language], basis):
        assert basis.startswith(OURS[language])
        assert basis.endswith(FIXED["quotes"][language])


@pytest.mark.parametrize("action", VERSION.action_forms)
def test_a_prerequisite_is_no_higher_step_than_the_action_that_needs_it(action: str) -> None:
    form = VERSION.action_forms[action]
    too_high = [id for id in form.prerequisites if VERSION.action_forms[id].to_level > form.from_level]

    assert too_high == []


def test_prerequisites_are_declared_somewhere() -> None:
    assert any(form.prerequisites for form in VERSION.action_forms.values())


# A published version never changes


def git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints about *folder*, or None where there is no git or no history."""
    program = shutil.which("git")
    if program is None:
        return None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    asked = [program, "-c", "safe.directory=*", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    done = subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def lost_lines(folder: Path, name: str) -> list[str]:
    """Return the lines that *name* ever had in the history of *folder* and has no longer."""
    if git(folder, "rev-parse", "--verify", "HEAD") is None:
        pytest.skip("there is no git history")
    patches = git(folder, "log", "-p", "-m", "--full-history", "--format=", "--unified=0", "--", name) or ""
    added = {line[1:] for line in patches.splitlines() if line.startswith("+") and not line.startswith("+++ ")}
    path = folder / name
    present = set(path.read_text("ascii").splitlines()) if path.exists() else set()
    return sorted(line for line in added - present if line.strip() and not line.startswith("#"))


def test_a_line_once_in_the_list_of_published_versions_is_still_there() -> None:
    assert lost_lines(ROOT, "rubric/PUBLISHED.sha256") == []


@pytest.mark.parametrize("change", ["edited", "removed", "file deleted", "kept"])
def test_a_lost_line_of_the_list_would_be_seen(change: str, tmp_path: Path) -> None:
    path = tmp_path / "PUBLISHED.sha256"
    if git(tmp_path, "init", "--quiet") is None:
        pytest.skip("there is no git")
    path.write_text("sha256:aa  2026.1\n", "ascii")
    git(tmp_path, "add", path.name)
    git(tmp_path, "commit", "--quiet", "-m", "Publish")

    if change == "file deleted":
        path.unlink()
    else:
        after = {"edited": "sha256:bb  2026.1\n", "removed": "", "kept": "sha256:aa  2026.1\nsha256:cc  2026.2\n"}
        path.write_text(after[change], "ascii")

    assert lost_lines(tmp_path, path.name) == ([] if change == "kept" else ["sha256:aa  2026.1"])


def test_a_published_version_on_disk_has_the_digest_of_its_line() -> None:
    path = RUBRIC / "PUBLISHED.sha256"
    lines = path.read_text("ascii").splitlines() if path.exists() else []
    listed = [line.split() for line in lines if line.strip() and not line.startswith("#")]

    found = [[read_rubric_folder(RUBRIC / "versions" / number).digest, number] for _, number in listed]

    assert found == listed
    assert len({number for _, number in listed}) == len(listed)
