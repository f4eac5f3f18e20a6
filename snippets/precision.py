"""Which numbers run in which precision, and what makes a GPU repeat itself."""

# --8<-- [start:autocast]
import torch
from torch import nn
from torch.nn import functional as F

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")

torch.manual_seed(0)
model = nn.Linear(16, 4).to(device)
x = torch.randn(8, 16, device=device)  # (8, 16)
y = torch.randint(4, (8,), device=device)  # (8,)
with torch.autocast(device.type, dtype=torch.bfloat16):
    logits = model(x)  # (8, 4)
    loss = F.cross_entropy(logits, y)
    with torch.autocast(device.type, enabled=False):
        island = model(x)  # (8, 4)
    results = {
        "linear": logits,
        "relu after linear": logits.relu(),
        "x + x": x + x,
        "linear + float32": logits + x[:, :4],
        "cross_entropy": loss,
        "autocast off": island,
    }
for name, result in results.items():
    print(f"{name}:", result.dtype)
# > linear: torch.bfloat16
# > relu after linear: torch.bfloat16
# > x + x: torch.float32
# > linear + float32: torch.float32
# > cross_entropy: torch.float32
# > autocast off: torch.float32

logits.register_hook(lambda grad: print("gradient of logits:", grad.dtype))
loss.backward()
# > gradient of logits: torch.bfloat16
print("weight:", model.weight.dtype, "gradient:", model.weight.grad.dtype)
# > weight: torch.float32 gradient: torch.float32
# --8<-- [end:autocast]

# --8<-- [start:autocast-lists]
import torch
from torch.nn import functional as F

print("default:", torch.get_autocast_dtype("cuda"), "on CUDA")
# > default: torch.float16 on CUDA
print("default:", torch.get_autocast_dtype("cpu"), "on the CPU")
# > default: torch.bfloat16 on the CPU

torch.manual_seed(0)
x = torch.randn(8, 16)  # (8, 16)
with torch.autocast("cpu", dtype=torch.bfloat16):
    h = x @ x.T  # (8, 8)
    results = {
        "matmul": h,
        "softmax": h.softmax(1),
        "sum": h.sum(),
        "layer_norm": F.layer_norm(h, (8,)),
        "mse_loss": F.mse_loss(h, h.detach()),
        "softmax, dtype=": h.softmax(1, dtype=torch.float32),
        "matmul of float64": x.double() @ x.T.double(),
    }
for name, result in results.items():
    print(f"{name}:", result.dtype)
# > matmul: torch.bfloat16
# > softmax: torch.bfloat16
# > sum: torch.bfloat16
# > layer_norm: torch.bfloat16
# > mse_loss: torch.float32
# > softmax, dtype=: torch.float32
# > matmul of float64: torch.float64

try:
    h @ x
except RuntimeError as error:
    print("after the block:", str(error).split(":")[-1].strip()[:60])
# > after the block: BFloat16 != float
# --8<-- [end:autocast-lists]

# --8<-- [start:autocast-cuda] needs: cuda
import torch
from torch.nn import functional as F

torch.manual_seed(0)
x = torch.randn(8, 16, device="cuda")  # (8, 16)
with torch.autocast("cuda", dtype=torch.float16):
    h = x @ x.T  # (8, 8)
    results = {
        "matmul": h,
        "relu": h.relu(),
        "mean": h.mean(),
        "softmax": h.softmax(1),
        "sum": h.sum(),
        "exp": h.exp(),
        "layer_norm": F.layer_norm(h, (8,)),
        "mse_loss": F.mse_loss(h, h.detach()),
    }
for name, result in results.items():
    print(f"{name}:", result.dtype)

with torch.autocast("cuda", dtype=torch.float16):
    chance = h.sigmoid()  # (8, 8)
    try:
        F.binary_cross_entropy(chance, torch.ones_like(chance))
        print("binary_cross_entropy: runs")
    except RuntimeError as error:
        print("binary_cross_entropy:", str(error).splitlines()[0][-19:])
# --8<-- [end:autocast-cuda]

# --8<-- [start:autocast-saves]
from functools import partial

import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward


def step(dtype):
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        return model(x)


torch.manual_seed(0)
blocks = [nn.Sequential(nn.Linear(256, 256), nn.ReLU()) for _ in range(8)]
model = nn.Sequential(*blocks, nn.Linear(256, 10))
x = torch.randn(4096, 256)  # (4096, 256)
weights = list(model.parameters())
for dtype in (torch.float32, torch.bfloat16):
    saved = saved_for_backward(partial(step, dtype), [x, *weights])
    print(f"saved, {dtype}: {saved / 2**20:.1f} MiB")
# > saved, torch.float32: 32.0 MiB
# > saved, torch.bfloat16: 18.9 MiB

optimizer = torch.optim.AdamW(weights)
step(torch.bfloat16).float().mean().backward()
optimizer.step()
held = [*weights, *(weight.grad for weight in weights)]
for state in optimizer.state.values():
    held += [state["exp_avg"], state["exp_avg_sq"]]
print("weights, gradients, AdamW:", {tensor.dtype for tensor in held})
# > weights, gradients, AdamW: {torch.float32}
# --8<-- [end:autocast-saves]

# --8<-- [start:loss-scaling]
import torch
from torch import nn
from torch.nn import functional as F

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")


def gradients(scale, dtype):
    on = dtype != torch.float32
    with torch.autocast(device.type, dtype=torch.float16, enabled=on):
        output = model(x)  # (4096, 8)
        wanted = output.detach().float() - 1e-4
        loss = F.mse_loss(output.float(), wanted)
    inner, weight = torch.autograd.grad(loss * scale, [output, model.weight])
    return inner, weight / scale


torch.manual_seed(0)
model = nn.Linear(16, 8).to(device)
x = torch.randn(4096, 16, device=device)  # (4096, 16)
true, true_weight = gradients(1, torch.float32)
print(f"true gradient of each output: {true[0, 0].item():.0e}")
# > true gradient of each output: 6e-09
print("the same in float16:", true[0, 0].half().item())
# > the same in float16: 0.0

for scale in (1, 2**16):
    inner, weight = gradients(scale, torch.float16)
    left = f"{inner.count_nonzero().item()} of {inner.numel()}"
    print(f"scale {scale}: {inner.dtype}, not zero: {left}")
    error = (weight - true_weight).norm() / true_weight.norm()
    print("weight gradient right to 1%:", error.item() < 0.01)
# > scale 1: torch.float16, not zero: 0 of 32768
# > weight gradient right to 1%: False
# > scale 65536: torch.float16, not zero: 32768 of 32768
# > weight gradient right to 1%: True
# --8<-- [end:loss-scaling]

# --8<-- [start:loss-scaling-steps]
import torch
from torch import nn

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")

w = nn.Parameter(torch.ones(1, device=device))  # (1,)
optimizer = torch.optim.SGD([w], lr=0.125)
scaler = torch.amp.GradScaler(device.type, init_scale=8, growth_interval=2)
for factor in (1, 30000, 1, 1):
    optimizer.zero_grad()
    loss = (w.half() * factor).float().sum()
    scaler.scale(loss).backward()
    scaled = w.grad.item()
    scaler.step(optimizer)
    used = scaler.get_scale()
    scaler.update()
    print(f"loss {loss.item()}: scaled gradient {scaled}, w {w.item()}")
    print(f"    scale {used} -> {scaler.get_scale()}")
# > loss 1.0: scaled gradient 8.0, w 0.875
# >     scale 8.0 -> 8.0
# > loss 26256.0: scaled gradient inf, w 0.875
# >     scale 8.0 -> 4.0
# > loss 0.875: scaled gradient 4.0, w 0.75
# >     scale 4.0 -> 4.0
# > loss 0.75: scaled gradient 4.0, w 0.625
# >     scale 4.0 -> 8.0
print("for the checkpoint:", scaler.state_dict()["scale"])
# > for the checkpoint: 8.0

off = torch.amp.GradScaler(device.type, enabled=False)
print("switched off:", off.scale(loss) is loss, off.get_scale())
# > switched off: True 1.0
# --8<-- [end:loss-scaling-steps]

# --8<-- [start:loss-scaling-clip]
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()
else:
    device = torch.device("cpu")


def one_step(unscale_first):
    w = nn.Parameter(torch.zeros(2, device=device))  # (2,)
    optimizer = torch.optim.SGD([w], lr=1)
    scaler = torch.amp.GradScaler(device.type, init_scale=1024)
    scaler.scale((w * slopes).sum()).backward()
    if unscale_first:
        scaler.unscale_(optimizer)
    norm = clip_grad_norm_([w], max_norm=1)
    scaler.step(optimizer)
    return norm.item(), w.detach().norm().item(), scaler, optimizer


slopes = torch.tensor([3.0, 4.0], device=device)  # (2,), norm 5
norm, moved, *_ = one_step(unscale_first=False)
print(f"clip first: norm {norm:.0f}, moved by {moved:.6f}")
# > clip first: norm 5120, moved by 0.000977
norm, moved, scaler, optimizer = one_step(unscale_first=True)
print(f"unscale_ first: norm {norm:.0f}, moved by {moved:.6f}")
# > unscale_ first: norm 5, moved by 1.000000

for again in (scaler.unscale_, scaler.step):
    try:
        again(optimizer)
    except RuntimeError as error:
        print(error)
# > unscale_() is being called after step().
# > step() has already been called since the last update().
scaler.update()
# --8<-- [end:loss-scaling-clip]

# --8<-- [start:loss-scaling-cuda] needs: cuda
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(0)
layers = (nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
model = nn.Sequential(*layers).to("cuda")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
scaler = torch.amp.GradScaler("cuda", init_scale=2.0**30)
x = torch.randn(512, 64, device="cuda")  # (512, 64)
y = x[:, :10].argmax(1)  # (512,)
losses, skipped = [], 0
for _ in range(100):
    optimizer.zero_grad()
    with torch.autocast("cuda", dtype=torch.float16):
        logits = model(x)  # (512, 10)
        loss = F.cross_entropy(logits, y)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    clip_grad_norm_(model.parameters(), max_norm=1.0)
    scaler.step(optimizer)
    before = scaler.get_scale()
    scaler.update()
    skipped += scaler.get_scale() < before
    losses.append(loss.item())

print("logits:", logits.dtype, "loss:", loss.dtype)
print("gradients:", {weight.grad.dtype for weight in model.parameters()})
print("first steps skipped:", skipped > 0, "most ran:", skipped < 20)
print("scale came down:", scaler.get_scale() == 2.0 ** (30 - skipped))
print("loss halved:", losses[-1] < losses[0] / 2)
# --8<-- [end:loss-scaling-cuda]

# --8<-- [start:bfloat-or-half]
import torch

for dtype in (torch.float32, torch.float16, torch.bfloat16):
    info = torch.finfo(dtype)
    limits = f"max {info.max:.5g}, min normal {info.tiny:.2g}"
    print(f"{dtype}: {info.bits} bits, eps 1/{1 / info.eps:.0f}, {limits}")
# > torch.float32: 32 bits, eps 1/8388608, max 3.4028e+38, min normal 1.2e-38
# > torch.float16: 16 bits, eps 1/1024, max 65504, min normal 6.1e-05
# > torch.bfloat16: 16 bits, eps 1/128, max 3.3895e+38, min normal 1.2e-38

for number in (70000, 1e-8, 1 + 1 / 256, 257, 2049):
    t = torch.tensor(number, dtype=torch.float64)
    half, bfloat = t.half().item(), t.bfloat16().item()
    print(f"{number}: float16 {half}, bfloat16 {bfloat:.9g}")
# > 70000: float16 inf, bfloat16 70144
# > 1e-08: float16 0.0, bfloat16 1.00117177e-08
# > 1.00390625: float16 1.00390625, bfloat16 1
# > 257: float16 257.0, bfloat16 256
# > 2049: float16 2048.0, bfloat16 2048

x = torch.tensor(3.0e5)
print(f"bits in float32: {x.view(torch.int32).item():08x}")
# > bits in float32: 48927c00
print(f"bits in bfloat16: {x.bfloat16().view(torch.int16).item():04x}")
# > bits in bfloat16: 4892
mixed = torch.ones(1).half() + torch.ones(1).bfloat16()
print("float16 + bfloat16:", mixed.dtype)
# > float16 + bfloat16: torch.float32
# --8<-- [end:bfloat-or-half]

# --8<-- [start:bfloat-or-half-figure]
import matplotlib.pyplot as plt
import torch

octaves = 2.0 ** torch.arange(-33, 24, dtype=torch.float64)  # (57,)
steps = 1 + (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000  # (1000,)
x = octaves[:, None] * steps  # (57, 1000)
lines = (
    (torch.float16, "C1", "float16: eps 1/1024", 1e-3, 6e-5),
    (torch.bfloat16, "C0", "bfloat16: eps 1/128", 1e-3, 8e-3),
    (torch.float32, "C2", "float32: eps 1/8388608", 1e-3, 1.3e-7),
)
fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
for dtype, color, label, left, height in lines:
    error = (x.to(dtype).double() - x).abs() / x
    worst = error.amax(1)  # (57,)
    shown = worst.isfinite()
    ax.plot(octaves[shown], worst[shown], color=color)
    ax.text(left, height, label, color=color)
ax.axvline(torch.finfo(torch.float16).max, color="C1", ls=":")
ax.text(1e5, 0.25, "float16:\ninf", color="C1", va="center")
ax.text(2e-10, 0.4, "float16: 0", color="C1", va="center")
ax.set(xscale="log", yscale="log", ylim=(1e-8, 3))
ax.set(xlabel="number", ylabel="worst relative rounding error")
plt.show()
# --8<-- [end:bfloat-or-half-figure]

# --8<-- [start:bfloat-or-half-sums]
import torch

dtypes = (torch.float32, torch.float16, torch.bfloat16)
for dtype in dtypes:
    total, one = torch.zeros((), dtype=dtype), torch.ones((), dtype=dtype)
    for _ in range(3000):
        total += one
    print(f"3000 times += 1, {dtype}: {total.item():.0f}")
# > 3000 times += 1, torch.float32: 3000
# > 3000 times += 1, torch.float16: 2048
# > 3000 times += 1, torch.bfloat16: 256

for dtype in dtypes:
    ones = torch.ones(70000, dtype=dtype)  # (70000,)
    print(f"sum of 70000 ones, {dtype}: {ones.sum().item():.0f}")
# > sum of 70000 ones, torch.float32: 70000
# > sum of 70000 ones, torch.float16: inf
# > sum of 70000 ones, torch.bfloat16: 70144
print("asked for:", ones.sum(dtype=torch.float32).item())
# > asked for: 70000.0

for dtype in dtypes:
    weight = torch.ones((), dtype=dtype)
    for _ in range(100):
        weight -= 1e-4
    print(f"100 updates of -0.0001, {dtype}: {weight.item():.2f}")
# > 100 updates of -0.0001, torch.float32: 0.99
# > 100 updates of -0.0001, torch.float16: 1.00
# > 100 updates of -0.0001, torch.bfloat16: 1.00
# --8<-- [end:bfloat-or-half-sums]

# --8<-- [start:tf-thirty-two]
import torch


def round_to_tf32(x):
    bits = x.view(torch.int32)
    bits = bits + 0x0FFF + ((bits >> 13) & 1)  # to nearest, ties to even
    return (bits & ~0x1FFF).view(torch.float32)


for number in (1 + 2**-10, 1 + 2**-12, 2049.0, 1e-30):
    rounded = round_to_tf32(torch.tensor(number)).item()
    print(f"{number} -> {rounded:.10g}")
# > 1.0009765625 -> 1.000976562
# > 1.000244140625 -> 1
# > 2049.0 -> 2048
# > 1e-30 -> 9.999428271e-31

torch.manual_seed(0)
a, b = torch.randn(256, 256), torch.randn(256, 256)  # (256, 256) each
exact = a.double() @ b.double()  # (256, 256)
products = {
    "float32": a @ b,
    "inputs as TF32": round_to_tf32(a) @ round_to_tf32(b),
    "inputs as float16": a.half().float() @ b.half().float(),
    "inputs as bfloat16": a.bfloat16().float() @ b.bfloat16().float(),
}
for name, product in products.items():
    error = ((product - exact).norm() / exact.norm()).item()
    power = next(power for power in range(-9, 0) if error < 10**power)
    print(f"{name}: relative error below 1e{power}")
# > float32: relative error below 1e-6
# > inputs as TF32: relative error below 1e-3
# > inputs as float16: relative error below 1e-3
# > inputs as bfloat16: relative error below 1e-2
print("result:", products["inputs as TF32"].dtype)
# > result: torch.float32
# --8<-- [end:tf-thirty-two]

# --8<-- [start:tf-thirty-two-settings]
import torch

cuda, cudnn = torch.backends.cuda, torch.backends.cudnn
print("matmul:", torch.get_float32_matmul_precision())
# > matmul: highest
print("matmul may use TF32:", cuda.matmul.allow_tf32)
# > matmul may use TF32: False
print("convolution may use TF32:", cudnn.allow_tf32)
# > convolution may use TF32: True

torch.set_float32_matmul_precision("high")
print("high:", cuda.matmul.allow_tf32, cuda.matmul.fp32_precision)
# > high: True tf32
torch.set_float32_matmul_precision("highest")
print("highest:", cuda.matmul.allow_tf32)
# > highest: False

cuda.matmul.fp32_precision = "tf32"
try:
    print(cuda.matmul.allow_tf32)
except RuntimeError as error:
    print("mixed:", str(error).split("used ")[-1].split(" to")[0])
# > mixed: mix of the legacy and new APIs
try:
    cuda.matmul.fp32_precision = "bf16"
except RuntimeError as error:
    print(error)
# > backend 'cuda' does not support precision 'bf16'
# --8<-- [end:tf-thirty-two-settings]

# --8<-- [start:tf-thirty-two-cuda] needs: cuda
import torch
from torch.nn import functional as F


def below(result, exact):
    error = ((result - exact).norm() / exact.norm()).item()
    return next(power for power in range(-9, 1) if error < 10**power)


torch.manual_seed(0)
a = torch.randn(1024, 1024, device="cuda")  # (1024, 1024)
b = torch.randn(1024, 1024, device="cuda")  # (1024, 1024)
exact = a.double() @ b.double()  # (1024, 1024)
for precision in ("highest", "high"):
    torch.set_float32_matmul_precision(precision)
    product = a @ b  # (1024, 1024)
    power = below(product, exact)
    print(f"matmul, {precision}: {product.dtype}, error below 1e{power}")
torch.set_float32_matmul_precision("highest")

image = torch.randn(8, 64, 32, 32, device="cuda")  # (8, 64, 32, 32)
weight = torch.randn(64, 64, 3, 3, device="cuda")  # (64, 64, 3, 3)
exact = F.conv2d(image.double(), weight.double(), padding=1)
for allowed in (True, False):
    torch.backends.cudnn.allow_tf32 = allowed
    power = below(F.conv2d(image, weight, padding=1), exact)
    print(f"convolution, allow_tf32 {allowed}: error below 1e{power}")
torch.backends.cudnn.allow_tf32 = True
# --8<-- [end:tf-thirty-two-cuda]

# --8<-- [start:deterministic-kernels]
import torch

torch.manual_seed(0)
values = torch.randn(10_000)  # (10000,)
bins = torch.randint(10, (10_000,))  # (10000,)


def sums(numbers, order):
    start = torch.zeros(10, dtype=numbers.dtype)  # (10,)
    return start.index_add_(0, bins[order], numbers[order])


orders = [torch.randperm(10_000) for _ in range(8)]
whole = (values * 2**20).to(torch.int64)  # (10000,)
for numbers in (values, whole):
    runs = torch.stack([sums(numbers, order) for order in orders])  # (8, 10)
    print("eight orders,", f"{runs.dtype}:")
    print("    all results equal:", len(runs.unique(dim=0)) == 1)
    spread = (runs - runs[0]).abs().max().item()
    print("    within 1e-3 of each other:", spread < 1e-3)
    again = sums(numbers, orders[0])
    print("    one order again, same bits:", torch.equal(again, runs[0]))
# > eight orders, torch.float32:
# >     all results equal: False
# >     within 1e-3 of each other: True
# >     one order again, same bits: True
# > eight orders, torch.int64:
# >     all results equal: True
# >     within 1e-3 of each other: True
# >     one order again, same bits: True
# --8<-- [end:deterministic-kernels]

# --8<-- [start:deterministic-kernels-settings]
import torch

cudnn = torch.backends.cudnn
print("benchmark:", cudnn.benchmark, "deterministic:", cudnn.deterministic)
# > benchmark: False deterministic: False
torch.use_deterministic_algorithms(True)
print("with the flag:", torch.are_deterministic_algorithms_enabled())
# > with the flag: True
print("cudnn.deterministic:", cudnn.deterministic)
# > cudnn.deterministic: False
torch.use_deterministic_algorithms(False)

with cudnn.flags(deterministic=True):
    print("in flags(), cuDNN on:", cudnn.enabled)
# > in flags(), cuDNN on: False
with cudnn.flags(enabled=True, deterministic=True):
    print("in flags(enabled=True):", cudnn.enabled, cudnn.deterministic)
# > in flags(enabled=True): True True

torch.manual_seed(0)
expected = torch.rand(3)  # (3,)
torch.manual_seed(0)
torch.cuda.manual_seed_all(1)
print("CPU untouched:", torch.equal(torch.rand(3), expected))
# > CPU untouched: True
states = torch.cuda.get_rng_state_all()
print("one state per GPU:", len(states) == torch.cuda.device_count())
# > one state per GPU: True
# --8<-- [end:deterministic-kernels-settings]

# --8<-- [start:deterministic-kernels-seeds] needs: cuda
import torch


def draw(generator=None):
    return torch.rand(1000, device="cuda", generator=generator)  # (1000,)


torch.manual_seed(0)
first, on_cpu = draw(), torch.rand(1000)  # (1000,) each
torch.manual_seed(0)
print("manual_seed repeats CUDA:", torch.equal(draw(), first))
torch.cuda.manual_seed_all(0)
print("manual_seed_all repeats CUDA:", torch.equal(draw(), first))
torch.cuda.manual_seed_all(1)
print("another seed repeats CUDA:", torch.equal(draw(), first))
print("CPU draws the same numbers:", torch.equal(first.cpu(), on_cpu))

states = torch.cuda.get_rng_state_all()
before = draw()
torch.cuda.set_rng_state_all(states)
print("states restored:", torch.equal(draw(), before))
own = torch.Generator("cuda").manual_seed(0)
print("own generator, same seed:", torch.equal(draw(own), first))
# --8<-- [end:deterministic-kernels-seeds]

# --8<-- [start:deterministic-kernels-scatter] needs: cuda
import torch


def index_add():
    return torch.zeros(10, device="cuda").index_add_(0, bins, values)


def scatter_add():
    return torch.zeros(10, device="cuda").scatter_add_(0, bins, values)


def same_bits(operation):
    first = operation()
    return all(torch.equal(operation(), first) for _ in range(20))


torch.manual_seed(0)
values = torch.randn(1_000_000, device="cuda")  # (1000000,)
bins = torch.randint(10, (1_000_000,), device="cuda")  # (1000000,)
matrix = values.view(1000, 1000)  # (1000, 1000)
for flag in (False, True):
    torch.use_deterministic_algorithms(flag)
    print(f"flag {flag}, index_add_ repeats:", same_bits(index_add))
    print(f"flag {flag}, scatter_add_ repeats:", same_bits(scatter_add))
print("matmul repeats:", same_bits(lambda: matrix @ matrix))
try:
    torch.bincount(bins, weights=values)
    print("bincount: runs")
except RuntimeError as error:
    print("bincount:", str(error).split(",")[0])
torch.use_deterministic_algorithms(False)
# --8<-- [end:deterministic-kernels-scatter]
