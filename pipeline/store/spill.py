"""Rows regrouped from batches into parts, on disk, so that neither all batches nor all parts are
ever in memory.

Batches follow the input files and parts the published order, and the two may have nothing in
common. So each batch is read once and its rows laid down part by part, in an Arrow file whose
record batches can be fetched one at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipeline import schema
from pipeline.store.durable import writing
from pipeline.store.finished import Finished


@dataclass(frozen=True, slots=True)
class Spill:
    """Columns of finished rows, to be fetched by part."""

    schema: pl.Schema
    places: dict[int, list[tuple[Path, int]]] = field(default_factory=dict)

    def fetch(self, part: int) -> pl.DataFrame:
        """The rows of a part in their order."""
        frames = [_record_batch(path, number) for path, number in self.places.get(part, ())]
        if not frames:
            return pl.DataFrame(schema=self.schema)
        return pl.concat(frames).sort("place").select(self.schema.names())


def spill_rows(
    finished: Finished, wanted: pl.DataFrame, *, columns: Sequence[str], folder: Path
) -> Spill:
    """The wanted rows by part. `wanted` has batch, row, part and place, a row's number in order."""
    with writing(folder):
        folder.mkdir(parents=True)
    spill = Spill(schema=pl.Schema({name: schema.FINISHED[name] for name in columns}))
    for batch in wanted["batch"].unique().sort():
        rows = wanted.filter(pl.col("batch") == batch).sort("row")
        frame = finished.load(batch, rows["row"], columns).hstack(rows.select("part", "place"))
        path = folder / f"{batch}.arrow"
        for number, part in enumerate(_lay_down(path, frame.sort("part", "place"))):
            spill.places.setdefault(part, []).append((path, number))
    return spill


def _lay_down(path: Path, frame: pl.DataFrame) -> Iterator[int]:
    """The parts of `frame`, each written as one record batch."""
    lengths = frame["part"].rle().struct.unnest()
    table = frame.drop("part").to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with writing(path), pa.ipc.new_file(path, table.schema, options=options) as writer:
        start = 0
        for length, part in lengths.select("len", "value").iter_rows():
            writer.write_batch(table.slice(start, length).to_batches()[0])
            start += length
            yield part


def _record_batch(path: Path, number: int) -> pl.DataFrame:
    with pa.memory_map(str(path)) as source:
        frame = pl.from_arrow(pa.ipc.open_file(source).get_batch(number))
    assert isinstance(frame, pl.DataFrame)
    return frame
