"""Canonical order: of two documents that are one, which is kept.

The order is total and depends on the documents alone. Everything after this speaks of documents by
their rank in it, which is why the order of rows never shows in a result.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.settings import DedupSettings

Longs = npt.NDArray[np.int64]

# The order's columns as `rank_documents` leaves them, best first, with what a better value means.
MERITS = {
    "length_class": "longer",
    "truncated": "not cut off",
    "n_defects": "fewer defects",
    "published_at": "published earlier",
    "source_rank": "from a preferred source",
}
UNKNOWN_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Distinct:
    """One document for all that have the same words, in canonical order; arrays by its place.

    `ranks` are its own rank among all documents, `rows` its row in the fingerprints.
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

    `place` is that of the first document with the same words: see `Distinct`.
    """
    sources = list(settings.preferred_sources)
    ranked = (
        fingerprints.drop("bands", "anchors")
        .with_row_index("row")
        .filter("valid")
        .with_columns(
            source_rank=pl.col("source").replace_strict(
                sources, range(len(sources)), default=len(sources), return_dtype=pl.UInt32
            )
        )
        .sort(
            *MERITS,
            "doc_id",
            descending=[True, False, False, False, False, False],
            nulls_last=True,
        )
    )
    _, first, same = np.unique(
        ranked["token_key"].to_numpy(), return_index=True, return_inverse=True
    )
    firsts, place_of_first = np.unique(first, return_inverse=True)
    del firsts
    return ranked.with_columns(pl.Series("place", place_of_first[same], pl.UInt32))


def distinct_documents(ranked: pl.DataFrame) -> Distinct:
    """The first document of each place."""
    first = ranked.with_row_index("rank").filter(pl.col("place").is_first_distinct())
    return Distinct(
        ranks=_longs(first["rank"]),
        rows=_longs(first["row"]),
        n_shingles=_longs(first["n_shingles"]),
        n_tokens=_longs(first["n_tokens"]),
        published_at=_longs(first["published_at"].to_physical().fill_null(UNKNOWN_TIME)),
        source=_longs(first["source"].rank("dense").fill_null(0)),
        title_key=first["title_key"].to_numpy().copy(),
    )


def _longs(column: pl.Series) -> Longs:
    """Writable int64, whatever the column was: kernels compile once per kind of array."""
    return np.array(column.to_numpy(), np.int64)
