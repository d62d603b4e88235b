"""Finished batches: every live document with its fate, stored under what decided it.

A batch is finished anew only if a document of it changed its cluster, arrived or left.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import schema
from pipeline.stages.finish import finish
from pipeline.store.batches import Batch, MapStage, digest, load_live, write_frame
from pipeline.store.versions import code_digest

LEFT_BEHIND = ("raw", "row_key")  # big, or of no use to anyone after this


@dataclass(frozen=True, slots=True)
class Finisher:
    """Finishes one batch at a time with what is known of all documents."""

    work: Path
    judged: MapStage
    members: pl.DataFrame
    arrivals: pl.DataFrame

    def __call__(self, batch: Batch) -> Path:
        """Where the finished rows of the batch lie."""
        ids = load_live(batch, work=self.work, stage=self.judged, columns=["doc_id"])
        members = ids.join(self.members, on="doc_id", maintain_order="left")
        arrivals = ids.join(self.arrivals, on="doc_id", maintain_order="left")
        key = digest(
            code_digest("pipeline.stages.finish"),
            self.judged.key,
            ",".join(map(str, batch.dead)),
            _bytes_of(members),
            _bytes_of(arrivals),
        )
        path = self.work / "finished" / f"{batch.key}-{key}.parquet"
        if not path.exists():
            columns = schema.JUDGED.names()
            judged = load_live(batch, work=self.work, stage=self.judged, columns=columns)
            write_frame(path, finish(judged, members, arrivals).drop(LEFT_BEHIND))
        return path


def _bytes_of(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return buffer.getvalue()
