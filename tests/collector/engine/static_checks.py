"""Static checks: names and calls of a section, resolved without running it.

A section whose need is absent is not run.  Its names are resolved on the real
modules, and its calls are bound to the real signatures, so that a misspelt
function or keyword does not wait for a GPU to be found.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Iterator

UNKNOWN = object()
SHORT = 5
"""Characters below which any name is near to some other."""
SPACES = ("types", "torch", "torch._C", "torch.nn", "torch.optim", "torch.cuda", "torch.amp")
"""Where the types of objects come from that no import of a section names."""


def unresolved(nodes: list[ast.stmt]) -> list[tuple[int, str]]:
    """Find names that do not exist and calls that cannot be made.

    Args:
        nodes: The statements of a section; what they import is imported.

    Returns:
        Lines and messages.  What cannot be known from the text is let through.
    """
    with warnings.catch_warnings(action="ignore"):  # looking at old names warns
        return list(_unresolved(nodes))


def _unresolved(nodes: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    tree = ast.Module(nodes, [])
    bound = _bound(tree)
    known: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            try:
                known.update(_imported(node))
            except (ImportError, AttributeError) as error:
                yield node.lineno, str(error)
    for name, times in bound.items():
        if times > 1:
            known.pop(name, None)
    meant = _meant_to_fail(tree)
    own = _own_attributes(tree)
    kinds = _kinds(known)
    for node in ast.walk(tree):
        if node in meant:
            continue
        why = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id not in bound and not hasattr(builtins, node.id):
                why = f"name {node.id!r} is not defined"
        elif isinstance(node, ast.Attribute):
            owner = _resolve(node.value, known)
            if owner is not UNKNOWN and not hasattr(owner, node.attr):
                why = f"{ast.unparse(node.value)} has no attribute {node.attr!r}"
        elif isinstance(node, ast.Call):
            function = _resolve(node.func, known)
            if function is not UNKNOWN:
                why = _why_not(node, function)
            elif isinstance(node.func, ast.Attribute) and node.func.attr not in own:
                why = _why_no_method(node, node.func.attr, kinds)
        if why and isinstance(node, ast.expr):
            yield node.lineno, why


def _why_no_method(call: ast.Call, name: str, kinds: set[type]) -> str:
    """Judge a call of a method of an object whose type the text does not tell."""
    having = [kind for kind in kinds if hasattr(kind, name)]
    if not having:
        near = _near(name, kinds)
        return f"no method is called {name!r}; {near!r} is" if near else ""
    if not all(kind.__module__.startswith("torch") for kind in having):
        return ""
    reasons = [_why_not(call, getattr(kind, name), method=True) for kind in having]
    return reasons[0] if all(reasons) else ""


def _undocumented(call: ast.Call, function: object) -> str:
    """Look for keywords in the documentation of a function written in C++."""
    said = getattr(function, "__doc__", None) or ""
    unknown = [k.arg for k in call.keywords if k.arg and not re.search(rf"\b{k.arg}\b", said)]
    if not (said and unknown):
        return ""
    return f"{ast.unparse(call.func)}: its documentation knows no keyword {unknown[0]!r}"


def _meant_to_fail(tree: ast.Module) -> set[ast.AST]:
    """Collect the nodes inside a ``try`` whose handler waits for just these mistakes."""
    waited_for = {"AttributeError", "TypeError"}
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    return {
        inner
        for node in tries
        if any(h.type and waited_for & set(ast.unparse(h.type).split()) for h in node.handlers)
        for statement in node.body
        for inner in ast.walk(statement)
    }


def _bound(tree: ast.Module) -> dict[str, int]:
    """Count how often each name is bound anywhere in the section."""
    times: dict[str, int] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names = [name]
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names = [name]
            case ast.arg(arg=name):
                names = [name]
            case ast.ExceptHandler(name=str(name)):
                names = [name]
            case ast.Import() | ast.ImportFrom():
                names = list({alias.asname or alias.name.split(".")[0] for alias in node.names})
            case _:
                continue
        for name in names:
            same_module = isinstance(node, ast.Import) and name in times
            times[name] = times.get(name, 0) + (0 if same_module else 1)
    return times


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, object]:
    found = {}
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            if not hasattr(module, alias.name):
                importlib.import_module(f"{node.module}.{alias.name}")
            found[alias.asname or alias.name] = getattr(module, alias.name)
        else:
            module = importlib.import_module(alias.name)
            top = alias.name.split(".")[0]
            found[alias.asname or top] = module if alias.asname else importlib.import_module(top)
    return found


def _resolve(node: ast.expr, known: dict[str, object]) -> object:
    """Find the object that a dotted name stands for, if the text alone says so."""
    if isinstance(node, ast.Name):
        return known.get(node.id, UNKNOWN)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, known)
        return UNKNOWN if owner is UNKNOWN else getattr(owner, node.attr, UNKNOWN)
    return UNKNOWN


def _own_attributes(tree: ast.Module) -> set[str]:
    """Attributes and methods that the section makes itself."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
                names.add(name)
    return names


def _kinds(known: dict[str, object]) -> set[type]:
    """The classes that objects of a section may have: Python's, and those of its imports."""
    spaces = [builtins, *(sys.modules[n] for n in SPACES if n in sys.modules), *known.values()]
    inside = [
        value for space in spaces if inspect.ismodule(space) for value in vars(space).values()
    ]
    return {kind for kind in (*inside, *known.values()) if isinstance(kind, type)}


def _near(name: str, kinds: set[type]) -> str:
    """Find a method whose name a misspelt one may mean."""
    if len(name) < SHORT:
        return ""
    names = {method for kind in kinds for method in dir(kind)}
    return next(iter(difflib.get_close_matches(name, names, 1, 0.8)), "")


def _why_not(call: ast.Call, function: object, *, method: bool = False) -> str:
    """Bind a call to the signature of its function, or else to the documentation."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return ""
    if not callable(function):
        return "" if method else f"{ast.unparse(call.func)} is not callable"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "" if isinstance(function, type) else _undocumented(call, function)
    if method:  # bound to an object that is not known
        signature = inspect.Signature(list(signature.parameters.values())[1:])
    keywords = {k.arg: None for k in call.keywords if k.arg is not None}
    bind = signature.bind_partial if len(keywords) < len(call.keywords) else signature.bind
    try:
        bind(*call.args, **keywords)
    except TypeError as error:
        return f"{ast.unparse(call.func)}: {error}"
    return ""
