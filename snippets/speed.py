"""What makes a GPU wait, and what keeps it busy."""

# --8<-- [start:asynchronous-launch]
import torch

x = torch.zeros(3, device="meta")  # (3,), a shape without any numbers
mask = x > 0  # (3,)
calls = {
    "x @ x": lambda: x @ x,
    "x.sum()": x.sum,
    "x.argmax()": x.argmax,
    "x.masked_fill(mask, 1)": lambda: x.masked_fill(mask, 1),
    "x.shape": lambda: x.shape,
    "x[0].item()": x[0].item,
    "if x[0] > 0": lambda: bool(x[0] > 0),
    "x.tolist()": x.tolist,
    "x.cpu()": x.cpu,
    "x.nonzero()": x.nonzero,
    "x[mask]": lambda: x[mask],
}
for name, call in calls.items():
    try:
        call()
        print("can be queued:", name)
    except RuntimeError:
        print("needs a value:", name)
# > can be queued: x @ x
# > can be queued: x.sum()
# > can be queued: x.argmax()
# > can be queued: x.masked_fill(mask, 1)
# > can be queued: x.shape
# > needs a value: x[0].item()
# > needs a value: if x[0] > 0
# > needs a value: x.tolist()
# > needs a value: x.cpu()
# > needs a value: x.nonzero()
# > needs a value: x[mask]
# --8<-- [end:asynchronous-launch]

# --8<-- [start:asynchronous-launch-cuda] needs: cuda
import torch

torch.manual_seed(0)
a = torch.randn(8192, 8192, device="cuda")  # (8192, 8192)
out = torch.empty_like(a)
torch.mm(a, a, out=out)
torch.cuda.synchronize()

finished = torch.cuda.Event()
for _ in range(20):
    torch.mm(a, a, out=out)
finished.record()
print("launched, finished:", finished.query())
print("nothing left to do:", torch.cuda.current_stream().query())

corner = out[0, 0].item()
print("item() gave a", type(corner).__name__)
print("after item(), finished:", finished.query())
# --8<-- [end:asynchronous-launch-cuda]

# --8<-- [start:asynchronous-launch-found] needs: cuda
import warnings

import torch

x = torch.tensor([3.0, 0.0, 5.0], device="cuda")  # (3,)
mask = x > 0  # (3,)
calls = {
    "x @ x": lambda: x @ x,
    "x.sum()": x.sum,
    "x.masked_fill(mask, 1)": lambda: x.masked_fill(mask, 1),
    "x[0].item()": x[0].item,
    "if x[0] > 0": lambda: bool(x[0] > 0),
    "x.tolist()": x.tolist,
    "x.cpu()": x.cpu,
    "x.nonzero()": x.nonzero,
    "x[mask]": lambda: x[mask],
    "str(x)": lambda: str(x),
}
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the mode announces itself as a prototype
    torch.cuda.set_sync_debug_mode("error")
for name, call in calls.items():
    try:
        call()
        print("queued:", name)
    except RuntimeError:
        print("waits:", name)
torch.cuda.set_sync_debug_mode("default")
# --8<-- [end:asynchronous-launch-found]

# --8<-- [start:honest-timing]
import logging

import torch

logging.disable(logging.WARNING)  # a CUDA toolkit without a GPU is reported
from torch.utils import benchmark

outside = torch.get_num_threads()
threads = []


def work():
    threads.append(torch.get_num_threads())


timer = benchmark.Timer("work()", globals={"work": work})
measured = timer.timeit(50)
print("asked for 50 runs, did:", len(threads))
# > asked for 50 runs, did: 52
print("numbers from them:", len(measured.times))
# > numbers from them: 1
print("threads by default:", set(threads))
# > threads by default: {1}
threads.clear()
benchmark.Timer("work()", globals={"work": work}, num_threads=2).timeit(50)
print("threads on request:", set(threads))
# > threads on request: {2}
print("restored afterwards:", torch.get_num_threads() == outside)
# > restored afterwards: True

task = benchmark.TaskSpec("made up", setup="")
seconds = [60.0, 1.0, 1.0, 1.0, 1.0]
made_up = benchmark.Measurement(1, seconds, task)
print("slow first call, mean:", made_up.mean, "median:", made_up.median)
# > slow first call, mean: 12.8 median: 1.0
# --8<-- [end:honest-timing]

# --8<-- [start:honest-timing-cuda] needs: cuda
import time

import torch


def work():
    return a @ a


torch.manual_seed(0)
a = torch.randn(8192, 8192, device="cuda")  # (8192, 8192)
for _ in range(3):
    work()
torch.cuda.synchronize()

began = time.perf_counter()
work()
naive = time.perf_counter() - began
torch.cuda.synchronize()

began = time.perf_counter()
work()
torch.cuda.synchronize()
waited = time.perf_counter() - began

start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
start.record()
work()
end.record()
end.synchronize()
seconds = start.elapsed_time(end) / 1000
print("naive below a tenth of the events:", naive < seconds / 10)
print("synchronize within a factor of 2:", 0.5 < waited / seconds < 2)
# --8<-- [end:honest-timing-cuda]

# --8<-- [start:pinned-memory]
import torch
from torch.utils.data import DataLoader, TensorDataset

cuda = torch.cuda.is_available()
device = torch.device("cuda" if cuda else "cpu")
samples = torch.arange(24.0).view(8, 3)  # (8, 3)
print("ordinary memory, pinned:", samples.is_pinned())
# > ordinary memory, pinned: False

data = TensorDataset(samples)
print("loader, by default:", DataLoader(data).pin_memory)
# > loader, by default: False
loader = DataLoader(data, batch_size=4, pin_memory=cuda)
batches = [batch for (batch,) in loader]  # two of (4, 3)
print("pinned as asked:", {b.is_pinned() for b in batches} == {cuda})
# > pinned as asked: True
print("the samples themselves:", samples.is_pinned())
# > the samples themselves: False

moved = [batch.to(device, non_blocking=True) for batch in batches]
print("arrived:", torch.equal(torch.cat(moved).cpu(), samples))
# > arrived: True
same = samples.to("cpu", non_blocking=True)
print("nothing to move, no copy:", same is samples)
# > nothing to move, no copy: True
# --8<-- [end:pinned-memory]

# --8<-- [start:pinned-memory-cuda] needs: cuda
import torch

torch.manual_seed(0)
a = torch.randn(8192, 8192, device="cuda")  # (8192, 8192)
out = torch.empty_like(a)
ordinary = torch.randn(4096, 4096)  # (4096, 4096), 64 MiB
pinned = ordinary.pin_memory()
print("pinned:", ordinary.is_pinned(), pinned.is_pinned())


def host_waits(source, non_blocking):
    for _ in range(20):
        torch.mm(a, a, out=out)
    queued = torch.cuda.Event()
    queued.record()
    source.to("cuda", non_blocking=non_blocking)
    answer = queued.query()
    torch.cuda.synchronize()
    return answer


host_waits(pinned, non_blocking=False)  # warm-up
print("ordinary, host waits:", host_waits(ordinary, non_blocking=False))
print("pinned, host waits:", host_waits(pinned, non_blocking=False))
print("ordinary, non_blocking:", host_waits(ordinary, non_blocking=True))
print("pinned, non_blocking:", host_waits(pinned, non_blocking=True))
times = []
for source in (ordinary, pinned):
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    source.to("cuda")
    end.record()
    end.synchronize()
    times.append(start.elapsed_time(end))
print("pinned copy faster:", times[1] < times[0])
# --8<-- [end:pinned-memory-cuda]

# --8<-- [start:pinned-memory-back] needs: cuda
import torch

torch.manual_seed(0)
a = torch.randn(8192, 8192, device="cuda")  # (8192, 8192)
out = torch.empty_like(a)
ones = torch.ones(4, device="cuda")  # (4,)
host = torch.zeros(4).pin_memory()  # (4,)
torch.mm(a, a, out=out)
torch.cuda.synchronize()

for _ in range(20):
    torch.mm(a, a, out=out)
host.copy_(ones, non_blocking=True)
print("read at once:", host.tolist())
torch.cuda.synchronize()
print("after synchronize:", host.tolist())

result = ones.to("cpu", non_blocking=True)
print("to('cpu', non_blocking=True), pinned:", result.is_pinned())
torch.cuda.synchronize()
# --8<-- [end:pinned-memory-back]

# --8<-- [start:streams]
from concurrent.futures import ThreadPoolExecutor as Stream
from threading import Event

import torch

x = torch.zeros(3)
gate = Event()
with Stream(1) as copies, Stream(1) as compute:
    copies.submit(gate.wait)  # an earlier job that takes its time
    copies.submit(x.fill_, 1.0)  # "the batch arrives"
    early = compute.submit(x.tolist).result()

    arrived = copies.submit(bool)  # like event.record(copies)
    compute.submit(arrived.result)  # like event.wait(compute)
    late = compute.submit(x.tolist)
    queued = not late.done()

    gate.set()
    late = late.result()
print("other stream, no event:", early)
# > other stream, no event: [0.0, 0.0, 0.0]
print("the host got on with its work:", queued)
# > the host got on with its work: True
print("behind the event:", late)
# > behind the event: [1.0, 1.0, 1.0]
# --8<-- [end:streams]

# --8<-- [start:streams-figure]
import matplotlib.pyplot as plt

copy, compute, batches = 2.0, 3.0, 4


def schedule(overlap):
    bars, copies_end, computes_end = [], 0.0, 0.0
    for batch in range(batches):
        start = copies_end if overlap else max(copies_end, computes_end)
        copies_end = start + copy
        bars.append(("copies", batch, start, copy))
        start = max(computes_end, copies_end)
        computes_end = start + compute
        bars.append(("compute", batch, start, compute))
    return bars, computes_end


fig, axes = plt.subplots(2, 1, figsize=(7.2, 4.2), sharex=True, layout="tight")
titles = ("One stream", "Two streams, an event per batch")
for ax, overlap, title in zip(axes, (False, True), titles, strict=True):
    bars, end = schedule(overlap)
    for row, batch, start, length in bars:
        color = "C0" if row == "copies" else "C1"
        style = {"color": (color, 0.35), "ec": color, "height": 0.7}
        ax.barh(row, length, left=start, **style)
        ax.text(start + length / 2, row, batch + 1, ha="center", va="center")
    ax.axvline(end, color=plt.rcParams["text.color"], alpha=0.5, ls="--")
    ax.set_title(f"{title}: done at {end:g}", loc="left")
    ax.invert_yaxis()
axes[1].set_xticks(range(0, 21, 5))
axes[1].set_xlabel("time in made-up units (a copy 2, a computation 3)")
plt.show()
# --8<-- [end:streams-figure]

# --8<-- [start:streams-cuda] needs: cuda
import torch

torch.manual_seed(0)
a = torch.randn(8192, 8192, device="cuda")  # (8192, 8192)
out = torch.empty_like(a)
x = torch.zeros(3, device="cuda")  # (3,)
side = torch.cuda.Stream()
main = torch.cuda.current_stream()
torch.mm(a, a, out=out)
torch.cuda.synchronize()

with torch.cuda.stream(side):
    for _ in range(20):
        torch.mm(a, a, out=out)
    x.fill_(1.0)
early = x.clone()
print("other stream, no event:", early.tolist())

main.wait_stream(side)
late = x.clone()
print("behind wait_stream:", late.tolist())
# --8<-- [end:streams-cuda]

# --8<-- [start:streams-prefetch] needs: cuda
import torch

torch.manual_seed(0)
batches = [torch.randn(4096, 4096).pin_memory() for _ in range(4)]
weight = torch.randn(4096, 4096, device="cuda")  # (4096, 4096)
side = torch.cuda.Stream()
main = torch.cuda.current_stream()
copied = [torch.cuda.Event(enable_timing=True) for _ in batches]
computed = [torch.cuda.Event(enable_timing=True) for _ in batches]


def fetch(index):
    with torch.cuda.stream(side):
        x = batches[index].to("cuda", non_blocking=True)
        copied[index].record()
    return x


def compute(x):
    return torch.stack([(x @ weight).mean() for _ in range(4)]).sum()


expected = torch.stack([compute(batch.cuda()) for batch in batches])
torch.cuda.synchronize()
results, ahead = [], fetch(0)
for index in range(4):
    x = ahead
    main.wait_stream(side)
    x.record_stream(main)
    if index + 1 < 4:
        ahead = fetch(index + 1)
    results.append(compute(x))
    computed[index].record()
torch.cuda.synchronize()
print("results:", torch.allclose(torch.stack(results), expected, atol=1e-3))
gaps = [copied[i + 1].elapsed_time(computed[i]) for i in range(3)]
print("next batch there in time:", all(gap > 0 for gap in gaps))
# --8<-- [end:streams-prefetch]

# --8<-- [start:cuda-graphs]
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Capture(TorchDispatchMode):
    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        tape.append((operation, args, kwargs or {}, result))
        return result


def step(x):
    python_ran.append("once more")
    return (x * 2).relu() + 1


tape, python_ran = [], []
x = torch.tensor([-1.0, 3.0])  # (2,)
with Capture():
    y = step(x)  # (2,)
print("operations on tape:", len(tape))
# > operations on tape: 3
for numbers in ([5.0, 6.0], [7.0, -8.0]):
    x.copy_(torch.tensor(numbers))
    for operation, args, kwargs, result in tape:
        result.copy_(operation(*args, **kwargs))
    print("replayed for", numbers, "y is", y.tolist())
# > replayed for [5.0, 6.0] y is [11.0, 13.0]
# > replayed for [7.0, -8.0] y is [15.0, 1.0]
print("Python ran step:", len(python_ran), "time")
# > Python ran step: 1 time

x = torch.tensor([100.0, 100.0])  # a new tensor under the old name
for operation, args, kwargs, result in tape:
    result.copy_(operation(*args, **kwargs))
print("x rebound, y is", y.tolist())
# > x rebound, y is [15.0, 1.0]
# --8<-- [end:cuda-graphs]

# --8<-- [start:cuda-graphs-capture] needs: cuda
import torch


def step(x):
    python_ran.append("once more")
    return torch.relu(x @ weight).sum(1)


torch.manual_seed(0)
python_ran = []
weight = torch.randn(64, 64, device="cuda") / 8  # (64, 64)
static_x = torch.zeros(16, 64, device="cuda")  # (16, 64)
side = torch.cuda.Stream()
side.wait_stream(torch.cuda.current_stream())
with torch.cuda.stream(side):
    for _ in range(3):
        step(static_x)
torch.cuda.current_stream().wait_stream(side)

graph = torch.cuda.CUDAGraph()
with torch.cuda.graph(graph):
    static_y = step(static_x)  # (16,)
for _ in range(2):
    x = torch.randn(16, 64, device="cuda")
    static_x.copy_(x)
    graph.replay()
print("Python ran step:", len(python_ran), "times")
print("equals step(x):", torch.allclose(static_y, step(x), atol=1e-4))
kept = static_y.clone()
old, static_x = static_x, torch.zeros(16, 64, device="cuda")
graph.replay()
print("rebinding static_x changed nothing:", torch.equal(static_y, kept))
# --8<-- [end:cuda-graphs-capture]

# --8<-- [start:cuda-graphs-training] needs: cuda
import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)).cuda()
twin = copy.deepcopy(model)
sample = torch.randn(32, 64, device="cuda")  # (32, 64)
graphed = torch.cuda.make_graphed_callables(model, (sample,))
xs = torch.randn(10, 32, 64, device="cuda")
ys = torch.randn(10, 32, 1, device="cuda")
for network in (graphed, twin):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    for x, y in zip(xs, ys, strict=True):
        optimizer.zero_grad()
        F.mse_loss(network(x), y).backward()
        optimizer.step()
print("the module itself:", graphed is model)
pairs = zip(graphed.parameters(), twin.parameters(), strict=True)
same = [torch.allclose(a, b, rtol=1e-3, atol=1e-5) for a, b in pairs]
print("same weights as without graphs:", all(same))
try:
    graphed(xs[0, :16])
except RuntimeError as error:
    print("16 instead of 32:", str(error)[:60])
# --8<-- [end:cuda-graphs-training]

# --8<-- [start:compile-on-cuda]
import torch

graphs = []


def count(graph, inputs):
    graphs.append(graph)
    return graph.forward


@torch.compile(backend=count)
def scale(x, factor):
    return torch.relu(x) * factor


def compiled_by(x, factor):
    before = len(graphs)
    scale(x, factor)
    return len(graphs) - before


print("first call:", compiled_by(torch.ones(2, 3), 2))
# > first call: 1
print("other values:", compiled_by(torch.zeros(2, 3), 2))
# > other values: 0
print("other size:", compiled_by(torch.ones(4, 3), 2))
# > other size: 1
print("yet another size:", compiled_by(torch.ones(7, 3), 2))
# > yet another size: 0
print("size 1:", compiled_by(torch.ones(1, 3), 2))
# > size 1: 1
print("other dtype:", compiled_by(torch.ones(7, 3).double(), 2))
# > other dtype: 1
print("gradient wanted:", compiled_by(torch.ones(7, 3).requires_grad_(), 2))
# > gradient wanted: 1
print("other number:", compiled_by(torch.ones(7, 3), 3))
# > other number: 1
print("yet another number:", compiled_by(torch.ones(7, 3), 4))
# > yet another number: 0
# --8<-- [end:compile-on-cuda]

# --8<-- [start:compile-on-cuda-breaks]
import torch


def branching(gradient):
    norm = gradient.norm()
    if norm > 1:
        gradient = gradient / norm
    return gradient * 0.5


def selecting(gradient):
    norm = gradient.norm()
    return torch.where(norm > 1, gradient / norm, gradient) * 0.5


gradient = torch.tensor([3.0, 4.0])  # (2,)
for function in (branching, selecting):
    report = torch._dynamo.explain(function)(gradient)
    graphs, breaks = report.graph_count, report.graph_break_count
    print(f"{function.__name__}, graphs: {graphs}, breaks: {breaks}")
    whole = torch.compile(function, backend="eager", fullgraph=True)
    try:
        print("fullgraph:", [round(g, 3) for g in whole(gradient).tolist()])
    except torch._dynamo.exc.Unsupported as error:
        print("fullgraph:", type(error).__name__)
# > branching, graphs: 2, breaks: 1
# > fullgraph: Unsupported
# > selecting, graphs: 1, breaks: 0
# > fullgraph: [0.3, 0.4]

modes = torch._inductor.list_mode_options()
print("reduce-overhead:", modes["reduce-overhead"])
# > reduce-overhead: {'triton.cudagraphs': True}
# --8<-- [end:compile-on-cuda-breaks]

# --8<-- [start:compile-on-cuda-graphs] needs: cuda
import warnings

import torch


def step(x, weight):
    return torch.relu(x * weight) + 1


torch.manual_seed(0)
x = torch.randn(1024, device="cuda")  # (1024,)
weight = torch.randn(1024, device="cuda")  # (1024,)
compiled = torch.compile(step, mode="reduce-overhead")
with torch.no_grad(), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the compiler's own imports
    for _ in range(3):
        compiled(x, weight)
with torch.no_grad():
    first = compiled(x, weight)
    kept = first.clone()
    second = compiled(2 * x, weight)
print("equals eager:", torch.allclose(second, step(2 * x, weight)))
print("the clone holds:", torch.allclose(kept, step(x, weight)))
try:
    print("the first result holds:", torch.equal(first, kept))
except RuntimeError as error:
    print("first result:", str(error)[7:70])
skips = torch._dynamo.utils.counters["inductor"]["cudagraph_skips"]
print("CUDA graphs skipped:", skips)
# --8<-- [end:compile-on-cuda-graphs]

# --8<-- [start:attention-backends]
import math

import torch
from torch.nn import functional as F

accelerated = torch.accelerator.is_available()
device = torch.accelerator.current_accelerator() if accelerated else "cpu"
torch.manual_seed(0)
q, k, v = torch.randn(3, 2, 4, 16, 8, device=device)  # (2, 4, 16, 8) each


def formula(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))  # (2, 4, 16, 16)
    return scores.masked_fill(~mask, -math.inf).softmax(-1) @ v


def close(a, b):
    return torch.allclose(a, b, atol=1e-3)


attend = F.scaled_dot_product_attention
everywhere = torch.ones(16, 16, dtype=torch.bool, device=device)
causal = everywhere.tril()  # True: may be looked at
print("plain:", close(attend(q, k, v), formula(q, k, v, everywhere)))
# > plain: True
result = attend(q, k, v, is_causal=True)
print("is_causal:", close(result, formula(q, k, v, causal)))
# > is_causal: True
print("as a mask:", close(attend(q, k, v, attn_mask=causal), result))
# > as a mask: True
future = k.clone()
future[:, :, 8:] = 0
unmoved = attend(q, future, v, is_causal=True)[:, :, :8]
print("the future is ignored:", close(unmoved, result[:, :, :8]))
# > the future is ignored: True
with torch.no_grad():
    dropped = attend(q, k, v, dropout_p=0.5)
print("dropout without asking for mode:", not close(dropped, attend(q, k, v)))
# > dropout without asking for mode: True
# --8<-- [end:attention-backends]

# --8<-- [start:attention-backends-online]
import math

import torch

torch.manual_seed(0)
n, d = 96, 16
q, k, v = torch.randn(3, n, d, dtype=torch.float64)  # (96, 16) each
plain = (q @ k.T / math.sqrt(d)).softmax(-1) @ v  # (96, 16)


def tiled(q, k, v, size):
    out = []
    for rows in q.split(size):
        top = torch.full((len(rows), 1), -math.inf, dtype=q.dtype)
        total = torch.zeros_like(top)
        mixed = torch.zeros_like(rows)
        for keys, values in zip(k.split(size), v.split(size), strict=True):
            scores = rows @ keys.T / math.sqrt(d)  # (size, size)
            sizes.append(scores.numel())
            new_top = torch.maximum(top, scores.amax(1, keepdim=True))
            weights = (scores - new_top).exp()
            shrink = (top - new_top).exp()
            total = total * shrink + weights.sum(1, keepdim=True)
            mixed = mixed * shrink + weights @ values
            top = new_top
        out.append(mixed / total)
    return torch.cat(out)


for size in (8, 32, 96):
    sizes = []
    error = (tiled(q, k, v, size) - plain).abs().max().item()
    print(f"tiles of {size}: error below 1e-14: {error < 1e-14},", end=" ")
    print(f"scores: {sum(sizes)}, at once: {max(sizes)}")
# > tiles of 8: error below 1e-14: True, scores: 9216, at once: 64
# > tiles of 32: error below 1e-14: True, scores: 9216, at once: 1024
# > tiles of 96: error below 1e-14: True, scores: 9216, at once: 9216
# --8<-- [end:attention-backends-online]

# --8<-- [start:attention-backends-online-figure]
import math

import matplotlib.pyplot as plt
import torch

torch.manual_seed(0)
n, d, size = 96, 16, 16
q, k, v = torch.randn(3, n, d, dtype=torch.float64)
rows = q[32:48]  # (16, 16), the third block of queries
exact = (rows @ k.T / math.sqrt(d)).softmax(-1) @ v  # (16, 16)
top, total, mixed, errors = -math.inf, 0.0, 0.0, []
for keys, values in zip(k.split(size), v.split(size), strict=True):
    scores = rows @ keys.T / math.sqrt(d)
    new_top = scores.amax(1, keepdim=True).clamp(min=top)
    shrink, weights = (top - new_top).exp(), (scores - new_top).exp()
    total = total * shrink + weights.sum(1, keepdim=True)
    mixed = mixed * shrink + weights @ values
    top = new_top
    errors.append((mixed / total - exact).abs().max().item())

fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.9), layout="tight")
for tile in range(36):
    row, column = divmod(tile, 6)
    color = "C1" if row == 2 else "C0"
    box = plt.Rectangle((column, row), 1, 1, fc=(color, 0.25), ec=color)
    axes[0].add_patch(box)
    if row == 2:
        axes[0].text(column + 0.5, 2.5, column + 1, ha="center", va="center")
axes[0].set(xlim=(0, 6), ylim=(6, 0), aspect="equal", xticks=[], yticks=[])
axes[0].set(xlabel="96 keys, 16 per tile", ylabel="96 queries")
axes[1].semilogy(range(1, 7), errors, "o-", color="C1")
axes[1].set(xlabel="tiles read", title="error of the running result")
plt.show()
# --8<-- [end:attention-backends-online-figure]

# --8<-- [start:attention-backends-choose]
from functools import partial

import torch
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from snippets.toolbox.memory import saved_for_backward

torch.manual_seed(0)


def attend(parts, backend):
    with sdpa_kernel(backend):
        return F.scaled_dot_product_attention(*parts)


results, kept = {}, {}
for n in (128, 256, 512):
    parts = [torch.randn(1, 1, n, 32, requires_grad=True) for _ in range(3)]
    for backend in (SDPBackend.MATH, SDPBackend.FLASH_ATTENTION):
        name = backend.name
        results[name] = attend(parts, backend)
        saved = saved_for_backward(partial(attend, parts, backend), parts)
        kept.setdefault(name, []).append(saved // 1024)
a, b = results.values()
print("both agree:", torch.allclose(a, b, atol=1e-5))
# > both agree: True
print("KiB kept, n = 128, 256, 512")
# > KiB kept, n = 128, 256, 512
print("MATH:", kept["MATH"])
# > MATH: [96, 320, 1152]
print("FLASH_ATTENTION:", kept["FLASH_ATTENTION"])
# > FLASH_ATTENTION: [16, 33, 66]
try:
    attend(parts, SDPBackend.CUDNN_ATTENTION)
except RuntimeError as error:
    print("CUDNN_ATTENTION:", str(error).split(" was")[0])
# > CUDNN_ATTENTION: No viable backend for scaled_dot_product_attention
# --8<-- [end:attention-backends-choose]

# --8<-- [start:attention-backends-cuda] needs: cuda
import warnings

import torch
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel


def attend(q, k, v, backend):
    with sdpa_kernel(backend), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reasons for a refusal
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


torch.manual_seed(0)
parts = torch.randn(3, 1, 8, 2048, 64, device="cuda").bfloat16()  # q, k, v
exact = attend(*parts.double(), SDPBackend.MATH)  # (1, 8, 2048, 64)
scores = 8 * 2048 * 2048 * 2  # bytes in bfloat16
names = ("MATH", "EFFICIENT_ATTENTION", "FLASH_ATTENTION", "CUDNN_ATTENTION")
for name in names:
    backend = getattr(SDPBackend, name)
    attend(*parts, backend)  # warm-up
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    result = attend(*parts, backend)
    extra = torch.cuda.max_memory_allocated() - before
    error = (result.double() - exact).abs().max().item()
    print(name, "error below 0.05:", error < 0.05, end=", ")
    print("room for all scores:", extra > scores)
try:
    attend(*parts.float(), SDPBackend.FLASH_ATTENTION)
except RuntimeError as error:
    print("FLASH_ATTENTION in float32:", str(error).split(".")[0])
# --8<-- [end:attention-backends-cuda]
