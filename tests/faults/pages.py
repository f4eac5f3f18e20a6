"""Pages and modules that must not be published, and the messages about them."""

from __future__ import annotations

from dataclasses import dataclass

SHOW = "show a section instead"
NOT_ALONE = "an embed stands alone in a Python fence"
HTML = "begins HTML that no page may hold"


@dataclass(frozen=True)
class BadPage:
    """A page with code that did not run; the same in both languages."""

    name: str
    says: str
    """Message of pytest at the line."""
    text: str
    at: str
    """Text of the line that pytest names; empty where it names the page."""
    built: str = ""
    """Message of the build, if another."""
    built_at: str | None = None
    """Text of the line that the build names, if that is another one."""


def fence(content: str, opening: str = "```python", closing: str = "```") -> str:
    return f"{opening}\n{content}\n{closing}\n"


def inside(line: str, content: str) -> str:
    lines = [f"    {text}" if text else "" for text in content.split("\n")]
    return "\n".join([line, "", *lines])


CODE = "torch.aranje(3)"
LITERAL = fence(CODE)
EMBED = '--8<-- "notes.py:also"'


def literal(name: str, text: str, says: str = f"literal code, which never ran; {SHOW}") -> BadPage:
    return BadPage(name, says, text, at=CODE)


def unknown(name: str, text: str, language: str) -> BadPage:
    return BadPage(name, f"a block in {language}; write ```python and {SHOW}", text, at=CODE)


def embed(name: str, line: str) -> BadPage:
    """An embed line that names no section of a module."""
    says = "a Python fence holds one embed line and nothing else"
    return BadPage(name, says, fence(line), at=line, built="must read:")


def session(name: str, opening: str) -> BadPage:
    says = f"an interactive session, which never ran; {SHOW}"
    return BadPage(name, says, fence(f">>> {CODE}", opening), at=CODE)


def fence_not_closed(name: str, text: str) -> BadPage:
    """A fence around an embed, which the build names, as pytest names the fence."""
    says = "a fence is not closed, or not open"
    return BadPage(name, says, text, at="```python", built=NOT_ALONE, built_at=EMBED)


SHOWN_BUT_NOT_RUN = [
    literal("literal", LITERAL),
    literal("literal-between-tildes", fence(CODE, "~~~python", "~~~")),
    literal("literal-between-four", fence(CODE, "````python", "````")),
    literal("literal-in-braces", fence(CODE, "```{.python}")),
    literal("literal-py", fence(CODE, "```py")),
    literal("literal-python3", fence(CODE, "```python3")),
    literal("literal-with-capital", fence(CODE, "```Python")),
    literal("literal-with-title", fence(CODE, '```python title="a.py"')),
    literal("literal-with-lines", fence(CODE, '```{.python hl_lines="1"}')),
    literal("literal-in-admonition", inside("!!! note", LITERAL)),
    literal("literal-in-details", inside("??? note", LITERAL)),
    literal("literal-in-tab", inside('=== "tab"', LITERAL)),
    literal("literal-in-list", inside("- item", LITERAL)),
    literal("literal-in-nested-list", inside("- item", inside("!!! note", LITERAL))),
    literal("literal-in-quote", "> " + LITERAL.strip().replace("\n", "\n> ")),
    literal("literal-in-html", f'<div markdown="1">\n\n{LITERAL}\n</div>'),
    literal("literal-hidden", f'<div style="display: none" markdown="1">\n\n{LITERAL}\n</div>'),
    literal("raw-html", f'<pre><code class="language-python">{CODE}</code></pre>'),
    unknown("raw-html-unclosed", f"<pre><code>{CODE}\n", "no language"),
    literal("raw-html-lines", f'<p><code class="language-python">{CODE}\nx = 1</code></p>'),
    unknown("raw-html-in-bash", f'<pre class="language-bash">{CODE}</pre>', "no language"),
    unknown("inline-code-in-bash", f"text `{CODE}\nx = 1`{{ .language-bash }}", "no language"),
    unknown("raw-html-without-language", f"<pre>{CODE}</pre>", "no language"),
    unknown("raw-html-in-capitals", f"<PRE>{CODE}</PRE>", "no language"),
    unknown("inline-code-of-two-lines", f"text `{CODE}\nx = 1`", "no language"),
    unknown("footnote", f"text[^1]\n\n[^1]:\n    {LITERAL}".replace("\nt", "\n    t"), "text"),
    unknown("indented", f"text\n\n    {CODE}\n", "text"),
    unknown("no-language", fence(CODE, "```"), "text"),
    unknown("misspelt-language", fence(CODE, "```pyhton"), "text"),
    unknown("plain-text", fence(CODE, "```text"), "text"),
    unknown("other-program", fence(CODE, "```javascript"), "javascript"),
    BadPage("empty-fence", "empty block of code", "~~~python\n~~~\n", at="~~~python"),
]

OTHERWISE_WRITTEN = [
    session("interactive-session", "```pycon"),
    session("session-in-a-console", "```console"),
    unknown("lines-by-breaks", f"<p><code>x = 1<br>{CODE}</code></p>", "no language"),
    unknown("lines-by-paragraphs", f"<code><p>x = 1</p><p>{CODE}</p></code>", "no language"),
    unknown("sample", f"<samp>x = 1<br>{CODE}</samp>", "no language"),
    unknown("keyboard", f"<kbd>{CODE}\nx = 1</kbd>", "no language"),
    unknown("teletype", f"<tt>{CODE}\nx = 1</tt>", "no language"),
    unknown("example-of-old", f"<xmp>{CODE}</xmp>", "no language"),
    unknown("listing-of-old", f"<listing>{CODE}</listing>", "no language"),
    BadPage("plaintext-of-old", HTML, f"<plaintext>{CODE}", at=CODE),
    unknown("text-area", f"<textarea>{CODE}\nx = 1</textarea>", "no language"),
    BadPage("sample-of-one-line", HTML, f"<samp>{CODE}</samp>", at=CODE),
    BadPage("page-in-a-page", HTML, f'<iframe srcdoc="{CODE}"></iframe>', at=CODE),
    BadPage("script", HTML, f"<script>document.write('{CODE}')</script>", at=CODE),
    BadPage("style", HTML, f"<style>p::after {{ content: '{CODE}' }}</style>", at=CODE),
    unknown("comment-that-is-none", f"<!--> <pre>{CODE}</pre> -->", "no language"),
    BadPage("embed-in-prose", NOT_ALONE, EMBED, at=EMBED),
    BadPage(
        "embed-of-fewer-dashes",
        NOT_ALONE,
        EMBED.replace("--8<--", "-8<-"),
        at="-8<-",
        built="must read:",
    ),
    BadPage(
        "embed-in-bash",
        "a block in bash; write ```python",
        fence(EMBED, "```bash"),
        at=EMBED,
        built=NOT_ALONE,
    ),
    fence_not_closed("fence-not-closed", f"```python\n{EMBED}\n"),
    fence_not_closed("fence-closed-otherwise", f"```python\n{EMBED}\n~~~\n"),
    BadPage("literal-not-closed", "a fence is not closed", f"~~~python\n{CODE}\n", at="~~~python"),
]

NOT_WHAT_RAN = [
    BadPage(
        "missing-section", "has no section 'gone'", fence('--8<-- "notes.py:gone"'), at="gone"
    ),
    BadPage(
        "missing-module", "there is no snippets/gone.py", fence('--8<-- "gone.py:a"'), at="gone"
    ),
    embed("line-range", '--8<-- "notes.py:4:5"'),
    embed("lines-by-one-dash", '-8<- "notes.py:4:4"'),
    embed("line-ranges", '--8<-- "notes.py:4:4,5:5"'),
    embed("whole-file", '--8<-- "notes.py"'),
    embed("toolbox-file", '--8<-- "toolbox/storage.py"'),
    embed("path-above", '--8<-- "../mkdocs.yml"'),
    embed("path-above-by-section", '--8<-- "../notes.py:passes"'),
    embed("absolute-path", '--8<-- "/etc/hostname"'),
    embed("address", '--8<-- "https://example.org/a.py:a"'),
    embed("single-quotes", "--8<-- 'notes.py:also'"),
    embed("escaped-embed", ';--8<-- "notes.py:also"'),
    embed("embed-and-word", f"{EMBED} # the sum"),
    BadPage(
        "embed-over-lines",
        "one embed line and nothing else",
        fence("--8<--\nnotes.py:also\n--8<--"),
        at="--8<--",
        built="--8<-- must read:",
    ),
    BadPage(
        "two-embeds",
        "one embed line and nothing else",
        fence(f'{EMBED}\n--8<-- "notes.py:passes"'),
        at=EMBED,
        built=NOT_ALONE,
    ),
    BadPage(
        "code-behind-an-embed",
        "one embed line and nothing else",
        fence(f"{EMBED}\nprint(1)"),
        at=EMBED,
        built=NOT_ALONE,
    ),
]

PAGES = [*SHOWN_BUT_NOT_RUN, *OTHERWISE_WRITTEN, *NOT_WHAT_RAN]


@dataclass(frozen=True)
class BadModule:
    """A module of sections that cannot be read, or not as it looks."""

    name: str
    says: str
    text: str
    """The module; a page shows its section ``a``."""
    line: int
    encoding: str = "utf-8"

    @property
    def topic(self) -> str:
        return self.name.replace("-", "_")


START, END = "# --8<-- [start:a]\n", "# --8<-- [end:a]\n"
SOUND = 'print("sound")\n# > sound\n'

MODULES = [
    BadModule(
        "renamed",
        "has no section 'a'",
        START.replace(":a", ":b") + SOUND + END.replace(":a", ":b"),
        0,
    ),
    BadModule("unclosed", "section 'a' is never closed", START + SOUND, 1),
    BadModule("unopened", "section 'a' ends here but starts nowhere", SOUND + END, 3),
    BadModule("twice", "section 'a' is already at line 1", (START + SOUND + END) * 2, 5),
    BadModule("empty", "section 'a' holds no code", START + END, 1),
    BadModule("only-words", "section 'a' holds no code", START + "# words\n" + END, 1),
    BadModule(
        "crossed",
        "section 'b' of line 2 must end before 'a'",
        START + START.replace(":a", ":b") + SOUND + END + END.replace(":a", ":b"),
        5,
    ),
    BadModule("in-itself", "section 'a' is already at line 1", START * 2 + SOUND + END * 2, 2),
    BadModule(
        "odd-marker", "write '# --8<-- [start:slug]'", f"# -8<- [start: a]\n{SOUND}{END}", 1
    ),
    BadModule(
        "excused", "write '# --8<-- [start:slug]'", f"# --8<-- [start:a] skip\n{SOUND}{END}", 1
    ),
    BadModule(
        "embeds-another",
        "write '# --8<-- [start:slug]'",
        f'{START}# --8<-- "notes.py:also"\n{SOUND}{END}',
        2,
    ),
    BadModule(
        "unknown-need",
        "the need 'mps' is unknown",
        f"# --8<-- [start:a] needs: mps\n{SOUND}{END}",
        1,
    ),
    BadModule(
        "too-great-a-need",
        "the need 'cuda:9' is unknown",
        f"# --8<-- [start:a] needs: cuda:9\n{SOUND}{END}",
        1,
    ),
    BadModule(
        "need-of-an-excerpt",
        "an excerpt has no need of its own",
        START + "# --8<-- [start:b] needs: cuda\n" + SOUND + END.replace(":a", ":b") + END,
        2,
    ),
    BadModule(
        "need-at-the-end",
        "a need stands behind the start marker",
        f"{START}{SOUND}# --8<-- [end:a] needs: cuda\n",
        4,
    ),
    BadModule(
        "code-outside", "code outside every section", f"import os\n\n{START}{SOUND}{END}", 1
    ),
    BadModule("words-outside", "outside every section", f"some words\n{START}{SOUND}{END}", 1),
    BadModule(
        "byte-order-mark", "starts with a byte order mark", START + SOUND + END, 1, "utf-8-sig"
    ),
    BadModule(
        "latin", "is not UTF-8 from here on", f"{START}# caf\u00e9\n{SOUND}{END}", 2, "latin-1"
    ),
    BadModule(
        "tab", "holds a tab, which pages show as blanks", f"{START}if 1:\n\tx = 1\n{END}", 3
    ),
    BadModule(
        "turned-around", "an invisible character, U+202E", f'{START}x = "a\u202eb"\n{END}', 2
    ),
    BadModule("form-feed", "an invisible character, U+000C", f"{START}x = 1\n\f\n{END}", 3),
    BadModule(
        "line-separator", "an invisible character, U+2028", f'{START}x = "\u2028"\n{END}', 2
    ),
    BadModule("wide-characters", "is not UTF-8 from here on", START + SOUND + END, 1, "utf-16"),
]


@dataclass(frozen=True)
class UnlikePair:
    """Two languages of a page that part; only a build reads both."""

    name: str
    says: str
    english: str
    chinese: str
    at: str
    """Text of the line of the Chinese page that is named."""


FIRST = f"## One {{ #one data-level=basic }}\n\n{fence(EMBED)}\n"
SECOND = "## Two { #two data-level=basic }\n"

PAIRS = [
    UnlikePair("lacks-a-question", "has nothing more where docs/en/", FIRST + SECOND, FIRST, ""),
    UnlikePair("has-one-more-question", "has heading ## { #two", FIRST, FIRST + SECOND, "#two"),
    UnlikePair(
        "lacks-a-block",
        "has heading ## { #two",
        FIRST + SECOND,
        FIRST.replace(fence(EMBED), "") + SECOND,
        "#two",
    ),
    UnlikePair(
        "has-another-order", "has heading ## { #two", FIRST + SECOND, SECOND + "\n" + FIRST, "#two"
    ),
    UnlikePair("has-another-anchor", "#eins", FIRST, FIRST.replace("#one", "#eins"), "#eins"),
    UnlikePair(
        "has-another-level",
        "data-level=advanced",
        FIRST,
        FIRST.replace("basic", "advanced"),
        "#one",
    ),
    UnlikePair("has-another-rank", "has heading ### { #one", FIRST, "#" + FIRST, "#one"),
    UnlikePair(
        "shows-another-block", "has block", FIRST, FIRST.replace(":also", ":third"), ":third"
    ),
    UnlikePair(
        "names-no-anchor", "has heading ## { #_2", FIRST, "## \u4e00\n\n" + fence(EMBED), ""
    ),
    UnlikePair("lacks-a-command", "has nothing more", fence("ls", "```bash"), "text\n", ""),
    UnlikePair(
        "has-another-command", "has block rm", fence("ls", "```bash"), fence("rm", "```bash"), "rm"
    ),
]


@dataclass(frozen=True)
class LostLink:
    """A page from which something leads nowhere; only a build follows links."""

    name: str
    text: str
    says: str


LINKS = [
    LostLink("to-no-page", "[a](nowhere.md)", "a link 'nowhere.md', but the target is not found"),
    LostLink("to-no-anchor", "[a](#nowhere)", "a link '#nowhere', but there is no such anchor"),
    LostLink(
        "to-no-anchor-elsewhere", "[a](notes.md#nowhere)", "does not contain an anchor '#nowhere'"
    ),
    LostLink("to-no-figure", "![a](figures/notes/gone.svg)", "a link 'figures/notes/gone.svg'"),
    LostLink("to-no-reference", "[a][nowhere]", "nowhere"),
    LostLink("by-an-absolute-path", "[a](/notes/)", "an absolute link '/notes/'"),
    LostLink("by-a-directory", "[a](../notes)", "'../notes'"),
]
