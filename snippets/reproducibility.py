"""What a seed fixes, what still moves a result, and how to resume exactly."""

# --8<-- [start:what-a-seed-fixes]
import random

import numpy as np
import torch
from torch import nn

from snippets.toolbox.seeding import seed_everything


def draw():
    return torch.rand(()).item(), np.random.rand(), random.random()


def layer(extra):
    torch.manual_seed(0)
    torch.rand(extra)
    return nn.Linear(3, 2).weight  # (2, 3)


for seed in (torch.manual_seed, seed_everything):
    seed(0)
    first = draw()
    seed(0)
    again = [a == b for a, b in zip(first, draw(), strict=True)]
    print(f"{seed.__name__}: torch, NumPy, random:", *again)
# > manual_seed: torch, NumPy, random: True False False
# > seed_everything: torch, NumPy, random: True True True

print("same calls, same layer:", torch.equal(layer(0), layer(0)))
# > same calls, same layer: True
print("one draw before it:", torch.equal(layer(1), layer(0)))
# > one draw before it: False
torch.manual_seed(0)
whole = torch.randn(16)  # (16,)
torch.manual_seed(0)
halves = torch.cat([torch.randn(8), torch.randn(8)])  # (16,)
print("randn(16) is two randn(8):", torch.equal(whole, halves))
# > randn(16) is two randn(8): False
# --8<-- [end:what-a-seed-fixes]

# --8<-- [start:what-a-seed-fixes-devices]
from unittest import mock

import torch

with (
    mock.patch("torch.cuda.manual_seed_all") as seed_cuda,
    mock.patch("torch.mps.manual_seed") as seed_mps,
):
    generator = torch.manual_seed(7)
print("handed to CUDA:", *seed_cuda.call_args.args)
# > handed to CUDA: 7
print("handed to MPS:", *seed_mps.call_args.args)
# > handed to MPS: 7
print("CPU:", torch.initial_seed())
# > CPU: 7
print("returns the default generator:", generator is torch.default_generator)
# > returns the default generator: True
# --8<-- [end:what-a-seed-fixes-devices]

# --8<-- [start:what-a-seed-fixes-generators]
import random

import torch
from torch.nn import functional as F

own = torch.Generator().manual_seed(0)
expected = torch.rand(3, generator=own)
own.manual_seed(0)
torch.rand(1000)
same = torch.equal(torch.rand(3, generator=own), expected)
print("own generator, after global draws:", same)
# > own generator, after global draws: True

torch.manual_seed(1)
expected = torch.rand(3)
torch.manual_seed(1)
torch.rand(1000, generator=own)
print("global one, after own draws:", torch.equal(torch.rand(3), expected))
# > global one, after own draws: True

before = torch.get_rng_state()
python = random.getstate()
with torch.random.fork_rng():
    torch.manual_seed(2)
    torch.rand(1000)
    random.random()
print("fork_rng, torch restored:", torch.equal(before, torch.get_rng_state()))
# > fork_rng, torch restored: True
print("fork_rng, random restored:", random.getstate() == python)
# > fork_rng, random restored: False

mask = F.dropout(torch.ones(100))
torch.set_rng_state(before)
print("same mask:", torch.equal(F.dropout(torch.ones(100)), mask))
# > same mask: True
try:
    F.dropout(torch.ones(100), generator=own)
except TypeError as error:
    print(error)
# > dropout() got an unexpected keyword argument 'generator'
# --8<-- [end:what-a-seed-fixes-generators]

# --8<-- [start:what-a-seed-fixes-figure]
import matplotlib.pyplot as plt
import torch

names = "weights", "dropout mask", "data order", "extra draw"
colors = dict(zip(names, ("C0", "C1", "C2", "C3"), strict=True))
script = [(name, 4) for name in names[:3]]
longer = [script[0], ("extra draw", 1), *script[1:]]
rows = {
    "torch.manual_seed(0)": (script, None),
    "one more draw": (longer, None),
    "one more draw, from a generator of its own": (longer, "extra draw"),
}
fig, ax = plt.subplots(figsize=(7.2, 3.9), layout="tight")
for row, (title, (calls, apart)) in enumerate(rows.items()):
    torch.manual_seed(0)
    own = torch.Generator().manual_seed(1)
    ax.text(0, -2.4 * row + 1.2, title, size=12)
    place = 0
    for name, count in calls:
        generator = own if name == apart else None
        for value in torch.rand(count, generator=generator).tolist():
            color, corner = colors[name], (place, -2.4 * row)
            box = plt.Rectangle(corner, 0.94, 0.94, fc=(color, 0.3), ec=color)
            ax.add_patch(box)
            x, y = place + 0.47, -2.4 * row + 0.44
            ax.text(x, y, f"{value:.2f}"[1:], ha="center", va="center")
            place += 1
for place, (name, color) in enumerate(colors.items()):
    ax.text(3.3 * place, -5.9, name, color=color, size=12, weight="bold")
ax.set(xlim=(-0.1, 13.1), ylim=(-6.1, 2))
ax.axis("off")
plt.show()
# --8<-- [end:what-a-seed-fixes-figure]

# --8<-- [start:deterministic-algorithms]
import warnings

import torch
from torch.nn import functional as F

try:
    torch.use_deterministic_algorithms()
except TypeError as error:
    print(str(error).split("() ")[1])
# > missing 1 required positional argument: 'mode'

x, values = torch.zeros(3), torch.tensor([1.0, 2.0])
twice = torch.tensor([0, 0])
image = torch.rand(1, 1, 4, 4)  # (N, C, H, W)
pooled, places = F.max_pool2d(image, 2, return_indices=True)
calls = {
    "index_put_": lambda: x.index_put_((twice,), values),
    "max_unpool2d": lambda: F.max_unpool2d(pooled, places, 2),
    "put_": lambda: x.put_(twice, values),
}
torch.use_deterministic_algorithms(True)
for name, call in calls.items():
    try:
        call()
        print(name, "runs")
    except RuntimeError as error:
        print(name, "raises")
        message = str(error)
# > index_put_ runs
# > max_unpool2d raises
# > put_ raises
print(message.split(", but")[0])
# > put_ does not have a deterministic implementation

torch.use_deterministic_algorithms(True, warn_only=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    calls["put_"]()
print("warn_only:", caught[0].category.__name__)
# > warn_only: UserWarning
# --8<-- [end:deterministic-algorithms]

# --8<-- [start:deterministic-algorithms-limits]
import torch
from torch import nn

torch.use_deterministic_algorithms(True)
print("empty(2):", torch.empty(2).tolist())
# > empty(2): [nan, nan]
highest = torch.iinfo(torch.int64).max
print("int64 maximum:", torch.empty((), dtype=torch.int64).item() == highest)
# > int64 maximum: True
total = torch.empty(2)  # torch.zeros(2) was meant
total += torch.ones(2)
print("the bug shows:", total.tolist())
# > the bug shows: [nan, nan]

first, second = nn.Linear(3, 2), nn.Linear(3, 2)
print("without a seed, equal:", torch.equal(first.weight, second.weight))
# > without a seed, equal: False
torch.manual_seed(0)
x = torch.randn(1_000_000)
halves = x[:500_000].sum() + x[500_000:].sum()
sums = {x.sum().item(), x.flip(0).sum().item(), halves.item()}
print("one sum in three orders:", len(sums) == 1)
# > one sum in three orders: False
print("cudnn.benchmark:", torch.backends.cudnn.benchmark)
# > cudnn.benchmark: False
# --8<-- [end:deterministic-algorithms-limits]

# --8<-- [start:threads-change-sums]
import math

import torch


def total(x, parts):
    return torch.stack([part.sum() for part in x.chunk(parts)]).sum().item()


a, b = torch.tensor(1e8), torch.tensor(1.0)
print("(a + b) - a:", ((a + b) - a).item())
# > (a + b) - a: 0.0
print("(a - a) + b:", ((a - a) + b).item())
# > (a - a) + b: 1.0

torch.manual_seed(0)
for dtype, bound in ((torch.float32, 1e-2), (torch.float64, 1e-10)):
    x = torch.randn(1_000_000, dtype=dtype)
    sums = [total(x, parts) for parts in range(1, 9)]
    exact = math.fsum(x.tolist())
    error = max(abs(result - exact) for result in sums)
    print(f"{dtype}: all the same", len(set(sums)) == 1)
    print(f"  error below {bound}:", error < bound)
# > torch.float32: all the same False
# >   error below 0.01: True
# > torch.float64: all the same False
# >   error below 1e-10: True

whole = torch.randint(-9, 10, (1_000_000,))
sums = [total(whole, parts) for parts in range(1, 9)]
print(f"{whole.dtype}: all the same", len(set(sums)) == 1)
# > torch.int64: all the same True
# --8<-- [end:threads-change-sums]

# --8<-- [start:threads-change-sums-training]
import torch
from torch import nn
from torch.nn import functional as F


def train(parts=1, backwards=False):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(20, 32), nn.Tanh(), nn.Linear(32, 1))
    x, y = torch.randn(240, 20), torch.randn(240, 1)
    if backwards:
        x, y = x.flip(0), y.flip(0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        for rows, targets in zip(x.chunk(parts), y.chunk(parts), strict=True):
            loss = F.mse_loss(net(rows), targets, reduction="sum") / 240
            loss.backward()
        optimizer.step()
    return nn.utils.parameters_to_vector(net.parameters())  # (705,)


first = train()
runs = {
    "run again": train(),
    "batch in two parts": train(parts=2),
    "batch in another order": train(backwards=True),
}
for name, weights in runs.items():
    close = bool((weights - first).abs().max() < 1e-5)
    print(f"{name}: bit-equal {torch.equal(weights, first)}, close {close}")
# > run again: bit-equal True, close True
# > batch in two parts: bit-equal False, close True
# > batch in another order: bit-equal False, close True
# --8<-- [end:threads-change-sums-training]

# --8<-- [start:threads-change-sums-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F


def train(dtype, rate, nudged):
    torch.manual_seed(2)
    hidden = nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh()
    net = nn.Sequential(*hidden, nn.Linear(16, 1)).to(dtype)
    x = torch.randn(256, 2).to(dtype)
    y = (x.prod(1, keepdim=True) > 0).to(dtype)
    if nudged:
        weight = net[0].weight.detach().view(-1)
        place = weight.abs().argmax()
        weight[place] = weight[place].nextafter(weight[place] + 1)
    sgd = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    history = []
    for _ in range(450):
        history.append(nn.utils.parameters_to_vector(net.parameters()))
        batch = torch.randint(256, (16,))
        sgd.zero_grad()
        F.binary_cross_entropy_with_logits(net(x[batch]), y[batch]).backward()
        sgd.step()
    return torch.stack(history).detach()  # (450, 337)


fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
runs = (torch.float32, 0.3), (torch.float64, 0.3), (torch.float32, 0.1)
for dtype, rate in runs:
    apart = train(dtype, rate, True) - train(dtype, rate, False)
    label = f"{str(dtype)[6:]}, lr {rate}"
    ax.semilogy(apart.abs().amax(1), label=label)
ax.set(xlabel="training steps", ylabel="largest difference of a weight")
ax.legend()
plt.show()
# --8<-- [end:threads-change-sums-figure]

# --8<-- [start:seed-the-loader]
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader


def orders(dropout, generator=None):
    torch.manual_seed(0)
    loader = DataLoader(range(8), 8, shuffle=True, generator=generator)
    epochs = []
    for _ in range(3):
        for batch in loader:
            epochs.append(batch.tolist())
            F.dropout(torch.ones(8), training=dropout)
    return epochs


plain, dropped = orders(False), orders(True)
pairs = list(zip(plain, dropped, strict=True))
print("global generator, same orders:", *(a == b for a, b in pairs))
# > global generator, same orders: True False False
own = torch.Generator()
plain = orders(False, own.manual_seed(0))
dropped = orders(True, own.manual_seed(0))
pairs = list(zip(plain, dropped, strict=True))
print("own generator, same orders:", *(a == b for a, b in pairs))
# > own generator, same orders: True True True
print("epochs 1 and 2 differ:", plain[0] != plain[1])
# > epochs 1 and 2 differ: True

loader = DataLoader(range(8), 8, shuffle=True, generator=own)
history = []
for epoch in (0, 1, 2, 1):
    own.manual_seed(100 + epoch)
    history.append(next(iter(loader)).tolist())
print("back to epoch 1, same order:", history[3] == history[1])
# > back to epoch 1, same order: True
# --8<-- [end:seed-the-loader]

# --8<-- [start:seed-the-loader-workers]
import torch
from torch.utils.data import DataLoader, Dataset


class Noise(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        fixed = torch.Generator().manual_seed(100 + index)
        by_index = torch.rand((), generator=fixed).item()
        return torch.rand(()).item(), by_index, torch.initial_seed()


def load(workers, global_seed, loader_seed, init=None):
    torch.manual_seed(global_seed)
    own = torch.Generator().manual_seed(loader_seed)
    options = {"num_workers": workers, "generator": own}
    if workers:
        options |= {"multiprocessing_context": "fork", "worker_init_fn": init}
    return list(zip(*DataLoader(Noise(), None, **options), strict=True))


noise, by_index, seeds = load(2, global_seed=0, loader_seed=0)
print("worker seeds:", [seed - seeds[0] for seed in seeds])
# > worker seeds: [0, 1, 0, 1]
print("other global seed, same noise:", load(2, 1, 0)[0] == noise)
# > other global seed, same noise: True
print("other loader seed, same noise:", load(2, 0, 1)[0] == noise)
# > other loader seed, same noise: False
for workers in (0, 1):
    other = load(workers, 0, 0)
    same = other[0] == noise, other[1] == by_index
    print(f"num_workers={workers}, same noise, same by index:", *same)
# > num_workers=0, same noise, same by index: False True
# > num_workers=1, same noise, same by index: False True
constant = load(2, 0, 0, init=lambda worker: torch.manual_seed(0))[0]
print("constant init, items 0 and 1 equal:", constant[0] == constant[1])
# > constant init, items 0 and 1 equal: True
# --8<-- [end:seed-the-loader-workers]

# --8<-- [start:resume-exactly]
import io

import torch
from torch import nn


def build(seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
    adam = torch.optim.Adam(net.parameters(), lr=0.1)
    halve = torch.optim.lr_scheduler.StepLR(adam, 4, gamma=0.5)
    return {"model": net, "optimizer": adam, "scheduler": halve}


def train(model, optimizer, scheduler):
    for _ in range(6):
        optimizer.zero_grad()
        (model(torch.randn(16, 4)) - 1).square().mean().backward()
        optimizer.step()
        scheduler.step()
    return nn.utils.parameters_to_vector(model.parameters())


parts, file = build(seed=0), io.BytesIO()
train(**parts)
saved = {name: part.state_dict() for name, part in parts.items()}
torch.save(saved | {"rng": torch.get_rng_state()}, file)
wanted = train(**parts)
for missing in ("nothing", "model", "optimizer", "scheduler", "rng"):
    saved, parts = torch.load(io.BytesIO(file.getvalue())), build(seed=1)
    for name in parts.keys() - {missing}:
        parts[name].load_state_dict(saved[name])
    if missing != "rng":
        torch.set_rng_state(saved["rng"])
    print(f"{missing} left out:", torch.equal(train(**parts), wanted))
# > nothing left out: True
# > model left out: False
# > optimizer left out: False
# > scheduler left out: False
# > rng left out: False
# --8<-- [end:resume-exactly]

# --8<-- [start:resume-exactly-figure]
import copy

import matplotlib.pyplot as plt
import torch
from torch import nn


def train(net, adam, steps):
    losses = []
    for _ in range(steps):
        loss = (net(x) - y).square().mean()
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        adam.step()
    return losses


torch.manual_seed(0)
x = torch.linspace(-3, 3, 64).view(-1, 1)  # (64, 1)
y = torch.sin(x)  # (64, 1)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
adam = torch.optim.Adam(net.parameters(), lr=0.015)
losses = train(net, adam, steps=150)
runs = {}
for name in ("model and optimizer", "model only"):
    model = copy.deepcopy(net)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.015)
    if name != "model only":
        optimizer.load_state_dict(copy.deepcopy(adam.state_dict()))
    runs[name] = train(model, optimizer, steps=100)
losses += train(net, adam, steps=100)

fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
ax.semilogy(losses, label="not interrupted")
for (name, run), style in zip(runs.items(), ("o", "-"), strict=True):
    ax.semilogy(range(150, 250), run, style, markevery=6, label=name)
ax.set(xlabel="training steps", ylabel="loss")
ax.legend()
plt.show()
# --8<-- [end:resume-exactly-figure]

# --8<-- [start:resume-exactly-buffers]
import copy

import torch
from torch import nn


def build(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))


def train(net, seed):
    torch.manual_seed(seed)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        sgd.zero_grad()
        (net(torch.randn(16, 4)) - 1).square().mean().backward()
        sgd.step()
    return nn.utils.parameters_to_vector(net.parameters())


net = build(seed=0)
train(net, seed=1)
full = copy.deepcopy(net.state_dict())
bare = {name: full[name] for name, _ in net.named_parameters()}
wanted, x = train(net, seed=2), torch.ones(3, 4)
for name, state in {"state_dict": full, "parameters": bare}.items():
    other = build(seed=3)
    other.load_state_dict(state, strict=False)
    print(f"{name}, same weights:", torch.equal(train(other, 2), wanted))
    same = torch.equal(other.eval()(x), net.eval()(x))
    print("  same output in eval mode:", same)
# > state_dict, same weights: True
# >   same output in eval mode: True
# > parameters, same weights: True
# >   same output in eval mode: False
# --8<-- [end:resume-exactly-buffers]

# --8<-- [start:resume-exactly-mid-epoch]
from itertools import islice

import torch
from torch.utils.data import DataLoader


def start(state=None):
    own = torch.Generator().manual_seed(0)
    if state is not None:
        own.set_state(state)
    return own, DataLoader(range(12), 3, shuffle=True, generator=own)


def epoch(loader, skip=0):
    return [batch.tolist() for batch in islice(loader, skip, None)]


own, loader = start()
epoch(loader)
at_start = own.get_state()
batches = iter(loader)
done = [next(batches).tolist(), next(batches).tolist()]
at_break = own.get_state()
rest = [batch.tolist() for batch in batches]
following = epoch(loader)

_, loader = start()
seen = {index for batch in done + epoch(loader)[:2] for index in batch}
print("seeded again, every sample once:", len(seen) == 12)
# > seeded again, every sample once: False
_, loader = start(at_break)
print("state at the break, same rest:", epoch(loader)[:2] == rest)
# > state at the break, same rest: False
_, loader = start(at_start)
print("state of the start, two skipped:", epoch(loader, skip=2) == rest)
# > state of the start, two skipped: True
print("  and the next epoch:", epoch(loader) == following)
# >   and the next epoch: True
# --8<-- [end:resume-exactly-mid-epoch]

# --8<-- [start:resume-exactly-states]
import io
import pickle
import random

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
states = {
    "torch": torch.get_rng_state(),
    "random": random.getstate(),
    "NumPy Generator": rng.bit_generator.state,
    "NumPy global": np.random.get_state(),
}
for name, state in states.items():
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    try:
        torch.load(file)
        print(name, "loads")
    except pickle.UnpicklingError:
        print(name, "is refused")
# > torch loads
# > random loads
# > NumPy Generator loads
# > NumPy global is refused

net = nn.Linear(3, 2)
live = net.state_dict()
copied = {name: tensor.clone() for name, tensor in live.items()}
with torch.no_grad():
    net.weight += 1
for name, saved in {"state_dict": live, "its clone": copied}.items():
    print(f"{name} still old:", not torch.equal(saved["weight"], net.weight))
# > state_dict still old: False
# > its clone still old: True
# --8<-- [end:resume-exactly-states]
