import json
import os
import subprocess
import sys
import threading

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

import pipeline
from pipeline.errors import SnapshotError
from pipeline.store.reading import open_latest, read_latest

TABLES = ("documents", "duplicates", "edits")

# Hugging Face `datasets` prepares its cache in the background, so it gets a process of its own.
HUGGING_FACE = """
import json, sys
import datasets
datasets.disable_progress_bars()
folder, cache = sys.argv[1:]
rows = {}
for table in ("documents", "duplicates", "edits"):
    files = f"{folder}/{table}/*.parquet"
    data = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=cache)
    rows[table] = data.num_rows
print(json.dumps(rows))
"""


@pytest.fixture
def published(press, corpus):
    step = press()
    step.publish(corpus(60))
    return step


def _folder(step):
    return step.root / "snapshots" / read_latest(step.root).snapshot


def test_every_reader_counts_the_same_rows(published, tmp_path):
    folder = _folder(published)
    expected = {name: pl.read_parquet(folder / name).height for name in TABLES}
    assert all(expected.values())
    for name, rows in expected.items():
        count = duckdb.sql(f"select count(*) from '{folder / name}/*.parquet'").fetchall()  # noqa: S608
        assert count == [(rows,)]
        assert len(pd.read_parquet(folder / name)) == rows
        assert ds.dataset(folder / name).count_rows() == rows
    offline = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "home"),
        "HF_DATASETS_OFFLINE": "1",
    }
    command = [sys.executable, "-c", HUGGING_FACE, str(folder), str(tmp_path / "cache")]
    result = subprocess.run(command, env=offline, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == expected


def test_nested_columns_reach_other_readers(published):
    files = _folder(published) / "documents" / "*.parquet"
    ((lines, flags),) = duckdb.sql(
        f"select signals.n_lines, flags from '{files}' where len(flags) > 0 limit 1"  # noqa: S608
    ).fetchall()
    assert (lines, flags) == (1, ["glued_sentences"])


def test_open_latest_takes_the_output_folder_or_the_corpus(published):
    assert (
        open_latest(published.root).collect().equals(open_latest(published.root.parent).collect())
    )
    assert open_latest(str(published.root)).collect()["n_chars"].min() > 0


def test_open_latest_of_an_unpublished_folder_is_a_named_error(tmp_path):
    with pytest.raises(SnapshotError, match="holds no published corpus"):
        open_latest(tmp_path)


def test_a_reader_sees_whole_snapshots_while_others_are_published(press, corpus, doc):
    step = press()
    docs = corpus(40)
    step.publish(docs)
    heights, errors, stop = [], [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                heights.append(open_latest(step.root).collect().height)
            except BaseException as error:  # noqa: BLE001 - a reader's panic is no Exception
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    expected = {open_latest(step.root).collect().height}
    for number in range(15):
        docs.append(doc(f"site/9/{number}.txt", f"Article {number} of a later night, in words."))
        step.publish(docs)
        expected.add(open_latest(step.root).collect().height)
    stop.set()
    reader.join()
    assert not errors
    assert set(heights) <= expected
    assert len(expected) == 16


def test_a_frame_opened_before_a_publication_still_reads_its_own_snapshot(press, corpus):
    step = press(keep_snapshots=2)
    step.publish(corpus(20))
    opened = open_latest(step.root)
    before = opened.collect().height
    step.publish(corpus(30))
    assert opened.collect().height == before


def test_the_package_opens_the_served_corpus_and_is_cheap_to_import(published):
    assert (
        pipeline.open_latest(published.root).collect().equals(open_latest(published.root).collect())
    )
    code = "import sys, pipeline; print('polars' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "False"
