"""Questions: headings with a level and their answers, read from a page's Markdown.

A question is a second-level heading with a level.  The landing page counts
them, the index lists them, and the takeaways carry them away; all read them
here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.utils import meta

LEVELS = ("basic", "intermediate", "advanced")
HEADING = re.compile(
    r"^## (?P<title>.+?) \{ #(?P<anchor>[a-z0-9-]+) "
    rf"data-level=(?P<level>{'|'.join(LEVELS)}) \}}$"
)
FENCE = re.compile(r"^\s*(?:```|~~~)")
ANSWER = re.compile(r'^!!! abstract "')
TITLE = re.compile(r"^# (.+?)(?: \{.*\})?$")
EMBED = re.compile(r'^\s*--8<-- "(?P<file>[a-z][a-z0-9_]*\.py):(?P<slug>[a-z][a-z0-9-]*)"', re.M)


@dataclass(frozen=True)
class Question:
    """One question of one page, in one language."""

    topic: str
    """Stem of the page."""
    anchor: str
    title: str
    """Markdown of the heading."""
    level: str
    """One of ``LEVELS``."""
    answer: str
    """Markdown of the short answer, without the box around it."""
    body: str
    """Markdown of all below the heading, the short answer included."""
    line: int
    """Of the heading, in the page."""

    @property
    def embeds(self) -> tuple[tuple[str, str], ...]:
        """Modules and slugs of the sections that it shows, in their order."""
        return tuple((found["file"], found["slug"]) for found in EMBED.finditer(self.body))


@dataclass(frozen=True)
class Topic:
    """One page that answers questions, in one language."""

    stem: str
    title: str
    introduction: str
    """Markdown between the title and the first second-level heading."""
    questions: tuple[Question, ...]


def read_topics(docs: Path, pages: list[str]) -> list[Topic]:
    """Read the pages that hold questions.

    Args:
        docs: The folder of one language, ``docs/en``.
        pages: Names of the pages in the order of the site, ``views.md``.
    """
    topics = (read_topic(docs / page) for page in pages)
    return [topic for topic in topics if topic.questions]


def pages_of(nav: Any) -> list[str]:
    """List the pages of mkdocs.yml's ``nav`` in their order."""
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in pages_of(entry)]


def read_topic(path: Path) -> Topic:
    """Read the questions of one page."""
    return _topic(path.stem, path.read_text("utf-8"))


@functools.lru_cache(256)  # several hooks ask, at each save
def _topic(stem: str, source: str) -> Topic:
    text, _ = meta.get_data(source)
    lines = text.split("\n")
    above = source.count("\n") - text.count("\n")  # front matter
    headings = list(_headings(lines))
    title = next((found[1] for line in lines if (found := TITLE.match(line))), stem)
    first = headings[0] if headings else len(lines)
    start = next((n + 1 for n, line in enumerate(lines) if TITLE.match(line)), 0)
    questions = [
        _question(stem, heading, lines[position + 1 : end], above + position + 1)
        for position, end in zip(headings, [*headings, len(lines)][1:], strict=True)
        if (heading := HEADING.match(lines[position]))
    ]
    introduction = "\n".join(lines[start:first]).strip()
    return Topic(stem, title, introduction, tuple(questions))


def _headings(lines: list[str]) -> Iterator[int]:
    """Yield the positions of second-level headings; a comment in a fence is none."""
    fenced = False
    for position, line in enumerate(lines):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and line.startswith("## "):
            yield position


def _question(topic: str, heading: re.Match[str], body: list[str], line: int) -> Question:
    return Question(
        topic=topic,
        anchor=heading["anchor"],
        title=heading["title"],
        level=heading["level"],
        answer=_answer(body),
        body="\n".join(body).strip(),
        line=line,
    )


def _answer(body: list[str]) -> str:
    """Take the short answer out of its box."""
    start = next((n for n, line in enumerate(body) if ANSWER.match(line)), len(body))
    inside = []
    for line in body[start + 1 :]:
        if line.strip() and not line.startswith("    "):
            break
        inside.append(line[4:])
    return "\n".join(inside).strip()
