"""HTML: the headings, figures and blocks of code of a page, read as browsers read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

OTHER_LANGUAGES = frozenset({"bash", "console", "yaml", "toml", "json"})
"""Languages of blocks that are not Python.  Any other block must have run."""
BLOCK_TAGS = frozenset({"pre", "xmp", "listing", "plaintext", "textarea"})
"""Tags whose content browsers show line by line."""
CODE_TAGS = BLOCK_TAGS | {"code", "samp", "kbd", "tt"}
LINE_TAGS = frozenset({"br", "p", "div", "li", "tr", "hr"})
"""Tags that begin a line inside of any code."""
SILENT_TAGS = frozenset({"script", "style", "iframe", "noembed", "noframes"})
"""Tags whose text browsers never show."""
FOREIGN = """:not(
    a, article, aside, autoref, b, blockquote, br, code, details, div, em, h1, h2, h3, h4, h5, h6,
    hr, i, img, input, kbd, label, li, nav, ol, p, path, pre, small, span, strong, sub, summary,
    sup, svg, table, tbody, td, th, thead, tr, ul
)"""
"""All but the tags that Markdown, mkdocstrings and themes write, and a few that authors may."""
SHOWING_LINES = f":is({','.join(sorted(LINE_TAGS))})"
ELEMENTS = f":is({','.join([*sorted(CODE_TAGS), 'img', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'])})"
FENCE_MARKS = re.compile("```|~~~")
SESSION = re.compile(r"(?m)^\s*>>>(\s|$)")
LANGUAGE = re.compile(r"(?:^|\s)language-(\S+)")
CONTENT = re.compile(r"<article\b[^>]*>(?P<content>.*)</article>", re.DOTALL)

Tree = LexborHTMLParser
Node = LexborNode


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
    node: Node | None = field(compare=False, repr=False, default=None)
    """The element, or the text in which a fence stands, in its tree."""

    @property
    def is_session(self) -> bool:
        """Whether it shows Python's prompt, under any language."""
        return SESSION.search(self.text) is not None

    @property
    def is_python(self) -> bool:
        return self.language not in OTHER_LANGUAGES or self.is_session


Element = Heading | Figure | Block


@dataclass(frozen=True)
class Page:
    """A finished page: its content, and the frame that a theme put around it."""

    above: str
    content: Tree
    below: str

    @property
    def frame(self) -> Tree:
        return Tree(self.above + self.below)

    @property
    def html(self) -> str:
        return f"{self.above}{self.content.html or ''}{self.below}"


def read_page(html: str) -> Page:
    """Split a page into its content, which authors write, and its frame.

    The content is parsed alone, so no tag in it can close the frame or be closed by it.
    A page without an article is content from end to end.
    """
    found = CONTENT.search(html)
    start, end = found.span("content") if found else (0, len(html))
    return Page(html[:start], read_tree(html[start:end]), html[end:])


def read_tree(html: str) -> Tree:
    """Parse a piece of a page's body."""
    return Tree(html, is_fragment=True)


def read_html(html: str) -> list[Element]:
    """List headings with anchors, figures and blocks of code, in order."""
    return list(elements_of(read_tree(html)))


def elements_of(tree: Tree) -> Iterator[Element]:
    """Yield headings with anchors, figures and blocks of code, in order.

    A block of code is a ``<pre>`` or one of its kin, a ``<code>`` of several lines or
    paragraphs, or a fence that Markdown took for prose.
    """
    may_hold_fences = FENCE_MARKS.search(tree.text()) is not None  # a walk takes thrice as long
    for node in _outside_code(tree) if may_hold_fences else tree.css(ELEMENTS):
        tag = node.tag or ""
        if _is_inside_code(node):
            continue
        if node.is_text_node:
            if marks := FENCE_MARKS.search(text := node.text_content or ""):
                yield Block("", text[marks.start() :].rstrip(), node)
        elif tag in CODE_TAGS:
            text = _code(node).strip("\n")
            below = _line_below(node)
            if tag in BLOCK_TAGS or "\n" in text or below:
                yield Block(_language(node), text or below, node)
        elif tag == "img":
            yield Figure(node.attributes.get("src") or "", node.attributes.get("alt") or "")
        elif re.fullmatch("h[1-6]", tag) and (anchor := node.attributes.get("id")):
            yield Heading(int(tag[1]), anchor, node.attributes.get("data-level") or "")


def foreign_to(tree: Tree) -> list[Node]:
    """List the elements that no page may hold: they could show, or make, code unseen."""
    return tree.css(FOREIGN)


def text_of(html: str) -> str:
    """Return all that a page's content says, in code and in prose."""
    return read_tree(html).text()


def insert_before(node: Node, html: str) -> None:
    """Put one element of HTML before a node."""
    if (element := read_tree(html).root) is not None:
        node.insert_before(element)


def insert_after(node: Node, html: str) -> None:
    """Put one element of HTML after a node."""
    if (element := read_tree(html).root) is not None:
        node.insert_after(element)


def _outside_code(tree: Tree) -> Iterator[Node]:
    """Walk over a tree in order, but not into code, nor into text that is never shown."""
    later = [tree.root]
    while later:
        node = later.pop()
        while node is not None:
            yield node
            if node.tag in CODE_TAGS or node.tag in SILENT_TAGS or node.first_child is None:
                node = node.next
            else:
                later.append(node.next)
                node = node.first_child


def _is_inside_code(node: Node) -> bool:
    """Tell whether a node belongs to a block, or a piece of code, that was read before it."""
    above = node.parent
    while above is not None and above.tag not in CODE_TAGS:
        above = above.parent
    return above is not None


def _code(node: Node) -> str:
    """Return the text of code, with an end of line where a browser shows one."""
    first = node.first_child
    is_plain = first is None or (first.is_text_node and first.next is None)  # as most are
    return node.text() if is_plain or not node.css_first(SHOWING_LINES) else _lines(node)


def _lines(node: Node) -> str:
    if node.is_text_node:
        return node.text_content or ""
    inner = "".join(map(_lines, node.iter(include_text=True)))
    if node.tag not in LINE_TAGS:
        return inner
    return f"\n{inner}\n" if inner else "\n"


def _line_below(node: Node) -> str:
    """Return the code in the paragraph below, where both paragraphs are nothing but code."""
    paragraph = node.parent
    if paragraph is None or not _is_line(paragraph):
        return ""
    below = paragraph.next
    while below is not None and below.is_text_node and not (below.text_content or "").strip():
        below = below.next
    return below.text() if below is not None and _is_line(below) else ""


def _is_line(node: Node) -> bool:
    """Tell whether a node is a paragraph of nothing but code."""
    code = node.first_child if node.tag == "p" else None
    return (
        code is not None and code.tag in CODE_TAGS and code.text().strip() == node.text().strip()
    )


def _language(node: Node) -> str:
    """Tell the language of a block.

    That is the language of the ``<div>`` which Markdown writes around a fence.  No other
    tag can say that a block is no Python.
    """
    around = node.parent
    if around is not None and around.tag == "div" and (name := _named(around)):
        return name
    candidates = [node.css_first("code"), node]
    while around is not None:
        candidates.append(around)
        around = around.parent
    names = (_named(candidate) for candidate in candidates if candidate is not None)
    return next((name for name in names if name and name not in OTHER_LANGUAGES), "")


def _named(node: Node) -> str:
    found = LANGUAGE.search(node.attributes.get("class") or "")
    return found[1].lower() if found else ""
