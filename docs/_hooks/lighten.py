"""Spares readers' machines what shows nothing.

Names and spaces in code need no element, for the theme gives them the colour of
the text; blocks far from the screen are not laid out; figures are fetched when a
reader comes near, into a place kept for them; the styles of documented objects go
to pages that document some.
"""

from __future__ import annotations

import re
from pathlib import Path

UNCOLOURED = re.compile(r'<span class="(?:n|w)">([^<]*)</span>|(?<=<pre>)<span></span>')
FIGURE = re.compile(r'<img (?=[^>]*src="[^"]*(?P<address>figures/[^"]+\.svg)")')
SIZE = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt"')
BLOCK = re.compile(r'<div class="([\w-]+ highlight)">(<pre>.*?</pre>)', re.S)
STYLES = re.compile(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">')
NEWLINE = "\n"
DOCUMENTED = 'class="doc '
PIXELS_PER_POINT = 4 / 3


def without_uncoloured(html: str) -> str:
    """Take away the elements around code that no style touches."""
    return UNCOLOURED.sub(lambda found: found[1] or "", html)


def with_lines(html: str) -> str:
    """Say of each block how many lines it has, which is how high it will be.

    Browsers leave out blocks that are not on the screen (see site.css), and a page
    must not jump when they come.
    """

    def counted(block: re.Match[str]) -> str:
        return f'<div class="{block[1]}" style="--lines: {block[2].count(NEWLINE)}">{block[2]}'

    return BLOCK.sub(counted, html)


def size_of(figure: Path) -> str:
    """Read the size of a figure as attributes of an image."""
    size = SIZE.search(figure.read_text("utf-8")).groupdict()
    return " ".join(f'{side}="{round(float(size[side]) * PIXELS_PER_POINT)}"' for side in size)


def on_page_content(html, page, config, files):
    def placed(image: re.Match[str]) -> str:
        figure = files.get_file_from_path(image["address"])  # missing is for the gate to say
        return f'<img loading="lazy" {size_of(Path(figure.abs_src_path))} ' if figure else image[0]

    return FIGURE.sub(placed, with_lines(without_uncoloured(html)))


def on_post_page(output, page, config):
    return output if DOCUMENTED in page.content else STYLES.sub("", output)
