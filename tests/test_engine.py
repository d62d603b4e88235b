import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from pipeline.engine import BATCHES_WORTH_A_PROCESS, LocalEngine
from pipeline.errors import WorkerLostError, WorkMissingError

ITEMS = list(range(BATCHES_WORTH_A_PROCESS + 2))
# A worker process imports this module by its name.
sys.path.insert(0, str(Path(__file__).parent))


def square(number):
    return number * number


def wait_less_and_square(number):
    time.sleep(0.01 * (len(ITEMS) - number))
    return number * number


def refuse_odd(number):
    if number % 2:
        message = f"no {number}"
        raise WorkMissingError(message)
    return number


def panic(_number):
    # The only way to one that does not print a trace of its own.
    raise pl.exceptions.PanicException("a kernel broke")


def die(number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def own_process(_number):
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 16])
def test_results_come_in_the_order_of_the_items(workers):
    found = LocalEngine(workers).map(wait_less_and_square, ITEMS, step="squared")
    assert found == [number * number for number in ITEMS]


def test_processes_give_the_same_results_and_tell_their_progress():
    told = []
    engine = LocalEngine(2, lambda *news: told.append(news))
    assert engine.map(square, ITEMS, step="squared", python_bound=True) == list(map(square, ITEMS))
    assert told == [("squared", done, len(ITEMS)) for done in range(len(ITEMS) + 1)]


@pytest.mark.parametrize(
    ("workers", "items", "apart"), [(1, ITEMS, False), (2, ITEMS, True), (2, ITEMS[:3], False)]
)
def test_processes_are_started_only_where_there_is_work_for_them(workers, items, apart):
    found = LocalEngine(workers).map(own_process, items, step="asked", python_bound=True)
    assert (os.getpid() not in found) == apart
    assert len(set(found)) <= workers


@pytest.mark.parametrize("python_bound", [False, True])
def test_the_first_failed_item_is_the_one_that_is_raised(python_bound):
    engine = LocalEngine(2)
    with pytest.raises(WorkMissingError, match=r"^no 1$"):
        engine.map(refuse_odd, ITEMS, step="refused", python_bound=python_bound)


def test_after_a_failure_nothing_is_begun_and_nothing_runs_on():
    begun, ended = [], []

    def fail_first(number):
        begun.append(number)
        if number == 0:
            raise WorkMissingError
        time.sleep(0.05)
        ended.append(number)

    with pytest.raises(WorkMissingError):
        LocalEngine(2).map(fail_first, range(1_000), step="failed")
    assert len(begun) < 100
    assert len(ended) == len(begun) - 1


@pytest.mark.parametrize("python_bound", [False, True])
def test_a_panic_of_polars_is_a_named_error_that_says_what_happened(python_bound):
    with pytest.raises(WorkerLostError, match="a kernel broke"):
        LocalEngine(2).map(panic, ITEMS, step="panicked", python_bound=python_bound)


def test_an_interrupt_of_the_caller_is_not_swallowed():
    def interrupt(_step, done, _of):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalEngine(2, interrupt).map(square, ITEMS, step="squared")


def test_a_worker_that_dies_ends_the_step_with_a_named_error():
    with pytest.raises(WorkerLostError, match=r"step 'killed'.*execution\.workers"):
        LocalEngine(2).map(die, ITEMS, step="killed", python_bound=True)


def test_nothing_to_do_is_nothing_done():
    assert LocalEngine(2).map(square, [], step="squared", python_bound=True) == []


def test_results_of_threads_are_made_side_by_side():
    barrier = threading.Barrier(2)
    found = LocalEngine(2).map(lambda _: barrier.wait(timeout=60), [1, 2], step="met")
    assert sorted(found) == [0, 1]


SLEEPERS = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pipeline.engine import LocalEngine
from sleeping import sign

if __name__ == "__main__":
    LocalEngine(2).map(sign, [sys.argv[2]] * 8, step="slept", python_bound=True)
"""
SIGN = """
import os, time
from pathlib import Path

def sign(folder):
    (Path(folder) / f"pid-{os.getpid()}").touch()
    time.sleep(600)
"""


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    (tmp_path / "sleeping.py").write_text(SIGN)
    (tmp_path / "run.py").write_text(SLEEPERS)
    parent = subprocess.Popen([sys.executable, tmp_path / "run.py", tmp_path, tmp_path])
    while len(workers := list(tmp_path.glob("pid-*"))) < 2:
        assert parent.poll() is None
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    for worker in workers:
        while _runs(int(worker.name.removeprefix("pid-"))):
            time.sleep(0.1)


def _runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
