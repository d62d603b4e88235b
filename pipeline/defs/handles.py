"""What assets hand to one another: small handles, kept beside the working state they point into.

A handle outlives its run, so that one asset can be materialized alone, or a run go on where it
failed. It lies under `work/`: whoever deletes that folder deletes the handles too, and is told so.
"""

import pickle
from dataclasses import replace
from pathlib import Path

import dagster as dg

from pipeline.errors import WorkMissingError
from pipeline.store.durable import write_bytes
from pipeline.store.snapshots import Staged, is_whole
from pipeline.store.workspace import Workspace


class Handles(dg.IOManager):
    """Handles on disk, one per asset, of the last run that made it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """The handle is on disk, whole or not at all."""
        write_bytes(self._path(context.asset_key), pickle.dumps(obj))

    def load_input(self, context: dg.InputContext) -> object:
        """The asset's last handle. Raises WorkMissingError if it, or what it names, is gone."""
        name = context.asset_key.to_user_string()
        try:
            # Written by ourselves, into a folder that only this user may write to.
            handle = pickle.loads(self._path(context.asset_key).read_bytes())  # noqa: S301
        except (FileNotFoundError, AttributeError, ImportError, pickle.UnpicklingError) as error:
            message = (
                f"The result of {name} is not in {self._workspace.work}, or is of another version "
                f"of Winnow ({error}). Expected it to be materialized before what depends on it. "
                "Run the whole pipeline again: what is missing is computed anew."
            )
            raise WorkMissingError(message) from error
        return find_staged(handle, self._workspace) if isinstance(handle, Staged) else handle

    def _path(self, key: dg.AssetKey) -> Path:
        return self._workspace.work / "handles" / f"{key.to_user_string()}.pickle"


@dg.io_manager(
    required_resource_keys={"workshop"},
    description="Handles between assets, in the working state of the output folder.",
)
def handles(context: dg.InitResourceContext) -> Handles:
    """Handles in the output folder of the run."""
    return Handles(context.resources.workshop.workspace)


def find_staged(staged: Staged, workspace: Workspace) -> Staged:
    """The snapshot where it lies now: publishing moves it to its place.

    Raises WorkMissingError where it is whole in neither.
    """
    place = workspace.corpus / "snapshots" / staged.manifest.snapshot
    for folder in (staged.folder, place):
        if is_whole(folder):
            return replace(staged, folder=folder)
    message = (
        f"The staged snapshot {staged.folder} is gone, and {place} is not there either. Expected "
        "one of them to be whole. Run the whole pipeline again: it is staged anew."
    )
    raise WorkMissingError(message)
