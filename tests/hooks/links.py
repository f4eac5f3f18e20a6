"""Finds the links of a built site that lead nowhere.

Read is what browsers read: the attributes of pages, addresses in styles, the
results of the search and the map of the site.  A link must name its target in
full: where a server would first have to lead on to another address, or a disk
that tells upper from lower case finds nothing, it is broken.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

ANYWHERE = "https://site.invalid/folder/"
"""Stands for the address of a site that is read from disk, or published anywhere."""
ADDRESSES = frozenset({"action", "data", "href", "poster", "src"})
REFRESH = re.compile(r"\s*\d+\s*;\s*url=(.+)", re.IGNORECASE)
STYLE_ADDRESS = re.compile(r"""url\(\s*["']?(?!data:)([^"')]+)""")
HIGHLIGHTED = re.compile('<span(?: class="[a-z0-9 ]*")?>|</span>')
"""Most tags by far, which lead nowhere; without them the site is read in a third of the time."""
INDEX = "var __index = "
"""Turns a search index into a script, for reading from disk."""


@dataclass(frozen=True)
class Page:
    """Links and anchors of a file."""

    links: tuple[str, ...]
    anchors: frozenset[str]


class _Attributes(HTMLParser):
    """Collects links and anchors from a page's tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ADDRESSES:
                self.links.append(value or "")
            elif name == "srcset":
                self.links += [source.split()[0] for source in (value or "").split(",")]
            elif name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")
            elif name == "content" and (refresh := REFRESH.fullmatch(value or "")):
                self.links.append(refresh[1])


@dataclass(frozen=True)
class Site:
    """A built site, in a folder.

    Attributes:
        folder: Where it lies.
        address: Where it is published, ``site_url``; its links to itself are followed.
        served: Whether a server shows the index of a folder; a disk does not.
    """

    folder: Path
    address: str = ANYWHERE
    served: bool = True

    @functools.cached_property
    def names(self) -> frozenset[str]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return frozenset(path.relative_to(self.folder).as_posix() for path in paths)

    @functools.cached_property
    def folders(self) -> frozenset[str]:
        paths = (path for path in self.folder.rglob("*") if path.is_dir())
        return frozenset(f"{path.relative_to(self.folder).as_posix()}/" for path in paths)

    @functools.cached_property
    def pages(self) -> dict[str, Page]:
        """All files that hold links, by name."""
        read = ((name, self._read(name)) for name in sorted(self.names))
        return {name: page for name, page in read if page}

    def _read(self, name: str) -> Page | None:
        path = self.folder / name
        if path.suffix == ".html":
            found = _Attributes(HIGHLIGHTED.sub("", path.read_text("utf-8")))
            return Page(tuple(dict.fromkeys(found.links)), frozenset(found.anchors))
        if path.suffix == ".css":
            links = STYLE_ADDRESS.findall(path.read_text("utf-8"))
        elif path.parent.name == "search" and path.suffix in (".json", ".js"):
            index = path.read_text("utf-8").removeprefix(INDEX)
            links = [f"../{entry['location']}" for entry in json.loads(index)["docs"]]
        elif path.name == "sitemap.xml":
            links = re.findall(r'(?:<loc>|href=")([^<"]+)', path.read_text("utf-8"))
        else:
            return None
        return Page(tuple(links), frozenset())

    def external(self) -> Iterator[tuple[str, str]]:
        """Yield the links that leave the site, each behind its page."""
        for name, page in self.pages.items():
            for link in page.links:
                if self._path(name, link) is None and re.match("(https?:)?//", link):
                    yield name, link

    def broken(self) -> list[str]:
        """List broken links: ``page: link → missing target``."""
        return [
            f"{name}: {link} → {fault}"
            for name, page in self.pages.items()
            for link in page.links
            if (fault := self.fault(name, link))
        ]

    def fault(self, name: str, link: str) -> str:
        """Name the missing target of a link; nothing if it is there."""
        if link.strip() in ("", "#"):
            return "leads nowhere; name a page or a heading"
        path = self._path(name, link)
        if path is None:
            return ""
        if name.endswith("404.html") and not re.match(r"[/#]|\w+:", link):
            return "is relative, but this page is shown at any address"
        if path.startswith("../"):
            return "leaves the site"
        target = self._file(path)
        if target not in self.names:
            return self._missing(path, target)
        anchor = unquote(urlsplit(link).fragment)
        if not anchor or not target.endswith(".html") or anchor in self.pages[target].anchors:
            return ""
        return f"{target} has no #{anchor}"

    def _path(self, name: str, link: str) -> str | None:
        """The path below the site that a link leads to, if it stays on this host."""
        home = urlsplit(self.address)
        there = urlsplit(urljoin(self.address + name, link))
        if (there.scheme, there.netloc) != (home.scheme, home.netloc):
            return None
        path = unquote(urlsplit(urljoin(self.address, there.path)).path)  # without any `..`
        return path.removeprefix(home.path) if path.startswith(home.path) else f"..{path}"

    def _file(self, path: str) -> str:
        """The file that answers a path."""
        return f"{path}index.html" if self.served and (not path or path[-1] == "/") else path

    def _missing(self, path: str, target: str) -> str:
        if self.served and f"{path}/" in self.folders:
            return f"is a folder; write {path}/"
        if not self.served and (not path or f"{path.rstrip('/')}/" in self.folders):
            return "is a folder, not a page"
        alike = [name for name in self.names if name.lower() == target.lower()]
        return f"{target} is missing" + (f"; there is {alike[0]}" if alike else "")
