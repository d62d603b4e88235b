"""`context.data_sources.add_polars(...)`: a fluent data source whose assets are Polars frames.

Defining the class registers the type `polars` with Great Expectations; a context that was made
before this module was imported does not know it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal, TypeAlias

import polars as pl
from great_expectations.compatibility import pydantic
from great_expectations.core import IDDict
from great_expectations.core.batch import LegacyBatchDefinition
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
from great_expectations.datasource.fluent.batch_identifier_util import make_batch_identifier
from great_expectations.datasource.fluent.batch_request import BatchRequest
from great_expectations.datasource.fluent.constants import _DATA_CONNECTOR_NAME
from great_expectations.datasource.fluent.interfaces import Batch, DataAsset, Datasource
from great_expectations.exceptions.exceptions import BuildBatchRequestError

from pipeline.validation.polars_engine.engine import PolarsExecutionEngine
from pipeline.validation.polars_engine.metrics import register_metrics

# The one name that Great Expectations keeps out of the identifiers it writes down.
FRAME: Final = "dataframe"

EngineType: TypeAlias = type[PolarsExecutionEngine]

register_metrics()


class PolarsFrameAsset(DataAsset[Any, Any]):
    """An asset that is handed its DataFrame or LazyFrame when it is validated."""

    type: Literal["frame"] = "frame"

    class Config:
        extra = pydantic.Extra.forbid

    def test_connection(self) -> None:
        """There is nothing to connect to."""

    def get_batch_parameters_keys(self, partitioner: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """The one parameter of a batch."""
        return (FRAME,)

    def build_batch_request(
        self, options: Any = None, batch_slice: Any = None, partitioner: Any = None
    ) -> BatchRequest[Any]:
        """A request for the frame under `options["frame"]`, whole."""
        frame = (options or {}).get(FRAME)
        whole = batch_slice is None and partitioner is None
        if not whole or not isinstance(frame, pl.DataFrame | pl.LazyFrame):
            message = (
                f"A batch of {self.name} was asked for with {sorted(options or {})}. Expected "
                f'{{"{FRAME}": a Polars DataFrame or LazyFrame}}, without slice or partitioner.'
            )
            raise BuildBatchRequestError(message=message)
        return BatchRequest(
            datasource_name=self.datasource.name, data_asset_name=self.name, options=options
        )

    def _validate_batch_request(self, batch_request: BatchRequest[Any]) -> None:
        """Nothing but `build_batch_request` makes one."""

    def get_batch_identifiers_list(
        self, batch_request: BatchRequest[Any]
    ) -> list[dict[str, object]]:
        """The one batch that there is."""
        return [IDDict(batch_request.options)]

    def get_batch(self, batch_request: BatchRequest[Any]) -> Batch:
        """The frame as a batch."""
        spec = RuntimeDataBatchSpec(batch_data=batch_request.options[FRAME])
        engine = self.datasource.get_execution_engine()
        data, markers = engine.get_batch_data_and_markers(batch_spec=spec)
        definition = LegacyBatchDefinition(
            datasource_name=self.datasource.name,
            data_connector_name=_DATA_CONNECTOR_NAME,
            data_asset_name=self.name,
            batch_identifiers=make_batch_identifier(batch_request.options),
            batch_spec_passthrough=None,
        )
        return Batch(
            datasource=self.datasource,
            data_asset=self,
            batch_request=batch_request,
            data=data,
            metadata=self._get_batch_metadata_from_batch_request(
                batch_request=batch_request, ignore_options=(FRAME,)
            ),
            batch_markers=markers,
            batch_spec=spec,
            batch_definition=definition,
        )

    def add_batch_definition_whole_frame(self, name: str) -> BatchDefinition[Any]:
        """A named definition of the batch that is all of the frame."""
        return self.add_batch_definition(name=name, partitioner=None)


class PolarsDatasource(Datasource[Any, Any]):
    """Frames that the caller holds or scans."""

    asset_types: ClassVar[Sequence[type[DataAsset[Any, Any]]]] = [PolarsFrameAsset]
    type: Literal["polars"] = "polars"
    assets: list[PolarsFrameAsset] = pydantic.Field(default_factory=list)

    @property
    def execution_engine_type(self) -> EngineType:
        """The engine that its batches are validated by."""
        return PolarsExecutionEngine

    def test_connection(self, test_assets: bool = True) -> None:
        """There is nothing to connect to."""

    def add_frame_asset(self, name: str) -> PolarsFrameAsset:
        """A new asset under this name."""
        asset = PolarsFrameAsset(name=name)
        self._add_asset(asset=asset)
        return asset
