"""Writes the offline edition: the site in one archive, to be read from disk.

It is made of the pages as they were built.  A browser that reads from disk shows
no folder's index, so links name the file; nor may it fetch the search index or
start a worker, so the index becomes a script and a frame stands for the worker.
What readers download has no place in it: links to that lead to the site, where
one is published.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from exports.portable import published

FOLDER = "pytorch-interview-handbook"
"""Folder that the archive unpacks to."""
ARCHIVE = f"takeaways/{FOLDER}.zip"
PARTS = ("assets", "figures")
"""Folders of a language that its pages show or run."""
INDEXES = ("search/index.json", "search/search_index.json")
"""Where the search has its sections: aside, if at all, and else where Material puts them."""
SCRIPT = "search/search_index.js"
"""Where Material looks for them on a disk."""
SHIM = "assets/vendor/iframe-worker/shim.js"
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Time of every file, so that equal sites give equal archives."""
TAG = re.compile(r'<(?:a|link)\s(?:[^<>"]|"[^"]*")*>')
HREF = re.compile(r'(?<=\s)href="([^"]*)"')
UNREACHABLE = 'role="link" aria-disabled="true"'


@dataclass(frozen=True)
class Edition:
    """The files of a built site that go into the archive, and their links."""

    site: Path
    roots: tuple[str, ...]
    """Folders of the languages, each empty or with a slash at its end."""
    address: str
    """Where the site is published; empty if nowhere."""
    names: frozenset[str]
    """All files of the site."""

    @property
    def kept(self) -> list[str]:
        """The files that are read, in their order in the archive."""
        return sorted(name for name in self.names if self._is_kept(name))

    def _is_kept(self, name: str) -> bool:
        if name.endswith((".map", "404.html")):  # for developers, and for servers
            return False
        part = name.removeprefix(self._root(name)).partition("/")[0]
        return part in PARTS or name.endswith(".html")

    def _root(self, name: str) -> str:
        """The folder of a file's language."""
        return max((root for root in self.roots if name.startswith(root)), key=len)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the names and contents of the archive's files."""
        for name in self.kept:
            content = (self.site / name).read_bytes()
            if name.endswith(".html"):
                content = self.page(name, content.decode()).encode()
            yield name, content
        for root in self.roots:
            for index in [name for name in INDEXES if root + name in self.names][:1]:
                sections = json.loads((self.site / root / index).read_bytes())
                yield root + SCRIPT, search_script(sections).encode()

    def page(self, name: str, html: str) -> str:
        """Make a page readable from disk."""
        shim = posixpath.relpath(self._root(name) + SHIM, posixpath.dirname(name))
        html = TAG.sub(lambda tag: HREF.sub(lambda h: self._href(name, h[1]), tag[0]), html)
        return html.replace("</head>", f'<script src="{shim}"></script></head>', 1)

    def _href(self, page: str, link: str) -> str:
        """Write a link of a page: to a file of the archive, to the site or to nowhere."""
        parts = urlsplit(unescape(link))
        if parts.scheme or parts.netloc or not parts.path:
            return f'href="{link}"'
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        if posixpath.join(target, "index.html") in self.names or target == ".":
            return f'href="{with_index(link)}"'
        if self._is_kept(target) or target not in self.names:
            return f'href="{link}"'
        if not self.address:
            return UNREACHABLE
        return f'href="{escape(self.address + target)}"'


def with_index(link: str) -> str:
    """Name the file of a page: ``../views/#x`` becomes ``../views/index.html#x``."""
    path = re.match("[^?#]*", link)[0]
    folder = path.rstrip("/") + "/" if path else ""
    return f"{folder}index.html{link.removeprefix(path)}"


def search_script(index: dict) -> str:
    """Turn a search index into a script, whose results lead to files."""
    docs = [{**entry, "location": with_index(entry["location"])} for entry in index["docs"]]
    text = json.dumps({**index, "docs": docs}, ensure_ascii=False, separators=(",", ":"))
    return f"var __index = {text}"


def read_edition(site: Path, roots: tuple[str, ...], address: str) -> Edition:
    """Look at a built site.

    Args:
        site: Folder of the site.
        roots: Folders of the languages in it.
        address: ``site_url``; one of this machine reaches no reader.
    """
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    return Edition(site, roots, published(address), frozenset(names | {ARCHIVE}))


def write_archive(edition: Edition) -> Path:
    """Write the archive where its readers find it."""
    path = edition.site / ARCHIVE
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in edition.files():
            file = ZipInfo(f"{FOLDER}/{name}", LONG_AGO)
            file.compress_type = ZIP_DEFLATED
            file.create_system, file.external_attr = 3, 0o644 << 16  # alike on every system
            archive.writestr(file, content)
    return path
