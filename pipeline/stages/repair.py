"""Repair of a whole column: three patterns find the few texts that need it, Python mends those.

The patterns run in Polars' regex engine over all texts at once. The first is `ftfy`'s own test for
damage, translated: it may find more than the original, never less, so that a text it does not
find is one that `ftfy` would return unchanged. Lines that repeat are mended once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from ftfy.badness import BADNESS_RE

from pipeline.stages.buffers import strings_of
from pipeline.text import entities, invisible, mojibake
from pipeline.text.control_scan import hold_controls
from pipeline.text.edits import Edit, apply_edits, compose_edits
from pipeline.text.repair import fix_line, repair_line, shift_edits

_REST = f"{entities.TRIGGER}|{invisible.CONTROLS}|{invisible.TRIGGER}"


@dataclass(frozen=True, slots=True)
class Repaired:
    """The repaired texts, and by row the edits that made them; a row without edits has none."""

    text: pl.Series
    edits: dict[int, list[Edit]]


def repair(decoded: pl.Series) -> Repaired:
    """Every text repaired; edits are in code points of the decoded text."""
    fixed = fix_encoding(decoded)
    rest = _repair_rest(fixed.text)
    edits = dict(fixed.edits)
    for row, found in rest.edits.items():
        edits[row] = compose_edits(edits.get(row, []), found)
    return Repaired(rest.text, edits)


def fix_encoding(decoded: pl.Series) -> Repaired:
    """What `ftfy` makes of every text, the same as calling it on each of them."""
    rows = _beyond_ascii(decoded, BADNESS)
    lines = _lines(decoded, rows).filter(pl.col("line").str.contains(BADNESS))
    mended = {line: fix_line(line) for line in lines["line"].unique(maintain_order=True)}
    return _edited(decoded, lines, [mended[line] for line in lines["line"]])


def _repair_rest(texts: pl.Series) -> Repaired:
    strings = strings_of(texts)
    controls = pl.Series(hold_controls(strings.data, strings.offsets)).arg_true()
    entity = texts.str.contains(entities.TRIGGER).arg_true()
    odd = _beyond_ascii(texts, invisible.TRIGGER, mojibake.TRIGGER)
    rows = pl.concat([controls, entity, odd]).unique().sort()
    markup = rows.filter(texts.gather(rows).str.contains(entities.MARKUP))
    line = pl.col("line").str
    lines = (
        _lines(texts, rows)
        .filter(line.contains(_REST) | (line.len_bytes() != line.len_chars()))
        .filter(line.contains(_REST) | line.contains(mojibake.TRIGGER))
        .with_columns(keep=pl.col("row").is_in(markup.implode()))
    )
    keys = lines.select("line", "keep")
    mended = {
        (line, keep): repair_line(line, keep_entities=keep)
        for line, keep in keys.unique(maintain_order=True).iter_rows()
    }
    return _edited(texts, lines, [mended[key] for key in keys.iter_rows()])


def _beyond_ascii(texts: pl.Series, *patterns: str) -> pl.Series:
    """Rows of the texts with other than ASCII characters in which a pattern is found."""
    rows = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    frame = texts.gather(rows).to_frame("text")
    found = pl.any_horizontal(pl.col("text").str.contains(pattern) for pattern in patterns)
    return rows.filter(frame.select(found).to_series())


def _lines(texts: pl.Series, rows: pl.Series) -> pl.DataFrame:
    """The lines of the texts in these rows with their line ends, and where they start."""
    lines = (
        pl.DataFrame({"row": rows, "line": texts.gather(rows).str.split("\n")})
        .explode("line")
        .with_columns(last=pl.col("row") != pl.col("row").shift(-1).fill_null(len(texts)))
        .with_columns(line=pl.when("last").then("line").otherwise(pl.col("line") + "\n"))
    )
    length = pl.col("line").str.len_chars()
    return lines.with_columns(start=(length.cum_sum() - length).over("row"))


def _edited(texts: pl.Series, lines: pl.DataFrame, found: Iterable[list[Edit]]) -> Repaired:
    """The texts with the edits that were found in their lines."""
    edits: dict[int, list[Edit]] = {}
    for (row, start), in_line in zip(lines.select("row", "start").iter_rows(), found, strict=True):
        if in_line:
            edits.setdefault(row, []).extend(shift_edits(in_line, start))
    if not edits:
        return Repaired(texts, {})
    rows = pl.Series(list(edits), dtype=pl.UInt32)
    before = zip(texts.gather(rows), edits.values(), strict=True)
    after = pl.Series([apply_edits(text, made) for text, made in before], dtype=pl.String)
    return Repaired(texts.clone().scatter(rows, after), edits)


def _linear(pattern: str) -> str:
    """A verbose pattern of Python's as one of Polars' engine that matches wherever it does."""
    parts: list[str] = []
    position, in_class = 0, False
    while position < len(pattern):
        char = pattern[position]
        step = 1
        if char == "\\":
            step = 2
            char = _CLASSES.get(pattern[position : position + 2], pattern[position : position + 2])
            char = char if in_class else f"[{char}]" if char in _CLASSES.values() else char
        elif in_class:
            in_class = char != "]"
            char = (
                "\\" + char
                if char in "[&~" or (char == "^" and pattern[position - 1] != "[")
                else char
            )
        elif char == "#":
            step = (pattern + "\n").index("\n", position) - position
            char = ""
        elif char.isspace() and char.isascii():
            char = ""
        else:
            in_class = char == "["
        parts.append(char)
        position += step
    return "(?m)" + "".join(parts)


# Python's classes hold a few characters that those of the other engine do not.
_CLASSES = {r"\w": r"\w\p{N}", r"\s": r"\s\x1c-\x1f"}
BADNESS = _linear(BADNESS_RE.pattern)
