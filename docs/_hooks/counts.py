"""Counts questions and blocks of code for the landing page.

Questions are counted in the pages, blocks in the records of this build, those that
need a GPU in the receipts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from collector.questions import LEVELS, Topic
from collector.versions import describe
from collector.words import Words, read_words


@dataclass(frozen=True)
class Standing:
    """Counts of the blocks that have run, and where."""

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
    """Count the records of this build and others."""
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


def counts(topics: Sequence[Topic], standing: Standing, language: str) -> str:
    """Write the promise in figures, as a list."""
    words = read_words(language)
    levels = Counter(question.level for topic in topics for question in topic.questions)
    asked = words.text("counts.questions", **{level: levels[level] for level in LEVELS})
    entries = [(levels.total(), asked), (standing.ran, words.text("counts.ran"))]
    if standing.needing:
        entries.append((standing.needing, _on_gpu(standing, words)))
    if standing.environments:
        where = describe(standing.environments, language)
        entries.append((standing.date, words.text("counts.last", where=where)))
    lines = "\n".join(f"- **{figure}** {said}" for figure, said in entries)
    return f'<div class="counts" data-search-exclude markdown="1">\n\n{lines}\n\n</div>'


def _on_gpu(standing: Standing, words: Words) -> str:
    ran, gpus = standing.ran_on_gpu, ", ".join(standing.gpus)
    if ran == standing.needing:
        return words.text("counts.every_gpu", gpus=gpus)
    return words.text("counts.some_gpu" if gpus else "counts.no_gpu", ran=ran, gpus=gpus)


def levels(topics: Sequence[Topic], words: Words) -> str:
    """Count the questions of each level, with links to the list of them."""
    found = Counter(question.level for topic in topics for question in topic.questions)
    return "\n".join(
        f"- [{words.text(f'counts.{level}_questions', number=found[level])}]"
        f"(questions.md?level={level})"
        for level in LEVELS
    )
