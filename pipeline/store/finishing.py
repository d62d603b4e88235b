"""Finished batches: every live document with its fate, stored under what decided it.

A batch is finished anew only if a document of it changed its cluster, arrived or left.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.stages.finish import finish
from pipeline.store.batches import Batch, MapStage, digest, is_stored, load_live, write_frame
from pipeline.store.tidying import mark_used
from pipeline.store.versions import code_digest

LEFT_BEHIND = ("raw", "row_key")  # big, or of no use to anyone after this


@dataclass(frozen=True, slots=True)
class Finisher:
    """Finishes one batch at a time with what is known of all documents, by doc_id in order."""

    work: Path
    judged: MapStage
    members: pl.DataFrame
    arrivals: pl.DataFrame

    def __call__(self, batch: Batch) -> Path:
        """Where the finished rows of the batch lie."""
        ids = load_live(batch, work=self.work, stage=self.judged, columns=["doc_id"])["doc_id"]
        members, arrivals = find_rows(self.members, ids), find_rows(self.arrivals, ids)
        key = digest(
            code_digest("pipeline.stages.finish"),
            self.judged.key,
            ",".join(map(str, batch.dead)),
            _bytes_of(members),
            _bytes_of(arrivals),
        )
        path = self.work / "finished" / f"{batch.key}-{key}.parquet"
        if not is_stored(path):
            write_frame(path, finish(self._judged(batch), members, arrivals).drop(LEFT_BEHIND))
        mark_used(path)
        return path

    def _judged(self, batch: Batch) -> pl.DataFrame:
        """JUDGED rows, with nulls in the columns that are dropped again."""
        columns = [name for name in schema.JUDGED if name not in LEFT_BEHIND]
        rows = load_live(batch, work=self.work, stage=self.judged, columns=columns)
        absent = [pl.lit(None, schema.JUDGED[name]).alias(name) for name in LEFT_BEHIND]
        return rows.with_columns(absent).select(schema.JUDGED.names())


def find_rows(table: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The rows of a table in order of doc_id that have these ids, in the order of `ids`.

    A join would hash the whole table for every batch: at a million documents that took 70 ms a
    batch, this takes 1 to 30.
    """
    places = table["doc_id"].search_sorted(ids)
    asked = pl.DataFrame({"place": places, "id": ids}).filter(pl.col("place") < table.height)
    rows = table[asked["place"]]
    return rows.filter(rows["doc_id"] == asked["id"])


def _bytes_of(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    # Arrow's plain strings: views would carry the buffers of the table they were taken from.
    frame.write_ipc(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()
