"""Pages as Markdown that any reader of Markdown shows: no boxes, no attributes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

BOX = re.compile(r'^(?P<indent> *)(?:!!!|\?\?\?\+?) (?P<kind>\w+) "(?P<title>.*)"$')
QUOTED = ("abstract", "quote")
"""Boxes that stand apart from the answer; the others go on with it."""
LINK = re.compile(
    r"(?<!!)\[(?P<text>(?:`[^`]*`|[^\[\]`])+)\]\((?P<target>[\w-]*(?:\.md)?(?:#[\w.-]+)?)\)"
)
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>figures/[^)]+)\)")
ATTRIBUTES = re.compile(r"^(#+ .+?) \{ #[^}]*\}$", re.M)
EMBED = re.compile(r'^```python\n--8<-- "(?P<topic>\w+)\.py:(?P<slug>[a-z0-9-]+)"\n```$', re.M)
LOCAL = ("127.0.0.1", "localhost", None)


def published(site_url: str | None) -> str:
    """The address that links can be made from; none where a site is only looked at."""
    return "" if urlsplit(site_url or "").hostname in LOCAL else site_url


def plain(markdown: str, page: str, home: str) -> str:
    """Write a page, or a part of one, without the syntax of this site alone.

    Args:
        page: Stem of the page that it stands on, ``views``.
        home: Address of the site in this language; links lose their targets if it is empty.
    """
    text = "\n".join(_unboxed(markdown.split("\n")))
    text = ATTRIBUTES.sub(r"\1", text)
    return LINK.sub(lambda found: _link(found, page, home), text)


def address(page: str, anchor: str, home: str) -> str:
    """Where a page, or a question of it, stands."""
    path = "" if page == "index" else f"{page}/"
    return home + path + (f"#{anchor}" if anchor else "")


def _link(found: re.Match[str], page: str, home: str) -> str:
    target, _, anchor = found["target"].partition("#")
    if target and not target.endswith(".md"):
        return found[0]
    if not home:
        return found["text"]
    return f"[{found['text']}]({address(target.removesuffix('.md') or page, anchor, home)})"


def _unboxed(lines: list[str]) -> Iterator[str]:
    """Write boxes as quotations, or as paragraphs below a title in bold."""
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if not (box := BOX.match(line)):
            yield line
            continue
        inside = box["indent"] + "    "
        start = position
        while position < len(lines) and (
            not lines[position].strip() or lines[position].startswith(inside)
        ):
            position += 1
        body = textwrap.dedent("\n".join(lines[start:position])).strip("\n")
        text = f"**{box['title']}**\n\n" + "\n".join(_unboxed(body.split("\n")))
        if box["kind"] in QUOTED:
            text = textwrap.indent(text, "> ", lambda _: True).replace("> \n", ">\n")
        yield from (*text.split("\n"), "")


def embeds_replaced(markdown: str, show: Callable[[str, str], str]) -> str:
    """Put something in the place of each block that shows a section.

    Args:
        show: Takes a topic and the slug of a section.
    """
    return EMBED.sub(lambda found: show(found["topic"], found["slug"]), markdown)


def pieces(markdown: str) -> Iterator[str | tuple[str, str]]:
    """Yield texts, and the topic and slug of each section between them."""
    done = 0
    for found in EMBED.finditer(markdown):
        yield markdown[done : found.start()].strip()
        yield found["topic"], found["slug"]
        done = found.end()
    yield markdown[done:].strip()
