"""Keeps the TeX of formulas out of the search index.

Nobody searches for it, and a hit would show it raw.
"""

from __future__ import annotations

FORMULA = '<div class="arithmatex"'


def on_page_content(html, page, config, files):
    return html.replace(f"{FORMULA}>", f"{FORMULA} data-search-exclude>")
