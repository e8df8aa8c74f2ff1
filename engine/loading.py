"""Turns a workflow file into a definition, and whatever is wrong with it into a fault with a line."""

from __future__ import annotations

import hashlib
import sys
import traceback
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from engine.definition import Definition, define
from engine.errors import WorkflowInvalid
from engine.vocabulary import Workflow

SOURCE: Final = "__workflow_source__"
"""Under this name a loaded module keeps the text it was made from."""


def load(path: Path) -> Definition:
    """Load one workflow file.

    Raises WorkflowInvalid, each problem naming file and line, where the file is no Python,
    does not import, has no `declare()`, or declares something wrong.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkflowInvalid(path.stem, (f"{path}:1: cannot be read: {error}",)) from error
    try:
        declared = _module(path, source).declare()
    except WorkflowInvalid:
        raise
    except Exception as error:
        # A file may fail in any way; each is a fault of the file, told with its line.
        raise WorkflowInvalid(path.stem, (_told(error, path),)) from error
    if not isinstance(declared, Workflow):
        what = f"declare() gives a {type(declared).__name__}; it must return a Workflow"
        raise WorkflowInvalid(path.stem, (f"{path}:1: {what}",))
    return define(declared, source)


class _Loader(SourceFileLoader):
    """Compiles the very text that is hashed, never a cached copy.

    Python's cache knows a text by its size and the second it was written in, so a figure
    changed twice within a second would run as it was before.
    """

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader is made for one module
        return self.source_to_code(self.get_data(self.path), self.path)


def _module(path: Path, source: str) -> ModuleType:
    """Run the file as a module, or find it where this very text was run before."""
    name = _module_name(path, source)
    known = sys.modules.get(name)
    if known is not None and _is_same(known, path, source):
        return _declaring(known, path)
    spec = spec_from_file_location(name, path, loader=_Loader(name, str(path)))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported as {name}")
    module = module_from_spec(spec)
    setattr(module, SOURCE, source)
    # It must be known by its name while it runs: pydantic and dataclasses look it up there.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return _declaring(module, path)


def _declaring(module: ModuleType, path: Path) -> ModuleType:
    """Refuse a module that has no `declare()`."""
    if not callable(getattr(module, "declare", None)):
        what = "has no function declare(); write `def declare() -> Workflow:`"
        raise WorkflowInvalid(path.stem, (f"{path}:1: {what}",))
    return module


def _is_same(module: ModuleType, path: Path, source: str) -> bool:
    """Tell whether a module was made from this file and this text.

    One that somebody imported in the ordinary way is taken as it is: a second copy of its
    classes would be strangers to those that hold the first.
    """
    file = getattr(module, "__file__", None)
    same_file = file is not None and Path(file).resolve() == path.resolve()
    return same_file and getattr(module, SOURCE, source) == source


def _module_name(path: Path, source: str) -> str:
    """Name the module so that `inspect` and `pickle` find it again.

    A file in a package has its ordinary dotted name; one that stands alone a name that no
    other text shares.
    """
    parts, folder = [path.stem], path.resolve().parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    if len(parts) > 1:
        return ".".join(parts)
    told_apart = hashlib.sha256(f"{path.resolve()}\0{source}".encode()).hexdigest()[:16]
    return f"workflow_file_{path.stem}_{told_apart}"


def _told(error: Exception, path: Path) -> str:
    """Say what went wrong as "file:line: what", the line being the last one in this file."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or path}:{error.lineno or 1}: is not Python: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 1 for frame in frames if frame.filename == str(path)]
    what = "does not import" if isinstance(error, ImportError) else type(error).__name__
    return f"{path}:{lines[-1] if lines else 1}: {what}: {error}"
