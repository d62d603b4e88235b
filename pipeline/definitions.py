"""Where Dagster finds the assets, checks, jobs, schedules and sensors."""

import dagster as dg

from pipeline.defs import assets, automation, checks
from pipeline.defs.handles import handles
from pipeline.defs.workshop import Workshop


@dg.definitions
def definitions() -> dg.Definitions:
    """Everything that Dagster knows of Winnow."""
    return dg.Definitions(
        assets=assets.ASSETS,
        asset_checks=checks.CHECKS,
        jobs=[automation.curate],
        schedules=[automation.nightly],
        sensors=[automation.new_files],
        resources={"workshop": Workshop(), "io_manager": handles},
        # A spawned step costs about six CPU seconds of imports; batches run in parallel anyway.
        executor=dg.in_process_executor,
    )
