"""The Polars engine against the stock pandas engine, result for result."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

import great_expectations.expectations as gxe
import polars as pl
import pytest
from great_expectations.expectations.row_conditions import Column

from pipeline.validation.catalogue import KINDS
from pipeline.validation.polars_engine.metrics import BUNDLED

MIDNIGHT = datetime(2024, 5, 1, tzinfo=UTC)
NUMBERS = [None, math.nan, -1.5, 0.0, 1.0, 2.0, 2.5, 7.0]
TEXTS = [None, "", "a", "ab", "b", "été", "日本", "Ab c"]
TIMES = [None, MIDNIGHT, datetime(2024, 5, 2, 12, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)]
SCHEMA = {
    "id": pl.String,
    "x": pl.Float64,
    "y": pl.Float64,
    "small": pl.Float32,
    "n": pl.Int64,
    "t": pl.String,
    "u": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "then": pl.Datetime("us", "UTC"),
    "yes": pl.Boolean,
}


def made_up(rows: int, seed: int) -> pl.DataFrame:
    pick = random.Random(seed).choice
    kinds = (NUMBERS, NUMBERS, [None, 0.1, 0.3, 2.0], [-1, 0, 1, 2, 3], TEXTS, TEXTS, TIMES, TIMES)
    made = [(f"d{row}", *map(pick, kinds), pick([True, False])) for row in range(rows)]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def nothing_but_nulls(rows: int) -> pl.DataFrame:
    frame = made_up(rows, seed=0)
    return frame.with_columns(pl.lit(None, SCHEMA[n]).alias(n) for n in ("x", "y", "t", "u", "at"))


def nothing_but_failures(rows: int) -> pl.DataFrame:
    """The same row over and over, outside of every bound, set and pattern."""
    moments = (datetime(1999, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    row = ("d", 99.0, 98.0, 99.0, 99, "ZZZZZ", "Q", *moments, True)
    return pl.DataFrame([row] * rows, schema=SCHEMA, orient="row")


SUMMARY = {"result_format": "SUMMARY", "unexpected_index_column_names": ["id"]}
CASES = {
    "no rows": (made_up(0, seed=1), SUMMARY),
    "some rows": (made_up(12, seed=2), SUMMARY),
    "nulls only": (nothing_but_nulls(5), {"result_format": "BASIC", "partial_unexpected_count": 2}),
    "many rows": (made_up(300, seed=3), {"result_format": "COMPLETE"}),
    "failures only": (nothing_but_failures(7), SUMMARY),
}
SOME = made_up(30, seed=4)
FORMATS = [
    (SOME, {"result_format": "BOOLEAN_ONLY"}),
    (SOME, {"result_format": "BASIC", "partial_unexpected_count": 0}),
    (SOME, {**SUMMARY, "result_format": "COMPLETE", "exclude_unexpected_values": True}),
    (SOME, {"result_format": "SUMMARY", "return_unexpected_index_query": False}),
    (SOME, {"result_format": "SUMMARY", "include_unexpected_rows": True}),
    (SOME, {"result_format": "COMPLETE", "include_unexpected_rows": True}),
]

BOUNDS: list[dict[str, Any]] = [
    {"min_value": 0},
    {"max_value": 2},
    {"min_value": 0, "max_value": 2},
    {"min_value": 0, "max_value": 2, "strict_min": True},
    {"min_value": 0, "max_value": 2, "strict_max": True},
    {"min_value": 1, "max_value": 2, "strict_min": True, "strict_max": True},
    {"min_value": 1, "strict_min": True},
    {"max_value": 2, "strict_max": True},
    {"min_value": 0, "mostly": 0.5},
    {"min_value": 0, "mostly": 0.5, "row_condition": Column("n") > 0},
]
CONDITIONS = [
    Column("n") == 1,
    Column("n") != 1,
    Column("x") != 1,
    Column("x") < 2,
    Column("t").is_null(),
    Column("t").is_not_null(),
    Column("n").is_in([1, 2]),
    Column("t").is_in(["a", "b"]),
    Column("t").is_not_in(["a"]),
    (Column("n") >= 0) & (Column("n") <= 1),
    (Column("n") < 0) | (Column("t") == "a"),
    Column("n") > 99,
]


def map_expectations() -> Iterator[gxe.Expectation]:
    for column in ("x", "t", "at", "yes"):
        yield gxe.ExpectColumnValuesToNotBeNull(column=column)
        yield gxe.ExpectColumnValuesToBeNull(column=column, mostly=0.3)
        yield gxe.ExpectColumnValuesToBeUnique(column=column)
    for bounds in BOUNDS:
        yield gxe.ExpectColumnValuesToBeBetween(column="x", **bounds)
        yield gxe.ExpectColumnValuesToBeBetween(column="n", **bounds)
        yield gxe.ExpectColumnValueLengthsToBeBetween(column="t", **bounds)
    yield gxe.ExpectColumnValuesToBeBetween(column="at", min_value=MIDNIGHT)
    yield gxe.ExpectColumnValuesToBeBetween(column="at", max_value=MIDNIGHT, strict_max=True)
    yield gxe.ExpectColumnValueLengthsToEqual(column="t", value=2)
    for values in ([1, 2.5], [7], [-1.5, 0], [1000]):
        yield gxe.ExpectColumnValuesToBeInSet(column="x", value_set=values)
        yield gxe.ExpectColumnValuesToNotBeInSet(column="n", value_set=values)
    for texts in (["a", "日本"], [""], ["zz"]):
        yield gxe.ExpectColumnValuesToBeInSet(column="t", value_set=texts)
        yield gxe.ExpectColumnValuesToNotBeInSet(column="t", value_set=texts, mostly=0.6)
    for pattern in ("^a", "a|b", "^[a-z]+$", "(?i)^AB", "^$"):
        yield gxe.ExpectColumnValuesToMatchRegex(column="t", regex=pattern)
        yield gxe.ExpectColumnValuesToNotMatchRegex(column="t", regex=pattern, mostly=0.5)
    for match_on in ("any", "all"):
        yield gxe.ExpectColumnValuesToMatchRegexList(
            column="t", regex_list=["a", "b"], match_on=match_on
        )
    yield gxe.ExpectColumnValuesToNotMatchRegexList(column="t", regex_list=["^a", "c$"])


def several_column_expectations() -> Iterator[gxe.Expectation]:
    for gaps in ("both_values_are_missing", "either_value_is_missing", "neither"):
        yield gxe.ExpectColumnPairValuesToBeEqual(column_A="x", column_B="y", ignore_row_if=gaps)
        yield gxe.ExpectColumnPairValuesToBeEqual(column_A="t", column_B="u", ignore_row_if=gaps)
        yield gxe.ExpectColumnPairValuesToBeInSet(
            column_A="t",
            column_B="u",
            value_pairs_set=[("a", "b"), ("b", None)],
            ignore_row_if=gaps,
        )
        for or_equal in (True, False):
            yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="at", column_B="then", or_equal=or_equal, ignore_row_if=gaps, mostly=0.6
            )
            yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="x", column_B="y", or_equal=or_equal, ignore_row_if=gaps
            )
    for gaps in ("all_values_are_missing", "any_value_is_missing", "never"):
        names = ["x", "y"]
        yield gxe.ExpectCompoundColumnsToBeUnique(column_list=["t", "u"], ignore_row_if=gaps)
        yield gxe.ExpectCompoundColumnsToBeUnique(column_list=names, ignore_row_if=gaps)
        yield gxe.ExpectMulticolumnSumToEqual(column_list=names, sum_total=3, ignore_row_if=gaps)
        yield gxe.ExpectMulticolumnValuesToBeEqual(column_list=names, ignore_row_if=gaps)
        yield gxe.ExpectSelectColumnValuesToBeUniqueWithinRecord(
            column_list=["t", "u"], ignore_row_if=gaps
        )


def conditional_expectations() -> Iterator[gxe.Expectation]:
    for condition in CONDITIONS:
        yield gxe.ExpectColumnValuesToBeUnique(column="t", row_condition=condition)
        yield gxe.ExpectColumnValuesToBeBetween(column="x", min_value=1, row_condition=condition)
        yield gxe.ExpectColumnPairValuesToBeEqual(
            column_A="t", column_B="u", row_condition=condition
        )
        yield gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["t", "u"], ignore_row_if="never", row_condition=condition
        )
        yield gxe.ExpectTableRowCountToBeBetween(min_value=2, row_condition=condition)
        yield gxe.ExpectColumnMeanToBeBetween(column="x", min_value=1, row_condition=condition)


SUMMARIES = [
    gxe.ExpectColumnMeanToBeBetween,
    gxe.ExpectColumnMedianToBeBetween,
    gxe.ExpectColumnStdevToBeBetween,
    gxe.ExpectColumnSumToBeBetween,
    gxe.ExpectColumnMinToBeBetween,
    gxe.ExpectColumnMaxToBeBetween,
]
SHARES = [
    gxe.ExpectColumnUniqueValueCountToBeBetween,
    gxe.ExpectColumnProportionOfUniqueValuesToBeBetween,
    gxe.ExpectColumnProportionOfNonNullValuesToBeBetween,
]


def table_expectations() -> Iterator[gxe.Expectation]:
    yield gxe.ExpectTableRowCountToEqual(value=4)
    yield gxe.ExpectTableColumnCountToEqual(value=len(SCHEMA))
    yield gxe.ExpectTableColumnsToMatchSet(column_set=list(SCHEMA))
    yield gxe.ExpectColumnToExist(column="x")
    for strict in ({}, {"strict_min": True}, {"strict_max": True}):
        bounds = {"min_value": 0, "max_value": 2, **strict}
        yield gxe.ExpectTableRowCountToBeBetween(min_value=3, max_value=12, **strict)
        for summary, column in product(SUMMARIES, ("x", "n", "small")):
            yield summary(column=column, **bounds)
        for share, column in product(SHARES, ("x", "t", "at")):
            yield share(column=column, **{**bounds, "max_value": 1})
    yield gxe.ExpectColumnDistinctValuesToBeInSet(column="t", value_set=["a", "b", ""])


def date_expectations() -> Iterator[gxe.Expectation]:
    later = datetime(2024, 5, 2, tzinfo=UTC)
    for strict in ((), ("strict_min",), ("strict_max",), ("strict_min", "strict_max")):
        bounds = {"min_value": MIDNIGHT, "max_value": later, **dict.fromkeys(strict, True)}
        yield gxe.ExpectColumnValuesToBeBetween(column="at", **bounds)
        yield gxe.ExpectColumnMinToBeBetween(column="at", **bounds)
        yield gxe.ExpectColumnMaxToBeBetween(column="at", **bounds)
    yield gxe.ExpectColumnValuesToBeInSet(column="at", value_set=[MIDNIGHT, later])
    yield gxe.ExpectColumnValuesToNotBeInSet(column="at", value_set=[MIDNIGHT], mostly=0.5)
    yield gxe.ExpectColumnDistinctValuesToBeInSet(column="at", value_set=[MIDNIGHT])
    yield gxe.ExpectColumnPairValuesToBeEqual(column_A="at", column_B="then")
    yield gxe.ExpectCompoundColumnsToBeUnique(column_list=["at", "then"])
    after = Column("at") > MIDNIGHT
    yield gxe.ExpectColumnValuesToBeBetween(column="x", min_value=0, row_condition=after)


def everything(changes: dict[str, Any]) -> Iterator[gxe.Expectation]:
    """All of the above that know these arguments, with them."""
    for made in (map_expectations, several_column_expectations, table_expectations):
        for expectation in made():
            if changes.keys() <= type(expectation).__fields__.keys():
                kwargs = {**expectation.configuration.kwargs, **changes}
                yield type(expectation)(**kwargs)


GROUPS = {
    "map": map_expectations,
    "several columns": several_column_expectations,
    "row conditions": conditional_expectations,
    "table": table_expectations,
    "dates": date_expectations,
}


@pytest.fixture(scope="module", params=GROUPS)
def engines(request, both):
    return both(list(GROUPS[request.param]()))


@pytest.mark.parametrize("case", CASES)
def test_results_are_those_of_the_pandas_engine(engines, case):
    assert engines.differences(*CASES[case]) == ""
    assert engines.fallbacks == []


@pytest.mark.parametrize("group", ["map", "several columns"])
def test_results_are_as_long_as_asked_for(both, group):
    engines = both(list(GROUPS[group]()))
    for frame, result_format in FORMATS:
        assert engines.differences(frame, result_format) == ""
    assert engines.fallbacks == []


@pytest.mark.parametrize(
    "changes",
    [{"row_condition": Column("n") > 0}, {"row_condition": Column("n") > 999}, {"mostly": 0.5}],
    ids=["some rows", "no row", "most rows"],
)
def test_every_expectation_agrees_about_a_part_of_the_rows(both, changes):
    engines = both(list(everything(changes)))
    for case in ("many rows", "failures only"):
        assert engines.differences(*CASES[case]) == ""
    assert engines.fallbacks == []


def test_every_metric_and_every_option_of_a_suite_is_among_them():
    metrics: set[str] = set()
    options: dict[str, set[str]] = {}
    complete = {"result_format": {"result_format": "COMPLETE", "include_unexpected_rows": True}}
    made = [*GROUPS.values(), partial(everything, {"mostly": 0.5})]
    for one in (one for group in made for one in group()):
        needs = one.get_validation_dependencies(runtime_configuration=complete)
        metrics.update(needs.metric_configurations)
        options.setdefault(one.configuration.type, set()).update(one.configuration.kwargs)
    # The share of values that are there is drawn from their number.
    assert metrics >= BUNDLED - {"column.non_null_count"}
    assert "column.non_null_proportion" in metrics
    for name, kind in KINDS.items():
        assert options[name] >= {*kind.required, *kind.optional}, name
