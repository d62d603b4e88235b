"""Stock expectations whose metrics are not ported: pandas answers, from their own columns alone."""

import great_expectations.expectations as gxe
import polars as pl
import pytest

FRAME = pl.DataFrame(
    {
        "id": [f"d{row}" for row in range(9)],
        "n": [1, 1, 2, 3, None, 3, 3, 40, 2],
        "t": ["2024", "a", "a", '{"b": 1}', None, "", "b", "2024-05-01", "a"],
    }
)
NAMED = {"result_format": "SUMMARY", "unexpected_index_column_names": ["id"]}
HALVES = {"quantiles": [0.1, 0.5], "value_ranges": [[0, 1], [0, 2]]}
EVEN = {"values": ["a", "b"], "weights": [0.5, 0.5]}
EXPECTATIONS = [
    gxe.ExpectColumnDistinctValuesToContainSet(column="t", value_set=["a", "b"]),
    gxe.ExpectColumnDistinctValuesToEqualSet(column="t", value_set=["a", "b"]),
    gxe.ExpectColumnKLDivergenceToBeLessThan(column="t", threshold=0.5, partition_object=EVEN),
    gxe.ExpectColumnMostCommonValueToBeInSet(column="t", value_set=["a"]),
    gxe.ExpectColumnQuantileValuesToBeBetween(column="n", quantile_ranges=HALVES),
    gxe.ExpectColumnValueZScoresToBeLessThan(column="n", threshold=1, double_sided=True),
    gxe.ExpectColumnValuesToBeDateutilParseable(column="t"),
    gxe.ExpectColumnValuesToBeDecreasing(column="n"),
    gxe.ExpectColumnValuesToBeIncreasing(column="n"),
    gxe.ExpectColumnValuesToBeJsonParseable(column="t"),
    gxe.ExpectColumnValuesToMatchJsonSchema(column="t", json_schema={"type": "object"}),
    gxe.ExpectColumnValuesToMatchStrftimeFormat(column="t", strftime_format="%Y", mostly=0.1),
]
# These ask for the table's columns and types, which cost no look at a value.
ABOUT_TYPES = [
    gxe.ExpectColumnValuesToBeInTypeList(column="n", type_list=["float64", "int64"]),
    gxe.ExpectColumnValuesToBeOfType(column="id", type_="str"),
    gxe.ExpectTableColumnCountToBeBetween(min_value=3, max_value=4),
    gxe.ExpectTableColumnsToMatchOrderedList(column_list=["id", "n", "t"]),
]


@pytest.mark.parametrize("one", EXPECTATIONS, ids=lambda one: type(one).__name__)
def test_what_is_not_ported_agrees_with_pandas_and_sees_its_own_column(both, one):
    engines = both([one])
    assert engines.differences(FRAME, NAMED) == ""
    assert set(engines.fallbacks) == {(one.column,)}


@pytest.mark.parametrize("one", ABOUT_TYPES, ids=lambda one: type(one).__name__)
def test_a_question_about_types_is_answered_in_the_words_of_pandas(both, one):
    engines = both([one])
    assert engines.differences(FRAME.drop_nulls(), NAMED) == ""
    assert engines.fallbacks == []
