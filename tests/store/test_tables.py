import datetime as dt
import os
import subprocess
import sys
import threading

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline import schema
from pipeline.errors import OutputUnwritableError
from pipeline.store import tables
from pipeline.store.tables import write_frames, write_table

# Builds one frame along a way named by its argument, writes it and prints the digest.
HISTORY = """
import sys
from pathlib import Path
import polars as pl
from pipeline.store.tables import write_table

def rows(start, stop):
    return pl.DataFrame({
        "doc_id": [f"{i:032x}" for i in range(start, stop)],
        "text": [None if i % 7 == 0 else f"line {i * i}\\n" * (i % 40) for i in range(start, stop)],
        "flags": [None if i % 5 == 0 else ["a", "b"][: i % 3] for i in range(start, stop)],
        "share": [i / 7 for i in range(start, stop)],
        "signals": [{"n": i, "word": f"w{i % 11}"} for i in range(start, stop)],
    })

way, path = sys.argv[1], Path(sys.argv[2])
if way == "whole":
    frame = rows(0, 3000)
elif way == "chunks":
    frame = pl.concat([rows(i, i + 100) for i in range(0, 3000, 100)], rechunk=False)
elif way == "slice":
    frame = rows(0, 4000).with_row_index("row").filter(pl.col("row") < 3000).drop("row")
elif way == "sorted":
    frame = rows(0, 3000).sample(fraction=1, shuffle=True, seed=3).sort("doc_id")
else:
    frame = rows(0, 3000).join(rows(0, 3000).select("doc_id"), on="doc_id", maintain_order="left")
print(write_table(path, frame, row_group_rows=700).sha256)
"""


def _digest(way, threads, path):
    result = subprocess.run(
        [sys.executable, "-c", HISTORY, way, str(path)],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_equal_frames_become_equal_bytes_whatever_their_history_and_threads(tmp_path):
    ways = [("whole", 1), ("chunks", 2), ("slice", 16), ("sorted", 2), ("joined", 16)]
    digests = {_digest(way, threads, tmp_path / "t.parquet") for way, threads in ways}
    assert len(digests) == 1


def test_a_table_reads_back_as_the_frame_that_was_written(tmp_path):
    frame = pl.DataFrame(
        [
            ("a", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), b"\x00\xff", [{"start": 1}], 2**64 - 1),
            (None, None, None, None, None),
            ("", None, b"", [], 0),
        ],
        schema={
            "doc_id": pl.String,
            "first_seen": schema.TIME,
            "raw": pl.Binary,
            "edits": pl.List(schema.EDIT),
            "token_key": pl.UInt64,
        },
        orient="row",
    )
    written = write_table(tmp_path / "t.parquet", frame)
    assert pl.read_parquet(written.path).equals(frame)
    assert (written.rows, written.bytes) == (3, written.path.stat().st_size)


def test_fields_carry_their_descriptions_and_plain_types(tmp_path):
    frame = pl.DataFrame(schema=schema.FINISHED)
    written = pq.read_schema(write_table(tmp_path / "t.parquet", frame).path)
    assert written.metadata is None
    assert written.field("doc_id").metadata[b"description"].startswith(b"32 hex digits")
    assert "large" not in str(written)


def test_every_published_table_keeps_its_types(tmp_path):
    for name in ("DOCUMENTS", "DUPLICATES", "EDITS", "QUARANTINE", "CLUSTERS", "PAIRS", "CHANGES"):
        expected = getattr(schema, name)
        path = write_table(tmp_path / f"{name}.parquet", pl.DataFrame(schema=expected)).path
        assert pl.read_parquet_schema(path) == expected


def test_row_groups_are_bounded_in_rows_and_in_bytes(tmp_path, monkeypatch):
    frame = pl.DataFrame({"text": ["x" * 1000] * 100, "flags": [["y" * 1000]] * 100})
    path = write_table(tmp_path / "t.parquet", frame, row_group_rows=64).path
    assert [pq.ParquetFile(path).metadata.row_group(i).num_rows for i in range(2)] == [64, 36]
    monkeypatch.setattr(tables, "ROW_GROUP_BYTES", 40_000)
    path = write_table(tmp_path / "t.parquet", frame).path
    footer = pq.ParquetFile(path).metadata
    groups = [footer.row_group(i).num_rows for i in range(footer.num_row_groups)]
    assert max(groups) <= 20
    assert sum(groups) == 100
    assert pl.read_parquet(path).equals(frame)


def test_frames_in_a_row_become_one_file(tmp_path):
    frames = [pl.DataFrame({"n": [1, 2]}), pl.DataFrame({"n": [3]})]
    written = write_frames(tmp_path / "t.parquet", frames, schema=frames[0].schema)
    assert pl.read_parquet(written.path)["n"].to_list() == [1, 2, 3]
    assert written.rows == 3


def test_threads_may_write_one_path_at_once(tmp_path):
    frame = pl.DataFrame({"n": range(1000)})
    expected = write_table(tmp_path / "t.parquet", frame).sha256
    digests = []
    threads = [
        threading.Thread(
            target=lambda: digests.append(write_table(tmp_path / "t.parquet", frame).sha256)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [expected] * 4
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]


def test_a_path_that_cannot_be_written_is_a_named_error_and_leaves_nothing(tmp_path):
    (tmp_path / "t.parquet").mkdir()
    with pytest.raises(OutputUnwritableError, match=r"t\.parquet could not be written"):
        write_table(tmp_path / "t.parquet", pl.DataFrame({"n": [1]}))
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]


def test_an_error_while_writing_keeps_the_file_that_stood_there(tmp_path):
    first = write_table(tmp_path / "t.parquet", pl.DataFrame({"n": [1]}))

    def broken():
        yield pl.DataFrame({"n": [2]})
        raise KeyError

    with pytest.raises(KeyError):
        write_frames(first.path, broken(), schema=pl.Schema({"n": pl.Int64}))
    assert pl.read_parquet(first.path)["n"].to_list() == [1]
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]
