"""Settles who splits, copies, adds and averages on several devices."""

# --8<-- [start:data-parallel]
import torch
from torch import nn

torch.manual_seed(0)
for size, devices in ((30, 3), (10, 3), (10, 4), (2, 4)):
    parts = torch.zeros(size, 8).chunk(devices)
    print(f"{size} rows on {devices}:", [len(part) for part in parts])
# > 30 rows on 3: [10, 10, 10]
# > 10 rows on 3: [4, 4, 2]
# > 10 rows on 4: [3, 3, 3, 1]
# > 2 rows on 4: [1, 1]

model = nn.Linear(8, 2)
batch = torch.randn(30, 8)  # (N, C)
parts = batch.chunk(3)  # scatter
outputs = [model(part) for part in parts]  # replicate and apply
gathered = torch.cat(outputs)  # (30, 2)
print("gathered:", tuple(gathered.shape))
# > gathered: (30, 2)
same = torch.allclose(gathered, model(batch), atol=1e-6)
print("same as one call:", same)
# > same as one call: True

steps = torch.zeros(5, 30, 8)  # (L, N, C)
print("dim=0:", [tuple(part.shape) for part in steps.chunk(3)])
# > dim=0: [(2, 30, 8), (2, 30, 8), (1, 30, 8)]
print("dim=1:", [tuple(part.shape) for part in steps.chunk(3, dim=1)])
# > dim=1: [(5, 10, 8), (5, 10, 8), (5, 10, 8)]
# --8<-- [end:data-parallel]

# --8<-- [start:data-parallel-wrapper]
import os

import torch
from torch import nn

os.environ["CUDA_VISIBLE_DEVICES"] = ""
torch.manual_seed(0)
model = nn.Linear(8, 2)
wrapped = nn.DataParallel(model)
batch = torch.randn(30, 8)  # (N, C)
print("devices:", wrapped.device_ids)
# > devices: []
print("just calls the module:", torch.equal(wrapped(batch), model(batch)))
# > just calls the module: True

try:
    wrapped.weight
except AttributeError as error:
    print(error)
# > 'DataParallel' object has no attribute 'weight'
print("through .module:", wrapped.module.weight is model.weight)
# > through .module: True

state = wrapped.state_dict()
print("keys:", list(state))
# > keys: ['module.weight', 'module.bias']
try:
    model.load_state_dict(state)
except RuntimeError as error:
    for line in str(error).splitlines()[1:]:
        print(line.strip())
# > Missing key(s) in state_dict: "weight", "bias".
# > Unexpected key(s) in state_dict: "module.weight", "module.bias".
print("bare keys:", list(wrapped.module.state_dict()))
# > bare keys: ['weight', 'bias']
nn.modules.utils.consume_prefix_in_state_dict_if_present(state, "module.")
print("prefix removed:", model.load_state_dict(state))
# > prefix removed: <All keys matched successfully>
# --8<-- [end:data-parallel-wrapper]

# --8<-- [start:data-parallel-arguments]
import inspect
import os

import torch
from torch import nn

os.environ["CUDA_VISIBLE_DEVICES"] = ""
lines = (
    "nn.DataParallel(net, device_ids=[0. 1])",
    "net = Net() if gpus > 1: net = nn.DataParallel(net)",
)
for line in lines:
    try:
        compile(line, "notes", "exec")
    except SyntaxError:
        print("SyntaxError:", line)
# > SyntaxError: nn.DataParallel(net, device_ids=[0. 1])
# > SyntaxError: net = Net() if gpus > 1: net = nn.DataParallel(net)

net = nn.Linear(8, 2)
if torch.cuda.device_count() > 1:
    net = nn.DataParallel(net)
if torch.cuda.is_available():
    net.cuda()
print("on separate lines:", net)
# > on separate lines: Linear(in_features=8, out_features=2, bias=True)
for ids in ([0.1], [0, 1]):
    print(ids, "became", nn.DataParallel(net, device_ids=ids).device_ids)
# > [0.1] became []
# > [0, 1] became []
for called in (nn.DataParallel, nn.parallel.data_parallel):
    names = list(inspect.signature(called).parameters)
    print(f"{called.__name__}:", ", ".join(names[1:]))
# > DataParallel: device_ids, output_device, dim
# > data_parallel: inputs, device_ids, output_device, dim, module_kwargs
try:
    nn.parallel.data_parallel(net, torch.zeros(30, 8))
except RuntimeError as error:
    print("data_parallel on the CPU:", type(error).__name__)
# > data_parallel on the CPU: RuntimeError
# --8<-- [end:data-parallel-arguments]

# --8<-- [start:data-parallel-cuda] needs: cuda:2
import torch
from torch import nn


class Report(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 2)
        self.seen = []

    def forward(self, x):
        places = (x.device, self.layer.weight.device)
        self.seen.append((len(x), *map(str, places)))
        return self.layer(x)


torch.manual_seed(0)
model = Report().cuda()
batch = torch.randn(30, 8)  # (N, C)
wrapped = nn.DataParallel(model, device_ids=[0, 1])
print("devices:", wrapped.device_ids, "output:", wrapped.output_device)
for size in (30, 5, 1):
    model.seen.clear()
    output = wrapped(batch[:size])  # (size, 2)
    parts = sorted(model.seen, key=lambda part: part[1])
    print(f"{size} rows:", parts, output.device)

output = wrapped(batch)  # (30, 2)
one = model.layer(batch.cuda())  # (30, 2)
print("as on one GPU:", torch.allclose(output, one, atol=1e-5))
other = nn.DataParallel(model, device_ids=[0, 1], output_device=1)
print("output_device=1:", other(batch).device)
print("parameters stayed on:", {str(p.device) for p in model.parameters()})
try:
    nn.DataParallel(model.cpu(), device_ids=[0, 1])(batch)
except RuntimeError as error:
    print(str(error).split(" (")[0])
# --8<-- [end:data-parallel-cuda]

# --8<-- [start:replicas-are-copies]
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.calls = 0
        self.sizes = []

    def forward(self, x):
        self.calls += 1
        self.sizes.append(len(x))
        return self.weight * x


model = Scale()
replicas = [model._replicate_for_data_parallel() for _ in range(3)]
parts = torch.ones(30, 1).chunk(3)  # 3 x (10, 1)
for replica, part in zip(replicas, parts, strict=True):
    replica.weight = model.weight.clone()
    replica(part).sum().backward()
print("calls, replicas:", [replica.calls for replica in replicas])
# > calls, replicas: [1, 1, 1]
print("calls, model:", model.calls)
# > calls, model: 0
print("sizes, model:", model.sizes)
# > sizes, model: [10, 10, 10]
print("one list:", all(replica.sizes is model.sizes for replica in replicas))
# > one list: True
print("parameters of a replica:", list(replica.parameters()))
# > parameters of a replica: []
print("its weight is a leaf:", replica.weight.is_leaf)
# > its weight is a leaf: False
print("gradient in the model:", model.weight.grad.tolist())
# > gradient in the model: [30.0]
# --8<-- [end:replicas-are-copies]

# --8<-- [start:replicas-are-copies-batchnorm]
import torch
from torch import nn

model = nn.BatchNorm1d(1, momentum=1.0)
batch = torch.arange(30.0).view(30, 1)  # (N, C)
outputs = []
for device, part in enumerate(batch.chunk(3)):
    replica = model._replicate_for_data_parallel()
    for name, parameter in model.named_parameters():
        setattr(replica, name, parameter.clone())
    for name, buffer in model.named_buffers():
        copied = buffer if device == 0 else buffer.clone()
        setattr(replica, name, copied)
    outputs.append(replica(part))
    print("replica", device, "saw", replica.running_mean.item())
# > replica 0 saw 4.5
# > replica 1 saw 14.5
# > replica 2 saw 24.5
gathered = torch.cat(outputs)  # (30, 1)

print("model kept:", model.running_mean.item())
# > model kept: 4.5
print("batches counted:", model.num_batches_tracked.item())
# > batches counted: 1
print("mean of the batch:", batch.mean().item())
# > mean of the batch: 14.5
full = nn.BatchNorm1d(1)(batch)  # (30, 1)
print("row 0, whole batch:", f"{full[0].item():.2f}")
# > row 0, whole batch: -1.68
print("row 0, replica 0:", f"{gathered[0].item():.2f}")
# > row 0, replica 0: -1.57
# --8<-- [end:replicas-are-copies-batchnorm]

# --8<-- [start:replicas-are-copies-cuda] needs: cuda:2
import torch
from torch import nn


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(1, momentum=1.0)
        self.calls = 0
        self.seen = []

    def forward(self, x):
        self.calls += 1
        own = self.norm.running_mean.data_ptr() == mean.data_ptr()
        self.seen.append((x.get_device(), own, self.calls))
        return self.norm(x)


model = Counting().cuda()
mean = model.norm.running_mean
batch = torch.arange(30.0).view(30, 1)  # (N, C)
nn.DataParallel(model, device_ids=[0, 1])(batch)
print("(GPU, the model's own buffer, calls):", sorted(model.seen))
print("calls, model:", model.calls)
print("model kept:", f"{mean.item():.1f}")
print("mean of rows 0 to 14:", batch[:15].mean().item())
print("mean of the batch:", batch.mean().item())
# --8<-- [end:replicas-are-copies-cuda]

# --8<-- [start:sums-or-averages]
import torch
from torch import nn

torch.manual_seed(0)
inputs = torch.randn(10, 3)  # (N, C)
targets = torch.randn(10, 1)  # (N, 1)
weight = torch.zeros(3, 1, requires_grad=True)
criterion = nn.MSELoss()
loss = criterion(inputs @ weight, targets)
(full,) = torch.autograd.grad(loss, weight)  # (3, 1)

copies = [weight.clone() for _ in range(4)]
parts = inputs.chunk(4)  # 3, 3, 3 and 1 rows
pairs = list(zip(parts, copies, strict=True))
gathered = torch.cat([part @ copy for part, copy in pairs])  # (10, 1)
loss = criterion(gathered, targets)
shares = torch.autograd.grad(loss, copies, retain_graph=True)
loss.backward()
print("sum of 4 shares:", torch.allclose(weight.grad, sum(shares)))
# > sum of 4 shares: True
print("gradient of the batch:", torch.allclose(weight.grad, full))
# > gradient of the batch: True

weight.grad = None
pieces = zip(inputs.chunk(2), targets.chunk(2), strict=True)
for part, target in pieces:
    criterion(part @ weight.clone(), target).backward()
print("a mean per replica, doubled:", torch.allclose(weight.grad, 2 * full))
# > a mean per replica, doubled: True
# --8<-- [end:sums-or-averages]

# --8<-- [start:sums-or-averages-ddp]
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers


def gradient(model, rows, reduction="mean", factor=1.0):
    model.zero_grad()
    criterion = nn.MSELoss(reduction=reduction)
    loss = factor * criterion(model(inputs[rows]), targets[rows])
    loss.backward()
    return bare.weight.grad.flatten().tolist()


def worker(rank):
    model = DistributedDataParallel(bare)
    half = (slice(0, 4), slice(4, 8))[rank]
    part = (slice(0, 6), slice(6, 8))[rank]
    equal = [gradient(model, half), gradient(model, half, "sum")]
    scaled = gradient(model, part, factor=2 * (6 / 8, 2 / 8)[rank])
    return [*equal, gradient(model, part), scaled]


torch.manual_seed(0)
inputs, targets = torch.randn(8, 3), torch.randn(8, 1)
bare = nn.Linear(3, 1, bias=False)
first, second = run_workers(worker)
print("equal on both ranks:", first == second)
# > equal on both ranks: True
mean, total, uneven, weighted = torch.tensor(first)
full = torch.tensor(gradient(bare, slice(0, 8)))
print("mean loss, the full gradient:", torch.allclose(mean, full))
# > mean loss, the full gradient: True
print("sum loss, half of 8 times it:", torch.allclose(total, 8 * full / 2))
# > sum loss, half of 8 times it: True
print("6 and 2 rows, the full gradient:", torch.allclose(uneven, full))
# > 6 and 2 rows, the full gradient: False
print("weighted by their share:", torch.allclose(weighted, full))
# > weighted by their share: True
# --8<-- [end:sums-or-averages-ddp]

# --8<-- [start:sums-or-averages-cuda] needs: cuda:2
import copy

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers

torch.manual_seed(0)
inputs, targets = torch.randn(8, 3), torch.randn(8, 2)
bare = nn.Linear(3, 2, bias=False)


def gradient(model, device, rows):
    model.zero_grad()
    output = model(inputs[rows].to(device))
    nn.functional.mse_loss(output, targets[rows].to(device)).backward()
    return next(model.parameters()).grad.tolist()


def worker(rank):
    half = (slice(0, 4), slice(4, 8))[rank]
    torch.cuda.set_device(rank)
    nccl = dist.new_group(backend="nccl")
    model = copy.deepcopy(bare).cuda()
    model = DistributedDataParallel(model, [rank], process_group=nccl)
    on_gpu = gradient(model, "cuda", half)
    return on_gpu, gradient(DistributedDataParallel(bare), "cpu", half)


first, second = run_workers(worker)
print("equal on both ranks:", first == second)
nccl, gloo = torch.tensor(first)  # (2, 3), (2, 3)
print("nccl as gloo:", torch.allclose(nccl, gloo, atol=1e-6))
full = torch.tensor(gradient(bare, "cpu", slice(0, 8)))
print("the full gradient:", torch.allclose(nccl, full, atol=1e-6))
wrapped = nn.DataParallel(bare.cuda(), device_ids=[0, 1])
added = torch.tensor(gradient(wrapped, "cuda", slice(0, 8)))
print("DataParallel's sum, too:", torch.allclose(added, full, atol=1e-6))
# --8<-- [end:sums-or-averages-cuda]

# --8<-- [start:sums-or-averages-figure]
import matplotlib.pyplot as plt
import torch
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers


def worker(rank):
    model = DistributedDataParallel(torch.nn.Linear(1, 1, bias=False))
    gradients = []
    for context in (model.no_sync, torch.enable_grad):
        model.zero_grad()
        with context():
            model(inputs.chunk(2)[rank]).mean().backward()
        gradients.append(model.module.weight.grad.item())
    return gradients


inputs = torch.tensor([[1.0], [2.0], [3.0], [3.0], [4.0], [8.0]])
(zero, average), (one, _) = run_workers(worker)
weight = torch.zeros(1, 1, requires_grad=True)
copies = [weight.clone() for _ in range(2)]
pairs = zip(inputs.chunk(2), copies, strict=True)
loss = torch.cat([part @ copy for part, copy in pairs]).mean()
left, right = (g.item() for g in torch.autograd.grad(loss, copies))
full = torch.autograd.grad((inputs @ weight).mean(), weight)[0].item()

fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), sharey=True, layout="tight")
places, colors = ("GPU 0", "GPU 1", "model", "model"), ["C0", "C1"]
heights, bottom = (left, right, left, right), (0, 0, 0, left)
axes[0].bar(places, heights, bottom=bottom, color=colors * 2)
places = ("rank 0", "rank 1", "each rank")
axes[1].bar(places, (zero, one, average), color=[*colors, "C2"])
for ax, title in zip(axes, ("DataParallel adds", "DDP averages"), strict=True):
    ax.axhline(full, color=plt.rcParams["text.color"], ls="--", lw=1)
    ax.set_title(title)
axes[0].text(-0.4, full + 0.1, "whole batch")
axes[0].set_ylabel("gradient of the weight")
plt.show()
# --8<-- [end:sums-or-averages-figure]

# --8<-- [start:why-ddp]
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def train(rank, world, path, results):
    store = dist.FileStore(path, world)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=world)
    torch.manual_seed(rank)
    model = nn.Linear(4, 1)
    weights = [model.weight.tolist()]
    wrapped = DistributedDataParallel(model)
    weights.append(model.weight.tolist())
    optimizer = torch.optim.SGD(wrapped.parameters(), lr=0.1)
    for _ in range(3):
        loss = wrapped(torch.randn(8, 4)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    results.put((rank, [*weights, model.weight.tolist(), loss.item()]))
    dist.barrier()
    dist.destroy_process_group()


with tempfile.TemporaryDirectory() as folder:
    results = mp.get_context("fork").SimpleQueue()
    arguments = (2, f"{folder}/store", results)
    mp.start_processes(train, arguments, nprocs=2, start_method="fork")
    (_, zero), (_, one) = sorted(results.get() for _ in range(2))
moments = ("fresh weights", "after wrapping", "after 3 steps", "losses")
for moment, left, right in zip(moments, zero, one, strict=True):
    print(moment, "equal:", left == right)
# > fresh weights equal: False
# > after wrapping equal: True
# > after 3 steps equal: True
# > losses equal: False
# --8<-- [end:why-ddp]

# --8<-- [start:why-ddp-buckets]
import torch
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers


def worker(rank):
    layers = [nn.Linear(8, 8, bias=False) for _ in range(3)]
    model = DistributedDataParallel(nn.Sequential(*layers), bucket_cap_mb=1e-5)
    numbers = {layer.weight: number for number, layer in enumerate(layers)}
    events = []

    def ready(weight):
        events.append(f"gradient of layer {numbers[weight]}")

    def communicate(state, bucket):
        held = [numbers[weight] for weight in bucket.parameters()]
        events.append(f"all-reduce of layers {held}")
        return default_hooks.allreduce_hook(state, bucket)

    for weight in numbers:
        weight.register_post_accumulate_grad_hook(ready)
    model.register_comm_hook(None, communicate)
    for _ in range(2):
        events.clear()
        model(torch.ones(4, 8)).sum().backward()
    return events


events, _ = run_workers(worker)
print(*events, sep="\n")
# > gradient of layer 2
# > all-reduce of layers [2]
# > gradient of layer 1
# > all-reduce of layers [1]
# > gradient of layer 0
# > all-reduce of layers [0]
# --8<-- [end:why-ddp-buckets]

# --8<-- [start:why-ddp-no-sync]
from contextlib import nullcontext

import torch
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers

torch.manual_seed(0)
bare = nn.Linear(3, 1, bias=False)
batch = torch.randn(2, 4, 8, 3)  # (ranks, parts, N, C)


def worker(rank):
    model = DistributedDataParallel(bare)
    calls, rows = [], []

    def communicate(state, bucket):
        calls.append(bucket.index())
        return default_hooks.allreduce_hook(state, bucket)

    model.register_comm_hook(None, communicate)
    for silent in (0, 3):
        model.zero_grad()
        calls.clear()
        for number, part in enumerate(batch[rank]):
            with model.no_sync() if number < silent else nullcontext():
                (model(part).square().mean() / 4).backward()
        rows.append((len(calls), bare.weight.grad.tolist()))
    return rows


(always, once), _ = run_workers(worker)
print("all-reduces:", always[0], "and with no_sync:", once[0])
# > all-reduces: 4 and with no_sync: 1
bare(batch.flatten(0, 2)).square().mean().backward()
both = torch.tensor([always[1], once[1]])  # (2, 1, 3)
print("gradient of all 64 rows:", torch.allclose(both, bare.weight.grad))
# > gradient of all 64 rows: True
# --8<-- [end:why-ddp-no-sync]

# --8<-- [start:why-ddp-unused]
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(3, 1)
        self.unused = nn.Linear(3, 1)

    def forward(self, x):
        return self.used(x)


def worker(rank, **options):
    model = DistributedDataParallel(TwoHeads(), **options)
    try:
        for _ in range(2):
            model(torch.ones(4, 3)).sum().backward()
    except RuntimeError as error:
        return str(error)
    return "two steps"


first, second = run_workers(worker)
print(first.split(" before")[0])
# > Expected to have finished reduction in the prior iteration
allowed = run_workers(lambda rank: worker(rank, find_unused_parameters=True))
print("find_unused_parameters:", allowed)
# > find_unused_parameters: ['two steps', 'two steps']
# --8<-- [end:why-ddp-unused]

# --8<-- [start:why-ddp-recommended]
import textwrap

from torch import nn

text = " ".join(nn.DataParallel.__doc__.split())
advice = text[text.index("It is recommended") :]
print(textwrap.fill(advice.split(" See")[0], 76))
# > It is recommended to use
# > :class:`~torch.nn.parallel.DistributedDataParallel`, instead of this class,
# > to do multi-GPU training, even if there is only a single node.
# --8<-- [end:why-ddp-recommended]

# --8<-- [start:shard-the-data]
import torch
from torch.utils.data import DataLoader, DistributedSampler

data = torch.arange(11)


def order(rank, epoch, drop_last=False):
    sampler = DistributedSampler(data, 3, rank, drop_last=drop_last)
    sampler.set_epoch(epoch)
    return list(sampler)


shards = [order(rank, epoch=0) for rank in range(3)]
print("lengths:", [len(shard) for shard in shards])
# > lengths: [4, 4, 4]
drawn = torch.tensor(shards).flatten()
print("distinct:", len(drawn.unique()), "of", len(drawn))
# > distinct: 11 of 12
short = [order(rank, epoch=0, drop_last=True) for rank in range(3)]
drawn = torch.tensor(short).flatten()
print("distinct, drop_last:", len(drawn.unique()), "of", len(drawn))
# > distinct, drop_last: 9 of 9

sampler = DistributedSampler(data, 3, rank=0)
print("next epoch, same order:", list(sampler) == list(sampler))
# > next epoch, same order: True
print("epoch 1, same order:", order(0, epoch=1) == order(0, epoch=0))
# > epoch 1, same order: False
try:
    DataLoader(data, sampler=sampler, shuffle=True)
except ValueError as error:
    print(error)
# > sampler option is mutually exclusive with shuffle
# --8<-- [end:shard-the-data]

# --8<-- [start:shard-the-data-figure]
import matplotlib.pyplot as plt
import torch
from torch.utils.data import DistributedSampler

data = torch.arange(11)
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="tight")
for epoch, ax in enumerate(axes):
    seen = set()
    samplers = [DistributedSampler(data, 3, rank) for rank in range(3)]
    for sampler in samplers:
        sampler.set_epoch(epoch)
    for column, numbers in enumerate(zip(*samplers, strict=True)):
        for rank, number in enumerate(numbers):
            look = {"fc": (f"C{rank}", 0.3), "ec": f"C{rank}"}
            if number in seen:
                look |= {"ls": "--", "lw": 2, "fc": "none"}
            ax.add_patch(plt.Rectangle((column, 2 - rank), 0.9, 0.9, **look))
            middle = (column + 0.45, 2.45 - rank)
            ax.text(*middle, number, ha="center", va="center", size=12)
            seen.add(number)
    ax.set_title(f"epoch {epoch}")
    ax.set(xlim=(-0.1, 4), ylim=(-0.1, 3), aspect="equal", xticks=[])
    ax.set_yticks([2.45, 1.45, 0.45], [f"rank {rank}" for rank in range(3)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
plt.show()
# --8<-- [end:shard-the-data-figure]

# --8<-- [start:shard-the-data-collectives]
import torch
import torch.distributed as dist

from snippets.toolbox.workers import run_workers


def worker(rank):
    own = torch.tensor([[1.0, 2.0], [10.0, 20.0]][rank])
    total, copied, piece = own.clone(), own.clone(), torch.empty(1)
    dist.all_reduce(total)
    dist.broadcast(copied, src=0)
    rows = [torch.empty(2) for _ in range(2)]
    dist.all_gather(rows, own)
    dist.reduce_scatter(piece, list(own.split(1)))
    return {
        "own": own.tolist(),
        "all_reduce": total.tolist(),
        "broadcast": copied.tolist(),
        "all_gather": torch.stack(rows).tolist(),
        "reduce_scatter": piece.tolist(),
    }


zero, one = run_workers(worker)
for name in zero:
    print(f"{name}:", zero[name], "and", one[name])
# > own: [1.0, 2.0] and [10.0, 20.0]
# > all_reduce: [11.0, 22.0] and [11.0, 22.0]
# > broadcast: [1.0, 2.0] and [1.0, 2.0]
# > all_gather: [[1.0, 2.0], [10.0, 20.0]] and [[1.0, 2.0], [10.0, 20.0]]
# > reduce_scatter: [11.0] and [22.0]
# --8<-- [end:shard-the-data-collectives]

# --8<-- [start:shard-the-data-validation]
import torch
import torch.distributed as dist
from torch.utils.data import DistributedSampler

from snippets.toolbox.workers import run_workers

losses = torch.tensor([10.0, 0.0, 0.0, 0.0, 0.0])  # one per sample


def reduced(values):
    sums = torch.tensor([values.sum(), len(values)])
    dist.all_reduce(sums)
    return sums.tolist()


def worker(rank):
    padded = losses[list(DistributedSampler(losses, shuffle=False))]
    strided = losses[rank::2]
    means = strided.mean()
    dist.all_reduce(means)
    return reduced(padded), reduced(strided), means.item() / 2


(padded, strided, means), _ = run_workers(worker)
print("true mean:", losses.mean().item())
# > true mean: 2.0
print("padded, sum and count:", padded)
# > padded, sum and count: [20.0, 6.0]
print("unpadded, sum and count:", strided)
# > unpadded, sum and count: [10.0, 5.0]
print("mean of two means:", f"{means:.2f}")
# > mean of two means: 1.67
# --8<-- [end:shard-the-data-validation]

# --8<-- [start:sync-batchnorm]
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers

torch.manual_seed(0)
batch = torch.randn(16, 2) + torch.linspace(0, 4, 16)[:, None]  # (N, C)


def worker(rank):
    part = batch.split([10, 6])[rank]
    model = DistributedDataParallel(nn.BatchNorm1d(2, momentum=1.0))
    model(part)
    own = model.module.running_mean.tolist()
    model.eval()(part)
    later = model.module.running_mean.tolist()
    count = torch.full((2,), float(len(part)))
    sums = torch.stack([part.sum(0), part.square().sum(0), count])
    dist.all_reduce(sums)
    mean = sums[0] / sums[2]
    variance = sums[1] / sums[2] - mean.square()
    return own, later, mean.tolist(), variance.tolist()


zero, one = (torch.tensor(rows) for rows in run_workers(worker))
full = batch.mean(0)
variance = batch.var(0, correction=0)
for rank, rows in enumerate((zero, one)):
    print(f"rank {rank}, full mean:", torch.allclose(rows[0], full))
# > rank 0, full mean: False
# > rank 1, full mean: False
print("next call, rank 1 has rank 0's:", torch.equal(one[1], zero[0]))
# > next call, rank 1 has rank 0's: True
print("combined mean:", torch.allclose(one[2], full))
# > combined mean: True
print("combined variance:", torch.allclose(one[3], variance, atol=1e-4))
# > combined variance: True
# --8<-- [end:sync-batchnorm]

# --8<-- [start:sync-batchnorm-by-hand]
import torch
import torch.distributed as dist

from snippets.toolbox.workers import run_workers


class AddRanks(torch.autograd.Function):
    @staticmethod
    def forward(ctx, own):
        total = own.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        return AddRanks.forward(ctx, gradient)


def worker(rank):
    part = batch.split([10, 6])[rank].clone().requires_grad_()
    count = AddRanks.apply(torch.full((2,), float(len(part))))
    mean = AddRanks.apply(part.sum(0)) / count
    variance = AddRanks.apply((part - mean).square().sum(0)) / count
    output = (part - mean) / (variance + 1e-5).sqrt()
    output.pow(3).sum().backward()
    return output.tolist(), part.grad.tolist()


torch.manual_seed(0)
batch = torch.randn(16, 2)  # (N, C)
pairs = zip(*run_workers(worker), strict=True)
output, gradient = (torch.tensor(zero + one) for zero, one in pairs)
batch.requires_grad_()
full = torch.nn.BatchNorm1d(2)(batch)  # (16, 2)
full.pow(3).sum().backward()
print("output:", torch.allclose(output, full, atol=1e-5))
# > output: True
print("gradient:", torch.allclose(gradient, batch.grad, atol=1e-4))
# > gradient: True
# --8<-- [end:sync-batchnorm-by-hand]

# --8<-- [start:sync-batchnorm-convert]
import torch
from torch import nn

from snippets.toolbox.workers import run_workers

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())
plain, keys = model[1], list(model.state_dict())
model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
print([type(layer).__name__ for layer in model])
# > ['Linear', 'SyncBatchNorm', 'ReLU']
print("same weight:", model[1].weight is plain.weight)
# > same weight: True
print("same keys:", list(model.state_dict()) == keys)
# > same keys: True
batch = torch.randn(8, 3)  # (N, C)


def worker(rank):
    try:
        model(batch)
    except ValueError as error:
        message = str(error).split(" or ")[0]
    return message, list(model.eval()(batch).shape)


message, shape = run_workers(worker)[0]
print(message)
# > SyncBatchNorm expected input tensor to be on GPU
print("eval mode, output:", shape)
# > eval mode, output: [8, 4]
hidden = model[0](batch)  # (N, 4)
same = torch.allclose(model[1](hidden), plain(hidden))
print("one process, as BatchNorm:", same)
# > one process, as BatchNorm: True
# --8<-- [end:sync-batchnorm-convert]

# --8<-- [start:sync-batchnorm-cuda] needs: cuda:2
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from snippets.toolbox.workers import run_workers

torch.manual_seed(0)
batch = torch.randn(16, 2)  # (N, C)


def worker(rank):
    torch.cuda.set_device(rank)
    nccl = dist.new_group(backend="nccl")
    layer = nn.BatchNorm1d(2, momentum=1.0)
    layer = nn.SyncBatchNorm.convert_sync_batchnorm(layer, nccl).cuda()
    model = DistributedDataParallel(layer, [rank], process_group=nccl)
    part = batch.split([10, 6])[rank].cuda().requires_grad_()
    output = model(part)
    output.pow(3).sum().backward()
    kept = [layer.running_mean, layer.running_var, layer.weight.grad]
    return output.tolist(), part.grad.tolist(), [t.tolist() for t in kept]


zero, one = run_workers(worker)
print("both ranks keep the same:", zero[2] == one[2])
output, gradient = (torch.tensor(zero[i] + one[i]) for i in (0, 1))
mean, variance, half = torch.tensor(zero[2])
batch.requires_grad_()
plain = nn.BatchNorm1d(2, momentum=1.0)
full = plain(batch)  # (16, 2)
full.pow(3).sum().backward()
print("output:", torch.allclose(output, full, atol=1e-5))
print("gradient:", torch.allclose(gradient, batch.grad, atol=1e-4))
print("mean:", torch.allclose(mean, plain.running_mean, atol=1e-5))
print("variance:", torch.allclose(variance, plain.running_var, atol=1e-5))
same = torch.allclose(2 * half, plain.weight.grad, atol=1e-3)
print("the weight's gradient, averaged by DDP, doubled:", same)
# --8<-- [end:sync-batchnorm-cuda]
