"""Band and anchor entries on disk: which document is in which bucket.

A segment is the entries of documents that came together: one Parquet file whose row groups are its
shards, cut by the first bits of the key, so that a reader need hold no more than one shard of all
segments at a time. Nothing is ever changed in a segment; entries of documents that left stay there
and are passed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.stages.buffers import arrow_numbers, numpy_numbers
from pipeline.stages.index import Entries, Shard
from pipeline.store.durable import replacing

SHARD_BITS = 4
SHARDS = 1 << SHARD_BITS
COLUMNS = ("key", "number")


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of keys."""

    name: str
    dtype: type[np.unsignedinteger]


BANDS = Kind("bands", np.uint64)
ANCHORS = Kind("anchors", np.uint32)


def write_segment(path: Path, shards: Iterable[Entries], kind: Kind) -> None:
    """The shards, all of them and in their order, as a segment at `path`; whole or not at all."""
    # Hashes neither compress nor repeat, and nobody looks for them by their range.
    with (
        replacing(path) as file,
        pq.ParquetWriter(
            file,
            pa.schema([("key", pa.from_numpy_dtype(kind.dtype)), ("number", pa.uint32())]),
            compression="none",
            use_dictionary=False,
            write_statistics=False,
        ) as writer,
    ):
        for entries in shards:
            columns = [arrow_numbers(entries.keys), arrow_numbers(entries.numbers)]
            table = pa.Table.from_arrays(columns, names=COLUMNS)
            writer.write_table(table, row_group_size=max(1, len(table)))


def cut_shards(entries: Entries) -> Iterator[Entries]:
    """The entries by the first bits of their keys."""
    bits = entries.keys.dtype.itemsize * 8 - SHARD_BITS
    shard = (entries.keys >> entries.keys.dtype.type(bits)).astype(np.uint8)
    order = np.argsort(shard, kind="stable")
    bounds = np.cumsum(np.bincount(shard, minlength=SHARDS))[:-1]
    keys, numbers = np.split(entries.keys[order], bounds), np.split(entries.numbers[order], bounds)
    yield from map(Entries, keys, numbers)


def read_shards(stored: list[Path], added: list[Path], kind: Kind) -> Iterator[Shard]:
    """One shard after the other, of the segments that were there and of those that are new."""
    before, now = [_open(path) for path in stored], [_open(path) for path in added]
    for number in range(SHARDS):
        yield Shard(_read(before, number, kind), _read(now, number, kind))


def _open(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, pre_buffer=False)


def _read(files: list[pq.ParquetFile], shard: int, kind: Kind) -> Entries:
    keys, numbers = [], []
    for file in files:
        table = file.read_row_group(shard, use_threads=False)
        for chunk in table.to_batches():
            keys.append(numpy_numbers(chunk.column(0)))
            numbers.append(numpy_numbers(chunk.column(1)))
    if not keys:
        return Entries(np.zeros(0, kind.dtype), np.zeros(0, np.uint32))
    if len(keys) == 1:
        return Entries(keys[0], numbers[0])
    return Entries(np.concatenate(keys), np.concatenate(numbers))
