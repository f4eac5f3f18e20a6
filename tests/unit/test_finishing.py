"""Finished pages: all that they gain for readers, and all that they do not carry to them."""

import re
from pathlib import Path

import pytest
from collector.captions import Captions, without_uncoloured
from collector.finishing import Finisher, describe
from collector.html import read_tree
from collector.sections import Library

LINK = '<link rel="stylesheet" href="../assets/_mkdocstrings.css">'
META = '<meta name="description" content="Of the site.">'


def finish(content: str, path: Path = Path("index.html"), head: str = "") -> str:
    """Finish a page's content in which nothing is a section."""
    finisher = Finisher(Captions(Library({}, {}), None))
    return finisher.finish(f"<head>{head}</head><article>{content}</article>", path, "en").html


def content_of(html: str) -> str:
    return re.search("<article>(.*)</article>", html, re.S)[1]


def text_of(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def test_code_keeps_its_text_and_its_colours():
    html = (
        '<pre><span></span><code><span class="kn">import</span><span class="w"> </span>'
        '<span class="n">x</span> <span class="o">&lt;</span> <span class="nb">n</span>'
        '<span class="p">(</span><span class="kc">None</span><span class="p">)</span></code>'
    )
    light = without_uncoloured(html)
    assert text_of(light) == text_of(html)
    assert re.findall(r'class="(\w+)"', light) == ["kn", "nb"]
    assert "<span></span>" not in light
    assert light in finish(html)


def test_a_figure_is_a_pair_and_has_a_place_before_it_comes(tmp_path):
    for name in ("x.svg", "x.dark.svg"):
        figure = tmp_path / "figures/views" / name
        figure.parent.mkdir(parents=True, exist_ok=True)
        figure.write_text('<svg xmlns="x" width="72.5pt" height="36pt" viewBox="0">', "utf-8")
    (tmp_path / "notes").mkdir()
    images = '<img alt="A &amp; B" src="../figures/views/x.svg"><img src="../figures/no.svg">'
    html = finish(images, tmp_path / "notes" / "index.html")
    light, dark, missing = read_tree(content_of(html)).css("img")
    for image, source in ((light, "x.svg#only-light"), (dark, "x.dark.svg#only-dark")):
        assert image.attributes == {
            "alt": "A & B",
            "src": f"../figures/views/{source}",
            "loading": "lazy",
            "width": "97",
            "height": "48",
        }
    assert missing.html == '<img src="../figures/no.svg">'


@pytest.mark.parametrize(
    ("content", "styled"), [('<div class="doc doc-object">', True), ('<div class="box">', False)]
)
def test_styles_of_documentation_go_where_there_is_some(content, styled):
    assert (LINK in finish(content, head=LINK)) == styled


@pytest.mark.parametrize(
    ("line", "reached"), [("x" * 36, True), ("&lt;" * 35, False), ("<i></i>" * 36, False)]
)
def test_a_block_wider_than_a_phone_can_be_scrolled_by_keyboard(line, reached):
    block = f'<p class="evidence">Not run</p><pre><code>a\n{line}\n</code></pre>'
    html = f'<div class="language-python highlight">{block}</div>'
    assert ('<code tabindex="0">' in finish(html)) == reached


def test_a_block_says_how_many_lines_it_has():
    html = (
        '<div class="language-python highlight"><pre><code>a\n\nb\n</code></pre></div>\n<p>c</p>'
    )
    light = content_of(finish(html))
    assert light.startswith('<div class="language-python highlight" style="--lines: 3"><pre>')
    assert text_of(light) == text_of(html)


@pytest.mark.parametrize(
    ("content", "description"),
    [
        ("<h1>T</h1>\n<p>What <code>view</code> does.</p>", "What view does."),
        (
            "<p>Short. It has 1.5 parts, e.g. two! Read it.</p>",
            "Short. It has 1.5 parts, e.g. two! Read it.",
        ),
        (f"<p>{'a' * 100}. And more.</p>", f"{'a' * 100}."),
        (f"<p>Short. {'a' * 160}.</p>", "Short."),
        ("<p>这一页讲 &lt;视图&gt;。\n还有步长。</p>", "这一页讲 <视图>。 还有步长。"),
        ('<h1>T</h1><p class="lead">First.</p><p>Second.</p>', "First."),
        ('<p class="evidence ran">Ran on a card.</p><p>What it is.</p>', "What it is."),
        ('<p><img src="a.svg"></p><p>What it shows.</p>', "What it shows."),
        ('<p><img src="a.svg"></p>', ""),
        ("<h1>Only a title</h1>", ""),
    ],
)
def test_a_page_is_described_by_whole_sentences(content, description):
    assert describe(read_tree(content)) == description


def test_a_description_stands_in_the_head():
    assert 'content="a &lt; &quot;b&quot;."' in finish('<p>a &lt; "b".</p>', head=META)
    assert META in finish("<h1>Only a title</h1>", head=META)
