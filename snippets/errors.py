"""What PyTorch's messages mean, what cures them, and which mistakes raise none."""

# --8<-- [start:shape-errors]
import torch
from torch import nn

image = torch.zeros(1, 28, 28)  # (N, H, W)
try:
    nn.Linear(10, 5)(image)
except RuntimeError as error:
    print(error)
# > ...mat1 and mat2 shapes cannot be multiplied (28x28 and 10x5)

try:
    image.reshape(-1, 10)
except RuntimeError as error:
    print(error)
# > shape '[-1, 10]' is invalid for input of size 784

rows = nn.Linear(7, 5)(image.reshape(-1, 7))  # (112, 5)
print("a size that divides 784, results for one image:", len(rows))
# > a size that divides 784, results for one image: 112
flat = image.flatten(1)  # (1, 784)
print("Linear(784, 5):", tuple(nn.Linear(784, 5)(flat).shape))
# > Linear(784, 5): (1, 5)

x, w = torch.zeros(3, 5), torch.zeros(4, 5)
try:
    x @ w
except RuntimeError as error:
    print(error)
# > ...mat1 and mat2 shapes cannot be multiplied (3x5 and 4x5)
print("x @ w.t():", tuple((x @ w.t()).shape))
# > x @ w.t(): (3, 4)
# --8<-- [end:shape-errors]

# --8<-- [start:shape-errors-matmul]
import torch
from torch import nn

body = nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(2))
maps = body(torch.zeros(4, 1, 28, 28))  # (N, C, H, W)
features = maps.flatten(1)  # (N, C * H * W)
try:
    nn.Linear(8 * 14 * 14, 10)(features)
except RuntimeError as error:
    print(error)
# > ...mat1 and mat2 shapes cannot be multiplied (4x1352 and 1568x10)

print("maps:", tuple(maps.shape), "features:", tuple(features.shape))
# > maps: (4, 8, 13, 13) features: (4, 1352)
head = nn.Linear(features.shape[1], 10)
print("fixed:", tuple(head(features).shape))
# > fixed: (4, 10)
# --8<-- [end:shape-errors-matmul]

# --8<-- [start:shape-errors-element-count]
import torch
from torch.utils.data import DataLoader

loader = DataLoader(torch.zeros(10, 28, 28), batch_size=4)
try:
    for x in loader:
        x.view(4, 784)
except RuntimeError as error:
    print(error)
# > shape '[4, 784]' is invalid for input of size 1568

print("this batch:", tuple(x.shape), "numbers:", x.numel())
# > this batch: (2, 28, 28) numbers: 1568
print("fixed:", [tuple(x.flatten(1).shape) for x in loader])
# > fixed: [(4, 784), (4, 784), (2, 784)]
# --8<-- [end:shape-errors-element-count]

# --8<-- [start:shape-errors-view-stride]
import torch

heads = torch.zeros(2, 4, 5, 8)  # (B, H, T, D)
turned = heads.transpose(1, 2)  # (B, T, H, D)
try:
    turned.view(2, 5, 32)
except RuntimeError as error:
    print(str(error).split(" (")[0])
# > view size is not compatible with input tensor's size and stride

print("contiguous:", turned.is_contiguous())
# > contiguous: False
print("fixed:", tuple(turned.reshape(2, 5, 32).shape))
# > fixed: (2, 5, 32)
# --8<-- [end:shape-errors-view-stride]

# --8<-- [start:shape-errors-cat]
import torch
from torch.nn import functional as F

skip = torch.zeros(1, 8, 7, 7)
small = F.max_pool2d(skip, 2)  # (1, 8, 3, 3)
up = F.interpolate(small, scale_factor=2)  # (1, 8, 6, 6)
try:
    torch.cat([up, skip], dim=1)
except RuntimeError as error:
    print(str(error).replace(". ", ".\n"))
# > Sizes of tensors must match except in dimension 1.
# > Expected size 6 but got size 7 for tensor number 1 in the list.

up = F.interpolate(small, size=skip.shape[2:])  # (1, 8, 7, 7)
print("fixed:", tuple(torch.cat([up, skip], dim=1).shape))
# > fixed: (1, 16, 7, 7)
# --8<-- [end:shape-errors-cat]

# --8<-- [start:shape-errors-stack]
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader


def pad(batch):
    return pad_sequence(batch, batch_first=True)


texts = [torch.tensor([4, 2, 7]), torch.tensor([5, 1, 3, 9, 6])]
try:
    next(iter(DataLoader(texts, batch_size=2)))
except RuntimeError as error:
    print(str(error).replace(", but", ",\nbut"))
# > stack expects each tensor to be equal size,
# > but got [3] at entry 0 and [5] at entry 1

batch = next(iter(DataLoader(texts, batch_size=2, collate_fn=pad)))
print("fixed:", batch.tolist())
# > fixed: [[4, 2, 7, 0, 0], [5, 1, 3, 9, 6]]
# --8<-- [end:shape-errors-stack]

# --8<-- [start:shape-errors-broadcast]
import torch

image = torch.ones(3, 8, 8)  # (C, H, W)
mean = torch.tensor([0.5, 0.4, 0.3])  # (C,)
try:
    image - mean
except RuntimeError as error:
    print(str(error).replace(" at", "\nat"))
# > The size of tensor a (8) must match the size of tensor b (3)
# > at non-singleton dimension 2

centred = image - mean[:, None, None]  # (3, 8, 8)
print("fixed:", [round(v, 1) for v in centred[:, 0, 0].tolist()])
# > fixed: [0.5, 0.6, 0.7]
# --8<-- [end:shape-errors-broadcast]

# --8<-- [start:shape-errors-channels]
import torch
from torch import nn

conv = nn.Conv2d(3, 4, kernel_size=3)
images = torch.zeros(2, 8, 8, 3)  # (N, H, W, C)
try:
    conv(images)
except RuntimeError as error:
    print(str(error).replace(", exp", ",\nexp"))
# > Given groups=1, weight of size [4, 3, 3, 3],
# > expected input[2, 8, 8, 3] to have 3 channels, but got 8 channels instead

right = images.permute(0, 3, 1, 2)  # (N, C, H, W)
print("fixed:", tuple(conv(right).shape))
# > fixed: (2, 4, 6, 6)
# --8<-- [end:shape-errors-channels]

# --8<-- [start:shape-errors-dimensions]
import torch
from torch import nn

image = torch.zeros(3, 8, 8)  # (C, H, W)
features = nn.Conv2d(3, 4, kernel_size=3)(image)  # (4, 6, 6)
norm = nn.BatchNorm2d(4)
try:
    norm(features)
except ValueError as error:
    print(error)
# > expected 4D input (got 3D input)

batch = features.unsqueeze(0)  # (1, 4, 6, 6)
print("fixed:", tuple(norm(batch).shape))
# > fixed: (1, 4, 6, 6)
# --8<-- [end:shape-errors-dimensions]

# --8<-- [start:shape-errors-batch-size]
import torch
from torch import nn
from torch.nn import functional as F

labels = torch.tensor([0, 1, 2, 0])  # (4,)
features = torch.zeros(4, 8, 4, 4)  # (N, C, H, W)
scores = nn.Linear(32, 3)(features.view(-1, 32))  # (16, 3)
try:
    F.cross_entropy(scores, labels)
except ValueError as error:
    print(error)
# > Expected input batch_size (16) to match target batch_size (4).

scores = nn.Linear(128, 3)(features.flatten(1))  # (4, 3)
print("fixed, a scalar:", F.cross_entropy(scores, labels).dim() == 0)
# > fixed, a scalar: True
# --8<-- [end:shape-errors-batch-size]

# --8<-- [start:shape-errors-target-column]
import math

import torch
from torch.nn import functional as F

scores = torch.zeros(4, 3)  # (N, C)
labels = torch.tensor([[0], [1], [2], [0]])  # (N, 1)
try:
    F.cross_entropy(scores, labels)
except RuntimeError as error:
    print(error)
# > 0D or 1D target tensor expected, multi-target not supported

loss = F.cross_entropy(scores, labels.squeeze(1)).item()
print("fixed, ln 3:", math.isclose(loss, math.log(3), rel_tol=1e-5))
# > fixed, ln 3: True
# --8<-- [end:shape-errors-target-column]

# --8<-- [start:shape-errors-target-size]
import torch
from torch.nn import functional as F

logits = torch.zeros(4, 1)  # (N, 1)
target = torch.tensor([0.0, 1.0, 1.0, 0.0])  # (N,)
bce = F.binary_cross_entropy_with_logits
try:
    bce(logits, target)
except ValueError as error:
    print(str(error).replace(" must", "\nmust"))
# > Target size (torch.Size([4]))
# > must be the same as input size (torch.Size([4, 1]))

try:
    F.binary_cross_entropy(logits.sigmoid(), target)
except ValueError as error:
    print(str(error).split(". ")[0].replace(" that", "\nthat"))
# > Using a target size (torch.Size([4]))
# > that is different to the input size (torch.Size([4, 1])) is deprecated

print(f"fixed: {bce(logits.squeeze(1), target):.2f}")
# > fixed: 0.69
# --8<-- [end:shape-errors-target-size]

# --8<-- [start:silent-broadcasting]
import warnings

import torch
from torch.nn import functional as F

target = torch.arange(4.0)  # (4,)
output = target[:, None]  # (4, 1)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    loss = F.mse_loss(output, target)
print("every output is right, mse_loss:", loss.item())
# > every output is right, mse_loss: 2.5
print("messages:", [warning.category.__name__ for warning in caught])
# > messages: ['UserWarning']

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    by_hand = (output - target).square().mean()
    labels = torch.tensor([0, 1, 1, 0])
    accuracy = (labels[:, None] == labels).float().mean()
print("written by hand:", by_hand.item())
# > written by hand: 2.5
print("accuracy of the labels themselves:", accuracy.item())
# > accuracy of the labels themselves: 0.5
print("messages:", caught)
# > messages: []

print("output - target:", tuple((output - target).shape))
# > output - target: (4, 4)
print("the rule says:", tuple(torch.broadcast_shapes((4, 1), (4,))))
# > the rule says: (4, 4)
print("fixed:", F.mse_loss(output.squeeze(1), target).item())
# > fixed: 0.0
# --8<-- [end:silent-broadcasting]

# --8<-- [start:silent-broadcasting-figure]
import matplotlib.pyplot as plt
import torch


def grid(values, left, bottom, fixed=None):
    for row, numbers in enumerate(values.tolist()):
        for column, number in enumerate(numbers):
            color = fixed or ("C3" if number else "C2")
            corner = (left + column, bottom - row)
            box = plt.Rectangle(corner, 1, 1, fc=(color, 0.3), ec=color)
            ax.add_patch(box)
            x, y = corner[0] + 0.5, corner[1] + 0.47
            ax.text(x, y, f"{number:.0f}", **center)


center = {"ha": "center", "va": "center", "size": 12}
target = torch.arange(4.0)  # (4,)
output = target[:, None]  # (4, 1)
fig, ax = plt.subplots(figsize=(7.2, 4), layout="tight")
grid(output, 0, 3, "C0")
grid(target[None], 1.6, 4.6, "C1")
grid(output - target, 1.6, 3)
grid(output, 7.6, 3, "C0")
grid(target[:, None], 9.8, 3, "C1")
grid(output - target[:, None], 12, 3)
ax.text(3.6, 6.3, "target (4,)", **center)
ax.text(0.5, -0.5, "output\n(4, 1)", va="top", ha="center", size=12)
ax.text(3.6, -0.5, "difference\n(4, 4)", va="top", ha="center", size=12)
names = ((8.1, "output"), (10.3, "target"), (12.5, "difference"))
for x, name in names:
    ax.text(x, -0.5, f"{name}\n(4,)", va="top", ha="center", size=12)
ax.text(9.2, 2, "-", **center)
ax.text(11.4, 2, "=", **center)
ax.text(0, 7.4, "what runs", size=12)
ax.text(7.6, 7.4, "what was meant", size=12)
ax.set(xlim=(-0.7, 14), ylim=(-2, 8), aspect="equal")
ax.axis("off")
plt.show()
# --8<-- [end:silent-broadcasting-figure]

# --8<-- [start:silent-broadcasting-learns-the-mean]
import torch
from torch import nn

x = torch.linspace(0, 1, 20)[:, None]  # (20, 1)
y = 3 * x.squeeze(1) + 2  # (20,)
for shape in ((20, 1), (20,)):
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(300):
        loss = (model(x).view(shape) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    slope, bias = abs(model.weight.item()), model.bias.item()
    print(f"output {shape}: slope {slope:.2f}, bias {bias:.2f}")
# > output (20, 1): slope 0.00, bias 3.50
# > output (20,): slope 3.00, bias 2.00
print(f"mean of y: {y.mean():.2f}")
# > mean of y: 3.50
# --8<-- [end:silent-broadcasting-learns-the-mean]

# --8<-- [start:silent-broadcasting-target-size]
import warnings

import torch
from torch.nn import functional as F

output, target = torch.zeros(4, 1), torch.zeros(4)
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        F.l1_loss(output, target)
    except UserWarning as warning:
        print(str(warning).split(". ")[0].replace(" that", "\nthat"))

    print("fixed:", F.l1_loss(output.squeeze(1), target).item())
# > Using a target size (torch.Size([4]))
# > that is different to the input size (torch.Size([4, 1]))
# > fixed: 0.0
# --8<-- [end:silent-broadcasting-target-size]

# --8<-- [start:dtype-errors]
import torch

whole = torch.tensor([[1, 2], [3, 4]])
ones = torch.ones(2, 2)
print("dtypes:", whole.dtype, ones.dtype)
# > dtypes: torch.int64 torch.float32
print("whole + ones:", (whole + ones).dtype)
# > whole + ones: torch.float32
try:
    ones @ whole
except RuntimeError as error:
    print(error)
# > expected m1 and m2 to have the same dtype, but got: float != long...

print("ones @ whole.float():", (ones @ whole.float()).dtype)
# > ones @ whole.float(): torch.float32
for converted in (whole.float(), whole.to(ones), whole.type(torch.float32)):
    print("converted:", converted.dtype, "original:", whole.dtype)
# > converted: torch.float32 original: torch.int64
# > converted: torch.float32 original: torch.int64
# > converted: torch.float32 original: torch.int64
print("whole.type():", whole.type())
# > whole.type(): torch.LongTensor

values = torch.tensor([1.7, -2.9])
print("cast to whole numbers:", values.to(torch.int64).tolist())
# > cast to whole numbers: [1, -2]
print("rounded first:", values.round().to(torch.int64).tolist())
# > rounded first: [2, -3]
# --8<-- [end:dtype-errors]

# --8<-- [start:dtype-errors-matmul]
import numpy
import torch
from torch import nn

layer = nn.Linear(2, 1)
array = numpy.array([[1.5, 2.5]])
x = torch.from_numpy(array)  # (1, 2)
try:
    layer(x)
except RuntimeError as error:
    print(error)
# > mat1 and mat2 must have the same dtype, but got Double and Float

print("from NumPy:", x.dtype, "weight:", layer.weight.dtype)
# > from NumPy: torch.float64 weight: torch.float32
print("fixed:", layer(x.float()).dtype)
# > fixed: torch.float32
# --8<-- [end:dtype-errors-matmul]

# --8<-- [start:dtype-errors-convolution]
import torch
from torch import nn

image = torch.full((1, 1, 8, 8), 255, dtype=torch.uint8)
for bias in (True, False):
    conv = nn.Conv2d(1, 4, kernel_size=3, bias=bias)
    try:
        conv(image)
    except RuntimeError as error:
        print(error)
# > Input type (unsigned char) and bias type (float) should be the same
# > expected scalar type Byte but found Float

scaled = image.float() / 255  # 0 to 1
print("fixed:", conv(scaled).dtype, "largest:", scaled.max().item())
# > fixed: torch.float32 largest: 1.0
# --8<-- [end:dtype-errors-convolution]

# --8<-- [start:dtype-errors-class-target]
import torch
from torch.nn import functional as F

scores = torch.zeros(3, 4)  # (N, C)
labels = torch.tensor([0.0, 3.0, 1.0])  # (N,)
for dtype in (torch.float32, torch.int32):
    try:
        F.cross_entropy(scores, labels.to(dtype))
    except RuntimeError as error:
        print(error)
# > expected ... Long ... Float
# > expected ... Long ... Int

print(f"fixed: {F.cross_entropy(scores, labels.long()):.2f}")
# > fixed: 1.39
chances = F.one_hot(labels.long(), num_classes=4).float()  # (N, C)
print(f"probabilities: {F.cross_entropy(scores, chances):.2f}")
# > probabilities: 1.39
# --8<-- [end:dtype-errors-class-target]

# --8<-- [start:dtype-errors-embedding]
import torch
from torch import nn

table = nn.Embedding(10, 3)
ids = torch.Tensor([4, 7])
try:
    table(ids)
except RuntimeError as error:
    print(str(error).split("; but")[0].replace(" one", "\none"))
# > Expected tensor for argument #1 'indices' to have
# > one of the following scalar types: Long, Int

print("ids:", ids.dtype)
# > ids: torch.float32
print("fixed:", tuple(table(ids.long()).shape))
# > fixed: (2, 3)
# --8<-- [end:dtype-errors-embedding]

# --8<-- [start:dtype-errors-in-place]
import torch
from torch.nn import functional as F

image = torch.tensor([0, 255], dtype=torch.uint8)
try:
    image /= 255
except RuntimeError as error:
    print(error)
# > result type Float can't be cast to the desired output type Byte
print("fixed:", (image / 255).tolist())
# > fixed: [0.0, 1.0]

logits, labels = torch.zeros(2), torch.tensor([0, 1])
bce = F.binary_cross_entropy_with_logits
try:
    bce(logits, labels)
except RuntimeError as error:
    print(error)
# > result type Float can't be cast to the desired output type Long
try:
    F.binary_cross_entropy(logits.sigmoid(), labels)
except RuntimeError as error:
    print(error)
# > Found dtype Long but expected Float
print(f"fixed: {bce(logits, labels.float()):.2f}")
# > fixed: 0.69
# --8<-- [end:dtype-errors-in-place]

# --8<-- [start:dtype-errors-mean]
import torch

predicted = torch.tensor([2, 0, 1, 1])
labels = torch.tensor([2, 0, 1, 0])
correct = predicted == labels  # (4,)
try:
    correct.mean()
except RuntimeError as error:
    print(str(error).split(". ")[0])
# > mean(): could not infer output dtype

print("correct:", correct.dtype)
# > correct: torch.bool
print("fixed:", correct.float().mean().item())
# > fixed: 0.75
# --8<-- [end:dtype-errors-mean]

# --8<-- [start:dtype-errors-requires-grad]
import torch

try:
    torch.tensor([1, 2], requires_grad=True)
except RuntimeError as error:
    print(error)
# > Only Tensors of floating point and complex dtype can require gradients

w = torch.tensor([1.0, 2.0], requires_grad=True)
w.square().sum().backward()
print("fixed:", w.grad.tolist())
# > fixed: [2.0, 4.0]
# --8<-- [end:dtype-errors-requires-grad]

# --8<-- [start:dtype-errors-normalize]
import torch
from torchvision.transforms import v2

image = torch.full((1, 2, 2), 255, dtype=torch.uint8)
normalize = v2.Normalize(mean=[0.5], std=[0.5])
try:
    normalize(image)
except TypeError as error:
    print(error)
# > Input tensor should be a float tensor. Got torch.uint8.

scale = v2.ToDtype(torch.float32, scale=True)
print("fixed:", v2.Compose([scale, normalize])(image).flatten().tolist())
# > fixed: [1.0, 1.0, 1.0, 1.0]
# --8<-- [end:dtype-errors-normalize]

# --8<-- [start:device-errors]
import torch
from torch import nn

device = torch.device("meta")
model = nn.Linear(2, 1)
model.to(device)
x = torch.ones(3, 2)
x.to(device)
print("model:", next(model.parameters()).device, "data:", x.device)
# > model: meta data: cpu
try:
    model(x)
except RuntimeError as error:
    print(error)
# > Tensor on device meta is not on the expected device cpu!

x = x.to(device)
print("model:", next(model.parameters()).device, "data:", x.device)
# > model: meta data: meta
print("output:", tuple(model(x).shape), model(x).device)
# > output: (3, 1) meta
# --8<-- [end:device-errors]

# --8<-- [start:device-errors-mismatch]
import torch
from torch import nn


class Shift(nn.Module):
    def __init__(self, registered):
        super().__init__()
        if registered:
            self.register_buffer("offset", torch.ones(2))
        else:
            self.offset = torch.ones(2)

    def forward(self, x):
        return x + self.offset


x = torch.ones(3, 2, device="meta")
try:
    Shift(registered=False).to("meta")(x)
except RuntimeError as error:
    print(error)
# > Tensor on device cpu is not on the expected device meta!
print("fixed:", Shift(registered=True).to("meta")(x).device)
# > fixed: meta
# --8<-- [end:device-errors-mismatch]

# --8<-- [start:device-errors-meta]
import torch
from torch import nn

trained = nn.Linear(2, 2).state_dict()
model = nn.Linear(2, 2, device="meta")
try:
    model.to("cpu")
except NotImplementedError as error:
    print(str(error).split("!")[0])
# > Cannot copy out of meta tensor; no data

model.to_empty(device="cpu")
model.load_state_dict(trained)
print("fixed:", torch.equal(model.weight, trained["weight"]))
# > fixed: True
# --8<-- [end:device-errors-meta]

# --8<-- [start:device-errors-numpy]
import torch

try:
    torch.ones(2, device="meta").numpy()
except TypeError as error:
    print(str(error).split(". ")[0])
# > can't convert meta device type tensor to numpy

scores = torch.ones(2, requires_grad=True) * 3
print("fixed:", scores.detach().cpu().numpy())
# > fixed: [3. 3.]
# --8<-- [end:device-errors-numpy]

# --8<-- [start:device-errors-name]
import torch

try:
    torch.ones(2).to("gpu")
except RuntimeError as error:
    print(error)
# > Expected one of cpu, cuda, ... device type at start of device string: gpu

device = torch.device("cuda", 0)
print("the name is:", device.type, "with index:", device)
# > the name is: cuda with index: cuda:0
found = torch.accelerator.is_available()
device = torch.accelerator.current_accelerator() if found else "cpu"
print("fixed:", torch.ones(2).to(device).tolist())
# > fixed: [1.0, 1.0]
# --8<-- [end:device-errors-name]

# --8<-- [start:device-errors-load]
import io

import torch
from torch.serialization import register_package

register_package(0, lambda storage: "cuda:99", lambda *_: None)
file = io.BytesIO()
torch.save(torch.ones(2), file)
file.seek(0)
try:
    torch.load(file)
except RuntimeError as error:
    print(str(error)[:35])
# > Attempting to deserialize object on

file.seek(0)
print("fixed:", torch.load(file, map_location="cpu"))
# > fixed: tensor([1., 1.])
# --8<-- [end:device-errors-load]

# --8<-- [start:autograd-errors]
import torch

w = torch.tensor([0.5, 2.0], requires_grad=True)
chance = w.sigmoid()  # (2,)
chosen = chance > 0.7  # (2,)
loss = chosen.float().mean()
steps = {"w": w, "chance": chance, "chosen": chosen, "loss": loss}
for name, tensor in steps.items():
    node = "yes" if tensor.grad_fn else "no"
    print(f"{name}: requires_grad {tensor.requires_grad}, grad_fn {node}")
# > w: requires_grad True, grad_fn no
# > chance: requires_grad True, grad_fn yes
# > chosen: requires_grad False, grad_fn no
# > loss: requires_grad False, grad_fn no
print("leaves:", [name for name, t in steps.items() if t.is_leaf])
# > leaves: ['w', 'chosen', 'loss']

print("version of chance:", chance._version)
# > version of chance: 0
chance.mul_(2)
print("after mul_:", chance._version)
# > after mul_: 1
# --8<-- [end:autograd-errors]

# --8<-- [start:autograd-errors-no-grad-fn]
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(2, 1)
batches = torch.ones(3, 4, 2)
losses = [model(x).mean().item() for x in batches]
total = torch.tensor(losses).mean()
try:
    total.backward()
except RuntimeError as error:
    print(error)
# > element 0 of tensors does not require grad and does not have a grad_fn

total.requires_grad_().backward()
print("silenced:", model.weight.grad)
# > silenced: None
losses = [model(x).mean() for x in batches]
torch.stack(losses).mean().backward()
print("fixed:", model.weight.grad.tolist())
# > fixed: [[1.0, 1.0]]
# --8<-- [end:autograd-errors-no-grad-fn]

# --8<-- [start:autograd-errors-scalar]
import torch
from torch.nn import functional as F

output = torch.tensor([1.0, 3.0], requires_grad=True)
loss = F.mse_loss(output, torch.zeros(2), reduction="none")  # (2,)
try:
    loss.backward()
except RuntimeError as error:
    print(error)
# > grad can be implicitly created only for scalar outputs

loss.mean().backward()
print("fixed:", output.grad.tolist())
# > fixed: [1.0, 3.0]
# --8<-- [end:autograd-errors-scalar]

# --8<-- [start:autograd-errors-second-backward]
import torch
from torch import nn

cell = nn.RNNCell(2, 3)
x = torch.ones(1, 2)
hidden = torch.zeros(1, 3)
try:
    for _ in range(2):
        hidden = cell(x, hidden)
        hidden.sum().backward()
except RuntimeError as error:
    print(str(error).split(" (")[0])
# > Trying to backward through the graph a second time

for step in range(2):
    hidden = cell(x, hidden.detach())
    hidden.sum().backward()
    print("fixed, step", step)
# > fixed, step 0
# > fixed, step 1
# --8<-- [end:autograd-errors-second-backward]

# --8<-- [start:autograd-errors-leaf-in-place]
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    w -= 0.5
except RuntimeError as error:
    print(error)
# > a leaf Variable that requires grad is being used in an in-place operation.

with torch.no_grad():
    w -= 0.5
print("fixed:", w.tolist(), "leaf:", w.is_leaf)
# > fixed: [0.5, 1.5] leaf: True
# --8<-- [end:autograd-errors-leaf-in-place]

# --8<-- [start:autograd-errors-in-place]
import torch

w = torch.zeros(2, requires_grad=True)
out = w.sigmoid()
out += 1
try:
    out.sum().backward()
except RuntimeError as error:
    print(str(error).split(":")[0].replace(" has", "\nhas"))
# > one of the variables needed for gradient computation
# > has been modified by an inplace operation

out = w.sigmoid()
out = out + 1
out.sum().backward()
print("fixed:", w.grad.tolist())
# > fixed: [0.25, 0.25]
# --8<-- [end:autograd-errors-in-place]

# --8<-- [start:autograd-errors-unused]
import torch

w = torch.tensor(2.0, requires_grad=True)
unused = torch.tensor(5.0, requires_grad=True)
try:
    torch.autograd.grad(w * 3, [w, unused])
except RuntimeError as error:
    print(str(error).split(". ")[0].replace(" appears", "\nappears"))
# > ... differentiated Tensor...
# > appears to not have been used in the graph

print("fixed:", torch.autograd.grad(w * 3, [w, unused], allow_unused=True))
# > fixed: (tensor(3.), None)
# --8<-- [end:autograd-errors-unused]

# --8<-- [start:autograd-errors-non-leaf-grad]
import warnings

import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
hidden = w * 2
hidden.sum().backward()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("gradient:", hidden.grad)
# > gradient: None
print(caught[0].category.__name__)
# > UserWarning
print(str(caught[0].message).split(". Its")[0].replace(" is", "\nis", 1))
# > The .grad attribute of a Tensor that
# > is not a leaf Tensor is being accessed

hidden = w * 2
hidden.retain_grad()
hidden.sum().backward()
print("fixed:", hidden.grad.tolist())
# > fixed: [1.0, 1.0]
# --8<-- [end:autograd-errors-non-leaf-grad]

# --8<-- [start:autograd-errors-numpy]
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    (w * 2).numpy()
except RuntimeError as error:
    print(str(error).split(". ")[0])
# > Can't call numpy() on Tensor that requires grad

print("fixed:", (w * 2).detach().numpy())
# > fixed: [2. 4.]
with torch.no_grad():
    print("also:", (w * 2).numpy())
# > also: [2. 4.]
# --8<-- [end:autograd-errors-numpy]

# --8<-- [start:autograd-errors-deepcopy]
import copy

import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
history = {"output": w * 2}
try:
    copy.deepcopy(history)
except RuntimeError as error:
    print(str(error).split(" (")[0])
# > Only Tensors created explicitly by the user

history = {"output": (w * 2).detach()}
print("fixed:", copy.deepcopy(history)["output"].tolist())
# > fixed: [2.0, 4.0]
# --8<-- [end:autograd-errors-deepcopy]

# --8<-- [start:module-errors]
import torch
from torch import nn

from snippets.toolbox.parameters import summarize_state


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 3)
        self.heads = [nn.Linear(3, 1)]
        self.scale = torch.ones(1)


model = Model()
print("registered:", [entry.name for entry in summarize_state(model)])
# > registered: ['body.weight', 'body.bias']

checkpoint = {"body.weight": torch.ones(3, 5), "head.bias": torch.ones(1)}
wanted = model.state_dict()
print("missing:", sorted(wanted.keys() - checkpoint.keys()))
# > missing: ['body.bias']
print("unexpected:", sorted(checkpoint.keys() - wanted.keys()))
# > unexpected: ['head.bias']
for name in wanted.keys() & checkpoint.keys():
    shapes = [tuple(state[name].shape) for state in (wanted, checkpoint)]
    print("shapes of", name, *shapes)
# > shapes of body.weight (3, 2) (3, 5)
# --8<-- [end:module-errors]

# --8<-- [start:module-errors-super-init]
from torch import nn


class Model(nn.Module):
    def __init__(self, proper):
        if proper:
            super().__init__()
        self.layer = nn.Linear(2, 1)


try:
    Model(proper=False)
except AttributeError as error:
    print(error)
# > cannot assign module before Module.__init__() call
print("fixed:", list(Model(proper=True).state_dict()))
# > fixed: ['layer.weight', 'layer.bias']
# --8<-- [end:module-errors-super-init]

# --8<-- [start:module-errors-assign-tensor]
import torch
from torch import nn

layer = nn.Linear(2, 2, bias=False)
try:
    layer.weight = layer.weight * 0.5
except TypeError as error:
    print(str(error).split(" (")[0])
# > cannot assign 'torch.FloatTensor' as parameter 'weight'

with torch.no_grad():
    layer.weight.fill_(0.5)
print("fixed, same parameter:", layer.weight.tolist())
# > fixed, same parameter: [[0.5, 0.5], [0.5, 0.5]]
layer.weight = nn.Parameter(torch.eye(2))
print("fixed, a new one:", layer.weight.tolist())
# > fixed, a new one: [[1.0, 0.0], [0.0, 1.0]]
# --8<-- [end:module-errors-assign-tensor]

# --8<-- [start:module-errors-list]
from torch import nn

layers = [nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)]
try:
    nn.Sequential(layers)
except TypeError as error:
    print(error)
# > list is not a Module subclass

print("fixed:", len(nn.Sequential(*layers)), "layers")
# > fixed: 3 layers
# --8<-- [end:module-errors-list]

# --8<-- [start:module-errors-no-forward]
import torch
from torch import nn

x = torch.ones(1, 4)
blocks = nn.ModuleList([nn.Linear(4, 3), nn.Linear(3, 2)])
try:
    blocks(x)
except NotImplementedError as error:
    print(error)
# > Module [ModuleList] is missing the required "forward" function

for block in blocks:
    x = block(x)
print("fixed:", tuple(x.shape))
# > fixed: (1, 2)
# --8<-- [end:module-errors-no-forward]

# --8<-- [start:module-errors-state-dict-keys]
import torch
from torch import nn

model = nn.Linear(2, 1)
weights = {"module.weight": torch.ones(1, 2), "module.bias": torch.ones(1)}
try:
    model.load_state_dict(weights)
except RuntimeError as error:
    for line in str(error).splitlines():
        print(line.strip())
# > Error(s) in loading state_dict for Linear:
# > Missing key(s) in state_dict: "weight", "bias".
# > Unexpected key(s) in state_dict: "module.weight", "module.bias".

weights = {key.removeprefix("module."): weights[key] for key in weights}
print("fixed:", model.load_state_dict(weights))
# > fixed: <All keys matched successfully>
# --8<-- [end:module-errors-state-dict-keys]

# --8<-- [start:module-errors-state-dict-size]
import torch
from torch import nn

model = nn.ModuleDict({"body": nn.Linear(2, 4), "head": nn.Linear(4, 3)})
old = nn.ModuleDict({"body": nn.Linear(2, 4), "head": nn.Linear(4, 10)})
weights = old.state_dict()
for strict in (True, False):
    try:
        model.load_state_dict(weights, strict=strict)
    except RuntimeError as error:
        print(strict, str(error).splitlines()[1].strip().split(":")[0])
# > True size mismatch for head.weight
# > False size mismatch for head.weight

kept = {key: weights[key] for key in weights if key.startswith("body.")}
result = model.load_state_dict(kept, strict=False)
print("fixed, left as they are:", result.missing_keys)
# > fixed, left as they are: ['head.weight', 'head.bias']
# --8<-- [end:module-errors-state-dict-size]

# --8<-- [start:module-errors-batch-of-one]
import torch
from torch import nn

norm = nn.BatchNorm1d(3)
one = torch.ones(1, 3)  # (N, C)
try:
    norm(one)
except ValueError as error:
    print(str(error).split(", got")[0])
# > Expected more than 1 value per channel when training

print("two samples:", tuple(norm(torch.ones(2, 3)).shape))
# > two samples: (2, 3)
print("one, in eval mode:", tuple(norm.eval()(one).shape))
# > one, in eval mode: (1, 3)
# --8<-- [end:module-errors-batch-of-one]

# --8<-- [start:module-errors-weights-only]
import io
import pickle

import torch
from torch import nn

model = nn.Linear(2, 1)
whole, state = io.BytesIO(), io.BytesIO()
torch.save(model, whole)
torch.save(model.state_dict(), state)
whole.seek(0)
state.seek(0)
try:
    torch.load(whole)
except pickle.UnpicklingError as error:
    print(str(error).split(". ")[0])
# > Weights only load failed

print("fixed:", model.load_state_dict(torch.load(state)))
# > fixed: <All keys matched successfully>
# --8<-- [end:module-errors-weights-only]

# --8<-- [start:module-errors-empty-optimizer]
import torch
from torch import nn

model = nn.Module()
model.layers = [nn.Linear(2, 2)]
spent = nn.Linear(2, 2).parameters()
print("counted:", len(list(spent)))
# > counted: 2
for parameters in (model.parameters(), spent):
    try:
        torch.optim.SGD(parameters, lr=0.1)
    except ValueError as error:
        print(error)
# > optimizer got an empty parameter list
# > optimizer got an empty parameter list

model.layers = nn.ModuleList(model.layers)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
print("fixed:", len(optimizer.param_groups[0]["params"]), "tensors")
# > fixed: 2 tensors
# --8<-- [end:module-errors-empty-optimizer]

# --8<-- [start:module-errors-parameter-groups]
import torch
from torch import nn

body, head = nn.Linear(4, 3), nn.Linear(3, 2)
model = nn.Sequential(body, head)
own_rate = {"params": head.parameters(), "lr": 0.1}
try:
    torch.optim.SGD([{"params": model.parameters()}, own_rate], lr=0.01)
except ValueError as error:
    print(error)
# > some parameters appear in more than one parameter group

own_rate = {"params": head.parameters(), "lr": 0.1}
groups = [{"params": body.parameters()}, own_rate]
optimizer = torch.optim.SGD(groups, lr=0.01)
print("fixed:", [group["lr"] for group in optimizer.param_groups])
# > fixed: [0.01, 0.1]
# --8<-- [end:module-errors-parameter-groups]

# --8<-- [start:module-errors-non-leaf]
import torch

w = torch.ones(2, requires_grad=True).double()
try:
    torch.optim.SGD([w], lr=0.1)
except ValueError as error:
    print(error)
# > can't optimize a non-leaf Tensor

print("leaf:", w.is_leaf, "made by:", w.grad_fn is not None)
# > leaf: False made by: True
w = torch.ones(2).double().requires_grad_()
torch.optim.SGD([w], lr=0.1)
print("fixed, leaf:", w.is_leaf)
# > fixed, leaf: True
# --8<-- [end:module-errors-non-leaf]

# --8<-- [start:data-errors]
from collections import Counter

import torch
from torch.utils.data import DataLoader, default_collate

sizes = (2, 2, 3, 2)
rows = [{"x": torch.zeros(size), "y": 0} for size in sizes]
try:
    next(iter(DataLoader(rows, batch_size=4)))
except RuntimeError as error:
    print(str(error).split(",")[0])
# > stack expects each tensor to be equal size

print("one row:", {name: type(v).__name__ for name, v in rows[0].items()})
# > one row: {'x': 'Tensor', 'y': 'int'}
shapes = [tuple(row["x"].shape) for row in rows]
print("shapes:", Counter(shapes))
# > shapes: Counter({(2,): 3, (3,): 1})
odd = [index for index, shape in enumerate(shapes) if shape != (2,)]
print("look at row:", odd)
# > look at row: [2]
print("the others:", tuple(default_collate(rows[:2])["x"].shape))
# > the others: (2, 2)
# --8<-- [end:data-errors]

# --8<-- [start:data-errors-worker]
from torch.utils.data import DataLoader


class Prices(list):
    def __getitem__(self, index):
        return float(super().__getitem__(index))


batches = iter(DataLoader(Prices(["n/a", "1.5"]), num_workers=1))
try:
    next(batches)
except ValueError as error:
    lines = str(error).strip().splitlines()
print("first line:", lines[0])
# > first line: Caught ValueError in DataLoader worker process 0.
print("last line:", lines[-1])
# > last line: ValueError: could not convert string to float: 'n/a'
print("the rest still comes:", [batch.item() for batch in batches])
# > the rest still comes: [1.5]

repaired = DataLoader(Prices(["0.5", "1.5"]))
print("fixed:", [batch.item() for batch in repaired])
# > fixed: [0.5, 1.5]
# --8<-- [end:data-errors-worker]

# --8<-- [start:data-errors-no-len]
from torch.utils.data import DataLoader, Dataset


class Squares(Dataset):
    def __getitem__(self, index):
        return index**2


try:
    DataLoader(Squares(), shuffle=True)
except TypeError as error:
    print(error)
# > object of type 'Squares' has no len()

Squares.__len__ = lambda self: 4
print("fixed:", len(DataLoader(Squares(), shuffle=True)))
# > fixed: 4
# --8<-- [end:data-errors-no-len]

# --8<-- [start:data-errors-sampler-shuffle]
import torch
from torch.utils.data import DataLoader, WeightedRandomSampler

data = torch.arange(4)
sampler = WeightedRandomSampler([0.0, 0.0, 1.0, 0.0], num_samples=3)
try:
    DataLoader(data, sampler=sampler, shuffle=True)
except ValueError as error:
    print(error)
# > sampler option is mutually exclusive with shuffle

loader = DataLoader(data, sampler=sampler)
print("fixed:", [x.item() for x in loader])
# > fixed: [2, 2, 2]
# --8<-- [end:data-errors-sampler-shuffle]

# --8<-- [start:data-errors-iterable-shuffle]
import random

from torch.utils.data import DataLoader, IterableDataset


class Stream(IterableDataset):
    def __iter__(self):
        numbers = list(range(4))
        random.shuffle(numbers)
        return iter(numbers)


try:
    DataLoader(Stream(), shuffle=True)
except ValueError as error:
    print(str(error).split(", but")[0])
# > DataLoader with IterableDataset: expected unspecified shuffle option
print("fixed:", sorted(x.item() for x in DataLoader(Stream())))
# > fixed: [0, 1, 2, 3]
# --8<-- [end:data-errors-iterable-shuffle]

# --8<-- [start:data-errors-empty]
import tempfile
from pathlib import Path

from torch.utils.data import DataLoader

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "cat.jpg").touch()
    wrong = list(Path(folder).glob("*.png"))
    right = list(Path(folder).glob("*.jpg"))
try:
    DataLoader(wrong, shuffle=True)
except ValueError as error:
    print(str(error).split(", but")[0])
# > num_samples should be a positive integer value

print("without shuffle, batches:", len(list(DataLoader(wrong))))
# > without shuffle, batches: 0
print("files found:", len(wrong), len(right))
# > files found: 0 1
print("fixed:", len(DataLoader(right, shuffle=True)))
# > fixed: 1
# --8<-- [end:data-errors-empty]

# --8<-- [start:data-errors-collate]
from PIL import Image
from torch.utils.data import DataLoader, default_collate
from torchvision.transforms.functional import pil_to_tensor


def collate(images):
    return default_collate([pil_to_tensor(image) for image in images])


images = [Image.new("L", (4, 3)), Image.new("L", (4, 3))]
try:
    next(iter(DataLoader(images, batch_size=2)))
except TypeError as error:
    print(str(error).split(", numpy")[0])
    print(str(error).split("; ")[1])
# > default_collate: batch must contain tensors
# > found <class 'PIL.Image.Image'>

loader = DataLoader(images, batch_size=2, collate_fn=collate)
print("fixed:", tuple(next(iter(loader)).shape))
# > fixed: (2, 1, 3, 4)
# --8<-- [end:data-errors-collate]

# --8<-- [start:data-errors-to-tensor]
import torch
from torchvision import transforms

image = torch.full((3, 2, 2), 255, dtype=torch.uint8)  # (C, H, W)
try:
    transforms.ToTensor()(image)
except TypeError as error:
    print(error)
# > pic should be PIL Image or ndarray. Got <class 'torch.Tensor'>

convert = transforms.ConvertImageDtype(torch.float32)
print("fixed:", convert(image).dtype, convert(image).max().item())
# > fixed: torch.float32 1.0
# --8<-- [end:data-errors-to-tensor]

# --8<-- [start:data-errors-target-range]
import torch
from torch.nn import functional as F

scores = torch.zeros(3, 3)  # (N, C)
labels = torch.tensor([1, 2, 3])  # (N,)
try:
    F.cross_entropy(scores, labels)
except IndexError as error:
    print(error)
# > Target 3 is out of bounds.

print("classes:", scores.shape[1], "labels:", labels.unique().tolist())
# > classes: 3 labels: [1, 2, 3]
print(f"fixed: {F.cross_entropy(scores, labels - 1):.2f}")
# > fixed: 1.10
# --8<-- [end:data-errors-target-range]

# --8<-- [start:data-errors-embedding-range]
import torch
from torch import nn

ids = torch.tensor([[1, 5, 10]])
table = nn.Embedding(num_embeddings=10, embedding_dim=4)
try:
    table(ids)
except IndexError as error:
    print(error)
# > index out of range in self

print("rows:", table.num_embeddings, "largest id:", ids.max().item())
# > rows: 10 largest id: 10
table = nn.Embedding(num_embeddings=11, embedding_dim=4)
print("fixed:", tuple(table(ids).shape))
# > fixed: (1, 3, 4)
# --8<-- [end:data-errors-embedding-range]
