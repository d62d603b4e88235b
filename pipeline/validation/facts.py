"""The columns that a suite may name: flat, narrow, one value per document.

Suites speak of `symbol_word_ratio`, not of a struct's field, and never of a whole text: at a
million documents the facts of a suite are megabytes where the texts are gigabytes, and the texts
are not even read for them. Which facts a suite has follows from the columns of its frame, so a
fact is defined once for all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from pipeline.schema import DOCUMENTS, DUPLICATES, MEASURED, SIGNALS

# Published tables, with what only a look into the tables beside them can tell.
CURATED: Final = pl.Schema([*DOCUMENTS.items(), ("has_verified_copy", pl.Boolean())])
DROPPED: Final = pl.Schema(
    [
        *DUPLICATES.items(),
        ("is_curated_too", pl.Boolean()),
        ("canonical_is_curated", pl.Boolean()),
        ("has_evidence", pl.Boolean()),
    ]
)
# One row: a whole snapshot. `language_change` is the share of documents that would have to be in
# another language for the mix to be that of the snapshot before.
NUMBERS: Final = pl.Schema(
    {
        "documents_in": pl.Int64,
        "curated": pl.Int64,
        "curated_rate": pl.Float64,
        "duplicate_rate": pl.Float64,
        "quarantine_rate": pl.Float64,
        "mean_chars": pl.Float64,
        "language_change": pl.Float64,
    }
)
# What each suite looks at: raw and cleaned see the documents of a batch, curated and duplicates
# the published ones, drift the snapshot as a whole.
SUITE_SCHEMAS: Final[Mapping[str, pl.Schema]] = {
    "raw": MEASURED,
    "cleaned": MEASURED,
    "curated": CURATED,
    "duplicates": DROPPED,
    "drift": NUMBERS,
}


def _of_text(value: pl.Expr) -> pl.Expr:
    """The value, or null where there is no text it could speak of."""
    return pl.when(pl.col("text_sha256").is_not_null()).then(value)


def _signal(name: str) -> pl.Expr:
    return _of_text(pl.col("signals").struct.field(name))


FACTS: Final[Mapping[str, pl.Expr]] = {
    **{
        name: pl.col(name)
        for name in (
            "doc_id",
            "row_key",
            "source_id",
            "source",
            "url",
            "title",
            "declared_language",
            "language",
            "language_confidence",
            "published_at",
            "first_seen",
            "encoding",
            "cluster_id",
            "has_verified_copy",
            "canonical_id",
            "relation",
            "jaccard",
            "containment",
            "is_curated_too",
            "canonical_is_curated",
            "has_evidence",
            "input_error",
            "raw_bytes",
            "first_line",
            "last_line",
            "raw_sha256",
            "decoded_sha256",
            "text_sha256",
            *NUMBERS,
        )
    },
    "n_chars": _of_text(pl.col("n_chars")),
    "n_words": _of_text(pl.col("n_words")),
    "flag_names": pl.col("flags").list.join(" "),
    "published_year": pl.col("published_at").dt.year(),
    "hours_ahead": (pl.col("published_at") - pl.col("first_seen")).dt.total_hours(),
    "replacement_char_share": _signal("replacement_chars") / pl.col("n_chars"),
    **{field.name: _signal(field.name) for field in SIGNALS.fields},
}


def fact_types(schema: pl.Schema) -> dict[str, pl.DataType]:
    """Name and type of every fact that a frame with these columns has."""
    known = {n: e for n, e in FACTS.items() if set(e.meta.root_names()) <= set(schema.names())}
    empty = pl.LazyFrame(schema=schema)
    return dict(empty.select(e.alias(n) for n, e in known.items()).collect_schema().items())


def facts(rows: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """One column per named fact, rows as they come. KeyError for a name that is no fact."""
    return rows.select(FACTS[name].alias(name) for name in names)
