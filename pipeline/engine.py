"""Where stages run: one `map` over batches, whatever machine stands behind it.

Results never depend on the engine: a function reads its batch from shared storage and writes its
result there whole or not at all, so an engine only decides who does it and when.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# A spawned worker costs about 1.5 CPU seconds of imports before its first document. A batch is
# tens of megabytes, so from this many on a second Python earns more than it costs.
BATCHES_WORTH_A_PROCESS = 4


Progress = Callable[[str, int, int], None]  # name of the step, items done, items in all


def silent(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


# Who listens in this process: a command sets it round a run that something else starts.
listener: ContextVar[Progress] = ContextVar("listener", default=silent)


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
        """See `Engine.map`."""
        results: list[Result] = []
        self.progress(step, 0, len(items))
        with self._executor(len(items), python_bound=python_bound) as executor:
            for result in executor.map(function, items):
                results.append(result)
                self.progress(step, len(results), len(items))
        return results

    @contextmanager
    def _executor(self, items: int, *, python_bound: bool) -> Iterator[Executor]:
        if python_bound and self.workers > 1 and items >= BATCHES_WORTH_A_PROCESS:
            # Never fork: Polars' threads do not survive it, and the child waits for ever.
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(min(self.workers, items), mp_context=spawn) as pool:
                yield pool
            return
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
