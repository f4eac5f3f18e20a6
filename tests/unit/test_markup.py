"""What HTML holds, whichever way it is read."""

import re

import pytest
from collector import markup
from collector.markup import Block, Heading, parse_html, read_around, read_content, read_html
from conftest import Project
from hypothesis import given
from hypothesis import strategies as st

PIECES = [
    *(
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<pre/>",
        "<code/>",
        "</pre >",
        "</code x>",
        "<PRE>",
    ),
    *(
        "<div>",
        "</div>",
        '<div class="a language-python b">',
        '<div class="language-json">',
        "<div",
    ),
    *('<code class="language-Py">', "<code class=language-py>", "<code class='language-py'>"),
    *("<span>", '<span class="k x">', "</span>", "<p>", "</p>", "<pre-x>", "</pre-x>", "<pre:x>"),
    *('<h2 id="a" data-level="basic">', "<h3>", "</h2>", '<h1 id="a&amp;b">', '<h1 id="a&ampb">'),
    *(
        '<img src="a.svg" alt="x > y">',
        '<img alt="" src="b"/>',
        '<img src="<pre>">',
        "<img src=c />",
    ),
    *("<script>", "</script>", "<style>", "</style>", "<title>", "</title>", "<textarea>"),
    *("</textarea>", "<noscript>", "</noscript>", "<xmp>", "<plaintext>", "<script/>", "<SCRIPT>"),
    *("<!-- ", " -->", "-->", "<!", "<!doctype html>", "<![CDATA[", "]]>", "<?php ", "?>"),
    *(
        "a",
        "\n",
        " ",
        "x = 1\ny = 2",
        "&amp;",
        "&am",
        "p;",
        "&#10;",
        "&#1",
        "0;",
        "&notit;",
        "&",
        ";",
    ),
    *(
        "<",
        ">",
        "/",
        '"',
        "'",
        "=",
        "< b",
        "</",
        "</ pre>",
        "<3",
        "\r",
        "\x0b",
        "\u3000",
        "é",
        "语",
    ),
    *(
        '<a href="x">',
        "</a>",
        "<a\thref=x>",
        '<a b="1"c="2">',
        '<a class="x" class="y">',
        "<br />",
    ),
    *("<br>", "</br>", "<br/>", "</p>", "<li>", "<tr>", "<hr>", '<p class="x">'),
    *("<samp>", "</samp>", "<kbd>", "</kbd>", "<tt>", "</tt>", "<listing>", "</listing>"),
    *("</xmp>", "</plaintext>", '<samp class="language-bash">', "<kbd/>"),
    *("```", "~~~", "`", "``", "~", "~~", "&#96;", "&#x60;", "&#096", "&grave;", "&#126;"),
    *('<code class="language-bash">', '<pre class="language-python">', "```python\nx = 1"),
]


def exactly(elements) -> list[tuple]:
    """Elements with the fields that they leave out when compared."""
    return [tuple(vars(element).items()) for element in elements]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_both_ways_of_reading_find_the_same(html):
    assert exactly(read_html(html)) == exactly(parse_html(html))


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_both_ways_agree_on_what_stands_among_highlighted_code(html):
    page = f'<div class="language-python"><pre><span></span><code>{html}</code></pre></div>'
    assert exactly(read_html(page + "<h2 id='z'>")) == exactly(parse_html(page + "<h2 id='z'>"))


SEVERAL = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@given(SEVERAL, SEVERAL, SEVERAL)
def test_content_read_before_gives_no_other_page(before, content, after):
    content = f"<h1>{content}</h1>"
    html = before + content + after
    assert read_around(html, content, read_content(content)) == read_html(html)


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        ("<pre>", "<p>x</p>", "</pre>"),
        ("<!-- ", "<pre>x</pre>", " -->"),
        ("<div>", "<pre>x", "</pre></div>"),
        ('<div class="language-bash">', "<pre>x</pre>", "</div>"),
        ("<div>", '<div class="language-bash">', "<pre>x</pre></div></div>"),
        ("<p>``", "<b></b>", "`</p>"),
        ("<pre>x</pre>", "<pre>x</pre>", ""),
        ("<script>", "<pre>x</pre>", "</script>"),
    ],
)
def test_a_page_that_opens_around_its_content_is_read_whole(before, content, after):
    html = f"{before}{content}{after}"
    assert read_around(html, content, read_content(content)) == read_html(html)


@pytest.mark.parametrize("piece", PIECES)
def test_no_piece_of_html_hides_the_block_after_it(piece):
    block = "<pre><code>x = 1</code></pre>"
    html = f"<p>{piece}</p>\n{block}"
    assert exactly(read_html(html)) == exactly(parse_html(html))


def test_pages_as_they_are_built_are_read_without_the_slow_parser(project: Project, monkeypatch):
    assert project.build().returncode == 0
    html = project.read("site/notes/index.html")
    monkeypatch.setattr(markup, "parse_html", None)
    content = re.search(r"<article.*?>\s*(<h1.*?)\s*</article>", html, re.S)[1]
    elements = read_around(html, content, read_content(content))
    assert elements == read_html(html)
    assert "as given" in read_around(html, content, ["as given"])  # not read a second time
    assert [e.anchor for e in elements if isinstance(e, Heading) and e.level == 2] == [
        "passes",
        "also",
    ]
    assert [e.text for e in elements if isinstance(e, Block)] == [
        'print("fine")\n# > fine',
        'print("too")\n# > too',
    ]
