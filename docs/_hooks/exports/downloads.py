"""Names the files that readers carry away, and writes the lists that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collector.questions import Topic
from collector.words import Words
from mkdocs.utils import get_relative_url

from exports.anki import predictions
from exports.offline import ARCHIVE
from exports.sections import Sections

FOLDER = "takeaways"
LLMS, LLMS_FULL = "llms.txt", "llms-full.txt"
LISTS = (FOLDER, "index", "plan", "questions")
"""Pages that only lead to others; language models do without."""


def notebook(stem: str) -> str:
    return f"{FOLDER}/{stem}.ipynb"


def script(stem: str) -> str:
    return f"{FOLDER}/{stem}.py"


def deck(language: str) -> str:
    return f"{FOLDER}/pytorch-interview-{language}.apkg"


def deck_line(language: str, topics: Sequence[Topic], sections: Sections, words: Words) -> str:
    """Link the flashcards and count them."""
    questions = [question for topic in topics for question in topic.questions]
    return words.text(
        "takeaways.deck",
        name=words.text("anki.name"),
        file=deck(language),
        questions=len(questions),
        predictions=sum(len(list(predictions(question, sections))) for question in questions),
    )


def table(topics: Iterable[Topic], words: Words) -> str:
    """List the notebook and the script of each topic."""
    heads = (words.text(f"takeaways.head_{name}") for name in ("topic", "questions", "files"))
    return "\n".join([_row(heads), _row(["---"] * 3), *map(_topic, topics)])


def _topic(topic: Topic) -> str:
    stem = topic.stem
    files = f"[{stem}.ipynb]({notebook(stem)}) · [{stem}.py]({script(stem)})"
    return _row([f"[{topic.title}]({stem}.md)", str(len(topic.questions)), files])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def archive_line(page: str, words: Words) -> str:
    """Link the offline edition, which lies beside the first language.

    Args:
        page: Address of the page below the root of the site.
    """
    return words.text("takeaways.offline", url=get_relative_url(ARCHIVE, page))


def line(stem: str, page: str, takeaways: str, words: Words) -> str:
    """Link the files of one topic, from its page."""
    links = {"notebook": notebook(stem), "script": script(stem), "page": takeaways}
    urls = {name: get_relative_url(url, page) for name, url in links.items()}
    text = words.text("takeaways.line", **urls)
    return f'<p class="takeaways" data-search-exclude>{text}</p>'
