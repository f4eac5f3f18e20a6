"""What pages do not carry to their readers."""

import re
from types import SimpleNamespace

import lighten
import pytest
from lighten import on_post_page

LINK = '<link rel="stylesheet" href="../assets/_mkdocstrings.css">'


class Files(dict):
    def get_file_from_path(self, address: str) -> SimpleNamespace | None:
        return self.get(address)


def on_page_content(html: str, files: Files) -> str:
    """Make of a page's content what the hook makes of it."""
    for step in lighten.on_page_content.methods:
        html = step(html, page=None, config=None, files=files)
    return html


def text_of(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def test_code_keeps_its_text_and_its_colours():
    html = (
        '<pre><span></span><code><span class="kn">import</span><span class="w"> </span>'
        '<span class="n">x</span> <span class="o">&lt;</span> <span class="nb">n</span>'
        '<span class="p">(</span><span class="kc">None</span><span class="p">)</span></code>'
    )
    light = on_page_content(html, Files())
    assert text_of(light) == text_of(html)
    assert re.findall(r'class="(\w+)"', light) == ["kn", "nb"]
    assert "<span></span>" not in light


def test_a_figure_has_a_place_before_it_comes(tmp_path):
    figure = tmp_path / "x.svg"
    figure.write_text('<svg xmlns="x" width="72.5pt" height="36pt" viewBox="0 0 72 36">', "utf-8")
    files = Files({"figures/views/x.svg": SimpleNamespace(abs_src_path=str(figure))})
    html = '<img alt="A" src="../figures/views/x.svg"> <img alt="B" src="../figures/no.svg">'
    shown, missing = on_page_content(html, files).split("> ")
    assert shown == (
        '<img loading="lazy" width="97" height="48" alt="A" src="../figures/views/x.svg"'
    )
    assert missing == '<img alt="B" src="../figures/no.svg">'


@pytest.mark.parametrize(
    ("content", "styled"), [('<div class="doc doc-object">', True), ('<div class="box">', False)]
)
def test_styles_of_documentation_go_where_there_is_some(content, styled):
    page = SimpleNamespace(content=content)
    assert (LINK in on_post_page(f"<head>{LINK}</head>", page, None)) == styled


@pytest.mark.parametrize(
    ("line", "reached"), [("x" * 36, True), ("&lt;" * 35, False), ("<i>" * 36, False)]
)
def test_a_block_wider_than_a_phone_can_be_scrolled_by_keyboard(line, reached):
    block = f'<p class="evidence">Not run</p><pre><code>a\n{line}\n</code></pre>'
    html = f'<div class="language-python highlight">{block}</div>'
    assert ('<code tabindex="0">' in on_page_content(html, Files())) == reached


def test_a_block_says_how_many_lines_it_has():
    html = (
        '<div class="language-python highlight"><pre><code>a\n\nb\n</code></pre></div>\n<p>c</p>'
    )
    light = on_page_content(html, Files())
    assert light.startswith('<div class="language-python highlight" style="--lines: 3"><pre>')
    assert text_of(light) == text_of(html)
