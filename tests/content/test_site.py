"""This site: its pages, its code and its configuration."""

import re

import pytest
from collector.gate import BuiltPage, Judge
from collector.pages import Page, read_page
from collector.rendering import site_markdown
from collector.rules import faults_of_project
from collector.sections import read_library
from configuration import require_strict
from conftest import ROOT

LIBRARY = read_library(ROOT)
SECTIONS = list(LIBRARY.runnable())
TOPICS = [name.removesuffix(".py") for name in LIBRARY.modules]


def pages(language: str) -> dict[str, Page]:
    renderer = site_markdown(ROOT, coloured=False)
    folder = ROOT / "docs" / language
    return {
        path.relative_to(folder).as_posix(): read_page(path, ROOT, renderer)
        for path in sorted(folder.rglob("*.md"))
    }


@pytest.fixture(scope="module")
def english() -> dict[str, Page]:
    return pages("en")


@pytest.fixture(scope="module")
def chinese() -> dict[str, Page]:
    return pages("zh")


def test_every_page_stands_in_both_languages(english, chinese):
    assert list(english) == list(chinese)
    assert {f"{topic}.md" for topic in TOPICS} <= set(english)


def test_languages_have_the_same_questions_blocks_and_figures(english, chinese):
    judge = Judge(LIBRARY, {})
    for name in english:
        pair = [
            BuiltPage(page.name, page.path.read_text("utf-8"), page.elements)
            for page in (english[name], chinese[name])
        ]
        assert judge.differences(*pair) == []


def test_the_rules_of_the_house_hold():
    assert faults_of_project(ROOT) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_error_message_is_listed_and_raised(language):
    text = (ROOT / f"docs/{language}/errors.md").read_text("utf-8")
    index, *groups = re.split(r"(?m)^## ", text)
    entries = re.findall(r"(?m)^### `(.+)` \{ #([a-z-]+) \}$", "".join(groups))
    listed = dict(re.findall(r"(?m)^\| \[`(.+?)`\]\(#([a-z-]+)\) \|", index))
    assert len(entries) == len(re.findall(r"(?m)^### ", text)) >= 25
    assert {anchor for _, anchor in entries} <= set(listed.values())
    for message, anchor in entries:
        assert listed[message] == anchor
        said = LIBRARY.modules["errors.py"].sections[anchor].text.casefold()
        words = re.findall("[a-z]+", message.casefold())
        missing = [word for word in words if word not in said]  # wording moves between releases
        assert len(missing) <= len(words) / 4, f"{anchor} does not show {missing}"


def test_configuration_has_not_been_loosened():
    require_strict(ROOT / "mkdocs.yml")


def test_every_requirement_is_pinned_exactly():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z-]+==[\w.]+(  # .+)?", line) for line in pins)
    assert {"torch==2.15.0", "torchvision==0.29.2", "pytest-markdown-docs==0.9.2"} <= {
        pin.partition("  #")[0] for pin in pins
    }


def test_ci_runs_the_command_that_readme_gives():
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"(?m)^python3 -m venv .*$", readme)
    assert [command.rpartition("/")[2] for command in commands] == ["mkdocs serve", "pytest"]
    assert commands[1] in (ROOT / ".ci/run").read_text().splitlines()


def test_nothing_is_skipped_or_exempt(english, chinese):
    for folder in ("docs", "snippets"):
        for path in (ROOT / folder).rglob("*.*"):
            assert path.suffix not in (".md", ".py") or "notest" not in path.read_text("utf-8")
    shown = {(e.file, e.slug) for page in english.values() for e in page.embeds}
    assert shown == {(e.file, e.slug) for page in chinese.values() for e in page.embeds}
    assert len(shown) == len(list(LIBRARY.sections()))
    assert all(page.faults == () for site in (english, chinese) for page in site.values())
