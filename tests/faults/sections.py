"""Sections that must fail, each alone, with its line and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

HERE = "# here"


@dataclass(frozen=True)
class BadSection:
    """A section that may not be published."""

    name: str
    says: str
    """Text of the message."""
    code: str
    """The message names the line that ends in ``# here``, or else the last one."""
    second: bool = False
    """Whether it stands behind a sound section on its page, not before it."""

    @property
    def lines(self) -> list[str]:
        return dedent(self.code).strip("\n").split("\n")

    @property
    def topic(self) -> str:
        """Stem of its page and of its module."""
        return self.name.replace("-", "_")

    @property
    def line(self) -> int:
        """The line of the section, from 1, that the message names."""
        marked = [n for n, line in enumerate(self.lines, 1) if line.endswith(HERE)]
        return marked[0] if marked else len(self.lines)


def bad(name: str, says: str, code: str, **options: bool) -> BadSection:
    return BadSection(name, says, code, **options)


ENDS_THE_INTERPRETER = [
    bad(
        "leaves-at-once",
        "'leaves-at-once' ended the interpreter with status 0",
        """
        import os

        os._exit(0)  # here
        print("never")
        """,
    ),
    bad(
        "leaves-from-the-second-section",
        "ended the interpreter with status 0",
        """
        import os

        print("first")
        # > first
        os._exit(0)
        """,
        second=True,
    ),
    bad("leaves-with-a-status", "ended the interpreter with status 3", "import os\nos._exit(3)"),
    bad("exits-with-success", "SystemExit: 0", "import sys\nsys.exit(0)"),
    bad("exits-in-a-function", "SystemExit: 0", "def f():\n    raise SystemExit(0)  # here\nf()"),
    bad("quits", "SystemExit", "quit()"),
    bad("interrupts", "KeyboardInterrupt", "raise KeyboardInterrupt"),
    bad("reads-a-null-pointer", "was killed by SIGSEGV", "import ctypes\nctypes.string_at(0)"),
    bad("aborts", "was killed by SIGABRT", "import os\nos.abort()"),
    bad(
        "kills-itself",
        "was killed by SIGKILL",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    ),
    bad("overflows-the-stack", "RecursionError", "def f():\n    return f()  # here\nf()"),
    bad(
        "closes-every-descriptor",
        "'closes-every-descriptor' ",
        "import os\nos.closerange(0, 256)",
    ),
    bad(
        "replaces-the-program",
        "'replaces-the-program' ",
        'import os\nos.execvp("true", ["true"])',
    ),
]

DOES_NOT_COUNT = [
    bad("skips", "Skipped: later", 'import pytest\npytest.skip("later")'),
    bad(
        "skips-the-module", "Skipped", 'import pytest\npytest.skip("no", allow_module_level=True)'
    ),
    bad("skips-as-unittest", "SkipTest", 'import unittest\nraise unittest.SkipTest("later")'),
    bad("expects-to-fail", "XFailed: known", 'import pytest\npytest.xfail("known")'),
    bad("ends-the-tests", "Exit: done", 'import pytest\npytest.exit("done", returncode=0)'),
    bad(
        "passes-at-the-second-try",
        "TypeError: once",
        """
        import pathlib

        tried = pathlib.Path("tried")
        if not tried.exists():
            tried.touch()
            raise TypeError("once")  # here
        """,
    ),
    bad("asserts-what-is-false", "AssertionError", "x = 1\nassert x == 2"),
    bad(
        "warns-of-a-deprecation",
        "DeprecationWarning: going away",
        'import warnings\nwarnings.warn("going away", DeprecationWarning)',
    ),
    bad(
        "warns-of-the-future",
        "FutureWarning: will change",
        'import warnings\nwarnings.warn("will change", FutureWarning)',
    ),
    bad("forgets-a-file", "ResourceWarning", 'open("/dev/null")  # here\nprint("done")\n# > done'),
    bad(
        "fails-in-a-thread",
        "ZeroDivisionError",
        """
        import threading  # here

        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        """,
    ),
    bad(
        "fails-in-a-child-process",
        "ZeroDivisionError",
        """
        import multiprocessing  # here

        process = multiprocessing.get_context("fork").Process(target=lambda: 1 / 0)
        process.start()
        process.join()
        """,
    ),
    bad(
        "fails-in-a-destructor",
        "ZeroDivisionError",
        """
        class Resource:  # here
            def __del__(self):
                1 / 0


        resource = Resource()
        del resource
        """,
    ),
    bad(
        "logs-a-warning",
        "writes to standard error",
        'import logging  # here\nlogging.warning("look out")',
    ),
    bad(
        "echoes-to-standard-error",
        "writes to standard error",
        'import os  # here\n_ = os.system("echo oh >&2")',
    ),
    bad(
        "writes-to-standard-error-from-c",
        "writes to standard error",
        'import os  # here\n_ = os.write(2, b"oh")',
    ),
]

PRINTS_SOMETHING_ELSE = [
    bad("prints-another-text", "+ 1", "print(1)  # here\n# > 2"),
    bad("prints-another-digit", "+ 0.667", "print(0.667)  # here\n# > 0.66"),
    bad("prints-more", "+ b", 'for letter in "ab":\n    print(letter)  # here\n# > a'),
    bad("prints-less", "- b", 'print("a")  # here\n# > a\n# > b'),
    bad("prints-nothing", "- a", 'x = "a"  # here\n# > a'),
    bad("prints-what-is-not-shown", "+ a", 'print("a")'),
    bad("prints-another-case", "+ Float", 'print("Float")  # here\n# > float'),
    bad("prints-other-blanks", "+ a  b", 'print("a  b")  # here\n# > a b'),
    bad("prints-in-another-order", "+ b", 'print("b\\na")  # here\n# > a\n# > b'),
    bad("prints-not-a-number", "+ nan", 'print(float("nan"))  # here\n# > 0.5'),
    bad(
        "shows-output-below-nothing",
        "output line below no statement",
        'print("a")\n# > a\n\n# > a',
    ),
    bad(
        "prints-from-a-child",
        "+ from the shell",
        'import os\n\n_ = os.system("echo from the shell")',
    ),
    bad("prints-from-c", "+ from C", 'import ctypes\n_ = ctypes.CDLL(None).puts(b"from C")'),
]

AT_THE_END = [
    bad("prints-at-exit", "+ late", 'import atexit\n\n_ = atexit.register(print, "late")'),
    bad(
        "fails-at-exit",
        "ZeroDivisionError",
        "import atexit  # here\n\n_ = atexit.register(lambda: 1 / 0)",
    ),
    bad(
        "prints-from-a-last-destructor",
        "+ gone",
        """
        class Resource:
            def __del__(self):
                print("gone")


        resource = Resource()
        """,
    ),
    bad(
        "prints-from-a-cycle",
        "+ gone",
        """
        class Resource:
            def __del__(self):
                print("gone")


        resource = Resource()
        resource.own = resource
        del resource
        """,
    ),
    bad(
        "fails-behind-a-forked-copy",
        "ZeroDivisionError",
        """
        import os, time

        if os.fork():
            time.sleep(0.5)
            1 / 0  # here
        """,
    ),
]

IS_WRONG = [
    bad("does-not-parse", "SyntaxError", "x = 1\ny = (1, 2"),
    bad("returns-at-the-top", "SyntaxError", "x = 1\nreturn x"),
    bad("awaits-at-the-top", "SyntaxError", "import asyncio\nawait asyncio.sleep(0)"),
    bad("uses-a-magic", "SyntaxError", "x = 1\n%timeit x"),
    bad("uses-an-earlier-section", "NameError: name 'word'", "print(word)"),
    bad("imports-what-is-missing", "ModuleNotFoundError", "import no_such_library"),
    bad(
        "raises-several",
        "ExceptionGroup: both (2 sub-exceptions)",
        'raise ExceptionGroup("both", [ValueError(1), KeyError(2)])',
    ),
    bad("asks-for-input", "EOFError", "input()"),
    bad("asks-for-a-password", "GetPassWarning", 'import getpass\ngetpass.getpass("")'),
    bad("breaks-into-the-debugger", "BdbQuit", "breakpoint()"),
    bad("forgets-an-import", "NameError: name 'torch'", "torch.ones(2)"),
]

TAKES_TOO_MUCH = [
    bad(
        "leaves-a-thread",
        "a thread is still running at the end",
        """
        import threading, time

        threading.Thread(target=time.sleep, args=[60]).start()
        """,
    ),
    bad(
        "leaves-a-timer",
        "a thread is still running at the end",
        """
        import threading

        threading.Timer(60, print).start()
        """,
    ),
    bad("loops", "'loops' did not end within", "x = 1\nwhile True:  # here\n    x += 1"),
    bad(
        "ignores-signals",
        "did not end within",
        """
        import signal, time

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(60)
        """,
    ),
    bad(
        "swallows-every-exception",
        "did not end within",
        """
        while True:  # here
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
    ),
    bad(
        "locks-itself-out",
        "did not end within",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
    ),
    bad("stops-itself", "did not end within", "import os\nos.kill(os.getpid(), 19)"),
    bad(
        "fills-a-file", "OSError: [Errno 27] File too large", 'open("a", "wb").write(bytes(2**27))'
    ),
]

NETWORK = [
    bad("opens-a-socket", "network", 'import socket\nsocket.socket().connect(("192.0.2.1", 80))'),
    bad(
        "connects-to-a-host",
        "network",
        'import socket\nsocket.create_connection(("192.0.2.1", 80), timeout=1)',
    ),
    bad(
        "connects-without-an-exception",
        "network",
        """
        import socket

        _ = socket.socket().connect_ex(("192.0.2.1", 80))
        """,
    ),
    bad(
        "sends-a-datagram",
        "network",
        """
        import socket

        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # here
        link.sendto(b"a", ("192.0.2.1", 53))
        """,
    ),
    bad("resolves-a-name", "network", 'import socket\nsocket.getaddrinfo("example.org", 80)'),
    bad(
        "resolves-a-name-the-old-way",
        "network",
        """
        import socket

        socket.gethostbyname("example.org")
        """,
    ),
    bad(
        "downloads",
        "network",
        """
        import urllib.request

        urllib.request.urlopen("http://192.0.2.1/", timeout=1)
        """,
    ),
    bad(
        "swallows-a-failed-connection",
        "network",
        """
        import socket

        try:
            socket.create_connection(("192.0.2.1", 80), timeout=1)  # here
        except OSError:
            print("offline")
        # > offline
        """,
    ),
    bad(
        "swallows-a-failed-download",
        "network",
        """
        import urllib.request

        try:
            urllib.request.urlopen("http://example.org/", timeout=1)  # here
        except Exception:
            pass
        """,
    ),
    bad(
        "connects-in-a-child",
        "network",
        """
        import subprocess, sys

        code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
        _ = subprocess.run([sys.executable, "-c", code], capture_output=True)
        """,
    ),
]

MEMORY_AND_OUTPUT = [
    bad(
        "fills-a-list",
        "memory",
        "kept = []\nwhile True:\n    kept.append(bytes(2**30))  # here",
    ),
    bad(
        "fills-tensors",
        "memory",
        """
        import torch

        kept = []
        while True:
            kept.append(torch.empty(2**28))  # here
        """,
    ),
    bad(
        "fills-memory-and-swallows",
        "did not end within",
        """
        kept = []
        while True:  # here
            try:
                kept.append(bytes(2**30))
            except MemoryError:
                pass
        """,
    ),
    bad("prints-without-end", "prints more than", 'while True:  # here\n    print("x" * 1000)'),
    bad(
        "prints-one-endless-line",
        "prints more than",
        """
        while True:  # here
            print("x" * 1000, end="")
        """,
    ),
    bad(
        "prints-without-end-from-a-child",
        "prints more than",
        """
        import subprocess

        subprocess.run(["yes"])
        """,
    ),
    bad(
        "complains-without-end",
        "prints more than",
        """
        import sys

        while True:  # here
            print("x" * 1000, file=sys.stderr)
        """,
    ),
]

LEFT_BEHIND = [
    bad(
        "leaves-a-child",
        "leaves a process running",
        """
        import subprocess

        process = subprocess.Popen(["sleep", "60"])
        """,
    ),
    bad(
        "leaves-a-child-of-the-shell",
        "leaves a process running",
        """
        import os

        _ = os.system("sleep 60 &")
        """,
    ),
    bad(
        "leaves-a-child-in-a-session",
        "leaves a process running",
        """
        import subprocess

        process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        """,
    ),
    bad(
        "leaves-a-daemon",
        "leaves a process running",
        """
        import os, time

        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
        os.wait()
        """,
    ),
    bad(
        "leaves-a-forked-copy",
        "leaves a process running",
        """
        import os, time

        if os.fork() == 0:  # here
            time.sleep(60)
        """,
    ),
    bad(
        "waits-for-a-worker-for-ever",
        "did not end within",
        """
        import multiprocessing

        process = multiprocessing.get_context("fork").Process(target=input)
        process.run = lambda: __import__("time").sleep(60)
        process.start()
        """,
    ),
]

OUTSIDE = [
    bad(
        "writes-into-the-checkout",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parent / "left").write_text("a")
        """,
    ),
    bad(
        "writes-a-page",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parents[1] / "docs/en/left").write_text("a")
        """,
    ),
    bad(
        "writes-a-record",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parents[1] / ".cache/records/left").write_text("a")
        """,
    ),
    bad("edits-itself", "outside its folder", 'open(__file__, "a").write("# left")'),
    bad(
        "writes-into-the-temporary-folder",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parents[1].with_name("left")).write_text("a")
        """,
    ),
    bad(
        "makes-a-folder",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parent / "left").mkdir()
        """,
    ),
    bad(
        "renames-a-page",
        "outside its folder",
        """
        from pathlib import Path

        page = Path(__file__).parents[1] / "docs/en/notes.md"
        page.rename(page.with_name("left"))
        """,
    ),
    bad(
        "deletes-a-page",
        "outside its folder",
        """
        from pathlib import Path

        (Path(__file__).parents[1] / "docs/zh/notes.md").unlink()
        """,
    ),
    bad(
        "moves-a-file-out",
        "outside its folder",
        """
        import shutil
        from pathlib import Path

        Path("left").touch()
        shutil.move("left", Path(__file__).parent)
        """,
    ),
    bad(
        "links-into-the-checkout",
        "outside its folder",
        """
        import os
        from pathlib import Path

        os.symlink("/", Path(__file__).parent / "left")
        """,
    ),
    bad(
        "writes-through-the-shell",
        "Permission denied",
        """
        import os  # here
        import subprocess

        target = os.path.dirname(__file__) + "/left"
        _ = subprocess.run(["sh", "-c", f"echo x > {target}"])
        """,
    ),
    bad(
        "writes-and-swallows",
        "outside its folder",
        """
        from pathlib import Path

        try:
            (Path(__file__).parent / "left").write_text("a")  # here
        except Exception:
            pass
        """,
    ),
]

SECTIONS = [
    *ENDS_THE_INTERPRETER,
    *DOES_NOT_COUNT,
    *PRINTS_SOMETHING_ELSE,
    *AT_THE_END,
    *IS_WRONG,
    *TAKES_TOO_MUCH,
    *NETWORK,
    *MEMORY_AND_OUTPUT,
    *LEFT_BEHIND,
    *OUTSIDE,
]
