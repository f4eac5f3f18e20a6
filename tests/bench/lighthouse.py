"""Scores the built site as readers on phones and on laptops get it.

``python tests/bench/lighthouse.py`` serves ``site/`` as GitHub Pages does,
compressed and to be kept for ten minutes, and prints a table of medians.  It needs
Node with ``npx``, or ``lighthouse`` on the PATH, and Chromium, which ``CHROME_PATH``
may name.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).parents[2] / "site"
PAGES = ("", "zh/", "errors/", "zh/errors/", "zh/training/")
VERSION = "12.8.2"
"""Of Lighthouse; later ones need Node 22."""
SCORES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
}
TIMES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
}
FORMS = {"phone": [], "desktop": ["--preset=desktop"]}
CHROME = "--chrome-flags=--headless=new --no-sandbox"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


class PagesHandler(SimpleHTTPRequestHandler):
    """Serves files as GitHub Pages does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if path.is_dir() else path
        if not file.is_file():
            self.send_error(404)
            return
        body, packed = packed_file(file)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent: readers want the table."""


@functools.cache
def packed_file(file: Path) -> tuple[bytes, bool]:
    """Read a file as it is sent, and tell whether it is compressed."""
    content = file.read_bytes()
    packed = file.suffix in COMPRESSED
    return (gzip.compress(content), True) if packed else (content, False)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; yields its address."""
    handler = functools.partial(PagesHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def audit(address: str, options: list[str]) -> dict:
    """Let Lighthouse look at a page once."""
    program = shutil.which("lighthouse")
    command = [program] if program else ["npx", "--yes", f"lighthouse@{VERSION}"]
    chrome = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, PROGRAMS)), "")
    result = subprocess.run(
        [*command, address, "--quiet", "--output=json", CHROME, *options],
        env={**os.environ, "CHROME_PATH": chrome},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        sys.exit(f"Lighthouse failed at {address}:\n{result.stderr}")
    return json.loads(result.stdout)


def row(page: str, form: str, reports: list[dict]) -> str:
    """Write the medians of a page's reports as a row of the table."""
    scores = [
        round(100 * statistics.median(r["categories"][name]["score"] for r in reports))
        for name in SCORES
    ]
    times = [
        statistics.median(r["audits"][name]["numericValue"] for r in reports) for name in TIMES
    ]
    size = statistics.median(r["audits"]["total-byte-weight"]["numericValue"] for r in reports)
    shift = max(r["audits"]["cumulative-layout-shift"]["numericValue"] for r in reports)
    cells = [f"/{page}", form, *map(str, scores), *(f"{time / 1000:.2f} s" for time in times)]
    return f"| {' | '.join([*cells, f'{shift:.3f}', f'{size / 1000:.0f} kB'])} |"


def table(address: str, pages: list[str], count: int) -> Iterator[str]:
    """Yield the lines of the table as they are measured."""
    heads = ["page", "form", *SCORES.values(), *TIMES.values(), "layout shift", "transferred"]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for page in pages:
        for form, options in FORMS.items():
            yield row(page, form, [audit(address + page, options) for _ in range(count)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=PAGES, help="addresses, as in zh/views/")
    parser.add_argument("--count", type=int, default=3, help="runs of which the median counts")
    arguments = parser.parse_args()
    if not (SITE / "index.html").exists():
        sys.exit("site/ is empty; run mkdocs build first")
    with served(SITE) as address:
        for line in table(address, arguments.pages, arguments.count):
            print(line, flush=True)


if __name__ == "__main__":
    main()
