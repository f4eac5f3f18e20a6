"""A page shows its sections, however they are written."""

from textwrap import dedent, indent

import pytest
from collector.faults import FaultError
from collector.html import Block, Heading, read_html
from collector.pages import is_fenced, read_page
from collector.rendering import site_markdown
from conftest import ROOT

EMBED = '--8<-- "notes.py:a"'


@pytest.fixture(scope="module", params=[True, False], ids=["coloured", "uncoloured"])
def renderer(request):
    return site_markdown(ROOT, coloured=request.param)


@pytest.fixture
def read(tmp_path, renderer):
    def read(text: str):
        path = tmp_path / "page.md"
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
        return read_page(path, tmp_path, renderer)

    return read


def fence(content: str, opening: str = "```python", closing: str = "```") -> str:
    return f"{opening}\n{content}\n{closing}\n"


def inside(line: str, content: str) -> str:
    return f"{line}\n\n{indent(content, '    ')}"


WAYS = {
    "plain": lambda code: fence(code),
    "tildes": lambda code: fence(code, "~~~python", "~~~"),
    "braces": lambda code: fence(code, "```{.python}"),
    "py": lambda code: fence(code, "```py"),
    "title": lambda code: fence(code, '```python title="x.py"'),
    "highlighted lines": lambda code: fence(code, '```python hl_lines="1"'),
    "four backticks": lambda code: fence(code, "````python", "````"),
    "blank lines": lambda code: fence(f"\n{code}\n"),
    "admonition": lambda code: inside("!!! note", fence(code)),
    "details": lambda code: inside("??? note", fence(code)),
    "tab": lambda code: inside('=== "tab"', fence(code)),
    "list": lambda code: inside("- item", fence(code)),
    "admonition in a list": lambda code: inside("- item", inside("!!! note", fence(code))),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_embed_is_found_however_the_fence_is_written(read, way):
    page = read("# Title\n\n" + way(EMBED))
    assert page.faults == ()
    (embed,) = page.embeds
    assert (embed.file, embed.slug) == ("notes.py", "a")
    lines = page.path.read_text("utf-8").split("\n")
    assert EMBED in lines[embed.line - 1]
    assert is_fenced(lines, embed.line - 1)


LITERAL = {
    **WAYS,
    "raw HTML": lambda code: f'<pre><code class="language-python">{code}</code></pre>\n',
    "raw HTML without a language": lambda code: f"<pre>{code}</pre>\n",
    "raw HTML, never closed": lambda code: f'<pre><code class="language-python">{code}\n',
    "lines of code": lambda code: f'<p><code class="language-python">{code}\nx = 1</code></p>\n',
    "indented": lambda code: f"text\n\n    {code}\n",
    "no language": lambda code: fence(code, "```"),
    "misspelt language": lambda code: fence(code, "```pyhton"),
    "session": lambda code: fence(f">>> {code}", "```pycon"),
    "session in a console": lambda code: fence(f">>> {code}", "```console"),
    "raw HTML of another language": lambda code: f'<pre class="language-bash">{code}</pre>\n',
    "lines of another language": lambda code: f"`{code}\nx = 1`{{ .language-bash }}\n",
    "comment that has ended": lambda code: f"<!--> <pre>{code}</pre> -->\n",
    "no comment at all": lambda code: f"<![CDATA[ > <pre>{code}</pre> ]]>\n",
    "lines by breaks": lambda code: f"<p><code>{code}<br>x = 1</code></p>\n",
    "lines of a list": lambda code: f"<ul><code><li>{code}</li><li>x = 1</li></code></ul>\n",
    "text": lambda code: fence(code, "```text"),
}


@pytest.mark.parametrize("way", LITERAL.values(), ids=LITERAL)
def test_literal_code_is_a_fault_however_it_is_written(read, way):
    page = read("# Title\n\n" + way("import torch"))
    assert page.embeds == ()
    (fault,) = page.faults
    assert "show a section instead" in fault.message
    assert "import torch" in page.path.read_text("utf-8").split("\n")[fault.line - 1]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (fence(f"{EMBED}\nprint(1)"), 2, "one embed line and nothing else"),
        (fence('--8<-- "notes.py:1:3"'), 2, "one embed line"),
        (fence('--8<-- "notes.py"'), 2, "one embed line"),
        (fence('--8<-- "../setup.py:a"'), 2, "one embed line"),
        (fence('--8<-- "https://example.org/a.py:a"'), 2, "one embed line"),
        (fence(""), 1, "empty block"),
        (fence(EMBED) + "\n" + fence(""), 5, "empty block"),
        (fence(EMBED, "```"), 2, "a block in text; write ```python"),
        (EMBED, 1, "an embed stands alone in a Python fence"),
        (EMBED.replace("--", "-"), 1, "an embed stands alone in a Python fence"),
        (f"```python\n{EMBED}\n", 1, "a fence is not closed"),
        (f"```python\n{EMBED}\n~~~\n", 1, "a fence is not closed"),
        (f"{fence(EMBED)}\n```python\nx = 1\n", 5, "a fence is not closed"),
        (f"some words\n~~~python\nx = 1\n\n{fence(EMBED)}", 2, "a fence is not closed"),
        (fence(EMBED) + "\n" + fence(EMBED), 6, "shows section 'a' a second time"),
    ],
)
def test_faulty_embeds_name_line_and_reason(read, text, line, message):
    page = read(text)
    assert any(f.line == line and message in f.message for f in page.faults), page.faults


def test_lines_are_counted_from_the_top_of_a_page_with_front_matter(read):
    page = read("---\ntags: [a]\n---\n# Title\n\n" + fence(EMBED))
    assert [embed.line for embed in page.embeds] == [7]
    assert [element.level for element in page.elements if isinstance(element, Heading)] == [1]


def test_other_languages_are_left_alone(read):
    page = read(fence("ls", "```bash") + "\n" + fence("a: 1", "```yaml"))
    assert (page.embeds, page.faults) == ((), ())


def test_elements_stand_in_order(read):
    page = read(
        """
        # Title

        ## Question? { #a data-level=basic }

        ![what one sees](figures/notes/a.svg)

        ```python
        --8<-- "notes.py:a"
        ```
        """
    )
    heading, figure, block = page.elements[1:]
    assert heading == Heading(2, "a", "basic")
    assert (figure.source, figure.alt) == ("figures/notes/a.svg", "what one sees")
    assert block == Block("python", EMBED)


def test_blocks_are_read_as_readers_see_them():
    code = "<pre><span></span><code>a &lt; <b>b</b>\n</code></pre>"
    html = f'<div class="language-python highlight">{code}</div>'
    (block,) = read_html(html)
    assert block == Block("python", "a < b")
    assert block.node.tag == "pre"


@pytest.mark.parametrize(
    ("html", "begins"),
    [
        ('<iframe srcdoc="x = 1"></iframe>', "<iframe"),
        ("<script>\ndocument.write('x')\n</script>", "<script"),
        ("text <SCRIPT>x = 1</SCRIPT>", "<SCRIPT"),
        ("<style>\n.a { content: 'x = 1' }\n</style>", "<style"),
        ('text <embed src="a.py"> text', "<embed"),
        ('<div markdown="1">\n\n<object data="a.py"></object>\n\n</div>', "<object"),
        ("<samp>x = 1</samp>", "<samp"),
        ("<template>x = 1</template>", "<template"),
        ("<my-code>x = 1</my-code>", "<my-code"),
        ("<svg><text>x = 1</text></svg>", "<text"),
    ],
)
def test_html_that_could_hide_code_is_a_fault(read, html, begins):
    page = read(f"# Title\n\n{html}\n")
    lines = page.path.read_text("utf-8").split("\n")
    (fault,) = [f for f in page.faults if "begins HTML that no page may hold" in f.message]
    assert fault.message.startswith(f"{begins.lower()} ")
    assert begins in lines[fault.line - 1]


@pytest.mark.parametrize(
    "text",
    [
        "`<script>` and <https://example.org/>, a < b, `<!-->`",
        "<!-- generated: claims-ranked -->",
        "H<sub>2</sub>O<br>x <kbd>Ctrl</kbd>",
        '=== "tab"\n\n    text\n\n??? note\n\n    text\n',
        "| a | b |\n|---|---|\n| `<pre>` | \\<x |",
        "> quote\n\n1. one\n\n---\n\n![a](b.svg)",
    ],
)
def test_prose_may_hold_what_markdown_writes(read, text):
    assert read(f"# Title\n\n{text}\n").faults == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xef\xbb\xbf# T\n", "page.md:1: starts with"),
        (b"# T\n\xff\n", "page.md:2: is not UTF-8"),
    ],
)
def test_unreadable_pages_say_why(tmp_path, renderer, content, message):
    path = tmp_path / "page.md"
    path.write_bytes(content)
    with pytest.raises(FaultError, match=message):
        read_page(path, tmp_path, renderer)
