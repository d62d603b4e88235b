"""The project's suites through Great Expectations itself: it agrees with what the judge does."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.validation.expectations import run_suites
from pipeline.validation.facts import SUITE_SCHEMAS, fact_types, facts
from pipeline.validation.limits import broken
from pipeline.validation.suites import DRIFT, Rule, Severity, Suite, load_suites

SUITES = {name: suite for name, suite in load_suites().items() if name != DRIFT}
TEXTS = [
    "",
    "0" * 32,
    "a" * 64,
    "https://a.example/x",
    "nonsense",
    "und",
    "Read more here",
    "binary",
]
VALUES = {
    "text": [None, *TEXTS],
    "number": [None, 0, 1, 3, 100, 250, 1990],
    "share": [None, 0.0, 0.05, 0.1, 0.5, 0.9, float("nan")],
    "switch": [None, True, False],
    "time": [None, datetime(2024, 5, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)],
}


def kind_of(dtype: pl.DataType) -> str:
    if dtype == pl.String:
        return "text"
    if dtype.is_temporal():
        return "time"
    if dtype == pl.Boolean:
        return "switch"
    return "share" if dtype.is_float() else "number"


@st.composite
def facts_of(draw, suite: Suite):
    """A frame of the suite's facts with anything in it."""
    types = fact_types(SUITE_SCHEMAS[suite.name])
    rows = draw(st.integers(0, 6))
    return pl.DataFrame(
        {
            name: draw(
                st.lists(
                    st.sampled_from(VALUES[kind_of(types[name])]), min_size=rows, max_size=rows
                )
            )
            for name in suite.columns
        },
        schema={name: types[name] for name in suite.columns},
    )


def by_name(validation):
    return {outcome.name: outcome for outcome in validation.outcomes}


@given(
    frames=st.fixed_dictionaries({name: facts_of(suite) for name, suite in SUITES.items()}),
)
# Every example is a run of Great Expectations: too dear to let hypothesis shrink.
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
def test_a_check_counts_exactly_the_rows_that_the_compiled_rule_breaks(frames):
    validation = run_suites(SUITES, frames)
    outcomes = by_name(validation)
    assert validation.through_pandas == ()
    assert list(outcomes) == [rule.name for suite in SUITES.values() for rule in suite.rules]
    for suite in SUITES.values():
        for rule in suite.rules:
            assert outcomes[rule.name].exception is None
            if rule.kind.metric is not None:
                rows = frames[suite.name].select(broken(rule).sum()).item()
                assert outcomes[rule.name].unexpected_count == rows, rule.name


def one_rule(**changes) -> Suite:
    """A cleaned suite with one warning rule about the number of words."""
    rule = Rule(
        suite="cleaned",
        name="words",
        reason="A text has words.",
        severity=Severity.WARNING,
        type="expect_column_values_to_be_between",
        kwargs={"column": "n_words", "min_value": 2},
        quarantine=False,
        flag=None,
    )
    return Suite("cleaned", (replace(rule, **changes),))


def outcome_of(suite: Suite, frame: pl.DataFrame):
    (outcome,) = run_suites({"cleaned": suite}, {"cleaned": frame}).outcomes
    return outcome


WORDS = pl.DataFrame({"doc_id": ["a", "b", "c"], "n_words": [5, 1, None]})


def test_an_outcome_carries_counts_and_the_documents_that_break_the_rule():
    outcome = outcome_of(one_rule(), WORDS)
    assert (outcome.success, outcome.element_count, outcome.unexpected_count) == (False, 3, 1)
    assert [(e.doc_id, e.value) for e in outcome.examples] == [("b", "1")]
    assert outcome.severity is Severity.WARNING


def test_enough_documents_that_comply_are_a_success_with_its_exceptions_counted():
    outcome = outcome_of(
        one_rule(kwargs={"column": "n_words", "min_value": 2, "mostly": 0.5}), WORDS
    )
    assert (outcome.success, outcome.unexpected_count) == (True, 1)


def test_examples_are_few_and_their_values_bounded():
    frame = pl.DataFrame({"doc_id": [str(i) for i in range(40)], "url": ["x" * 1_000] * 40})
    rule = one_rule(
        type="expect_column_values_to_match_regex", kwargs={"column": "url", "regex": "^https"}
    )
    outcome = outcome_of(rule, frame)
    assert outcome.unexpected_count == 40
    assert len(outcome.examples) == 10
    assert {len(example.value) for example in outcome.examples} == {200}


def test_a_rule_that_cannot_be_evaluated_fails_with_its_reason():
    outcome = outcome_of(one_rule(), WORDS.with_columns(n_words=pl.lit("many")))
    assert not outcome.success
    assert "cannot compare string with numeric type" in outcome.exception
    assert len(outcome.exception) <= 500


def test_a_rule_about_the_table_reports_what_it_observed():
    rule = one_rule(type="expect_table_row_count_to_be_between", kwargs={"min_value": 9})
    outcome = outcome_of(rule, WORDS)
    assert (outcome.success, outcome.observed, outcome.unexpected_count) == (False, "3", None)


def test_a_suite_sees_the_columns_it_names_and_no_others():
    suite = SUITES["cleaned"]
    rows = pl.LazyFrame(schema=SUITE_SCHEMAS["cleaned"])
    assert facts(rows, suite.columns).collect_schema().names() == list(suite.columns)
    assert "text" not in suite.columns
