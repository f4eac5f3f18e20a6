"""Scripts of ``.ci`` that run with recorders in the place of real programs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ci.scripts import RECORDER, Scripts
from conftest import ROOT


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    scripts = Scripts(tmp_path)
    scripts.program("recorder", RECORDER)
    return scripts
