"""The measured overlap of every candidate pair, on the shingles themselves.

What is already known of a pair is not measured again: it depends on its two documents alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.dedup.telling import (
    Telling,
    differ_in_numbers,
    differ_in_telling_words,
    have_other_numbers,
)
from pipeline.settings import DedupSettings
from pipeline.stages.order import UNKNOWN_TIME, Distinct, Longs
from pipeline.stages.overlaps import Measure
from pipeline.stages.propose import Candidates

Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]

# A newer version may be this much shorter and still count as full: one length class.
FULL_VERSION = 1 / 1.1
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Known:
    """Of each candidate pair the shingles it shares, or UNKNOWN, and whether it was vetoed."""

    shared: Longs
    vetoed: Mask


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Candidate pairs with what was measured on them; `left` is the better place.

    `left_in_right` is the share of the left document's shingles that the right one has.
    """

    left: Longs
    right: Longs
    shared: Longs
    jaccard: Shares
    left_in_right: Shares
    right_in_left: Shares
    vetoed: Mask


@dataclass(frozen=True, slots=True)
class Directions:
    """Which document of a pair may be dropped for the other, and which must be asked first."""

    right_for_left: Mask
    left_for_right: Mask
    left_is_newer: Mask
    right_is_newer: Mask


def verify_pairs(
    candidates: Candidates,
    distinct: Distinct,
    measure: Measure,
    settings: DedupSettings,
    known: Known | None = None,
) -> Overlaps:
    """The exact overlap of every candidate pair, and whether its telling words forbid a merge."""
    left, right = candidates.left, candidates.right
    if known is None:
        known = Known(np.full(len(left), UNKNOWN), np.zeros(len(left), np.bool_))
    shared, vetoed = known.shared.copy(), known.vetoed.copy()
    new = np.flatnonzero(shared == UNKNOWN)
    words = np.minimum(distinct.n_tokens[left], distinct.n_tokens[right])
    asked, named = words <= _veto_words(settings), words <= _name_words(settings)
    for measured in measure(left[new], right[new], asked[new], named[new]):
        pairs = new[measured.pairs]
        shared[pairs] = measured.shared
        mergeable, near = _mergeable(left[pairs], right[pairs], measured.shared, distinct, settings)
        doubtful = np.flatnonzero(mergeable & asked[pairs])
        telling = measured.tell(measured.pairs[doubtful])
        for at, both in zip(doubtful.tolist(), telling, strict=True):
            size = int(words[pairs[at]])
            vetoed[pairs[at]] = _forbid(*both, words=size, near=near[at], settings=settings)
    return weigh(left, right, shared, distinct, vetoed)


def without_vetoes(
    known: Known, candidates: Candidates, distinct: Distinct, settings: DedupSettings
) -> Known:
    """Only what is known of pairs that no veto asks about: for when vetoes are others than then."""
    words = np.minimum(distinct.n_tokens[candidates.left], distinct.n_tokens[candidates.right])
    asked = known.vetoed | (words <= _veto_words(settings))
    return Known(np.where(asked, UNKNOWN, known.shared), known.vetoed & ~asked)


def weigh(left: Longs, right: Longs, shared: Longs, distinct: Distinct, vetoed: Mask) -> Overlaps:
    """What follows from the numbers of shared shingles."""
    of_left = np.maximum(distinct.n_shingles[left], 1)
    of_right = np.maximum(distinct.n_shingles[right], 1)
    return Overlaps(
        left=left,
        right=right,
        shared=shared,
        jaccard=shared / np.maximum(of_left + of_right - shared, 1),
        left_in_right=shared / of_left,
        right_in_left=shared / of_right,
        vetoed=vetoed,
    )


def direct_pairs(overlaps: Overlaps, distinct: Distinct, settings: DedupSettings) -> Directions:
    """What the thresholds make of the overlaps."""
    left, right = overlaps.left, overlaps.right
    of_left, of_right = distinct.n_shingles[left], distinct.n_shingles[right]
    copies = overlaps.jaccard >= settings.jaccard
    enough = (overlaps.shared >= settings.containment_shingles) & settings.contained
    ratio, limit = settings.containment_ratio, settings.containment
    right_inside = enough & (overlaps.right_in_left >= limit) & (of_right >= ratio * of_left)
    left_inside = enough & (overlaps.left_in_right >= limit) & (of_left >= ratio * of_right)
    right_for_left = (copies | right_inside) & ~overlaps.vetoed
    left_for_right = (copies | left_inside) & ~overlaps.vetoed

    times = distinct.published_at
    known = (times[left] != UNKNOWN_TIME) & (times[right] != UNKNOWN_TIME)
    sources, titles = distinct.source, distinct.title_key
    one_story = (sources[left] == sources[right]) & (sources[left] >= 0)
    one_story |= (titles[left] == titles[right]) & (titles[left] > 0)
    left_is_newer = known & one_story & (times[left] > times[right])
    right_is_newer = known & one_story & (times[right] > times[left])
    return Directions(
        right_for_left=right_for_left,
        left_for_right=left_for_right,
        left_is_newer=left_is_newer
        & right_for_left
        & (overlaps.right_in_left >= limit)
        & (of_left >= FULL_VERSION * of_right),
        right_is_newer=right_is_newer
        & left_for_right
        & (overlaps.left_in_right >= limit)
        & (of_right >= FULL_VERSION * of_left),
    )


def _mergeable(
    left: Longs, right: Longs, shared: Longs, distinct: Distinct, settings: DedupSettings
) -> tuple[Mask, Mask]:
    """Whether one of the two may be dropped for the other if no veto forbids it; if as a copy."""
    overlaps = weigh(left, right, shared, distinct, np.zeros(len(left), np.bool_))
    directions = direct_pairs(overlaps, distinct, settings)
    either = directions.right_for_left | directions.left_for_right
    return either, overlaps.jaccard >= settings.jaccard


def _veto_words(settings: DedupSettings) -> int:
    numbers = settings.number_veto_words if settings.number_veto else -1
    return max(numbers, _name_words(settings))


def _name_words(settings: DedupSettings) -> int:
    return settings.telling_veto_words if settings.telling_veto else -1


def _forbid(
    left: Telling, right: Telling, *, words: int, near: bool, settings: DedupSettings
) -> bool:
    """Whether a veto keeps two texts apart; of a text that is only a part more is demanded."""
    by_numbers = settings.number_veto and words <= settings.number_veto_words
    by_words = words <= _name_words(settings)
    return (
        (by_numbers and differ_in_numbers(left, right))
        or (by_numbers and not near and have_other_numbers(left, right))
        or (by_words and differ_in_telling_words(left, right))
    )
