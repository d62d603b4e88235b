"""Where stages run: one `map` over batches, whatever machine stands behind it.

Results never depend on the engine: a function reads its batch from shared storage and writes its
result there whole or not at all, so an engine only decides who does it and when.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Thread
from typing import Protocol, TypeVar

from polars.exceptions import PanicException

from pipeline.errors import WorkerLostError

Item = TypeVar("Item")
Result = TypeVar("Result")

# Measured on two cores: a spawned worker costs 2.5 CPU seconds before its first document, cleaning
# and measuring 20,000 documents 2.5 and 4, of which most hold the interpreter lock. So with two
# workers processes are even with threads at two batches and a quarter faster at four.
BATCHES_WORTH_A_PROCESS = 4


Progress = Callable[[str, int, int], None]  # name of the step, items done, items in all


def silent(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


# Who listens in this process: a command sets it round a run that something else starts.
listener: ContextVar[Progress] = ContextVar("listener", default=silent)


@contextmanager
def announced(step: str) -> Iterator[None]:
    """The block as a step of one piece, for whoever listens."""
    listener.get()(step, 0, 1)
    yield
    listener.get()(step, 1, 1)


class Engine(Protocol):
    """Anything that can run a function over items."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        step: str,
        python_bound: bool = False,
    ) -> list[Result]:
        """Results in the order of items; the first exception of an item is raised.

        `python_bound`: the function holds the interpreter lock, so threads would not share work.
        """


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """This machine: threads over kernels that release the interpreter lock, else processes."""

    workers: int
    progress: Progress = silent

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        step: str,
        python_bound: bool = False,
    ) -> list[Result]:
        """See `Engine.map`. Raises WorkerLostError where a worker process dies."""
        results: list[Result] = []
        self.progress(step, 0, len(items))
        with self._executor(len(items), python_bound=python_bound) as executor:
            try:
                for future in [executor.submit(_surface, function, item) for item in items]:
                    results.append(future.result())
                    self.progress(step, len(results), len(items))
            except BrokenProcessPool as error:
                raise WorkerLostError(_lost(step, len(results), len(items))) from error
            finally:
                # What runs is waited for: nothing may write once the output folder is let go.
                executor.shutdown(cancel_futures=True)
        return results

    def _executor(self, items: int, *, python_bound: bool) -> Executor:
        workers = max(1, min(self.workers, items))
        if python_bound and workers > 1 and items >= BATCHES_WORTH_A_PROCESS:
            # Never fork: Polars' threads do not survive it, and the child waits for ever.
            spawn = multiprocessing.get_context("spawn")
            return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_follow_parent)
        return ThreadPoolExecutor(workers)


def _surface(function: Callable[[Item], Result], item: Item) -> Result:
    """The function's result; a panic of Polars as an error that can pass between processes."""
    try:
        return function(item)
    except PanicException as panic:
        message = (
            f"Polars panicked: {str(panic)[:500]}. Expected every stage to end. Run again: what is "
            "finished is kept. If it happens again, please report it with this message."
        )
        raise WorkerLostError(message) from None


def _follow_parent() -> None:
    """Else a worker whose parent is killed would wait for work, and hold its memory, for ever."""
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _lost(step: str, done: int, items: int) -> str:
    return (
        f"A worker process died in the step {step!r}, after {done} of {items} batches. Expected "
        "every worker to live: did the machine run out of memory? Set execution.workers or "
        "execution.batch_bytes lower, then run again: what is finished is kept."
    )
