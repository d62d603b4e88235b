"""Records of input files, and the RAW rows made of them.

A record that cannot be used is a record all the same: it has an error instead of a text, becomes a
row like any other and ends in quarantine. Its id is a hash of what was found in its place.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline import schema
from pipeline.settings import IngestSettings
from pipeline.store.batches import digest
from pipeline.store.fields import NO_FIELDS, Fields, as_json


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, or one reason why there is none."""

    number: int  # within its file, from 1, broken ones counted; 0 speaks of the whole file
    raw: bytes | None
    fields: Fields = NO_FIELDS
    error: str | None = None
    detail: str | None = None

    @property
    def size(self) -> int:
        """Bytes this record keeps in memory, roughly."""
        words = (self.fields.id, self.fields.url, self.fields.title, self.fields.source)
        return 500 + len(self.raw or b"") + sum(len(word or "") for word in words)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What stands in a file between its documents and is none."""


def text_record(
    number: int, value: object, fields: Fields, settings: IngestSettings, *, present: bool = True
) -> Record:
    """The record with this value as its text, if it is one."""
    error: str | None = None
    detail: str | None = None
    if value is None:
        detail = "the text is null" if present else f"no field {settings.text!r}"
        return Record(number, None, fields, "null_text", detail)
    if isinstance(value, bytes):
        raw = value
    elif isinstance(value, str):
        try:
            raw = value.encode()
        except UnicodeEncodeError as fault:
            raw = value.encode("utf-8", "surrogatepass")
            error, detail = "lone_surrogate", f"half a character at {fault.start} of the text"
    else:
        raw = as_json(value).encode("utf-8", "surrogatepass")
        error, detail = "text_not_a_string", f"the text is of type {type(value).__name__}"
    if len(raw) > settings.max_document_bytes:
        return too_large(number, f"{len(raw):,} bytes", fields, settings)
    return Record(number, raw, fields, error, detail)


def too_large(number: int, size: str, fields: Fields, settings: IngestSettings) -> Record:
    """A record whose text is longer than a document may be."""
    detail = f"{size}, at most {settings.max_document_bytes:,} are read"
    return Record(number, None, fields, "document_too_large", detail)


def broken(number: int, raw: bytes, detail: str, settings: IngestSettings) -> Record:
    """A record that could not be parsed, with the bytes that stood there where they are bounded."""
    kept = raw if len(raw) <= settings.max_document_bytes else None
    return Record(number, kept, error="broken_record", detail=detail)


def shown(names: Sequence[str]) -> str:
    """At most ten names of at most forty characters each, fit for a message."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(repr(name[:40]) for name in names[:10]) + more


def raw_frame(records: Sequence[tuple[str, Record]]) -> pl.DataFrame:
    """RAW rows of (path of the file, record) in this order, each as if it occurred once."""
    micros = {**schema.RAW, "published_at": pl.Int64()}
    columns = zip(*(_row(relpath, record) for relpath, record in records), strict=True)
    frame = pl.DataFrame(dict(zip(micros, columns, strict=False)), schema=micros)
    return frame.with_columns(pl.col("published_at").cast(schema.TIME))


def repeated(first: str, occurrence: int) -> str:
    """The doc_id (or row_key) of a record that occurred before, from that of the first one."""
    return digest(first, str(occurrence)) if occurrence else first


def _row(relpath: str, record: Record) -> tuple[str | bytes | int | None, ...]:
    fields, raw = record.fields, record.raw
    place = f"{relpath}#{record.number}" if record.number else relpath
    source_id = fields.id or fields.url or place
    if raw is None:
        doc_id = digest("detail", source_id, record.detail or "")
    else:
        doc_id = digest("raw", source_id, raw)
    meta = (fields.source, fields.url, fields.title, fields.published_at, fields.language)
    raw_sha256 = None if raw is None else hashlib.sha256(raw).hexdigest()
    told = (source_id, *meta, raw_sha256, record.error, record.detail)
    row_key = digest(doc_id, *("" if value is None else f"={value}" for value in told))
    return (doc_id, row_key, source_id, *meta, raw, raw_sha256, record.error, record.detail)
