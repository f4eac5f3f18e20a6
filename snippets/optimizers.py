"""What optimizers hold, clear and change, and how the learning rate moves."""

# --8<-- [start:what-an-optimizer-does]
import torch
from torch import nn, optim

torch.manual_seed(0)
net = nn.ModuleDict({"used": nn.Linear(3, 2), "idle": nn.Linear(3, 2)})
used, idle = net["used"].weight, net["idle"].weight  # (2, 3) each
optimizer = optim.SGD(net.parameters(), lr=0.1)
held = optimizer.param_groups[0]["params"]
same = [p is q for p, q in zip(held, net.parameters(), strict=True)]
print("the net's own tensors:", same)
# > the net's own tensors: [True, True, True, True]

x = torch.randn(8, 3)  # (8, 3)
old_used, old_idle = used.detach().clone(), idle.detach().clone()
net["used"](x).square().mean().backward()
print("after backward(), moved:", not torch.equal(used, old_used))
# > after backward(), moved: False
optimizer.step()
by_hand = old_used - 0.1 * used.grad
print("after step(), w - lr * grad:", torch.allclose(used, by_hand))
# > after step(), w - lr * grad: True
print("gradient still there:", used.grad is not None)
# > gradient still there: True
print("idle, gradient:", idle.grad)
# > idle, gradient: None
print("idle, moved:", not torch.equal(idle, old_idle))
# > idle, moved: False

net["used"] = nn.Linear(3, 2)
new = net["used"].weight  # (2, 3)
old_new = new.detach().clone()
net["used"](x).square().mean().backward()
optimizer.step()
print("replaced layer, has a gradient:", new.grad is not None)
# > replaced layer, has a gradient: True
print("replaced layer, moved:", not torch.equal(new, old_new))
# > replaced layer, moved: False
# --8<-- [end:what-an-optimizer-does]

# --8<-- [start:what-an-optimizer-does-family]
import torch
from torch import nn, optim

x = torch.linspace(-1, 1, 50)[:, None]  # (50, 1)
y = 3 * x + 1  # (50, 1)
rates = {optim.SGD: 0.5, optim.Adagrad: 0.5, optim.Adam: 0.1, optim.AdamW: 0.1}
for kind, rate in rates.items():
    torch.manual_seed(0)
    net = nn.Linear(1, 1)
    optimizer = kind(net.parameters(), lr=rate)
    for _ in range(200):
        optimizer.zero_grad()
        loss = (net(x) - y).square().mean()
        loss.backward()
        optimizer.step()
    child = issubclass(kind, optim.Optimizer)
    low = loss.item() < 0.01
    print(f"{kind.__name__}: Optimizer {child}, loss below 0.01 {low}")
# > SGD: Optimizer True, loss below 0.01 True
# > Adagrad: Optimizer True, loss below 0.01 True
# > Adam: Optimizer True, loss below 0.01 True
# > AdamW: Optimizer True, loss below 0.01 True

own = [kind.__name__ for kind in rates if "step" in vars(kind)]
print("with a step of their own:", own)
# > with a step of their own: ['SGD', 'Adagrad', 'Adam']
print("AdamW is an Adam:", issubclass(optim.AdamW, optim.Adam))
# > AdamW is an Adam: True
try:
    optim.Optimizer(net.parameters(), {}).step()
except NotImplementedError as error:
    print("base class:", type(error).__name__)
# > base class: NotImplementedError
# --8<-- [end:what-an-optimizer-does-family]

# --8<-- [start:what-an-optimizer-does-typos]
import torch as t
from torch import optim

t.manual_seed(0)
net = t.nn.Conv2d(3, 4, 3)
try:
    optim.SGD(param=net.parameters(), lr=1)
except TypeError as error:
    print(error)
# > SGD.__init__() got an unexpected keyword argument 'param'...

optimizer = optim.SGD(params=net.parameters(), lr=1)
old = net.weight.detach().clone()
optimizer.zero_grad()
images = t.randn(1, 3, 32, 32)  # (1, 3, 32, 32)
output = net(images)  # (1, 4, 30, 30)
output.backward(output)
optimizer.step()
print("mini step ran, weight moved:", not t.equal(net.weight, old))
# > mini step ran, weight moved: True

optim = optim.SGD(net.parameters(), lr=1e-2, momentum=0.9)
try:
    optim.Adam(net.parameters())
except AttributeError as error:
    print(error)
# > 'SGD' object has no attribute 'Adam'
# --8<-- [end:what-an-optimizer-does-typos]

# --8<-- [start:zero-grad-twice]
import torch
from torch import nn, optim

backbone = nn.Linear(1, 1, bias=False)
head = nn.Linear(1, 1, bias=False)
net = nn.Sequential(backbone, head)
optimizer = optim.SGD(head.parameters(), lr=0.1)
nn.init.ones_(backbone.weight)
nn.init.ones_(head.weight)
x = torch.ones(1, 1)  # (1, 1)

for number in (1, 2, 3):
    optimizer.zero_grad()
    net(x).sum().backward()
    grads = backbone.weight.grad.item(), head.weight.grad.item()
    print(f"pass {number}: backbone and head", grads)
# > pass 1: backbone and head (1.0, 1.0)
# > pass 2: backbone and head (2.0, 1.0)
# > pass 3: backbone and head (3.0, 1.0)

for clear in (optimizer.zero_grad, net.zero_grad):
    net.zero_grad()
    for _ in range(50):
        clear()
        net(x).sum().backward()
    nn.utils.clip_grad_norm_(net.parameters(), max_norm=1.0)
    name = type(clear.__self__).__name__
    left = head.weight.grad.item()
    print(f"{name}.zero_grad(), head gradient clipped to {left:.2f}")
# > SGD.zero_grad(), head gradient clipped to 0.02
# > Sequential.zero_grad(), head gradient clipped to 0.71
# --8<-- [end:zero-grad-twice]

# --8<-- [start:zero-grad-twice-reverse]
import torch
from torch import nn, optim

net = nn.Linear(2, 1)
temperature = nn.Parameter(torch.ones(1))
optimizer = optim.SGD([*net.parameters(), temperature], lr=0.1)
(net(torch.ones(4, 2)) * temperature).sum().backward()
net.zero_grad()
print("net.zero_grad(), temperature:", temperature.grad is None)
# > net.zero_grad(), temperature: False
optimizer.zero_grad()
print("optimizer.zero_grad(), temperature:", temperature.grad is None)
# > optimizer.zero_grad(), temperature: True

for to_none in (True, False):
    w = nn.Parameter(torch.ones(1))
    optimizer = optim.SGD([w], lr=0.1, weight_decay=0.5)
    w.sum().backward()
    optimizer.zero_grad(set_to_none=to_none)
    cleared = w.grad if w.grad is None else w.grad.item()
    optimizer.step()
    print(f"set_to_none={to_none}: grad {cleared}, w {w.item():.2f}")
# > set_to_none=True: grad None, w 1.00
# > set_to_none=False: grad 0.0, w 0.95
# --8<-- [end:zero-grad-twice-reverse]

# --8<-- [start:momentum-not-step]
import torch
from torch import optim

w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
optimizer = optim.SGD([w], lr=0.01, momentum=0.9)
group = optimizer.param_groups[0]
print("lr:", group["lr"], "momentum:", group["momentum"])
# > lr: 0.01 momentum: 0.9

updates = []
for _ in range(100):
    before = w.item()
    w.grad = torch.ones_like(w)
    optimizer.step()
    updates.append(round(w.item() - before, 5))
print("first updates:", updates[:4])
# > first updates: [-0.01, -0.019, -0.0271, -0.03439]
print("100th update:", updates[-1])
# > 100th update: -0.1
print("lr / (1 - momentum):", round(0.01 / (1 - 0.9), 5))
# > lr / (1 - momentum): 0.1
# --8<-- [end:momentum-not-step]

# --8<-- [start:momentum-not-step-by-hand]
import torch
from torch import nn, optim


class Momentum:
    def __init__(self, params, lr, momentum, nesterov=False):
        self.params = list(params)
        self.buffers = [torch.zeros_like(p) for p in self.params]
        self.lr, self.momentum, self.nesterov = lr, momentum, nesterov

    @torch.no_grad()
    def step(self):
        for p, buffer in zip(self.params, self.buffers, strict=True):
            buffer.mul_(self.momentum).add_(p.grad)
            ahead = p.grad + self.momentum * buffer
            p -= self.lr * (ahead if self.nesterov else buffer)


def train(kind, **options):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    x = torch.randn(16, 3).double()  # (16, 3)
    optimizer = kind(net.parameters(), lr=0.1, **options)
    for _ in range(50):
        net.zero_grad()
        (net(x) - x[:, :1]).square().mean().backward()
        optimizer.step()
    return net[0].weight.detach()  # (4, 3)


for options in ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}):
    ours, torchs = train(Momentum, **options), train(optim.SGD, **options)
    print(options, "equal:", torch.allclose(ours, torchs))
# > {'momentum': 0.9} equal: True
# > {'momentum': 0.9, 'nesterov': True} equal: True
print("without momentum:", torch.allclose(ours, train(optim.SGD)))
# > without momentum: False
# --8<-- [end:momentum-not-step-by-hand]

# --8<-- [start:momentum-not-step-figure]
import matplotlib.pyplot as plt
import torch
from torch import optim


def height(x, y):
    return 0.5 * (x**2 + 25 * y**2)


x, y = torch.linspace(-10, 3, 200), torch.linspace(-3, 3, 200)
level = height(x[:, None], y)  # (200, 200)
fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
ink = plt.rcParams["text.color"]
ax.contour(x, y, level.T, levels=12, colors=ink, alpha=0.25, linewidths=1)
for momentum, color in ((0, "C0"), (0.9, "C1")):
    point = torch.tensor([-9.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([point], lr=0.02, momentum=momentum)
    path = [point.tolist()]
    for _ in range(60):
        optimizer.zero_grad()
        height(*point).backward()
        optimizer.step()
        path.append(point.tolist())
    loss = height(*point).item()
    label = f"momentum {momentum}: loss {loss:.2f} after 60 steps"
    ax.plot(*zip(*path, strict=True), ".-", color=color, label=label)
ax.plot(0, 0, "*", color="C2", markersize=14)
ax.set(xlabel="shallow direction", ylabel="steep direction")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1))
plt.show()
# --8<-- [end:momentum-not-step-figure]

# --8<-- [start:adam-or-adamw]
import torch
from torch import nn, optim

torch.manual_seed(0)
x = torch.randn(32, 5).double()  # (32, 5)
start = torch.randn(5).double()  # (5,)


def by_hand(decoupled, lr=0.1, b1=0.9, b2=0.999, eps=1e-8, decay=0.1):
    w, m, v = start, torch.zeros_like(start), torch.zeros_like(start)
    for k in range(1, 31):
        grad = x.T @ (x @ w - 1)
        if decoupled:
            w = w * (1 - lr * decay)
        else:
            grad = grad + decay * w
        m = b1 * m + (1 - b1) * grad
        v = b2 * v + (1 - b2) * grad**2
        w = w - lr * (m / (1 - b1**k)) / ((v / (1 - b2**k)).sqrt() + eps)
    return w


def by_torch(kind, decay=0.1):
    w = nn.Parameter(start.clone())
    optimizer = kind([w], lr=0.1, weight_decay=decay)
    for _ in range(30):
        w.grad = (x.T @ (x @ w - 1)).detach()
        optimizer.step()
    return w.detach()


print("Adam:", torch.allclose(by_hand(False), by_torch(optim.Adam)))
# > Adam: True
print("AdamW:", torch.allclose(by_hand(True), by_torch(optim.AdamW)))
# > AdamW: True
print("Adam is AdamW:", torch.allclose(by_hand(False), by_hand(True)))
# > Adam is AdamW: False
plain = by_torch(optim.Adam, 0), by_torch(optim.AdamW, 0)
print("without decay:", torch.equal(*plain))
# > without decay: True
# --8<-- [end:adam-or-adamw]

# --8<-- [start:adam-or-adamw-decay]
import torch
from torch import nn, optim


def moved(kind, grad, decay):
    w = nn.Parameter(torch.ones(1))
    optimizer = kind([w], lr=0.1, weight_decay=decay)
    w.grad = torch.full((1,), grad)
    optimizer.step()
    return f"{1 - w.item():.4f}"


kinds = optim.SGD, optim.Adam, optim.AdamW
for kind in kinds:
    steps = [moved(kind, 0.0, decay) for decay in (0.001, 0.1)]
    print(f"{kind.__name__}, gradient 0, decay 0.001 and 0.1:", steps)
# > SGD, gradient 0, decay 0.001 and 0.1: ['0.0001', '0.0100']
# > Adam, gradient 0, decay 0.001 and 0.1: ['0.1000', '0.1000']
# > AdamW, gradient 0, decay 0.001 and 0.1: ['0.0001', '0.0100']
for kind in kinds:
    steps = [moved(kind, 10.0, decay) for decay in (0.0, 0.1)]
    print(f"{kind.__name__}, gradient 10, decay 0 and 0.1:", steps)
# > SGD, gradient 10, decay 0 and 0.1: ['1.0000', '1.0100']
# > Adam, gradient 10, decay 0 and 0.1: ['0.1000', '0.1000']
# > AdamW, gradient 10, decay 0 and 0.1: ['0.1000', '0.1100']

w = nn.Parameter(torch.ones(1))
for kind in kinds:
    print(kind.__name__, "default:", kind([w]).defaults["weight_decay"])
# > SGD default: 0
# > Adam default: 0
# > AdamW default: 0.01
w.grad = torch.ones(1)
adam = optim.Adam([w])
adam.step()
print("kept per weight:", sorted(adam.state[w]))
# > kept per weight: ['exp_avg', 'exp_avg_sq', 'step']
# --8<-- [end:adam-or-adamw-decay]

# --8<-- [start:parameter-groups]
import torch
from torch import optim
from torchvision.models import alexnet

with torch.device("meta"):
    net = alexnet(weights=None)
groups = [
    {"params": net.features.parameters()},
    {"params": net.classifier.parameters(), "lr": 1e-2},
]
optimizer = optim.SGD(groups, lr=1e-5, momentum=0.9)
for group in optimizer.param_groups:
    print(group["lr"], group["momentum"], len(group["params"]), "tensors")
# > 1e-05 0.9 10 tensors
# > 0.01 0.9 6 tensors

head_only = optim.Adam(net.classifier.parameters(), lr=1e-3)
held = len(head_only.param_groups[0]["params"])
print("head only:", held, "of", len(list(net.parameters())))
# > head only: 6 of 16

groups = [
    {"params": net.parameters()},
    {"params": net.classifier.parameters(), "lr": 1e-2},
]
try:
    optim.SGD(groups, lr=1e-5)
except ValueError as error:
    print(error)
# > some parameters appear in more than one parameter group
groups = [{"params": net.parameters(), "learning_rate": 1e-2}]
print("misspelt key:", optim.SGD(groups, lr=1e-5).param_groups[0]["lr"])
# > misspelt key: 1e-05
# --8<-- [end:parameter-groups]

# --8<-- [start:parameter-groups-by-index]
import torch
from torch import nn, optim
from torchvision.models import alexnet, vgg16

with torch.device("meta"):
    nets = {"vgg16": vgg16(weights=None), "alexnet": alexnet(weights=None)}
    nets["small"] = nn.Module()
    nets["small"].classifier = nn.Sequential(
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def split(net, chosen):
    special = list(nn.ModuleList(chosen).parameters())
    ids = {id(p) for p in special}
    rest = [p for p in net.parameters() if id(p) not in ids]
    groups = [{"params": rest}, {"params": special, "lr": 0.01}]
    optimizer = optim.SGD(groups, lr=0.001)
    return [len(group["params"]) for group in optimizer.param_groups]


for name, net in nets.items():
    chosen = [net.classifier[0], net.classifier[3]]
    kinds = [type(layer).__name__ for layer in chosen]
    print(name, "by index:", kinds, split(net, chosen))
# > vgg16 by index: ['Linear', 'Linear'] [28, 4]
# > alexnet by index: ['Dropout', 'Dropout'] [16, 0]
# > small by index: ['Linear', 'ReLU'] [4, 2]
for name, net in nets.items():
    linear = [m for m in net.classifier if isinstance(m, nn.Linear)]
    print(name, "by type:", split(net, linear[:2]))
# > vgg16 by type: [28, 4]
# > alexnet by type: [12, 4]
# > small by type: [2, 4]
# --8<-- [end:parameter-groups-by-index]

# --8<-- [start:parameter-groups-no-decay]
import torch
from torch import nn, optim

net = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 2))
matrices = [p for p in net.parameters() if p.ndim >= 2]
vectors = [p for p in net.parameters() if p.ndim < 2]
groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
optimizer = optim.AdamW(groups, lr=0.1, weight_decay=0.5)
for group in optimizer.param_groups:
    shapes = [tuple(p.shape) for p in group["params"]]
    print("decay", group["weight_decay"], shapes)
# > decay 0.5 [(8, 4), (2, 8)]
# > decay 0.0 [(8,), (8,), (8,), (2,)]

old = {name: p.detach().clone() for name, p in net.named_parameters()}
for p in net.parameters():
    p.grad = torch.zeros_like(p)
optimizer.step()
for name, p in net.named_parameters():
    kept = torch.equal(p, old[name])
    print(name, "as it was" if kept else "smaller")
# > 0.weight smaller
# > 0.bias as it was
# > 1.weight as it was
# > 1.bias as it was
# > 2.weight smaller
# > 2.bias as it was
# --8<-- [end:parameter-groups-no-decay]

# --8<-- [start:change-the-rate]
import torch
from torch import nn, optim


def five_steps(step_size=99):
    w = nn.Parameter(torch.zeros(1))
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size, gamma=0.1)
    for _ in range(5):
        w.grad = torch.ones(1)
        optimizer.step()
        scheduler.step()
    return w, optimizer


def next_update(w, optimizer):
    before = w.item()
    optimizer.step()
    return f"{w.item() - before:.4f}"


w, optimizer = five_steps()
print("rate as it was:", next_update(w, optimizer))
# > rate as it was: -0.4686
w, optimizer = five_steps()
for group in optimizer.param_groups:
    group["lr"] *= 0.1
print("group edited:", next_update(w, optimizer))
# > group edited: -0.0469
w, optimizer = five_steps(step_size=5)
print("scheduler:", next_update(w, optimizer))
# > scheduler: -0.0469
w, _ = five_steps()
optimizer = optim.SGD([w], lr=0.01, momentum=0.9)
print("new optimizer:", next_update(w, optimizer))
# > new optimizer: -0.0100
w, optimizer = five_steps()
optimizer.lr = 0.01
print("optimizer.lr = 0.01:", next_update(w, optimizer))
# > optimizer.lr = 0.01: -0.4686
# --8<-- [end:change-the-rate]

# --8<-- [start:change-the-rate-with-state]
import torch
from torch import nn, optim

w = nn.Parameter(torch.zeros(1))
old = optim.SGD([w], lr=0.1, momentum=0.9)
for _ in range(5):
    w.grad = torch.ones(1)
    old.step()
print(f"buffer: {old.state[w]['momentum_buffer'].item():.2f}")
# > buffer: 4.10

new = optim.SGD([w], lr=0.01, momentum=0.9)
print("state of a new optimizer:", dict(new.state))
# > state of a new optimizer: {}
new.load_state_dict(old.state_dict())
print(f"buffer loaded: {new.state[w]['momentum_buffer'].item():.2f}")
# > buffer loaded: 4.10
print("rate after loading:", new.param_groups[0]["lr"])
# > rate after loading: 0.1
new.param_groups[0]["lr"] = 0.01
before = w.item()
new.step()
print(f"buffer: {new.state[w]['momentum_buffer'].item():.2f}")
# > buffer: 4.69
print(f"update: {w.item() - before:.4f}")
# > update: -0.0469
# --8<-- [end:change-the-rate-with-state]

# --8<-- [start:schedule-the-rate]
import warnings

import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR


def rates_used(scheduler_first):
    w = nn.Parameter(torch.zeros(1))
    optimizer = optim.SGD([w], lr=0.1)
    scheduler = StepLR(optimizer, step_size=2, gamma=0.1)
    used = []
    for _ in range(5):
        w.grad = torch.ones(1)
        if scheduler_first:
            scheduler.step()
        before = w.item()
        optimizer.step()
        used.append(round(before - w.item(), 4))
        if not scheduler_first:
            scheduler.step()
    return used


print("optimizer first:", rates_used(scheduler_first=False))
# > optimizer first: [0.1, 0.1, 0.01, 0.01, 0.001]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    used = rates_used(scheduler_first=True)
print("scheduler first:", used)
# > scheduler first: [0.1, 0.01, 0.01, 0.001, 0.001]
print(str(caught[0].message).split(". ")[0])
# > Detected call of `lr_scheduler.step()` before `optimizer.step()`
# --8<-- [end:schedule-the-rate]

# --8<-- [start:schedule-the-rate-warmup]
import math

import numpy as np
from torch import nn, optim
from torch.optim import lr_scheduler as lrs

WARMUP, TOTAL = 5, 25


def factor(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    progress = (step - WARMUP) / (TOTAL - WARMUP)
    return 0.5 * (1 + math.cos(math.pi * progress))


def sequence(optimizer):
    warmup = lrs.LinearLR(optimizer, 1 / WARMUP, total_iters=WARMUP - 1)
    cosine = lrs.CosineAnnealingLR(optimizer, T_max=TOTAL - WARMUP)
    return lrs.SequentialLR(optimizer, [warmup, cosine], milestones=[WARMUP])


def rates(build):
    optimizer = optim.AdamW(nn.Linear(1, 1).parameters(), lr=0.1)
    scheduler = build(optimizer)
    values = []
    for _ in range(TOTAL + 1):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


one, two = rates(lambda o: lrs.LambdaLR(o, factor)), rates(sequence)
print("warm-up:", [f"{rate:.2f}" for rate in one[:WARMUP]])
# > warm-up: ['0.02', '0.04', '0.06', '0.08', '0.10']
print(f"half way down: {one[WARMUP + 10]:.2f}, end: {one[TOTAL]:.2f}")
# > half way down: 0.05, end: 0.00
print("same schedule:", np.allclose(one, two))
# > same schedule: True
# --8<-- [end:schedule-the-rate-warmup]

# --8<-- [start:schedule-the-rate-figure]
import matplotlib.pyplot as plt
from torch import nn, optim
from torch.optim import lr_scheduler as lrs


def warm_cosine(optimizer):
    warmup = lrs.LinearLR(optimizer, 0.1, total_iters=10)
    cosine = lrs.CosineAnnealingLR(optimizer, T_max=90)
    return lrs.SequentialLR(optimizer, [warmup, cosine], milestones=[10])


schedules = {
    "StepLR": lambda o: lrs.StepLR(o, step_size=30, gamma=0.3),
    "CosineAnnealingLR": lambda o: lrs.CosineAnnealingLR(o, T_max=100),
    "LinearLR, then cosine": warm_cosine,
    "OneCycleLR": lambda o: lrs.OneCycleLR(o, 0.1, total_steps=100),
}
fig, axes = plt.subplots(2, 2, figsize=(7.2, 4.4), layout="tight")
for index, (ax, name) in enumerate(zip(axes.flat, schedules, strict=True)):
    weights = nn.Linear(1, 1).parameters()
    optimizer = optim.SGD(weights, lr=0.1, momentum=0.9)
    scheduler = schedules[name](optimizer)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    ax.plot(rates, color=f"C{index}", drawstyle="steps-post")
    ax.set(title=name, ylim=(0, 0.11), yticks=(0, 0.05, 0.1))
fig.supxlabel("update", size=11)
fig.supylabel("learning rate", size=11)
plt.show()
# --8<-- [end:schedule-the-rate-figure]

# --8<-- [start:clip-gradients]
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def fresh():
    a, b = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))
    a.grad, b.grad = torch.tensor([3.0, 4.0]), torch.tensor([12.0])
    return a, b


def joined(params):
    return torch.cat([p.grad for p in params])  # (3,)


before = joined(fresh())
params = fresh()
total = clip_grad_norm_(params, max_norm=6.5)
print(f"returned: {total:.2f}")
# > returned: 13.00
print(f"norm now: {joined(params).norm():.2f}")
# > norm now: 6.50
print("by norm:", [f"{g:.2f}" for g in joined(params)])
# > by norm: ['1.50', '2.00', '6.00']
same = torch.cosine_similarity(joined(params), before, dim=0)
print(f"direction kept: {same > 0.9999}")
# > direction kept: True

clip_grad_norm_(params, max_norm=100.0)
print(f"below the limit, norm: {joined(params).norm():.2f}")
# > below the limit, norm: 6.50

params = fresh()
print("by value, returned:", clip_grad_value_(params, clip_value=3.5))
# > by value, returned: None
print("by value:", joined(params).tolist())
# > by value: [3.0, 3.5, 3.5]
same = torch.cosine_similarity(joined(params), before, dim=0)
print(f"direction kept: {same > 0.9999}, cosine {same:.2f}")
# > direction kept: False, cosine 0.86
# --8<-- [end:clip-gradients]

# --8<-- [start:clip-gradients-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def clipped(clip, limit):
    w = nn.Parameter(torch.zeros(2))
    w.grad = torch.tensor([1.0, 4.0])
    clip([w], limit)
    return w.grad.tolist()


arrows = {
    "gradient": clipped(clip_grad_norm_, 100.0),
    "clipped by norm 2": clipped(clip_grad_norm_, 2.0),
    "clipped by value 2": clipped(clip_grad_value_, 2.0),
}
fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
ax.add_patch(plt.Circle((0, 0), 2, fc=("C1", 0.1), ec="C1"))
ax.add_patch(plt.Rectangle((-2, -2), 4, 4, fc=("C2", 0.1), ec="C2"))
for index, (name, tip) in enumerate(arrows.items()):
    style = {"width": 1.5, "headwidth": 9, "shrink": 0, "lw": 0}
    style["color"] = f"C{index}"
    ax.annotate("", tip, (0, 0), arrowprops=style)
    label = f"{name}: ({tip[0]:.2f}, {tip[1]:.2f})"
    ax.plot([], [], color=f"C{index}", label=label)
ax.set(xlim=(-2.2, 5.6), ylim=(-0.3, 4.3), aspect="equal")
ax.legend(loc="upper right")
plt.show()
# --8<-- [end:clip-gradients-figure]

# --8<-- [start:clip-gradients-order]
import torch
from torch import nn, optim
from torch.nn.utils import clip_grad_norm_


def moved(order):
    w = nn.Parameter(torch.zeros(1))
    optimizer = optim.SGD([w], lr=1.0)
    actions = {
        "backward": lambda: (50 * w).sum().backward(),
        "clip": lambda: clip_grad_norm_([w], max_norm=1.0),
        "step": optimizer.step,
    }
    for name in order.split():
        actions[name]()
    return abs(w.item())


orders = "clip backward step", "backward clip step", "backward step clip"
for order in orders:
    print(f"{order}: moved {moved(order):.1f}")
# > clip backward step: moved 50.0
# > backward clip step: moved 1.0
# > backward step clip: moved 50.0

w = nn.Parameter(torch.zeros(1))
optimizer = optim.SGD([w], lr=1.0)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
scaler.scale((50 * w).sum()).backward()
print("gradient while scaled:", w.grad.item())
# > gradient while scaled: 51200.0
scaler.unscale_(optimizer)
print("norm after unscale_:", clip_grad_norm_([w], max_norm=1.0).item())
# > norm after unscale_: 50.0
# --8<-- [end:clip-gradients-order]

# --8<-- [start:clip-gradients-nonfinite]
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

a, b = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
a.grad, b.grad = torch.tensor([float("inf")]), torch.tensor([2.0])
try:
    clip_grad_norm_([a, b], max_norm=1.0, error_if_nonfinite=True)
except RuntimeError as error:
    print(str(error).split(",")[0])
# > The total norm of order 2.0 for gradients from `parameters` is non-finite
print("gradients:", a.grad.item(), b.grad.item())
# > gradients: inf 2.0

total = clip_grad_norm_([a, b], max_norm=1.0)
print("by default, returned:", total.item(), torch.isfinite(total).item())
# > by default, returned: inf False
print("gradients then:", a.grad.item(), b.grad.item())
# > gradients then: nan 0.0
# --8<-- [end:clip-gradients-nonfinite]
