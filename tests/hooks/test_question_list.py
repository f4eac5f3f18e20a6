"""The page of all questions, as it is written from the topic pages."""

import re
from collections import Counter
from html import unescape

import pytest
from collector.questions import Question, Topic, pages_of, read_topics
from collector.words import read_words
from conftest import ROOT, Project
from mkdocs.config import load_config
from question_list import from_elsewhere, render

PLACE = "<!-- generated: questions -->"
ENTRY = re.compile(r'<li data-question="([^"]+)" data-level="([a-z]+)"')


@pytest.mark.parametrize(
    ("answer", "moved"),
    [
        ("see [this](#why)", "see [this](views.md#why)"),
        ("see [a](#b) and [c](#d)", "see [a](views.md#b) and [c](views.md#d)"),
        ("see [that](data.md#why)", "see [that](data.md#why)"),
        ("see [that](https://example.org/#why)", "see [that](https://example.org/#why)"),
        ("write `[x](#y)` or ``a ` [x](#y)``", "write `[x](#y)` or ``a ` [x](#y)``"),
        ("an open ` and [x](#y)", "an open ` and [x](views.md#y)"),
    ],
)
def test_links_of_an_answer_lead_to_the_page_it_was_taken_from(answer, moved):
    assert from_elsewhere(answer, "views") == moved


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_entry_links_its_question_and_names_its_level_in_words(language):
    question = Question("views", "why", "Why `view`?", "advanced", "Because. [More](#x)", "", 3)
    words = read_words(language)
    text = render([Topic("views", "Views", "", (question,))], words)
    assert "## Views { #views }" in text
    assert "[Why `view`?](views.md#why)" in text
    assert f">{words.text('levels.advanced').capitalize()}</span>" in text
    assert (
        f"<summary>{words.text('questions.answer')}</summary>\n\nBecause. [More](views.md#x)\n"
        in text
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_of_the_site_is_listed_once_under_its_topic(language):
    config = load_config(str(ROOT / "mkdocs.yml"))
    topics = read_topics(ROOT / "docs" / language, pages_of(config.nav))
    assert PLACE in (ROOT / f"docs/{language}/questions.md").read_text("utf-8")
    sections = re.split(r"(?m)^## ", render(topics, read_words(language)))[1:]
    for topic, section in zip(topics, sections, strict=True):
        assert section.startswith(f"{topic.title} {{ #{topic.stem} }}")
        listed = [(unescape(key), level) for key, level in ENTRY.findall(section)]
        asked = [(f"{q.topic}#{q.anchor}", q.level) for q in topic.questions]
        assert Counter(listed) == Counter(asked)


def test_the_built_page_leads_to_questions_and_to_what_answers_mention(project: Project):
    for language in ("en", "zh"):
        label = read_words(language).text("questions.answer")
        heading = "## Passes? { #passes data-level=basic }"
        page = project.read(f"docs/{language}/notes.md")
        old = next(line for line in page.split("\n") if "#passes" in line)
        answer = f'!!! abstract "{label}"\n    Yes, [as does the other](#also) in `[x](#y)`.'
        project.edit(f"docs/{language}/notes.md", old, f"{heading}\n\n{answer}")
        project.write(f"docs/{language}/questions.md", f"# All\n\n{PLACE}\n")
    project.edit("mkdocs.yml", "notes.md]", "notes.md, questions.md]")
    result = project.run("mkdocs", "build", "--strict")
    assert result.returncode == 0, result.stderr
    for root in ("", "zh/"):
        page = project.read(f"site/{root}questions/index.html")
        assert '<a href="../notes/#passes">Passes?</a>' in page
        assert '<a href="../notes/#also">as does the other</a>' in page
        assert "<code>[x](#y)</code>" in page

    project.edit("docs/zh/notes.md", "(#also)", "(#gone)")
    result = project.run("mkdocs", "build", "--strict")
    assert result.returncode != 0
    assert "notes.md#gone" in result.stderr
