"""Takes the safeguards away, one at a time, and looks whether a fault case notices.

Run it as ``python tests/faults/mutate.py``, or with words that the names of some
safeguards contain.  It prints a table and exits with 1 if nothing noticed that a
safeguard was gone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from conftest import copy_machinery  # noqa: E402
from faults.mutations import MUTATIONS, Mutation  # noqa: E402


def apply(mutation: Mutation, root: Path) -> None:
    """Take a safeguard out of a copy of the machinery."""
    path = root / mutation.file
    text = path.read_text("utf-8")
    count = text.count(mutation.old)
    assert count == 1, f"{mutation.file} holds {mutation.old!r} {count} times, not once"
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")


def failed_without(mutation: Mutation) -> bool:
    """Tell whether the case fails, not only its preparation, without the safeguard."""
    with tempfile.TemporaryDirectory() as folder:
        root, temporary = Path(folder) / "machinery", Path(folder) / "temporary"
        root.mkdir()
        temporary.mkdir()
        copy_machinery(root, with_rules=True)
        apply(mutation, root)
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/faults", "-k", f"[{mutation.case}]"],
            cwd=ROOT,
            env={**os.environ, "MACHINERY_ROOT": str(root), "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
        )
    return re.search(rf"(?m)^FAILED .*\[{mutation.case}\]", result.stdout) is not None


def main(words: list[str]) -> int:
    chosen = [m for m in MUTATIONS if not words or any(word in m.safeguard for word in words)]
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for mutation, failed in zip(chosen, workers.map(failed_without, chosen), strict=True):
            survivors += not failed
            verdict = "caught by" if failed else "NOT CAUGHT by"
            print(f"{mutation.safeguard:35} {verdict} {mutation.case}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
