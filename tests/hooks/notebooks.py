"""Runs notebooks as a Jupyter kernel does, each in a process forked from one that has torch.

``python notebooks.py a.ipynb ...`` writes what each cell printed and drew into ``a.ran.ipynb``.
A kernel of its own takes four seconds to start and to import torch, more than most
notebooks run; it is the same IPython that runs the cells here.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

AT_A_TIME = 2
PICTURE = "image/png"


def run_cell(shell: InteractiveShell, source: str) -> list:
    """Run a cell and return its outputs as a notebook holds them."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        os.dup2(printed.fileno(), 1)
        os.dup2(complained.fileno(), 2)
        with capture_output(stdout=False, stderr=False) as shown:
            result = shell.run_cell(source, store_history=True)
        sys.stdout.flush()
        sys.stderr.flush()
        outputs = []
        for name, file in (("stdout", printed), ("stderr", complained)):
            file.seek(0)
            if text := file.read().decode():
                outputs.append(nbformat.v4.new_output("stream", name=name, text=text))
    result.raise_error()
    pictures = [rich.data for rich in shown.outputs if PICTURE in rich.data]
    return outputs + [nbformat.v4.new_output("display_data", data=data) for data in pictures]


def run_notebook(path: Path) -> None:
    """Run all cells in a folder of the notebook's name."""
    notebook = nbformat.read(path, as_version=4)
    folder = path.with_suffix("")
    folder.mkdir()
    os.chdir(folder)
    shell = InteractiveShell.instance(colors="NoColor")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = run_cell(shell, cell.source)
    nbformat.write(notebook, path.with_suffix(".ran.ipynb"))


def fork(path: Path) -> None:
    """Run a notebook in a child; an exception stands in a file beside the notebook."""
    if os.fork():
        return
    try:
        run_notebook(path)
    except BaseException:
        path.with_suffix(".error").write_text(traceback.format_exc(), "utf-8")
    finally:
        os._exit(0)


def main(paths: list[Path]) -> None:
    import torch._dynamo  # noqa: F401  # before the first fork: optimizers, too, import it
    import torchvision  # noqa: F401
    from matplotlib import pyplot  # noqa: F401

    for number, path in enumerate(paths):
        if number >= AT_A_TIME:
            os.wait()
        fork(path)
    for _ in paths[-AT_A_TIME:]:
        os.wait()


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:]])
