"""How to see what training does: TensorBoard from torch, and the profiler."""

# --8<-- [start:log-the-loss]
import tempfile

import torch
from tensorboard.backend.event_processing import event_accumulator
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
x = torch.rand(64, 3)  # (64, 3)
y = x @ torch.tensor([[1.0], [2.0], [3.0]])  # (64, 1)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

with tempfile.TemporaryDirectory() as folder:
    with SummaryWriter(folder) as writer:
        for step in range(30):
            loss = F.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            writer.add_scalar("loss/train", loss.item(), step)
    written = event_accumulator.EventAccumulator(folder).Reload()
    points = written.Scalars("loss/train")
print("tags:", written.Tags()["scalars"])
# > tags: ['loss/train']
print("points:", len(points), "steps:", points[0].step, "to", points[-1].step)
# > points: 30 steps: 0 to 29
print("the last one is the loss:", abs(points[-1].value - loss.item()) < 1e-6)
# > the last one is the loss: True
print("the loss fell:", points[-1].value < points[0].value / 2)
# > the loss fell: True
# --8<-- [end:log-the-loss]

# --8<-- [start:tensorboard-without-tensorflow]
import sys
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing import event_accumulator
from torch.utils.tensorboard import SummaryWriter

with tempfile.TemporaryDirectory() as folder:
    for rate in (0.1, 0.01):
        with SummaryWriter(f"{folder}/rate-{rate}") as writer:
            for step in range(3):
                writer.add_scalar("loss/train", rate / (step + 1), step)
    for run in sorted(Path(folder).iterdir()):
        (events,) = run.iterdir()
        log = event_accumulator.EventAccumulator(str(run)).Reload()
        values = [round(p.value, 3) for p in log.Scalars("loss/train")]
        print(run.name, ".".join(events.name.split(".")[:3]), values)
# > rate-0.01 events.out.tfevents [0.01, 0.005, 0.003]
# > rate-0.1 events.out.tfevents [0.1, 0.05, 0.033]

print("TensorFlow imported:", "tensorflow" in sys.modules)
# > TensorFlow imported: False
methods = [name for name in dir(SummaryWriter) if name.startswith("add_")]
wanted = ["add_scalar", "add_histogram", "add_image", "add_graph"]
print("has", *wanted, set(wanted) <= set(methods))
# > has add_scalar add_histogram add_image add_graph True
# --8<-- [end:tensorboard-without-tensorflow]

# --8<-- [start:what-to-log]
import tempfile

import torch
from tensorboard.backend.event_processing import event_accumulator
from torch import nn
from torch.utils.tensorboard import SummaryWriter

torch.manual_seed(0)
layers = [nn.Linear(20, 20, bias=False) for _ in range(6)]
model = nn.Sequential(*(nn.Sequential(x, nn.Sigmoid()) for x in layers))

model(torch.randn(32, 20)).sum().backward()  # (32, 20)
with tempfile.TemporaryDirectory() as folder:
    with SummaryWriter(folder) as writer:
        for depth, layer in enumerate(layers):
            norm = layer.weight.grad.norm().item()
            writer.add_scalar("gradient norm by depth", norm, depth)
        writer.add_histogram("first gradient", layers[0].weight.grad, 0)
        writer.add_image("weights", layers[0].weight.detach().abs()[None], 0)
        writer.add_text("settings", "sigmoid, default initialisation", 0)
    log = event_accumulator.EventAccumulator(folder).Reload()
    norms = [point.value for point in log.Scalars("gradient norm by depth")]
for kind in ("scalars", "histograms", "images", "tensors"):
    print(f"{kind}:", *log.Tags()[kind])
# > scalars: gradient norm by depth
# > histograms: first gradient
# > images: weights
# > tensors: settings/text_summary
print("each earlier layer gets less:", norms == sorted(norms))
# > each earlier layer gets less: True
print("the first gets under 1 % of the last:", norms[0] < norms[-1] / 100)
# > the first gets under 1 % of the last: True
# --8<-- [end:what-to-log]

# --8<-- [start:read-a-profile]
import os

os.environ["KINETO_LOG_LEVEL"] = "99"  # keeps the tracing library quiet
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
x = torch.randn(64, 512)  # (64, 512)
model(x).sum().backward()  # the first call also sets things up

settings = {"profile_memory": True, "acc_events": True}
with profile(activities=[ProfilerActivity.CPU], **settings) as trace:
    with record_function("forward"):
        loss = model(x).sum()
    with record_function("backward"):
        loss.backward()

rows = {row.key: row for row in trace.key_averages()}
for name in ("aten::addmm", "aten::relu", "aten::mm", "aten::add_"):
    print(f"{name:12} calls: {rows[name].count}")
# > aten::addmm  calls: 2
# > aten::relu   calls: 1
# > aten::mm     calls: 3
# > aten::add_   calls: 4
forward = rows["forward"]
own = forward.self_cpu_time_total < forward.cpu_time_total
print("self time is what the calls inside do not explain:", own)
# > self time is what the calls inside do not explain: True
print("relu allocated:", rows["aten::relu"].cpu_memory_usage, "bytes")
# > relu allocated: 131072 bytes
print("which is 64 * 512 floats:", 64 * 512 * 4)
# > which is 64 * 512 floats: 131072
# --8<-- [end:read-a-profile]

# --8<-- [start:read-a-profile-figure]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint_sequential


def timeline(forward):
    kept = [0.0]

    def save(tensor):
        kept.append(kept[-1] + tensor.nbytes / 2**20)
        return tensor

    def use(tensor):
        kept.append(kept[-1] - tensor.nbytes / 2**20)
        return tensor

    with saved_tensors_hooks(save, use):
        loss = forward().sum()
        turn = len(kept) - 1
        loss.backward()
    return kept, turn


model = nn.Sequential(*(nn.Tanh() for _ in range(16)))
x = torch.randn(256, 1024, requires_grad=True)  # (256, 1024), one MiB

fig, ax = plt.subplots(figsize=(7.2, 3.8), layout="tight")
for label, forward in (
    ("all kept", lambda: model(x)),
    ("in four pieces", lambda: checkpoint_sequential(model, 4, x, True)),
):
    kept, turn = timeline(forward)
    (line,) = ax.step(range(len(kept)), kept, where="post", label=label)
    ax.plot(turn, kept[turn], "o", color=line.get_color())
ax.set(xlabel="saved and used tensors, in order", ylabel="MiB kept")
ax.legend()
plt.show()
# --8<-- [end:read-a-profile-figure]
