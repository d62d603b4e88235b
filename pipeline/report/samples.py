"""Which pieces of text the report shows, chosen the same way every time.

A million documents have more edits than anybody reads, so per rule the most frequent wordings are
shown, each in the first document (by doc_id) that has it, with the words around it. Only slices of
texts are ever collected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.report.passages import TITLE_CHARS, Comparison, after, before, bounded, compare
from pipeline.report.tables import Tables, texts

PER_RULE = 5
PER_REASON = 3
PER_RELATION = 4
REVIEW_PAIRS = 30
LARGEST_CLUSTERS = 10
RULES_WITH_SAMPLES = 80
SAMPLE_CHARS = 400
PASSAGES = 4
_AROUND = 120
_WORDING = 60
_HEAD = 20_000


@dataclass(frozen=True, slots=True)
class EditSample:
    """One edit in the published text; `times` counts edits of its rule that begin alike."""

    doc_id: str
    source_id: str
    times: int
    before: str
    removed: str
    replacement: str
    after: str


@dataclass(frozen=True, slots=True)
class QuarantineSample:
    """The beginning of a rejected document, or of what could be read of it."""

    doc_id: str
    source_id: str
    detail: str
    text: str


@dataclass(frozen=True, slots=True)
class DuplicateSample:
    """A duplicate beside the document that was kept, and where they differ."""

    doc_id: str
    source_id: str
    title: str
    canonical_id: str
    canonical_source_id: str
    canonical_title: str
    relation: str
    jaccard: float | None
    containment: float | None
    reason: str
    words: tuple[int, int]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ReviewPair:
    """Two curated documents that are alike, but not enough to merge them unseen."""

    left_id: str
    left: str
    right_id: str
    right: str
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True)
class LargeCluster:
    """A cluster and the document that stands for it."""

    canonical_id: str
    source_id: str
    title: str
    size: int


def edit_samples(tables: Tables, rules: Sequence[str]) -> dict[str, list[EditSample]]:
    """For each rule its most frequent wordings in context; rules beyond the bound have none."""
    chosen = _frequent_wordings(tables.edits, rules[:RULES_WITH_SAMPLES])
    placed = _placed(tables.edits, chosen)
    first = (pl.col("at") - _AROUND).clip(lower_bound=0)
    rows = (
        texts(tables)
        .join(placed.lazy(), on="doc_id", how="inner")
        .select(
            "rule",
            "doc_id",
            "source_id",
            "times",
            pl.col("text").str.slice(first, pl.col("at") - first).alias("before"),
            "removed",
            "replacement",
            pl.col("text").str.slice(pl.col("at") + pl.col("put"), _AROUND).alias("after"),
        )
        .sort(["times", "doc_id", "removed"], descending=[True, False, False])
        .collect(engine="streaming")
    )
    samples: dict[str, list[EditSample]] = {}
    for rule, *fields in rows.iter_rows():
        samples.setdefault(rule, []).append(_edit_sample(*fields))
    return samples


def quarantine_samples(tables: Tables) -> dict[str, list[QuarantineSample]]:
    """For each reason its first documents by doc_id."""
    first = pl.col("doc_id").rank("ordinal").over("reason") <= PER_REASON
    named = tables.quarantine.select("doc_id", reason="reasons").explode("reason")
    chosen = named.filter(first).collect()
    heads = (pl.col(name).fill_null("").str.head(2 * SAMPLE_CHARS) for name in ("detail", "text"))
    rows = (
        tables.quarantine.filter(pl.col("doc_id").is_in(chosen["doc_id"].unique().implode()))
        .select("doc_id", "source_id", *heads)
        .join(chosen.lazy(), on="doc_id", how="inner")
        .sort("reason", "doc_id")
        .select("reason", "doc_id", "source_id", "detail", "text")
        .collect(engine="streaming")
    )
    samples: dict[str, list[QuarantineSample]] = {}
    for reason, doc_id, source_id, detail, text in rows.iter_rows():
        sample = QuarantineSample(
            doc_id, source_id, bounded(detail, SAMPLE_CHARS), bounded(text, SAMPLE_CHARS)
        )
        samples.setdefault(reason or "none given", []).append(sample)
    return samples


def duplicate_samples(tables: Tables) -> list[DuplicateSample]:
    """For each relation its least alike pairs: those a reader should doubt first."""
    order = pl.struct("jaccard", "doc_id").rank("ordinal").over("relation")
    figures = ["doc_id", "canonical_id", "relation", "jaccard", "containment", "reason"]
    chosen = tables.duplicates.select(figures).filter(order <= PER_RELATION).collect()
    wanted = chosen.select(pl.concat([chosen["doc_id"], chosen["canonical_id"]]).unique())
    described = {
        doc_id: _Described(*rest) for doc_id, *rest in _described(tables, wanted).iter_rows()
    }
    return [
        _duplicate_sample(row, described[row[0]], described[row[1]])
        for row in chosen.sort("relation", "jaccard", "doc_id").iter_rows()
        if row[0] in described and row[1] in described
    ]


def review_pairs(tables: Tables) -> list[ReviewPair]:
    """The pairs for review that are most alike."""
    nearest = pl.max_horizontal("containment_left", "containment_right")
    order = ["containment", "jaccard", "left_id", "right_id"]
    top = (
        tables.pairs.filter(pl.col("decision") == "review")
        .select("left_id", "right_id", "jaccard", containment=nearest)
        .sort(order, descending=[True, True, False, False])
        .head(REVIEW_PAIRS)
        .collect()
    )
    names = _names(tables, pl.concat([top["left_id"], top["right_id"]]))
    return [
        ReviewPair(left, names.get(left, ""), right, names.get(right, ""), jaccard, containment)
        for left, right, jaccard, containment in top.iter_rows()
    ]


def largest_clusters(tables: Tables) -> list[LargeCluster]:
    """The clusters with most documents, none of a single one."""
    top = (
        tables.clusters.filter(pl.col("size") > 1)
        .sort(["size", "canonical_id"], descending=[True, False])
        .head(LARGEST_CLUSTERS)
        .select("canonical_id", "size")
    )
    rows = (
        top.join(tables.documents, left_on="canonical_id", right_on="doc_id", how="left")
        .select("canonical_id", "source_id", "title", "size")
        .sort(["size", "canonical_id"], descending=[True, False])
        .collect()
    )
    return [
        LargeCluster(doc_id, source_id or "", bounded(title or "", TITLE_CHARS), size)
        for doc_id, source_id, title, size in rows.iter_rows()
    ]


@dataclass(frozen=True, slots=True)
class _Described:
    source_id: str
    title: str | None
    words: int
    text: str


def _frequent_wordings(edits: pl.LazyFrame, rules: Sequence[str]) -> pl.DataFrame:
    """rule, times, doc_id, seq of the chosen edits."""
    address = pl.concat_str("doc_id", pl.col("seq").cast(pl.String).str.zfill(10))
    return (
        edits.filter(pl.col("rule").is_in(list(rules)))
        .group_by(
            "rule",
            pl.col("removed").str.head(_WORDING).alias("wording"),
            pl.col("replacement").str.head(_WORDING).alias("put"),
        )
        .agg(times=pl.len(), address=address.min())
        .sort(["rule", "times", "address"], descending=[False, True, False])
        .group_by("rule", maintain_order=True)
        .head(PER_RULE)
        .select(
            "rule",
            "times",
            doc_id=pl.col("address").str.head(-10),
            seq=pl.col("address").str.tail(10).cast(pl.UInt32),
        )
        .collect(engine="streaming")
    )


def _placed(edits: pl.LazyFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The chosen edits with `at`, where each stands in the published text.

    That is its start, moved by what the edits before it took away or put in.
    """
    put = pl.col("replacement").str.len_chars().cast(pl.Int64)
    grown = put - (pl.col("end").cast(pl.Int64) - pl.col("start"))
    return (
        edits.filter(pl.col("doc_id").is_in(chosen["doc_id"].unique().implode()))
        .sort("doc_id", "seq")
        .with_columns(at=pl.col("start") + grown.cum_sum().over("doc_id") - grown, put=put)
        .drop("rule")
        .join(chosen.lazy(), on=["doc_id", "seq"], how="inner")
        .collect()
    )


def _edit_sample(  # noqa: PLR0913, PLR0917 -- the fields of one row, in the order of its columns
    doc_id: str, source_id: str, times: int, head: str, removed: str, put: str, tail: str
) -> EditSample:
    return EditSample(
        doc_id=doc_id,
        source_id=source_id,
        times=times,
        before=before(head, len(head)),
        removed=bounded(removed, SAMPLE_CHARS),
        replacement=bounded(put, SAMPLE_CHARS),
        after=after(tail, 0),
    )


def _described(tables: Tables, wanted: pl.DataFrame) -> pl.DataFrame:
    """doc_id, source_id, title, n_words and the beginning of the text of the wanted documents."""
    columns = ["doc_id", "source_id", "title", "n_words", "text"]
    return (
        pl.concat([tables.documents.select(columns), tables.duplicates.select(columns)])
        .filter(pl.col("doc_id").is_in(wanted.to_series().implode()))
        .with_columns(pl.col("text").str.head(_HEAD))
        .collect(engine="streaming")
    )


def _duplicate_sample(
    row: tuple[str, str, str, float | None, float | None, str | None],
    own: _Described,
    kept: _Described,
) -> DuplicateSample:
    doc_id, canonical_id, relation, jaccard, containment, reason = row
    return DuplicateSample(
        doc_id=doc_id,
        source_id=own.source_id,
        title=bounded(own.title or "", TITLE_CHARS),
        canonical_id=canonical_id,
        canonical_source_id=kept.source_id,
        canonical_title=bounded(kept.title or "", TITLE_CHARS),
        relation=relation,
        jaccard=jaccard,
        containment=containment,
        reason=reason or "",
        words=(own.words, kept.words),
        comparison=compare(kept.text, own.text, passages=PASSAGES),
    )


def _names(tables: Tables, doc_ids: pl.Series) -> dict[str, str]:
    """A title, else the source_id, for each of these curated documents."""
    rows = (
        tables.documents.filter(pl.col("doc_id").is_in(doc_ids.unique().implode()))
        .select("doc_id", pl.coalesce("title", "source_id"))
        .collect(engine="streaming")
    )
    return {doc_id: bounded(name, TITLE_CHARS) for doc_id, name in rows.iter_rows()}
