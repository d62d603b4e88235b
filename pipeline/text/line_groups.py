"""Lines of a batch that are written alike: what is asked of one goes for all.

A line that finds no place in the table after a few steps is a group of its own: it is asked once
more than it had to be, and no text can make the search long.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import bare_kernel, kernel
from pipeline.text.line_bits import Bytes
from pipeline.text.line_hashes import mix_bytes

Numbers = NDArray[np.int64]

STEPS = 8


class Groups(NamedTuple):
    """The group of each line, and where the first line of each group begins and stops."""

    of: Numbers
    starts: Numbers
    stops: Numbers


@kernel
def group_lines(data: Bytes, starts: Numbers, stops: Numbers) -> Groups:
    """Lines data[starts[k]:stops[k]] by how they are written, in the order of their first."""
    size = np.int64(16)
    while size < 2 * starts.size:
        size *= 2
    table, hashes = np.full(size, -1), np.empty(starts.size, np.uint64)
    groups = Groups(np.empty_like(starts), np.empty_like(starts), np.empty_like(starts))
    count = _group(data, starts, stops, table, hashes, groups)
    return Groups(groups.of, groups.starts[:count], groups.stops[:count])


@kernel
def join_spans(data: Bytes, starts: Numbers, stops: Numbers) -> Bytes:
    """The bytes of all spans, end to end."""
    joined = np.empty((stops - starts).sum(), np.uint8)
    _copy_spans(data, starts, stops, joined)
    return joined


@bare_kernel
def _copy_spans(data: Bytes, starts: Numbers, stops: Numbers, joined: Bytes) -> None:
    size = 0
    for span in range(starts.size):
        for at in range(starts[span], stops[span]):
            joined[size] = data[at]
            size += 1


@bare_kernel
def _group(  # noqa: PLR0913, PLR0917  a kernel takes no keywords
    data: Bytes,
    starts: Numbers,
    stops: Numbers,
    table: Numbers,
    hashes: NDArray[np.uint64],
    groups: Groups,
) -> int:
    """Fills in the groups, by a table of their numbers and a list of their hashes; how many."""
    count = 0
    for line in range(starts.size):
        start, stop = starts[line], stops[line]
        hashed = mix_bytes(data, start, stop, np.uint64(stop - start))
        at, group = np.int64(hashed >> np.uint64(24)) & (table.size - 1), -1
        for _ in range(STEPS):
            other = table[at]
            if other < 0:
                table[at] = count
                break
            if hashes[other] == hashed and _is_same(data, start, stop, groups, other):
                group = other
                break
            at = (at + 1) & (table.size - 1)
        if group < 0:
            group, hashes[count] = count, hashed
            groups.starts[count], groups.stops[count] = start, stop
            count += 1
        groups.of[line] = group
    return count


@bare_kernel
def _is_same(data: Bytes, start: int, stop: int, groups: Groups, group: int) -> bool:
    begin = groups.starts[group]
    if groups.stops[group] - begin != stop - start:
        return False
    same = True
    for k in range(stop - start):
        same &= data[start + k] == data[begin + k]
    return same
