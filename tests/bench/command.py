"""The benchmarks by row, and the command that runs them."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.checkout import Checkout
from bench.contenders import CONTENDERS, OURS, Contender, ContenderError, Outcome, run_floor
from bench.corpus import Corpus, generate
from bench.measure import Cost, interleave, least
from bench.report import Row, machine, table
from bench.serve import median, reloads

PAGES = {100: 5, 1_000: 50, 10_000: 100}
"""Pages of the corpora that the project's targets speak of."""
LARGE = 5_000
"""Sections from which on a corpus runs once: the slowest runner takes minutes."""
TARGETS = {1_000: "wall at most 1.35", 10_000: "wall at most 2.70"}


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks."""

    folder: Path
    sections: tuple[int, ...]
    repeats: int
    edits: int
    rivals: bool
    """Whether other runners take part."""
    costs: dict[tuple[str, int], Cost] = field(default_factory=dict)
    """Costs on corpora, by contender and size; two rows share them."""

    def site(self) -> Iterator[Row]:
        """(a) The whole site against the floor."""
        raised: dict[str, str] = {}

        def floor() -> Cost:
            cost, found = self.checkout.execute(self.folder)
            raised.update(found)
            return cost

        costs = interleave({"ours": self.checkout.test, "the floor": floor}, self.repeats)
        name = f"a: the site, {len(self.checkout.sections())} sections"
        for section, error in raised.items():
            _say(f"  raised in the floor: {section}: {error}")
        target = "wall at most 1.30"
        yield Row(name, "ours", costs["ours"], costs["the floor"], target)
        left_out = f" ({len(raised)} raise in it)" if raised else ""
        yield Row(name, f"the floor{left_out}", costs["the floor"])

    def contest(self) -> Iterator[Row]:
        """(b) A synthetic corpus under every contender."""
        for size in self.sections:
            if size not in TARGETS and size in PAGES:
                continue
            contenders = [c for c in CONTENDERS if c.is_installed and (self.rivals or c is OURS)]
            costs = self.run_corpus(size, contenders)
            floor = costs["the floor"]
            name = f"b: {size:,} sections on {_pages(size)} pages"
            for contender in contenders:
                target = TARGETS.get(size, "") if contender is OURS else ""
                yield Row(name, contender.name, costs[contender.name], floor, target)
            yield Row(name, "the floor", floor)

    def growth(self) -> Iterator[Row]:
        """(e) Ours by the number of sections; ratios are to the size before."""
        before = None
        for size in self.sections:
            cost = self.run_corpus(size, [OURS])[OURS.name]
            each = f"{1000 * cost.wall / size:.1f} ms a section"
            yield Row(f"e: {size:,} sections", f"ours, {each}", cost, before)
            before = cost

    def build(self) -> Iterator[Row]:
        """(c) A build with nothing changed."""
        self.certify()
        report = self.folder / "report.json"
        said: list[dict] = []

        def gated() -> Cost:
            cost = self.checkout.build(report)
            said.append(json.loads(report.read_text("utf-8")))
            return cost

        def alone() -> Cost:
            return self.ungated.build(self.folder / "alone.json")

        costs = interleave({"with the gate": gated, "MkDocs alone": alone}, self.repeats)
        inside = least([Cost(*map(sum, zip(*s["hooks"].values(), strict=True))) for s in said])
        loading = min(s["loading"] for s in said)
        name = "c: a build, nothing changed"
        yield Row(name, "with the gate", costs["with the gate"], costs["MkDocs alone"])
        yield Row(name, "MkDocs alone", costs["MkDocs alone"])
        yield Row(name, "inside the gate", inside, None, "at most 0.30 s")
        yield Row(name, "importing the gate", Cost(loading, 0.0))
        torch = "torch was imported" if any(s["torch"] for s in said) else "no torch import"
        yield Row(name, torch, Cost(0.0, 0.0), None, "no torch import")
        for hook, (wall, cpu) in said[-1]["hooks"].items():
            _say(f"  {hook}: {wall:.3f} s, of CPU {cpu:.3f} s")

    def edit(self) -> Iterator[Row]:
        """(d) An edited section under serve, saved to reloaded in both languages."""
        self.certify()
        gated, alone = (reloads(site, self.edits) for site in (self.checkout, self.ungated))
        base = median(reload.whole for reload in alone)
        name = f"d: one edited section, median of {self.edits}"
        whole = median(reload.whole for reload in gated)
        yield Row(name, "with the gate", whole, base, "under 3.00 s")
        yield Row(name, "MkDocs alone", base)
        inside = median(reload.gate for reload in gated)
        yield Row(name, "inside the gate", inside, None, "at most 0.50 s")

    @cached_property
    def checkout(self) -> Checkout:
        return Checkout.copy(self.folder / "site")

    @cached_property
    def ungated(self) -> Checkout:
        return self.checkout.ungated(self.folder / "ungated")

    def certify(self) -> None:
        """Make every record of the site true, if no earlier row has."""
        if not (self.checkout.root / ".cache" / "records").is_dir():
            _say("running the site's sections once")
            self.checkout.test()

    def run_corpus(self, size: int, contenders: list[Contender]) -> dict[str, Cost]:
        """Run one corpus under contenders and the floor, as far as not yet done."""
        todo = [c for c in contenders if (c.name, size) not in self.costs]
        if todo:
            _say(f"{size:,} sections")
            corpus = generate(self.folder / f"corpus-{size}", size, _pages(size))
            trials = {c.name: _trial(c.name, c.run, corpus) for c in todo}
            trials["the floor"] = _trial("the floor", _floor, corpus)
            costs = interleave(trials, 1 if size >= LARGE else self.repeats)
            self.costs.update({(name, size): cost for name, cost in costs.items()})
        names = [*(c.name for c in contenders), "the floor"]
        return {name: self.costs[name, size] for name in names}


def _floor(corpus: Corpus) -> Outcome:
    return run_floor(corpus.scripts, corpus.folder)[0]


def _trial(name: str, run: Callable[[Corpus], Outcome], corpus: Corpus) -> Callable[[], Cost]:
    """Run a corpus and hold that all of its sections passed."""

    def trial() -> Cost:
        outcome = run(corpus)
        if (outcome.passed, outcome.failed) != (corpus.size, 0):
            count = f"{outcome.passed} passed and {outcome.failed} failed"
            raise ContenderError(f"{name}: {count} of {corpus.size:,} sections")
        return outcome.cost

    return trial


def _pages(size: int) -> int:
    return PAGES.get(size, max(1, size // 20))


def _say(line: str) -> None:
    """Tell how far it is, beside the table."""
    print(line, file=sys.stderr, flush=True)


ROWS = {
    "a": Bench.site,
    "b": Bench.contest,
    "c": Bench.build,
    "d": Bench.edit,
    "e": Bench.growth,
}


def main() -> None:
    parser = argparse.ArgumentParser("tests/bench", description="Measure; print a table.")
    add = parser.add_argument
    add("--only", nargs="+", choices=ROWS, default=list(ROWS), help="rows to measure")
    add("--sections", nargs="+", type=int, default=[100, 1_000, 10_000], help="for b and e")
    add("--repeats", type=int, default=3, help="runs of each contender; the least counts")
    add("--edits", type=int, default=7, help="for d")
    add("--ours-only", action="store_true", help="leave other runners out of b")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(
            Path(folder).resolve(),
            tuple(arguments.sections),
            arguments.repeats,
            arguments.edits,
            not arguments.ours_only,
        )
        rows = []
        for name in arguments.only:
            _say(f"row {name}")
            rows += ROWS[name](bench)
    print(table(rows), machine(), sep="\n\n")
