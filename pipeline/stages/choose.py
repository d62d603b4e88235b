"""The decision itself: from fingerprints to who is kept and who is dropped for whom.

A document is dropped only for one that it verifies against and that is kept. Three wishes bend the
canonical order before that: where only the doc_id would decide, the document comes first for which
more may be dropped; the newest full version of a story comes ahead of the older ones, and a whole
ahead of what is only a part of it.

Without the first wish chance decides how many copies are left: over ten draws of ids the F1 of
labelled extracts of pages went from .968 to .972; with it every draw gives the same.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.dedup.greedy import choose_kept, put_in_order
from pipeline.settings import DedupSettings
from pipeline.stages.order import Distinct, Longs, Ranked, distinct_documents, rank_documents
from pipeline.stages.overlaps import ReadTexts, measure_by_reading
from pipeline.stages.propose import propose_pairs
from pipeline.stages.verify import Directions, Overlaps, direct_pairs, verify_pairs


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided: for each place of `distinct` the pair it was dropped by, or -1.

    `followers` counts the documents that might be dropped for it, kept or not.
    """

    ranked: Ranked
    distinct: Distinct
    overlaps: Overlaps
    directions: Directions
    followers: Longs
    position: Longs
    dropped_by: Longs
    uncompared: int

    @property
    def verified(self) -> int:
        """Pairs of which one may be dropped for the other."""
        either = self.directions.right_for_left | self.directions.left_for_right
        return int(either.sum())

    def canonical_places(self) -> Longs:
        """For each place that of the document kept in its stead, itself where it was kept."""
        canonical = np.arange(len(self.distinct))
        dropped = np.flatnonzero(self.dropped_by >= 0)
        pairs = self.dropped_by[dropped]
        canonical[dropped] = self.overlaps.left[pairs] + self.overlaps.right[pairs] - dropped
        return canonical


def choose(fingerprints: pl.DataFrame, read: ReadTexts, settings: DedupSettings) -> Choice:
    """Which document is kept for which, and all that was measured on the way."""
    ranked = rank_documents(fingerprints, settings)
    distinct = distinct_documents(ranked)
    candidates = propose_pairs(fingerprints, distinct, settings)
    measure = measure_by_reading(distinct, read, shingle_words=settings.shingle_words)
    overlaps = verify_pairs(candidates, distinct, measure, settings)
    return decide(ranked, distinct, overlaps, settings, uncompared=candidates.uncompared)


def decide(
    ranked: Ranked,
    distinct: Distinct,
    overlaps: Overlaps,
    settings: DedupSettings,
    *,
    uncompared: int,
) -> Choice:
    """Which document is kept for which, from all that was measured."""
    directions = direct_pairs(overlaps, distinct, settings)
    followers = _followers(len(distinct), overlaps, directions)
    position = _put_in_order(distinct.merit, followers, overlaps, directions)
    dropped_by = _choose(position, overlaps, directions)
    return Choice(
        ranked, distinct, overlaps, directions, followers, position, dropped_by, uncompared
    )


def _followers(count: int, overlaps: Overlaps, directions: Directions) -> Longs:
    """How many documents may be dropped for each."""
    by_left = np.bincount(overlaps.left[directions.right_for_left], minlength=count)
    return by_left + np.bincount(overlaps.right[directions.left_for_right], minlength=count)


def _put_in_order(
    merit: Longs, followers: Longs, overlaps: Overlaps, directions: Directions
) -> Longs:
    """The position of every place: canonical order, bent by the wishes."""
    order = np.argsort((merit << 32) - followers, kind="stable")
    turn = np.empty_like(order)
    turn[order] = np.arange(len(order))
    left, right = turn[overlaps.left], turn[overlaps.right]
    left_is_part = directions.left_for_right & ~directions.right_for_left
    right_is_part = directions.right_for_left & ~directions.left_for_right
    right_first = left_is_part | directions.right_is_newer
    if not right_first.any():
        return turn
    left_first = right_is_part | directions.left_is_newer
    before = np.concatenate([left[left_first], right[right_first]])
    after = np.concatenate([right[left_first], left[right_first]])
    firm = np.concatenate([right_is_part[left_first], left_is_part[right_first]])
    return put_in_order(len(order), before, after, firm)[turn]


def _choose(position: Longs, overlaps: Overlaps, directions: Directions) -> Longs:
    """For each place the pair that it is dropped by, or -1."""
    there = np.flatnonzero(directions.right_for_left)
    back = np.flatnonzero(directions.left_for_right)
    pairs = np.concatenate([there, back])
    dropped = np.concatenate([overlaps.right[there], overlaps.left[back]])
    kept = np.concatenate([overlaps.left[there], overlaps.right[back]])
    chosen = choose_kept(position, dropped, kept, overlaps.jaccard[pairs])
    # Behind the last pair stands what an index of -1 means: no pair.
    return np.append(pairs, -1)[chosen]
