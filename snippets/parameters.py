"""What a Parameter is for, what a module registers, and what a file keeps."""

# --8<-- [start:parameter-or-variable]
import torch
from torch import nn
from torch.autograd import Variable

t = torch.ones(3)
p = nn.Parameter(t)  # (3,)
print("base class:", nn.Parameter.__base__.__name__)
# > base class: Tensor
print("subclass of Variable:", issubclass(nn.Parameter, Variable))
# > subclass of Variable: False
print("p is a Variable:", isinstance(p, Variable))
# > p is a Variable: True
print("t is a Variable:", isinstance(t, Variable))
# > t is a Variable: True
print("type of Variable(t):", type(Variable(t)).__name__)
# > type of Variable(t): Tensor

print("Parameter requires grad:", p.requires_grad)
# > Parameter requires grad: True
print("Variable requires grad:", Variable(t).requires_grad)
# > Variable requires grad: False
print("p lies in the memory of t:", p.data_ptr() == t.data_ptr())
# > p lies in the memory of t: True
print("t requires grad:", t.requires_grad)
# > t requires grad: False

print("type of p:", type(p).__name__)
# > type of p: Parameter
print("type of p * 2:", type(p * 2).__name__)
# > type of p * 2: Tensor
try:
    nn.Parameter(torch.tensor([1, 2, 3]))
except RuntimeError as error:
    print(error)
# > Only Tensors of floating point and complex dtype can require gradients
# --8<-- [end:parameter-or-variable]

# --8<-- [start:parameter-or-variable-registration]
import torch
from torch import nn


class Affine(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.shift = torch.ones(3, requires_grad=True)

    def forward(self, x):
        return x * self.scale + self.shift


net = Affine()
optimizer = torch.optim.SGD(net.parameters(), lr=0.25)
net(torch.ones(2, 3)).sum().backward()
optimizer.step()
print("gradient of scale:", net.scale.grad.tolist())
# > gradient of scale: [2.0, 2.0, 2.0]
print("gradient of shift:", net.shift.grad.tolist())
# > gradient of shift: [2.0, 2.0, 2.0]
print("scale after the step:", net.scale.tolist())
# > scale after the step: [0.5, 0.5, 0.5]
print("shift after the step:", net.shift.tolist())
# > shift after the step: [1.0, 1.0, 1.0]
print("saved:", list(net.state_dict()))
# > saved: ['scale']

restored = Affine()
restored.load_state_dict(net.state_dict())
print("scale restored:", torch.equal(restored.scale, net.scale))
# > scale restored: True
layer = nn.Linear(3, 2)
print("in Linear:", type(layer.weight).__name__, type(layer.bias).__name__)
# > in Linear: Parameter Parameter
# --8<-- [end:parameter-or-variable-registration]

# --8<-- [start:parameter-or-buffer]
import torch
from torch import nn

from snippets.toolbox.parameters import summarize_state


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.frozen = nn.Parameter(torch.ones(2), requires_grad=False)
        self.register_buffer("mean", torch.ones(2))
        self.mask = nn.Buffer(torch.ones(2), persistent=False)
        self.plain = torch.ones(2)


layer = Layer()
for entry in summarize_state(layer):
    trained, saved = entry.trained, entry.saved
    print(f"{entry.name}: {entry.kind}, {trained=}, {saved=}")
# > weight: parameter, trained=True, saved=True
# > frozen: parameter, trained=False, saved=True
# > mean: buffer, trained=False, saved=True
# > mask: buffer, trained=False, saved=False
print("state_dict:", list(layer.state_dict()))
# > state_dict: ['weight', 'frozen', 'mean']

optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
names = ["weight", "frozen", "mean", "mask", "plain"]
sum(getattr(layer, name) for name in names).sum().backward()
optimizer.step()
values = {name: getattr(layer, name).tolist() for name in names}
print("updated:", [name for name in names if values[name] != [1, 1]])
# > updated: ['weight']

layer.to("meta")
devices = {name: getattr(layer, name).device.type for name in names}
print("moved:", [name for name in names if devices[name] == "meta"])
# > moved: ['weight', 'frozen', 'mean', 'mask']
# --8<-- [end:parameter-or-buffer]

# --8<-- [start:parameter-or-buffer-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

net = nn.Module()
net.weight = nn.Parameter(torch.ones(2))
net.frozen = nn.Parameter(torch.ones(2), requires_grad=False)
net.mean = nn.Buffer(torch.ones(2))
net.mask = nn.Buffer(torch.ones(2), persistent=False)
net.plain = torch.ones(2, requires_grad=True)
rows = {
    "Parameter": "weight",
    "Parameter,\nrequires_grad=False": "frozen",
    "buffer": "mean",
    "buffer,\npersistent=False": "mask",
    "plain tensor": "plain",
}
sum(getattr(net, name) for name in rows.values()).sum().backward()
torch.optim.SGD(net.parameters(), lr=0.5).step()
updated = [n for n in rows.values() if (getattr(net, n) != 1).any()]
net.to("meta")
moved = [n for n in rows.values() if getattr(net, n).is_meta]
facts = {
    "in\nparameters()": dict(net.named_parameters()),
    "changed by\nthe optimizer": updated,
    "in\nstate_dict()": net.state_dict(),
    "moved\nby .to()": moved,
}
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
for x, names in enumerate(facts.values()):
    for y, name in enumerate(rows.values()):
        color, mark = ("C2", "\u2713") if name in names else ("C5", "\u2717")
        ax.bar(x, height=0.88, width=0.92, bottom=y - 0.44, fc=(color, 0.2))
        ax.text(x, y, mark, ha="center", va="center", size=17, color=color)
ax.set(xlim=(-0.5, 3.5), ylim=(4.5, -0.5))
ax.set_xticks(range(4), facts)
ax.set_yticks(range(5), rows)
ax.tick_params(length=0, labeltop=True, labelbottom=False)
ax.spines[:].set_visible(False)
plt.show()
# --8<-- [end:parameter-or-buffer-figure]

# --8<-- [start:parameter-or-buffer-saved]
import torch
from torch import nn

torch.manual_seed(0)
norm = nn.BatchNorm1d(3)
norm.last = norm(5 + torch.randn(64, 3))  # (64, 3)
norm.eval()
parameters = dict(norm.named_parameters())
buffers = dict(norm.named_buffers())
print("parameters:", list(parameters))
# > parameters: ['weight', 'bias']
print("buffers:", list(buffers))
# > buffers: ['running_mean', 'running_var', 'num_batches_tracked']
print("saved:", norm.state_dict().keys() == (parameters | buffers).keys())
# > saved: True
print("last is saved:", "last" in norm.state_dict())
# > last is saved: False

x = torch.randn(4, 3)  # (4, 3)
whole = nn.BatchNorm1d(3).eval()
whole.load_state_dict(norm.state_dict())
print("all restored, same output:", torch.equal(whole(x), norm(x)))
# > all restored, same output: True
bare = nn.BatchNorm1d(3).eval()
missing = bare.load_state_dict(parameters, strict=False).missing_keys
print("not restored:", missing)
# > not restored: ['running_mean', 'running_var']
print("without them, same output:", torch.allclose(bare(x), norm(x)))
# > without them, same output: False
# --8<-- [end:parameter-or-buffer-saved]

# --8<-- [start:what-gets-registered]
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.scaled = 0.1 * nn.Parameter(torch.ones(2))
        self.variable = torch.ones(2, requires_grad=True)
        self.layers = [nn.Linear(2, 2, bias=False)]


net = Net()
print("registered:", [name for name, _ in net.named_parameters()])
# > registered: ['weight']
net.late = nn.Parameter(torch.ones(2))
print("after __init__:", [name for name, _ in net.named_parameters()])
# > after __init__: ['weight', 'late']
print("saved:", list(net.state_dict()))
# > saved: ['weight', 'late']
print("in __dict__:", [name for name in vars(net) if name[0] != "_"])
# > in __dict__: ['training', 'scaled', 'variable', 'layers']

net.to("meta")
print("weight:", net.weight.device)
# > weight: meta
print("variable:", net.variable.device)
# > variable: cpu
print("layer in the list:", net.layers[0].weight.device)
# > layer in the list: cpu

net.variable = nn.Parameter(net.variable)
net.layers = nn.ModuleList(net.layers)
print("now:", [name for name, _ in net.named_parameters()])
# > now: ['weight', 'late', 'variable', 'layers.0.weight']
# --8<-- [end:what-gets-registered]

# --8<-- [start:what-gets-registered-overwrite]
import torch
from torch import nn

layer = nn.Linear(2, 2)
optimizer = torch.optim.SGD(layer.parameters())
old = layer.weight
try:
    layer.weight = torch.zeros(2, 2)
except TypeError as error:
    print(str(error).replace(" (", "\n("))
# > cannot assign 'torch.FloatTensor' as parameter 'weight'
# > (torch.nn.Parameter or None expected)

with torch.no_grad():
    layer.weight.zero_()
print("in place, same object:", layer.weight is old)
# > in place, same object: True
layer.weight = nn.Parameter(torch.zeros(2, 2))
held = {id(p) for p in optimizer.param_groups[0]["params"]}
print("new object, known to the optimizer:", id(layer.weight) in held)
# > new object, known to the optimizer: False
# --8<-- [end:what-gets-registered-overwrite]

# --8<-- [start:what-gets-registered-none]
import torch
from torch import nn

layer = nn.Linear(2, 2)
layer.bias = None
print("saved:", list(layer.state_dict()))
# > saved: ['weight']
print("still runs:", tuple(layer(torch.ones(1, 2)).shape))
# > still runs: (1, 2)
try:
    layer.bias = torch.zeros(2)
except TypeError as error:
    print(str(error).split(" (")[0])
# > cannot assign 'torch.FloatTensor' as parameter 'bias'

del layer.bias
try:
    layer(torch.ones(1, 2))
except AttributeError as error:
    print(error)
# > 'Linear' object has no attribute 'bias'
layer.bias = torch.zeros(2)
print("a plain tensor now, saved:", list(layer.state_dict()))
# > a plain tensor now, saved: ['weight']

layer.register_parameter("gain", None)
print("gain:", layer.gain, "saved:", list(layer.state_dict()))
# > gain: None saved: ['weight']
layer.gain = nn.Parameter(torch.ones(1))
print("filled, saved:", list(layer.state_dict()))
# > filled, saved: ['weight', 'gain']
# --8<-- [end:what-gets-registered-none]

# --8<-- [start:iterate-parameters]
import torch
from torch import nn

from snippets.toolbox.parameters import count_parameters

net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
for name, parameter in net.named_parameters():
    print(name, tuple(parameter.shape))
# > 0.weight (2, 3)
# > 0.bias (2,)
# > 1.weight (2,)
# > 1.bias (2,)
print("left out:", [name for name, _ in net.named_buffers()])
# > left out: ['1.running_mean', '1.running_var', '1.num_batches_tracked']
print(count_parameters(net))
# > ParameterCount(trainable=12, frozen=0)

print("type:", type(net.parameters()).__name__)
# > type: generator
try:
    net.parameters()[0]
except TypeError as error:
    print(error)
# > 'generator' object is not subscriptable
print("by name:", tuple(net.get_parameter("0.weight").shape))
# > by name: (2, 3)
print("net.Parameters exists:", hasattr(net, "Parameters"))
# > net.Parameters exists: False

pending = net.parameters()
print("first pass, second pass:", len(list(pending)), len(list(pending)))
# > first pass, second pass: 4 0
try:
    torch.optim.SGD(pending)
except ValueError as error:
    print(error)
# > optimizer got an empty parameter list
# --8<-- [end:iterate-parameters]

# --8<-- [start:iterate-parameters-item]
import torch
from torch import nn

with torch.no_grad():
    net = nn.Linear(3, 2)
print("trainable:", [p.requires_grad for p in net.parameters()])
# > trainable: [True, True]

weight = net.weight
print("shape:", tuple(weight.shape), "leaf:", weight.is_leaf)
# > shape: (2, 3) leaf: True
print("data:", type(weight.data).__name__, weight.data.requires_grad)
# > data: Tensor False
print("data shares:", weight.data.data_ptr() == weight.data_ptr())
# > data shares: True
print("grad at first:", weight.grad)
# > grad at first: None
net(torch.ones(1, 3)).sum().backward()
print("grad after backward:", weight.grad.tolist())
# > grad after backward: [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
print("require_grad exists:", hasattr(weight, "require_grad"))
# > require_grad exists: False
# --8<-- [end:iterate-parameters-item]

# --8<-- [start:iterate-parameters-shared]
from torch import nn

from snippets.toolbox.parameters import count_parameters

net = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 10, bias=False))
print("separate:", count_parameters(net).trainable)
# > separate: 80
net[1].weight = net[0].weight  # (10, 4)
print("shared:", count_parameters(net).trainable)
# > shared: 40

print("names:", [name for name, _ in net.named_parameters()])
# > names: ['0.weight']
every = net.named_parameters(remove_duplicate=False)
print("all names:", [name for name, _ in every])
# > all names: ['0.weight', '1.weight']
state = net.state_dict()
print("state_dict:", list(state))
# > state_dict: ['0.weight', '1.weight']
addresses = {tensor.data_ptr() for tensor in state.values()}
print("tensors in memory:", len(addresses))
# > tensors in memory: 1
# --8<-- [end:iterate-parameters-shared]

# --8<-- [start:save-and-load]
import io

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
file = io.BytesIO()
torch.save(net.state_dict(), file)
file.seek(0)
state = torch.load(file, map_location="cpu")
print("type:", type(state).__name__)
# > type: OrderedDict
print("keys:", list(state))
# > keys: ['0.weight', '0.bias', '1.weight', '1.bias']

fresh = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
weight, address = fresh[0].weight, fresh[0].weight.data_ptr()
print(fresh.load_state_dict(state))
# > <All keys matched successfully>
x = torch.randn(5, 3)  # (5, 3)
print("same output as net:", torch.equal(fresh(x), net(x)))
# > same output as net: True
print("same Parameter:", fresh[0].weight is weight)
# > same Parameter: True
print("same memory:", weight.data_ptr() == address)
# > same memory: True

best = net.state_dict()
with torch.no_grad():
    net[0].weight.zero_()
print("best has followed:", not best["0.weight"].any())
# > best has followed: True
print("the file has not:", bool(state["0.weight"].any()))
# > the file has not: True
# --8<-- [end:save-and-load]

# --8<-- [start:save-and-load-strict]
import torch
from torch import nn

net = nn.Linear(3, 2)
weight = net.weight.detach().clone()  # (2, 3)
state = nn.DataParallel(net).state_dict()
plain = nn.Linear(3, 2)
try:
    plain.load_state_dict(state)
except RuntimeError as error:
    for line in str(error).splitlines():
        print(line.strip())
# > Error(s) in loading state_dict for Linear:
# > Missing key(s) in state_dict: "weight", "bias".
# > Unexpected key(s) in state_dict: "module.weight", "module.bias".

result = plain.load_state_dict(state, strict=False)
print("strict=False, missing:", result.missing_keys)
# > strict=False, missing: ['weight', 'bias']
print("loaded:", torch.equal(plain.weight, weight))
# > loaded: False
state = {key.removeprefix("module."): state[key] for key in state}
print(plain.load_state_dict(state))
# > <All keys matched successfully>
print("loaded:", torch.equal(plain.weight, weight))
# > loaded: True

old = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 4))
new = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 5))
try:
    new.load_state_dict(old.state_dict(), strict=False)
except RuntimeError as error:
    for line in str(error).splitlines()[1:]:
        print(line.strip().split(":")[0])
# > size mismatch for 1.weight
# > size mismatch for 1.bias
print("first layer loaded:", torch.equal(new[0].weight, old[0].weight))
# > first layer loaded: True
# --8<-- [end:save-and-load-strict]

# --8<-- [start:save-and-load-strict-figure]
from contextlib import suppress

import matplotlib.pyplot as plt
from torch import nn


def build(classes, extra):
    layers = {"body": nn.Linear(3, 4), extra: nn.Linear(4, 4)}
    return nn.ModuleDict(layers | {"head": nn.Linear(4, classes)})


file, net = build(10, "aux").state_dict(), build(2, "neck")
with suppress(RuntimeError):
    net.load_state_dict(file, strict=False)
ours = net.state_dict()
fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
for y, key in enumerate(sorted(file.keys() | ours.keys())):
    if key not in ours:
        color, verdict = "C1", "unexpected"
    elif key not in file:
        color, verdict = "C4", "missing"
    elif file[key].equal(ours[key]):
        color, verdict = "C2", "copied"
    else:
        color, verdict = "C5", "size mismatch"
    for x, state in ((0, file), (4.6, ours)):
        if key in state:
            box = plt.Rectangle((x, y), 3, 0.8, fc=(color, 0.25), ec=color)
            ax.add_patch(box)
            label = f"{key} {tuple(state[key].shape)}"
            ax.text(x + 1.5, y + 0.4, label, ha="center", va="center")
    ax.text(3.8, y + 0.4, verdict, ha="center", va="center", color=color)
ax.text(1.5, -0.5, "file", ha="center", size=12)
ax.text(6.1, -0.5, "model", ha="center", size=12)
ax.set(xlim=(-0.1, 7.7), ylim=(8, -1))
ax.axis("off")
plt.show()
# --8<-- [end:save-and-load-strict-figure]

# --8<-- [start:save-and-load-weights-only]
import io
import pickle

import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 2))
file = io.BytesIO()
torch.save({"model": net.state_dict(), "epoch": 3}, file)
file.seek(0)
print("dict of tensors and numbers:", list(torch.load(file)))
# > dict of tensors and numbers: ['model', 'epoch']

file = io.BytesIO()
torch.save(net, file)
file.seek(0)
try:
    torch.load(file)
except pickle.UnpicklingError as error:
    message = str(error)
print(message.split(". ")[0])
# > Weights only load failed
print(message[message.index("In PyTorch") :].split(" argument")[0])
# > In PyTorch 2.6, we changed the default value of the `weights_only`
start = message.index("Unsupported global")
print(message[start:].split(" was")[0])
# > Unsupported global: GLOBAL torch.nn.modules.container.Sequential

file.seek(0)
with torch.serialization.safe_globals([nn.Sequential]):
    try:
        torch.load(file)
    except pickle.UnpicklingError as error:
        message = str(error)
start = message.index("Unsupported global")
print(message[start:].split(" was")[0])
# > Unsupported global: GLOBAL torch.nn.modules.linear.Linear
# --8<-- [end:save-and-load-weights-only]

# --8<-- [start:save-and-load-whole-module]
import io

import torch
from torch import nn


class Net(nn.Linear):
    def forward(self, x):
        return super().forward(x) + 1


x = torch.zeros(1, 3)
net = Net(3, 2)
file = io.BytesIO()
torch.save(net, file)


class Net(nn.Linear):
    def forward(self, x):
        return super().forward(x) + 100


file.seek(0)
loaded = torch.load(file, weights_only=False)
print("difference:", round((loaded(x) - net(x)).mean().item()))
# > difference: 99

del Net
file.seek(0)
try:
    torch.load(file, weights_only=False)
except AttributeError as error:
    print(str(error).split(" on ")[0])
# > Can't get attribute 'Net'
# --8<-- [end:save-and-load-whole-module]

# --8<-- [start:save-and-load-assign]
import io

import torch
from torch import nn

file = io.BytesIO()
torch.save(nn.Linear(3, 2).double().state_dict(), file)
tags = []
file.seek(0)
torch.load(file, map_location=lambda storage, tag: tags.append(tag))
print("device noted in the file:", tags)
# > device noted in the file: ['cpu', 'cpu']
file.seek(0)
moved = torch.load(file, map_location="meta")
print("with map_location:", moved["weight"].device)
# > with map_location: meta
file.seek(0)
state = torch.load(file)

layer = nn.Linear(3, 2)
optimizer = torch.optim.SGD(layer.parameters())
held = optimizer.param_groups[0]["params"][0]
layer.load_state_dict(state)
print("copied:", layer.weight.dtype, "same Parameter:", layer.weight is held)
# > copied: torch.float32 same Parameter: True
layer.load_state_dict(state, assign=True)
print("assigned:", layer.weight.dtype, "same Parameter:", layer.weight is held)
# > assigned: torch.float64 same Parameter: False
shares = layer.weight.data_ptr() == state["weight"].data_ptr()
print("memory of the loaded tensor:", shares)
# > memory of the loaded tensor: True

with torch.device("meta"):
    empty = nn.Linear(3, 2)
print("before:", empty.weight.device)
# > before: meta
empty.load_state_dict(state, assign=True)
print("after:", empty.weight.device)
# > after: cpu
# --8<-- [end:save-and-load-assign]
