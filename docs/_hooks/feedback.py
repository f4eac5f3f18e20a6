"""Adds a link to each question that opens an issue about it, filled in."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from collector.words import Words

TEMPLATE = "answer-is-wrong.yml"
"""In ``.github/ISSUE_TEMPLATE``; its field for the address is named ``question``."""
HEADING = re.compile(r"<h2\b([^>]*)>")
QUESTION = re.compile(r'(?=.*\bdata-level=).*\bid="(?P<anchor>[^"]+)"', re.S)


def with_links(content: str, address: str, repository: str, words: Words) -> str:
    """Add a link at the end of each question.

    Args:
        content: HTML of a page.
        address: Of the page, where it is published.
        repository: Address of the repository.
    """
    above, *parts = re.split(r"(?=<h2\b)", content)
    return above + "".join(_with_link(part, address, repository, words) for part in parts)


def _with_link(part: str, address: str, repository: str, words: Words) -> str:
    question = QUESTION.match(HEADING.match(part)[1])
    if question is None:
        return part
    anchor = question["anchor"]
    filled = urlencode({"template": TEMPLATE, "question": f"{address}#{anchor}"})
    url = html.escape(f"{repository.rstrip('/')}/issues/new?{filled}")
    link = f'<a href="{url}" aria-describedby="{anchor}">{words.text("feedback.link")}</a>'
    return f'{part.rstrip()}\n<p class="feedback" data-search-exclude>{link}</p>\n'
