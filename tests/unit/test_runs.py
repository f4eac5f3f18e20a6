"""Sections run in real processes with real torch."""

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest
from collector.engine.runner import Run, Runner, RunnerError
from collector.engine.supervisor import patience
from collector.outputs import judge
from collector.sections import Section, read_module
from conftest import copy_machinery, kernel_gives_networks

LIMIT = 4.0
OUTSIDE = str(Path(__file__).parent / "written-by-a-section")


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    copy_machinery(folder)
    return folder


@pytest.fixture(scope="module")
def runner(root):
    with Runner(root, limit=LIMIT) as runner:
        yield runner


@pytest.fixture(scope="module")
def spawning(root):
    """The way of systems that cannot fork."""
    with Runner(root, limit=LIMIT, forking=False) as runner:
        yield runner


def run_alone(runner: Runner, code: str) -> tuple[Section, Run]:
    text = f"# --8<-- [start:a]\n{dedent(code).strip()}\n# --8<-- [end:a]\n"
    path = runner.root / "snippets" / "notes.py"
    path.write_text(text, "utf-8")
    section = read_module(path, runner.root).sections["a"]
    (run,) = runner.run([section])
    return section, run


@pytest.fixture
def run(runner):
    return partial(run_alone, runner)


GOOD = {
    "CUDA untouched before the fork": (
        "import torch\nprint(torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork())\n"
        "# > False False"
    ),
    "its own main": (
        'print(__name__)\n# > __main__\nif __name__ == "__main__":\n    print("x")\n# > x'
    ),
    "loop and call": "for n in (1, 2):\n    print(n)\n# > 1\n# > 2",
    "child process": 'import os\n_ = os.system("echo from the shell")\n# > from the shell',
    "printed by C": (
        'import ctypes\n_ = ctypes.CDLL(None).puts(b"from C")\n# > from C\n'
        'print("after")\n# > after'
    ),
    "exception as content": (
        "import torch\ntry:\n    torch.ones(2, 3) @ torch.ones(2, 3)\n"
        "except RuntimeError as error:\n    print(error)\n"
        "# > ... shapes cannot be multiplied (2x3 and 2x3)"
    ),
    "caught warning": (
        "import warnings\n"
        'with warnings.catch_warnings(record=True, action="always") as caught:\n'
        '    warnings.warn("old", DeprecationWarning)\nprint(len(caught))\n# > 1'
    ),
    "source of a function": (
        "import inspect\ndef double(x):\n    return 2 * x\n"
        "print(inspect.getsource(double).splitlines()[1].strip())\n# > return 2 * x"
    ),
    "pickle of a dataclass": (
        "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n"
        "print(pickle.loads(pickle.dumps(Point(1))))\n# > Point(x=1)"
    ),
    "future annotations": (
        "from __future__ import annotations\ndef f(x: undefined): ...\n"
        "print(f.__annotations__)\n# > {'x': 'undefined'}"
    ),
    "compiled": (
        'import torch\n@torch.compile(backend="eager")\ndef f(x):\n    return x + 1\n'
        "print(f(torch.ones(2)))\n# > tensor([2., 2.])"
    ),
    "loader workers": (
        "from torch.utils.data import DataLoader\n"
        "print([batch.tolist() for batch in DataLoader(range(4), 2, num_workers=1)])\n"
        "# > [[0, 1], [2, 3]]"
    ),
    "toolbox": (
        "from snippets.toolbox.storage import row_major_strides\n"
        "print(row_major_strides((2, 3)))\n# > (3, 1)"
    ),
    "checkout out of reach of other processes": (
        "import subprocess\n"
        f"shell = subprocess.run('echo x > {OUTSIDE}', shell=True, capture_output=True)\n"
        "print(shell.returncode != 0)\n# > True"
    ),
    "empty working folder": "import os\nprint(os.listdir())\n# > []",
}


@pytest.mark.parametrize("code", GOOD.values(), ids=GOOD)
def test_section_passes(run, code):
    section, result = run(code)
    assert judge(section, result) == []
    assert not Path(OUTSIDE).exists()


IN_ANOTHER_PROCESS = "network in another process"
BAD = {
    "misspelt function": (
        "import torch\n\ntorch.aranje(3)",
        ":4: AttributeError: module 'torch' has no attribute 'aranje'",
    ),
    "TypeError": (
        "def f():\n    len(1)\n\nf()",
        ":3: TypeError: object of type 'int' has no len()",
    ),
    "syntax": ("x = 1\ny = (", ":3: SyntaxError: '(' was never closed"),
    "prints other text": ("print(1)\n# > 2", ":2: prints something else"),
    "prints more": ('print("a")\nprint("b")\n# > b', ":2: prints something else"),
    "prints less": ('x = "a"\n# > a', ":2: prints something else"),
    "leaves without a word": (
        "import os\nos._exit(0)",
        ":3: 'a' ended the interpreter with status 0",
    ),
    "exits": ("import sys\nsys.exit(0)", ":3: SystemExit: 0"),
    "skips": ('import pytest\npytest.skip("later")', ":3: Skipped: later"),
    "skips its way": ("import unittest\nraise unittest.SkipTest('later')", ":3: SkipTest: later"),
    "ends all tests": ("import pytest\npytest.exit('done', returncode=0)", ":3: Exit: done"),
    "crashes": ("import ctypes\nctypes.string_at(0)", ":3: 'a' was killed by SIGSEGV"),
    "aborts": ("import os\nos.abort()", ":3: 'a' was killed by SIGABRT"),
    "hangs": ("x = 1\nwhile True:\n    pass", ":3: 'a' did not end within 4 s"),
    "hangs and ignores signals": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
        ":4: 'a' did not end within 4 s",
    ),
    "leaves a child that holds the pipes": (
        "import subprocess, os\nsubprocess.Popen(['sleep', '60'])\nos._exit(0)",
        ":4: 'a' ended the interpreter with status 0",
    ),
    "asks for input": ("input()", ":2: EOFError: EOF when reading a line"),
    "warns": (
        "import warnings\nwarnings.warn('old', DeprecationWarning)",
        ":3: DeprecationWarning: old",
    ),
    "torch warns": ("import torch\ntorch.ones(2, 3).T.T\ntorch.ones(3).T", ":4: UserWarning:"),
    "writes to standard error": (
        "import sys\nprint('oh', file=sys.stderr)",
        ":2: writes to standard error, which no page shows\n    oh",
    ),
    "fails in a thread": (
        "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
        "ZeroDivisionError",
    ),
    "leaves a thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=[60]).start()",
        "a thread is still running at the end",
    ),
    "prints without end": (
        "while True:\n    print('x' * 100_000)",
        ":2: 'a' prints more than 1 MiB",
    ),
    "prints without end in small pieces": (
        "while True:\n    print('x' * 99)",
        " prints more than 1 MiB",
    ),
    "opens a socket": (
        "import socket\n\nsocket.create_connection(('192.0.2.1', 80), 1)",
        ":4: PermissionError: looks up 192.0.2.1 on the network",
    ),
    "swallows that the network fails": (
        "import socket\ntry:\n    socket.socket(socket.AF_INET6)\nexcept OSError:\n    pass",
        ":4: opens a network socket; a section has no network",
    ),
    "looks up a name": (
        "import socket\n\nsocket.getaddrinfo('example.org', 80)",
        ":4: PermissionError: looks up example.org on the network",
    ),
    IN_ANOTHER_PROCESS: (
        "import subprocess, sys\n"
        "code = 'import socket; socket.create_connection((\"192.0.2.1\", 80), 1)'\n"
        "_ = subprocess.run([sys.executable, '-c', code], stderr=subprocess.DEVNULL)",
        ":4: asks for something on the network; a section has none",
    ),
    "takes memory without end": (
        "taken = []\nwhile True:\n    taken.append(bytes(1 << 30))",
        ":4: takes more memory than a section may: MemoryError",
    ),
    "takes memory for tensors without end": (
        "import torch\n\ntaken = []\nwhile True:\n    taken.append(torch.empty(1 << 28))",
        ":6: takes more memory than a section may: RuntimeError:",
    ),
    "leaves a process": (
        "import subprocess\n\n_ = subprocess.Popen(['sleep', '60'])",
        "leaves a process running: sleep 60",
    ),
    "leaves a process that detached": (
        "import subprocess\n\n_ = subprocess.Popen(['setsid', '--fork', 'sleep', '60']).wait()",
        "leaves a process running: sleep 60",
    ),
    "writes outside of its folder": (
        f"x = 1\nopen({OUTSIDE!r}, 'w').write('x')",
        f":3: PermissionError: writes outside its folder: {OUTSIDE}",
    ),
    "swallows that it cannot write": (
        f"import os\ntry:\n    os.mkdir({OUTSIDE!r})\nexcept OSError:\n    pass",
        f":4: writes outside its folder: {OUTSIDE}",
    ),
    "writes outside from another process": (
        f"import os\n\n_ = os.system('echo x > {OUTSIDE}')",
        "Permission denied",
    ),
    "kills the process that runs it": (
        "import os, signal\n\nos.kill(os.getppid(), signal.SIGKILL)",
        "",
    ),
    "writes where its events go": (
        "import contextlib, os, time\nfor n in range(3, 64):\n"
        "    with contextlib.suppress(OSError):\n        _ = os.write(n, b'x\\n')\ntime.sleep(60)",
        "'a' writes into the pipe that its events go through",
    ),
    "shows two figures": (
        "from matplotlib import pyplot as plt\nplt.figure()\nplt.figure()\nplt.show()",
        ":2: shows 2 figures",
    ),
}


@pytest.mark.parametrize(("code", "message"), BAD.values(), ids=BAD)
def test_section_fails_alone_and_says_where(run, code, message):
    if code is BAD[IN_ANOTHER_PROCESS][0] and not kernel_gives_networks():
        pytest.skip("needs a network namespace, which this kernel does not give")
    section, result = run(code)
    faults = "\n".join(map(str, judge(section, result)))
    assert message in faults
    assert faults.startswith("snippets/notes.py:")
    assert not Path(OUTSIDE).exists()
    section, result = run('print("next")\n# > next')
    assert judge(section, result) == []


@pytest.mark.parametrize(
    "name",
    [
        *("child process", "loader workers", "toolbox", "empty working folder", "its own main"),
        *("misspelt function", "prints other text", "leaves without a word", "crashes", "skips"),
        *("hangs and ignores signals", "leaves a thread", "prints without end", "opens a socket"),
        *("leaves a process", "swallows that it cannot write", "shows two figures"),
    ],
)
def test_the_same_happens_where_nothing_can_fork(spawning, name):
    if name in ("crashes", "leaves a process") and os.name != "posix":
        pytest.skip("needs signals and commands of POSIX")
    section, result = run_alone(spawning, (GOOD | {n: c for n, (c, _) in BAD.items()})[name])
    faults = "\n".join(map(str, judge(section, result)))
    assert faults == "" if name in GOOD else BAD[name][1] in faults
    assert not Path(OUTSIDE).exists()


@pytest.mark.parametrize(
    ("spoil", "look", "pristine"),
    [
        ("torch.set_default_dtype(torch.float64)", "torch.get_default_dtype()", "torch.float32"),
        ("torch.set_grad_enabled(False)", "torch.is_grad_enabled()", "True"),
        (
            "torch.use_deterministic_algorithms(True)",
            "torch.are_deterministic_algorithms_enabled()",
            "False",
        ),
        ("torch.set_default_device('meta')", "torch.ones(1).device", "cpu"),
        ("torch.zeros = None", "torch.zeros(1)", "tensor([0.])"),
        ("import os; os.environ['SPOILT'] = '1'", "'SPOILT' in __import__('os').environ", "False"),
        (
            "import matplotlib; matplotlib.rcParams['font.size'] = 99",
            "__import__('matplotlib').rcParams['font.size'] > 90",
            "False",
        ),
        ("open('left.txt', 'w').close()", "__import__('os').listdir()", "[]"),
        ("import sys; sys.modules['json'] = None", "__import__('json').dumps(1)", "1"),
    ],
)
def test_nothing_leaks_into_the_next_section(run, spoil, look, pristine):
    section, result = run(f"import torch\n{spoil}")
    assert judge(section, result) == []
    section, result = run(f"import torch\nprint({look})\n# > {pristine}")
    assert judge(section, result) == []


def test_figure_is_kept_for_light_and_dark_pages(run):
    _, result = run(
        """
        from matplotlib import pyplot as plt

        plt.text(0.5, 0.5, "words")
        plt.show()
        """
    )
    light, dark = result.figure["light"], result.figure["dark"]
    assert light.count("#24292f") == dark.count("#e2e4e9") > 0
    assert "#24292f" not in dark


def test_ambient_seed_decides_what_is_not_seeded(root, runner, run):
    code = "import torch, random\nprint(torch.rand(1).item(), random.random(), hash('a'))"
    section, first = run(code)
    _, again = run(code)
    with Runner(root, ["torch"], seed=runner.seed + 1) as other:
        (different,) = other.run([section])
    assert first.printed == again.printed
    assert first.printed != different.printed


def test_processes_that_a_section_started_end_with_it(run):
    _, result = run(
        """
        import subprocess
        print(subprocess.Popen(["sleep", "60"]).pid)
        """
    )
    (pid,) = (int(text) for text in result.printed.values() if text)
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("forking", [sys.platform == "linux", False])
def test_missing_library_is_said_not_hung(root, forking):
    broken = root / "tests" / "torch.py"
    broken.write_text("raise ImportError('no torch here')")
    try:
        path = root / "snippets" / "notes.py"
        path.write_text("# --8<-- [start:a]\nimport torch\n# --8<-- [end:a]\n")
        section = read_module(path, root).sections["a"]
        with (
            Runner(root, forking=forking) as runner,
            pytest.raises(RunnerError, match="no torch here"),
        ):
            list(runner.run([section]))
    finally:
        broken.unlink()


@pytest.mark.parametrize("forking", [sys.platform == "linux", False])
def test_closing_ends_what_runs_and_leaves_nothing(root, tmp_path, monkeypatch, forking):
    path = root / "snippets" / "notes.py"
    code = "import subprocess\n_ = subprocess.run(['sleep', '300'])"
    path.write_text(f"# --8<-- [start:a]\n{code}\n# --8<-- [end:a]\n")
    section = read_module(path, root).sections["a"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Runner(root, [], limit=300.0, forking=forking) as runner:
        runner.start([section] * 5)
        while not list(tmp_path.glob("sections-*/section-*/work")):
            time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []


def test_asserts_run_even_where_python_is_told_to_drop_them(root, monkeypatch):
    monkeypatch.setitem(os.environ, "PYTHONOPTIMIZE", "1")
    path = root / "snippets" / "notes.py"
    path.write_text("# --8<-- [start:a]\nassert 1 == 2\n# --8<-- [end:a]\n")
    section = read_module(path, root).sections["a"]
    with Runner(root, []) as runner:
        (result,) = runner.run([section])
    assert "AssertionError" in str(result.failure)


@pytest.mark.parametrize(
    ("load", "cores", "limit"),
    [(0.0, 2, 20), (2.0, 2, 20), (5.0, 2, 50), (5.0, 8, 20), (90.0, 2, 120), (3.0, None, 60)],
)
def test_a_section_gets_more_time_where_more_want_the_cores(monkeypatch, load, cores, limit):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert patience(20.0) == limit


def test_where_no_load_is_known_the_limit_holds(monkeypatch):
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert patience(20.0) == 20
