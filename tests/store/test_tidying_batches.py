import hashlib
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from pipeline.settings import IngestSettings
from pipeline.store.batches import load_live
from pipeline.store.ingest import ingest

SMALL_BATCHES = 8  # fewer than a corpus may really have
# Late enough for every file to have settled, whenever the test runs.
LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def night(tmp_path, monkeypatch):
    """Adds a file of so many documents, and ingests."""
    monkeypatch.setattr("pipeline.store.ingest.SMALL_BATCHES", SMALL_BATCHES)
    (tmp_path / "in").mkdir()

    def run(number, documents=2, size=50):
        names = (f"{number}-{n}" for n in range(documents))
        texts = (hashlib.shake_128(name.encode()).hexdigest(size // 2) for name in names)
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        (tmp_path / "in" / f"{number:03}.jsonl").write_text(lines)
        return ingest(
            str(tmp_path / "in"),
            work=tmp_path / "work",
            arrivals_path=tmp_path / "arrivals.parquet",
            settings=IngestSettings(),
            batch_documents=1_000,
            batch_bytes=200_000,
            now=LATER,
        )

    return run


def _texts(tmp_path, done):
    frames = [
        load_live(batch, work=tmp_path / "work", stage=None, columns=["raw", "doc_id"])
        for batch in done.corpus.batches
    ]
    return sorted(pl.concat(frames).rows())


def test_the_small_batches_of_many_nights_become_one(tmp_path, night):
    for number in range(SMALL_BATCHES):
        done = night(number)
    assert len(done.corpus.batches) == SMALL_BATCHES
    before = _texts(tmp_path, done)
    after = night(SMALL_BATCHES)
    assert len(after.corpus.batches) == 1
    assert set(before) < set(_texts(tmp_path, after))
    assert after.documents == done.documents + 2
    assert night(SMALL_BATCHES).corpus == after.corpus


def test_batches_that_are_full_of_bytes_are_not_small(night):
    # Nine documents of 20 kB to a batch: few, but no more would go into it.
    done = night(0, documents=9 * (SMALL_BATCHES + 1), size=20_000)
    batches = len(done.corpus.batches)
    assert batches > SMALL_BATCHES
    assert night(1).corpus.batches[:batches] == done.corpus.batches
