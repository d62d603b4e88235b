"""Band and anchor entries on disk: which document is in which bucket.

A segment is the entries of documents that came together: one Parquet file whose row groups are its
shards, cut by the first bits of the key and sorted by it. Each column of a shard is a single plain
page, so that it can be mapped as the array it is: a night asks for few buckets, and to read them
all costs more than to pair those. Nothing is ever changed in a segment; entries of documents that
left stay there and are passed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.dedup.buckets import Entries, Mask, Shard
from pipeline.stages.buffers import arrow_numbers
from pipeline.store.durable import replacing

SHARD_BITS = 4
SHARDS = 1 << SHARD_BITS
WHOLE = 1 << 30  # rows and bytes that no page reaches


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of keys."""

    name: str
    dtype: type[np.unsignedinteger]


BANDS = Kind("bands", np.uint64)
ANCHORS = Kind("anchors", np.uint32)


def write_segment(path: Path, shards: Iterable[Entries], kind: Kind) -> None:
    """The shards, all of them and in their order, as a segment at `path`; whole or not at all."""
    schema = pa.schema(
        [
            pa.field("key", pa.from_numpy_dtype(kind.dtype), nullable=False),
            pa.field("number", pa.uint32(), nullable=False),
        ]
    )
    # Hashes neither compress nor repeat, and nobody looks for them by their range.
    with (
        replacing(path, named_later=True) as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="none",
            use_dictionary=False,
            write_statistics=False,
            data_page_size=WHOLE,
            max_rows_per_page=WHOLE,
        ) as writer,
    ):
        for entries in shards:
            columns = [arrow_numbers(entries.keys), arrow_numbers(entries.numbers)]
            table = pa.Table.from_arrays(columns, schema=schema)
            writer.write_table(table, row_group_size=max(1, len(table)))


def cut_shards(entries: Entries) -> Iterator[Entries]:
    """The entries by the first bits of their keys, in ascending order of these."""
    bits = entries.keys.dtype.itemsize * 8 - SHARD_BITS
    shard = (entries.keys >> entries.keys.dtype.type(bits)).astype(np.uint8)
    order = np.argsort(shard, kind="stable")
    for chosen in np.split(order, np.cumsum(np.bincount(shard, minlength=SHARDS))[:-1]):
        yield sort_entries(Entries(entries.keys[chosen], entries.numbers[chosen]))


def merge_runs(runs: list[Entries], alive: Mask) -> Entries:
    """The entries of all runs whose documents are alive, in order; a mask by number."""
    kept = [alive[run.numbers] for run in runs]
    keys = [run.keys[mask] for run, mask in zip(runs, kept, strict=True)]
    numbers = [run.numbers[mask] for run, mask in zip(runs, kept, strict=True)]
    return sort_entries(Entries(np.concatenate(keys), np.concatenate(numbers)))


def sort_entries(entries: Entries) -> Entries:
    """The entries in ascending order of their keys."""
    order = np.argsort(entries.keys)
    return Entries(entries.keys[order], entries.numbers[order])


def read_shards(stored: list[Path], added: list[Path], kind: Kind) -> Iterator[Shard]:
    """One shard after the other, of the segments that were there and of those that are new."""
    before, now = [_open(path) for path in stored], [_open(path) for path in added]
    for number in range(SHARDS):
        yield Shard(
            stored=[_read(file, number, kind) for file in before],
            added=[_read(file, number, kind) for file in now],
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """An open file, and the same file as bytes."""

    file: pq.ParquetFile
    content: pa.Buffer


def _open(path: Path) -> Segment:
    mapped = pa.memory_map(str(path))
    return Segment(pq.ParquetFile(mapped, pre_buffer=False), mapped.read_buffer())


def _read(segment: Segment, shard: int, kind: Kind) -> Entries:
    group = segment.file.metadata.row_group(shard)
    keys = _column(segment, group.column(0), np.dtype(kind.dtype))
    return Entries(keys, _column(segment, group.column(1), np.dtype(np.uint32)))


def _column(
    segment: Segment, chunk: pq.ColumnChunkMetaData, dtype: np.dtype[np.unsignedinteger]
) -> npt.NDArray[Any]:
    """The values of a plain page, which follow its head and are the end of the chunk."""
    end = chunk.data_page_offset + chunk.total_compressed_size
    start = end - chunk.num_values * dtype.itemsize
    return np.frombuffer(segment.content, dtype, chunk.num_values, start)
