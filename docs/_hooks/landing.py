"""Writes what the landing page and the study plans count: nothing there is typed.

A page asks for a part by a comment, ``<!-- landing: counts -->``.  Questions are
counted in the pages, blocks in the records of this build, those that need a GPU
in the receipts.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import plans
from collector.questions import LEVELS, Topic, pages_of, read_topics
from collector.versions import say
from mkdocs.exceptions import PluginError

PLACE = re.compile(r"<!-- landing: ([a-z-]+) -->")


@dataclass(frozen=True)
class Standing:
    """What has run, and where."""

    ran: int
    """Blocks that passed on this machine."""
    needing: int
    """Blocks that only a GPU can run."""
    ran_on_gpu: int
    """Of these, the ones that passed on one as they stand."""
    gpus: tuple[str, ...]
    environments: frozenset
    """Where each of the blocks that ran here passed."""
    date: str
    """Of the youngest record."""


def standing_of(verifier) -> Standing:
    """Count what this build and others recorded."""
    records, receipts = verifier.records, verifier.receipts
    sections = list(verifier.library.runnable())
    ran = [section for section in sections if verifier.passed(section) and not section.need]
    found = [receipts.find(section) for section in sections if section.need]
    on_gpu = [receipt for receipt in found if receipt and receipt.passed]
    environments = verifier.versions.environments
    return Standing(
        ran=len(ran),
        needing=len(found),
        ran_on_gpu=len(on_gpu),
        gpus=tuple(sorted({receipt.device for receipt in on_gpu})),
        environments=frozenset.intersection(*environments.values()) if ran else frozenset(),
        date=max((records[section.identity].date for section in ran), default=""),
    )


@dataclass(frozen=True)
class Words:
    """What the landing page says in one language."""

    questions: str
    ran: str
    no_gpu: str
    some_gpu: str
    every_gpu: str
    last: str
    levels: tuple[str, ...]


WORDS = {
    "en": Words(
        questions="questions: {basic} basic, {intermediate} intermediate, {advanced} advanced",
        ran="blocks of code ran, as they are shown, and printed what is shown",
        no_gpu="more blocks need a GPU; none has run on one yet, so they show no output",
        some_gpu="more blocks need a GPU; {ran} of them ran on {gpus}, the others show no output",
        every_gpu="more blocks need a GPU; all of them ran on {gpus}",
        last="last run. {where}",
        levels=(
            "{number} basic questions",
            "{number} intermediate questions",
            "{number} advanced questions",
        ),
    ),
    "zh": Words(
        questions="道题：基础 {basic}，进阶 {intermediate}，高级 {advanced}",
        ran="段代码按页面上的样子跑过，打印的就是所写的内容",
        no_gpu="段代码另外需要 GPU，都还没有在 GPU 上跑过，所以不写输出",
        some_gpu="段代码另外需要 GPU，其中 {ran} 段在 {gpus} 上跑过，其余不写输出",
        every_gpu="段代码另外需要 GPU，全部在 {gpus} 上跑过",
        last="最近一次运行。{where}",
        levels=("{number} 道基础题", "{number} 道进阶题", "{number} 道高级题"),
    ),
}


def counts(topics: Sequence[Topic], standing: Standing, language: str) -> str:
    """Write the promise in figures, as a list."""
    words = WORDS[language]
    levels = Counter(question.level for topic in topics for question in topic.questions)
    asked = words.questions.format(**{level: levels[level] for level in LEVELS})
    entries = [(levels.total(), asked), (standing.ran, words.ran)]
    if standing.needing:
        entries.append((standing.needing, _on_gpu(standing, words)))
    if standing.environments:
        where = say(standing.environments, language)
        entries.append((standing.date, words.last.format(where=where)))
    lines = "\n".join(f"- **{figure}** {said}" for figure, said in entries)
    return f'<div class="counts" data-search-exclude markdown="1">\n\n{lines}\n\n</div>'


def _on_gpu(standing: Standing, words: Words) -> str:
    gpus = ", ".join(standing.gpus)
    if standing.ran_on_gpu == standing.needing:
        return words.every_gpu.format(gpus=gpus)
    return (words.some_gpu if gpus else words.no_gpu).format(ran=standing.ran_on_gpu, gpus=gpus)


def levels(topics: Sequence[Topic], language: str) -> str:
    """Count the questions of each level, with links to the list of them."""
    found = Counter(question.level for topic in topics for question in topic.questions)
    lines = [
        f"- [{said.format(number=found[level])}](questions.md?level={level})"
        for level, said in zip(LEVELS, WORDS[language].levels, strict=True)
    ]
    return "\n".join(lines)


def parts(config) -> dict[str, Callable[[], str]]:
    """Name all parts that a page may ask for, each written only then."""
    docs, language = Path(config.docs_dir), config.theme["language"]
    pages = pages_of(config.nav)
    folders = [docs.with_name(code) for code in config.extra["languages"]]

    @functools.cache
    def topics() -> list[Topic]:
        return read_topics(docs, pages)

    @functools.cache
    def tasks() -> list[plans.Task]:
        return plans.read_tasks(folders, pages)

    def days(plan: plans.Plan) -> Callable[[], str]:
        return lambda: plans.render(plan, tasks(), topics(), language)

    return {
        "counts": lambda: counts(topics(), standing_of(config.extra["verifier"]), language),
        "levels": lambda: levels(topics(), language),
        "plans": lambda: plans.summary(tasks(), language),
        "rule": lambda: plans.rule(language),
        **{plan.anchor: days(plan) for plan in plans.PLANS},
    }


def on_page_markdown(markdown, page, config, files):
    """Put each part where the page asks for it."""
    if not PLACE.search(markdown):
        return markdown
    known = parts(config)

    def write(place: re.Match[str]) -> str:
        if place[1] not in known:
            name = f"docs/{Path(config.docs_dir).name}/{page.file.src_uri}"
            text = page.file.content_string
            line = text[: text.index(place[0])].count("\n") + 1
            message = f"there is no part {place[1]!r}; there are {', '.join(known)}"
            raise PluginError(f"{name}:{line}: {message}")
        return known[place[1]]()

    return PLACE.sub(write, markdown)
