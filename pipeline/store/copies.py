"""Whether duplicates are copies and curated documents are not, taken again from published texts.

Nothing that a run had stored is asked: words are hashed anew, every duplicate is measured against
its own canonical, and what is curated is searched for pairs that should have been one.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.settings import DedupSettings
from pipeline.stages.order import Distinct, distinct_documents, rank_documents
from pipeline.stages.overlaps import measure_by_reading
from pipeline.stages.propose import Candidates, propose_pairs
from pipeline.stages.verify import direct_pairs, verify_pairs
from pipeline.store.checks import Check, check
from pipeline.store.manifest import Manifest
from pipeline.store.published import Published, open_published
from pipeline.store.reading import scan_table
from pipeline.store.versions import library_versions

# Figures are published in 32 bits; of a document whose learned lines came back they are nearly so.
ROUNDED, RESTORED = 1e-5, 0.05
EXACT = ("exact_raw", "exact_text")


def check_copies(folder: Path, manifest: Manifest) -> Iterator[Check]:
    """One check of every duplicate, and one of every pair of curated documents that may be one.

    The search proposes what the run proposed, so it finds nothing that was never compared. Learned
    lines that came back may change that in crowded buckets: then only the duplicates are checked.
    Nothing is checked that another version made: it may see other words in the same text.
    """
    if manifest.versions.get("winnow") != library_versions()["winnow"]:
        return
    settings = DedupSettings.model_validate(manifest.settings["dedup"])
    published = open_published(folder, manifest)
    fingerprints = published.fingerprints(settings)
    ranked = rank_documents(fingerprints, settings)
    distinct = distinct_documents(ranked)
    ids = ranked.frame("doc_id")["doc_id"]
    documents = pl.DataFrame(
        {
            "doc_id": ids,
            "place": ranked.places,
            "curated": ranked.rows < manifest.tables["documents"].rows,
            "restored": ids.is_in(list(published.learned)),
        }
    )
    duplicates = _duplicates(folder, manifest, documents)
    curated = documents.filter("curated")
    proposed = _proposed(propose_pairs(fingerprints, distinct, settings), curated["place"])
    asked = pl.concat([proposed, duplicates.filter("near").select("left", "right")])
    found = _measure(asked.unique().sort("left", "right"), distinct, published, settings)
    yield check("copies", duplicates.height, _strangers(duplicates, found))
    if not (published.learned and manifest.counts.uncompared_pairs):
        pairs = proposed.join(found, on=["left", "right"], maintain_order="left")
        yield check("no_copies_left", curated.height, _twins(curated, pairs))


def _duplicates(folder: Path, manifest: Manifest, documents: pl.DataFrame) -> pl.DataFrame:
    """The duplicates with their places (`dropped`) and those of their canonicals (`kept`)."""
    columns = ["doc_id", "canonical_id", "relation", "jaccard", "containment"]
    rows = scan_table(folder, manifest, "duplicates").select(columns).collect()
    dropped = documents.select("doc_id", "restored", dropped="place")
    kept = documents.select(canonical_id="doc_id", kept="place", kept_restored="restored")
    return (
        rows.join(dropped, on="doc_id", how="left", maintain_order="left")
        .join(kept, on="canonical_id", how="left", maintain_order="left")
        .with_columns(
            near=~pl.col("relation").is_in(EXACT),
            restored=pl.col("restored") | pl.col("kept_restored"),
            left=pl.min_horizontal("dropped", "kept"),
            right=pl.max_horizontal("dropped", "kept"),
        )
    )


def _proposed(candidates: Candidates, curated: pl.Series) -> pl.DataFrame:
    """The candidate pairs of which both sides are curated."""
    pairs = pl.DataFrame({"left": candidates.left, "right": candidates.right})
    return pairs.filter(pl.all_horizontal(pl.all().is_in(curated.unique().implode())))


def _measure(
    pairs: pl.DataFrame, distinct: Distinct, published: Published, settings: DedupSettings
) -> pl.DataFrame:
    """The pairs with their overlap and whether one side may be dropped for the other."""
    left, right = (np.array(pairs[name].to_numpy(), np.int64) for name in ("left", "right"))
    measure = measure_by_reading(distinct, published.read, shingle_words=settings.shingle_words)
    overlaps = verify_pairs(Candidates(left, right, 0), distinct, measure, settings)
    directions = direct_pairs(overlaps, distinct, settings)
    return pairs.with_columns(
        found=pl.Series(overlaps.jaccard),
        left_inside=pl.Series(overlaps.left_in_right),
        right_inside=pl.Series(overlaps.right_in_left),
        left_drops=pl.Series(directions.left_for_right),
        right_drops=pl.Series(directions.right_for_left),
    )


def _strangers(duplicates: pl.DataFrame, found: pl.DataFrame) -> Iterator[str]:
    """Duplicates that are no copies of their canonical, or not as like it as was published."""
    is_left = pl.col("left") == pl.col("dropped")
    inside = pl.when(is_left).then("left_inside").otherwise("right_inside")
    drops = pl.when(is_left).then("left_drops").otherwise("right_drops")
    slack = pl.when("restored").then(RESTORED).otherwise(ROUNDED)
    figures = (pl.col("found") - pl.col("jaccard"), inside - pl.col("containment"))
    as_told = pl.all_horizontal(figure.abs() <= slack for figure in figures)
    alike = pl.when("near").then(as_told & drops).otherwise(pl.col("dropped") == pl.col("kept"))
    excused = pl.col("restored") & (as_told | ~pl.col("near"))
    measured = duplicates.join(found, on=["left", "right"], how="left", maintain_order="left")
    wrong = measured.filter(~(alike | excused).fill_null(value=False))
    for doc_id, kept in wrong.select("doc_id", "canonical_id").iter_rows():
        yield f"{doc_id} does not verify against {kept}, for which it was dropped"


def _twins(curated: pl.DataFrame, pairs: pl.DataFrame) -> Iterator[str]:
    """Curated documents that are copies of one another."""
    plain = curated.filter(~pl.col("restored"))
    same = plain.select("place", left_id="doc_id").join(
        plain.select("place", right_id="doc_id"), on="place"
    )
    same = same.filter(pl.col("left_id") < pl.col("right_id")).select("left_id", "right_id")
    near = (
        pairs.filter(pl.col("left_drops") | pl.col("right_drops"))
        .join(plain.select(left="place", left_id="doc_id"), on="left")
        .join(plain.select(right="place", right_id="doc_id"), on="right")
        .select("left_id", "right_id")
    )
    for left, right in pl.concat([same, near]).sort("left_id", "right_id").iter_rows():
        yield f"{left} and {right} are copies, and both curated"
