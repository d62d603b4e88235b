"""Learned lines are cut, and what the earlier stages said of the text is asked of it again.

A document that the limits would refuse without these lines keeps them: it was valid, and it is not
its fault that its source's furniture is most of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline import schema
from pipeline.settings import Settings
from pipeline.stages.edges import HEAD_LINES, TAIL_LINES
from pipeline.stages.judge import Limits, judge
from pipeline.stages.measure import measure
from pipeline.text.edits import Edit, apply_edits, compose_edits, read_edit
from pipeline.text.learned_lines import Reach, find_learned_cuts
from pipeline.text.structure import TITLE_REACH, edge_flags, first_lines, form_flags, last_lines
from pipeline.text.tidy import cut_chars

REACH = Reach(HEAD_LINES, TAIL_LINES)
UNDONE = "learned_cut_undone"
OVER_CAP = "learned_over_cap"
# What a text's own lines show, and so what may change with them.
OF_LINES = {"double_title", "truncated", "qa_block", "multi_part", "related_digest"}


@dataclass(frozen=True, eq=False)
class Cutting:
    """How lines are cut, and what the texts without them are measured and judged by."""

    settings: Settings
    limits: Limits


def cut_lines(
    judged: pl.DataFrame,
    flags: Sequence[list[str]],
    known: Sequence[Mapping[str, str]],
    cutting: Cutting,
) -> pl.DataFrame:
    """Those of the JUDGED rows that change, as JUDGED: cut, or with a flag that says why not.

    Per row: `flags` as they were before judging, `known` lines with their rules.
    """
    settings = cutting.settings
    texts, edits, found, changed = [], [], [], []
    columns = zip(judged["text"], judged["title"], judged["edits"], flags, known, strict=True)
    for row, (text, title, listed, before, lines) in enumerate(columns):
        cuts = find_learned_cuts(text, title=title, known=lines, reach=REACH)
        if not cuts:
            continue
        earlier = [read_edit(tuple(edit.values())) for edit in listed]
        marks = set(before)
        if _is_over_cap(text, earlier, cuts, settings.clean.max_cut_share):
            cuts, marks = [], marks | {OVER_CAP}
        left = apply_edits(text, cuts)
        marks = (marks - OF_LINES) | edge_flags(first_lines(left, TITLE_REACH), last_lines(left, 2))
        changed.append(row)
        texts.append(left)
        edits.append([_row(edit) for edit in compose_edits(earlier, cuts)])
        found.append(sorted(marks | form_flags(left)))
    rows = judged[changed].with_columns(
        pl.Series("text", texts, pl.String),
        pl.Series("edits", edits, pl.List(schema.EDIT)),
        pl.Series("flags", found, pl.List(pl.String)),
    )
    cleaned = rows.select(schema.CLEANED.names())
    anew = judge(measure(cleaned, settings.measure), cutting.limits)
    refused = anew["verdicts"].list.len() > 0
    kept = add_flag(judged[changed].filter(refused), UNDONE)
    return pl.concat([anew.filter(~refused), kept])


def add_flag(rows: pl.DataFrame, flag: str) -> pl.DataFrame:
    """The rows, each with one flag more."""
    flags = pl.concat_list("flags", pl.lit(flag)).list.unique().list.sort()
    return rows.with_columns(flags=flags)


def _is_over_cap(text: str, earlier: list[Edit], cuts: list[Edit], share: float) -> bool:
    """Whether all cuts together, these and the earlier ones, would take more than `share`."""
    before = cut_chars(earlier)
    return before + cut_chars(cuts) > share * (len(text) + before)


def _row(edit: Edit) -> dict[str, object]:
    return {**edit._asdict(), "action": str(edit.action)}
