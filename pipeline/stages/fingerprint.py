"""What is known of a document before it is compared with any other: the narrow row of dedup.

Only valid documents get one: what quarantine refuses can neither be kept for a copy nor hide one.
Everything here depends on the document alone, so a stored row stays right whatever else arrives.
"""

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.dedup.sketches import Offsets, Scheme, Sketches, sketch
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import TitledTexts, lists_of, titled_texts

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
    flags = pl.col("flags")
    facts = judged.select(
        "doc_id",
        "published_at",
        "source",
        raw_key=raw_key("raw_sha256"),
        valid=valid,
        truncated=ends_early("text") | flags.list.contains("truncated").fill_null(value=False),
        n_defects=flags.list.set_intersection(list(DEFECTS)).list.len().fill_null(0),
    )
    return add_sketches(facts, titled_texts(judged), settings)


def add_sketches(
    facts: pl.DataFrame, documents: TitledTexts, settings: DedupSettings
) -> pl.DataFrame:
    """FINGERPRINTED, from what is known of the documents beside their words."""
    sketches = sketch(documents.titles, documents.texts, scheme_of(settings))
    narrow = facts.with_columns(*columns_of(sketches, facts["valid"].to_numpy()))
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


def raw_key(digest: str) -> pl.Expr:
    """The first 60 bits of a column of hex digests: enough to tell bytes of equal words apart."""
    return pl.col(digest).str.head(15).str.to_integer(base=16).cast(pl.UInt64)


def ends_early(text: str) -> pl.Expr:
    """Whether the text itself shows that it goes on elsewhere."""
    tail = pl.col(text).str.tail(TAIL_CHARS).str.strip_chars_end()
    return tail.str.contains(CUT_OFF).fill_null(value=False)


def columns_of(sketches: Sketches, valid: np.ndarray) -> list[pl.Series]:
    """The columns that come from the kernel; invalid and wordless rows carry no bands."""
    length_class = np.full(len(valid), -1, np.int32)
    counted = sketches.n_tokens > 0
    logs = np.log(sketches.n_tokens[counted]) / np.log(LENGTH_BASE)
    length_class[counted] = np.floor(logs).astype(np.int32)
    banded = valid & counted
    ends: Offsets = np.zeros(len(valid) + 1, np.int64)
    np.cumsum(banded * sketches.bands.shape[1], out=ends[1:])
    bands = sketches.bands if banded.all() else sketches.bands[banded]
    return [
        pl.Series("token_key", sketches.token_key, pl.UInt64),
        pl.Series("title_key", sketches.title_key, pl.UInt64),
        pl.Series("n_tokens", sketches.n_tokens, pl.UInt32),
        pl.Series("n_shingles", sketches.n_shingles, pl.UInt32),
        lists_of(bands.ravel(), ends, name="bands"),
        lists_of(sketches.anchors, sketches.anchor_ends, name="anchors"),
        pl.Series("length_class", length_class, pl.Int32),
    ]
