"""Describes each page to search engines by how its introduction begins."""

from __future__ import annotations

import html
import re

PARAGRAPH = re.compile(r'<p(?: class="lead")?>(.*?)</p>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
SENTENCE = re.compile(r".+?(?:[。？！]|[.?!](?=\s|$))|.+", re.DOTALL)
ENOUGH, AT_MOST = 90, 160
"""Characters: as many as a result list shows, and no more."""


def describe(content: str) -> str:
    """Take as many whole sentences of the first paragraph with text as a result list shows.

    Args:
        content: HTML of the page.
    """
    paragraphs = (html.unescape(TAG.sub("", found[1])) for found in PARAGRAPH.finditer(content))
    text = next((" ".join(text.split()) for text in paragraphs if text.strip()), "")
    if not text:  # as on a page of figures
        return ""
    first, *others = [found[0] for found in SENTENCE.finditer(text)]
    for sentence in others:
        if width(first) >= ENOUGH or width(first + sentence) > AT_MOST:
            break
        first += sentence
    return first.strip()


def width(text: str) -> int:
    """Count characters, Chinese ones as two: they are twice as wide."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def on_page_content(content, page, config, files):
    if not page.meta.get("description") and (description := describe(content)):
        # A new dictionary: what a page was rendered from is remembered, its meta included.
        page.meta = {**page.meta, "description": html.escape(description)}
    return content
