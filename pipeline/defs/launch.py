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
from pipeline.errors import ValidationFailedError
from pipeline.settings import Settings
from pipeline.store.workspace import Workspace, hold

INSTANCE = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"


def launch(job: dg.JobDefinition, source: str, output: Path, settings: Settings) -> Outcome:
    """What a run of the whole job came to. Raises the named error that stopped it."""
    workspace = Workspace(output.resolve())
    with hold(workspace):
        home = _prepare(workspace)
        with dg.DagsterInstance.from_config(str(home)) as instance:
            config = _run_config(source, workspace, settings)
            try:
                result = job.execute_in_process(instance=instance, run_config=config)
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
    with hold(workspace):
        home = _prepare(workspace)
    where = Path(source).resolve() if "://" not in source else source
    environment = os.environ | {
        "DAGSTER_HOME": str(home),
        "WINNOW_INPUT": str(where),
        "WINNOW_OUTPUT": str(workspace.output),
    }
    words = ["-m", "pipeline.definitions", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "dagster", "dev", *words]
    os.execve(sys.executable, command, environment)  # noqa: S606  # no shell is wanted


def _prepare(workspace: Workspace) -> Path:
    home = workspace.dagster
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(INSTANCE)
    return home


def _run_config(source: str, workspace: Workspace, settings: Settings) -> dict[str, object]:
    workshop = {"input": source, "output": str(workspace.output)} | settings.model_dump()
    return {
        "resources": {"workshop": {"config": workshop}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
