"""Every column at every point of a document's way; `pipeline.glossary` says what each means.

A stage adds columns and changes none it was not made to change, so each schema is the one before
it and what is new.
"""

from collections.abc import Mapping

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from pipeline.errors import SchemaMismatchError

VERSION = "1.1"

TIME = pl.Datetime("us", "UTC")


def _schema(columns: Mapping[str, DataType | DataTypeClass]) -> pl.Schema:
    return pl.Schema(columns)


EDIT = pl.Struct(
    {
        "start": pl.UInt32,
        "end": pl.UInt32,
        "action": pl.String,
        "rule": pl.String,
        "removed": pl.String,
        "replacement": pl.String,
    }
)
VERDICT = pl.Struct({"suite": pl.String, "rule": pl.String, "value": pl.String})
SIGNALS = pl.Struct(
    {
        "n_lines": pl.UInt32,
        "mean_line_chars": pl.Float32,
        "mean_word_chars": pl.Float32,
        "terminal_punctuation_line_share": pl.Float32,
        "short_line_share": pl.Float32,
        "newline_word_ratio": pl.Float32,
        "symbol_word_ratio": pl.Float32,
        "ellipsis_line_share": pl.Float32,
        "bullet_line_share": pl.Float32,
        "upper_word_share": pl.Float32,
        "alpha_word_share": pl.Float32,
        "digit_char_share": pl.Float32,
        "stop_words": pl.UInt32,
        "duplicate_line_share": pl.Float32,
        "duplicate_line_char_share": pl.Float32,
        "duplicate_paragraph_share": pl.Float32,
        "duplicate_paragraph_char_share": pl.Float32,
        "top_2gram_char_share": pl.Float32,
        "top_3gram_char_share": pl.Float32,
        "top_4gram_char_share": pl.Float32,
        "duplicate_5gram_char_share": pl.Float32,
        "duplicate_6gram_char_share": pl.Float32,
        "duplicate_7gram_char_share": pl.Float32,
        "duplicate_8gram_char_share": pl.Float32,
        "duplicate_9gram_char_share": pl.Float32,
        "duplicate_10gram_char_share": pl.Float32,
        "glued_per_1000_words": pl.Float32,
        "replacement_chars": pl.UInt32,
        "c4_sentences": pl.UInt32,
        "cut_char_share": pl.Float32,
        "n_cuts": pl.UInt32,
        "n_repairs": pl.UInt32,
        "c4_pass": pl.Boolean,
        "gopher_pass": pl.Boolean,
        "fineweb_pass": pl.Boolean,
    }
)

RAW = _schema(
    {
        "doc_id": pl.String,
        "row_key": pl.String,
        "source_id": pl.String,
        "source": pl.String,
        "url": pl.String,
        "title": pl.String,
        "published_at": TIME,
        "declared_language": pl.String,
        "raw": pl.Binary,
        "raw_sha256": pl.String,
        "input_error": pl.String,
        "input_detail": pl.String,
    }
)
# `clean` fills `title` where the record had none; it is the one column a later stage rewrites.
CLEANED = pl.Schema(
    [
        *RAW.items(),
        ("encoding", pl.String),
        ("decoded_sha256", pl.String),
        ("text", pl.String),
        ("edits", pl.List(EDIT)),
        ("flags", pl.List(pl.String)),
    ]
)
MEASURED = pl.Schema(
    [
        *CLEANED.items(),
        ("language", pl.String),
        ("language_confidence", pl.Float32),
        ("n_chars", pl.UInt32),
        ("n_words", pl.UInt32),
        ("signals", SIGNALS),
        ("text_sha256", pl.String),
        ("raw_bytes", pl.UInt32),
        ("first_line", pl.String),
        ("last_line", pl.String),
    ]
)
# An empty list means the document is valid. A rule that only flags puts its name into `flags`.
JUDGED = pl.Schema([*MEASURED.items(), ("verdicts", pl.List(VERDICT))])

# One row per document: its short lines as hashes, those at its edges with what is told of them.
EDGES = _schema(
    {
        "edge_lines": pl.List(pl.UInt64),
        "edge_stems": pl.List(pl.UInt8),
        "edge_echoes": pl.List(pl.UInt8),
        "inner_lines": pl.List(pl.UInt64),
    }
)
# Narrow: one row per document of a batch, in batch order. Only rows with `valid` take part.
FINGERPRINTED = _schema(
    {
        "doc_id": pl.String,
        "valid": pl.Boolean,
        "raw_key": pl.UInt64,
        "token_key": pl.UInt64,
        "n_tokens": pl.UInt32,
        "n_shingles": pl.UInt32,
        "bands": pl.List(pl.UInt64),
        "anchors": pl.List(pl.UInt32),
        "length_class": pl.Int32,
        "truncated": pl.Boolean,
        "n_defects": pl.UInt32,
        "published_at": TIME,
        "source": pl.String,
        "title_key": pl.UInt64,
    }
)
# One row per valid document. The canonical of a cluster has relation null.
CLUSTERED = _schema(
    {
        "doc_id": pl.String,
        "cluster_id": pl.String,
        "canonical_id": pl.String,
        "relation": pl.String,
        "jaccard": pl.Float32,
        "containment": pl.Float32,
        "reason": pl.String,
    }
)
PAIRS = _schema(
    {
        "left_id": pl.String,
        "right_id": pl.String,
        "jaccard": pl.Float32,
        "containment_left": pl.Float32,
        "containment_right": pl.Float32,
        "shared_shingles": pl.UInt32,
        "relation": pl.String,
        "decision": pl.String,
    }
)
# A learned line before anything is cut by it, with the hash that EDGES know it by.
KNOWN_LINES = _schema(
    {
        "rule": pl.String,
        "source": pl.String,
        "line_hash": pl.UInt64,
        "line": pl.String,
        "support": pl.UInt32,
        "source_clusters": pl.UInt32,
        "edge_share": pl.Float32,
        "echo_share": pl.Float32,
        "samples": pl.List(pl.String),
    }
)
ARRIVALS = _schema({"doc_id": pl.String, "first_seen": TIME})
# Wide row of the finish stage: what `documents`, `duplicates` and `quarantine` are cut from.
FINISHED = pl.Schema(
    [
        *JUDGED.items(),
        ("first_seen", TIME),
        ("fate", pl.String),
        ("cluster_id", pl.String),
        ("canonical_id", pl.String),
        ("relation", pl.String),
        ("jaccard", pl.Float32),
        ("containment", pl.Float32),
        ("reason", pl.String),
        ("stage", pl.String),
        ("reasons", pl.List(pl.String)),
        ("detail", pl.String),
        ("edits_sha256", pl.String),
        ("row_sha256", pl.String),
    ]
)

DOCUMENTS = _schema(
    {
        "doc_id": pl.String,
        "source_id": pl.String,
        "source": pl.String,
        "url": pl.String,
        "title": pl.String,
        "text": pl.String,
        "language": pl.String,
        "language_confidence": pl.Float32,
        "published_at": TIME,
        "first_seen": TIME,
        "n_chars": pl.UInt32,
        "n_words": pl.UInt32,
        "encoding": pl.String,
        "cluster_id": pl.String,
        "flags": pl.List(pl.String),
        "signals": SIGNALS,
        "raw_sha256": pl.String,
        "decoded_sha256": pl.String,
        "text_sha256": pl.String,
    }
)
DUPLICATES = pl.Schema(
    [
        *DOCUMENTS.items(),
        ("canonical_id", pl.String),
        ("relation", pl.String),
        ("jaccard", pl.Float32),
        ("containment", pl.Float32),
        ("reason", pl.String),
    ]
)
EDITS = _schema(
    {
        "doc_id": pl.String,
        "seq": pl.UInt32,
        "start": pl.UInt32,
        "end": pl.UInt32,
        "action": pl.String,
        "rule": pl.String,
        "removed": pl.String,
        "replacement": pl.String,
    }
)
QUARANTINE = _schema(
    {
        "doc_id": pl.String,
        "source_id": pl.String,
        "stage": pl.String,
        "reasons": pl.List(pl.String),
        "detail": pl.String,
        "text": pl.String,
        "first_seen": TIME,
        "encoding": pl.String,
        "flags": pl.List(pl.String),
        "raw_sha256": pl.String,
        "decoded_sha256": pl.String,
        "text_sha256": pl.String,
    }
)
LEARNED_LINES = pl.Schema(
    [
        *((name, kind) for name, kind in KNOWN_LINES.items() if name != "line_hash"),
        ("cuts", pl.UInt32),
    ]
)
CLUSTERS = _schema({"cluster_id": pl.String, "canonical_id": pl.String, "size": pl.UInt32})
CHANGES = _schema(
    {
        "doc_id": pl.String,
        "source_id": pl.String,
        "change": pl.String,
        "reason": pl.String,
        "old_text_sha256": pl.String,
        "new_text_sha256": pl.String,
    }
)


def check(frame: pl.DataFrame, expected: pl.Schema, *, stage: str) -> pl.DataFrame:
    """`frame` with its columns in the promised order, or an error that names those that differ."""
    if frame.schema == expected:
        return frame.select(expected.names())
    missing = [f"{n}: {t}" for n, t in expected.items() if frame.schema.get(n) != t]
    extra = [n for n in frame.columns if n not in expected]
    if missing or extra:
        message = (
            f"{stage} produced the wrong columns. Missing or of another type: "
            f"{missing or 'none'}. Unexpected: {extra or 'none'}. Make the stage end in exactly "
            "the columns that pipeline/schema.py promises."
        )
        raise SchemaMismatchError(message)
    return frame.select(expected.names())
