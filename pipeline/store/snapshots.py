"""Snapshots: the whole corpus written to a folder of its own, under a name that says what is in it.

A snapshot is staged where no reader looks and complete before it is published. A part whose rows
the served snapshot has too is not written again but shared with it.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.errors import LedgerError, SnapshotError
from pipeline.settings import Settings
from pipeline.stages.learn import count_cuts, without_names
from pipeline.store.durable import discard, write_bytes
from pipeline.store.filling import fill_folder, is_there
from pipeline.store.finished import Finished
from pipeline.store.manifest import (
    FileFacts,
    Manifest,
    RuleFacts,
    TableFacts,
    content_settings,
    read_manifest,
    snapshot_id,
)
from pipeline.store.plan import Plan, count, plan_snapshot
from pipeline.store.reading import read_latest
from pipeline.store.tables import WRITER


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot is made from beside its rows.

    `documents_in` is what ingest counted, `uncompared` the pairs that clustering left out, `lines`
    what was learned from all documents (KNOWN_LINES).
    """

    documents_in: int
    settings: Settings
    rules: Sequence[RuleFacts]
    versions: dict[str, str]
    uncompared: int = 0
    lines: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=schema.KNOWN_LINES))


@dataclass(frozen=True, slots=True)
class Staged:
    """A complete snapshot that is not served yet; one that exists already lies in its place."""

    folder: Path
    manifest: Manifest


def stage_snapshot(
    finished: Finished,
    pairs: pl.DataFrame,
    *,
    root: Path,
    content: Content,
    card: Callable[[Manifest], str],
) -> Staged:
    """The snapshot of these documents under `root`, ready to be published.

    `card` writes the dataset card from the manifest, which lists all but the card itself. Raises
    LedgerError if an id occurs twice or the documents are not as many as came in.
    """
    rows = finished.narrow().sort("first_seen", "source_id", "doc_id")
    hits = finished.rule_hits()
    plan = plan_snapshot(
        rows, pairs, count_cuts(content.lines, hits), part_rows=content.settings.publish.part_rows
    )
    manifest = _planned_manifest(rows, plan, without_names(hits), content)
    _require_ledger(rows, manifest)
    place = root / "snapshots" / manifest.snapshot
    if is_whole(place):
        return Staged(folder=place, manifest=read_manifest(place))
    folder = root / f".staging-{manifest.snapshot}-{os.getpid()}"
    discard(folder)
    facts = fill_folder(folder, plan, finished, served=_served(root))
    manifest = _with_files(manifest, facts)
    readme = card(manifest).encode()
    write_bytes(folder / "README.md", readme)
    manifest = manifest.model_copy(update={"readme": _card_facts(readme)})
    write_bytes(folder / "manifest.json", manifest.to_json())
    return Staged(folder=folder, manifest=manifest)


def is_whole(folder: Path) -> bool:
    """Whether the snapshot in `folder` has all its files, by name and size."""
    manifest = _manifest_in(folder)
    return manifest is not None and all(is_there(folder, file) for file in manifest.files)


def _manifest_in(folder: Path) -> Manifest | None:
    """None where there is none to be read: a damaged snapshot is not taken over, but written."""
    try:
        return read_manifest(folder)
    except SnapshotError:
        return None


def _planned_manifest(
    rows: pl.DataFrame, plan: Plan, hits: dict[str, int], content: Content
) -> Manifest:
    """The manifest but for what only written files can tell."""
    rules = sorted(content.rules, key=lambda rule: rule.name)
    manifest = Manifest(
        snapshot="",
        schema_version=schema.VERSION,
        writer=WRITER,
        counts=count(
            rows,
            plan,
            documents_in=content.documents_in,
            uncompared=content.uncompared,
            hits=hits,
        ),
        tables=plan.tables,
        settings=content_settings(content.settings),
        rules=tuple(rule.model_copy(update={"hits": hits.get(rule.name, 0)}) for rule in rules),
        versions=dict(sorted(content.versions.items())),
    )
    return manifest.model_copy(update={"snapshot": snapshot_id(manifest)})


def _with_files(manifest: Manifest, facts: dict[str, FileFacts]) -> Manifest:
    tables = {
        name: TableFacts(rows=table.rows, files=tuple(facts[file.path] for file in table.files))
        for name, table in manifest.tables.items()
    }
    return manifest.model_copy(update={"tables": tables})


def _card_facts(readme: bytes) -> FileFacts:
    digest = hashlib.sha256(readme).hexdigest()
    return FileFacts(path="README.md", content=digest, rows=0, bytes=len(readme), sha256=digest)


def _served(root: Path) -> tuple[Path, Manifest] | None:
    latest = read_latest(root)
    folder = root / "snapshots" / latest.snapshot if latest else root
    manifest = _manifest_in(folder)
    return (folder, manifest) if manifest else None


def _require_ledger(rows: pl.DataFrame, manifest: Manifest) -> None:
    if rows["doc_id"].n_unique() != rows.height:
        twice = rows.filter(pl.col("doc_id").is_duplicated())["doc_id"][0]
        message = (
            f"The document {twice} occurs more than once among the finished rows. Expected every "
            "doc_id once. Delete the working state and run again; nothing was published."
        )
        raise LedgerError(message)
    counts = manifest.counts
    if not counts.balanced:
        message = (
            f"{counts.documents_in} documents came in, but {counts.curated} curated + "
            f"{counts.duplicates} duplicates + {counts.quarantined} quarantined are "
            f"{rows.height}. Expected the same number. Delete the working state and run again; "
            "nothing was published."
        )
        raise LedgerError(message)
