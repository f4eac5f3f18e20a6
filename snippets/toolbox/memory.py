"""How much a forward pass keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks


def saved_for_backward(run: Callable[[], object], besides: Iterable[Tensor] = ()) -> int:
    """Measure the memory that autograd keeps for the backward pass.

    Counted with `torch.autograd.graph.saved_tensors_hooks`, which see each
    tensor that an operation saves. Memory that several of them share counts once.

    Args:
        run: Does the forward pass; its result is kept until all is counted.
        besides: Tensors whose memory does not count, usually the parameters,
            which are there anyway.

    Returns:
        Bytes of the storages that were saved.

    Examples:
        >>> import torch
        >>> x = torch.ones(10, requires_grad=True)
        >>> saved_for_backward(lambda: x.exp()), saved_for_backward(lambda: x + 1)
        (40, 0)
    """
    storages = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        result = run()
    for tensor in besides:
        storages.pop(tensor.untyped_storage().data_ptr(), None)
    del result  # only now: memory that is given back may get the same address again
    return sum(storages.values())
