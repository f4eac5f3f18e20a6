"""This site: its pages, its code and its configuration."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from collector.inspection import Inspector, Rendered
from collector.markup import Block, Figure, Heading
from collector.outputs import expected
from collector.pages import Page, read_page
from collector.rendering import site_markdown
from collector.sections import Section, read_library, statements
from conftest import ROOT
from mkdocs.config import load_config

LIBRARY = read_library(ROOT)
SECTIONS = list(LIBRARY.runnable())
TOPICS = [name.removesuffix(".py") for name in LIBRARY.modules]
LONGEST_SECTION = 40
WIDEST_LINE = 79
READERS_HAVE = {"torch", "torchvision", "numpy", "matplotlib", "PIL", "tensorboard", "snippets"}
ALLOWED = READERS_HAVE | sys.stdlib_module_names


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
    inspector = Inspector(LIBRARY, {})
    for name in english:
        pair = [
            Rendered(page.name, page.path.read_text("utf-8"), page.elements)
            for page in (english[name], chinese[name])
        ]
        assert inspector.differences(*pair) == []


def test_every_section_is_shown_once_in_the_order_of_its_module(english):
    for topic in TOPICS:
        shown = [embed.slug for embed in english[f"{topic}.md"].embeds]
        assert {embed.file for embed in english[f"{topic}.md"].embeds} == {f"{topic}.py"}
        sections = LIBRARY.modules[f"{topic}.py"].sections.values()
        assert shown == [section.slug for section in sections if section.slug == section.outermost]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_question_is_answered_by_a_block_of_its_name(english, topic):
    questions: dict[str, list[str]] = {}
    blocks = iter(english[f"{topic}.md"].embeds)
    for element in english[f"{topic}.md"].elements:
        if isinstance(element, Heading) and element.level == 2:
            assert element.difficulty in ("basic", "intermediate", "advanced"), element
            questions[element.anchor] = []
        elif isinstance(element, Block) and element.is_python:
            questions[next(reversed(questions))].append(next(blocks).slug)
    assert 3 <= len(questions) <= 12
    for anchor, slugs in questions.items():
        assert slugs, f"{anchor} has no block"
        assert slugs[0] == anchor
        assert all(slug.startswith(f"{anchor}-") for slug in slugs[1:])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("topic", TOPICS)
def test_every_question_opens_with_a_short_answer(topic, language):
    text = (ROOT / f"docs/{language}/{topic}.md").read_text("utf-8")
    label, longest = {"en": ("In 30 seconds", 100), "zh": ("30 秒回答", 220)}[language]
    for question in re.split(r"(?m)^## ", text)[1:]:
        opening = re.match(rf'.*\n\n!!! abstract "{label}"\n    (.*)\n', question)
        assert opening, question.partition("\n")[0]
        words = opening[1].split() if language == "en" else opening[1]
        assert len(words) <= longest, question.partition("\n")[0]


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/[ez]*/*.md")), ids=lambda p: p.stem)
def test_underscores_are_not_taken_for_bold(path):
    prose = re.sub(r"`[^`]*`", "", path.read_text("utf-8"))
    assert re.findall(r"__\w+__", prose) == []


def test_figures_have_a_section_and_a_text_in_each_language(english, chinese):
    drawn = {s.identity for s in SECTIONS if "plt.show()" in s.source}
    for site in (english, chinese):
        figures = [e for page in site.values() for e in page.elements if isinstance(e, Figure)]
        named = [re.sub(r"figures/(\w+)/(.+)\.svg", r"\1.py:\2", f.source) for f in figures]
        assert Counter(named) == Counter(drawn)
        assert all(len(figure.alt) > 15 for figure in figures)
    assert len(drawn) >= 16


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.identity)
def test_section_is_a_complete_short_script(section: Section):
    code = [line for line in section.text.split("\n") if line.strip()]
    assert len(code) >= 5
    assert len(section.text.split("\n")) <= LONGEST_SECTION
    assert max(map(len, section.text.split("\n"))) <= WIDEST_LINE
    assert isinstance(statements(section)[0], ast.Import | ast.ImportFrom)
    shown = any(output.lines for output in expected(section).values())
    shown = shown or (section.need is not None and "print(" in section.source)
    assert shown or "plt.show()" in section.source, "shows no evidence"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.identity)
def test_section_imports_only_what_readers_have(section: Section):
    imported = set()
    for node in ast.walk(ast.parse(section.source)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    assert {name.partition(".")[0] for name in imported} <= ALLOWED
    assert all(name.startswith("snippets.toolbox.") for name in imported if name[:8] == "snippets")


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


def require_strict(path: Path) -> None:
    """Hold a configuration against all that lets faults through."""
    config = load_config(str(path))
    snippets = config.mdx_configs["pymdownx.snippets"]
    assert snippets == {
        "base_path": ["snippets"],
        "check_paths": True,
        "dedent_subsections": True,
        "restrict_base_path": True,
    }
    assert list(config.hooks) == [
        "tests/gate.py",
        "docs/_hooks/content.py",
        "docs/_hooks/formulas.py",
        "docs/_hooks/descriptions.py",
        "docs/_hooks/lighten.py",
        "docs/_hooks/cache.py",
        "docs/_hooks/search.py",
        "docs/_hooks/languages.py",
        "docs/_hooks/takeaways.py",
    ]
    validation = [config.validation.nav.omitted_files, config.validation.nav.not_found]
    links = config.validation.links
    validation += [links.not_found, links.anchors, links.absolute_links, links.unrecognized_links]
    assert {level for level in validation} == {30}  # logging.WARNING
    assert (config.exclude_docs, config.draft_docs, config.not_in_nav) == (None, None, None)
    assert list(config.extra["languages"]) == ["en", "zh"]
    assert config.extra_javascript == []
    assert config.theme["font"] is False
    assert "navigation.instant" not in config.theme["features"]
    mkdocstrings = config.plugins["mkdocstrings"].config.handlers["python"]["options"]
    assert mkdocstrings["show_source"] is False
    assert mkdocstrings["show_docstring_examples"] is False


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
    ends = ["mkdocs serve", "pytest", "pytest docs --write-receipts"]
    assert [command.rpartition("/")[2] for command in commands] == ends
    assert commands[2] in (ROOT / ".ci/gpu").read_text().splitlines()
    assert commands[1] in (ROOT / ".ci/run").read_text().splitlines()


def test_nothing_is_skipped_or_exempt(english, chinese):
    for folder in ("docs", "snippets"):
        for path in (ROOT / folder).rglob("*.*"):
            assert path.suffix not in (".md", ".py") or "notest" not in path.read_text("utf-8")
    shown = {(e.file, e.slug) for page in english.values() for e in page.embeds}
    assert shown == {(e.file, e.slug) for page in chinese.values() for e in page.embeds}
    assert len(shown) == len(list(LIBRARY.sections()))
    assert all(page.faults == () for site in (english, chinese) for page in site.values())
