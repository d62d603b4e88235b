"""Raw bytes become the text a reader gets, and every change on the way an edit.

Columns are asked first, in bulk, which texts could need a change at all; only those are read
line by line.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from pipeline import schema
from pipeline.settings import CleanSettings
from pipeline.stages.decode import decode
from pipeline.stages.repair import Repaired, repair
from pipeline.text.boilerplate import Means, find_cuts
from pipeline.text.edits import Edit, compose_edits
from pipeline.text.glue import FEWEST
from pipeline.text.structure import (
    QUESTION,
    TITLE_REACH,
    edge_flags,
    first_lines,
    form_flags,
    last_lines,
    title_of,
)
from pipeline.text.tidy import tidy

# Supersets of what the kernels look for, for Polars' linear-time engine.
GLUED = r"\p{Lowercase}[.!?]\p{Uppercase}|\p{Alphabetic},\p{Lowercase}|[A-Z]\.[A-Z][a-z]"
BLANK_EDGE = r"\A[\s\x1c-\x1f]|[\s\x1c-\x1f]\z"
LISTED = rf"(?m)^\s*(?:[-–—•*·‣▪]\s|{QUESTION.pattern})"
SPOKEN = r"(?m)^\s*[^:!?\n]{2,41}:\s"
FEWEST_TURNS = 5


_EDIT_FIELDS = {field.name: field.dtype for field in schema.EDIT.fields}


class _Text(NamedTuple):
    text: str | None
    title: str | None
    repairs: Sequence[Edit]
    retitled: bool
    blank_edge: bool
    glued: bool
    formed: bool


class _Cleaned(NamedTuple):
    text: str | None
    title: str | None
    edits: Sequence[Edit]
    flags: set[str]


def clean(raw: pl.DataFrame, settings: CleanSettings) -> pl.DataFrame:
    """`raw` with title, encoding, text, edits and flags; the same rows in the same order.

    Rows that could not be read or decoded have no text.
    """
    frame = decode(raw)
    readable = frame["input_error"].is_null() & frame["decode_error"].is_null()
    texts = frame["decoded"].set(~readable, None)
    rows = _clean_texts(texts, frame["title"], settings)
    columns = {
        "title": pl.Series([row.title for row in rows], dtype=pl.String),
        "text": pl.Series([row.text for row in rows], dtype=pl.String),
        "edits": _edits_column([row.edits for row in rows]),
        "found": pl.Series([sorted(row.flags) for row in rows], dtype=pl.List(pl.String)),
    }
    error = pl.concat_list(pl.col("decode_error")).list.drop_nulls()
    flags = pl.concat_list("flags", "found", error).list.unique().list.sort()
    cleaned = frame.with_columns(**columns).with_columns(flags=flags)
    return schema.check(
        cleaned.drop("decoded", "decode_error", "found"), schema.CLEANED, stage="clean"
    )


def _clean_texts(texts: pl.Series, titles: pl.Series, settings: CleanSettings) -> list[_Cleaned]:
    repaired = repair(texts) if settings.repair else Repaired(texts, {})
    retitled = repair(titles) if settings.repair else Repaired(titles, {})
    signs = _signs(repaired.text)
    rows = zip(repaired.text, retitled.text, *signs, strict=True)
    return [
        _clean_text(
            _Text(text, title, repaired.edits.get(row, []), row in retitled.edits, *found),
            settings,
        )
        for row, (text, title, *found) in enumerate(rows)
    ]


def _signs(texts: pl.Series) -> list[pl.Series]:
    """Per text: a blank edge, spaces that may be missing, lines that may be lists or talk."""
    text = pl.col("text").str
    signs = texts.to_frame("text").select(
        blank_edge=text.contains(BLANK_EDGE),
        glued=text.count_matches(GLUED) >= FEWEST,
        formed=text.contains(LISTED) | (text.count_matches(SPOKEN) >= FEWEST_TURNS),
    )
    return signs.get_columns()


def _clean_text(given: _Text, settings: CleanSettings) -> _Cleaned:
    title = (given.title or "").strip() or None
    flags = {"title_repaired"} if given.retitled else set()
    text, edits = given.text, given.repairs
    if text is None:
        return _Cleaned(None, title, [], flags)
    means = Means(settings.rules, settings.structure, settings.model)
    cut = bool(find_cuts(text, title=title, means=means).edits)
    if cut or given.blank_edge or given.glued:
        tidied = tidy(
            text,
            title=title,
            glued=given.glued,
            means=means if cut or given.glued else None,
            max_cut_share=settings.max_cut_share,
        )
        text, edits = tidied.text, compose_edits(edits, tidied.edits)
        flags |= tidied.flags
    first = first_lines(text, TITLE_REACH)
    title = title or title_of(first)
    flags |= edge_flags(first, last_lines(text, 2))
    flags |= form_flags(text) if given.formed else set()
    if title is None:
        flags.add("missing_title")
    return _Cleaned(text, title, edits, flags)


def _edits_column(rows: Sequence[Sequence[Edit]]) -> pl.Series:
    """One list of edits per row."""
    flat = [
        (row, e.start, e.end, str(e.action), e.rule, e.removed, e.replacement)
        for row, edits in enumerate(rows)
        for e in edits
    ]
    named = pl.DataFrame(flat, schema={"row": pl.UInt32, **_EDIT_FIELDS}, orient="row")
    lists = named.group_by("row", maintain_order=True).agg(edits=pl.struct(*_EDIT_FIELDS))
    every = pl.DataFrame({"row": pl.Series(range(len(rows)), dtype=pl.UInt32)})
    return every.join(lists, on="row", how="left", maintain_order="left")["edits"].fill_null([])
