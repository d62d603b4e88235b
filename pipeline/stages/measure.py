"""Measures every document: its language, its size, and the quality signals of the field.

The surprise: nothing here filters. Signals are columns for the reader and for the suites, and the
`*_pass` ones say what three published filters would have done. A share of nothing is null, and a
document without a text is measured like an empty one: 0 words, `und`, no filter passed.
"""

import hashlib
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline import schema
from pipeline.settings import MeasureSettings
from pipeline.stages.buffers import strings_of
from pipeline.text.language import guess_language
from pipeline.text.signals import count_texts

# Limits of the Gopher paper's table of repetition filters; a document passes at the limit.
REPETITION_LIMITS = {
    "duplicate_line_share": 0.30,
    "duplicate_line_char_share": 0.20,
    "duplicate_paragraph_share": 0.30,
    "duplicate_paragraph_char_share": 0.20,
    "top_2gram_char_share": 0.20,
    "top_3gram_char_share": 0.18,
    "top_4gram_char_share": 0.16,
    "duplicate_5gram_char_share": 0.15,
    "duplicate_6gram_char_share": 0.14,
    "duplicate_7gram_char_share": 0.13,
    "duplicate_8gram_char_share": 0.12,
    "duplicate_9gram_char_share": 0.11,
    "duplicate_10gram_char_share": 0.10,
}
LINE_CHARS: Final = 200


def measure(cleaned: pl.DataFrame, settings: MeasureSettings) -> pl.DataFrame:
    """`cleaned` with language, counts, signals, outermost lines and the digest of the text.

    Rows without a text have no digest and no confidence in their `und`.
    """
    text = cleaned["text"]
    known = text.is_not_null()
    data, offsets = strings_of(text)
    counts = count_texts(data, offsets)
    languages, confidences = _languages(text.fill_null(""), settings)
    frame = cleaned.with_columns(
        pl.Series("language", languages, pl.String),
        pl.when(known).then(confidences).alias("language_confidence"),
        pl.Series("n_chars", counts["chars"], pl.UInt32),
        pl.Series("n_words", counts["words"], pl.UInt32),
        pl.when(known).then(_digests(data, offsets)).alias("text_sha256"),
        pl.col("raw").bin.size().alias("raw_bytes"),
        **outermost_lines(),
    )
    signals = _signals(frame.select("language", "edits"), counts)
    return schema.check(frame.with_columns(signals), schema.MEASURED, stage="measure")


def outermost_lines() -> dict[str, pl.Expr]:
    """The outermost lines of `text`; null where longer than 200 characters.

    They are measured so that a suite need not read all the texts for the sake of two lines.
    """
    head = pl.col("text").str.head(LINE_CHARS + 1)
    tail = pl.col("text").str.tail(LINE_CHARS + 1)
    return {
        # The text up to a line's end, or all that is left, is the line unless it is cut short.
        "first_line": _if_whole(head.str.splitn("\n", 2).struct.field("field_0")),
        "last_line": _if_whole(tail.str.extract("([^\n]*)$")),
    }


def _if_whole(line: pl.Expr) -> pl.Expr:
    return pl.when(line.str.len_chars().is_between(1, LINE_CHARS)).then(line)


def _digests(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pl.Series:
    spans = pairwise(offsets.tolist())
    digests = [hashlib.sha256(data.data[start:end]).hexdigest() for start, end in spans]
    return pl.Series(digests, dtype=pl.String)


def _languages(text: pl.Series, settings: MeasureSettings) -> tuple[list[str], pl.Series]:
    heads = text.str.slice(0, settings.language_chars)
    guesses = [guess_language(head, floor=settings.language_floor) for head in heads]
    confidences = pl.Series([guess.confidence for guess in guesses], dtype=pl.Float32)
    return [guess.language for guess in guesses], confidences


def _signals(frame: pl.DataFrame, counts: NDArray[np.void]) -> pl.Series:
    """The `signals` struct, its fields in the order and of the types that the schema promises."""
    columns = {name: counts[name] for name in counts.dtype.names or ()}
    measured = (
        frame.with_columns(pl.Series(name, column) for name, column in columns.items())
        .with_columns(**_line_signals(), **_word_signals(), **_edit_signals())
        .with_columns(c4_pass=_c4_pass(), gopher_pass=_gopher_pass(), fineweb_pass=_fineweb_pass())
    )
    fields = (pl.col(field.name).cast(field.dtype) for field in schema.SIGNALS.fields)
    return measured.select(fields).to_struct("signals")


def _share(part: pl.Expr | str, whole: pl.Expr | str) -> pl.Expr:
    """Whole numbers divided once, so that no order of adding can change the last bit.

    Null where there is nothing to take a share of.
    """
    divisor = pl.col(whole) if isinstance(whole, str) else whole
    dividend = pl.col(part) if isinstance(part, str) else part
    return pl.when(divisor > 0).then(dividend / divisor)


def _line_signals() -> dict[str, pl.Expr]:
    return {
        "n_lines": pl.col("lines"),
        "mean_line_chars": _share("line_chars", "lines"),
        "terminal_punctuation_line_share": _share("stopped_lines", "lines"),
        "short_line_share": _share("short_lines", "lines"),
        "ellipsis_line_share": _share("ellipsis_lines", "lines"),
        "bullet_line_share": _share("bullet_lines", "lines"),
        "duplicate_line_share": _share("duplicate_lines", "lines"),
        "duplicate_line_char_share": _share("duplicate_line_chars", "line_chars"),
        "duplicate_paragraph_share": _share("duplicate_paragraphs", "paragraphs"),
        "duplicate_paragraph_char_share": _share("duplicate_paragraph_chars", "line_chars"),
    }


def _word_signals() -> dict[str, pl.Expr]:
    """Signals over words. `symbol_word_ratio` is that of the more frequent of the two symbols."""
    grams = [f"top_{n}gram_char" for n in (2, 3, 4)]
    grams += [f"duplicate_{n}gram_char" for n in range(5, 11)]
    return {
        "mean_word_chars": _share("word_chars", "words"),
        "newline_word_ratio": _share("newlines", "words"),
        "symbol_word_ratio": _share(pl.max_horizontal("hash_signs", "ellipses"), "words"),
        "upper_word_share": _share("upper_words", "words"),
        "alpha_word_share": _share("alpha_words", "words"),
        "digit_char_share": _share("digits", "chars"),
        "glued_per_1000_words": _share(1000 * pl.col("glued"), "words"),
        **{f"{gram}_share": _share(f"{gram}s", "word_chars") for gram in grams},
    }


def _edit_signals() -> dict[str, pl.Expr]:
    """What cleaning did; the share is of the decoded text, whose length text and edits tell."""
    edit = pl.element().struct
    removed = (edit.field("end") - edit.field("start")).cast(pl.Int64)
    gained = edit.field("replacement").str.len_chars().cast(pl.Int64)
    is_cut = edit.field("action").str.starts_with("drop_")

    def total(value: pl.Expr) -> pl.Expr:
        return pl.col("edits").list.eval(value.cast(pl.Int64)).list.sum().fill_null(0)

    decoded = pl.col("chars") + total(removed - gained.fill_null(0))
    return {
        "n_cuts": total(is_cut),
        "n_repairs": total(edit.field("action") == "repair"),
        "cut_char_share": _share(total(removed * is_cut), decoded),
    }


def _c4_pass() -> pl.Expr:
    """Three sentences left in the lines that C4 keeps, no brace, no "lorem ipsum" (see text/c4)."""
    return (pl.col("c4_sentences") >= 3) & (pl.col("c4_refused") == 0)


def _gopher_pass() -> pl.Expr:
    """The quality and repetition rules of Rae et al., "Scaling Language Models" (2021), A.1.1.

    The rule that asks for two of eight English words is asked of English texts only: the paper
    had no others, and no text in another language could pass it.
    """
    repetition = [pl.col(name) <= limit for name, limit in REPETITION_LIMITS.items()]
    rules = pl.all_horizontal(
        pl.col("words").is_between(50, 100_000),
        pl.col("mean_word_chars").is_between(3, 10),
        pl.col("symbol_word_ratio") <= 0.1,
        pl.col("bullet_line_share") <= 0.9,
        pl.col("ellipsis_line_share") <= 0.3,
        pl.col("alpha_word_share") >= 0.8,
        (pl.col("stop_words") >= 2) | (pl.col("language") != "en"),
        *repetition,
    )
    return rules.fill_null(value=False)


def _fineweb_pass() -> pl.Expr:
    """The three rules that Penedo et al., "The FineWeb Datasets" (2024), add to those of others.

    Limits are the paper's; its code uses 0.01 where the paper says 0.1 for repeated lines.
    """
    return (
        (pl.col("terminal_punctuation_line_share") > 0.12)
        & (pl.col("duplicate_line_char_share") < 0.1)
        & (pl.col("short_line_share") < 0.67)
    ).fill_null(value=False)
