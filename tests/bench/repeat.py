"""Runs every section again and again, in random orders, and names unstable ones.

``python tests/bench/repeat.py 200`` runs the site 200 times: pages in a random
order, the sections of a page too, each time with another ambient seed.  It
exits with 1 if any section failed in any run.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from collector.engine.runner import Runner, libraries_of  # noqa: E402
from collector.needs import devices  # noqa: E402
from collector.outputs import judge  # noqa: E402
from collector.sections import Section, read_library  # noqa: E402


def shuffled(pages: list[list[Section]]) -> list[Section]:
    """Put pages, and the sections within each, in a random order."""
    pages = [random.sample(page, len(page)) for page in random.sample(pages, len(pages))]
    return [section for page in pages for section in page]


def main(count: int) -> int:
    library = read_library(ROOT)
    pages = [
        [
            s
            for s in library.runnable()
            if s.path == module.path and not devices().why_unmet(s.need)
        ]
        for module in library.modules.values()
    ]
    libraries = libraries_of(library.runnable())
    flakes: Counter[str] = Counter()
    for number in range(1, count + 1):
        sections, start = shuffled(pages), time.monotonic()
        with Runner(ROOT, libraries) as runner:
            runs = list(runner.run(sections))
        failed = [f for s, run in zip(sections, runs, strict=True) for f in judge(s, run)]
        flakes.update(f"{fault.path}:{fault.line}" for fault in failed)
        seconds = time.monotonic() - start
        print(f"run {number}: {len(sections)} sections, {len(failed)} failed, {seconds:.1f} s")
        print("\n".join(map(str, failed)), end="\n" if failed else "", flush=True)
    print(f"{count} runs, {sum(flakes.values())} failures: {dict(flakes) or 'none'}")
    return 1 if flakes else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, help="number of runs")
    sys.exit(main(parser.parse_args().count))
