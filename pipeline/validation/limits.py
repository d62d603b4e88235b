"""Suites compiled for the judge stage: what a row has to break to be kept out or marked.

The expressions are the very ones that the Polars engine counts with, so a document is refused by
exactly the rule that the check would have failed. `mostly` is about suites and means nothing here.
"""

import hashlib
import json
from typing import Final

import polars as pl

from pipeline.stages.judge import Limit, Limits
from pipeline.validation.facts import FACTS, SUITE_SCHEMAS, fact_types
from pipeline.validation.polars_engine.conditions import Column, breaks
from pipeline.validation.suites import JUDGING, Rule, Suites

# Part of the digest: raise it when a fact or a condition changes its meaning.
VERSION: Final = 2
DIGITS: Final = 6  # of a number that is shown: all that a Float32 holds


def compile_limits(suites: Suites) -> Limits:
    """The rules of raw and cleaned that quarantine or flag, in the order of the files."""
    rules = [
        rule
        for name in JUDGING
        for rule in suites[name].rules
        if rule.quarantine or rule.flag is not None
    ]
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    return Limits(
        facts=tuple(FACTS[column].alias(column) for column in columns),
        rules=tuple(Limit(r.suite, r.name, broken(r), _value(r), r.flag) for r in rules),
        digest=_digest(rules),
    )


def broken(rule: Rule) -> pl.Expr:
    """Where a row of the suite's facts breaks the rule; KeyError for a rule about the table."""
    types = fact_types(SUITE_SCHEMAS[rule.suite])
    columns = [Column.of(pl.col(name), types[name]) for name in rule.columns]
    arguments = {"ignore_row_if": rule.kind.gaps, **rule.kwargs}
    return breaks(rule.kind.metric or "", columns, arguments)


def _value(rule: Rule) -> pl.Expr:
    """What broke the rule, as text: the value, or the values of several columns."""
    types = fact_types(SUITE_SCHEMAS[rule.suite])
    shown = [_shown(pl.col(name), types[name]) for name in rule.columns]
    return pl.concat_str(shown, separator=", ") if len(shown) > 1 else shown[0]


def _shown(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    number = value.cast(pl.Float64).round_sig_figs(DIGITS) if dtype.is_float() else value
    return number.cast(pl.String).fill_null("null")


def _digest(rules: list[Rule]) -> str:
    """Of what decides about a document; reasons and severities may be reworded freely."""
    content = [[r.suite, r.name, r.type, r.kwargs, r.quarantine, r.flag] for r in rules]
    return hashlib.sha256(json.dumps([VERSION, content], sort_keys=True).encode()).hexdigest()
