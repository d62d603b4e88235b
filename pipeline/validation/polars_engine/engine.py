"""The execution engine: metrics are Polars expressions, and one query answers a whole level.

It descends from the pandas engine because Great Expectations looks metrics up along the class
hierarchy: what is not ported falls back to the stock pandas metric, on a pandas copy of only the
columns it speaks of, and the engine says so.
"""

import logging
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Final, TypeAlias, cast

import pandas as pd
import polars as pl
from great_expectations.core.batch import BatchData, BatchMarkers
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
from great_expectations.exceptions.exceptions import ExecutionEngineError
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.row_conditions import (
    AndCondition,
    ComparisonCondition,
    Condition,
    NullityCondition,
    Operator,
    OrCondition,
    PassThroughCondition,
    deserialize_row_condition,
)
from great_expectations.validator.computed_metric import MetricValue
from great_expectations.validator.metric_configuration import MetricConfiguration

from pipeline.validation.polars_engine.conditions import Column

Frame: TypeAlias = pl.DataFrame | pl.LazyFrame
Domain: TypeAlias = Mapping[str, Any]
Finish: TypeAlias = Callable[[Any], Any]

log = logging.getLogger(__name__)

ROW_NUMBER: Final = "__row_number"
OWN_COLUMNS: Final = "own_columns"
COMPARE: Final[Mapping[str, Callable[[pl.Expr, Any], pl.Expr]]] = {
    Operator.EQUAL.value: operator.eq,
    Operator.NOT_EQUAL.value: lambda column, value: column.ne_missing(pl.lit(value)),
    Operator.LESS_THAN.value: operator.lt,
    Operator.LESS_THAN_OR_EQUAL.value: operator.le,
    Operator.GREATER_THAN.value: operator.gt,
    Operator.GREATER_THAN_OR_EQUAL.value: operator.ge,
    Operator.IN.value: lambda column, values: column.is_in(list(values)),
    Operator.NOT_IN.value: lambda column, values: (
        ~column.is_in(list(values)).fill_null(value=False)
    ),
}


class PolarsBatchData(BatchData):
    """A DataFrame or LazyFrame under validation, with its schema resolved once."""

    def __init__(self, execution_engine: ExecutionEngine[Any], frame: Frame) -> None:
        super().__init__(execution_engine=execution_engine)
        self.frame = frame
        self.schema = frame.collect_schema()
        self._empty = pl.DataFrame(schema=self.schema)
        self._masks: dict[bytes, tuple[str, pl.Expr]] = {}

    def column(self, name: str) -> Column:
        """The column by its name; the message of a missing one is that of the stock engines."""
        if name not in self.schema:
            message = f'Error: The column "{name}" in BatchData does not exist.'
            raise ExecutionEngineError(message)
        return Column.of(pl.col(name), self.schema[name])

    def mask(self, condition: pl.Expr) -> pl.Expr:
        """The condition as a column that `answer` computes once for all queries that name it.

        How many rows break a rule, which values they have and which rows they are would else be
        three times the work; Polars finds no common part in expressions that filter.
        """
        key = condition.meta.serialize()
        if key not in self._masks:
            self._masks[key] = (f"__mask_{len(self._masks)}", self.probe(condition))
        return pl.col(self._masks[key][0])

    def probe(self, query: pl.Expr) -> pl.Expr:
        """The query, known to fit the columns' types: one that does not would fail its bundle."""
        self._empty.select(query)
        return query

    def answer(self, queries: Sequence[pl.Expr]) -> pl.DataFrame:
        """One row, one column per query."""
        return self.frame.lazy().with_columns(self._masks_of(queries)).select(queries).collect()

    def rows(self, condition: pl.Expr, limit: int | None) -> pd.DataFrame:
        """The first rows in which the condition holds, whole, as pandas under their numbers."""
        found = self.frame.lazy().with_row_index(ROW_NUMBER).filter(condition)
        found = found if limit is None else found.head(limit)
        return found.collect().to_pandas().set_index(ROW_NUMBER).rename_axis(None)

    def _masks_of(self, queries: Sequence[pl.Expr]) -> list[pl.Expr]:
        named = {name for query in queries for name in query.meta.root_names()}
        return [mask.alias(name) for name, mask in self._masks.values() if name in named]


class PolarsExecutionEngine(PandasExecutionEngine):
    """Runs metrics on PolarsBatchData; `fallbacks` lists the columns that went through pandas."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fallbacks: list[tuple[str, ...]] = []
        self._identity: tuple[str, ...] = ()

    def load_batch_data(self, batch_id: str, batch_data: Any) -> None:
        """Accept frames where the parent insists on pandas."""
        if isinstance(batch_data, pl.DataFrame | pl.LazyFrame):
            batch_data = PolarsBatchData(self, batch_data)
        ExecutionEngine.load_batch_data(self, batch_id=batch_id, batch_data=batch_data)

    def get_batch_data_and_markers(self, batch_spec: Any) -> tuple[Any, BatchMarkers]:
        """The frame of a runtime batch; no fingerprint is taken, for that would read it all."""
        if not isinstance(batch_spec, RuntimeDataBatchSpec):
            message = (
                f"The Polars engine was given a {type(batch_spec).__name__}. Expected a frame held "
                "in memory or scanned. Add a dataframe asset of a Polars data source."
            )
            raise ExecutionEngineError(message)
        loaded = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        data = PolarsBatchData(self, cast("Frame", batch_spec.batch_data))
        batch_spec.batch_data = "PolarsFrame"
        return data, BatchMarkers({"ge_load_time": loaded})

    def data(self, domain: Domain) -> PolarsBatchData:
        """The batch that a metric speaks of."""
        batch_id = domain.get("batch_id")
        manager = self.batch_manager
        found = manager.batch_data_cache[batch_id] if batch_id else manager.active_batch_data
        return cast("PolarsBatchData", found)

    def columns(self, domain: Domain) -> list[Column]:
        """The columns that a metric speaks of, in its own order."""
        return [self.data(domain).column(name) for name in column_names(domain)]

    def rows(self, domain: Domain) -> pl.Expr | None:
        """Where the row condition holds, never null; none if there is no condition."""
        condition = deserialize_row_condition(domain.get("row_condition"))
        if condition is None:
            return None
        if not isinstance(condition, Condition) or isinstance(condition, PassThroughCondition):
            message = (
                f"The row condition {condition!r} is a string for pandas. Expected a condition "
                "object. Write it with great_expectations.expectations.row_conditions."
            )
            raise ExecutionEngineError(message)
        return self.condition_to_filter_clause(condition).fill_null(value=False)  # type: ignore[attr-defined, no-any-return]

    def resolve_metrics(
        self,
        metrics_to_resolve: Any,
        metrics: Any = None,
        runtime_configuration: Any = None,
    ) -> dict[Any, MetricValue]:
        """As everywhere, but noting which columns name a row, for metrics that fall back."""
        for metric in cast("Sequence[MetricConfiguration]", metrics_to_resolve):
            wanted = metric.metric_value_kwargs.get("result_format")
            if isinstance(wanted, dict):
                self._identity = tuple(wanted.get("unexpected_index_column_names") or ())
        return super().resolve_metrics(metrics_to_resolve, metrics, runtime_configuration)

    def resolve_metric_bundle(self, metric_fn_bundle: Any) -> dict[Any, MetricValue]:
        """Every aggregate of a level and batch in one query."""
        batches: dict[Any, dict[Any, tuple[pl.Expr, Finish]]] = {}
        domains = {}
        for metric in metric_fn_bundle:
            domain = metric.compute_domain_kwargs
            batches.setdefault(domain.get("batch_id"), {})[metric.metric_configuration.id] = (
                metric.metric_fn
            )
            domains[domain.get("batch_id")] = domain
        values: dict[Any, MetricValue] = {}
        for batch_id, queries in batches.items():
            named = [query.alias(str(place)) for place, (query, _) in enumerate(queries.values())]
            row = self.data(domains[batch_id]).answer(named).row(0)
            for (metric_id, (_, finish)), value in zip(queries.items(), row, strict=True):
                values[metric_id] = finish(value)
        return values

    def get_domain_records(self, domain_kwargs: Domain) -> pd.DataFrame:
        """The way out for metrics that are not ported: their columns and rows as pandas."""
        data = self.data(domain_kwargs)
        names = column_names(domain_kwargs) or list(data.schema.names())
        self.fallbacks.append(tuple(names))
        log.warning("columns %s go through pandas: a metric on them is not ported", names)
        frame = data.frame.lazy().with_row_index(ROW_NUMBER)
        keep = self.rows(domain_kwargs)
        if keep is not None:
            frame = frame.filter(keep)
        wanted = list(dict.fromkeys([ROW_NUMBER, *names, *self._identity]))
        copied = frame.select(wanted).collect().to_pandas().set_index(ROW_NUMBER)
        return _without_gaps(copied.rename_axis(None), domain_kwargs)

    def get_compute_domain(
        self, domain_kwargs: Domain, domain_type: Any, accessor_keys: Any = None
    ) -> tuple[pd.DataFrame, dict[str, object], dict[str, object]]:
        """As the parent's, but the domain remembers its columns when asked for its rows again."""
        frame, compute, accessor = super().get_compute_domain(
            dict(domain_kwargs), domain_type, accessor_keys
        )
        return frame, {**compute, OWN_COLUMNS: column_names(domain_kwargs)}, accessor

    def _comparison_condition_to_filter_clause(self, condition: ComparisonCondition) -> pl.Expr:  # type: ignore[override]
        column = self._condition_column(condition.column.name)
        return COMPARE[str(getattr(condition.operator, "value", condition.operator))](
            column, condition.parameter
        )

    def _nullity_condition_to_filter_clause(self, condition: NullityCondition) -> pl.Expr:  # type: ignore[override]
        column = self._condition_column(condition.column.name)
        return column.is_null() if condition.is_null else column.is_not_null()

    def _and_condition_to_filter_clause(self, condition: AndCondition) -> pl.Expr:  # type: ignore[override]
        parts = [self.condition_to_filter_clause(part) for part in condition.conditions]
        return cast("pl.Expr", reduce(operator.and_, cast("list[Any]", parts)))

    def _or_condition_to_filter_clause(self, condition: OrCondition) -> pl.Expr:  # type: ignore[override]
        parts = [self.condition_to_filter_clause(part) for part in condition.conditions]
        return cast("pl.Expr", reduce(operator.or_, cast("list[Any]", parts)))

    def _condition_column(self, name: str) -> pl.Expr:
        return self.data({}).column(name).expr


def column_names(domain: Domain) -> list[str]:
    """The columns that a domain names."""
    if OWN_COLUMNS in domain:
        return cast("list[str]", domain[OWN_COLUMNS])
    single = [domain[key] for key in ("column", "column_A", "column_B") if key in domain]
    return [*single, *(domain.get("column_list") or [])]


def _without_gaps(frame: pd.DataFrame, domain: Domain) -> pd.DataFrame:
    """The rows that `ignore_row_if` leaves to metrics over several columns."""
    ignored = domain.get("ignore_row_if")
    names = column_names(domain)
    if ignored in {"both_values_are_missing", "all_values_are_missing"}:
        return frame.dropna(how="all", subset=names)
    if ignored in {"either_value_is_missing", "any_value_is_missing"}:
        return frame.dropna(how="any", subset=names)
    return frame
