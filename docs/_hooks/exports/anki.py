"""The flashcards: one deck per language, for Anki.

What identifies a deck, its note types and its notes never changes, so that
importing a later edition updates the cards and keeps what a learner has done.
"""

from __future__ import annotations

import html
import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import genanki
from collector.questions import Question, Topic
from collector.words import read_words
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from exports.portable import address, plain
from exports.sections import ExportedSection, Sections

LONGEST_CODE, LONGEST_OUTPUT = 14, 6
"""Most lines of code, and of output, on a card that asks for the output."""
PRINTED = "# >"
UNPREDICTABLE = re.compile(
    r"seed|rand|normal_|uniform_|nn\.init|data_ptr|id\(|perf_counter|version|profile"
    r"|__doc__|except |dir\(|warnings|is_available|saved_for_backward"
)
"""Code whose output nobody can work out in the head."""
UNFORESEEN = re.compile(r"\.\.\.|\d\.\d{3}|\d,\d{3}|[Ee]rror|Warning|<")
"""Words of messages, and long numbers."""

QUESTION_TEMPLATES = {
    "qfmt": '<p class="about">{{Topic}} · {{Level}}</p>\n<div class="question">{{Question}}</div>',
    "afmt": '{{FrontSide}}\n<hr id="answer">\n{{Answer}}\n{{Link}}',
}
OUTPUT_TEMPLATES = {
    "qfmt": '<p class="about">{{Topic}} · {{Level}}</p>\n<p>{{Prompt}}</p>\n{{Code}}',
    "afmt": (
        '<p class="about">{{Topic}} · {{Level}}</p>\n<p>{{Prompt}}</p>\n'
        '<div id="answer">{{Printed}}</div>\n<p class="about">{{Question}}</p>\n{{Link}}'
    ),
}
STYLE = (Path(__file__).parent / "anki.css").read_text("utf-8")
PRINTED_STYLE = """\
pre .c1 { color: #4d6a54; font-style: normal; }
.nightMode pre .c1, .night_mode pre .c1 { color: #8fc49b; font-style: normal; }
"""


@dataclass(frozen=True)
class Identity:
    """Numbers by which Anki knows the deck of one language and its note types."""

    deck: int
    question_type: int
    output_type: int


IDENTITIES = {
    "en": Identity(deck=1763700101, question_type=1763700102, output_type=1763700103),
    "zh": Identity(deck=1763700201, question_type=1763700202, output_type=1763700203),
}


@dataclass(frozen=True)
class Prediction:
    """The start of a section and its output; a script prints the same so far."""

    section: ExportedSection
    code: str
    text: str
    """The code with its output, as comments."""


def prediction(section: ExportedSection) -> Prediction | None:
    """Cut the longest start of a section that can be worked out from a card."""
    if section.count or section.is_excerpt:
        return None
    lines = section.text.split("\n")
    ends = [n for n, line in enumerate(lines, 1) if line.startswith(PRINTED)]
    ends = [n for n in ends if not lines[n : n + 1] or not lines[n].startswith(PRINTED)]
    for end in reversed(ends):
        code = [line for line in lines[:end] if not line.startswith(PRINTED)]
        printed = [line for line in lines[:end] if line.startswith(PRINTED)]
        if (
            len(code) <= LONGEST_CODE
            and len(printed) <= LONGEST_OUTPUT
            and not UNPREDICTABLE.search("\n".join(code))
            and not UNFORESEEN.search("\n".join(printed))
        ):
            return Prediction(section, "\n".join(code), "\n".join(lines[:end]))
    return None


def predictions(question: Question, sections: Sections) -> Iterator[Prediction]:
    """Yield the predictable starts of the sections that answer a question."""
    for file, slug in question.embeds:
        if found := prediction(sections[file.removesuffix(".py"), slug]):
            yield found


@dataclass(frozen=True)
class Deck:
    """Writes the cards of one language.

    Args:
        home: Address of the site in this language, if it is published.
        render: Turns Markdown to HTML.
    """

    language: str
    topics: tuple[Topic, ...]
    sections: Sections
    home: str
    render: Callable[[str], str]

    @property
    def identity(self) -> Identity:
        return IDENTITIES[self.language]

    def text(self, key: str) -> str:
        return read_words(self.language).text(key)

    def write(self, timestamp: int) -> bytes:
        """Write the package that Anki imports; the same bytes for the same input.

        Args:
            timestamp: When the pages were last changed. Anki updates a card only
                by one that is newer than its own.
        """
        deck = genanki.Deck(self.identity.deck, self.text("anki.name"))
        for position, note in enumerate(self._notes(), start=1):
            note.due = position  # new cards come in the order of the site
            deck.add_note(note)
        written = io.BytesIO()
        genanki.Package(deck).write_to_file(written, timestamp)
        return _without_times(written)

    def _notes(self) -> Iterator:
        questions, outputs = self._note_types()
        titles = {topic.stem: topic.title for topic in self.topics}
        for question in itertools.chain.from_iterable(topic.questions for topic in self.topics):
            about = self._inline(question, titles[question.topic]), self._level(question)
            title, link = self._inline(question, question.title), self._link(question)
            answer = self.render(plain(question.answer, question.topic, self.home))
            place = f"{question.topic}#{question.anchor}"
            yield self._note(questions, question, place, [title, answer, *about, link])
            for found in predictions(question, self.sections):
                code, printed = _highlighted(found.code), _highlighted(found.text)
                fields = [code, printed, self.text("anki.prompt"), title, *about, link]
                place = f"{found.section.topic}:{found.section.slug}"
                yield self._note(outputs, question, place, fields)

    def _note(self, kind, question: Question, place: str, fields: list[str]):
        tags = [f"topic::{question.topic}", f"level::{question.level}"]
        return genanki.Note(kind, fields, guid=genanki.guid_for(self.language, place), tags=tags)

    def _note_types(self) -> tuple:
        name, css = self.text("anki.name"), STYLE + _highlighting()
        question = ("Question", "Answer", "Topic", "Level", "Link")
        output = ("Code", "Printed", "Prompt", "Question", "Topic", "Level", "Link")
        return tuple(
            genanki.Model(
                identity,
                f"{name}: {kind}",
                fields=[{"name": field} for field in fields],
                templates=[{"name": kind, **templates}],
                css=css,
            )
            for identity, kind, fields, templates in (
                (self.identity.question_type, "question", question, QUESTION_TEMPLATES),
                (self.identity.output_type, "output", output, OUTPUT_TEMPLATES),
            )
        )

    def _inline(self, question: Question, text: str) -> str:
        rendered = self.render(plain(text, question.topic, self.home))
        return rendered.removeprefix("<p>").removesuffix("</p>")

    def _level(self, question: Question) -> str:
        return self.text(f"levels.{question.level}")

    def _link(self, question: Question) -> str:
        if not self.home:
            return ""
        url = html.escape(address(question.topic, question.anchor, self.home))
        return f'<p><a href="{url}">{self.text("anki.link")}</a></p>'


def _highlighted(code: str) -> str:
    lines = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    return f"<pre><code>{lines}</code></pre>"


def _highlighting() -> str:
    """Colours of code, for the day and for the night."""
    night = HtmlFormatter(style="github-dark", nobackground=True)
    day = HtmlFormatter(style="default", nobackground=True)
    coloured = "\n".join(
        line
        for prefixes, formatter in (("pre", day), ([".nightMode pre", ".night_mode pre"], night))
        for line in formatter.get_token_style_defs(prefixes)
    )
    return f"{coloured}\n{PRINTED_STYLE}"


def _without_times(package: io.BytesIO) -> bytes:
    """Write a package anew, without the times at which its parts were made."""
    written = io.BytesIO()
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(written, "w") as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()
