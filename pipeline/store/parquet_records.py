"""Records of Parquet files, read in batches of bounded bytes.

Texts are taken as bytes: many writers leave out that a column is UTF-8, and those that say it do
not always keep it. Decoding is the clean stage's business, for this format too.
"""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputUnwritableError
from pipeline.settings import IngestSettings
from pipeline.store.fields import EPOCH, MICROSECOND, read_fields
from pipeline.store.records import Record, shown, text_record
from pipeline.store.streams import BrokenInputError

BATCH_BYTES = 8_000_000
BATCH_ROWS = 2_000


def read_parquet(source: BinaryIO | Iterator[bytes], settings: IngestSettings) -> Iterator[Record]:
    """A record per row; a single one that says so where there is no text column.

    The format is read from its end, so an unpacked stream of pieces goes through a scratch file.
    """
    if isinstance(source, Iterator):
        with tempfile.TemporaryFile() as scratch:
            _unpack(source, scratch)
            yield from _read(scratch, settings)
    else:
        yield from _read(source, settings)


def _unpack(pieces: Iterator[bytes], scratch: BinaryIO) -> None:
    try:
        scratch.writelines(pieces)
        scratch.seek(0)
    except OSError as error:
        message = (
            f"A packed Parquet file cannot be unpacked into {tempfile.gettempdir()}: {error}. "
            "Expected room for it there. Free some, or point TMPDIR elsewhere."
        )
        raise OutputUnwritableError(message) from error


def _read(stream: BinaryIO, settings: IngestSettings) -> Iterator[Record]:
    number = 0
    try:
        file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
        names = file.schema_arrow.names
        if settings.text not in names:
            detail = f"no column {settings.text!r} among {shown(names)}"
            yield Record(0, None, error="missing_text_column", detail=detail)
            return
        mapped = dict.fromkeys(_mapped(settings))
        wanted = [name for name in mapped if name in names]
        for batch in file.iter_batches(_batch_rows(file), columns=wanted, use_threads=False):
            # By place: of two columns with one name the first one counts.
            places = {name: batch.schema.names.index(name) for name in wanted}
            columns = {name: _values(batch.column(place)) for name, place in places.items()}
            for row in zip(*columns.values(), strict=True):
                number += 1
                values = dict(zip(columns, row, strict=True))
                fields = read_fields(values, settings)
                yield text_record(number, values[settings.text], fields, settings)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        what = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        if number == 0:
            raise BrokenInputError("unreadable_file", f"no Parquet: {what}") from error
        raise BrokenInputError("damaged_file", f"after {number:,} rows: {what}") from error


def _mapped(settings: IngestSettings) -> list[str]:
    return [
        settings.text,
        settings.id,
        settings.url,
        settings.title,
        settings.source,
        settings.published_at,
        settings.language,
    ]


def _batch_rows(file: pq.ParquetFile) -> int:
    """Rows of a batch such that the mean one stays below the bound."""
    groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1)
    return max(1, min(BATCH_ROWS, int(BATCH_BYTES / max(widest, 1))))


def _values(column: pa.Array) -> list[object]:
    """Python values: bytes for strings, times without the nanoseconds that Python lacks."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = column.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64())
        return [_moment(value) for value in micros.to_pylist()]
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.cast(pa.large_binary())
    values: list[object] = column.to_pylist()
    return values


def _moment(micros: int | None) -> datetime | None:
    try:
        return None if micros is None else EPOCH + micros * MICROSECOND
    except OverflowError:
        return None
