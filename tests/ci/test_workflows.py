"""Workflows and scripts keep to the rules and the snapshot, and each way round them is noticed."""

import os
import re

import pytest
import yaml
from ci.policy import DOCS, ROOT, SNAPSHOT, broken_rules, changes, parse, read_files, snapshot

FILES = read_files()
MUTATIONS = yaml.safe_load((ROOT / "tests/ci/mutations.yml").read_text("utf-8"))


def test_workflows_and_scripts_keep_to_the_rules():
    assert broken_rules(FILES) == []
    assert all(os.access(ROOT / path, os.X_OK) for path in FILES if path.startswith(".ci/"))


def test_nothing_changed_since_the_snapshot():
    found = changes(SNAPSHOT.read_text("utf-8").splitlines(), snapshot(FILES))
    assert found == [], "if all of this is meant: python tests/ci/policy.py"


@pytest.mark.parametrize(
    ("file", "name", "old", "new", "says"),
    [(file, *mutation, "")[:5] for file, mutations in MUTATIONS.items() for mutation in mutations],
)
def test_a_loosened_workflow_is_refused(file, name, old, new, says):
    assert old in FILES[file]
    changed = {**FILES, file: FILES[file].replace(old, new)}
    if says:
        assert says in "\n".join(broken_rules(changed))
    else:
        assert changes(snapshot(FILES), snapshot(changed))


def test_a_second_file_cannot_publish():
    found = broken_rules({**FILES, ".github/workflows/second.yml": FILES[DOCS]})
    assert "second.yml: jobs.deploy.permissions is" in "\n".join(found)


def test_no_file_can_be_dropped():
    for dropped in FILES:
        rest = {path: text for path, text in FILES.items() if path != dropped}
        assert changes(snapshot(FILES), snapshot(rest)), dropped


def test_every_python_runs_the_oldest_and_the_published_torch():
    pins = dict(re.findall(r"(?m)^(torch\w*)==(\S+)", (ROOT / "requirements.txt").read_text()))
    assert parse(FILES[DOCS])["jobs"]["versions"]["strategy"]["matrix"] == {
        "python": ["3.11", "3.12", "3.13"],
        "torch": ["2.11.0", pins["torch"]],
        "include": [{"torch": "2.11.0", "torchvision": "0.26.0"}, pins],
    }
