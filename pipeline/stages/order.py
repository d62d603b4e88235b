"""Canonical order: of two documents that are one, which is kept.

The order is total and depends on the documents alone. Everything after this speaks of documents by
their rank in it, which is why the order of rows never shows in a result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from pipeline.dedup.buckets import find_shared, slot_bits
from pipeline.dedup.tokens import Hashes
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import strings_of

Longs = npt.NDArray[np.int64]

UNKNOWN_TIME = np.iinfo(np.int64).min
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Distinct:
    """One document for all that have the same words, in canonical order; arrays by its place.

    `ranks` are its own rank among all documents, `rows` its row in the fingerprints, `source` a
    number for each source and -1 for none; `merit` as in `Ranked`.
    """

    ranks: Longs
    merit: Longs
    rows: Longs
    n_shingles: Longs
    n_tokens: Longs
    published_at: Longs
    source: Longs
    title_key: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.ranks)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The valid documents in canonical order; arrays by rank.

    `facts` are the fingerprints in the order in which they came, without bands and anchors, and
    `rows` says where each document lies in them. `by_id` is its place in order of doc_id, `places`
    that of the first document with the same words: see `Distinct`. `merit` ascends with the rank
    and is equal where only the doc_id decides.
    """

    facts: pl.DataFrame
    rows: Longs
    by_id: Longs
    places: Longs
    merit: Longs

    def take(self, ranks: Longs, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of the documents of these ranks."""
        return self.facts.select(columns)[self.rows[ranks]]

    def frame(self, *columns: str) -> pl.DataFrame:
        """These columns of all of them."""
        return self.facts.select(columns)[self.rows]

    def ids(self) -> pl.Series:
        """Every doc_id, in order."""
        rows = np.empty(len(self.rows), np.int64)
        rows[self.by_id] = self.rows
        return self.facts["doc_id"][rows]


def rank_documents(fingerprints: pl.DataFrame, settings: DedupSettings) -> Ranked:
    """The valid documents in canonical order; the order of rows is irrelevant."""
    ids = order_of_ids(fingerprints["doc_id"])
    ids = ids[fingerprints["valid"].to_numpy()[ids]]
    by_id, merit = _order(fingerprints, ids, settings)
    rows = ids[by_id]
    places = _places(fingerprints["token_key"].to_numpy()[rows])
    # Bands and anchors would take most of the memory for as long as the order is known.
    return Ranked(fingerprints.drop("bands", "anchors", strict=False), rows, by_id, places, merit)


def distinct_documents(ranked: Ranked) -> Distinct:
    """The first document of each place."""
    places = ranked.places
    ranks = np.flatnonzero(np.diff(np.maximum.accumulate(places), prepend=-1))
    rows, facts = ranked.rows[ranks], ranked.facts
    sources = facts["source"].cast(pl.Categorical).to_physical()
    return Distinct(
        ranks=ranks,
        merit=ranked.merit[ranks],
        rows=rows,
        n_shingles=_longs(facts["n_shingles"], rows),
        n_tokens=_longs(facts["n_tokens"], rows),
        published_at=_longs(facts["published_at"].to_physical().fill_null(UNKNOWN_TIME), rows),
        source=_longs(sources.cast(pl.Int64).fill_null(-1), rows),
        title_key=facts["title_key"].to_numpy()[rows],
    )


def source_ranks(sources: pl.Series, settings: DedupSettings) -> pl.Series:
    """The place of every source among the preferred ones; all others come behind these."""
    preferred = list(settings.preferred_sources)
    return sources.replace_strict(
        preferred, range(len(preferred)), default=len(preferred), return_dtype=pl.UInt32
    )


def order_of_ids(ids: pl.Series) -> Longs:
    """The rows in order of their ids; equal ids stay in their order.

    By the first eight bytes where these tell nearly all ids apart, as they do with digests: a fifth
    of what sorting strings costs.
    """
    found = strings_of(ids)
    starts, ends = found.offsets[:-1], found.offsets[1:]
    if len(ids) and (ends - starts >= 8).all():
        heads = sliding_window_view(found.data, 8)[starts].view(">u8").ravel().astype(np.uint64)
        order = np.argsort(heads)
        tied = np.flatnonzero(heads[order[1:]] == heads[order[:-1]])
        if len(tied) <= len(ids) // 1_000 + 8:
            _settle(order, tied, heads, ids)
            return order
    named = ids.to_frame("id").with_row_index().sort("id", maintain_order=True)
    return named["index"].to_numpy().astype(np.int64)


def _settle(order: Longs, tied: Longs, heads: npt.NDArray[np.uint64], ids: pl.Series) -> None:
    """Sort those by their whole ids that their first bytes do not tell apart."""
    for k in tied.tolist():
        start = k
        while start > 0 and heads[order[start - 1]] == heads[order[k]]:
            start -= 1
        run = sorted(order[start : k + 2].tolist(), key=lambda row: (ids[row].encode(), row))
        order[start : k + 2] = run


def _order(fingerprints: pl.DataFrame, ids: Longs, settings: DedupSettings) -> tuple[Longs, Longs]:
    """The documents in canonical order, each by its place in order of doc_id, and their merit.

    `ids` is the order of doc_id. One stable sort per merit, the last first: a sort of the frame by
    all of them costs three times as much.
    """
    shape = (
        -_longs(fingerprints["length_class"], ids) << 33
        | _longs(fingerprints["truncated"], ids) << 32
        | _longs(fingerprints["n_defects"], ids)
    )
    published = _longs(fingerprints["published_at"].to_physical().fill_null(NEVER), ids)
    merits = [published, shape]
    if settings.preferred_sources:
        merits.insert(0, _longs(source_ranks(fingerprints["source"], settings), ids))
    order: Longs = np.arange(len(ids))
    for merit in merits:
        if merit.size and (merit != merit[0]).any():
            order = order[_stable_order(merit[order])]
    differs = np.zeros(len(ids), np.bool_)
    for merit in merits:
        differs[1:] |= np.diff(merit[order]) != 0
    return order, np.cumsum(differs)


def _stable_order(merit: Longs) -> Longs:
    """As a stable argsort. Where value and place fit into 63 bits any sort is one, in a third."""
    bits = len(merit).bit_length()
    spread = merit - merit.min()
    if spread.min() >= 0 and int(spread.max()) >> (63 - bits) == 0:
        return np.argsort(spread << bits | np.arange(len(merit)))
    return np.argsort(merit, kind="stable")


def _places(token_keys: Hashes) -> Longs:
    """For every rank the number of different texts before the first document of its text."""
    shared = np.flatnonzero(find_shared(token_keys, slot_bits(len(token_keys))))
    _, first, same = np.unique(token_keys[shared], return_index=True, return_inverse=True)
    is_first = np.ones(len(token_keys), np.bool_)
    is_first[shared] = False
    is_first[shared[first]] = True
    places = np.cumsum(is_first) - 1
    places[shared] = places[shared[first]][same]
    return places


def _longs(column: pl.Series, rows: Longs) -> Longs:
    """Some rows as int64, whatever the column was: kernels compile once per kind of array."""
    return column.to_numpy()[rows].astype(np.int64)
