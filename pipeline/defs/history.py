"""The Dagster instance of an output folder: runs, events, schedules.

It is history, not content, so it may be written with less care than a corpus: without waiting for
the disk at every one of the three hundred events of a run. A killed process loses none of them, a
power cut at worst the last ones; the databases stay whole either way.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import dagster as dg
from sqlalchemy import Engine, event

from pipeline.store.durable import write_bytes, writing
from pipeline.store.workspace import Workspace

INSTANCE = b"telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
RUNNING = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def prepare(workspace: Workspace) -> Path:
    """The instance's folder, with a dagster.yaml; one that is there already is left as it is."""
    home = workspace.dagster
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        write_bytes(home / "dagster.yaml", INSTANCE)
    return home


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance, quick to write to."""
    with _unhurried_disk(), dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@contextmanager
def _unhurried_disk() -> Iterator[None]:
    """SQLite that syncs when the block ends rather than at each of a thousand small writes.

    Dagster opens and closes a connection for every event. The last one to close writes the log
    back and syncs, so one more is kept open here. On a busy disk, commits and closes were 11 of
    the 30 seconds of a run in which nothing had changed.
    """
    kept: dict[str, sqlite3.Connection] = {}

    def relax(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        if path not in kept:
            kept[path] = sqlite3.connect(path, check_same_thread=False)
        kept[path].execute("SELECT count(*) FROM sqlite_master").fetchone()

    event.listen(Engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(Engine, "connect", relax)
        for connection in kept.values():
            with closing(connection):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def bury(instance: dg.DagsterInstance, workspace: Workspace, *, alive: str) -> None:
    """Runs that claim to work in this folder are failed; the caller, run `alive`, holds it.

    A killed run cannot say that it ended, and would look as if it ran for ever.
    """
    if Path(instance.root_directory) != workspace.dagster:
        return
    for run in instance.get_runs(dg.RunsFilter(statuses=RUNNING)):
        if run.run_id != alive and _output_of(run) in {None, str(workspace.output)}:
            instance.report_run_failed(run, "This run was killed: nobody held its output folder.")


def _output_of(run: dg.DagsterRun) -> str | None:
    """The output folder that was set for the run; None for the one its instance lies in."""
    config = cast("Mapping[str, Mapping[str, Mapping[str, Mapping[str, object]]]]", run.run_config)
    folder = config.get("resources", {}).get("workshop", {}).get("config", {}).get("output")
    return None if folder is None else str(folder)
