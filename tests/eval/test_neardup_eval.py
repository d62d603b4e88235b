"""Quality of near-duplicate removal on labelled sets, with floors that only rise."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline import schema
from pipeline.curate import Run, curate
from pipeline.dedup.sketches import shingle_sets
from pipeline.engine import LocalEngine
from pipeline.settings import DedupSettings, Settings
from pipeline.stages.buffers import empty_strings, strings_of
from pipeline.stages.cluster import cluster
from pipeline.stages.fingerprint import fingerprint
from pipeline.store.copies import check_copies
from pipeline.store.manifest import read_manifest
from pipeline.store.workspace import Workspace

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the labelled sets are not here")

STRICT = DedupSettings(
    shingle_words=5, jaccard=0.8, contained=False, number_veto=False, telling_veto=False
)


def clusters_of(frame: pl.DataFrame, settings: DedupSettings) -> dict[str, str]:
    """The canonical of every document, from texts as they are, without cleaning."""
    judged = frame.select(
        doc_id="id",
        raw_sha256=pl.lit(None, pl.String),
        title=pl.col("title") if "title" in frame.columns else pl.lit(None, pl.String),
        text="text",
        published_at=pl.lit(None, schema.TIME),
        source=pl.lit(None, pl.String),
        flags=pl.lit([], pl.List(pl.String)),
        verdicts=pl.lit([], pl.List(schema.VERDICT)),
        input_error=pl.lit(None, pl.String),
    )
    texts = judged.select("title", "text")
    result = cluster(fingerprint(judged, settings), lambda rows: texts[rows], settings)
    return dict(result.members.select("doc_id", "cluster_id").rows())


def pairs_of(clusters: dict[str, str]) -> set[tuple[str, str]]:
    groups = defaultdict(list)
    for doc_id, cluster_id in clusters.items():
        groups[cluster_id].append(doc_id)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def f1(found: set, true: set) -> float:
    return 2 * len(found & true) / (len(found) + len(true))


@pytest.mark.parametrize(
    ("settings", "floor", "most_forms"),
    [(DedupSettings(), 0.98, 12), (DedupSettings(contained=False), 0.982, 9)],
    ids=["defaults", "without containment"],
)
def test_wire_news_repeats_merge_and_filled_in_forms_do_not(settings, floor, most_forms):
    found = pairs_of(clusters_of(pl.read_parquet(DATA / "neardup_reuters.parquet"), settings))
    labels = defaultdict(set)
    rows = pl.read_parquet(DATA / "neardup_reuters_pairs.parquet").select("label", "a", "b").rows()
    for label, left, right in rows:
        labels[label].add((min(left, right), max(left, right)))
    unlisted = found - set().union(*labels.values())
    judged = found - unlisted - labels["update"] - labels["review"]
    assert f1(judged, labels["dup"]) >= floor
    assert len(found & labels["template_neg"]) <= most_forms
    assert len(unlisted) <= 200


def test_extracts_of_one_page_merge_and_those_of_others_do_not():
    frame = pl.read_parquet(DATA / "neardup_extractor.parquet")
    clusters = clusters_of(frame, DedupSettings())
    page = dict(frame.select("id", "cluster").rows())
    assert f1(pairs_of(clusters), pairs_of(page)) >= 0.9727
    assert sum(page[doc] != page[kept] for doc, kept in clusters.items()) <= 5


def test_with_strict_settings_nothing_is_lost_and_nothing_missed():
    """Against every pair of Jaccard 0.8, found by counting shared shingles of all documents."""
    frame = pl.read_parquet(DATA / "dedup20k" / "docs-*.parquet")
    clusters = clusters_of(frame, STRICT)
    twins = twins_by_brute_force(frame["text"], 0.8)
    ids = frame["id"].to_list()
    kept = [clusters[doc_id] == doc_id for doc_id in ids]
    lost = [k for k in range(len(ids)) if not kept[k] and not any(kept[t] for t in twins[k])]
    missed = [k for k in range(len(ids)) if kept[k] and any(kept[t] for t in twins[k])]
    assert (len(lost), len(missed)) == (0, 0)
    row = {doc_id: k for k, doc_id in enumerate(ids)}
    assert all(kept[k] or row[clusters[ids[k]]] in twins[k] for k in range(len(ids)))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The mixed corpus after a whole run at defaults: source_id, and that of its canonical."""
    folder = tmp_path_factory.mktemp("run")
    frame = pl.read_parquet(DATA / "dedup20k" / "docs-*.parquet", columns=["id", "text"])
    frame.write_ndjson(folder / "in.jsonl")
    now = datetime.now(UTC) + timedelta(days=1)
    workspace = Workspace(folder / "out")
    run = Run(str(folder / "in.jsonl"), workspace, Settings(), LocalEngine(2), now)
    snapshot = curate(run).folder
    rows = pl.concat(
        [
            pl.read_parquet(
                snapshot / table / "*.parquet", columns=["source_id", "doc_id", "cluster_id"]
            )
            for table in ("documents", "duplicates")
        ]
    )
    assert rows.height == frame.height
    copies = {one.name: one for one in check_copies(snapshot, read_manifest(snapshot))}
    assert copies["copies"].examined > 4_000
    assert not any(one.broken for one in copies.values()), copies
    source = dict(rows.select("doc_id", "source_id").rows())
    return {name: source[kept] for name, kept in rows.select("source_id", "cluster_id").rows()}


# Copies that stay beside another member of their family, at most, per hundred planted.
MOST_LEFT = {
    "exact": 0,
    "space": 0,
    "moji": 0,
    "boiler": 0.13,
    "edit1": 0,
    "update": 0,
    "edit3": 0,
    "trunc": 1.04,
    "chain": 4.32,
}


def test_after_a_whole_run_hardly_a_planted_copy_is_left(published):
    planted = pl.read_parquet(DATA / "dedup20k" / "planted_j.parquet")
    kind = dict(planted.select("id", "kind").rows())
    base = {doc: of for doc, of in planted.select("id", "base_id").rows() if of}
    families = defaultdict(list)
    for doc, kept in published.items():
        if doc == kept and kind.get(doc) != "half":
            families[base.get(doc, doc)].append(doc)
    left = Counter()
    for members in families.values():
        left.update(kind[doc] for doc in sorted(members, key=lambda doc: (doc in base, doc))[1:])
    count = Counter(kind[doc] for doc in base)
    shares = {name: round(100 * left[name] / count[name], 2) for name in MOST_LEFT}
    assert all(shares[name] <= most for name, most in MOST_LEFT.items()), shares
    jaccard = dict(planted.select("id", "j").rows())
    merged = [d for d in base if kind[d] == "half" and published[d] == published[base[d]]]
    assert all(jaccard[doc] >= 0.5 for doc in merged)
    strangers = [d for d, kept in published.items() if base.get(d, d) != base.get(kept, kept)]
    # A family of six moves as one: what cleaning cuts of its lines is felt here.
    assert len(strangers) <= 970


def twins_by_brute_force(texts: pl.Series, least: float) -> dict[int, set[int]]:
    """Every pair that shares a rare enough shingle, with its exact Jaccard."""
    sets = shingle_sets(empty_strings(len(texts)), strings_of(texts), 5)
    sizes = sets.ends - sets.starts
    entries = pl.DataFrame({"s": sets.shingles, "d": np.repeat(np.arange(len(texts)), sizes)})
    # A pair of Jaccard J shares a shingle among the rarest (1 - J) of each: prefix filtering.
    entries = entries.with_columns(df=pl.len().over("s"), n=pl.len().over("d"))
    rank = pl.struct("df", "s").rank("ordinal").over("d")
    prefix = entries.filter(rank <= pl.col("n") - (least * pl.col("n")).ceil() + 1).select("s", "d")
    pairs = prefix.join(prefix, on="s").filter(pl.col("d") < pl.col("d_right"))
    twins = defaultdict(set)
    own = {}
    for left, right in pairs.select("d", "d_right").unique().rows():
        for k in (left, right):
            if k not in own:
                own[k] = set(sets.shingles[sets.starts[k] : sets.ends[k]].tolist())
        shared = len(own[left] & own[right])
        if shared >= least * (len(own[left]) + len(own[right]) - shared):
            twins[left].add(right)
            twins[right].add(left)
    return twins
