"""What Dagster knows of the pipeline, listed in full: a change here is a change of the UI."""

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipeline.definitions import definitions
from pipeline.defs.columns import COLUMNS, LINEAGE
from pipeline.settings import Settings
from pipeline.validation.suites import Severity, load_suites

ROOT = Path(__file__).parents[2]
GRAPH = {
    "raw_documents": ("ingest", set()),
    "cleaned_documents": ("clean", {"raw_documents"}),
    "measured_documents": ("clean", {"cleaned_documents"}),
    "judged_documents": ("validate", {"measured_documents"}),
    "fingerprints": ("dedupe", {"judged_documents"}),
    "duplicate_clusters": ("dedupe", {"fingerprints"}),
    "learned_lines": ("clean", {"cleaned_documents", "duplicate_clusters"}),
    "finished_documents": (
        "publish",
        {"judged_documents", "duplicate_clusters", "learned_lines"},
    ),
    "staged_snapshot": (
        "publish",
        {"raw_documents", "duplicate_clusters", "learned_lines", "finished_documents"},
    ),
    "corpus": ("publish", {"raw_documents", "judged_documents", "staged_snapshot"}),
}
PROMISES = {"ledger_balanced", "edits_replay", "no_verified_pair_left"}


@pytest.fixture(scope="module")
def graph():
    return definitions().resolve_asset_graph()


def _names(keys):
    return {key.to_user_string() for key in keys}


def test_these_are_all_assets_in_their_groups_with_what_they_depend_on(graph):
    nodes = {node.key.to_user_string(): node for node in graph.asset_nodes}
    found = {name: (node.group_name, _names(node.parent_keys)) for name, node in nodes.items()}
    assert found == GRAPH


def test_every_asset_has_a_description_and_kinds(graph):
    for node in graph.asset_nodes:
        assert re.fullmatch(r"[A-Z].{30,}\.", node.description), node.key
        assert node.kinds, node.key


def test_every_rule_of_the_suites_and_every_promise_is_a_check_of_the_staged_snapshot(graph):
    rules = {
        f"{suite.name}__{rule.name}": rule.severity is Severity.CRITICAL
        for suite in load_suites().values()
        for rule in suite.rules
    }
    specs = {key.name: graph.get_check_spec(key) for key in graph.asset_check_keys}
    assert {key.asset_key.to_user_string() for key in graph.asset_check_keys} == {"staged_snapshot"}
    assert {name: spec.blocking for name, spec in specs.items()} == {
        **rules,
        **dict.fromkeys(PROMISES, True),
    }
    assert all(spec.description for spec in specs.values())
    url = specs["raw__url_is_well_formed"].description
    assert url.startswith(
        "A url without scheme or host leads nobody back to the page. `url matches ^"
    )


def test_nobodys_machine_does_anything_unasked():
    repository = definitions().get_repository_def()
    assert [one.name for one in repository.schedule_defs] == ["nightly"]
    assert [one.name for one in repository.sensor_defs if one.job_name == "curate"] == ["new_files"]
    assert repository.schedule_defs[0].default_status is dg.DefaultScheduleStatus.STOPPED
    assert {one.default_status for one in repository.sensor_defs} == {
        dg.DefaultSensorStatus.STOPPED
    }


def test_the_launchpad_shows_every_setting_with_its_reason_and_value():
    workshop = definitions().resolve_job_def("curate").resource_defs["workshop"]
    shown = workshop.config_schema.config_type.fields
    defaults = Settings()
    for group in Settings.model_fields:
        fields = shown[group].config_type.fields
        values = getattr(defaults, group).model_dump()
        assert set(fields) == set(values)
        for name, info in type(getattr(defaults, group)).model_fields.items():
            assert fields[name].description == info.description
            assert fields[name].default_value == values[name]
    assert set(shown) == {*Settings.model_fields, "input", "output"}


def test_loading_the_definitions_imports_no_great_expectations_and_no_pandas():
    told = "import sys, pipeline.definitions as d; d.definitions(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=ROOT)
    modules = set(done.stdout.split())
    assert "dagster" in modules, done.stderr
    assert modules.isdisjoint({"great_expectations", "pandas"})


def test_dagsters_own_checker_has_nothing_to_say():
    checker = Path(sys.executable).with_name("dg")
    done = subprocess.run([checker, "check", "defs"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All definitions loaded successfully" in done.stdout + done.stderr


def test_dagster_can_read_the_annotations_at_run_time():
    for path in (ROOT / "pipeline/defs").glob("*.py"):
        assert "from __future__ import annotations" not in path.read_text("utf-8"), path


def test_every_column_of_the_lineage_exists():
    assert set(COLUMNS) == set(GRAPH)
    assert set(LINEAGE) == set(GRAPH) - {"raw_documents"}
    for asset, upstreams in LINEAGE.items():
        assert set(upstreams) <= GRAPH[asset][1]
        for upstream, computed in upstreams.items():
            assert set(computed) <= set(COLUMNS[asset].names())
            sources = {name for names in computed.values() for name in names}
            assert sources <= set(COLUMNS[upstream].names()), asset
