"""One seed for all generators that training code draws from."""

from __future__ import annotations

import random

import numpy as np
import torch


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch, on every device.

    The seed fixes each sequence of draws, not the results of a training run:
    see the page on reproducibility for what else moves them.

    Args:
        seed: At least 0 and below 2 ** 32, which is NumPy's limit.

    Returns:
        torch's default generator on the CPU.

    Raises:
        ValueError: If the seed is out of range.

    Examples:
        >>> _ = seed_everything(0)
        >>> first = torch.rand(1), np.random.rand(), random.random()
        >>> _ = seed_everything(0)
        >>> first == (torch.rand(1), np.random.rand(), random.random())
        True
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"the seed must be in [0, 2 ** 32), but got {seed}")
    random.seed(seed)
    np.random.seed(seed)
    return torch.manual_seed(seed)
