"""Where two versions of a text differ, found in linear time.

No minimal edit script is sought: that costs quadratic time on the texts that need it least.
Equal characters between two differences are recognised by what a repair leaves alone: the ASCII
characters of a text, its unrepeated lines, or `RESUME` equal characters in a row.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

Span = tuple[int, int, int, int]
"""start and end in the text before, start and end in the text after"""

RESUME = 4  # this many equal characters end a difference; fewer are mere chance
REACHES = (16, 256)  # how far behind a difference equal characters are looked for, nearest first
BLOCK = 4096

_OTHER = re.compile(r"[^\x00-\x7f]+")


def changed_spans(before: str, after: str) -> list[Span]:
    """The spans that differ, in order; each begins and ends with a difference.

    >>> changed_spans("to-day and to-morrow", "today and tomorrow")
    [(2, 3, 2, 2), (13, 14, 12, 12)]
    """
    if before == after:
        return []
    return [
        trimmed
        for span in _rough_spans(before, after)
        for trimmed in [_trim(before, after, span)]
        if trimmed[0] < trimmed[1] or trimmed[2] < trimmed[3]
    ]


def _rough_spans(before: str, after: str) -> Iterator[Span]:
    start, end, new_start, new_end = _trim(before, after, (0, len(before), 0, len(after)))
    old, new = before[start:end], after[new_start:new_end]
    if _OTHER.sub("", old) == _OTHER.sub("", new):
        spans = _between_ascii(old, new)
    else:
        spans = _between_lines(old, new)
    for a, b, c, d in spans:
        yield a + start, b + start, c + new_start, d + new_start


def _trim(before: str, after: str, span: Span) -> Span:
    """The span without the equal characters at its ends."""
    start, end, new_start, new_end = span
    limit = min(end - start, new_end - new_start)
    head = _common(before, after, start, new_start, limit)
    tail = _common_back(before, after, end, new_end, limit - head)
    return start + head, end - tail, new_start + head, new_end - tail


def _common(before: str, after: str, start: int, new_start: int, limit: int) -> int:
    """Length of the common text from two places on: by blocks, then by halving."""
    done, size = 0, BLOCK
    while done < limit and size:
        size = min(size, limit - done)
        left, right = start + done, new_start + done
        if before[left : left + size] == after[right : right + size]:
            done += size
        else:
            size //= 2
    return done


def _common_back(before: str, after: str, end: int, new_end: int, limit: int) -> int:
    done, size = 0, BLOCK
    while done < limit and size:
        size = min(size, limit - done)
        left, right = end - done, new_end - done
        if before[left - size : left] == after[right - size : right]:
            done += size
        else:
            size //= 2
    return done


def _between_ascii(before: str, after: str) -> Iterator[Span]:
    """Differences of texts with the same ASCII characters: the runs of others between them."""
    old, new = list(_runs(before)), list(_runs(after))
    i = j = 0
    while i < len(old) or j < len(new):
        place = min(runs[k][0] for runs, k in ((old, i), (new, j)) if k < len(runs))
        i_next = i + (i < len(old) and old[i][0] == place)
        j_next = j + (j < len(new) and new[j][0] == place)
        start, new_start = place + _passed(old, i), place + _passed(new, j)
        end, new_end = place + _passed(old, i_next), place + _passed(new, j_next)
        yield start, end, new_start, new_end
        i, j = i_next, j_next


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Runs of other than ASCII characters: ASCII characters before it, others up to its end."""
    others = 0
    for match in _OTHER.finditer(text):
        place = match.start() - others
        others += match.end() - match.start()
        yield place, others


def _passed(runs: list[tuple[int, int]], index: int) -> int:
    """Other than ASCII characters in the runs before `index`."""
    return runs[index - 1][1] if index else 0


def _between_lines(before: str, after: str) -> Iterator[Span]:
    """Differences between lines that stand once in both texts, in the same order."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts, new_starts = _starts(old), _starts(new)
    a = c = 0
    for i, j in _anchors(old, new):
        yield from _resuming(before, after, (a, starts[i], c, new_starts[j]))
        a, c = starts[i + 1], new_starts[j + 1]
    yield from _resuming(before, after, (a, len(before), c, len(after)))


def _starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _anchors(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Line numbers of lines that stand once in both: the longest row that ascends in both."""
    once, once_new = Counter(old), Counter(new)
    place = {line: j for j, line in enumerate(new) if once_new[line] == 1}
    pairs = [(i, place[line]) for i, line in enumerate(old) if once[line] == 1 and line in place]
    tails: list[int] = []  # the smallest last line of an ascending row, by its length
    tail_pair: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(tails, j)
        previous.append(tail_pair[length - 1] if length else -1)
        tails[length : length + 1] = [j]
        tail_pair[length : length + 1] = [index]
    row, at = [], tail_pair[-1] if tail_pair else -1
    while at >= 0:
        row.append(pairs[at])
        at = previous[at]
    return row[::-1]


def _resuming(before: str, after: str, span: Span) -> Iterator[Span]:
    """Differences up to where both texts run on alike for `RESUME` characters."""
    start, end, new_start, new_end = _trim(before, after, span)
    while start < end and new_start < new_end:
        met = None
        for reach in REACHES:
            old = before[start : min(end, start + reach)]
            met = met or _meeting(old, after[new_start : min(new_end, new_start + reach)])
        if met is None:
            break
        yield start, start + met[0], new_start, new_start + met[1]
        start, new_start = start + met[0], new_start + met[1]
        same = _common(before, after, start, new_start, min(end - start, new_end - new_start))
        start, new_start = start + same, new_start + same
    if start < end or new_start < new_end:
        yield start, end, new_start, new_end


def _meeting(old: str, new: str) -> tuple[int, int] | None:
    """The nearest places, by summed distance, from where both run on alike."""
    seen: dict[str, int] = {}
    for i in range(len(old) - RESUME + 1):
        seen.setdefault(old[i : i + RESUME], i)
    best: tuple[int, int] | None = None
    for j in range(len(new) - RESUME + 1):
        if best is not None and j >= sum(best):
            break
        at = seen.get(new[j : j + RESUME])
        if at is not None and (best is None or at + j < sum(best)):
            best = at, j
    return best
