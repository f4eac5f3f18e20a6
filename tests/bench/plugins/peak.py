"""A pytest plugin that says how much memory pytest's own process took at most.

``ru_maxrss`` would not do: for a child that was waited for, it is the largest
of all its descendants, and it survives an ``exec``.
"""

import os
import re
from pathlib import Path


def pytest_unconfigure() -> None:
    status = Path("/proc/self/status").read_text("utf-8")
    kilobytes = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    Path(os.environ["BENCH_PEAK"]).write_text(str(kilobytes * 1024), "utf-8")
