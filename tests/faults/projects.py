"""Changes to a project after which nothing may be published."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conftest import Project


@dataclass(frozen=True)
class Change:
    """One change to a project whose sections have passed."""

    name: str
    says: str
    """Message of the build."""
    make: Callable[[Project], object]
    arguments: tuple[str, ...] = ()
    """Options before ``build`` on the command line."""
    environment: Mapping[str, str] = field(default_factory=dict)


def page(name: str, text: str, languages: tuple[str, ...] = ("en", "zh")) -> Callable:
    def make(project: Project) -> None:
        for language in languages:
            (project.root / "docs" / language / name).parent.mkdir(exist_ok=True)
            (project.root / "docs" / language / name).write_text(text, "utf-8")

    return make


def with_docstring(project: Project) -> None:
    """Publish a docstring that holds code which never ran."""
    project.write(
        "snippets/toolbox/example.py",
        '"""Docs.\n\n```python\ntorch.aranje(3)\n```\n"""\n',
    )
    page("api.md", "# API\n\n::: snippets.toolbox.example\n")(project)


def with_script_in_a_docstring(project: Project) -> None:
    project.write("snippets/toolbox/script.py", '"""Docs.\n\n<script>x = 1</script>\n"""\n')
    page("script.md", "# API\n\n::: snippets.toolbox.script\n")(project)


def with_template(project: Project) -> None:
    project.write(
        "docs/_theme/main.html",
        '{% extends "base.html" %}\n{% block footer %}'
        "{% if page %}<pre>torch.ones(3)</pre>{% endif %}{% endblock %}\n",
    )


def close_the_gate_first(project: Project) -> None:
    """Let the gate judge before the other language is built."""
    last = "@event_priority(-50)  # when all"
    project.edit("tests/gate.py", last, last.replace("-50", "200"))


SHARED_BUILD = [
    Change(
        "page-in-english-only",
        "docs/en/english.md: this page is missing in another language",
        page("english.md", "# Alone\n", ("en",)),
    ),
    Change(
        "page-in-chinese-only",
        "docs/zh/chinese.md: this page is missing in another language",
        page("chinese.md", "# Alone\n", ("zh",)),
    ),
    Change("page-outside-the-navigation", "outside.md", page("outside.md", "# Outside\n")),
    Change(
        "navigation-to-nowhere",
        "gone.md",
        lambda p: p.edit("mkdocs.yml", "nav: [", "nav: [gone.md, "),
    ),
    Change(
        "section-no-page-shows",
        "snippets/alone.py:3: no page shows this section",
        lambda p: p.snippet("alone", unseen='print("a")\n# > a'),
    ),
    Change(
        "section-shown-in-a-comment-only",
        "snippets/comment.py:3: no page shows this section",
        lambda p: (
            p.snippet("comment", unseen='print("a")\n# > a'),
            page("comment.md", '# A\n\n<!--\n```python\n--8<-- "comment.py:unseen"\n```\n-->\n')(
                p
            ),
        ),
    ),
    Change(
        "html-file-beside-the-pages",
        "site/raw.html: literal code, which never ran",
        page("raw.html", '<pre><code class="language-python">torch.aranje(3)</code></pre>'),
    ),
    Change(
        "old-html-file", "docs/en/raw.htm: is no page", page("raw.htm", "<pre>torch.ones(2)</pre>")
    ),
    Change("script-to-download", "docs/zh/a.py: is no page", page("a.py", "torch.aranje(3)\n")),
    Change("notebook", "docs/en/a.ipynb: is no page", page("a.ipynb", "{}")),
    Change(
        "page-of-another-ending", "docs/en/a.markdown: is no page", page("a.markdown", "# A\n")
    ),
    Change(
        "figure-drawn-by-hand",
        "docs/en/figures/passes.svg: is no page",
        page("figures/passes.svg", "<svg></svg>"),
    ),
    Change(
        "folder-that-is-a-link",
        "docs/en/linked: is a symbolic link",
        lambda p: (p.root / "docs/en/linked").symlink_to(p.root / "docs/zh"),
    ),
    Change("code-in-a-template", "a block in no language", with_template),
    Change("code-in-a-docstring", "docs/en/api.md: literal code, which never ran", with_docstring),
    Change(
        "script-in-a-docstring",
        "docs/en/script.md: <script begins HTML that no page may hold",
        with_script_in_a_docstring,
    ),
    Change(
        "two-questions-of-one-anchor",
        "docs/en/anchors.md:3: anchor #one stands here more than once",
        page("anchors.md", "# A\n\n## One { #one }\n\n## Two { #one }\n"),
    ),
    Change(
        "line-below-front-matter",
        "docs/en/front.md:6: snippets/notes.py has no section 'gone'",
        page("front.md", '---\ntags: [a]\n---\n\n```python\n--8<-- "notes.py:gone"\n```\n'),
    ),
    Change(
        "line-in-a-page-with-other-ends",
        "docs/en/ends.md:4: snippets/notes.py has no section 'gone'",
        page("ends.md", '# A\r\n\r\n```python\r\n--8<-- "notes.py:gone"\r\n```\r\n'),
    ),
    Change(
        "folder-of-the-name-of-a-page",
        "notes/index.md",
        page("notes/index.md", "# Other notes\n"),
    ),
    Change("two-front-pages", "README.md", page("README.md", "# Home\n")),
    Change(
        "text-that-breaks-its-fence",
        "docs/en/fences.md",
        lambda p: (
            p.snippet("fences", breaks='print("""\n```\n""")\n# >\n# > ```\n# >'),
            p.page("fences", "breaks"),
        ),
    ),
    Change(
        "receipt-of-no-section",
        "docs/receipts.json: the receipt of notes.py:gone was edited by hand",
        lambda p: p.write("docs/receipts.json", '{"notes.py:gone": {"text": ""}}'),
    ),
    Change(
        "failing-section-behind-an-excerpt",
        "docs/en/excerpt.md:6: shows excerpt.py:part, which did not pass",
        lambda p: (
            p.snippet(
                "excerpt",
                whole="x = 1\n# --8<-- [start:part]\nprint(x)\n# --8<-- [end:part]\nlen(1)",
            ),
            p.page("excerpt", "part"),
        ),
    ),
    Change(
        "misspelt-call-behind-a-need",
        "snippets/need.py:6: ",
        lambda p: (
            p.write(
                "snippets/need.py",
                '"""N."""\n\n# --8<-- [start:gpu] needs: cuda\nimport torch\n\n'
                "torch.aranje(3)\n# --8<-- [end:gpu]\n",
            ),
            p.page("need", "gpu"),
        ),
    ),
    Change(
        "output-behind-a-need",
        "shows the output of its receipt; delete this line",
        lambda p: (
            p.write(
                "snippets/output.py",
                '"""N."""\n\n# --8<-- [start:card] needs: cuda\n'
                "print(1)\n# > 1\n# --8<-- [end:card]\n",
            ),
            p.page("output", "card"),
        ),
    ),
]


def unreadable(name: str, content: bytes) -> Callable[[Project], object]:
    return lambda project: (project.root / name).write_bytes(content)


UNREADABLE_PAGES = [
    Change(
        "page-with-a-byte-order-mark",
        "docs/en/mark.md:1: starts with a byte order mark",
        unreadable("docs/en/mark.md", b"\xef\xbb\xbf```python\nx = 1\n```\n"),
    ),
    Change(
        "page-in-latin",
        "docs/zh/latin.md:3: is not UTF-8 from here on",
        unreadable("docs/zh/latin.md", b"# A\n\ncaf\xe9\n"),
    ),
    Change(
        "page-of-wide-characters",
        "docs/en/wide.md:1: is not UTF-8 from here on",
        unreadable("docs/en/wide.md", "# A\n".encode("utf-16")),
    ),
    Change(
        "page-turned-around",
        "docs/zh/turned.md:3: holds an invisible character, U+202E; delete it",
        unreadable("docs/zh/turned.md", "# A\n\nsafe \u202e text\n".encode()),
    ),
    Change(
        "page-that-is-a-link",
        "docs/en/link.md: is a symbolic link; put the file itself here",
        lambda p: (p.root / "docs/en/link.md").symlink_to(p.root / "docs/en/notes.md"),
    ),
]


@dataclass(frozen=True)
class ChangeAfterRun:
    """A change to a topic whose one section, ``passes``, has run."""

    name: str
    says: str
    """Message of the build; ``TOPIC`` stands for the topic."""
    change: Callable[[Project, str], object]
    code: str = 'print("fine")\n# > fine'

    @property
    def topic(self) -> str:
        return self.name.replace("-", "_")


def edit(old: str, new: str) -> Callable[[Project, str], None]:
    return lambda project, topic: project.edit(f"snippets/{topic}.py", old, new)


def record(topic: str) -> str:
    return f".cache/records/{topic}/passes.json"


def forge(**fields: object) -> Callable[[Project, str], object]:
    """Edit a record by hand."""

    def change(project: Project, topic: str) -> None:
        entries = {**json.loads(project.read(record(topic))), **fields}
        project.write(record(topic), json.dumps(entries))

    return change


def append(text: str, old: str, new: str) -> Callable[[Project, str], None]:
    """Loosen mkdocs.yml and use the freedom on a page."""

    def change(project: Project, topic: str) -> None:
        project.edit("mkdocs.yml", old, new)
        for language in ("en", "zh"):
            with (project.root / f"docs/{language}/{topic}.md").open("a") as file:
                file.write(text)

    return change


def fence(embed: str) -> str:
    return f"\n```python\n{embed}\n```\n"


WORSE = "snippets/TOPIC.py:4: prints something else"
FAILS = 'print("worse")\n# > fine'
USES_THE_TOOLBOX = "from snippets.toolbox import word\n\nprint(word.WORD)\n# > fine"

AFTER_RUN = [
    ChangeAfterRun("code-edited", WORSE, edit('print("fine")', 'print("worse")')),
    ChangeAfterRun("output-edited", WORSE, edit("# > fine", "# > worse")),
    ChangeAfterRun(
        "record-of-another-text",
        WORSE,
        lambda project, topic: (
            edit('print("fine")', 'print("worse")')(project, topic),
            project.pytest(f"docs/en/{topic}.md"),
            forge(faults=[], digest="0" * 64)(project, topic),
        ),
    ),
    ChangeAfterRun("outcome-forged", WORSE, forge(faults=[]), FAILS),
    ChangeAfterRun("record-forged-of-no-text", WORSE, forge(faults=[], digest=""), FAILS),
    ChangeAfterRun(
        "record-truncated",
        WORSE,
        lambda p, topic: p.write(record(topic), p.read(record(topic))[:40]),
        FAILS,
    ),
    ChangeAfterRun("record-of-a-failure", WORSE, lambda *_: None, FAILS),
    ChangeAfterRun(
        "toolbox-edited",
        "snippets/TOPIC.py:6: prints something else",
        lambda p, _: p.edit("snippets/toolbox/word.py", '"fine"', '"worse"'),
        USES_THE_TOOLBOX,
    ),
    ChangeAfterRun(
        "module-deleted",
        "docs/en/TOPIC.md:6: there is no snippets/TOPIC.py",
        lambda p, topic: (p.root / f"snippets/{topic}.py").unlink(),
    ),
    ChangeAfterRun(
        "section-renamed",
        "docs/en/TOPIC.md:6: snippets/TOPIC.py has no section 'passes'",
        edit(":passes]", ":renamed]"),
    ),
    ChangeAfterRun(
        "page-deleted",
        "snippets/TOPIC.py:3: no page shows this section",
        lambda p, topic: [(p.root / f"docs/{x}/{topic}.md").unlink() for x in ("en", "zh")],
        'print("shown nowhere else")\n# > shown nowhere else',
    ),
    ChangeAfterRun(
        "paths-unchecked",
        "docs/en/TOPIC.md:10: snippets/notes.py has no section 'gone'",
        append(fence('--8<-- "notes.py:gone"'), "check_paths: true", "check_paths: false"),
    ),
    ChangeAfterRun(
        "paths-unrestricted",
        'docs/en/TOPIC.md:10: --8<-- "../mkdocs.yml" must read',
        append(
            fence('--8<-- "../mkdocs.yml"'),
            "restrict_base_path: true",
            "restrict_base_path: false",
        ),
    ),
    ChangeAfterRun(
        "source-shown",
        "docs/en/TOPIC.md: literal code, which never ran",
        append(
            "\n::: snippets.toolbox.storage.row_major_strides\n",
            "show_source: false",
            "show_source: true",
        ),
    ),
]


def claims(text: str) -> Callable[[Project], None]:
    def make(project: Project) -> None:
        project.write("docs/claims.yml", text)
        page("claims.md", "# Claims\n\n<!-- generated: claims-false -->\n")(project)

    return make


def fail(project: Project) -> None:
    """Let a section assert a falsehood."""
    project.edit("snippets/notes.py", 'print("fine")', 'assert not "fine"\nprint("fine")')


def break_link(project: Project) -> None:
    project.edit("docs/en/index.md", "# Home", "# Home\n\n[lost](nowhere.md)")


OWN_BUILD = [
    Change("quiet", "nowhere.md", break_link, ("--quiet",)),
    Change("claims-that-are-no-yaml", "docs/claims.yml:2: is no YAML", claims("A-1: [\n")),
    Change(
        "claims-settled-nowhere",
        "docs/claims.yml:1: A-1 is settled by #gone, no such question in docs/en/notes.md",
        claims(
            "A-1: {verdict: false, settled: notes#gone, claim: {en: a, zh: b},"
            " holds: {en: c, zh: d}}\n"
        ),
    ),
    Change(
        "receipts-that-are-no-json",
        "docs/receipts.json:1: cannot be read",
        lambda p: p.write("docs/receipts.json", "{"),
    ),
    Change(
        "unknown-object-of-the-toolbox",
        "snippets.toolbox.nowhere",
        page("api.md", "# API\n\n::: snippets.toolbox.nowhere\n"),
    ),
    Change(
        "gate-before-the-other-language",
        "this page is missing in another language",
        close_the_gate_first,
    ),
    Change(
        "hook-of-languages-removed",
        "this page is missing in another language",
        lambda p: p.edit("mkdocs.yml", "  - docs/_hooks/languages.py\n", ""),
    ),
    Change(
        "runner-killed-by-a-section",
        "snippets/notes.py",
        lambda p: p.edit(
            "snippets/notes.py",
            'print("fine")',
            'import os\n\nos.kill(os.getppid(), 9)\nprint("fine")',
        ),
    ),
    Change("asserts-dropped", "python -O", fail, environment={"PYTHONOPTIMIZE": "1"}),
    Change(
        "torch-cannot-be-imported",
        "no torch here",
        lambda p: (
            p.write("tests/torch.py", 'raise ImportError("no torch here")\n'),
            p.edit("snippets/notes.py", 'print("fine")', 'import torch\n\nprint("fine")'),
        ),
    ),
]


@dataclass(frozen=True)
class Loosening:
    """A change to mkdocs.yml that no build can notice, so a test does."""

    name: str
    old: str
    new: str


LOOSENED = [
    Loosening("gate-removed", "  - tests/gate.py  #", "  #"),
    Loosening("paths-unchecked", "check_paths: true", "check_paths: false"),
    Loosening("paths-unrestricted", "restrict_base_path: true", "restrict_base_path: false"),
    Loosening(
        "addresses-downloaded", "check_paths: true", "check_paths: true\n      url_download: true"
    ),
    Loosening("links-unchecked", "links: {not_found: warn", "links: {not_found: info"),
    Loosening("anchors-unchecked", "anchors: warn", "anchors: info"),
    Loosening("navigation-unchecked", "omitted_files: warn", "omitted_files: ignore"),
    Loosening("pages-excluded", "watch:", "exclude_docs: notes.md\nwatch:"),
    Loosening("pages-drafted", "watch:", "draft_docs: notes.md\nwatch:"),
    Loosening("pages-off-the-navigation", "watch:", "not_in_nav: notes.md\nwatch:"),
    Loosening("one-language", "    zh:\n      name: 简体中文", "    fr:\n      name: 简体中文"),
    Loosening("source-shown", "show_source: false", "show_source: true"),
    Loosening("scripts-added", "extra_css:", "extra_javascript: [a.js]\nextra_css:"),
]


@dataclass(frozen=True)
class BrokenRunner:
    """A mistake in the collector that lets every section pass."""

    name: str
    file: str
    old: str
    new: str


BROKEN_RUNNERS = [
    BrokenRunner(
        "no-run-has-faults",
        "tests/collector/outputs.py",
        '"""List the faults of a run that keep its section from being published."""\n',
        "return []\n",
    ),
    BrokenRunner(
        "no-output-differs",
        "tests/collector/outputs.py",
        "if not matches(output.lines, got):",
        "if False:",
    ),
    BrokenRunner(
        "no-statement-runs",
        "tests/collector/engine/worker.py",
        "        for node in nodes:\n",
        "        for node in ():\n",
    ),
]
