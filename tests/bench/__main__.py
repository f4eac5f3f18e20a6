"""The command: ``python tests/bench``, see ``--help``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.command import main

main()
