"""The lines that were learned from the corpus: what supports each, and what it cut.

Each is a rule of its own, and there may be thousands. So tables of rules count them as one, and
they are listed here by themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from pipeline.report.passages import bounded
from pipeline.report.tables import Tables
from pipeline.stages.learn import LEARNED, RULE

LISTED = 40
PER_SOURCE = 5
LINE_CHARS = 200
SOURCE_CHARS = 80


@dataclass(frozen=True, slots=True)
class LearnedLine:
    """A line of one source: `support` of its `clusters` have it at an edge."""

    rule: str
    source: str
    line: str
    support: int
    clusters: int
    edge_share: float
    cuts: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LearnedLines:
    """How many there are, of how many sources, and those that cut most, a few of each source."""

    count: int
    sources: int
    listed: list[LearnedLine]


def learned_lines(tables: Tables) -> LearnedLines:
    """The lines for the report."""
    lines = tables.learned_lines
    totals = lines.select(pl.len(), pl.col("source").n_unique()).collect().row(0)
    most = (
        lines.sort(["cuts", "support", "rule"], descending=[True, True, False])
        .filter(pl.int_range(pl.len()).over("source") < PER_SOURCE)
        .head(LISTED)
        .collect()
    )
    names = ("rule", "source", "line", "support", "source_clusters", "edge_share", "cuts")
    rows = most.select(*names, "samples").iter_rows()
    return LearnedLines(count=totals[0], sources=totals[1], listed=[_line(*row) for row in rows])


def _line(  # noqa: PLR0913, PLR0917  the fields of one row, in the order of its columns
    rule: str,
    source: str,
    line: str,
    support: int,
    clusters: int,
    edge_share: float,
    cuts: int,
    samples: list[str],
) -> LearnedLine:
    return LearnedLine(
        rule=rule,
        source=bounded(source, SOURCE_CHARS),
        line=bounded(line, LINE_CHARS),
        support=support,
        clusters=clusters,
        edge_share=edge_share,
        cuts=cuts,
        samples=tuple(samples),
    )


def learned_meanings(tables: Tables, rules: Collection[str]) -> dict[str, str]:
    """What supports each of these rules, of those that are learned lines."""
    asked = [rule for rule in rules if rule.startswith(RULE)]
    if not asked:
        return {}
    names = ("rule", "source", "support", "source_clusters", "edge_share")
    rows = tables.learned_lines.filter(pl.col("rule").is_in(asked)).select(names).collect()
    return {
        rule: f"{bounded(source, SOURCE_CHARS)} has this line at an edge of {support:,} of its "
        f"{clusters:,} stories, copies counted once; {share:.0%} of its places are edges."
        for rule, source, support, clusters, share in rows.iter_rows()
    }


def as_one_rule(edits: pl.LazyFrame) -> pl.LazyFrame:
    """The edits, all those of learned lines in the name of one rule."""
    learned = pl.col("rule").str.starts_with(RULE)
    return edits.with_columns(rule=pl.when(learned).then(pl.lit(LEARNED)).otherwise("rule"))
