"""The numbers of the report: counts over whole tables, never a text.

Every figure is a sum of integers, so that no order of threads can change its last digit.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.report.tables import Tables

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Tally:
    """A name and how often it occurs."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """What one rule did: edits, documents touched, characters taken away and put in."""

    rule: str
    action: str
    edits: int
    documents: int
    removed_chars: int
    added_chars: int


@dataclass(frozen=True, slots=True)
class SourceFigure:
    """One source: its documents by fate, its words, and the mean share of characters cut."""

    source: str
    curated: int
    duplicates: int
    words: int
    cut_share: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them. Lists are ordered by count, then name, and may be cut off after the largest."""

    curated: int
    duplicates: int
    quarantined: int
    edited: int
    canonicals: int
    words: int
    chars: int
    relations: list[Tally]
    stages: list[Tally]
    reasons: list[Tally]
    rules: list[RuleFigure]
    languages: list[Tally]
    flags: list[Tally]
    encodings: list[Tally]
    sources: list[SourceFigure]
    n_sources: int
    length_bins: dict[int, int]
    merge_bins: dict[int, int]
    review_bins: dict[int, int]
    size_bins: dict[int, int]
    n_review: int

    @property
    def documents(self) -> int:
        """Documents of the three fates together."""
        return self.curated + self.duplicates + self.quarantined


def take_figures(tables: Tables) -> Figures:
    """The figures of a snapshot; reads narrow columns only."""
    documents, duplicates, quarantine = tables.documents, tables.duplicates, tables.quarantine
    sources = _sources(tables)
    relations = _tallies(duplicates, "relation")
    reasons = quarantine.select(pl.col("reasons").explode())
    totals = _totals(documents)
    pairs = _bins(
        tables.pairs, (pl.col("jaccard").clip(0, 0.9999) * 50).cast(pl.Int64), by="decision"
    )
    sizes = _bins(tables.clusters, pl.col("size").cast(pl.Int64))
    stages = _tallies(quarantine, "stage")
    edited = tables.edits.select("doc_id").unique()
    return Figures(
        curated=totals[0],
        duplicates=sum(tally.count for tally in relations),
        quarantined=sum(tally.count for tally in stages),
        edited=_rows(documents.join(edited, on="doc_id", how="semi")),
        canonicals=_rows(tables.clusters.filter(pl.col("size") > 1)),
        words=totals[1],
        chars=totals[2],
        relations=relations,
        stages=stages,
        reasons=_tallies(reasons, "reasons"),
        rules=_rules(tables.edits),
        languages=_tallies(documents, "language"),
        flags=_tallies(documents.select(pl.col("flags").explode()).drop_nulls(), "flags"),
        encodings=_tallies(documents, "encoding"),
        sources=sources[:_LONGEST],
        n_sources=len(sources),
        length_bins=_bins(documents, _log2("n_words"))[""],
        merge_bins=pairs.get("merge", {}),
        review_bins=pairs.get("review", {}),
        size_bins=sizes[""],
        n_review=sum(pairs.get("review", {}).values()),
    )


def _rows(frame: pl.LazyFrame) -> int:
    return int(_collect(frame.select(pl.len())).item())


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="streaming")


def _totals(documents: pl.LazyFrame) -> tuple[int, int, int]:
    frame = documents.select(
        pl.len(),
        pl.col("n_words").cast(pl.Int64).sum(),
        pl.col("n_chars").cast(pl.Int64).sum(),
    )
    rows, words, chars = _collect(frame).row(0)
    return int(rows), int(words), int(chars)


def _tallies(frame: pl.LazyFrame, column: str) -> list[Tally]:
    """Counts of a column's values, the most frequent first; null counts as `none given`."""
    counts = (
        frame.select(name=pl.col(column).fill_null("none given"))
        .group_by("name")
        .agg(count=pl.len())
        .sort(["count", "name"], descending=[True, False])
    )
    return [Tally(name, count) for name, count in _collect(counts).iter_rows()]


def _rules(edits: pl.LazyFrame) -> list[RuleFigure]:
    counts = (
        edits.group_by("rule", "action")
        .agg(
            edits=pl.len(),
            documents=pl.col("doc_id").n_unique(),
            removed=(pl.col("end").cast(pl.Int64) - pl.col("start")).sum(),
            added=pl.col("replacement").str.len_chars().cast(pl.Int64).sum(),
        )
        .sort(["edits", "rule", "action"], descending=[True, False, False])
    )
    return [RuleFigure(*row) for row in _collect(counts).iter_rows()]


def _sources(tables: Tables) -> list[SourceFigure]:
    columns = [
        pl.col("source").fill_null("none given"),
        pl.col("n_words").cast(pl.Int64),
        # In millionths: a sum of floats would depend on its order.
        (pl.col("signals").struct.field("cut_char_share") * 1_000_000)
        .round()
        .cast(pl.Int64)
        .fill_null(0)
        .alias("cut"),
    ]
    rows = pl.concat(
        [
            tables.documents.select(*columns, kept=pl.lit(1, pl.Int64)),
            tables.duplicates.select(*columns, kept=pl.lit(0, pl.Int64)),
        ]
    )
    counts = (
        rows.group_by("source")
        .agg(pl.col("kept").sum(), pl.len(), pl.col("n_words").sum(), pl.col("cut").sum())
        .sort(["len", "source"], descending=[True, False])
    )
    return [
        SourceFigure(source, kept, both - kept, words, cut / both / 1_000_000)
        for source, kept, both, words, cut in _collect(counts).iter_rows()
    ]


def _log2(column: str) -> pl.Expr:
    return pl.col(column).clip(lower_bound=1).cast(pl.Float64).log(2).floor().cast(pl.Int64)


def _bins(frame: pl.LazyFrame, value: pl.Expr, *, by: str = "") -> dict[str, dict[int, int]]:
    """Rows per bin and, if asked, per value of a column; one group named "" otherwise."""
    group = pl.col(by) if by else pl.lit("")
    counts = (
        frame.select(group=group, bin=value)
        .drop_nulls()
        .group_by("group", "bin")
        .agg(count=pl.len())
        .sort("group", "bin")
    )
    bins: dict[str, dict[int, int]] = {"": {}}
    for name, at, count in _collect(counts).iter_rows():
        bins.setdefault(name, {})[at] = count
    return bins
