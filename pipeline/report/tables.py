"""The tables of one published snapshot, scanned lazily.

A table without any row may have no file at all; it is then empty here, never missing.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.errors import SnapshotError


@dataclass(frozen=True, slots=True)
class Tables:
    """One lazy frame per table; nothing is read before it is collected."""

    documents: pl.LazyFrame
    duplicates: pl.LazyFrame
    quarantine: pl.LazyFrame
    edits: pl.LazyFrame
    learned_lines: pl.LazyFrame
    clusters: pl.LazyFrame
    pairs: pl.LazyFrame


def open_tables(snapshot: Path) -> Tables:
    """The tables under a snapshot's folder; SnapshotError where there is none of them."""
    if not any(table_files(snapshot, name) for name in schemas()):
        message = (
            f"{snapshot} holds none of the tables of a snapshot. Expected documents/*.parquet and "
            "its companions. Name the folder of one snapshot, snapshots/<id>."
        )
        raise SnapshotError(message)
    frames = {name: _scan(snapshot, name, expected) for name, expected in schemas().items()}
    return Tables(**frames)


def schemas() -> dict[str, pl.Schema]:
    """The published tables by name, the curated documents first."""
    return {
        "documents": schema.DOCUMENTS,
        "duplicates": schema.DUPLICATES,
        "quarantine": schema.QUARANTINE,
        "edits": schema.EDITS,
        "learned_lines": schema.LEARNED_LINES,
        "clusters": schema.CLUSTERS,
        "pairs": schema.PAIRS,
    }


def table_files(snapshot: Path, name: str) -> list[Path]:
    """The files of a table, sorted: parts of a folder, or the one file of its name."""
    single = snapshot / f"{name}.parquet"
    return [single] if single.is_file() else sorted((snapshot / name).glob("*.parquet"))


def texts(tables: Tables) -> pl.LazyFrame:
    """doc_id, source_id, fate and text of every document of the snapshot, whatever its fate."""
    fates = {
        "curated": tables.documents,
        "duplicate": tables.duplicates,
        "quarantined": tables.quarantine,
    }
    return pl.concat(
        frame.select("doc_id", "source_id", "text", fate=pl.lit(fate))
        for fate, frame in fates.items()
    )


def _scan(snapshot: Path, name: str, expected: pl.Schema) -> pl.LazyFrame:
    files = table_files(snapshot, name)
    if not files:
        return pl.LazyFrame(schema=expected)
    return pl.scan_parquet(files, glob=False)
