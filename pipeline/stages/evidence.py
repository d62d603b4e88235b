"""What was decided, for people: relations, figures, and the reason in words.

A canonical's reason names the first merit in which it beats the next best of its cluster; a
duplicate's gives the measured overlap that it was dropped for.
"""

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.choose import Choice
from pipeline.stages.order import Longs, source_ranks
from pipeline.stages.verify import FULL_VERSION, Overlaps

# A contained document this close in size to its canonical is a copy with an addition.
TRUNCATED_BELOW = 0.8
MERITS = ("length_class", "truncated", "n_defects", "published_at")
OVERLAP = ("relation", "jaccard", "containment", "shared", "n_shingles", "kept_n_shingles")
COMPARED = ("raw_key", "source", "title_key", "published_at", "n_shingles")
TOLD = pl.Schema({name: schema.CLUSTERED[name] for name in schema.CLUSTERED.names()[2:]})
_INSIDE = pl.format(
    "{}% of its {} shingles are in the {} of the kept document",
    (pl.col("containment") * 100).round(1),
    "n_shingles",
    "kept_n_shingles",
)
WHY_DROPPED = {
    "exact_raw": pl.lit("same bytes and title as the kept document"),
    "exact_text": pl.lit("same words as the kept document"),
    "near_copy": pl.format("shares {} shingles, Jaccard {}", "shared", pl.col("jaccard").round(3)),
    "truncated_copy": _INSIDE,
    "updated_version": pl.format("older version: {}", _INSIDE),
}
ALONE = "no other document verifies against it"


def compare_to_canonical(choice: Choice, settings: DedupSettings) -> pl.DataFrame:
    """Every duplicate beside its canonical (`kept_*`), with figures; best first."""
    ranked = choice.ranked
    canonical = choice.distinct.ranks[choice.canonical_places()[ranked.places]]
    ranks = np.flatnonzero(canonical != np.arange(len(canonical)))
    kept_ranks, places = canonical[ranks], ranked.places[ranks]
    pairs = choice.dropped_by[places]
    own = ranked.take(ranks, COMPARED)
    kept = ranked.take(kept_ranks, COMPARED).select(pl.all().name.prefix("kept_"))
    beside = pl.concat([own, kept], how="horizontal").with_columns(
        *_figures(choice.overlaps, places, pairs, own["n_shingles"]),
        rank=pl.Series(ranks),
        kept_rank=pl.Series(kept_ranks),
        by_id=pl.Series(ranked.by_id[ranks]),
        kept_by_id=pl.Series(ranked.by_id[kept_ranks]),
        near=pl.Series(pairs >= 0),
    )
    return beside.with_columns(relation=_relation(settings))


def describe_company(
    duplicates: pl.DataFrame, choice: Choice, settings: DedupSettings
) -> pl.DataFrame:
    """The fate of every document that has company: as in CLUSTERED, but with places for ids.

    `place` is its own, `kept` its canonical's, in order of doc_id.
    """
    figures = duplicates.select("by_id", "kept_by_id", *OVERLAP)
    dropped = [
        figures.filter(pl.col("relation") == relation).select(
            place="by_id",
            kept="kept_by_id",
            relation="relation",
            jaccard=pl.col("jaccard").cast(pl.Float32),
            containment=pl.col("containment").cast(pl.Float32),
            reason=reason,
        )
        for relation, reason in WHY_DROPPED.items()
    ]
    # Duplicates are in order of rank: the first one of a cluster is its next best.
    ranks, first, others = np.unique(
        duplicates["kept_rank"].to_numpy(), return_index=True, return_counts=True
    )
    next_best = duplicates["rank"].to_numpy()[first]
    places = pl.Series(choice.ranked.by_id[ranks])
    kept = pl.DataFrame({"place": places, "kept": places}).with_columns(
        *(pl.lit(None, TOLD[name]).alias(name) for name in ("relation", "jaccard", "containment")),
        reason=_why_kept(choice, ranks, next_best, settings, sizes=others + 1),
    )
    return pl.concat([*dropped, kept]).cast({"place": pl.UInt32, "kept": pl.UInt32})


def describe_members(ids: pl.Series, company: pl.DataFrame) -> pl.DataFrame:
    """CLUSTERED: the cluster of every valid document and why, by doc_id; `ids` are in order."""
    place, kept = company["place"].to_numpy(), company["kept"].to_numpy()
    canonical, at = np.arange(len(ids)), np.full(len(ids), len(place))
    canonical[place], at[place] = kept, np.arange(len(place))
    is_duplicate = company["relation"].is_not_null()
    told = company.with_columns(canonical_id=pl.when(is_duplicate).then(ids[kept])).select(
        TOLD.names()
    )
    alone = pl.DataFrame([{"reason": ALONE}], schema=TOLD)
    related = pl.concat([told, alone], rechunk=True)[at]
    own = {"doc_id": ids, "cluster_id": ids[canonical]}
    return schema.check(related.with_columns(**own), schema.CLUSTERED, stage="cluster")


def list_pairs(duplicates: pl.DataFrame, choice: Choice, settings: DedupSettings) -> pl.DataFrame:
    """Each duplicate with its canonical, and what was left apart but is worth a look.

    As in PAIRS, but with places in order of doc_id, `left` and `right`, for ids.
    """
    merged = duplicates.select(
        left="by_id",
        right="kept_by_id",
        jaccard=pl.col("jaccard").cast(pl.Float32),
        containment_left=pl.col("containment").cast(pl.Float32),
        containment_right=pl.col("containment_back").cast(pl.Float32),
        shared_shingles=pl.col("shared").cast(pl.UInt32),
        relation="relation",
        decision=pl.lit("merge"),
    )
    pairs = pl.concat([merged, _review(choice, settings)]).sort("left", "right")
    return pairs.cast({"left": pl.UInt32, "right": pl.UInt32})


def name_pairs(ids: pl.Series, pairs: pl.DataFrame) -> pl.DataFrame:
    """PAIRS, from what `list_pairs` gave; `ids` are those of all valid documents, in order."""
    named = pairs.with_columns(left_id=ids[pairs["left"]], right_id=ids[pairs["right"]])
    return schema.check(named.drop("left", "right"), schema.PAIRS, stage="cluster")


def _figures(
    overlaps: Overlaps, places: Longs, pairs: Longs, n_shingles: pl.Series
) -> list[pl.Series]:
    """Overlap of every duplicate with its canonical; 1 for exact copies."""
    near = pairs >= 0
    jaccard, inside, holds = (np.ones(len(places)) for _ in range(3))
    shared = np.array(n_shingles.to_numpy(), np.int64)
    asked = pairs[near]
    is_left = overlaps.left[asked] == places[near]
    jaccard[near] = overlaps.jaccard[asked]
    there, back = overlaps.left_in_right[asked], overlaps.right_in_left[asked]
    inside[near] = np.where(is_left, there, back)
    holds[near] = np.where(is_left, back, there)
    shared[near] = overlaps.shared[asked]
    return [
        pl.Series("jaccard", jaccard),
        pl.Series("containment", inside),
        pl.Series("containment_back", holds),
        pl.Series("shared", shared),
    ]


def _relation(settings: DedupSettings) -> pl.Expr:
    """The published `relation`."""
    same_story = (pl.col("source") == pl.col("kept_source")).fill_null(value=False) | (
        (pl.col("title_key") == pl.col("kept_title_key")) & (pl.col("title_key") > 0)
    )
    updated = (
        (pl.col("published_at") < pl.col("kept_published_at")).fill_null(value=False)
        & same_story
        & (pl.col("containment") >= settings.containment)
        & (pl.col("kept_n_shingles") >= FULL_VERSION * pl.col("n_shingles"))
    )
    truncated = (pl.col("containment") >= settings.containment) & (
        pl.col("n_shingles") < TRUNCATED_BELOW * pl.col("kept_n_shingles")
    )
    same_bytes = (pl.col("raw_key") == pl.col("kept_raw_key")).fill_null(value=False)
    return (
        pl.when(~pl.col("near") & same_bytes)
        .then(pl.lit("exact_raw"))
        .when(~pl.col("near"))
        .then(pl.lit("exact_text"))
        .when(updated)
        .then(pl.lit("updated_version"))
        .when(truncated)
        .then(pl.lit("truncated_copy"))
        .otherwise(pl.lit("near_copy"))
    )


def _why_kept(
    choice: Choice, ranks: Longs, next_best: Longs, settings: DedupSettings, *, sizes: Longs
) -> pl.Series:
    """The first merit that decided between the documents of these ranks and their next best."""
    merit, followers = choice.ranked.merit, choice.followers[choice.ranked.places]
    tied = merit[ranks] == merit[next_best]
    followed = pl.Series(tied & (followers[ranks] > followers[next_best]))

    def merits(some: Longs) -> pl.DataFrame:
        taken = choice.ranked.take(some, (*MERITS, "source"))
        return taken.with_columns(source_rank=source_ranks(taken["source"], settings))

    def differs(name: str) -> pl.Expr:
        return pl.col(name).ne_missing(pl.col(f"next_{name}"))

    why = (
        pl.when(followed)
        .then(pl.lit("more documents verify against it, all else equal"))
        .when(pl.Series(ranks > next_best))
        .then(pl.lit("the newest full version, or the whole that the others are parts of"))
        .when(differs("length_class"))
        .then(pl.lit("longer than the next best"))
        .when(differs("truncated"))
        .then(pl.lit("not cut off like the next best"))
        .when(differs("n_defects"))
        .then(pl.lit("fewer defects than the next best"))
        .when(differs("published_at"))
        .then(pl.lit("published before the next best"))
        .when(differs("source_rank"))
        .then(pl.lit("its source is preferred"))
        .otherwise(pl.lit("lowest doc_id, all else equal"))
    )
    beaten = merits(next_best).select(pl.all().name.prefix("next_"))
    beside = pl.concat([merits(ranks), beaten], how="horizontal")
    return beside.select(pl.format("kept of {}: {}", pl.Series(sizes), why)).to_series()


def _review(choice: Choice, settings: DedupSettings) -> pl.DataFrame:
    """Pairs of kept documents that are alike, the most alike first to count for each document."""
    overlaps, kept = choice.overlaps, choice.dropped_by < 0
    most = np.maximum(overlaps.left_in_right, overlaps.right_in_left)
    enough = overlaps.shared >= settings.containment_shingles
    alike = overlaps.jaccard >= settings.review_jaccard
    alike |= enough & (most >= settings.review_containment)
    listed = np.flatnonzero((alike | overlaps.vetoed) & kept[overlaps.left] & kept[overlaps.right])
    best_first = np.lexsort(
        (overlaps.right[listed], overlaps.left[listed], -overlaps.jaccard[listed])
    )
    listed = _limit(listed[best_first], overlaps, settings.review_pairs)
    backwards = choice.position[overlaps.left[listed]] > choice.position[overlaps.right[listed]]
    less = np.where(backwards, overlaps.left[listed], overlaps.right[listed])
    more = np.where(backwards, overlaps.right[listed], overlaps.left[listed])
    there, back = overlaps.left_in_right[listed], overlaps.right_in_left[listed]
    by_id = choice.ranked.by_id[choice.distinct.ranks]
    copy_like = overlaps.jaccard[listed] >= settings.review_jaccard
    return pl.DataFrame(
        {
            "left": by_id[less],
            "right": by_id[more],
            "jaccard": pl.Series(overlaps.jaccard[listed], dtype=pl.Float32),
            "containment_left": pl.Series(np.where(backwards, there, back), dtype=pl.Float32),
            "containment_right": pl.Series(np.where(backwards, back, there), dtype=pl.Float32),
            "shared_shingles": pl.Series(overlaps.shared[listed], dtype=pl.UInt32),
            "relation": pl.Series(
                np.where(copy_like, "near_copy", "truncated_copy").tolist(), dtype=pl.String
            ),
            "decision": pl.Series(["review"] * len(listed), dtype=pl.String),
        }
    )


def _limit(pairs: Longs, overlaps: Overlaps, most: int) -> Longs:
    """The pairs, in their order, of which neither document has had `most` already."""
    had: dict[int, int] = {}
    kept = []
    for pair in pairs.tolist():
        ends = int(overlaps.left[pair]), int(overlaps.right[pair])
        if all(had.get(end, 0) < most for end in ends):
            kept.append(pair)
            for end in ends:
                had[end] = had.get(end, 0) + 1
    return np.array(kept, np.int64)
