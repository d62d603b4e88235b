"""Files of records that are read as one table, some rows at a time, as often as need be."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputMissingError

BATCH_ROWS = 2_048
# Uncompressed. Larger inputs are read anew for each pass.
HELD_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the input mean what; title may be absent."""

    text: str = "text"
    id: str = "id"
    title: str = "title"


@dataclass(frozen=True, slots=True)
class OneTable:
    """Parquet files that are read as one table, in order of their names."""

    paths: tuple[Path, ...]
    schema: pa.Schema
    rows: int
    columns: Columns
    held: list[pa.RecordBatch] = field(default_factory=list)  # all rows, where they are few

    def has(self, name: str) -> bool:
        """Whether any of the files has the column."""
        return name in self.schema.names

    def batches(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        """The rows of all files, a bounded number at a time, with these columns."""
        if self.held:
            yield from (batch.select(names) for batch in self.held)
            return
        wanted = pa.schema([self.schema.field(name) for name in names])
        for path in self.paths:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                present = [name for name in names if name in file.schema_arrow.names]
                for batch in file.iter_batches(BATCH_ROWS, columns=present, use_threads=False):
                    yield batch if batch.schema.equals(wanted) else _align(batch, wanted)


def open_table(source: Path, columns: Columns, target: Path, stack: ExitStack) -> OneTable:
    """The input as Parquet files; JSON lines become one in `target` until the stack is left.

    Raises InputMissingError where there is no file, no column of texts, or no row.
    """
    paths = _find(source)
    if paths[0].suffix != ".parquet":
        converted = target / ".input.parquet"
        stack.callback(converted.unlink, missing_ok=True)
        pl.scan_ndjson(paths, infer_schema_length=None).sink_parquet(converted)
        paths = [converted]
    files = [pq.ParquetFile(path) for path in paths]
    schema = pa.unify_schemas([file.schema_arrow for file in files])
    rows = sum(file.metadata.num_rows for file in files)
    size = sum(_size(file.metadata) for file in files)
    for file in files:
        file.close()
    if columns.text not in schema.names:
        message = (
            f"{source} has no column {columns.text!r}. It has: {', '.join(schema.names)}. "
            "Name the one that holds the text."
        )
        raise InputMissingError(message)
    if rows == 0:
        message = f"{source} holds no rows. Expected at least one document."
        raise InputMissingError(message)
    table = OneTable(tuple(paths), schema.remove_metadata(), rows, columns)
    _hold(table, size)
    return table


def _hold(table: OneTable, size: int) -> None:
    """Read all rows at once if they are small: to decompress them three times costs more."""
    if size > HELD_BYTES:
        return
    for batch in table.batches(table.schema.names):
        table.held.append(batch)


def _size(file: pq.FileMetaData) -> int:
    return sum(file.row_group(k).total_byte_size for k in range(file.num_row_groups))


def _find(source: Path) -> list[Path]:
    """The input's files of one kind, by name: Parquet where there is any, else JSON lines."""
    for endings in ((".parquet",), (".jsonl", ".jsonl.gz", ".jsonl.zst")):
        patterns = ("docs-*", "*") if source.is_dir() else (source.name,)
        folder = source if source.is_dir() else source.parent
        for pattern in patterns:
            found = sorted(p for p in folder.glob(pattern) if p.name.endswith(endings))
            if found and all(path.is_file() for path in found):
                return found
    message = f"No .parquet or .jsonl file at {source}. Name a file, a folder or a pattern."
    raise InputMissingError(message)


def _align(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """The batch with the columns and types of all files; null where its own file has none."""
    arrays = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in wanted
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=wanted)
