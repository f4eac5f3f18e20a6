"""What a convolution reads, how big its output is, what each argument does."""

# --8<-- [start:conv-arguments]
import inspect

import torch
import torch.nn.functional as F
from torch import nn

print("after bias:", list(inspect.signature(nn.Conv2d).parameters)[8:])
# > after bias: ['padding_mode', 'device', 'dtype']
conv = nn.Conv2d(8, 6, kernel_size=(3, 5), groups=2)
print("weight:", tuple(conv.weight.shape))
# > weight: (6, 4, 3, 5)
print("bias:", tuple(conv.bias.shape))
# > bias: (6,)

x = torch.arange(64.0).view(1, 1, 8, 8)  # (N, C, H, W)
w = torch.ones(1, 1, 3, 3)  # (out, in / groups, kH, kW)
every = F.conv2d(x, w)  # (1, 1, 6, 6)
strided = F.conv2d(x, w, stride=2)  # (1, 1, 3, 3)
print("stride skips outputs:", torch.equal(strided, every[..., ::2, ::2]))
# > stride skips outputs: True

padded = F.conv2d(x, w, padding=1)  # (1, 1, 8, 8)
ringed = F.pad(x, (1, 1, 1, 1))  # (1, 1, 10, 10)
print("padding adds zeros:", torch.equal(padded, F.conv2d(ringed, w)))
# > padding adds zeros: True

dilated = F.conv2d(x, w, dilation=2)  # (1, 1, 4, 4)
holes = torch.zeros(1, 1, 5, 5)
holes[..., ::2, ::2] = w
print("dilation spreads weights:", torch.equal(dilated, F.conv2d(x, holes)))
# > dilation spreads weights: True

biased = F.conv2d(x, w, torch.tensor([7.0]))  # (1, 1, 6, 6)
print("bias is added:", torch.equal(biased, every + 7))
# > bias is added: True
# --8<-- [end:conv-arguments]

# --8<-- [start:conv-arguments-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F


def reads(column, **options):
    x = torch.zeros(1, 1, 7, 7, requires_grad=True)
    y = F.conv2d(x, torch.ones(1, 1, 3, 3), **options)  # (1, 1, H, W)
    y[0, 0, 0, column].backward()
    return x.grad[0, 0]  # (7, 7)


def paint(ax, mask, side, fill, edge, line="-"):
    for row, column in mask.nonzero().tolist():
        corner = (column - side / 2, row - side / 2)
        style = {"fc": fill, "ec": edge, "ls": line}
        ax.add_patch(plt.Rectangle(corner, side, side, **style))


ones = torch.eye(6).view(6, 6, 1, 1)  # (N, C, 1, 1)
links = F.conv2d(ones, torch.ones(6, 3, 1, 1), groups=2)[:, :, 0, 0].T
inner = F.pad(torch.ones(5, 5), (1, 1, 1, 1))  # (7, 7)
panels = (
    ("stride=2", "next window\n2 cells on", reads(0, stride=2)),
    ("padding=1", "a ring\nof zeros", reads(0)),
    ("dilation=2", "9 weights\nspan 5 x 5", reads(0, dilation=2)),
    ("groups=2", "rows: outputs\ncolumns: inputs", links),
)
ink = (plt.rcParams["text.color"], 0.4)
fig, axes = plt.subplots(1, 4, figsize=(7.2, 2.6), layout="tight")
for ax, (title, caption, mask) in zip(axes, panels, strict=True):
    cells = inner if title == "padding=1" else torch.ones_like(mask)
    paint(ax, cells, 0.84, "none", ink)
    paint(ax, 1 - cells, 0.84, "none", ink, ":")
    paint(ax, mask, 0.84, ("C0", 0.5), "C0")
    ax.set(title=title, xlabel=caption, xticks=[], yticks=[], aspect="equal")
    ax.set(xlim=(-0.6, len(mask) - 0.4), ylim=(len(mask) - 0.4, -0.6))
    ax.spines[:].set_visible(False)
paint(axes[0], reads(1, stride=2), 0.44, ("C1", 0.5), "C1")
plt.show()
# --8<-- [end:conv-arguments-figure]

# --8<-- [start:conv-arguments-padding-mode]
import torch
from torch import nn

row = torch.arange(1.0, 5.0).view(1, 1, 4)  # (N, C, L)
for mode in ("zeros", "reflect", "replicate", "circular"):
    conv = nn.Conv1d(1, 1, 1, padding=2, bias=False, padding_mode=mode)
    nn.init.ones_(conv.weight)
    print(mode, conv(row).int().flatten().tolist())
# > zeros [0, 0, 1, 2, 3, 4, 0, 0]
# > reflect [3, 2, 1, 2, 3, 4, 3, 2]
# > replicate [1, 1, 1, 2, 3, 4, 4, 4]
# > circular [3, 4, 1, 2, 3, 4, 1, 2]
# --8<-- [end:conv-arguments-padding-mode]

# --8<-- [start:output-size]
from itertools import product

import torch
import torch.nn.functional as F
from torch import nn

from snippets.toolbox.convolution import conv_output_size

agree = 0
cases = list(product(range(5, 12), (1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2)))
for size, kernel, stride, padding, dilation in cases:
    x, w = torch.zeros(1, 1, size, 9), torch.zeros(1, 1, kernel, 1)
    y = F.conv2d(x, w, None, (stride, 1), (padding, 0), (dilation, 1))
    expected = conv_output_size(size, kernel, stride, padding, dilation)
    agree += y.shape[2] == expected
print("cases:", len(cases), "agree:", agree)
# > cases: 378 agree: 378

x = torch.zeros(2, 16, 50, 100)
print("stride 2:", tuple(nn.Conv2d(16, 33, 3, stride=2)(x).shape))
# > stride 2: (2, 33, 24, 49)
print("3, stride 1, padding 1:", conv_output_size(224, 3, 1, 1))
# > 3, stride 1, padding 1: 224
print("3, stride 2, padding 1:", conv_output_size(224, 3, 2, 1))
# > 3, stride 2, padding 1: 112
print("7, stride 2, padding 3:", conv_output_size(224, 7, 2, 3))
# > 7, stride 2, padding 3: 112

row = torch.ones(1, 1, 1, 6, requires_grad=True)
F.conv2d(row, torch.ones(1, 1, 1, 3), stride=2).sum().backward()
print("reads of each cell:", row.grad.int().flatten().tolist())
# > reads of each cell: [1, 1, 2, 1, 1, 0]
try:
    F.conv2d(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 3, 3))
except RuntimeError as error:
    print(str(error).split(". ")[-1])
# > Kernel size can't be greater than actual input size
# --8<-- [end:output-size]

# --8<-- [start:output-size-same]
import warnings

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x = torch.randn(1, 1, 7, 10)
for kernel, dilation in ((3, 1), (5, 1), (3, 2), ((1, 5), 3)):
    conv = nn.Conv2d(1, 1, kernel, padding="same", dilation=dilation)
    print(kernel, dilation, "->", tuple(conv(x).shape[2:]))
# > 3 1 -> (7, 10)
# > 5 1 -> (7, 10)
# > 3 2 -> (7, 10)
# > (1, 5) 3 -> (7, 10)

w = torch.randn(1, 1, 3, 3)
same = F.conv2d(x, w, padding="same", dilation=2)
explicit = F.conv2d(x, w, padding=2, dilation=2)
print("same is d * (k - 1) / 2:", torch.allclose(same, explicit, atol=1e-6))
# > same is d * (k - 1) / 2: True
valid = F.conv2d(x, w, padding="valid")
print("valid is 0:", torch.allclose(valid, F.conv2d(x, w), atol=1e-6))
# > valid is 0: True

w = torch.randn(1, 1, 2, 2)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    even = F.conv2d(x, w, padding="same")
print("warns:", str(caught[0].message).split(" may")[0])
# > warns: Using padding='same' with even kernel lengths and odd dilation
uneven = F.conv2d(F.pad(x, (0, 1, 0, 1)), w)
print("even, one more at the end:", torch.allclose(even, uneven, atol=1e-6))
# > even, one more at the end: True

try:
    nn.Conv2d(1, 1, 3, stride=2, padding="same")
except ValueError as error:
    print(error)
# > padding='same' is not supported for strided convolutions
# --8<-- [end:output-size-same]

# --8<-- [start:tuple-arguments]
import torch
import torch.nn.functional as F
from torch import nn

square = nn.Conv2d(8, 8, 9)
print("9 becomes", square.kernel_size)
# > 9 becomes (9, 9)
conv = nn.Conv2d(8, 8, (9, 1), padding=4)
print("weight:", tuple(conv.weight.shape))
# > weight: (8, 8, 9, 1)
x = torch.zeros(1, 8, 20, 25)  # (N, C, H, W)
print("padding=4:", tuple(conv(x).shape[2:]))
# > padding=4: (20, 33)
conv = nn.Conv2d(8, 8, (9, 1), padding=(4, 0))
print("padding=(4, 0):", tuple(conv(x).shape[2:]))
# > padding=(4, 0): (20, 25)

impulse = F.pad(torch.ones(1, 1, 1, 1), (2, 2, 2, 2))  # (1, 1, 5, 5)
spread = F.conv2d(impulse, torch.ones(1, 1, 3, 1), padding=(1, 0))
print("rows, columns hit:", spread[0, 0].nonzero().tolist())
# > rows, columns hit: [[1, 2], [2, 2], [3, 2]]

x = torch.zeros(2, 16, 50, 100)
sizes = {"stride": (2, 1), "padding": (4, 2)}
conv = nn.Conv2d(16, 33, (3, 5), **sizes)
print("(3, 5):", tuple(conv(x).shape))
# > (3, 5): (2, 33, 28, 100)
conv = nn.Conv2d(16, 33, (3, 5), **sizes, dilation=(3, 1))
print("(3, 5), dilation (3, 1):", tuple(conv(x).shape))
# > (3, 5), dilation (3, 1): (2, 33, 26, 100)

print("F.pad by (4, 0):", tuple(F.pad(x, (4, 0)).shape[2:]))
# > F.pad by (4, 0): (50, 104)
print("F.pad by (2, 2, 4, 4):", tuple(F.pad(x, (2, 2, 4, 4)).shape[2:]))
# > F.pad by (2, 2, 4, 4): (58, 104)
# --8<-- [end:tuple-arguments]

# --8<-- [start:groups]
import torch
from torch import nn

from snippets.toolbox.parameters import count_parameters

torch.manual_seed(0)
grouped = nn.Conv2d(4, 6, 3, groups=2)
first, second = nn.Conv2d(2, 3, 3), nn.Conv2d(2, 3, 3)
print("weight:", tuple(grouped.weight.shape))
# > weight: (6, 2, 3, 3)
for name in ("weight", "bias"):
    upper, lower = getattr(grouped, name).detach().chunk(2)
    first.load_state_dict({name: upper}, strict=False)
    second.load_state_dict({name: lower}, strict=False)

x = torch.randn(1, 4, 8, 8)
left, right = x.chunk(2, dim=1)  # (1, 2, 8, 8)
both = torch.cat((first(left), second(right)), dim=1)  # (1, 6, 6, 6)
print("two side by side:", torch.allclose(grouped(x), both, atol=1e-6))
# > two side by side: True
print("groups=2:", count_parameters(grouped).trainable)
# > groups=2: 114
print("groups=1:", count_parameters(nn.Conv2d(4, 6, 3)).trainable)
# > groups=1: 222

for channels in ((3, 6), (4, 5)):
    try:
        nn.Conv2d(*channels, 3, groups=2)
    except ValueError as error:
        print(channels, error)
# > (3, 6) in_channels must be divisible by groups
# > (4, 5) out_channels must be divisible by groups
# --8<-- [end:groups]

# --8<-- [start:groups-depthwise]
import torch
from torch import nn

from snippets.toolbox.parameters import count_parameters

torch.manual_seed(0)
depthwise = nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False)
pointwise = nn.Conv2d(32, 64, 1, bias=False)
full = nn.Conv2d(32, 64, 3, padding=1, bias=False)
print("depthwise weight:", tuple(depthwise.weight.shape))
# > depthwise weight: (32, 1, 3, 3)
separable = nn.Sequential(depthwise, pointwise)
print("separable:", count_parameters(separable).trainable)
# > separable: 2336
print("full:", count_parameters(full).trainable)
# > full: 18432

x = torch.randn(1, 32, 10, 10)
print("same shape:", separable(x).shape == full(x).shape)
# > same shape: True
changed = x.clone()
changed[:, 5] += 1
change = (depthwise(changed) - depthwise(x)).abs().amax(dim=(0, 2, 3))
print("channels that notice:", (change > 1e-4).nonzero().flatten().tolist())
# > channels that notice: [5]

merged = pointwise.weight * depthwise.weight.transpose(0, 1)
full.load_state_dict({"weight": merged})
print("merged weight:", tuple(merged.shape))
# > merged weight: (64, 32, 3, 3)
print("same as full:", torch.allclose(separable(x), full(x), atol=1e-5))
# > same as full: True
# --8<-- [end:groups-depthwise]

# --8<-- [start:dilation]
import torch
import torch.nn.functional as F

from snippets.toolbox.convolution import conv_output_size

impulse = torch.zeros(1, 1, 9, 9)
impulse[0, 0, 4, 4] = 1
w = torch.ones(1, 1, 3, 3)
for dilation in (1, 2, 3):
    y = F.conv2d(impulse, w, padding=dilation, dilation=dilation)
    hit = y[0, 0].nonzero()  # (9, 2)
    span = int(hit[:, 0].max() - hit[:, 0].min()) + 1
    print("dilation", dilation, "weights", len(hit), "span", span)
# > dilation 1 weights 9 span 3
# > dilation 2 weights 9 span 5
# > dilation 3 weights 9 span 7

y = F.conv2d(impulse, w, padding=2, dilation=2)  # (1, 1, 9, 9)
for row in y[0, 0, 1:8, 1:8].int().tolist():
    print(*row)
# > 0 0 0 0 0 0 0
# > 0 1 0 1 0 1 0
# > 0 0 0 0 0 0 0
# > 0 1 0 1 0 1 0
# > 0 0 0 0 0 0 0
# > 0 1 0 1 0 1 0
# > 0 0 0 0 0 0 0

no_padding = conv_output_size(9, 3, dilation=2)
print("without padding:", no_padding)
# > without padding: 5
print("like a kernel of 5:", no_padding == conv_output_size(9, 5))
# > like a kernel of 5: True
# --8<-- [end:dilation]

# --8<-- [start:dilation-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

impulse = torch.zeros(1, 1, 9, 9)
impulse[0, 0, 4, 4] = 1
w = torch.ones(1, 1, 3, 3)
ink = (plt.rcParams["text.color"], 0.35)
fig, axes = plt.subplots(1, 3, figsize=(7.2, 3), layout="tight")
for dilation, ax in enumerate(axes, start=1):
    y = F.conv2d(impulse, w, padding=dilation, dilation=dilation)[0, 0]
    for row in range(9):
        for column in range(9):
            hit = y[row, column] == 1
            fill, edge = (("C0", 0.5), "C0") if hit else ("none", ink)
            box = plt.Rectangle((column - 0.42, row - 0.42), 0.84, 0.84)
            box.set(fc=fill, ec=edge)
            ax.add_patch(box)
    ax.plot(4, 4, "o", color="C1", ms=6)
    rows = y.nonzero()[:, 0]
    low, span = int(rows.min()), int(rows.max() - rows.min()) + 1
    frame = {"fc": "none", "ec": "C1", "lw": 2}
    ax.add_patch(plt.Rectangle((low - 0.5,) * 2, span, span, **frame))
    ax.set(title=f"dilation={dilation}", xlabel=f"9 outputs, {span} x {span}")
    ax.set(xlim=(-0.6, 8.6), ylim=(8.6, -0.6), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
plt.show()
# --8<-- [end:dilation-figure]

# --8<-- [start:correlation-or-convolution]
import numpy as np
import torch
import torch.nn.functional as F

x = torch.arange(9.0).view(1, 1, 3, 3)
w = torch.arange(4.0).view(1, 1, 2, 2)
print("conv2d:", F.conv2d(x, w).flatten().tolist())
# > conv2d: [19.0, 25.0, 37.0, 43.0]
patch = x[0, 0, :2, :2]  # (2, 2)
print("no flip:", float((patch * w[0, 0]).sum()))
# > no flip: 19.0
print("flipped:", float((patch * w[0, 0].flip(0, 1)).sum()))
# > flipped: 5.0

signal, kernel = [1.0, 2.0, 4.0, 8.0], [1.0, 0.0, 10.0]
x = torch.tensor(signal).view(1, 1, 4)  # (N, C, L)
w = torch.tensor(kernel).view(1, 1, 3)
print("conv1d:", F.conv1d(x, w).flatten().tolist())
# > conv1d: [41.0, 82.0]
print("np.correlate:", np.correlate(signal, kernel, "valid").tolist())
# > np.correlate: [41.0, 82.0]
print("np.convolve:", np.convolve(signal, kernel, "valid").tolist())
# > np.convolve: [14.0, 28.0]
print("conv1d, w flipped:", F.conv1d(x, w.flip(2)).flatten().tolist())
# > conv1d, w flipped: [14.0, 28.0]
spread = F.conv_transpose1d(x, w).flatten()  # (6,)
full = np.convolve(signal, kernel)  # (6,)
print("conv_transpose1d is np.convolve:", spread.tolist() == full.tolist())
# > conv_transpose1d is np.convolve: True

impulse = torch.zeros(1, 1, 1, 5)
impulse[..., 2] = 1
w = torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 1, 3)
print("impulse response:", F.conv2d(impulse, w).flatten().tolist())
# > impulse response: [3.0, 2.0, 1.0]
# --8<-- [end:correlation-or-convolution]

# --8<-- [start:conv-as-matmul]
from itertools import product

import torch
import torch.nn.functional as F

from snippets.toolbox.convolution import conv_output_size


def conv2d(x, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    kernel = weight.shape[2:]
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    columns = F.unfold(x, kernel, **steps)  # (N, in * kH * kW, L)
    columns = columns.unflatten(1, (groups, -1))  # (N, G, K, L)
    rows = weight.flatten(1).unflatten(0, (groups, -1))  # (G, out / G, K)
    y = (rows @ columns).flatten(1, 2) + bias[:, None]  # (N, out, L)
    sizes = zip(x.shape[2:], kernel, strict=True)
    return y.unflatten(2, [conv_output_size(n, k, **steps) for n, k in sizes])


torch.manual_seed(0)
x, b = torch.randn(2, 4, 9, 8), torch.randn(6)  # (N, C, H, W) and (out,)
agree = 0
cases = list(product((1, 2, 3), (0, 1, 2), (1, 2, 3), (1, 2)))
for case in cases:
    w = torch.randn(6, 4 // case[-1], 3, 2)
    ours, theirs = conv2d(x, w, b, *case), F.conv2d(x, w, b, *case)
    agree += torch.allclose(ours, theirs, atol=1e-4)
print("cases:", len(cases), "agree:", agree)
# > cases: 54 agree: 54

columns = F.unfold(x, (3, 2))
print("columns:", tuple(columns.shape))
# > columns: (2, 24, 49)
patch = x[0, :, :3, :2]  # (4, 3, 2)
print("column 0 is a patch:", torch.equal(columns[0, :, 0], patch.flatten()))
# > column 0 is a patch: True
print("numbers:", x.numel(), "->", columns.numel())
# > numbers: 576 -> 2352
print("fold undoes it:", torch.allclose(F.fold(columns, (9, 8), (3, 2)), x))
# > fold undoes it: False
# --8<-- [end:conv-as-matmul]

# --8<-- [start:conv-as-matmul-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F


def draw(left, top, numbers, fills):
    for row, line in enumerate(numbers.int().tolist()):
        for column, number in enumerate(line):
            color = fills[row][column]
            fill = ("none", ink) if color is None else ((color, 0.3), color)
            corner = (left + column, top - row - 1)
            box = plt.Rectangle(corner, 1, 1, fc=fill[0], ec=fill[1])
            ax.add_patch(box)
            middle = (corner[0] + 0.5, corner[1] + 0.47)
            ax.text(*middle, number, ha="center", va="center", size=11)


image = torch.arange(16.0).view(1, 1, 4, 4)
columns = F.unfold(image, 3)[0]  # (9, 4)
colors = ["C0", "C1", "C2", "C3"]
ink = (plt.rcParams["text.color"], 0.3)
fig, ax = plt.subplots(figsize=(7.2, 4.6), layout="tight")
for index, color in enumerate(colors):
    inside = torch.isin(image, columns[:, index])[0, 0].tolist()
    fills = [[color if hit else None for hit in line] for line in inside]
    draw(5 * (index % 2), 9.5 - 5 * (index // 2), image[0, 0], fills)
draw(12, 9.5, columns, [colors] * 9)
arrow = {"arrowstyle": "->", "color": plt.rcParams["text.color"]}
ax.annotate("", (11.6, 5), (9.4, 5), arrowprops=arrow)
ax.text(10.5, 5.3, "unfold", ha="center", size=11)
ax.text(0, 9.9, "four positions of a 3 x 3 kernel", size=11)
ax.text(12, 9.9, "columns", size=11)
ax.set(xlim=(-0.1, 16.1), ylim=(0, 10.6), aspect="equal")
ax.axis("off")
plt.show()
# --8<-- [end:conv-as-matmul-figure]

# --8<-- [start:receptive-field]
import torch
from torch import nn

from snippets.toolbox.convolution import receptive_field


def footprint(layers, size=63):
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    y = x
    for kernel, stride, dilation in layers:
        padding = dilation * (kernel - 1) // 2
        conv = nn.Conv2d(1, 1, kernel, stride, padding, dilation)
        nn.init.ones_(conv.weight)
        y = conv(y)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    return x.grad[0, 0].nonzero()  # (cells, 2)


stacks = {
    "one 7x7": [(7, 1, 1)],
    "three 3x3": [(3, 1, 1)] * 3,
    "dilation 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
    "dilation 2, 2, 2": [(3, 1, 2)] * 3,
    "stride 2 first": [(3, 2, 1), (3, 1, 1), (3, 1, 1)],
    "stride 2 last": [(3, 1, 1), (3, 1, 1), (3, 2, 1)],
}
for name, layers in stacks.items():
    cells = footprint(layers)
    rule, rows = receptive_field(layers), cells[:, 0]
    seen = int(rows.max() - rows.min()) + 1
    weights = sum(kernel**2 for kernel, _, _ in layers)
    counts = f"cells {len(cells)}, weights {weights}"
    print(f"{name}: rule {rule}, seen {seen}, {counts}")
# > one 7x7: rule 7, seen 7, cells 49, weights 49
# > three 3x3: rule 7, seen 7, cells 49, weights 27
# > dilation 1, 2, 4: rule 15, seen 15, cells 225, weights 27
# > dilation 2, 2, 2: rule 13, seen 13, cells 49, weights 27
# > stride 2 first: rule 11, seen 11, cells 121, weights 27
# > stride 2 last: rule 7, seen 7, cells 49, weights 27
# --8<-- [end:receptive-field]

# --8<-- [start:receptive-field-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from snippets.toolbox.convolution import receptive_field

ink = (plt.rcParams["text.color"], 0.5)
fig, axes = plt.subplots(1, 3, figsize=(7.2, 3), layout="tight")
for ax, dilations in zip(axes, ((1, 1, 1), (1, 2, 4), (2, 2, 2)), strict=True):
    x = torch.zeros(1, 1, 17, 17, requires_grad=True)
    y = x
    for dilation in dilations:
        w = torch.ones(1, 1, 3, 3)
        y = F.conv2d(y, w, padding=dilation, dilation=dilation)
    y[0, 0, 8, 8].backward()
    share = x.grad[0, 0] / x.grad.max()  # (17, 17)
    for row, column in share.nonzero().tolist():
        fill = ("C0", 0.2 + 0.8 * float(share[row, column]))
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(plt.Rectangle(corner, 1, 1, fc=fill, ec="none"))
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 17, 17, fc="none", ec=ink))
    field = receptive_field([(3, 1, dilation) for dilation in dilations])
    title = "dilation " + ", ".join(map(str, dilations))
    ax.set(title=title, xlabel=f"field {field} x {field}")
    ax.set(xlim=(-0.6, 16.6), ylim=(16.6, -0.6), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
plt.show()
# --8<-- [end:receptive-field-figure]

# --8<-- [start:must-images-be-batched]
import torch
from torch import nn

torch.manual_seed(0)
image = torch.rand(3, 32, 32)  # (C, H, W)
conv = nn.Conv2d(3, 8, 3)
layers = (
    conv,
    nn.ConvTranspose2d(3, 8, 3),
    nn.MaxPool2d(2),
    nn.AdaptiveAvgPool2d(1),
    nn.ReflectionPad2d(1),
)
for layer in layers:
    print(type(layer).__name__, tuple(layer(image).shape))
# > Conv2d (8, 30, 30)
# > ConvTranspose2d (8, 34, 34)
# > MaxPool2d (3, 16, 16)
# > AdaptiveAvgPool2d (3, 1, 1)
# > ReflectionPad2d (3, 34, 34)
batched = conv(image[None])[0]  # (8, 30, 30)
print("same values:", torch.allclose(conv(image), batched, atol=1e-6))
# > same values: True

try:
    nn.BatchNorm2d(3)(image)
except ValueError as error:
    print("BatchNorm2d:", error)
# > BatchNorm2d: expected 4D input (got 3D input)
print("Flatten:", tuple(nn.Flatten()(image).shape))
# > Flatten: (3, 1024)
print("Flatten, batched:", tuple(nn.Flatten()(image[None]).shape))
# > Flatten, batched: (1, 3072)
double = nn.Upsample(scale_factor=2)
print("Upsample:", tuple(double(image).shape))
# > Upsample: (3, 32, 64)
print("Upsample, batched:", tuple(double(image[None]).shape))
# > Upsample, batched: (1, 3, 64, 64)
# --8<-- [end:must-images-be-batched]

# --8<-- [start:must-images-be-batched-one-image]
import torch
from PIL import Image
from torch import nn
from torchvision.transforms.functional import to_tensor

torch.manual_seed(0)
picture = Image.new("RGB", (40, 30), "orange")  # width, height
image = to_tensor(picture)  # (3, 30, 40)
batch = image.unsqueeze(0)  # (1, 3, 30, 40)
model = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(8, 5),
)
model.eval()
with torch.no_grad():
    scores = model(batch)  # (1, 5)
print("image:", tuple(image.shape), "scores:", tuple(scores.shape))
# > image: (3, 30, 40) scores: (1, 5)

last = batch.permute(0, 2, 3, 1)  # (1, 30, 40, 3)
try:
    model(last)
except RuntimeError as error:
    print(str(error).partition("expected ")[2])
# > input[1, 30, 40, 3] to have 3 channels, but got 30 channels instead
packed = batch.contiguous(memory_format=torch.channels_last)
print("channels_last:", tuple(packed.shape))
# > channels_last: (1, 3, 30, 40)
with torch.no_grad():
    print("same scores:", torch.allclose(model(packed), scores, atol=1e-6))
    model.train()
    print("in train mode:", torch.allclose(model(batch), scores, atol=1e-3))
# > same scores: True
# > in train mode: False
# --8<-- [end:must-images-be-batched-one-image]

# --8<-- [start:transposed-convolution]
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x = torch.randn(1, 3, 7, 7, dtype=torch.double, requires_grad=True)
w = torch.randn(5, 3, 3, 3, dtype=torch.double)
steps = {"stride": 2, "padding": 1}
y = F.conv2d(x, w, **steps)  # (1, 5, 4, 4)
back = F.conv_transpose2d(y, w, **steps)  # (1, 3, 7, 7)
print("shape is back:", back.shape == x.shape)
# > shape is back: True
print("values are back:", torch.allclose(back, x))
# > values are back: False

v = torch.randn_like(y)  # (1, 5, 4, 4)
spread = F.conv_transpose2d(v, w, **steps)  # (1, 3, 7, 7)
print("<Cx, v> = <x, C'v>:", torch.allclose((y * v).sum(), (x * spread).sum()))
# > <Cx, v> = <x, C'v>: True
(gradient,) = torch.autograd.grad(y, x, v)
print("is the input gradient:", torch.allclose(spread, gradient))
# > is the input gradient: True

pixels = torch.eye(147, dtype=torch.double).view(147, 3, 7, 7)
matrix = F.conv2d(pixels, w, **steps).flatten(1).t()  # (80, 147)
print("C:", tuple(matrix.shape))
# > C: (80, 147)
product = matrix.t() @ v.flatten()  # (147,)
print("is C' times v:", torch.allclose(product, spread.flatten()))
# > is C' times v: True
print("rank of C:", int(torch.linalg.matrix_rank(matrix)))
# > rank of C: 80
layer = nn.ConvTranspose2d(5, 3, 3)
print("weight (in, out, kH, kW):", tuple(layer.weight.shape))
# > weight (in, out, kH, kW): (5, 3, 3, 3)
print("nn.TransposeConv exists:", hasattr(nn, "TransposeConv"))
# > nn.TransposeConv exists: False
# --8<-- [end:transposed-convolution]

# --8<-- [start:transposed-convolution-output-padding]
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
w = torch.randn(1, 1, 3, 3)
steps = {"stride": 2, "padding": 1}
for size in (7, 8):
    y = F.conv2d(torch.zeros(1, 1, size, size), w, **steps)
    print(size, "->", y.shape[-1])
# > 7 -> 4
# > 8 -> 4

v = torch.randn(1, 1, 4, 4)
seven = F.conv_transpose2d(v, w, **steps)
eight = F.conv_transpose2d(v, w, **steps, output_padding=1)
print("4 ->", seven.shape[-1], "or", eight.shape[-1])
# > 4 -> 7 or 8
up = nn.ConvTranspose2d(1, 1, 3, **steps)
print("output_size=(8, 8):", tuple(up(v, output_size=(8, 8)).shape[2:]))
# > output_size=(8, 8): (8, 8)
print("first 7 equal:", torch.allclose(eight[..., :7, :7], seven, atol=1e-6))
# > first 7 equal: True

whole = F.conv_transpose2d(v, w, stride=2)  # (1, 1, 9, 9)
print("seven is cut:", torch.allclose(seven, whole[..., 1:8, 1:8], atol=1e-6))
# > seven is cut: True
print("eight is cut:", torch.allclose(eight, whole[..., 1:9, 1:9], atol=1e-6))
# > eight is cut: True
# --8<-- [end:transposed-convolution-output-padding]

# --8<-- [start:transposed-convolution-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

ink = (plt.rcParams["text.color"], 0.3)
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.9), layout="tight")
for ax, kernel in zip(axes, (3, 4), strict=True):
    w = torch.ones(1, 1, kernel, kernel)
    stamps = F.conv_transpose2d(torch.ones(1, 1, 4, 4), w, stride=2)[0, 0]
    for row, line in enumerate(stamps.int().tolist()):
        for column, count in enumerate(line):
            corner = (column - 0.5, row - 0.5)
            fill = ("C0", 0.15 * count)
            ax.add_patch(plt.Rectangle(corner, 1, 1, fc=fill, ec=ink))
            ax.text(column, row, count, ha="center", va="center", size=11)
    size = len(stamps)
    ax.set(xlim=(-0.6, size - 0.4), ylim=(size - 0.4, -0.6), aspect="equal")
    ax.set_title(f"kernel_size={kernel}, stride=2")
    ax.axis("off")
plt.show()
# --8<-- [end:transposed-convolution-figure]

# --8<-- [start:conv-across-frameworks]
import torch
import torch.nn.functional as F
from torch import nn


def channels_last_conv(x, kernel):
    height, width, _, out_channels = kernel.shape
    rows, columns = x.shape[1] - height + 1, x.shape[2] - width + 1
    y = torch.zeros(len(x), rows, columns, out_channels)
    for i in range(height):
        for j in range(width):
            y += x[:, i : i + rows, j : j + columns] @ kernel[i, j]
    return y


torch.manual_seed(0)
x = torch.randn(2, 6, 7, 3)  # (N, H, W, C)
kernel = torch.randn(3, 2, 3, 4)  # (kH, kW, in, out)
theirs = channels_last_conv(x, kernel)  # (2, 4, 6, 4)
nchw, weight = x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1)
print("weight (out, in, kH, kW):", tuple(weight.shape))
# > weight (out, in, kH, kW): (4, 3, 3, 2)
ours = F.conv2d(nchw, weight)  # (2, 4, 4, 6)
same = torch.allclose(ours.permute(0, 2, 3, 1), theirs, atol=1e-5)
print("same values:", same)
# > same values: True
order = torch.equal(ours.flatten(1), ours.permute(0, 2, 3, 1).flatten(1))
print("flatten in the same order:", order)
# > flatten in the same order: False
print("bias starts at 0:", bool((nn.Conv2d(3, 4, 3).bias == 0).all()))
# > bias starts at 0: False
both = F.conv2d(nchw, weight, stride=2, dilation=2)  # (2, 4, 1, 3)
print("stride 2 with dilation 2:", tuple(both.shape[2:]))
# > stride 2 with dilation 2: (1, 3)
# --8<-- [end:conv-across-frameworks]

# --8<-- [start:conv-across-frameworks-same]
import torch
import torch.nn.functional as F


def pad_same(x, kernel, stride):
    sides = []
    for size in reversed(x.shape[2:]):
        outputs = -(-size // stride)
        total = max((outputs - 1) * stride + kernel - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides), sides


impulse = torch.zeros(1, 1, 4, 4)
impulse[0, 0, 2, 2] = 1
w = torch.ones(1, 1, 3, 3)
padded, sides = pad_same(impulse, kernel=3, stride=2)
print("left, right, top, bottom:", sides)
# > left, right, top, bottom: [0, 1, 0, 1]
theirs = F.conv2d(padded, w, stride=2)
print("TensorFlow's rule:", theirs[0, 0].int().tolist())
# > TensorFlow's rule: [[1, 1], [1, 1]]
ours = F.conv2d(impulse, w, stride=2, padding=1)
print("padding=1:", ours[0, 0].int().tolist())
# > padding=1: [[0, 0], [0, 1]]

print("4, kernel 3, stride 1:", pad_same(impulse, 3, 1)[1])
# > 4, kernel 3, stride 1: [1, 1, 1, 1]
print("5, kernel 3, stride 2:", pad_same(torch.zeros(1, 1, 5, 5), 3, 2)[1])
# > 5, kernel 3, stride 2: [1, 1, 1, 1]
photo = torch.zeros(1, 1, 224, 224)
print("224, kernel 7, stride 2:", pad_same(photo, 7, 2)[1])
# > 224, kernel 7, stride 2: [2, 3, 2, 3]
# --8<-- [end:conv-across-frameworks-same]

# --8<-- [start:conv-across-frameworks-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

ink = (plt.rcParams["text.color"], 0.35)
impulse = torch.zeros(1, 1, 4, 4)
impulse[0, 0, 2, 2] = 1
w = torch.ones(1, 1, 3, 3)
cases = {"torch, padding=1": (1, 1), "TensorFlow, 'same'": (0, 1)}
fig, axes = plt.subplots(1, 2, figsize=(7.2, 4.1), layout="tight")
for ax, (title, (start, end)) in zip(axes, cases.items(), strict=True):
    padded = F.pad(impulse, (start, end, start, end)).requires_grad_()
    y = F.conv2d(padded, w, stride=2)[0, 0]  # (2, 2)
    for row, column in padded[0, 0].isfinite().nonzero().tolist():
        real = start <= min(row, column) and max(row, column) < start + 4
        corner = (column - start - 0.45, row - start - 0.45)
        style = {"fc": "none", "ec": ink, "ls": "-" if real else ":"}
        ax.add_patch(plt.Rectangle(corner, 0.9, 0.9, **style))
    for number, output in enumerate(y.flatten()):
        (reads,) = torch.autograd.grad(output, padded, retain_graph=True)
        row, column = (reads[0, 0].nonzero()[0] - start).tolist()
        corner, color = (column - 0.4, row - 0.4), f"C{number}"
        style = {"fc": (color, 0.15), "ec": color, "lw": 2}
        ax.add_patch(plt.Rectangle(corner, 2.8, 2.8, **style))
        ax.plot(column + 1, row + 1, "o", color=color, ms=7)
    ax.plot(2, 2, "*", color="C5", mfc="none", ms=22)
    ax.set(title=title, xlabel=f"output {y.int().tolist()}")
    ax.set(xlim=(-1.6, 4.6), ylim=(4.6, -1.6), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
plt.show()
# --8<-- [end:conv-across-frameworks-figure]
