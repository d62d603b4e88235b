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
        pl.col("flags").fill_null([]).alias("own_flags"),
    )
    refused = [
        _verdict(pl.lit(r.rule), r.value, where=r.broken, suite=r.suite)
        for r in limits.rules
        if r.flag is None
    ]
    marks = [pl.when(r.broken).then(pl.lit(r.flag)) for r in limits.rules if r.flag is not None]
    outcome = known.select(
        verdicts=pl.concat_list("unreadable", *refused).list.drop_nulls(),
        flags=pl.concat_list("own_flags", *marks).list.drop_nulls().list.unique().list.sort(),
    )
    return check(measured.with_columns(outcome), JUDGED, stage="judge")


def _unreadable() -> pl.Expr:
    """The verdict on a record that gave no text at all; it is never judged by its emptiness."""
    kind = pl.when(pl.col("flags").list.contains("binary")).then(pl.lit("binary"))
    return pl.coalesce(
        _verdict(
            pl.col("input_error"), pl.col("input_detail"), where=pl.col("input_error").is_not_null()
        ),
        _verdict(
            kind.otherwise(pl.lit("undecodable")),
            pl.coalesce("encoding", pl.lit("no encoding fits")),
            where=pl.col("text").is_null(),
        ),
    )


def _verdict(rule: pl.Expr, value: pl.Expr, *, where: pl.Expr, suite: str = RAW) -> pl.Expr:
    """The verdict, null elsewhere."""
    verdict = pl.struct(
        pl.lit(suite).alias("suite"),
        rule.alias("rule"),
        value.cast(pl.String).str.head(VALUE_CHARS).fill_null("").alias("value"),
    )
    return pl.when(where).then(verdict.cast(VERDICT))
