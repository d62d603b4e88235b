"""Finished rows where they lie: narrow columns of all documents at once, wide ones on demand.

Publishing orders the whole corpus, which takes few columns, but holds the texts of one part only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from pipeline import schema
from pipeline.store.batches import read_frame

_KEPT = (
    "doc_id",
    "source_id",
    "first_seen",
    "fate",
    "cluster_id",
    "relation",
    "language",
    "n_chars",
    "n_words",
    "flags",
    "reasons",
    "edits_sha256",
    "row_sha256",
)
NARROW = pl.Schema(
    [
        ("batch", pl.UInt32),
        ("row", pl.UInt32),
        *((name, schema.FINISHED[name]) for name in _KEPT),
        ("n_edits", pl.UInt32),
    ]
)


class Finished(Protocol):
    """All live documents after the finish stage, in numbered batches of numbered rows."""

    def narrow(self) -> pl.DataFrame:
        """NARROW columns of every document."""
        ...

    def rule_hits(self) -> dict[str, int]:
        """How many edits each rule made."""
        ...

    def load(self, batch: int, rows: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of these rows of a batch, in the order of `rows`."""
        ...


@dataclass(frozen=True, slots=True)
class FinishedFiles:
    """FINISHED rows in Parquet files, one for each batch."""

    paths: tuple[Path, ...]
    dropped: Path | None = None  # what finishing dropped: documents that became equal to others

    def evidence(self) -> pl.DataFrame:
        """PAIRS: each of these documents beside the one that was kept for it."""
        return read_frame(self.dropped) if self.dropped else pl.DataFrame(schema=schema.PAIRS)

    def narrow(self) -> pl.DataFrame:
        """NARROW columns of every document."""
        frames = [
            read_frame(path, [*_KEPT, "edits"])
            .with_row_index("row")
            .with_columns(
                pl.lit(number, dtype=pl.UInt32).alias("batch"),
                pl.col("edits").list.len().fill_null(0).alias("n_edits"),
            )
            .select(NARROW.names())
            for number, path in enumerate(self.paths)
        ]
        return pl.concat([pl.DataFrame(schema=NARROW), *frames])

    def rule_hits(self) -> dict[str, int]:
        """How many edits each rule made."""
        rule = pl.col("edits").explode(empty_as_null=False, keep_nulls=False).struct.field("rule")
        counts = [
            read_frame(path, ["edits"])
            .select(rule)
            .group_by("rule")
            .agg(pl.len().cast(pl.Int64).alias("hits"))
            for path in self.paths
        ]
        empty = pl.DataFrame(schema={"rule": pl.String, "hits": pl.Int64})
        hits = pl.concat([empty, *counts]).group_by("rule").sum().sort("rule")
        return dict(hits.iter_rows())

    def load(self, batch: int, rows: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of these rows of a batch, in the order of `rows`."""
        return read_frame(self.paths[batch], list(columns)).select(columns)[rows]
