"""One notebook and one script per topic, made of the same cells."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from collector.questions import LEVEL_NAMES, Topic
from prose import IMAGE, address, pieces, plain
from verified import Sections, Verified

WORDS = {
    "en": {
        "from": "From [{name}]({url}).",
        "unpublished": "From the {name}.",
        "ran": (
            "Each code cell is a complete script, and ran as one with torch {torch}; "
            "what stands below it is what it printed."
        ),
        "install": "It needs: `pip install {pins}`",
        "toolbox": (
            "The code below imports a few helper functions from `snippets.toolbox`. This cell "
            "holds that package, so that nothing else has to be downloaded; run it first."
        ),
        "without": "This cell needs {count} and does nothing without. {note}",
        "alone": (
            "Run this one by itself, in a new Python process: "
            "what it changes stays changed for all that runs after it."
        ),
        "devices": ("a CUDA device", "{count} CUDA devices"),
        "heading": "## {title} ({level})",
    },
    "zh": {
        "from": "摘自[《{name}》]({url})。",
        "unpublished": "摘自《{name}》。",
        "ran": (
            "每个代码单元格都是一段完整的脚本，在 torch {torch} 上单独跑过；"
            "单元格下面就是它打印的内容。"
        ),
        "install": "需要安装：`pip install {pins}`",
        "toolbox": (
            "下面的代码会从 `snippets.toolbox` 导入几个小函数。"
            "这个单元格自带这个包，不用再下载别的文件；请先运行它。"
        ),
        "without": "这个单元格需要 {count}，没有就什么也不做。{note}",
        "alone": "这一段请单独放进新的 Python 进程里运行：它改动的设置会一直影响后面的代码。",
        "devices": ("一个 CUDA 设备", "{count} 个 CUDA 设备"),
        "heading": "## {title}（{level}）",
    },
}
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
    """A cell of code, and what running it left behind."""

    identity: str
    code: str
    text: str
    """The code with what it printed, as comments."""
    printed: tuple[str, ...] = ()
    figure: Path | None = None
    alt: str = ""


Cell = Prose | Code


@dataclass(frozen=True)
class Source:
    """Where the cells of one language come from."""

    language: str
    sections: Sections
    name: str
    """Of the site."""
    home: str
    """Its address, if it is published."""
    snippets: Path

    @property
    def words(self) -> dict:
        return WORDS[self.language]


def cells_of(topic: Topic, source: Source) -> list[Cell]:
    """Write a topic as cells, in the order of its page."""
    used = [source.sections[_key(e)] for question in topic.questions for e in question.embeds]
    cells = [Prose("introduction", _introduction(topic, used, source))]
    if modules := sorted({name for section in used for name in section.toolbox}):
        code = "\n".join([BRING, *(_module(name, source.snippets) for name in modules)])
        code += ONE_THREAD if FORKING in modules else ""
        cells.append(Prose("toolbox-text", source.words["toolbox"]))
        cells.append(Code("toolbox", code, code))
    for question in topic.questions:
        level = LEVEL_NAMES[source.language][question.level]
        heading = source.words["heading"].format(title=question.title, level=level)
        cells += _question(question.anchor, f"{heading}\n\n{question.body}", topic, source)
    return cells


def _key(embed: tuple[str, str]) -> tuple[str, str]:
    return embed[0].removesuffix(".py"), embed[1]


def _introduction(topic: Topic, used: Iterable[Verified], source: Source) -> str:
    words = source.words
    url = address(topic.stem, "", source.home)
    where = words["from" if source.home else "unpublished"].format(name=source.name, url=url)
    names = {"torch"}.union(*(section.imports for section in used))
    pins = " ".join(f"{name}=={version(name)}" for name in sorted(names, key=_torch_first))
    gap = " " if source.language == "en" else ""
    ran = words["ran"].format(torch=version("torch"))
    about = where + gap + ran + "\n\n" + words["install"].format(pins=pins)
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


def _section(section: Verified, alts: dict[str, str], source: Source) -> Iterator[Cell]:
    if section.is_excerpt or section.runs_alone:
        alone = source.words["alone"] + "\n\n" if section.runs_alone else ""
        yield Prose(f"{section.slug}-code", f"{alone}```python\n{section.text}\n```")
        return
    if section.count:
        one, many = source.words["devices"]
        count = one if section.count == 1 else many.format(count=section.count)
        note = section.notes[source.language]
        yield Prose(f"{section.slug}-need", source.words["without"].format(count=count, note=note))
    yield Code(
        identity=section.slug,
        code=section.guarded(section.code),
        text=section.guarded(section.text),
        printed=section.printed,
        figure=section.figure,
        alt=alts.get(section.slug, ""),
    )


def write_notebook(cells: Iterable[Cell]) -> str:
    """Write the JSON of a notebook, with what each cell of code left behind."""
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
    """Write cells as a script in the percent format, with what was printed as comments."""
    return "\n\n".join(_in_script(cell) for cell in cells) + "\n"


def _in_script(cell: Cell) -> str:
    if isinstance(cell, Code):
        return f"# %%\n{cell.text}"
    comment = "\n".join(f"# {line}".rstrip() for line in cell.text.split("\n"))
    return f"# %% [markdown]\n{comment}"
