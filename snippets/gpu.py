"""How models and data get to one GPU, and what fills its memory."""

# --8<-- [start:move-model-and-data]
import torch
from torch import nn
from torch.nn import functional as F

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
model.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(16, 4), torch.randint(2, (16,))  # (16, 4), (16,)
x, y = x.to(device), y.to(device)
loss = F.cross_entropy(model(x), y)
loss.backward()
optimizer.step()

held = [*model.parameters(), *model.buffers(), x, y, loss]
print("all on one device:", {t.device.type for t in held} == {device.type})
# > all on one device: True
print("made there at once:", torch.zeros(2, device=device).device == x.device)
# > made there at once: True
for name in ("gpu", "cuda", "to"):
    print(f"have .{name}:", hasattr(model, name), hasattr(x, name))
# > have .gpu: False False
# > have .cuda: True True
# > have .to: True True
# --8<-- [end:move-model-and-data]

# --8<-- [start:move-model-and-data-forgotten]
import torch
from torch import nn

device = torch.device("meta")  # a device without memory, as good as any here
model = nn.Linear(4, 2).to(device)
x = torch.randn(16, 4)  # (16, 4)
try:
    model(x)
except RuntimeError as error:
    print("data left behind:", "device" in str(error))
# > data left behind: True
print("moved:", model(x.to(device)).device)
# > moved: meta
print("a CPU scalar may join:", (model.weight * torch.tensor(2.0)).device)
# > a CPU scalar may join: meta


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(4)
        self.register_buffer("shift", torch.zeros(4))

    def forward(self, x):
        return x * self.scale + self.shift


scaled = Scaled().to(device)
print("buffer:", scaled.shift.device, "plain attribute:", scaled.scale.device)
# > buffer: meta plain attribute: cpu
# --8<-- [end:move-model-and-data-forgotten]

# --8<-- [start:move-model-and-data-cuda] needs: cuda
import textwrap

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
x = torch.randn(16, 4)  # (16, 4)
model.cuda()
held = {str(t.device) for t in [*model.parameters(), *model.buffers()]}
print("model.cuda():", held)
print("x.cuda():", x.cuda().device, "and x.to('cuda'):", x.to("cuda").device)
print("x itself:", x.device)

conv = nn.Conv2d(3, 8, 3).cuda()
forgotten = {
    "Linear": lambda: model(x),
    "addition": lambda: x.cuda() + x,
    "Conv2d": lambda: conv(torch.zeros(1, 3, 8, 8)),
}
for name, run in forgotten.items():
    try:
        run()
    except RuntimeError as error:
        print(textwrap.fill(f"{name}: {error}", 75))
print("moved:", model(x.cuda()).device)
print("a CPU scalar may join:", (x.cuda() * torch.tensor(2.0)).device)
# --8<-- [end:move-model-and-data-cuda]

# --8<-- [start:module-to-or-tensor-to]
import torch
from torch import nn

layer = nn.BatchNorm1d(3)
moved = layer.to("meta")
print("module, same object:", moved is layer)
# > module, same object: True
print("parameters:", layer.weight.device)
# > parameters: meta
print("buffers:", layer.running_mean.device)
# > buffers: meta

t = torch.ones(3)
moved = t.to("meta")
print("tensor, same object:", moved is t)
# > tensor, same object: False
print("the old one:", t.device, "the new one:", moved.device)
# > the old one: cpu the new one: meta
t.to("meta")
print("a statement of its own moves nothing:", t.device)
# > a statement of its own moves nothing: cpu
t = t.to("meta")
print("assigned:", t.device)
# > assigned: meta

half = nn.Linear(3, 3).half()
x = torch.ones(3)
x.half()
print("dtypes follow the same rule:", half.weight.dtype, x.dtype)
# > dtypes follow the same rule: torch.float16 torch.float32
print("nothing to do, no copy:", x.to("cpu") is x, x.float() is x)
# > nothing to do, no copy: True True
print("unless asked:", x.to("cpu", copy=True) is x)
# > unless asked: False
# --8<-- [end:module-to-or-tensor-to]

# --8<-- [start:module-to-or-tensor-to-cuda] needs: cuda
import torch
from torch import nn

layer = nn.BatchNorm1d(3)
weight, mean = layer.weight, layer.running_mean
print("module, same object:", layer.cuda() is layer)
print("parameter:", layer.weight.device, "same:", layer.weight is weight)
later = layer.running_mean
print("buffer:", later.device, "same:", later is mean)

x = torch.ones(3)
x.cuda()
print("after a bare x.cuda():", x.device)
there = x.cuda()
there.zero_()
print("assigned:", there.device, "and the old one:", x.tolist())
print("nothing to do, no copy:", there.cuda() is there)
print("unless asked:", there.to("cuda", copy=True) is there)

leaf = torch.ones(3, requires_grad=True)
moved = leaf.cuda()
(2 * moved).sum().backward()
print("the copy is a leaf:", moved.is_leaf)
print("gradient of the original:", leaf.grad.device, leaf.grad.tolist())
# --8<-- [end:module-to-or-tensor-to-cuda]

# --8<-- [start:when-to-build-the-optimizer]
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
before = torch.optim.SGD(model.parameters(), lr=0.1)


def holds_the_weight(optimizer):
    return any(p is model.weight for p in optimizer.param_groups[0]["params"])


model.double()
print("after double():", holds_the_weight(before))
# > after double(): True
model.to("meta")
print("after to('meta'):", holds_the_weight(before))
# > after to('meta'): False
model.to_empty(device="cpu")
print("after to_empty():", holds_the_weight(before))
# > after to_empty(): False
with torch.no_grad():
    model.weight.fill_(1.0)
    model.bias.fill_(0.0)
after = torch.optim.SGD(model.parameters(), lr=0.1)

model(torch.ones(1, 3).double()).sum().backward()
before.step()
print("weight after the old one's step:", model.weight.tolist())
# > weight after the old one's step: [[1.0, 1.0, 1.0]]
after.step()
print("weight after the new one's step:", model.weight.tolist())
# > weight after the new one's step: [[0.9, 0.9, 0.9]]
# --8<-- [end:when-to-build-the-optimizer]

# --8<-- [start:when-to-build-the-optimizer-cuda] needs: cuda
import textwrap

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
before = torch.optim.Adam(model.parameters(), lr=0.1)
x = torch.ones(4, 3)
model(x).sum().backward()
before.step()

weight, state = model.weight, before.state[model.weight]
model.to("cuda")
print("same parameter:", model.weight is weight, "now on:", weight.device)
held = before.param_groups[0]["params"][0]
print("the one that the optimizer holds:", held is model.weight)
print("gradient:", weight.grad.device, "average:", state["exp_avg"].device)

model.zero_grad()
model(x.cuda()).sum().backward()
try:
    before.step()
except RuntimeError as error:
    print(textwrap.fill(str(error), 75))

after = torch.optim.Adam(model.parameters(), lr=0.1)
after.load_state_dict(before.state_dict())
state = after.state[weight]
for name in ("exp_avg", "step"):
    print("loaded:", name, state[name].device)
after.step()
print("steps taken:", state["step"].item())
# --8<-- [end:when-to-build-the-optimizer-cuda]

# --8<-- [start:which-device-am-i-on]
import torch
from torch import nn

accelerator = torch.accelerator.current_accelerator(check_available=True)
device = accelerator or torch.device("cpu")
count = torch.accelerator.device_count()
print("None if none is counted:", (accelerator is None) == (count == 0))
# > None if none is counted: True
print("index of the chosen one:", device.index)
# > index of the chosen one: None

model = nn.Linear(3, 2).to(device)
x = torch.ones(4, 3, device=device)  # (4, 3)
print("a tensor has a device:", x.device.type == device.type)
# > a tensor has a device: True
print("a module has one:", hasattr(model, "device"))
# > a module has one: False
print("its parameters have:", next(model.parameters()).device == x.device)
# > its parameters have: True

second = torch.device("cuda:1")
print("only a name:", second.type, second.index)
# > only a name: cuda 1
print("cuda equals cuda:0:", torch.device("cuda") == torch.device("cuda:0"))
# > cuda equals cuda:0: False
print("new tensors go to:", torch.ones(2).device)
# > new tensors go to: cpu
with torch.device("meta"):
    print("in the block:", torch.ones(2).device, nn.Linear(3, 2).weight.device)
# > in the block: meta meta
# --8<-- [end:which-device-am-i-on]

# --8<-- [start:which-device-am-i-on-hidden]
import os

import torch

os.environ["CUDA_VISIBLE_DEVICES"] = ""
print("GPUs to be seen:", torch.cuda.device_count())
# > GPUs to be seen: 0
print("CUDA to be used:", torch.cuda.is_available())
# > CUDA to be used: False
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("chosen:", device)
# > chosen: cpu
print("here, a tensor's number:", torch.ones(2, device=device).get_device())
# > here, a tensor's number: -1
# --8<-- [end:which-device-am-i-on-hidden]

# --8<-- [start:which-device-am-i-on-cuda] needs: cuda
import os
from unittest import mock

import torch

count = torch.cuda.device_count()
with mock.patch.dict(os.environ, CUDA_VISIBLE_DEVICES=""):
    print("hidden before CUDA starts:", torch.cuda.device_count())
x = torch.ones(2, device="cuda")
with mock.patch.dict(os.environ, CUDA_VISIBLE_DEVICES=""):
    print("hidden afterwards, all stay:", torch.cuda.device_count() == count)

print("asked for cuda, got:", x.device, "number", x.get_device())
print("current device:", torch.cuda.current_device())
device = torch.accelerator.current_accelerator()
print("chosen:", device, "equal to it:", device == x.device)
print("its current index:", torch.accelerator.current_device_index())
print("same count:", torch.accelerator.device_count() == count)
try:
    torch.ones(2, device=f"cuda:{count}")
except RuntimeError as error:
    print("one too many:", str(error).splitlines()[0])
# --8<-- [end:which-device-am-i-on-cuda]

# --8<-- [start:back-to-numpy]
import torch

from snippets.toolbox.storage import same_storage

device = torch.accelerator.current_accelerator(True) or torch.device("cpu")
torch.manual_seed(0)
logits = torch.randn(4, 3, device=device, requires_grad=True)  # (4, 3)
scores = logits.softmax(1)  # (4, 3)

detached = scores.detach()
print("detach, in the graph:", scores.requires_grad, detached.requires_grad)
# > detach, in the graph: True False
print("same memory, same device:", same_storage(scores, detached))
# > same memory, same device: True
local = detached.cpu()
print("cpu:", local.device)
# > cpu: cpu
copied = local is not detached
print("copied only from elsewhere:", copied == (device.type != "cpu"))
# > copied only from elsewhere: True
array = local.numpy()
print("numpy:", type(array).__name__, array.shape, array.dtype)
# > numpy: ndarray (4, 3) float32
array[:] = 0
print("one memory with the CPU tensor:", local.tolist()[0])
# > one memory with the CPU tensor: [0.0, 0.0, 0.0]

forced = logits.numpy(force=True)
print("force=True, all steps at once:", forced.tolist() == logits.tolist())
# > force=True, all steps at once: True
print("a single number:", type(scores.sum().item()).__name__)
# > a single number: float
print("without parentheses:", type(scores.cpu).__name__)
# > without parentheses: builtin_function_or_method
# --8<-- [end:back-to-numpy]

# --8<-- [start:back-to-numpy-dtypes]
import torch

device = torch.accelerator.current_accelerator(True) or torch.device("cpu")
half = torch.tensor([0.1, 1.0, 300.0], dtype=torch.bfloat16, device=device)
for force in (False, True):
    try:
        half.cpu().numpy(force=force)
    except TypeError as error:
        print(f"force={force}:", error)
# > force=False: Got unsupported ScalarType BFloat16
# > force=True: Got unsupported ScalarType BFloat16

array = half.cpu().float().numpy()
print("moved, then converted:", array.dtype, array.tolist() == half.tolist())
# > moved, then converted: float32 True
print("bytes to move:", half.nbytes, "converted first:", half.float().nbytes)
# > bytes to move: 6 converted first: 12
back = torch.from_numpy(array).to(half)
print("and back, dtype:", back.dtype, "same numbers:", torch.equal(back, half))
# > and back, dtype: torch.bfloat16 same numbers: True
print("float16 needs nothing:", half.half().cpu().numpy().dtype)
# > float16 needs nothing: float16
# --8<-- [end:back-to-numpy-dtypes]

# --8<-- [start:back-to-numpy-cuda] needs: cuda
import textwrap

import numpy as np
import torch

from snippets.toolbox.storage import same_storage

leaf = torch.ones(2, 3, device="cuda", requires_grad=True)  # (2, 3)
scores = 2 * leaf  # (2, 3)
too_early = {
    "scores.numpy()": lambda: scores.numpy(),
    "scores.detach().numpy()": lambda: scores.detach().numpy(),
    "np.asarray(scores.detach())": lambda: np.asarray(scores.detach()),
    "scores.cpu().numpy()": lambda: scores.cpu().numpy(),
}
for name, run in too_early.items():
    try:
        run()
    except (RuntimeError, TypeError) as error:
        print(f"{name}, {type(error).__name__}:")
        print(textwrap.fill(str(error), 75))

array = scores.detach().cpu().numpy()
array[:] = 0
print("on the GPU still:", scores.tolist())
forced = scores.numpy(force=True)
print("force=True:", forced.tolist(), forced.dtype)
first, second = scores.detach().cpu(), scores.detach().cpu()
print("two calls, one copy:", same_storage(first, second))
print("cpu() before detach():", type(scores.cpu().grad_fn).__name__)
# --8<-- [end:back-to-numpy-cuda]

# --8<-- [start:load-on-another-device]
import io

import torch
from torch import nn

device = torch.accelerator.current_accelerator(True) or torch.device("cpu")
model = nn.Linear(3, 2).to(device)
file = io.BytesIO()
torch.save(model.state_dict(), file)


def load(map_location=None):
    file.seek(0)
    return torch.load(file, map_location=map_location)


def devices(state):
    return {tensor.device.type for tensor in state.values()}


tags = set()
load(lambda storage, tag: tags.add(tag))
print("the file knows:", [tag.startswith(device.type) for tag in tags])
# > the file knows: [True]
print("by default, back there:", devices(load()) == {device.type})
# > by default, back there: True
print("map_location='cpu':", devices(load("cpu")))
# > map_location='cpu': {'cpu'}
print("map_location='meta':", devices(load("meta")))
# > map_location='meta': {'meta'}
print("a dict:", devices(load(dict.fromkeys(tags, "meta"))))
# > a dict: {'meta'}

there = nn.Linear(3, 2).to(device)
there.load_state_dict(load("cpu"))
print("the model stayed:", there.weight.device == model.weight.device)
# > the model stayed: True
print("and has the numbers:", torch.equal(there.weight, model.weight))
# > and has the numbers: True
# --8<-- [end:load-on-another-device]

# --8<-- [start:load-on-another-device-assign]
import io
import warnings

import torch
from torch import nn

file = io.BytesIO()
torch.save(nn.Linear(3, 2).state_dict(), file)
file.seek(0)
state = torch.load(file, map_location="cpu")

with torch.device("meta"):
    model = nn.Linear(3, 2)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.load_state_dict(state)
print("copied into meta:", model.weight.device)
# > copied into meta: meta
print("warned of a no-op:", [str(w.message).count("no-op") for w in caught])
# > warned of a no-op: [1, 1]
model.load_state_dict(state, assign=True)
print("assigned:", model.weight.device, type(model.weight).__name__)
# > assigned: cpu Parameter
print("no copy:", model.weight.data_ptr() == state["weight"].data_ptr())
# > no copy: True
# --8<-- [end:load-on-another-device-assign]

# --8<-- [start:load-on-another-device-cuda] needs: cuda
import io

import torch
from torch import nn

model = nn.Linear(512, 512, device="cuda")
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(4, 512, device="cuda")).sum().backward()
optimizer.step()
file = io.BytesIO()
torch.save({"model": model.state_dict(), "adam": optimizer.state_dict()}, file)


def load(map_location=None):
    file.seek(0)
    return torch.load(file, map_location=map_location)


for place in (None, "cpu", "cuda", {"cuda:0": "cpu"}):
    before = torch.cuda.memory_allocated()
    loaded = load(place)
    average = loaded["adam"]["state"][0]["exp_avg"]
    grown = torch.cuda.memory_allocated() - before
    print(f"{place}:", average.device, "GPU memory taken:", grown > 0)
    del loaded, average

local = nn.Linear(512, 512)
local.load_state_dict(load("cpu")["model"])
same = torch.equal(local.weight, model.weight.cpu())
print("a model on the CPU, same numbers:", same)
resumed = torch.optim.Adam(model.parameters())
resumed.load_state_dict(load("cpu")["adam"])
print("Adam's state follows:", resumed.state[model.weight]["exp_avg"].device)
try:
    load({"cuda:0": "cuda:99"})
except RuntimeError as error:
    print(str(error).split(" but ")[0])
# --8<-- [end:load-on-another-device-cuda]

# --8<-- [start:what-fills-memory]
import torch
from torch import nn
from torch.nn import functional as F

from snippets.toolbox.memory import saved_for_backward

torch.manual_seed(0)
hidden = [m for _ in range(3) for m in (nn.Linear(512, 512), nn.ReLU())]
model = nn.Sequential(*hidden, nn.Linear(512, 10))
optimizer = torch.optim.Adam(model.parameters())
parameters = list(model.parameters())


def kilobytes(tensors):
    return sum(t.nbytes for t in tensors) // 1024


x, y = torch.randn(64, 512), torch.randint(10, (64,))  # (64, 512), (64,)
F.cross_entropy(model(x), y).backward()
optimizer.step()
print("parameters:", kilobytes(parameters))
# > parameters: 3098
print("gradients:", kilobytes(p.grad for p in parameters))
# > gradients: 3098
averages = [s[k] for s in optimizer.state.values() for k in s if k != "step"]
print("Adam's averages:", kilobytes(averages))
# > Adam's averages: 6196
for size in (64, 256, 1024):
    batch = torch.randn(size, 512)
    kept = saved_for_backward(lambda b=batch: model(b), [*parameters, batch])
    print(f"activations, batch {size}:", kept // 1024)
# > activations, batch 64: 384
# > activations, batch 256: 1536
# > activations, batch 1024: 6144
with torch.no_grad():
    kept = saved_for_backward(lambda: model(x), parameters)
print("activations under no_grad:", kept)
# > activations under no_grad: 0
# --8<-- [end:what-fills-memory]

# --8<-- [start:what-fills-memory-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward

hidden = [m for _ in range(3) for m in (nn.Linear(512, 512), nn.ReLU())]
model = nn.Sequential(*hidden, nn.Linear(512, 10))
parameters = list(model.parameters())
weights = sum(p.nbytes for p in parameters) / 2**20
sizes = (64, 256, 1024, 4096)
kept = []
for size in sizes:
    x = torch.randn(size, 512)
    kept.append(saved_for_backward(lambda x=x: model(x), [*parameters, x]))

fig, ax = plt.subplots(figsize=(7.2, 3.8), layout="tight")
parts = {
    "parameters": [weights] * 4,
    "gradients": [weights] * 4,
    "Adam's two averages": [2 * weights] * 4,
    "activations": [k / 2**20 for k in kept],
}
names = [f"batch {size}" for size in sizes]
left = torch.zeros(4)
for color, label in zip(("C0", "C2", "C3", "C1"), parts, strict=True):
    style = {"color": (color, 0.7), "ec": color, "label": label}
    ax.barh(names, parts[label], left=left, **style)
    left += torch.tensor(parts[label])
ax.invert_yaxis()
ax.set_xlabel("MiB while training")
ax.legend(loc="upper right")
plt.show()
# --8<-- [end:what-fills-memory-figure]
