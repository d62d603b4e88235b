"""JUDGED: the rules that a document breaks, as verdicts that keep it out or flags that mark it.

The limits come in from outside, compiled from the expectation suites: there is not one number in
here. What could not be read or decoded is refused without a rule, for there is nothing to measure.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from pipeline.schema import JUDGED, VERDICT, check

VALUE_CHARS: Final = 200
RAW: Final = "raw"


@dataclass(frozen=True, eq=False)
class Limit:
    """One rule: where a document breaks it, the value that does, and what follows.

    Both expressions speak of the columns that `Limits.facts` makes. `flag` none: a verdict.
    """

    suite: str
    rule: str
    broken: pl.Expr
    value: pl.Expr
    flag: str | None = None


@dataclass(frozen=True, eq=False)
class Limits:
    """Everything a document is judged by; `digest` changes when any of it does."""

    facts: tuple[pl.Expr, ...]
    rules: tuple[Limit, ...]
    digest: str


def judge(measured: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """`measured` with verdicts in the order of the rules, and flags joined by what rules mark.

    An empty list of verdicts means that the document is valid. Values are cut at 200 characters.
    """
    known = measured.select(
        *limits.facts,
        _unreadable().alias("unreadable"),
        pl.col("flags").alias("own_flags"),
    )
    rows = known.lazy().with_row_index("row")
    # Only the rows that break a rule are gathered: lists made in every row, most of them empty,
    # took ten times as long as all the conditions together.
    verdicts = [_found(rows, pl.col("unreadable"), where=pl.col("unreadable").is_not_null())]
    flags = [
        rows.select("row", found="own_flags").explode(
            "found", empty_as_null=False, keep_nulls=False
        )
    ]
    for place, limit in enumerate(limits.rules):
        if limit.flag is None:
            verdict = _verdict(pl.lit(limit.rule), limit.value, suite=limit.suite)
            verdicts.append(_found(rows, verdict, where=limit.broken, place=place))
        else:
            flags.append(_found(rows, pl.lit(limit.flag), where=limit.broken).drop("place"))
    outcome = (
        rows.select("row")
        .join(_gathered(verdicts, "verdicts", ["row", "place"]), on="row", how="left")
        .join(_gathered(flags, "flags", ["row", "found"]), on="row", how="left")
        .sort("row")
        .select(pl.col("verdicts", "flags").fill_null([]))
        .collect()
    )
    return check(measured.with_columns(outcome), JUDGED, stage="judge")


def _found(rows: pl.LazyFrame, what: pl.Expr, *, where: pl.Expr, place: int = -1) -> pl.LazyFrame:
    """Number of the row, place of the rule, and what was found there."""
    return rows.filter(where).select("row", place=pl.lit(place, pl.Int32), found=what)


def _gathered(parts: list[pl.LazyFrame], name: str, order: list[str]) -> pl.LazyFrame:
    """One list for each row in which something was found."""
    found = pl.concat(parts).unique(order).sort(order)
    return found.group_by("row", maintain_order=True).agg(pl.col("found").alias(name))


def _unreadable() -> pl.Expr:
    """The verdict on a record that gave no text at all, else null.

    Such a record is never judged by its emptiness.
    """
    binary = pl.when(pl.col("flags").list.contains("binary")).then(pl.lit("binary"))
    undecoded = _verdict(
        binary.otherwise(pl.lit("undecodable")),
        pl.coalesce("encoding", pl.lit("no encoding fits")),
    )
    return (
        pl.when(pl.col("input_error").is_not_null())
        .then(_verdict(pl.col("input_error"), pl.col("input_detail")))
        .when(pl.col("text").is_null())
        .then(undecoded)
    )


def _verdict(rule: pl.Expr, value: pl.Expr, *, suite: str = RAW) -> pl.Expr:
    return pl.struct(
        pl.lit(suite).alias("suite"),
        rule.alias("rule"),
        value.cast(pl.String).str.head(VALUE_CHARS).fill_null("").alias("value"),
    ).cast(VERDICT)
