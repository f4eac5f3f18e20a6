"""Captions around a block: its place, its outputs, and its whole script."""

import re

import pytest
from collector.captions import Captions
from collector.html import read_tree
from collector.receipts import read_receipts
from collector.sections import read_library
from collector.versions import Environment, Versions
from conftest import Project

HERE = Environment("3.99.1", "1.0.0", "0.1.0", "2.0.0", "Linux x86_64", "CPU")
SECTIONS = {
    "whole": """
import math

# --8<-- [start:whole-part]
print(math.pi > 3)
# > True
# --8<-- [end:whole-part]
print("a", end="\\n\\n")
# > a
# >
print('# > no output')
# > # > no output
""",
    "quiet": "x = 1  # > not at the margin",
}


@pytest.fixture
def project(project) -> Project:
    project.snippet("notes", **SECTIONS)
    return project


def captions(project: Project, **fields) -> Captions:
    library = read_library(project.root)
    passed = Versions({s.identity: frozenset({HERE}) for s in library.runnable()})
    return Captions(library, read_receipts(project.root), passed, root=project.root, **fields)


def annotated(project: Project, slug: str, language: str = "en", **fields) -> str:
    """A block as Markdown writes it, with all that is put around it."""
    found = captions(project, **fields)
    text = found.library.modules["notes.py"].sections[slug].text
    tree = read_tree(found.renderer.convert(f"```python\n{text}\n```"))
    found.annotate(tree, language)
    return tree.html


def said(content: str) -> list[str]:
    return re.findall('<p class="evidence versions"[^>]*>(.*?)</p>', content)


def test_a_block_names_its_lines_and_links_them_where_the_repository_has_an_address(project):
    text = project.read("snippets/notes.py").split("\n")
    first = text.index("import math") + 1
    last = text.index("# --8<-- [end:whole]")
    place = f"snippets/notes.py:{first}"
    (line,) = said(annotated(project, "whole"))
    assert line.endswith(f" · {place}")
    address = "https://example.org/project/blob/main/"
    (linked,) = said(annotated(project, "whole", repository=address))
    target = f"{address}snippets/notes.py#L{first}-L{last}"
    assert linked.endswith(f'<a href="{target}">{place}</a>')


def test_output_lines_are_marked_and_nothing_else_is(project):
    content = annotated(project, "whole")
    printed = re.findall('<span class="printed">(.*?\n)</span>', content, re.S)
    assert [re.sub("<[^>]*>", "", text) for text in printed] == [
        "# &gt; True\n",
        "# &gt; a\n# &gt;\n",
        "# &gt; # &gt; no output\n",
    ]
    assert "printed" not in annotated(project, "quiet")


def test_an_excerpt_brings_the_whole_script_folded_below_it(project):
    library = read_library(project.root)
    content = annotated(project, "whole-part", "zh")
    above, folded = content.split("<details><summary>完整代码</summary>")
    shown = re.sub("<[^>]*>", "", re.search("<code>(.*?)</code>", folded, re.S)[1])
    text = library.modules["notes.py"].sections["whole"].text
    assert shown.replace("&gt;", ">").replace("&#39;", "'").replace("&quot;", '"').strip() == text
    assert "import" not in above
    assert len(said(content)) == 2
    assert "<details>" not in annotated(project, "whole")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"REPO_URL": "https://example.org/p/", "EDIT_URI": "edit/main/docs/en/"}, "p/blob/main/"),
        ({"REPO_URL": "https://example.org/p"}, ""),
        ({}, ""),
    ],
)
def test_the_address_of_the_repository_is_the_one_that_pages_are_edited_at(settings, address):
    from gate import repository_of

    class Config:
        repo_url = settings.get("REPO_URL")
        edit_uri = settings.get("EDIT_URI")

    assert repository_of(Config) == (address and f"https://example.org/{address}")
