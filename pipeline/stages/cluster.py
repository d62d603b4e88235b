"""Which documents are one: from fingerprints to clusters whose every member verifies.

Exact copies collapse first. Of what is left, bands and anchors propose pairs, exact overlap decides
them, and a greedy pass in canonical order keeps a document unless it verifies against one already
kept. LSH never merges anything by itself, and no document is dropped for one it only resembles by
way of a third.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipeline.settings import DedupSettings
from pipeline.stages.buffers import titled_texts
from pipeline.stages.choose import Choice, choose
from pipeline.stages.evidence import (
    compare_to_canonical,
    describe_company,
    describe_members,
    list_pairs,
    name_pairs,
)
from pipeline.stages.order import Longs

Texts = Callable[[Longs], pl.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """What was decided, told once for each document that it is about, and how much was looked at.

    `ids` are those of all valid documents, in order; `company` and `listed` speak of documents by
    their place there: see `describe_company` and `list_pairs`. `uncompared` counts pairs that share
    a bucket but lie beyond its first documents, once for each such bucket.
    """

    ids: pl.Series
    company: pl.DataFrame
    listed: pl.DataFrame
    candidates: int
    verified: int
    uncompared: int

    @property
    def members(self) -> pl.DataFrame:
        """CLUSTERED rows of all valid documents, by doc_id."""
        return describe_members(self.ids, self.company)

    @property
    def pairs(self) -> pl.DataFrame:
        """PAIRS."""
        return name_pairs(self.ids, self.listed)


def cluster(fingerprints: pl.DataFrame, texts: Texts, settings: DedupSettings) -> Clustering:
    """The clusters of all valid documents; the order of rows of `fingerprints` is irrelevant.

    `texts` gives columns `title` and `text` for rows of `fingerprints`, in the order asked; it is
    asked for a bounded number at a time, in ascending order.
    """
    return describe(
        choose(fingerprints, lambda rows: titled_texts(texts(rows)), settings), settings
    )


def describe(choice: Choice, settings: DedupSettings) -> Clustering:
    """What was decided, as tables."""
    duplicates = compare_to_canonical(choice, settings)
    return Clustering(
        ids=choice.ranked.ids(),
        company=describe_company(duplicates, choice, settings),
        listed=list_pairs(duplicates, choice, settings),
        candidates=len(choice.overlaps.left),
        verified=choice.verified,
        uncompared=choice.uncompared,
    )
