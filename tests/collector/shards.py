"""Shards: a run split over machines, by topic."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shard:
    """One of several runs that together cover every page."""

    number: int
    """From 1."""
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``1/2``.

        Raises:
            argparse.ArgumentTypeError: If it is anything else.
        """
        match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
        if not match or int(match[1]) > int(match[2]):
            message = f"{text!r} is no shard; write 1/2 for the first of two, 2/2 for the second"
            raise argparse.ArgumentTypeError(message)
        return cls(int(match[1]), int(match[2]))

    def topics(self, sizes: Mapping[str, int]) -> frozenset[str]:
        """Choose the topics of this shard: each in turn goes to the smallest one so far.

        Args:
            sizes: Number of blocks by topic.
        """
        loads = [0] * self.count
        chosen = set()
        for topic in sorted(sizes, key=lambda topic: (-sizes[topic], topic)):
            smallest = loads.index(min(loads))
            loads[smallest] += sizes[topic]
            if smallest == self.number - 1:
                chosen.add(topic)
        return frozenset(chosen)
