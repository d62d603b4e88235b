"""The served snapshot, for readers: the pointer is resolved once, then nothing moves any more.

Snapshots are never changed or re-pointed, so what was resolved stays readable while newer ones are
published. Whoever asks again may get a newer one.
"""

from pathlib import Path

import polars as pl
from pydantic import ValidationError

from pipeline.errors import SnapshotError
from pipeline.store.manifest import ID, Facts, Manifest, read_manifest
from pipeline.store.plan import SCHEMAS


class Latest(Facts):
    """What latest.json says."""

    snapshot: str
    publication: int
    manifest_sha256: str


def open_latest(root: str | Path) -> pl.LazyFrame:
    """The curated documents of the served snapshot; `root` is the output folder or its corpus.

    Raises SnapshotError if nothing has been published there.
    """
    folder = latest_folder(corpus_folder(Path(root)))
    return scan_table(folder, read_manifest(folder), "documents")


def corpus_folder(root: Path) -> Path:
    """`root` itself, or the corpus in it where `root` is an output folder."""
    return root / "corpus" if (root / "corpus").is_dir() else root


def read_latest(root: Path) -> Latest | None:
    """The pointer of the corpus at `root`, or None before the first publication."""
    path = root / "latest.json"
    try:
        return Latest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        message = (
            f"{path} could not be read: {error}. Expected the pointer to the served snapshot. "
            "Restore it from publications/, or delete it and run again."
        )
        raise SnapshotError(message) from error


def latest_folder(root: Path) -> Path:
    """The folder of the served snapshot. Raises SnapshotError if there is none."""
    latest = read_latest(root)
    if latest is None:
        message = (
            f"{root} holds no published corpus: there is no latest.json. Expected the output "
            "folder of a run that published. Check the path, or run the pipeline first."
        )
        raise SnapshotError(message)
    return snapshot_folder(root, latest.snapshot)


def snapshot_folder(root: Path, snapshot: str) -> Path:
    """The folder of a snapshot by its id. Raises SnapshotError if there is none."""
    folder = root / "snapshots" / snapshot
    if not ID.fullmatch(snapshot) or not folder.is_dir():
        message = (
            f"{root} holds no snapshot {snapshot[:40]!r}. Expected one of the 16-digit names "
            "under snapshots/. Check the id, or leave it out to take the served one."
        )
        raise SnapshotError(message)
    return folder


def scan_table(folder: Path, manifest: Manifest, table: str) -> pl.LazyFrame:
    """A table of the snapshot in `folder`, in published order."""
    files = [folder / file.path for file in manifest.tables[table].files]
    return pl.scan_parquet(files, schema=SCHEMAS[table], glob=False)
