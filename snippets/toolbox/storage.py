"""Where the numbers of a tensor lie."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def same_storage(first: Tensor, second: Tensor) -> bool:
    """Tell whether two tensors read the same block of memory.

    The addresses of the storages decide, not `data_ptr()`: that one is the
    address of the first element, which a slice moves.

    Args:
        first: Any tensor.
        second: Any tensor.

    Shape:
        - first: any
        - second: any

    Returns:
        True if both lie in one block. Tensors without memory, empty ones and
        those on the meta device, count as lying in one.

    Raises:
        NotImplementedError: If a tensor has no storage, as sparse ones have none.

    Examples:
        >>> import torch
        >>> numbers = torch.arange(6)
        >>> same_storage(numbers, numbers[2:]), same_storage(numbers, numbers.clone())
        (True, False)
    """
    return first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


def row_major_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Compute the strides of a contiguous tensor.

    Each stride is the product of the sizes to its right: one step along a
    dimension passes over everything that lies inside it.

    Args:
        shape: Sizes, outermost dimension first.

    Returns:
        One stride per dimension, in elements (NumPy counts bytes). A size of
        0 counts as 1, as in torch.

    Raises:
        ValueError: If a size is negative.

    Examples:
        >>> row_major_strides((2, 3, 4))
        (12, 4, 1)
    """
    if any(size < 0 for size in shape):
        raise ValueError(f"sizes must not be negative, but got shape={tuple(shape)}")
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))
