"""Python's search for cycles, put off while many small records are made that have none.

What is not part of a cycle is freed at once all the same. The search goes through everything that
is alive, compiled kernels and all, again and again while records are added: a tenth of the CPU of
cutting.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """No search for cycles meanwhile; where threads overlap, it goes on with the first to end."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
