"""Whether a published snapshot is what it says: a reader's check that trusts no writer.

Checksums come first. Only files that pass them are opened, since a damaged Parquet file can bring
a reader down. What the rows say is then taken again from the rows themselves.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.errors import SnapshotError
from pipeline.store.checks import Check, check, check_tables
from pipeline.store.copies import check_copies
from pipeline.store.manifest import Manifest, read_manifest, snapshot_id
from pipeline.store.plan import SCHEMAS
from pipeline.store.publications import read_publication
from pipeline.store.reading import corpus_folder, latest_folder, read_latest, snapshot_folder
from pipeline.store.replay import replay_rows


@dataclass(frozen=True, slots=True)
class Verified:
    """Every check of one snapshot. A check that could not be made is not listed."""

    snapshot: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every promise holds."""
        return not any(check.broken for check in self.checks)


def verify(root: Path, snapshot: str | None = None) -> Verified:
    """The checks of a snapshot, by default the served one; `root` as in `open_latest`.

    Raises SnapshotError if there is no such snapshot, or if its tables are those of another schema
    version. Rows are examined only if all files are intact.
    """
    root = corpus_folder(root)
    folder = snapshot_folder(root, snapshot) if snapshot else latest_folder(root)
    try:
        manifest = read_manifest(folder)
    except SnapshotError as error:
        return Verified(folder.name, (check("manifest", 1, [str(error)]),))
    _require_version(folder, manifest)
    files = [_manifest_check(root, folder, manifest), _files_check(folder, manifest)]
    if any(check.broken for check in files):
        return Verified(folder.name, tuple(files))
    return Verified(folder.name, (*files, *_table_checks(folder, manifest)))


def _require_version(folder: Path, manifest: Manifest) -> None:
    if manifest.schema_version == schema.VERSION:
        return
    message = (
        f"{folder} has tables of schema version {manifest.schema_version}, and this winnow checks "
        f"those of version {schema.VERSION}. Verify it with the winnow that published it "
        f"({manifest.versions['winnow']}), or publish anew with `winnow run`."
    )
    raise SnapshotError(message)


def _manifest_check(root: Path, folder: Path, manifest: Manifest) -> Check:
    content = (folder / "manifest.json").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    problems = []
    if manifest.snapshot != folder.name or snapshot_id(manifest) != folder.name:
        problems.append(f"manifest.json describes {snapshot_id(manifest)}, not {folder.name}")
    records = [path for path in (root / "publications").glob("[0-9]*") if path.is_dir()]
    recorded = [
        (f"publications/{publication.number}", publication.manifest_sha256)
        for publication in (read_publication(root, int(path.name)) for path in sorted(records))
        if publication.snapshot == folder.name
    ]
    latest = read_latest(root)
    if latest and latest.snapshot == folder.name:
        recorded.append(("latest.json", latest.manifest_sha256))
    problems += [f"manifest.json differs from {who}" for who, known in recorded if known != digest]
    return check("manifest", 1 + len(recorded), problems)


def _files_check(folder: Path, manifest: Manifest) -> Check:
    listed = {file.path: file.sha256 for file in manifest.files}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    problems = [f"{path} is missing" for path in sorted(listed.keys() - found)]
    problems += [
        f"{path} is not in the manifest"
        for path in sorted(found - listed.keys() - {"manifest.json"})
    ]
    problems += [
        f"{path} does not have its checksum"
        for path in sorted(listed.keys() & found)
        if _sha256(folder / path) != listed[path]
    ]
    return check("files", len(listed), problems)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table_checks(folder: Path, manifest: Manifest) -> Iterator[Check]:
    wrong = [
        f"{file.path} has other columns"
        for name, table in manifest.tables.items()
        for file in table.files
        if pl.read_parquet_schema(folder / file.path) != SCHEMAS[name]
    ]
    yield check("schema", len(manifest.files), wrong)
    if not wrong:
        yield from check_tables(folder, manifest)
        yield from check_copies(folder, manifest)
        found = replay_rows(folder, manifest)
        yield check("rows", found.rows, found.contents)
        yield check("texts", found.rows, found.texts)
        yield check("edits", found.edits, found.replays)
