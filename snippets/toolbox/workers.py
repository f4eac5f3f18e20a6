"""Several processes that talk to each other, on one CPU."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

import torch.distributed as dist
import torch.multiprocessing as mp


def run_workers(work: Callable[[int], object], count: int = 2) -> list[object]:
    """Run a function in several processes joined by gloo, and collect its results.

    The processes are forked, so `work` sees all that was defined before, and
    each changes only its own copy. Call it before the main process computes on
    more than one thread: threads do not survive a fork, and an operation that
    waits for them hangs. Needs an operating system with fork.

    Args:
        work: Takes the rank, from 0 to count - 1. What it returns must be
            picklable; return plain numbers and lists rather than tensors.
        count: Number of processes.

    Returns:
        The results, in order of rank.

    Raises:
        torch.multiprocessing.ProcessRaisedException: If a process raised.

    Examples:
        >>> run_workers(lambda rank: rank * 10, count=2)
        [0, 10]
    """
    with tempfile.TemporaryDirectory() as folder:
        results = mp.get_context("fork").SimpleQueue()
        arguments = (work, count, os.path.join(folder, "store"), results)
        mp.start_processes(_join_and_work, arguments, nprocs=count, start_method="fork")
        gathered = dict(results.get() for _ in range(count))
    return [gathered[rank] for rank in range(count)]


def _join_and_work(rank: int, work: Callable, count: int, path: str, results: object) -> None:
    dist.init_process_group("gloo", store=dist.FileStore(path, count), rank=rank, world_size=count)
    results.put((rank, work(rank)))
    dist.barrier()  # gloo complains if one leaves while another still talks
    dist.destroy_process_group()
