"""Study plans: the questions dealt out over days, in minutes counted from their text.

A question takes as long as its short answer takes to say aloud; read whole, also
as long as the rest takes to read, and a minute for each block of code.  The
longer of the languages counts, so that every reader has the same plan.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.questions import LEVELS, Question, Topic, read_topics
from collector.words import Words

WORD = re.compile(r"[A-Za-z0-9_]+(?:[.'-][A-Za-z0-9_]+)*")
CHARACTER = re.compile(r"[\u4e00-\u9fff]")
NOT_READ = re.compile(r"(?ms)^\s*(```|~~~|\$\$).*?^\s*\1\s*$|\]\([^)]*\)|<!--.*?-->|\{[^}\n]*\}")
"""Blocks of code, which count by themselves, formulas and invisible text."""


@dataclass(frozen=True)
class Pace:
    """How many English words or Chinese characters one takes in within a minute."""

    words: int
    characters: int

    def seconds(self, text: str) -> float:
        words, characters = length(text)
        return 60 * (words / self.words + characters / self.characters)


@functools.lru_cache(2048)  # few texts change between the saves of an author
def length(text: str) -> tuple[int, int]:
    """Count the English words and the Chinese characters that one reads in Markdown."""
    shown = NOT_READ.sub(" ", text)
    return len(WORD.findall(shown)), len(CHARACTER.findall(shown))


ALOUD = Pace(words=130, characters=220)
SILENT = Pace(words=200, characters=350)
SECONDS_A_BLOCK = 60
MOST_TITLES = 4
"""Of topics that the line of one day can name."""


@dataclass(frozen=True)
class Task:
    """One question of a plan and the seconds that it takes."""

    topic: str
    anchor: str
    level: str
    aloud: float
    """To say the short answer."""
    rest: float
    """To read the rest, its blocks included."""
    whole: bool = True
    """Whether the plan asks for the rest."""

    @property
    def seconds(self) -> float:
        return self.aloud + self.rest if self.whole else self.aloud


@dataclass(frozen=True)
class Day:
    """The tasks of one day of a plan."""

    tasks: tuple[Task, ...]
    repeated: float
    """Seconds to say again the short answers of the day before."""

    @property
    def minutes(self) -> int:
        return math.ceil((sum(task.seconds for task in self.tasks) + self.repeated) / 60)


@dataclass(frozen=True)
class Plan:
    """How deep to go in the days that are left."""

    days: int
    anchor: str
    whole: tuple[str, ...]
    """Levels whose questions are read whole; of the others only the short answer is said."""

    def deal(self, tasks: Sequence[Task]) -> list[Day]:
        """Deal out the tasks in their order, each day the same share of the time."""
        chosen = [Task(**{**vars(t), "whole": t.level in self.whole}) for t in tasks]
        total = sum(task.seconds for task in chosen)
        dealt: list[list[Task]] = [[] for _ in range(self.days)]
        before = 0.0
        for task in chosen:
            dealt[int((before + task.seconds / 2) * self.days / total)].append(task)
            before += task.seconds
        again = [0.0, *(sum(task.aloud for task in day) for day in dealt)]
        return [Day(tuple(day), repeated) for day, repeated in zip(dealt, again, strict=False)]


PLANS = (
    Plan(1, "one-day", ()),
    Plan(3, "three-days", LEVELS[:1]),
    Plan(7, "seven-days", LEVELS[:2]),
    Plan(14, "fourteen-days", LEVELS),
)


def read_tasks(folders: Iterable[Path], pages: list[str]) -> list[Task]:
    """Count what each question takes in the language in which it takes longer.

    Args:
        folders: The pages of each language; the first one sets the order.
    """
    read = [read_topics(folder, pages) for folder in folders]
    versions: dict[tuple[str, str], list[Question]] = {}
    for question in (q for topics in read for topic in topics for q in topic.questions):
        versions.setdefault((question.topic, question.anchor), []).append(question)
    return [
        Task(
            topic=topic,
            anchor=anchor,
            level=written[0].level,
            aloud=max(ALOUD.seconds(question.answer) for question in written),
            rest=max(_rest(question) for question in written),
        )
        for (topic, anchor), written in versions.items()
    ]


def _rest(question: Question) -> float:
    read = SILENT.seconds(question.body) - SILENT.seconds(question.answer)
    return read + SECONDS_A_BLOCK * len(question.embeds)


def _days(number: int, words: Words) -> str:
    return words.text("plans.one_day" if number == 1 else "plans.days", number=number)


def _minutes(number: int, words: Words) -> str:
    return words.text("plans.minutes", number=number)


def summary(tasks: Sequence[Task], words: Words) -> str:
    """Write one line for each plan, as a table."""
    head = [words.text(f"plans.head_{name}") for name in ("time_left", "minutes", "reading")]
    rows = [head, ["---"] * len(head)]
    for plan in PLANS:
        longest = max(day.minutes for day in plan.deal(tasks))
        minutes = "plans.minutes" if plan.days == 1 else "plans.minutes_a_day"
        link = f"[{_days(plan.days, words)}](plan.md#{plan.anchor})"
        depth = words.text(f"plans.read_{plan.whole[-1] if plan.whole else 'none'}")
        rows.append([link, words.text(minutes, number=longest), depth])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f'<div class="plans" data-search-exclude markdown="1">\n\n{table}\n\n</div>'


def rule(words: Words) -> str:
    """Say how minutes are counted."""
    return words.text("plans.rule", aloud=ALOUD, silent=SILENT)


def render(plan: Plan, tasks: Sequence[Task], topics: Sequence[Topic], words: Words) -> str:
    """Write the days of a plan, each with links to its questions, folded."""
    days = [
        _day(number, day, plan, topics, words)
        for number, day in enumerate(plan.deal(tasks), 1)
        if day.tasks
    ]
    return '<div class="plan" data-search-exclude markdown="1">\n\n' + "\n".join(days) + "\n</div>"


def _day(number: int, day: Day, plan: Plan, topics: Sequence[Topic], words: Words) -> str:
    asked = {task.topic for task in day.tasks}
    titles = [topic.title for topic in topics if topic.stem in asked]
    if len(titles) > MOST_TITLES:
        titles = [words.text("plans.topics", number=len(titles))]
    title = words.text("plans.day", number=number, minutes=_minutes(day.minutes, words))
    lines = [f'??? day "{" · ".join([title, *titles])}"', ""]
    if day.repeated:
        again = _minutes(math.ceil(day.repeated / 60), words)
        lines += [f"    {words.text('plans.repeated', minutes=again)}", ""]
    for topic in topics:
        lines += _questions([t for t in day.tasks if t.topic == topic.stem], plan, topic, words)
    return "\n".join(lines) + "\n"


def _questions(tasks: Sequence[Task], plan: Plan, topic: Topic, words: Words) -> list[str]:
    if not tasks:
        return []
    titles = {q.anchor: q.title for q in topic.questions}
    lines = [f"    [{topic.title}]({topic.stem}.md)", ""]
    for task in tasks:
        marks = [words.text(f"levels.{task.level}")]
        marks += [] if task.whole or not plan.whole else [words.text("plans.short")]
        address = f"{topic.stem}.md#{task.anchor}"
        mark = f'<span class="depth">{words.text("plans.between").join(marks)}</span>'
        lines.append(f"    - [{titles[task.anchor]}]({address}) {mark}")
    return [*lines, ""]
