"""Files to records: one reader per format, and what becomes of a file that cannot be read.

The surprise: a reader may raise BrokenInputError after any number of good records. They stay, and
the break becomes one more record.
"""

import json
from collections.abc import Iterator
from typing import BinaryIO

from fsspec import AbstractFileSystem

from pipeline.settings import IngestSettings
from pipeline.store.csv_records import read_csv
from pipeline.store.fields import NO_FIELDS, read_fields
from pipeline.store.html_records import read_html, reader_versions
from pipeline.store.listing import InputFile, Kind, Packing
from pipeline.store.members import Members
from pipeline.store.parquet_records import read_parquet
from pipeline.store.records import PassedOver, Record, broken, text_record, too_large
from pipeline.store.streams import BrokenInputError, Line, read_lines, read_pieces
from pipeline.store.warc_records import read_warc, read_wet


def read_records(
    filesystem: AbstractFileSystem, file: InputFile, settings: IngestSettings
) -> Iterator[Record | PassedOver]:
    """Every record of the file in order; never raises for what the file is or holds.

    Raises ExtraMissingError where the package that reads its kind is not installed.
    """
    reader_versions(file)
    if file.problem:
        yield Record(0, None, error="unreadable_file", detail=file.problem)
        return
    try:
        with filesystem.open(file.path, "rb") as stream:
            yield from _read(stream, file, settings)
    except BrokenInputError as error:
        tail = error.tail if 0 < len(error.tail) <= settings.max_document_bytes else None
        yield Record(0, tail, error=error.reason, detail=error.detail)
    except OSError as error:
        detail = f"cannot be opened: {error.strerror or type(error).__name__}"
        yield Record(0, None, error="unreadable_file", detail=detail)


def _read(
    stream: BinaryIO, file: InputFile, settings: IngestSettings
) -> Iterator[Record | PassedOver]:
    if file.kind == Kind.PARQUET and not file.packing:
        yield from read_parquet(stream, settings)
        return
    pieces = _pieces(stream, file, settings)
    match file.kind:
        case Kind.TEXT:
            yield _read_text(pieces, settings)
        case Kind.JSONL:
            yield from _read_jsonl(pieces, settings)
        case Kind.CSV:
            yield from read_csv(pieces, settings)
        case Kind.PARQUET:
            yield from read_parquet(pieces, settings)
        case Kind.HTML:
            yield read_html(pieces, settings)
        case Kind.WARC:
            yield from read_warc(pieces, settings)
        case Kind.WET:
            yield from read_wet(pieces, settings)


def _pieces(stream: BinaryIO, file: InputFile, settings: IngestSettings) -> Iterator[bytes]:
    if file.kind in {Kind.WARC, Kind.WET} and file.packing == Packing.GZIP:
        packed = read_pieces(stream, Packing.NONE, max_bytes=settings.max_file_bytes)
        return Members(packed, max_bytes=settings.max_file_bytes)
    return read_pieces(stream, file.packing, max_bytes=settings.max_file_bytes)


def _read_text(pieces: Iterator[bytes], settings: IngestSettings) -> Record:
    """The whole file as one document; what is longer than that is not even read to its end."""
    held = bytearray()
    try:
        for piece in pieces:
            held += piece
            if len(held) > settings.max_document_bytes:
                return too_large(0, "a longer file", NO_FIELDS, settings)
    except BrokenInputError as error:
        raise BrokenInputError(error.reason, error.detail, tail=bytes(held)) from error
    return Record(0, bytes(held))


def _read_jsonl(pieces: Iterator[bytes], settings: IngestSettings) -> Iterator[Record]:
    number = 0
    try:
        for line in read_lines(pieces, max_bytes=settings.max_line_bytes):
            if line.data is None or line.data.strip():
                number += 1
                yield _read_line(number, line, settings)
    except BrokenInputError as error:
        # An object says itself where it ends: one that is whole is a record, newline or not.
        last = Line(0, len(error.tail), error.tail)
        record = _read_line(number + 1, last, settings)
        if record.error == "broken_record":
            raise
        yield record
        raise BrokenInputError(error.reason, error.detail) from error


def _read_line(number: int, line: Line, settings: IngestSettings) -> Record:
    if line.data is None:
        detail = f"line {line.number}: {line.size:,} bytes, at most {settings.max_line_bytes:,}"
        return Record(number, None, error="line_too_long", detail=detail)
    raw = line.data.rstrip(b"\r\n")
    try:
        values = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        return broken(number, raw, f"line {line.number}: {_fault(error)}", settings)
    if not isinstance(values, dict):
        return broken(number, raw, f"line {line.number}: JSON, but not an object", settings)
    present = settings.text in values
    fields = read_fields(values, settings)
    return text_record(number, values.get(settings.text), fields, settings, present=present)


def _fault(error: ValueError | RecursionError) -> str:
    match error:
        case json.JSONDecodeError():
            return f"{error.msg} at character {error.pos}"
        case UnicodeDecodeError():
            return f"not UTF-8 at byte {error.start}"
        case RecursionError():
            return "nested too deeply"
        case _:
            return "a number of too many digits"
