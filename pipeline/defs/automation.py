"""When the pipeline runs by itself: every night, and when new files arrive.

Both are off until somebody turns them on in the UI: a newcomer's machine does nothing unasked.
"""

import hashlib

import dagster as dg

from pipeline.defs.history import RUNNING
from pipeline.defs.workshop import Workshop
from pipeline.errors import InputMissingError, LockedError
from pipeline.store.sources import Inputs, find_inputs
from pipeline.store.workspace import Workspace, hold

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

WAITING = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
]


@dg.sensor(
    job=curate,
    minimum_interval_seconds=60,
    description="Starts a run when a file of the input is new, changed or gone.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """One run for every state of the input; looking twice at the same state starts nothing."""
    # Made here, not asked for as a resource: that would hold the output folder at every look.
    workshop = Workshop()
    try:
        inputs = find_inputs(workshop.input)
    except InputMissingError as error:
        return dg.SkipReason(str(error))
    state = input_state(inputs)
    if state == context.cursor:
        return dg.SkipReason(f"{len(inputs.files):,} files, as when I last looked.")
    if _is_busy(context.instance, workshop.workspace):
        return dg.SkipReason("The input changed, but a run is under way; I shall look again.")
    # The key counts from the state before: files that come, go and come back are a run each time.
    key = f"{(context.cursor or 'new')[:16]}-{state[:16]}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=state)


def input_state(inputs: Inputs) -> str:
    """32 hex digits that change whenever a file of the input is new, changed or gone."""
    state = hashlib.sha256()
    for file in inputs.files:
        state.update(f"{file.relpath}\0{file.size}\0{file.stamp}\0{file.problem}\0".encode())
    return state.hexdigest()[:32]


def _is_busy(instance: dg.DagsterInstance, workspace: Workspace) -> bool:
    """Whether a run waits or works. One that was killed says it works, but holds nothing."""
    if instance.get_runs_count(dg.RunsFilter(statuses=WAITING)):
        return True
    if not instance.get_runs_count(dg.RunsFilter(statuses=RUNNING)):
        return False
    try:
        with hold(workspace):
            return False
    except LockedError:
        return True
