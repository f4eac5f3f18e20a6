"""Keeps, under ``mkdocs serve`` only, what the pages that did not change rendered to.

MkDocs renders and indexes every page at each save.  Here a page is rendered
again only if something that it is rendered from has changed: its Markdown after
all hooks, a module that it embeds from or documents, mkdocs.yml, or the names
of the site's files, which links are checked against.  A page about which MkDocs
had something to say is rendered each time.  Templates are compiled and looked for
once.  Everything lies in memory; a build renders every page.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.plugins import event_priority

MODULE = re.compile(r'--8<-- "([^":]+)')
SEARCH = "material/search"
DOCUMENTS = ":::"
"""Begins what mkdocstrings replaces by the documentation of the toolbox."""


class Complaints(logging.Handler):
    """Counts what MkDocs says while a page is rendered, so that it is said each time."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1

    def __enter__(self) -> Complaints:
        logging.getLogger("mkdocs").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("mkdocs").removeHandler(self)


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
class Rendering:
    """What rendering one page left behind."""

    inputs: object
    """Everything that it was rendered from."""
    attributes: dict[str, object]
    """What it set on the page."""
    links: dict[str, dict[str, str]]
    """``Page.links_to_anchors`` by the names of files: each build has its own files."""
    anchors: list[tuple[tuple, dict]]
    """What it told the plugin that resolves references."""
    inventory: dict[str, object]
    """What it added to the inventory of documented objects."""

    def repeat(self, page, config, files) -> None:
        vars(page).update(self.attributes)
        page.links_to_anchors = {files.src_uris[name]: self.links[name] for name in self.links}
        for arguments, named in self.anchors:
            config.plugins["autorefs"].register_anchor(page, *arguments, **named)
        config.plugins["mkdocstrings"].handlers.inventory.update(self.inventory)


def render(inputs: object, page, config, files) -> Rendering:
    """Render a page as MkDocs does, and note what that does."""
    autorefs, inventory = (
        config.plugins["autorefs"],
        config.plugins["mkdocstrings"].handlers.inventory,
    )
    register, anchors = autorefs.register_anchor, []

    def note(page, *arguments, **named) -> None:
        anchors.append((arguments, named))
        register(page, *arguments, **named)

    before, listed = dict(vars(page)), dict(inventory)
    autorefs.register_anchor = note
    try:
        type(page).render(page, config, files)
    finally:
        del autorefs.register_anchor
    attributes = {n: value for n, value in vars(page).items() if value is not before.get(n)}
    links = {file.src_uri: links for file, links in (page.links_to_anchors or {}).items()}
    added = {name: item for name, item in inventory.items() if listed.get(name) is not item}
    return Rendering(inputs, attributes, links, anchors, added)


def rendered_from(page, configuration: bytes, config, files) -> object:
    """Everything that the HTML of a page's Markdown depends on."""
    folder = Path(config.config_file_path).parent / "snippets"
    modules = [folder / name for name in MODULE.findall(page.markdown)]
    if DOCUMENTS in page.markdown:
        modules += sorted(folder.glob("toolbox/**/*.py"))
    texts = {path: path.read_bytes() for path in modules if path.is_file()}
    return page.markdown, page.meta, texts, configuration, sorted(files.src_uris)


@dataclass
class Remembered:
    """What one ``mkdocs serve`` knows of its pages, by folder and name."""

    serving: bool = False
    configuration: bytes = b""
    rendered: dict[tuple[str, str], Rendering] = field(default_factory=dict)
    indexed: dict[tuple[str, str], tuple[object, list]] = field(default_factory=dict)
    templates: Templates = field(default_factory=Templates)
    names: dict[object, list[str]] = field(default_factory=dict)
    """The files of the theme, by mkdocs.yml and those that lie in the project."""

    def environment(self, theme, make: Callable[[], Environment]) -> Environment:
        """Make Jinja's environment as MkDocs does, which compiles all and lists 15,000 icons."""
        env = make()
        env.bytecode_cache = self.templates
        env.list_templates = functools.partial(self.list, theme, env.list_templates)
        return env

    def list(self, theme, every: Callable[..., list[str]], **chosen: object) -> list[str]:
        state = self.configuration, tuple(sorted(Path(theme.dirs[0]).rglob("*")))
        if state not in self.names:
            self.names = {state: every(**chosen)}
        return self.names[state]

    def render(self, page, config, files) -> None:
        """Do as ``Page.render``, or again what it did with the same inputs."""
        place = config.docs_dir, page.file.src_uri
        inputs = rendered_from(page, self.configuration, config, files)
        known = self.rendered.pop(place, None)
        if known is not None and known.inputs == inputs:
            known.repeat(page, config, files)
            self.rendered[place] = known
            return
        with Complaints() as complaints:
            fresh = render(inputs, page, config, files)
        if not complaints.count and inputs == rendered_from(
            page, self.configuration, config, files
        ):
            self.rendered[place] = fresh

    def index(self, search_index, add: Callable[[object], None], config, page) -> None:
        """Do as the search plugin, or enter again what it made of the same page."""
        place = config.docs_dir, page.file.src_uri
        toc = [str(item) for item in page.toc]
        inputs = page.content, page.url, page.title, page.meta, toc, self.configuration
        if place in self.indexed and self.indexed[place][0] == inputs:
            search_index.entries += self.indexed[place][1]
            return
        first = len(search_index.entries)
        add(page)
        self.indexed[place] = inputs, search_index.entries[first:]


remembered = Remembered()  # MkDocs calls a hook's functions


def on_startup(command: str, dirty: bool) -> None:
    remembered.serving = command == "serve" and not dirty


@event_priority(100)  # the search plugin asks for templates at once
def on_config(config):
    remembered.configuration = Path(config.config_file_path).read_bytes()
    if remembered.serving:
        theme = config.theme
        theme.get_env = functools.partial(remembered.environment, theme, theme.get_env)
    return config


def on_pre_page(page, config, files):
    if remembered.serving:
        page.render = functools.partial(remembered.render, page)
        if DOCUMENTS in page.file.content_string:
            handler = config.plugins["mkdocstrings"].get_handler("python")  # it brings its styles
            handler.env.bytecode_cache = remembered.templates
    return page


def on_env(env, config, files):
    """Put what is remembered in the way of the search plugin."""
    if remembered.serving:
        plugin = config.plugins.get(SEARCH)
        if search_index := getattr(plugin, "search_index", None):
            add = search_index.add_entry_from_context
            search_index.add_entry_from_context = functools.partial(
                remembered.index, search_index, add, config
            )
    return env
