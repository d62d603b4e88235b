"""Which line goes by which rule: one walk down the lines of a text.

What a rule may take depends on what was kept above it, never on what was cut, so a second walk
over the result finds nothing more. A kernel, since a page may have a thousand lines that go.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel, part
from pipeline.text.line_forms import (
    COLON,
    ENDS,
    LEADS,
    LONG,
    LOWER,
    MARKED,
    PROSE,
    QUOTED,
    SHORT_PROSE,
    TITLE,
    Forms,
)

# Site furniture above an article is a handful of lines: kicker, byline, date, share bar.
HEAD_LINES = 8
LIST_LINES = 12
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_CHARS = 40
FEWEST_SPEAKERS = FEWEST_TURNS = 2
FEWEST_MARKED = 3

# Columns of a table of rules, whose rows are the rules' numbers.
COLUMNS = 7
ZONE, IS_HEADER, BLOCK_LINES, ITEM_CHARS, TOPIC, UNMISTAKABLE, FLAG = range(COLUMNS)
RuleTable = NDArray[np.int64]
# Values of the column of zones.
ANY, HEAD, TAIL, EDGE = range(4)
# The rows behind the last rule: lines of the model's, and what stands below furniture.
BY_MODEL, BELOW = -2, -1
KEPT = -1
# What the rules have to say about the topic of a text that is not known yet.
UNKNOWN = 2


class Hits(NamedTuple):
    """What speaks against lines.

    The rules of line k are `rules` from firsts[k] on, up to the first below 0; firsts[k] is below
    0 for a line without any. `likely` lines are the model's.
    """

    firsts: NDArray[np.int32]
    rules: NDArray[np.int16]
    likely: NDArray[np.bool_]


class Claims(NamedTuple):
    """By line the number of the rule it goes by, below 0 if it stays, and its unit.

    Lines of one unit (a header and its items) go as one cut. `flags` has the bit of each flag
    that is set; `asked` a topic that was needed and not known, so that nothing is sure: else -1.
    In a text without a body nothing may go.
    """

    rules: NDArray[np.int64]
    units: NDArray[np.int64]
    flags: int
    asked: int
    has_body: bool


class _Zones(NamedTuple):
    """The body lines, and the first and the last of them; -1 where there is none."""

    body: NDArray[np.bool_]
    first: int
    last: int


class _Kept(NamedTuple):
    """What was kept so far: how many lines, the last of them, and what is left of a list."""

    lines: int
    last: int
    listed: int


NONE_KEPT = _Kept(0, -1, 0)


@kernel
def spare_turns(forms: Forms, likely: NDArray[np.bool_]) -> None:
    """Take back what the model says of quotations and of the lines of a talk.

    A talk has at least two speakers who speak twice each, or marked answers.
    """
    talkers = np.flatnonzero(forms.speakers)
    talkers = talkers[np.argsort(forms.speakers[talkers])]
    spoken = np.zeros(likely.size, np.bool_)
    talking, marked, first = 0, 0, 0
    for row in range(likely.size):
        marked += forms.bits[row] & MARKED > 0
    while first < talkers.size:
        speaker, end = forms.speakers[talkers[first]], first
        while end < talkers.size and forms.speakers[talkers[end]] == speaker:
            end += 1
        if end - first >= FEWEST_TURNS:
            talking += 1
            spoken[talkers[first:end]] = True
        first = end
    for row in range(likely.size):
        of_talk = talking >= FEWEST_SPEAKERS and spoken[row]
        of_talk = of_talk or (marked >= FEWEST_MARKED and forms.bits[row] & MARKED > 0)
        if of_talk or forms.bits[row] & QUOTED:
            likely[row] = False


@kernel
def claim_lines(  # noqa: C901, PLR0912, PLR0913, PLR0917  no keywords in kernels, a case a kind
    numbers: NDArray[np.int64],
    forms: Forms,
    hits: Hits,
    table: RuleTable,
    muted: NDArray[np.int8],
    structure: bool,
) -> Claims:
    """What goes of the lines of a text, whose numbers are given: from top to bottom.

    `muted` says of each topic whether the text is about it, UNKNOWN where that was not asked yet.
    """
    count = numbers.size
    claimed, units = np.full(count, KEPT), np.zeros(count, np.int64)
    zones, kept = _find_zones(forms, hits), NONE_KEPT
    flags = 0
    block, block_unit, block_left, below, below_unit = KEPT, 0, 0, False, 0
    for row in range(count if zones.first >= 0 else 0):
        by_rule, likely, bits = hits.firsts[row] >= 0, hits.likely[row], forms.bits[row]
        rule, goes = KEPT, False
        if by_rule or likely or block >= 0 or below:  # few lines
            bound = bits & TITLE > 0
            if kept.lines and not bound:
                gap = numbers[row] - numbers[kept.last]
                above = forms.chars[kept.last], forms.bits[kept.last]
                bound = _is_bound(bits, gap, above, kept.listed, likely and not by_rule)
            if by_rule and not bound:
                titled = kept.lines == 0 and row + 1 < count and zones.body[row + 1]
                rule, asked = _rule_for(row, hits, table, muted, zones, kept.lines, titled)
                if asked >= 0:
                    return Claims(claimed, units, flags, asked, True)
            if likely and not bound and rule < 0:
                rule = table.shape[0] + BY_MODEL
            guessed = rule == table.shape[0] + BY_MODEL
            chars = forms.chars[row]
            if rule >= 0 and not (guessed and (block >= 0 or below)):
                goes = True
            elif (
                block >= 0
                and block_left > 0
                and _is_item(bits, chars, zones.body[row], table[block])
            ):
                claimed[row], units[row], block_left = block, block_unit, block_left - 1
            elif below and not bound and _is_furniture(bits, chars, table):
                claimed[row], units[row] = table.shape[0] + BELOW, below_unit
            else:
                goes = rule >= 0
        if goes:
            claimed[row], units[row] = rule, row
            flags |= table[rule, FLAG]
            if table[rule, IS_HEADER]:
                block, block_unit, block_left = rule, row, table[rule, BLOCK_LINES]
            if structure and table[rule, ZONE] != ANY and row > zones.last:
                below, below_unit = True, -row - 1
        elif claimed[row] < 0:
            block, block_left, below = KEPT, 0, False
            listed = LIST_LINES if bits & LEADS else 0
            if kept.listed and not zones.body[row]:
                listed = kept.listed - 1
            kept = _Kept(kept.lines + 1, row, listed)
    return Claims(claimed, units, flags, -1, zones.first >= 0)


@part
def _is_hit(hits: Hits, row: int) -> bool:
    return bool(hits.firsts[row] >= 0 or hits.likely[row])


@kernel
def _find_zones(forms: Forms, hits: Hits) -> _Zones:
    """`zones.find_zones`: the prose that nothing speaks against, or sentences, or long lines."""
    count = forms.bits.size
    body = np.zeros(count, np.bool_)
    first = last = -1
    for wanted in (PROSE, SHORT_PROSE, LONG):
        for row in range(count):
            if forms.bits[row] & wanted and not _is_hit(hits, row):
                body[row] = True
                first, last = (row if first < 0 else first), row
        if first >= 0:
            break
    return _Zones(body, first, last)


@part
def _rule_for(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    row: int,
    hits: Hits,
    table: RuleTable,
    muted: NDArray[np.int8],
    zones: _Zones,
    kept: int,
    titled: bool,
) -> tuple[int, int]:
    """The first rule that may take a line, and a topic that must be known before.

    A first line right above the body is `titled`: it is the article's title as a rule.
    """
    at = hits.firsts[row]
    while hits.rules[at] >= 0:
        rule = int(hits.rules[at])
        at += 1
        zone, topic = table[rule, ZONE], table[rule, TOPIC]
        if row > zones.last:
            fits = zone != HEAD
        elif row < zones.first and kept < HEAD_LINES:
            fits = zone != TAIL
        else:
            fits = zone == ANY
            if fits and topic >= 0:
                if muted[topic] == UNKNOWN:
                    return KEPT, topic
                fits = muted[topic] == 0
        if fits and not (titled and not table[rule, UNMISTAKABLE]):
            return rule, -1
    return KEPT, -1


@part
def _is_item(bits: int, chars: int, of_body: bool, header: NDArray[np.int64]) -> bool:
    """Whether a line below a header goes with it."""
    return not of_body and chars <= header[ITEM_CHARS] and not bits & TITLE


@part
def _is_furniture(bits: int, chars: int, table: RuleTable) -> bool:
    """Whether a line below furniture goes with it."""
    return chars <= table[table.shape[0] + BELOW, ITEM_CHARS] and not bits & (ENDS | QUOTED)


@part
def _is_bound(
    bits: int,
    gap: int,
    above: tuple[int, int],
    listed: int,
    guessed: bool,
) -> bool:
    """Whether a line belongs to the kept one `gap` lines above, given its characters and bits.

    It may stand in a list that the line leads in, without a gap, or go on with its sentence in a
    text wrapped by hand. A line that only the model would cut also does so where it ends it.
    """
    if listed and gap <= 1 + (listed == LIST_LINES):
        return True
    if gap != 1 or above[0] < WRAPPED_CHARS or above[1] & (COLON | ENDS):
        return False
    return bool(bits & LOWER or (guessed and bits & ENDS))
