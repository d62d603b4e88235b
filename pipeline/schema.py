"""Every column at every point of a document's way, and the words that describe it.

One name means one thing everywhere, so the descriptions are one glossary: they go into the
published Parquet files, the dataset card and the Dagster UI.
"""

from collections.abc import Mapping

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from pipeline.errors import SchemaMismatchError

VERSION = "1"

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
    ]
)
# An empty list means the document is valid. A rule that only flags puts its name into `flags`.
JUDGED = pl.Schema([*MEASURED.items(), ("verdicts", pl.List(VERDICT))])

# Narrow: one row per document of a batch, in batch order. Only rows with `valid` take part.
FINGERPRINTED = _schema(
    {
        "doc_id": pl.String,
        "valid": pl.Boolean,
        "raw_sha256": pl.String,
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

DESCRIPTIONS: dict[str, str] = {
    "doc_id": "32 hex digits of a 128-bit hash of source_id and raw bytes; stable across runs.",
    "row_key": "Hash of everything ingest knows of the record: the address of its stored results.",
    "source_id": "The record's own id or url, else its path under the input root and number.",
    "source": "Site or outlet: as the record says, else the host of its url.",
    "url": "Address of the page, as the record says.",
    "title": "Title of the record, else the text's first line where that reads like one.",
    "text": "The cleaned text; together with its edits it rebuilds the decoded original.",
    "language": "ISO 639 code by an offline model; `und` below the confidence limit.",
    "language_confidence": "Probability that the language model gives its answer, 0-1.",
    "declared_language": "Language as the record says; never trusted above the text.",
    "published_at": "Time of publication as the record says, UTC; never guessed.",
    "first_seen": "When this doc_id first came in, UTC; kept in arrivals.parquet.",
    "n_chars": "Code points of text.",
    "n_words": "Words of text (runs of word characters).",
    "encoding": "Encoding the bytes were decoded with.",
    "cluster_id": "doc_id of the canonical document of its cluster.",
    "canonical_id": "doc_id of the document that was kept in its place.",
    "flags": "Names of what a reader should know of this text, sorted.",
    "signals": "Numbers about the text: quality measures of the field, never silent filters.",
    "raw": "The record's bytes as they came in.",
    "raw_sha256": "SHA-256 of the raw bytes.",
    "decoded_sha256": "SHA-256 of the decoded text as UTF-8, before any edit.",
    "text_sha256": "SHA-256 of text as UTF-8.",
    "input_error": "Why a record could not be read; null where it could.",
    "input_detail": "What was found in place of a readable record.",
    "edits": "Every change made to the decoded text.",
    "verdicts": "Rules of the suites that the document breaks and that quarantine it.",
    "seq": "Number of the edit within its document, from 0 in order of start.",
    "start": "First code point of the decoded text that the edit covers.",
    "end": "Code point after the last one that the edit covers.",
    "action": "Kind of change: repair, trim, or a cut.",
    "rule": "The rule that asked for the edit.",
    "removed": "What stood in the decoded text.",
    "replacement": "What stands in the published text instead; empty for a cut.",
    "relation": "exact_raw, exact_text, near_copy, truncated_copy or updated_version.",
    "jaccard": "Shared over all shingles of the two documents, 0-1.",
    "containment": "Share of this document's shingles that its canonical has too, 0-1.",
    "containment_left": "Share of the left document's shingles that the right one has, 0-1.",
    "containment_right": "Share of the right document's shingles that the left one has, 0-1.",
    "shared_shingles": "Number of shingles that both documents have.",
    "left_id": "doc_id of the duplicate, or of the lesser document of a review pair.",
    "right_id": "doc_id of the canonical, or of the greater document of a review pair.",
    "decision": "merge, or review: alike but below the threshold, nothing was removed.",
    "reason": "Why, in words.",
    "stage": "The stage or suite that refused the document.",
    "reasons": "Names of the rules that the document broke, sorted.",
    "detail": "The values that broke them.",
    "size": "Documents in the cluster, the canonical included.",
    "change": "added, removed, changed or reclustered.",
    "old_text_sha256": "text_sha256 in the previous snapshot.",
    "new_text_sha256": "text_sha256 in this snapshot.",
    "fate": "curated, duplicate or quarantined.",
    "edits_sha256": "Digest of the document's edits; null where there are none.",
    "row_sha256": "Digest of every published value of the row, edits included.",
    "valid": "Whether the document broke no quarantining rule.",
    "token_key": "64-bit hash of the normalised tokens of title and text.",
    "n_tokens": "Normalised tokens of title and text.",
    "n_shingles": "Distinct shingles of title and text.",
    "bands": "One hash per LSH band, of rows of the MinHash signature.",
    "anchors": "Hashes of sampled passages: documents that share two may contain one another.",
    "length_class": "floor(log1.1(tokens)): lengths within 10% count as equal; -1 without tokens.",
    "truncated": "Whether the text itself shows that it was cut off.",
    "n_defects": "Flags that count against a document in canonical choice.",
    "title_key": "64-bit hash of the normalised title; 0 where there is none.",
}


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
