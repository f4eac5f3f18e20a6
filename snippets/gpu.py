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
