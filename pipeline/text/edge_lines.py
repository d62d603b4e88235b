"""The short lines of many texts as hashes: those at an article's edges, and those inside.

A site's furniture stands at the edges of its articles, word for word the same. So does, at times,
a sentence that many articles end in because they tell of one matter; what gives that away is that
its words recur in the rest of the article, as a footer's do not. Both are counted here in one pass
over the bytes. Re-run tests/text/test_edge_lines.py and the figures beside `learn.sentence_echo`
before touching what counts as a word.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.compile import kernel
from pipeline.text.echoes import MOST_STEMS, Counts, Offsets, listen, may_end_sentence
from pipeline.text.line_bits import Bytes
from pipeline.text.line_hashes import NOTHING, Hashes, hash_line, line_end, skip_blanks


@dataclass(frozen=True, slots=True)
class EdgeLines:
    """Lines of text k: edges[edge_ends[k]:edge_ends[k + 1]], and likewise inside.

    Of each edge line `stems` counts its different longer words and `echoes` how many of them occur
    elsewhere in the text too, by their beginnings. Nothing is told of blank lines, of those that
    are too long or have no letters, and of the title.
    """

    edges: Hashes
    stems: Counts
    echoes: Counts
    edge_ends: Offsets
    inside: Hashes
    inside_ends: Offsets


def find_edge_lines(  # noqa: PLR0913  the shape of an edge, and two columns of strings
    data: Bytes,
    offsets: Offsets,
    titles: Bytes,
    title_offsets: Offsets,
    *,
    head: int,
    tail: int,
    max_chars: int,
) -> EdgeLines:
    """The lines of each text: `head` at its top and `tail` at its end, blank ones not counted."""
    texts = len(offsets) - 1
    starts = offsets[:-1]
    breaks = int(np.count_nonzero(data[starts[0] : offsets[-1]] == 10)) if texts else 0
    edges = np.empty(min(texts * (head + tail), breaks + texts), np.uint64)
    stems, echoes = np.empty(len(edges), np.uint8), np.empty(len(edges), np.uint8)
    inside = np.empty(breaks + texts, np.uint64)
    edge_ends, inside_ends = np.zeros(texts + 1, np.int64), np.zeros(texts + 1, np.int64)
    _scan(
        data, offsets, titles, title_offsets, head, tail, max_chars,
        edges, stems, echoes, edge_ends, inside, inside_ends,
    )  # fmt: skip
    count, others = int(edge_ends[-1]), int(inside_ends[-1])
    return EdgeLines(
        edges[:count], stems[:count], echoes[:count], edge_ends, inside[:others].copy(), inside_ends
    )


def hash_lines(text: str, *, max_chars: int) -> Hashes:
    r"""The hash of each line of one text, 0 for a line that is never told of.

    >>> first, blank, second = hash_lines("Read more\n\n  Read more ", max_chars=200)
    >>> bool(first == second), int(blank)
    (True, 0)
    """
    data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
    hashes = np.empty(text.count("\n") + 1, np.uint64)
    _hash_each(data, max_chars, hashes)
    return hashes


@kernel
def _scan(  # noqa: PLR0913, PLR0917  arrays in, arrays out
    data: Bytes, offsets: Offsets, titles: Bytes, title_offsets: Offsets,
    head: int, tail: int, max_chars: int,
    edges: Hashes, stems: Counts, echoes: Counts, edge_ends: Offsets,
    inside: Hashes, inside_ends: Offsets,
) -> None:  # fmt: skip
    lines = np.empty((head + tail, 3), np.int64)  # begin, end, and which of `edges`
    own = np.empty((head + tail) * MOST_STEMS, np.uint64)
    used = np.empty(own.size, np.int64)
    slots = 256
    while slots < 2 * own.size:
        slots *= 2
    room, tallies = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    edge = inner = 0
    for k in range(offsets.size - 1):
        first, last = offsets[k], offsets[k + 1]
        title = hash_line(titles, title_offsets[k], title_offsets[k + 1], max_chars)
        tail_start = _find_tail(data, first, last, tail)
        asked, seen, at = 0, 0, first
        while at < last:
            end = line_end(data, at, last)
            begin = skip_blanks(data, at, end)
            if begin < end:
                found = hash_line(data, begin, end, max_chars)
                known = found != NOTHING and found != title  # noqa: PLR1714  numba's
                if known and (seen < head or at >= tail_start):
                    edges[edge], stems[edge], echoes[edge] = found, 0, 0
                    if may_end_sentence(data, begin, end):
                        lines[asked, 0], lines[asked, 1], lines[asked, 2] = begin, end, edge
                        asked += 1
                    edge += 1
                elif known:
                    inside[inner] = found
                    inner += 1
                seen += 1
            at = end + 1
        if asked:
            listen(data, first, last, lines[:asked], stems, echoes, room, tallies, own, used)
        edge_ends[k + 1], inside_ends[k + 1] = edge, inner


@kernel
def _hash_each(data: Bytes, max_chars: int, hashes: Hashes) -> None:
    at = 0
    for k in range(hashes.size):
        end = line_end(data, at, data.size)
        hashes[k] = hash_line(data, at, end, max_chars)
        at = end + 1


@kernel
def _find_tail(data: Bytes, first: int, last: int, tail: int) -> int:
    """Where the last `tail` lines that are not blank begin."""
    left, end = tail, last
    while left > 0 and end >= first:
        at = end
        while at > first and data[at - 1] != 10:
            at -= 1
        if skip_blanks(data, at, end) < end:
            left -= 1
        if left == 0:
            return at
        end = at - 1
    return last if tail == 0 else first
