"""On which versions a section passed: written, gathered, and said below its block."""

import json
import platform
import re
import shutil
import stat
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from collector.captions import Captions
from collector.digests import TextDigests
from collector.html import read_tree
from collector.receipts import read_receipts
from collector.sections import read_library
from collector.versions import Environment, Passes, Versions, describe, read_passes, read_versions
from conftest import ROOT, Project

MINOR = ".".join(platform.python_version_tuple()[:2])
HERE = f"python-{MINOR}-torch-{metadata.version('torch')}"
ELSEWHERE = Environment("3.99.1", "1.0.0", "0.1.0", "2.0.0", "Linux x86_64", "CPU")
"""No machine that these tests run on."""


def environment(torch: str, python: str, device: str = "CPU") -> Environment:
    return Environment(python, torch, "0.1.0", "2.0.0", "Linux x86_64", device)


def passes(project: Project, *identities: str, where: Environment = ELSEWHERE) -> Passes:
    """Passes of sections as they stand now."""
    sections = {s.identity: s for s in read_library(project.root).runnable()}
    texts = TextDigests(project.root)
    digests = {name: texts.of(sections[name]) for name in identities}
    return Passes(where, "2026-11-01", digests)


def store(project: Project, found: Passes, name: str = "elsewhere") -> None:
    stored = {**vars(found), "environment": vars(found.environment)}
    project.write(f".cache/passes/{name}.json", json.dumps(stored))


def written(project: Project) -> dict[str, dict]:
    """Read the files of the folder ``passes``, by name."""
    files = sorted((project.root / "passes").iterdir())
    return {path.name: json.loads(path.read_text("utf-8")) for path in files}


def lines(page: str) -> list[str]:
    return re.findall(r'<p class="evidence versions"[^>]*>(.*?)</p>', page)


def versions(line: str) -> str:
    return line.split(" · ")[0]


def test_a_run_writes_what_passed_and_where(project):
    project.snippet(
        "notes",
        passes="x = 1\n# --8<-- [start:passes-part]\nprint(x)\n# > 1\n# --8<-- [end:passes-part]",
        fails="print(1)\n# > 2",
        absent="print(3)",
    )
    project.edit("snippets/notes.py", "[start:absent]", "[start:absent] needs: cuda:8")
    project.page("notes", "passes", "passes-part", "fails", "absent")
    result = project.pytest("docs", "--write-passes", "passes")
    assert result.returncode == 1
    assert "1 passes written" in result.stdout
    ((name, stored),) = written(project).items()
    assert name.startswith(f"{HERE}-{platform.system().lower()}-")
    assert stored["sections"] == passes(project, "notes.py:passes").sections
    assert stored["environment"]["torch"] == metadata.version("torch")
    assert stored["environment"]["python"] == platform.python_version()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", stored["date"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--write-passes", "mkdocs.yml"], "--write-passes mkdocs.yml: File exists"),
        (["--write-passes", "passes", "--update"], "--update certifies nothing"),
    ],
)
def test_a_bad_value_is_one_usage_error(project, arguments, reason):
    result = project.pytest("docs", *arguments)
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.count("rror: ") + result.stderr.count("ERROR: --") == 1
    assert reason in result.stderr
    assert "Traceback" not in result.stderr


def test_looking_at_the_tests_writes_no_passes(project):
    assert project.pytest("docs", "--collect-only", "--write-passes", "passes").returncode == 0
    assert not (project.root / "passes").exists()


SOUND = {
    "environment": vars(ELSEWHERE),
    "date": "2026-11-01",
    "sections": {"notes.py:passes": "0" * 64},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({**SOUND, "date": "yesterday"}),
        json.dumps({**SOUND, "more": 1}),
        json.dumps({**SOUND, "sections": ["notes.py:passes"]}),
        json.dumps({**SOUND, "sections": {"notes.py:passes": "passed"}}),
        json.dumps({**SOUND, "environment": {"torch": "2.11.0"}}),
        json.dumps({**SOUND, "environment": {**vars(ELSEWHERE), "torch": "new"}}),
        json.dumps({**SOUND, "environment": {**vars(ELSEWHERE), "device": None}}),
    ],
)
def test_a_file_that_holds_no_passes_is_one_fault(tmp_path, text):
    folder = tmp_path / ".cache/passes"
    folder.mkdir(parents=True)
    (folder / "broken.json").write_text(text)
    (folder / "sound.json").write_text(json.dumps(SOUND))
    found, (fault,) = read_passes(tmp_path)
    assert found == [Passes(ELSEWHERE, SOUND["date"], SOUND["sections"])]
    assert str(fault) == (
        ".cache/passes/broken.json: holds no passes; "
        "delete it, or write it again with pytest --write-passes"
    )


def test_a_file_that_holds_no_passes_stops_the_build(project):
    project.write(".cache/passes/broken.json", "{}")
    result = project.build()
    assert result.returncode == 1
    assert ".cache/passes/broken.json: holds no passes; delete it" in result.stderr
    assert not (project.root / "site").exists()


@pytest.mark.parametrize(
    ("environments", "english", "chinese"),
    [
        (
            [environment("2.15.0", "3.11.7")],
            "Passed on torch 2.15.0, Python 3.11, CPU",
            "已在 torch 2.15.0，Python 3.11，CPU 上通过",
        ),
        (
            [environment(t, p) for t in ("2.15.0", "2.9.1") for p in ("3.11.7", "3.12.1")],
            "Passed on torch 2.9.1 and 2.15.0, Python 3.11 and 3.12, CPU",
            "已在 torch 2.9.1、2.15.0，Python 3.11、3.12，CPU 上通过",
        ),
        (
            [environment("2.15.0", p) for p in ("3.13.0", "3.11.7", "3.11.9", "3.12.1")],
            "Passed on torch 2.15.0, Python 3.11 to 3.13, CPU",
            "已在 torch 2.15.0，Python 3.11–3.13，CPU 上通过",
        ),
        (
            [environment("2.15.0", p) for p in ("3.9.1", "3.11.7", "3.10.1", "3.13.0")],
            "Passed on torch 2.15.0, Python 3.9, 3.10, 3.11 and 3.13, CPU",
            "已在 torch 2.15.0，Python 3.9、3.10、3.11、3.13，CPU 上通过",
        ),
        (
            [
                environment("2.15.0", "3.11.7", "NVIDIA H200"),
                environment("2.15.0", "3.11.7"),
                environment("2.15.0", "3.12.1"),
                environment("2.11.0", "3.11.7"),
            ],
            "Passed on torch 2.11.0, Python 3.11, CPU; torch 2.15.0, Python 3.11 and 3.12, CPU; "
            "torch 2.15.0, Python 3.11, NVIDIA H200",
            "已在 torch 2.11.0，Python 3.11，CPU；torch 2.15.0，Python 3.11、3.12，CPU；"
            "torch 2.15.0，Python 3.11，NVIDIA H200 上通过",
        ),
    ],
    ids=["one", "each with each", "a range", "a gap", "not each with each"],
)
def test_versions_are_named_only_as_they_were_seen_together(environments, english, chinese):
    assert describe(frozenset(environments), "en") == english
    assert describe(frozenset(environments), "zh") == chinese


def test_the_page_says_below_each_block_on_which_versions_it_passed(project):
    project.snippet(
        "notes",
        passes="x = 1\n# --8<-- [start:passes-part]\nprint(x)\n# > 1\n# --8<-- [end:passes-part]",
        edited="print(2)\n# > 2",
        absent="print(3)",
    )
    project.edit("snippets/notes.py", "[start:absent]", "[start:absent] needs: cuda:8")
    project.page("notes", "passes", "passes-part", "edited", "absent")
    for name in ("elsewhere", "the same once more"):
        store(project, passes(project, "notes.py:passes", "notes.py:edited"), name)
    project.edit("snippets/notes.py", "print(2)", "print(2)  # the same?")
    result = project.build()
    assert result.returncode == 0, result.stderr
    there = "torch 1.0.0, Python 3.99, CPU; "
    page, chinese = (project.read(f"site/{root}notes/index.html") for root in ("", "zh/"))
    both, excerpt, whole, alone = lines(page)
    assert versions(excerpt) == versions(whole) == versions(both)
    assert [line.split(":")[-1] for line in (both, excerpt, whole)] == ["4", "6", "4"]
    assert both.startswith(f"Passed on {there}torch {metadata.version('torch')}, Python {MINOR}, ")
    assert versions(alone) == versions(both).replace(there, "")
    assert lines(chinese)[0].startswith("已在 torch 1.0.0，Python 3.99，CPU；torch ")
    assert versions(lines(chinese)[3]).endswith(" 上通过")
    for text in (page, chinese):
        assert text.count('</pre><p class="evidence versions"') == 4
        assert text.count('<p class="evidence not-run">') == 1
        assert text.count("<details><summary>") == 1  # of the excerpt


def test_a_block_that_did_not_run_counts_as_passed_nowhere(project):
    store(project, passes(project, "notes.py:passes", "notes.py:also"))
    project.edit("snippets/notes.py", "[start:also]", "[start:also] needs: cuda:8")
    versions = read_versions(project.root, read_library(project.root), ())
    assert list(versions.environments) == ["notes.py:passes"]


def test_a_block_that_failed_claims_no_pass_from_elsewhere(project):
    library = read_library(project.root)
    store(project, passes(project, "notes.py:passes", "notes.py:also"))
    versions = read_versions(project.root, library, {"notes.py:passes"})
    captions = Captions(library, read_receipts(project.root), versions)
    html = "".join(f"<pre><code>{section.text}</code></pre>" for section in library.sections())
    annotated = with_captions(captions, html)
    (line,) = lines(annotated)
    assert line.startswith("Passed on torch 1.0.0")
    assert annotated.index("fine") < annotated.index("too") < annotated.index("Passed")


@pytest.mark.parametrize("html", ["<code>{}</code><pre>$ ls</pre>", "<pre>{}</pre>"])
def test_only_a_block_as_markdown_writes_it_gets_a_line(project, html):
    library = read_library(project.root)
    proof = next(library.runnable())
    versions = Versions({proof.identity: frozenset({ELSEWHERE})})
    captions = Captions(library, read_receipts(project.root), versions)
    assert with_captions(captions, html.format(proof.text)) == html.format(
        proof.text.replace(">", "&gt;")
    )
    sound = with_captions(captions, f"<pre><code>{proof.text}</code></pre>")
    assert lines(sound) == ["Passed on torch 1.0.0, Python 3.99, CPU · snippets/notes.py:4"]


def with_captions(captions: Captions, html: str) -> str:
    tree = read_tree(html)
    captions.annotate(tree, "en")
    return tree.html


STUB = """\
#!/bin/sh
case "$1 $2" in "-m venv")
    for last; do :; done
    mkdir -p "$last/bin"
    for tool in pip pytest; do cp "$0" "$last/bin/$tool"; done
esac
echo "$(basename "$0") $*" >> "$LOG"
"""


def run_versions(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``.ci/versions`` in a copy of its inputs, with stubs for its tools."""
    for name in (".ci/versions", "requirements.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    python = folder / "stubs" / "python3"
    python.parent.mkdir()
    python.write_text(STUB)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    paths = {"PATH": f"{python.parent}:/usr/bin:/bin", "LOG": str(folder / "log")}
    command = [str(folder / ".ci/versions")]
    return subprocess.run(command, env={**paths, **variables}, capture_output=True, text=True)


def test_the_command_for_another_pair_replaces_two_pins_and_no_more(tmp_path):
    result = run_versions(tmp_path, TORCH="2.11.0", TORCHVISION="0.26.0")
    assert result.returncode == 0, result.stderr
    _, pip, pytest_call = (tmp_path / "log").read_text().splitlines()
    installed = tmp_path / pip.removeprefix("pip install -r ")
    before, after = (
        path.read_text().splitlines() for path in (ROOT / "requirements.txt", installed)
    )
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["torch==2.11.0", "torchvision==0.26.0"]
    assert pytest_call == "pytest docs --write-passes passes"


@pytest.mark.parametrize("missing", ["TORCH", "TORCHVISION"])
def test_the_command_for_another_pair_names_what_is_missing(tmp_path, missing):
    variables = {"TORCH": "2.11.0", "TORCHVISION": "0.26.0"}
    del variables[missing]
    result = run_versions(tmp_path, **variables)
    assert result.returncode != 0
    assert f"{missing}: is not set; write {missing}=" in result.stderr
    assert not (tmp_path / "log").exists()
