"""The words of the site: one place, the same in all languages."""

from pathlib import Path

import pytest
from collector.faults import FaultError
from collector.words import faults_of_words, read_words
from conftest import ROOT

LANGUAGES = ("en", "zh")
GOOD = "plans:\n  days: '{number} days'\n  short: short\nmarks:\n  save: save\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language in LANGUAGES:
        (tmp_path / f"{language}.yml").write_text(GOOD, "utf-8")
    return tmp_path


def test_both_languages_of_the_site_have_the_same_keys_and_fields():
    assert faults_of_words(LANGUAGES) == []


def test_keys_stand_in_the_same_order_so_that_translators_see_what_is_new():
    english, chinese = map(read_words, LANGUAGES)
    assert list(english.lines) == list(chinese.lines)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  short: short\n", "", "zh.yml:1: plans.short is missing"),
        ("marks:\n  save: save\n", "", "zh.yml:1: marks.save is missing"),
        ("{number} days", "{n} days", "zh.yml:2: plans.days must have these fields: number"),
        ("short: short", "short: '{x}'", "zh.yml:3: plans.short must have these fields: none"),
        (
            "save: save",
            "save: save\n  load: x",
            "zh.yml:6: marks.load is not in docs/_hooks/words",
        ),
        ("save: save", "save: save\nx:\n  y: z", "zh.yml:6: x is not in docs/_hooks/words/en.yml"),
    ],
)
def test_a_difference_between_languages_is_named(folder, old, new, fault):
    (folder / "zh.yml").write_text(GOOD.replace(old, new), "utf-8")
    assert str(faults_of_words(LANGUAGES, folder)[0]).startswith(f"docs/_hooks/words/{fault}")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("short: short", "days: again", "zh.yml:3: plans.days must be one text, given once"),
        ("short: short", "short: [a]", "zh.yml:3: plans.short must be one text"),
        ("marks:\n  save: save", "marks: save", "zh.yml:4: must hold `section:`"),
        (GOOD, "", "zh.yml:1: must hold `section:`"),
        ("short: short", "short: a: b", "zh.yml:3: is no YAML"),
    ],
)
def test_a_file_that_holds_anything_else_is_one_clear_error(folder, old, new, fault):
    (folder / "zh.yml").write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(FaultError) as error:
        read_words("zh", folder)
    assert str(error.value).startswith(f"docs/_hooks/words/{fault}")


@pytest.mark.parametrize(
    ("key", "values", "fault"),
    [
        ("plans.weeks", {}, "en.yml:1: plans.weeks is missing"),
        ("lost.title", {}, "en.yml:1: lost.title is missing"),
        ("plans.days", {"count": 3}, "en.yml:2: plans.days may have these fields: {count}"),
    ],
)
def test_a_text_that_cannot_be_said_is_named(folder, key, values, fault):
    words = read_words("en", folder)
    assert words.text("plans.days", number=3) == "3 days"
    with pytest.raises(FaultError) as error:
        words.text(key, **values)
    assert str(error.value) == f"docs/_hooks/words/{fault}"


def test_no_sentence_of_the_site_stands_elsewhere():
    """Hooks, collector, scripts, styles and templates hold no Chinese: the words do."""
    files = [*ROOT.glob("docs/_hooks/**/*.py"), *ROOT.glob("tests/collector/**/*.py")]
    files += [*ROOT.glob("docs/_theme/**/*.html"), *ROOT.glob("docs/_theme/assets/*.*")]
    for path in files:
        chinese = [c for c in path.read_text("utf-8") if "\u4e00" <= c <= "\u9fff"]
        assert chinese == [], f"{path}: move these words to docs/_hooks/words"
