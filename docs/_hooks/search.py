"""Makes search find the words that candidates type, and costs nothing until they search.

Of each section the index keeps the title, the first paragraph, which answers a
question in short and is what results show, and the other words, each once.
``search.yml`` says which words of the pages are meant by others.

Material loads ``search/search_index.json`` with every page.  So that file holds
the settings alone, and ``search/index.json`` the sections too.  ``search.js``, in
the place of Material's search worker, fetches it at the first query.
"""

from __future__ import annotations

import functools
import json
import re
from html import unescape
from pathlib import Path

import yaml
from collector.captions import without_uncoloured
from mkdocs.exceptions import PluginError

PLUGIN = "material/search"
HERE = Path(__file__).parent
SETTINGS = "search/search_index.json"
INDEX = "search/index.json"
"""The settings and the sections, in Material's form with fields of our own."""
WORKER = "assets/javascripts/workers/search.*.js"
HOME = re.compile(r"$|#")
LABEL = '<p class="admonition-title">'
UNLISTED_LABEL = '<p class="admonition-title" data-search-exclude="label">'
FORMULA = '<div class="arithmatex">'
UNLISTED_FORMULA = '<div class="arithmatex" data-search-exclude>'
BLOCK = re.compile(r"<pre>.*?</pre>", re.S)
CODE = re.compile(r"<code>.*?</code>", re.S)
PARAGRAPH = re.compile(r"<p>.*?</p>", re.S)
TAG = re.compile(r"<[^>]+>")
MESSAGE = 3
"""Fewest spaces in a quoted error message."""
OUTPUT = re.compile(r"(?m)^# >.*\n?")
LIBRARY_NAME = re.compile(
    r"(?<=[.@])[A-Za-z]\w{2,}|[A-Za-z]\w{2,}(?=\()|[A-Z]\w+(?:Error|Warning)"
)
"""Names that a block calls and raises; the names that it gives say nothing to others."""
WORD = re.compile(r"[^\W\d]\w+")
TYPED = re.compile(r"[^\WA-Z]+(?: [^\WA-Z]+)*")


def shortened(index: dict) -> dict:
    """Shorten an index to the texts that results show, and each searchable word once.

    The landing page names every topic and answers nothing.
    """
    sections = [entry for entry in index["docs"] if not HOME.match(entry["location"])]
    found = [{**entry, **_section(entry["title"], entry["text"])} for entry in sections]
    return {**index, "docs": found}


@functools.lru_cache(2048)  # few sections change between the saves of an author
def _section(title: str, text: str) -> dict[str, str]:
    """Extract the searchable texts from a section's HTML."""
    prose = BLOCK.sub(" ", text)
    first = PARAGRAPH.search(prose)
    shown = first[0] if first else ""
    block = OUTPUT.sub("", " ".join(map(_plain, BLOCK.findall(text))))
    quoted = CODE.findall(prose)
    message = " ".join(words for words in map(_plain, quoted) if words.count(" ") >= MESSAGE)
    known = _words(f"{title} {shown}")
    code = {word: name for word, name in _words(" ".join(quoted)).items() if word not in known}
    others = _words(f"{prose} {' '.join(LIBRARY_NAME.findall(block))}")
    also = {word: name for word, name in others.items() if word not in known | code}
    return {
        "text": shown,
        "message": message,
        "code": " ".join(code.values()),
        "also": " ".join(sorted(also.values())),
    }


def _words(text: str) -> dict[str, str]:
    """List words, by their form in lower case; a number alone finds nothing."""
    return {word.lower(): word for word in WORD.findall(_plain(text))}


def _plain(text: str) -> str:
    return unescape(TAG.sub(" ", text)).strip()


@functools.cache
def read_synonyms(path: Path) -> dict[str, dict[str, str]]:
    """Read the words that candidates type and those of the pages, by language.

    Raises:
        PluginError: ``path: what is wrong``, if an entry does not give words for words.
    """
    synonyms = yaml.safe_load(path.read_text("utf-8"))
    for entries in synonyms.values():
        for typed, meant in entries.items():
            if not (isinstance(meant, str) and TYPED.fullmatch(str(typed)) and meant.strip()):
                message = "must be words in lower case, a colon, and words of the pages"
                raise PluginError(f"{path.name}: {typed}: {meant}: {message}")
    return synonyms


def on_page_content(content, page, config, files):
    """Keep formulas, and the titles of boxes, alike in all questions, out of the index."""
    if PLUGIN not in config.plugins:
        return content
    content = without_uncoloured(content)  # half as many elements to look through
    return content.replace(LABEL, UNLISTED_LABEL).replace(FORMULA, UNLISTED_FORMULA)


def on_post_build(config):
    """Move the sections to a file that the worker fetches at the first query."""
    if PLUGIN not in config.plugins:
        return
    site = Path(config.site_dir)
    index = json.loads((site / SETTINGS).read_bytes())
    synonyms = read_synonyms(HERE / "search.yml").get(config.theme["language"], {})
    _write(site / SETTINGS, {**index, "docs": []})
    _write(site / INDEX, shortened({**index, "config": {**index["config"], "synonyms": synonyms}}))
    for worker in site.glob(WORKER):
        worker.write_text((HERE / "search.js").read_text("utf-8"), "utf-8")


def _write(path: Path, index: dict) -> None:
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, "utf-8")
