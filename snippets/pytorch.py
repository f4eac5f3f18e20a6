"""What PyTorch is, what is dynamic about it, and how it compares."""

# --8<-- [start:what-is-pytorch]
from importlib.metadata import metadata
from pathlib import Path

import torch
from torch import nn

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # (2, 2)
x.requires_grad_()
(x * x).mean().backward()
print("tensors that differentiate:", x.grad.tolist())
# > tensors that differentiate: [[0.5, 1.0], [1.5, 2.0]]
layer = nn.Linear(2, 1)
print("networks made of them:", tuple(layer(x).shape))
# > networks made of them: (2, 1)
print("batches of data:", torch.utils.data.DataLoader.__module__)
# > batches of data: torch.utils.data.dataloader

header = "include/torch/csrc/api/include/torch/torch.h"
beside = Path(torch.__file__).parent / header
print("C++ API in the same package:", beside.exists())
# > C++ API in the same package: True

about = metadata("torch")
licence = [value for key, value in about.items() if "icense" in key + value]
print("BSD licence:", any("BSD" in value for value in licence))
# > BSD licence: True
print("published by:", about["Author-email"].split(" <")[0])
# > published by: PyTorch Team
torchvision = metadata("torchvision")
own = torchvision["Version"] != about["Version"]
print("torchvision has a version of its own:", own)
# > torchvision has a version of its own: True
# --8<-- [end:what-is-pytorch]

# --8<-- [start:dynamic-graph]
import torch


def double_until(limit, x):
    while x < limit:
        x = x * 2
    return x


def depth(node):
    inner = [depth(n) for n, _ in node.next_functions if n is not None]
    return 1 + max(inner, default=0)


for limit in (5, 20, 100):
    x = torch.tensor(3.0, requires_grad=True)
    y = double_until(limit, x)
    y.backward()
    print(limit, "nodes:", depth(y.grad_fn), "gradient:", x.grad.item())
# > 5 nodes: 2 gradient: 2.0
# > 20 nodes: 4 gradient: 8.0
# > 100 nodes: 7 gradient: 64.0

first, second = double_until(5, x), double_until(5, x)
print("one graph for both calls:", first.grad_fn is second.grad_fn)
# > one graph for both calls: False
# --8<-- [end:dynamic-graph]

# --8<-- [start:dynamic-graph-compiled]
import torch


def double_until(limit, x):
    while x < limit:
        x = x * 2
    return x


x = torch.tensor(3.0)
whole = torch.compile(double_until, backend="eager", fullgraph=True)
try:
    whole(100, x)
except torch._dynamo.exc.Unsupported as error:
    print("one whole graph:", str(error).splitlines()[0])
# > one whole graph: Data-dependent branching
pieces = torch.compile(double_until, backend="eager")
print("in pieces:", pieces(100, x).item())
# > in pieces: 192.0


def sign(x):
    if x.sum() > 0:
        return x + 1
    return x - 1


report = torch._dynamo.explain(sign)(x)
print("graphs:", report.graph_count, "breaks:", report.graph_break_count)
# > graphs: 2 breaks: 1
# --8<-- [end:dynamic-graph-compiled]

# --8<-- [start:unique-to-pytorch]
import torch


class Value:
    def __init__(self, number, parents=()):
        self.number, self.parents, self.grad = number, parents, 0.0

    def __mul__(self, other):
        terms = [(self, other.number), (other, self.number)]
        return Value(self.number * other.number, terms)

    def __add__(self, other):
        return Value(self.number + other.number, [(self, 1.0), (other, 1.0)])

    def backward(self, upstream=1.0):
        self.grad += upstream
        for parent, local in self.parents:
            parent.backward(upstream * local)


def grow(x, w, number):
    while number(x) < 50:
        x = x * w + w
    return x


w = Value(3.0)
y = grow(Value(1.0), w, lambda v: v.number)
y.backward()
print("twenty lines of Python:", y.number, w.grad)
# > twenty lines of Python: 66.0 61.0

w = torch.tensor(3.0, requires_grad=True)
y = grow(torch.tensor(1.0), w, torch.Tensor.item)
y.backward()
print("torch:", y.item(), w.grad.item())
# > torch: 66.0 61.0
# --8<-- [end:unique-to-pytorch]

# --8<-- [start:record-and-replay]
import torch

a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0])
d = (a * b).sum()

node = d.grad_fn
recorded = [node.name()]
while node.next_functions:
    node = node.next_functions[0][0]
    recorded.append(node.name().rpartition("::")[2])
print("from the result to the leaf:", *recorded, sep="\n    ")
# > from the result to the leaf:
# >     SumBackward0
# >     MulBackward0
# >     AccumulateGrad
multiplication = d.grad_fn.next_functions[0][0]
print("on the side of b:", multiplication.next_functions[1][0])
# > on the side of b: None

d.backward()
print("replayed backwards:", a.grad.tolist())
# > replayed backwards: [3.0, 4.0]
try:
    d.backward()
except RuntimeError as error:
    print(str(error).split("(")[0])
# > Trying to backward through the graph a second time
# --8<-- [end:record-and-replay]

# --8<-- [start:pytorch-or-tensorflow]
import gc
import weakref

import torch
from torch import nn
from torch.nn import functional as F

convolution = nn.Conv2d(3, 8, kernel_size=3)  # the layer, in one line
print("convolution:", tuple(convolution(torch.ones(1, 3, 8, 8)).shape))
# > convolution: (1, 8, 6, 6)

torch.manual_seed(0)
x = torch.rand(64, 1)  # (64, 1)
steps, kept = [], []
for _ in range(10):
    model = nn.Linear(1, 1)
    step = 0
    while (loss := F.mse_loss(model(x), 2 * x)) > 0.01:
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.5 * parameter.grad
        step += 1
    steps.append(step)
    kept.append(weakref.ref(loss))
    del loss
gc.collect()
print("trainings:", len(steps), "of different lengths:", len(set(steps)) > 1)
# > trainings: 10 of different lengths: True
print("graphs left to clear:", sum(graph() is not None for graph in kept))
# > graphs left to clear: 0
# --8<-- [end:pytorch-or-tensorflow]

# --8<-- [start:thirty-questions]
import torch
from torch import nn, optim
from torch.nn import functional as F

t, layer = torch.arange(6.0).view(2, 3), nn.Linear(2, 1)
w, norm = torch.ones(2, requires_grad=True), nn.BatchNorm1d(2)
facts = [
    torch.is_tensor(w) and w.sum().grad_fn is not None,
    (t.shape, t.dtype, t.stride()) == ((2, 3), torch.float32, (3, 1)),
    isinstance(torch.Tensor, type) and not isinstance(torch.tensor, type),
    not any(issubclass(c, nn.Module) for c in (optim.SGD, torch.Tensor)),
    nn.Linear(28, 5)(torch.ones(1, 28, 28)).shape == (1, 28, 5),
    t.view(6).data_ptr() == t.data_ptr() != t.t().reshape(6).data_ptr(),
    torch.manual_seed(7).initial_seed() == torch.initial_seed() == 7,
    sum(p.numel() for p in layer.parameters()) == 3,
    torch.from_numpy(t.numpy()).data_ptr() == t.data_ptr(),
    torch.arange(24).view(6, 4)[:, :2].view(3, 2, 2).stride() == (8, 4, 1),
    torch.cat([t, t]).shape == (4, 3) and torch.stack([t, t]).ndim == 3,
    (torch.ones(4, 1) - torch.ones(4)).shape == (4, 4),
    w.is_leaf and not (w * 2).is_leaf and w.grad is None,
    [(3 * w).sum().backward() for _ in "ab"] and w.grad.tolist() == [6, 6],
    not w.detach().requires_grad and w.detach().data_ptr() == w.data_ptr(),
    F.dropout(torch.ones(99)).eq(0).any() and nn.Dropout().eval()(w) is w,
    set(norm.state_dict()) > {name for name, _ in norm.named_parameters()},
    len(list(nn.ModuleList([layer]).parameters())) == 2,
    norm.train()(torch.randn(8, 2)).mean().abs() < 1e-5,
    nn.LayerNorm(3)(t).mean(1).abs().max() < 1e-5,
    nn.Conv2d(4, 6, 3, groups=2).weight.shape == (6, 2, 3, 3),
    F.conv2d(torch.ones(1, 1, 7, 7), torch.ones(1, 1, 3, 3)).shape[2] == 5,
    F.cross_entropy(torch.zeros(1, 8), torch.tensor([3])).exp().round() == 8,
    optim.SGD([w], momentum=0.9).param_groups[0]["lr"] == 1e-3,
    issubclass(optim.AdamW, optim.Adam) and "step" not in vars(optim.AdamW),
    nn.utils.clip_grad_norm_([w], 1.0) > 1 >= w.grad.norm(),
    [len(b) for b in torch.utils.data.DataLoader(range(10), 4)] == [4, 4, 2],
    layer.double() is layer and t.double() is not t,
    not layer.requires_grad_(False)(torch.ones(1, 2).double()).requires_grad,
    next(iter(nn.DataParallel(layer).state_dict())) == "module.weight",
]
print("facts that hold:", sum(map(bool, facts)), "of", len(facts))
# > facts that hold: 30 of 30
# --8<-- [end:thirty-questions]
