"""The whole pipeline as a function, on a few documents made for one question each."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import Settings
from pipeline.store.reading import open_latest
from pipeline.store.workspace import Workspace

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
NOTICE = (
    "The road over the bridge is closed from Monday at six in the morning. Whoever wants to get to "
    "the other side has to take the ferry at the mill, which runs every quarter of an hour until "
    "midnight. Lorries are sent round by the motorway. The work is expected to last three weeks, "
    "and buses stop at the northern ramp as long as the ramp itself is not in the way of the crane."
)


@pytest.fixture
def run(tmp_path):
    def curate_records(*records):
        path = tmp_path / "in.jsonl"
        lines = [json.dumps({"id": str(n)} | record) for n, record in enumerate(records)]
        path.write_text("\n".join(lines), "utf-8")
        place = Workspace(tmp_path / "outputs")
        return curate(Run(str(path), place, Settings(), LocalEngine(1), NOW))

    return curate_records


def test_one_text_under_titles_with_other_numbers_is_several_documents(run):
    outcome = run(*({"title": f"Notice for bridge {n}", "text": NOTICE} for n in (3, 8, 21)))
    assert (outcome.counts.curated, outcome.counts.duplicates) == (3, 0)


def test_one_text_under_one_title_is_one_document(run, tmp_path):
    outcome = run(*({"title": "Notice for bridge 3", "text": NOTICE} for _ in range(3)))
    assert (outcome.counts.curated, outcome.counts.duplicates) == (1, 2)
    assert open_latest(tmp_path / "outputs").collect()["text"].to_list() == [NOTICE]
