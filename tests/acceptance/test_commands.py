"""The command line as a person meets it: exit codes, words, and what lies on disk afterwards."""

import contextlib
import fcntl
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import pipeline
from pipeline.store.reading import latest_folder

ROOT = Path(__file__).parents[2]


def test_the_sample_documents_are_published_and_verify(seeds_output, winnow):
    done = winnow("verify", "--output", seeds_output)
    assert done.returncode == 0, done.stdout
    assert "Everything holds." in done.stdout


def test_running_again_says_unchanged_and_publishes_nothing(seeds_output, winnow):
    before = sorted(path for path in (seeds_output / "corpus").rglob("*"))
    done = winnow("run", "seeds", "--output", seeds_output)
    assert done.returncode == 0
    assert "Unchanged" in done.stdout
    assert sorted(path for path in (seeds_output / "corpus").rglob("*")) == before


def test_the_summary_fits_a_terminal_of_80_columns(seeds_output, winnow):
    lines = winnow("run", "seeds", "--output", seeds_output).stdout.splitlines()
    for word in ("in", "curated", "duplicates", "quarantined", "edits", "seconds"):
        assert any(line.startswith(word) for line in lines)
    assert [line for line in lines if len(line) > 80 and "/" not in line] == []


def test_a_terminal_shows_a_bar_for_every_step(seeds_output):
    here, there = pty.openpty()
    words = [Path(sys.executable).with_name("winnow"), "run", "seeds", "--output", seeds_output]
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stderr=there, stdout=subprocess.DEVNULL
    ):
        os.close(there)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal says that nobody writes any more
            while piece := os.read(here, 65_536):
                shown += piece
    os.close(here)
    assert [
        step for step in ("ingested", "clustered", "staged") if step.encode() not in shown
    ] == []


def test_every_rule_is_listed_with_its_hits(seeds_output, winnow):
    done = winnow("rules", "--output", seeds_output)
    assert done.returncode == 0
    assert "ftfy.encoding" in done.stdout


def test_expectations_are_listed_in_words(winnow):
    done = winnow("expectations")
    assert done.returncode == 0
    assert "critical" in done.stdout


@pytest.mark.parametrize("fate", ["documents", "duplicates", "quarantine"])
def test_explain_tells_the_story_of_a_document(seeds_output, winnow, fate):
    doc_id, source_id = _some(seeds_output, fate)[0]
    done = winnow("explain", doc_id, "--output", seeds_output)
    assert done.returncode == 0, done.stderr
    assert source_id in done.stdout.replace("\n", "")


def test_explaining_an_unknown_document_is_a_named_error(seeds_output, winnow):
    done = winnow("explain", "nobody", "--output", seeds_output)
    assert done.returncode == 1
    assert "DocumentNotFoundError" in done.stderr


def test_a_reader_opens_the_corpus_in_one_line(seeds_output):
    documents = pipeline.open_latest(seeds_output)
    assert documents.select(pl.len()).collect().item() > 30


def test_a_missing_input_is_a_named_error(tmp_path, winnow):
    done = winnow("run", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert (done.returncode, "InputMissingError" in done.stderr) == (1, True)


def test_an_empty_folder_is_a_named_error(tmp_path, winnow):
    (tmp_path / "in").mkdir()
    done = winnow("run", tmp_path / "in", "--output", tmp_path / "out")
    assert (done.returncode, "InputMissingError" in done.stderr) == (1, True)


def test_a_folder_of_only_bad_files_stops_the_run_and_publishes_nothing(tmp_path, winnow):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    done = winnow("run", folder, "--output", tmp_path / "out")
    assert (done.returncode, "QuarantineShareError" in done.stderr) == (1, True)
    assert not (tmp_path / "out" / "corpus" / "latest.json").exists()


def test_an_output_that_cannot_be_written_is_a_named_error(tmp_path, winnow):
    (tmp_path / "file").write_text("in the way")
    done = winnow("run", "seeds", "--output", tmp_path / "file")
    assert (done.returncode, "OutputUnwritableError" in done.stderr) == (1, True)


def test_a_read_only_output_folder_is_a_named_error(winnow):
    # Even root may not write there, as which tests often run.
    done = winnow("run", "seeds", "--output", "/sys/winnow")
    assert (done.returncode, "OutputUnwritableError" in done.stderr) == (1, True)


def test_a_second_run_at_once_is_told_who_holds_the_lock(tmp_path, winnow):
    output = tmp_path / "out"
    output.mkdir()
    with (output / ".lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 4711, "host": "night", "since": "2026-01-01T02:00:00"}))
        lock.flush()
        done = winnow("run", "seeds", "--output", output)
    assert done.returncode == 1
    assert "LockedError" in done.stderr
    assert "process 4711 on night since 2026-01-01T02:00:00" in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("dedup.jaccard=7", "dedup.jaccard"), ("nonsense", "group.field=value"), ("a.b=1", "ingest")],
)
def test_a_wrong_setting_is_a_named_error_that_says_what_is_right(tmp_path, winnow, word, expected):
    done = winnow("run", "seeds", "--output", tmp_path / "out", "--set", word)
    assert (done.returncode, "SettingsError" in done.stderr) == (1, True)
    assert expected in done.stderr


def test_an_unknown_option_is_a_usage_error(winnow):
    assert winnow("run", "--nothing").returncode == 2


def test_dedupe_imports_neither_dagster_nor_great_expectations(tmp_path):
    texts = [
        "one two three four five six seven eight nine ten " * 20,
        "and now something else " * 20,
    ]
    frame = pl.DataFrame({"id": ["a", "b", "c"], "text": [texts[0], texts[0], texts[1]]})
    frame.write_parquet(tmp_path / "in.parquet")
    code = (
        "import sys\nfrom pipeline.cli import app\n"
        f"app(['dedupe', {str(tmp_path / 'in.parquet')!r}, {str(tmp_path / 'out')!r}],"
        " standalone_mode=False)\n"
        "print([m for m in ('dagster', 'great_expectations') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert pl.read_parquet(tmp_path / "out" / "out.parquet").height == 2
    assert pl.read_parquet(tmp_path / "out" / "clusters.parquet").height == 3


def _some(output, table):
    folder = latest_folder(output / "corpus")
    files = sorted(folder.glob(f"{table}/*.parquet")) or [folder / f"{table}.parquet"]
    return pl.read_parquet(files).select("doc_id", "source_id").sort("doc_id").rows()
