"""The built site, read by a real browser.

A test asks for ``page`` and opens addresses below ``home``.  To read as others
do, it gives ``width``, ``scheme`` or ``language`` by ``pytest.mark.parametrize``.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import NEEDS_BROWSER, Built
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

HOST = "127.0.0.1"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
HEIGHTS = {360: 780, 390: 844, 768: 1024, 1440: 900}
"""Heights of the screens that are so wide."""


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves the site below its prefix, and its 404 page where there is no other."""

    protocol_version = "HTTP/1.1"  # one connection for many files
    timeout = 10

    def __init__(self, prefix: str, *arguments: Any, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        if not path.startswith(self.prefix):
            return os.path.join(self.directory, "missing")
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None):
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent: the page notes errors."""


class Watch:
    """Notes errors, warnings and foreign requests of pages."""

    def __init__(self, page: Page, complaints: list[str], host: str | None) -> None:
        self.complaints = complaints
        self.host = host
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self._note("throws", error))
        page.on("request", self._request)
        page.on("requestfailed", self._failure)
        page.on("response", self._answer)

    def _note(self, *words: object) -> None:
        self.complaints.append(" ".join(map(str, words)))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._note(kind, "in the console:", text)

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != self.host:
            self._note("asks another host:", request.url)

    def _answer(self, response: Response) -> None:
        if response.status >= 400:
            self._note(response.status, response.url)

    def _failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the reader left before it came
            self._note(request.failure, request.url)


@pytest.fixture(scope="session")
def site_folder(built: Built) -> Path:
    """Where the site lies."""
    return built.folder


@pytest.fixture(scope="session")
def site(browser: Browser, built: Built) -> Iterator[str]:
    """Address of the site on this machine; it is not built where no browser reads it."""
    prefix = urlsplit(built.address).path
    handler = functools.partial(SiteHandler, prefix, directory=built.folder)
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{HOST}:{server.server_port}{prefix}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    expect.set_options(timeout=20_000)  # much else may run on this machine
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def launch(playwright: Playwright) -> Browser:
    """Start the first browser that works, or skip all tests for want of one; not in CI."""
    for path in filter(None, map(shutil.which, PROGRAMS)) if has_chinese_font() else ():
        with contextlib.suppress(PlaywrightError):  # a stub only says how to install one
            return playwright.chromium.launch(executable_path=path)
    if os.environ.get("CI"):
        pytest.fail(NEEDS_BROWSER)
    pytest.skip(NEEDS_BROWSER)


def has_chinese_font() -> bool:
    """Tell whether Chinese pages show as more than boxes; other systems bring such a font."""
    if sys.platform != "linux":
        return True
    program = shutil.which("fc-list")
    return bool(program and subprocess.check_output([program, ":lang=zh"]))


@pytest.fixture
def width() -> int:
    """Width of the screen; 360 and 390 are phones."""
    return 1440


@pytest.fixture
def scheme() -> str:
    """The scheme that the reader's system prefers."""
    return "light"


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def home(site: str, language: str) -> str:
    """Address of the site in one language."""
    return site if language == "en" else f"{site}{language}/"


@pytest.fixture
def complaints() -> list[str]:
    """Collect misdeeds of pages; a test fails that leaves one here."""
    return []


@pytest.fixture
def host() -> str | None:
    """The only host that pages may ask; none where they are read from disk."""
    return HOST


@pytest.fixture(scope="session")
def reader(browser: Browser) -> BrowserContext:
    """One reader for all tests, whose browser has the site's files; storage is cleared."""
    return browser.new_context(reduced_motion="reduce")


@pytest.fixture
def new_page(
    browser: Browser, reader: BrowserContext, complaints: list[str], host: str | None
) -> Iterator[Callable[..., Page]]:
    """Open pages of new readers, each with storage and cookies of its own."""
    opened: list[BrowserContext] = []

    def open_page(
        width: int = 1440, scheme: str = "light", *, fresh: bool = False, **options: object
    ) -> Page:
        context = reader
        if fresh or opened or options:  # another reader, or one who has no files yet
            context = browser.new_context(reduced_motion="reduce", **options)
        opened.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=scheme)
        Watch(page, complaints, host)
        return page

    yield open_page
    for context in opened:
        leave(context) if context is reader else context.close()
    assert complaints == []


def leave(context: BrowserContext) -> None:
    """Close the pages of a reader and clear their storage."""
    context.clear_cookies()
    for page in context.pages:
        address = urlsplit(page.url)
        origin = f"{address.scheme}://{address.netloc}"
        stored = {"origin": origin, "storageTypes": "local_storage"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
        page.close()


@pytest.fixture
def page(new_page: Callable[..., Page], width: int, scheme: str) -> Page:
    """The page of one reader, who has never been here."""
    return new_page(width, scheme)
