"""Documents that learned lines had told apart, and that are the same without them.

One of them is kept, the others are its exact copies. A document that others were dropped for is not
dropped itself, for they were never compared with the one it would be dropped for: its cuts are
undone instead, so that it stays what it was.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline import schema

RELATION = "exact_text"
DROPPED = "same words as the kept document once learned lines are cut"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A curated document: its words before and after the cuts, equal where nothing was cut.

    `rank` is its place in canonical order, `copies` how many documents were dropped for it.
    """

    doc_id: str
    before: int
    after: int
    rank: int
    copies: int
    n_shingles: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Whose cuts are to be undone, and which document is dropped for which."""

    undone: frozenset[str]
    dropped: Mapping[str, str]


def settle(candidates: Sequence[Candidate]) -> Settled:
    """What becomes of the documents that are equal now; their order is irrelevant."""
    undone: set[str] = set()
    while True:
        dropped: dict[str, str] = {}
        lost: set[str] = set()
        for group in _groups(candidates, undone):
            kept, *others = sorted(group, key=_merit)
            lost |= {other.doc_id for other in others if other.copies}
            dropped |= {other.doc_id: kept.doc_id for other in others if not other.copies}
        if lost <= undone:
            return Settled(frozenset(undone), dropped)
        undone |= lost


def _groups(candidates: Sequence[Candidate], undone: set[str]) -> list[list[Candidate]]:
    found: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        found[one.before if one.doc_id in undone else one.after].append(one)
    return [group for group in found.values() if len(group) > 1]


def _merit(one: Candidate) -> tuple[bool, bool, int]:
    """First who has copies, and of those who was not changed: only cuts can be undone."""
    return (not one.copies, one.copies > 0 and one.before != one.after, one.rank)


def settle_members(members: pl.DataFrame, settled: Settled) -> pl.DataFrame:
    """CLUSTERED, by doc_id, with those dropped in the clusters of those kept for them."""
    if not settled.dropped:
        return members
    kept = pl.Series(sorted(set(settled.dropped.values())), dtype=pl.String)
    joined = pl.Series(list(settled.dropped.values())).value_counts(name="more").to_dict()
    more = dict(zip(joined[""], joined["more"], strict=True))
    sizes = members.filter(pl.col("cluster_id").is_in(kept.implode()))
    count = dict(sizes.group_by("cluster_id").len().iter_rows())
    said = {
        one: f"kept of {count[one] + more[one]}: the same words as {more[one]} more once learned "
        "lines are cut"
        for one in kept
    }
    drop = pl.col("doc_id").is_in(pl.Series(list(settled.dropped)).implode())
    target = pl.col("doc_id").replace_strict(settled.dropped, default=None, return_dtype=pl.String)
    reason = pl.col("doc_id").replace_strict(said, default=None, return_dtype=pl.String)
    one = pl.lit(1, pl.Float32)
    rows = members.with_columns(
        cluster_id=pl.when(drop).then(target).otherwise("cluster_id"),
        canonical_id=pl.when(drop).then(target).otherwise("canonical_id"),
        relation=pl.when(drop).then(pl.lit(RELATION)).otherwise("relation"),
        jaccard=pl.when(drop).then(one).otherwise("jaccard"),
        containment=pl.when(drop).then(one).otherwise("containment"),
        reason=pl.when(drop).then(pl.lit(DROPPED)).otherwise(pl.coalesce(reason, "reason")),
    )
    return schema.check(rows, schema.CLUSTERED, stage="settle")


def list_dropped(settled: Settled, candidates: Sequence[Candidate]) -> pl.DataFrame:
    """PAIRS: the evidence for those dropped, who share every shingle with those kept for them."""
    shingles = {one.doc_id: one.n_shingles for one in candidates}
    rows = [
        (left, right, 1.0, 1.0, 1.0, shingles[left], RELATION, "merge")
        for left, right in sorted(settled.dropped.items())
    ]
    return pl.DataFrame(rows, schema=schema.PAIRS, orient="row")


def settle_pairs(pairs: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """PAIRS with the evidence for those dropped, and without reviews of what is no longer kept."""
    if dropped.is_empty():
        return pairs
    gone = dropped["left_id"].implode()
    touched = pl.col("left_id").is_in(gone) | pl.col("right_id").is_in(gone)
    stay = pairs.filter((pl.col("decision") != "review") | ~touched)
    return pl.concat([stay, dropped]).sort("left_id", "right_id")
