"""Raw bytes become the text a reader gets, and every change on the way an edit.

Columns are asked first, in bulk, which texts could need a change at all; only those are read
line by line.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from pipeline import schema
from pipeline.settings import CleanSettings
from pipeline.stages.buffers import strings_of
from pipeline.stages.decode import decode
from pipeline.stages.repair import Repaired, repair
from pipeline.text.edits import Edit, compose_edits
from pipeline.text.garbage import no_cycles
from pipeline.text.glue import FEWEST
from pipeline.text.page_cuts import NOTHING
from pipeline.text.settle import Tidied, settle_lines
from pipeline.text.structure import (
    QUESTION,
    TITLE_REACH,
    edge_flags,
    first_lines,
    form_flags,
    last_lines,
    title_of,
)
from pipeline.text.suspects import Means
from pipeline.text.tidy import Draft, tidy_all

# Supersets of what the kernels look for, for Polars' linear-time engine.
GLUED = r"\p{Lowercase}[.!?]\p{Uppercase}|\p{Alphabetic},\p{Lowercase}|[A-Z]\.[A-Z][a-z]"
BLANK_EDGE = r"\A[\s\x1c-\x1f]|[\s\x1c-\x1f]\z"
LISTED = rf"(?m)^\s*(?:[-–—•*·‣▪]\s|{QUESTION.pattern})"
SPOKEN = r"(?m)^\s*[^:!?\n]{2,41}:\s"
FEWEST_TURNS = 5
# Links with their targets, fenced code: a file as its author wrote it, not the page made of it. It
# has no site around it, and what reads like one ("Thanks for reading!") is the author's own.
MARKDOWN = r"\]\((?:https?://|[/.#])|\n {0,3}(?:```|~~~)"
FEWEST_MARKS = 2


_EDIT_FIELDS = {field.name: field.dtype for field in schema.EDIT.fields}


class _Cleaned(NamedTuple):
    text: str | None
    title: str | None
    edits: Sequence[Edit]
    flags: set[str]


@no_cycles()
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
    named = [(title or "").strip() or None for title in retitled.text]
    signs = _signs(repaired.text)
    tidied = _tidy_texts(repaired.text, named, signs, settings)
    rows = []
    for row, (text, title, formed) in enumerate(
        zip(repaired.text, named, signs["formed"], strict=True)
    ):
        flags = {"title_repaired"} if row in retitled.edits else set()
        cleaned = _Cleaned(text, title, repaired.edits.get(row, []), flags)
        if done := tidied.get(row):
            edits = compose_edits(cleaned.edits, done.edits)
            cleaned = _Cleaned(done.text, title, edits, flags | done.flags)
        rows.append(_described(cleaned, formed=formed))
    return rows


def _tidy_texts(
    texts: pl.Series, titles: Sequence[str | None], signs: pl.DataFrame, settings: CleanSettings
) -> dict[int, Tidied]:
    """The texts that may have to change, as they are when they did."""
    means = Means(settings.rules, settings.structure, settings.model)
    glued = signs["glued"].arg_true().to_list()
    settled = settle_lines(
        *strings_of(texts.set(signs["authored"], None)),
        titles,
        means=means,
        max_cut_share=settings.max_cut_share,
        without=glued,
    )
    drafts = {row: Draft(texts[row], titles[row], glued=True) for row in glued}
    drafts |= {row: Draft(texts[row], titles[row], glued=False) for row in settled.left}
    # Of the others a blank edge is all that may have to go.
    for row in signs["blank_edge"].arg_true().to_list():
        if row not in drafts and row not in settled.done:
            drafts[row] = Draft(texts[row], titles[row], glued=False, first=NOTHING)
    tidied = tidy_all(list(drafts.values()), means=means, max_cut_share=settings.max_cut_share)
    return settled.done | dict(zip(drafts, tidied, strict=True))


def _signs(texts: pl.Series) -> pl.DataFrame:
    """Per text: a blank edge, missing spaces, lines that may be lists or talk, Markdown."""
    text = pl.col("text").str
    authored = text.count_matches(MARKDOWN) >= FEWEST_MARKS
    return texts.to_frame("text").select(
        blank_edge=text.contains(BLANK_EDGE),
        glued=~authored & (text.count_matches(GLUED) >= FEWEST),
        formed=text.contains(LISTED) | (text.count_matches(SPOKEN) >= FEWEST_TURNS),
        authored=authored,
    )


def _described(row: _Cleaned, *, formed: bool) -> _Cleaned:
    """The row with a title, where its text has one, and with flags of form."""
    if row.text is None:
        return row
    first = first_lines(row.text, TITLE_REACH)
    title = row.title or title_of(first)
    flags = row.flags | edge_flags(first, last_lines(row.text, 2))
    flags |= form_flags(row.text) if formed else set()
    return row._replace(title=title, flags=flags if title else flags | {"missing_title"})


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
