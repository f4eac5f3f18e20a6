"""Builds the other languages inside the one ``mkdocs build`` or ``serve``.

The first language is the site that mkdocs.yml describes.  Each further entry
of ``extra.languages`` is built from ``docs/<language>`` into its ``root`` of
the same site, with its own search index, navigation and 404 page.
"""

from __future__ import annotations

import logging
from pathlib import Path
from xml.sax.saxutils import escape

import jieba  # without it search would miss Chinese words inside sentences, and say nothing
from mkdocs.commands.build import build
from mkdocs.config import load_config

jieba.setLogLevel(logging.WARNING)
TRANSLATED = ("site_name", "site_description", "copyright")
"""Settings of mkdocs.yml that each further language has its own words for."""


def is_translation(config) -> bool:
    return config.extra["languages"][config.theme["language"]]["root"] != ""


def on_nav(nav, config, files):
    """Translate the titles of sections; pages bring their own."""
    titles = config.extra["languages"][config.theme["language"]].get("nav", {})
    for item in nav.items:
        if item.is_section:
            item.title = titles.get(item.title, item.title)
    return nav


def on_post_build(config):
    if is_translation(config):
        return
    for language, settings in config.extra["languages"].items():
        if settings["root"]:
            _build_translation(config, language, settings)
    _link_translations_in_sitemap(config)


def _build_translation(config, language: str, settings: dict) -> None:
    translation = load_config(
        config.config_file_path,
        docs_dir=str(Path(config.docs_dir).with_name(language)),
        site_dir=str(Path(config.site_dir) / settings["root"]),
        **{name: settings[name] for name in TRANSLATED},
        site_url=config.site_url + settings["root"],
        edit_uri=(config.edit_uri or "").replace("docs/en/", f"docs/{language}/"),
        strict=config.strict,
    )
    translation.theme["language"] = language
    build(translation)


def _link_translations_in_sitemap(config) -> None:
    """Tell search engines which pages say the same in which language.

    In the sitemap and not in each page's head: Material would ask for a
    sitemap below every alternate link it finds there.
    """
    languages = config.extra["languages"]
    first = Path(config.site_dir)
    pages = [page.parent.relative_to(first).as_posix() for page in first.rglob("index.html")]
    roots = tuple(settings["root"].rstrip("/") for settings in languages.values())
    own = sorted(p for p in pages if p.split("/")[0] not in roots)
    entries = []
    for page in own:
        path = "" if page == "." else f"{page}/"
        addresses = {code: config.site_url + s["root"] + path for code, s in languages.items()}
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(address)}"/>'
            for code, address in addresses.items()
        )
        entries += [f"<url><loc>{escape(a)}</loc>{links}</url>" for a in addresses.values()]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(entries) + "\n</urlset>\n"
    )
    (first / "sitemap.xml").write_text(text, "utf-8")
    (first / "sitemap.xml.gz").unlink(missing_ok=True)
    robots = f"User-agent: *\nAllow: /\nSitemap: {config.site_url}sitemap.xml\n"
    (first / "robots.txt").write_text(robots, "utf-8")
