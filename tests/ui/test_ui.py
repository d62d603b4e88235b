"""The web UI in a real browser, from the first click to the numbers of a finished run."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.store.reading import open_latest
from pipeline.store.verify import verify

pytestmark = pytest.mark.ui

ROOT = Path(__file__).parents[2]
WINNOW = Path(sys.executable).with_name("winnow")
GROUPS = {
    "ingest": ("raw_documents",),
    "clean": ("cleaned_documents", "measured_documents", "learned_lines"),
    "validate": ("judged_documents",),
    "dedupe": ("fingerprints", "duplicate_clusters"),
    "publish": ("finished_documents", "staged_snapshot", "corpus"),
}
LAUNCH = """
mutation Launch($config: RunConfigData!) {
  launchRun(executionParams: {
    selector: {
      repositoryName: "__repository__", repositoryLocationName: "pipeline.definitions",
      jobName: "curate"
    }
    runConfigData: $config
  }) {
    __typename
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""


def _visible(page, text, *, exact=False):
    """The first element with this text that can be seen; menus keep hidden copies for measuring."""
    return page.get_by_text(text, exact=exact).locator("visible=true").first


def _no_dialog(page):
    assert page.get_by_role("dialog").count() == 0
    assert page.locator(".bp5-overlay-backdrop, .bp4-overlay-backdrop").count() == 0


def test_materialize_all_is_one_click_and_publishes_a_corpus(page, server, snap):
    page.goto("/asset-groups")
    for group in GROUPS:
        _visible(page, group, exact=True).wait_for()
    _no_dialog(page)
    snap(page, "lineage")
    _visible(page, "Materialize all").click()
    (status,) = server.wait_for_runs(1).values()
    assert status == "SUCCESS"
    for group, assets in GROUPS.items():
        page.goto(f"/locations/pipeline.definitions/asset-groups/{group}/lineage")
        for asset in assets:
            _visible(page, asset, exact=True).wait_for()
    snap(page, "group-publish")
    assert open_latest(server.output / "corpus").collect().height > 20
    assert verify(server.output / "corpus").ok
    assert page.strangers == []


def test_the_page_of_an_asset_shows_its_numbers_and_columns(page, server, snap):
    server.wait_for_runs(1)
    page.goto("/assets/cleaned_documents")
    _visible(page, "Texts decoded, repaired and cut").wait_for()
    _visible(page, "The record's bytes as they came in").wait_for()
    _no_dialog(page)
    snap(page, "cleaned-documents")
    for asset, number in (
        ("cleaned_documents", "edits_by_rule"),
        ("judged_documents", "quarantine_by_reason"),
        ("corpus", "duplicate_rate"),
    ):
        page.goto(f"/assets/{asset}?view=events")
        _visible(page, number).wait_for()
        snap(page, f"{asset.replace('_', '-')}-events")
    assert page.strangers == []


def test_the_checks_page_lists_promises_and_expectations_with_their_outcome(page, server, snap):
    server.wait_for_runs(1)
    page.goto("/assets/staged_snapshot?view=checks")
    _visible(page, "cleaned__empty_text").wait_for()
    page.get_by_placeholder("Filter checks").fill("edits_replay")
    _visible(page, "edits_replay", exact=True).click()
    _visible(page, "Passed").wait_for()
    _no_dialog(page)
    snap(page, "checks")
    page.get_by_placeholder("Filter checks").fill("text_is_not_short")
    _visible(page, "cleaned__text_is_not_short", exact=True).click()
    for told in ("non-blocking", "severity", "documents", "unexpected", "examples", "doc_id"):
        _visible(page, told).wait_for()
    snap(page, "check-with-examples")
    assert page.strangers == []


def test_a_run_of_the_command_line_stands_in_the_history_of_the_ui(page, server, snap):
    before = server.wait_for_runs(1)
    done = subprocess.run(
        [WINNOW, "run", ROOT / "seeds", "--output", server.output], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Unchanged" in done.stdout
    (mine,) = set(server.runs()) - set(before)
    page.goto("/runs")
    _visible(page, mine[:8]).wait_for()
    _visible(page, "command line").wait_for()
    snap(page, "runs")


def test_a_run_with_settings_from_the_launchpad_uses_more_than_one_process(page, server, snap):
    page.goto("/locations/pipeline.definitions/jobs/curate/playground")
    _visible(page, "Launch Run").wait_for()
    _no_dialog(page)
    snap(page, "launchpad")
    before = server.wait_for_runs(1)
    output = server.output.with_name("other")
    settings = Settings().model_dump() | {"execution": {"workers": 2, "batch_documents": 9}}
    workshop = {"input": str(ROOT / "seeds"), "output": str(output), **settings}
    config = {"resources": {"workshop": {"config": workshop}}}
    launched = server.ask(LAUNCH, config=config)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    after = server.wait_for_runs(len(before) + 1)
    assert [status for run, status in after.items() if run not in before] == ["SUCCESS"]
    assert len(list((output / "work" / "raw").iterdir())) >= 4
    assert _curated(output) == _curated(server.output)


def _curated(output):
    return set(open_latest(output / "corpus").select("doc_id").collect()["doc_id"])
