"""When the pipeline starts by itself."""

import dagster as dg
import pytest

from pipeline.defs.automation import new_files, nightly
from pipeline.store.workspace import hold


@pytest.fixture
def look(mill, monkeypatch):
    """One look of the sensor at the mill's input, with the cursor of the look before."""
    monkeypatch.setenv("WINNOW_INPUT", str(mill.input))
    monkeypatch.setenv("WINNOW_OUTPUT", str(mill.workspace.output))

    def once(cursor, instance):
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            return new_files(context)

    return once


@pytest.fixture
def instance():
    with dg.instance_for_test() as made:
        yield made


def test_the_sensor_starts_one_run_for_each_state_of_the_input(mill, look, instance):
    first = look(None, instance)
    assert len(first.run_requests) == 1
    same = look(first.cursor, instance)
    assert same.skip_message == "2 files, as when I last looked."
    (mill.input / "news.txt").write_text("One more.")
    more = look(first.cursor, instance)
    assert more.cursor != first.cursor
    assert more.run_requests[0].run_key != first.run_requests[0].run_key
    (mill.input / "news.txt").write_text("Changed.")
    changed = look(more.cursor, instance)
    assert changed.cursor != more.cursor
    (mill.input / "news.txt").unlink()
    assert look(changed.cursor, instance).run_requests


def test_a_file_of_another_kind_starts_nothing(mill, look, instance):
    first = look(None, instance)
    (mill.input / "notes.docx").write_bytes(b"PK")
    assert isinstance(look(first.cursor, instance), dg.SkipReason)


def test_the_sensor_waits_while_a_run_is_under_way(look, instance):
    run = dg.DagsterRun(job_name="curate", status=dg.DagsterRunStatus.NOT_STARTED)
    instance.add_run(run)
    assert "under way" in look(None, instance).skip_message
    instance.report_run_canceled(run)
    assert look(None, instance).run_requests


def test_a_killed_run_does_not_stop_the_sensor_for_ever(look, instance):
    instance.add_run(dg.DagsterRun(job_name="curate", status=dg.DagsterRunStatus.STARTED))
    assert look(None, instance).run_requests


def test_the_sensor_never_takes_the_lock_from_a_run(mill, look, instance):
    with hold(mill.workspace):
        assert look(None, instance).run_requests


def test_an_input_that_is_not_there_yet_is_no_failure_of_the_sensor(mill, look, instance):
    mill.write({})
    assert "holds no file" in look(None, instance).skip_message


def test_the_nightly_run_is_at_two_and_asks_for_the_whole_pipeline():
    assert (nightly.cron_schedule, nightly.execution_timezone) == ("0 2 * * *", "UTC")
    assert nightly.job_name == "curate"
