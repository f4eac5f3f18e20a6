"""The arithmetic of convolution and pooling, along one axis."""

from __future__ import annotations

from collections.abc import Iterable


def conv_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Compute how long a convolution's output is along one axis.

    `floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1`,
    as in the documentation of `torch.nn.Conv2d`. Max pooling follows the same rule.

    Args:
        size: Length of the input along this axis.
        kernel_size: Number of kernel points along this axis.
        stride: Step between two positions of the kernel.
        padding: Cells added at each of the two ends.
        dilation: Step between two kernel points.

    Returns:
        Length of the output along this axis.

    Raises:
        ValueError: If kernel_size, stride or dilation is below 1, if padding is
            negative, or if the padded input is shorter than the kernel's span.

    Examples:
        >>> conv_output_size(50, 3, stride=2)
        24
    """
    if min(kernel_size, stride, dilation) < 1 or padding < 0:
        raise ValueError("kernel_size, stride and dilation must be >= 1 and padding >= 0")
    span = dilation * (kernel_size - 1) + 1
    padded = size + 2 * padding
    if padded < span:
        raise ValueError(f"a kernel that spans {span} does not fit an input padded to {padded}")
    return (padded - span) // stride + 1


def receptive_field(layers: Iterable[tuple[int, int, int]]) -> int:
    """Compute how much of the input one output of a stack of layers sees.

    Each layer widens the field by `dilation * (kernel_size - 1)` steps, and a
    step is the product of all strides before it.

    Args:
        layers: `(kernel_size, stride, dilation)` of each layer, first layer first.

    Returns:
        Cells of the input along one axis, 1 without layers. Cells at the
        border that are padding count as well.

    Examples:
        >>> receptive_field([(3, 1, 1), (3, 1, 1)])
        5
    """
    field = step = 1
    for kernel_size, stride, dilation in layers:
        field += dilation * (kernel_size - 1) * step
        step *= stride
    return field
