"""Digests of published values: what a part's name, and with it a snapshot's id, is made of.

A row is digested as the JSON of what is published of it. Its text takes part as `text_sha256` and
its edits as `edits_sha256`, so the digest of a row can be taken again from the published tables.
JSON knows no NaN: it counts as null here.
"""

import hashlib
from enum import StrEnum

import polars as pl

from pipeline import schema


class Fate(StrEnum):
    """What became of a document."""

    CURATED = "curated"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


PUBLISHED = {
    Fate.CURATED: schema.DOCUMENTS,
    Fate.DUPLICATE: schema.DUPLICATES,
    Fate.QUARANTINED: schema.QUARANTINE,
}


def edit_digests(edits: pl.Series) -> pl.Series:
    """SHA-256 of each list of edits, null where it is empty or null."""
    some = edits.list.len() > 0
    code = edits.to_frame("edits").select(
        pl.when(some).then(pl.struct("edits").struct.json_encode())
    )
    return _sha256(code.to_series()).alias("edits_sha256")


def row_digests(rows: pl.DataFrame, fate: Fate) -> pl.Series:
    """SHA-256 of what is published of each row, all of one fate; needs `edits_sha256`."""
    names = [name for name in PUBLISHED[fate] if name != "text"]
    code = rows.select(pl.struct(*names, "edits_sha256").struct.json_encode())
    return _sha256(code.to_series()).alias("row_sha256")


def digest_all(digests: pl.Series, *, salt: str) -> str:
    """SHA-256 over the digests in their order, for one use named by `salt`."""
    return hashlib.sha256("\n".join([salt, *digests]).encode()).hexdigest()


def digest_rows(rows: pl.DataFrame, *, salt: str) -> str:
    """SHA-256 over every value of every row, in order."""
    code = rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    return digest_all(code, salt=salt)


def _sha256(code: pl.Series) -> pl.Series:
    digests = [
        None if value is None else hashlib.sha256(value).hexdigest()
        for value in code.cast(pl.Binary)
    ]
    return pl.Series(digests, dtype=pl.String)
