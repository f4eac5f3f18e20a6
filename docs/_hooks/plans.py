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

from collector.questions import LEVEL_NAMES, LEVELS, Question, Topic, read_topics

WORD = re.compile(r"[A-Za-z0-9_]+(?:[.'-][A-Za-z0-9_]+)*")
CHARACTER = re.compile(r"[\u4e00-\u9fff]")
NOT_READ = re.compile(r"(?ms)^\s*(```|~~~|\$\$).*?^\s*\1\s*$|\]\([^)]*\)|<!--.*?-->|\{[^}\n]*\}")
"""Blocks of code, which count by themselves, formulas, and what readers never see."""


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
    """What one day of a plan asks for."""

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


@dataclass(frozen=True)
class Words:
    """What plans say in one language."""

    days: str
    day: str
    minutes: str
    minutes_a_day: str
    topics: str
    repeated: str
    short: str
    rule: str
    depths: tuple[str, ...]
    """By how many levels are read whole, from none."""
    head: tuple[str, ...]
    """Of the table of plans."""
    between: str

    def counted(self, number: int) -> str:
        return self.days.format(number=number, s="" if number == 1 else "s")


WORDS = {
    "en": Words(
        days="{number} day{s}",
        day="Day {number} · {minutes}",
        minutes="{number} minutes",
        minutes_a_day="at most {number} minutes",
        topics="{number} topics",
        repeated="First, {minutes} to say the short answers of the day before once more.",
        short="short answer",
        rule=(
            "The minutes are counted from the text: {aloud.words} words a minute to say a short "
            "answer aloud, {silent.words} to read the rest, and one minute for each block of "
            "code, in which you say what it prints before you look. For Chinese it is "
            "{aloud.characters} and {silent.characters} characters, and the slower of both "
            "languages counts. These speeds are assumed, not measured: if one day takes you "
            "half as long again, so will all others."
        ),
        depths=(
            "the short answer of every question",
            "basic questions whole, of all others the short answer",
            "basic and intermediate questions whole, of advanced ones the short answer",
            "every question whole, once",
        ),
        head=("Time left", "A day", "What you do"),
        between=", ",
    ),
    "zh": Words(
        days="{number} 天",
        day="第 {number} 天 · {minutes}",
        minutes="{number} 分钟",
        minutes_a_day="最多 {number} 分钟",
        topics="{number} 个专题",
        repeated="先用 {minutes}把前一天的 30 秒回答再说一遍。",
        short="只看 30 秒回答",
        rule=(
            "分钟数由正文算出：出声说 30 秒回答按每分钟 {aloud.characters} 字，"
            "默读其余内容按每分钟 {silent.characters} 字，"
            "每段代码一分钟，先说出它会打印什么再看输出。"
            "英文按每分钟 {aloud.words} 词和 {silent.words} 词，两种语言取较慢的一种。"
            "这些速度是假定的，没有测量过：如果某一天多花了一半时间，其他各天也会如此。"
        ),
        depths=(
            "每道题的 30 秒回答",
            "基础题全部读完，其余只看 30 秒回答",
            "基础题和进阶题全部读完，高级题只看 30 秒回答",
            "每道题都完整读一遍",
        ),
        head=("还有多久", "每天", "做什么"),
        between="、",
    ),
}


def summary(tasks: Sequence[Task], language: str) -> str:
    """Write one line for each plan, as a table."""
    words = WORDS[language]
    rows = [words.head, ("---",) * len(words.head)]
    for plan in PLANS:
        longest = max(day.minutes for day in plan.deal(tasks))
        said = words.minutes if plan.days == 1 else words.minutes_a_day
        link = f"[{words.counted(plan.days)}](plan.md#{plan.anchor})"
        rows.append((link, said.format(number=longest), words.depths[len(plan.whole)]))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f'<div class="plans" data-search-exclude markdown="1">\n\n{table}\n\n</div>'


def rule(language: str) -> str:
    """Say how minutes are counted."""
    return WORDS[language].rule.format(aloud=ALOUD, silent=SILENT)


def render(plan: Plan, tasks: Sequence[Task], topics: Sequence[Topic], language: str) -> str:
    """Write the days of a plan, each with links to its questions, folded."""
    days = [
        _day(number, day, plan, topics, language)
        for number, day in enumerate(plan.deal(tasks), 1)
        if day.tasks
    ]
    return '<div class="plan" data-search-exclude markdown="1">\n\n' + "\n".join(days) + "\n</div>"


def _day(number: int, day: Day, plan: Plan, topics: Sequence[Topic], language: str) -> str:
    words = WORDS[language]
    asked = {task.topic for task in day.tasks}
    titles = [topic.title for topic in topics if topic.stem in asked]
    if len(titles) > MOST_TITLES:
        titles = [words.topics.format(number=len(titles))]
    minutes = words.minutes.format(number=day.minutes)
    lines = [
        f'??? day "{words.day.format(number=number, minutes=minutes)} · {" · ".join(titles)}"',
        "",
    ]
    if day.repeated:
        again = words.minutes.format(number=math.ceil(day.repeated / 60))
        lines += [f"    {words.repeated.format(minutes=again)}", ""]
    for topic in topics:
        lines += _questions([t for t in day.tasks if t.topic == topic.stem], plan, topic, language)
    return "\n".join(lines) + "\n"


def _questions(tasks: Sequence[Task], plan: Plan, topic: Topic, language: str) -> list[str]:
    if not tasks:
        return []
    words, titles = WORDS[language], {q.anchor: q.title for q in topic.questions}
    lines = [f"    [{topic.title}]({topic.stem}.md)", ""]
    for task in tasks:
        marks = [LEVEL_NAMES[language][task.level]]
        marks += [] if task.whole or not plan.whole else [words.short]
        address = f"{topic.stem}.md#{task.anchor}"
        mark = f'<span class="depth">{words.between.join(marks)}</span>'
        lines.append(f"    - [{titles[task.anchor]}]({address}) {mark}")
    return [*lines, ""]
