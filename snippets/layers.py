"""What the ready-made layers compute, in which shapes, and in which mode."""

# --8<-- [start:batchnorm-train-or-eval]
import torch
from torch import nn

torch.manual_seed(0)
x = 3 + 2 * torch.randn(8, 4)  # (N, C)
mean, biased, unbiased = x.mean(0), x.var(0, correction=0), x.var(0)
norm = nn.BatchNorm1d(4)
print("at the start:", norm.running_mean[0].item(), norm.running_var[0].item())
# > at the start: 0.0 1.0

y = norm(x)  # (8, 4)
by_hand = (x - mean) / (biased + norm.eps).sqrt()
print("train, statistics of the batch:", torch.allclose(y, by_hand, atol=1e-6))
# > train, statistics of the batch: True
moved = 0.9 * 0 + 0.1 * mean
same = torch.allclose(norm.running_mean, moved)
print("running_mean, 0.9 old + 0.1 new:", same)
# > running_mean, 0.9 old + 0.1 new: True
moved = 0.9 * 1 + 0.1 * unbiased
print("running_var, new unbiased:", torch.allclose(norm.running_var, moved))
# > running_var, new unbiased: True
moved = 0.9 * 1 + 0.1 * biased
print("running_var, new biased:", torch.allclose(norm.running_var, moved))
# > running_var, new biased: False

norm.eval()
kept = norm.running_mean.clone()
y = norm(x)  # (8, 4)
by_hand = (x - kept) / (norm.running_var + norm.eps).sqrt()
print("eval, running statistics:", torch.allclose(y, by_hand, atol=1e-6))
# > eval, running statistics: True
print("eval leaves them alone:", torch.equal(norm.running_mean, kept))
# > eval leaves them alone: True
print("eval, row 0 alone is the same:", torch.allclose(norm(x[:1]), y[:1]))
# > eval, row 0 alone is the same: True
# --8<-- [end:batchnorm-train-or-eval]

# --8<-- [start:batchnorm-train-or-eval-ranks]
import torch
from torch import nn

torch.manual_seed(0)
norm = nn.BatchNorm1d(4)
print("1d:", tuple(norm(torch.randn(8, 4)).shape))
# > 1d: (8, 4)
print("1d:", tuple(norm(torch.randn(8, 4, 6)).shape))
# > 1d: (8, 4, 6)
print("2d:", tuple(nn.BatchNorm2d(4)(torch.randn(8, 4, 6, 6)).shape))
# > 2d: (8, 4, 6, 6)
print("3d:", tuple(nn.BatchNorm3d(4)(torch.randn(8, 4, 6, 6, 6)).shape))
# > 3d: (8, 4, 6, 6, 6)
try:
    nn.BatchNorm2d(4)(torch.randn(8, 4))
except ValueError as error:
    print("2d:", error)
# > 2d: expected 4D input (got 2D input)

try:
    norm(torch.randn(1, 4))
except ValueError as error:
    print("train, one row:", str(error).split(",")[0])
# > train, one row: Expected more than 1 value per channel when training
print("eval, one row:", tuple(norm.eval()(torch.randn(1, 4)).shape))
# > eval, one row: (1, 4)
image = nn.BatchNorm2d(4)
print("train, one image:", tuple(image(torch.randn(1, 4, 6, 6)).shape))
# > train, one image: (1, 4, 6, 6)

image.requires_grad_(False)
with torch.no_grad():
    image(torch.randn(1, 4, 6, 6))
print("batches counted:", image.num_batches_tracked.item())
# > batches counted: 2
# --8<-- [end:batchnorm-train-or-eval-ranks]

# --8<-- [start:batchnorm-train-or-eval-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
norm = nn.BatchNorm1d(1)
data = 3 + 2 * torch.randn(4000, 1)
outputs = {}
history = [(norm.running_mean.item(), norm.running_var.item())]
for step, batch in enumerate(data[:1920].split(32), start=1):
    norm.train()(batch)
    history.append((norm.running_mean.item(), norm.running_var.item()))
    if step in (1, 60):
        outputs[f"eval, {step} seen"] = norm.eval()(data).detach()
outputs["train"] = norm.train()(data).detach()

fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="tight")
means, variances = zip(*history, strict=True)
left.plot(variances, color="C1")
left.plot(means, color="C0")
left.axhline(data.var().item(), color="C1", ls="--", lw=1.2)
left.axhline(data.mean().item(), color="C0", ls="--", lw=1.2)
left.text(60, 3.55, "running_var", color="C1", ha="right", va="top")
left.text(60, 2.4, "running_mean", color="C0", ha="right", va="top")
left.set(xlabel="batches seen in train mode", ylim=(-0.2, 5.2))
left.set_title("buffers and data (dashed)")
for color, (label, y) in zip(("C5", "C4", "C2"), outputs.items(), strict=True):
    style = {"histtype": "step", "lw": 2, "ec": color, "label": label}
    right.hist(y.flatten(), torch.arange(-4, 8.1, 0.4), **style)
right.set(xlabel="output of the layer", yticks=[], ylim=(0, 950))
right.set_title("one data set, three ways")
right.legend(loc="upper right")
plt.show()
# --8<-- [end:batchnorm-train-or-eval-figure]

# --8<-- [start:which-normalization]
import torch
from torch import nn


def standard(x, axes):
    mean = x.mean(axes, keepdim=True)
    var = x.var(axes, correction=0, keepdim=True)
    return (x - mean) / (var + 1e-5).sqrt()


torch.manual_seed(0)
x = 2 + torch.randn(3, 4, 5)  # (N, C, L)
tokens = x.transpose(1, 2)  # (N, L, C)
groups = x.view(3, 2, 2, 5)  # (N, G, C / G, L)
square = tokens.square().mean(-1, keepdim=True)  # (N, L, 1)

formulas = {
    nn.BatchNorm1d(4): (x, standard(x, (0, 2))),
    nn.InstanceNorm1d(4): (x, standard(x, 2)),
    nn.GroupNorm(2, 4): (x, standard(groups, (2, 3)).view(3, 4, 5)),
    nn.LayerNorm(4): (tokens, standard(tokens, -1)),
    nn.RMSNorm(4, eps=1e-5): (tokens, tokens / (square + 1e-5).sqrt()),
}
for layer, (given, by_hand) in formulas.items():
    equal = torch.allclose(layer(given), by_hand, atol=1e-5)
    print(type(layer).__name__, tuple(given.shape), equal)
# > BatchNorm1d (3, 4, 5) True
# > InstanceNorm1d (3, 4, 5) True
# > GroupNorm (3, 4, 5) True
# > LayerNorm (3, 5, 4) True
# > RMSNorm (3, 5, 4) True
# --8<-- [end:which-normalization]

# --8<-- [start:which-normalization-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
N, C, L = 3, 4, 5
layers = {
    "BatchNorm1d(4)": nn.BatchNorm1d(C),
    "GroupNorm(2, 4)": nn.GroupNorm(2, C),
    "LayerNorm(4)": nn.LayerNorm(C),
    "RMSNorm(4)": nn.RMSNorm(C),
}
fig, axes = plt.subplots(1, 4, figsize=(7.2, 4.9), layout="tight")
for ax, (title, layer) in zip(axes, layers.items(), strict=True):
    x = torch.randn(N, C, L, requires_grad=True)
    last = isinstance(layer, nn.LayerNorm | nn.RMSNorm)
    y = layer(x.mT).mT if last else layer(x)
    y[1, 1, 2].backward()
    for cell in range(N * C * L):
        n, c, place = cell // (C * L), cell // L % C, cell % L
        used = x.grad[n, c, place] != 0
        corner = (place, n * (C + 1) + c)
        box = plt.Rectangle(corner, 1, 1, ec="C0", lw=0.6)
        box.set_facecolor(("C1", 0.75) if used else ("C0", 0.12))
        ax.add_patch(box)
    ax.plot(2.5, C + 2.5, "o", color=plt.rcParams["text.color"], ms=8)
    ax.set(xlim=(-0.1, L + 0.1), ylim=(N * (C + 1) - 0.9, -0.1))
    ax.set_aspect("equal")
    ax.set_title(title, size=11)
    ax.set(xticks=[L / 2], xticklabels=["L"], yticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
middles = [n * (C + 1) + C / 2 for n in range(N)]
labels = [f"C, n={n}" for n in range(N)]
axes[0].set_yticks(middles, labels, rotation=90, va="center")
plt.show()
# --8<-- [end:which-normalization-figure]

# --8<-- [start:which-normalization-compared]
import torch
from torch import nn

torch.manual_seed(0)
x = 2 + torch.randn(8, 6)  # (N, C)
layers = {
    "BatchNorm1d": nn.BatchNorm1d(6),
    "GroupNorm": nn.GroupNorm(2, 6),
    "LayerNorm": nn.LayerNorm(6),
    "RMSNorm": nn.RMSNorm(6),
}
for name, layer in layers.items():
    y = layer(x)  # (8, 6)
    alone = torch.allclose(layer(x[:4]), y[:4], atol=1e-3)
    shifted = torch.allclose(layer(x + 5), y, atol=1e-3)
    same = torch.allclose(layer.eval()(x), y, atol=1e-3)
    buffers = len(list(layer.buffers()))
    parameters = "+".join(key for key, _ in layer.named_parameters())
    print(f"{name}: {parameters}, buffers: {buffers}")
    print(f"  ignores other rows: {alone}, eval equals train: {same}")
    print(f"  ignores a shift: {shifted}")
# > BatchNorm1d: weight+bias, buffers: 3
# >   ignores other rows: False, eval equals train: False
# >   ignores a shift: True
# > GroupNorm: weight+bias, buffers: 0
# >   ignores other rows: True, eval equals train: True
# >   ignores a shift: True
# > LayerNorm: weight+bias, buffers: 0
# >   ignores other rows: True, eval equals train: True
# >   ignores a shift: True
# > RMSNorm: weight, buffers: 0
# >   ignores other rows: True, eval equals train: True
# >   ignores a shift: False
print("eps:", layers["LayerNorm"].eps, layers["RMSNorm"].eps)
# > eps: 1e-05 None
# --8<-- [end:which-normalization-compared]

# --8<-- [start:dropout-train-or-eval]
import torch
from torch import nn

torch.manual_seed(0)
x = torch.ones(100_000, requires_grad=True)
drop = nn.Dropout(p=0.2)
y = drop(x)  # (100000,)
print("values in train:", y.detach().unique().tolist())
# > values in train: [0.0, 1.25]
print(f"share of zeros: {(y == 0).float().mean():.1f}")
# > share of zeros: 0.2
print(f"mean: {y.mean():.1f}")
# > mean: 1.0
print(f"mean without the factor: {(y != 0).float().mean():.1f}")
# > mean without the factor: 0.8
y.sum().backward()
print("gradient, same zeros and factor:", torch.equal(x.grad, y))
# > gradient, same zeros and factor: True

print("second call, same zeros:", torch.equal(drop(x), y))
# > second call, same zeros: False
with torch.no_grad():
    print("zeros under no_grad:", bool((drop(x) == 0).any()))
# > zeros under no_grad: True
drop.eval()
print("eval returns the input:", torch.equal(drop(x), x))
# > eval returns the input: True
print("parameters and buffers:", len(drop.state_dict()))
# > parameters and buffers: 0
# --8<-- [end:dropout-train-or-eval]

# --8<-- [start:dropout-train-or-eval-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
drop = nn.Dropout(0.2)
x = torch.ones(10, 10)
grids = {"train, one call": drop(x), "train, next call": drop(x)}
means = drop(torch.ones(5000, 100)).mean(1)  # (5000,)
masks = (drop(torch.ones(5000, 100)) != 0).float().mean(1)
grids["eval"] = drop.eval()(x)

fig = plt.figure(figsize=(7.2, 5.4), layout="tight")
for place, (title, grid) in enumerate(grids.items(), start=1):
    ax = fig.add_subplot(2, 3, place)
    for row in range(10):
        for column in range(10):
            value = grid[row, column].item()
            box = plt.Rectangle((column, row), 0.9, 0.9, ec="C0", lw=0.6)
            box.set_facecolor(("C0", value - 0.45) if value else "none")
            ax.add_patch(box)
    ax.set(xlim=(-0.1, 10), ylim=(10, -0.1), aspect="equal", title=title)
    ax.axis("off")
ax = fig.add_subplot(2, 1, 2)
bins = torch.arange(0.605, 0.995, 0.01)
ax.hist(masks, bins, fc=("C3", 0.4), ec="C3", label="train, not scaled")
ax.hist(means, bins / 0.8, fc=("C0", 0.4), ec="C0", label="train, scaled")
ax.axvline(drop(x).mean().item(), color="C2", lw=3, label="eval")
ax.set(xlabel="mean over 100 units, all 1 before dropout", yticks=[])
ax.legend(loc="upper left")
plt.show()
# --8<-- [end:dropout-train-or-eval-figure]

# --8<-- [start:dropout-train-or-eval-channels]
import torch
from torch import nn

torch.manual_seed(0)
x = torch.ones(16, 8, 3, 3)  # (N, C, H, W)
single = nn.Dropout(0.5)(x).sum((2, 3))  # (N, C)
whole = nn.Dropout2d(0.5)(x).sum((2, 3))  # (N, C)
print("sums per channel, Dropout2d:", whole.unique().tolist())
# > sums per channel, Dropout2d: [0.0, 18.0]
print("more sums, Dropout:", len(single.unique()) > 2)
# > more sums, Dropout: True
print("p = 1:", nn.Dropout(1.0)(x).unique().tolist())
# > p = 1: [0.0]
try:
    nn.Dropout(1.5)
except ValueError as error:
    print(error)
# > dropout probability has to be between 0 and 1, but got 1.5
# --8<-- [end:dropout-train-or-eval-channels]

# --8<-- [start:lstm-shapes]
import torch
from torch import nn

torch.manual_seed(0)
lstm = nn.LSTM(4, 3)
x = torch.randn(5, 2, 4)  # (L, N, input_size)
output, (h, c) = lstm(x)
print("output:", tuple(output.shape))
# > output: (5, 2, 3)
print("h and c:", tuple(h.shape), tuple(c.shape))
# > h and c: (1, 2, 3) (1, 2, 3)
print("layers:", lstm.num_layers, "batch_first:", lstm.batch_first)
# > layers: 1 batch_first: False
print("h is the last output:", torch.equal(h[0], output[-1]))
# > h is the last output: True

output, (h, c) = lstm(x[:, 0])
print("unbatched:", tuple(output.shape), tuple(h.shape))
# > unbatched: (5, 3) (1, 3)
print("other lengths:", tuple(lstm(torch.randn(9, 2, 4))[0].shape))
# > other lengths: (9, 2, 3)

batch = x.transpose(0, 1)  # (N, L, input_size)
output, (h, c) = nn.LSTM(4, 3, batch_first=True)(batch)
print("batch_first:", tuple(output.shape), tuple(h.shape))
# > batch_first: (2, 5, 3) (1, 2, 3)
output, (h, c) = lstm(batch)
print("forgot it:", tuple(output.shape), tuple(h.shape))
# > forgot it: (2, 5, 3) (1, 5, 3)
# --8<-- [end:lstm-shapes]

# --8<-- [start:lstm-shapes-stacked]
import torch
from torch import nn

from snippets.toolbox.parameters import count_parameters

torch.manual_seed(0)
x = torch.randn(5, 2, 4)  # (L, N, input_size)
both = nn.LSTM(4, 3, num_layers=2, bidirectional=True)
output, (h, c) = both(x)
print("output:", tuple(output.shape), "h:", tuple(h.shape))
# > output: (5, 2, 6) h: (4, 2, 3)
ends = torch.cat([output[-1, :, :3], output[0, :, 3:]], 1)  # (N, 2 * H)
last = torch.cat([h[-2], h[-1]], 1)  # (N, 2 * H)
print("h of the top layer, both ends:", torch.equal(ends, last))
# > h of the top layer, both ends: True
print("output[-1] is that:", torch.equal(output[-1], last))
# > output[-1] is that: False

output, h = nn.GRU(4, 3)(x)
print("GRU:", tuple(output.shape), tuple(h.shape))
# > GRU: (5, 2, 3) (1, 2, 3)
for kind in (nn.RNN, nn.GRU, nn.LSTM):
    layer = kind(4, 3)
    rows = tuple(layer.weight_ih_l0.shape)
    print(kind.__name__, rows, count_parameters(layer).trainable)
# > RNN (3, 4) 27
# > GRU (9, 4) 81
# > LSTM (12, 4) 108
# --8<-- [end:lstm-shapes-stacked]

# --8<-- [start:lstm-shapes-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(0)
lstm = nn.LSTM(4, 3, num_layers=2)
x = torch.randn(5, 2, 4)
output, (h, c) = lstm(x)

fig, ax = plt.subplots(figsize=(7.2, 3.6), layout="tight")
arrow = {"arrowstyle": "->", "color": "C0", "alpha": 0.8}
state = None
for t in range(5):
    _, state = lstm(x[t : t + 1], state)
    ax.text(2 * t + 0.6, -1, f"x[{t}]", ha="center", va="center")
    for layer in range(2):
        left, low = 2 * t, 1.7 * layer
        box = plt.Rectangle((left, low), 1.2, 1, fc=("C0", 0.12), ec="C0")
        ax.add_patch(box)
        if torch.allclose(state[0][layer], output[t], atol=1e-6):
            top = (left + 0.07, low + 0.07)
            ax.add_patch(plt.Rectangle(top, 0.53, 0.86, fc=("C1", 0.8)))
        if torch.allclose(state[0][layer], h[layer], atol=1e-6):
            end = (left + 0.6, low + 0.07)
            ax.add_patch(plt.Rectangle(end, 0.53, 0.86, fc=("C2", 0.8)))
        up, right = (left + 0.6, low), (left + 2, low + 0.5)
        ax.annotate("", up, (up[0], low - 0.7), arrowprops=arrow)
        ax.annotate("", right, (left + 1.2, low + 0.5), arrowprops=arrow)
for layer in range(2):
    ax.text(-0.3, 1.7 * layer + 0.5, f"layer {layer}", ha="right", va="center")
ax.text(0, 3, f"output {tuple(output.shape)}", color="C1", size=13)
ax.text(10.1, 1.35, f"h\n{tuple(h.shape)}", color="C2", size=13, va="center")
ax.set(xlim=(-1.9, 12), ylim=(-1.3, 3.5))
ax.axis("off")
plt.show()
# --8<-- [end:lstm-shapes-figure]

# --8<-- [start:lstm-shapes-packed]
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(0)
lstm = nn.LSTM(4, 3)
short, long = torch.randn(2, 4), torch.randn(5, 4)  # (L, input_size)
padded = pad_sequence([short, long])  # (5, 2, 4)
lengths = torch.tensor([2, 5])
_, (alone, _) = lstm(short)

_, (h, _) = lstm(padded)
same = torch.allclose(h[0, 0], alone[0], atol=1e-6)
print("padded, h of the short one:", same)
# > padded, h of the short one: False
packed = pack_padded_sequence(padded, lengths, enforce_sorted=False)
print("rows that are computed:", tuple(packed.data.shape))
# > rows that are computed: (7, 4)
_, (h, _) = lstm(packed)
same = torch.allclose(h[0, 0], alone[0], atol=1e-6)
print("packed, h of the short one:", same)
# > packed, h of the short one: True
# --8<-- [end:lstm-shapes-packed]

# --8<-- [start:lstm-cell]
import torch
from torch import nn

torch.manual_seed(0)
lstm, cell = nn.LSTM(4, 3), nn.LSTMCell(4, 3)
with torch.no_grad():
    for ours, theirs in zip(cell.parameters(), lstm.parameters(), strict=True):
        ours.copy_(theirs)
print("names:", list(cell.state_dict())[:2], list(lstm.state_dict())[:2])
# > names: ['weight_ih', 'weight_hh'] ['weight_ih_l0', 'weight_hh_l0']

x = torch.randn(5, 2, 4)  # (L, N, input_size)
h, c = torch.zeros(2, 3), torch.zeros(2, 3)
steps = []
for frame in x:
    h, c = cell(frame, (h, c))
    steps.append(h)
output, (last_h, last_c) = lstm(x)
print("same output:", torch.allclose(torch.stack(steps), output, atol=1e-6))
# > same output: True
print("same c:", torch.allclose(c, last_c[0], atol=1e-6))
# > same c: True
print("shapes:", tuple(h.shape), tuple(last_h.shape))
# > shapes: (2, 3) (1, 2, 3)

wrong = nn.LSTMCell(4, 3, 2)
print("third argument:", wrong)
# > third argument: LSTMCell(4, 3, bias=2)
counts = [len(list(layer.parameters())) for layer in (cell, wrong)]
print("parameters of both cells:", counts)
# > parameters of both cells: [4, 4]
try:
    nn.LSTMCell(4, 3, num_layers=2)
except TypeError as error:
    print(str(error).split("() ")[1])
# > got an unexpected keyword argument 'num_layers'
# --8<-- [end:lstm-cell]

# --8<-- [start:lstm-cell-gates]
import torch
from torch import nn

torch.manual_seed(0)
cell = nn.LSTMCell(4, 3)
x, h, c = torch.randn(2, 4), torch.randn(2, 3), torch.randn(2, 3)
print("weights:", [tuple(p.shape) for p in cell.parameters()])
# > weights: [(12, 4), (12, 3), (12,), (12,)]

sums = x @ cell.weight_ih.T + cell.bias_ih  # (N, 4 * H)
sums = sums + h @ cell.weight_hh.T + cell.bias_hh
i, f, g, o = sums.chunk(4, dim=1)  # each (N, H)
new_c = f.sigmoid() * c + i.sigmoid() * g.tanh()
new_h = o.sigmoid() * new_c.tanh()
their_h, their_c = cell(x, (h, c))
print("same c:", torch.allclose(new_c, their_c, atol=1e-6))
# > same c: True
print("same h:", torch.allclose(new_h, their_h, atol=1e-6))
# > same h: True
# --8<-- [end:lstm-cell-gates]

# --8<-- [start:embedding-lookup]
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
table = nn.Embedding(4, 5)
print("weight:", tuple(table.weight.shape))
# > weight: (4, 5)
words = torch.tensor([0, 3])
vectors = table(words)  # (2, 5)
print("two words:", tuple(vectors.shape))
# > two words: (2, 5)
print("one word:", tuple(table(torch.tensor(3)).shape))
# > one word: (5,)
print("batch of texts:", tuple(table(torch.zeros(2, 7).long()).shape))
# > batch of texts: (2, 7, 5)

print("rows of the weight:", torch.equal(vectors, table.weight[words]))
# > rows of the weight: True
one_hot = F.one_hot(words, num_classes=4).float()  # (2, 4)
print("one_hot @ weight:", torch.equal(vectors, one_hot @ table.weight))
# > one_hot @ weight: True

for index in (4, -1):
    try:
        table(torch.tensor([index]))
    except IndexError as error:
        print(f"index {index}:", error)
# > index 4: index out of range in self
# > index -1: index out of range in self
try:
    table(torch.tensor([1.0]))
except RuntimeError as error:
    wanted = "scalar types: Long, Int" in str(error)
    print("float index, Long or Int wanted:", wanted)
# > float index, Long or Int wanted: True
# --8<-- [end:embedding-lookup]

# --8<-- [start:embedding-lookup-padding]
import torch
from torch import nn

torch.manual_seed(0)
table = nn.Embedding(4, 2, padding_idx=0)
print("row 0 at the start:", table.weight[0].tolist())
# > row 0 at the start: [0.0, 0.0]
words = torch.tensor([[1, 3, 3], [1, 0, 0]])  # (N, L)
table(words).sum().backward()
print("gradient:", table.weight.grad.tolist())
# > gradient: [[0.0, 0.0], [2.0, 2.0], [0.0, 0.0], [2.0, 2.0]]
with torch.no_grad():
    table.weight -= 0.1 * table.weight.grad
print("row 0 after a step:", table.weight[0].tolist())
# > row 0 after a step: [0.0, 0.0]

rows = torch.ones(4, 2)
loaded = nn.Embedding.from_pretrained(rows, padding_idx=0)
print("loaded, row 0:", loaded.weight[0].tolist())
# > loaded, row 0: [1.0, 1.0]
print("loaded, trained:", loaded.weight.requires_grad)
# > loaded, trained: False
# --8<-- [end:embedding-lookup-padding]

# --8<-- [start:pooling-sizes]
import torch
from torch import nn

from snippets.toolbox.convolution import conv_output_size

torch.manual_seed(0)
x = torch.randn(1, 3, 17, 23)  # (N, C, H, W)
print("MaxPool2d(2):", tuple(nn.MaxPool2d(2)(x).shape))
# > MaxPool2d(2): (1, 3, 8, 11)
print("AvgPool2d(2):", tuple(nn.AvgPool2d(2)(x).shape))
# > AvgPool2d(2): (1, 3, 8, 11)
print("stride=1:", tuple(nn.MaxPool2d(2, stride=1)(x).shape))
# > stride=1: (1, 3, 16, 22)
print("padding=1:", tuple(nn.MaxPool2d(3, 2, padding=1)(x).shape))
# > padding=1: (1, 3, 9, 12)
print("ceil_mode:", tuple(nn.MaxPool2d(2, ceil_mode=True)(x).shape))
# > ceil_mode: (1, 3, 9, 12)
print("by formula:", conv_output_size(17, 2, 2), conv_output_size(23, 2, 2))
# > by formula: 8 11
print("no batch:", tuple(nn.MaxPool2d(2)(x[0]).shape))
# > no batch: (3, 8, 11)

corner = x[0, 0, :2, :2]  # (2, 2)
pooled = nn.MaxPool2d(2)(x), nn.AvgPool2d(2)(x)
print("max:", torch.equal(pooled[0][0, 0, 0, 0], corner.max()))
# > max: True
print("average:", torch.allclose(pooled[1][0, 0, 0, 0], corner.mean()))
# > average: True
print("parameters:", len(list(nn.MaxPool2d(2).parameters())))
# > parameters: 0
ones = torch.ones(1, 1, 2, 2)
edge = nn.AvgPool2d(2, padding=1)(ones)  # (1, 1, 2, 2)
print("average at a padded edge:", edge[0, 0, 0, 0].item())
# > average at a padded edge: 0.25
# --8<-- [end:pooling-sizes]

# --8<-- [start:pooling-sizes-adaptive]
import torch
from torch import nn

torch.manual_seed(0)
pool = nn.AdaptiveAvgPool2d(1)
for size in ((17, 23), (5, 5)):
    x = torch.randn(2, 3, *size)  # (N, C, H, W)
    y = pool(x)  # (N, C, 1, 1)
    mean = x.mean((2, 3), keepdim=True)
    print(size, tuple(y.shape), torch.allclose(y, mean, atol=1e-6))
# > (17, 23) (2, 3, 1, 1) True
# > (5, 5) (2, 3, 1, 1) True
wide = nn.AdaptiveAvgPool2d((7, 7))
print("(5, 5) to (7, 7):", tuple(wide(torch.randn(2, 3, 5, 5)).shape))
# > (5, 5) to (7, 7): (2, 3, 7, 7)
rows = nn.AdaptiveAvgPool2d((4, None))
print("None keeps a size:", tuple(rows(torch.randn(2, 3, 17, 23)).shape))
# > None keeps a size: (2, 3, 4, 23)

x = torch.arange(10.0).view(1, 10)  # (C, L)
x.requires_grad_()
for cell in nn.AdaptiveAvgPool1d(4)(x)[0]:
    (used,) = torch.autograd.grad(cell, x, retain_graph=True)
    print("window:", used[0].nonzero().flatten().tolist())
# > window: [0, 1, 2]
# > window: [2, 3, 4]
# > window: [5, 6, 7]
# > window: [7, 8, 9]
# --8<-- [end:pooling-sizes-adaptive]

# --8<-- [start:pooling-sizes-linear]
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
linear = nn.Linear(28, 5)
print("weight:", tuple(linear.weight.shape), "bias:", tuple(linear.bias.shape))
# > weight: (5, 28) bias: (5,)
for shape in ((28,), (2, 28), (1, 28, 28), (2, 3, 4, 28)):
    print(shape, "->", tuple(linear(torch.randn(shape)).shape))
# > (28,) -> (5,)
# > (2, 28) -> (2, 5)
# > (1, 28, 28) -> (1, 28, 5)
# > (2, 3, 4, 28) -> (2, 3, 4, 5)
x = torch.randn(1, 28, 28)
by_hand = x @ linear.weight.T + linear.bias  # (1, 28, 5)
print("x @ weight.T + bias:", torch.allclose(linear(x), by_hand, atol=1e-6))
# > x @ weight.T + bias: True
try:
    linear(x.flatten(1))
except RuntimeError as error:
    print(str(error).removeprefix("addmm: "))
# > mat1 and mat2 shapes cannot be multiplied (1x784 and 28x5)

relu = nn.ReLU()
print("same as F.relu:", torch.equal(relu(x), F.relu(x)))
# > same as F.relu: True
print("same as clamp:", torch.equal(relu(x), x.clamp(min=0)))
# > same as clamp: True
print("state of ReLU:", len(relu.state_dict()))
# > state of ReLU: 0
kept = x.clone()
y = nn.ReLU(inplace=True)(x)
print("inplace returns x:", y is x, "unchanged:", torch.equal(x, kept))
# > inplace returns x: True unchanged: False
# --8<-- [end:pooling-sizes-linear]

# --8<-- [start:names-that-exist]
from torch import nn

try:
    nn.conv2d
except AttributeError as error:
    print(error)
# > module 'torch.nn' has no attribute 'conv2d'

names = {
    "conv2d": "Conv2d",
    "AvgPool": "AvgPool2d",
    "Maxpool": "MaxPool2d",
    "AdaptiveAvgPool": "AdaptiveAvgPool2d",
    "TransposeConv": "ConvTranspose2d",
    "dropout": "Dropout",
    "Seqential": "Sequential",
    "MuduleList": "ModuleList",
}
for wrong, right in names.items():
    found = "exists" if hasattr(nn, wrong) else "not in nn"
    print(f"{wrong}: {found}; write nn.{getattr(nn, right).__name__}")
# > conv2d: not in nn; write nn.Conv2d
# > AvgPool: not in nn; write nn.AvgPool2d
# > Maxpool: not in nn; write nn.MaxPool2d
# > AdaptiveAvgPool: not in nn; write nn.AdaptiveAvgPool2d
# > TransposeConv: not in nn; write nn.ConvTranspose2d
# > dropout: not in nn; write nn.Dropout
# > Seqential: not in nn; write nn.Sequential
# > MuduleList: not in nn; write nn.ModuleList
classes = [getattr(nn, right) for right in names.values()]
print("all are modules:", all(issubclass(c, nn.Module) for c in classes))
# > all are modules: True
# --8<-- [end:names-that-exist]

# --8<-- [start:names-that-exist-rule]
import inspect

import torch
import torch.nn.functional as F
from torch import nn

exported = vars(nn).items()
classes = [name for name, item in exported if inspect.isclass(item)]
print("classes in lower case:", [n for n in classes if n[0].islower()])
# > classes in lower case: []
pairs = {
    "Conv2d": "conv2d",
    "AvgPool2d": "avg_pool2d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "ConvTranspose2d": "conv_transpose2d",
    "Dropout": "dropout",
    "ReLU": "relu",
}
for layer, function in pairs.items():
    both = hasattr(nn, layer) and hasattr(F, function)
    print(f"nn.{layer}, F.{function}:", both)
# > nn.Conv2d, F.conv2d: True
# > nn.AvgPool2d, F.avg_pool2d: True
# > nn.AdaptiveAvgPool2d, F.adaptive_avg_pool2d: True
# > nn.ConvTranspose2d, F.conv_transpose2d: True
# > nn.Dropout, F.dropout: True
# > nn.ReLU, F.relu: True

for axes in (1, 2, 3):
    name = f"MaxPool{axes}d"
    x = torch.zeros(2, 3, *[6] * axes)
    print(name, tuple(x.shape), "->", tuple(getattr(nn, name)(2)(x).shape))
# > MaxPool1d (2, 3, 6) -> (2, 3, 3)
# > MaxPool2d (2, 3, 6, 6) -> (2, 3, 3, 3)
# > MaxPool3d (2, 3, 6, 6, 6) -> (2, 3, 3, 3, 3)
# --8<-- [end:names-that-exist-rule]
