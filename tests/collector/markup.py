"""Markup: the headings, figures and blocks of code in a page's HTML.

``html.parser`` decides what there is.  It reads a page in 30 ms, far too long
for a build in which nothing changed, so HTML that is as regular as what
Markdown and the theme write is read by regular expressions.  They go from one
tag that matters to the next, and match only if every ``<`` between them begins
a tag that any parser would read alike.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

OTHER_LANGUAGES = frozenset({"bash", "console", "yaml", "toml", "json"})
"""Languages of blocks that are not Python.  Any other block must have run."""
CODE_TAGS = frozenset({"code", "samp", "kbd", "tt"})
BLOCK_TAGS = frozenset({"pre", "xmp", "listing", "plaintext", "textarea"})
"""Tags whose content browsers show line by line."""
LINE_TAGS = frozenset({"br", "p", "div", "li", "tr", "hr"})
"""Tags that begin a line inside of any code."""
CONTENT_TAGS = (  # span and code first: they are most
    "span|code|p|div|a|article|autoref|b|blockquote|br|details|em|h[1-6]|hr|i|img|input|kbd|label"
    "|li|ol|pre|small|strong|sub|summary|sup|table|tbody|td|th|thead|tr|ul"
)
"""Tags that Markdown and mkdocstrings write, and a few that authors may."""
FOREIGN = re.compile(
    rf"<(?!/|!--|(?:{CONTENT_TAGS})[\s/>])(?!(?i:{CONTENT_TAGS})[\s/>])[a-zA-Z!?][^\s/>]*"
    "|<!--(?=-?>)|--!>"  # browsers end a comment here, parsers do not
)
WRITTEN = re.compile(rf"(?:[^<]*+<(?:/|(?:{CONTENT_TAGS})[\s/>]))*+[^<]*+\Z")
"""Content without anything foreign, as nearly all is; to see so takes a third of the time."""
RELIABLE = sys.version_info >= (3, 11, 5)
"""Older releases match possessive repeats wrongly: https://github.com/python/cpython/issues/106052"""
FENCE_MARKS = re.compile("```|~~~")
RELEVANT = "pre|code|div|h[1-6]|img"
RARE = "samp|kbd|tt|xmp|listing|plaintext|textarea"
"""Elements that show code as well; no page of the site holds them."""
OPAQUE = "script|style|title|iframe|noscript|noembed|noframes"
"""Elements whose content is no markup, or was none to some parser."""
ATTRIBUTES = r'(?:[ \n]+[a-zA-Z][a-zA-Z0-9:_-]*+(?:="(?:[^"<>&]|&\#?[a-zA-Z0-9]+;)*+")?)*+[ ]?/?'
HIGHLIGHTED = r"""
    /span> | span(?:\ class="[a-z0-9 ]*+")?>  # most tags by far
    | code>[^<&\n]*+</code>  # not of several lines
"""
PASSED_OVER = rf"""
    /(?!(?:{RELEVANT})>)[a-z][a-z0-9]*+>
    | (?!(?:{RELEVANT}|{RARE}|{OPAQUE})\b)[a-z][a-z0-9]*+{ATTRIBUTES}>
"""
ENCLOSED = r"(?:[^<]|<(?![!/a-zA-Z]))*+"
OUTSIDE = "| !doctype\\ html>" + "".join(  # no group: they are unsafe in possessive repeats
    f"| {name}{ATTRIBUTES}>{ENCLOSED}</{name}>" for name in OPAQUE.split("|")
)
INSIDE = rf"(?!/?(?:{'|'.join(sorted(LINE_TAGS))})\b)(?:{PASSED_OVER})"
NEXT = rf"[^<]*+(?:<(?P<end>/?)(?P<tag>{RELEVANT})(?P<attributes>{ATTRIBUTES})>|\Z)"
PLAIN = rf"| div(?![^>]*(?:language-|&)){ATTRIBUTES}> | /div>"
"""Tags that say nothing where no block has named its language."""
OUTSIDE_PLAIN, OUTSIDE_CODE, INSIDE_CODE = (
    re.compile(rf"(?:[^<]*+<(?:{HIGHLIGHTED} | {others}))*+{NEXT}", re.VERBOSE)
    for others in (PASSED_OVER + OUTSIDE + PLAIN, PASSED_OVER + OUTSIDE, INSIDE)
)
"""The next tag that matters, if all before it is regular."""
VALUE = re.compile(r'([a-zA-Z][a-zA-Z0-9:_-]*)(?:="([^"]*)")?')
UNFINISHED = re.compile("&(?!#?[a-zA-Z0-9]{1,30};)")
"""A reference without its end, which text behind a tag must not complete."""
TAG = re.compile("<[^>]*>")
REFERENCE_TO_MARK = re.compile(
    "&(?:#(?:0*(?:96|126)(?![0-9])|[xX]0*(?:60|7[eE])(?![0-9a-fA-F]))|grave;|DiacriticalGrave;)"
)


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
    """Where it starts in the HTML."""

    @property
    def is_session(self) -> bool:
        """Whether it shows Python's prompt, whatever language it names."""
        return re.search(r"(?m)^\s*>>>(\s|$)", self.text) is not None

    @property
    def is_python(self) -> bool:
        return self.language not in OTHER_LANGUAGES or self.is_session


Element = Heading | Figure | Block


class _Elements:
    """Collects elements from tags in order.

    A block of code is a ``<pre>``, closed or not, a ``<code>`` of several lines,
    or a fence that Markdown took for prose.  Its language is that of the ``<div>``
    which Markdown writes around a fence: no other tag can say that it is no Python.
    """

    def __init__(self) -> None:
        self.found: list[Element] = []
        self.opened: list[str] = []
        """The tags of code that the reader is inside of."""
        self.language = ""
        """What a tag has named for the block that follows."""
        self._code: list[str] = []
        self._offset = 0

    def start(self, tag: str, values: Mapping[str, str], offset: int) -> None:
        if tag in ("div", "pre", "code") and "class" in values:
            self._name_language(tag, values["class"])
        if tag in CODE_TAGS or tag in BLOCK_TAGS:
            if not self.opened:
                self._offset = offset
                self._code = []
            self.opened.append(tag)
        elif tag in LINE_TAGS and self.opened:
            self._code.append("\n")
        elif re.fullmatch("h[1-6]", tag) and "id" in values:
            difficulty = values.get("data-level", "")
            self.found.append(Heading(int(tag[1]), values["id"], difficulty))
        elif tag == "img":
            self.found.append(Figure(values.get("src", ""), values.get("alt", "")))

    def _name_language(self, tag: str, classes: str) -> None:
        found = re.search(r"(?:^|\s)language-(\S+)", classes)
        if found and (tag == "div" or found[1].lower() not in OTHER_LANGUAGES):
            self.language = found[1].lower()

    def end(self, tag: str) -> None:
        if tag in LINE_TAGS and self.opened:
            self._code.append("\n")
        if tag in self.opened:
            while self.opened.pop() != tag:
                pass
            text = "".join(self._code).strip("\n")
            if not self.opened and (tag in BLOCK_TAGS or "\n" in text):
                self.found.append(Block(self.language, text, self._offset))
        if tag in ("pre", "div"):
            self.language = ""

    def code(self, text: str) -> None:
        self._code.append(text)

    def prose(self, text: str, offset: int) -> None:
        if marks := FENCE_MARKS.search(text):
            self.found.append(Block("", text[marks.start() :].rstrip(), offset))

    @property
    def is_closed(self) -> bool:
        """Whether no tag read so far has a say in what follows."""
        return not self.opened and not self.language

    def close(self) -> list[Element]:
        while self.opened:
            self.end(self.opened[-1])
        return self.found


class _Parser(HTMLParser):
    """Reads the elements of any HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._elements = _Elements()
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", html))]
        self.feed(html)
        self.close()
        self.elements = self._elements.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._elements.start(tag, values, self._position())

    def handle_endtag(self, tag: str) -> None:
        self._elements.end(tag)

    def handle_data(self, data: str) -> None:
        if self._elements.opened:
            self._elements.code(data)
        elif self.cdata_elem is None:  # the text of scripts and styles is no prose
            self._elements.prose(data, self._position())

    def _position(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column


def parse_html(html: str) -> list[Element]:
    """List elements as ``read_html`` does, and as slowly as ``html.parser``."""
    return _Parser(html).elements


def read_html(html: str) -> list[Element]:
    """List headings with anchors, figures and blocks of code, in order."""
    elements = None if _may_hold_fences(html) else _scan(html)
    return parse_html(html) if elements is None else elements


def read_content(content: str) -> list[Element] | None:
    """List the elements of a page's content; nothing if it could change how more is read."""
    closed = None if _may_hold_fences(content) else _scan(content, to_the_end=False)
    return closed if content.startswith("<") and content.endswith((">", "\n")) else None


def read_around(html: str, content: str, inside: list[Element] | None) -> list[Element]:
    """List elements as ``read_html`` does, of a page around content that has been read.

    Args:
        inside: What ``read_content`` made of the content; offsets are within it.
    """
    if inside is None or not content:
        return read_html(html)
    before, found, after = html.partition(content)
    if not found or content in after:  # a search in what is shorter costs nothing
        return read_html(html)
    above, below = read_content(before.strip()), read_content(after.strip())
    if above is None or below is None:
        return read_html(html)
    return [*above, *inside, *below]


def foreign_markup(content: str) -> list[re.Match[str]]:
    """Find what neither Markdown nor mkdocstrings writes into a page's content."""
    if RELIABLE and WRITTEN.match(content) and "--!>" not in content:
        return []
    return list(FOREIGN.finditer(content))


def text_of(content: str) -> str:
    """Return all that a page's content says, in code and in prose."""
    return _text(content)


def _may_hold_fences(html: str) -> bool:
    written = any(mark in html and 3 * mark in html for mark in "`~")  # the first is faster
    return not RELIABLE or written or REFERENCE_TO_MARK.search(html) is not None


def _scan(html: str, *, to_the_end: bool = True) -> list[Element] | None:
    """List the elements of regular HTML; nothing if it is not regular.

    Args:
        to_the_end: Whether nothing follows, which closes what is open.
    """
    elements = _Elements()
    read = 0
    while True:
        inside = bool(elements.opened)
        regular = INSIDE_CODE if inside else OUTSIDE_CODE if elements.language else OUTSIDE_PLAIN
        token = regular.match(html, read)
        if token is None:
            return None
        end, tag, attributes = token.group("end", "tag", "attributes")
        start = token.start("end") - 1 if tag else len(html)
        if inside:
            elements.code(_text(html[read:start]))
        if tag is None:
            return elements.close() if to_the_end or elements.is_closed else None
        if end and attributes:
            return None
        if not end:
            elements.start(tag, _values(attributes) if attributes else {}, start)
        if end or attributes.endswith("/"):
            elements.end(tag)
        read = token.end()


def _values(text: str) -> dict[str, str]:
    return {name.lower(): unescape(value) for name, value in VALUE.findall(text)}


@functools.lru_cache(4096)  # a block stands in a content, in its page, and in each language
def _text(html: str) -> str:
    """Drop tags and replace references, none of which spans a tag."""
    if UNFINISHED.search(html):
        return "".join(map(unescape, TAG.split(html)))
    return unescape(TAG.sub("", html))
