"""Rules of the house: shapes of pages and sections that readers count on.

Each rule is judged here and nowhere else.  ``pytest docs/en/views.md``, ``mkdocs serve``
and ``mkdocs build`` show its faults; ``python -m collector.rules`` judges everything
without running anything.  CONTRIBUTING.md gives the reasons at length.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from collector.faults import Fault, FaultError, read_text, relative
from collector.outputs import expected
from collector.questions import LEVELS, Question, read_topic
from collector.sections import Library, Module, Section, read_library, statements
from collector.words import read_words

FEWEST_QUESTIONS, MOST_QUESTIONS = 3, 20
LONGEST_ANSWER = {"en": 100, "zh": 220}
"""English words, Chinese characters and signs."""
SHORTEST_ALT = 15
SHORTEST_SECTION, LONGEST_SECTION = 5, 40
WIDEST_LINE = 79
READERS_HAVE = {"torch", "torchvision", "numpy", "matplotlib", "PIL", "tensorboard", "snippets"}
IMPORTABLE = READERS_HAVE | sys.stdlib_module_names
TOOLBOX = "snippets.toolbox."
HEADING = re.compile(r"## (?P<title>.+?)(?: \{(?P<attributes>.*)\})?")
ATTRIBUTES = re.compile(rf" #(?P<anchor>[a-z0-9-]+) data-level=(?:{'|'.join(LEVELS)}) ")
ANSWER = re.compile(r'!!! abstract "(?P<label>.+)"')
FIGURE = re.compile(r"!\[(?P<alt>.*?)\]\(figures/(?P<topic>\w+)/(?P<slug>[\w-]+)\.svg")
UNDERSCORES = re.compile(r"__\w+__")
CODE = re.compile(r"`[^`\n]*`")
FENCE = re.compile(r"\s*(?:```|~~~)")


def faults_of_section(section: Section) -> list[Fault]:
    """Judge the shape of a section: a short, complete script that prints its evidence."""
    return list(_faults_of_section(section))


def _faults_of_section(section: Section) -> Iterator[Fault]:
    lines = section.text.split("\n")
    if len([line for line in lines if line.strip()]) < SHORTEST_SECTION:
        yield section.fault(
            section.first,
            f"has fewer than {SHORTEST_SECTION} lines; show a complete script, imports first",
        )
    if len(lines) > LONGEST_SECTION:
        yield section.fault(
            section.first,
            f"has {len(lines)} lines; more than {LONGEST_SECTION} do not fit one screen,"
            " so cut it, or split it in two",
        )
    for number, line in enumerate(section.lines, section.first):
        if len(line) > WIDEST_LINE:
            yield section.fault(
                number, f"has {len(line)} columns; pages show {WIDEST_LINE}, so break the line"
            )
    try:
        nodes, outputs = statements(section), expected(section)
    except (SyntaxError, FaultError):
        return  # its run says so
    if not isinstance(nodes[0], ast.Import | ast.ImportFrom):
        yield section.fault(
            nodes[0].lineno, "imports come first, so that it runs in an empty file"
        )
    yield from _foreign_imports(section, nodes)
    has_output = any(output.lines for output in outputs.values())
    prints = has_output or (section.need is not None and "print(" in section.source)
    if not prints and "plt.show()" not in section.source:
        yield section.fault(
            section.first, "shows no evidence; print a result that could come out otherwise"
        )


def _foreign_imports(section: Section, nodes: list[ast.stmt]) -> Iterator[Fault]:
    for node in ast.walk(ast.Module(nodes, [])):
        match node:
            case ast.Import(names=aliases):
                modules = [alias.name for alias in aliases]
            case ast.ImportFrom(module=module):
                modules = [module or "."]
            case _:
                continue
        for module in modules:
            top = module.partition(".")[0]
            if top not in IMPORTABLE or (top == "snippets" and not module.startswith(TOOLBOX)):
                yield section.fault(
                    node.lineno,
                    f"imports {module}, which readers do not have; use torch, torchvision,"
                    f" numpy, matplotlib, the standard library or {TOOLBOX}*",
                )


def faults_of_page(path: Path, root: Path, library: Library) -> list[Fault]:
    """Judge the shape of a page from its Markdown.

    Raises:
        FaultError: If the file itself cannot be read.
    """
    text, name = read_text(path, root), relative(path, root)
    faults = list(_bold_underscores(text, name))
    if module := library.modules.get(f"{path.stem}.py"):
        faults += _faults_of_topic(path, text, name, module)
    return faults


def _bold_underscores(text: str, name: str) -> Iterator[Fault]:
    is_code = False
    for number, line in enumerate(text.split("\n"), 1):
        if FENCE.match(line):
            is_code = not is_code
        elif not is_code and (found := UNDERSCORES.search(CODE.sub("", line))):
            yield Fault(name, number, f"{found[0]} shows in bold; put it in backticks")


def _faults_of_topic(path: Path, text: str, name: str, module: Module) -> Iterator[Fault]:
    language = path.parent.name
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("## ") and not _is_question(line):
            yield Fault(
                name,
                number,
                "is no question; write `## Title { #anchor data-level=LEVEL }` with a level"
                f" of {', '.join(LEVELS)}: the index, the plans and the counts need both",
            )
    questions = read_topic(path).questions
    if len(questions) > MOST_QUESTIONS:
        yield Fault(
            name,
            questions[MOST_QUESTIONS].line,
            f"is question {MOST_QUESTIONS + 1}; in a longer list readers find none again,"
            " so open a new topic",
        )
    elif len(questions) < FEWEST_QUESTIONS:
        yield Fault(
            name,
            1,
            f"answers {len(questions)} questions; a topic has {FEWEST_QUESTIONS} or more,"
            " so put these on the page of another topic",
        )
    lines = text.split("\n")
    for question in questions:
        yield from _faults_of_answer(question, lines, name, language)
        yield from _faults_of_embeds(question, name)
    yield from _faults_of_order(questions, name, module)
    yield from _faults_of_figures(text, name, module)


def _is_question(line: str) -> bool:
    heading = HEADING.fullmatch(line)
    return bool(heading and ATTRIBUTES.fullmatch(heading["attributes"] or ""))


def _faults_of_answer(
    question: Question, lines: list[str], name: str, language: str
) -> Iterator[Fault]:
    label, longest = read_words(language).text("questions.answer"), LONGEST_ANSWER[language]
    below = [(n, line) for n, line in enumerate(lines[question.line :], question.line + 1) if line]
    number, opening = below[0] if below else (question.line, "")
    box = ANSWER.fullmatch(opening)
    if not box or box["label"] != label:
        yield Fault(
            name,
            number,
            f'the short answer stands first: !!! abstract "{label}", and one paragraph below it',
        )
        return
    answer = question.answer
    length = len(answer.split()) if language == "en" else len(answer)
    if not answer or "\n\n" in answer:
        yield Fault(name, number, "the short answer is one paragraph: it is said in one breath")
    if length > longest:
        unit = "words" if language == "en" else "signs"
        yield Fault(
            name,
            number + 1,
            f"the short answer has {length} {unit}; more than {longest} take longer than"
            " 30 seconds to say, so move the rest below the block",
        )


def _faults_of_embeds(question: Question, name: str) -> Iterator[Fault]:
    slugs = [slug for _, slug in question.embeds]
    if not slugs or slugs[0] != question.anchor:
        yield Fault(
            name,
            question.line,
            f"#{question.anchor} shows first a section of its own name, so that links, tests and"
            f" sections find each other; it shows {slugs[0] if slugs else 'none'}",
        )
    for slug in slugs[1:]:
        if not slug.startswith(f"{question.anchor}-"):
            yield Fault(
                name,
                question.line,
                f"#{question.anchor} shows {slug!r}; name it {question.anchor}-{slug}",
            )


def _faults_of_order(
    questions: tuple[Question, ...], name: str, module: Module
) -> Iterator[Fault]:
    """Compare the order of a page's sections with that of their module."""
    embeds = [(embed, question) for question in questions for embed in question.embeds]
    for (file, _), question in embeds:
        if file != module.path.name:
            yield Fault(
                name,
                question.line,
                f"shows a section of {file}; a page shows those of {module.path.name} only,"
                " and links to others",
            )
    shown = [slug for (file, slug), _ in embeds if file == module.path.name]
    outermost = [s.slug for s in module.sections.values() if s.slug == s.outermost]
    written = [slug for slug in outermost if slug in shown]
    shown = [slug for slug in shown if slug in written]
    for here, there in zip(shown, written, strict=False):
        if here != there:
            line = next(question.line for (_, slug), question in embeds if slug == here)
            yield Fault(
                name,
                line,
                f"shows {here!r} where {module.path.name} has {there!r}; keep one order, in which"
                " both can be read side by side",
            )
            return


def _faults_of_figures(text: str, name: str, module: Module) -> Iterator[Fault]:
    drawn = {
        s.slug: s.first
        for s in module.sections.values()
        if s.slug == s.outermost and "plt.show()" in s.source
    }
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        for figure in FIGURE.finditer(line):
            slug = figure["slug"]
            if figure["topic"] != module.path.stem or slug not in drawn:
                yield Fault(name, number, f"no section {slug!r} of this topic draws a figure")
            elif slug in seen:
                yield Fault(name, number, f"shows the figure of {slug!r} a second time")
            seen.add(slug)
            if len(figure["alt"]) <= SHORTEST_ALT:
                yield Fault(
                    name,
                    number,
                    f"the alternative text has {len(figure['alt'])} characters; who cannot see"
                    " the figure needs to read what it shows",
                )
    for slug in drawn.keys() - seen:
        yield Fault(
            name,
            0,
            f"{slug!r} draws a figure that the page does not show; add"
            f" ![What one sees](figures/{module.path.stem}/{slug}.svg)",
        )


def faults_of_project(root: Path) -> list[Fault]:
    """Judge every page and section of a project."""
    library = read_library(root)
    faults = list(library.faults.values())
    for section in library.runnable():
        faults += faults_of_section(section)
    for path in sorted(root.glob("docs/[a-z]*/**/*.md")):
        try:
            faults += faults_of_page(path, root, library)
        except FaultError as error:
            faults.append(error.fault)
    return faults


def main() -> int:
    faults = sorted(faults_of_project(Path.cwd()))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
