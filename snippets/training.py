"""The training loop, its order, evaluation, and averages that are right."""

# --8<-- [start:training-loop]
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(512, 2)  # (512, 2)
y = (x[:, 0] * x[:, 1] > 0).long()  # (512,)
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

device = "cuda" if torch.cuda.is_available() else "cpu"
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
model.to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.CrossEntropyLoss()

history = []
for _ in range(15):
    model.train()
    total, right = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        logits = model(inputs)  # (32, 2)
        loss = loss_fn(logits, targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        right += (logits.argmax(dim=1) == targets).sum().item()
    history.append((total / len(x), right / len(x)))

print("first epoch, loss above 0.4:", history[0][0] > 0.4)
# > first epoch, loss above 0.4: True
print("last epoch, loss below 0.2:", history[-1][0] < 0.2)
# > last epoch, loss below 0.2: True
print("last epoch, accuracy above 0.9:", history[-1][1] > 0.9)
# > last epoch, accuracy above 0.9: True
# --8<-- [end:training-loop]

# --8<-- [start:training-loop-steps]
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
inputs, targets = torch.randn(8, 3), torch.randn(8, 1)
weight = model.weight  # (1, 3)
before = weight.detach().clone()

loss = nn.functional.mse_loss(model(inputs), targets)  # ()
print("forward: gradient", weight.grad, "graph", loss.grad_fn is not None)
# > forward: gradient None graph True
loss.backward()
print("backward: gradient", tuple(weight.grad.shape))
# > backward: gradient (1, 3)
print("backward: weight changed", not torch.equal(weight, before))
# > backward: weight changed False
optimizer.step()
print("step: weight changed", not torch.equal(weight, before))
# > step: weight changed True
expected = before - 0.1 * weight.grad
print("step: took lr * gradient", torch.allclose(weight, expected))
# > step: took lr * gradient True
print("step: gradient still there", weight.grad is not None)
# > step: gradient still there True
optimizer.zero_grad()
print("zero_grad: gradient", weight.grad)
# > zero_grad: gradient None
# --8<-- [end:training-loop-steps]

# --8<-- [start:training-loop-move]
import torch
from torch import nn


def train_step(model, optimizer):
    optimizer.zero_grad()
    model(torch.ones(4, 2, dtype=model.weight.dtype)).sum().backward()
    optimizer.step()


def holds(optimizer, model):
    return optimizer.param_groups[0]["params"][0] is model.weight


model = nn.Linear(2, 1)
early = torch.optim.Adam(model.parameters(), lr=1e-2)
train_step(model, early)
model.double()
print("after double(), same parameter:", holds(early, model))
# > after double(), same parameter: True
print("its average:", early.state[model.weight]["exp_avg"].dtype)
# > its average: torch.float32
try:
    train_step(model, early)
except RuntimeError as error:
    print("next step:", type(error).__name__)
# > next step: RuntimeError

late = torch.optim.Adam(model.parameters(), lr=1e-2)
train_step(model, late)
print("built late:", late.state[model.weight]["exp_avg"].dtype)
# > built late: torch.float64

model.to("meta")
print("after to('meta'), same parameter:", holds(late, model))
# > after to('meta'), same parameter: False
# --8<-- [end:training-loop-move]

# --8<-- [start:wrong-order]
import torch
from torch import nn


def train(*order):
    weight = nn.Parameter(torch.tensor(1.0))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    used = []
    for action in order * 3:
        if action == "zero":
            optimizer.zero_grad()
        elif action == "forward":
            loss = 2 * weight
        elif action == "backward":
            loss.backward()
        else:
            used.append(None if weight.grad is None else weight.grad.item())
            optimizer.step()
    return f"gradients {used}, weight {weight.item():.1f}"


print("canonical:", train("zero", "forward", "backward", "step"))
# > canonical: gradients [2.0, 2.0, 2.0], weight 0.4
print("zero later:", train("forward", "zero", "backward", "step"))
# > zero later: gradients [2.0, 2.0, 2.0], weight 0.4
print("no zero:", train("forward", "backward", "step"))
# > no zero: gradients [2.0, 4.0, 6.0], weight -0.2
print("zero too late:", train("forward", "backward", "zero", "step"))
# > zero too late: gradients [None, None, None], weight 1.0
print("step too early:", train("zero", "forward", "step", "backward"))
# > step too early: gradients [None, None, None], weight 1.0
print("one step behind:", train("forward", "step", "zero", "backward"))
# > one step behind: gradients [None, 2.0, 2.0], weight 0.6
# --8<-- [end:wrong-order]

# --8<-- [start:wrong-order-scheduler]
import warnings

import torch
from torch import nn


def rates(scheduler_first):
    weight = nn.Parameter(torch.tensor(1.0))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.1)
    used = []
    for _ in range(3):
        if scheduler_first:
            scheduler.step()
        optimizer.zero_grad()
        (2 * weight).backward()
        used.append(f"{optimizer.param_groups[0]['lr']:.0e}")
        optimizer.step()
        if not scheduler_first:
            scheduler.step()
    return used


print("scheduler last:", rates(scheduler_first=False))
# > scheduler last: ['1e-01', '1e-02', '1e-03']
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("scheduler first:", rates(scheduler_first=True))
# > scheduler first: ['1e-02', '1e-03', '1e-04']
print(caught[0].category.__name__)
# > UserWarning
print(str(caught[0].message).split(". ")[0])
# > Detected call of `lr_scheduler.step()` before `optimizer.step()`
# --8<-- [end:wrong-order-scheduler]

# --8<-- [start:validation-needs-both]
import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward


def check(name, training, context):
    model.train(training)
    with context:
        kept = saved_for_backward(lambda: model(images), model.parameters())
        old = norm.running_mean.clone()
        same = torch.equal(model(images), model(images))
        moved = not torch.equal(norm.running_mean, old)
    kib = kept // 1024
    print(f"{name}: {kib} KiB, repeatable {same}, statistics moved {moved}")


torch.manual_seed(0)
norm = nn.BatchNorm2d(8)
body = nn.Sequential(nn.Conv2d(3, 8, 3), norm, nn.ReLU())
head = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(8, 4))
model = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), head)
images = torch.randn(4, 3, 34, 34)  # (4, 3, 34, 34)

check("train(), grad on", True, torch.enable_grad())
# > train(), grad on: 310 KiB, repeatable False, statistics moved True
check("train(), no_grad", True, torch.no_grad())
# > train(), no_grad: 0 KiB, repeatable False, statistics moved True
check("eval(), grad on", False, torch.enable_grad())
# > eval(), grad on: 310 KiB, repeatable True, statistics moved False
check("eval(), no_grad", False, torch.no_grad())
# > eval(), no_grad: 0 KiB, repeatable True, statistics moved False
check("eval(), inference_mode", False, torch.inference_mode())
# > eval(), inference_mode: 0 KiB, repeatable True, statistics moved False
# --8<-- [end:validation-needs-both]

# --8<-- [start:validation-needs-both-one-loop]
import torch
from torch import nn


def both_phases(switch):
    torch.manual_seed(0)
    norm = nn.BatchNorm1d(4)
    model = nn.Sequential(nn.Linear(3, 4), norm, nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for phase in ("train", "test"):
        training = phase == "train"
        inputs, targets = torch.randn(8, 3), torch.randn(8, 1)
        if switch:
            model.train(training)
        with torch.set_grad_enabled(training or not switch):
            loss = nn.functional.mse_loss(model(inputs), targets)
        if training:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print("  test phase ran in training mode:", model.training)
    print("  test loss carries a graph:", loss.requires_grad)
    print("  batches in the statistics:", norm.num_batches_tracked.item())


print("without a switch:")
# > without a switch:
both_phases(switch=False)
# >   test phase ran in training mode: True
# >   test loss carries a graph: True
# >   batches in the statistics: 2
print("with a switch:")
# > with a switch:
both_phases(switch=True)
# >   test phase ran in training mode: False
# >   test loss carries a graph: False
# >   batches in the statistics: 1
# --8<-- [end:validation-needs-both-one-loop]

# --8<-- [start:validation-needs-both-evaluate]
import torch
from torch import nn


def evaluate(model, batches):
    was_training = model.training
    model.eval()
    right = count = 0
    with torch.no_grad():
        for inputs, targets in batches:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
            count += len(targets)
    model.train(was_training)
    return right / count


model = nn.Sequential(nn.Dropout(0.5), nn.Identity())
scores = torch.tensor([[1.0, 4.0], [6.0, 2.0], [0.0, 3.0], [8.0, 7.0]])
targets = torch.tensor([1, 0, 1, 1])  # (4,)
batches = [(scores[:3], targets[:3]), (scores[3:], targets[3:])]
print("accuracy:", evaluate(model, batches))
# > accuracy: 0.75
print("back in training mode:", model.training)
# > back in training mode: True

values, classes = torch.max(scores, 1)  # (4,), (4,)
print("max:", values.tolist(), classes.tolist())
# > max: [4.0, 6.0, 3.0, 8.0] [1, 0, 1, 0]
print("argmax agrees:", torch.equal(scores.argmax(dim=1), classes))
# > argmax agrees: True

calls = []
model.register_forward_hook(lambda *seen: calls.append("hook"))
model(scores)
print("hooks run by model(x):", len(calls))
# > hooks run by model(x): 1
calls.clear()
model.forward(scores)
print("hooks run by model.forward(x):", len(calls))
# > hooks run by model.forward(x): 0
# --8<-- [end:validation-needs-both-evaluate]

# --8<-- [start:validation-needs-both-typos]
import torch

flat = """
if phase == "valid":
with torch.no_grad():
pred = model(x)
"""
try:
    compile(flat, "flat", "exec")
except IndentationError as error:
    print(type(error).__name__, "in line", error.lineno)
# > IndentationError in line 3

indented = """
if phrase == "valid":
    with torch.no_grad():
        pred = model(x)
"""
names = {"phase": "valid", "torch": torch, "x": torch.ones(1, 2)}
names["model"] = torch.nn.Linear(2, 1)
try:
    exec(indented, names)
except NameError as error:
    print(error)
# > name 'phrase' is not defined

exec(indented.replace("phrase", "phase"), names)
print("repaired, graph:", names["pred"].requires_grad)
# > repaired, graph: False
print("repaired, training mode:", names["model"].training)
# > repaired, training mode: True
# --8<-- [end:validation-needs-both-typos]

# --8<-- [start:running-loss]
import torch
from torch import nn


def reachable(tensor):
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [source for source, _ in node.next_functions]
    return len(seen)


def epoch(batches, as_number):
    total = 0.0
    for _ in range(batches):
        optimizer.zero_grad()
        loss = model(torch.randn(32, 8)).square().mean()
        loss.backward()
        optimizer.step()
        total += loss.item() if as_number else loss
    return total


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
print("+= loss.item() gives a", type(epoch(10, as_number=True)).__name__)
# > += loss.item() gives a float
total = epoch(10, as_number=False)
print("+= loss gives a", type(total).__name__, "of shape", total.shape)
# > += loss gives a Tensor of shape torch.Size([])
print("graph nodes after 10 batches:", reachable(total))
# > graph nodes after 10 batches: 84
print("graph nodes after 20 batches:", reachable(epoch(20, False)))
# > graph nodes after 20 batches: 164
print("after total.detach():", total.detach().grad_fn)
# > after total.detach(): None
# --8<-- [end:running-loss]

# --8<-- [start:running-loss-bytes]
import weakref

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks


class Kept:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


def bytes_kept(batches, as_number=False, backward=False):
    total = 0.0
    with saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        for _ in range(batches):
            loss = model(torch.randn(32, 8)).square().mean()
            if backward:
                loss.backward()
            total += loss.item() if as_number else loss
    del loss
    storages = [kept.tensor.untyped_storage() for kept in alive]
    return sum({s.data_ptr(): s.nbytes() for s in storages}.values())


alive = weakref.WeakSet()
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU())
print("test phase, += loss, 10 batches:", bytes_kept(10))
# > test phase, += loss, 10 batches: 92160
print("test phase, += loss, 20 batches:", bytes_kept(20))
# > test phase, += loss, 20 batches: 184320
print("test phase, += loss.item():", bytes_kept(20, as_number=True))
# > test phase, += loss.item(): 0
print("train phase, += loss:", bytes_kept(20, backward=True))
# > train phase, += loss: 0
with torch.no_grad():
    print("under no_grad, += loss:", bytes_kept(20))
# > under no_grad, += loss: 0
# --8<-- [end:running-loss-bytes]

# --8<-- [start:running-loss-figure]
import weakref

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks


class Kept:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


def test_phase(as_number):
    total, curve = 0.0, []
    with saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        for _ in range(10):
            loss = model(torch.randn(32, 8)).square().mean()
            total += loss.item() if as_number else loss
            storages = [kept.tensor.untyped_storage() for kept in alive]
            sizes = {s.data_ptr(): s.nbytes() / 1024 for s in storages}
            curve.append(sum(sizes.values()))
    return curve


alive = weakref.WeakSet()
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU())
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
ax.plot(range(1, 11), test_phase(False), "o-", label="+= loss")
ax.plot(range(1, 11), test_phase(True), "s-", label="+= loss.item()")
with torch.no_grad():
    ax.plot(range(1, 11), test_phase(False), "^-", label="under no_grad")
ax.set(xlabel="batches in the test phase", ylabel="KiB kept alive")
ax.set(xticks=range(1, 11), xlim=(0.7, 10.3))
ax.grid(axis="y")
ax.legend()
plt.show()
# --8<-- [end:running-loss-figure]

# --8<-- [start:average-loss]
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader


def averages(batch_size, drop_last=False):
    losses, sizes = [], []
    loader = DataLoader(errors, batch_size, drop_last=drop_last)
    for batch in loader:
        loss = F.l1_loss(batch, torch.zeros_like(batch))
        losses.append(loss.item())
        sizes.append(len(batch))
    pairs = zip(losses, sizes, strict=True)
    by_batch = sum(losses) / len(losses)
    by_sample = sum(loss * size for loss, size in pairs) / sum(sizes)
    return f"{by_batch:.2f} by batch, {by_sample:.2f} by sample, sizes {sizes}"


errors = torch.ones(42)  # (42,)
errors[40:] = 10
print(f"all 42 at once: {errors.mean().item():.2f}")
# > all 42 at once: 1.43
print("batches of 20:", averages(20))
# > batches of 20: 4.00 by batch, 1.43 by sample, sizes [20, 20, 2]
print("batches of 14:", averages(14))
# > batches of 14: 1.43 by batch, 1.43 by sample, sizes [14, 14, 14]
print("batches of 20, drop_last:", averages(20, drop_last=True))
# > batches of 20, drop_last: 1.00 by batch, 1.00 by sample, sizes [20, 20]
# --8<-- [end:average-loss]

# --8<-- [start:average-loss-accuracy]
import torch

torch.manual_seed(0)
targets = torch.randint(0, 3, (42,))  # (42,)
scores = torch.eye(3)[targets]  # (42, 3)
scores[40:] = scores[40:].roll(1, dims=1)
right, count, shares = 0, 0, []
pairs = zip(scores.split(20), targets.split(20), strict=True)
for batch, labels in pairs:
    hits = batch.argmax(dim=1) == labels  # (20,), (20,), (2,)
    right += hits.sum().item()
    count += len(labels)
    shares.append(hits.float().mean().item())

print("accuracy per batch:", shares)
# > accuracy per batch: [1.0, 1.0, 0.0]
print(f"mean of these: {sum(shares) / len(shares):.2f}")
# > mean of these: 0.67
print(f"right / count: {right} / {count} = {right / count:.2f}")
# > right / count: 40 / 42 = 0.95

column = targets[:, None]  # (42, 1)
hits = scores.argmax(dim=1) == column
print("compared with a column:", tuple(hits.shape))
# > compared with a column: (42, 42)
print("more hits than samples:", hits.sum().item() > 42)
# > more hits than samples: True
# --8<-- [end:average-loss-accuracy]

# --8<-- [start:average-loss-number]
import warnings

import torch


def convert(name, call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        number = call()
    print(f"{name}: {number}, warnings {len(caught)}")
    return caught


weight = torch.tensor(2.0, requires_grad=True)
loss = 3 * weight  # ()
convert("loss.item()", loss.item)
# > loss.item(): 6.0, warnings 0
convert("float(loss.detach())", lambda: float(loss.detach()))
# > float(loss.detach()): 6.0, warnings 0
caught = convert("loss.__float__()", loss.__float__)
# > loss.__float__(): 6.0, warnings 1
print(str(caught[0].message).split(" to a")[0])
# > Converting a tensor with requires_grad=True
convert("float(loss), after that", lambda: float(loss))
# > float(loss), after that: 6.0, warnings 0
print("a plain division:", loss.item() / 4)
# > a plain division: 1.5
# --8<-- [end:average-loss-number]

# --8<-- [start:logits-not-probabilities]
import math

import torch
import torch.nn.functional as F


def loss_and_gradient(scores, twice):
    logits = scores.clone().requires_grad_()  # (1, 10)
    fed = logits.softmax(dim=1) if twice else logits
    loss = F.cross_entropy(fed, torch.tensor([0]))
    loss.backward()
    return f"loss {loss.item():.2f}, gradient {logits.grad.abs().max():.2f}"


sure = torch.zeros(1, 10)  # (1, 10)
sure[0, 0] = 30
print("right and sure, logits:", loss_and_gradient(sure, twice=False))
# > right and sure, logits: loss 0.00, gradient 0.00
print("right and sure, softmax twice:", loss_and_gradient(sure, twice=True))
# > right and sure, softmax twice: loss 1.46, gradient 0.00
print(f"that is log(1 + 9 / e): {math.log(1 + 9 / math.e):.2f}")
# > that is log(1 + 9 / e): 1.46
wrong = sure.flip(1)  # (1, 10)
print("wrong and sure, logits:", loss_and_gradient(wrong, twice=False))
# > wrong and sure, logits: loss 30.00, gradient 1.00
print("wrong and sure, softmax twice:", loss_and_gradient(wrong, twice=True))
# > wrong and sure, softmax twice: loss 2.46, gradient 0.00

logits, target = torch.eye(4, 10), torch.tensor([3, 1, 0, 9])
by_hand = F.nll_loss(logits.log_softmax(dim=1), target)
print("nll_loss agrees:", by_hand.equal(F.cross_entropy(logits, target)))
# > nll_loss agrees: True
for bad in (target.int(), target.float(), target[:, None]):
    try:
        F.cross_entropy(logits, bad)
    except RuntimeError:
        print("refused:", bad.dtype, tuple(bad.shape))
# > refused: torch.int32 (4,)
# > refused: torch.float32 (4,)
# > refused: torch.int64 (4, 1)
# --8<-- [end:logits-not-probabilities]

# --8<-- [start:logits-not-probabilities-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

margins = torch.linspace(-8, 8, 161)
logits = torch.zeros(161, 10)  # (161, 10)
logits[:, 0] = margins
target = torch.zeros(161, dtype=torch.long)
once = F.cross_entropy(logits, target, reduction="none")  # (161,)
probabilities = logits.softmax(dim=1)  # (161, 10)
twice = F.cross_entropy(probabilities, target, reduction="none")

fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
ax.plot(margins, once, label="cross_entropy(logits)")
ax.plot(margins, twice, label="cross_entropy(softmax(logits))")
floor = twice.min().item()
ax.axhline(floor, color="C1", alpha=0.5, ls=":")
ax.text(-8, floor - 0.2, f"never below {floor:.2f}", va="top", color="C1")
ax.set(xlabel="logit of the right class (the other nine are 0)")
ax.set(ylabel="loss", ylim=(-0.3, 10.5), xlim=(-8.3, 8.3))
ax.grid(axis="y")
ax.legend()
plt.show()
# --8<-- [end:logits-not-probabilities-figure]

# --8<-- [start:logits-not-probabilities-binary]
import torch
import torch.nn.functional as F


def by_hand(logit, target):
    p = logit.sigmoid()
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


def sigmoid_first(logit, target):
    return F.binary_cross_entropy(logit.sigmoid(), target)


def fused(logit, target):
    return F.binary_cross_entropy_with_logits(logit, target)


def show(loss_fn, value):
    logit = torch.tensor([value], requires_grad=True)  # (1,)
    loss = loss_fn(logit, torch.zeros(1))
    loss.backward()
    return f"loss {loss.item():.2f}, gradient {logit.grad.item():.2f}"


for loss_fn in (by_hand, sigmoid_first, fused):
    print(loss_fn.__name__)
    print("  logit 2, target 0:", show(loss_fn, 2.0))
    print("  logit 20, target 0:", show(loss_fn, 20.0))
# > by_hand
# >   logit 2, target 0: loss 2.13, gradient 0.88
# >   logit 20, target 0: loss inf, gradient nan
# > sigmoid_first
# >   logit 2, target 0: loss 2.13, gradient 0.88
# >   logit 20, target 0: loss 100.00, gradient 0.00
# > fused
# >   logit 2, target 0: loss 2.13, gradient 0.88
# >   logit 20, target 0: loss 20.00, gradient 1.00
print("sigmoid(20) == 1:", bool(torch.tensor(20.0).sigmoid() == 1))
# > sigmoid(20) == 1: True
# --8<-- [end:logits-not-probabilities-binary]

# --8<-- [start:logits-not-probabilities-sanity]
import math

import torch
from torch import nn

torch.manual_seed(0)
inputs = torch.randn(32, 20)  # (32, 20)
targets = torch.randint(0, 10, (32,))  # (32,)
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 10))
loss_fn = nn.CrossEntropyLoss()

print(f"ln 10: {math.log(10):.2f}")
# > ln 10: 2.30
start = loss_fn(model(inputs), targets).item()
print("first loss within 0.3 of it:", abs(start - math.log(10)) < 0.3)
# > first loss within 0.3 of it: True
sharp = loss_fn(100 * model(inputs), targets).item()
print("logits 100 times larger, above 5:", sharp > 5)
# > logits 100 times larger, above 5: True

optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(150):
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
print("one batch of random labels, below 0.01:", loss.item() < 0.01)
# > one batch of random labels, below 0.01: True
# --8<-- [end:logits-not-probabilities-sanity]

# --8<-- [start:fit-a-quadratic]
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def run_phase(model, loader, optimizer=None):
    training = optimizer is not None
    model.train(training)
    total = 0.0
    with torch.set_grad_enabled(training):
        for inputs, targets in loader:
            loss = nn.functional.mse_loss(model(inputs), targets)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(inputs)
    return total / len(loader.dataset)


torch.manual_seed(0)
x = torch.rand(160, 1) * 2 - 1  # (160, 1)
y = x**2 + 0.05 * torch.randn(160, 1)  # (160, 1)
parts = random_split(TensorDataset(x, y), [128, 32])
train, test = (DataLoader(part, 16, shuffle=True) for part in parts)
for name, lr in (("SGD", 0.001), ("SGD", 0.1), ("Adam", 0.01)):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=lr)
    for _ in range(40):
        run_phase(model, train, optimizer)
    share = run_phase(model, test) / y.var(correction=0).item()
    left = "most" if share > 0.5 else "little" if share < 0.15 else "some"
    print(f"{name}, lr {lr}: {left} of the variance is left")
# > SGD, lr 0.001: most of the variance is left
# > SGD, lr 0.1: little of the variance is left
# > Adam, lr 0.01: little of the variance is left
# --8<-- [end:fit-a-quadratic]

# --8<-- [start:fit-a-quadratic-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.rand(160, 1) * 2 - 1  # (160, 1)
y = x**2 + 0.05 * torch.randn(160, 1)  # (160, 1)
pairs = TensorDataset(x[:128], y[:128])
train = DataLoader(pairs, batch_size=16, shuffle=True)
grid = torch.linspace(-1, 1, 101)[:, None]  # (101, 1)
fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 4), layout="tight")
left.plot(x[128:], y[128:], "o", color="C3", alpha=0.6, label="test data")
for name, lr in (("SGD", 0.001), ("SGD", 0.1), ("Adam", 0.01)):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=lr)
    curve = []
    for _ in range(40):
        model.train()
        for inputs, targets in train:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            mse = nn.functional.mse_loss(model(x[128:]), y[128:])
            line = model(grid)  # (101, 1)
        curve.append(mse.item())
    left.plot(grid.numpy(), line.cpu().numpy(), label=f"{name} {lr}")
    right.semilogy(range(1, 41), curve)
left.set(xlabel="x", title="fit after 40 epochs")
right.set(xlabel="epoch", title="MSE on the test data")
left.legend()
plt.show()
# --8<-- [end:fit-a-quadratic-figure]

# --8<-- [start:fit-a-quadratic-plot]
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(1, 1)
x = torch.linspace(-1, 1, 5)[:, None]  # (5, 1)
try:
    model(x).numpy()
except RuntimeError as error:
    print(str(error).split(". ")[0])
# > Can't call numpy() on Tensor that requires grad

with torch.no_grad():
    predicted = model(x)  # (5, 1)
array = predicted.cpu().numpy()
print("under no_grad:", type(array).__name__, array.shape)
# > under no_grad: ndarray (5, 1)
array = model(x).detach().cpu().numpy()
print("after detach:", type(array).__name__, array.shape)
# > after detach: ndarray (5, 1)
# --8<-- [end:fit-a-quadratic-plot]

# --8<-- [start:accumulate-gradients]
import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward


def gradient(size, divide=True):
    model.zero_grad()
    for part, answers in zip(x.split(size), y.split(size), strict=True):
        loss = nn.functional.mse_loss(model(part), answers)
        if divide:
            loss = loss * len(part) / len(x)
        loss.backward()
    return model[0].weight.grad.clone()


torch.manual_seed(0)
x, y = torch.randn(32, 8), torch.randn(32, 1)
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
whole = gradient(32)  # (16, 8)
print("4 parts of 8:", torch.allclose(gradient(8), whole, atol=1e-6))
# > 4 parts of 8: True
print("parts of 12, 12, 8:", torch.allclose(gradient(12), whole, atol=1e-6))
# > parts of 12, 12, 8: True
plain = gradient(8, divide=False)
print("not divided:", torch.allclose(plain, whole, atol=1e-6))
# > not divided: False
print("4 times too large:", torch.allclose(plain, 4 * whole, atol=1e-6))
# > 4 times too large: True

small = x[:8].clone()  # (8, 8)
kept = saved_for_backward(lambda: model(x), model.parameters())
print("kept for all 32:", kept, "bytes")
# > kept for all 32: 3072 bytes
kept = saved_for_backward(lambda: model(small), model.parameters())
print("kept for a part of 8:", kept, "bytes")
# > kept for a part of 8: 768 bytes
# --8<-- [end:accumulate-gradients]

# --8<-- [start:accumulate-gradients-loop]
from itertools import islice

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train(batch_size, every):
    torch.manual_seed(0)
    model = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    batches, sizes = iter(DataLoader(data, batch_size)), []
    while group := list(islice(batches, every)):
        sizes.append(sum(len(targets) for _, targets in group))
        optimizer.zero_grad()
        for inputs, targets in group:
            errors = model(inputs) - targets  # (batch_size, 1)
            (errors.square().sum() / sizes[-1]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(f"batches of {batch_size}, {every} per step: samples {sizes}")
    return model.weight.detach()


torch.manual_seed(1)
data = TensorDataset(torch.randn(40, 8), torch.randn(40, 1))
big = train(batch_size=16, every=1)  # (1, 8)
# > batches of 16, 1 per step: samples [16, 16, 8]
small = train(batch_size=4, every=4)  # (1, 8)
# > batches of 4, 4 per step: samples [16, 16, 8]
print("same weights:", torch.allclose(big, small, atol=1e-6))
# > same weights: True
# --8<-- [end:accumulate-gradients-loop]

# --8<-- [start:accumulate-gradients-batchnorm]
import torch
from torch import nn


def gradient(build, size):
    torch.manual_seed(0)
    norm = build(16)
    model = nn.Sequential(nn.Linear(8, 16), norm, nn.Linear(16, 1))
    for part in x.split(size):
        loss = model(part).square().mean() * len(part) / len(x)
        loss.backward()
    seen = getattr(norm, "num_batches_tracked", None)
    return model[0].weight.grad, seen


torch.manual_seed(0)
x = torch.randn(32, 8)  # (32, 8)
for build in (nn.LayerNorm, nn.BatchNorm1d):
    whole, _ = gradient(build, 32)  # (16, 8)
    parts, seen = gradient(build, 8)  # (16, 8)
    print(f"{build.__name__}:", torch.allclose(parts, whole, atol=1e-6))
# > LayerNorm: True
# > BatchNorm1d: False
print("statistics updated in one step:", seen.item())
# > statistics updated in one step: 4
# --8<-- [end:accumulate-gradients-batchnorm]

# --8<-- [start:accumulate-gradients-tokens]
import torch
import torch.nn.functional as F


def gradient(size, count=None):
    scores = logits.clone().requires_grad_()  # (8, 5)
    parts = list(zip(scores.split(size), targets.split(size), strict=True))
    for part, labels in parts:
        if count is None:
            loss = F.cross_entropy(part, labels) / len(parts)
        else:
            loss = F.cross_entropy(part, labels, reduction="sum") / count
        loss.backward()
    return scores.grad


torch.manual_seed(0)
logits = torch.randn(8, 5)  # (8, 5)
targets = torch.tensor([1, 2, 3, 4, 0, -100, -100, -100])
counted = targets != -100  # (8,)
print("counted tokens per part:", counted.view(2, 4).sum(dim=1).tolist())
# > counted tokens per part: [4, 1]
whole = gradient(8)  # (8, 5)
print("mean of a part / 2:", torch.allclose(gradient(4), whole))
# > mean of a part / 2: False
print("sum of a part / 5:", torch.allclose(gradient(4, count=5), whole))
# > sum of a part / 5: True
# --8<-- [end:accumulate-gradients-tokens]
