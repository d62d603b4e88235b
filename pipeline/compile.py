"""How kernels are compiled: once per machine, without the GIL, into a cache that is never stale.

Numba watches the file of a kernel but not the files of the kernels it calls. So the cache lies in
a folder named after a digest of all kernels and what they import, outside the package, which may
be read-only; set NUMBA_CACHE_DIR to put it elsewhere.
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])


ROOT = Path(__file__).parent
IMPORTS = re.compile(r"^from pipeline\.(\w+)\.(\w+) import", re.MULTILINE)
KERNEL = re.compile(r"^@(?:kernel|bare_kernel|part)$", re.MULTILINE)


def kernel_sources() -> list[Path]:
    """The files that define kernels, those of ours that they import, and this one."""
    found: dict[Path, str] = {}
    waiting = [
        path
        for package in ("dedup", "text")
        for path in (ROOT / package).glob("*.py")
        if KERNEL.search(path.read_text("utf-8"))
    ]
    while waiting:
        path = waiting.pop()
        if path not in found and path.exists():
            found[path] = path.read_text("utf-8")
            waiting += [
                ROOT / folder / f"{name}.py" for folder, name in IMPORTS.findall(found[path])
            ]
    return [*sorted(found), Path(__file__)]


def cache_folder() -> str:
    """A writable folder for the compiled form of exactly these sources."""
    sources = kernel_sources()
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = home / "winnow" / f"kernels-{digest}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError:
        # A folder of our own: compiled code that others could write to must never be loaded.
        return tempfile.mkdtemp(prefix="winnow-kernels-")


@contextmanager
def seemingly_absent(module: str) -> Iterator[None]:
    """Inside the block the module cannot be imported, unless it has been already."""
    if module in sys.modules:
        yield
        return
    # What import takes for "not there".
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


CACHE = Path(os.environ.setdefault("NUMBA_CACHE_DIR", cache_folder()))

# Numba asks scipy for linear algebra, which no kernel needs: 0.2 s of every start. And cffi, for
# calls into C: 0.02 s.
with seemingly_absent("scipy"), seemingly_absent("cffi"):
    import numba  # numba reads the variable when it is imported
    import numba.core.typing.cffi_utils
    import numba.np.arraymath


def is_compiled() -> bool:
    """Whether any kernel of these sources was compiled for this machine before."""
    return any(CACHE.glob("*/*.nbi"))


def kernel(function: Function) -> Function:
    """`function`, compiled on its first call for the processor it runs on."""
    # To a type checker it stays the function it was written as.
    return cast("Function", numba.njit(nogil=True, cache=True, boundscheck=False)(function))


def bare_kernel(function: Function) -> Function:
    """A kernel that makes no arrays, returns none, and calls none that does.

    So nobody counts who holds those it reads. Numba else counts at every call and return whose flow
    is not straight: 30 ns, more than most small kernels take.
    """
    return _bare(function, inline=False)


def part(function: Function) -> Function:
    """A bare kernel that becomes a part of the kernels that call it.

    They need not hand it its arguments, seven numbers for each array, but take longer to compile.
    """
    return _bare(function, inline=True)


def _bare(function: Function, *, inline: bool) -> Function:
    compiled = numba.njit(  # type: ignore[call-overload]  # numba's stubs do not list `_nrt`
        nogil=True, cache=True, boundscheck=False, forceinline=inline, _nrt=False
    )
    return cast("Function", compiled(function))
