"""One notebook and one script per topic, made of the same cells."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from collector.questions import Topic
from collector.words import Words

from exports.portable import IMAGE, address, pieces, plain
from exports.sections import ExportedSection, Sections

FORKING = "workers"
"""Module of the toolbox that forks processes."""
ONE_THREAD = """

import torch

torch.set_num_threads(1)  # cells below fork, and a fork waits forever for threads it lacks"""
LONGEST_ID = 64
"""Characters that the format of notebooks gives a cell's name."""
BRING = '''\
import sys
from types import ModuleType


def bring(name, source):
    """Make a module of its source."""
    sys.modules[name] = module = ModuleType(name)
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
'''


@dataclass(frozen=True)
class Prose:
    """A cell of Markdown."""

    identity: str
    text: str


@dataclass(frozen=True)
class Code:
    """A cell of code and its output."""

    identity: str
    code: str
    text: str
    """The code with its output, as comments."""
    printed: tuple[str, ...] = ()
    figure: Path | None = None
    alt: str = ""


Cell = Prose | Code


@dataclass(frozen=True)
class Source:
    """Where the cells of one language come from."""

    words: Words
    sections: Sections
    name: str
    """Of the site."""
    home: str
    """Its address, if it is published."""
    snippets: Path


def cells_of(topic: Topic, source: Source) -> list[Cell]:
    """Write a topic as cells, in the order of its page."""
    used = [source.sections[_key(e)] for question in topic.questions for e in question.embeds]
    cells = [Prose("introduction", _introduction(topic, used, source))]
    if modules := sorted({name for section in used for name in section.toolbox}):
        code = "\n".join([BRING, *(_module(name, source.snippets) for name in modules)])
        code += ONE_THREAD if FORKING in modules else ""
        cells.append(Prose("toolbox-text", source.words.text("notebooks.toolbox")))
        cells.append(Code("toolbox", code, code))
    for question in topic.questions:
        level = source.words.text(f"levels.{question.level}")
        heading = source.words.text("questions.heading", title=question.title, level=level)
        cells += _question(question.anchor, f"## {heading}\n\n{question.body}", topic, source)
    return cells


def _key(embed: tuple[str, str]) -> tuple[str, str]:
    return embed[0].removesuffix(".py"), embed[1]


def _introduction(topic: Topic, used: Iterable[ExportedSection], source: Source) -> str:
    text_of = source.words.text
    url = address(topic.stem, "", source.home)
    where = text_of(
        "notebooks.from" if source.home else "notebooks.unpublished", name=source.name, url=url
    )
    names = {"torch"}.union(*(section.imports for section in used))
    pins = " ".join(f"{name}=={version(name)}" for name in sorted(names, key=_torch_first))
    ran = text_of("notebooks.ran", torch=version("torch"))
    install = text_of("notebooks.install", pins=pins)
    about = where + text_of("notebooks.between_sentences") + ran + "\n\n" + install
    introduction = plain(topic.introduction, topic.stem, source.home)
    return f"# {topic.title}\n\n{introduction}\n\n{about}".strip()


version = functools.cache(metadata.version)


def _torch_first(name: str) -> tuple[bool, str]:
    return not name.startswith("torch"), name


def _module(name: str, snippets: Path) -> str:
    text = (snippets / "toolbox" / f"{name}.py").read_text("utf-8")
    return f"\nbring(\n    \"snippets.toolbox.{name}\",\n    r'''\n{text}''',\n)"


def _question(anchor: str, body: str, topic: Topic, source: Source) -> Iterator[Cell]:
    text = plain(body, topic.stem, source.home)
    alts = {Path(found["target"]).stem: found["alt"] for found in IMAGE.finditer(text)}
    part = 0
    for piece in pieces(IMAGE.sub("", text)):
        if isinstance(piece, tuple):
            yield from _section(source.sections[piece], alts, source)
        elif piece:
            part += 1
            yield Prose(f"{anchor}-text-{part}", piece.replace("\n\n\n", "\n"))


def _section(section: ExportedSection, alts: dict[str, str], source: Source) -> Iterator[Cell]:
    text_of = source.words.text
    if section.is_excerpt or section.runs_alone:
        alone = text_of("notebooks.alone") + "\n\n" if section.runs_alone else ""
        yield Prose(f"{section.slug}-code", f"{alone}```python\n{section.text}\n```")
        return
    if section.count:
        devices = "notebooks.device" if section.count == 1 else "notebooks.devices"
        count = text_of(devices, count=section.count)
        need = text_of("notebooks.without", count=count, note=section.note)
        yield Prose(f"{section.slug}-need", need)
    yield Code(
        identity=section.slug,
        code=section.guarded(section.code),
        text=section.guarded(section.text),
        printed=section.printed,
        figure=section.figure,
        alt=alts.get(section.slug, ""),
    )


def write_notebook(cells: Iterable[Cell]) -> str:
    """Write the JSON of a notebook, with the output of each cell."""
    notebook = {
        "cells": [_in_notebook(cell) for cell in cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _in_notebook(cell: Cell) -> dict:
    common = {"id": cell.identity[:LONGEST_ID], "metadata": {}}
    if isinstance(cell, Prose):
        return {"cell_type": "markdown", **common, "source": _lines(cell.text)}
    outputs = {"execution_count": None, "outputs": list(_outputs(cell))}
    return {"cell_type": "code", **common, **outputs, "source": _lines(cell.code)}


def _outputs(cell: Code) -> Iterator[dict]:
    if cell.printed:
        text = [f"{line}\n" for line in cell.printed]
        yield {"output_type": "stream", "name": "stdout", "text": text}
    if cell.figure is not None:
        drawn = {"image/svg+xml": _lines(cell.figure.read_text("utf-8")), "text/plain": cell.alt}
        light = {"image/svg+xml": {"needs_background": "light"}}  # its ink is dark
        yield {"output_type": "display_data", "data": drawn, "metadata": light}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def write_script(cells: Iterable[Cell]) -> str:
    """Write cells as a script in the percent format, with output as comments."""
    return "\n\n".join(_in_script(cell) for cell in cells) + "\n"


def _in_script(cell: Cell) -> str:
    if isinstance(cell, Code):
        return f"# %%\n{cell.text}"
    comment = "\n".join(f"# {line}".rstrip() for line in cell.text.split("\n"))
    return f"# %% [markdown]\n{comment}"
