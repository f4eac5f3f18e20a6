"""Rendering: the site's Markdown, as mkdocs.yml configures it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import markdown
from mkdocs.config.config_options import MarkdownExtensions
from mkdocs.utils.yaml import yaml_load
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from pymdownx.highlight import (  # type: ignore[import-untyped]
    Highlight,
    HighlightExtension,
)

HIGHLIGHT = "pymdownx.highlight"


def site_markdown(root: Path, *, coloured: bool = True) -> markdown.Markdown:
    """Build Markdown as mkdocs.yml configures it, but leave embeds as they are.

    Args:
        root: Root of the project.
        coloured: Whether blocks are for readers.  To find what a page shows no
            token need be marked, which takes most of the time.
    """
    with (root / "mkdocs.yml").open(encoding="utf-8") as file:
        wanted = yaml_load(file)["markdown_extensions"]
    option = MarkdownExtensions(builtins=["toc", "tables", "fenced_code"])
    validated = option.validate(wanted)  # type: ignore[no-untyped-call]
    names = [name for name in validated if name != "pymdownx.snippets"]
    configs = {name: option.configdata[name] for name in names if name in option.configdata}
    if not coloured and HIGHLIGHT in names:
        plain = UncolouredExtension(**configs.get(HIGHLIGHT, {}))
        names = [plain if name == HIGHLIGHT else name for name in names]
    return markdown.Markdown(extensions=names, extension_configs=configs)


class Uncoloured(Highlight):  # type: ignore[misc]
    """Writes a block as ``Highlight`` does, without a mark around its tokens."""

    def highlight(self, src: str, language: str, *arguments: object, **options: Any) -> str:
        if options["title"] or not _is_known(language):
            return str(super().highlight(src, language, *arguments, **options))
        classes = " ".join([self.language_prefix + language, *options["classes"]])
        block = f"<pre><span></span><code>{self.escape(src)}\n</code></pre>"
        return f'<div class="{classes} highlight">{block}</div>'


class UncolouredExtension(HighlightExtension):  # type: ignore[misc]
    """Lets fences be written by ``Uncoloured``."""

    def get_pymdownx_highlighter(self) -> type[Highlight]:
        return Uncoloured


@functools.cache
def _is_known(language: str) -> bool:
    try:
        return bool(language and get_lexer_by_name(language))
    except ClassNotFound:
        return False
