"""A small project in a folder of its own, on which the real commands run."""

from __future__ import annotations

import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
import warm
from filelock import FileLock
from light_theme import SETTINGS, TEMPLATES, THEME
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
MACHINERY_ROOT = Path(os.environ.get("MACHINERY_ROOT", ROOT))
"""Where projects get their machinery; ``tests/faults/mutate.py`` names a spoilt copy."""
MACHINERY = [
    "CHANGELOG.md",
    "mkdocs.yml",
    "pyproject.toml",
    "docs/_hooks",
    "docs/_theme",
    "docs/claims.yml",
    "docs/receipts.json",
    "snippets/__init__.py",
    "snippets/toolbox",
    "tests/collector",
    "tests/gate.py",
]
ADDRESSES = {
    "SITE_URL": "https://someone.github.io/handbook/",
    "REPO_URL": "https://github.com/someone/handbook",
    "REPO_NAME": "someone/handbook",
    "EDIT_URI": "edit/main/docs/en/",
}
"""Where the site is built for if the environment names no place."""
NEEDS_BROWSER = (
    "needs Chromium and a Chinese font, which .ci/browser installs on Debian and Ubuntu"
)

NO_RULES = """\
from collector.faults import read_text


def faults_of_section(section):
    return []


def faults_of_page(path, root, library):
    read_text(path, root)
    return []
"""


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share all tests among the cores; a few tests are done sooner without."""
    option = config.option
    written = option.update or option.write_receipts or option.write_passes
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return os.cpu_count() if everything and not written else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return Scheduling(config, log)


class Scheduling(LoadScopeScheduling):
    """Leaves to one process the tests of one file, which share projects, and all blocks.

    Tests of the browser, and of scripts that readers run, share nothing but the site.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/browser/") or "::test_script_prints" in nodeid:
            return nodeid
        return "docs" if file.startswith("docs/") else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Read the built site last: once all blocks have run, its build has none to run again."""

    def lateness(item: pytest.Item) -> int:
        fixtures = getattr(item, "fixturenames", ())
        return ("built" in fixtures) + ("browser" in fixtures)

    of_files: dict[Path, int] = {}
    for item in items:
        of_files[item.path] = max(of_files.get(item.path, 0), lateness(item))
    items.sort(key=lambda item: of_files[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests that had no browser, as blocks without a GPU are counted."""
    skipped = terminalreporter.stats.get("skipped", [])
    if count := sum(NEEDS_BROWSER in str(report.longrepr) for report in skipped):
        line = f"{count} tests in tests/browser did not run: {NEEDS_BROWSER}"
        terminalreporter.write_line(line)


@dataclass(frozen=True)
class Project:
    """A copy of the machinery with pages of its own."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_text("utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def snippet(self, topic: str, **sections: str) -> None:
        """Write a module of sections; underscores in names stand for hyphens."""
        parts = [f'"""Sections of {topic}."""\n']
        for name, code in sections.items():
            slug = name.replace("_", "-")
            code = dedent(code).strip("\n")
            parts.append(f"# --8<-- [start:{slug}]\n{code}\n# --8<-- [end:{slug}]\n")
        self.write(f"snippets/{topic}.py", "\n".join(parts))

    def page(self, topic: str, *slugs: str) -> None:
        """Write a page that shows sections, in both languages."""
        for language, title in (("en", "Title"), ("zh", "标题")):
            parts = [f"# {title}\n"]
            for slug in slugs:
                parts.append(f"## {title} {{ #{slug} data-level=basic }}\n")
                parts.append(f'```python\n--8<-- "{topic}.py:{slug}"\n```\n')
            self.write(f"docs/{language}/{topic}.md", "\n".join(parts))

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``python -m`` with a command."""
        whole = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment}
        told = any(name.startswith("PYTHON") for name in environment)  # read as Python starts
        if sys.platform == "linux" and not told:
            return warm.run(command, self.root, whole)
        return self.run_anew(*command, environment=whole)

    def run_anew(
        self, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``python -m`` with a command as users do, in a Python that has imported nothing."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=warm.PATIENCE,
        )

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("pytest", "-q", *arguments)

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("mkdocs", *arguments, "build")


@functools.cache
def kernel_gives_networks() -> bool:
    """Tell whether a process may move to a network of its own; some systems forbid it."""
    code = "from collector.engine.isolation import leave_network; exit(not leave_network())"
    folder = ROOT / "tests"
    return subprocess.run([sys.executable, "-c", code], cwd=folder).returncode == 0


def copy_machinery(target: Path, *, with_rules: bool = False) -> None:
    """Copy all but pages and sections.

    Args:
        with_rules: Whether the rules of the house hold there; cases are shorter than they allow.
    """
    for name in MACHINERY:
        source, copy = MACHINERY_ROOT / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            copy_folder(source, copy)
        else:
            shutil.copy(source, copy)
    if not with_rules:
        (target / "tests/collector/rules.py").write_text(NO_RULES)


def copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "vendor"))


def use_light_theme(project: Project) -> None:
    """Put a theme of a few lines in the place of Material."""
    shutil.rmtree(project.root / "docs/_theme")
    for name, text in TEMPLATES.items():
        project.write(f"docs/_theme/{name}", text)
    set_theme(project, SETTINGS)


def use_material(project: Project) -> None:
    """Give a project the theme of the site back."""
    shutil.rmtree(project.root / "docs/_theme")
    copy_folder(MACHINERY_ROOT / "docs/_theme", project.root / "docs/_theme")
    settings = THEME.search((MACHINERY_ROOT / "mkdocs.yml").read_text("utf-8"))
    set_theme(project, settings[0])


def set_theme(project: Project, settings: str) -> None:
    text = project.read("mkdocs.yml")
    project.write("mkdocs.yml", THEME.sub(lambda _: settings, text, count=1))


@pytest.fixture(scope="session")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one topic, ``notes``, whose two sections have passed."""
    project = Project(tmp_path_factory.mktemp("verified"))
    copy_machinery(project.root)
    nav = "nav: [index.md, notes.md]\n"
    project.write("mkdocs.yml", re.sub(r"(?m)^nav:.*\n( .*\n)+", nav, project.read("mkdocs.yml")))
    use_light_theme(project)
    project.edit("mkdocs.yml", "  search: {}\n", "")  # splitting Chinese text takes a second
    project.write("docs/_hooks/takeaways.py", "")  # it reads all sections and packs the site
    project.write("docs/en/index.md", "# Home\n")
    project.write("docs/zh/index.md", "# 首页\n")
    project.snippet("notes", passes='print("fine")\n# > fine', also='print("too")\n# > too')
    project.page("notes", "passes", "also")
    result = project.pytest()
    assert result.returncode == 0, result.stdout
    return project.root


@pytest.fixture
def project(verified: Path, tmp_path: Path) -> Project:
    """A project of its own for one test; its sections have passed."""
    shutil.copytree(verified, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@dataclass(frozen=True)
class Built:
    """The site, built once for all tests, as it is published."""

    folder: Path
    address: str
    """Where it is published."""
    repository: str
    """Address of the repository that its pages link to, if any."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The whole site; where an address is set it lies in ``site/``, to be published."""
    run = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        run = run.parent  # of all workers
    addresses = {name: os.environ.get(name, "") for name in ADDRESSES}
    folder = ROOT / "site"
    if not addresses["SITE_URL"]:
        addresses, folder = ADDRESSES, ROOT / ".cache" / "tested" / "site"
    with FileLock(run / "built.lock"):
        if not (run / "built").exists():
            build_site(folder, addresses)
            (run / "built").touch()
    return Built(folder, addresses["SITE_URL"], addresses["REPO_URL"])


def build_site(folder: Path, addresses: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **addresses}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(project: Project) -> Iterator[str]:
    """Serve a project; yields the address."""
    port = free_port()
    log = project.root / "serve.log"
    temporary = project.root / ".cache" / "temporary"
    temporary.mkdir()
    stream = log.open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--livereload", "-a", f"127.0.0.1:{port}"],
        cwd=project.root,
        env={**os.environ, "SITE_URL": f"http://127.0.0.1:{port}/", "TMPDIR": str(temporary)},
        stdout=stream,
        stderr=subprocess.STDOUT,
    )
    stream.close()
    try:
        yield f"http://127.0.0.1:{port}/"
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()  # not SIGINT: it is ignored where the tests run in the background
        process.wait(timeout=30)


def wait_for(address: str, text: str, patience: float = 90) -> str:
    """Fetch a page until it holds the text."""
    page, deadline = "", time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=patience) as response:
                page = response.read().decode()
        except OSError:
            page = ""
        if text in page:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{address} never showed {text!r}; last it was:\n{page[-3000:]}")
