"""Who shares memory with whom, what strides say, what view really needs."""

# --8<-- [start:view-or-reshape]
import torch

t = torch.arange(6).view(2, 3)  # (2, 3)
print("view shares:", t.view(3, 2).data_ptr() == t.data_ptr())
# > view shares: True
print("reshape shares:", t.reshape(3, 2).data_ptr() == t.data_ptr())
# > reshape shares: True
print("-1 is inferred:", tuple(t.view(-1, 2).shape))
# > -1 is inferred: (3, 2)

turned = t.t()  # (3, 2)
flat = turned.reshape(6)  # (6,)
print("reshape of the transpose shares:", flat.data_ptr() == t.data_ptr())
# > reshape of the transpose shares: False

try:
    turned.view(6)
except RuntimeError as error:
    print("view:", str(error).split(" (")[0])
# > view: view size is not compatible with input tensor's size and stride

try:
    t.reshape(4, 2)
except RuntimeError as error:
    print("reshape:", error)
# > reshape: shape '[4, 2]' is invalid for input of size 6
# --8<-- [end:view-or-reshape]

# --8<-- [start:view-shares-memory]
import torch

from snippets.toolbox.storage import same_storage

t = torch.zeros(2, 1, 3, 4)
y = t.view(4, 6)  # (4, 6)
y[0] = 1
print("ones seen through t:", int(t.sum()))
# > ones seen through t: 6
t[1, 0, 2, 3] = 7
print("last element of y:", int(y[3, 5]))
# > last element of y: 7
print("y._base is t:", y._base is t)
# > y._base is t: True
print("same first address:", y.data_ptr() == t.data_ptr())
# > same first address: True
print("same storage:", same_storage(y, t))
# > same storage: True
print("bytes, t:", t.untyped_storage().nbytes())
# > bytes, t: 96
print("bytes, y:", y.untyped_storage().nbytes())
# > bytes, y: 96
print("version counters:", t._version, y._version)
# > version counters: 2 2

last = t[1]  # (1, 3, 4)
print("last, same first address:", last.data_ptr() == t.data_ptr())
# > last, same first address: False
print("last, same storage:", same_storage(last, t))
# > last, same storage: True
print("detach, _base:", t.detach()._base)
# > detach, _base: None
print("detach, same storage:", same_storage(t.detach(), t))
# > detach, same storage: True
print("clone, same storage:", same_storage(t.clone(), t))
# > clone, same storage: False
# --8<-- [end:view-shares-memory]

# --8<-- [start:what-strides-are]
import torch

from snippets.toolbox.storage import row_major_strides

t = torch.arange(12).view(3, 4)  # (3, 4)
print("t, stride:", t.stride(), "offset:", t.storage_offset())
# > t, stride: (4, 1) offset: 0
print("t is row-major:", row_major_strides(t.shape) == t.stride())
# > t is row-major: True
print("row-major (2, 3, 4):", row_major_strides((2, 3, 4)))
# > row-major (2, 3, 4): (12, 4, 1)
print("t.view(2, 6), stride:", t.view(2, 6).stride())
# > t.view(2, 6), stride: (6, 1)

part = t[1:, 1::2]  # (2, 2)
print("part:", part.tolist())
# > part: [[5, 7], [9, 11]]
print("part, stride:", part.stride(), "offset:", part.storage_offset())
# > part, stride: (4, 2) offset: 5

row, column = 1, 0
down, right = part.stride()
position = part.storage_offset() + row * down + column * right
strip = t.view(12)  # (12,)
print("position of part[1, 0]:", position)
# > position of part[1, 0]: 9
print("same number there:", bool(strip[position] == part[row, column]))
# > same number there: True

rebuilt = t.as_strided(size=(2, 2), stride=(4, 2), storage_offset=5)
print("rebuilt equals part:", torch.equal(rebuilt, part))
# > rebuilt equals part: True
print("NumPy strides of t, in bytes:", t.numpy().strides)
# > NumPy strides of t, in bytes: (32, 8)
try:
    t[::-1]
except ValueError as error:
    print("t[::-1]:", error)
# > t[::-1]: step must be greater than zero
# --8<-- [end:what-strides-are]

# --8<-- [start:what-strides-are-figure]
import matplotlib.pyplot as plt


def cell(x, y, number):
    color = "C1" if number in (5, 7, 9, 11) else "C0"
    box = plt.Rectangle((x, y), 1, 1, fc=(color, 0.3), ec=color)
    ax.add_patch(box)
    ax.text(x + 0.5, y + 0.5, number, ha="center", va="center", size=11)


def hop(start, stop, y, label, color):
    bend = 0.9 / (stop - start) ** 0.6
    arrow = {"arrowstyle": "->", "color": color, "lw": 1.6}
    arrow["connectionstyle"] = f"arc3,rad={bend if y < 0 else -bend}"
    ax.annotate("", (stop + 0.5, y), (start + 0.5, y), arrowprops=arrow)
    height = 0.5 + 0.8 * (stop - start) ** 0.4
    middle = (start + stop + 1) / 2
    ax.text(middle, y + height * (1 if y > 0 else -1), label, **center)


center = {"ha": "center", "va": "center", "size": 11}
beside = {"va": "center", "size": 12}
fig, ax = plt.subplots(figsize=(7.2, 4.5), layout="tight")
for number in range(12):
    cell(number % 4, 6 - number // 4, number)
    cell(number, 0, number)
for index, number in enumerate((5, 7, 9, 11)):
    cell(5 + index % 2, -4.6 - index // 2, number)
for start, stop in ((0, 4), (4, 8), (8, 9), (9, 10), (10, 11)):
    hop(start, stop, 1.1, f"+{stop - start}", "C0")
for start, stop, label in ((0, 5, "offset 5"), (5, 9, "+4"), (9, 11, "+2")):
    hop(start, stop, -0.1, label, "C1")
ax.text(-0.3, 5.5, "t", ha="right", va="center", size=12)
ax.text(-0.3, 0.5, "storage", ha="right", va="center", size=12)
ax.text(4.7, -4.6, "t[1:, 1::2]", ha="right", va="center", size=12)
ax.text(4.4, 5.5, "shape (3, 4)\nstride (4, 1)\noffset 0", **beside)
ax.text(7.4, -4.6, "shape (2, 2)\nstride (4, 2)\noffset 5", **beside)
ax.set(xlim=(-2.1, 12.1), ylim=(-5.8, 7.2))
ax.axis("off")
plt.show()
# --8<-- [end:what-strides-are-figure]

# --8<-- [start:row-major-order]
import torch


def memory(tensor):
    return tensor.as_strided((6,), (1,)).tolist()


cube = torch.arange(1, 7).view(1, 2, 3)  # (1, 2, 3)
line = torch.arange(1, 7)  # (6,)
tall = cube.view(3, 2)  # (3, 2)
print("same result from both:", torch.equal(tall, line.view(3, 2)))
# > same result from both: True
print("tall:", tall.tolist())
# > tall: [[1, 2], [3, 4], [5, 6]]
print("cube:", cube.stride(), memory(cube))
# > cube: (6, 3, 1) [1, 2, 3, 4, 5, 6]
print("tall:", tall.stride(), memory(tall))
# > tall: (2, 1) [1, 2, 3, 4, 5, 6]

turned = cube[0].t()  # (3, 2)
print("turned:", turned.tolist())
# > turned: [[1, 4], [2, 5], [3, 6]]
print("turned:", turned.stride(), memory(turned))
# > turned: (1, 3) [1, 2, 3, 4, 5, 6]
print("turned, flattened:", turned.reshape(6).tolist())
# > turned, flattened: [1, 4, 2, 5, 3, 6]
# --8<-- [end:row-major-order]

# --8<-- [start:permute-is-not-reshape]
import torch

t = torch.arange(6).view(2, 3)  # (2, 3)
turned = t.permute(1, 0)  # (3, 2)
recut = t.reshape(3, 2)  # (3, 2)
print("permute:", turned.tolist(), turned.stride())
# > permute: [[0, 3], [1, 4], [2, 5]] (1, 3)
print("reshape:", recut.tolist(), recut.stride())
# > reshape: [[0, 1], [2, 3], [4, 5]] (2, 1)
print("both share:", turned.data_ptr() == recut.data_ptr() == t.data_ptr())
# > both share: True

image = torch.arange(12).view(2, 2, 3)  # (H, W, C)
red = image[:, :, 0]  # (H, W)
right = image.permute(2, 0, 1)  # (C, H, W)
wrong = image.reshape(3, 2, 2)
print("same shape:", right.shape == wrong.shape)
# > same shape: True
print("red plane:", red.tolist())
# > red plane: [[0, 3], [6, 9]]
print("permute, plane 0:", right[0].tolist())
# > permute, plane 0: [[0, 3], [6, 9]]
print("reshape, plane 0:", wrong[0].tolist())
# > reshape, plane 0: [[0, 1], [2, 3]]
print("and back:", torch.equal(right.permute(1, 2, 0), image))
# > and back: True
# --8<-- [end:permute-is-not-reshape]

# --8<-- [start:permute-is-not-reshape-figure]
import matplotlib.pyplot as plt
import torch

t = torch.arange(6).view(2, 3)
tensors = {
    "t\n(2, 3)": t,
    "t.permute(1, 0)\n(3, 2)": t.permute(1, 0),
    "t.reshape(3, 2)\n(3, 2)": t.reshape(3, 2),
}
fig, axes = plt.subplots(1, 3, figsize=(7.2, 3), layout="constrained")
for ax, (title, tensor) in zip(axes, tensors.items(), strict=True):
    rows, columns = tensor.shape
    for row in range(rows):
        for column in range(columns):
            number = int(tensor[row, column])
            color = "C0" if number < 3 else "C1"
            corner = (column - columns / 2, rows / 2 - row - 1)
            box = plt.Rectangle(corner, 1, 1, fc=(color, 0.3), ec=color)
            ax.add_patch(box)
            middle = (corner[0] + 0.5, corner[1] + 0.5)
            ax.text(*middle, number, ha="center", va="center", size=12)
    ax.set_title(title, size=11)
    ax.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal")
    ax.axis("off")
plt.show()
# --8<-- [end:permute-is-not-reshape-figure]

# --8<-- [start:view-needs-contiguous]
import torch

from snippets.toolbox.storage import same_storage


def merges(tensor):
    steps, sizes = tensor.stride(), tensor.shape
    pairs = zip(steps[:-1], steps[1:], sizes[1:], strict=True)
    return [outer == inner * size for outer, inner, size in pairs]


part = torch.arange(24).view(2, 3, 4)[:, :, :2]  # (2, 3, 2)
rows = part.view(6, 2)  # (6, 2)
print("part is contiguous:", part.is_contiguous())
# > part is contiguous: False
print("part.view(6, 2) shares:", rows.data_ptr() == part.data_ptr())
# > part.view(6, 2) shares: True

t = torch.arange(6).view(2, 3)
turned = t.t()  # (3, 2)
print("turned, same storage as t:", same_storage(turned, t))
# > turned, same storage as t: True

wide = torch.arange(3).view(3, 1).expand(3, 4)  # (3, 4)
cases = {"part": part, "turned": turned, "wide": wide}
for name, tensor in cases.items():
    print(f"{name}:", tensor.stride(), "merges:", merges(tensor))
    try:
        tensor.view(tensor.numel())
    except RuntimeError as error:
        print(f"{name}:", str(error).split(" (")[0])
# > part: (12, 4, 1) merges: [True, False]
# > part: view size is not compatible with input tensor's size and stride
# > turned: (1, 3) merges: [False]
# > turned: view size is not compatible with input tensor's size and stride
# > wide: (1, 0) merges: [False]
# > wide: view size is not compatible with input tensor's size and stride
# --8<-- [end:view-needs-contiguous]

# --8<-- [start:view-needs-contiguous-figure]
from itertools import pairwise

import matplotlib.pyplot as plt


def strip(y, length, chosen, width):
    for number in range(length):
        fill = ("C0", 0.3) if number in chosen else "none"
        box = plt.Rectangle((number * width, y), width, 1, fc=fill, ec="C0")
        ax.add_patch(box)
        ax.text((number + 0.5) * width, y + 0.5, number, **center)


def hops(y, numbers, width, color, above):
    for start, stop in pairwise(numbers):
        up = stop > start if above is None else above
        edge, label = (y + 1.1, y + 2.2) if up else (y - 0.1, y - 1.2)
        bend = 1.2 / width / (start - stop) * (1 if up else -1)
        arrow = {"arrowstyle": "->", "color": color}
        arrow["connectionstyle"] = f"arc3,rad={bend}"
        begin, end = (start + 0.5) * width, (stop + 0.5) * width
        ax.annotate("", (end, edge), (begin, edge), arrowprops=arrow)
        ax.text((begin + end) / 2, label, f"{stop - start:+}", **center)


center = {"ha": "center", "va": "center", "size": 10}
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
kept = [number for number in range(24) if number % 4 < 2]
strip(7.4, 24, kept, width=1)
hops(7.4, kept[::2], 1, "C2", above=True)
hops(7.4, kept, 1, "C3", above=False)
ax.text(0, 10.4, "part.view(6, 2): rows always +4", size=11)
ax.text(0, 4.9, "part.view(12): +1, +3, +1, ... raises", size=11)
strip(1.5, 6, range(6), width=2)
hops(1.5, (0, 3, 1, 4, 2, 5), 2, "C3", above=None)
ax.text(12.6, 1.7, "turned.view(6): +3, -2, ... raises", size=11)
ax.set(xlim=(-0.2, 24.2), ylim=(-0.1, 11.2))
ax.axis("off")
plt.show()
# --8<-- [end:view-needs-contiguous-figure]

# --8<-- [start:permute-then-view]
import textwrap

import torch

x = torch.arange(50).view(5, 10)  # (5, 10)
turned = x.permute(1, 0)  # (10, 5)
same = turned.view(10, 5)  # (10, 5)
print("view(10, 5):", same.stride())
# > view(10, 5): (1, 10)
print("shares:", same.data_ptr() == x.data_ptr())
# > shares: True
split = turned.view(2, 5, 5)  # (2, 5, 5)
print("view(2, 5, 5):", split.stride())
# > view(2, 5, 5): (5, 1, 10)

for shape in ((50,), (5, 10)):
    try:
        turned.view(shape)
    except RuntimeError as error:
        print("raises:", shape)
        message = str(error)
# > raises: (50,)
# > raises: (5, 10)
print(textwrap.fill(message, 70))
# > view size is not compatible with input tensor's size and stride (at
# > least one dimension spans across two contiguous subspaces). Use
# > .reshape(...) instead.

packed = turned.contiguous().view(50)  # (50,)
print("reshape does it:", torch.equal(turned.reshape(50), packed))
# > reshape does it: True
# --8<-- [end:permute-then-view]

# --8<-- [start:contiguous-copies]
import torch

x = torch.arange(6).view(2, 3)  # (2, 3)
turned = x.transpose(0, 1)  # (3, 2)
print("fresh:", x.is_contiguous())
# > fresh: True
print("transpose:", turned.is_contiguous())
# > transpose: False
print("permute:", x.permute(1, 0).is_contiguous())
# > permute: False

packed = turned.contiguous()  # (3, 2)
print("after contiguous():", packed.is_contiguous())
# > after contiguous(): True
print("stride:", turned.stride(), "->", packed.stride())
# > stride: (1, 3) -> (2, 1)
print("equal values:", torch.equal(turned, packed))
# > equal values: True
print("new memory:", packed.data_ptr() != turned.data_ptr())
# > new memory: True
print("turned itself:", turned.is_contiguous())
# > turned itself: False

print("already contiguous, same object:", x.contiguous() is x)
# > already contiguous, same object: True
print("x[1]:", x[1].is_contiguous(), "offset", x[1].storage_offset())
# > x[1]: True offset 3
print("x[:, :2]:", x[:, :2].is_contiguous())
# > x[:, :2]: False
print("(1, 3) transposed:", x[:1].t().is_contiguous())
# > (1, 3) transposed: True
# --8<-- [end:contiguous-copies]

# --8<-- [start:indexing-view-or-copy]
import torch

t = torch.zeros(3, 4)
mask = torch.eye(3, 4, dtype=torch.bool)  # (3, 4)
selections = {
    "t[1]": t[1],
    "t[:, 1:3]": t[:, 1:3],
    "t[:, None]": t[:, None],
    "t[[0, 2]]": t[[0, 2]],
    "t[[1]]": t[[1]],
    "t[mask]": t[mask],
}
for name, selected in selections.items():
    print(name, "view" if selected._base is t else "copy")
# > t[1] view
# > t[:, 1:3] view
# > t[:, None] view
# > t[[0, 2]] copy
# > t[[1]] copy
# > t[mask] copy

t[mask].fill_(5)
print("after t[mask].fill_(5):", int(t.sum()))
# > after t[mask].fill_(5): 0
t[mask] = 5
print("after t[mask] = 5:", int(t.sum()))
# > after t[mask] = 5: 15
t[mask] += 1
print("after t[mask] += 1:", int(t.sum()))
# > after t[mask] += 1: 18
t[0][3] = 100
print("after t[0][3] = 100:", int(t.sum()))
# > after t[0][3] = 100: 118
t[[0]][0, 3] = 0
print("after t[[0]][0, 3] = 0:", int(t.sum()))
# > after t[[0]][0, 3] = 0: 118
# --8<-- [end:indexing-view-or-copy]

# --8<-- [start:indexing-view-or-copy-gather]
import torch

scores = torch.tensor([[1.0, 9.0, 2.0], [3.0, 4.0, 8.0]])  # (N, C)
target = torch.tensor([1, 2])  # (N,)
chosen = scores.gather(1, target[:, None])  # (N, 1)
print("gather:", chosen.flatten().tolist())
# > gather: [9.0, 8.0]
print("same by index lists:", scores[[0, 1], target].tolist())
# > same by index lists: [9.0, 8.0]
print("masked_fill:", scores.masked_fill(scores < 4, 0).tolist())
# > masked_fill: [[0.0, 9.0, 0.0], [0.0, 4.0, 8.0]]

index = torch.tensor([0, 0, 2])
counts = torch.zeros(3)
counts[index] += 1
print("counts[index] += 1:", counts.tolist())
# > counts[index] += 1: [1.0, 0.0, 1.0]
counts = torch.zeros(3).scatter_add_(0, index, torch.ones(3))
print("scatter_add_:", counts.tolist())
# > scatter_add_: [2.0, 0.0, 1.0]
# --8<-- [end:indexing-view-or-copy-gather]

# --8<-- [start:expand-or-repeat]
import textwrap

import torch

column = torch.arange(3.0).view(3, 1)  # (3, 1)
wide = column.expand(3, 4)  # (3, 4)
tiled = column.repeat(1, 4)  # (3, 4)
print("equal values:", torch.equal(wide, tiled))
# > equal values: True
print("strides:", wide.stride(), tiled.stride())
# > strides: (1, 0) (4, 1)
print("bytes, expand:", wide.untyped_storage().nbytes())
# > bytes, expand: 12
print("bytes, repeat:", tiled.untyped_storage().nbytes())
# > bytes, repeat: 48

try:
    wide.add_(1)
except RuntimeError as error:
    print(textwrap.fill(str(error), 70))
# > unsupported operation: more than one element of the written-to tensor
# > refers to a single memory location. Please clone() the tensor before
# > performing the operation.
wide[0, 0] = 9
print("after wide[0, 0] = 9:", wide[0].tolist())
# > after wide[0, 0] = 9: [9.0, 9.0, 9.0, 9.0]
print("column:", column.flatten().tolist())
# > column: [9.0, 1.0, 2.0]

left, right = torch.broadcast_tensors(column, torch.zeros(4))
print("broadcast:", left.stride(), right.stride())
# > broadcast: (1, 0) (0, 1)
print("broadcast shares:", left.data_ptr() == column.data_ptr())
# > broadcast shares: True

weight = torch.ones(3, 1, requires_grad=True)
weight.expand(3, 4).sum().backward()
print("gradient:", weight.grad.flatten().tolist())
# > gradient: [4.0, 4.0, 4.0]
# --8<-- [end:expand-or-repeat]

# --8<-- [start:expand-or-repeat-figure]
import matplotlib.pyplot as plt


def cell(x, y, number):
    color = f"C{number}"
    box = plt.Rectangle((x, y), 1, 1, fc=(color, 0.3), ec=color)
    ax.add_patch(box)
    ax.text(x + 0.5, y + 0.45, number, ha="center", va="center", size=11)


fig, ax = plt.subplots(figsize=(7.2, 3.2), layout="tight")
for left in (0, 8):
    for position in range(12):
        cell(left + position % 4, 5 - position // 4, position // 4)
for number in range(3):
    cell(number, 0, number)
for position in range(12):
    cell(8 + position, 0, position // 4)
labels = (
    (0, "column.expand(3, 4)", "stride\n(1, 0)", "storage: 12 bytes"),
    (8, "column.repeat(1, 4)", "stride\n(4, 1)", "storage: 48 bytes"),
)
for left, call, stride, storage in labels:
    ax.text(left, 6.4, call, size=12)
    ax.text(left + 4.4, 4.5, stride, va="center", size=11)
    ax.text(left, 1.4, storage, size=11)
ax.set(xlim=(-0.2, 20.2), ylim=(-0.2, 7.1))
ax.axis("off")
plt.show()
# --8<-- [end:expand-or-repeat-figure]

# --8<-- [start:channels-last]
import torch

channels_last = torch.channels_last
image = torch.arange(96.0).view(2, 3, 4, 4)  # (N, C, H, W)
last = image.to(memory_format=channels_last)  # (N, C, H, W)
print("same shape:", last.shape == image.shape)
# > same shape: True
print("equal values:", torch.equal(last, image))
# > equal values: True
print("stride:", image.stride(), "->", last.stride())
# > stride: (48, 16, 4, 1) -> (48, 1, 12, 3)
print("shares:", last.data_ptr() == image.data_ptr())
# > shares: False

print("row-major:", last.is_contiguous())
# > row-major: False
print("channels last:", last.is_contiguous(memory_format=channels_last))
# > channels last: True
print("N, H, W, C in memory:", last.permute(0, 2, 3, 1).is_contiguous())
# > N, H, W, C in memory: True
print("kept by relu:", torch.relu(last).stride() == last.stride())
# > kept by relu: True
try:
    last.view(2, 48)
except RuntimeError as error:
    print(str(error).split(" (")[0])
# > view size is not compatible with input tensor's size and stride
print("same flatten:", torch.equal(last.flatten(1), image.flatten(1)))
# > same flatten: True
try:
    image[0].to(memory_format=channels_last)
except RuntimeError as error:
    print(error)
# > required rank 4 tensor to use channels_last format

gray = torch.ones(2, 1, 4, 4)  # (N, 1, H, W)
print("gray, row-major:", gray.is_contiguous())
# > gray, row-major: True
print("gray, channels last:", gray.is_contiguous(memory_format=channels_last))
# > gray, channels last: True
# --8<-- [end:channels-last]

# --8<-- [start:detach-or-data]
import math
import textwrap

import torch

w = torch.tensor(1.0, requires_grad=True)
w.exp().backward()
print("true gradient is e:", math.isclose(w.grad.item(), math.e, rel_tol=1e-6))
# > true gradient is e: True

w.grad = None
z = w.exp()
z.data.zero_()
print("version after .data:", z._version)
# > version after .data: 0
z.backward()
print("gradient after .data:", w.grad.item())
# > gradient after .data: 0.0

z = w.exp()
z.detach().zero_()
print("version after detach():", z._version)
# > version after detach(): 1
try:
    z.backward()
except RuntimeError as error:
    print(textwrap.fill(str(error).split(":")[0], 70))
# > one of the variables needed for gradient computation has been modified
# > by an inplace operation

with torch.no_grad():
    w -= 0.5
print("updated in place:", w.item(), "leaf:", w.is_leaf)
# > updated in place: 0.5 leaf: True
# --8<-- [end:detach-or-data]
