"""A snapshot is a pure function of documents, arrivals, settings and rules: nothing else shows.

Dagster or not, threads, batches, workers, the order in which files came: the same bytes. The runs
with other numbers of threads are processes of their own.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import ExecutionSettings, PublishSettings, Settings, ValidationSettings
from pipeline.store.manifest import read_manifest
from pipeline.store.reading import latest_folder
from pipeline.store.workspace import Workspace

RUN_ONCE = Path(__file__).with_name("run_once.py")
NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)


def _run_once(how, output, inputs, *, threads, batch_documents):
    numbers = [str(batch_documents), "2"]
    command = [sys.executable, RUN_ONCE, how, output, *numbers, *inputs]
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{threads}\n"
    return latest_folder(output / "corpus")


def _bytes_of(snapshot):
    """SHA-256 of every file by its path in the snapshot."""
    return {
        path.relative_to(snapshot).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in snapshot.rglob("*")
        if path.is_file()
    }


def _with_arrivals(folder, given):
    folder.mkdir(parents=True)
    shutil.copy(given / "arrivals.parquet", folder)
    return folder


def _curate(source, output, *, now=NIGHT, batch_documents=20, part_rows=8):
    run = Run(
        source=str(source),
        workspace=Workspace(output),
        settings=Settings(
            execution=ExecutionSettings(workers=1, batch_documents=batch_documents),
            publish=PublishSettings(part_rows=part_rows),
            validation=ValidationSettings(max_quarantine_share=1),
        ),
        engine=LocalEngine(1),
        now=now,
    )
    return curate(run).folder


@pytest.fixture(scope="module")
def by_dagster(varied_corpus, tmp_path_factory):
    """Dagster's output folder, of one thread, and its snapshot."""
    output = tmp_path_factory.mktemp("dagster")
    snapshot = _run_once("dagster", output, [varied_corpus], threads=1, batch_documents=20)
    return output, snapshot


@pytest.fixture(scope="module")
def small(varied_corpus, tmp_path_factory):
    """A part of the corpus, with an output folder in which it is published."""
    folder = tmp_path_factory.mktemp("small")
    for path in sorted((varied_corpus / "site").glob("site-*.txt"))[:36]:
        (folder / "in").mkdir(exist_ok=True)
        shutil.copy(path, folder / "in")
    _curate(folder / "in", folder / "out")
    return folder


def test_the_corpus_is_large_and_varied_enough_to_prove_something(by_dagster):
    output, snapshot = by_dagster
    counts = read_manifest(snapshot).counts
    batches = list((output / "work/raw").glob("*.parquet"))
    assert counts.documents_in >= 200
    assert len(batches) >= 10
    assert len(counts.by_relation) >= 4
    assert len(counts.by_reason) >= 3
    assert counts.edits > 100
    assert counts.learned_lines >= 4
    assert counts.by_rule["learned.line"] > 50
    assert len(list((snapshot / "documents").iterdir())) >= 4


def test_curate_gives_the_bytes_that_dagster_gives(by_dagster, varied_corpus, tmp_path):
    output, snapshot = by_dagster
    mine = _with_arrivals(tmp_path / "out", output)
    found = _run_once("curate", mine, [varied_corpus], threads=2, batch_documents=20)
    assert found.name == snapshot.name
    assert _bytes_of(found) == _bytes_of(snapshot)


def test_another_history_in_other_batches_on_more_threads_gives_the_same_bytes(
    by_dagster, varied_corpus, tmp_path
):
    output, snapshot = by_dagster
    mine = _with_arrivals(tmp_path / "out", output)
    earlier = tmp_path / "earlier"
    paths = sorted(path for path in varied_corpus.rglob("*") if path.is_file())
    for path in reversed(paths[::2]):
        target = earlier / path.relative_to(varied_corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (earlier / "gone.txt").write_text("Only in the first night did anyone see this note.\n" * 4)
    inputs = [earlier, varied_corpus]
    found = _run_once("curate", mine, inputs, threads=16, batch_documents=17)
    assert found.name == snapshot.name
    assert _bytes_of(found) == _bytes_of(snapshot)


@settings(max_examples=4, deadline=None)
@given(
    batch_documents=st.integers(min_value=1, max_value=40),
    first=st.sets(st.integers(min_value=0, max_value=35), min_size=1),
)
def test_batch_size_and_order_of_processing_do_not_change_the_snapshot(
    small, tmp_path_factory, batch_documents, first
):
    folder = tmp_path_factory.mktemp("again")
    output = _with_arrivals(folder / "out", small / "out")
    (folder / "in").mkdir()
    names = sorted(path.name for path in (small / "in").iterdir())
    for number in first:
        shutil.copy(small / "in" / names[number], folder / "in")
    _curate(folder / "in", output, batch_documents=batch_documents)
    found = _curate(small / "in", output, batch_documents=batch_documents)
    assert _bytes_of(found) == _bytes_of(latest_folder(small / "out" / "corpus"))


@settings(max_examples=4, deadline=None)
@given(
    name=st.sampled_from(["aaa.txt", "site-20.txt", "zzz.txt"]),
    copy=st.booleans(),
    words=st.lists(st.sampled_from(["harbour", "winter", "rope", "carpenter", "slide", "tide"])),
)
def test_one_document_more_rewrites_its_own_part_and_those_whose_rows_changed(
    small, tmp_path_factory, name, copy, words
):
    folder = tmp_path_factory.mktemp("more")
    shutil.copytree(small / "out", folder / "out", copy_function=os.link)
    shutil.copytree(small / "in", folder / "in")
    longest = max((small / "in").iterdir(), key=lambda path: path.stat().st_size)
    body = longest.read_bytes() if copy else b"A note on the tide came in late that evening. " * 9
    (folder / "in" / name).write_bytes(body + " ".join(words).encode() + b"\n")
    before = latest_folder(small / "out" / "corpus")
    after = _curate(folder / "in", folder / "out", now=NIGHT + timedelta(days=1))
    assert after.name != before.name
    for table in ("documents", "duplicates", "edits"):
        old, new = _parts(before / table), _parts(after / table)
        changed = _rows(old) ^ _rows(new)
        split = {row for path in old.keys() - new.keys() for row in old[path]}
        for path in new.keys() - old.keys():
            assert new[path] & changed or new[path] < split, f"{table}/{path} was rewritten"
        for path in new.keys() & old.keys():
            assert (before / table / path).samefile(after / table / path)


def _parts(folder):
    """The rows of every part of a table, each as one line, by the part's name."""
    return {
        path.name: {str(row) for row in pl.read_parquet(path).iter_rows()}
        for path in folder.iterdir()
    }


def _rows(parts):
    return {row for rows in parts.values() for row in rows}
