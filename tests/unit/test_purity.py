"""Which sections share a process, and that sharing changes nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from collector.engine.purity import is_pure
from collector.engine.runner import Runner
from collector.sections import Section, read_module
from conftest import copy_machinery

PURE = {
    "tensors": "import torch\nx = torch.ones(2, dtype=torch.float64)\nprint(x + x.sum())",
    "a layer": "from torch import nn\nimport torch\nprint(nn.Linear(2, 3)(torch.ones(2)).shape)",
    "functional": "import torch.nn.functional as F\nimport torch\nprint(F.relu(torch.ones(1)))",
    "a model of its own": (
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.layer = nn.Linear(1, 1)\n"
        "    def forward(self, x):\n        return self.layer(x)\nprint(Net()(torch.ones(1, 1)))"
    ),
    "training": (
        "import torch\nx = torch.ones(1, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([x], lr=0.1)\nx.sum().backward()\noptimizer.step()\n"
        "x.grad = None\nwith torch.no_grad():\n    print(x)"
    ),
    "an expected error": (
        "import torch\ntry:\n    torch.ones(2) @ torch.ones(3)\n"
        "except RuntimeError as error:\n    print(error)"
    ),
    "plain Python": "import math\nfrom collections import Counter\nprint(math.pi, Counter('aab'))",
    "seeded": "import torch\ntorch.manual_seed(0)\nprint(torch.rand(2))",
    "toolbox": (
        "from snippets.toolbox.storage import row_major_strides\nprint(row_major_strides((2, 3)))"
    ),
}
IMPURE = {
    "sets a default": "import torch\ntorch.set_default_dtype(torch.float64)",
    "turns gradients off": "import torch\ntorch.set_grad_enabled(False)",
    "sets threads": "import torch\ntorch.set_num_threads(2)",
    "sets a switch": "import torch\ntorch.backends.mkldnn.enabled = False",
    "patches torch": "import torch\ntorch.zeros = None",
    "patches by another name": "import torch\nother = torch\nother.zeros = None",
    "patches a class": "from torch import nn\nnn.Linear.forward = None",
    "patches a class of another name": "from torch import nn\nLayer = nn.Linear\nLayer.bias = 1",
    "patches by setattr": "import torch\nsetattr(torch, 'zeros', None)",
    "patches by the class of an object": "import torch\ntorch.ones(1).__class__.add = None",
    "reaches a dictionary": "import torch\ntorch.__dict__['zeros'] = None",
    "reaches globals": "def f(): pass\nf.__globals__['x'] = 1",
    "deletes": "import torch\ndel torch.zeros",
    "opens a file": "open('x')",
    "imports what is not listed": "import os",
    "imports everything": "from torch import *",
    "imports inside": "def f():\n    import sys\n    sys.path.append('x')",
    "imports a module from a package": "from torch import multiprocessing",
    "warns": "import warnings\nwarnings.warn('old')",
    "looks at addresses": "print(id(object()))",
    "catches a warning that comes once": "try:\n    pass\nexcept UserWarning:\n    pass",
    "compiles": "import torch\ntorch.compile(lambda x: x)",
    "shares memory": "import torch\ntorch.ones(1).share_memory_()",
    "registers a global hook": (
        "from torch import nn\nnn.modules.module.register_module_forward_hook(print)"
    ),
    "reads a file": "import torch\ntorch.from_file('x', size=1)",
    "does not parse": "x = (",
}


@pytest.mark.parametrize("source", PURE.values(), ids=PURE)
def test_what_computes_with_its_own_objects_may_share(source):
    assert is_pure(source)


@pytest.mark.parametrize("source", IMPURE.values(), ids=IMPURE)
def test_what_may_leave_something_behind_runs_alone(source):
    assert not is_pure(source)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    copy_machinery(folder)
    return folder


def write(root: Path, codes: tuple[str, ...]) -> list[Section]:
    """Write sections of one module."""
    parts = []
    for number, code in enumerate(codes):
        parts.append(f"# --8<-- [start:s{number}]\n{code}\n# --8<-- [end:s{number}]\n")
    path = root / "snippets" / "notes.py"
    path.write_text("\n".join(parts), "utf-8")
    return list(read_module(path, root).sections.values())


def printed(root: Path, *codes: str) -> list[str]:
    """Run sections on one lane; return what each printed."""
    sections = write(root, codes)
    with Runner(root, ["torch"], lanes=1) as runner:
        runs = list(runner.run(sections))
    return ["".join(run.printed.values()) if run.failure is None else "failed" for run in runs]


def test_each_section_of_a_shared_process_begins_anew(root):
    draw = "import torch\nprint(torch.rand(1).item())"
    grad_mode = "import torch\nprint(torch.ones(1, requires_grad=True).mul(2).requires_grad)"
    leave_off = (
        "import torch\ndef numbers():\n    with torch.no_grad():\n        yield 1\n"
        "kept = numbers()\nprint(next(kept))"
    )
    name = "kept = 1\nprint(kept)"
    unknown = "try:\n    print(kept)\nexcept NameError:\n    print('unknown')"
    said = printed(root, draw, draw, leave_off, grad_mode, name, unknown)
    assert said[0] == said[1]
    assert said[3] == "True\n"
    assert said[5] == "unknown\n"


def test_a_failing_section_does_not_take_the_next_ones_with_it(root):
    good = "print('fine')"
    assert printed(root, good, "1 / 0", good, good) == ["fine\n", "failed", "fine\n", "fine\n"]


@pytest.mark.parametrize(
    ("codes", "together"),
    [
        (("print(1)", "print(2)", "print(3)"), 3),
        (("print(1)", "import os", "print(3)"), 1),
        (("import os", "print(2)", "print(3)"), 1),
        (("print(1)", "1 / 0", "print(3)"), 2),
        (("import torch\nkept = torch.no_grad()\nkept.__init__()", "print(2)"), 2),
    ],
)
def test_how_many_sections_run_in_one_process(root, tmp_path, codes, together):
    runner = Runner(root, [], lanes=1, forking=False)
    result = subprocess.run(
        [sys.executable, "-m", "collector.engine.spawned", str(tmp_path)],
        cwd=root,
        env=runner._environment(),
        input=json.dumps(runner._request(write(root, codes))),
        capture_output=True,
        text=True,
    )
    runner.close()
    assert result.stdout.count('"begin"') == together, result.stderr
