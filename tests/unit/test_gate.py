"""mkdocs as authors and CI use it: pages that are published, and others that never are."""

import json
import re
import subprocess

import pytest
from collector.faults import Fault
from collector.gate import Judge
from collector.html import read_page
from collector.sections import Library
from conftest import Project, serving, use_material, wait_for

LITERAL_FENCES = {
    "top": "```python\nx = 'top'\n```",
    "admonition": "!!! note\n\n    ```python\n    x = 'admonition'\n    ```",
    "tab": "=== \"tab\"\n\n    ```python\n    x = 'tab'\n    ```",
    "list": "- item\n\n    ```python\n    x = 'list'\n    ```",
    "braces": "```{.python}\nx = 'braces'\n```",
    "raw": "<pre><code class=\"language-python\">x = 'raw'\n</code></pre>",
}


def assert_nothing_published(project: Project, result: subprocess.CompletedProcess) -> None:
    assert result.returncode == 1, result.stdout + result.stderr
    assert not (project.root / "site").exists()
    assert not (project.root / ".cache" / "site").exists()


def test_build_runs_what_is_new_and_nothing_twice(project):
    project.edit("snippets/notes.py", "fine", "new")
    first = project.build("--quiet")
    assert first.returncode == 0, first.stderr
    assert "Running sections" in first.stdout
    page = project.read("site/zh/notes/index.html")
    assert "# &gt; new" in re.sub(r"<[^>]*>", "", page)
    assert 'lang="zh"' in page
    second = project.build()
    assert second.returncode == 0
    assert "Running sections" not in second.stdout


def test_build_that_runs_nothing_imports_no_torch(project):
    assert project.pytest().returncode == 0
    project.write("tests/torch.py", "raise ImportError('torch was imported')\n")
    result = project.run("mkdocs", "build", PYTHONPATH="tests")
    assert result.returncode == 0, result.stderr
    project.edit("snippets/notes.py", 'print("fine")', 'import torch\n\nprint("fine")')
    result = project.run("mkdocs", "build", PYTHONPATH="tests")
    assert "torch was imported" in result.stderr
    assert_nothing_published(project, result)


def test_every_literal_fence_is_listed_and_nothing_is_published(project):
    assert project.build().returncode == 0
    page = project.root / "docs/en/notes.md"
    sound = page.read_text("utf-8")
    page.write_text(sound + "\n" + "\n\ntext\n\n".join(LITERAL_FENCES.values()) + "\n", "utf-8")
    result = project.build()
    assert_nothing_published(project, result)
    lines = page.read_text("utf-8").split("\n")
    for name in LITERAL_FENCES:
        line = next(n for n, text in enumerate(lines, 1) if f"x = '{name}'" in text)
        assert f"docs/en/notes.md:{line}: literal code, which never ran" in result.stderr


def test_unreadable_page_is_named_with_its_line(project):
    page = project.root / "docs/zh/notes.md"
    page.write_bytes(page.read_bytes() + b"\n\xff\n")
    result = project.build()
    assert_nothing_published(project, result)
    assert "docs/zh/notes.md:15: is not UTF-8" in result.stderr
    assert "Traceback" not in result.stderr


def test_line_of_an_embed_below_front_matter(project):
    project.write(
        "docs/en/notes.md", '---\ntags: [a]\n---\n\n```python\n--8<-- "notes.py:gone"\n```\n'
    )
    result = project.build()
    assert_nothing_published(project, result)
    assert "docs/en/notes.md:6: snippets/notes.py has no section 'gone'" in result.stderr


def test_every_fault_of_a_build_is_listed_at_once(project):
    project.snippet(
        "notes",
        passes='print("fine")\n# > fine',
        fails="import torch\n\ntorch.aranje(2)",
        orphan='print("alone")\n# > alone',
    )
    project.page("notes", "passes", "fails")
    project.edit("docs/zh/notes.md", "{ #passes", "{ #renamed")
    project.edit("docs/en/index.md", "# Home", "# Home\n\n[lost](nowhere.md)")
    project.page("more", "passes")
    (project.root / "docs/zh/more.md").unlink()
    result = project.build("--quiet")
    assert_nothing_published(project, result)
    for fault in (
        "snippets/notes.py:11: AttributeError: module 'torch' has no attribute 'aranje'",
        "docs/en/notes.md:12: shows notes.py:fails, which did not pass",
        "docs/zh/notes.md:12: shows notes.py:fails, which did not pass",
        "snippets/notes.py:14: no page shows this section",
        "docs/zh/notes.md:3: has heading ## { #renamed data-level=basic } where",
        "docs/en/more.md: this page is missing in another language",
        "docs/en/more.md:6: there is no snippets/more.py",
        "'nowhere.md'",
    ):
        assert fault in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        pytest.param(
            "docs/zh/notes.md",
            '```python\n--8<-- "notes.py:also"\n```\n',
            "",
            "docs/zh/notes.md: has nothing more where docs/en/notes.md:12: has block",
            id="a block is missing",
        ),
        pytest.param(
            "docs/zh/notes.md",
            '--8<-- "notes.py:passes"\n',
            '--8<-- "notes.py:also"\n',
            "docs/zh/notes.md:6: has block",
            id="another block",
        ),
        pytest.param(
            "docs/zh/notes.md",
            "data-level=basic",
            "data-level=advanced",
            "has heading ## { #passes data-level=advanced } where docs/en/notes.md:3",
            id="another level",
        ),
        pytest.param(
            "docs/en/notes.md",
            "# Title",
            "# Title\n\n[away](#nowhere)",
            "#nowhere",
            id="an anchor leads nowhere",
        ),
        pytest.param(
            "snippets/notes.py",
            "# --8<-- [end:also]",
            "",
            "section 'also' is never closed",
            id="a section is not closed",
        ),
        pytest.param(
            "docs/en/notes.md",
            'notes.py:passes"',
            'notes.py:1:3"',
            'docs/en/notes.md:6: --8<-- "notes.py:1:3" must read',
            id="a range of lines",
        ),
    ],
)
def test_nothing_is_published_with(project, name, old, new, fault):
    project.snippet("notes", passes='print("fine")\n# > fine', also='print("too")\n# > too')
    project.page("notes", "passes", "also")
    project.edit(name, old, new)
    result = project.build("--quiet")
    assert_nothing_published(project, result)
    assert fault in result.stderr, result.stderr


def test_edited_snippet_is_not_published_until_it_passes_again(project):
    assert project.build().returncode == 0
    project.edit("snippets/notes.py", 'print("fine")', 'print("worse")')
    result = project.build()
    assert_nothing_published(project, result)
    assert "+ worse" in result.stderr
    project.edit("snippets/notes.py", "# > fine", "# > worse")
    assert project.build().returncode == 0


def test_nothing_of_an_older_site_is_published_again(project):
    assert project.build().returncode == 0
    left = [project.write(f"site/{name}", "x") for name in ("old/index.html", ".old", ".git/old")]
    assert project.build().returncode == 0
    assert (project.root / "site/index.html").exists()
    assert [path for path in left if path.exists()] == []


def test_figure_of_a_run_is_published_for_both_schemes(project):
    project.snippet(
        "notes",
        passes='print("fine")\n# > fine',
        passes_figure='from matplotlib import pyplot as plt\n\nplt.text(0, 0, "a")\nplt.show()',
    )
    project.page("notes", "passes", "passes-figure")
    for language in ("en", "zh"):
        page = project.root / f"docs/{language}/notes.md"
        with page.open("a") as file:
            file.write("\n![what one sees](figures/notes/passes-figure.svg)\n")
    result = project.build()
    assert result.returncode == 0, result.stderr
    for root in ("site", "site/zh"):
        html = project.read(f"{root}/notes/index.html")
        found = re.findall(
            r'<img [^>]*alt="what one sees" src="\.\./(\S+?)#only-(light|dark)"', html
        )
        assert [scheme for _, scheme in found] == ["light", "dark"]
        inks = [project.read(f"{root}/{path}").count("#24292f") for path, _ in found]
        assert inks[0] > 0
        assert inks[1] == 0


def test_languages_have_their_own_index_and_switch_on_the_page(project):
    use_material(project)
    project.edit("mkdocs.yml", "plugins:\n", "plugins:\n  search: {}\n")
    project.edit("docs/zh/notes.md", "# 标题\n", "# 标题\n\n通过计算图可以自动求导。\n")
    assert project.run_anew("mkdocs", "build").returncode == 0
    english, chinese = (project.read(f"site/{r}notes/index.html") for r in ("", "zh/"))
    assert '<a href="../zh/notes/" hreflang="zh"' in english
    assert '<a href="../../notes/" hreflang="en"' in chinese
    assert ("Made with" in english, "Made with" in chinese) == (True, False)
    indexed = {
        root: json.loads(project.read(f"site/{root}search/index.json"))["docs"]
        for root in ("", "zh/")
    }
    assert "Title" in {entry["title"] for entry in indexed[""]}
    assert "Title" not in {entry["title"] for entry in indexed["zh/"]}
    assert any("\u200b自动" in entry["text"] for entry in indexed["zh/"])
    assert '<html lang="zh"' in project.read("site/zh/404.html")
    assert '<html lang="en"' in project.read("site/404.html")


def test_serve_follows_edits_and_shows_faults_in_place(project):
    project.snippet("notes", passes='print("fine")\n# > fine', other='print("kept")\n# > kept')
    project.page("notes", "passes", "other")
    with serving(project) as address:
        pages = [f"{address}notes/", f"{address}zh/notes/"]
        for page in pages:
            assert 'class="fault"' not in wait_for(page, "fine")

        untouched = project.root / ".cache/records/notes/other.json"
        before = untouched.stat().st_mtime_ns
        project.edit("snippets/notes.py", 'print("fine")\n# > fine', 'print("new")\n# > new')
        for page in pages:
            assert 'class="fault"' not in wait_for(page, "new")
        assert untouched.stat().st_mtime_ns == before

        project.edit("snippets/notes.py", 'print("new")', 'print("broken")')
        for page in pages:
            html = wait_for(page, 'class="fault"')
            assert html.count('class="fault"') == 1
            assert html.count('class="evidence versions"') == 1  # of the block that passed
            assert "snippets/notes.py:4: prints something else" in html

        project.edit("snippets/notes.py", "[start:passes]", "[start:renamed]")
        project.edit("snippets/notes.py", "[end:passes]", "[end:renamed]")
        html = wait_for(pages[0], "has no section")
        assert "docs/en/notes.md:6: snippets/notes.py has no section" in re.sub(
            "<[^>]*>", "", html
        )

        project.snippet(
            "notes", passes='print("healed")\n# > healed', other='print("kept")\n# > kept'
        )
        for page in pages:
            assert 'class="fault"' not in wait_for(page, "healed")
    assert not (project.root / "site").exists()


def test_serve_starts_with_a_fault_on_a_page(project):
    project.edit("docs/en/notes.md", "notes.py:passes", "notes.py:gone")
    project.edit("snippets/notes.py", "# > fine", "# > wrong")
    with serving(project) as address:
        assert "has no section" in wait_for(f"{address}notes/", 'class="fault"')
        assert "prints something else" in wait_for(f"{address}zh/notes/", 'class="fault"')


def test_every_block_that_needs_a_gpu_says_where_it_ran(project):
    project.write(
        "snippets/more.py",
        "# --8<-- [start:far] needs: cuda\nprint(1)\n# --8<-- [end:far]\n",
    )
    project.page("more", "far")
    project.edit("mkdocs.yml", "notes.md]", "notes.md, more.md]")
    for language in ("en", "zh"):
        with (project.root / f"docs/{language}/notes.md").open("a") as file:
            file.write("\n<pre><code>print(1)</code></pre>\n")
    assert project.build().returncode == 0
    for page in ("more", "notes", "zh/more", "zh/notes"):
        assert project.read(f"site/{page}/index.html").count('class="evidence not-run"') == 1


def test_a_folder_is_judged_without_the_generator_that_built_it(project):
    assert project.build().returncode == 0
    command = ("collector.gate", "site")
    sound = project.run(*command, PYTHONPATH="tests")
    assert (sound.returncode, sound.stdout) == (0, ""), sound.stderr
    project.edit("site/notes/index.html", "</article>", "<pre>torch.aranje(3)</pre></article>")
    project.edit("site/zh/notes/index.html", 'id="passes"', 'id="renamed"')
    refused = project.run(*command, PYTHONPATH="tests")
    assert refused.returncode == 1
    assert "docs/en/notes.md: a block in no language" in refused.stdout
    assert "docs/zh/notes.md: has heading ## { #renamed" in refused.stdout


def test_captions_are_put_into_pages_that_any_generator_built(project):
    text = "\n".join(project.read("snippets/notes.py").split("\n")[3:5])
    html = f'<article><h1>T</h1><pre><code>{text}</code></pre><pre><code>print("too")\n# > too'
    project.write("other/notes/index.html", f"{html}</code></pre></article>")
    command = ("collector.gate", "--language", "en", "--write", "other")
    result = project.run(*command, PYTHONPATH="tests")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert project.read("other/notes/index.html").count('<p class="evidence versions">') == 2


def test_faults_stand_before_their_blocks_and_rules_at_the_top():
    html = "<article><h1>T</h1><p>x</p><pre>y</pre><samp>z</samp></article>"
    page = read_page(html)
    Judge(Library({}, {}), {}).mark(page, [Fault("docs/en/a.md", 3, "is <too> long")])
    boxes = re.sub(r'<div class="fault" role="alert">(\S+ \S+).*?</div>', r"[\1]", page.html)
    assert boxes == (
        "<article>[docs/en/a.md:3: is]<h1>T</h1><p>x</p>[a block]<pre>y</pre>"
        "[&lt;samp begins]<samp>z</samp></article>"
    )
