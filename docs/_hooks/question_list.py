"""Writes the page of all questions: each with its level and its short answer.

What the questions are is read from the topic pages themselves; the page only
says where the list goes.  Without JavaScript it is a plain list whose answers
unfold; ``assets/questions.js`` adds a filter, ``assets/marks.js`` the marks.
"""

from __future__ import annotations

import html
import re

from collector.questions import Question, Topic
from collector.words import Words

CONTROLS = '<div class="question-filter"></div>\n<div class="question-marks"></div>'
"""Places for the controls that JavaScript adds."""
CODE_OR_LINK = re.compile(r"(?P<code>(?P<marks>`+)(?!`).+?(?<!`)(?P=marks)(?!`))|\]\(#", re.DOTALL)


def render(topics: list[Topic], words: Words) -> str:
    """Write all questions as Markdown, one list for each topic."""
    return "\n\n".join([CONTROLS, *(_topic(topic, words) for topic in topics)])


def _topic(topic: Topic, words: Words) -> str:
    entries = "\n".join(_entry(question, words) for question in topic.questions)
    heading = f"## {topic.title} {{ #{topic.stem} }}"
    return f'{heading}\n\n<ul class="questions" markdown="1">\n{entries}\n</ul>'


def _entry(question: Question, words: Words) -> str:
    key = html.escape(f"{question.topic}#{question.anchor}")
    level = words.text(f"levels.{question.level}").capitalize()
    return (
        f'<li data-question="{key}" data-level="{question.level}" markdown="block">\n\n'
        f"[{question.title}]({question.topic}.md#{question.anchor})"
        f' <span class="level">{level}</span>\n\n'
        f'<details markdown="1"><summary>{words.text("questions.answer")}</summary>\n\n'
        f"{from_elsewhere(question.answer, question.topic)}\n\n</details>\n</li>"
    )


def from_elsewhere(markdown: str, topic: str) -> str:
    """Let links within a topic's page lead there from any other page."""
    return CODE_OR_LINK.sub(lambda found: found["code"] or f"]({topic}.md#", markdown)
