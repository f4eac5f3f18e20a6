"""The toolbox does what its docstrings say, and its docstrings say all."""

import ast
import doctest
import importlib
import inspect
import re
from collections.abc import Callable

import pytest
import torch
from conftest import ROOT

from snippets.toolbox.storage import row_major_strides, same_storage

MODULES = [
    f"snippets.toolbox.{p.stem}" for p in sorted((ROOT / "snippets/toolbox").glob("[a-z]*.py"))
]
FUNCTIONS = [
    function
    for name in MODULES
    for function in vars(importlib.import_module(name)).values()
    if inspect.isfunction(function) and function.__module__ == name
]


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


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_each_function_is_shown_and_used_by_a_page(function):
    name = f"{function.__module__}.{function.__name__}"
    for language in ("en", "zh"):
        pages = [p.read_text("utf-8") for p in (ROOT / "docs" / language).glob("*.md")]
        assert sum(f"::: {name}\n" in page for page in pages) == 1
    snippets = [path.read_text("utf-8") for path in (ROOT / "snippets").glob("*.py")]
    assert any(f"import {function.__name__}" in text for text in snippets)
