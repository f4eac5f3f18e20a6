"""The HTML of a page is read as browsers read it."""

import pytest
from collector.html import (
    Block,
    Figure,
    Heading,
    elements_of,
    foreign_to,
    insert_after,
    insert_before,
    read_html,
    read_page,
    read_tree,
    text_of,
)

BLOCK = Block("", "x = 1\ny = 2")
PIECES = [
    *("<pre-x>", "</pre>", "</code>", "</div>", "</article>", "</body></html>", "<pre/></pre>"),
    *("<div", '<img src="<pre>">', "<br/>", "</br>", "</p>", "<span class='x'>", "<3", "< b"),
    *("<!-- -->", "<!-->", "<!--->", "<!-- --!>", "<!", "<![CDATA[>", "<?php ?>", "<!doctype x>"),
    *("&am", "&#10;", "&notit;", "\r", "\x0b", "</ pre>", "<a\thref=x>", '<a b="1"c="2">'),
    *("<script></script>", "<style></style>", "<title></title>", "<noscript>", "<svg>"),
]


@pytest.mark.parametrize("piece", PIECES)
def test_no_piece_of_html_hides_the_block_below_it(piece):
    assert BLOCK in read_html(f"<p>{piece}</p>\n<pre><code>x = 1\ny = 2</code></pre>")


@pytest.mark.parametrize(
    "html",
    [
        "<pre>x = 1\ny = 2</pre>",
        "<PRE>x = 1\ny = 2",
        "<pre>\nx = 1\ny = 2\n</pre>",
        "<pre><code>x = 1\ny = 2</code></pre>",
        "<pre><span>x</span> = 1\n<b>y</b> = 2</pre>",
        "<code>x = 1\ny = 2</code>",
        "<code>x = 1<br>y = 2</code>",
        "<pre>x = 1<br/>y = 2</pre>",
        "<ul><code><li>x = 1</li><li>y = 2</li></code></ul>",
        "<div><code>x = 1<div>y = 2</div></code></div>",
        "<p><samp>x = 1\ny = 2</samp></p>",
        "<kbd>x = 1\ny = 2</kbd>",
        "<tt>x = 1\ny = 2</tt>",
        "<xmp>x = 1\ny = 2</xmp>",
        "<listing>x = 1\ny = 2</listing>",
        "<plaintext>x = 1\ny = 2",
        "<textarea>x = 1\ny = 2</textarea>",
        "<pre>x &#61; 1&#10;y = 2</pre>",
        "<!--> <pre>x = 1\ny = 2</pre> -->",
        "<![CDATA[ > <pre>x = 1\ny = 2</pre> ]]>",
        "<noscript><pre>x = 1\ny = 2</pre></noscript>",
        '<pre class="language-bash">x = 1\ny = 2</pre>',
        '<code class="language-bash">x = 1\ny = 2</code>',
        '<div class="language-bash"><p><code>x = 1\ny = 2</code></p></div>',
    ],
)
def test_a_block_is_found_however_it_is_written(html):
    (block,) = read_html(html)
    assert (block.language, block.text.replace("\n\n", "\n")) == ("", BLOCK.text)


@pytest.mark.parametrize(
    "html",
    [
        "<!-- <pre>x = 1</pre> -->",
        "<script>'<pre>x = 1</pre>'</script>",
        "<style>p::after { content: '``` x = 1' }</style>",
        "<iframe><pre>x = 1</pre></iframe>",
        "<noembed><pre>x = 1</pre></noembed>",
        "<p>x = 1</p>",
        "<p><code>x = 1</code> and <code>y = 2</code></p>",
        "<p><code>```</code></p>",
    ],
)
def test_text_that_is_no_block_is_none(html):
    assert read_html(html) == []


@pytest.mark.parametrize("marks", ["```", "~~~", "&#96;``", "&#x7e;~~", "&grave;``"])
def test_a_fence_that_markdown_took_for_prose_is_a_block(marks):
    (block,) = read_html(f"<p>before {marks}python\nx = 1\n</p><p>after</p>")
    assert block.text[3:] == "python\nx = 1"
    assert block.is_python


def test_paragraphs_of_nothing_but_code_are_lines_of_a_block():
    apart = "<p><code>x = 1</code></p>\n<p>words</p>\n<p><code>y = 2</code></p>"
    assert read_html(apart) == []
    assert [e.text for e in read_html(apart.replace("<p>words</p>\n", ""))] == ["x = 1"]
    assert [e.text for e in read_html("<p><code><p>x = 1</p><p>y = 2</p></code></p>")] == [
        "x = 1",
        "x = 1",
    ]


@pytest.mark.parametrize(
    ("html", "language", "is_python"),
    [
        ('<div class="language-python highlight"><pre><code>x</code></pre></div>', "python", True),
        ('<div class="a language-Bash b"><pre><code>x</code></pre></div>', "bash", False),
        ('<div class="language-console"><pre>&gt;&gt;&gt; x</pre></div>', "console", True),
        ('<pre><code class="language-py">x</code></pre>', "py", True),
        ('<pre class="language-json"><code>x</code></pre>', "", True),
    ],
)
def test_only_the_box_that_markdown_draws_says_that_a_block_is_no_python(
    html, language, is_python
):
    (block,) = read_html(html)
    assert (block.language, block.is_python) == (language, is_python)


def test_elements_stand_in_order():
    html = (
        '<h1 id="a&amp;b">T</h1><h2>no anchor</h2><p><img src="a.svg" alt="x > y"></p>'
        '<h2 id="q" data-level="basic">Q</h2><pre>x</pre>~~~ y<h6 id="z">Z</h6>'
    )
    assert read_html(html) == [
        Heading(1, "a&b", ""),
        Figure("a.svg", "x > y"),
        Heading(2, "q", "basic"),
        Block("", "x"),
        Block("", "~~~ y"),
        Heading(6, "z", ""),
    ]


def test_a_page_is_its_content_and_the_frame_around_it():
    html = (
        "<!doctype html><body><script>if (1 < 2) {}</script><div><article class=a><p>x</p>"
        "</div></article><script>y()</script></article></div><p>below</p></body>"
    )
    page = read_page(html)
    assert [node.tag for node in foreign_to(page.content)] == ["script"]
    assert page.html == html.replace("</div></article><script>", "<script>")
    assert page.frame.css_first("p").text() == "below"


def test_a_page_without_an_article_is_all_content():
    page = read_page("<html><body><p>x</p><pre>y</pre></body></html>")
    assert list(elements_of(page.content)) == [Block("", "y")]


@pytest.mark.parametrize(
    "tag",
    ["script", "style", "iframe", "object", "embed", "template", "noscript", "samp", "my-tag"],
)
def test_tags_that_could_hide_code_are_foreign(tag):
    nodes = foreign_to(read_tree(f"<p>x <b>y</b></p><pre><{tag}>z</{tag}></pre>"))
    assert [node.tag for node in nodes] == [tag]


def test_an_element_is_put_beside_another():
    tree = read_tree("<p>a</p>")
    insert_before(tree.css_first("p"), "<b>1</b>")
    insert_after(tree.css_first("p"), "<i>2 &amp; 3</i>")
    insert_after(tree.css_first("p"), "")
    assert tree.html == "<b>1</b><p>a</p><i>2 &amp; 3</i>"


def test_text_is_all_that_a_page_says():
    assert text_of("<p>a &lt; <b>b</b></p><pre>c</pre>") == "a < bc"
