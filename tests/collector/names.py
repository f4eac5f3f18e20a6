"""Names: what can be known of a section without running it.

A section whose need is absent is not run.  Its names are resolved on the real
modules, and its calls are bound to the real signatures, so that a misspelt
function or keyword does not wait for a GPU to be found.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Iterator

UNKNOWN = object()


def unresolved(nodes: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Find names that do not exist and calls that cannot be made.

    Args:
        nodes: The statements of a section; what they import is imported.

    Yields:
        Line and message.  What cannot be known from the text is let through.
    """
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
    for node in ast.walk(tree):
        if node in meant:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id not in bound and not hasattr(builtins, node.id):
                yield node.lineno, f"name {node.id!r} is not defined"
        elif isinstance(node, ast.Attribute):
            owner = _resolve(node.value, known)
            if owner is not UNKNOWN and not hasattr(owner, node.attr):
                yield node.lineno, f"{ast.unparse(node.value)} has no attribute {node.attr!r}"
        elif isinstance(node, ast.Call) and (why := _why_not(node, _resolve(node.func, known))):
            yield node.lineno, f"{ast.unparse(node.func)}: {why}"


def _meant_to_fail(tree: ast.Module) -> set[ast.AST]:
    """What stands in a ``try`` whose handler waits for just these mistakes."""
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
                names = {alias.asname or alias.name.split(".")[0] for alias in node.names}
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
            module = importlib.import_module(node.module)
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


def _why_not(call: ast.Call, function: object) -> str:
    """Bind a call to the signature of what it calls, where there is one."""
    if function is UNKNOWN or any(isinstance(a, ast.Starred) for a in call.args):
        return ""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "" if callable(function) else "is not callable"
    keywords = {k.arg: None for k in call.keywords if k.arg is not None}
    bind = signature.bind_partial if len(keywords) < len(call.keywords) else signature.bind
    try:
        bind(*call.args, **keywords)
    except TypeError as error:
        return str(error)
    return ""
