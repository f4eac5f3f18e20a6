"""Purity: which sections may share a process without ever noticing each other.

Most sections compute with tensors and modules of their own and print.  Such a
section leaves nothing behind that another one of its kind can see, so a page's
run of them takes one process and not many.  What counts is a list of what is
known to be harmless: anything else runs alone.
"""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Iterator

from collector.sections import parse


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLAIN = _names(
    """
    __future__ collections contextlib copy dataclasses fractions functools itertools math
    operator statistics string textwrap typing weakref
    """
)
"""Modules of the standard library that keep no state."""
NAMED = {
    "io": _names("BytesIO StringIO"),
    "tempfile": _names("TemporaryDirectory"),
    "matplotlib.pyplot": _names("Rectangle rcParams show subplots"),
    "numpy": _names(
        """
        allclose arange array asarray concatenate float32 float64 full int32 int64 linspace
        ndarray ones ones_like shares_memory stack zeros zeros_like
        """
    ),
    "random": _names("Random choice randint random sample seed shuffle"),
    "torch": _names(
        """
        Generator Size Tensor allclose as_tensor autocast device einsum enable_grad equal finfo
        from_numpy iinfo inference_mode is_floating_point is_tensor load manual_seed meshgrid
        no_grad numel save stack tensor unique
        """
    ),
    "torch.accelerator": _names("current_accelerator is_available"),
    "torch.autograd": _names("Function grad"),
    "torchvision.transforms.functional": _names("pil_to_tensor to_tensor"),
}
"""What may be used of modules that also have other things to offer."""
MODULES = (
    PLAIN
    | NAMED.keys()
    | _names(
        """
        snippets.toolbox.convolution snippets.toolbox.memory snippets.toolbox.parameters
        snippets.toolbox.storage torch.linalg torch.nn torch.nn.functional torch.nn.init
        torch.nn.utils torch.nn.utils.rnn torch.optim torch.optim.lr_scheduler torch.utils
        torch.utils.data torchvision torchvision.models torchvision.transforms
        torchvision.transforms.v2
        """
    )
)
"""What may be imported."""
HOMES = (
    *("_collections.", "_functools.", "_operator."),
    *("snippets.toolbox.", "torch._jit_internal.", "torch.functional.", "torch.nn.functional."),
    *("torch.nn.init.", "torch.nn.modules.", "torch.nn.parameter.", "torch.nn.utils."),
    *("torch.optim.", "torch.utils.data.", "torchvision.models.", "torchvision.transforms."),
)
"""Where functions come from that only touch their arguments, and classes whose instances
keep all that they do to themselves."""
KEYWORDS = _names("multiprocessing_context num_workers persistent_workers pin_memory")
"""Arguments that start processes or threads."""
BUILTINS = _names(
    """
    ArithmeticError AssertionError AttributeError Exception IndexError KeyError LookupError
    NotImplementedError OverflowError RuntimeError StopIteration TypeError ValueError
    ZeroDivisionError __name__ abs all any bool bytes callable complex dict divmod enumerate
    filter float format frozenset hasattr int isinstance issubclass iter len list map max min
    next object pow print property range repr reversed round set slice sorted staticmethod str
    sum super tuple type zip
    """
)
METHODS_WITH_EFFECTS = {
    "compile",
    "cuda",
    "pin_memory",
    "share_memory",
    "share_memory_",
    "to_mkldnn",
}
STORED = {"data", "grad", "requires_grad"}
"""Attributes that may be set on any object of the section; ``self`` takes all."""
SPECIAL = {"__call__", "__getitem__", "__init__", "__iter__", "__len__", "__name__", "__repr__"}
"""Attributes with two underscores that lead nowhere else."""


def shareable(request: dict) -> bool:
    """Tell whether a section, given as ``execution.execute`` takes it, may share a process."""
    if request["check"] or request["need"]:
        return False
    return is_pure(request["source"], request["first"], request["path"])


def is_pure(source: str, first: int = 1, path: str = "<section>") -> bool:
    """Tell whether a section only uses what leaves nothing behind.

    Args:
        source: Its text.  Modules on the list that it imports are imported, as names
            are judged by what they stand for.
        first: Line of its first line.
        path: Of its module.
    """
    try:
        nodes = parse(source, first, path)
    except SyntaxError:
        return False
    return not any(_reasons(ast.Module(nodes, [])))


def _reasons(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that are not known to be harmless."""
    nodes = list(ast.walk(tree))
    known: dict[str, object] = {}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) and not _learn(node, known):
            yield node
    own = _bound(nodes) | BUILTINS
    judged: set[ast.AST] = set()
    for node in nodes:  # a dotted name comes before its parts
        if node in judged:
            continue
        match node:
            case ast.Attribute():
                chain = _chain(node)
                root = chain[-1]
                if isinstance(root, ast.Name) and root.id in known:
                    judged.update(chain)
                    if not isinstance(node.ctx, ast.Load) or not _stands_for_harmless(
                        chain, known
                    ):
                        yield node
                elif (
                    not _is_method(node.attr)
                    if isinstance(node.ctx, ast.Load)
                    else not _is_own(node)
                ):
                    yield node
            case ast.Name(id=name) if name in known:
                if not (_is_read(node) and _is_harmless(known[name], name)):
                    yield node
            case ast.Name(id=name, ctx=ast.Load()) if name not in own:
                yield node
            case ast.keyword(arg=name) if name in KEYWORDS:
                yield node
            case ast.Await() | ast.AsyncFunctionDef() | ast.AsyncFor() | ast.AsyncWith():
                yield node


def _learn(node: ast.Import | ast.ImportFrom, known: dict[str, object]) -> bool:
    """Enter what an import binds; return whether all of it is on the list."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            module, name = node.module or "", alias.name
            if node.level or module not in MODULES:
                return False
            if module == "__future__":
                continue
            value = getattr(importlib.import_module(module), name, None)
            if isinstance(value, types.ModuleType) and value.__name__ not in MODULES:
                return False
        else:
            module, name = alias.name, alias.name.split(".")[0]
            if module not in MODULES:
                return False
            whole = importlib.import_module(module)
            value = whole if alias.asname else sys.modules[name]
        if value is None:
            return False
        known[alias.asname or name] = value
    return True


def _is_read(node: ast.Attribute | ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _bound(nodes: list[ast.AST]) -> set[str]:
    """Names that the section itself gives to something."""
    names: set[str | None] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.arg(arg=name) | ast.ExceptHandler(name=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
    return {name for name in names if name}


def _chain(node: ast.Attribute) -> list[ast.expr]:
    """The parts of ``a.b.c``, the whole first and the root last."""
    parts: list[ast.expr] = [node]
    while isinstance(parts[-1], ast.Attribute):
        parts.append(parts[-1].value)
    return parts


def _stands_for_harmless(chain: list[ast.expr], known: dict[str, object]) -> bool:
    """Judge a dotted name that starts at an import, by what it stands for."""
    value = known[chain[-1].id]
    for part in reversed(chain[:-1]):
        if not isinstance(value, types.ModuleType) or value.__name__ not in MODULES:
            return False
        value = vars(value).get(part.attr)
    return _is_harmless(value, chain[0].attr)


def _is_harmless(value: object, name: str) -> bool:
    """Judge what an import brings: a constant, an operator, a layer, a plain function."""
    if value is None or isinstance(value, types.ModuleType) or name.startswith("_"):
        return False
    if isinstance(value, bool | int | float | str):
        return True
    if any(name in names and _member(module, name) is value for module, names in NAMED.items()):
        return True
    home = f"{getattr(value, '__module__', None)}."
    return home.startswith(HOMES) or home.partition(".")[0] in PLAIN or _is_operator(value, name)


def _member(module: str, name: str) -> object:
    return getattr(sys.modules.get(module), name, None)


def _is_operator(value: object, name: str) -> bool:
    """Tell whether torch computes with a function, or knows a type of numbers by a name."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(value, torch.dtype | torch.layout | torch.memory_format):
        return True
    spaces = (torch._C._VariableFunctions, torch._C._nn, torch._C._linalg)
    return name != "from_file" and any(getattr(space, name, None) is value for space in spaces)


def _is_method(name: str) -> bool:
    """Judge an attribute of one of the section's own objects."""
    return name in SPECIAL or not (name.startswith("__") or name in METHODS_WITH_EFFECTS)


def _is_own(node: ast.Attribute) -> bool:
    """Judge an attribute that is set: on ``self``, or one that any tensor has."""
    return node.attr in STORED or (isinstance(node.value, ast.Name) and node.value.id == "self")
