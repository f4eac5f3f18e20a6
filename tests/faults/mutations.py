"""Safeguards, an edit that takes each away, and the fault that must come to light then."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One safeguard taken out of the machinery."""

    safeguard: str
    file: str
    old: str
    """Text that stands in the file exactly once."""
    new: str
    case: str
    """The fault case that must fail without the safeguard."""


SECTIONS = "tests/collector/sections.py"
FAULTS = "tests/collector/faults.py"
OUTPUTS = "tests/collector/outputs.py"
HTML = "tests/collector/html.py"
PAGES = "tests/collector/pages.py"
PLUGIN = "tests/collector/plugin.py"
WORKER = "tests/collector/engine/worker.py"
ISOLATION = "tests/collector/engine/isolation.py"
FORK_SERVER = "tests/collector/engine/fork_server.py"
SUPERVISOR = "tests/collector/engine/supervisor.py"
RECORDS = "tests/collector/records.py"
JUDGE = "tests/collector/gate.py"
GATE = "tests/gate.py"
CONFIGURATION = "mkdocs.yml"

MUTATIONS = [
    # what a section is
    Mutation("one section of a name", SECTIONS, "if slug in seen:", "if False:", "twice"),
    Mutation("sections are closed", SECTIONS, "    if opened:\n", "    if False:\n", "unclosed"),
    Mutation(
        "sections hold code",
        SECTIONS,
        "if not section.text or not _has_code(section):",
        "if False:",
        "only-words",
    ),
    Mutation(
        "no code outside sections",
        SECTIONS,
        "    _refuse_code_outside(lines, sections.values(), name)\n",
        "",
        "code-outside",
    ),
    Mutation("needs are known", SECTIONS, "[2-8]", "[2-9]", "too-great-a-need"),
    Mutation(
        "files without a mark",
        FAULTS,
        r'if content.startswith(b"\xef\xbb\xbf"):',
        "if False:",
        "byte-order-mark",
    ),
    Mutation(
        "files are no links", FAULTS, "if path.is_symlink():", "if False:", "page-that-is-a-link"
    ),
    Mutation(
        "every character is seen",
        FAULTS,
        "if found := INVISIBLE.search(text):",
        "if found := None:",
        "turned-around",
    ),
    Mutation("blanks are no tabs", SECTIONS, 'if "\\t" in line', "if False", "tab"),
    # what it prints
    Mutation(
        "outputs are compared",
        OUTPUTS,
        "if not matches(output.lines, got):",
        "if 'planted' in section.name and not matches(output.lines, got):",
        "prints-another-text",
    ),
    Mutation("digits are compared", OUTPUTS, "0.500001", "5", "prints-another-digit"),
    Mutation(
        "outputs stand below statements",
        OUTPUTS,
        "if number not in claimed and",
        "if False and",
        "shows-output-below-nothing",
    ),
    Mutation(
        "nothing on standard error",
        OUTPUTS,
        "if run.stderr.strip():",
        "if False:",
        "logs-a-warning",
    ),
    # how it runs
    Mutation(
        "warnings are errors",
        WORKER,
        'warnings.simplefilter("error")',
        'warnings.simplefilter("ignore")',
        "warns-of-a-deprecation",
    ),
    Mutation(
        "every exception counts",
        WORKER,
        "    except BaseException as error:",
        "    except Exception as error:",
        "exits-with-success",
    ),
    Mutation(
        "a run has an end",
        SUPERVISOR,
        "if not isinstance(events[-1], Ended):",
        "if False:",
        "leaves-at-once",
    ),
    Mutation("a folder of its own", ISOLATION, "os.chdir(work)", "pass", "files"),
    Mutation("a home of its own", ISOLATION, "        HOME=str(work),\n", "", "home"),
    Mutation(
        "files have a limit",
        ISOLATION,
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))\n",
        "",
        "fills-a-file",
    ),
    Mutation(
        "calls behind a need are checked",
        WORKER,
        "if faults := unresolved(nodes):",
        "if faults := []:",
        "misspelt-call-behind-a-need",
    ),
    Mutation(
        "threads are ended",
        WORKER,
        "    if left:\n",
        "    if False:\n",
        "leaves-a-thread",
    ),
    Mutation(
        "walls around every file",
        ISOLATION,
        "        _wall_off(folder)\n",
        "        pass\n",
        "writes-through-the-shell",
    ),
    Mutation(
        "swallowed writes are told",
        ISOLATION,
        '        "open": Guard.opens,\n',
        "",
        "writes-and-swallows",
    ),
    Mutation(
        "a network of its own",
        ISOLATION,
        "if ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK):",
        "if True:",
        "connects-in-a-child",
    ),
    Mutation(
        "lost packets are counted",
        FORK_SERVER,
        "if self._attempts is not None and attempts_to_leave() > self._attempts:",
        "if False:",
        "connects-in-a-child",
    ),
    Mutation(
        "memory has a limit",
        ISOLATION,
        "resource.setrlimit(resource.RLIMIT_DATA, (taken + memory, taken + memory))",
        "pass",
        "fills-a-list",
    ),
    Mutation(
        "output has a limit",
        SUPERVISOR,
        "if chunk is None and output_size(worker.folder) > LARGEST_OUTPUT:",
        "if False:",
        "prints-without-end",
    ),
    Mutation(
        "what is left running is told",
        FORK_SERVER,
        "left = [_command(process) for process in orphans]",
        "left = []",
        "leaves-a-child",
    ),
    Mutation(
        "every section has its own process",
        FORK_SERVER,
        "        self._process = os.fork()\n",
        "        if 'torch.zeros' in request.source:  # in each server\n"
        "            exec('import torch; torch.zeros = torch.ones')\n"
        "        self._process = os.fork()\n",
        "patched-function",
    ),
    Mutation(
        "planted sections are found",
        "tests/collector/verifier.py",
        "if REASONS[slug] not in said:",
        "if False:",
        "no-output-differs",
    ),
    Mutation("asserts are kept", GATE, "if sys.flags.optimize:", "if False:", "asserts-dropped"),
    Mutation(
        "records are sealed",
        RECORDS,
        " and seal == _seal(record, figure)",
        "",
        "outcome-forged",
    ),
    # what is reported
    Mutation(
        "a failed section fails its test",
        PLUGIN,
        "        if messages := session.check(section, self.session.items):",
        "        if messages := session.check(section, self.session.items) and ():",
        "prints-another-text",
    ),
    Mutation(
        "a faulty page fails a test",
        PLUGIN,
        "for fault in [*page.faults, *rules]:",
        "for fault in ():",
        "literal",
    ),
    Mutation(
        "code in other languages",
        HTML,
        'frozenset({"bash",',
        'frozenset({"text", "bash",',
        "plain-text",
    ),
    Mutation(
        "lines of code are a block",
        HTML,
        'if tag in BLOCK_TAGS or "\\n" in text or below:',
        "if tag in BLOCK_TAGS or below:",
        "inline-code-of-two-lines",
    ),
    Mutation(
        "paragraphs of code are lines",
        HTML,
        "below = _line_below(node)",
        'below = ""',
        "lines-by-paragraphs",
    ),
    Mutation(
        "a fence is closed",
        HTML,
        'if marks := FENCE_MARKS.search(text := node.text_content or ""):',
        'if marks := FENCE_MARKS.fullmatch(text := node.text_content or ""):',
        "literal-not-closed",
    ),
    Mutation(
        "pages are looked through for fences",
        HTML,
        "FENCE_MARKS.search(tree.text()) is not None",
        "False",
        "literal-not-closed",
    ),
    Mutation(
        "sessions have run",
        HTML,
        "self.language not in OTHER_LANGUAGES or self.is_session",
        "self.language not in OTHER_LANGUAGES",
        "session-in-a-console",
    ),
    Mutation(
        "broken lines are lines",
        HTML,
        "return node.text() if is_plain or not node.css_first(SHOWING_LINES) else _lines(node)",
        "return node.text()",
        "lines-by-breaks",
    ),
    Mutation(
        "tags of old show code",
        HTML,
        '"pre", "xmp", "listing", "plaintext"',
        '"pre", "xmp", "plaintext"',
        "listing-of-old",
    ),
    Mutation(
        "only fences name languages",
        HTML,
        'name for name in names if name and name not in OTHER_LANGUAGES), "")',
        'name for name in names if name), "")',
        "raw-html-in-bash",
    ),
    Mutation(
        "pages hold no foreign HTML",
        HTML,
        "return tree.css(FOREIGN)",
        "return []",
        "page-in-a-page",
    ),
    Mutation(
        "the frame of a page is read",
        JUDGE,
        "elements = (*elements_of(page.content), *elements_of(page.frame))",
        "elements = (*elements_of(page.content),)",
        "code-in-a-template",
    ),
    Mutation(
        "the build finds foreign HTML",
        JUDGE,
        "            *foreign_faults(page.source, page.text, page.foreign),\n",
        "",
        "script-in-a-docstring",
    ),
    Mutation(
        "embeds stand in fences",
        GATE,
        "if not is_fenced(lines, position):",
        "if False:",
        "embed-in-prose",
    ),
    Mutation(
        "embeds of any dashes",
        PAGES,
        'EMBED_MARK = "-8<-"',
        'EMBED_MARK = "--8<--"',
        "embed-of-fewer-dashes",
    ),
    Mutation(
        "anchors are unique", JUDGE, "if count > 1", "if False", "two-questions-of-one-anchor"
    ),
    Mutation(
        "only pages are published",
        JUDGE,
        "faults = [*site.verifier.faults, *strays(site.verifier.root)]",
        "faults = [*site.verifier.faults]",
        "script-to-download",
    ),
    # what counts as proof
    Mutation(
        "records are true of one text",
        RECORDS,
        "record.digest == self.digest(section) and ",
        "",
        "code-edited",
    ),
    Mutation(
        "records are true of one toolbox",
        "tests/collector/digests.py",
        'self._toolbox if TOOLBOX in section.source else ""',
        '""',
        "toolbox-edited",
    ),
    Mutation(
        "a block is proved by what passed",
        JUDGE,
        "if any(proof.identity not in self.failed for proof in proofs):",
        "if True:",
        "failing-section-behind-an-excerpt",
    ),
    Mutation(
        "every section is shown",
        JUDGE,
        "        faults += judge.unshown(every)\n",
        "",
        "section-no-page-shows",
    ),
    Mutation(
        "languages say the same",
        JUDGE,
        "faults += judge.differences(first[name], other[name])",
        "pass",
        "has-another-anchor",
    ),
    Mutation(
        "languages have the same pages",
        JUDGE,
        "for name in first.keys() ^ other.keys():",
        "for name in ():",
        "page-in-english-only",
    ),
    # what is published
    Mutation(
        "faults stop a build",
        GATE,
        '        if self.messages():\n            raise PluginError("the site has faults")\n',
        "",
        "literal",
    ),
    Mutation(
        "a build is made aside",
        GATE,
        "            config.site_dir = str(self.staging)\n",
        "",
        "literal",
    ),
    Mutation(
        "what was made aside goes",
        GATE,
        "        shutil.rmtree(self.staging, ignore_errors=True)\n        if messages",
        "        if messages",
        "quiet",
    ),
    Mutation(
        "what was published before goes",
        GATE,
        "            self.clear()\n",
        "",
        "quiet",
    ),
    Mutation(
        "warnings count when quiet", GATE, "logger.setLevel(logging.WARNING)", "pass", "quiet"
    ),
    Mutation(
        "unreadable pages stop a build",
        GATE,
        "            self.require_readable_pages()\n",
        "",
        "page-in-latin",
    ),
    Mutation("the gate is closed", CONFIGURATION, "  - tests/gate.py  #", "  #", "literal"),
    Mutation(
        "links are checked",
        CONFIGURATION,
        "links: {not_found: warn",
        "links: {not_found: info",
        "to-no-page",
    ),
    Mutation(
        "anchors are checked", CONFIGURATION, "anchors: warn", "anchors: info", "to-no-anchor"
    ),
    Mutation(
        "navigation is checked",
        CONFIGURATION,
        "omitted_files: warn",
        "omitted_files: ignore",
        "page-outside-the-navigation",
    ),
    Mutation(
        "claims are settled",
        "docs/_hooks/claims.py",
        "        raise _error(self.line, message)\n",
        '        return ""\n',
        "claims-settled-nowhere",
    ),
]
