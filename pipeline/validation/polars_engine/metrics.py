"""Metrics as Polars expressions, registered beside the stock ones for the Polars engine.

A metric is a pair, a query that yields one value and a
function that gives the value the form that expectations are used to.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import pandas as pd
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
        limit = _limit(values["result_format"])
        most = MAX_RESULT_RECORDS if limit is None else min(limit, MAX_RESULT_RECORDS)
        names = column_names(domain)
        shown = pl.col(names[0]) if "column" in domain else pl.struct(names)
        return shown.filter(mask(engine, domain, values)).head(most).implode()

    def index(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pl.Expr:
        return _row_names(engine, domain, values["result_format"], mask(engine, domain, values))

    def rows(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> pd.DataFrame:
        condition = unexpected(engine, domain, values)
        return engine.data(domain).rows(condition, _limit(values["result_format"]))

    def described(engine: PolarsExecutionEngine, domain: Domain, values: Values) -> str | None:
        if values["result_format"].get("return_unexpected_index_query") is False:
            return None
        return f"df.filter({unexpected(engine, domain, values)})"[:QUERY_CHARS]

    _register(f"{name}.unexpected_count", count, int)
    _register(f"{name}.unexpected_values", sample, _pairs if "pair" in name else list)
    _register(f"{name}.unexpected_index_list", index, list)
    _register_direct(f"{name}.unexpected_index_query", described)
    _register_direct(f"{name}.unexpected_rows", rows)
    if f"{name}.filtered_row_count" in _registered_metrics:
        _register_probed(f"{name}.filtered_row_count", _filtered_rows, int)


def _limit(result_format: Values) -> int | None:
    """How many rows are told of; none: all."""
    if result_format["result_format"] == "COMPLETE":
        return None
    return int(result_format["partial_unexpected_count"])


def _row_names(
    engine: PolarsExecutionEngine, domain: Domain, result_format: Values, broken: pl.Expr
) -> pl.Expr:
    """What the broken rows are called: their numbers, or the values of the columns that identify.

    Without the values that broke them it is one record with a list for each column, and cut
    nowhere: the form of the stock engine.
    """
    identity = result_format.get("unexpected_index_column_names")
    alone = identity and result_format.get("exclude_unexpected_values")
    names = list(dict.fromkeys([*([] if alone else column_names(domain)), *(identity or [])]))
    for name in names:
        engine.data(domain).column(name)
    if alone:
        lists = [pl.col(name).filter(broken).implode() for name in names]
        return pl.struct(lists).filter(broken.any()).implode()
    found = (pl.struct(names) if identity else pl.int_range(pl.len())).filter(broken)
    limit = _limit(result_format)
    return (found if limit is None else found.head(limit)).implode()


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


def _types(
    engine: PolarsExecutionEngine, domain: Domain, _values: Values
) -> list[dict[str, object]]:
    """Types as pandas names them: the stock expectations about types know no others."""
    empty = pl.DataFrame(schema=engine.data(domain).schema).to_pandas()
    return [{"name": name, "type": dtype} for name, dtype in empty.dtypes.items()]


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
