"""``mkdocs serve`` renders edited pages only, and shows the edit."""

import filecmp
import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import Project, use_material

REBUILD = """
import json, logging, sys
from pathlib import Path
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.structure.pages import Page

logging.basicConfig()
target, *edits = sys.argv[1:]
rendered, render = [], Page.render

def noted(page, config, files):
    if page.markdown:
        rendered.append(f"{Path(config.docs_dir).name}/{page.file.src_uri}")
    render(page, config, files)

Page.render = noted
config = load_config("mkdocs.yml", site_dir=target)
config.plugins.on_startup(command="serve", dirty=False)
build(config, serve_url=config.site_url)
for edit in edits:
    rendered.clear()
    for name, text in json.loads(edit).items():
        Path(name).write_text(text, "utf-8")
    build(load_config("mkdocs.yml", site_dir=target), serve_url=config.site_url)
config.plugins.on_shutdown()
print("rendered:", *rendered)
"""
NOTES = {"en/notes.md", "zh/notes.md"}
TOOLBOX = {"en/toolbox.md", "zh/toolbox.md"}
EVERY = NOTES | TOOLBOX | {"en/index.md", "zh/index.md", "en/more.md", "zh/more.md"}
HELPER = "snippets.toolbox.convolution.conv_output_size"


@pytest.fixture(scope="module")
def prepared(verified: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two topics and the toolbox, with links between them and search."""
    project = Project(tmp_path_factory.mktemp("prepared"))
    shutil.copytree(verified, project.root, dirs_exist_ok=True)
    use_material(project)
    project.snippet("more", fine_more='print("more")\n# > more')
    project.page("more", "fine-more")
    project.edit("docs/en/more.md", "# Title", f"# More\n\n[it](notes.md#passes), [`x`][{HELPER}]")
    for language in ("en", "zh"):
        project.write(f"docs/{language}/toolbox.md", f"# Toolbox\n\n::: {HELPER}\n")
    project.edit("mkdocs.yml", "notes.md]", "notes.md, more.md, toolbox.md]")
    project.edit("mkdocs.yml", "plugins:\n", "plugins:\n  search: {}\n")
    project.write("rebuild.py", REBUILD)
    assert project.pytest("docs").returncode == 0
    return project.root


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Project:
    """The project for one test."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


def rebuild(site: Project, target: str, *edits: dict[str, str]) -> tuple[set[str], str]:
    """Build as serve does, and again after each edit; return the last rendered pages."""
    result = site.run("rebuild", target, *map(json.dumps, edits))
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rpartition("rendered:")[2].split()), result.stderr


def differing(first: Path, second: Path) -> list[str]:
    """Name the files that two folders do not have in common."""
    names = {p.relative_to(f) for f in (first, second) for p in f.rglob("*") if p.is_file()}
    matches, *others = filecmp.cmpfiles(first, second, map(str, names), shallow=False)
    assert matches
    return [name for group in others for name in group]


@pytest.mark.parametrize(
    ("name", "old", "new", "shown", "rendered"),
    [
        pytest.param(
            *("docs/en/notes.md", "# Title\n", "# New\n", ">New<", {"en/notes.md"}), id="a title"
        ),
        pytest.param(
            *("docs/zh/notes.md", "#passes", "#new", 'id="new"', {"zh/notes.md"}), id="an anchor"
        ),
        pytest.param(
            *("snippets/notes.py", "fine", "new", "&gt; new", NOTES), id="a section that passes"
        ),
        pytest.param(
            *("snippets/notes.py", "> fine", "> new", "something else", NOTES),
            id="a section that fails",
        ),
        pytest.param(
            *("snippets/notes.py", ":passes]", ":new]", "has no section", NOTES),
            id="a section that is gone",
        ),
        pytest.param(
            *("snippets/toolbox/convolution.py", "Compute how", "Say how", "Say how", TOOLBOX),
            id="the toolbox",
        ),
        pytest.param(*("mkdocs.yml", "Handbook", "Primer", "Primer", EVERY), id="configuration"),
        pytest.param(
            *("docs/_theme/partials/alternate.html", "<a", '<a new=""', '<a new=""', set()),
            id="the theme",
        ),
    ],
)
def test_an_edit_shows_and_only_what_it_changes_is_rendered(site, name, old, new, shown, rendered):
    before = site.read(name)
    assert old in before
    seen, _ = rebuild(site, "remembered", {}, {name: before.replace(old, new)})
    assert seen == rendered
    pages = [path.read_text("utf-8") for path in site.root.glob("remembered/**/index.html")]
    assert any(shown in re.sub("</?span[^>]*>", "", page) for page in pages)
    every, _ = rebuild(site, "fresh")
    assert every == EVERY
    assert differing(site.root / "remembered", site.root / "fresh") == []


def test_a_page_can_be_edited_back(site):
    name = "docs/en/notes.md"
    before = site.read(name)
    rebuild(site, "fresh")
    seen, _ = rebuild(site, "remembered", {name: "# Other\n"}, {name: before})
    assert seen == {"en/notes.md"}
    assert differing(site.root / "remembered", site.root / "fresh") == []


def test_references_into_pages_that_did_not_change_still_lead_there(site):
    more = site.read("docs/en/more.md")
    seen, said = rebuild(site, "remembered", {"docs/en/more.md": more.replace("# More", "# Less")})
    assert seen == {"en/more.md"}
    assert "WARNING" not in said
    assert f'href="../toolbox/#{HELPER}"' in site.read("remembered/more/index.html")


def test_what_mkdocs_says_of_a_page_it_says_at_each_save(site):
    site.edit("docs/en/index.md", "# Home", "# Home\n\n[lost](nowhere.md)")
    seen, said = rebuild(site, "remembered", {}, {})
    assert seen == {"en/index.md"}
    assert said.count("nowhere.md") == 3


def test_an_anchor_that_an_edit_removes_is_missed_by_pages_that_did_not_change(site):
    notes = site.read("docs/en/notes.md").replace("#passes", "#gone")
    seen, said = rebuild(site, "remembered", {"docs/en/notes.md": notes})
    assert seen == {"en/notes.md"}
    assert "does not contain an anchor '#passes'" in said
