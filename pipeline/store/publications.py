"""Publishing: one staged snapshot becomes the served one, in a single move of one small file.

Before that move nothing has changed for any reader, after it everything has. What is true of a
moment only, and not of the corpus, lies in `publications/<n>/`, apart from the snapshot.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipeline.errors import LedgerError, SnapshotError
from pipeline.store.changes import find_changes
from pipeline.store.durable import discard, move_folder, write_bytes
from pipeline.store.manifest import Facts, Manifest, read_manifest
from pipeline.store.reading import Latest, read_latest
from pipeline.store.snapshots import Staged, is_whole
from pipeline.store.tables import write_table


class Publication(Facts):
    """One publication. `previous` is the snapshot served before; `changes` counts documents."""

    number: int
    snapshot: str
    previous: str | None
    manifest_sha256: str
    published_at: datetime
    validation: str
    run: str
    seconds: float
    changes: dict[str, int]


Report = Callable[[Publication, pl.DataFrame], str]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a publication records of the run that made it. `report` writes the page for
    people from the publication and its CHANGES.
    """

    run: str
    seconds: float
    validation: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The publication that is served, and whether this call made it."""

    publication: Publication
    is_new: bool


def publish(
    staged: Staged, *, root: Path, now: datetime, run: RunFacts, keep_snapshots: int
) -> Published:
    """The staged snapshot is the served one; the same snapshot again is no new publication.

    The caller holds the output folder: whatever another run left half done there is removed.
    Raises LedgerError, with nothing published, if the tables do not hold what came in.
    """
    _require_balance(staged)
    latest = read_latest(root)
    folder = _settle(staged, root)
    if latest is not None and latest.snapshot == staged.manifest.snapshot:
        _tidy(root, latest.publication, keep=keep_snapshots)
        return Published(publication=read_publication(root, latest.publication), is_new=False)
    changes = find_changes(_served(root, latest), (folder, staged.manifest))
    publication = _describe(folder, latest, changes, now=now, run=run)
    _record(root, publication, changes, report=run.report)
    pointer = Latest(
        snapshot=publication.snapshot,
        publication=publication.number,
        manifest_sha256=publication.manifest_sha256,
    )
    write_bytes(root / "latest.json", pointer.model_dump_json(indent=1).encode() + b"\n")
    _tidy(root, publication.number, keep=keep_snapshots)
    return Published(publication=publication, is_new=True)


def read_publication(root: Path, number: int) -> Publication:
    """The record of a publication. Raises SnapshotError if there is none."""
    path = root / "publications" / str(number) / "publication.json"
    try:
        return Publication.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        message = (
            f"{path} could not be read: {error}. Expected the record of a publication. Look under "
            "publications/ for those there are."
        )
        raise SnapshotError(message) from error


def _require_balance(staged: Staged) -> None:
    """Counted again, from the files themselves."""
    tables = staged.manifest.tables
    rows = {
        name: sum(
            pq.read_metadata(staged.folder / file.path).num_rows for file in tables[name].files
        )
        for name in ("documents", "duplicates", "quarantine")
    }
    documents_in = staged.manifest.counts.documents_in
    if sum(rows.values()) != documents_in:
        message = (
            f"{documents_in} documents came in, but {staged.folder} holds {rows['documents']} "
            f"documents, {rows['duplicates']} duplicates and {rows['quarantine']} in quarantine. "
            "Expected the same number. Run again; nothing was published."
        )
        raise LedgerError(message)


def _settle(staged: Staged, root: Path) -> Path:
    """The snapshot's folder under its own name."""
    place = root / "snapshots" / staged.manifest.snapshot
    if staged.folder == place:
        return place
    if is_whole(place):
        discard(staged.folder)
        return place
    if place.exists():  # damaged by someone's hand: aside with it
        move_folder(place, root / f".staging-damaged-{place.name}-{os.getpid()}")
    move_folder(staged.folder, place)
    return place


def _served(root: Path, latest: Latest | None) -> tuple[Path, Manifest] | None:
    folder = root / "snapshots" / latest.snapshot if latest else None
    return (folder, read_manifest(folder)) if folder and is_whole(folder) else None


def _describe(
    folder: Path, latest: Latest | None, changes: pl.DataFrame, *, now: datetime, run: RunFacts
) -> Publication:
    return Publication(
        number=latest.publication + 1 if latest else 1,
        snapshot=folder.name,
        previous=latest.snapshot if latest else None,
        manifest_sha256=hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest(),
        published_at=now,
        validation=run.validation,
        run=run.run,
        seconds=run.seconds,
        changes=dict(changes["change"].value_counts().sort("change").iter_rows()),
    )


def _record(
    root: Path, publication: Publication, changes: pl.DataFrame, *, report: Report | None
) -> None:
    """The publication on disk; another under its number was never served, and goes."""
    place = root / "publications" / str(publication.number)
    draft = place.with_name(f".staging-{publication.number}-{os.getpid()}")
    discard(draft)
    write_table(draft / "changes.parquet", changes)
    if report:
        write_bytes(draft / "report.html", report(publication, changes).encode())
    record = publication.model_dump_json(indent=1).encode() + b"\n"
    write_bytes(draft / "publication.json", record)
    discard(place)
    move_folder(draft, place)


def _tidy(root: Path, number: int, *, keep: int) -> None:
    """Neither snapshots past their time nor anything that a run left half done."""
    _retire(root, number, keep=keep)
    sweep(root)


def sweep(root: Path) -> None:
    """Nothing that a run left half done. Only for whoever holds the output folder."""
    for folder in (root, root / "publications"):
        for path in folder.glob(".staging-*"):
            discard(path)


def _retire(root: Path, number: int, *, keep: int) -> None:
    """Only the snapshots of the last `keep` publications, the served one among them."""
    numbers = range(max(1, number - keep + 1), number + 1)
    if not all((root / "publications" / str(n) / "publication.json").exists() for n in numbers):
        return  # without their records nobody knows which snapshots are still wanted
    kept = {read_publication(root, n).snapshot for n in numbers}
    for folder in (root / "snapshots").iterdir():
        if folder.name not in kept:
            # Aside first: a folder under a snapshot's name is whole or not there.
            aside = root / f".staging-retired-{folder.name}-{os.getpid()}"
            discard(aside)
            move_folder(folder, aside)
