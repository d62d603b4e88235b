"""The narrow rows of all documents, mapped as they lie in memory.

A night needs them of the whole corpus, though only a few are new. To unpack them from the stored
fingerprints costs five times what mapping does, mostly for memory that is touched for the first
time. So they are unpacked once for each batch and kept beside the index, which removes those of
batches that left; whatever is missing is unpacked again.
"""

from pathlib import Path

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.stages.order import Longs
from pipeline.store.batches import Batch, Corpus, MapStage, is_stored, load, read_frame
from pipeline.store.durable import replacing

LONG = ("bands", "anchors")  # two thirds of what is known of a document here
COLUMNS = tuple(name for name in schema.FINGERPRINTED if name not in LONG)


def read_narrow(corpus: Corpus, *, work: Path, stage: MapStage, folder: Path) -> pl.DataFrame:
    """FINGERPRINTED columns of all live documents, but for the long ones."""
    frames = []
    for batch in corpus.batches:
        path = narrow_path(folder, batch)
        if not is_stored(path):
            write_arrow(path, load(batch, work=work, stage=stage, columns=COLUMNS))
        rows = read_frame(path)
        frames.append(rows[live_rows(batch)] if batch.dead else rows)
    narrow = pl.concat(frames, rechunk=False)
    # Strings in many chunks are slow to gather; of numbers a part is wanted, or an array.
    return narrow.with_columns(narrow["doc_id"].rechunk(), narrow["source"].rechunk())


def live_rows(batch: Batch) -> Longs:
    """The numbers of the rows that are not dead."""
    return np.delete(np.arange(batch.rows), list(batch.dead))


def narrow_path(folder: Path, batch: Batch) -> Path:
    """Where the narrow rows of a batch lie."""
    return folder / f"narrow-{batch.key}.arrow"


def write_arrow(path: Path, frame: pl.DataFrame) -> None:
    """The frame at `path` as it lies in memory; Parquet takes four times as long."""
    with replacing(path, named_later=True) as file:
        frame.write_ipc(file, compression="uncompressed")
