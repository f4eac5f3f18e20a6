"""Tensors: what they are, how to make, join, move and convert them."""

# --8<-- [start:what-is-a-tensor]
import numpy as np
import torch
from torch import nn

t = torch.ones(3, 4)  # (3, 4)
print("shape:", t.shape, "a tuple:", isinstance(t.shape, tuple))
# > shape: torch.Size([3, 4]) a tuple: True
print("dtype:", t.dtype, "device:", t.device)
# > dtype: torch.float32 device: cpu
print("stride:", t.stride(), "layout:", t.layout)
# > stride: (4, 1) layout: torch.strided
print("requires_grad:", t.requires_grad, "is_leaf:", t.is_leaf)
# > requires_grad: False is_leaf: True

array = np.arange(6.0).reshape(2, 3)
twin = torch.arange(6.0).reshape(2, 3)  # (2, 3)
print("NumPy:", (array * 2).sum(axis=0).tolist())
# > NumPy: [6.0, 10.0, 14.0]
print("tensor:", (twin * 2).sum(dim=0).tolist())
# > tensor: [6.0, 10.0, 14.0]
print("ndarray records gradients:", hasattr(array, "requires_grad"))
# > ndarray records gradients: False
print("lives elsewhere:", torch.ones(3, 4, device="meta").device)
# > lives elsewhere: meta

model = nn.Linear(4, 2)
output = model(t)  # (3, 2)
print("output is a tensor:", isinstance(output, torch.Tensor))
# > output is a tensor: True
print("Parameter is a Tensor:", issubclass(nn.Parameter, torch.Tensor))
# > Parameter is a Tensor: True
print("weight:", type(model.weight).__name__, model.weight.requires_grad)
# > weight: Parameter True
# --8<-- [end:what-is-a-tensor]

# --8<-- [start:tensor-is-a-factory]
import torch

print("Tensor is a class:", isinstance(torch.Tensor, type))
# > Tensor is a class: True
print("tensor is a class:", isinstance(torch.tensor, type))
# > tensor is a class: False
print("what it builds:", type(torch.tensor([1, 2])) is torch.Tensor)
# > what it builds: True

print("from ints:", torch.tensor([1, 2]).dtype, torch.Tensor([1, 2]).dtype)
# > from ints: torch.int64 torch.float32
print("from one int:", torch.tensor(2).shape, torch.Tensor(2).shape)
# > from one int: torch.Size([]) torch.Size([2])

odd = 2**24 + 1
print("tensor keeps it:", torch.tensor([odd]).item() == odd)
# > tensor keeps it: True
print("Tensor keeps it:", torch.Tensor([odd]).item() == odd)
# > Tensor keeps it: False
try:
    torch.Tensor([1, 2], dtype=torch.int64)
except TypeError as error:
    print(str(error).split(" - ")[0])
# > new() received an invalid combination of arguments
# --8<-- [end:tensor-is-a-factory]

# --8<-- [start:tensor-is-a-factory-legacy]
import torch

for kind in (torch.CharTensor, torch.IntTensor, torch.FloatTensor):
    print(kind.__name__, "means", kind([1]).dtype)
# > CharTensor means torch.int8
# > IntTensor means torch.int32
# > FloatTensor means torch.float32
print("old name of float32:", torch.zeros(1).type())
# > old name of float32: torch.FloatTensor

print("a size:", torch.FloatTensor(3).shape)
# > a size: torch.Size([3])
print("a value:", torch.FloatTensor([3]).shape)
# > a value: torch.Size([1])

with torch.device("meta"):
    print("factory follows:", torch.tensor([1.0]).device)
    print("legacy ignores it:", torch.FloatTensor([1.0]).device)
# > factory follows: meta
# > legacy ignores it: cpu

today = torch.tensor([1, 2], dtype=torch.int8, device="cpu")
print("said plainly:", today.dtype, today.device)
# > said plainly: torch.int8 cpu
# --8<-- [end:tensor-is-a-factory-legacy]

# --8<-- [start:create-a-tensor]
import torch

data = [[1, 2], [3, 4]]
x = torch.tensor(data)  # (2, 2)
data[0][0] = 99
print("the list changed, x did not:", x.tolist())
# > the list changed, x did not: [[1, 2], [3, 4]]
print("inferred:", x.dtype, torch.tensor([1, 2.5]).dtype)
# > inferred: torch.int64 torch.float32

print("ones_like keeps:", torch.ones_like(x).dtype)
# > ones_like keeps: torch.int64
try:
    torch.rand_like(x)
except NotImplementedError as error:
    print(error)
# > "check_uniform_bounds" not implemented for 'Long'
print("rand_like, told:", torch.rand_like(x, dtype=torch.float).dtype)
# > rand_like, told: torch.float32

shape = (2, 3)
for build in (torch.rand, torch.ones, torch.zeros):
    made = build(shape)  # (2, 3)
    print(build.__name__, tuple(made.shape), made.dtype)
# > rand (2, 3) torch.float32
# > ones (2, 3) torch.float32
# > zeros (2, 3) torch.float32
# --8<-- [end:create-a-tensor]

# --8<-- [start:create-a-tensor-seed]
import torch

noted = torch.tensor([[0.8823, 0.9150], [0.3829, 0.9593]])  # (2, 2)
noted_later = torch.tensor(
    [[0.3904, 0.6009, 0.2566], [0.7936, 0.9408, 0.1332]],
)  # (2, 3)


def drawn_after(seed):
    torch.manual_seed(seed)
    first, later = torch.rand_like(noted), torch.rand(2, 3)
    return (
        torch.allclose(first, noted, atol=1e-4),
        torch.allclose(later, noted_later, atol=1e-4),
    )


print("seed 42 gives the printed digits:", drawn_after(42))
# > seed 42 gives the printed digits: (True, True)
print("seed 0 gives the printed digits:", drawn_after(0))
# > seed 0 gives the printed digits: (False, False)
# --8<-- [end:create-a-tensor-seed]

# --8<-- [start:from-numpy-shares-memory]
import numpy as np
import torch
from torch import nn

array = np.array([[1.0, 2.0], [3.0, 4.0]])
shared = torch.from_numpy(array)  # (2, 2)
copied = torch.tensor(array)  # (2, 2)
array[0, 0] = 99
print("from_numpy sees:", shared.tolist())
# > from_numpy sees: [[99.0, 2.0], [3.0, 4.0]]
print("tensor() keeps:", copied.tolist())
# > tensor() keeps: [[1.0, 2.0], [3.0, 4.0]]
shared[1, 1] = -4
print("and backwards:", array.tolist())
# > and backwards: [[99.0, 2.0], [3.0, -4.0]]
print("one address:", shared.data_ptr() == array.ctypes.data)
# > one address: True

print("dtypes:", shared.dtype, copied.dtype)
# > dtypes: torch.float64 torch.float64
layer = nn.Linear(2, 1)
try:
    layer(shared)
except RuntimeError as error:
    print(error)
# > mat1 and mat2 must have the same dtype, but got Double and Float
single = shared.float()
print("after float():", layer(single).dtype)
# > after float(): torch.float32
print("float() left the array:", single.data_ptr() != array.ctypes.data)
# > float() left the array: True
# --8<-- [end:from-numpy-shares-memory]

# --8<-- [start:from-numpy-shares-memory-figure]
import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(7.2, 2.8), layout="constrained")
ax.set(xlim=(0, 15.4), ylim=(0, 6.0), aspect="equal")
ax.axis("off")


def box(left, bottom, width, height, color, text):
    corner, style = (left, bottom), {"edgecolor": color, "linewidth": 1.5}
    patch = plt.Rectangle(corner, width, height, color=color, alpha=0.28)
    ax.add_patch(patch)
    ax.add_patch(plt.Rectangle(corner, width, height, fill=False, **style))
    middle = (left + width / 2, bottom + height / 2)
    ax.text(*middle, text, ha="center", va="center", fontsize=10.5)


def arrow(start, end, color):
    style = {"arrowstyle": "->", "color": color, "lw": 1.8}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)


box(0.3, 4.1, 4.1, 1.6, "C0", "array\nndarray (2, 2)")
box(4.7, 4.1, 4.1, 1.6, "C1", "from_numpy(array)\nTensor (2, 2)")
box(10.7, 4.1, 4.1, 1.6, "C2", "tensor(array)\nTensor (2, 2)")
for place, value in enumerate(["99", "2", "3", "4"]):
    box(2.15 + 1.2 * place, 1.2, 1.2, 1.2, "C0", value)
for place, value in enumerate(["1", "2", "3", "4"]):
    box(10.35 + 1.2 * place, 1.2, 1.2, 1.2, "C2", value)
arrow((2.35, 4.1), (3.7, 2.5), "C0")
arrow((6.75, 4.1), (5.4, 2.5), "C1")
arrow((12.75, 4.1), (12.75, 2.5), "C2")
ax.text(4.55, 0.4, "array[0, 0] = 99", ha="center", fontsize=10.5)
plt.show()
# --8<-- [end:from-numpy-shares-memory-figure]

# --8<-- [start:add-a-dimension]
import torch

x = torch.zeros(3, 4)  # (3, 4)
print("unsqueeze(0):", x.unsqueeze(0).shape)
# > unsqueeze(0): torch.Size([1, 3, 4])
print("unsqueeze(-1):", x.unsqueeze(-1).shape)
# > unsqueeze(-1): torch.Size([3, 4, 1])
print("x[None]:", x[None].shape, "x[:, None]:", x[:, None].shape)
# > x[None]: torch.Size([1, 3, 4]) x[:, None]: torch.Size([3, 1, 4])

front = x.unsqueeze(0)  # (1, 3, 4)
front[0, 0, 0] = 7
print("same storage:", front.data_ptr() == x.data_ptr(), x[0, 0].item())
# > same storage: True 7.0
print("back again:", front.squeeze(0).shape)
# > back again: torch.Size([3, 4])

try:
    x.unsequeeze(0)
except AttributeError as error:
    print(error)
# > 'Tensor' object has no attribute 'unsequeeze'
try:
    x.unsqueeze()
except TypeError as error:
    print(error)
# > unsqueeze() missing 1 required positional arguments: "dim"
try:
    x.unsqueeze(3)
except IndexError as error:
    print(error)
# > Dimension out of range (expected to be in range of [-3, 2], but got 3)
# --8<-- [end:add-a-dimension]

# --8<-- [start:cat-or-stack]
import torch

parts = [torch.full((2, 4), number) for number in (1, 2, 3)]  # each (2, 4)
for dim in (0, 1):
    print("cat dim", dim, tuple(torch.cat(parts, dim=dim).shape))
# > cat dim 0 (6, 4)
# > cat dim 1 (2, 12)
for dim in (0, 1, 2):
    print("stack dim", dim, tuple(torch.stack(parts, dim=dim).shape))
# > stack dim 0 (3, 2, 4)
# > stack dim 1 (2, 3, 4)
# > stack dim 2 (2, 4, 3)

widened = torch.cat([part.unsqueeze(1) for part in parts], dim=1)  # (2, 3, 4)
print("stack is:", torch.equal(torch.stack(parts, dim=1), widened))
# > stack is: True

joined = torch.cat(parts, dim=1)  # (2, 12)
print("first row:", joined[0].tolist())
# > first row: [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
joined[0, 0] = 99
print("a copy, the part keeps:", parts[0][0, 0].item())
# > a copy, the part keeps: 1

short = torch.zeros(1, 4)  # (1, 4)
print("cat dim 0 with (1, 4):", torch.cat([*parts, short]).shape)
# > cat dim 0 with (1, 4): torch.Size([7, 4])
for join in (torch.cat, torch.stack):
    try:
        join([*parts, short], dim=1)
    except RuntimeError as error:
        print(str(error).split(".")[0].split(", but")[0])
# > Sizes of tensors must match except in dimension 1
# > stack expects each tensor to be equal size
# --8<-- [end:cat-or-stack]

# --8<-- [start:cat-or-stack-figure]
import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
ax.set(xlim=(0, 18), ylim=(0, 9.5), aspect="equal")
ax.axis("off")


def block(left, bottom, color, shear=0.0, height=0.65):
    for cell in range(8):
        row, column = divmod(cell, 4)
        corners = [
            (left + 0.65 * x + shear * y, bottom + height * y)
            for x, y in (
                (column, row),
                (column + 1, row),
                (column + 1, row + 1),
                (column, row + 1),
            )
        ]
        ax.add_patch(plt.Polygon(corners, fc=color, alpha=0.3))
        ax.add_patch(plt.Polygon(corners, fill=False, ec=color, lw=1.3))


def label(middle, bottom, text):
    ax.text(middle, bottom, text, ha="center", va="top", fontsize=10.5)


for place, color in enumerate(["C0", "C1", "C2"]):
    block(3.2 + 4.5 * place, 7.9, color)
    block(1.2, 4.3 - 1.3 * place, color)
    block(5.1 + 2.6 * place, 3.0, color)
    block(13.6, 4.6 - 1.45 * place, color, shear=0.6, height=0.5)
label(9.0, 7.6, "parts: 3 tensors, each (2, 4)")
label(2.5, 1.4, "cat(parts, dim=0)\n(6, 4)")
label(9.0, 1.4, "cat(parts, dim=1)\n(2, 12)")
label(15.5, 1.4, "stack(parts, dim=0)\n(3, 2, 4)")
plt.show()
# --8<-- [end:cat-or-stack-figure]

# --8<-- [start:move-to-device]
import torch
from torch import nn

t = torch.ones(2, 3)  # (2, 3)
t.to("meta")
print("after a bare t.to():", t.device)
# > after a bare t.to(): cpu
moved = t.to("meta")  # (2, 3)
print("the result:", moved.device, "t:", t.device)
# > the result: meta t: cpu
print("nothing to do returns t:", t.to("cpu") is t)
# > nothing to do returns t: True

layer = nn.Linear(3, 2)
layer.to("meta")
print("after a bare layer.to():", layer.weight.device)
# > after a bare layer.to(): meta
print("layer.to() returns the layer:", layer.to("meta") is layer)
# > layer.to() returns the layer: True
# --8<-- [end:move-to-device]

# --8<-- [start:move-to-device-agnostic]
import torch

device = torch.device("cpu")
if torch.accelerator.is_available():
    device = torch.accelerator.current_accelerator()

t = torch.ones(2, 3).to(device)  # (2, 3)
born = torch.ones(2, 3, device=device)  # (2, 3)
print("moved:", t.device.type == device.type)
# > moved: True
print("made there:", born.device == t.device)
# > made there: True

flattened = "if available:\ntensor = tensor.to('cuda')\n"
try:
    compile(flattened, "notes.py", "exec")
except IndentationError as error:
    print(error.msg)
# > expected an indented block after 'if' statement on line 1
# --8<-- [end:move-to-device-agnostic]

# --8<-- [start:variable-is-gone]
import torch
from torch.autograd import Variable

t = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # (2, 2)
wrapped = Variable(t, requires_grad=True)  # (2, 2)
print("what Variable returns:", type(wrapped))
# > what Variable returns: <class 'torch.Tensor'>
print("same data:", wrapped.data_ptr() == t.data_ptr())
# > same data: True
print("t is a Variable too:", isinstance(t, Variable))
# > t is a Variable too: True

plain = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)  # (2, 2)
(wrapped * wrapped).mean().backward()
(plain * plain).mean().backward()
print("Variable:", wrapped.grad.tolist())
# > Variable: [[0.5, 1.0], [1.5, 2.0]]
print("tensor:", plain.grad.tolist())
# > tensor: [[0.5, 1.0], [1.5, 2.0]]

print("t.requires_grad:", t.requires_grad)
# > t.requires_grad: False
try:
    (t * t).mean().backward()
except RuntimeError as error:
    print(error)
# > element 0 of tensors does not require grad and does not have a grad_fn
t.requires_grad_()
(t * t).mean().backward()
print("after t.requires_grad_():", t.grad.tolist())
# > after t.requires_grad_(): [[0.5, 1.0], [1.5, 2.0]]
# --8<-- [end:variable-is-gone]

# --8<-- [start:variable-is-gone-volatile]
import warnings

import torch
from torch import nn
from torch.autograd import Variable

t = torch.ones(2)  # (2,)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    Variable(t, volatile=True)
print(str(caught[0].message).split(".")[0])
# > volatile was removed and now has no effect
try:
    nn.Parameter(t, volatile=True)
except TypeError as error:
    print(error)
# > Parameter.__new__() got an unexpected keyword argument 'volatile'

weight = nn.Parameter(t)  # (2,)
with torch.no_grad():
    print("under no_grad:", (weight * 2).requires_grad)
# > under no_grad: False
print("outside:", (weight * 2).requires_grad)
# > outside: True

try:
    exec("import numpy as mp\nnp.ones(2)", {})
except NameError as error:
    print(error)
# > name 'np' is not defined
# --8<-- [end:variable-is-gone-volatile]

# --8<-- [start:trailing-underscore]
import torch

t = torch.ones(4, 4)  # (4, 4)
address = t.data_ptr()
column = t[:, 1]  # (4,)

t[:, 1] = 0
print("row after t[:, 1] = 0:", t[0].tolist())
# > row after t[:, 1] = 0: [1.0, 0.0, 1.0, 1.0]
print("add_ returns t:", t.add_(5) is t)
# > add_ returns t: True
print("row after add_(5):", t[0].tolist())
# > row after add_(5): [6.0, 5.0, 6.0, 6.0]
print("same memory:", t.data_ptr() == address)
# > same memory: True
print("the old view sees it:", column.tolist())
# > the old view sees it: [5.0, 5.0, 5.0, 5.0]

print("add returns t:", t.add(5) is t, "row:", t[0].tolist())
# > add returns t: False row: [6.0, 5.0, 6.0, 6.0]
name = t
t += 1
print("t += 1 in place:", name is t)
# > t += 1 in place: True
t = t + 1
print("t = t + 1 in place:", name is t)
# > t = t + 1 in place: False

x = torch.arange(6).view(2, 3)  # (2, 3)
print("permute:", x.permute(1, 0).shape, "add_:", x.add_(5).shape)
# > permute: torch.Size([3, 2]) add_: torch.Size([2, 3])
# --8<-- [end:trailing-underscore]

# --8<-- [start:trailing-underscore-autograd]
import torch

weight = torch.ones(3, requires_grad=True)  # (3,)
try:
    weight.add_(1)
except RuntimeError as error:
    print(error)
# > a leaf Variable that requires grad is being used in an in-place operation.
with torch.no_grad():
    weight.sub_(0.5)
print("under no_grad:", weight.tolist())
# > under no_grad: [0.5, 0.5, 0.5]

grown = weight.exp()  # (3,)
print("version:", grown._version)
# > version: 0
grown.add_(1)
print("version:", grown._version)
# > version: 1
try:
    grown.sum().backward()
except RuntimeError as error:
    message = str(error)
    print(message[message.index("is at") : message.index(" instead")])
# > is at version 1; expected version 0

scaled = weight * 3  # (3,)
scaled.add_(1).sum().backward()
print("nobody saved it:", weight.grad.tolist())
# > nobody saved it: [3.0, 3.0, 3.0]
# --8<-- [end:trailing-underscore-autograd]

# --8<-- [start:must-data-be-float]
import torch
import torch.nn.functional as F
from torch import nn

print("default:", torch.get_default_dtype())
# > default: torch.float32
layer = nn.Linear(3, 2)
for dtype in (torch.int64, torch.float64, torch.float16):
    try:
        layer(torch.ones(1, 3, dtype=dtype))
    except RuntimeError as error:
        print(error)
# > mat1 and mat2 must have the same dtype, but got Long and Float
# > mat1 and mat2 must have the same dtype, but got Double and Float
# > mat1 and mat2 must have the same dtype, but got Half and Float

table = nn.Embedding(10, 4)
for dtype in (torch.int64, torch.int32, torch.float32):
    try:
        table(torch.tensor([1, 2], dtype=dtype))
        print("Embedding takes", dtype)
    except RuntimeError:
        print("Embedding rejects", dtype)
# > Embedding takes torch.int64
# > Embedding takes torch.int32
# > Embedding rejects torch.float32

logits = torch.zeros(2, 3)  # (N, C)
for dtype in (torch.int64, torch.uint8, torch.int32, torch.float32):
    try:
        F.cross_entropy(logits, torch.tensor([0, 2], dtype=dtype))
        print("class targets take", dtype)
    except RuntimeError as error:
        named = "Long" in str(error)
        print("class targets reject", dtype, "message names Long:", named)
# > class targets take torch.int64
# > class targets take torch.uint8
# > class targets reject torch.int32 message names Long: True
# > class targets reject torch.float32 message names Long: True
# --8<-- [end:must-data-be-float]

# --8<-- [start:must-data-be-float-elsewhere]
import torch
import torch.nn.functional as F

logits = torch.zeros(2)  # (2,)
labels = torch.tensor([0, 1])  # (2,)
try:
    F.binary_cross_entropy_with_logits(logits, labels)
except RuntimeError as error:
    print("binary targets as int64:", type(error).__name__)
# > binary targets as int64: RuntimeError
loss = F.binary_cross_entropy_with_logits(logits, labels.float())
print("binary targets as float:", loss.shape)
# > binary targets as float: torch.Size([])

soft = torch.tensor([[0.9, 0.1], [0.2, 0.8]])  # (N, C)
print("probabilities:", F.cross_entropy(torch.zeros(2, 2), soft).shape)
# > probabilities: torch.Size([])

try:
    torch.ones(2, dtype=torch.int64, requires_grad=True)
except RuntimeError as error:
    print(error)
# > Only Tensors of floating point and complex dtype can require gradients
try:
    labels[torch.tensor([0.0])]
except IndexError as error:
    print(error)
# > tensors used as indices must be long, int, byte or bool tensors
# --8<-- [end:must-data-be-float-elsewhere]

# --8<-- [start:tensor-to-numpy]
import torch

weight = torch.ones(2, requires_grad=True)  # (2,)
try:
    weight.numpy()
except RuntimeError as error:
    print(str(error).split(".")[0])
# > Can't call numpy() on Tensor that requires grad

detached = weight.detach().numpy()
with torch.no_grad():
    guarded = weight.numpy()
forced = weight.numpy(force=True)
detached[0] = 5
print("one memory:", weight.tolist(), guarded.tolist(), forced.tolist())
# > one memory: [5.0, 1.0] [5.0, 1.0] [5.0, 1.0]
print("autograd noticed:", weight._version > 0)
# > autograd noticed: False

try:
    weight.grad_requires
except AttributeError as error:
    print(error)
# > 'Tensor' object has no attribute 'grad_requires'
# --8<-- [end:tensor-to-numpy]

# --8<-- [start:tensor-to-numpy-device]
import torch

away = torch.ones(2, device="meta")  # (2,)
try:
    away.numpy()
except TypeError as error:
    print(str(error).split(".")[0])
# > can't convert meta device type tensor to numpy

t = torch.ones(2)  # (2,)
print("t.cpu is a", type(t.cpu).__name__)
# > t.cpu is a builtin_function_or_method
print("t.numpy is a", type(t.numpy).__name__)
# > t.numpy is a builtin_function_or_method
print("already there:", t.cpu() is t)
# > already there: True
array = t.cpu().numpy()
t.add_(1)
print("the array follows:", array.tolist())
# > the array follows: [2.0, 2.0]

half = torch.ones(2, dtype=torch.bfloat16)  # (2,)
try:
    half.numpy()
except TypeError as error:
    print(error)
# > Got unsupported ScalarType BFloat16
print("after float():", half.float().numpy().dtype)
# > after float(): float32
# --8<-- [end:tensor-to-numpy-device]

# --8<-- [start:faster-than-numpy]
from timeit import repeat

import numpy as np
import torch

torch.set_num_threads(1)


def torch_over_numpy(size, number):
    array = np.ones(size, dtype=np.float32)
    tensor = torch.ones(size)
    array_out, tensor_out = np.empty_like(array), torch.empty_like(tensor)
    numpy_best = torch_best = float("inf")
    for _ in range(60):
        numpy_runs = repeat(
            lambda: np.add(array, array, out=array_out),
            number=number,
            repeat=3,
        )
        torch_runs = repeat(
            lambda: torch.add(tensor, tensor, out=tensor_out),
            number=number,
            repeat=3,
        )
        numpy_best = min(numpy_best, *numpy_runs)
        torch_best = min(torch_best, *torch_runs)
    return torch_best / numpy_best


small, large = torch_over_numpy(4, 50), torch_over_numpy(1_000_000, 1)
print("4 numbers, NumPy clearly faster:", small > 1.5)
# > 4 numbers, NumPy clearly faster: True
print("a million, the gap shrinks:", large < 0.7 * small)
# > a million, the gap shrinks: True
# --8<-- [end:faster-than-numpy]

# --8<-- [start:faster-than-numpy-device]
import torch

t = torch.ones(4)  # (4,)
print("one device:", isinstance(t.device, torch.device))
# > one device: True
try:
    torch.ones(4, device=["cpu", "meta"])
except TypeError as error:
    print("a list of devices:", type(error).__name__)
# > a list of devices: TypeError

halves = t.chunk(2)  # each (2,)
spread = [halves[0], halves[1].to("meta")]
print("two devices, two tensors:", [str(half.device) for half in spread])
# > two devices, two tensors: ['cpu', 'meta']
# --8<-- [end:faster-than-numpy-device]
