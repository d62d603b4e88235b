"""The suites run by stock Great Expectations over the facts of documents.

Great Expectations is imported here and nowhere else, inside the function: it costs two to eight
CPU seconds, whereas running all suites on a small corpus takes a tenth of one.
"""

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from pipeline.validation.drift import Comparison
from pipeline.validation.parameters import PREFIX
from pipeline.validation.results import Example, Outcome, Validation
from pipeline.validation.suites import DRIFT, Rule, Suite, Suites

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

EXAMPLES: Final = 10
VALUE_CHARS: Final = 200
EXCEPTION_CHARS: Final = 500
RESULT_FORMAT: Final = {
    "result_format": "SUMMARY",
    "unexpected_index_column_names": ["doc_id"],
    "partial_unexpected_count": EXAMPLES,
    "return_unexpected_index_query": False,
}


def run_suites(
    suites: Suites, frames: Mapping[str, pl.DataFrame], comparison: Comparison | None = None
) -> Validation:
    """The outcome of every rule of the suites that there is a frame of facts for.

    With a comparison the drift suite is run too, or passed over with the reason.
    """
    source = _source()
    batches = source.add_frame_asset("facts").add_batch_definition_whole_frame("whole")
    outcomes: list[Outcome] = []
    parameters = comparison.parameters if comparison else {}
    if comparison and not comparison.unsaid:
        frames = {**frames, DRIFT: comparison.numbers}
    for name, suite in suites.items():
        if name not in frames:
            if comparison and name == DRIFT:
                outcomes += [_passed_over(rule, comparison.unsaid) for rule in suite.rules]
            continue
        result = _run(batches.get_batch({"dataframe": frames[name]}), suite, parameters)
        # Great Expectations regroups a suite's rules, so they are found again by name.
        by_name = {_name(found): found for found in result.results}
        outcomes += [_outcome(rule, by_name[rule.name], parameters) for rule in suite.rules]
    through_pandas = {name for names in source.get_execution_engine().fallbacks for name in names}
    return Validation(tuple(outcomes), tuple(sorted(through_pandas)))


def _source() -> Any:
    """A source of Polars frames, in a context in memory that is silent."""
    with _uncollected():
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        # Has to be imported before a context is made, which then knows the data source.
        from pipeline.validation.polars_engine import datasource  # noqa: F401

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context.data_sources.add_polars("facts")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing is looked for garbage inside the block, nor what it makes ever after.

    Importing Great Expectations makes a million objects that stay. Walking them took half a CPU
    second while importing, and a fifth of one in every other validation.
    """
    if "great_expectations" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _run(
    batch: Any, suite: Suite, parameters: Mapping[str, float]
) -> "ExpectationSuiteValidationResult":
    """The result of one suite. A validation definition would store it too, for a fifth more CPU."""
    from great_expectations import ExpectationSuite

    from pipeline.validation.polars_engine.configurations import derived_once

    with derived_once():
        result: ExpectationSuiteValidationResult = batch.validate(
            ExpectationSuite(
                name=suite.name,
                expectations=[_configuration(rule).to_domain_obj() for rule in suite.rules],
            ),
            expectation_parameters=dict(parameters),
            result_format=dict(RESULT_FORMAT),
        )
    return result


def _configuration(rule: Rule) -> "ExpectationConfiguration":
    """The rule as Great Expectations reads it; its name is how the result is told apart."""
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectationConfiguration(
        type=rule.type,
        kwargs=dict(rule.kwargs),
        meta={"name": rule.name},
        severity=FailureSeverity(rule.severity.value),
    )


def _name(result: Any) -> str:
    return str(result.expectation_config.meta["name"])


def _outcome(rule: Rule, result: Any, parameters: Mapping[str, float]) -> Outcome:
    """Great Expectations' result without what is particular to it."""
    found = result.result or {}
    observed = found.get("observed_value")
    rows = found.get("partial_unexpected_index_list") or []
    return Outcome(
        suite=rule.suite,
        name=rule.name,
        severity=rule.severity,
        success=bool(result.success),
        element_count=found.get("element_count"),
        unexpected_count=found.get("unexpected_count"),
        observed=None if observed is None else _told(observed, rule, parameters),
        examples=tuple(_example(rule, row) for row in rows[:EXAMPLES]),
        exception=_exception(result.exception_info or {}),
    )


def _passed_over(rule: Rule, why: str) -> Outcome:
    """A success that nobody has to look at, with the reason where the observed value would be."""
    return Outcome(
        suite=rule.suite,
        name=rule.name,
        severity=rule.severity,
        success=True,
        element_count=None,
        unexpected_count=None,
        observed=f"not compared: {why}",
        examples=(),
        exception=None,
    )


def _told(observed: object, rule: Rule, parameters: Mapping[str, float]) -> str:
    """The number that was judged, and what it was in the snapshot before."""
    before = [parameters[PREFIX + name] for name in rule.columns if PREFIX + name in parameters]
    told = [_shown(observed), *(f"{_shown(value)} before" for value in before)]
    return ", ".join(told)[:VALUE_CHARS]


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _example(rule: Rule, row: Mapping[str, object]) -> Example:
    shown = ", ".join("null" if row[name] is None else _shown(row[name]) for name in rule.columns)
    return Example(str(row["doc_id"]), shown[:VALUE_CHARS])


def _exception(info: Mapping[str, Any]) -> str | None:
    """Why the expectation could not be evaluated: its own failure, or the first metric's."""
    for found in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if found.get("raised_exception"):
            return str(found.get("exception_message"))[:EXCEPTION_CHARS]
    return None
