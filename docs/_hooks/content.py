"""Writes the generated parts of pages, each where ``<!-- generated: NAME -->`` stands.

A part is written from other pages, from the register of claims, from the change
log or from what this build ran, in the language of the page.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import claims
import counts
import feedback
import news
import plans
import question_list
from collector.faults import Fault, FaultError
from collector.questions import Topic, pages_of, read_topics
from collector.words import Words, faults_of_words, read_words
from exports import downloads
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page
from settings import language_of, project_of, root_of, words_of

PLACE = re.compile(r"<!-- generated: (.*?) -->")


@dataclass(frozen=True)
class Request:
    """A page that asks for parts, and the sources of these."""

    page: Page
    config: Mapping

    @property
    def docs(self) -> Path:
        return Path(self.config.docs_dir)

    @property
    def root(self) -> Path:
        return project_of(self.config)

    @property
    def language(self) -> str:
        return language_of(self.config)

    @property
    def words(self) -> Words:
        return words_of(self.config)

    @property
    def topics(self) -> list[Topic]:
        return read_topics(self.docs, pages_of(self.config.nav))

    @property
    def tasks(self) -> list[plans.Task]:
        folders = [self.docs.with_name(code) for code in self.config.extra["languages"]]
        return plans.read_tasks(folders, pages_of(self.config.nav))


Part = Callable[[Request], str]


def claims_of(kind: str) -> Part:
    def write(asked: Request) -> str:
        register = claims.read_claims(asked.root / "docs/claims.yml")
        return claims.render(claims.listing(register, kind), asked.docs, asked.words)

    return write


def days_of(plan: plans.Plan) -> Part:
    return lambda asked: plans.render(plan, asked.tasks, asked.topics, asked.words)


def download(write: Callable[[Request, object], str]) -> Part:
    """Say in the place of links to files where these are made, if they are not made now."""

    def part(asked: Request) -> str:
        exports = asked.config.extra.get("exports")
        return write(asked, exports) if exports else asked.words.text("takeaways.serving")

    return part


PARTS: Mapping[str, Part] = {
    "questions": lambda asked: question_list.render(asked.topics, asked.words),
    "counts": lambda asked: counts.counts(
        asked.topics, counts.standing_of(asked.config.extra["verifier"]), asked.language
    ),
    "levels": lambda asked: counts.levels(asked.topics, asked.words),
    "plans": lambda asked: plans.summary(asked.tasks, asked.words),
    "rule": lambda asked: plans.rule(asked.words),
    **{plan.anchor: days_of(plan) for plan in plans.PLANS},
    **{f"claims-{kind}": claims_of(kind) for kind in claims.KINDS},
    "news": lambda asked: news.render(news.read_changelog(asked.root / news.FILE), asked.language),
    "deck": download(
        lambda asked, exports: downloads.deck_line(
            asked.language, exports.topics, exports.sections, asked.words
        )
    ),
    "notebooks": download(lambda asked, exports: downloads.table(exports.topics, asked.words)),
    "offline": download(
        lambda asked, exports: downloads.archive_line(
            root_of(asked.config) + asked.page.url, asked.words
        )
    ),
    "llms": download(
        lambda asked, exports: asked.words.text(
            "takeaways.llms", index=downloads.LLMS, all=downloads.LLMS_FULL
        )
    ),
}
"""Each part that a page may ask for."""


def on_config(config):
    """Hand the words to the templates; refuse words that differ between languages."""
    languages = config.extra["languages"]
    try:
        if faults := faults_of_words(languages):
            raise FaultError(faults[0])
        config.extra["words"] = {code: read_words(code).texts for code in languages}
    except FaultError as error:
        raise PluginError(str(error)) from None
    return config


def on_page_markdown(markdown, page, config, files):
    """Put each part where the page asks for it."""
    try:
        return PLACE.sub(functools.partial(_part, Request(page, config)), markdown)
    except FaultError as error:
        raise PluginError(str(error)) from None


def _part(asked: Request, place: re.Match[str]) -> str:
    if place[1] not in PARTS:
        text = asked.page.file.content_string
        line = text[: text.index(place[0])].count("\n") + 1
        message = f"there is no part {place[1]!r}; there are {', '.join(PARTS)}"
        name = f"docs/{asked.docs.name}/{asked.page.file.src_uri}"
        raise FaultError(Fault(name, line, message))
    return PARTS[place[1]](asked)


def on_page_content(html, page, config, files):
    """Ask below each question whether something is wrong, where there is a repository."""
    if not config.repo_url:
        return html
    return feedback.with_links(html, page.canonical_url, config.repo_url, words_of(config))
