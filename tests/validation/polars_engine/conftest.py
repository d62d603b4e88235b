"""Both engines side by side: the Polars one, and the stock pandas one that it has to agree with."""

import math
import warnings
from typing import Any

import great_expectations as gx
import pandas as pd
import polars as pl
import pytest
from great_expectations.data_context.types.base import ProgressBarsConfig

from pipeline.validation.polars_engine import datasource
from pipeline.validation.polars_engine.configurations import derived_once

# The counts are drawn from the list of values, where pandas has several kinds of nothing.
DERIVED = {"unexpected_index_query", "partial_unexpected_counts"}


class Engines:
    """Both engines over the same expectations; a frame goes in, the differences come out."""

    def __init__(self, expectations: list[gx.expectations.Expectation]):
        assert datasource.PolarsDatasource
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        for place, expectation in enumerate(expectations):
            expectation.meta = {"place": place}
        self.suite = gx.ExpectationSuite(name="all", expectations=expectations)
        self.source = context.data_sources.add_polars("polars")
        frames = self.source.add_frame_asset("frames")
        stock = context.data_sources.add_pandas("pandas").add_dataframe_asset("frames")
        self.polars = frames.add_batch_definition_whole_frame("whole")
        self.pandas = stock.add_batch_definition_whole_dataframe("whole")

    @property
    def fallbacks(self) -> list[tuple[str, ...]]:
        return self.source.get_execution_engine().fallbacks

    def differences(self, frame: pl.DataFrame, result_format: dict[str, Any]) -> str:
        with derived_once():  # as every run does
            ours = self._results(self.polars, frame, result_format)
        with warnings.catch_warnings():
            # Stock pandas metrics warn where they drop the time zone of a pair.
            warnings.simplefilter("ignore")
            theirs = self._results(self.pandas, frame.to_pandas(), result_format)
        return "\n".join(
            f"{mine.expectation_config.type} {mine.expectation_config.kwargs}\n"
            f"  polars {comparable(mine)}\n  pandas {comparable(stock)}"
            for mine, stock in zip(ours, theirs, strict=True)
            if comparable(mine) != comparable(stock)
        )

    def _results(self, definition, frame, result_format):
        batch = definition.get_batch({"dataframe": frame})
        found = batch.validate(self.suite, result_format=dict(result_format))
        return sorted(found.results, key=lambda one: one.expectation_config.meta["place"])


def comparable(result) -> tuple[Any, ...]:
    """What has to be the same: values as plain Python, a missing one as None."""
    found = {k: plain(v) for k, v in result.result.items() if k not in DERIVED}
    failed = "exception_message" in str(result.exception_info) and not found
    return result.success, found, failed


def plain(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return {name: plain(list(value[name])) for name in value}, plain(list(value.index))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return plain(value.item()) if hasattr(value, "item") else plain_scalar(value)


def plain_scalar(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()[:19] if value == value else None  # noqa: PLR0124
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 5)
    return str(value) if type(value).__name__ in {"NAType", "NaTType"} else value


@pytest.fixture(scope="session")
def both():
    """Makes both engines over some expectations."""
    return Engines
