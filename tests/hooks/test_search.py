"""Search keeps the words of a page, and knows synonyms."""

import pytest
from mkdocs.exceptions import PluginError
from search import read_synonyms, shortened

TEXT = (
    "<p>It <code>adds</code> gradients.</p> <pre><code>import torch\nx.retain_grad()\n"
    "# &gt; spoken\nmine = 1\n</code></pre> <p>Adds up; see <code>zero_grad</code> or"
    " <code>Trying to backward through the graph</code>.</p>"
)


def entry(location: str, text: str = TEXT) -> dict:
    return {"location": location, "title": "Why?", "text": text}


def test_a_section_keeps_its_answer_and_each_word_once():
    (section,) = shortened({"docs": [entry("autograd/#why")]})["docs"]
    assert section["text"] == "<p>It <code>adds</code> gradients.</p>"
    assert section["message"] == "Trying to backward through the graph"
    assert "zero_grad" in section["code"].split()
    assert section["also"].split() == ["or", "retain_grad", "see", "up"]


def test_the_landing_page_is_not_searched():
    docs = [entry(""), entry("#topics"), entry("views/"), entry("views/#why")]
    assert [s["location"] for s in shortened({"docs": docs})["docs"]] == ["views/", "views/#why"]


@pytest.mark.parametrize(
    "line",
    ["OOM: memory", "c++: memory", "oom: 5", "oom: ''", "oom: [memory]", "'': memory"],
)
def test_a_synonym_is_words_for_words(tmp_path, line):
    path = tmp_path / "search.yml"
    path.write_text(f"en:\n  lr: learning rate\n  {line}\n", "utf-8")
    with pytest.raises(PluginError, match=r"search\.yml: .*must be words in lower case"):
        read_synonyms(path)
