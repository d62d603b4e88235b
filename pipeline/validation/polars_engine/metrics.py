"""Metrics as Polars expressions, registered beside the stock ones for the Polars engine.

A metric is a pair, a query that yields one value and a
function that gives the value the form that expectations are used to.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import polars as pl
from great_expectations.constants import MAX_DISTINCT_VALUES, MAX_RESULT_RECORDS
from great_expectations.core.metric_function_types import (
    MetricFunctionTypes,
    MetricPartialFunctionTypes,
)
from great_expectations.expectations.metrics.metric_provider import MetricProvider
from great_expectations.expectations.registry import _registered_metrics, register_metric
from great_expectations.validator.metric_configuration import MetricConfiguration

from pipeline.validation.polars_engine.conditions import CONDITIONS, breaks, judged
from pipeline.validation.polars_engine.engine import (
    Domain,
    Finish,
    PolarsExecutionEngine,
    column_names,
)

Values: TypeAlias = Mapping[str, Any]
Query: TypeAlias = Callable[[PolarsExecutionEngine, Domain, Values], pl.Expr]

QUERY_CHARS: Final = 500
BUNDLED: Final[set[str]] = set()


class PolarsMetric(MetricProvider):
    """Makes a bundled metric wait for its own query, and any other one for nothing."""

    @classmethod
    def _get_evaluation_dependencies(
        cls, metric: MetricConfiguration, *_args: Any, **_kwargs: Any
    ) -> dict[str, MetricConfiguration]:
        if metric.metric_name not in BUNDLED:
            return {}
        query = MetricConfiguration(
            f"{metric.metric_name}.aggregate_fn",
            metric.metric_domain_kwargs,
            metric.metric_value_kwargs,
        )
        return {"metric_partial_fn": query}


def _register(name: str, query: Query, finish: Finish) -> None:
    """Have the engine answer the metric by the query, in one go with all others."""

    def prepare(
        execution_engine: PolarsExecutionEngine,
        metric_domain_kwargs: Domain,
        metric_value_kwargs: Values | None,
        **_: Any,
    ) -> tuple[tuple[pl.Expr, Finish], Domain, Domain]:
        expression = query(execution_engine, metric_domain_kwargs, metric_value_kwargs or {})
        return (expression, finish), metric_domain_kwargs, {}

    keys = (
        _registered_metrics[name]["metric_domain_keys"],
        _registered_metrics[name]["metric_value_keys"],
    )
    aggregate = MetricPartialFunctionTypes.AGGREGATE_FN
    BUNDLED.add(name)
    register_metric(
        f"{name}.aggregate_fn", *keys, PolarsExecutionEngine, PolarsMetric, prepare, aggregate
    )
    register_metric(name, *keys, PolarsExecutionEngine, PolarsMetric, None, aggregate)


def _register_probed(name: str, query: Query, finish: Finish) -> None:
    """As `_register`, for a query that may not fit the types of its columns."""

    def probed(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        return engine.data(domain).probe(query(engine, domain, values))

    _register(name, probed, finish)


def _register_direct(
    name: str, value: Callable[[PolarsExecutionEngine, Domain, Values], Any]
) -> None:
    """Have the engine answer the metric without a query."""

    def answer(
        execution_engine: PolarsExecutionEngine,
        metric_domain_kwargs: Domain,
        metric_value_kwargs: Values | None,
        **_: Any,
    ) -> Any:
        return value(execution_engine, metric_domain_kwargs, metric_value_kwargs or {})

    keys = (
        _registered_metrics[name]["metric_domain_keys"],
        _registered_metrics[name]["metric_value_keys"],
    )
    register_metric(
        name, *keys, PolarsExecutionEngine, PolarsMetric, answer, MetricFunctionTypes.VALUE
    )


def _register_map_metric(name: str) -> None:
    def unexpected(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        arguments = {**values, "ignore_row_if": domain.get("ignore_row_if")}
        return breaks(name, engine.columns(domain), arguments, within=engine.rows(domain))

    def mask(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        return engine.data(domain).mask(unexpected(engine, domain, values))

    def count(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        return mask(engine, domain, values).sum()

    def sample(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        wanted = values["result_format"]
        complete = wanted["result_format"] == "COMPLETE"
        limit = MAX_RESULT_RECORDS if complete else wanted["partial_unexpected_count"]
        names = column_names(domain)
        shown = pl.col(names[0]) if "column" in domain else pl.struct(names)
        found = shown.filter(mask(engine, domain, values))
        return found.head(min(limit, MAX_RESULT_RECORDS)).implode()

    def index(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        found = _row_names(engine, domain, values["result_format"])
        found = found.filter(mask(engine, domain, values))
        if values["result_format"]["result_format"] != "COMPLETE":
            found = found.head(values["result_format"]["partial_unexpected_count"])
        return found.implode()

    def described(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> str | None:
        if values["result_format"].get("return_unexpected_index_query") is False:
            return None
        return f"df.filter({unexpected(engine, domain, values)})"[:QUERY_CHARS]

    _register(f"{name}.unexpected_count", count, int)
    _register(f"{name}.unexpected_values", sample, _pairs if "pair" in name else list)
    _register(f"{name}.unexpected_index_list", index, list)
    _register_direct(f"{name}.unexpected_index_query", described)
    if f"{name}.filtered_row_count" in _registered_metrics:
        _register_probed(f"{name}.filtered_row_count", _filtered_rows, int)


def _row_names(engine: PolarsExecutionEngine, domain: Domain, result_format: Values) -> pl.Expr:
    """What a row is called: its number, or the values of the columns that identify it."""
    identity = result_format.get("unexpected_index_column_names")
    if not identity:
        return pl.int_range(pl.len())
    shown = [] if result_format.get("exclude_unexpected_values") else column_names(domain)
    names = list(dict.fromkeys([*shown, *identity]))
    for name in names:
        engine.data(domain).column(name)
    return pl.struct(names)


def _pairs(values: list[dict[str, object]]) -> list[tuple[Any, ...]]:
    return [tuple(value.values()) for value in values]


def _filtered_rows(engine: PolarsExecutionEngine, domain: Domain, _values: Values) -> pl.Expr:
    """Rows left by the row condition and by `ignore_row_if`."""
    kept = judged(engine.columns(domain), domain.get("ignore_row_if"))
    within = engine.rows(domain)
    if within is not None:
        kept = kept & within
    return pl.int_range(pl.len()).filter(kept).len()


def _row_count(engine: PolarsExecutionEngine, domain: Domain, _values: Values) -> pl.Expr:
    within = engine.rows(domain)
    return pl.len() if within is None else within.sum()


def _of_column(summarise: Callable[[pl.Expr], pl.Expr]) -> Query:
    """A number drawn from the column's values, nulls left out."""

    def query(engine: PolarsExecutionEngine, domain: Domain, _values: Values) -> pl.Expr:
        return summarise(_values_of(engine, domain))

    return query


def _values_of(engine: PolarsExecutionEngine, domain: Domain) -> pl.Expr:
    (column,) = engine.columns(domain)
    within = engine.rows(domain)
    # A sum over many Float32 values would lose the small ones.
    values = column.expr.cast(pl.Float64) if column.dtype == pl.Float32 else column.expr
    return (values if within is None else values.filter(within)).drop_nulls()


def _outside(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
    """The distinct values that are not in the set."""
    (column,) = engine.columns(domain)
    strangers = breaks("column_values.in_set", [column], values, within=engine.rows(domain))
    return column.expr.filter(strangers).unique()


def _outside_count(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
    return _outside(engine, domain, values).len()


def _outside_sample(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
    limit = values.get("limit") or MAX_DISTINCT_VALUES
    return _outside(engine, domain, values).sort().head(limit).implode()


SUMMARIES: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = {
    "column.mean": lambda values: values.mean(),
    "column.median": lambda values: values.median(),
    "column.min": lambda values: values.min(),
    "column.max": lambda values: values.max(),
    "column.sum": lambda values: values.sum(),
    "column.standard_deviation": lambda values: values.std(),
    "column.distinct_values.count": lambda values: values.n_unique(),
    "column.non_null_count": lambda values: values.len(),
}


def _same(value: Any) -> Any:
    return value


def _types(engine: PolarsExecutionEngine, domain: Domain, _values: Values) -> list[dict[str, str]]:
    return [{"name": n, "type": str(dtype)} for n, dtype in engine.data(domain).schema.items()]


def _names(engine: PolarsExecutionEngine, domain: Domain, _values: Values) -> list[str]:
    return engine.data(domain).schema.names()


def register_metrics() -> None:
    """Make the Polars engine know every metric of this module; once is enough."""
    for name in CONDITIONS:
        _register_map_metric(name)
    for name, summarise in SUMMARIES.items():
        _register_probed(name, _of_column(summarise), _same)
    _register_probed("column.distinct_values.not_in_set.count", _outside_count, int)
    _register_probed("column.distinct_values.not_in_set", _outside_sample, list)
    _register_probed("table.row_count", _row_count, int)
    _register_direct("table.columns", _names)
    _register_direct("table.column_types", _types)
