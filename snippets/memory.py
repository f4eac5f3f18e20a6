"""What GPU memory counts mean, what frees memory, and where a step peaks."""

# --8<-- [start:allocated-or-reserved]
import torch

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")


def footprint(*tensors):
    storages = [tensor.untyped_storage() for tensor in tensors]
    sizes = {s.data_ptr(): s.nbytes() for s in storages}.values()
    blocks = sum(-(-size // 512) * 512 for size in sizes)
    return f"{sum(sizes)} bytes, {blocks} in blocks of 512"


image = torch.zeros(100, 1000, device=device)  # (100, 1000)
print("one tensor:", footprint(image))
# > one tensor: 400000 bytes, 400384 in blocks of 512
print("with two views:", footprint(image, image[0], image.t()))
# > with two views: 400000 bytes, 400384 in blocks of 512
print("with a copy:", footprint(image, image.clone()))
# > with a copy: 800000 bytes, 800768 in blocks of 512
print("in bfloat16:", footprint(image.bfloat16()))
# > in bfloat16: 200000 bytes, 200192 in blocks of 512

pixel = image[0, 0]  # ()
del image
print("one pixel as a view:", footprint(pixel))
# > one pixel as a view: 400000 bytes, 400384 in blocks of 512
print("one pixel, cloned:", footprint(pixel.clone()))
# > one pixel, cloned: 4 bytes, 512 in blocks of 512
scalars = [torch.zeros((), device=device) for _ in range(100)]
print("a hundred scalars:", footprint(*scalars))
# > a hundred scalars: 400 bytes, 51200 in blocks of 512
# --8<-- [end:allocated-or-reserved]

# --8<-- [start:allocated-or-reserved-gpu] needs: cuda
import torch

mib = 2**20


def report(label):
    free, total = torch.cuda.mem_get_info()
    allocated = torch.cuda.memory_allocated()
    reserved = torch.cuda.memory_reserved()
    counts = f"{allocated / mib:.0f} allocated, {reserved / mib:.0f} reserved"
    print(f"{label}: {counts}, more used on card: {total - free > reserved}")


report("start")
x = torch.empty(64 * mib, dtype=torch.uint8, device="cuda")
report("64 MiB tensor")
half = x[: 32 * mib]
report("and a view of it")
del x, half
report("after del")
y = torch.empty(48 * mib, dtype=torch.uint8, device="cuda")
report("48 MiB tensor")
print("segments:", torch.cuda.memory_stats()["segment.all.current"])

allocated = torch.cuda.memory_allocated()
reserved = torch.cuda.memory_reserved()
scalar = torch.empty((), device="cuda")
print("scalar, allocated:", torch.cuda.memory_allocated() - allocated)
print("scalar, reserved:", torch.cuda.memory_reserved() - reserved)
# --8<-- [end:allocated-or-reserved-gpu]

# --8<-- [start:empty-cache]
import weakref

import torch

x = torch.zeros(1000, 1000)  # (1000, 1000)
watch = weakref.ref(x)
same = x
del x
print("del, a second name left, freed:", watch() is None)
# > del, a second name left, freed: False
corner = same[0, 0]  # ()
del same
print("del, a view left, freed:", watch() is None)
# > del, a view left, freed: False
history = [corner]
del corner
print("the view in a list, freed:", watch() is None)
# > the view in a list, freed: False
history.clear()
print("list cleared, freed:", watch() is None)
# > list cleared, freed: True

weight = torch.ones(1000, requires_grad=True)
hidden = weight.exp()  # (1000,)
watch = weakref.ref(hidden)
loss = hidden.square().sum()
del hidden
print("saved in a graph, freed:", watch() is None)
# > saved in a graph, freed: False
loss.backward()
print("after backward, freed:", watch() is None)
# > after backward, freed: True
# --8<-- [end:empty-cache]

# --8<-- [start:empty-cache-traceback]
import gc
import weakref

import torch


def fail():
    x = torch.zeros(1000, 1000)  # (1000, 1000)
    watches.append(weakref.ref(x))
    raise ValueError("bad batch")


def keep_error():
    try:
        fail()
    except ValueError as error:
        kept = error
    return str(kept)


watches = []
gc.disable()
try:
    fail()
except ValueError as error:
    print("inside except, freed:", watches[-1]() is None)
    last = error
# > inside except, freed: False
print("error kept by a name, freed:", watches[-1]() is None)
# > error kept by a name, freed: False
del last
print("error dropped, freed:", watches[-1]() is None)
# > error dropped, freed: True

keep_error()
print("error kept by a function that ended:", watches[-1]() is None)
# > error kept by a function that ended: False
gc.collect()
print("after gc.collect():", watches[-1]() is None)
# > after gc.collect(): True
# --8<-- [end:empty-cache-traceback]

# --8<-- [start:empty-cache-gpu] needs: cuda
import torch

mib = 2**20


def tensor(size):
    return torch.empty(size, dtype=torch.uint8, device="cuda")


def report(label):
    allocated = torch.cuda.memory_allocated() / mib
    reserved = torch.cuda.memory_reserved() / mib
    print(f"{label}: {allocated} allocated, {reserved} reserved")


kept, dropped = tensor(64 * mib), tensor(256 * mib)
torch.cuda.empty_cache()
report("emptied, both named")
del dropped
report("one deleted")
torch.cuda.empty_cache()
report("emptied")

pieces = [tensor(mib // 2) for _ in range(8)]
report("eight small tensors")
pieces = pieces[:1]
report("seven deleted")
torch.cuda.empty_cache()
report("emptied")
# --8<-- [end:empty-cache-gpu]

# --8<-- [start:peak-memory]
import weakref

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode


class Alive(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.kept, self.peak = weakref.WeakValueDictionary(), 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            storage = result.untyped_storage()
            self.kept[storage.data_ptr()] = storage
        alive = sum(storage.nbytes() for storage in self.kept.values())
        self.peak = max(self.peak, alive / 2**20)
        return result


for batch, width in ((4096, 128), (32, 512)):
    with Alive() as alive:
        model = nn.Sequential(*[nn.Linear(width, width) for _ in range(4)])
        optimizer = torch.optim.Adam(model.parameters())
        x = torch.ones(batch, width)  # (batch, width)
        for _ in range(2):
            alive.peak = 0
            loss = model(x).square().mean()
            forward, alive.peak = alive.peak, 0
            loss.backward()
            backward, alive.peak = alive.peak, 0
            optimizer.step()
            print(f"{forward:.1f} -> {backward:.1f} -> {alive.peak:.1f}")
            optimizer.zero_grad()
# > 12.3 -> 18.3 -> 3.1
# > 12.8 -> 18.8 -> 3.1
# > 4.4 -> 8.1 -> 18.1
# > 12.4 -> 16.2 -> 18.1
# --8<-- [end:peak-memory]

# --8<-- [start:peak-memory-figure]
import weakref

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode


class Alive(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            kept[out.untyped_storage().data_ptr()] = out.untyped_storage()
        curve.append(sum(s.nbytes() for s in kept.values()) / 2**20)
        return out


fig, axes = plt.subplots(2, 1, figsize=(7.2, 4.6), layout="tight")
for ax, batch, width in zip(axes, (4096, 32), (128, 512), strict=True):
    kept, curve, ends = weakref.WeakValueDictionary(), [], [0]
    with Alive():
        model = nn.Sequential(*[nn.Linear(width, width) for _ in range(4)])
        optimizer = torch.optim.Adam(model.parameters())
        curve.clear()
        for _ in range(2):
            loss = model(torch.ones(batch, width)).square().mean()
            ends.append(len(curve) - 1)
            loss.backward()
            ends.append(len(curve) - 1)
            optimizer.step()
            optimizer.zero_grad()
            ends.append(len(curve) - 1)
    for number, name in enumerate(["forward", "backward", "step"] * 2):
        start, stop = ends[number], ends[number + 1] + 1
        style = {"color": f"C{number % 3}", "alpha": 0.4, "label": name}
        ax.fill_between(range(start, stop), curve[start:stop], **style)
    ax.set(title=f"batch {batch}, width {width}", ylabel="MiB alive")
axes[0].legend(*[h[:3] for h in axes[0].get_legend_handles_labels()])
axes[1].set_xlabel("operations of two training steps")
plt.show()
# --8<-- [end:peak-memory-figure]

# --8<-- [start:peak-memory-gpu] needs: cuda
import torch
from torch import nn


def take_peak():
    peak = torch.cuda.max_memory_allocated() / 2**30
    torch.cuda.reset_peak_memory_stats()
    return f"{peak:.1f}"


def train(batch, width, foreach=None):
    layers = [nn.Linear(width, width, device="cuda") for _ in range(4)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), foreach=foreach)
    x = torch.ones(batch, width, device="cuda")  # (batch, width)
    for _ in range(2):
        take_peak()
        loss = model(x).square().mean()
        forward = take_peak()
        loss.backward()
        backward = take_peak()
        optimizer.step()
        print(forward, "->", backward, "->", take_peak())
        optimizer.zero_grad()


train(batch=2**18, width=1024)
train(batch=128, width=8192)
train(batch=128, width=8192, foreach=False)
# --8<-- [end:peak-memory-gpu]

# --8<-- [start:out-of-memory]
import torch


def in_parts(step, batch):
    size = len(batch)
    while True:
        try:
            return torch.cat([step(part) for part in batch.split(size)])
        except torch.OutOfMemoryError:
            if size == 1:
                raise
        size = (size + 1) // 2


def step(part):
    sizes.append(len(part))
    if len(part) > room:
        raise torch.OutOfMemoryError(f"no room for {len(part)} rows")
    return part.square()


sizes, room = [], 12
batch = torch.arange(40.0).view(40, 1)  # (40, 1)
result = in_parts(step, batch)  # (40, 1)
print("tried:", sizes)
# > tried: [40, 20, 10, 10, 10, 10]
print("same result:", torch.equal(result, batch.square()))
# > same result: True
sizes, room = [], 0
try:
    in_parts(step, batch)
except RuntimeError as error:
    print(type(error).__name__, "after", sizes)
# > OutOfMemoryError after [40, 20, 10, 5, 3, 2, 1]
# --8<-- [end:out-of-memory]

# --8<-- [start:out-of-memory-outside]
import weakref

import torch


def attempt(size):
    hidden = torch.zeros(size)  # (size,)
    watches.append(weakref.ref(hidden))
    if size > 100:
        raise torch.OutOfMemoryError
    return [len(ref()) for ref in watches if ref() is not None]


def retry_inside(size):
    try:
        return attempt(size)
    except torch.OutOfMemoryError:
        return retry_inside(size // 2)


def retry_outside(size):
    while True:
        try:
            return attempt(size)
        except torch.OutOfMemoryError:
            pass
        size //= 2


watches = []
print("retry inside except, alive:", retry_inside(800))
# > retry inside except, alive: [800, 400, 200, 100]
watches = []
print("retry outside except, alive:", retry_outside(800))
# > retry outside except, alive: [100]
# --8<-- [end:out-of-memory-outside]

# --8<-- [start:out-of-memory-training]
from contextlib import suppress

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
x, y = torch.randn(64, 3), torch.randn(64, 1)  # (64, 3), (64, 1)


def gradient(size, room=64, clear=True):
    if clear:
        model.zero_grad()
    done = 0
    for inputs, targets in zip(x.split(size), y.split(size), strict=True):
        if done + size > room:
            raise torch.OutOfMemoryError
        loss = (model(inputs) - targets).square().sum() / len(x)
        loss.backward()
        done += len(inputs)
    return model.weight.grad.clone()


whole = gradient(64)
print("parts of 16, same:", gradient(16).allclose(whole, atol=1e-6))
# > parts of 16, same: True
for clear in (False, True):
    model.zero_grad()
    with suppress(torch.OutOfMemoryError):
        gradient(32, room=32)
    same = gradient(16, clear=clear).allclose(whole, atol=1e-6)
    print(f"retry, cleared {clear}, same: {same}")
# > retry, cleared False, same: False
# > retry, cleared True, same: True
# --8<-- [end:out-of-memory-training]

# --8<-- [start:out-of-memory-gpu] needs: cuda
import torch


def in_parts(step, batch):
    size = len(batch)
    while True:
        try:
            return torch.cat([step(part) for part in batch.split(size)])
        except torch.OutOfMemoryError:
            if size == 1:
                raise
        size = (size + 1) // 2


def step(part):
    sizes.append(len(part))
    return part.repeat(1, 2**20).sum(1)


free, total = torch.cuda.mem_get_info()
try:
    torch.empty(2 * total, dtype=torch.uint8, device="cuda")
except torch.OutOfMemoryError as error:
    print(type(error).__name__, "says:", str(error).split(". ")[0])
print("allocated afterwards:", torch.cuda.memory_allocated())

torch.cuda.set_per_process_memory_fraction(2**30 / total)
sizes, rows = [], torch.ones(512, 1, device="cuda")  # (512, 1)
sums = in_parts(step, rows)  # (512,)
print("tried:", sizes)
print("all rows right:", bool((sums == 2**20).all()))
print("errors counted:", torch.cuda.memory_stats()["num_ooms"])
# --8<-- [end:out-of-memory-gpu]

# --8<-- [start:what-no-grad-saves]
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from snippets.toolbox.memory import saved_for_backward


def kept(run):
    besides = [x, *model.parameters()]
    return f"{saved_for_backward(lambda: run(x), besides) // 1024} KiB"


def checkpointed(y):
    for block in model[:-1]:
        y = checkpoint(block, y, use_reentrant=False)
    return model[-1](y)


x = torch.ones(128, 8, 64)  # (T, N, features)
for p in (0.0, 0.1):
    blocks = [nn.TransformerEncoderLayer(64, 4, 256, p) for _ in range(4)]
    model = nn.Sequential(*blocks, nn.Linear(64, 10))
    print(f"train(), dropout {p}:", kept(model))
# > train(), dropout 0.0: 12416 KiB
# > train(), dropout 0.1: 49216 KiB
print("train(), checkpointed:", kept(checkpointed))
# > train(), checkpointed: 1024 KiB
model[:-1].requires_grad_(False)
print("train(), body frozen:", kept(model))
# > train(), body frozen: 256 KiB
model.eval().requires_grad_(True)
print("eval():", kept(model))
# > eval(): 12416 KiB
with torch.no_grad():
    print("no_grad:", kept(model))
# > no_grad: 0 KiB
with torch.inference_mode():
    print("inference_mode:", kept(model))
# > inference_mode: 0 KiB
# --8<-- [end:what-no-grad-saves]

# --8<-- [start:what-no-grad-saves-gpu] needs: cuda
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint_sequential


def peak(run):
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    y = run(x)
    if model.training:
        y.mean().backward()
    top = torch.cuda.max_memory_allocated() - before
    model.zero_grad()
    return f"{top / 2**20:.0f} MiB"


def checkpointed(y):
    return checkpoint_sequential(model, 5, y, use_reentrant=False)


blocks = [nn.TransformerEncoderLayer(512, 8, 2048) for _ in range(4)]
model = nn.Sequential(*blocks, nn.Linear(512, 10)).cuda()
x = torch.ones(512, 32, 512, device="cuda")  # (T, N, features)
peak(model)
print("train():", peak(model))
print("train(), checkpointed:", peak(checkpointed))
model[:-1].requires_grad_(False)
print("train(), body frozen:", peak(model))
model.eval().requires_grad_(True)
print("eval():", peak(model))
with torch.no_grad():
    print("no_grad:", peak(model))
with torch.inference_mode():
    print("inference_mode:", peak(model))
# --8<-- [end:what-no-grad-saves-gpu]
