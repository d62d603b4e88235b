"""Validation in whole runs: what must not be published is not, and what was found can be seen."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.errors import OutputUnwritableError, SuiteError, ValidationFailedError
from pipeline.settings import Settings, ValidationSettings
from pipeline.store.publications import read_publication
from pipeline.store.reading import read_latest
from pipeline.store.workspace import Workspace
from pipeline.validation.suites import FOLDER, load_suites

ROOT = Path(__file__).parents[2]
FERRY = "The ferry to the outer islands sails again from Monday, after six weeks at the pier. " * 4
BAKER = "The bakery on the corner sold its last loaf at noon, and a queue had formed by then. " * 4
GERMAN = "Die Fähre zu den äußeren Inseln fährt ab Montag wieder, nach sechs Wochen Pause. " * 4


class Mill:
    """An input folder, an output folder, and runs that differ in what they are given."""

    def __init__(self, folder: Path) -> None:
        self.input, self.workspace = folder / "in", Workspace(folder / "out")

    def write(self, **texts: str) -> None:
        shutil.rmtree(self.input, ignore_errors=True)
        self.input.mkdir(parents=True)
        for name, text in texts.items():
            (self.input / f"{name}.txt").write_text(text, "utf-8")

    def run(self, day: int = 1, **settings):
        return curate(
            Run(
                source=str(self.input),
                workspace=self.workspace,
                settings=Settings(validation=ValidationSettings(**settings)),
                engine=LocalEngine(1, lambda *_: None),
                now=datetime(2026, 3, day, tzinfo=UTC),
            )
        )

    @property
    def served(self) -> str | None:
        latest = read_latest(self.workspace.corpus)
        return latest.snapshot if latest else None

    def quarantine(self) -> list[dict[str, Any]]:
        folder = self.workspace.corpus / "snapshots" / str(self.served)
        return pl.read_parquet(folder / "quarantine.parquet").to_dicts()

    def publications(self) -> int:
        return len(list((self.workspace.corpus / "publications").iterdir()))


@pytest.fixture
def mill(tmp_path):
    """A mill that has published once, and whose input has changed since."""
    made = Mill(tmp_path)
    made.write(ferry=FERRY)
    made.run()
    made.write(ferry=FERRY, baker=BAKER)
    return made


@pytest.fixture
def suites(tmp_path, monkeypatch):
    """A copy of the suites that the pipeline reads instead of its own; free to be broken."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "suites"))
    monkeypatch.setattr("pipeline.curate.load_suites", partial(load_suites, folder))
    return folder


def change(path: Path, meta: Mapping[str, object] | None = None, **kwargs: object) -> None:
    """The first rule of a suite with other arguments."""
    content = json.loads(path.read_text("utf-8"))
    content["expectations"][0]["kwargs"] = kwargs
    content["expectations"][0]["meta"].update(meta or {})
    path.write_text(json.dumps(content, indent=1), "utf-8")


def assert_nothing_happened(mill, error, match):
    served = mill.served
    with pytest.raises(error, match=match):
        mill.run(day=2)
    assert mill.served == served
    assert mill.publications() == 1


def test_a_suite_that_names_a_missing_column_stops_the_run(mill, suites):
    change(suites / "raw.json", column="input_eror")
    assert_nothing_happened(mill, SuiteError, r"raw\.json:\d+: .* no column 'input_eror'")


def test_a_suite_that_judges_a_column_of_the_wrong_type_stops_the_run(mill, suites):
    change(suites / "cleaned.json", column="language", min_value=1)
    assert_nothing_happened(mill, SuiteError, r"cleaned\.json:\d+: .* language is String")


def test_a_suite_that_is_no_json_stops_the_run(mill, suites):
    (suites / "curated.json").write_text("{", "utf-8")
    assert_nothing_happened(mill, SuiteError, r"curated\.json:1: not JSON")


def test_a_result_store_that_cannot_be_written_stops_the_run(mill):
    shutil.rmtree(mill.workspace.gx)
    mill.workspace.gx.write_text("a file where a folder should be", "utf-8")
    assert_nothing_happened(mill, OutputUnwritableError, "gx")


def test_a_broken_critical_rule_stops_the_run_and_has_a_page(mill, suites):
    change(suites / "curated.json", min_value=9_999)
    assert_nothing_happened(mill, ValidationFailedError, "curated.corpus_is_not_empty observed 2")
    pages = list((mill.workspace.gx / "data_docs" / "validations").iterdir())
    assert len(pages) == 2


def test_the_run_after_a_bad_world_publishes(mill, suites):
    good = (suites / "raw.json").read_bytes()
    (suites / "raw.json").write_text("[]", "utf-8")
    assert_nothing_happened(mill, SuiteError, "raw.json")
    (suites / "raw.json").write_bytes(good)
    assert mill.run(day=2).published


def test_a_limit_that_is_edited_in_its_file_changes_quarantine_and_check_alike(mill, suites):
    mill.write(ferry=FERRY, baker=BAKER, note="A short note about the ferry.")
    assert mill.run(day=2).counts.quarantined == 0
    change(suites / "cleaned.json", column="n_words", min_value=10)
    assert mill.run(day=3).counts.quarantined == 1
    (refused,) = mill.quarantine()
    assert (refused["reasons"], refused["detail"]) == (["empty_text"], "empty_text: 6")
    # Where the rule does not quarantine, its check counts what it would have refused.
    change(suites / "cleaned.json", {"quarantine": False}, column="n_words", min_value=10)
    broken = r"cleaned\.empty_text broken by 1 of 3 documents, .* with '6'"
    with pytest.raises(ValidationFailedError, match=broken):
        mill.run(day=4)


def test_a_refused_document_names_every_rule_that_it_broke_with_the_value(mill, suites):
    change(suites / "cleaned.json", column="n_words", min_value=10)
    mill.write(ferry=FERRY, baker=BAKER, lost="\ufffd\ufffd\ufffd and nothing else")
    mill.run(day=2)
    (refused,) = mill.quarantine()
    assert refused["reasons"] == ["empty_text", "lost_characters"]
    assert refused["detail"].startswith("empty_text: 3; lost_characters: 0.1")


def test_the_suites_of_a_run_go_through_pandas_nowhere(mill):
    (path,) = (mill.workspace.gx / "validations").glob("*.json")
    assert json.loads(path.read_bytes())["validation"]["through_pandas"] == []


def test_great_expectations_is_imported_once_and_only_to_run_the_suites(mill):
    told = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline import curate
from pipeline.engine import LocalEngine
from pipeline.settings import Settings
from pipeline.store.workspace import Workspace

def known(*given):
    seen.append("great_expectations" in sys.modules)
    return run_suites(*given)

seen, run_suites, curate.run_suites = [], curate.run_suites, known
for day in (2, 3):
    curate.curate(curate.Run(
        source=sys.argv[1], workspace=Workspace(Path(sys.argv[2])), settings=Settings(),
        engine=LocalEngine(1, lambda *_: None), now=datetime(2026, 3, day, tzinfo=UTC)))
    print(seen, "great_expectations" in sys.modules)
"""
    command = [sys.executable, "-c", told, str(mill.input), str(mill.workspace.output)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines() == ["[False] True", "[False] True"], done.stderr


def test_a_disaster_is_not_published_unless_it_is_meant(mill, tmp_path):
    mill.write(ferry=GERMAN)
    served = mill.served
    with pytest.raises(ValidationFailedError, match=r"drift\.languages_have_not_turned observed 1"):
        mill.run(day=2, drift_documents=1)
    assert mill.served == served
    outcome = mill.run(day=2, drift_documents=1, allow_drift=True)
    assert outcome.published
    told = read_publication(mill.workspace.corpus, 2).validation
    assert "drift.languages_have_not_turned (warning)" in told
    # Drift is relative to a moment: from another past the same snapshot follows.
    fresh = Mill(tmp_path / "fresh")
    fresh.write(ferry=GERMAN)
    assert fresh.run(day=2).snapshot == outcome.snapshot


def test_a_small_corpus_may_change_as_it_likes(mill):
    mill.write(ferry=GERMAN)
    assert mill.run(day=2).published
    assert "drift." not in read_publication(mill.workspace.corpus, 2).validation


def test_an_unchanged_night_is_not_validated_anew(mill):
    mill.run(day=2)
    records = mill.workspace.gx / "validations"
    before = {path: path.stat().st_mtime_ns for path in records.iterdir()}
    assert not mill.run(day=3).published
    assert {path: path.stat().st_mtime_ns for path in records.iterdir()} == before


def test_the_report_says_in_words_why_a_document_was_kept_out(mill):
    mill.write(ferry=FERRY, baker=BAKER, dashes="- - -")
    mill.run(day=2)
    report = mill.workspace.corpus / "publications" / "2" / "report.html"
    (empty,) = (r for r in load_suites()["cleaned"].rules if r.name == "empty_text")
    assert empty.reason in report.read_text("utf-8")


def test_the_report_leads_to_the_data_docs_of_its_snapshot(mill):
    mill.run(day=2)
    report = mill.workspace.corpus / "publications" / "2" / "report.html"
    (link,) = re.findall(r'href="([^"]*data_docs[^"]*)"', report.read_text("utf-8"))
    page = (report.parent / link).resolve()
    assert page.is_file()
    assert page.name.startswith(mill.served)
