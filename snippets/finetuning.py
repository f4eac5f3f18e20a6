"""What fine-tuning trains, what freezing stops, and what it saves."""

# --8<-- [start:how-to-finetune]
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision.models import resnet18

torch.manual_seed(0)
model = resnet18(weights=None)  # weights="DEFAULT" loads trained ones
for parameter in model.parameters():
    parameter.requires_grad = False
print("old head:", model.fc)
# > old head: Linear(in_features=512, out_features=1000, bias=True)
model.fc = nn.Linear(model.fc.in_features, 100)
trained = [n for n, p in model.named_parameters() if p.requires_grad]
print("requires grad:", trained)
# > requires grad: ['fc.weight', 'fc.bias']

head = list(model.fc.parameters())
optimizer = torch.optim.SGD(head, lr=1e-2, momentum=0.9)
before = {n: p.detach().clone() for n, p in model.named_parameters()}
images = torch.rand(2, 3, 64, 64)  # (N, C, H, W)
cross_entropy(model(images), torch.tensor([3, 42])).backward()
optimizer.step()
after = dict(model.named_parameters())
print("changed:", [n for n in before if not before[n].equal(after[n])])
# > changed: ['fc.weight', 'fc.bias']

model.requires_grad_(True)
body = [p for n, p in model.named_parameters() if not n.startswith("fc.")]
groups = [{"params": body}, {"params": head, "lr": 1e-2}]
optimizer = torch.optim.SGD(groups, lr=1e-3, momentum=0.9)
for group in optimizer.param_groups:
    print("rate", group["lr"], "for", len(group["params"]), "tensors")
# > rate 0.001 for 60 tensors
# > rate 0.01 for 2 tensors
# --8<-- [end:how-to-finetune]

# --8<-- [start:how-to-finetune-traps]
import torch
from torch import nn
from torchvision.models import resnet18, resnet50

line = "model = build() for p in model.parameters(): p.requires_grad = False"
try:
    compile(line, "one line", "exec")
except SyntaxError as error:
    print("all on one line:", type(error).__name__)
# > all on one line: SyntaxError

model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))
model[1] = nn.Linear(8, 3)
model.requires_grad_(False)
try:
    model(torch.ones(2, 8)).sum().backward()
except RuntimeError as error:
    print("frozen after replacing:", str(error).split(" and ")[0])
# > frozen after replacing: element 0 of tensors does not require grad

with torch.device("meta"):
    models = {"resnet18": resnet18(), "resnet50": resnet50()}
for name, model in models.items():
    print(name, "head:", model.fc.in_features, "->", model.fc.out_features)
# > resnet18 head: 512 -> 1000
# > resnet50 head: 2048 -> 1000
try:
    nn.Linear(512, 100)(torch.ones(2, 2048))
except RuntimeError as error:
    print("512:", str(error).split(": ")[-1])
# > 512: mat1 and mat2 shapes cannot be multiplied (2x2048 and 512x100)
# --8<-- [end:how-to-finetune-traps]

# --8<-- [start:freeze-or-leave-out]
import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward


def train(name, frozen, only_head, body_eval=False):
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32), nn.ReLU())
    body.requires_grad_(not frozen).train(not body_eval)
    pool, head = nn.AdaptiveAvgPool2d(1), nn.Linear(32, 10)
    model = nn.Sequential(body, pool, nn.Flatten(), head)
    given = (head if only_head else model).parameters()
    optimizer = torch.optim.SGD(given, lr=0.1, momentum=0.9)
    images, labels = torch.rand(8, 3, 34, 34), torch.arange(8)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    saved = saved_for_backward(lambda: model(images), model.parameters())
    grad = sum(p.grad.nbytes for p in model.parameters() if p.grad is not None)
    state = sum(s["momentum_buffer"].nbytes for s in optimizer.state.values())
    print(f"{name}: saved {saved:,}, gradients {grad:,}, state {state:,}")
    return head.weight


train("A", frozen=False, only_head=False)
# > A: saved 2,209,664, gradients 5,160, state 5,160
b = train("B", frozen=False, only_head=True)
# > B: saved 2,209,664, gradients 5,160, state 1,320
c = train("C", frozen=True, only_head=True)
# > C: saved 1,024, gradients 1,320, state 1,320
d = train("D", frozen=True, only_head=False)
# > D: saved 1,024, gradients 1,320, state 1,320
e = train("E", frozen=True, only_head=True, body_eval=True)
# > E: saved 1,024, gradients 1,320, state 1,320
print("same head in B, C and D:", b.equal(c) and c.equal(d))
# > same head in B, C and D: True
print("same head in C and E:", c.equal(e))
# > same head in C and E: False
# --8<-- [end:freeze-or-leave-out]

# --8<-- [start:freeze-or-leave-out-figure]
import matplotlib.pyplot as plt
import torch
from torch.nn.functional import cross_entropy
from torchvision.models.resnet import BasicBlock, ResNet

from snippets.toolbox.memory import saved_for_backward


def measure(frozen, only_head, training=True):
    model = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=100)
    model.train(training).requires_grad_(not frozen)
    head = model.fc.requires_grad_(True)
    given = (head if only_head else model).parameters()
    optimizer = torch.optim.SGD(given, lr=0.1, momentum=0.9)
    saved = saved_for_backward(lambda: model(images), model.parameters())
    cross_entropy(model(images), labels).backward()
    optimizer.step()
    grad = sum(p.grad.nbytes for p in model.parameters() if p.grad is not None)
    state = sum(s["momentum_buffer"].nbytes for s in optimizer.state.values())
    return [round(size / 2**20, 2) for size in (saved, grad, state)]


images, labels = torch.rand(16, 3, 64, 64), torch.arange(16)
cases = {
    "A: all\ntrained": measure(frozen=False, only_head=False),
    "B: head in\noptimizer": measure(frozen=False, only_head=True),
    "C: frozen,\nlike B": measure(frozen=True, only_head=True),
    "D: frozen,\nall given": measure(frozen=True, only_head=False),
    "E: like C,\neval()": measure(True, True, training=False),
}
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
kinds = ("kept for backward", "gradients", "optimizer state")
for number, sizes in enumerate(zip(*cases.values(), strict=True)):
    places = [case + (number - 1) * 0.3 for case in range(5)]
    bars = ax.bar(places, sizes, 0.28, label=kinds[number])
    ax.bar_label(bars, fmt="%.2g", padding=2)
ax.set(xticks=range(5), xticklabels=cases)
ax.set(yticks=range(0, 21, 5), ylabel="MiB")
ax.legend()
plt.show()
# --8<-- [end:freeze-or-leave-out-figure]

# --8<-- [start:freeze-or-leave-out-clip]
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(8, 64), nn.ReLU()), nn.Linear(64, 3)
model = nn.Sequential(body, head)
inputs, labels = torch.rand(6, 8), torch.arange(6) % 3
optimizer = torch.optim.SGD(head.parameters(), lr=1e-5)
body_norms, head_norms = [], []
for _ in range(3):
    optimizer.zero_grad()
    cross_entropy(model(inputs), labels).backward()
    optimizer.step()
    body_norms.append(body[0].weight.grad.norm())
    head_norms.append(head.weight.grad.norm())
print("body's gradient:", [f"{n / body_norms[0]:.1f}" for n in body_norms])
# > body's gradient: ['1.0', '2.0', '3.0']
print("head's gradient:", [f"{n / head_norms[0]:.1f}" for n in head_norms])
# > head's gradient: ['1.0', '1.0', '1.0']

limit = 1.01 * clip_grad_norm_(head.parameters(), torch.inf).item()
clip_grad_norm_(head.parameters(), limit)
unchanged = head.weight.grad.norm().equal(head_norms[-1])
print("clip over the head, unchanged:", unchanged)
# > clip over the head, unchanged: True
clip_grad_norm_(model.parameters(), limit)
left = head.weight.grad.norm() / head_norms[-1]
print("clip over the model, head shrinks:", bool(left < 0.9))
# > clip over the model, head shrinks: True

body.requires_grad_(False)
print("frozen, gradient gone:", body[0].weight.grad is None)
# > frozen, gradient gone: False
model.zero_grad()
print("after model.zero_grad(), gone:", body[0].weight.grad is None)
# > after model.zero_grad(), gone: True
# --8<-- [end:freeze-or-leave-out-clip]

# --8<-- [start:frozen-batchnorm]
import copy

import torch
from torch import nn

from snippets.toolbox.parameters import freeze


def features():
    return copy.deepcopy(body).eval()(probe)


torch.manual_seed(0)
body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
probe = torch.rand(4, 3, 16, 16)  # (N, C, H, W)
body.requires_grad_(False)
old_features, old_state = features(), copy.deepcopy(body.state_dict())
for _ in range(3):
    body(torch.rand(8, 3, 16, 16))
new_state = body.state_dict()
moved = [n for n in old_state if not old_state[n].equal(new_state[n])]
print("moved:", moved)
# > moved: ['1.running_mean', '1.running_var', '1.num_batches_tracked']
drift = (features() - old_features).abs().max()
print("features drifted by more than 0.1:", bool(drift > 0.1))
# > features drifted by more than 0.1: True

freeze(body)
old_features = features()
for _ in range(3):
    body(torch.rand(8, 3, 16, 16))
print("drift after freeze():", (features() - old_features).abs().max().item())
# > drift after freeze(): 0.0

model = nn.Sequential(body, nn.Flatten(), nn.Linear(8 * 14 * 14, 2))
model.train()
print("after model.train(), training:", body[1].training)
# > after model.train(), training: True
print("requires grad:", any(p.requires_grad for p in body.parameters()))
# > requires grad: False
# --8<-- [end:frozen-batchnorm]

# --8<-- [start:frozen-batchnorm-figure]
import copy

import matplotlib.pyplot as plt
import torch
from torch import nn

from snippets.toolbox.parameters import freeze

torch.manual_seed(0)
probe = torch.randn(32, 3, 16, 16)
body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
for _ in range(40):  # a stand-in for pretraining
    body(torch.randn(16, 3, 16, 16))
trained = body.eval()(probe)
careless = copy.deepcopy(body).requires_grad_(False).train()
careful = freeze(copy.deepcopy(body))
drifts = [], []
for batch in range(41):
    for net, drift in zip((careless, careful), drifts, strict=True):
        change = copy.deepcopy(net).eval()(probe) - trained
        drift.append(100 * (change.abs().mean() / trained.mean()).item())
        net(2 * torch.randn(16, 3, 16, 16) + 1)
    if batch == 19:
        careful.train()

fig, ax = plt.subplots(figsize=(7.2, 3.8), layout="tight")
ax.plot(drifts[0], "C0")
ax.plot(drifts[1], "C1")
ax.axvline(20, color="C2", ls=":")
ax.text(19, 72, "requires_grad_(False) only", color="C0", ha="right")
ax.text(2, 4, "freeze(), which adds eval()", color="C1")
ax.text(21, 4, "model.train() is called", color="C2")
ax.set(xlabel="batches of new data", ylabel="change of the features (%)")
plt.show()
# --8<-- [end:frozen-batchnorm-figure]

# --8<-- [start:frozen-batchnorm-train]
import torch
from torch import nn

from snippets.toolbox.parameters import freeze


class FineTuned(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = freeze(body)
        self.head = head

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x):
        return self.head(self.body(x))


body = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout())
model = FineTuned(body, nn.Sequential(nn.Linear(4, 2), nn.Dropout()))
for _ in range(2):
    model.train()
    model(torch.rand(8, 4)).sum().backward()
    model.eval()
model.train()
print("body:", [m.training for m in model.body])
# > body: [False, False, False]
print("head:", [m.training for m in model.head])
# > head: [True, True]
print("batches tracked:", int(body[1].num_batches_tracked))
# > batches tracked: 0
trained = [n for n, p in model.named_parameters() if p.grad is not None]
print("gradients:", trained)
# > gradients: ['head.0.weight', 'head.0.bias']
# --8<-- [end:frozen-batchnorm-train]

# --8<-- [start:freeze-typo]
import torch
from torch import nn

from snippets.toolbox.parameters import count_parameters

model = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))
for parameter in model.parameters():
    parameter.require_grad = False
print("without the s:", count_parameters(model))
# > without the s: ParameterCount(trainable=46, frozen=0)
print("a new attribute:", vars(parameter))
# > a new attribute: {'require_grad': False}

model.requires_grad = False
print("set on the module:", count_parameters(model))
# > set on the module: ParameterCount(trainable=46, frozen=0)
model(torch.ones(3, 8)).sum().backward()
print("gradients:", all(p.grad is not None for p in model.parameters()))
# > gradients: True

try:
    model.require_grad_(False)
except AttributeError as error:
    print("a method misspelled:", error)
# > a method misspelled: 'Sequential' object has no attribute 'require_grad_'
model.requires_grad_(False)
print("requires_grad_(False):", count_parameters(model))
# > requires_grad_(False): ParameterCount(trainable=0, frozen=46)
# --8<-- [end:freeze-typo]

# --8<-- [start:freeze-by-index]
import torch
from torchvision.models import resnet18, vgg16

with torch.device("meta"):
    model, other = vgg16(), resnet18()
    images = torch.rand(1, 3, 32, 32)  # (N, C, H, W)
indices = [0, 1, 3, 5, 7]
for index, parameter in enumerate(model.parameters()):
    if index in indices:
        parameter.requires_grad = False
names = [name for name, _ in model.named_parameters()]
other_names = [name for name, _ in other.named_parameters()]
for index in indices:
    print(index, names[index], "| in resnet18:", other_names[index])
# > 0 features.0.weight | in resnet18: conv1.weight
# > 1 features.0.bias | in resnet18: bn1.weight
# > 3 features.2.bias | in resnet18: layer1.0.conv1.weight
# > 5 features.5.bias | in resnet18: layer1.0.bn1.bias
# > 7 features.7.bias | in resnet18: layer1.0.bn2.weight

model(images).sum().backward()
for index in (0, 2, 5, 7):
    weight = model.features[index].weight
    print(f"features.{index}.weight trains:", weight.grad is not None)
# > features.0.weight trains: False
# > features.2.weight trains: True
# > features.5.weight trains: True
# > features.7.weight trains: True

model.requires_grad_(True)
model.features[:8].requires_grad_(False)
frozen = [n for n, p in model.named_parameters() if not p.requires_grad]
print("by layer:", len(frozen), "tensors, the last:", frozen[-1])
# > by layer: 8 tensors, the last: features.7.bias
# --8<-- [end:freeze-by-index]

# --8<-- [start:replace-the-head]
import torch
from torch import nn
from torchvision.models import vgg11

with torch.device("meta"):
    model = vgg11()
    images, labels = torch.rand(2, 3, 32, 32), torch.tensor([0, 1])
    width = model.classifier[0].in_features
    head = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 10))
try:
    model.Classifier
except AttributeError as error:
    print(error)
# > 'VGG' object has no attribute 'Classifier'

model.Classifier = head
print("children:", [name for name, _ in model.named_children()])
# > children: ['features', 'avgpool', 'classifier', 'Classifier']
print("output:", tuple(model(images).shape))
# > output: (2, 1000)
optimizer = torch.optim.Adam(model.Classifier.parameters())
nn.functional.cross_entropy(model(images), labels).backward()
optimizer.step()
print("gradients:", [p.grad for p in head.parameters()])
# > gradients: [None, None, None, None]
print("tensors that Adam has updated:", len(optimizer.state))
# > tensors that Adam has updated: 0

model.requires_grad_(False)
model.Classifier.requires_grad_(True)
try:
    model(images).sum().backward()
except RuntimeError as error:
    print("all else frozen:", str(error).split(" and ")[0])
# > all else frozen: element 0 of tensors does not require grad

model.classifier = head
print("with a small c:", tuple(model(images).shape))
# > with a small c: (2, 10)
# --8<-- [end:replace-the-head]

# --8<-- [start:replace-the-head-names]
import torch
from torch import nn
from torchvision.models import get_model

code = "nn.Sequential(nn.Linear(8, 4) nn.ReLU())"
try:
    compile(code, "no comma", "eval")
except SyntaxError as error:
    print("no comma:", type(error).__name__)
# > no comma: SyntaxError
try:
    nn.Linear()
except TypeError as error:
    print("nn.Linear() lacks:", str(error).partition("arguments: ")[2])
# > nn.Linear() lacks: 'in_features' and 'out_features'

names = "resnet18", "alexnet", "densenet121", "vit_b_16", "swin_t"
for name in names:
    with torch.device("meta"):
        model = get_model(name)
    linear = [n for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    head = model.get_submodule(linear[-1])
    print(f"{name}: {linear[-1]}, {head.in_features} inputs")
# > resnet18: fc, 512 inputs
# > alexnet: classifier.6, 4096 inputs
# > densenet121: classifier, 1024 inputs
# > vit_b_16: heads.head, 768 inputs
# > swin_t: head, 768 inputs

with torch.device("meta"):
    model = get_model("alexnet")
    width = model.classifier[-1].in_features
    model.classifier[-1] = nn.Linear(width, 10)
    print("alexnet:", tuple(model(torch.rand(2, 3, 64, 64)).shape))
# > alexnet: (2, 10)
# --8<-- [end:replace-the-head-names]

# --8<-- [start:rates-for-head-and-body]
import torch
from torch import nn
from torchvision.models import resnet18

with torch.device("meta"):
    model = resnet18()
    model.fc = nn.Linear(model.fc.in_features, 100)
head_ids = {id(p) for p in model.fc.parameters()}
names = {id(p): name for name, p in model.named_parameters()}


def show(optimizer):
    for group in optimizer.param_groups:
        tensors = group["params"]
        last = names[id(tensors[-1])] if tensors else "nothing"
        print(f"rate {group['lr']}: {len(tensors)} tensors, last: {last}")


body = filter(lambda p: id(p) not in head_ids, model.parameters())
groups = [{"params": body}, {"params": model.fc.parameters(), "lr": 1e-3}]
show(torch.optim.SGD(groups, lr=1e-2))
# > rate 0.01: 60 tensors, last: layer4.1.bn2.bias
# > rate 0.001: 2 tensors, last: fc.bias

body = filter(lambda p: id(p) not in head_ids, model.parameters())
print(f"numbers in the body: {sum(p.numel() for p in body):,}")
# > numbers in the body: 11,176,512
groups = [{"params": body}, {"params": model.fc.parameters(), "lr": 1e-2}]
show(torch.optim.SGD(groups, lr=1e-3))
# > rate 0.001: 0 tensors, last: nothing
# > rate 0.01: 2 tensors, last: fc.bias

body = [p for p in model.parameters() if id(p) not in head_ids]
print(f"numbers in the body: {sum(p.numel() for p in body):,}")
# > numbers in the body: 11,176,512
groups = [{"params": body}, {"params": model.fc.parameters(), "lr": 1e-2}]
show(torch.optim.SGD(groups, lr=1e-3))
# > rate 0.001: 60 tensors, last: layer4.1.bn2.bias
# > rate 0.01: 2 tensors, last: fc.bias
# --8<-- [end:rates-for-head-and-body]

# --8<-- [start:rates-for-head-and-body-run]
import copy

import torch
from torch import nn
from torch.nn.functional import cross_entropy


def descend(groups, classes, steps):
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = cross_entropy(net(points), classes)
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
points = torch.rand(256, 2) - 0.5  # (N, 2)
wide = (points[:, 0].abs() > points[:, 1].abs()).long()  # (N,)
octant = (points > 0).long() @ torch.tensor([1, 2]) + 4 * wide  # (N,)
layers = nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()
net = pretrained = nn.Sequential(*layers, nn.Linear(64, 8))
descend(net.parameters(), octant, 150)

new_head, losses, moved = nn.Linear(64, 2), [], []
for body_rate, head_rate in ((1e-2, 1e-3), (1e-3, 1e-2)):
    net = copy.deepcopy(pretrained)
    net[4] = copy.deepcopy(new_head)
    groups = [{"params": net[:4].parameters(), "lr": body_rate}]
    groups += [{"params": net[4].parameters(), "lr": head_rate}]
    losses.append(descend(groups, wide, 50))
    moved.append((net[2].weight - pretrained[2].weight).norm().item())
print("faster head, lower loss:", losses[1] < 0.9 * losses[0])
# > faster head, lower loss: True
print("faster head, body moves less:", moved[1] < 0.25 * moved[0])
# > faster head, body moves less: True
# --8<-- [end:rates-for-head-and-body-run]

# --8<-- [start:where-freezing-saves]
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from snippets.toolbox.memory import saved_for_backward


def measure(trained, activation=nn.Tanh):
    model = nn.Sequential()
    for number in range(6):
        layer = nn.Linear(128, 128).requires_grad_(number in trained)
        model.extend([layer, activation()])
    x = torch.rand(1024, 128)  # (N, features)
    saved = saved_for_backward(lambda: model(x), model.parameters())
    loss = model(x).sum()
    with FlopCounterMode(display=False) as counter:
        loss.backward()
    products = counter.get_total_flops() // (2 * 1024 * 128 * 128)
    return f"{saved / 2**20:.2f} MiB kept, matrix products: {products}"


print("all:", measure(trained=range(6)))
# > all: 3.50 MiB kept, matrix products: 11
print("last only:", measure(trained=[5]))
# > last only: 1.00 MiB kept, matrix products: 1
print("first only:", measure(trained=[0]))
# > first only: 3.50 MiB kept, matrix products: 6
print("ReLU, all:", measure(range(6), nn.ReLU))
# > ReLU, all: 3.50 MiB kept, matrix products: 11
print("ReLU, first only:", measure([0], nn.ReLU))
# > ReLU, first only: 3.50 MiB kept, matrix products: 6
print("GELU, all:", measure(range(6), nn.GELU))
# > GELU, all: 6.00 MiB kept, matrix products: 11
print("GELU, last only:", measure([5], nn.GELU))
# > GELU, last only: 1.00 MiB kept, matrix products: 1
print("GELU, first only:", measure([0], nn.GELU))
# > GELU, first only: 3.50 MiB kept, matrix products: 6
# --8<-- [end:where-freezing-saves]

# --8<-- [start:where-freezing-saves-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward


def kept(frozen):
    model.requires_grad_(True)
    model[frozen].requires_grad_(False)
    return saved_for_backward(lambda: model(x), model.parameters()) / 2**20


x, counts = torch.rand(1024, 128), range(6)
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.6), sharey=True, layout="tight")
for ax, activation in zip(axes, (nn.Tanh, nn.GELU), strict=True):
    layers = [nn.Linear(128, 128) for _ in range(6)]
    model = nn.Sequential(*(nn.Sequential(m, activation()) for m in layers))
    last = [kept(slice(6 - count, 6)) for count in counts]
    first = [kept(slice(0, count)) for count in counts]
    ax.plot(counts, last, "s-", color="C1", label="the last layers")
    ax.plot(counts, first, "o-", color="C0", label="the first layers")
    ax.set(title=activation.__name__, xticks=counts, ylim=(0, 6.5))
    ax.set_xlabel("layers frozen, of 6")
axes[0].set_ylabel("kept for backward (MiB)")
axes[1].legend(title="frozen:", alignment="left", loc="lower left")
plt.show()
# --8<-- [end:where-freezing-saves-figure]

# --8<-- [start:where-freezing-saves-stale]
import torch
from torch import nn


def moves(set_to_none, kind=torch.optim.SGD, **options):
    torch.manual_seed(0)
    layer = nn.Linear(4, 4)
    optimizer = kind(layer.parameters(), lr=0.1, **options)
    layer(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    layer.requires_grad_(False)
    before = layer.weight.clone()
    if set_to_none is not None:
        optimizer.zero_grad(set_to_none=set_to_none)
    optimizer.step()
    return not before.equal(layer.weight)


print("zeros, plain SGD:", moves(set_to_none=False))
# > zeros, plain SGD: False
print("zeros, momentum:", moves(set_to_none=False, momentum=0.9))
# > zeros, momentum: True
print("zeros, weight decay:", moves(set_to_none=False, weight_decay=0.1))
# > zeros, weight decay: True
print("zeros, AdamW:", moves(False, torch.optim.AdamW))
# > zeros, AdamW: True
print("None, momentum:", moves(set_to_none=True, momentum=0.9))
# > None, momentum: False
print("None, weight decay:", moves(set_to_none=True, weight_decay=0.1))
# > None, weight decay: False
print("None, AdamW:", moves(True, torch.optim.AdamW))
# > None, AdamW: False
print("old gradient left, plain SGD:", moves(set_to_none=None))
# > old gradient left, plain SGD: True
# --8<-- [end:where-freezing-saves-stale]
