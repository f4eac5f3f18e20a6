"""Caches rendered pages and search entries during ``mkdocs serve``.

MkDocs renders and indexes every page at each save.  Here MkDocs gets an empty text
in the place of a page that is rendered from the same as before, and the page what it
rendered to then.  The search plugin is told to leave out pages that it has indexed,
and their entries are put back into the index.  A page about which MkDocs complains is
rendered each time.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from mkdocs.plugins import CombinedEvent, event_priority
from settings import is_serving, language_of, project_of

MODULE = re.compile(r'--8<-- "([^":]+)')
INDEX = "search/search_index.json"
DOCUMENTS = ":::"
"""Begins a line that mkdocstrings replaces by documentation of the toolbox."""
FIRST, LAST = 200, -200


class Complaints(logging.Handler):
    """Counts messages of MkDocs; a page with one is rendered at each save."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count = 0
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


class Templates(BytecodeCache):
    """Compiled templates; Jinja compares each with its source."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.compiled.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


@dataclass(frozen=True)
class Rendered:
    """One page as MkDocs rendered it."""

    inputs: object
    """All that it was rendered from."""
    content: str
    title: str | None
    toc: object
    anchors: set[str] | None
    links: dict[str, dict[str, str]]
    """``Page.links_to_anchors`` by the names of files: each build has its own files."""
    titles: dict[str, str | None]
    """Of its anchors, as the plugin that resolves references knows them."""
    documented: dict[str, object]
    """Objects that it added to the inventory of mkdocstrings."""

    def restore(self, page, config, files) -> None:
        page.title, page.toc = self.title, self.toc
        page.present_anchor_ids = self.anchors
        page.links_to_anchors = {files.src_uris[name]: self.links[name] for name in self.links}
        for anchor, title in self.titles.items():
            config.plugins["autorefs"].register_anchor(page, anchor, title=title)
        if self.documented:
            handlers = config.plugins["mkdocstrings"].handlers
            handlers.get_handler("python")  # it brings its styles
            handlers.inventory.update(self.documented)


@dataclass
class Cache:
    """The pages of one ``mkdocs serve``, by language and name."""

    complaints: Complaints = field(default_factory=Complaints)
    heard: int = 0
    """Complaints before the page that is rendered."""
    inputs: object = None
    """Of the page that is rendered."""
    rendered: dict[tuple[str, str], Rendered] = field(default_factory=dict)
    indexed: dict[tuple[str, str], tuple[object, list[dict]]] = field(default_factory=dict)
    """Inputs and entries of each page in the search index."""
    built: list[tuple[tuple[str, str], str, object]] = field(default_factory=list)
    """Key, address and inputs of the pages of this build, in their order."""
    templates: Templates = field(default_factory=Templates)


cache = Cache()  # MkDocs calls a hook's functions


def key_of(page, config) -> tuple[str, str]:
    return language_of(config), page.file.src_uri


def inputs_of(markdown: str, page, config, files) -> object:
    """Gather all that a page is rendered from."""
    folder = project_of(config) / "snippets"
    modules = [folder / name for name in MODULE.findall(markdown)]
    if DOCUMENTS in markdown:
        modules += sorted(folder.glob("toolbox/**/*.py"))
    texts = [path.read_bytes() for path in modules if path.is_file()]
    settings = Path(config.config_file_path).read_bytes()
    return markdown, page.meta, texts, settings, sorted(files.src_uris)


@event_priority(LAST)
def on_page_markdown(markdown, page, config, files):
    """Leave nothing to render of a page that did not change."""
    if not is_serving(config):
        return markdown
    cache.inputs = inputs_of(markdown, page, config, files)
    cache.heard = cache.complaints.count
    known = cache.rendered.get(key_of(page, config))
    if known is None or known.inputs != cache.inputs:
        cache.rendered.pop(key_of(page, config), None)
        return markdown
    return ""


@event_priority(FIRST)
def on_page_content(html, page, config, files):
    """Restore the rendered page, or keep it for the next save."""
    if not is_serving(config):
        return html
    key = key_of(page, config)
    if known := cache.rendered.get(key):
        known.restore(page, config, files)
        return known.content
    if cache.complaints.count == cache.heard:
        cache.rendered[key] = Rendered(
            inputs=cache.inputs,
            content=html,
            title=page.title,
            toc=page.toc,
            anchors=page.present_anchor_ids,
            links={to.src_uri: links for to, links in (page.links_to_anchors or {}).items()},
            titles=titles_of(page, config),
            documented=documented_on(page, config),
        )
    return html


def titles_of(page, config) -> dict[str, str | None]:
    """Ask for the titles of those anchors of a page that others can refer to."""
    titles = {}
    for anchor in page.present_anchor_ids or ():
        with contextlib.suppress(KeyError):  # nobody registered it
            url, title = config.plugins["autorefs"].get_item_url(anchor)
            if url == f"{page.url}#{anchor}":
                titles[anchor] = title
    return titles


def documented_on(page, config) -> dict[str, object]:
    """Find the objects that a page documents in mkdocstrings' inventory."""
    if DOCUMENTS not in page.markdown:
        return {}
    inventory = config.plugins["mkdocstrings"].handlers.inventory
    return {n: item for n, item in inventory.items() if item.uri.startswith(f"{page.url}#")}


def on_env(env, config, files):
    if is_serving(config):
        env.bytecode_cache = cache.templates
        cache.built = []
    return env


@event_priority(FIRST)
def _before_search(context, page, config, nav):
    """Keep a page that did not change from being indexed again."""
    if is_serving(config):
        toc = [str(item) for item in page.toc]
        inputs = page.content, page.url, page.title, page.meta, toc
        key = key_of(page, config)
        cache.built.append((key, page.url, inputs))
        if cache.indexed.get(key, (None,))[0] == inputs:
            page.meta = {**page.meta, "search": {"exclude": True}}
    return context


@event_priority(LAST)
def _after_search(context, page, config, nav):
    if is_serving(config):
        page.meta = cache.built[-1][2][3]
    return context


on_page_context = CombinedEvent(_before_search, _after_search)


def on_post_build(config):
    """Put back the entries of pages that were not indexed again."""
    path = Path(config.site_dir) / INDEX
    if not is_serving(config) or not path.exists():
        return
    index = json.loads(path.read_bytes())
    fresh: dict[str, list[dict]] = {}
    for entry in index["docs"]:
        fresh.setdefault(entry["location"].partition("#")[0], []).append(entry)
    for key, url, inputs in cache.built:
        if cache.indexed.get(key, (None,))[0] != inputs:
            cache.indexed[key] = inputs, fresh.get(url, [])
    index["docs"] = [entry for key, _, _ in cache.built for entry in cache.indexed[key][1]]
    path.write_text(json.dumps(index, separators=(",", ":")), "utf-8")
