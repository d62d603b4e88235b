"""Where everything lies under one output folder, and who may write there.

Only `corpus/` and `arrivals.parquet` are worth keeping: `work/` is rebuilt from the inputs, and
`dagster/` and `gx/` are history. The lock is the operating system's, so a killed run frees it.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import LockedError, OutputUnwritableError

_held: dict[Path, int] = {}  # folders this process holds, with how often: a run may nest


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders and files of one output folder."""

    output: Path

    @property
    def corpus(self) -> Path:
        """Published snapshots, publications and `latest.json`."""
        return self.output / "corpus"

    @property
    def work(self) -> Path:
        """Stored results of stages; may be deleted at any time when no run is on."""
        return self.output / "work"

    @property
    def arrivals(self) -> Path:
        """When each document was first seen: the one piece of history a snapshot depends on."""
        return self.output / "arrivals.parquet"

    @property
    def dagster(self) -> Path:
        """The Dagster instance: runs, events, schedules."""
        return self.output / "dagster"

    @property
    def gx(self) -> Path:
        """Validation results of Great Expectations."""
        return self.output / "gx"


@contextmanager
def hold(workspace: Workspace) -> Iterator[None]:
    """The output folder for this process alone, until the block ends.

    Raises LockedError if another process holds it, OutputUnwritableError if it cannot be written.
    """
    output = workspace.output.resolve()
    if output in _held:
        _held[output] += 1
        try:
            yield
        finally:
            _held[output] -= 1
        return
    descriptor = _take(output)
    _held[output] = 1
    try:
        yield
    finally:
        del _held[output]
        os.close(descriptor)


def _take(output: Path) -> int:
    path = output / ".lock"
    try:
        output.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        message = (
            f"The output folder {output} cannot be written: {error.strerror or error}. Expected a "
            "folder this user may write to. Choose another with --output, or mend its permissions."
        )
        raise OutputUnwritableError(message) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _holder(descriptor)
        os.close(descriptor)
        message = (
            f"The output folder {output} is held by {holder}. Expected no other run there. Wait "
            "until it ends, stop it, or choose another folder with --output."
        )
        raise LockedError(message) from error
    _sign(descriptor, output)
    return descriptor


def _sign(descriptor: int, output: Path) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
    except OSError as error:
        os.close(descriptor)
        message = (
            f"The lock file in {output} cannot be written: {error.strerror or error}. Expected "
            "room on the disk. Free some, or choose another folder with --output."
        )
        raise OutputUnwritableError(message) from error


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4_096, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "another process that has not signed yet"
