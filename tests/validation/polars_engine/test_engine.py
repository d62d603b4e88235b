import great_expectations as gx
import great_expectations.expectations as gxe
import polars as pl
import pytest
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.exceptions.exceptions import BuildBatchRequestError

from pipeline.validation.polars_engine.datasource import PolarsDatasource

FRAME = pl.DataFrame(
    {"id": ["a", "b", "c"], "t": ["2024", "soon", None], "x": [0.3, 0.1, 2.0], "n": [1, 2, 3]},
    schema_overrides={"x": pl.Float32},
)


class Run:
    """One expectation on one frame."""

    def __init__(self, expectation, frame=FRAME):
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self.source: PolarsDatasource = context.data_sources.add_polars("polars")
        self.asset = self.source.add_frame_asset("frame")
        batch = self.asset.add_batch_definition_whole_frame("whole").get_batch({"dataframe": frame})
        self.result = batch.validate(expectation)

    @property
    def fallbacks(self):
        return self.source.get_execution_engine().fallbacks

    @property
    def complaint(self):
        return str(self.result.exception_info)


def test_a_metric_that_is_not_ported_takes_its_own_column_through_pandas_and_says_so(caplog):
    run = Run(gxe.ExpectColumnValuesToMatchStrftimeFormat(column="t", strftime_format="%Y"))
    assert run.result.result["unexpected_count"] == 1
    assert set(run.fallbacks) == {("t",)}
    assert "columns ['t'] go through pandas" in caplog.text


def test_a_ported_metric_does_not_touch_pandas():
    assert Run(gxe.ExpectColumnValuesToBeUnique(column="t")).fallbacks == []


def test_a_scan_gives_the_result_of_its_frame():
    expectation = gxe.ExpectColumnValuesToBeBetween(column="n", max_value=2)
    eager, lazy = Run(expectation).result, Run(expectation, FRAME.lazy()).result
    assert eager.result == lazy.result


def test_a_column_that_is_missing_is_named():
    run = Run(gxe.ExpectColumnValuesToNotBeNull(column="zz"))
    assert not run.result.success
    assert 'The column "zz" in BatchData does not exist' in run.complaint


def test_a_rule_that_does_not_fit_the_type_fails_with_the_reason():
    run = Run(gxe.ExpectColumnValuesToBeBetween(column="t", max_value=2))
    assert not run.result.success
    assert "cannot compare string with numeric type" in run.complaint


def test_a_condition_written_for_pandas_is_refused_with_advice():
    with pytest.warns(DeprecationWarning, match="deprecated"):
        run = Run(
            gxe.ExpectColumnValuesToNotBeNull(
                column="t", row_condition="n > 1", condition_parser="pandas"
            )
        )
    assert not run.result.success
    assert "Expected a condition object" in run.complaint


def test_a_limit_is_taken_at_the_precision_of_its_column():
    run = Run(gxe.ExpectColumnValuesToBeBetween(column="x", max_value=0.3, mostly=0.6))
    assert run.result.result["unexpected_count"] == 1


def test_a_batch_without_a_frame_is_refused():
    asset = Run(gxe.ExpectColumnToExist(column="t")).asset
    with pytest.raises(BuildBatchRequestError, match="Expected"):
        asset.build_batch_request({"dataframe": [1, 2]})


def test_stock_checkpoints_and_data_docs_work_on_frames(tmp_path):
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(tmp_path)}
    context.add_data_docs_site(
        site_name="pages",
        site_config={
            "class_name": "SiteBuilder",
            "store_backend": store,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    asset = context.data_sources.add_polars("frames").add_frame_asset("numbers")
    rule = gx.expectations.ExpectColumnValuesToBeBetween(column="n", max_value=1)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name="numbers",
            data=asset.add_batch_definition_whole_frame("whole"),
            suite=context.suites.add(gx.ExpectationSuite(name="numbers", expectations=[rule])),
        )
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="nightly",
            validation_definitions=[definition],
            actions=[gx.checkpoint.UpdateDataDocsAction(name="docs")],
        )
    )
    result = checkpoint.run(batch_parameters={"dataframe": pl.DataFrame({"n": [1, 2]})})
    assert not result.success
    (page,) = (tmp_path / "validations").rglob("*.html")
    assert "Succeeded" in page.read_text()
    assert (tmp_path / "index.html").exists()
