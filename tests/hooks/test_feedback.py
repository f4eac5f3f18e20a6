"""The link below each question that reports a mistake in it."""

import html
import re
from urllib.parse import parse_qs, urlsplit

from collector.words import read_words
from conftest import ROOT
from feedback import TEMPLATE, with_links

CONTENT = """\
<h1>Title</h1>
<p>What this is.</p>
<h2 data-level="basic" id="first">First?<a class="headerlink" href="#first">x</a></h2>
<p>Yes.</p>
<h2 id="see-also">See also</h2>
<p>That.</p>
<h2 data-level="advanced" id="second">Second?</h2>
<p>No.</p>
"""
LINK = re.compile(r'<p class="feedback"[^>]*><a href="([^"]+)"[^>]*>(.+?)</a></p>')


def test_each_question_ends_with_a_link_that_names_it():
    words = read_words("zh")
    content = with_links(CONTENT, "https://h.example/zh/x/", "https://github.com/a/b/", words)
    assert LINK.sub("", content).split() == CONTENT.split()
    assert [text for _, text in LINK.findall(content)] == [words.text("feedback.link")] * 2
    first, second = (urlsplit(html.unescape(url)) for url, _ in LINK.findall(content))
    assert first.path == second.path == "/a/b/issues/new"
    assert parse_qs(first.query) == {
        "template": [TEMPLATE],
        "question": ["https://h.example/zh/x/#first"],
    }
    assert parse_qs(second.query)["question"] == ["https://h.example/zh/x/#second"]
    for paragraph, after in (("Yes.", '<h2 id="see-also">'), ("No.", "")):
        below = content.partition(f"<p>{paragraph}</p>")[2]
        assert LINK.sub("", below.split("<h2")[0]).strip() == ""
        assert below.strip().partition("</p>")[2].strip().startswith(after)


def test_links_appear_only_where_there_is_a_repository(project):
    site = {"SITE_URL": "https://handbook.example/"}
    assert project.run("mkdocs", "build", **site).returncode == 0
    assert 'class="feedback"' not in project.read("site/notes/index.html")
    repository = {"REPO_URL": "https://github.com/a/b", "REPO_NAME": "a/b"}
    assert project.run("mkdocs", "build", **site, **repository).returncode == 0
    for root in ("", "zh/"):
        links = LINK.findall(project.read(f"site/{root}notes/index.html"))
        asked = [parse_qs(urlsplit(html.unescape(url)).query)["question"] for url, _ in links]
        wanted = [f"https://handbook.example/{root}notes/#{name}" for name in ("passes", "also")]
        assert asked == [[address] for address in wanted]


def test_the_form_that_is_opened_has_the_field_that_is_filled():
    form = ROOT / ".github/ISSUE_TEMPLATE" / TEMPLATE
    assert "id: question" in form.read_text("utf-8")
