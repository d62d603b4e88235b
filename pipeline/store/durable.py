"""Writes that a kill or a full disk cannot leave half done.

A file or folder is made under a name nobody reads, synced, and moved in one step; the folder that
holds it is synced as well, else the new name itself may be lost with the power.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from threading import get_ident

from pipeline.errors import OutputUnwritableError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """The operating system's errors inside the block as one named error about `path`."""
    try:
        yield
    except OSError as error:
        message = (
            f"{path} could not be written: {error}. A folder with room and the right to write "
            "was expected. Free some space or choose another output folder, then run again."
        )
        raise OutputUnwritableError(message) from error


@contextmanager
def replacing(path: Path, *, named_later: bool = False) -> Iterator[BufferedRandom]:
    """A file to write, synced to the disk and moved to `path` on success, else gone.

    One that is `named_later` counts only once another file in its folder names it, which is written
    after it and takes its name to the disk as well.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}.tmp")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            if not named_later:
                sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """`content` at `path`, whole or not at all."""
    with replacing(path) as file:
        file.write(content)


def move_folder(source: Path, target: Path) -> None:
    """`source` under the name `target`, which must not exist; what is in it is synced first."""
    with writing(target):
        for folder in [*(path for path in source.rglob("*") if path.is_dir()), source]:
            sync_folder(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        sync_folder(target.parent)


def share_file(source: Path, target: Path) -> None:
    """`source` at `target` too: by a hard link, or by a copy where the disk knows no links."""
    with writing(target):
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, target)
            with target.open("rb") as file:
                os.fsync(file.fileno())


def discard(folder: Path) -> None:
    """No `folder` any more; it need not exist."""
    with writing(folder):
        if folder.exists():
            shutil.rmtree(folder)


def sync_folder(folder: Path) -> None:
    """The names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
