"""Module or function, what functions change, and how weights start."""

# --8<-- [start:module-or-functional]
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))  # (N, 8, H - 2, W - 2)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)  # (N, 8)
        return self.head(x)  # (N, 5)


torch.manual_seed(0)
net = Net()
x = torch.randn(2, 3, 16, 16)  # (N, C, H, W)
print("output:", tuple(net(x).shape))
# > output: (2, 5)
print("children:", [name for name, _ in net.named_children()])
# > children: ['conv', 'head']
print("parameters:", [name for name, _ in net.named_parameters()])
# > parameters: ['conv.weight', 'conv.bias', 'head.weight', 'head.bias']

conv = net.conv
by_function = F.conv2d(x, conv.weight, conv.bias)
print("module equals function:", torch.equal(conv(x), by_function))
# > module equals function: True
nodes = [y.grad_fn.name() for y in (conv(x), by_function)]
print("same node in the graph:", nodes[0] == nodes[1])
# > same node in the graph: True
try:
    F.conv2d(x)
except TypeError:
    print("F.conv2d without a weight: TypeError")
# > F.conv2d without a weight: TypeError
# --8<-- [end:module-or-functional]

# --8<-- [start:module-or-functional-twins]
import torch.nn.functional as F
from torch import nn

from snippets.toolbox.parameters import count_parameters

layers = ["Linear", "Conv2d", "MaxPool2d", "BatchNorm2d", "Dropout"]
layers += ["ReLU", "PReLU", "Embedding"]
layers += ["LSTM", "GRU", "Flatten", "Sequential"]
functions = {name.replace("_", "") for name in dir(F)}
twin, alone = [], []
for layer in layers:
    stem = layer.lower()
    found = stem in functions or stem.removesuffix("2d") in functions
    (twin if found else alone).append(layer)
print("twin:", *twin)
# > twin: Linear Conv2d MaxPool2d BatchNorm2d Dropout ReLU PReLU Embedding
print("none:", *alone)
# > none: LSTM GRU Flatten Sequential

plain = (nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Dropout())
print("no parameters:", [count_parameters(m).trainable for m in plain])
# > no parameters: [0, 0, 0, 0]
print("PReLU:", count_parameters(nn.PReLU()).trainable)
# > PReLU: 1
# --8<-- [end:module-or-functional-twins]

# --8<-- [start:module-or-functional-calls]
import sys

import torch
import torch.nn.functional as F
from torch import nn


def python_calls(function, x):
    calls = []

    def note(frame, event, _):
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(note)
    function(x)
    sys.setprofile(None)
    return len(calls)


small, large = torch.randn(4), torch.randn(40_000)
relu = nn.ReLU()
extra = python_calls(relu, small) - python_calls(F.relu, small)
print("between 1 and 5 more calls:", 1 <= extra <= 5)
# > between 1 and 5 more calls: True
same = python_calls(relu, large) - python_calls(F.relu, large) == extra
print("as many for a large tensor:", same)
# > as many for a large tensor: True
# --8<-- [end:module-or-functional-calls]

# --8<-- [start:functional-dropout]
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        forgot = F.dropout(x, 0.5)
        told = F.dropout(x, 0.5, training=self.training)
        return forgot, told, self.dropout(x)


torch.manual_seed(0)
net = Net()
x = torch.ones(10_000)
names = ("forgot", "told", "module")
for name, y in zip(names, net.train()(x), strict=True):
    print(f"train, {name}: {(y == 0).float().mean():.1f} zeros")
# > train, forgot: 0.5 zeros
# > train, told: 0.5 zeros
# > train, module: 0.5 zeros
for name, y in zip(names, net.eval()(x), strict=True):
    print(f"eval, {name}: {(y == 0).float().mean():.1f} zeros")
# > eval, forgot: 0.5 zeros
# > eval, told: 0.0 zeros
# > eval, module: 0.0 zeros
with torch.no_grad():
    print("two calls agree, forgot:", torch.equal(net(x)[0], net(x)[0]))
    print("two calls agree, told:", torch.equal(net(x)[1], net(x)[1]))
# > two calls agree, forgot: False
# > two calls agree, told: True
print("visible:", [name for name, _ in net.named_children()])
# > visible: ['dropout']
# --8<-- [end:functional-dropout]

# --8<-- [start:functional-dropout-figure]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, tell):
        super().__init__()
        self.tell = tell
        self.hidden = nn.Linear(20, 100)
        self.head = nn.Linear(100, 1)

    def forward(self, x):
        training = self.training if self.tell else True
        x = F.dropout(F.relu(self.hidden(x)), 0.5, training=training)
        return self.head(x)


torch.manual_seed(0)
forgot, told = Net(tell=False).eval(), Net(tell=True).eval()
told.load_state_dict(forgot.state_dict())
x = torch.randn(1, 20)  # (N, features)
with torch.no_grad():
    random = [forgot(x).item() for _ in range(500)]
    fixed = {told(x).item() for _ in range(500)}
fig, ax = plt.subplots(figsize=(7.2, 3.2), layout="tight")
ax.hist(random, bins=30, color="C1", alpha=0.5, label="F.dropout(x, 0.5)")
for value in fixed:
    ax.axvline(value, color="C0", lw=3, label="training=self.training")
ax.set(xlabel="output for one input, after eval()", ylabel="calls of 500")
ax.legend(loc="upper left")
plt.show()
# --8<-- [end:functional-dropout-figure]

# --8<-- [start:functional-dropout-defaults]
import inspect

import torch
import torch.nn.functional as F

for name in ("dropout", "dropout2d", "alpha_dropout", "rrelu", "batch_norm"):
    parameters = inspect.signature(getattr(F, name)).parameters
    default = parameters["training"].default
    print(f"F.{name}: training={default}")
# > F.dropout: training=True
# > F.dropout2d: training=True
# > F.alpha_dropout: training=False
# > F.rrelu: training=False
# > F.batch_norm: training=False

torch.manual_seed(0)
x = 5 + torch.randn(100, 3)  # (N, C)
mean, var = torch.zeros(3), torch.ones(3)
y = F.batch_norm(x, mean, var)
print(f"batch_norm, told nothing: mean {y.mean():.0f}")
# > batch_norm, told nothing: mean 5
y = F.batch_norm(x, mean, var, training=True)
print(f"batch_norm, training=True: mean {y.mean().abs():.0f}")
# > batch_norm, training=True: mean 0

q = torch.randn(1, 4, 10, 8)  # (N, heads, L, features)
once = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5)
again = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5)
print("attention, two calls agree:", torch.equal(once, again))
# > attention, two calls agree: False
# --8<-- [end:functional-dropout-defaults]

# --8<-- [start:functional-is-pure]
import torch
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(8, 4) + 3  # (N, C)
before = x.clone()
weight = torch.randn(2, 4)
once, again = F.linear(x, weight), F.linear(x, weight)
print("linear, twice the same:", torch.equal(once, again))
# > linear, twice the same: True
print("linear, x as before:", torch.equal(x, before))
# > linear, x as before: True

mean, var = torch.zeros(4), torch.ones(4)
F.batch_norm(x, mean, var)
print("batch_norm, mean kept:", bool((mean == 0).all()))
# > batch_norm, mean kept: True
F.batch_norm(x, mean, var, training=True)
same = torch.allclose(mean, 0.1 * x.mean(0))
print("training=True, 0.1 * batch mean:", same)
# > training=True, 0.1 * batch mean: True

state = torch.get_rng_state()
y = F.dropout(x)
print("dropout, generator kept:", torch.equal(torch.get_rng_state(), state))
# > dropout, generator kept: False
torch.set_rng_state(state)
print("dropout, same state:", torch.equal(F.dropout(x), y))
# > dropout, same state: True

z = torch.tensor([-1.0, 2.0])
F.relu(z, inplace=True)
print("relu, inplace=True:", z.tolist())
# > relu, inplace=True: [0.0, 2.0]
table = torch.full((2, 4), 2.0)
F.embedding(torch.tensor([1]), table, max_norm=1.0)
print("embedding, max_norm:", [round(row[0].item(), 2) for row in table])
# > embedding, max_norm: [2.0, 0.5]
# --8<-- [end:functional-is-pure]

# --8<-- [start:functional-is-pure-call]
import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
x, target = torch.randn(5, 3), torch.randn(5, 1)
params = dict(net.named_parameters())
zeros = {name: torch.zeros_like(p) for name, p in params.items()}
print("with zeros:", functional_call(net, zeros, (x,)).flatten().tolist())
# > with zeros: [0.0, 0.0, 0.0, 0.0, 0.0]
print("net kept its own:", bool((net(x) != 0).all()))
# > net kept its own: True


def loss(params):
    return (functional_call(net, params, (x,)) - target).square().mean()


copies = {n: p.detach().clone().requires_grad_() for n, p in params.items()}
loss(copies).backward()
print("gradients of net:", net[0].weight.grad)
# > gradients of net: None
loss(params).backward()
same = [torch.allclose(copies[n].grad, p.grad) for n, p in params.items()]
print("the copies got the same as net would:", all(same))
# > the copies got the same as net would: True

norm = nn.BatchNorm1d(3)
state = {name: t.clone() for name, t in norm.state_dict().items()}
functional_call(norm, state, (x,))
print("norm's own running_mean:", norm.running_mean.tolist())
# > norm's own running_mean: [0.0, 0.0, 0.0]
print("the one passed in moved:", bool((state["running_mean"] != 0).all()))
# > the one passed in moved: True
# --8<-- [end:functional-is-pure-call]

# --8<-- [start:what-is-in-functional]
import torch
import torch.nn.functional as F
from torch import nn

names = ("sum", "log", "exp", "matmul", "cat", "relu", "softmax", "conv2d")
names += ("linear", "cross_entropy", "interpolate", "one_hot")
print("in torch:", [name for name in names[:5] if hasattr(torch, name)])
# > in torch: ['sum', 'log', 'exp', 'matmul', 'cat']
print("also in F:", [name for name in names[:5] if hasattr(F, name)])
# > also in F: []
print("in both:", [name for name in names[5:] if hasattr(torch, name)])
# > in both: ['relu', 'softmax', 'conv2d']
print("only in F:", [name for name in names[5:] if not hasattr(torch, name)])
# > only in F: ['linear', 'cross_entropy', 'interpolate', 'one_hot']
print("nn.functional:", hasattr(nn, "functional"))
# > nn.functional: True
print("nn.function:", hasattr(nn, "function"))
# > nn.function: False

x = torch.tensor([[-1.0, 2.0, 0.5]])  # (N, C)
print("F.relu:", F.relu(x).tolist())
# > F.relu: [[0.0, 2.0, 0.5]]
target = torch.tensor([1])  # (N,)
by_hand = x.logsumexp(1) - x[:, 1]
print("F.cross_entropy:", torch.allclose(F.cross_entropy(x, target), by_hand))
# > F.cross_entropy: True
module = nn.CrossEntropyLoss()(x, target)
print("the module:", torch.equal(F.cross_entropy(x, target), module))
# > the module: True
# --8<-- [end:what-is-in-functional]

# --8<-- [start:what-is-in-functional-softmax]
import warnings

import torch
import torch.nn.functional as F

flat = torch.zeros(2, 4)  # (N, C)
stack = torch.zeros(2, 3, 4)  # (N, L, C)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("2 axes, no dim:", F.softmax(flat)[0, 0].item())
    print("3 axes, no dim:", F.softmax(stack)[0, 0, 0].item())
# > 2 axes, no dim: 0.25
# > 3 axes, no dim: 0.5
print(str(caught[0].message).split(".")[0])
# > Implicit dimension choice for softmax has been deprecated
print("2 axes, dim=-1:", F.softmax(flat, dim=-1)[0, 0].item())
# > 2 axes, dim=-1: 0.25
print("3 axes, dim=-1:", F.softmax(stack, dim=-1)[0, 0, 0].item())
# > 3 axes, dim=-1: 0.25
try:
    torch.softmax(flat)
except TypeError:
    print("torch.softmax without dim: TypeError")
# > torch.softmax without dim: TypeError
# --8<-- [end:what-is-in-functional-softmax]

# --8<-- [start:default-initialization]
import torch
from torch import nn

torch.manual_seed(0)
linear = nn.Linear(64, 256)
conv = nn.Conv2d(16, 256, 3)
cases = {
    "Linear(64, 256), weight": (linear.weight, 64),
    "Linear(64, 256), bias": (linear.bias, 64),
    "Conv2d(16, 256, 3), weight": (conv.weight, 16 * 3 * 3),
    "Conv2d(16, 256, 3), bias": (conv.bias, 16 * 3 * 3),
}
for name, (tensor, fan_in) in cases.items():
    bound = fan_in**-0.5
    largest = tensor.abs().max().item()
    close = 0.95 * bound < largest <= bound
    print(f"{name}: bound {bound:.3f}, close below {close}")
# > Linear(64, 256), weight: bound 0.125, close below True
# > Linear(64, 256), bias: bound 0.125, close below True
# > Conv2d(16, 256, 3), weight: bound 0.083, close below True
# > Conv2d(16, 256, 3), bias: bound 0.083, close below True
print(f"std / bound: {linear.weight.std() * 64**0.5:.2f}")
# > std / bound: 0.58

torch.manual_seed(0)
weight = nn.init.kaiming_uniform_(torch.empty(256, 64), a=5**0.5)
print("that is kaiming_uniform_:", torch.equal(weight, linear.weight))
# > that is kaiming_uniform_: True
# --8<-- [end:default-initialization]

# --8<-- [start:default-initialization-others]
import torch
from torch import nn

torch.manual_seed(0)
norms = (nn.BatchNorm2d(8), nn.LayerNorm(8), nn.GroupNorm(2, 8))
print("norm weights:", {w for m in norms for w in m.weight.tolist()})
# > norm weights: {1.0}
print("norm biases:", {b for m in norms for b in m.bias.tolist()})
# > norm biases: {0.0}
table = nn.Embedding(1000, 100).weight
print(f"Embedding: mean {abs(table.mean()):.1f}, std {table.std():.1f}")
# > Embedding: mean 0.0, std 1.0
lstm = nn.LSTM(10, 64)
largest = max(p.abs().max() for p in lstm.parameters())
print(f"LSTM, largest: {largest:.3f} of {64**-0.5:.3f}")
# > LSTM, largest: 0.125 of 0.125
print("PReLU:", nn.PReLU().weight.item())
# > PReLU: 0.25
# --8<-- [end:default-initialization-others]

# --8<-- [start:default-initialization-in-place]
import warnings

import torch
from torch import nn

linear = nn.Linear(8, 4)
weight = linear.weight
print("returns its argument:", nn.init.ones_(weight) is weight)
# > returns its argument: True
print("still a leaf to train:", weight.is_leaf, weight.requires_grad)
# > still a leaf to train: True True
try:
    weight.fill_(0.5)
except RuntimeError as error:
    print(error)
# > a leaf Variable that requires grad is being used in an in-place operation.
with torch.no_grad():
    weight.fill_(0.5)
linear.reset_parameters()
print("the default again:", bool((weight != 0.5).all()))
# > the default again: True
try:
    nn.init.xavier_normal_(linear.bias)
except ValueError as error:
    print("bias:", str(error).split(" for ")[0])
# > bias: Fan in and fan out can not be computed
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    nn.init.xavier_uniform(weight)
print(caught[0].category.__name__, str(caught[0].message).split(" in ")[0])
# > FutureWarning `nn.init.xavier_uniform` is now deprecated
# --8<-- [end:default-initialization-in-place]

# --8<-- [start:default-initialization-apply]
import torch
from torch import nn

visited = []


def initialize(module):
    visited.append(type(module).__name__)
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


torch.manual_seed(0)
hidden = nn.Sequential(nn.Linear(50, 400), nn.ReLU())
net = nn.Sequential(hidden, nn.Linear(400, 2))
print("default, std:", f"{hidden[0].weight.std():.2f}")
# > default, std: 0.08
print("returns net:", net.apply(initialize) is net)
# > returns net: True
print("visited:", visited)
# > visited: ['Linear', 'ReLU', 'Sequential', 'Linear', 'Sequential']
print("after, std:", f"{hidden[0].weight.std():.2f}")
# > after, std: 0.20
print("last bias:", net[1].bias.tolist())
# > last bias: [0.0, 0.0]
# --8<-- [end:default-initialization-apply]

# --8<-- [start:choose-initialization]
import torch
from torch import nn

rules = {
    "std 0.03": lambda w: nn.init.normal_(w, std=0.03),
    "default": lambda w: nn.init.kaiming_uniform_(w, a=5**0.5),
    "xavier": nn.init.xavier_normal_,
    "kaiming": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "std 0.15": lambda w: nn.init.normal_(w, std=0.15),
}
torch.manual_seed(0)
x = torch.randn(64, 256)  # (N, features)
weight = torch.empty(256, 256)  # (out, in)
for name, rule in rules.items():
    y = x
    for _ in range(30):
        y = torch.relu(y @ rule(weight).t())  # (64, 256)
    factor = weight.std() * (256 / 2) ** 0.5
    end = "lost" if y.std() < 1e-3 else "huge" if y.std() > 1e3 else "kept"
    print(f"{name}: times {factor:.1f} per layer, after 30 {end}")
# > std 0.03: times 0.3 per layer, after 30 lost
# > default: times 0.4 per layer, after 30 lost
# > xavier: times 0.7 per layer, after 30 lost
# > kaiming: times 1.0 per layer, after 30 kept
# > std 0.15: times 1.7 per layer, after 30 huge
# --8<-- [end:choose-initialization]

# --8<-- [start:choose-initialization-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

rules = {
    "std 0.15": lambda w: nn.init.normal_(w, std=0.15),
    "kaiming": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
    "xavier": nn.init.xavier_normal_,
    "default": lambda w: nn.init.kaiming_uniform_(w, a=5**0.5),
    "std 0.03": lambda w: nn.init.normal_(w, std=0.03),
}
torch.manual_seed(0)
fig, axes = plt.subplots(1, 2, figsize=(7.2, 4), sharey=True, layout="tight")
for name, rule in rules.items():
    layers = [torch.randn(64, 256, requires_grad=True)]
    for _ in range(30):
        y = torch.relu(layers[-1] @ rule(torch.empty(256, 256)).t())
        y.retain_grad()
        layers.append(y)
    layers[-1].backward(torch.randn(64, 256))
    forward = [y.std().item() for y in layers]
    axes[0].plot(forward, label=name)
    axes[0].text(30.5, forward[-1], name, va="center")
    axes[1].plot([y.grad.std().item() for y in layers])
axes[0].set(title="activations", yscale="log", ylabel="standard deviation")
axes[1].set(title="gradients")
for ax in axes:
    ax.set(xlabel="layer")
    ax.grid(True)
plt.show()
# --8<-- [end:choose-initialization-figure]

# --8<-- [start:choose-initialization-default]
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        return x + self.block(x)


def plain():
    return nn.Sequential(nn.Linear(256, 256), nn.ReLU())


def normalised():
    norm = nn.BatchNorm1d(256)
    return nn.Sequential(nn.Linear(256, 256), norm, nn.ReLU())


torch.manual_seed(0)
x = torch.randn(64, 256)  # (N, features)
makers = {"plain": plain, "BatchNorm": normalised}
makers["residual"] = lambda: Residual(plain())
for name, make in makers.items():
    net = nn.Sequential(*[make() for _ in range(30)])
    with torch.no_grad():
        y = net(x)  # (64, 256)
    size = y.abs().mean()
    differ, large = y.std(dim=0).mean() > 0.01 * size, size > 100
    print(f"{name}: inputs differ: {bool(differ)}, large: {bool(large)}")
# > plain: inputs differ: False, large: False
# > BatchNorm: inputs differ: True, large: False
# > residual: inputs differ: True, large: True
# --8<-- [end:choose-initialization-default]

# --8<-- [start:choose-initialization-tanh]
import math

import torch
from torch import nn


def power(tensor):
    return f"1e{round(math.log10(tensor.std().item()))}"


rules = {
    "std 0.03": lambda w: nn.init.normal_(w, std=0.03),
    "xavier": nn.init.xavier_normal_,
    "xavier, gain 5/3": lambda w: nn.init.xavier_normal_(w, gain=5 / 3),
    "std 1": nn.init.normal_,
}
print(f"gain for tanh: {nn.init.calculate_gain('tanh'):.2f}")
# > gain for tanh: 1.67
torch.manual_seed(0)
for name, rule in rules.items():
    y = x = torch.randn(64, 256, requires_grad=True)
    for _ in range(30):
        y = torch.tanh(y @ rule(torch.empty(256, 256)).t())
    y.backward(torch.randn(64, 256))
    print(f"{name}: output {power(y)}, gradient {power(x.grad)}")
# > std 0.03: output 1e-10, gradient 1e-10
# > xavier: output 1e-1, gradient 1e-1
# > xavier, gain 5/3: output 1e0, gradient 1e1
# > std 1: output 1e0, gradient 1e14
saturated = (y.abs() > 0.99).float().mean()
print(f"std 1, share beyond 0.99: {saturated:.1f}")
# > std 1, share beyond 0.99: 0.9
# --8<-- [end:choose-initialization-tanh]

# --8<-- [start:choose-initialization-tanh-figure]
import math

import matplotlib.pyplot as plt
import torch
from torch import nn

rules = {
    "std 0.03": lambda w: nn.init.normal_(w, std=0.03),
    "xavier": nn.init.xavier_normal_,
    "xavier, gain 5/3": lambda w: nn.init.xavier_normal_(w, gain=5 / 3),
    "std 1": nn.init.normal_,
}
torch.manual_seed(0)
fig, axes = plt.subplots(2, 2, figsize=(7.2, 5), sharex=True, layout="tight")
for ax, (name, rule) in zip(axes.flat, rules.items(), strict=True):
    x = torch.randn(64, 256, requires_grad=True)
    layers = [x]
    for _ in range(30):
        y = torch.tanh(layers[-1] @ rule(torch.empty(256, 256)).t())
        layers.append(y)
    y.backward(torch.randn(64, 256))
    for index, depth in enumerate((1, 5, 30)):
        y = layers[depth].detach()
        share = y.histc(41, -1, 1) / y.numel()
        edges = torch.linspace(-1, 1, 42)
        label = f"layer {depth}"
        ax.stairs(share, edges, color=f"C{index}", label=label, lw=2)
    power = round(math.log10(x.grad.std().item()))
    ax.set(title=name, ylim=(0, 0.25), xlim=(-1.05, 1.05))
    ax.text(-0.86, 0.2, f"gradient\n× 1e{power}")
axes[0, 1].legend()
for ax in axes[1]:
    ax.set_xlabel("activation")
for ax in axes[:, 0]:
    ax.set_ylabel("share of units")
plt.show()
# --8<-- [end:choose-initialization-tanh-figure]

# --8<-- [start:choose-initialization-fans]
import torch
from torch import nn

torch.manual_seed(0)
weight = nn.Conv2d(16, 64, 3).weight  # (64, 16, 3, 3)
fan_in, fan_out = 16 * 3 * 3, 64 * 3 * 3
print("fan_in, fan_out:", fan_in, fan_out)
# > fan_in, fan_out: 144 576

nn.init.kaiming_normal_(weight, nonlinearity="relu")
print(f"kaiming, fan_in: {weight.std():.2f} {(2 / fan_in) ** 0.5:.2f}")
# > kaiming, fan_in: 0.12 0.12
nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")
print(f"kaiming, fan_out: {weight.std():.2f} {(2 / fan_out) ** 0.5:.2f}")
# > kaiming, fan_out: 0.06 0.06
nn.init.xavier_normal_(weight)
print(f"xavier: {weight.std():.2f} {(2 / (fan_in + fan_out)) ** 0.5:.2f}")
# > xavier: 0.05 0.05

own = torch.empty(400, 100)  # (in, out), used as x @ own
nn.init.kaiming_normal_(own, nonlinearity="relu")
print(f"own matrix: {own.std():.2f} {(2 / 400) ** 0.5:.2f}")
# > own matrix: 0.14 0.07
nn.init.kaiming_normal_(own.t(), nonlinearity="relu")
print(f"own matrix, transposed: {own.std():.2f} {(2 / 400) ** 0.5:.2f}")
# > own matrix, transposed: 0.07 0.07
# --8<-- [end:choose-initialization-fans]

# --8<-- [start:choose-initialization-equal]
import torch
from torch import nn


def trained(fill):
    torch.manual_seed(0)
    x, target = torch.randn(32, 8), torch.randn(32, 1)
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    for p in net.parameters():
        fill(p)
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        (net(x) - target).square().mean().backward()
        optimizer.step()
    weight = net[0].weight  # (16, 8)
    alike = torch.allclose(weight, weight[:1].expand(16, 8), atol=1e-5)
    now = net.named_parameters()
    return alike, [name for name, p in now if not torch.equal(p, before[name])]


print("zeros:", trained(nn.init.zeros_))
# > zeros: (True, ['2.bias'])
print("constant:", trained(lambda p: nn.init.constant_(p, 0.1)))
# > constant: (True, ['0.weight', '0.bias', '2.weight', '2.bias'])
print("normal:", trained(lambda p: nn.init.normal_(p, std=0.1)))
# > normal: (False, ['0.weight', '0.bias', '2.weight', '2.bias'])
# --8<-- [end:choose-initialization-equal]
