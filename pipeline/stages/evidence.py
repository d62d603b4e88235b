"""What was decided, for people: relations, figures, and the reason in words.

A canonical's reason names the first merit in which it beats the next best of its cluster; a
duplicate's gives the measured overlap that it was dropped for.
"""

import numpy as np
import polars as pl

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.choose import Choice
from pipeline.stages.order import Longs
from pipeline.stages.verify import FULL_VERSION, Overlaps

# A contained document this close in size to its canonical is a copy with an addition.
TRUNCATED_BELOW = 0.8
MERITS = ("rank", "length_class", "truncated", "n_defects", "published_at", "source_rank")
OVERLAP = ("relation", "jaccard", "containment", "shared", "n_shingles", "kept_n_shingles")
OF_KEPT = ("doc_id", "by_id", "raw_key", "source", "title_key", "published_at", "n_shingles")
OF_OWN = (*OF_KEPT, "length_class", "truncated", "n_defects", "source_rank")
ALONE = "no other document verifies against it"


def compare_to_canonical(choice: Choice, settings: DedupSettings) -> pl.DataFrame:
    """Every document that has company beside its canonical (`kept_*`), with figures; best first."""
    places = np.array(choice.ranked["place"].to_numpy(), np.int64)
    kept_ranks = choice.distinct.ranks[choice.canonical_places()[places]]
    sizes = np.bincount(kept_ranks, minlength=len(kept_ranks))[kept_ranks]
    ranks = np.flatnonzero(sizes > 1)
    kept_ranks, places = kept_ranks[ranks], places[ranks]
    pairs = choice.dropped_by[places]
    kept = choice.ranked.select(OF_KEPT)[kept_ranks].select(pl.all().name.prefix("kept_"))
    own = choice.ranked.select(OF_OWN)[ranks].with_columns(
        rank=pl.Series(ranks, dtype=pl.UInt32), size=pl.Series(sizes[ranks], dtype=pl.UInt32)
    )
    beside = pl.concat([own, kept], how="horizontal")
    return beside.with_columns(
        *_figures(choice.overlaps, places, pairs, own["n_shingles"]),
        kept_rank=pl.Series(kept_ranks, dtype=pl.UInt32),
        near=pl.Series(pairs >= 0),
    ).with_columns(_relation(settings).alias("relation"))


def describe_members(described: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """CLUSTERED: the cluster of every valid document and why, by doc_id."""
    duplicate = pl.col("relation").is_not_null()
    related = described.select(
        cluster_id="kept_doc_id",
        canonical_id=pl.when(duplicate).then("kept_doc_id"),
        relation="relation",
        jaccard=pl.when(duplicate).then("jaccard").cast(pl.Float32),
        containment=pl.when(duplicate).then("containment").cast(pl.Float32),
        reason=_reasons(described),
    )
    by_id = choice.ranked["by_id"].to_numpy()
    at = np.full(len(by_id), -1)
    at[by_id[described["rank"].to_numpy()]] = np.arange(described.height)
    ids = choice.ranked["doc_id"][_inverse(by_id)]
    company = pl.Series(at, dtype=pl.Int64).replace(-1, None)
    members = related.select(pl.all().gather(company)).with_columns(
        ids, pl.col("cluster_id").fill_null(ids), pl.col("reason").fill_null(ALONE)
    )
    return schema.check(members.select(schema.CLUSTERED.names()), schema.CLUSTERED, stage="cluster")


def list_pairs(described: pl.DataFrame, choice: Choice, settings: DedupSettings) -> pl.DataFrame:
    """PAIRS: each duplicate with its canonical, and what was left apart but is worth a look."""
    merged = described.select(
        "by_id",
        "kept_by_id",
        left_id="doc_id",
        right_id="kept_doc_id",
        jaccard=pl.col("jaccard").cast(pl.Float32),
        containment_left=pl.col("containment").cast(pl.Float32),
        containment_right=pl.col("containment_back").cast(pl.Float32),
        shared_shingles=pl.col("shared").cast(pl.UInt32),
        relation="relation",
        decision=pl.lit("merge"),
    ).filter(pl.col("relation").is_not_null())
    pairs = pl.concat([merged, _review(choice, settings)]).sort("by_id", "kept_by_id")
    pairs = pairs.drop("by_id", "kept_by_id")
    return schema.check(pairs, schema.PAIRS, stage="cluster")


def _figures(
    overlaps: Overlaps, places: Longs, pairs: Longs, n_shingles: pl.Series
) -> list[pl.Series]:
    """Overlap of every document with its canonical; 1 for exact copies and for itself."""
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
    """The published `relation`; null for a canonical."""
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
        pl.when(pl.col("rank") == pl.col("kept_rank"))
        .then(None)
        .when(~pl.col("near") & same_bytes)
        .then(pl.lit("exact_raw"))
        .when(~pl.col("near"))
        .then(pl.lit("exact_text"))
        .when(updated)
        .then(pl.lit("updated_version"))
        .when(truncated)
        .then(pl.lit("truncated_copy"))
        .otherwise(pl.lit("near_copy"))
    )


def _reasons(described: pl.DataFrame) -> pl.Series:
    """Why each was kept, or dropped."""
    duplicate = described["relation"].is_not_null().to_numpy()
    dropped, kept = np.flatnonzero(duplicate), np.flatnonzero(~duplicate)
    # Rows are in canonical order: the first duplicate of a cluster is its next best.
    ranks = described["kept_rank"].to_numpy()
    next_best = np.zeros(int(ranks.max(initial=0)) + 1, np.int64)
    next_best[ranks[dropped[::-1]]] = dropped[::-1]
    beaten = described.select(MERITS)[next_best[ranks[kept]]].select(pl.all().name.prefix("next_"))
    beside = pl.concat([described.select("size", *MERITS)[kept], beaten], how="horizontal")
    why_dropped = described.select(OVERLAP)[dropped].select(_why_dropped()).to_series()
    reasons = why_dropped.append(beside.select(_why_kept()).to_series())
    return reasons.gather(_inverse(np.concatenate([dropped, kept])))


def _inverse(order: Longs) -> Longs:
    """Where each number stands in `order`."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _why_kept() -> pl.Expr:
    """The first merit that decided; rows are in canonical order, so the next best came first."""

    def differs(name: str) -> pl.Expr:
        return pl.col(name).ne_missing(pl.col(f"next_{name}"))

    merit = (
        pl.when(pl.col("rank") > pl.col("next_rank"))
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
    return pl.format("kept of {}: {}", "size", merit)


def _why_dropped() -> pl.Expr:
    percent = (pl.col("containment") * 100).round(1)
    jaccard = pl.format("shares {} shingles, Jaccard {}", "shared", pl.col("jaccard").round(3))
    inside = pl.format(
        "{}% of its {} shingles are in the {} of the kept document",
        percent,
        "n_shingles",
        "kept_n_shingles",
    )
    return (
        pl.when(pl.col("relation") == "exact_raw")
        .then(pl.lit("same bytes and title as the kept document"))
        .when(pl.col("relation") == "exact_text")
        .then(pl.lit("same words as the kept document"))
        .when(pl.col("relation") == "near_copy")
        .then(jaccard)
        .when(pl.col("relation") == "truncated_copy")
        .then(inside)
        .otherwise(pl.format("older version: {}", inside))
    )


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
    ids, ranks = choice.ranked["doc_id"], choice.distinct.ranks
    copy_like = overlaps.jaccard[listed] >= settings.review_jaccard
    by_id = choice.ranked["by_id"]
    return pl.DataFrame(
        {
            "by_id": by_id[ranks[less]],
            "kept_by_id": by_id[ranks[more]],
            "left_id": ids[ranks[less]],
            "right_id": ids[ranks[more]],
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
