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
from pipeline.stages.evidence import compare_to_canonical, describe_members, list_pairs
from pipeline.stages.order import Longs

Texts = Callable[[Longs], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Clustering:
    """`members` (CLUSTERED, by doc_id), `pairs` (PAIRS), and how much was looked at.

    `uncompared` counts pairs that share a bucket but lie beyond its first documents, once for each
    such bucket.
    """

    members: pl.DataFrame
    pairs: pl.DataFrame
    candidates: int
    verified: int
    uncompared: int


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
    described = compare_to_canonical(choice, settings)
    return Clustering(
        members=describe_members(described, choice),
        pairs=list_pairs(described, choice, settings),
        candidates=len(choice.overlaps.left),
        verified=choice.verified,
        uncompared=choice.uncompared,
    )
