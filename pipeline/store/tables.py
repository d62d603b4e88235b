"""The one Parquet writer: equal frames become equal bytes, in a file every reader understands.

Polars' own writers follow the chunks and threads a frame has been through, so the bytes of a
published or hashed file come from pyarrow, out of combined chunks and row groups of fixed size.
Arrow's "large" types are narrowed to their plain ones, which all readers know.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.glossary import DESCRIPTIONS
from pipeline.store.durable import replacing

# Goes into the names of published parts: another pyarrow may write other bytes for the same rows.
WRITER = f"1/pyarrow-{pa.__version__}"
ROW_GROUP_ROWS = 20_000
# A plain string column addresses 2 GiB. A quarter of that also keeps a reader's memory small.
ROW_GROUP_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TableFile:
    """A Parquet file as it was written."""

    path: Path
    rows: int
    bytes: int
    sha256: str


def write_table(
    path: Path, frame: pl.DataFrame, *, row_group_rows: int = ROW_GROUP_ROWS
) -> TableFile:
    """`frame` as a Parquet file that appears under `path` whole or not at all.

    The bytes depend on the frame's columns and values alone.
    """
    return write_frames(path, [frame], schema=frame.schema, row_group_rows=row_group_rows)


def write_frames(
    path: Path,
    frames: Iterable[pl.DataFrame],
    *,
    schema: pl.Schema,
    row_group_rows: int = ROW_GROUP_ROWS,
) -> TableFile:
    """`frames`, one after the other, as one Parquet file; no row group spans two of them."""
    target = arrow_schema(schema)
    rows = 0
    with replacing(path) as file:
        with pq.ParquetWriter(
            file, target, compression="zstd", compression_level=3, write_page_index=True
        ) as writer:
            for frame in frames:
                rows += frame.height
                for group in _row_groups(frame, row_group_rows):
                    table = group.cast(target).combine_chunks()
                    writer.write_table(table, row_group_size=table.num_rows)
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return TableFile(path=path, rows=rows, bytes=size, sha256=digest)


def arrow_schema(schema: pl.Schema) -> pa.Schema:
    """`schema` in plain Arrow types, every field with its description where there is one."""
    wide = pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    return pa.schema([_field(field) for field in wide])


def _field(field: pa.Field) -> pa.Field:
    text = DESCRIPTIONS.get(field.name)
    metadata = {"description": text} if text else None
    return pa.field(field.name, _plain(field.type), metadata=metadata)


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([_field(field) for field in kind])
    return kind


def _row_groups(frame: pl.DataFrame, rows: int) -> Iterator[pa.Table]:
    """Slices of at most `rows` rows, halved until their strings fit one row group."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    waiting = [table.slice(start, rows) for start in range(0, table.num_rows, rows)][::-1]
    while waiting:
        group = waiting.pop()
        half = group.num_rows // 2
        if half and sum(map(_string_bytes, group.columns)) > ROW_GROUP_BYTES:
            waiting += [group.slice(half), group.slice(0, half)]
        else:
            yield group


def _string_bytes(column: pa.ChunkedArray) -> int:
    """Bytes of the strings in `column`, at any depth: of values, so free of a frame's history."""
    if pa.types.is_large_string(column.type) or pa.types.is_large_binary(column.type):
        return int(pc.sum(pc.binary_length(column)).as_py() or 0)
    if pa.types.is_large_list(column.type):
        return _string_bytes(pc.list_flatten(column))
    if pa.types.is_struct(column.type):
        return sum(map(_string_bytes, column.flatten()))
    return 0
