"""When a row breaks an expectation, as one Polars expression per map metric.

The engine counts with these expressions and whoever sorts rows out filters with them: there is no
second definition. The semantics are those of Great Expectations' pandas metrics: a null is not
judged unless the rule is about nulls, and NaN is null. Two differences are meant: regular
expressions are Rust's, without look-around and back-references, and a limit is taken at the
precision of its column, so that a Float32 of 0.3 is at most 0.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias, cast

import polars as pl

Scalar: TypeAlias = str | int | float | bool | date | None
Value: TypeAlias = Scalar | Sequence[Scalar] | Sequence[Sequence[Scalar]]
Arguments: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Column:
    """A column's values and their type; bounds and sets are read according to the type."""

    expr: pl.Expr
    dtype: pl.DataType

    @classmethod
    def of(cls, expr: pl.Expr, dtype: pl.DataType) -> "Column":
        """The column with NaN as null, as pandas sees it."""
        return cls(expr.fill_nan(None) if dtype.is_float() else expr, dtype)


Condition: TypeAlias = Callable[[Sequence[Column], Arguments], pl.Expr]


def breaks(
    metric: str,
    columns: Sequence[Column],
    arguments: Arguments,
    *,
    within: pl.Expr | None = None,
) -> pl.Expr:
    """True where a row breaks the map metric, never null.

    `arguments` are the expectation's own: bounds, sets, patterns, `ignore_row_if`. Rows outside of
    `within` break nothing and do not count as duplicates. KeyError for a metric not in CONDITIONS.
    """
    if metric in ABOUT_NULLS:
        counts = pl.lit(value=True)
    elif metric.startswith("column_values."):
        counts = columns[0].expr.is_not_null()
    else:
        counts = judged(columns, arguments.get("ignore_row_if"))
    compared = columns
    if within is not None:
        counts = counts & within
        if metric in UNIQUENESS:
            compared = [*columns, Column(within, pl.Boolean())]
    met = CONDITIONS[metric](compared, arguments).fill_null(value=False)
    return (~met & counts).fill_null(value=False)


def judged(columns: Sequence[Column], ignore_row_if: Value) -> pl.Expr:
    """Where `ignore_row_if` leaves a row to a rule over several columns."""
    missing = [column.expr.is_null() for column in columns]
    if ignore_row_if in {"both_values_are_missing", "all_values_are_missing"}:
        return ~pl.all_horizontal(missing)
    if ignore_row_if in {"either_value_is_missing", "any_value_is_missing"}:
        return ~pl.any_horizontal(missing)
    return pl.lit(value=True)


def between(values: pl.Expr, dtype: pl.DataType, arguments: Arguments) -> pl.Expr:
    """Whether values lie between min_value and max_value, strictly where strict_* says so."""
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if low is None and high is None:
        message = "min_value and max_value cannot both be null: give at least one of them."
        raise ValueError(message)
    inside = []
    if low is not None:
        least = _bound(low, dtype)
        inside.append(values > least if arguments.get("strict_min") else values >= least)
    if high is not None:
        most = _bound(high, dtype)
        inside.append(values < most if arguments.get("strict_max") else values <= most)
    return pl.all_horizontal(inside)


def _bound(value: Value, dtype: pl.DataType) -> pl.Expr:
    """A limit as the column's type: a day is its midnight, a time without zone is UTC."""
    if isinstance(value, str) and dtype.is_temporal():
        value = datetime.fromisoformat(value)
    if not isinstance(value, date) or not isinstance(dtype, pl.Datetime):
        return pl.lit(value)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    literal = pl.lit(moment.astimezone(UTC))
    return literal if dtype.time_zone else literal.dt.replace_time_zone(None)


def _between(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    return between(columns[0].expr, columns[0].dtype, arguments)


def _length_between(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    return between(_text(columns[0]).str.len_chars(), pl.UInt32(), arguments)


def _length_equals(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    return _text(columns[0]).str.len_chars() == pl.lit(arguments["value"])


def _text(column: Column) -> pl.Expr:
    return column.expr if column.dtype == pl.String else column.expr.cast(pl.String)


def _members(dtype: pl.DataType, value_set: Value) -> pl.Series:
    """The values of a set that the column's type can hold: 2.5 equals no whole number."""
    values = cast("Sequence[Scalar]", value_set)
    if dtype.is_integer():
        whole = [v for v in values if isinstance(v, int | float) and v == v // 1]
        return pl.Series([int(v) for v in whole], dtype=pl.Int64)
    if dtype.is_float():
        return pl.Series([float(v) for v in values if isinstance(v, int | float)], dtype=dtype)
    if dtype == pl.String:
        return pl.Series([v for v in values if isinstance(v, str)], dtype=pl.String)
    return pl.Series(list(values), dtype=dtype, strict=False)


def _in_set(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    column, value_set = columns[0], arguments["value_set"]
    if value_set is None:
        return pl.lit(value=True)
    values = column.expr.cast(pl.Int64) if column.dtype.is_integer() else column.expr
    return values.is_in(_members(column.dtype, value_set).implode())


def _not_in_set(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    return pl.lit(value=True) if arguments["value_set"] is None else ~_in_set(columns, arguments)


def _matches(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    patterns = cast("Sequence[str]", arguments.get("regex_list") or [arguments["regex"]])
    hits = [_text(columns[0]).str.contains(pattern) for pattern in patterns]
    return (
        pl.all_horizontal(hits) if arguments.get("match_on") == "all" else pl.any_horizontal(hits)
    )


def _matches_none(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    return ~_matches(columns, {**arguments, "match_on": "any"})


def _unique(columns: Sequence[Column], _arguments: Arguments) -> pl.Expr:
    if len(columns) == 1:
        return columns[0].expr.is_unique()
    named = [column.expr.alias(str(place)) for place, column in enumerate(columns)]
    return pl.struct(named).is_unique()


def _greater(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    left, right = (column.expr for column in columns)
    return left >= right if arguments.get("or_equal") else left > right


def _pair_in_set(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    left, right = (column.expr for column in columns)
    pairs = cast("Sequence[tuple[Scalar, Scalar]] | None", arguments["value_pairs_set"])
    if pairs is None:
        return pl.lit(value=True)
    hits = [left.eq_missing(pl.lit(a)) & right.eq_missing(pl.lit(b)) for a, b in pairs]
    return pl.any_horizontal(hits) if hits else pl.lit(value=False)


def _all_equal(columns: Sequence[Column], _arguments: Arguments) -> pl.Expr:
    return pl.all_horizontal([columns[0].expr.eq_missing(c.expr) for c in columns])


def _all_different(columns: Sequence[Column], _arguments: Arguments) -> pl.Expr:
    pairs = [
        left.expr.ne_missing(right.expr)
        for place, left in enumerate(columns)
        for right in columns[place + 1 :]
    ]
    return pl.all_horizontal(pairs)


def _sum_equals(columns: Sequence[Column], arguments: Arguments) -> pl.Expr:
    total = pl.sum_horizontal([column.expr for column in columns], ignore_nulls=False)
    return total == pl.lit(arguments["sum_total"])


CONDITIONS: Mapping[str, Condition] = {
    "column_values.nonnull": lambda columns, _: columns[0].expr.is_not_null(),
    "column_values.null": lambda columns, _: columns[0].expr.is_null(),
    "column_values.unique": _unique,
    "column_values.in_set": _in_set,
    "column_values.not_in_set": _not_in_set,
    "column_values.between": _between,
    "column_values.value_length.between": _length_between,
    "column_values.value_length.equals": _length_equals,
    "column_values.match_regex": _matches,
    "column_values.not_match_regex": _matches_none,
    "column_values.match_regex_list": _matches,
    "column_values.not_match_regex_list": _matches_none,
    "column_pair_values.a_greater_than_b": _greater,
    "column_pair_values.equal": lambda columns, _: columns[0].expr == columns[1].expr,
    "column_pair_values.in_set": _pair_in_set,
    "compound_columns.unique": _unique,
    "multicolumn_values.equal": _all_equal,
    "multicolumn_sum.equal": _sum_equals,
    "select_column_values.unique.within_record": _all_different,
}
ABOUT_NULLS = frozenset({"column_values.nonnull", "column_values.null"})
UNIQUENESS = frozenset({"column_values.unique", "compound_columns.unique"})
