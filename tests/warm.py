"""Runs commands in children of a process that has imported their modules.

Half of what ``mkdocs build`` takes on a small project is imports.  A child has arguments,
a folder, an environment, output and an exit status of its own, as a new process has;
nothing of the project under test is imported before the fork.
"""

from __future__ import annotations

import atexit
import functools
import multiprocessing
import multiprocessing.context
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PRELOADED = [
    *("asyncio", "concurrent.futures.thread", "http.server", "zipfile", "multiprocessing.spawn"),
    *("click", "genanki", "jieba", "jinja2", "psutil", "selectolax.lexbor", "yaml"),
    *("markdown.extensions.admonition", "markdown.extensions.attr_list"),
    *("markdown.extensions.md_in_html", "markdown.extensions.tables", "markdown.extensions.toc"),
    *("pymdownx.arithmatex", "pymdownx.details", "pymdownx.highlight", "pymdownx.inlinehilite"),
    *("pymdownx.snippets", "pymdownx.superfences", "pymdownx.tabbed"),
    *("pygments.formatters.html", "pygments.lexers.python"),
    *("material.plugins.search.plugin", "mkdocs.commands.build", "mkdocs.contrib.search"),
    *("mkdocstrings", "mkdocstrings_handlers.python"),
    *("_pytest.assertion.rewrite", "_pytest.terminal", "pytest"),
]
"""Not pytest's plugins: it rewrites their assertions when it imports them itself."""
PATIENCE = 300
"""Seconds that a command may take."""


@functools.cache
def context() -> multiprocessing.context.ForkServerContext:
    """Start the process that forks, with the first command."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(PRELOADED)
    return forking


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m`` with a command, as ``subprocess.run`` does."""
    with tempfile.TemporaryDirectory() as aside:
        said = Path(aside, "stdout"), Path(aside, "stderr")
        child = context().Process(target=_become, args=(command, folder, environment, said))
        child.start()
        child.join(PATIENCE)
        if child.exitcode is None:
            child.kill()
            raise subprocess.TimeoutExpired(command, PATIENCE)
        texts = [path.read_text("utf-8") for path in said]
    return subprocess.CompletedProcess(command, child.exitcode, *texts)


def _become(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], said: Sequence[Path]
) -> None:
    """Turn this process into the command."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    installed = (sys.prefix, sys.base_prefix)
    sys.path = [str(folder), *(name for name in sys.path if name.startswith(installed))]
    sys.argv = list(command)
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends its processes without
