"""Cuts the lines of many texts, round after round, until nothing more is found: in one kernel.

Where only whole lines go, a round is a look at the lines that are left; no string is made before
all is settled. Most texts have no line that could go and cost no more than the model's first look.
Texts that need more than that (what they are about once lines are gone) are left open, for `tidy`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part
from pipeline.text.claims import (
    BY_MODEL,
    UNKNOWN,
    Claims,
    Hits,
    RuleTable,
    claim_lines,
    spare_turns,
)
from pipeline.text.line_batch import (
    Judge,
    Known,
    judge_page,
    nothing_known,
    still_known,
    strongest_groups,
)
from pipeline.text.line_bits import Bytes
from pipeline.text.line_forms import Letters, count_chars, forms_of
from pipeline.text.line_guards import may_still_be_asked
from pipeline.text.line_pages import (
    Page,
    Runs,
    Spans,
    cut_chars,
    place_spans,
    runs_of,
    without,
    wrap_anew,
)
from pipeline.text.line_reading import Reading, room_to_read
from pipeline.text.line_scan import Offsets, Rows
from pipeline.text.zones import BODY_CHARS

# Two rounds settle nearly every text; the bound is for texts made to need more.
ROUNDS = 20
# What became of a text: nothing, its cuts, no cuts since they would be too many, not known.
UNTOUCHED, SETTLED, OVER_CAP, OPEN = range(4)


class Lines(NamedTuple):
    """The lines of some texts, what their words say of them and what rules do.

    Text k is data[offsets[k]:offsets[k + 1]], its lines are rows[ends[k]:ends[k + 1]]. `hits` has
    1 where a rule would cut the line, 2 where one would that heads the lines below. The rules of
    a line are `rules` from its `firsts` on, up to the first below 0. `matches` has the same of
    lines that go on with a sentence of the line above as well, whose rules count for nothing.
    """

    data: Bytes
    offsets: Offsets
    rows: Rows
    ends: Offsets
    flags: NDArray[np.uint8]
    hits: NDArray[np.uint8]
    firsts: NDArray[np.int32]
    matches: NDArray[np.int32]
    rules: NDArray[np.int16]


class Orders(NamedTuple):
    """The rules, the model, which means are asked, the share that may go."""

    table: RuleTable
    judge: Judge
    letters: Letters
    rules: bool
    structure: bool
    model: bool
    share: float


@kernel
def settle_texts(
    lines: Lines,
    titles: tuple[Bytes, Offsets],
    muted: NDArray[np.int8],
    left: NDArray[np.bool_],
    orders: Orders,
) -> tuple[NDArray[np.int64], Spans]:
    """What became of each text that has lines to cut, and what spans it was rid of.

    Rows of the first: text, state, bits of flags, begin and end of its rows in the second: start
    and end in code points, rule. Texts that are `left` are not looked at. `muted` is a row per
    text, as for `claim_lines`.
    """
    texts, spans = np.empty((16, 5), np.int64), np.empty((64, 3), np.int64)
    count = found = 0
    room, unknown, table = room_to_read(), np.empty((0, 0), np.float32), orders.judge.words[0]
    for text in range(lines.offsets.size - 1):
        if left[text]:
            continue
        first, end = lines.ends[text], lines.ends[text + 1]
        data = lines.data[lines.offsets[text] : lines.offsets[text + 1]]
        rows, hits = lines.rows[first:end], lines.hits[first:end]
        asked = orders.model and may_still_be_asked(data, rows, hits, unknown, table, room)
        if not (asked or _any_hit(lines, text)):
            continue
        title = titles[0][titles[1][text] : titles[1][text + 1]]
        page = _page_of(lines, text)
        state, flags, runs = _settle(
            page, asked, room, lines.rules, title, muted[text].copy(), orders
        )
        if state == UNTOUCHED:
            continue
        begin = found
        if state != OPEN:
            spans = _with_room(spans, found + 3 * runs.shape[0] + 2)
            found = place_spans(page.data, page.rows, runs, spans, found)
        texts = _with_room(texts, count + 1)
        texts[count, 0], texts[count, 1], texts[count, 2] = text, state, flags
        texts[count, 3], texts[count, 4] = begin, found
        count += 1
    return texts[:count].copy(), spans[:found].copy()


@kernel
def _with_room(rows: NDArray[np.int64], fewest: int) -> NDArray[np.int64]:
    """The rows, or a copy with twice the room if they are too few."""
    if fewest <= rows.shape[0]:
        return rows
    more = np.empty((2 * fewest, rows.shape[1]), np.int64)
    more[: rows.shape[0]] = rows
    return more


@part
def _any_hit(lines: Lines, text: int) -> bool:
    found = False
    for row in range(lines.ends[text], lines.ends[text + 1]):
        found |= lines.firsts[row] >= 0
    return found


@kernel
def _page_of(lines: Lines, text: int) -> Page:
    """A text as it begins, its forms not yet known."""
    first, end = lines.ends[text], lines.ends[text + 1]
    # A copy, since what later rounds leave of it is one: all that reads it compiles once.
    data = lines.data[lines.offsets[text] : lines.offsets[text + 1]].copy()
    rows = lines.rows[first:end]
    return Page(
        data,
        rows,
        np.arange(0),
        lines.hits[first:end],
        lines.firsts[first:end],
        lines.matches[first:end],
        forms_of(data, rows[:0], data[:0], np.empty(0, np.uint8)),
    )


@kernel
def _settle(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    page: Page,
    asked: bool,
    room: Reading,
    rules: NDArray[np.int16],
    title: Bytes,
    muted: NDArray[np.int8],
    orders: Orders,
) -> tuple[int, int, Runs]:
    """The state of a text, the flags of all rounds, and the runs of lines that go."""
    nothing = np.empty((0, 3), np.int64)
    judge = orders.judge
    likely, known = judge_page(page.data, page.rows, page.hits, nothing_known(), asked, judge)
    if likely.size == 0 and not _is_hit(page):
        return UNTOUCHED, 0, nothing
    page = _described(page, title, orders)
    cuts, count = np.empty((page.rows.shape[0], 3), np.int64), 0
    flags = gone = 0
    most = orders.share * count_chars(page.data, 0, page.data.size)
    for _ in range(ROUNDS):
        claims = _claimed(page, likely, rules, muted, orders)
        if claims.asked >= 0:
            return OPEN, 0, nothing
        runs = runs_of(claims)
        if runs.shape[0] == 0:
            break
        flags |= claims.flags
        gone += cut_chars(page, runs)
        if gone > most:
            return OVER_CAP, flags, nothing
        _name_runs(runs, known, orders)
        for run in range(runs.shape[0]):
            cuts[count, 0], cuts[count, 1] = page.origins[runs[run, 0]], page.origins[runs[run, 1]]
            cuts[count, 2] = runs[run, 2]
            count += 1
        if not orders.model:
            break
        page, kept = _left_of(page, runs, rules, muted, orders)
        known = still_known(known, kept)
        asked = may_still_be_asked(
            page.data, page.rows, page.hits, known.features, judge.words[0], room
        )
        likely, known = judge_page(page.data, page.rows, page.hits, known, asked, judge)
    return (SETTLED if count else UNTOUCHED), flags, cuts[:count]


@kernel
def _claimed(
    page: Page,
    junk: NDArray[np.int64],
    rules: NDArray[np.int16],
    muted: NDArray[np.int8],
    orders: Orders,
) -> Claims:
    """What one look at the page claims."""
    likely = np.zeros(page.rows.shape[0], np.bool_)
    if junk.size:
        likely[junk] = True
        spare_turns(page.forms, likely)
    hits = Hits(page.firsts, rules, likely)
    numbers = page.rows[:, 0]
    return claim_lines(numbers, page.forms, hits, orders.table, muted, orders.structure)


@kernel
def _left_of(
    page: Page, runs: Runs, rules: NDArray[np.int16], muted: NDArray[np.int8], orders: Orders
) -> tuple[Page, NDArray[np.int64]]:
    """What the runs leave of a page, and the rows that stay; what is no more sure of topics goes.

    Lines that go can only tell less of a topic; lines that a rule has to do with anew may do both.
    """
    if _cuts_prose(page, runs):
        muted[muted == 1] = UNKNOWN
    left, kept = without(page, runs)
    if wrap_anew(left, rules, orders.table):
        muted[:] = UNKNOWN
    if not orders.rules:
        left.firsts[:] = -1
    return left, kept


@part
def _cuts_prose(page: Page, runs: Runs) -> bool:
    """Whether a line goes that told what the text is about."""
    for run in range(runs.shape[0]):
        for row in range(runs[run, 0], runs[run, 1] + 1):
            if page.firsts[row] < 0 and page.forms.chars[row] >= BODY_CHARS:
                return True
    return False


@part
def _is_hit(page: Page) -> bool:
    found = False
    for row in range(page.firsts.size):
        found |= page.firsts[row] >= 0
    return found


@kernel
def _described(page: Page, title: Bytes, orders: Orders) -> Page:
    """The page with the forms of its lines, and their numbers as origins."""
    return Page(
        page.data,
        page.rows,
        np.arange(page.rows.shape[0]),
        page.hits,
        page.firsts,
        page.matches,
        forms_of(page.data, page.rows, title, orders.letters),
    )


@kernel
def _name_runs(runs: Runs, known: Known, orders: Orders) -> None:
    """The model's runs are named after groups of features, whose numbers follow those of rules."""
    rows, by_model = np.empty(runs.shape[0], np.int64), orders.table.shape[0] + BY_MODEL
    for run in range(runs.shape[0]):
        rows[run] = runs[run, 0] if runs[run, 2] == by_model else -1
    groups = strongest_groups(known, rows, orders.judge)
    for run in range(runs.shape[0]):
        if rows[run] >= 0:
            runs[run, 2] = orders.table.shape[0] + groups[run]
