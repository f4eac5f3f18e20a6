"""A synthetic corpus: the same sections in the form that each contender wants."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from string import Template

from conftest import copy_machinery

from bench.templates import TEMPLATES

FLOOR = Path(__file__).with_name("floor.py")
SYBIL = """\
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil([PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""
EXAMPLES = """\
import pytest
from pytest_examples import find_examples


@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_example(example, eval_example):
    eval_example.run_print_check(example)
"""


@dataclass(frozen=True)
class Script:
    """One section: its code, and its output by last line of a statement."""

    name: str
    code: str
    printed: dict[int, list[str]]

    def shown(self, prefix: str) -> str:
        """The code with output as comments below each statement."""
        lines = []
        for number, line in enumerate(self.code.splitlines(), 1):
            lines.append(line)
            lines += [f"{prefix}{text}" for text in self.printed.get(number, [])]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Corpus:
    """Sections spread over pages, written once per contender below one folder."""

    folder: Path
    pages: tuple[tuple[Script, ...], ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.pages))

    @property
    def scripts(self) -> Path:
        """Input of the floor."""
        return self.folder / "scripts.json"

    def home(self, contender: str) -> Path:
        """The folder of one form: ``ours``, ``fences``, ``sybil`` or ``examples``."""
        return self.folder / contender


def generate(
    folder: Path,
    sections: int,
    pages: int,
    broken: Collection[int] = (),
    mistaken: Collection[int] = (),
) -> Corpus:
    """Write a corpus; the same numbers always give the same corpus.

    Args:
        sections: How many in all.
        pages: How many pages share them.
        broken: Numbers of sections that raise when they run.
        mistaken: Numbers of sections that print something else than they show.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scripts = _scripts(folder, sections)
    for number in broken:
        code = f"{scripts[number].code}raise ValueError('broken')\n"
        scripts[number] = replace(scripts[number], code=code)
    for number in mistaken:
        shown = {line: ["mistaken"] for line in scripts[number].printed}
        scripts[number] = replace(scripts[number], printed=shown)
    shares = [sections // pages + (page < sections % pages) for page in range(pages)]
    rest = iter(scripts)
    corpus = Corpus(folder, tuple(tuple(islice(rest, share)) for share in shares))
    for write in (_write_scripts, _write_ours, _write_fences, _write_sybil, _write_examples):
        write(corpus)
    return corpus


def _scripts(folder: Path, count: int) -> list[Script]:
    """Fill the templates; let the floor record the output of each statement."""
    named = [_code(number) for number in range(count)]
    names = [f"{name}-{number}" for number, (name, _) in enumerate(named)]
    codes = [code for _, code in named]
    outputs = _execute(folder, names, codes)
    return [Script(*parts) for parts in zip(names, codes, outputs, strict=True)]


def _code(number: int) -> tuple[str, str]:
    """Return the name and the code of one section."""
    name = list(TEMPLATES)[number % len(TEMPLATES)]
    chance = random.Random(number)
    values = {name: chance.randint(2, 24) for name in ("rows", "columns", "batch")}
    code = Template(TEMPLATES[name]).substitute(values, seed=chance.randint(1, 9999))
    return name, code.lstrip("\n")


def _execute(folder: Path, names: list[str], codes: list[str]) -> list[dict[int, list[str]]]:
    scripts, outputs = folder / "scripts.json", folder / "outputs.json"
    _dump(scripts, names, codes)
    subprocess.run([sys.executable, "-P", FLOOR, scripts, "--outputs", outputs], check=True)
    found = json.loads(outputs.read_text("utf-8"))
    return [{int(line): texts for line, texts in printed.items()} for printed in found]


def _dump(path: Path, names: list[str], codes: list[str]) -> None:
    scripts = [
        {"name": name, "path": f"{name}.py", "code": code}
        for name, code in zip(names, codes, strict=True)
    ]
    path.write_text(json.dumps(scripts), "utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_scripts(corpus: Corpus) -> None:
    every = [script for page in corpus.pages for script in page]
    _dump(corpus.scripts, [script.name for script in every], [script.code for script in every])


def _write_ours(corpus: Corpus) -> None:
    root = corpus.home("ours")
    copy_machinery(root)
    for number, page in enumerate(corpus.pages):
        sections, text = [], [f"# Topic {number}\n"]
        for script in page:
            code = script.shown("# > ")
            sections.append(f"# --8<-- [start:{script.name}]\n{code}# --8<-- [end:{script.name}]")
            text.append(f"## {script.name} {{ #{script.name} data-level=basic }}\n")
            text.append(f'```python\n--8<-- "topic{number}.py:{script.name}"\n```\n')
        _write(root / f"snippets/topic{number}.py", "\n\n".join(sections) + "\n")
        _write(root / f"docs/en/topic{number}.md", "\n".join(text))
    configuration = root / "mkdocs.yml"
    nav = "nav:\n" + "".join(f"  - topic{n}.md\n" for n in range(len(corpus.pages)))
    text = re.sub(r"(?m)^nav:.*\n( .*\n)+", nav, configuration.read_text("utf-8"))
    configuration.write_text(text, "utf-8")


def _write_fences(corpus: Corpus) -> None:
    _write_pages(corpus, corpus.home("fences"), None)


def _write_sybil(corpus: Corpus) -> None:
    _write_pages(corpus, corpus.home("sybil"), None)
    _write(corpus.home("sybil") / "conftest.py", SYBIL)


def _write_examples(corpus: Corpus) -> None:
    _write_pages(corpus, corpus.home("examples"), "#> ")
    _write(corpus.home("examples") / "test_examples.py", EXAMPLES)


def _write_pages(corpus: Corpus, root: Path, prefix: str | None) -> None:
    """Write Markdown with literal fences, with or without their output."""
    _write(root / "pytest.ini", "[pytest]\n")
    for number, page in enumerate(corpus.pages):
        text = [f"# Topic {number}\n"]
        for script in page:
            code = script.code if prefix is None else script.shown(prefix)
            text += [f"## {script.name}\n", f"```python\n{code}```\n"]
        _write(root / f"docs/topic{number}.md", "\n".join(text))
