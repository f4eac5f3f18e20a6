"""What a module holds, what of it is trained, and how to stop that."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class ParameterCount:
    """Numbers in a module's parameters: those that are trained and those that are not."""

    trainable: int
    frozen: int


def count_parameters(module: nn.Module) -> ParameterCount:
    """Count the numbers in a module's parameters.

    A parameter that several layers share counts once. Buffers do not count.

    Args:
        module: Any module; lazy layers must have seen an input.

    Returns:
        How many numbers require a gradient, and how many do not.

    Raises:
        ValueError: If a parameter of a lazy layer has no shape yet.

    Examples:
        >>> layer = nn.Linear(3, 2)
        >>> layer.bias.requires_grad_(False)[0].item() == layer.bias[0].item()
        True
        >>> count_parameters(layer)
        ParameterCount(trainable=6, frozen=2)
    """
    counts = {True: 0, False: 0}
    for name, parameter in module.named_parameters():
        if nn.parameter.is_lazy(parameter):
            raise ValueError(f"{name} has no shape yet: call the module on an input first")
        counts[parameter.requires_grad] += parameter.numel()
    return ParameterCount(trainable=counts[True], frozen=counts[False])


def freeze(module: nn.Module) -> nn.Module:
    """Keep a module as it is: no gradients, and no statistics of new batches.

    `requires_grad_(False)` stops the parameters, `eval()` stops the running
    statistics of normalisation layers, and dropout with them. A later call of
    `train()` on the module, or on a model around it, undoes the second half.

    Args:
        module: Changed in place.

    Returns:
        The same module.

    Examples:
        >>> body = freeze(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)))
        >>> any(p.requires_grad for p in body.parameters()), body[1].training
        (False, False)
    """
    return module.requires_grad_(False).eval()


@dataclass(frozen=True)
class StateEntry:
    """One tensor of a module, and what becomes of it."""

    name: str
    kind: str
    """`parameter` or `buffer`."""
    shape: tuple[int, ...]
    trained: bool
    """Whether it requires a gradient."""
    saved: bool
    """Whether `state_dict()` contains it."""


def summarize_state(module: nn.Module) -> list[StateEntry]:
    """List the parameters and buffers of a module and of all inside it.

    Args:
        module: Any module.

    Returns:
        One entry per name, parameters first, each kind in order of registration.
        A tensor that several layers share stands under its first name only.

    Examples:
        >>> [entry.name for entry in summarize_state(nn.BatchNorm1d(2)) if not entry.trained]
        ['running_mean', 'running_var', 'num_batches_tracked']
    """
    saved = module.state_dict()
    kinds = {"parameter": module.named_parameters(), "buffer": module.named_buffers()}
    return [
        StateEntry(name, kind, tuple(tensor.shape), tensor.requires_grad, name in saved)
        for kind, tensors in kinds.items()
        for name, tensor in tensors
    ]
