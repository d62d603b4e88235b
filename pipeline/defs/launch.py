"""Runs the pipeline through Dagster from a command, and serves its UI.

Both use one persistent instance under the output folder, so a command's runs stand in the UI's
history. A command's run stays in its own process: a second one would cost its imports again.
"""

import os
import sys
from pathlib import Path
from typing import cast

import dagster as dg
from dagster._core.errors import DagsterAssetCheckFailedError

from pipeline.curate import Outcome
from pipeline.defs.history import open_instance, prepare
from pipeline.errors import ValidationFailedError
from pipeline.settings import Settings
from pipeline.store.workspace import Workspace, hold


def launch(job: dg.JobDefinition, source: str, output: Path, settings: Settings) -> Outcome:
    """What a run of the whole job came to. Raises the named error that stopped it."""
    workspace = Workspace(output.resolve())
    with hold(workspace), open_instance(prepare(workspace)) as instance:
        try:
            result = job.execute_in_process(
                instance=instance,
                run_config=_run_config(source, workspace, settings),
                tags={"winnow/from": "command line"},
            )
        except DagsterAssetCheckFailedError as error:
            message = (
                f"{error} Expected every critical rule to hold. Nothing was published; "
                f"`winnow ui --output {output}` shows the rows that broke it."
            )
            raise ValidationFailedError(message) from error
        return cast("Outcome", result.output_for_node("corpus"))


def serve(source: str, output: Path, *, port: int) -> None:
    """Replaces this process by Dagster's web server and daemon, on 127.0.0.1."""
    workspace = Workspace(output.resolve())
    environment = os.environ | {
        "DAGSTER_HOME": str(prepare(workspace)),
        "WINNOW_INPUT": _absolute(source),
        "WINNOW_OUTPUT": str(workspace.output),
    }
    words = ["-m", "pipeline.definitions", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "dagster", "dev", *words]
    os.execve(sys.executable, command, environment)  # noqa: S606  # no shell is wanted


def _absolute(source: str) -> str:
    """The input as every process of the UI can name it, wherever it was started."""
    return source if "://" in source else str(Path(source).absolute())


def _run_config(source: str, workspace: Workspace, settings: Settings) -> dict[str, object]:
    # As it was typed in the record of the run, but whoever re-executes it stands elsewhere.
    workshop = {"input": _absolute(source), "output": str(workspace.output)}
    return {
        "resources": {"workshop": {"config": workshop | settings.model_dump()}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
