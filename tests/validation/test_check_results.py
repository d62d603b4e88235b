"""Outcomes as the web UI shows them: an expectation that raised is a failed check with its text."""

import dagster as dg
import polars as pl
import pytest

from pipeline.defs.checks import _result
from pipeline.validation.expectations import run_suites
from pipeline.validation.suites import Severity, load_suites

SUITE = load_suites()["cleaned"]
DOCS = dg.MetadataValue.path("/out/gx/data_docs/validations/x.html")


@pytest.fixture(scope="module")
def results():
    """Check results by rule; one column is missing from the frame, one is of a wrong type."""
    columns = {name: pl.Series([None], dtype=pl.Float32) for name in SUITE.columns}
    frame = pl.DataFrame(columns).with_columns(
        pl.lit("d").alias("doc_id"),
        pl.lit(None, pl.String).alias("first_line"),
        pl.lit(None, pl.String).alias("last_line"),
        pl.lit("many").alias("n_words"),
    )
    outcomes = run_suites({"cleaned": SUITE}, {"cleaned": frame.drop("digit_char_share")}).outcomes
    return {outcome.name: _result(outcome, DOCS) for outcome in outcomes}


@pytest.mark.parametrize(
    ("rule", "text", "severity"),
    [
        ("few_digits", '"digit_char_share" in BatchData does not exist', "WARN"),
        ("empty_text", "cannot compare string with numeric type", "ERROR"),
    ],
)
def test_an_expectation_that_raised_is_a_failed_check_with_its_text(results, rule, text, severity):
    result = results[rule]
    assert not result.passed
    assert result.severity.value == severity
    assert text in result.metadata["exception"].value


def test_the_other_expectations_are_judged_all_the_same(results):
    failed = {name for name, result in results.items() if not result.passed}
    assert failed == {"few_digits", "empty_text"}
    assert set(results) == {rule.name for rule in SUITE.rules}


def test_a_check_leads_to_its_page(results):
    assert {result.metadata["data_docs"].value for result in results.values()} == {DOCS.value}


def test_only_critical_rules_are_errors(results):
    for rule in SUITE.rules:
        error = results[rule.name].severity is dg.AssetCheckSeverity.ERROR
        assert error == (rule.severity is Severity.CRITICAL)
