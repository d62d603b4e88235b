"""Which documents are worth comparing: those that share an LSH band or two anchors.

Bands find documents that are alike as wholes; anchors find one that lies inside a much longer one,
where the Jaccard of the two is too low for any banding. Neither decides anything.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.dedup.buckets import add_up, count_pairs, propose
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import numbers_of
from pipeline.stages.order import Distinct, Longs

Pairs = npt.NDArray[np.uint64]

# Anchors that a pair has to share: one alone is often a stock phrase.
SHARED_ANCHORS = 2
LOWER = np.uint64(0xFFFFFFFF)
UPPER = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of places, `left` the better one, in ascending order; and pairs that went unseen."""

    left: Longs
    right: Longs
    uncompared: int


def propose_pairs(
    fingerprints: pl.DataFrame, distinct: Distinct, settings: DedupSettings
) -> Candidates:
    """Every pair that the settings could merge or list, as far as bands and anchors show it."""
    bands, left_out = _count_bands(fingerprints["bands"], distinct, settings)
    anchors, left_out_more = _count_anchors(fingerprints["anchors"], distinct, settings)
    by_anchor = anchors[0][anchors[1] >= SHARED_ANCHORS]
    pairs, _ = add_up([bands, (by_anchor, np.ones(len(by_anchor), np.int64))])
    left, right = unpack(pairs)
    hopeful = could_matter(distinct.n_shingles[left], distinct.n_shingles[right], settings)
    return Candidates(left[hopeful], right[hopeful], left_out + left_out_more)


def unpack(pairs: Pairs) -> tuple[Longs, Longs]:
    """The upper and the lower half of each pair."""
    return (pairs >> UPPER).astype(np.int64), (pairs & LOWER).astype(np.int64)


def could_matter(left: Longs, right: Longs, settings: DedupSettings) -> npt.NDArray[np.bool_]:
    """Whether documents of so many shingles can reach any threshold at all."""
    less, more = np.minimum(left, right), np.maximum(left, right)
    alike = less >= settings.review_jaccard * more
    if not settings.contained:
        return np.asarray(alike)
    inside = (less >= settings.containment_shingles) & (less >= settings.containment_ratio * more)
    return np.asarray(alike | inside)


def _count_bands(
    bands: pl.Series, distinct: Distinct, settings: DedupSettings
) -> tuple[tuple[Pairs, Longs], int]:
    values, offsets = numbers_of(bands)
    places = np.flatnonzero(distinct.n_tokens > 0)
    starts = offsets[distinct.rows[places]]
    members = places.astype(np.uint32)
    found, left_out = [], 0
    for band in range(settings.bands):
        pairs, missed = propose(values[starts + band], members, settings.bucket_head)
        found.append(pairs)
        left_out += missed
    return count_pairs(found), left_out


def _count_anchors(
    anchors: pl.Series, distinct: Distinct, settings: DedupSettings
) -> tuple[tuple[Pairs, Longs], int]:
    if not settings.contained:
        return count_pairs([]), 0
    values, offsets = numbers_of(anchors)
    place_of_row = np.full(len(anchors), -1, np.int64)
    place_of_row[distinct.rows] = np.arange(len(distinct))
    members = np.repeat(place_of_row, np.diff(offsets))
    taken = members >= 0
    pairs, left_out = propose(values[taken], members[taken].astype(np.uint32), settings.bucket_head)
    return count_pairs([pairs]), left_out
