"""The toolbox behaves as its docstrings say, and its docstrings say all."""

import ast
import doctest
import importlib
import inspect
import random
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from conftest import ROOT
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from snippets.toolbox.convolution import conv_output_size, receptive_field
from snippets.toolbox.memory import saved_for_backward
from snippets.toolbox.parameters import (
    ParameterCount,
    StateEntry,
    count_parameters,
    freeze,
    summarize_state,
)
from snippets.toolbox.seeding import seed_everything
from snippets.toolbox.storage import row_major_strides, same_storage
from snippets.toolbox.workers import run_workers

MODULES = [
    f"snippets.toolbox.{p.stem}" for p in sorted((ROOT / "snippets/toolbox").glob("[a-z]*.py"))
]
PUBLIC = [
    member
    for name in MODULES
    for member in vars(importlib.import_module(name)).values()
    if getattr(member, "__module__", "") == name and not member.__name__.startswith("_")
]
FUNCTIONS = [member for member in PUBLIC if inspect.isfunction(member)]


@pytest.mark.parametrize("shape", [(2, 3, 4), (5,), (), (1, 1), (2, 0, 3), (0,), (4, 1, 2)])
def test_row_major_strides_are_those_of_torch(shape):
    assert row_major_strides(shape) == torch.empty(shape).stride()


def test_negative_sizes_have_no_strides():
    with pytest.raises(ValueError, match=r"sizes must not be negative, but got shape=\(2, -1\)"):
        row_major_strides([2, -1])


@pytest.mark.parametrize(
    ("derive", "shared"),
    [
        (lambda t: t, True),
        (lambda t: t[1:], True),
        (lambda t: t.view(3, 2), True),
        (lambda t: t.detach(), True),
        (lambda t: t.numpy() is not None and torch.from_numpy(t.numpy()), True),
        (lambda t: t.clone(), False),
        (lambda t: t[[0]], False),
        (lambda t: t.t().contiguous(), False),
    ],
)
def test_same_storage_tells_views_from_copies(derive, shared):
    t = torch.arange(6).view(2, 3)
    assert same_storage(t, derive(t)) is shared


def test_sparse_tensors_have_no_storage_to_compare():
    with pytest.raises(NotImplementedError):
        same_storage(torch.eye(2).to_sparse(), torch.eye(2))


sizes = st.integers(1, 40)
small = st.integers(1, 5)


@given(sizes, small, small, st.integers(0, 4), small)
@settings(max_examples=200, deadline=None)
def test_conv_output_size_is_that_of_torch(size, kernel_size, stride, padding, dilation):
    assume(dilation * (kernel_size - 1) + 1 <= size + 2 * padding)
    length = conv_output_size(size, kernel_size, stride, padding, dilation)
    x, kernel = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size)
    assert F.conv1d(x, kernel, None, stride, padding, dilation).shape[2] == length


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 5), "a kernel that spans 5 does not fit an input padded to 4"),
        ((4, 3, 1, 0, 2), "a kernel that spans 5 does not fit an input padded to 4"),
        ((4, 0), "must be >= 1"),
        ((4, 2, 0), "must be >= 1"),
        ((4, 2, 1, -1), "padding >= 0"),
    ],
)
def test_convolutions_that_torch_refuses_have_no_output_size(arguments, message):
    size, kernel_size, *rest = arguments
    with pytest.raises(ValueError, match=message):
        conv_output_size(*arguments)
    with pytest.raises(RuntimeError):
        F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel_size), None, *rest)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), small), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_receptive_field_is_where_gradients_arrive(layers):
    field = receptive_field(layers)
    stack = nn.Sequential(*(nn.Conv1d(1, 1, k, s, 0, d, bias=False) for k, s, d in layers))
    for layer in stack:
        nn.init.ones_(layer.weight)
    x = torch.zeros(1, 1, field, dtype=torch.float32, requires_grad=True)
    y = stack(x)
    assert y.numel() == 1
    y.sum().backward()
    touched = x.grad[0, 0].nonzero()
    assert (int(touched.min()), int(touched.max())) == (0, field - 1)


def test_no_layers_see_one_cell():
    assert receptive_field([]) == 1


def test_parameters_count_once_and_by_what_is_trained():
    tied = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 4))
    tied[2].weight = tied[0].weight
    tied[0].bias.requires_grad_(False)
    count = count_parameters(tied)
    assert count == ParameterCount(trainable=16 + 8 + 4, frozen=4)
    assert count.trainable + count.frozen == sum(p.numel() for p in tied.parameters())


def test_parameters_without_a_shape_cannot_be_counted():
    with pytest.raises(ValueError, match=r"0\.weight has no shape yet: call the module"):
        count_parameters(nn.Sequential(nn.LazyLinear(3)))


def test_freeze_stops_parameters_and_statistics():
    body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    assert freeze(body) is body
    before = [tensor.clone() for tensor in body.state_dict().values()]
    for _ in range(2):
        output = body(torch.randn(8, 3))
    assert not output.requires_grad
    assert all(map(torch.equal, before, body.state_dict().values()))
    body.train()
    body(torch.randn(8, 3))
    assert not torch.equal(before[4], body[1].running_mean)


def test_summary_names_all_that_a_module_holds():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2).requires_grad_(False)
            self.scale = nn.Parameter(torch.ones(()))
            self.register_buffer("cache", torch.zeros(3), persistent=False)

    net = Net()
    entries = summarize_state(net)
    assert {entry.name for entry in entries if entry.saved} == set(net.state_dict())
    assert entries[0] == StateEntry("scale", "parameter", (), True, True)
    assert StateEntry("norm.weight", "parameter", (2,), False, True) in entries
    assert StateEntry("cache", "buffer", (3,), False, False) in entries
    assert len(entries) == 7


@pytest.mark.parametrize(
    ("run", "saved"),
    [
        (lambda x: x + 1, 0),
        (lambda x: x.exp(), 400),
        (lambda x: x * x, 400),
        (lambda x: x.sin().sin(), 800),
        (lambda x: x[:10] * x[10:20], 400),
        (lambda x: x.detach().exp(), 0),
        (lambda x: (x @ x) * 3.0, 400),
    ],
)
def test_saved_for_backward_counts_each_storage_once(run, saved):
    x = torch.ones(100, requires_grad=True)
    assert saved_for_backward(lambda: run(x)) == saved
    with torch.no_grad():
        assert saved_for_backward(lambda: run(x)) == 0


def test_what_is_there_anyway_need_not_count():
    layer = nn.Linear(10, 10)
    x = torch.ones(5, 10)
    every = saved_for_backward(lambda: layer(layer(x)))
    besides = saved_for_backward(lambda: layer(layer(x)), besides=[*layer.parameters(), x])
    assert every - besides == 4 * (10 * 10 + 5 * 10)
    assert besides == 4 * 5 * 10


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_one_seed_repeats_all_generators(seed):
    draws = []
    for _ in range(2):
        assert seed_everything(seed) is torch.default_generator
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_that_numpy_refuses_change_nothing(seed):
    state = random.getstate()
    with pytest.raises(ValueError, match=r"the seed must be in \[0, 2 \*\* 32\), but got"):
        seed_everything(seed)
    assert random.getstate() == state


def test_workers_reduce_together_and_answer_in_order():
    def work(rank: int) -> tuple[int, float]:
        total = torch.tensor(float(rank + 1))
        dist.all_reduce(total)
        return rank, total.item()

    assert run_workers(work, count=3) == [(0, 6.0), (1, 6.0), (2, 6.0)]


def test_a_worker_that_raises_ends_the_others():
    def work(rank: int) -> None:
        if rank == 1:
            raise LookupError("rank one has nothing")
        dist.barrier()

    with pytest.raises(mp.ProcessRaisedException, match="rank one has nothing"):
        run_workers(work)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module):
    results = doctest.testmod(importlib.import_module(module))
    assert results.attempted > 0
    assert results.failed == 0


def documented(function: Callable, title: str) -> list[str]:
    """Names listed under a title of a Google-style docstring."""
    section = re.search(rf"(?m)^{title}:\n((?:    .*\n|\n)+)", inspect.getdoc(function) + "\n")
    return re.findall(r"(?m)^    (?:- )?(\w+):", section[1]) if section else []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_docstring_matches_the_signature(function):
    parameters = inspect.signature(function, eval_str=True).parameters
    assert documented(function, "Args") == list(parameters)
    tensors = [name for name, p in parameters.items() if p.annotation is torch.Tensor]
    assert documented(function, "Shape") == tensors
    assert "Returns:\n" in inspect.getdoc(function)
    assert ">>> " in inspect.getdoc(function)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_exception_raised_is_documented(function):
    tree = ast.parse(inspect.getsource(function))
    raised = {n.exc.func.id for n in ast.walk(tree) if isinstance(n, ast.Raise)}
    assert raised <= set(documented(function, "Raises"))


@pytest.mark.parametrize("member", PUBLIC, ids=lambda m: m.__name__)
def test_the_toolbox_page_shows_each_member_once(member):
    for language in ("en", "zh"):
        page = (ROOT / "docs" / language / "toolbox.md").read_text("utf-8")
        assert page.count(f"::: {member.__module__}.{member.__name__}\n") == 1


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_each_function_is_used_by_a_section(function):
    snippets = [path.read_text("utf-8") for path in (ROOT / "snippets").glob("*.py")]
    module = rf"from {re.escape(function.__module__)} import "
    assert any(re.search(rf"{module}.*\b{function.__name__}\b", text) for text in snippets)
