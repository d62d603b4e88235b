"""Canonical order: of two documents that are one, which is kept.

The order is total and depends on the documents alone. Everything after this speaks of documents by
their rank in it, which is why the order of rows never shows in a result.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.dedup.buckets import find_shared, slot_bits
from pipeline.dedup.tokens import Hashes
from pipeline.settings import DedupSettings
from pipeline.stages.buffers import strings_of

Longs = npt.NDArray[np.int64]

OF_DISTINCT = ("row", "n_shingles", "n_tokens", "published_at", "source", "title_key")
UNKNOWN_TIME = np.iinfo(np.int64).min
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Distinct:
    """One document for all that have the same words, in canonical order; arrays by its place.

    `ranks` are its own rank among all documents, `rows` its row in the fingerprints, `source` a
    number for each source and -1 for none.
    """

    ranks: Longs
    rows: Longs
    n_shingles: Longs
    n_tokens: Longs
    published_at: Longs
    source: Longs
    title_key: npt.NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.ranks)


def rank_documents(fingerprints: pl.DataFrame, settings: DedupSettings) -> pl.DataFrame:
    """The valid documents in canonical order, without bands; `row` is where they came from.

    `place` is that of the first document with the same words: see `Distinct`; `by_id` is the place
    in order of doc_id.
    """
    sources = list(settings.preferred_sources)
    narrow = fingerprints.drop("bands", "anchors", strict=False).with_row_index("row")
    valid = narrow.filter("valid").with_columns(
        source_rank=pl.col("source").replace_strict(
            sources, range(len(sources)), default=len(sources), return_dtype=pl.UInt32
        )
    )
    ids = order_of_ids(valid["doc_id"])
    order = _order(valid, ids)
    return valid[ids[order]].with_columns(
        pl.Series("by_id", order, pl.UInt32),
        pl.Series("place", _places(valid["token_key"].to_numpy()[ids[order]]), pl.UInt32),
    )


def distinct_documents(ranked: pl.DataFrame) -> Distinct:
    """The first document of each place."""
    places = _longs(ranked["place"])
    ranks = np.flatnonzero(np.diff(np.maximum.accumulate(places), prepend=-1))
    first = ranked.select(OF_DISTINCT)[ranks]
    return Distinct(
        ranks=ranks,
        rows=_longs(first["row"]),
        n_shingles=_longs(first["n_shingles"]),
        n_tokens=_longs(first["n_tokens"]),
        published_at=_longs(first["published_at"].to_physical().fill_null(UNKNOWN_TIME)),
        source=_longs(
            first["source"].cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1)
        ),
        title_key=first["title_key"].to_numpy().copy(),
    )


def order_of_ids(ids: pl.Series) -> Longs:
    """The rows in order of their ids; equal ids stay in their order.

    By the first eight bytes where these tell nearly all ids apart, as they do with digests: a fifth
    of what sorting strings costs.
    """
    found = strings_of(ids)
    starts, ends = found.offsets[:-1], found.offsets[1:]
    if len(ids) and (ends - starts >= 8).all():
        heads = np.zeros(len(ids), np.uint64)
        for k in range(8):
            heads = heads << np.uint64(8) | found.data[starts + k]
        order = np.argsort(heads)
        tied = np.flatnonzero(heads[order[1:]] == heads[order[:-1]])
        if len(tied) <= len(ids) // 1_000 + 8:
            _settle(order, tied, heads, ids)
            return order
    return _longs(ids.to_frame("id").with_row_index().sort("id", maintain_order=True)["index"])


def _settle(order: Longs, tied: Longs, heads: npt.NDArray[np.uint64], ids: pl.Series) -> None:
    """Sort those by their whole ids that their first bytes do not tell apart."""
    for k in tied.tolist():
        start = k
        while start > 0 and heads[order[start - 1]] == heads[order[k]]:
            start -= 1
        run = sorted(order[start : k + 2].tolist(), key=lambda row: (ids[row].encode(), row))
        order[start : k + 2] = run


def _order(valid: pl.DataFrame, ids: Longs) -> Longs:
    """The documents in canonical order, each by its place in order of doc_id; `ids` is that order.

    One stable sort per merit, the last first: a sort of the frame by all of them costs three times
    as much.
    """
    shape = (
        -_longs(valid["length_class"]) << 33
        | _longs(valid["truncated"]) << 32
        | _longs(valid["n_defects"])
    )
    published = _longs(valid["published_at"].to_physical().fill_null(NEVER))
    order: Longs = np.arange(valid.height)
    for merit in (_longs(valid["source_rank"]), published, shape):
        if merit.size and (merit != merit[0]).any():
            order = order[_stable_order(merit[ids[order]])]
    return order


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


def _longs(column: pl.Series) -> Longs:
    """Writable int64, whatever the column was: kernels compile once per kind of array."""
    return np.array(column.to_numpy(), np.int64)
