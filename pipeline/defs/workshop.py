"""The workshop: what a run works on and with, as the launchpad shows it.

One resource holds the input, the output folder and every setting, and the lock on the output
folder for as long as a run lasts. No postponed annotations here: Dagster reads them at run time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from pipeline.curate import Run
from pipeline.defs.history import bury
from pipeline.engine import LocalEngine, listener
from pipeline.settings import (
    CleanSettings,
    DedupSettings,
    ExecutionSettings,
    IngestSettings,
    LearnSettings,
    MeasureSettings,
    PublishSettings,
    Settings,
    ValidationSettings,
)
from pipeline.store.workspace import Workspace, hold

ROOT = Path(__file__).parents[2]


class IngestConfig(IngestSettings, dg.Config):
    """`IngestSettings`, editable in the launchpad."""


class CleanConfig(CleanSettings, dg.Config):
    """`CleanSettings`, editable in the launchpad."""


class MeasureConfig(MeasureSettings, dg.Config):
    """`MeasureSettings`, editable in the launchpad."""


class DedupConfig(DedupSettings, dg.Config):
    """`DedupSettings`, editable in the launchpad."""


class LearnConfig(LearnSettings, dg.Config):
    """`LearnSettings`, editable in the launchpad."""


class ValidationConfig(ValidationSettings, dg.Config):
    """`ValidationSettings`, editable in the launchpad."""


class PublishConfig(PublishSettings, dg.Config):
    """`PublishSettings`, editable in the launchpad."""


class ExecutionConfig(ExecutionSettings, dg.Config):
    """`ExecutionSettings`, editable in the launchpad."""


class Workshop(dg.ConfigurableResource):  # type: ignore[type-arg]  # generic only for its own use
    """Input, output and settings of a run; holds the output folder while the run lasts."""

    input: str = Field(
        default_factory=lambda: os.environ.get("WINNOW_INPUT", str(ROOT / "seeds")),
        description="Folder, file or glob to curate; local, or any fsspec address.",
    )
    output: str = Field(
        default_factory=lambda: os.environ.get("WINNOW_OUTPUT", str(ROOT / "outputs")),
        description="Folder for the corpus, the working state and the history.",
    )
    ingest: IngestConfig = IngestConfig()
    clean: CleanConfig = CleanConfig()
    measure: MeasureConfig = MeasureConfig()
    dedup: DedupConfig = DedupConfig()
    learn: LearnConfig = LearnConfig()
    validation: ValidationConfig = ValidationConfig()
    publish: PublishConfig = PublishConfig()
    execution: ExecutionConfig = ExecutionConfig()

    _now: datetime = PrivateAttr(default_factory=lambda: datetime.now(UTC))
    _name: str = PrivateAttr(default="curate")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workshop"]:
        """This workshop, with the output folder held until the run ends.

        Raises LockedError, which names the holder, while another run is at it.
        """
        self._now = datetime.now(UTC)
        with hold(self.workspace):
            if context.instance and context.run:
                self._name = context.run.run_id
                bury(context.instance, self.workspace, alive=self._name)
            yield self

    @property
    def workspace(self) -> Workspace:
        """Where everything lies."""
        return Workspace(Path(self.output).resolve())

    def run(self) -> Run:
        """What the steps of `pipeline.curate` take."""
        settings = Settings.model_validate(
            {name: getattr(self, name).model_dump() for name in Settings.model_fields}
        )
        return Run(
            source=self.input,
            workspace=self.workspace,
            settings=settings,
            engine=LocalEngine(settings.execution.workers, listener.get()),
            now=self._now,
            name=self._name,
        )
