"""What ``.ci/browser`` installs, and when it leaves a machine alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

INSTALL = "apt-get install --yes --no-install-recommends"
FONTS = "fontconfig fonts-noto-cjk"


@pytest.mark.parametrize(
    ("found", "fonts", "user", "ran"),
    [
        pytest.param("chromium", "Noto", "1000", [], id="all there"),
        pytest.param("google-chrome", "Noto", "0", [], id="Chrome does as well"),
        pytest.param("", "Noto", "0", ["apt-get update", f"{INSTALL} chromium"], id="no browser"),
        pytest.param(
            "chromium",
            "",
            "1000",
            ["sudo apt-get update", f"sudo {INSTALL} {FONTS}"],
            id="no font, no root",
        ),
    ],
)
def test_only_what_is_missing_is_installed(
    tmp_path: Path, found: str, fonts: str, user: str, ran: list[str]
):
    recorder = f'echo "${{0##*/}} $*" >> {tmp_path}/log'
    programs = {"fc-list": f"echo {fonts}", "id": f"echo {user}"}
    programs |= {name: recorder for name in ("apt-get", "sudo", found) if name}
    for name, code in programs.items():
        path = tmp_path / name
        path.write_text(f"#!{shutil.which('bash')}\n{code}\n")
        path.chmod(0o755)
    command = [shutil.which("bash"), ROOT / ".ci/browser"]
    subprocess.run(command, env={**os.environ, "PATH": str(tmp_path)}, check=True)
    log = tmp_path / "log"
    assert (log.read_text().splitlines() if log.exists() else []) == ran
