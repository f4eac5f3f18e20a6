"""Keeps the addresses of pages that moved, in every language.

Each entry of ``extra.redirects`` names a page that is gone and the page that took
its place, or a question on that page.  Readers of the old address are led on to
the heading that their own link names, where it names one.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

MOVED = {"en": "This page has moved:", "zh": "本页已移至："}
OLD = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*\.md")
NEW = re.compile(rf"(?P<page>{OLD.pattern})(?P<anchor>#[\w.-]+)?")
TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
PAGE = """\
<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{title}</title>
    <link rel="canonical" href="{canonical}">
    <script>location.replace({page} + location.search + (location.hash || {anchor}))</script>
    <noscript><meta http-equiv="refresh" content="0; url={link}"></noscript>
  </head>
  <body><p>{moved} <a href="{link}">{title}</a></p></body>
</html>
"""


@dataclass(frozen=True)
class Redirect:
    """One page that moved."""

    old: str
    """Name of the page that is gone, ``old.md``."""
    new: str
    """Name of the page that took its place, ``new.md``."""
    anchor: str
    """Of the question on that page, with its ``#``; empty for the page itself."""
    line: int
    """Of the entry in mkdocs.yml."""

    def error(self, message: str) -> PluginError:
        return PluginError(f"mkdocs.yml:{self.line}: {self.old} {message}")


def read_redirects(entries: object, configuration: str) -> Iterator[Redirect]:
    """Read the entries of ``extra.redirects``.

    Args:
        entries: What YAML made of them.
        configuration: Text of mkdocs.yml, to find their lines in.

    Raises:
        PluginError: ``mkdocs.yml:line: what is wrong``, for the first wrong entry.
    """
    if not isinstance(entries, dict):
        raise PluginError(
            f"mkdocs.yml:{_line('redirects', configuration)}:"
            " redirects must be a map, a line `old.md: new.md` for each page that moved"
        )
    for old, new in entries.items():
        redirect = Redirect(str(old), str(new), "", _line(str(old), configuration))
        target = NEW.fullmatch(redirect.new)
        if not OLD.fullmatch(redirect.old) or target is None:
            raise redirect.error(f"→ {new} must read `old.md: new.md` or `old.md: new.md#anchor`")
        yield Redirect(redirect.old, target["page"], target["anchor"] or "", redirect.line)


def _line(key: str, configuration: str) -> int:
    """Find the line on which a key stands."""
    found = re.search(rf"""(?m)^\s*["']?{re.escape(key)}["']?\s*:""", configuration)
    return configuration.count("\n", 0, found.end()) + 1 if found else 0


def render(redirect: Redirect, language: str, folder: Path, address: str) -> str:
    """Write the page that stands at the old address.

    Args:
        redirect: The page that moved.
        language: Code of the language.
        folder: Where the site of that language was built.
        address: Its ``site_url``.
    """
    old, new = file_of(redirect.old), file_of(redirect.new)
    if (folder / old.dest_uri).exists():
        raise redirect.error("is still a page; delete it, or this line")
    target = folder / new.dest_uri
    if not target.exists():
        raise redirect.error(f"→ {redirect.new} leads to no page")
    html = target.read_text("utf-8")
    if redirect.anchor and f' id="{redirect.anchor[1:]}"' not in html:
        raise redirect.error(f"→ {redirect.new} has no {redirect.anchor} in {language}")
    page = posixpath.relpath(new.url, old.url) + "/"
    return PAGE.format(
        language=language,
        title=TITLE.search(html)[1],
        canonical=escape(address + new.url.removeprefix("./")),
        page=json.dumps(page),
        anchor=json.dumps(redirect.anchor),
        link=escape(page + redirect.anchor),
        moved=MOVED[language],
    )


def file_of(page: str) -> File:
    """Tell where MkDocs puts a page."""
    return File(page, "", "", use_directory_urls=True)


def on_post_build(config):
    """Write the pages of all languages, once these are built."""
    languages = config.extra["languages"]
    if languages[config.theme["language"]]["root"]:
        return
    configuration = Path(config.config_file_path).read_text("utf-8")
    pages = {}
    for redirect in read_redirects(config.extra.get("redirects", {}), configuration):
        for language, settings in languages.items():
            folder = Path(config.site_dir, settings["root"])
            html = render(redirect, language, folder, config.site_url + settings["root"])
            pages[folder / file_of(redirect.old).dest_uri] = html
    for path, html in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, "utf-8")
