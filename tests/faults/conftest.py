"""Projects that fault cases share."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Project


@pytest.fixture(scope="module")
def new_project(verified: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Makes projects whose sections have passed, each for several cases of a module."""

    def new_project() -> Project:
        root = tmp_path_factory.mktemp("project")
        shutil.copytree(verified, root, dirs_exist_ok=True)
        return Project(root)

    return new_project
