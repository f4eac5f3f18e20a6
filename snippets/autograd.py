"""What autograd records, when gradients come to be, and how to steer both."""

# --8<-- [start:what-autograd-records]
import torch

a = torch.tensor([1.0, 2.0], requires_grad=True)  # (2,)
b = torch.tensor([3.0, 4.0])  # (2,)
d = (a * b).sum()  # ()
print("leaves:", a.is_leaf, b.is_leaf, d.is_leaf)
# > leaves: True True False
print("require grad:", a.requires_grad, b.requires_grad, d.requires_grad)
# > require grad: True False True

root = d.grad_fn
print("root:", type(root).__name__)
# > root: SumBackward0
product = root.next_functions[0][0]
print("its input:", type(product).__name__)
# > its input: MulBackward0
end, nothing = (node for node, _ in product.next_functions)
print("for a:", type(end).__name__)
# > for a: AccumulateGrad
print("for b:", nothing)
# > for b: None
print("the end holds a itself:", end.variable is a)
# > the end holds a itself: True
print("saved for the gradient of a:", product._saved_other.tolist())
# > saved for the gradient of a: [3.0, 4.0]
print("saved for a gradient of b:", product._saved_self)
# > saved for a gradient of b: None

d.backward()
print("a.grad:", a.grad.tolist())
# > a.grad: [3.0, 4.0]
print("b.grad:", b.grad)
# > b.grad: None
# --8<-- [end:what-autograd-records]

# --8<-- [start:what-autograd-records-figure]
import matplotlib.pyplot as plt
import torch

w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
x = torch.tensor(3.0)
loss = w**2 + (w * x + b) ** 2
names = {w: "w", b: "b"}


def draw(node, depth=0):
    label, color, ends = "None\n(x)", "C2", []
    if hasattr(node, "variable"):
        label, color = f"AccumulateGrad\n{names[node.variable]}.grad", "C1"
    elif node is not None:
        label, color = type(node).__name__, "C0"
        ends = [draw(n, depth + 1) for n, _ in node.next_functions]
    if label in leaves:
        return leaves[label], -3.8
    across = sum(x for x, _ in ends) / len(ends) if ends else 2 * len(leaves)
    if not ends:
        leaves[label] = across
    height = -depth if ends else -4.15
    for end in ends:
        arrow = {"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, (across, height - 0.2), arrowprops=arrow)
    box = {"boxstyle": "round", "fc": (color, 0.3), "ec": color}
    ax.text(across, height, label, size=11, bbox=box, **center)
    return across, height + (0.2 if ends else 0.35)


center = {"ha": "center", "va": "center"}
fig, ax = plt.subplots(figsize=(7.2, 4.2), layout="tight")
leaves = {}
across, _ = draw(loss.grad_fn)
ax.text(across + 0.6, 0, "= loss.grad_fn", va="center", size=11)
ax.set_title("loss = w**2 + (w * x + b)**2")
ax.set(xlim=(-0.7, 4.7), ylim=(-4.6, 0.4))
ax.axis("off")
plt.show()
# --8<-- [end:what-autograd-records-figure]

# --8<-- [start:what-autograd-records-network]
import torch
from torch import nn
from torch.nn import functional as F


def walk(node):
    yield node
    for following, _ in node.next_functions:
        if following is not None:
            yield from walk(following)


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
w1, b1, w2, b2 = net.parameters()
data = torch.randn(5, 3)  # (5, 3)
output = net(data)  # (5, 1)
nested = F.linear(F.relu(F.linear(data, w1, b1)), w2, b2)  # (5, 1)
print("same as nested functions:", torch.equal(output, nested))
# > same as nested functions: True

nodes = list(walk(output.grad_fn))
names = [node.name() for node in nodes]
print("same nodes:", names == [n.name() for n in walk(nested.grad_fn)])
# > same nodes: True
print("F.relu is a:", type(F.relu).__name__)
# > F.relu is a: function
print("it left a node:", "ReluBackward0" in names)
# > it left a node: True
ends = {id(node.variable) for node in nodes if hasattr(node, "variable")}
print("ends of the graph:", len(ends))
# > ends of the graph: 4
print("they are the parameters:", ends == {id(p) for p in net.parameters()})
# > they are the parameters: True
print("second call, same graph:", net(data).grad_fn is output.grad_fn)
# > second call, same graph: False
# --8<-- [end:what-autograd-records-network]

# --8<-- [start:forward-or-backward]
import torch
from torch.nn import functional as F

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
data = torch.randn(8, 3)  # (8, 3)
target = torch.randn(8, 1)  # (8, 1)
before = model.weight.detach().clone()  # (1, 3)

loss = F.mse_loss(model(data), target)  # ()
print("after forward, grad:", model.weight.grad)
# > after forward, grad: None
print("after forward, recorded:", loss.grad_fn.name())
# > after forward, recorded: MseLossBackward0

# --8<-- [start:forward-or-backward-moves-nothing]
loss.backward()
print("after backward, grad:", tuple(model.weight.grad.shape))
# > after backward, grad: (1, 3)
print("weight unchanged:", torch.equal(model.weight, before))
# > weight unchanged: True

optimizer.step()
print("after step, weight unchanged:", torch.equal(model.weight, before))
# > after step, weight unchanged: False
# --8<-- [end:forward-or-backward-moves-nothing]
moved = before - 0.1 * model.weight.grad  # (1, 3)
print("it moved by -lr * grad:", torch.allclose(model.weight, moved))
# > it moved by -lr * grad: True
better = F.mse_loss(model(data), target)  # ()
print("a new forward pass, loss fell:", bool(better < loss))
# > a new forward pass, loss fell: True
# --8<-- [end:forward-or-backward]

# --8<-- [start:forward-or-backward-forward-mode]
import warnings

import torch
from torch.autograd import forward_ad

warnings.simplefilter("ignore")
weight = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])  # (2, 3)
x = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)  # (3,)


def f(x):
    return (weight @ x).square().sum()


slopes = []
for direction in torch.eye(3):
    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(x, direction)
        value, slope = forward_ad.unpack_dual(f(dual))
    slopes.append(slope.item())
print("forward mode, three passes:", slopes)
# > forward mode, three passes: [-20.0, -28.0, -36.0]
print("graph:", value.grad_fn, "x.grad:", x.grad)
# > graph: None x.grad: None

f(x).backward()
print("reverse mode, one backward:", x.grad.tolist())
# > reverse mode, one backward: [-20.0, -28.0, -36.0]
# --8<-- [end:forward-or-backward-forward-mode]

# --8<-- [start:backward-needs-a-scalar]
import torch

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
x.square().mean().backward()
print("mean of squares:", x.grad.tolist())
# > mean of squares: [[0.5, 1.0], [1.5, 2.0]]
print("equals 1/4 * 2 * x:", torch.equal(x.grad, 1 / 4 * 2 * x))
# > equals 1/4 * 2 * x: True

output = x.square()  # (2, 2)
try:
    output.backward()
except RuntimeError as error:
    print("no argument:", error)
# > no argument: grad can be implicitly created only for scalar outputs
try:
    output.backward(torch.ones(2))
except RuntimeError as error:
    print("wrong shape:", str(error).split(":")[0])
# > wrong shape: Mismatch in shape

x.grad = None
output.backward(torch.ones_like(output))
print("ones:", x.grad.tolist())
# > ones: [[2.0, 4.0], [6.0, 8.0]]
(total,) = torch.autograd.grad(x.square().sum(), x)  # (2, 2)
print("same as sum():", torch.equal(x.grad, total))
# > same as sum(): True
# --8<-- [end:backward-needs-a-scalar]

# --8<-- [start:backward-needs-a-scalar-product]
import torch

torch.manual_seed(0)
matrix = torch.randn(3, 2)  # (3, 2)
x = torch.randn(2, requires_grad=True)  # (2,)


def gradient(result, argument=None):
    (found,) = torch.autograd.grad(result, x, argument)
    return found


def output():
    return torch.tanh(matrix @ x)  # (3,)


rows = [gradient(output(), one_hot) for one_hot in torch.eye(3)]
jacobian = torch.stack(rows)  # (3, 2)
v = torch.randn(3)  # (3,)
product = gradient(output(), v)  # (2,)
print("argument v gives v @ J:", torch.allclose(product, v @ jacobian))
# > argument v gives v @ J: True
summed = gradient((v * output()).sum())  # (2,)
print("same as (v * output).sum():", torch.allclose(product, summed))
# > same as (v * output).sum(): True

y = output()
itself = gradient(y, y)
half = gradient(0.5 * output().square().sum())
total = gradient(output().sum())
print("output.backward(output):")
# > output.backward(output):
print("  as 0.5 * (output**2).sum():", torch.allclose(itself, half))
# >   as 0.5 * (output**2).sum(): True
print("  as output.sum():", torch.allclose(itself, total))
# >   as output.sum(): False
# --8<-- [end:backward-needs-a-scalar-product]

# --8<-- [start:gradients-accumulate]
import torch

w = torch.tensor(3.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0, weight_decay=0.5)
for _ in range(3):
    (2 * w).backward()
    print("grad:", w.grad.item())
# > grad: 2.0
# > grad: 4.0
# > grad: 6.0

optimizer.zero_grad()
print("after zero_grad():", w.grad)
# > after zero_grad(): None
optimizer.step()
print("a step then leaves w at:", w.item())
# > a step then leaves w at: 3.0

(2 * w).backward()
optimizer.zero_grad(set_to_none=False)
print("after set_to_none=False:", w.grad.item())
# > after set_to_none=False: 0.0
optimizer.step()
print("a step then moves w to:", w.item())
# > a step then moves w to: 1.5
# --8<-- [end:gradients-accumulate]

# --8<-- [start:gradients-accumulate-wanted]
import torch
from torch import nn
from torch.nn import functional as F

from snippets.toolbox.memory import saved_for_backward

w = torch.tensor(3.0, requires_grad=True)
(5 * w + 7 * w).backward()
print("two uses in one graph:", w.grad.item())
# > two uses in one graph: 12.0

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
data, target = torch.randn(6, 4), torch.randn(6, 1)
there = [*net.parameters(), data, target]


def share(rows, labels):
    return F.mse_loss(net(rows), labels, reduction="sum") / 6


share(data, target).backward()
whole = net[0].weight.grad  # (8, 4)
net.zero_grad()
for rows, labels in zip(data.chunk(3), target.chunk(3), strict=True):
    share(rows, labels).backward()
added = net[0].weight.grad  # (8, 4)
print("three parts of 2 equal 6:", torch.allclose(whole, added, atol=1e-6))
# > three parts of 2 equal 6: True

part, labels = data[:2], target[:2]
six = saved_for_backward(lambda: share(data, target), there)
two = saved_for_backward(lambda: share(part, labels), there)
print("bytes saved, 6 rows:", six)
# > bytes saved, 6 rows: 216
print("bytes saved, 2 rows:", two)
# > bytes saved, 2 rows: 72
# --8<-- [end:gradients-accumulate-wanted]

# --8<-- [start:second-backward]
import textwrap

import torch

x = torch.tensor(2.0, requires_grad=True)
cube = x**3
print("saved by the node:", cube.grad_fn._saved_self.item())
# > saved by the node: 2.0
cube.backward()
print("first backward:", x.grad.item())
# > first backward: 12.0
try:
    cube.backward()
except RuntimeError as error:
    print(textwrap.fill(str(error), 70))
# > Trying to backward through the graph a second time (or directly access
# > saved tensors after they have already been freed). Saved intermediate
# > values of the graph are freed when you call .backward() or
# > autograd.grad(). Specify retain_graph=True if you need to backward
# > through the graph a second time or if you need to access saved tensors
# > after calling backward.
print("the node is still there:", cube.grad_fn.name())
# > the node is still there: PowBackward0

x.grad = None
cube = x**3
cube.backward(retain_graph=True)
cube.backward()
print("retain_graph, then again:", x.grad.item())
# > retain_graph, then again: 24.0

x.grad = None
shifted = x + 1
shifted.backward()
shifted.backward()
print("x + 1 twice:", x.grad.item())
# > x + 1 twice: 2.0
# --8<-- [end:second-backward]

# --8<-- [start:second-backward-shared]
import torch

w = torch.tensor(0.0, requires_grad=True)
shared = w.exp()
(2 * shared).backward()
try:
    (3 * shared).backward()
except RuntimeError as error:
    print("second loss:", str(error).split(" (")[0])
# > second loss: Trying to backward through the graph a second time

w.grad = None
shared = w.exp()
(2 * shared + 3 * shared).backward()
print("one backward for the sum:", w.grad.item())
# > one backward for the sum: 5.0

state = torch.tensor(1.0)
for step in range(2):
    state = state * w.exp()
    try:
        state.backward()
    except RuntimeError as error:
        print("step", step, "raises:", str(error).split(" (")[0])
# > step 1 raises: Trying to backward through the graph a second time

w.grad = None
state = torch.tensor(1.0)
for _ in range(2):
    state = state.detach() * w.exp()
    state.backward()
print("state detached:", w.grad.item())
# > state detached: 2.0
# --8<-- [end:second-backward-shared]

# --8<-- [start:second-backward-derivatives]
import warnings

import torch

x = torch.tensor(2.0, requires_grad=True)
(first,) = torch.autograd.grad(x**4, x, create_graph=True)
(second,) = torch.autograd.grad(first, x, create_graph=True)
(third,) = torch.autograd.grad(second, x)
print("derivatives of x**4:", first.item(), second.item(), third.item())
# > derivatives of x**4: 32.0 48.0 48.0
print("requires grad:", first.requires_grad, third.requires_grad)
# > requires grad: True False
print("x.grad:", x.grad)
# > x.grad: None

torch.manual_seed(0)
critic = torch.nn.Linear(3, 1)
data = torch.randn(5, 3, requires_grad=True)  # (5, 3)
score = critic(data).sum()
(slope,) = torch.autograd.grad(score, data, create_graph=True)  # (5, 3)
penalty = (slope.norm(dim=1) - 1).square().mean()
penalty.backward()
print("penalty reaches the weight:", critic.weight.grad is not None)
# > penalty reaches the weight: True
(slope,) = torch.autograd.grad(critic(data).sum(), data)  # (5, 3)
print("without create_graph:", slope.requires_grad)
# > without create_graph: False

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    (x**4).backward(create_graph=True)
print(str(caught[0].message).split(" between")[0])
# > Using backward() with create_graph=True will create a reference cycle
x.grad = None
# --8<-- [end:second-backward-derivatives]

# --8<-- [start:no-grad-or-detach]
import torch
from torch import nn

ways = {
    "as it is": lambda net, x: net(x),
    "no_grad()": torch.no_grad()(lambda net, x: net(x)),
    "inference_mode()": torch.inference_mode()(lambda net, x: net(x)),
    "detach()": lambda net, x: net(x).detach(),
    "eval()": lambda net, x: net.eval()(x),
    "requires_grad_(False)": lambda net, x: net.requires_grad_(False)(x),
}
print(f"{'':<22} x.grad   w.grad   dropout  inference tensor")
# >                        x.grad   w.grad   dropout  inference tensor
for name, way in ways.items():
    net = nn.Sequential(nn.Linear(8, 64), nn.Dropout())
    x = torch.ones(4, 8, requires_grad=True)
    output = way(net, x)  # (4, 64)
    if output.requires_grad:
        output.sum().backward()
    filled = x.grad is not None, net[0].weight.grad is not None
    facts = (*filled, bool((output == 0).any()), output.is_inference())
    cells = (f"{'yes' if fact else '-':<8}" for fact in facts)
    print(f"{name:<22}", *cells)
# > as it is               yes      yes      yes      -
# > no_grad()              -        -        yes      -
# > inference_mode()       -        -        yes      yes
# > detach()               -        -        yes      -
# > eval()                 yes      yes      -        -
# > requires_grad_(False)  yes      -        yes      -
# --8<-- [end:no-grad-or-detach]

# --8<-- [start:no-grad-or-detach-memory]
from functools import partial

import torch
from torch import nn

from snippets.toolbox.memory import saved_for_backward

ways = {
    "as it is": lambda net, x: net(x),
    "eval()": lambda net, x: net.eval()(x),
    "detach()": lambda net, x: net(x).detach(),
    "no_grad()": torch.no_grad()(lambda net, x: net(x)),
    "inference_mode()": torch.inference_mode()(lambda net, x: net(x)),
    "requires_grad_(False)": lambda net, x: net.requires_grad_(False)(x),
}
x = torch.ones(4, 8)
for name, way in ways.items():
    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
    there = [*net.parameters(), x]
    print(f"{name}:", saved_for_backward(partial(way, net, x), there))
# > as it is: 1024
# > eval(): 1024
# > detach(): 1024
# > no_grad(): 0
# > inference_mode(): 0
# > requires_grad_(False): 0
# --8<-- [end:no-grad-or-detach-memory]

# --8<-- [start:no-grad-or-detach-afterwards]
import torch
from torch import nn

w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    quiet = w * 2  # (3,)
    layer = nn.Linear(3, 3)
with torch.inference_mode():
    bare = w * 2  # (3,)
print("after both blocks, w:", w.requires_grad)
# > after both blocks, w: True
print("layer built under no_grad:", layer.weight.requires_grad)
# > layer built under no_grad: True

print("no_grad result, used again:", (quiet * w).requires_grad)
# > no_grad result, used again: True
try:
    bare * w
except RuntimeError as error:
    print("inference result:", str(error).split(". ")[0])
# > inference result: Inference tensors cannot be saved for backward
print("its clone:", (bare.clone() * w).requires_grad)
# > its clone: True

doubled = w * 2  # (3,)
(doubled + doubled.detach()).sum().backward()
print("one of two paths detached:", w.grad.tolist())
# > one of two paths detached: [2.0, 2.0, 2.0]
# --8<-- [end:no-grad-or-detach-afterwards]

# --8<-- [start:custom-function]
import torch
from torch import nn


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * grad_output


class CubeModule(nn.Module):
    def forward(self, x):
        return x**3


x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
print("node:", type(Cube.apply(x).grad_fn).__name__)
# > node: CubeBackward
for function in (Cube.apply, CubeModule()):
    (gradient,) = torch.autograd.grad(function(x).sum(), x)
    print("gradient:", gradient.tolist())
# > gradient: [3.0, 12.0]
# > gradient: [3.0, 12.0]
print("gradcheck:", torch.autograd.gradcheck(Cube.apply, x))
# > gradcheck: True
print("Module has a backward:", hasattr(nn.Module, "backward"))
# > Module has a backward: False

relu = nn.functional.relu
print("F.relu is a:", type(relu).__name__)
# > F.relu is a: function
print("its result:", type(relu(x).grad_fn).__name__)
# > its result: ReluBackward0
# --8<-- [end:custom-function]

# --8<-- [start:custom-function-mistakes]
import textwrap

import torch
from torch.autograd import Function, gradcheck


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2


class Wrong(Square):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return x * grad_output


x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
y = Square.apply(x)
print("no backward, forward gives:", y.item())
# > no backward, forward gives: 9.0
try:
    y.backward()
except NotImplementedError as error:
    print(textwrap.fill(str(error), 70))
# > You must implement either the backward or vjp method for your custom
# > autograd.Function to use it with backward mode AD.

Wrong.apply(x).backward()
print("wrong backward, no complaint:", x.grad.item())
# > wrong backward, no complaint: 3.0
try:
    gradcheck(Wrong.apply, x)
except RuntimeError as error:
    print(f"{type(error).__name__}:", str(error).split(" for")[0])
# > GradcheckError: Jacobian mismatch
# --8<-- [end:custom-function-mistakes]

# --8<-- [start:custom-function-legacy]
import warnings

import torch


class Square(torch.autograd.Function):
    def forward(self, x):
        return x**2

    def backward(self, grad_output):
        return grad_output


x = torch.tensor(3.0, requires_grad=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    square = Square()
message = str(caught[0].message)
print("building one:", caught[0].category.__name__)
# > building one: DeprecationWarning
print("  ", message.split(". ")[1].split(",")[0])
# >    Methods on autograd functions are all static
try:
    square(x)
except RuntimeError as error:
    print("calling it:", type(error).__name__)
    print("  ", str(error).split(". ")[0])
# > calling it: RuntimeError
# >    Legacy autograd function with non-static forward method is deprecated
# --8<-- [end:custom-function-legacy]

# --8<-- [start:custom-function-no-gradient]
import torch
from torch import nn


class Choose(nn.Module):
    def forward(self, scores):
        return scores.argmax(1)


class Round(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.round()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


torch.manual_seed(0)
scores = torch.randn(4, 3, requires_grad=True)  # (4, 3)
chosen = Choose()(scores)  # (4,)
print("argmax:", chosen.dtype, chosen.requires_grad)
# > argmax: torch.int64 False

scores.round().sum().backward()
print("round, gradient all 0:", bool((scores.grad == 0).all()))
# > round, gradient all 0: True
scores.grad = None
Round.apply(scores).sum().backward()
print("Round, gradient all 1:", bool((scores.grad == 1).all()))
# > Round, gradient all 1: True
# --8<-- [end:custom-function-no-gradient]

# --8<-- [start:prediction-minus-label]
import torch
from torch.nn import functional as F

errors = torch.tensor([5.0, -5.0])
print("errors 5 and -5, sum:", errors.sum().item())
# > errors 5 and -5, sum: 0.0
print("errors 5 and -5, mse:", errors.square().mean().item())
# > errors 5 and -5, mse: 25.0

torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
data = torch.randn(64, 2)  # (64, 2)
labels = torch.randn(64, 1)  # (64, 1)
other = 100 * torch.randn(64, 1)  # (64, 1)


def gradient(loss):
    return torch.autograd.grad(loss, model.weight)[0]


one = gradient((model(data) - labels).sum())  # (1, 2)
two = gradient((model(data) - other).sum())
none = gradient(model(data).sum())
print("other labels, same gradient:", torch.equal(one, two))
# > other labels, same gradient: True
print("no labels, same gradient:", torch.equal(one, none))
# > no labels, same gradient: True
one = gradient(F.mse_loss(model(data), labels))
two = gradient(F.mse_loss(model(data), other))
print("mse_loss, same gradient:", torch.equal(one, two))
# > mse_loss, same gradient: False
# --8<-- [end:prediction-minus-label]

# --8<-- [start:prediction-minus-label-training]
import torch
from torch.nn import functional as F


def difference(prediction, label):
    return (prediction - label).sum()


def train(criterion):
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    data = torch.randn(64, 2)  # (64, 2)
    label = data @ torch.tensor([[3.0], [-2.0]]) + 1  # (64, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(200):
        prediction = model(data)  # (64, 1)
        loss = criterion(prediction, label)
        yield loss.item(), F.mse_loss(prediction, label).item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


for criterion in (difference, F.mse_loss):
    losses, mse = zip(*train(criterion), strict=True)
    print(criterion.__name__)
    print("  loss always falls:", all(map(float.__gt__, losses, losses[1:])))
    print("  loss ends below zero:", losses[-1] < 0)
    print("  mse at least 100 times larger:", mse[-1] > 100 * mse[0])
    print("  mse at least 10 times smaller:", mse[-1] < mse[0] / 10)
# > difference
# >   loss always falls: True
# >   loss ends below zero: True
# >   mse at least 100 times larger: True
# >   mse at least 10 times smaller: False
# > mse_loss
# >   loss always falls: True
# >   loss ends below zero: False
# >   mse at least 100 times larger: False
# >   mse at least 10 times smaller: True
# --8<-- [end:prediction-minus-label-training]

# --8<-- [start:prediction-minus-label-figure]
import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F


def difference(prediction, label):
    return (prediction - label).sum()


def train(criterion):
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    data = torch.randn(64, 2)  # (64, 2)
    label = data @ torch.tensor([[3.0], [-2.0]]) + 1  # (64, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(200):
        prediction = model(data)  # (64, 1)
        loss = criterion(prediction, label)
        yield loss.item(), F.mse_loss(prediction, label).item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="tight")
losses, mse = zip(*train(difference), strict=True)
left.plot(losses, color="C5")
left.set(title="(prediction - label).sum()", xlabel="step")
right.plot(mse, color="C5", label="trained on the sum")
_, mse = zip(*train(F.mse_loss), strict=True)
right.plot(mse, color="C0", label="trained on mse_loss")
right.set(title="mean squared error", xlabel="step", yscale="log")
right.legend(loc=(0.24, 0.54))
plt.show()
# --8<-- [end:prediction-minus-label-figure]
