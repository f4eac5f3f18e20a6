"""Saves a section under ``mkdocs serve`` and waits until both open pages show it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.sections import Section

from bench.checkout import TIMED, Checkout
from bench.contenders import ContenderError
from bench.measure import Command, Cost

LONGEST_WAIT = 120.0
PAUSE = 1.0
"""Seconds between a reload and the next edit: MkDocs looks for changes twice a second."""
POLL = re.compile(r"livereload\((\d+), ?(\d+)\)")


@dataclass(frozen=True)
class Reload:
    """One edit, from the save until every open page shows it."""

    whole: Cost
    """CPU is that of MkDocs' process: sections run in another one."""
    gate: Cost
    """Share of the gate's hook."""


def median(costs: Iterable[Cost]) -> Cost:
    """The median of several edits, of wall and of CPU time."""
    walls, cpus = zip(*((cost.wall, cost.cpu) for cost in costs), strict=True)
    return Cost(statistics.median(walls), statistics.median(cpus))


@dataclass(frozen=True)
class Server:
    """A running ``mkdocs serve``."""

    process: int
    address: str
    report: Path

    def cpu(self) -> float:
        """User and system seconds that MkDocs' process has taken so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text("utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def gate(self) -> Cost:
        """Read the time of the gate's hook so far."""
        hooks = json.loads(self.report.read_text("utf-8"))["hooks"].values()
        return Cost(sum(wall for wall, _ in hooks), sum(cpu for _, cpu in hooks))


class Editor:
    """Edits one section of a site again and again."""

    def __init__(self, checkout: Checkout) -> None:
        self.section: Section = next(s for s in checkout.sections() if s.need is None)
        self.text = self.section.path.read_text("utf-8")

    @property
    def page(self) -> str:
        return f"{self.section.path.stem}/"

    def save(self, shown: str) -> None:
        """Let the section print something more, and say so below."""
        lines = self.text.split("\n")
        lines[self.section.last : self.section.last] = [f'print("{shown}")', f"# > {shown}"]
        self.section.path.write_text("\n".join(lines), "utf-8")

    def restore(self) -> None:
        self.section.path.write_text(self.text, "utf-8")


def reloads(checkout: Checkout, edits: int) -> list[Reload]:
    """Serve a site, edit a section several times and time each reload."""
    editor = Editor(checkout)
    with tempfile.TemporaryDirectory() as folder, served(checkout, Path(folder)) as server:
        try:
            return [_reload(editor, server, f"edit number {n:03}") for n in range(edits)]
        finally:
            editor.restore()


@contextmanager
def served(checkout: Checkout, folder: Path) -> Iterator[Server]:
    """Run ``mkdocs serve`` until the caller is done."""
    port = _free_port()
    report = folder / "report.json"
    address = f"http://127.0.0.1:{port}/"
    command = Command(
        ["-P", TIMED, report, "serve", "--dev-addr", f"127.0.0.1:{port}"],
        checkout.root,
        {"SITE_URL": address},
    )
    with (folder / "serve.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command.arguments],
            cwd=command.folder,
            env=command.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_start(process, address, log.name)
            yield Server(process.pid, address, report)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await_start(process: subprocess.Popen, address: str, log: str) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return _get(address) and None
        except urllib.error.URLError:
            time.sleep(0.1)
    raise ContenderError(f"mkdocs serve did not start:\n{Path(log).read_text('utf-8')[-2000:]}")


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=LONGEST_WAIT) as answer:
        return answer.read().decode()


def _reload(editor: Editor, server: Server, shown: str) -> Reload:
    time.sleep(PAUSE)
    pages = [f"{server.address}{root}{editor.page}" for root in ("", "zh/")]
    epochs = [_epoch(_get(page)) for page in pages]
    gate, cpu = server.gate(), server.cpu()
    with ThreadPoolExecutor(len(pages)) as browsers:
        waiting = [
            browsers.submit(_await, page, epoch, shown)
            for page, epoch in zip(pages, epochs, strict=True)
        ]
        start = time.perf_counter()
        editor.save(shown)
        wall = max(browser.result() for browser in waiting) - start
    after = server.gate()
    inside = Cost(after.wall - gate.wall, after.cpu - gate.cpu)
    return Reload(Cost(wall, server.cpu() - cpu), inside)


def _await(page: str, epoch: str, shown: str) -> float:
    """Do as the script in an open page: wait for news, load the page again."""
    deadline = time.monotonic() + LONGEST_WAIT
    address = "/".join(page.split("/")[:3])
    while time.monotonic() < deadline:
        _get(f"{address}/livereload/{epoch}/{epoch}")
        html = _get(page)
        if shown in html:
            return time.perf_counter()
        epoch = _epoch(html)
    raise ContenderError(f"{page} does not show {shown!r} within {LONGEST_WAIT:g} s")


def _epoch(html: str) -> str:
    """The version of the site that an open page waits to change from."""
    return POLL.search(html)[1]
