"""Titles and texts of all documents of an index, in files that are mapped and not read.

A new document is compared with a few old ones that lie anywhere: to find their texts in the batches
whole batches would be decompressed, which costs more than all the rest of a night's increment.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.dedup.buckets import Mask
from pipeline.dedup.overlap import Rows
from pipeline.stages.buffers import TitledTexts, arrow_numbers, numpy_numbers, strings_of
from pipeline.store.durable import replacing

SCHEMA = pa.schema(
    [
        ("number", pa.uint32()),
        ("key", pa.large_string()),
        ("title", pa.large_string()),
        ("text", pa.large_string()),
    ]
)


def write_texts(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """The batches, whose numbers ascend, as a file at `path`, whole or not at all."""
    with replacing(path, named_later=True) as file, pa.ipc.new_file(file, SCHEMA) as writer:
        for batch in batches:
            writer.write_batch(batch)


def make_batch(numbers: Rows, keys: pl.Series, texts: pl.DataFrame) -> pa.RecordBatch:
    """The row keys, titles and texts of the documents with these numbers."""
    columns = [
        column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        for column in (keys, texts["title"], texts["text"])
    ]
    numbered = [arrow_numbers(numbers.astype(np.uint32)), *columns]
    return pa.RecordBatch.from_arrays(numbered, schema=SCHEMA)


class MappedTexts:
    """Texts by document number, of all files of an index together."""

    def __init__(self, paths: Iterable[Path]) -> None:
        batches = [batch for path in paths for batch in _batches(path) if batch.num_rows]
        self._batches = sorted(batches, key=lambda batch: int(batch.column(0)[0].as_py()))
        self._numbers = [numpy_numbers(batch.column(0)).astype(np.int64) for batch in self._batches]
        self._firsts = np.array([numbers[0] for numbers in self._numbers], np.int64)

    def read(self, numbers: Rows) -> TitledTexts:
        """Titles and texts of these documents, in the order asked."""
        found = self._take(numbers, ["title", "text"])
        return TitledTexts(strings_of(found.column(0)), strings_of(found.column(1)))

    def keys(self, numbers: Rows) -> pl.Series:
        """The row keys of these documents, in the order asked."""
        return pl.Series(self._take(numbers, ["key"]).column(0))

    def _take(self, numbers: Rows, columns: list[str]) -> pa.RecordBatch:
        holder = np.searchsorted(self._firsts, numbers, side="right") - 1
        parts, places = [], []
        for k in np.unique(holder).tolist():
            here = np.flatnonzero(holder == k)
            rows = np.searchsorted(self._numbers[k], numbers[here])
            parts.append(self._batches[k].select(columns).take(arrow_numbers(rows)))
            places.append(here)
        together = pa.concat_batches(parts)
        order = np.concatenate(places)
        if (np.diff(order) < 0).any():
            together = together.take(arrow_numbers(np.argsort(order)))
        return together

    def kept(self, alive: Mask) -> Iterator[pa.RecordBatch]:
        """The batches without the documents that are not alive; a mask by number."""
        for batch, numbers in zip(self._batches, self._numbers, strict=True):
            yield batch.take(arrow_numbers(np.flatnonzero(alive[numbers])))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    file = pa.ipc.open_file(pa.memory_map(str(path)))
    for k in range(file.num_record_batches):
        yield file.get_batch(k)
