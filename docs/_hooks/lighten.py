"""Spares readers' machines what shows nothing.

Names and spaces in code need no element, for the theme gives them the colour of
the text; figures are fetched when a reader comes near, into a place kept for them;
the styles of documented objects go to pages that document some.
"""

from __future__ import annotations

import re
from pathlib import Path

UNCOLOURED = re.compile(r'<span class="(?:n|w)">([^<]*)</span>|(?<=<pre>)<span></span>')
FIGURE = re.compile(r'<img (?=[^>]*src="[^"]*(?P<address>figures/[^"]+\.svg)")')
SIZE = re.compile(r'<svg [^>]*?width="(?P<width>[\d.]+)pt" height="(?P<height>[\d.]+)pt"')
STYLES = re.compile(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">')
DOCUMENTED = 'class="doc '
PIXELS_PER_POINT = 4 / 3


def without_uncoloured(html: str) -> str:
    """Take away the elements around code that no style touches."""
    return UNCOLOURED.sub(lambda found: found[1] or "", html)


def size_of(figure: Path) -> str:
    """Read the size of a figure as attributes of an image."""
    size = SIZE.search(figure.read_text("utf-8")).groupdict()
    return " ".join(f'{side}="{round(float(size[side]) * PIXELS_PER_POINT)}"' for side in size)


def on_page_content(html, page, config, files):
    def placed(image: re.Match[str]) -> str:
        figure = files.get_file_from_path(image["address"])  # missing is for the gate to say
        return f'<img loading="lazy" {size_of(Path(figure.abs_src_path))} ' if figure else image[0]

    return FIGURE.sub(placed, without_uncoloured(html))


def on_post_page(output, page, config):
    return output if DOCUMENTED in page.content else STYLES.sub("", output)
