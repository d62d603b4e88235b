import dataclasses
import math
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.validation.limits import broken, compile_limits
from pipeline.validation.polars_engine.conditions import Column, breaks
from pipeline.validation.suites import load_suites

NUMBERS = st.one_of(st.none(), st.floats(-3, 3), st.just(math.nan))
TEXTS = st.one_of(st.none(), st.text("ab\né日", max_size=4))


def rows_that_break(metric, column, dtype, **arguments):
    frame = pl.DataFrame({"c": column}, schema={"c": dtype}, strict=False)
    expression = breaks(metric, [Column.of(pl.col("c"), dtype)], arguments)
    return frame.select(expression.alias("b"))["b"].to_list()


def is_missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


@given(st.lists(NUMBERS), st.floats(-2, 0), st.floats(0, 2), st.booleans(), st.booleans())
def test_bounds_are_inclusive_unless_strict_and_pass_over_what_is_missing(
    values, low, high, strict_min, strict_max
):
    found = rows_that_break(
        "column_values.between",
        values,
        pl.Float64(),
        min_value=low,
        max_value=high,
        strict_min=strict_min,
        strict_max=strict_max,
    )
    expected = [
        not is_missing(v)
        and (v < low or v > high or (strict_min and v == low) or (strict_max and v == high))
        for v in values
    ]
    assert found == expected


@given(st.lists(TEXTS), st.integers(0, 4))
def test_lengths_count_characters(values, most):
    found = rows_that_break(
        "column_values.value_length.between", values, pl.String(), max_value=most
    )
    assert found == [v is not None and len(v) > most for v in values]


@given(st.lists(TEXTS))
def test_a_value_that_occurs_twice_breaks_uniqueness_each_time(values):
    found = rows_that_break("column_values.unique", values, pl.String())
    assert found == [v is not None and values.count(v) > 1 for v in values]


@given(st.lists(NUMBERS), st.lists(st.sampled_from([0, 1, 2.0, -1.5]), min_size=1))
def test_a_set_holds_numbers_of_any_kind(values, members):
    inside = rows_that_break("column_values.not_in_set", values, pl.Float64(), value_set=members)
    outside = rows_that_break("column_values.in_set", values, pl.Float64(), value_set=members)
    assert inside == [not is_missing(v) and v in members for v in values]
    assert outside == [not is_missing(v) and v not in members for v in values]


def test_no_whole_number_is_two_and_a_half():
    found = rows_that_break("column_values.in_set", [2, 3], pl.UInt32(), value_set=[2.5, 3.0])
    assert found == [True, False]


def test_only_a_rule_about_nulls_sees_nulls():
    assert rows_that_break("column_values.nonnull", [None, "a"], pl.String()) == [True, False]
    assert rows_that_break("column_values.null", [None, "a"], pl.String()) == [False, True]
    assert rows_that_break("column_values.match_regex", [None, "a"], pl.String(), regex="b") == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("bound", "expected"),
    [("2024-05-01", [True, False]), ("2024-05-01T00:00:00+02:00", [False, False])],
)
def test_a_day_means_its_midnight_and_a_zone_counts(bound, expected):
    times = [datetime(2024, 4, 30, 23, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)]
    found = rows_that_break(
        "column_values.between", times, pl.Datetime("us", "UTC"), min_value=bound
    )
    assert found == expected


def test_every_rule_that_decides_about_a_document_is_compiled():
    suites = load_suites()
    rules = [rule for name in ("raw", "cleaned") for rule in suites[name].rules]
    deciding = [rule.name for rule in rules if rule.quarantine or rule.flag]
    assert [limit.rule for limit in compile_limits(suites).rules] == deciding


def test_the_digest_of_the_limits_ignores_how_a_reason_is_worded():
    suites = load_suites()
    first, *others = suites["cleaned"].rules
    for change, same in (({"reason": "Other words."}, True), ({"quarantine": False}, False)):
        altered = dataclasses.replace(
            suites["cleaned"], rules=(dataclasses.replace(first, **change), *others)
        )
        digest = compile_limits({**suites, "cleaned": altered}).digest
        assert (digest == compile_limits(suites).digest) is same


def test_a_rule_that_most_must_keep_still_names_each_document_that_does_not():
    suite = load_suites()["cleaned"]
    rule = next(rule for rule in suite.rules if rule.name == "empty_text")
    lenient = dataclasses.replace(rule, kwargs={**rule.kwargs, "mostly": 0.1})
    frame = pl.DataFrame({"n_words": [0, 1, 0]}, schema={"n_words": pl.UInt32})
    assert frame.select(broken(lenient)).to_series().to_list() == [True, False, True]
