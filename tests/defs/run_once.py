"""One run in a process of its own, for tests that vary what a process cannot change of itself.

python run_once.py HOW OUTPUT BATCH_DOCUMENTS WORKERS INPUT...

HOW is dagster or curate; the inputs are run over in turn.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import ExecutionSettings, PublishSettings, Settings
from pipeline.store.workspace import Workspace


def main(how: str, output: Path, batch_documents: int, workers: int, sources: list[str]) -> None:
    """Run over the inputs one after the other; say how many threads Polars had."""
    settings = Settings(
        execution=ExecutionSettings(workers=workers, batch_documents=batch_documents),
        publish=PublishSettings(part_rows=30),
    )
    for source in sources:
        if how == "dagster":
            from pipeline.definitions import definitions
            from pipeline.defs.launch import launch

            launch(definitions().resolve_job_def("curate"), source, output, settings)
        else:
            engine = LocalEngine(workers)
            curate(Run(source, Workspace(output), settings, engine, datetime.now(UTC)))
    sys.stdout.write(f"{pl.thread_pool_size()}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
