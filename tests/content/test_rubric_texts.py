"""The words of every shipped rubric, each text on its own: countable facts, in three languages."""

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
VERSIONS = {folder.name: read_rubric_folder(folder) for folder in sorted((RUBRIC / "versions").iterdir())}
LANGUAGES = ("en", "zh-Hant", "zh-Hans")
CHINESE = ("zh-Hant", "zh-Hans")
#: The texts of each version by language, and by key.
TEXTS = {
    number: {language.value: dict(texts) for language, texts in version.texts.items()}
    for number, version in VERSIONS.items()
}
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


def texts_of_its_own(number: str, language: str) -> dict[str, str]:
    """Return the texts that stand in this version and, under the same key, in no older one."""
    older = [texts[language] for each, texts in TEXTS.items() if each < number]
    return {
        key: text for key, text in TEXTS[number][language].items() if all(texts.get(key) != text for texts in older)
    }


def cases(pattern: str, languages: Iterable[str] = LANGUAGES) -> list[object]:
    """Return (language, text) of every text whose key fits, each a test case; what versions share, once."""
    return [
        pytest.param(language, text, id=f"{number}-{language}-{key}")
        for number in VERSIONS
        for language in languages
        for key, text in texts_of_its_own(number, language).items()
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


@pytest.mark.parametrize(("number", "questions"), [("2026.1", 12), ("2026.2", 15)])
def test_a_version_has_a_descriptor_for_every_level_and_an_action_for_every_step(number: str, questions: int) -> None:
    counts = {
        (language, pattern): sum(bool(re.fullmatch(pattern, key)) for key in texts)
        for language, texts in TEXTS[number].items()
        for pattern in (DESCRIPTOR, EVIDENCE, QUESTION, TITLE, DONE_WHEN)
    }

    assert {language for language, _ in counts} == set(LANGUAGES)
    assert {pattern: {n for (_, each), n in counts.items() if each == pattern} for _, pattern in counts} == {
        DESCRIPTOR: {5 * questions},
        EVIDENCE: {5 * questions},
        QUESTION: {questions},
        TITLE: {4 * questions},
        DONE_WHEN: {4 * questions},
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


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [DESCRIPTOR, TITLE, QUESTION], ids=["descriptors", "titles", "questions"])
def test_no_two_of_a_kind_read_alike_even_with_other_numbers(number: str, language: str, kind: str) -> None:
    found = TEXTS[number][language].items()
    texts = [(key, re.sub(r"\d+", "", text)) for key, text in found if re.fullmatch(kind, key)]

    assert alike(texts) == {}


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice(number: str, language: str) -> None:
    exempt = {same_words(phrase[language]) for phrase in FIXED.values()}
    said = [
        (key, sentence)
        for key, text in TEXTS[number][language].items()
        if not key.endswith((".role", ".name"))
        for sentence in sentences(text)
        if same_words(sentence) not in exempt
    ]

    assert alike(said) == {}


# Two Chinese texts, each in the script and the words of its place


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", CHINESE)
def test_a_chinese_text_keeps_to_its_script(
    number: str, language: str, of_the_other_script: Callable[[str, str], list[str]]
) -> None:
    found = {key: of_the_other_script(text, language) for key, text in TEXTS[number][language].items()}

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


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", CHINESE)
def test_a_chinese_text_keeps_to_the_words_of_its_place(
    number: str, language: str, words_of_the_other_place: Callable[[str, str], list[str]]
) -> None:
    found = {key: words_of_the_other_place(text, language) for key, text in TEXTS[number][language].items()}

    assert {key: words for key, words in found.items() if words} == {}


def test_a_word_of_the_other_place_would_be_seen(words_of_the_other_place: Callable[[str, str], list[str]]) -> None:
    assert words_of_the_other_place("把視頻放入文件夾", "zh-Hant") == ["視頻", "文件夾"]
    assert words_of_the_other_place("雇员把试算表发到个人资料私隐专员公署", "zh-Hans") == ["雇员", "试算表"]
    assert words_of_the_other_place("按《雇员使用生成式AI的指引清单》", "zh-Hans") == []


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", CHINESE)
def test_a_reader_of_chinese_meets_no_english_but_acronyms_and_names(number: str, language: str) -> None:
    found = {
        key: set(re.findall(r"[A-Za-z]+", text)) - set(VOCABULARY["latin"])
        for key, text in TEXTS[number][language].items()
    }

    assert {key: words for key, words in found.items() if words} == {}


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize("language", CHINESE)
def test_the_chinese_descriptors_hold_the_numbers_of_the_english_ones(number: str, language: str) -> None:
    """A digit may become a word on the way (2: 兩次), but no other number may appear."""
    spelled = {"two": "2", "three": "3", "four": "4", "five": "5"}
    differing = {}
    for key, english in TEXTS[number]["en"].items():
        if re.fullmatch(DESCRIPTOR, key):
            words = (spelled.get(word, word) for word in re.findall(r"\w+", english.lower()))
            allowed = {digits for word in words for digits in re.findall(r"\d+", word)}
            numbers = set(re.findall(r"\d+", TEXTS[number][language][key]))
            if not numbers <= allowed:
                differing[key] = numbers - allowed

    assert differing == {}


# In our own words


@pytest.mark.parametrize(("language", "text"), cases(".*", ["en"]))
def test_an_english_text_shares_no_twelve_words_in_a_row_with_the_study(
    language: str, text: str, copied_runs: Callable[[str], list[str]]
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


each_action = pytest.mark.parametrize(
    ("number", "action"), [(number, id) for number, version in VERSIONS.items() for id in version.action_forms]
)


@pytest.mark.parametrize("language", LANGUAGES)
@each_action
def test_outside_spending_is_called_our_estimate_or_names_its_source(number: str, action: str, language: str) -> None:
    basis = TEXTS[number][language][f"actions.{action}.basis"]
    is_free = list(VERSIONS[number].action_forms[action].spend.hkd) == [0, 0]

    if is_free:
        assert basis.startswith(FIXED["no spending"][language])
    elif not re.search(SOURCED[language], basis):
        assert basis.startswith(OURS[language])
        assert basis.endswith(FIXED["quotes"][language])


@each_action
def test_a_prerequisite_is_no_higher_step_than_the_action_that_needs_it(number: str, action: str) -> None:
    forms = VERSIONS[number].action_forms
    too_high = [id for id in forms[action].prerequisites if forms[id].to_level > forms[action].from_level]

    assert too_high == []


@pytest.mark.parametrize("number", VERSIONS)
def test_prerequisites_are_declared_somewhere(number: str) -> None:
    assert any(form.prerequisites for form in VERSIONS[number].action_forms.values())


def test_an_agent_acts_on_live_records_only_after_a_rule_its_limits_and_a_backup() -> None:
    action = VERSIONS["2026.2"].action_forms["genai_deployment_3_4"]

    assert {"ai_governance_2_3", "genai_risk_2_3", "data_infrastructure_2_3"} <= set(action.prerequisites)


# From one version to the next


def test_what_2026_2_takes_over_from_2026_1_is_word_for_word_the_same() -> None:
    """What an owner answers by and what an action says; the lines on the method are each version's own."""
    shared = re.compile(r"(?:dimensions|questions|actions|bands|pillars|planning)\..*|title|guide\.\d")
    older, newer = TEXTS["2026.1"], TEXTS["2026.2"]

    changed = {
        (language, key)
        for language in LANGUAGES
        for key, text in older[language].items()
        if shared.fullmatch(key) and newer[language].get(key) != text
    }

    assert changed == set()


def test_what_2026_2_takes_over_counts_the_same_in_plans() -> None:
    older, newer = VERSIONS["2026.1"].action_forms, VERSIONS["2026.2"].action_forms

    assert {id: newer.get(id) for id in older} == dict(older)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_method_says_whose_the_new_dimensions_and_the_gates_are(language: str) -> None:
    texts = TEXTS["2026.2"][language]
    method = " ".join(text for key, text in texts.items() if key.startswith("method."))
    gates = [text for key, text in texts.items() if key.startswith("gates.")]

    assert all(word in method for word in ("Laurence Liew", "airi.foundation", "v3.1", "CC BY 4.0", "D8", "D10", "D15"))
    assert len(gates) == 2
    assert all("AI Singapore" in text for text in gates)


# The map from an older version


@pytest.mark.parametrize(
    "number", [number for number in VERSIONS if (RUBRIC / "versions" / number / "map.yaml").exists()]
)
def test_a_map_names_every_question_in_order_and_says_truly_which_are_the_same(number: str) -> None:
    described = YAML(typ="safe").load((RUBRIC / "versions" / number / "map.yaml").read_text("utf-8"))
    older, newer = VERSIONS[described["from"]], VERSIONS[number]

    expected = {question.id: "same" if question in older.form.questions else "new" for question in newer.form.questions}

    assert list(described) == ["format", "from", "questions", "retired"]
    assert list(described["questions"].items()) == list(expected.items())
    assert set(described["retired"]) == {q.id for q in older.form.questions} - {q.id for q in newer.form.questions}


def test_2026_2_has_a_map() -> None:
    assert (RUBRIC / "versions" / "2026.2" / "map.yaml").exists()


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
