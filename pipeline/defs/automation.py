"""When the pipeline runs by itself: every night, and when new files arrive.

Both are off until somebody turns them on in the UI: a newcomer's machine does nothing unasked.
"""

import hashlib

import dagster as dg

from pipeline.defs.workshop import Workshop
from pipeline.store.sources import find_inputs

curate = dg.define_asset_job(
    "curate",
    selection=dg.AssetSelection.all(),
    description="The whole pipeline, from the input to the served corpus.",
)
nightly = dg.ScheduleDefinition(
    name="nightly",
    job=curate,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    description="The whole pipeline at 02:00 UTC; what did not change is not computed again.",
)

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    job=curate,
    minimum_interval_seconds=60,
    description="Starts a run when a file of the input is new, changed or gone.",
)
def new_files(
    context: dg.SensorEvaluationContext, workshop: Workshop
) -> dg.SensorResult | dg.SkipReason:
    """One run for every state of the input; looking twice at the same state starts nothing."""
    files = find_inputs(workshop.input).files
    state = hashlib.sha256()
    for file in files:
        state.update(f"{file.relpath}\0{file.stamp}\0".encode())
    cursor = state.hexdigest()[:32]
    if cursor == context.cursor:
        return dg.SkipReason(f"{len(files):,} files, as when I last looked.")
    if context.instance.get_runs_count(dg.RunsFilter(job_name="curate", statuses=UNFINISHED)):
        return dg.SkipReason("The input changed, but a run is under way; I shall look again.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=cursor)], cursor=cursor)
