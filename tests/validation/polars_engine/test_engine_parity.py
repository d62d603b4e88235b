"""The Polars engine against the stock pandas engine, result for result."""

import math
import random
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
import polars as pl
import pytest
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.row_conditions import Column

from pipeline.validation.polars_engine import datasource

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


SUMMARY = {"result_format": "SUMMARY", "unexpected_index_column_names": ["id"]}
CASES = {
    "no rows": (made_up(0, seed=1), SUMMARY),
    "some rows": (made_up(12, seed=2), SUMMARY),
    "nulls only": (nothing_but_nulls(5), {"result_format": "BASIC", "partial_unexpected_count": 2}),
    "many rows": (made_up(300, seed=3), {"result_format": "COMPLETE"}),
}

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


def table_expectations() -> Iterator[gxe.Expectation]:
    bounds = {"min_value": 0, "max_value": 2}
    yield gxe.ExpectTableRowCountToBeBetween(min_value=3, max_value=8)
    yield gxe.ExpectTableRowCountToEqual(value=4)
    yield gxe.ExpectTableColumnCountToEqual(value=len(SCHEMA))
    yield gxe.ExpectTableColumnsToMatchSet(column_set=list(SCHEMA))
    yield gxe.ExpectColumnToExist(column="x")
    for column in ("x", "n", "small"):
        yield gxe.ExpectColumnMeanToBeBetween(column=column, **bounds)
        yield gxe.ExpectColumnMedianToBeBetween(column=column, **bounds)
        yield gxe.ExpectColumnStdevToBeBetween(column=column, **bounds)
        yield gxe.ExpectColumnSumToBeBetween(column=column, **bounds)
        yield gxe.ExpectColumnMinToBeBetween(column=column, strict_min=True, **bounds)
        yield gxe.ExpectColumnMaxToBeBetween(column=column, strict_max=True, **bounds)
    for column in ("x", "t", "at"):
        yield gxe.ExpectColumnUniqueValueCountToBeBetween(column=column, **bounds)
        yield gxe.ExpectColumnProportionOfUniqueValuesToBeBetween(column=column, min_value=0.5)
        yield gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(column=column, min_value=0.5)
    yield gxe.ExpectColumnMaxToBeBetween(column="at", max_value=MIDNIGHT)
    yield gxe.ExpectColumnDistinctValuesToBeInSet(column="t", value_set=["a", "b", ""])


class Engines:
    """Both engines over the same expectations; a frame goes in, two lists of results come out."""

    def __init__(self, expectations: list[gxe.Expectation]):
        assert datasource.PolarsDatasource
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        suite = context.suites.add(gx.ExpectationSuite(name="all"))
        for place, expectation in enumerate(expectations):
            expectation.meta = {"place": place}
            suite.add_expectation(expectation)
        source = context.data_sources.add_polars("polars")
        frames = source.add_frame_asset("frames").add_batch_definition_whole_frame("whole")
        stock = context.data_sources.add_pandas("pandas").add_dataframe_asset("frames")
        self.source = source
        self.polars = context.validation_definitions.add(
            gx.ValidationDefinition(name="polars", data=frames, suite=suite)
        )
        self.pandas = context.validation_definitions.add(
            gx.ValidationDefinition(
                name="pandas", data=stock.add_batch_definition_whole_dataframe("whole"), suite=suite
            )
        )

    def differences(self, frame: pl.DataFrame, result_format: dict[str, Any]) -> list[str]:
        ours = self.polars.run(
            batch_parameters={"dataframe": frame}, result_format=dict(result_format)
        )
        with warnings.catch_warnings():
            # Stock pandas metrics warn where they drop the time zone of a pair.
            warnings.simplefilter("ignore")
            theirs = self.pandas.run(
                batch_parameters={"dataframe": frame.to_pandas()}, result_format=dict(result_format)
            )
        pairs = zip(by_place(ours), by_place(theirs), strict=True)
        return [
            f"{mine.expectation_config.type} {mine.expectation_config.kwargs}\n"
            f"  polars {comparable(mine)}\n  pandas {comparable(stock)}"
            for mine, stock in pairs
            if comparable(mine) != comparable(stock)
        ]


def by_place(result):
    return sorted(result.results, key=lambda found: found.expectation_config.meta["place"])


def comparable(result) -> tuple[Any, ...]:
    """What has to be the same: values as plain Python, a missing one as None."""
    found = {k: plain(v) for k, v in result.result.items() if k not in DERIVED}
    failed = "exception_message" in str(result.exception_info) and not found
    return result.success, found, failed


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()[:19] if value == value else None  # noqa: PLR0124
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 5)
    return str(value) if type(value).__name__ in {"NAType", "NaTType"} else value


# The counts are drawn from the list of values, where pandas has several kinds of nothing.
DERIVED = {"unexpected_index_query", "partial_unexpected_counts"}


GROUPS = {
    "map": map_expectations,
    "several columns": several_column_expectations,
    "row conditions": conditional_expectations,
    "table": table_expectations,
}


@pytest.fixture(scope="module", params=GROUPS)
def engines(request) -> Engines:
    return Engines(list(GROUPS[request.param]()))


@pytest.mark.parametrize("case", CASES)
def test_results_are_those_of_the_pandas_engine(engines, case):
    assert "\n".join(engines.differences(*CASES[case])) == ""
    assert engines.source.get_execution_engine().fallbacks == []
