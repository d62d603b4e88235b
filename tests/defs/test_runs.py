"""What a run through Dagster reports, and what somebody who only has the UI can do with it."""

import re
import shutil
import subprocess
import sys

import dagster as dg
import pytest

from pipeline.errors import (
    InputMissingError,
    LockedError,
    QuarantineShareError,
    ValidationFailedError,
)
from pipeline.store.reading import open_latest, read_latest
from pipeline.store.verify import verify

MAP_NUMBERS = {"dagster/row_count", "batches", "computed_documents", "seconds"}
LEDGER = {"documents_in", "curated", "duplicates", "quarantined", "edits", "duplicate_rate"}
NUMBERS = {
    "raw_documents": {"dagster/row_count", "files", "files_read", "unreadable_records"},
    "cleaned_documents": MAP_NUMBERS | {"edits", "cuts", "cut_characters", "documents_per_second"},
    "measured_documents": MAP_NUMBERS | {"characters", "words", "languages"},
    "judged_documents": MAP_NUMBERS | {"quarantined", "quarantine_rate"},
    "fingerprints": MAP_NUMBERS,
    "duplicate_clusters": {"duplicates", "duplicate_rate", "candidate_pairs", "verified_pairs"},
    "learned_lines": {"dagster/row_count", "learned_lines", "sources", "seconds"},
    "finished_documents": MAP_NUMBERS,
    "staged_snapshot": LEDGER | {"dagster/row_count", "bytes"},
    "corpus": LEDGER | {"dagster/row_count", "publication", "run_seconds"},
}
HOLD = """
import sys, pathlib
from pipeline.store.workspace import Workspace, hold
with hold(Workspace(pathlib.Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(mill):
    """Another process that holds the mill's output folder."""
    command = [sys.executable, "-c", HOLD, str(mill.workspace.output)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


@pytest.mark.parametrize("asset", NUMBERS)
def test_an_asset_reports_numbers_that_plot_and_its_columns(sample_run, asset):
    mill, _ = sample_run
    with mill.open() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(asset))
    metadata = event.asset_materialization.metadata
    plotted = {name for name, value in metadata.items() if isinstance(value.value, int | float)}
    assert plotted >= NUMBERS[asset]
    columns = metadata["dagster/column_schema"].schema.columns
    assert all(column.description for column in columns)
    if asset != "raw_documents":
        lineage = metadata["dagster/column_lineage"].lineage.deps_by_column
        assert set(lineage) == {column.name for column in columns}


def test_every_stage_leaves_one_line_in_the_log(sample_run):
    mill, outcome = sample_run
    with mill.open() as instance:
        (run,) = instance.get_runs()
        logs = instance.all_logs(run.run_id)
    lines = [entry.user_message for entry in logs if entry.dagster_event is None]
    counts = outcome.counts
    documents = rf"{counts.documents_in:,} documents"
    expected = [
        rf"ingested {documents}, read \d+ of \d+ files, [\d.]+ s",
        rf"cleaned {documents}, cut \d+ spans, [\d.]+ s",
        rf"measured {documents}, [\d.]+ s",
        rf"judged {documents}, refused {counts.quarantined}, [\d.]+ s",
        rf"fingerprinted {documents}, [\d.]+ s",
        r"clustered \d+ documents, verified \d+ of \d+ candidate pairs, built anew, [\d.]+ s",
        rf"learned from {documents}, \d+ lines of \d+ sources, [\d.]+ s",
        rf"finished {documents}, [\d.]+ s",
        rf"staged {documents}, [\d.]+ s",
        rf"published snapshot {outcome.snapshot} of {counts.curated} documents",
    ]
    assert len(lines) == len(expected)
    assert all(any(re.fullmatch(one, line) for line in lines) for one in expected)


def test_no_text_of_an_article_stands_in_dagsters_history(sample_run):
    mill, outcome = sample_run
    texts = open_latest(mill.workspace.corpus).collect()["text"]
    assert len(texts) == outcome.counts.curated
    plain = [max(text.split("\n"), key=len)[:60] for text in texts]
    plain = [line.encode() for line in plain if re.fullmatch(r"[\w ,.]{60}", line, re.ASCII)]
    assert len(plain) > 10
    for path in mill.workspace.dagster.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [line for line in plain if line in content], path


def test_all_checks_pass_on_the_samples_and_the_run_says_where_it_came_from(sample_run):
    mill, _ = sample_run
    with mill.open() as instance:
        (run,) = instance.get_runs()
        logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = [entry.dagster_event.event_specific_data for entry in logs]
    broken = [one.check_name for one in found if not one.passed and one.blocking]
    assert len(found) > 20
    assert broken == []
    assert run.tags["winnow/from"] == "command line"


def test_a_run_with_nothing_new_publishes_nothing_and_computes_nothing(mill):
    first = mill.launch()
    again = mill.launch()
    assert (first.published, again.published) == (True, False)
    assert (again.snapshot, again.publication) == (first.snapshot, 1)
    with mill.open() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey("cleaned_documents"))
    assert event.asset_materialization.metadata["computed_documents"].value == 0
    assert "documents_per_second" not in event.asset_materialization.metadata


def test_a_failing_blocking_check_keeps_the_old_corpus_served(mill):
    first = mill.launch()
    mill.write({"a.txt": "", "b.txt": ""})
    with pytest.raises(ValidationFailedError, match="curated__corpus_is_not_empty"):
        mill.launch("validation.max_quarantine_share=1")
    assert read_latest(mill.workspace.corpus).snapshot == first.snapshot
    assert verify(mill.workspace.corpus).ok
    result = mill.materialize(words=("validation.max_quarantine_share=1",))
    assert not result.success
    materialized = {event.asset_key.to_user_string() for event in _materializations(result)}
    assert "staged_snapshot" in materialized
    assert "corpus" not in materialized


def test_too_large_a_share_of_quarantine_stops_the_run_by_its_own_error(mill):
    mill.write({"a.txt": ""} | {"b.txt": (mill.input / "harbour.txt").read_text()})
    with pytest.raises(QuarantineShareError, match="1 of 2 documents"):
        mill.launch("validation.max_quarantine_share=0")
    assert read_latest(mill.workspace.corpus) is None


def test_a_missing_input_is_told_by_its_own_error(mill):
    shutil.rmtree(mill.input)
    with pytest.raises(InputMissingError, match="does not exist"):
        mill.launch()


def test_a_second_run_at_once_is_told_who_holds_the_lock(mill, holder):
    with pytest.raises(LockedError, match=f"process {holder.pid} "):
        mill.launch()
    result = mill.materialize()
    assert not result.success
    assert f"process {holder.pid} " in mill.failures(result)


def test_one_asset_can_be_materialized_after_a_run_of_the_command_line(mill):
    mill.launch()
    for asset in ("fingerprints", "staged_snapshot", "corpus"):
        assert mill.materialize(asset).success, asset


def test_materializing_one_asset_under_other_settings_says_what_to_do(mill):
    mill.launch()
    result = mill.materialize("fingerprints", words=("clean.repair=false",))
    assert not result.success
    assert "WorkMissingError" in mill.failures(result)
    assert "Run the whole pipeline again" in mill.failures(result)


@pytest.mark.parametrize("asset", ["measured_documents", "duplicate_clusters", "corpus"])
def test_materializing_one_asset_without_the_working_state_says_what_to_do(mill, asset):
    mill.launch()
    shutil.rmtree(mill.workspace.work)
    result = mill.materialize(asset)
    assert not result.success
    assert "WorkMissingError" in mill.failures(result)
    assert mill.materialize().success


def test_a_run_that_was_killed_is_not_shown_as_running_for_ever(mill):
    mill.launch()
    with mill.open() as instance:
        (run,) = instance.get_runs()
        killed = dg.DagsterRun(
            job_name="curate",
            status=dg.DagsterRunStatus.STARTED,
            run_config=run.run_config,
            remote_job_origin=run.remote_job_origin,
        )
        elsewhere = dg.DagsterRun(
            job_name="curate",
            status=dg.DagsterRunStatus.STARTED,
            run_config={"resources": {"workshop": {"config": {"output": "/elsewhere"}}}},
        )
        instance.add_run(killed)
        instance.add_run(elsewhere)
    mill.launch()
    with mill.open() as instance:
        assert instance.get_run_by_id(killed.run_id).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(elsewhere.run_id).status is dg.DagsterRunStatus.STARTED


def _materializations(result):
    return [event for event in result.all_events if event.is_step_materialization]
