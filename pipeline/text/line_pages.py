"""A text as the lines that are left of it, and what spans it was rid of in the end.

Runs of lines are rows of three numbers: the first line, the last, and the rule they go by. A run
that was found later covers those between its lines that went before.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel, part
from pipeline.text.claims import IS_HEADER, Claims, RuleTable
from pipeline.text.line_bits import NEWLINE, Bytes
from pipeline.text.line_forms import Forms, count_chars
from pipeline.text.line_scan import Rows, goes_on
from pipeline.text.zones import BODY_CHARS

Runs = NDArray[np.int64]
Spans = NDArray[np.int64]

# The number of a trim among those of rules.
TRIM = -1


class Page(NamedTuple):
    """The lines of a text, what their words and rules say of them, and their forms.

    `origins` are their numbers among the lines the text began with; `firsts` and `matches` as in
    `Lines`.
    """

    data: Bytes
    rows: Rows
    origins: NDArray[np.int64]
    hits: NDArray[np.uint8]
    firsts: NDArray[np.int32]
    matches: NDArray[np.int32]
    forms: Forms


@kernel
def runs_of(claims: Claims) -> Runs:
    """Lines of one unit without another line between go as one, by the rule of the first."""
    runs = np.empty((claims.rules.size, 3), np.int64)
    count, going = 0, False
    for row in range(claims.rules.size):
        goes = claims.rules[row] >= 0
        if goes and going and claims.units[row] == claims.units[row - 1]:
            runs[count - 1, 1] = row
        elif goes:
            runs[count, 0], runs[count, 1], runs[count, 2] = row, row, claims.rules[row]
            count += 1
        going = goes
    return runs[:count]


@bare_kernel
def cut_chars(page: Page, runs: Runs) -> int:
    """Characters that go with the runs, line feeds included."""
    gone = 0
    for run in range(runs.shape[0]):
        start, stop = _span(page.data, page.rows, runs[run])
        gone += count_chars(page.data, start, stop)
    return gone


@bare_kernel
def _span(data: Bytes, rows: Rows, run: NDArray[np.int64]) -> tuple[int, int]:
    """Whole lines, from the first one's begin to behind the last one's line feed."""
    start, stop = rows[run[0], 1], rows[run[1], 2]
    while start > 0 and data[start - 1] != NEWLINE:
        start -= 1
    while stop < data.size and data[stop] != NEWLINE:
        stop += 1
    return start, min(stop + 1, data.size)


@kernel
def without(page: Page, runs: Runs) -> tuple[Page, NDArray[np.int64]]:
    """What the runs leave of a page, in bytes and numbers of its own, and the rows that stay."""
    data, rows = np.empty(page.data.size, np.uint8), np.empty_like(page.rows)
    kept = np.empty(page.rows.shape[0], np.int64)
    count = at = size = row = lines = 0
    for run in range(runs.shape[0] + 1):
        start = stop = page.data.size
        end = page.rows.shape[0]
        if run < runs.shape[0]:
            start, stop = _span(page.data, page.rows, runs[run])
            end = runs[run, 0]
        data[size : size + start - at] = page.data[at:start]
        while row < end:
            rows[count, 0] = page.rows[row, 0] - lines
            rows[count, 1] = page.rows[row, 1] - at + size
            rows[count, 2] = page.rows[row, 2] - at + size
            kept[count] = row
            row, count = row + 1, count + 1
        size, at = size + start - at, stop
        if run < runs.shape[0]:
            row = runs[run, 1] + 1
            lines += page.rows[row - 1, 0] - page.rows[end, 0] + 1
    kept = kept[:count]
    forms = Forms(page.forms.chars[kept], page.forms.bits[kept], page.forms.speakers[kept])
    left = Page(
        data[:size],
        rows[:count],
        page.origins[kept],
        page.hits[kept],
        page.firsts[kept],
        page.matches[kept],
        forms,
    )
    return left, kept


@part
def wrap_anew(page: Page, rules: NDArray[np.int16], table: RuleTable) -> bool:
    """Ask again which lines go on with a sentence of the line above: no rule counts for those.

    Returns whether that changed what rules say of a long line, one that may tell what the text is
    about.
    """
    changed = False
    for row in range(page.rows.shape[0]):
        match = page.matches[row]
        if match >= 0:
            first = np.int32(-1) if goes_on(page.data, page.rows, row) else match
            if (page.hits[row] > 0) != (first >= 0):
                page.hits[row] = 1 + table[rules[match], IS_HEADER] if first >= 0 else 0
                changed |= page.forms.chars[row] >= BODY_CHARS
            page.firsts[row] = first
    return changed


@kernel
def place_spans(data: Bytes, rows: Rows, runs: Runs, spans: Spans, count: int) -> int:
    """Add what goes of a text to `spans`: start and end in code points, and the rule.

    Beside the runs these are the blank edges of what they leave, whose name is TRIM. Returns how
    many spans there are then.
    """
    over = np.full(rows.shape[0], -1, np.int64)
    for run in range(runs.shape[0]):
        over[runs[run, 0] : runs[run, 1] + 1] = run
    head, tail = _edges(data, rows, over)
    at = place = chars = row = 0
    while row <= rows.shape[0]:
        start = stop = data.size
        if row < rows.shape[0]:
            if over[row] < 0:
                row += 1
                continue
            start, stop = _span(data, rows, runs[over[row]])
        for begin, end, rule in (
            (at, min(start, head), TRIM),
            (max(at, tail), start, TRIM),
            (start, stop, 0),
        ):
            if begin < end:
                chars += count_chars(data, place, begin)
                spans[count, 0] = chars
                chars += count_chars(data, begin, end)
                spans[count, 1] = chars
                spans[count, 2] = rule if rule == TRIM else runs[over[row], 2]
                place, count = end, count + 1
        row = runs[over[row], 1] + 1 if row < rows.shape[0] else row + 1
        at = stop
    return count


@kernel
def _edges(data: Bytes, rows: Rows, over: NDArray[np.int64]) -> tuple[int, int]:
    """Where the first line that stays begins, blanks before it included, and the last one ends."""
    head = tail = 0
    for row in range(rows.shape[0]):
        if over[row] < 0:
            if tail == 0:
                head = rows[row, 1]
                while head > 0 and data[head - 1] != NEWLINE:
                    head -= 1
            tail = rows[row, 2]
    return head, tail
