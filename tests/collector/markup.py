"""Markup: the headings, figures and blocks of code in a page's HTML.

``html.parser`` decides what there is.  It reads a page in 30 ms, far too long
for a build in which nothing changed, so HTML that is as regular as what
Markdown and the theme write is read by regular expressions.  They go from one
tag that matters to the next, and match only if every ``<`` between them begins
a tag that any parser would read alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

OTHER_LANGUAGES = frozenset({"bash", "console", "yaml", "toml", "json"})
"""Languages of blocks that are not Python.  Any other block must have run."""
RELEVANT = "pre|code|div|h[1-6]|img"
OPAQUE = "script|style|title|textarea|iframe|noscript|noembed|noframes|xmp|plaintext"
"""Elements whose content is no markup, or was none to some parser."""
ATTRIBUTES = r'(?:[ \n]+[a-zA-Z][a-zA-Z0-9:_-]*+(?:="(?:[^"<>&]|&\#?[a-zA-Z0-9]+;)*+")?)*+[ ]?/?'
PASSED_OVER = rf"""
    /span> | span(?:\ class="[a-z0-9 ]*+")?>  # most tags by far: highlighted code
    | code>[^<&\n]*+</code>  # not of several lines
    | /(?!(?:{RELEVANT})>)[a-z][a-z0-9]*+>
    | (?!(?:{RELEVANT}|{OPAQUE})\b)[a-z][a-z0-9]*+{ATTRIBUTES}>
"""
ENCLOSED = r"(?:[^<]|<(?![!/a-zA-Z]))*+"
OUTSIDE = "| !doctype\\ html>" + "".join(  # no group: they are unsafe in possessive repeats
    f"| {name}{ATTRIBUTES}>{ENCLOSED}</{name}>" for name in OPAQUE.split("|")
)
NEXT = rf"[^<]*+(?:<(?P<end>/?)(?P<tag>{RELEVANT})(?P<attributes>{ATTRIBUTES})>|\Z)"
OUTSIDE_CODE = re.compile(rf"(?:[^<]*+<(?:{PASSED_OVER}{OUTSIDE}))*+{NEXT}", re.VERBOSE)
"""The next tag that matters, if all before it is regular."""
INSIDE_CODE = re.compile(rf"(?:[^<]*+<(?:{PASSED_OVER}))*+{NEXT}", re.VERBOSE)
VALUE = re.compile(r'([a-zA-Z][a-zA-Z0-9:_-]*)(?:="([^"]*)")?')
UNFINISHED = re.compile("&(?!#?[a-zA-Z0-9]{1,30};)")
"""A reference without its end, which text behind a tag must not complete."""
TAG = re.compile("<[^>]*>")


@dataclass(frozen=True)
class Heading:
    level: int
    anchor: str
    difficulty: str
    """``data-level`` of a question: basic, intermediate or advanced."""


@dataclass(frozen=True)
class Figure:
    source: str
    alt: str = field(compare=False)
    """Differs between languages, so equal figures may differ in it."""


@dataclass(frozen=True)
class Block:
    """A block of code as a reader sees it."""

    language: str
    text: str
    offset: int = field(compare=False, default=0)
    """Where its ``<pre>`` starts in the HTML."""

    @property
    def is_python(self) -> bool:
        return self.language not in OTHER_LANGUAGES


Element = Heading | Figure | Block


class _Elements:
    """Collects elements from tags in order.

    A block of code is a ``<pre>``, closed or not, or a ``<code>`` of several
    lines.
    """

    def __init__(self) -> None:
        self.found: list[Element] = []
        self.opened: list[str] = []
        """The tags, ``pre`` or ``code``, that the reader is inside of."""
        self._language = ""
        self._code: list[str] = []
        self._offset = 0

    def start(self, tag: str, values: Mapping[str, str], offset: int) -> None:
        if tag in ("div", "pre", "code") and "class" in values:
            language = re.search(r"(?:^|\s)language-(\S+)", values["class"])
            self._language = language[1].lower() if language else self._language
        if tag in ("pre", "code"):
            if not self.opened:
                self._offset = offset
                self._code = []
            self.opened.append(tag)
        elif re.fullmatch("h[1-6]", tag) and "id" in values:
            difficulty = values.get("data-level", "")
            self.found.append(Heading(int(tag[1]), values["id"], difficulty))
        elif tag == "img":
            self.found.append(Figure(values.get("src", ""), values.get("alt", "")))

    def end(self, tag: str) -> None:
        if tag in self.opened:
            while self.opened.pop() != tag:
                pass
            text = "".join(self._code).strip("\n")
            if not self.opened and (tag == "pre" or "\n" in text):
                self.found.append(Block(self._language, text, self._offset))
        if tag in ("pre", "div"):
            self._language = ""

    def code(self, text: str) -> None:
        self._code.append(text)

    def close(self) -> list[Element]:
        while self.opened:
            self.end(self.opened[-1])
        return self.found


class _Parser(HTMLParser):
    """Reads any HTML: its elements, and the text outside of code."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.prose: list[str] = []
        self._elements = _Elements()
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", html))]
        self.feed(html)
        self.close()
        self.elements = self._elements.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        values = {name: value or "" for name, value in attrs}
        self._elements.start(tag, values, self._line_starts[line - 1] + column)

    def handle_endtag(self, tag: str) -> None:
        self._elements.end(tag)

    def handle_data(self, data: str) -> None:
        if self._elements.opened:
            self._elements.code(data)
        elif self.cdata_elem is None:  # the text of scripts and styles is no prose
            self.prose.append(data)


def parse_html(html: str) -> tuple[list[Element], str]:
    """List elements in order, and return the text outside of code."""
    parser = _Parser(html)
    return parser.elements, "".join(parser.prose)


def read_html(html: str) -> list[Element]:
    """List headings with anchors, figures and blocks of code, in order."""
    elements = _scan(html)
    return parse_html(html)[0] if elements is None else elements


def _scan(html: str) -> list[Element] | None:
    """List the elements of regular HTML; nothing if it is not regular."""
    elements = _Elements()
    read = 0
    while True:
        inside = bool(elements.opened)
        token = (INSIDE_CODE if inside else OUTSIDE_CODE).match(html, read)
        if token is None:
            return None
        end, tag, attributes = token.group("end", "tag", "attributes")
        start = token.start("end") - 1 if tag else len(html)
        if inside:
            elements.code(_text(html[read:start]))
        if tag is None:
            return elements.close()
        if end and attributes:
            return None
        if not end:
            elements.start(tag, _values(attributes) if attributes else {}, start)
        if end or attributes.endswith("/"):
            elements.end(tag)
        read = token.end()


def _values(text: str) -> dict[str, str]:
    return {name.lower(): unescape(value) for name, value in VALUE.findall(text)}


def _text(html: str) -> str:
    """Drop tags and replace references, none of which spans a tag."""
    if UNFINISHED.search(html):
        return "".join(map(unescape, TAG.split(html)))
    return unescape(TAG.sub("", html))
