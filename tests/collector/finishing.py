"""Finishing: a page as a generator built it, made ready for its readers.

It gains captions, figures for both schemes, and a description for search engines.
It loses the elements and styles that show nothing, for readers' machines to be spared.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from pathlib import Path

from collector.captions import Captions, without_uncoloured
from collector.html import Node, Page, Tree, insert_after, read_page

FIGURE = re.compile(r"figures/.+\.svg")
SIZE = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt"')
PIXELS_PER_POINT = 4 / 3
COLUMNS = 35
"""As many columns of code fit the narrowest phones."""
STYLES = re.compile(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">')
DOCUMENTED = ".doc"
DESCRIPTION = re.compile(r'(?<=<meta name="description" content=")[^"]*')
SENTENCE = re.compile(r".+?(?:[。？！]|[.?!](?=\s|$))|.+", re.DOTALL)
ENOUGH, AT_MOST = 90, 160
"""Characters: as many as a list of results shows, and no more."""


@dataclass(frozen=True)
class Finisher:
    """Finishes the pages of one site."""

    captions: Captions

    def finish(self, text: str, path: Path, language: str) -> Page:
        """Finish a page.

        Args:
            text: Its HTML.
            path: Its file, beside which the figures lie.
        """
        page = read_page(without_uncoloured(text))
        description = html.escape(describe(page.content))
        self.captions.annotate(page.content, language)
        _place_figures(page.content, path.parent)
        _count_lines(page.content)
        above = page.above
        if description:
            above = DESCRIPTION.sub(lambda _: description, above, count=1)
        if not page.content.css_first(DOCUMENTED):
            above = STYLES.sub("", above)
        return replace(page, above=above)


def _place_figures(tree: Tree, folder: Path) -> None:
    """Show each figure in the variant of the page's scheme, fetched when a reader comes near."""
    for image in tree.css("img"):
        source = image.attributes.get("src") or ""
        dark = source.removesuffix(".svg") + ".dark.svg"
        if FIGURE.search(source) and (folder / dark).is_file():
            _set(image, loading="lazy", **_size(folder / source), src=f"{source}#only-light")
            pair = (image.html or "").replace(f"{source}#only-light", f"{dark}#only-dark")
            insert_after(image, pair)


def _size(figure: Path) -> dict[str, str]:
    """Read the size of a figure as attributes of an image, so that it has its place at once."""
    found = SIZE.search(figure.read_text("utf-8"))
    sides = found.groupdict() if found else {}
    return {side: str(round(float(size) * PIXELS_PER_POINT)) for side, size in sides.items()}


def _count_lines(tree: Tree) -> None:
    """Say of each block how many lines it has, which is how high it will be.

    Browsers leave out blocks that are not on the screen (see site.css), and a page
    must not jump when they come.  Only then does the theme find out whether one
    needs scrolling; until then a block that may is within reach of the keyboard.
    """
    for pre in tree.css("div.highlight > pre"):
        lines = pre.text().split("\n")
        if pre.parent is not None:
            _set(pre.parent, style=f"--lines: {len(lines) - 1}")
        if (code := pre.css_first("code")) and max(map(len, lines)) > COLUMNS:
            _set(code, tabindex="0")


def _set(node: Node, **attributes: str) -> None:
    for name, value in attributes.items():
        node.attrs[name] = value


def describe(tree: Tree) -> str:
    """Take as many whole sentences of the first paragraph with text as a list of results shows."""
    paragraphs = (" ".join(p.text().split()) for p in tree.css("p:is(:not([class]), .lead)"))
    text = next(filter(None, paragraphs), "")
    if not text:  # as on a page of figures
        return ""
    first, *others = [found[0] for found in SENTENCE.finditer(text)]
    for sentence in others:
        if _width(first) >= ENOUGH or _width(first + sentence) > AT_MOST:
            break
        first += sentence
    return first.strip()


def _width(text: str) -> int:
    """Count characters, Chinese ones as two: they are twice as wide."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)
