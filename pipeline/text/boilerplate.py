"""Cuts site furniture ("Leave a Comment", "Read also: …") out of an article.

What is a body line is decided before anything is cut, and body lines are never cut, so the zones
of a cut text are the zones of the text before: rules and structure reach their fixpoint in one
call. The model looks at what stands around a line, so it may have to be asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.text.line_batch import find_junk
from pipeline.text.line_bits import Bytes
from pipeline.text.line_rounds import Lines
from pipeline.text.page_cuts import NOTHING, Findings, SuspectPage, find_page_cuts
from pipeline.text.rule_table import BELOW_FURNITURE, MODEL_RULES
from pipeline.text.rules import Book, load_book, load_rules
from pipeline.text.suspects import Means, encode_texts, read_lines, sentence_rows


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What a reader is told of a rule."""

    name: str
    languages: tuple[str, ...]
    zone: str
    action: str
    reason: str
    cuts: tuple[str, ...]
    spares: tuple[str, ...]


BY_RULES = Means()


def boilerplate_rules() -> list[RuleRecord]:
    """The rules in file order and what follows from them, for listings."""
    return [
        RuleRecord(r.name, r.languages, r.zone, r.action, r.reason, r.cuts, r.spares)
        for r in (*load_rules(), BELOW_FURNITURE, *MODEL_RULES)
    ]


def read_page(text: str) -> tuple[Bytes, NDArray[np.int64], NDArray[np.uint8]]:
    """What the line model is shown: the bytes of a text, its lines, and where rules match."""
    lines = read_lines(*encode_texts([text]), load_book())
    return lines.data, lines.rows, lines.hits


def find_cuts(
    text: str, *, title: str | None = None, book: Book | None = None, means: Means = BY_RULES
) -> Findings:
    r"""The lines and sentences of `text` that are no part of the article.

    A cut line takes its line feed along, so that the lines around it stay as they were. `title`
    is the record's own; a line that repeats it stays.

    >>> body = "It rained on the valley all night, and by morning the road to the mill was closed."
    >>> [edit.removed for edit in find_cuts(body + "\nLeave a Comment").edits]
    ['Leave a Comment']
    """
    (found,) = find_all_cuts([text], [title], means=means, book=book)
    return found


def find_all_cuts(
    texts: Sequence[str], titles: Sequence[str | None], *, means: Means, book: Book | None = None
) -> list[Findings]:
    """`find_cuts` of each text."""
    found = [NOTHING] * len(texts)
    if not (means.rules or means.model):
        return found
    book = book or load_book()
    lines = read_lines(*encode_texts(texts), book)
    asked = sentence_rows(lines, book) if means.rules else np.empty(0, np.int64)
    bounds = np.searchsorted(asked, lines.ends).tolist()
    for k, (text, title) in enumerate(zip(texts, titles, strict=True)):
        first, end = lines.ends[k], lines.ends[k + 1]
        data = lines.data[lines.offsets[k] : lines.offsets[k + 1]]
        rows, hits = lines.rows[first:end], lines.hits[first:end]
        page = SuspectPage(
            text=text,
            title=(title or "").encode("utf-8", "replace"),
            data=data,
            rows=rows,
            rules=_rules_by_row(lines, first, end) if means.rules else {},
            likely=find_junk(data, rows, hits) if means.model else {},
            asked=(asked[bounds[k] : bounds[k + 1]] - first).tolist(),
        )
        if page.rules or page.likely or page.asked:
            found[k] = find_page_cuts(page, book, structure=means.structure)
    return found


def _rules_by_row(lines: Lines, first: int, end: int) -> dict[int, list[int]]:
    """The numbers of the rules that match, by row of a text whose rows are first to end."""
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero(lines.firsts[first:end] >= 0).tolist():
        at = to = int(lines.firsts[first + row])
        while lines.rules[to] >= 0:
            to += 1
        found[row] = lines.rules[at:to].tolist()
    return found
