"""Writes the files that readers carry away, from the sections that passed.

A notebook and a script per topic, a deck of flashcards, and the pages as
Markdown for language models; in each language, under ``takeaways/``.  They are
files of the site like any other, so that MkDocs checks links to them, and the
gate publishes them with the pages or not at all.  ``mkdocs serve`` makes none.
"""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collector.questions import Topic, pages_of, read_topics
from exports import anki, downloads, llms, notebooks, offline
from exports.portable import published
from exports.sections import Sections, read_exported
from markdown import Markdown
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File
from settings import is_serving, language_of, project_of, root_of, words_of

log = logging.getLogger("mkdocs.takeaways")


@dataclass(frozen=True)
class Exports:
    """The takeaways of one language while its site is built."""

    sections: Sections
    topics: tuple[Topic, ...]
    markdown: dict[str, str] = field(default_factory=dict)
    """Each page for language models, by its stem; filled as MkDocs reads the pages."""


def on_files(files, config):
    """Add the files; a section that did not pass keeps all of them back."""
    if is_serving(config):
        return files
    language = language_of(config)
    if sections := read_exported(config.extra["verifier"], language):
        topics = read_topics(Path(config.docs_dir), pages_of(config.nav))
        complete = (topic for topic in topics if _is_complete(topic, sections))
        exports = config.extra["exports"] = Exports(sections, tuple(complete))
        for name, content in _contents(exports, config):
            files.append(File.generated(config, name, content=content))
    return files


def _is_complete(topic: Topic, sections: Sections) -> bool:
    """Tell whether all sections that a topic shows exist; the gate refuses a page without."""
    embeds = (embed for question in topic.questions for embed in question.embeds)
    return all((file.removesuffix(".py"), slug) in sections for file, slug in embeds)


def _contents(exports: Exports, config) -> Iterator[tuple[str, str | bytes]]:
    """Yield names and contents of files; ``on_env`` fills in empty ones."""
    language, root, home = language_of(config), project_of(config), published(config.site_url)
    source = notebooks.Source(
        words_of(config), exports.sections, config.site_name, home, root / "snippets"
    )
    for topic in exports.topics:
        cells = notebooks.cells_of(topic, source)
        yield downloads.notebook(topic.stem), notebooks.write_notebook(cells)
        yield downloads.script(topic.stem), notebooks.write_script(cells)
    deck = anki.Deck(language, exports.topics, exports.sections, home, _renderer(config))
    yield downloads.deck(language), deck.write(_last_change(root))
    yield downloads.LLMS, ""
    yield downloads.LLMS_FULL, ""


def _renderer(config) -> Callable[[str], str]:
    """Render Markdown as pages do, without tables of contents and embeds."""
    extensions = [name for name in config.markdown_extensions if isinstance(name, str)]
    kept = [name for name in extensions if name not in ("toc", "pymdownx.snippets")]
    configs = {name: config.mdx_configs[name] for name in kept if name in config.mdx_configs}
    markdown = Markdown(extensions=kept, extension_configs=configs)
    return lambda text: markdown.reset().convert(text)


def _last_change(root: Path) -> int:
    """Return when the pages were last changed, in seconds; the same wherever they are built."""
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
    """Keep pages for language models, now that their parts are written."""
    exports, stem = config.extra.get("exports"), Path(page.file.src_uri).stem
    if exports and stem not in downloads.LISTS:
        exports.markdown[stem] = markdown
    return markdown


def on_page_content(html, page, config, files):
    """Say below a topic's introduction where its notebook and script are."""
    stem = Path(page.file.src_uri).stem
    target = files.get_file_from_path(f"{downloads.FOLDER}.md")
    if not (target and files.get_file_from_path(downloads.notebook(stem))) or "<h2" not in html:
        return html
    above, below = html.split("<h2", 1)
    return f"{above}{downloads.line(stem, page.url, target.url, words_of(config))}\n<h2{below}"


def on_env(env, config, files):
    """Write the pages for language models, now that other hooks have had their say."""
    if exports := config.extra.get("exports"):
        root = project_of(config)
        writer = llms.Writer(
            words_of(config), exports.sections, config.site_url, root / "snippets"
        )
        texts = list(_texts(writer, exports, config, files))
        about = config.site_name, config.site_description, texts
        _fill(files, downloads.LLMS, writer.index(*about, _llms_of_another_language(config)))
        _fill(files, downloads.LLMS_FULL, writer.everything(*about))
        for text in texts:
            path = Path(config.site_dir) / ("" if text.stem == "index" else text.stem) / "index.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.markdown, "utf-8")
    return env


def _fill(files, name: str, content: str) -> None:
    files.get_file_from_path(name).content_string = content


def _texts(writer: llms.Writer, exports: Exports, config, files) -> Iterator[llms.Text]:
    """Yield the pages as Markdown, in the order of the site."""
    titles = config.extra["languages"][language_of(config)].get("nav", {})
    for name, section in llms.sections_of(config.nav, titles):
        file, stem = files.get_file_from_path(name), Path(name).stem
        if file is not None and stem in exports.markdown:
            text = writer.page(stem, exports.markdown[stem])
            yield llms.Text(stem, file.page.title, section, text)


def _llms_of_another_language(config) -> str:
    languages = config.extra["languages"]
    other = next(s["root"] for code, s in languages.items() if code != language_of(config))
    return f"{config.site_url.removesuffix(root_of(config))}{other}{downloads.LLMS}"


@event_priority(-75)  # when its pages are finished, and before it is published
def on_post_build(config):
    """Pack the site, once all its languages are built; not at each save."""
    if is_serving(config) or root_of(config):
        return
    roots = tuple(settings["root"] for settings in config.extra["languages"].values())
    edition = offline.read_edition(Path(config.site_dir), roots, config.site_url)
    size = offline.write_archive(edition).stat().st_size
    log.info("The offline edition has %.1f MB", size / 1e6)
