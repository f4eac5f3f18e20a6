"""``.ci/browser`` installs missing packages only."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

INSTALL = "apt-get install --yes --no-install-recommends"
FONTS = "fontconfig fonts-noto-cjk"
SUDO = "sudo --non-interactive"
ADVICE = "The browser tests cannot run; with root's rights: apt-get install chromium"


def call(folder: Path, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script where only these programs exist, each a line of bash."""
    for name, code in programs.items():
        path = folder / name
        path.write_text(f"#!{shutil.which('bash')}\n{code}\n")
        path.chmod(0o755)
    return subprocess.run(
        [shutil.which("bash"), ROOT / ".ci/browser"],
        env={**os.environ, "PATH": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


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
            [f"{SUDO} apt-get update", f"{SUDO} {INSTALL} {FONTS}"],
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
    result = call(tmp_path, programs)
    assert (result.returncode, result.stderr) == (0, "")
    log = tmp_path / "log"
    assert (log.read_text().splitlines() if log.exists() else []) == ran


@pytest.mark.parametrize(
    "programs",
    [
        pytest.param({"id": "echo 0"}, id="no apt-get"),
        pytest.param({"id": "echo 1000", "apt-get": ""}, id="no sudo"),
        pytest.param({"id": "echo 1000", "apt-get": "", "sudo": "exit 1"}, id="a password"),
        pytest.param({"id": "echo 0", "apt-get": "exit 100"}, id="no network"),
    ],
)
def test_where_nothing_can_be_installed_one_line_says_what_is_needed(
    tmp_path: Path, programs: dict[str, str]
):
    result = call(tmp_path, {"fc-list": "echo Noto", **programs})
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == f"{ADVICE}\n"
