"""Which documents are worth comparing: those that share an LSH band or two anchors.

Bands find documents that are alike as wholes; anchors find one that lies inside a much longer one,
where the Jaccard of the two is too low for any banding. Neither decides anything.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.dedup.buckets import merge_pairs, propose
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import numbers_of
from pipeline.stages.order import Distinct, Longs

Pairs = npt.NDArray[np.uint64]

# Anchors that a pair has to share: one alone is often a stock phrase.
SHARED_ANCHORS = 2


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
    by_band, left_out = _share_a_band(fingerprints["bands"], distinct, settings)
    by_anchor, left_out_more = _share_anchors(fingerprints["anchors"], distinct, settings)
    pairs = merge_pairs([by_band, by_anchor])
    left = (pairs >> np.uint64(32)).astype(np.int64)
    right = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    hopeful = _could_matter(distinct.n_shingles[left], distinct.n_shingles[right], settings)
    return Candidates(left[hopeful], right[hopeful], left_out + left_out_more)


def _share_a_band(
    bands: pl.Series, distinct: Distinct, settings: DedupSettings
) -> tuple[Pairs, int]:
    values, offsets = numbers_of(bands)
    places = np.flatnonzero(distinct.n_tokens > 0)
    starts = offsets[distinct.rows[places]]
    members = places.astype(np.uint32)
    found, left_out = [], 0
    for band in range(settings.bands):
        pairs, missed = propose(values[starts + band], members, settings.bucket_head)
        found.append(pairs)
        left_out += missed
    return merge_pairs(found), left_out


def _share_anchors(
    anchors: pl.Series, distinct: Distinct, settings: DedupSettings
) -> tuple[Pairs, int]:
    if not settings.contained:
        return np.zeros(0, np.uint64), 0
    values, offsets = numbers_of(anchors)
    place_of_row = np.full(len(anchors), -1, np.int64)
    place_of_row[distinct.rows] = np.arange(len(distinct))
    members = np.repeat(place_of_row, np.diff(offsets))
    taken = members >= 0
    pairs, left_out = propose(values[taken], members[taken].astype(np.uint32), settings.bucket_head)
    return merge_pairs([pairs], at_least=SHARED_ANCHORS), left_out


def _could_matter(left: Longs, right: Longs, settings: DedupSettings) -> npt.NDArray[np.bool_]:
    """Whether documents of these sizes can reach any threshold at all."""
    less, more = np.minimum(left, right), np.maximum(left, right)
    alike = less >= settings.review_jaccard * more
    if not settings.contained:
        return np.asarray(alike)
    inside = (less >= settings.containment_shingles) & (less >= settings.containment_ratio * more)
    return np.asarray(alike | inside)
