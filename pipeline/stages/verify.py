"""The measured overlap of every candidate pair, on the shingles themselves.

Texts come in ascending row order and in bounded portions; what stays in memory is four bytes per
shingle of the documents that are in a pair. Overlaps that are already known are not measured again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.dedup.overlap import count_shared
from pipeline.dedup.sketches import ShingleSets, shingle_sets
from pipeline.dedup.telling import (
    Telling,
    differ_in_numbers,
    differ_in_telling_words,
    find_telling,
)
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import TitledTexts, string_at
from pipeline.stages.order import UNKNOWN_TIME, Distinct, Longs
from pipeline.stages.propose import Candidates

ReadTexts = Callable[[Longs], TitledTexts]
Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]

PORTION = 2_048
# A newer version may be this much shorter and still count as full: one length class.
FULL_VERSION = 1 / 1.1


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
    candidates: Candidates, distinct: Distinct, read: ReadTexts, settings: DedupSettings
) -> Overlaps:
    """The exact overlap of every candidate pair, and whether its telling words forbid a merge."""
    left, right = candidates.left, candidates.right
    words = np.minimum(distinct.n_tokens[left], distinct.n_tokens[right])
    asked = words <= _veto_words(settings)
    places = np.unique(np.concatenate([left, right]))
    told = np.unique(np.concatenate([left[asked], right[asked]]))
    sets, telling = _load(places, told, distinct, read, settings)
    shared = count_shared(
        sets, np.searchsorted(places, left), np.searchsorted(places, right)
    ).astype(np.int64)
    of_left = np.maximum(distinct.n_shingles[left], 1)
    of_right = np.maximum(distinct.n_shingles[right], 1)
    overlaps = Overlaps(
        left=left,
        right=right,
        shared=shared,
        jaccard=shared / np.maximum(of_left + of_right - shared, 1),
        left_in_right=shared / of_left,
        right_in_left=shared / of_right,
        vetoed=np.zeros(len(left), np.bool_),
    )
    directions = direct_pairs(overlaps, distinct, settings)
    for k in np.flatnonzero(asked & (directions.right_for_left | directions.left_for_right)):
        pair = telling[int(left[k])], telling[int(right[k])]
        overlaps.vetoed[k] = _forbid(*pair, words=int(words[k]), settings=settings)
    return overlaps


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
    one_story = (sources[left] == sources[right]) & (sources[left] > 0)
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


def _load(
    places: Longs, told: Longs, distinct: Distinct, read: ReadTexts, settings: DedupSettings
) -> tuple[ShingleSets, dict[int, Telling]]:
    """The shingle sets of `places`, in their order, and the telling words of those in `told`."""
    places = places[np.argsort(distinct.rows[places])]
    ends = np.cumsum(distinct.n_shingles[places])
    starts = ends - distinct.n_shingles[places]
    shingles = np.empty(int(ends[-1]) if len(ends) else 0, np.uint32)
    telling: dict[int, Telling] = {}
    for first in range(0, len(places), PORTION):
        portion = places[first : first + PORTION]
        titles, texts = read(distinct.rows[portion])
        found = shingle_sets(titles, texts, settings.shingle_words)
        last = first + len(portion) - 1
        shingles[starts[first] : ends[last]] = found.shingles
        for at in np.flatnonzero(np.isin(portion, told)).tolist():
            telling[int(portion[at])] = find_telling(string_at(titles, at), string_at(texts, at))
    by_place = np.argsort(places)
    return ShingleSets(shingles, starts[by_place], ends[by_place]), telling


def _veto_words(settings: DedupSettings) -> int:
    numbers = settings.number_veto_words if settings.number_veto else -1
    telling = settings.telling_veto_words if settings.telling_veto else -1
    return max(numbers, telling)


def _forbid(left: Telling, right: Telling, *, words: int, settings: DedupSettings) -> bool:
    by_numbers = settings.number_veto and words <= settings.number_veto_words
    by_words = settings.telling_veto and words <= settings.telling_veto_words
    return (by_numbers and differ_in_numbers(left, right)) or (
        by_words and differ_in_telling_words(left, right)
    )
