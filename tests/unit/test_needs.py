"""Sections that need a GPU: checked without one, believed only with a receipt."""

import json

import pytest
from collector.captions import Captions
from collector.engine.runner import Run
from collector.engine.static_checks import unresolved
from collector.faults import FaultError
from collector.html import read_tree
from collector.needs import Devices, Need
from collector.receipts import Receipt, differences
from collector.sections import Library, parse, read_library, read_module
from conftest import ROOT, Project

NO_DRIVER = Devices(0, "", "", "", "this machine has no NVIDIA driver")
ONE_CARD = Devices(1, "Made-up GPU", "13.0", "570.1", "")


@pytest.mark.parametrize(
    ("need", "found", "lack"),
    [
        (None, NO_DRIVER, ""),
        (Need(1), ONE_CARD, ""),
        (Need(1), NO_DRIVER, "needs cuda, but this machine has no NVIDIA driver"),
        (Need(2), ONE_CARD, "needs cuda:2, but this machine has 1 CUDA device"),
    ],
)
def test_a_need_that_is_absent_is_named_with_its_reason(need, found, lack):
    assert found.why_unmet(need) == lack


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "# --8<-- [start:a] needs: gpu\nprint()\n# --8<-- [end:a]",
            1,
            "the need 'gpu' is unknown; there are cuda and cuda:2 to cuda:8",
        ),
        ("# --8<-- [start:a] needs: cuda:1\nprint()\n# --8<-- [end:a]", 1, "'cuda:1' is unknown"),
        ("# --8<-- [start:a] cuda\nprint()\n# --8<-- [end:a]", 1, "alone"),
        (
            "# --8<-- [start:a]\nprint()\n# --8<-- [end:a] needs: cuda",
            3,
            "behind the start marker",
        ),
        (
            "# --8<-- [start:a]\n# --8<-- [start:b] needs: cuda\nprint()\n"
            "# --8<-- [end:b]\n# --8<-- [end:a]",
            2,
            "an excerpt has no need of its own",
        ),
        (
            "# --8<-- [start:a] needs: cuda\n# --8<-- [start:b]\nprint()\n"
            "# --8<-- [end:b]\n# --8<-- [end:a]",
            2,
            "a section with a need is shown whole",
        ),
    ],
)
def test_a_need_that_is_not_clear_is_refused(tmp_path, text, line, message):
    path = tmp_path / "snippets" / "notes.py"
    path.parent.mkdir()
    path.write_text(text + "\n")
    with pytest.raises(FaultError) as error:
        read_module(path, tmp_path)
    assert error.value.fault.line == line
    assert message in error.value.fault.message


RIGHT = """\
import functools

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

device = torch.device("cuda")
model = nn.Linear(3, 2, bias=False).to(device)
start = torch.cuda.Event(enable_timing=True)
start.record()
with torch.autocast("cuda", dtype=torch.float16):
    y = checkpoint(model, torch.ones(1, 3, device=device), use_reentrant=False)
scaler = torch.amp.GradScaler("cuda", init_scale=2.0**8)
print(F.mse_loss(y, y, reduction="sum"), functools.partial(print, *[1]))
torch.cuda.synchronize()
try:
    torch.cuda.memory._set_allocator_settings("expandable_segments:True")
except torch.OutOfMemoryError as error:
    print(error)
for n in range(3):
    torch.cuda.manual_seed_all(n)
print([m for m in (1, 2)], (lambda k: k)(1), __name__)
"""


def test_right_names_and_calls_raise_no_alarm():
    assert unresolved(parse(RIGHT, 1, "x")) == []


def test_no_section_that_runs_raises_an_alarm():
    alarms = {
        section.identity: unresolved(parse(section.source, section.first, section.name))
        for section in read_library(ROOT).runnable()
    }
    assert len(alarms) > 100
    assert {name: found for name, found in alarms.items() if found} == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("torch.cuda.synchronize()", "torch.cuda.syncronize()", "torch.cuda has no attribute"),
        ("torch.float16", "torch.float17", "torch has no attribute 'float17'"),
        ("enable_timing=True", "timing=True", "unexpected keyword argument 'timing'"),
        ("bias=False", "biases=False", "unexpected keyword argument 'biases'"),
        ("nn.Linear(3, 2,", "nn.Linear(", "missing a required argument"),
        ("use_reentrant", "reentrant", ""),
        ("init_scale", "initial_scale", "unexpected keyword argument 'initial_scale'"),
        ('reduction="sum"', 'reduce_by="sum"', "unexpected keyword argument 'reduce_by'"),
        ("import checkpoint", "import checkpoints", "checkpoints"),
        ("from torch import nn", "from torch import nnn", "nnn"),
        ("torch.OutOfMemoryError", "torch.OutOfMemory", "has no attribute 'OutOfMemory'"),
        ("model = nn", "net = nn", "name 'model' is not defined"),
        ("manual_seed_all(n)", "manual_seed_all()", "missing a required argument: 'seed'"),
        ("start.record()", "start.recrod()", "no method is called 'recrod'; 'record' is"),
        ("device=device), use", "devise=device), use", "knows no keyword 'devise'"),
        ('torch.device("cuda")', "torch.devices", "torch has no attribute 'devices'"),
    ],
)
def test_misspelt_names_and_arguments_are_found_without_a_gpu(old, new, message):
    assert old in RIGHT
    nodes = parse(RIGHT.replace(old, new, 1), 1, "x")
    found = unresolved(nodes)
    if not message:  # checkpoint takes any keyword: what cannot be known is let through
        assert found == []
        return
    line = RIGHT[: RIGHT.index(old)].count("\n") + 1
    assert any(message in said for _, said in found), found
    assert min(at for at, _ in found) >= line


def receipt(**changes) -> Receipt:
    fields = dict(
        text="",
        printed={"1": ["took 1.5 ms", "shape (2, 3)"]},
        faults=[],
        device="Made-up GPU",
        torch="2.11.0",
        torchvision="0.26.0",
        cuda="13.0",
        driver="570.1",
        date="2026-11-21",
        seconds=1.0,
    )
    return Receipt(**{**fields, **changes})


@pytest.mark.parametrize(
    ("printed", "agrees"),
    [
        ("took 1.5 ms\nshape (2, 3)\n", True),
        ("took 97.25 ms\nshape (2, 3)\n", True),
        ("took 1.5 ms\nshape (2, 4)\n", False),
        ("took 2 steps\nshape (2, 3)\n", False),
        ("took 1.5 ms\n", False),
        ("", False),
    ],
)
def test_what_is_measured_may_differ_and_nothing_else(project, printed, agrees):
    project.write("snippets/more.py", '"""More."""\n')
    text = '# --8<-- [start:a] needs: cuda\nprint("x")\n# --8<-- [end:a]\n'
    path = project.write("snippets/more.py", text)
    section = read_module(path, project.root).sections["a"]
    run = Run({section.first: printed} if printed else {}, "", None, (), 0.1)
    assert (differences(section, run, receipt()) == []) is agrees


def add_need(project: Project) -> None:
    """Make the section ``also`` one that needs a GPU; it prints a fact and a time."""
    project.edit("snippets/notes.py", "[start:also]", "[start:also] needs: cuda")
    old = 'print("too")\n# > too'
    project.edit("snippets/notes.py", old, 'for n in range(2):\n    print("<fact>", n)')


def give_gpu(project: Project) -> dict[str, str]:
    """Let the project's commands find a made-up card; nothing real is claimed by it."""
    stub = project.write("bin/nvidia-smi", "#!/bin/sh\necho 570.1\n")
    stub.chmod(0o755)
    project.write(
        "torch.py",
        """\
        class cuda:
            is_available = staticmethod(lambda: True)
            device_count = staticmethod(lambda: 1)
            get_device_name = staticmethod(lambda index: "Made-up GPU")
        class version:
            cuda = "13.0"
        """,
    )
    return {"PATH": f"{stub.parent}:/usr/bin:/bin"}


@pytest.fixture
def receipted(project) -> Project:
    """A project whose section with a need has a receipt from a made-up card."""
    add_need(project)
    result = project.run("pytest", "-q", "--write-receipts", **give_gpu(project))
    assert result.returncode == 0, result.stdout
    assert "docs/receipts.json: 1 receipts written" in result.stdout
    (project.root / "torch.py").unlink()
    return project


def shown(project: Project, language: str = "") -> str:
    result = project.build()
    assert result.returncode == 0, result.stderr
    return project.read(f"site/{language}notes/index.html")


def test_an_absent_need_is_reported_and_the_page_says_so(project):
    add_need(project)
    result = project.pytest()
    assert result.returncode == 0
    assert "2 skipped" in result.stdout
    said = "notes.py:also was checked by its names only: needs cuda, but this machine has no"
    assert said in result.stdout
    assert "Not run on a GPU since it was written." in shown(project)
    assert "写成之后还没有在 GPU 上跑过。" in shown(project, "zh/")
    assert "# &gt; &lt;fact&gt;" not in shown(project)


def test_a_receipt_puts_card_and_output_on_the_page(receipted):
    page, chinese = shown(receipted), shown(receipted, "zh/")
    assert "Ran on Made-up GPU, torch " in page
    assert "在 Made-up GPU 上跑过：torch " in chinese
    for text in (page, chinese):
        assert (
            '<span class="c1"># &gt; &lt;fact&gt; 0</span>\n<span class="c1"># &gt; &lt;' in text
        )
    assert receipted.pytest().returncode == 0


def test_one_edited_character_makes_a_receipt_stale(receipted):
    receipted.edit("snippets/notes.py", "<fact>", "<fuct>")
    page = shown(receipted)
    assert "Not run on a GPU since it was edited." in page
    assert "Ran on" not in page
    assert "# &gt; &lt;" not in page


@pytest.mark.parametrize(
    ("old", "new"),
    [("<fact> 1", "<fact> 2"), ("Made-up GPU", "NVIDIA H200"), ('"faults": []', '"faults": [""]')],
)
def test_a_receipt_that_was_edited_by_hand_stops_the_build(receipted, old, new):
    receipted.edit("docs/receipts.json", old, new)
    result = receipted.build()
    assert result.returncode != 0
    assert "docs/receipts.json" in result.stderr
    assert "the receipt of notes.py:also was edited by hand" in result.stderr
    assert not (receipted.root / "site").exists()


def test_a_stale_receipt_cannot_be_made_to_match_by_hand(receipted):
    before = json.loads(receipted.read("docs/receipts.json"))["notes.py:also"]["text"]
    receipted.edit("snippets/notes.py", "<fact>", "<fuct>")
    receipted.edit("docs/receipts.json", before, "0" * 64)
    assert "edited by hand" in receipted.build().stderr


def test_a_section_that_failed_on_a_gpu_is_not_published(project):
    add_need(project)
    project.edit("snippets/notes.py", "range(2)", "range(2, len(3))")
    result = project.run("pytest", "-q", "--write-receipts", **give_gpu(project))
    assert result.returncode == 1
    (project.root / "torch.py").unlink()
    result = project.build()
    assert result.returncode != 0
    assert "'also' failed on Made-up GPU" in result.stderr
    assert "TypeError: object of type 'int' has no len()" in result.stderr


def test_a_receipt_without_its_section_stops_the_build(receipted):
    receipted.edit("snippets/notes.py", "[start:also] needs: cuda", "[start:also]")
    result = receipted.build()
    assert result.returncode != 0
    assert "notes.py:also is no section with a need" in result.stderr


def test_a_run_on_a_gpu_is_held_against_the_receipt(receipted):
    text = receipted.read("docs/receipts.json")
    entries = json.loads(text)["notes.py:also"]
    assert entries["device"] == "Made-up GPU"
    assert entries["printed"] == {"2": ["<fact> 0", "<fact> 1"]}
    result = receipted.run("pytest", "-q", **give_gpu(receipted))
    assert result.returncode == 0
    assert "skipped" not in result.stdout
    assert receipted.read("docs/receipts.json") == text


def test_a_bug_that_needs_a_gpu_to_run_is_found_without_one(project):
    add_need(project)
    project.edit("snippets/notes.py", "for n in range(2):", "for n in ranges(2):")
    result = project.pytest()
    assert result.returncode == 1
    line = project.read("snippets/notes.py").split("ranges")[0].count("\n") + 1
    assert f"snippets/notes.py:{line}: name 'ranges' is not defined" in result.stdout
    assert "docs/en/notes.md:" in result.stdout


def test_an_output_line_below_a_need_is_refused(project):
    add_need(project)
    project.edit("snippets/notes.py", '"<fact>", n)', '"<fact>", n)\n# > <fact> 0')
    result = project.pytest()
    assert result.returncode == 1
    assert "shows the output of its receipt; delete this line" in result.stdout


def test_an_evidence_line_leaves_other_blocks_alone():
    content = '<div class="language-python highlight"><pre><code>print()</code></pre></div>'
    tree = read_tree(content)
    Captions(Library({}, {}), None).annotate(tree, "en")
    assert tree.html == content
