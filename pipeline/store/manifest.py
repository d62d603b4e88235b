"""The manifest: what a snapshot holds, by what settings and rules it came to be, and its name.

It is a pure function of the corpus: no time, no path of a machine, no snapshot before. So is the
snapshot's id, a digest of the manifest without the facts that are only known once files are
written; two runs that agree on the id agree on every byte.
"""

import hashlib
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from pipeline.errors import SnapshotError
from pipeline.settings import Settings

# What decides where, when or whether work is done, and never what a snapshot holds.
NOT_CONTENT: dict[str, bool | set[str]] = {
    "execution": True,
    "ingest": {"allow_shrink"},
    "validation": True,
    "publish": {"keep_snapshots"},
}
ID = re.compile(r"[0-9a-f]{16}")


class Facts(BaseModel):
    """Frozen, and deaf to names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFacts(Facts):
    """One file. `content` digests its rows, `sha256` its bytes; `path` is below the snapshot."""

    path: str
    content: str
    rows: int
    bytes: int = 0
    sha256: str = ""


class TableFacts(Facts):
    """One table: its rows and the files they lie in, in order."""

    rows: int
    files: tuple[FileFacts, ...]


class RuleFacts(Facts):
    """One rule that may change a text, and how many edits it made."""

    name: str
    digest: str
    hits: int = 0


class Counts(Facts):
    """Documents, but for `edits`, `clusters`, `pairs` and `learned_lines`.

    Reasons are of quarantined documents, relations of duplicates, rules of all edits; characters,
    words, flags and languages are of the curated corpus.
    """

    documents_in: int
    curated: int
    duplicates: int
    quarantined: int
    edits: int
    clusters: int
    pairs: int
    learned_lines: int = 0
    characters: int
    words: int
    # Pairs of a crowded LSH bucket beyond its first documents, once for each bucket they share.
    uncompared_pairs: int = 0
    by_reason: dict[str, int]
    by_relation: dict[str, int]
    by_rule: dict[str, int]
    flags: dict[str, int]
    languages: dict[str, int]

    @property
    def balanced(self) -> bool:
        """Whether every document that came in is accounted for."""
        return self.documents_in == self.curated + self.duplicates + self.quarantined


class Manifest(Facts):
    """All of it. `readme` is null while the dataset card is still being written from it."""

    snapshot: str
    schema_version: str
    writer: str
    counts: Counts
    tables: dict[str, TableFacts]
    readme: FileFacts | None = None
    settings: dict[str, dict[str, JsonValue]]
    rules: tuple[RuleFacts, ...]
    versions: dict[str, str]

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """Every file of the snapshot but the manifest itself."""
        tables = tuple(file for table in self.tables.values() for file in table.files)
        return (*tables, self.readme) if self.readme else tables

    def to_json(self) -> bytes:
        """The manifest as it is published."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def snapshot_id(manifest: Manifest) -> str:
    """16 hex digits over what the snapshot holds, known before any file is written."""
    tables = {
        name: TableFacts(
            rows=table.rows,
            files=tuple(file.model_copy(update={"bytes": 0, "sha256": ""}) for file in table.files),
        )
        for name, table in manifest.tables.items()
    }
    plain = manifest.model_copy(update={"snapshot": "", "readme": None, "tables": tables})
    return hashlib.sha256(plain.to_json()).hexdigest()[:16]


def content_settings(settings: Settings) -> dict[str, dict[str, JsonValue]]:
    """The settings that are part of a snapshot's identity, by group and name."""
    groups: dict[str, dict[str, JsonValue]] = settings.model_dump(mode="json", exclude=NOT_CONTENT)
    return groups


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`, a snapshot's folder or its manifest.json."""
    file = path / "manifest.json" if path.is_dir() else path
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        message = (
            f"{file} could not be read as a manifest: {error}. Expected a published snapshot. "
            "Check the path; if the snapshot is damaged, delete its folder and run again."
        )
        raise SnapshotError(message) from error
