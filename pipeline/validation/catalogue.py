"""The expectation types a suite may use, and what each of their arguments has to be.

A type outside of this table is refused: it would pass through Great Expectations well enough, but
nothing here could compile it, check its columns or put it into words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl

from pipeline.validation.shapes import Shape


class Needs(StrEnum):
    """What kind of column an expectation can judge."""

    ANYTHING = "any"
    ORDERED = "numeric or temporal"
    NUMERIC = "numeric"
    TEXT = "text"


@dataclass(frozen=True)
class Kind:
    """An expectation type. `metric` names the row-level condition; none: it judges the table."""

    words: str
    required: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)
    metric: str | None = None
    needs: Needs = Needs.ANYTHING
    gaps: str | None = None


_COLUMN: Final = {"column": Shape.COLUMN}
_PAIR: Final = {"column_A": Shape.COLUMN, "column_B": Shape.COLUMN}
_LIST: Final = {"column_list": Shape.COLUMNS}
_MOSTLY: Final = {"mostly": Shape.SHARE}
_STRICT: Final = {"strict_min": Shape.SWITCH, "strict_max": Shape.SWITCH}
_BOUNDS: Final = {"min_value": Shape.BOUND, "max_value": Shape.BOUND, **_STRICT}
_NUMBERS: Final = {"min_value": Shape.NUMBER, "max_value": Shape.NUMBER, **_STRICT}
_WHOLES: Final = {"min_value": Shape.WHOLE, "max_value": Shape.WHOLE, **_STRICT}


def _row(
    words: str,
    metric: str,
    arguments: Mapping[str, Shape] | None = None,
    needs: Needs = Needs.ANYTHING,
    optional: Mapping[str, Shape] | None = None,
) -> Kind:
    """A rule about each value of one column."""
    return Kind(
        words=words,
        required={**_COLUMN, **(arguments or {})},
        optional={**_MOSTLY, **(optional or {})},
        metric=f"column_values.{metric}",
        needs=needs,
    )


def _aggregate(
    words: str, bounds: Mapping[str, Shape] = _NUMBERS, needs: Needs = Needs.NUMERIC
) -> Kind:
    """A rule about one number drawn from a column."""
    return Kind(words=words, required=_COLUMN, optional=bounds, needs=needs)


KINDS: Final[Mapping[str, Kind]] = {
    "expect_column_values_to_be_null": _row("{column} is missing", "null"),
    "expect_column_values_to_not_be_null": _row("{column} is there", "nonnull"),
    "expect_column_values_to_be_unique": _row("{column} occurs once", "unique"),
    "expect_column_values_to_be_in_set": _row(
        "{column} is one of {value_set}", "in_set", {"value_set": Shape.SET}
    ),
    "expect_column_values_to_not_be_in_set": _row(
        "{column} is none of {value_set}", "not_in_set", {"value_set": Shape.SET}
    ),
    "expect_column_values_to_be_between": _row(
        "{column} is {bounds}", "between", needs=Needs.ORDERED, optional=_BOUNDS
    ),
    "expect_column_value_lengths_to_be_between": _row(
        "{column} has {bounds} characters",
        "value_length.between",
        needs=Needs.TEXT,
        optional=_WHOLES,
    ),
    "expect_column_value_lengths_to_equal": _row(
        "{column} has {value} characters",
        "value_length.equals",
        {"value": Shape.WHOLE},
        Needs.TEXT,
    ),
    "expect_column_values_to_match_regex": _row(
        "{column} matches {regex}", "match_regex", {"regex": Shape.PATTERN}, Needs.TEXT
    ),
    "expect_column_values_to_not_match_regex": _row(
        "{column} does not match {regex}", "not_match_regex", {"regex": Shape.PATTERN}, Needs.TEXT
    ),
    "expect_column_values_to_match_regex_list": _row(
        "{column} matches {regex_list}",
        "match_regex_list",
        {"regex_list": Shape.PATTERNS},
        Needs.TEXT,
        {"match_on": Shape.MATCH_ON},
    ),
    "expect_column_values_to_not_match_regex_list": _row(
        "{column} matches none of {regex_list}",
        "not_match_regex_list",
        {"regex_list": Shape.PATTERNS},
        Needs.TEXT,
    ),
    "expect_column_pair_values_to_be_equal": Kind(
        words="{column_A} equals {column_B}",
        required=_PAIR,
        optional={**_MOSTLY, "ignore_row_if": Shape.PAIR_GAPS},
        metric="column_pair_values.equal",
        gaps="both_values_are_missing",
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Kind(
        words="{column_A} is above {column_B}",
        required=_PAIR,
        optional={**_MOSTLY, "or_equal": Shape.SWITCH, "ignore_row_if": Shape.PAIR_GAPS},
        metric="column_pair_values.a_greater_than_b",
        needs=Needs.ORDERED,
        gaps="both_values_are_missing",
    ),
    "expect_column_pair_values_to_be_in_set": Kind(
        words="{column_A} and {column_B} are one of {value_pairs_set}",
        required={**_PAIR, "value_pairs_set": Shape.PAIRS},
        optional={**_MOSTLY, "ignore_row_if": Shape.PAIR_GAPS},
        metric="column_pair_values.in_set",
        gaps="both_values_are_missing",
    ),
    "expect_compound_columns_to_be_unique": Kind(
        words="{column_list} together occur once",
        required=_LIST,
        optional={**_MOSTLY, "ignore_row_if": Shape.LIST_GAPS},
        metric="compound_columns.unique",
        gaps="all_values_are_missing",
    ),
    "expect_table_row_count_to_be_between": Kind(
        words="the number of rows is {bounds}", required={}, optional=_WHOLES
    ),
    "expect_column_mean_to_be_between": _aggregate("the mean of {column} is {bounds}"),
    "expect_column_median_to_be_between": _aggregate("the median of {column} is {bounds}"),
    "expect_column_stdev_to_be_between": _aggregate("the spread of {column} is {bounds}"),
    "expect_column_sum_to_be_between": _aggregate("the sum of {column} is {bounds}"),
    "expect_column_min_to_be_between": _aggregate(
        "the least {column} is {bounds}", _BOUNDS, Needs.ORDERED
    ),
    "expect_column_max_to_be_between": _aggregate(
        "the greatest {column} is {bounds}", _BOUNDS, Needs.ORDERED
    ),
    "expect_column_proportion_of_unique_values_to_be_between": _aggregate(
        "the share of distinct values of {column} is {bounds}", needs=Needs.ANYTHING
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": _aggregate(
        "the share of rows that have {column} is {bounds}", needs=Needs.ANYTHING
    ),
    "expect_column_unique_value_count_to_be_between": _aggregate(
        "the number of distinct values of {column} is {bounds}", _WHOLES, Needs.ANYTHING
    ),
    "expect_column_distinct_values_to_be_in_set": Kind(
        words="every value of {column} is one of {value_set}",
        required={**_COLUMN, "value_set": Shape.SET},
    ),
}


def can_judge(needs: Needs, dtype: pl.DataType) -> bool:
    """Whether a column of this type suits the expectation."""
    match needs:
        case Needs.ANYTHING:
            return True
        case Needs.ORDERED:
            return dtype.is_numeric() or dtype.is_temporal()
        case Needs.NUMERIC:
            return dtype.is_numeric()
        case Needs.TEXT:
            return dtype == pl.String
