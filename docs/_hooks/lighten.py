"""Spares readers' machines what shows nothing.

Names, signs and spaces in code need no element, for they have the colour of the
text; without theirs a page has half as many.  Blocks far from the screen are not
laid out; figures are fetched when a reader comes near, into a place kept for them;
the styles of documented objects go to pages that document some.
"""

from __future__ import annotations

import functools
import re
from html import unescape
from pathlib import Path

from mkdocs.plugins import CombinedEvent, event_priority

UNCOLOURED = re.compile(
    r'<span class="(?:n|nn|nc|nf|ne|fm|kc|o|p|w)">([^<]*)</span>|(?<=<pre>)<span></span>'
)
"""What Pygments marks as names, constants, operators, punctuation and white space."""
FIGURE = re.compile(r'<img (?=[^>]*src="[^"]*(?P<address>figures/[^"#]+\.svg)["#])')
SIZE = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt"')
BLOCK = re.compile(r'<div class="([\w-]+ highlight)">(.*?<pre>)(<code)?(.*?</pre>)', re.S)
TAG = re.compile("<[^>]+>")
STYLES = re.compile(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">')
NEWLINE = "\n"
DOCUMENTED = 'class="doc '
PIXELS_PER_POINT = 4 / 3
COLUMNS = 35
"""As many columns of code fit the narrowest phones."""


@functools.lru_cache(256)  # few pages change between the saves of an author
def without_uncoloured(content: str) -> str:
    """Take away the elements around code that no style touches."""
    return UNCOLOURED.sub(lambda found: found[1] or "", content)


@functools.lru_cache(256)
def with_lines(content: str) -> str:
    """Say of each block how many lines it has, which is how high it will be.

    Browsers leave out blocks that are not on the screen (see site.css), and a page
    must not jump when they come.  Only then does the theme find out whether one
    needs scrolling; until then a block that may is within reach of the keyboard.
    """

    def counted(block: re.Match[str]) -> str:
        kind, pre, code, rest = block.groups(default="")
        lines = unescape(TAG.sub("", rest)).split(NEWLINE)
        if code and max(map(len, lines)) > COLUMNS:
            code += ' tabindex="0"'
        return f'<div class="{kind}" style="--lines: {len(lines) - 1}">{pre}{code}{rest}'

    return BLOCK.sub(counted, content)


def size_of(figure: Path) -> str:
    """Read the size of a figure as attributes of an image."""
    size = SIZE.search(figure.read_text("utf-8")).groupdict()
    return " ".join(f'{side}="{round(float(size[side]) * PIXELS_PER_POINT)}"' for side in size)


def _without_uncoloured(html, page, config, files):
    return without_uncoloured(html)


@event_priority(-50)
def _lightened(html, page, config, files):
    """Spare what other hooks have added, too."""

    def placed(image: re.Match[str]) -> str:
        figure = files.get_file_from_path(image["address"])  # missing is for the gate to say
        return f'<img loading="lazy" {size_of(Path(figure.abs_src_path))} ' if figure else image[0]

    return FIGURE.sub(placed, with_lines(without_uncoloured(html)))


on_page_content = CombinedEvent(_without_uncoloured, _lightened)


def on_post_page(output, page, config):
    return output if DOCUMENTED in page.content else STYLES.sub("", output)
