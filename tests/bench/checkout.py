"""A copy of the whole site to run, build and edit, so that the checkout stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from collector.engine.runner import libraries_of
from collector.needs import devices
from collector.sections import Section, read_library
from conftest import ROOT

from bench.contenders import ContenderError, run_floor
from bench.measure import Command, Cost

PARTS = ("docs", "snippets", "tests", "mkdocs.yml", "pyproject.toml")
GATE = "tests/gate.py"
HOOK = f"  - {GATE}\n"
TIMED = Path(__file__).with_name("timed.py")


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository's site, with or without its gate."""

    root: Path

    @classmethod
    def copy(cls, target: Path) -> Checkout:
        for name in PARTS:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, target / name, ignore=ignored)
            else:
                shutil.copy(source, target / name)
        return cls(target)

    def ungated(self, target: Path) -> Checkout:
        """Copy this site without the gate: MkDocs alone."""
        shutil.copytree(self.root, target, ignore=shutil.ignore_patterns("site"))
        configuration = target / "mkdocs.yml"
        text = configuration.read_text("utf-8")
        if HOOK not in text:
            raise ContenderError(f"mkdocs.yml names no hook {GATE}")
        configuration.write_text(text.replace(HOOK, ""), "utf-8")
        return Checkout(target)

    def sections(self) -> list[Section]:
        """The sections that run on this machine."""
        return [s for s in read_library(self.root).runnable() if not devices().why_unmet(s.need)]

    def test(self) -> Cost:
        """Run every page with no record to build on.

        Raises:
            ContenderError: If a section failed; a faulty site is not measured.
        """
        shutil.rmtree(self.root / ".cache", ignore_errors=True)
        options = ["-m", "pytest", "docs", "-q", "-p", "no:examples"]
        cost, output, status = Command(options, self.root).run()
        if status != 0:
            raise ContenderError(f"the site fails its own tests:\n{output[-4000:]}")
        return cost

    def execute(self, folder: Path) -> tuple[Cost, dict[str, str]]:
        """Execute the same sections as the floor does; return those that raised there, too.

        Args:
            folder: Where the floor's input is written.
        """
        sections = self.sections()
        scripts = folder / "site.json"
        entries = [{"name": s.identity, "path": str(s.path), "code": s.source} for s in sections]
        scripts.write_text(json.dumps(entries), "utf-8")
        variables = {
            "MATPLOTLIBRC": str(self.root / "tests" / "collector" / "engine" / "matplotlibrc"),
            "MPLBACKEND": "module://collector.engine.figures",
            "PYTHONPATH": os.pathsep.join([str(self.root / "tests"), str(self.root)]),
        }
        with tempfile.TemporaryDirectory() as work:
            libraries = tuple(libraries_of(sections))
            outcome, raised = run_floor(scripts, Path(work), libraries, HOME=work, **variables)
        return outcome.cost, raised

    def build(self, report: Path) -> Cost:
        """Build the site, and report the time of its gate."""
        cost, output, status = Command(["-P", TIMED, report, "build"], self.root).run()
        if status != 0:
            raise ContenderError(f"the site does not build:\n{output[-4000:]}")
        return cost
