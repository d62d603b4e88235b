"""What each step of a whole run costs: CPU seconds, microseconds per document, memory at its peak.

    python tests/bench/bench_pipeline.py INPUT OUTPUT [group.field=value ...]

Memory is that of the process and its workers together, looked at 20 times a second. The baseline
is copying the texts: the input's records read and stored as raw batches, which any pipeline does.
"""

import argparse
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from pipeline import curate
from pipeline.curate import Run
from pipeline.engine import LocalEngine
from pipeline.store.settings_file import load_settings
from pipeline.store.workspace import Workspace, hold

PAGE = os.sysconf("SC_PAGE_SIZE")
Result = TypeVar("Result")


class Meter:
    """Measures steps and keeps the lines of the table."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, float, float, int]] = []
        self._peak = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def measure(self, name: str, step: Callable[[], Result]) -> Result:
        """The step's result."""
        self._peak = 0
        cpu, wall = _cpu_seconds(), time.perf_counter()
        result = step()
        self._peak = max(self._peak, _memory())
        self.lines.append((name, _cpu_seconds() - cpu, time.perf_counter() - wall, self._peak))
        return result

    def _watch(self) -> None:
        while True:
            self._peak = max(self._peak, _memory())
            time.sleep(0.05)


def _cpu_seconds() -> float:
    ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in ended)


def _memory() -> int:
    """Bytes that this process and all below it hold."""
    return sum(map(_resident, _family(os.getpid())))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = listed.read_text().split()
        except OSError:  # it ended meanwhile
            continue
        for child in below:
            yield from _family(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def run_steps(run: Run, meter: Meter) -> int:
    """How many documents there were; every step of `curate` is measured on the way."""
    with hold(run.workspace):
        ingested = meter.measure("ingest", lambda: curate.ingest(run))
        corpus = ingested.corpus
        for name, step in (
            ("clean", curate.clean),
            ("measure", curate.measure),
            ("judge", curate.judge),
            ("fingerprint", curate.fingerprint),
        ):
            meter.measure(name, lambda step=step: step(run, corpus))
        clusters = meter.measure("cluster", lambda: curate.cluster(run, corpus))
        finished = meter.measure("finish", lambda: curate.finish(run, corpus, clusters))
        staged = meter.measure("stage", lambda: curate.stage(run, ingested, clusters, finished))
        validation = meter.measure("validate", lambda: curate.validate(run, corpus, staged))
        meter.measure("publish", lambda: curate.publish(run, ingested, staged, validation))
    return ingested.documents


def draw(meter: Meter, documents: int) -> Table:
    """The table: one line per step, and the whole."""
    table = Table("step", "CPU s", "µs/doc", "x ingest", "wall s", "peak MB")
    total = ("all", *(sum(line[n] for line in meter.lines) for n in (1, 2)))
    peak = max(line[3] for line in meter.lines)
    for name, cpu, wall, memory in [*meter.lines, (*total, peak)]:
        figures = (cpu, 1e6 * cpu / documents, cpu / meter.lines[0][1], wall, memory / 1e6)
        shapes = ("{:.1f}", "{:.1f}", "{:.2f}", "{:.1f}", "{:.0f}")
        table.add_row(name, *(s.format(f) for s, f in zip(shapes, figures, strict=True)))
    return table


def main() -> None:
    """Run the pipeline and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("output", type=Path)
    parser.add_argument("settings", nargs="*")
    given = parser.parse_args()
    settings = load_settings(None, given.settings)
    engine = LocalEngine(settings.execution.workers)
    meter = Meter()
    run = Run(given.source, Workspace(given.output), settings, engine, datetime.now(UTC))
    documents = run_steps(run, meter)
    Console().print(draw(meter, documents), f"{documents:,} documents")


if __name__ == "__main__":
    main()
