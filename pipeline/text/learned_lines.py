"""Cuts the lines that a source is known to repeat, where they stand outside of an article's body.

That a line is known says what it is; where it stands says whether it is meant as that here. So the
title stays, and what stands in a quotation, a table or a list whose other lines are the article's.
"""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from pipeline.text.edits import Action, Edit
from pipeline.text.lines import Lines, split_lines
from pipeline.text.structure import BULLET
from pipeline.text.zones import ends_sentence, find_zones

TRIM = "trim.edges"
OPENING, CLOSING = "“«„「『", "”»」』"
# Of a sentence that a text wrapped by hand goes on with: shorter lines are labels.
WRAPPED_CHARS = 40
# "Ask any of these offices:" leads in a list.
LIST_INTRO_CHARS = 30
CELL = re.compile(r"\t| {2,}|\|")
NUMBER = re.compile(r"(?<!\w)\d+(?:[.,:]\d+)*(?!\w)")
FEWEST_CELLS = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """How many lines that stay may stand above a cut at the top, or below one at the end."""

    head_lines: int
    tail_lines: int


def find_learned_cuts(
    text: str, *, title: str | None, known: Mapping[str, str], reach: Reach
) -> list[Edit]:
    r"""Cuts of the known lines at the edges of `text`, and trims of the blank lines they bare.

    `known` gives each line's rule. Without a line of the body that stays, nothing is cut.

    >>> body = "It rained on the valley all night, and by morning the road to the mill was closed."
    >>> known, reach = {"Valley Post": "learned.0"}, Reach(3, 8)
    >>> cuts = find_learned_cuts(body + "\nValley Post", title=None, known=known, reach=reach)
    >>> [edit.removed for edit in cuts]
    ['\n', 'Valley Post']
    """
    lines = split_lines(text)
    filled = lines.filled
    hits = {i for i, line in filled.items() if line in known and not _is_title(line, title)}
    zones = find_zones(filled, hits)
    if zones.first < 0:
        return []
    outside = {i for i in hits if not zones.first <= i <= zones.last}
    taken = _spared(filled, outside)
    taken = _within_reach(list(filled), taken, zones.first, reach)
    cuts = [_cut(text, lines, i, known[filled[i]]) for i in sorted(taken)]
    return _with_trims(text, cuts)


def _is_title(line: str, title: str | None) -> bool:
    """Whether the line is the title, a part of it, or the title with little more."""
    ours, theirs = line.casefold(), (title or "").casefold().strip()
    return ours in theirs or (theirs in ours and 2 * len(theirs) >= len(ours))


def _spared(filled: Mapping[int, str], hits: set[int]) -> set[int]:
    """The hits without those that belong to what stands beside them; asked until none more does."""
    order = list(filled)
    place = {i: k for k, i in enumerate(order)}
    taken = set(hits) - _quoted(filled, hits)
    while True:
        bound = {i for i in taken if _is_bound(filled, order, place[i], taken)}
        if not bound:
            return taken
        taken -= bound


def _is_bound(
    filled: Mapping[int, str], order: Sequence[int], at: int, taken: Container[int]
) -> bool:
    """Whether a line is part of a sentence, a list or a table with a neighbour that stays."""
    i = order[at]
    line = filled[i]
    above = order[at - 1] if at and order[at - 1] not in taken else None
    below = order[at + 1] if at + 1 < len(order) and order[at + 1] not in taken else None
    if above is not None and above == i - 1 and _goes_on(filled[above], line):
        return True
    if above is not None and filled[above].endswith((":", "：")):
        return len(filled[above]) >= LIST_INTRO_CHARS or BULLET.match(line) is not None
    neighbours = [filled[j] for j in (above, below) if j is not None]
    if BULLET.match(line) and any(BULLET.match(other) for other in neighbours):
        return True
    if below is not None and BULLET.match(filled[below]):
        return True  # what heads a list
    return any(_are_rows(line, other) for other in neighbours)


def _goes_on(above: str, line: str) -> bool:
    return (
        len(above) >= WRAPPED_CHARS
        and line[:1].islower()
        and not above.endswith(":")
        and not ends_sentence(above)
    )


def _are_rows(line: str, other: str) -> bool:
    """Whether `other` is the row of a table in which `line` could be one, or its heading."""
    cells = [len(CELL.split(row.strip("| \t"))) for row in (line, other)]
    if cells[0] == cells[1] >= FEWEST_CELLS:
        return True
    return len(NUMBER.findall(other)) >= FEWEST_CELLS and not ends_sentence(other)


def _quoted(filled: Mapping[int, str], hits: Container[int]) -> set[int]:
    """The hits inside a quotation: one opens above, and closes below."""
    inside: set[int] = set()
    waiting: list[int] = []
    opened = False
    for i, line in filled.items():
        if i in hits:
            waiting += [i] if opened else []
            continue
        straight = line.count('"') % 2 == 1
        turn = sum(map(line.count, OPENING)) - sum(map(line.count, CLOSING))
        if opened and (turn < 0 or straight):
            inside.update(waiting)
            opened, waiting = False, []
        elif turn > 0 or straight:
            opened, waiting = True, []
        elif turn < 0:
            opened, waiting = False, []
    return inside


def _within_reach(order: Sequence[int], taken: set[int], first_body: int, reach: Reach) -> set[int]:
    """Those of the taken lines beyond which few enough lines stay."""
    near: set[int] = set()
    stay = 0
    for i in order:
        if i in taken and i < first_body:
            near |= {i} if stay < reach.head_lines else set()
        else:
            stay += 1
    stay = 0
    for i in reversed(order):
        if i in taken and i > first_body:
            near |= {i} if stay < reach.tail_lines else set()
        else:
            stay += 1
    return near


def _cut(text: str, lines: Lines, i: int, rule: str) -> Edit:
    start, end = lines.starts[i], min(lines.starts[i + 1], len(text))
    return Edit(start, end, Action.DROP_LINE, rule, text[start:end], "")


def _with_trims(text: str, cuts: list[Edit]) -> list[Edit]:
    """The cuts, and beside them the blank lines that would be left at the text's edges."""
    if not cuts:
        return []
    starts, ends = [cut.start for cut in cuts], [cut.end for cut in cuts]
    gaps = list(zip([0, *ends], [*starts, len(text)], strict=True))
    trims = []
    for start, end in gaps:
        kept = text[start:end]
        word = start + len(kept) - len(kept.lstrip())
        if word < end:
            trims.append((start, max(text.rfind("\n", start, word) + 1, start)))
            break
        trims.append((start, end))
    for start, end in reversed(gaps):
        word = start + len(text[start:end].rstrip())
        trims.append((max(word, start), end))
        if word > start:
            break
    edits = [
        Edit(start, end, Action.TRIM, TRIM, text[start:end], "")
        for start, end in set(trims)
        if start < end
    ]
    return sorted([*cuts, *edits], key=lambda edit: edit.start)
