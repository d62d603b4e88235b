"""Expectations that remember their configuration: the same results, and nothing left behind."""

import great_expectations.expectations as gxe
import pytest
from great_expectations.expectations.expectation import Expectation

from pipeline.validation.polars_engine.configurations import derived_once

STOCK = Expectation.__dict__["configuration"]


def test_a_remembered_configuration_is_the_one_that_is_derived():
    rule = gxe.ExpectColumnValuesToBeBetween(column="n", min_value=1, mostly=0.9, meta={"a": 1})
    derived = rule.configuration
    with derived_once():
        assert rule.configuration == derived
        assert rule.configuration is rule.configuration


def test_an_expectation_that_is_changed_is_derived_anew():
    rule = gxe.ExpectColumnValuesToBeBetween(column="n", min_value=1)
    with derived_once():
        assert rule.configuration.kwargs["min_value"] == 1
        rule.min_value = 2
        assert rule.configuration.kwargs["min_value"] == 2


def test_two_equal_expectations_have_a_configuration_each():
    one, other = (gxe.ExpectColumnValuesToNotBeNull(column="n") for _ in range(2))
    with derived_once():
        assert one.configuration is not other.configuration


def test_after_the_block_the_stock_property_is_back_even_if_it_failed():
    with pytest.raises(LookupError), derived_once():
        {}["nothing"]
    assert Expectation.__dict__["configuration"] is STOCK
