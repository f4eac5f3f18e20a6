"""Needs: CUDA devices that a section requires, and those of this machine.

``# --8<-- [start:slug] needs: cuda`` or ``needs: cuda:2``, for two devices.
Nothing here imports torch into this process: a process that has started CUDA
can no longer fork sections.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass

PROBE = """
import json, torch
count = torch.cuda.device_count() if torch.cuda.is_available() else 0
name = torch.cuda.get_device_name(0) if count else ""
print(json.dumps({"count": count, "name": name, "cuda": torch.version.cuda or ""}))
"""


@dataclass(frozen=True)
class Need:
    """A number of CUDA devices."""

    count: int

    def __str__(self) -> str:
        return "cuda" if self.count == 1 else f"cuda:{self.count}"


@dataclass(frozen=True)
class Devices:
    """The CUDA devices that torch can use on a machine."""

    count: int
    name: str
    """Of the first one; empty if there is none."""
    cuda: str
    """Version that torch was built for."""
    driver: str
    why_none: str
    """Why there is none; empty if there is one."""

    def why_unmet(self, need: Need | None) -> str:
        """Say why a need is not met; nothing if it is, or if there is none."""
        if need is None or need.count <= self.count:
            return ""
        if self.count == 0:
            return f"needs {need}, but {self.why_none}"
        return f"needs {need}, but this machine has {self.count} CUDA device"


@functools.cache
def devices() -> Devices:
    """Find the CUDA devices of this machine, in a process of their own."""
    query = shutil.which("nvidia-smi")
    if query is None:
        return Devices(0, "", "", "", "this machine has no NVIDIA driver")
    fields = [query, "--query-gpu=driver_version", "--format=csv,noheader"]
    answer = subprocess.run(fields, capture_output=True, text=True)
    driver = answer.stdout.split("\n")[0].strip() if answer.returncode == 0 else ""
    probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    found = json.loads(probe.stdout) if probe.returncode == 0 else {"count": 0}
    if not found["count"]:
        return Devices(0, "", "", driver, "torch cannot use a GPU of this machine")
    return Devices(driver=driver, why_none="", **found)
