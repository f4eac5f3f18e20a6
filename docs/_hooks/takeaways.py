"""Writes what readers carry away, from the sections that passed.

A notebook and a script per topic, a deck of flashcards, and the pages as
Markdown for language models; in each language, under ``takeaways/``. They are
files of the site like any other, so that MkDocs checks links to them, and the
gate publishes them with the pages or not at all. ``mkdocs serve`` makes none.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import anki_deck
import llms
import notebooks
from collector.questions import Topic, pages_of, read_topics
from markdown import Markdown
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url
from prose import published
from verified import Sections, read_verified

PLACE = re.compile(r"<!-- takeaways: (deck|topics|llms|offline) -->")
FOLDER = "takeaways"
OFFLINE = f"{FOLDER}/pytorch-interview-handbook.zip"
"""Written at the first language's root by the hook ``offline``."""
LISTS = (FOLDER, "index", "plan", "questions")
"""Pages that only lead to others; language models do without."""
WORDS = {
    "en": {
        "deck": "[{name}](takeaways/{file}): {questions} questions and {predictions} cards "
        "that ask what a short script prints.",
        "head": "| Topic | Questions | Notebook and script |\n| --- | --- | --- |",
        "llms": "[llms.txt]({index}) lists the pages as Markdown, "
        "[llms-full.txt]({all}) holds all of them.",
        "offline": '<a href="{url}">The whole site in one zip</a>, in both languages. '
        "Unpack it and open `index.html`; search works too, and nothing asks the network.",
        "serving": "*`mkdocs build` makes these files; `mkdocs serve` leaves them out.*",
        "line": 'Take this page with you: <a href="{notebook}">notebook</a>, '
        '<a href="{script}">script</a>, <a href="{page}">flashcards and more</a>',
    },
    "zh": {
        "deck": "[{name}](takeaways/{file})：{questions} 道题，"
        "外加 {predictions} 张“这段代码打印什么”的卡片。",
        "head": "| 专题 | 题数 | 笔记本和脚本 |\n| --- | --- | --- |",
        "llms": "[llms.txt]({index}) 列出全部页面的 Markdown 版，"
        "[llms-full.txt]({all}) 把它们合在一个文件里。",
        "offline": '<a href="{url}">整个网站的压缩包</a>，中英文都在里面。'
        "解压后打开 `index.html` 即可，搜索照样能用，全程不联网。",
        "serving": "*这些文件由 `mkdocs build` 生成，`mkdocs serve` 不会生成。*",
        "line": '把这一页带走：<a href="{notebook}">笔记本</a>、'
        '<a href="{script}">脚本</a>、<a href="{page}">记忆卡片等</a>',
    },
}


@dataclass
class Takeaways:
    """What one ``mkdocs`` command makes; the languages share the sections."""

    serving: bool = False
    sections: Sections = field(default_factory=dict)
    topics: dict[str, tuple[Topic, ...]] = field(default_factory=dict)
    """By language, in the order of the site."""
    markdown: dict[str, dict[str, str]] = field(default_factory=dict)
    """By language, each page as Markdown, by its stem."""

    def begin(self, config) -> None:
        """Read what is needed once for all languages, and nothing if a section failed."""
        languages = config.extra["languages"]
        self.sections = {}
        if not self.serving:
            self.sections = read_verified(config.extra["verifier"], languages)
        self.topics = {language: () for language in languages}
        self.markdown = {language: {} for language in languages}


takeaways = Takeaways()  # MkDocs calls a hook's functions and hands on_startup no config


def language_of(config) -> str:
    return config.theme["language"]


def home_of(config) -> str:
    """Address of the language's site, if the site is published."""
    return published(config.site_url)


def deck_file(language: str) -> str:
    return f"pytorch-interview-{language}.apkg"


def on_startup(command: str, dirty: bool) -> None:
    takeaways.serving = command == "serve"


def on_files(files, config):
    """Add the files; a section that did not pass keeps all of them back."""
    language = language_of(config)
    if not config.extra["languages"][language]["root"]:
        takeaways.begin(config)
    if not takeaways.sections:
        return files
    topics = tuple(read_topics(Path(config.docs_dir), pages_of(config.nav)))
    takeaways.topics[language] = tuple(filter(_is_whole, topics))
    for name, content in _contents(config, language):
        files.append(File.generated(config, name, content=content))
    return files


def _is_whole(topic: Topic) -> bool:
    """Whether there is a section for all that it shows; the gate refuses a page without."""
    embeds = (embed for question in topic.questions for embed in question.embeds)
    return all((file.removesuffix(".py"), slug) in takeaways.sections for file, slug in embeds)


def _contents(config, language: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield what is written under which name; ``on_env`` fills in what is empty."""
    root = Path(config.config_file_path).parent
    topics, home = takeaways.topics[language], home_of(config)
    source = notebooks.Source(
        language, takeaways.sections, config.site_name, home, root / "snippets"
    )
    for topic in topics:
        cells = notebooks.cells_of(topic, source)
        yield f"{FOLDER}/{topic.stem}.ipynb", notebooks.write_notebook(cells)
        yield f"{FOLDER}/{topic.stem}.py", notebooks.write_script(cells)
    render = _renderer(config)
    deck = anki_deck.Deck(language, topics, takeaways.sections, home, render)
    yield f"{FOLDER}/{deck_file(language)}", deck.write(last_change(root))
    yield "llms.txt", ""
    yield "llms-full.txt", ""


def _renderer(config) -> Callable[[str], str]:
    """Render Markdown as the pages do, but for what belongs to a page."""
    extensions = [name for name in config.markdown_extensions if isinstance(name, str)]
    kept = [name for name in extensions if name not in ("toc", "pymdownx.snippets")]
    configs = {name: config.mdx_configs[name] for name in kept if name in config.mdx_configs}
    markdown = Markdown(extensions=kept, extension_configs=configs)
    return lambda text: markdown.reset().convert(text)


def last_change(root: Path) -> int:
    """When the pages were last changed, in seconds; the same wherever they are built."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(epoch)
    command = ["git", "log", "-1", "--format=%ct", "--", "docs", "snippets"]
    try:
        told = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.strip()
    except OSError:
        told = ""
    files = [path for folder in ("docs", "snippets") for path in root.glob(f"{folder}/**/*.*")]
    return int(told or max(path.stat().st_mtime for path in files))


def on_page_markdown(markdown, page, config, files):
    """Put the lists where the page asks for them, and keep pages for language models."""
    language = language_of(config)
    markdown = PLACE.sub(lambda place: _list(place[1], page, config), markdown)
    if takeaways.sections and Path(page.file.src_uri).stem not in LISTS:
        takeaways.markdown[language][Path(page.file.src_uri).stem] = markdown
    return markdown


def _list(kind: str, page, config) -> str:
    language = language_of(config)
    words = WORDS[language]
    if takeaways.serving or not takeaways.sections:
        return words["serving"]
    topics = takeaways.topics[language]
    match kind:
        case "deck":
            found = [p for t in topics for q in t.questions for p in _predictions(q)]
            return words["deck"].format(
                name=anki_deck.EDITIONS[language].name,
                file=deck_file(language),
                questions=sum(len(topic.questions) for topic in topics),
                predictions=len(found),
            )
        case "topics":
            return "\n".join([words["head"], *map(_row, topics)])
        case "llms":
            return words["llms"].format(index="llms.txt", all="llms-full.txt")
    root = config.extra["languages"][language]["root"]
    return words["offline"].format(url=get_relative_url(OFFLINE, root + page.url))


def _predictions(question) -> list[anki_deck.Prediction]:
    return list(anki_deck.predictions(question, takeaways.sections))


def _row(topic: Topic) -> str:
    files = (f"[{topic.stem}{end}]({FOLDER}/{topic.stem}{end})" for end in (".ipynb", ".py"))
    cells = f"[{topic.title}]({topic.stem}.md)", str(len(topic.questions)), " · ".join(files)
    return f"| {' | '.join(cells)} |"


def on_page_content(html, page, config, files):
    """Say below a topic's introduction where its notebook and script are."""
    names = [f"{FOLDER}/{Path(page.file.src_uri).stem}{end}" for end in (".ipynb", ".py")]
    target = files.get_file_from_path(f"{FOLDER}.md")
    if not (target and all(map(files.get_file_from_path, names))) or "<h2" not in html:
        return html
    notebook, script = (get_relative_url(name, page.url) for name in names)
    links = {
        "notebook": notebook,
        "script": script,
        "page": get_relative_url(target.url, page.url),
    }
    line = WORDS[language_of(config)]["line"].format(**links)
    above, below = html.split("<h2", 1)
    return f'{above}<p class="takeaways" data-search-exclude>{line}</p>\n<h2{below}'


def on_env(env, config, files):
    """Write the pages for language models, now that other hooks have had their say."""
    index = files.get_file_from_path("llms.txt")
    if index is None:
        return env
    language = language_of(config)
    texts = list(_texts(config, files))
    writer = _writer(config)
    first = config.extra["languages"]
    home = config.site_url.removesuffix(first[language]["root"])
    other = next(f"{home}{s['root']}llms.txt" for code, s in first.items() if code != language)
    name, description = config.site_name, config.site_description
    index.content_string = writer.index(name, description, texts, other)
    files.get_file_from_path("llms-full.txt").content_string = writer.everything(
        name, description, texts
    )
    for text in texts:
        path = Path(config.site_dir) / ("" if text.stem == "index" else text.stem) / "index.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.markdown, "utf-8")
    return env


def _writer(config) -> llms.Writer:
    root = Path(config.config_file_path).parent
    return llms.Writer(language_of(config), takeaways.sections, config.site_url, root / "snippets")


def _texts(config, files) -> Iterator[llms.Text]:
    """Yield the pages as Markdown, in the order of the site."""
    language, writer = language_of(config), _writer(config)
    titles = config.extra["languages"][language].get("nav", {})
    for name, section in llms.sections_of(config.nav, titles):
        file = files.get_file_from_path(name)
        stem = Path(name).stem
        if file is None or stem not in takeaways.markdown[language]:
            continue
        text = writer.page(stem, takeaways.markdown[language][stem])
        yield llms.Text(stem, file.page.title, section, text)
