"""What a module is, what it registers, and what calling it runs."""

# --8<-- [start:define-a-module]
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 64)
        self.output = nn.Linear(64, 10)

    def forward(self, images):
        x = images.flatten(1)  # (N, 784)
        x = torch.relu(self.hidden(x))  # (N, 64)
        return self.output(x)  # (N, 10)


torch.manual_seed(0)
net = Net()
print(net)
# > Net(
# >   (hidden): Linear(in_features=784, out_features=64, bias=True)
# >   (output): Linear(in_features=64, out_features=10, bias=True)
# > )
scores = net(torch.rand(2, 1, 28, 28))
print("scores:", tuple(scores.shape))
# > scores: (2, 10)
for name, parameter in net.named_parameters():
    print(name, tuple(parameter.shape))
# > hidden.weight (64, 784)
# > hidden.bias (64,)
# > output.weight (10, 64)
# > output.bias (10,)
scores.sum().backward()
print("gradients:", all(p.grad is not None for p in net.parameters()))
# > gradients: True
# --8<-- [end:define-a-module]

# --8<-- [start:define-a-module-contents]
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.gain = nn.Parameter(torch.ones(4, 1, 1))
        self.register_buffer("calls", torch.tensor(0))
        self.function = function

    def forward(self, image, skip=None, *, scale=1.0):
        self.calls += 1
        y = self.function(self.conv(image)) * self.gain * scale
        return y if skip is None else y + skip


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = Block(torch.relu), Block(torch.tanh)


pair = Pair()
image = torch.ones(2, 1, 5, 5)
y = pair.left(image)  # (2, 4, 3, 3)
y = pair.left(image, y, scale=0.5)  # (2, 4, 3, 3)
print("calls:", pair.left.calls.item(), pair.right.calls.item())
# > calls: 2 0
print(list(pair.state_dict())[:4])
# > ['left.gain', 'left.calls', 'left.conv.weight', 'left.conv.bias']
kinds = [isinstance(m, nn.Module) for m in (pair, pair.left.conv)]
print("net and layer are modules:", kinds)
# > net and layer are modules: [True, True]
try:
    pair(image)
except NotImplementedError as error:
    print(error)
# > Module [Pair] is missing the required "forward" function
# --8<-- [end:define-a-module-contents]

# --8<-- [start:call-not-forward]
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
x = torch.rand(2, 3)
seen = []
handle = net.register_forward_hook(lambda module, args, y: seen.append(y))
direct = net.forward(x)
print("hook ran after net.forward(x):", len(seen))
# > hook ran after net.forward(x): 0
called = net(x)
print("hook ran after net(x):", len(seen))
# > hook ran after net(x): 1
print("equal results:", torch.equal(direct, called))
# > equal results: True
handle.remove()
net(x)
print("after handle.remove():", len(seen))
# > after handle.remove(): 1

net.register_forward_hook(lambda module, args, y: y + 10)
print("net(x) has the 10:", torch.equal(net(x), direct + 10))
# > net(x) has the 10: True
print("net.forward(x) lacks it:", torch.equal(net.forward(x), direct))
# > net.forward(x) lacks it: True

lazy = nn.LazyLinear(2)
try:
    lazy.forward(x)
except ValueError as error:
    print(str(error).split(" in ")[0])
# > Attempted to use an uninitialized parameter
print("lazy(x):", tuple(lazy(x).shape))
# > lazy(x): (2, 2)
# --8<-- [end:call-not-forward]

# --8<-- [start:call-not-forward-features]
import torch
from torch import nn


def keep(name):
    def hook(module, args, output):
        features[name] = output.detach()

    return hook


torch.manual_seed(0)
net = nn.Sequential()
net.add_module("conv", nn.Conv2d(3, 8, 3))
net.add_module("relu", nn.ReLU(inplace=True))
net.add_module("pool", nn.AdaptiveAvgPool2d(1))
net.add_module("flat", nn.Flatten())
net.add_module("head", nn.Linear(8, 5))

features = {}
chosen = {"conv": net.conv, "flat": net.flat}
handles = [m.register_forward_hook(keep(n)) for n, m in chosen.items()]
images = torch.rand(2, 3, 6, 6)
scores = net(images)  # (2, 5)
for handle in handles:
    handle.remove()
for name, feature in features.items():
    print(name, tuple(feature.shape))
# > conv (2, 8, 4, 4)
# > flat (2, 8)
same = torch.equal(features["flat"], net[:4](images))
print("flat is net[:4](images):", same)
# > flat is net[:4](images): True
response = net.conv(images)  # (2, 8, 4, 4)
print("conv is net.conv(images):", torch.equal(features["conv"], response))
# > conv is net.conv(images): False
print("it is relu of that:", torch.equal(features["conv"], response.relu()))
# > it is relu of that: True
# --8<-- [end:call-not-forward-features]

# --8<-- [start:call-not-forward-order]
import torch
from torch import nn


class Layer(nn.Linear):
    def forward(self, x):
        events.append(f"forward of {tuple(x.shape)}")
        return super().forward(x)


def before(module, args):
    events.append(f"pre-hook: {len(args)} input")


def after(module, args, output):
    events.append(f"hook: output {tuple(output.shape)}")


def backward(module, grad_input, grad_output):
    events.append(f"backward hook: gradient {tuple(grad_output[0].shape)}")


events = []
layer = Layer(3, 2)
layer.register_forward_hook(after)
layer.register_forward_pre_hook(before)
layer.register_full_backward_hook(backward)
layer(torch.rand(5, 3, requires_grad=True)).sum().backward()
print("\n".join(events))
# > pre-hook: 1 input
# > forward of (5, 3)
# > hook: output (5, 2)
# > backward hook: gradient (5, 2)
# --8<-- [end:call-not-forward-order]

# --8<-- [start:super-init-first]
import torch
from torch import nn


class Child(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(3, 2)


class Weight(nn.Module):
    def __init__(self):
        self.weight = nn.Parameter(torch.ones(2))


class Plain(nn.Module):
    def __init__(self):
        self.factor = 2.0

    def forward(self, x):
        return self.factor * x


for kind in (Child, Weight):
    try:
        kind()
    except AttributeError as error:
        print(f"{kind.__name__}: {error}")
# > Child: cannot assign module before Module.__init__() call
# > Weight: cannot assign parameters before Module.__init__() call

plain = Plain()
print("Plain: built, factor", plain.factor)
# > Plain: built, factor 2.0
try:
    plain(torch.ones(1))
except AttributeError as error:
    print("called:", error)
# > called: 'Plain' object has no attribute '_backward_hooks'
print("plain.forward(1.5):", plain.forward(1.5))
# > plain.forward(1.5): 3.0
# --8<-- [end:super-init-first]

# --8<-- [start:super-init-first-slips]
import torch
from torch import nn


class NoParentheses(nn.Module):
    def __init__(self):
        super().__init__
        self.layer = nn.Linear(3, 2)


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)
        super().__init__()


class Late(nn.Module):
    def __init__(self):
        self.size = 3
        super().__init__()
        self.layer = nn.Linear(self.size, 2)


class Inherited(nn.Linear):
    def forward(self, x):
        return super().forward(x).relu()


try:
    NoParentheses()
except AttributeError as error:
    print("NoParentheses:", error)
# > NoParentheses: cannot assign module before Module.__init__() call
for module in (Twice(), Late(), Inherited(3, 2)):
    print(f"{type(module).__name__}:", len(list(module.parameters())))
# > Twice: 0
# > Late: 2
# > Inherited: 2
# --8<-- [end:super-init-first-slips]

# --8<-- [start:parameters-in-init]
import torch
from torch import nn

net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
print("own parameters of net:", len(list(net.parameters(recurse=False))))
# > own parameters of net: 0

layer = net[0]
layer.scale = nn.Parameter(torch.ones(2))
layer.plain = torch.ones(2, requires_grad=True)
print("set later:", [name for name, _ in layer.named_parameters()])
# > set later: ['weight', 'bias', 'scale']
del layer.scale
print("deleted:", [name for name, _ in layer.named_parameters()])
# > deleted: ['weight', 'bias']

lazy = nn.LazyLinear(3)
optimizer = torch.optim.SGD(lazy.parameters(), lr=0.1)
empty = lazy.weight
print("before the first call:", type(empty).__name__)
# > before the first call: UninitializedParameter
lazy(torch.ones(4, 7)).sum().backward()
print("after it:", type(lazy.weight).__name__, tuple(lazy.weight.shape))
# > after it: Parameter (3, 7)
print("same object:", lazy.weight is empty)
# > same object: True
start = lazy.weight.detach().clone()
optimizer.step()
print("trained:", not torch.equal(lazy.weight, start))
# > trained: True
try:
    torch.optim.Adagrad(nn.LazyLinear(3).parameters())
except ValueError as error:
    print("Adagrad:", str(error).split(" in ")[0])
# > Adagrad: Attempted to use an uninitialized parameter
# --8<-- [end:parameters-in-init]

# --8<-- [start:parameters-in-init-too-late]
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.early = nn.Parameter(torch.ones(2))

    def forward(self, x):
        if not hasattr(self, "late"):
            self.late = nn.Parameter(torch.ones(2))
        return (self.early + self.late) * x


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(2)).sum().backward()
optimizer.step()
print("registered:", [name for name, _ in net.named_parameters()])
# > registered: ['early', 'late']
print("gradient of late:", net.late.grad.tolist())
# > gradient of late: [1.0, 1.0]
print(f"early: {net.early[0]:.1f} {net.early[1]:.1f}")
# > early: 0.9 0.9
print(f"late: {net.late[0]:.1f} {net.late[1]:.1f}")
# > late: 1.0 1.0

try:
    Net().load_state_dict(net.state_dict())
except RuntimeError as error:
    print(str(error).splitlines()[1].strip())
# > Unexpected key(s) in state_dict: "late".

optimizer.add_param_group({"params": [net.late]})
optimizer.step()
print(f"late, once it is known: {net.late[0]:.1f} {net.late[1]:.1f}")
# > late, once it is known: 0.9 0.9
# --8<-- [end:parameters-in-init-too-late]

# --8<-- [start:nn-is-a-package]
import torch
from torch import nn, optim
from torch.utils.data import Dataset

print("nn is a", type(nn).__name__)
# > nn is a module
print("nn.Module is a class:", isinstance(nn.Module, type))
# > nn.Module is a class: True
try:
    issubclass(nn.Linear, nn)
except TypeError as error:
    print(str(error).split(",")[0])
# > issubclass() arg 2 must be a class

for kind in (nn.Linear, nn.ReLU, nn.CrossEntropyLoss, nn.Sequential):
    file = kind.__module__.split(".")[-1]
    print(f"{file}, {kind.__name__}:", issubclass(kind, nn.Module))
# > linear, Linear: True
# > activation, ReLU: True
# > loss, CrossEntropyLoss: True
# > container, Sequential: True
for kind in (optim.SGD, Dataset, torch.Tensor, nn.Parameter):
    print(f"{kind.__name__}:", issubclass(kind, nn.Module))
# > SGD: False
# > Dataset: False
# > Tensor: False
# > Parameter: False

classes = [value for value in vars(nn).values() if isinstance(value, type)]
modules = [kind for kind in classes if issubclass(kind, nn.Module)]
print("modules in nn, more than 100:", len(modules) > 100)
# > modules in nn, more than 100: True
print("other classes, fewer than 10:", len(classes) - len(modules) < 10)
# > other classes, fewer than 10: True

loss = nn.CrossEntropyLoss(weight=torch.ones(3))
print("state of a loss:", list(loss.state_dict()))
# > state of a loss: ['weight']
# --8<-- [end:nn-is-a-package]

# --8<-- [start:how-registration-works]
from torch import nn, tensor


class Mini:
    def __init__(self):
        self._parameters, self._modules = {}, {}

    def __setattr__(self, name, value):
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, Mini):
            self._modules[name] = value
        super().__setattr__(name, value)

    def named_parameters(self, prefix=""):
        for name, parameter in self._parameters.items():
            yield prefix + name, parameter
        for name, child in self._modules.items():
            yield from child.named_parameters(f"{prefix}{name}.")

    def __call__(self, *inputs):
        return self.forward(*inputs)


for base in (Mini, nn.Module):

    class Times(base):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner
            self.factor = nn.Parameter(tensor(2.0))

        def forward(self, x):
            return self.factor * self.inner(x)

    net = Times(Times(abs))
    names = [name for name, _ in net.named_parameters()]
    print(f"{base.__name__}: {names} {net(-3.0).item()}")
# > Mini: ['factor', 'inner.factor'] 12.0
# > Module: ['factor', 'inner.factor'] 12.0
# --8<-- [end:how-registration-works]

# --8<-- [start:how-registration-works-registries]
import torch
from torch import nn

layer = nn.BatchNorm1d(2)
layer.child = nn.Linear(2, 2)
for registry in ("_parameters", "_buffers", "_modules"):
    print(registry, list(vars(layer)[registry]))
# > _parameters ['weight', 'bias']
# > _buffers ['running_mean', 'running_var', 'num_batches_tracked']
# > _modules ['child']
found = [name for name in ("eps", "weight") if name in vars(layer)]
print("ordinary attribute:", found)
# > ordinary attribute: ['eps']
print("same object:", layer.weight is layer._parameters["weight"])
# > same object: True

for name in ("weight", "child"):
    try:
        setattr(layer, name, torch.ones(2))
    except TypeError as error:
        print(str(error).split(" (")[0])
# > cannot assign 'torch.FloatTensor' as parameter 'weight'
# > cannot assign 'torch.FloatTensor' as child module 'child'
layer.running_mean = torch.ones(2)
print("buffer replaced:", layer.state_dict()["running_mean"].tolist())
# > buffer replaced: [1.0, 1.0]

layer.bias = None
del layer.child
print("left:", [name for name, _ in layer.named_parameters()])
# > left: ['weight']
print("entry of bias:", layer._parameters["bias"])
# > entry of bias: None
# --8<-- [end:how-registration-works-registries]

# --8<-- [start:how-registration-works-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))
        self.head = nn.Linear(4, 2)


rows = {}
for path, module in Net().named_modules():
    rows[path] = ("s", "C2", type(module).__name__)
    for name, value in module.named_parameters(path, recurse=False):
        rows[name] = ("o", "C0", tuple(value.shape))
    for name, value in module.named_buffers(path, recurse=False):
        rows[name] = ("o", "C1", tuple(value.shape))

fig, ax = plt.subplots(figsize=(7.2, 5.2), layout="tight")
ink = plt.rcParams["text.color"]
order = list(rows)
for y, (path, (marker, color, detail)) in enumerate(rows.items()):
    parent, _, name = path.rpartition(".")
    x = len(path.split(".")) if path else 0
    if path:
        branch = [order.index(parent), y, y]
        ax.plot([x - 1, x - 1, x], branch, color=ink, lw=0.6)
    ax.plot(x, y, marker, color=color, ms=9, zorder=3)
    ax.text(x + 0.3, y, name or "net", va="center", size=12)
    ax.text(7, y, detail, va="center", size=12)
styles = {"sC2": "module", "oC0": "parameter", "oC1": "buffer"}
for style, label in styles.items():
    ax.plot([], [], style, ms=9, label=label)
ax.legend(loc="upper left", ncols=3)
ax.set(xlim=(-0.3, 8.7), ylim=(len(rows) - 0.5, -2.2))
ax.axis("off")
plt.show()
# --8<-- [end:how-registration-works-figure]

# --8<-- [start:build-a-sequential]
from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(0)
first = nn.Sequential()
first.add_module("conv", nn.Conv2d(3, 4, 3))
first.add_module("norm", nn.BatchNorm2d(4))
first.add_module("relu", nn.ReLU())

second = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())

named = OrderedDict(
    conv1=nn.Conv2d(3, 4, 3),
    bn1=nn.BatchNorm2d(4),
    relu1=nn.ReLU(),
)
third = nn.Sequential(named)

values = first.state_dict().values()
x = torch.rand(2, 3, 8, 8)
y = first(x)  # (2, 4, 6, 6)
for net in (second, third):
    names = net.state_dict()
    net.load_state_dict(dict(zip(names, values, strict=True)))
    print("same output:", torch.equal(net(x), y))
# > same output: True
# > same output: True
for net in (first, second, third):
    print([name for name in net.state_dict() if "weight" in name])
# > ['conv.weight', 'norm.weight']
# > ['0.weight', '1.weight']
# > ['conv1.weight', 'bn1.weight']
print("is a Module:", issubclass(nn.Sequential, nn.Module))
# > is a Module: True
print("first.conv is first[0]:", first.conv is first[0])
# > first.conv is first[0]: True
# --8<-- [end:build-a-sequential]

# --8<-- [start:build-a-sequential-block]
import torch
from torch import nn


def block(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs), nn.ReLU())


net = nn.Sequential(block(4, 8), block(8, 8), nn.Linear(8, 1))
x = torch.rand(2, 4)
print("output:", tuple(net(x).shape))
# > output: (2, 1)
print("weights:", [name for name in net.state_dict() if "weight" in name])
# > weights: ['0.0.weight', '1.0.weight', '2.weight']
print("without the head:", tuple(net[:-1](x).shape))
# > without the head: (2, 8)

net.insert(0, nn.BatchNorm1d(4))
print("after insert:", [name for name in net.state_dict() if "weight" in name])
# > after insert: ['0.weight', '1.0.weight', '2.0.weight', '3.weight']

lazy = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
lazy(x)
print("sizes found:", lazy[0].in_features, lazy[2].in_features)
# > sizes found: 4 8
# --8<-- [end:build-a-sequential-block]

# --8<-- [start:build-a-sequential-errors]
import torch
from torch import nn

layers = [nn.Linear(4, 8), nn.ReLU()]
for wrong in (layers, {"linear": layers[0], "relu": layers[1]}):
    try:
        nn.Sequential(wrong)
    except TypeError as error:
        print(error)
# > list is not a Module subclass
# > dict is not a Module subclass
net = nn.Sequential(*layers)
x = torch.rand(2, 4)
print("unpacked:", tuple(net(x).shape))
# > unpacked: (2, 8)

try:
    net(x, x)
except TypeError as error:
    print(error)
# > Sequential.forward() takes 2 positional arguments but 3 were given
try:
    nn.Sequential(nn.LSTM(4, 8), nn.Linear(8, 1))(x)
except TypeError as error:
    print(str(error).split(") ")[-1])
# > must be Tensor, not tuple

repeated = nn.Sequential(*[nn.Linear(4, 4)] * 3)
print("three places:", len(repeated))
# > three places: 3
print("parameters:", len(list(repeated.parameters())))
# > parameters: 2
# --8<-- [end:build-a-sequential-errors]

# --8<-- [start:module-list-or-list]
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, container):
        super().__init__()
        self.layers = container(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return x


nets = {"list": Net(list), "ModuleList": Net(nn.ModuleList)}
for name, net in nets.items():
    print(f"{name}: output", tuple(net(torch.rand(2, 4)).shape))
    print(f"{name}: {len(list(net.parameters()))} parameters")
    print(f"{name}: {len(net.state_dict())} tensors in state_dict")
    net.to(torch.float64).eval()
    layer = net.layers[0]
    print(f"{name}: {layer.weight.dtype}, training {layer.training}")
# > list: output (2, 4)
# > list: 0 parameters
# > list: 0 tensors in state_dict
# > list: torch.float32, training True
# > ModuleList: output (2, 4)
# > ModuleList: 6 parameters
# > ModuleList: 6 tensors in state_dict
# > ModuleList: torch.float64, training False
try:
    torch.optim.SGD(nets["list"].parameters(), lr=0.1)
except ValueError as error:
    print(error)
# > optimizer got an empty parameter list
# --8<-- [end:module-list-or-list]

# --8<-- [start:module-list-or-list-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, container):
        super().__init__()
        self.layers = container([nn.Linear(1, 16), nn.Linear(16, 16)])
        self.head = nn.Linear(16, 1)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return self.head(x)


x = torch.linspace(-2, 2, 64)[:, None]  # (64, 1)
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), layout="tight")
for shift, container in ((-0.2, list), (0.2, nn.ModuleList)):
    torch.manual_seed(0)
    net = Net(container)
    weights = [layer.weight for layer in (*net.layers, net.head)]
    pairs = [(weight, weight.detach().clone()) for weight in weights]
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(300):
        loss = (net(x) - x.mul(3).sin()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    moved = [(weight - start).norm().item() for weight, start in pairs]
    axes[0].semilogy(losses, label=container.__name__)
    axes[1].bar([place + shift for place in range(3)], moved, width=0.4)
axes[0].set(xlabel="step", ylabel="loss")
axes[0].legend()
axes[1].set(ylabel="how far the weight moved")
axes[1].set_xticks(range(3), ["layers[0]", "layers[1]", "head"])
plt.show()
# --8<-- [end:module-list-or-list-figure]

# --8<-- [start:module-list-or-list-methods]
import torch
from torch import nn

layers = nn.ModuleList([nn.Linear(4, 4)])
layers.append(nn.ReLU())
layers.extend([nn.Linear(4, 2), nn.Tanh()])
layers.insert(0, nn.Flatten())
last = layers.pop(-1)
print([type(layer).__name__ for layer in layers])
# > ['Flatten', 'Linear', 'ReLU', 'Linear']
print("popped:", type(last).__name__)
# > popped: Tanh
print("length:", len(layers), "slice:", type(layers[1:]).__name__)
# > length: 4 slice: ModuleList
try:
    layers(torch.rand(2, 4))
except NotImplementedError as error:
    print(error)
# > Module [ModuleList] is missing the required "forward" function
print("as Sequential:", tuple(nn.Sequential(*layers)(torch.rand(2, 4)).shape))
# > as Sequential: (2, 2)

heads = nn.ModuleDict({"age": nn.Linear(4, 1), "name": nn.Linear(4, 9)})
features = torch.rand(2, 4)
print({task: tuple(head(features).shape) for task, head in heads.items()})
# > {'age': (2, 1), 'name': (2, 9)}
print("weights:", [name for name in heads.state_dict() if "weight" in name])
# > weights: ['age.weight', 'name.weight']
for key in ("first.name", "type"):
    try:
        heads[key] = nn.Linear(4, 1)
    except KeyError as error:
        print(error.args[0])
# > module name can't contain ".", got: first.name
# > attribute 'type' already exists
# --8<-- [end:module-list-or-list-methods]
