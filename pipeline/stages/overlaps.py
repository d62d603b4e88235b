"""Shared shingles of many pairs in bounded memory, from texts that are read in row order.

Of each pair the document that comes first in the input is held, the other one is met when its turn
comes and let go again. Where all first documents would be too much to hold at once, the texts are
read in several passes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from pipeline.dedup.overlap import count_shared
from pipeline.dedup.sketches import ShingleSets, shingle_sets
from pipeline.dedup.telling import Telling, find_telling
from pipeline.stages.buffers import TitledTexts, string_at
from pipeline.stages.order import Distinct, Longs

ReadTexts = Callable[[Longs], TitledTexts]
Mask = npt.NDArray[np.bool_]
Tell = Callable[[Longs], list[tuple[Telling, Telling]]]

# Four bytes each: 0.4 GB. A million news articles of which half are in a pair need two passes.
HELD_SHINGLES = 100_000_000
PORTION_ROWS = 2_048
PORTION_SHINGLES = 4_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Some of the pairs asked for: which, and how many shingles they share.

    `tell` gives the telling words of both documents of such pairs as were asked about.
    """

    pairs: Longs
    shared: Longs
    tell: Tell


# Every pair of places once, some at a time; the masks say whose numbers may be wanted, and whose
# names as well.
Measure = Callable[[Longs, Longs, Mask, Mask], Iterator[Measured]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Pairs of rows, `first` before `second` in the input; `sizes` are the shingles by row."""

    first: Longs
    second: Longs
    telling: Mask
    naming: Mask
    sizes: Longs


def measure_by_reading(distinct: Distinct, read: ReadTexts, *, shingle_words: int) -> Measure:
    """Measures pairs on texts that are read; `read` is asked for ascending rows in each pass."""
    rows = distinct.rows
    sizes = np.zeros(int(rows.max(initial=-1)) + 1, np.int64)
    sizes[rows] = distinct.n_shingles

    def measure(left: Longs, right: Longs, telling: Mask, naming: Mask) -> Iterator[Measured]:
        first, second = np.minimum(rows[left], rows[right]), np.maximum(rows[left], rows[right])
        return measure_pairs(Asked(first, second, telling, naming, sizes), read, shingle_words)

    return measure


def measure_pairs(asked: Asked, read: ReadTexts, shingle_words: int) -> Iterator[Measured]:
    """Every pair once, in as many passes over the texts as memory asks for."""
    held, holder = np.unique(asked.first, return_inverse=True)
    before = np.cumsum(asked.sizes[held]) - asked.sizes[held]
    turns = (before // HELD_SHINGLES)[holder]
    for turn in np.unique(turns):
        yield from _one_pass(np.flatnonzero(turns == turn), asked, read, shingle_words)


def _one_pass(
    pairs: Longs, asked: Asked, read: ReadTexts, shingle_words: int
) -> Iterator[Measured]:
    pairs = pairs[np.argsort(asked.second[pairs], kind="stable")]
    first, second = asked.first[pairs], asked.second[pairs]
    told, named = (
        np.unique(np.concatenate([first[wanted[pairs]], second[wanted[pairs]]]))
        for wanted in (asked.telling, asked.naming)
    )
    held = np.unique(first)
    ends = np.cumsum(asked.sizes[held])
    store = ShingleSets(np.empty(ends[-1], np.uint32), ends - asked.sizes[held], ends)
    words: dict[int, tuple[str, str]] = {}
    telling: dict[int, Telling] = {}
    for rows in _portions(np.union1d(held, second), asked.sizes):
        texts = read(rows)
        sets = shingle_sets(texts.titles, texts.texts, shingle_words)
        _hold(rows, sets, held, store)
        words |= _texts_of(rows, texts, told)
        start, end = np.searchsorted(second, [rows[0], rows[-1] + 1])
        here = slice(start, end)
        shared = count_shared(
            store,
            np.searchsorted(held, first[here]),
            sets,
            np.searchsorted(rows, second[here]),
        )
        yield Measured(
            pairs[here],
            shared,
            partial(
                _tell, asked=asked, words=words, telling=telling, named=frozenset(named.tolist())
            ),
        )


def _tell(
    pairs: Longs,
    *,
    asked: Asked,
    words: dict[int, tuple[str, str]],
    telling: dict[int, Telling],
    named: frozenset[int],
) -> list[tuple[Telling, Telling]]:
    """The telling words of both; those found are remembered in place of the texts."""
    first, second = asked.first[pairs].tolist(), asked.second[pairs].tolist()
    new = {*first, *second} - telling.keys()
    telling |= {row: find_telling(*words.pop(row), names=row in named) for row in new}
    return [(telling[some], telling[other]) for some, other in zip(first, second, strict=True)]


def _portions(rows: Longs, sizes: Longs) -> list[Longs]:
    """The rows, a bounded number of documents and of shingles at a time."""
    portion = np.arange(len(rows)) // PORTION_ROWS + np.cumsum(sizes[rows]) // PORTION_SHINGLES
    return np.split(rows, np.flatnonzero(np.diff(portion)) + 1)


def _hold(rows: Longs, sets: ShingleSets, held: Longs, store: ShingleSets) -> None:
    """Put the sets of those of the rows that are held in their places of the store."""
    start, end = np.searchsorted(held, [rows[0], rows[-1] + 1])
    if start < end:
        kept = np.repeat(np.isin(rows, held[start:end]), sets.ends - sets.starts)
        store.shingles[store.starts[start] : store.ends[end - 1]] = sets.shingles[kept]


def _texts_of(rows: Longs, texts: TitledTexts, told: Longs) -> dict[int, tuple[str, str]]:
    return {
        int(rows[at]): (string_at(texts.titles, at), string_at(texts.texts, at))
        for at in np.flatnonzero(np.isin(rows, told)).tolist()
    }
