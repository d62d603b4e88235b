"""What is known of a document before it is compared with any other: the narrow row of dedup.

Only valid documents get one: what quarantine refuses can neither be kept for a copy nor hide one.
Everything here depends on the document alone, so a stored row stays right whatever else arrives.
"""

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.dedup.sketches import Offsets, Scheme, Sketches, sketch
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import lists_of, strings_of

# How a text ends that goes on elsewhere. Looked for in its last characters only.
TAIL_CHARS = 80
CUT_OFF = (
    r"(?i)(?:\.\.\.|…|\[\s*\+?\d+ char(?:acter)?s?\s*\]"
    r"|(?:continue reading|read more|read the full (?:story|article))\W*)$"
)
# Flags that make a document a worse copy of its story, as far as other stages set them.
DEFECTS = (
    "double_title",
    "glued_sentences",
    "missing_title",
    "multi_part",
    "qa_block",
    "related_digest",
    "spun_text",
    "truncated",
)
LENGTH_BASE = 1.1


def fingerprint(judged: pl.DataFrame, settings: DedupSettings) -> pl.DataFrame:
    """One narrow row per document; without a verdict against it, with a text: with a sketch."""
    valid = (
        (pl.col("verdicts").list.len() == 0)
        & pl.col("text").is_not_null()
        & pl.col("input_error").is_null()
    )
    return fingerprint_texts(judged.with_columns(valid=valid), settings)


def fingerprint_texts(frame: pl.DataFrame, settings: DedupSettings) -> pl.DataFrame:
    """`fingerprint` of a frame that says itself which documents are `valid`."""
    narrow = frame.select(
        "doc_id",
        "valid",
        "raw_sha256",
        "published_at",
        "source",
        truncated=pl.col("valid")
        & (ends_early("text") | pl.col("flags").list.contains("truncated")),
        n_defects=pl.col("flags").list.set_intersection(list(DEFECTS)).list.len(),
    )
    valid = frame["valid"]
    kept = frame.select(pl.when("valid").then(pl.col("title", "text")))
    sketches = sketch(strings_of(kept["title"]), strings_of(kept["text"]), scheme_of(settings))
    narrow = narrow.with_columns(
        *columns_of(sketches, valid.to_numpy()), pl.col("truncated").fill_null(value=False)
    )
    return schema.check(narrow, schema.FINGERPRINTED, stage="fingerprint")


def scheme_of(settings: DedupSettings) -> Scheme:
    """The part of the settings that fingerprints depend on."""
    return Scheme(
        settings.shingle_words,
        settings.bands,
        settings.rows,
        settings.anchor_words,
        settings.anchor_share if settings.contained else 0,
    )


def ends_early(text: str) -> pl.Expr:
    """Whether the text itself shows that it goes on elsewhere."""
    return pl.col(text).str.tail(TAIL_CHARS).str.strip_chars_end().str.contains(CUT_OFF)


def columns_of(sketches: Sketches, valid: np.ndarray) -> list[pl.Series]:
    """The columns that come from the kernel; invalid rows carry no bands."""
    length_class = np.full(len(valid), -1, np.int32)
    counted = sketches.n_tokens > 0
    logs = np.log(sketches.n_tokens[counted]) / np.log(LENGTH_BASE)
    length_class[counted] = np.floor(logs).astype(np.int32)
    banded = valid & counted
    ends: Offsets = np.zeros(len(valid) + 1, np.int64)
    np.cumsum(banded * sketches.bands.shape[1], out=ends[1:])
    return [
        pl.Series("token_key", sketches.token_key, pl.UInt64),
        pl.Series("title_key", sketches.title_key, pl.UInt64),
        pl.Series("n_tokens", sketches.n_tokens, pl.UInt32),
        pl.Series("n_shingles", sketches.n_shingles, pl.UInt32),
        lists_of(sketches.bands[banded].ravel(), ends, like=pl.List(pl.UInt64)).alias("bands"),
        lists_of(sketches.anchors, sketches.anchor_ends, like=pl.List(pl.UInt32)).alias("anchors"),
        pl.Series("length_class", length_class, pl.Int32),
    ]
