"""Who is kept: greedy choice over verified pairs, one document after the other.

A document joins the best document that was kept before it and that it may be dropped for, else it
is kept. So every duplicate verifies against its own canonical, and A~B~C never merges A with C.
Documents are spoken of by their rank in canonical order.
"""

import heapq

import numpy as np
import numpy.typing as npt

from pipeline.compile import kernel

Places = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@kernel
def list_neighbours(count: int, sources: Places) -> tuple[Places, Places]:
    """Offsets into a list of the pairs of each source, and that list."""
    offsets = np.zeros(count + 1, np.int64)
    for source in sources:
        offsets[source + 1] += 1
    for k in range(count):
        offsets[k + 1] += offsets[k]
    listed = np.empty(sources.size, np.int64)
    places = offsets.copy()
    for pair in range(sources.size):
        listed[places[sources[pair]]] = pair
        places[sources[pair]] += 1
    return offsets, listed


@kernel
def put_in_order(count: int, before: Places, after: Places, firm: npt.NDArray[np.bool_]) -> Places:
    """Position of every rank when before[k] must come ahead of after[k], else by rank.

    Where the wishes contradict each other those that are not firm give way; the firm ones never
    form a circle.
    """
    offsets, listed = list_neighbours(count, before)
    waits = np.zeros(count, np.int64)
    waits_firmly = np.zeros(count, np.int64)
    for k in range(after.size):
        waits[after[k]] += 1
        waits_firmly[after[k]] += firm[k]
    ready = [np.int64(rank) for rank in range(count) if waits[rank] == 0]
    position = np.full(count, -1, np.int64)
    placed, stuck = 0, 0
    while placed < count:
        if len(ready) > 0:
            rank = heapq.heappop(ready)
        else:
            while position[stuck] >= 0 or waits_firmly[stuck] > 0:
                stuck += 1
            rank = np.int64(stuck)
            stuck = 0
        if position[rank] >= 0:
            continue
        position[rank] = placed
        placed += 1
        for at in range(offsets[rank], offsets[rank + 1]):
            other = after[listed[at]]
            waits[other] -= 1
            waits_firmly[other] -= firm[listed[at]]
            if waits[other] == 0 and position[other] < 0:
                heapq.heappush(ready, other)
    return position


@kernel
def choose_kept(position: Places, dropped: Places, kept: Places, score: Values) -> Places:
    """For every rank the pair it is dropped by, or -1 where it is kept.

    Pair k says that dropped[k] may be dropped for kept[k]. The best is the highest score, then the
    first in order.
    """
    count = position.size
    order = np.empty(count, np.int64)
    order[position] = np.arange(count)
    offsets, listed = list_neighbours(count, dropped)
    chosen = np.full(count, -1, np.int64)
    for rank in order:
        best = -1
        for at in range(offsets[rank], offsets[rank + 1]):
            pair = listed[at]
            other = kept[pair]
            if position[other] > position[rank] or chosen[other] >= 0:
                continue
            if best >= 0 and score[pair] < score[best]:
                continue
            if best < 0 or score[pair] > score[best] or position[other] < position[kept[best]]:
                best = pair
        chosen[rank] = best
    return chosen
