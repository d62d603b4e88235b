"""Where a table is cut into parts: content decides, so an unchanged part keeps its file.

A row ends a part where the hash of its id falls below a limit, which no other row can change.
That bounds a part's mean, not its size; so a longer run is cut again behind its smallest hash: the
limit is loosened, for this run alone, just until it cuts. Nothing is counted off from a start.
"""

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

# A run of independent rows passes three means with probability 1/e^3, so a loosened limit stays
# the exception, and no part is longer than this.
LONGEST_IN_MEANS = 3


def cut_parts(ids: pl.Series, *, mean_rows: int) -> list[tuple[int, int]]:
    """Half-open row ranges that cover `ids`, none longer than three means; none for no rows.

    A row more leaves at most two parts that were not there before, a row less takes away at most
    two that were: its own and a neighbour. Most often it is the one part alone.
    """
    digests = map(xxhash.xxh3_64_intdigest, ids.cast(pl.Binary))
    hashes = np.fromiter(digests, dtype=np.uint64, count=ids.len())
    limit = np.uint64((1 << 64) // mean_rows - 1)
    stops = [*(np.flatnonzero(hashes <= limit) + 1).tolist(), ids.len()]
    starts = [0, *stops[:-1]]
    return [
        part
        for start, stop in zip(starts, stops, strict=True)
        if start < stop
        for part in _subdivide(hashes, start, stop, longest=LONGEST_IN_MEANS * mean_rows)
    ]


def _subdivide(
    hashes: NDArray[np.uint64], start: int, stop: int, *, longest: int
) -> list[tuple[int, int]]:
    parts, waiting = [], [(start, stop)]
    while waiting:
        start, stop = waiting.pop()
        if stop - start <= longest:
            parts.append((start, stop))
            continue
        # The last row ends the run already, so it is no place to cut behind.
        cut = start + int(np.argmin(hashes[start : stop - 1])) + 1
        waiting += [(cut, stop), (start, cut)]
    return parts
