"""Candidate pairs from what the last clustering knew: only buckets that changed are paired anew.

Documents have numbers here, which they keep for as long as they are unchanged. How often each pair
shares a band or an anchor is remembered, because a bucket that changes takes shares away as well
as it adds some. The result is that of proposing everything from scratch, whatever came before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.dedup.buckets import Entries, Shard, add_up, find_equal, find_marked, propose
from pipeline.dedup.tokens import Hashes
from pipeline.settings import DedupSettings
from pipeline.stages.order import Distinct, Longs
from pipeline.stages.propose import (
    SHARED_ANCHORS,
    UPPER,
    Candidates,
    could_matter,
    unpack,
)
from pipeline.stages.verify import UNKNOWN, Known, Overlaps

Counted = tuple[Hashes, Longs]
PORTION_ENTRIES = 500_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Pairs of numbers, the lesser one in the upper half, ascending, and all that is known of each.

    `bands` and `anchors` say how many the two share in buckets where they are compared; `shared`
    is their measured overlap in shingles, or UNKNOWN.
    """

    pairs: Hashes
    bands: Longs
    anchors: Longs
    shared: Longs
    vetoed: npt.NDArray[np.bool_]
    uncompared: int


@dataclass(frozen=True, slots=True)
class Move:
    """Documents by place in canonical order, as numbers: before, and now.

    `size` is the number of numbers ever given. `gone` marks those whose words may have gone
    with them; one that only gave way to a better copy of itself is not among them.
    """

    before: Longs
    now: Longs
    size: int
    gone: npt.NDArray[np.bool_]

    def places(self) -> tuple[Longs, Longs]:
        """For every number its place before and now; -1 where it has none."""
        before, now = np.full(self.size, -1, np.int64), np.full(self.size, -1, np.int64)
        before[self.before] = np.arange(len(self.before))
        now[self.now] = np.arange(len(self.now))
        return before, now


def empty_tally() -> Tally:
    """Nothing known of any pair."""
    none = np.zeros(0, np.int64)
    return Tally(np.zeros(0, np.uint64), none, none, none, np.zeros(0, np.bool_), 0)


def recount(
    tally: Tally, bands: Iterable[Shard], anchors: Iterable[Shard], move: Move, head: int
) -> Tally:
    """The tally after the documents moved; what was measured on a pair that stays is kept."""
    places = move.places()
    by_band, less = _changes(bands, move, places, head)
    by_anchor, less_again = _changes(anchors, move, places, head)
    grown = _with_pairs(tally, np.union1d(by_band[0], by_anchor[0]))
    for counts, (pairs, change) in ((grown.bands, by_band), (grown.anchors, by_anchor)):
        counts[np.searchsorted(grown.pairs, pairs)] += change
    grown = replace(grown, uncompared=tally.uncompared + less + less_again)
    return _take(grown, np.flatnonzero((grown.bands > 0) | (grown.anchors > 0)))


def forget_counts(tally: Tally) -> Tally:
    """Only what was measured: for when buckets are to be paired by other rules."""
    nothing = np.zeros(len(tally.pairs), np.int64)
    measured = replace(tally, bands=nothing, anchors=nothing, uncompared=0)
    return _take(measured, np.flatnonzero(tally.shared != UNKNOWN))


def candidates_of(
    tally: Tally, move: Move, distinct: Distinct, settings: DedupSettings
) -> tuple[Candidates, Known, Longs]:
    """The candidate pairs as `propose_pairs` gives them, what is known, and their tally rows."""
    chosen = np.flatnonzero((tally.bands > 0) | (tally.anchors >= SHARED_ANCHORS))
    place = move.places()[1]
    some, others = unpack(tally.pairs[chosen])
    left = np.minimum(place[some], place[others])
    right = np.maximum(place[some], place[others])
    hopeful = could_matter(distinct.n_shingles[left], distinct.n_shingles[right], settings)
    chosen, left, right = chosen[hopeful], left[hopeful], right[hopeful]
    order = np.argsort(left << 32 | right)
    chosen = chosen[order]
    known = Known(tally.shared[chosen], tally.vetoed[chosen])
    return Candidates(left[order], right[order], tally.uncompared), known, chosen


def with_measured(tally: Tally, rows: Longs, overlaps: Overlaps) -> Tally:
    """The tally with what was measured on the pairs of these rows."""
    shared, vetoed = tally.shared.copy(), tally.vetoed.copy()
    shared[rows], vetoed[rows] = overlaps.shared, overlaps.vetoed
    return replace(tally, shared=shared, vetoed=vetoed)


def forget_measured(tally: Tally) -> Tally:
    """Only the counts."""
    size = len(tally.pairs)
    return replace(tally, shared=np.full(size, UNKNOWN), vetoed=np.zeros(size, np.bool_))


def _changes(
    shards: Iterable[Shard], move: Move, places: tuple[Longs, Longs], head: int
) -> tuple[Counted, int]:
    """By how much the number of keys that pairs share has changed, and the pairs left out."""
    before, now = places
    found: list[Counted] = [(np.zeros(0, np.uint64), np.zeros(0, np.int64))]
    left_out = 0
    for after, earlier in _portions(_affected(shard, move.gone) for shard in shards):
        for entries, place, order, sign in (
            (after, now, move.now, 1),
            (earlier, before, move.before, -1),
        ):
            members = place[entries.numbers]
            there = members >= 0
            pairs, missed = propose(entries.keys[there], members[there].astype(np.uint32), head)
            found.append(_counted(pairs, order, sign))
            left_out += sign * missed
    return add_up(found), left_out


def _affected(shard: Shard, gone: npt.NDArray[np.bool_]) -> tuple[list[Entries], list[Entries]]:
    """All entries, now and before, of the buckets that any document came into or left.

    A better copy of what was there has the same keys, so its own buckets are all that it changes.
    """
    touched = [run.keys for run in shard.added]
    if gone.any():
        touched += [run.keys[find_marked(run.numbers, gone)] for run in shard.stored]
    if not shard.stored or not touched:
        return shard.added, []
    wanted = np.sort(np.concatenate(touched))
    found = ((run, find_equal(run.keys, wanted)) for run in shard.stored)
    old = [Entries(run.keys[there], run.numbers[there]) for run, there in found]
    return old + shard.added, old


def _portions(
    shards: Iterable[tuple[list[Entries], list[Entries]]],
) -> Iterator[tuple[Entries, Entries]]:
    """The entries of some shards together, so that few are not paired a few at a time."""
    after: list[Entries] = []
    before: list[Entries] = []
    for now, earlier in shards:
        after += now
        before += earlier
        if sum(len(run.keys) for run in after) >= PORTION_ENTRIES:
            yield _joined(after), _joined(before)
            after, before = [], []
    if after:
        yield _joined(after), _joined(before)


def _joined(runs: list[Entries]) -> Entries:
    if not runs:
        return Entries(np.zeros(0, np.uint64), np.zeros(0, np.uint32))
    if len(runs) == 1:
        return runs[0]
    return Entries(
        np.concatenate([run.keys for run in runs]), np.concatenate([run.numbers for run in runs])
    )


def _counted(pairs: Hashes, order: Longs, sign: int) -> Counted:
    """Pairs of places as pairs of numbers, each counted."""
    left, right = unpack(pairs)
    some, others = order[left], order[right]
    upper = np.minimum(some, others).astype(np.uint64) << UPPER
    numbers, counts = np.unique(
        upper | np.maximum(some, others).astype(np.uint64), return_counts=True
    )
    return numbers, sign * counts


def _with_pairs(tally: Tally, pairs: Hashes) -> Tally:
    """A copy of the tally with these pairs too, of which nothing is known as yet."""
    places = np.searchsorted(tally.pairs, pairs)
    there = np.append(tally.pairs, np.uint64(0))[places] == pairs
    there &= places < len(tally.pairs)
    pairs, places = pairs[~there], places[~there]
    return Tally(
        np.insert(tally.pairs, places, pairs),
        np.insert(tally.bands, places, 0),
        np.insert(tally.anchors, places, 0),
        np.insert(tally.shared, places, UNKNOWN),
        np.insert(tally.vetoed, places, values=False),
        tally.uncompared,
    )


def _take(tally: Tally, rows: Longs) -> Tally:
    return Tally(
        tally.pairs[rows],
        tally.bands[rows],
        tally.anchors[rows],
        tally.shared[rows],
        tally.vetoed[rows],
        tally.uncompared,
    )
