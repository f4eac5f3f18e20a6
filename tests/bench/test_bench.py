"""The benchmarks compare like with like: every contender runs every section."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import pytest

from bench.contenders import CONTENDERS, OURS, run_floor
from bench.corpus import generate
from bench.measure import Command, Cost, least
from bench.report import Row, table
from bench.timed import Clock

SECTIONS, RAISES, LIES = 20, 7, 12
COMPARES_OUTPUT = ("ours", "pytest-examples, print check")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus in which one section raises and one prints something else than it shows."""
    folder = tmp_path_factory.mktemp("corpus")
    return generate(folder, SECTIONS, 2, broken={RAISES}, mistaken={LIES})


def test_every_contender_runs_every_section(corpus):
    by_form = {contender.form: contender for contender in CONTENDERS if contender.is_installed}
    with ThreadPoolExecutor(2) as pool:
        floor = pool.submit(run_floor, corpus.scripts, corpus.folder)
        runs = [(c, pool.submit(c.run, corpus)) for c in by_form.values()]
    for contender, run in runs:
        failed = 2 if contender.name in COMPARES_OUTPUT else 1
        counts = (run.result().passed, run.result().failed)
        assert counts == (SECTIONS - failed, failed), contender.name
    outcome, raised = floor.result()
    assert (outcome.passed, outcome.failed) == (SECTIONS - 1, 1)
    assert raised == {corpus.pages[0][RAISES].name: "ValueError: broken"}
    assert OURS in by_form.values()


def test_all_forms_hold_the_same_code(corpus):
    codes = [script.code for page in corpus.pages for script in page]
    assert len(set(codes)) == len(codes) == SECTIONS
    for form, pattern in (("ours", "snippets/*.py"), ("fences", "docs/*.md")):
        text = "\n".join(path.read_text("utf-8") for path in corpus.home(form).glob(pattern))
        lines = {line for line in text.splitlines() if not line.startswith("# >")}
        assert all(line in lines for code in codes for line in code.splitlines())


def test_a_cost_counts_children_and_not_what_sleeps(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.3: pass\n"
    code = f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', {busy!r}])\n"
    cost, _, status = Command(["-c", f"{code}time.sleep(0.5)"], tmp_path).run()
    assert status == 0
    assert 0.3 <= cost.cpu < cost.wall - 0.4


def test_a_command_is_not_slowed_by_this_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import json, os, sys; print(json.dumps([sys.dont_write_bytecode, dict(os.environ)]))"
    _, output, _ = Command(["-c", code], tmp_path, {"ADDED": "yes"}).run()
    dont_write, environment = json.loads(output)
    assert not dont_write
    assert environment["ADDED"] == "yes"
    assert environment["PATH"] == os.environ["PATH"]


def test_a_build_reports_what_it_spends_in_the_hook(tmp_path):
    """The hook's functions are timed; everything else of the module is left alone."""
    report = tmp_path / "report.json"
    clock = Clock(report)
    module = ModuleType("hook")
    code = "def helper(): return 7\ndef on_page(): return helper()\ndef on_post_build(): ...\n"
    clock.load(lambda module: exec(code, vars(module)), module)
    helper = module.helper
    assert [module.on_page(), module.on_page()] == [7, 7]
    assert not report.exists()
    module.on_post_build()
    said = json.loads(report.read_text("utf-8"))
    assert said["hooks"].keys() == {"on_page", "on_post_build"}
    assert said["hooks"]["on_page"][0] > 0
    assert said["torch"] == ("torch" in sys.modules)
    assert module.helper is helper


def test_the_table_divides_by_the_floor():
    floor = least([Cost(4.0, 2.5), Cost(2.0, 3.0)])
    rows = [Row("m", "ours", Cost(3.0, 5.0, 2**20), floor, "at most 2"), Row("m", "floor", floor)]
    *_, ours, base = table(rows).split("\n")
    assert ours == "| m | ours | 3.00 s | 5.00 s | 1.50 | 2.00 | 1 MiB | at most 2 |"
    assert base == "| m | floor | 2.00 s | 2.50 s |  |  |  |  |"
