"""The site for language models: an index, each page as Markdown, and all in one file.

The files follow https://llmstxt.org: ``llms.txt`` lists the pages, and each
page stands beside its HTML as ``index.md``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.sections import span
from collector.words import Words

from exports.portable import IMAGE, address, embeds_replaced, plain
from exports.sections import Sections

DOCUMENTED = re.compile(r"^::: snippets\.(?P<module>[\w.]+)\.(?P<name>\w+)$", re.M)
LEVEL = re.compile(r"^(## .+?) \{ #[a-z0-9-]+ data-level=(\w+) \}$", re.M)
PARAGRAPH = re.compile(r"(?!```|[#>|<-])\S")
TARGET = re.compile(r"\[([^\]]+)\]\([^)]+\)")
TAGS = re.compile(r"^</?div[^>]*>\n+|\n+</?div[^>]*>$", re.M)


@dataclass(frozen=True)
class Text:
    """One page as Markdown."""

    stem: str
    title: str
    section: str
    """Of the navigation; empty for the landing page."""
    markdown: str

    @property
    def summary(self) -> str:
        """Its first paragraph, in one line."""
        first = next(filter(PARAGRAPH.match, self.markdown.split("\n\n")[1:]), "")
        return " ".join(TARGET.sub(r"\1", first).split())


@dataclass(frozen=True)
class Writer:
    """Writes the pages of one language as Markdown.

    Args:
        home: Address of the site in this language.
    """

    words: Words
    sections: Sections
    home: str
    snippets: Path

    def page(self, stem: str, markdown: str) -> str:
        """Write one page: blocks in place of embeds, no boxes, absolute links."""
        text = LEVEL.sub(self._with_level, TAGS.sub("", markdown))
        text = plain(text, stem, self.home)
        text = IMAGE.sub(rf"![\g<alt>]({self.home}\g<target>)", text)
        text = DOCUMENTED.sub(self._source, text)
        return embeds_replaced(text, self._block).strip() + "\n"

    def _with_level(self, heading: re.Match[str]) -> str:
        level = self.words.text(f"levels.{heading[2]}")
        return self.words.text("questions.heading", title=heading[1], level=level)

    def _block(self, topic: str, slug: str) -> str:
        section = self.sections[topic, slug]
        return (
            f"*{section.note}*\n\n" if section.note else ""
        ) + f"```python\n{section.text}\n```"

    def _source(self, found: re.Match[str]) -> str:
        """Show the source of a helper, where the site shows its documentation."""
        path = self.snippets / f"{found['module'].replace('.', '/')}.py"
        text = path.read_text("utf-8")
        nodes = [
            node for node in ast.parse(text).body if getattr(node, "name", "") == found["name"]
        ]
        source = "\n\n".join(filter(None, (_whole(text, node) for node in nodes)))
        return f"```python\n{source}\n```"

    def index(self, name: str, description: str, texts: Sequence[Text], other: str) -> str:
        """Write ``llms.txt``.

        Args:
            name: Of the site.
            other: Address of the same file in the other language.
        """
        text_of = self.words.text
        lines = [f"# {name}", "", f"> {description}", "", text_of("llms.about"), ""]
        for section in dict.fromkeys(text.section for text in texts):
            lines += [f"## {section or text_of('llms.start')}", ""]
            lines += [self._entry(text) for text in texts if text.section == section]
            lines.append("")
        lines += ["## Optional", "", f"- [{text_of('llms.all')}]({self.home}llms-full.txt)"]
        lines.append(f"- [{text_of('llms.other')}]({other})")
        return "\n".join(lines) + "\n"

    def _entry(self, text: Text) -> str:
        link = f"- [{text.title}]({address(text.stem, '', self.home)}index.md)"
        return f"{link}: {text.summary}" if text.summary else link

    def everything(self, name: str, description: str, texts: Sequence[Text]) -> str:
        """Write ``llms-full.txt``."""
        about = self.words.text("llms.about")
        return "\n".join(
            [f"# {name}\n\n> {description}\n\n{about}\n", *(t.markdown for t in texts)]
        )


def _whole(text: str, node: ast.stmt) -> str | None:
    first, last = span(node)
    return "\n".join(text.split("\n")[first - 1 : last])


def sections_of(nav: list, titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each page of mkdocs.yml's ``nav``, with the title of its section."""
    for entry in nav:
        if isinstance(entry, str):
            yield entry, ""
            continue
        for title, pages in entry.items():
            for page, _ in sections_of(pages, titles):
                yield page, titles.get(title, title)
