"""The sections of the synthetic corpus: short scripts as documentation shows them.

``$rows``, ``$columns``, ``$batch`` and ``$seed`` vary from section to section.
Each prints at the top level, one line per statement, and the same everywhere.
"""

TEMPLATES = {
    "view": """
import torch

t = torch.arange($rows * $columns).view($rows, $columns)
flat = t.view(-1)
flat[0] = $seed
print("shape:", tuple(t.shape))
print("seen through the view:", t[0, 0].item() == $seed)
""",
    "broadcast": """
import torch

column = torch.arange($rows).unsqueeze(1)  # ($rows, 1)
row = torch.arange($columns)  # ($columns,)
table = column * row
print("result:", tuple(table.shape))
print("last:", table[-1, -1].item())
""",
    "matmul": """
import torch

torch.manual_seed($seed)
a = torch.randn($rows, $columns)
b = torch.randn($columns, $batch)
product = a @ b
print("shape:", tuple(product.shape))
print("as einsum:", torch.allclose(product, torch.einsum("ik,kj->ij", a, b), atol=1e-5))
""",
    "gradient": """
import torch

x = torch.full(($rows,), float($columns), requires_grad=True)
loss = (x**2).sum()
loss.backward()
print("loss:", loss.item())
print("gradient is 2x:", torch.equal(x.grad, 2 * x))
""",
    "linear": """
import torch
from torch import nn

layer = nn.Linear($columns, $rows)
x = torch.zeros($batch, $columns)
print("output:", tuple(layer(x).shape))
print("weight:", tuple(layer.weight.shape))
print("parameters:", sum(p.numel() for p in layer.parameters()))
""",
    "convolution": """
import torch
from torch import nn

layer = nn.Conv2d($rows, $columns, kernel_size=3, padding=1)
images = torch.zeros(2, $rows, 8, 8)
print("output:", tuple(layer(images).shape))
print("parameters:", sum(p.numel() for p in layer.parameters()))
""",
    "embedding": """
import torch
from torch import nn

embedding = nn.Embedding($batch + 10, $columns, padding_idx=0)
tokens = torch.tensor([[0, 1, 2], [3, 0, 4]])
vectors = embedding(tokens)
print("vectors:", tuple(vectors.shape))
print("padding is zero:", bool((vectors[0, 0] == 0).all()))
""",
    "softmax": """
import torch

torch.manual_seed($seed)
scores = torch.randn($rows, $columns)
shares = scores.softmax(dim=-1)
print("rows sum to one:", torch.allclose(shares.sum(-1), torch.ones($rows)))
print("order kept:", torch.equal(shares.argmax(-1), scores.argmax(-1)))
""",
    "normalization": """
import torch
from torch import nn

torch.manual_seed($seed)
x = torch.randn($batch, $columns) * $rows + $seed
y = nn.LayerNorm($columns)(x)
print("means are zero:", torch.allclose(y.mean(-1), torch.zeros($batch), atol=1e-3))
print("shape:", tuple(y.shape))
""",
    "loss": """
import math

import torch
from torch.nn import functional as F

logits = torch.zeros($batch, $columns)
target = torch.zeros($batch, dtype=torch.long)
loss = F.cross_entropy(logits, target)
print("log of the classes:", math.isclose(loss.item(), math.log($columns), rel_tol=1e-5))
""",
    "step": """
import torch

weight = torch.nn.Parameter(torch.ones($rows))
optimizer = torch.optim.SGD([weight], lr=0.5)
(weight * $columns).sum().backward()
optimizer.step()
print("moved to:", weight[0].item())
optimizer.zero_grad()
print("gradient:", weight.grad)
""",
    "dtype": """
import torch

whole = torch.arange($rows)
mixed = whole + 0.5
print("whole:", whole.dtype)
print("mixed:", mixed.dtype)
print("bytes:", mixed.element_size() * mixed.numel())
""",
    "strides": """
import torch

t = torch.zeros($rows, $columns)
turned = t.t()
print("strides:", t.stride(), turned.stride())
print("contiguous:", turned.is_contiguous())
print("same storage:", t.data_ptr() == turned.data_ptr())
""",
    "error": """
import torch

a = torch.ones($rows, $columns)
try:
    a @ torch.ones($columns + 1, $batch)
except RuntimeError as error:
    reason = type(error).__name__
print("refused with:", reason)
""",
    "module": """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear($columns, $columns)

    def forward(self, x):
        return x + self.inner(x).relu()


block = Block()
print("names:", [name for name, _ in block.named_parameters()])
print("output:", tuple(block(torch.zeros($batch, $columns)).shape))
""",
    "concatenate": """
import torch

a = torch.zeros($rows, $columns)
b = torch.ones($rows, $columns)
print("cat:", tuple(torch.cat([a, b]).shape))
print("stack:", tuple(torch.stack([a, b]).shape))
print("sum:", torch.stack([a, b]).sum().item())
""",
    "mask": """
import torch

t = torch.arange($rows * $columns)
even = t[t % 2 == 0]
print("kept:", even.numel())
t[t > $batch] = -1
print("replaced:", (t == -1).sum().item())
""",
    "generator": """
import torch

first = torch.Generator().manual_seed($seed)
second = torch.Generator().manual_seed($seed)
a = torch.randn($rows, generator=first)
b = torch.randn($rows, generator=second)
print("equal:", torch.equal(a, b))
""",
}
