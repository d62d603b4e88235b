import shutil
import subprocess
import sys
from functools import partial

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.errors import SchemaMismatchError, WorkMissingError
from pipeline.store.batches import (
    Batch,
    Corpus,
    MapStage,
    digest,
    is_stored,
    load,
    load_live,
    missing,
    read_frame,
    run_batch,
    stage_path,
    stored_rows,
    write_frame,
    write_raw,
)

SHOUTED = pl.Schema([*schema.RAW.items(), ("text", pl.String), ("flags", pl.List(pl.String))])


def rows(count, *, first=0):
    numbers = range(first, first + count)
    values = {"doc_id": [f"id{n}" for n in numbers], "row_key": [f"key{n}" for n in numbers]}
    values["raw"] = [f"text {n}".encode() for n in numbers]
    values["title"] = [f"title {n}" for n in numbers]
    return pl.DataFrame(values).select(
        (pl.col(n) if n in values else pl.lit(None)).cast(t).alias(n) for n, t in schema.RAW.items()
    )


def shout(raw):
    text = pl.col("raw").cast(pl.String).str.to_uppercase().alias("text")
    return raw.with_columns(
        text, pl.col("title") + "!", pl.lit(["loud"], pl.List(pl.String)).alias("flags")
    )


def mark(shouted):
    return shouted.with_columns(pl.lit(["marked"], pl.List(pl.String)).alias("flags"))


FIRST = MapStage("shouted", shout, schema.RAW, ("text", "flags", "title"), key="k1")
SECOND = MapStage("marked", mark, SHOUTED, ("flags",), key="k2", before=FIRST)


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


@pytest.fixture
def batch(work):
    """A batch of five rows that both stages have run on."""
    made = write_raw(work, rows(5))
    assert [run_batch(made, work=work, stage=stage) for stage in (FIRST, SECOND)] == [5, 5]
    return made


def test_each_column_comes_from_the_last_stage_that_stored_it(work, batch):
    columns = ["flags", "doc_id", "text", "title"]
    found = load(batch, work=work, stage=SECOND, columns=columns)
    assert found.columns == columns
    assert found.row(1) == (["marked"], "id1", "TEXT 1", "title 1!")
    before = load(batch, work=work, stage=FIRST, columns=columns)
    assert before.row(1) == (["loud"], "id1", "TEXT 1", "title 1!")
    raw = load(batch, work=work, stage=None, columns=["title", "raw"])
    assert raw.row(1) == ("title 1", b"text 1")


def test_a_stage_stores_only_what_it_adds(work, batch):
    assert read_frame(stage_path(work, FIRST, batch)).columns == list(FIRST.stores)
    assert read_frame(stage_path(work, SECOND, batch)).columns == ["flags"]


def test_only_the_files_that_hold_an_asked_column_are_read(work, batch):
    stage_path(work, FIRST, batch).unlink()
    assert load(batch, work=work, stage=SECOND, columns=["doc_id", "flags"]).height == 5


@given(dead=st.sets(st.integers(0, 4)))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dead_rows_are_computed_but_not_loaded(work, batch, dead):
    worn = Batch(batch.key, batch.rows, dead=tuple(sorted(dead)))
    found = load_live(worn, work=work, stage=SECOND, columns=["doc_id", "text"])
    assert found["doc_id"].to_list() == [f"id{n}" for n in range(5) if n not in dead]
    assert load(worn, work=work, stage=SECOND, columns=["doc_id"]).height == 5
    assert Corpus((worn, worn)).documents == 2 * (5 - len(dead))


@given(st.lists(st.lists(st.text(max_size=3), max_size=3), min_size=2, max_size=2, unique_by=tuple))
def test_other_parts_have_another_digest(lists):
    assert digest(*lists[0]) != digest(*lists[1])


def test_the_name_of_a_batch_tells_its_rows_and_their_order(work):
    key = write_raw(work, rows(3)).key
    assert write_raw(work, rows(3)).key == key
    assert write_raw(work, rows(3)[::-1]).key != key
    assert write_raw(work, rows(4)).key != key


def test_rows_without_a_promised_column_are_refused(work):
    with pytest.raises(SchemaMismatchError, match="ingest"):
        write_raw(work, rows(3).drop("title"))
    assert not list(work.rglob("*.parquet"))


def test_stored_rows_are_found_again(work):
    first, second = write_raw(work, rows(2)), write_raw(work, rows(1, first=2))
    found = stored_rows(work).sort("row_key")
    assert found.rows() == [("key0", first.key, 0), ("key1", first.key, 1), ("key2", second.key, 0)]
    assert stored_rows(work / "nowhere").is_empty()


def test_what_is_stored_is_not_missing(work, batch):
    corpus = Corpus((batch, write_raw(work, rows(2, first=5))))
    assert missing(corpus, work=work, stage=FIRST) == [corpus.batches[1]]
    other = MapStage("shouted", shout, schema.RAW, FIRST.stores, key="k9")
    assert missing(corpus, work=work, stage=other) == list(corpus.batches)


@pytest.mark.parametrize("stage", [FIRST, SECOND, None])
def test_a_result_that_is_gone_is_a_named_error(work, batch, stage):
    path = stage_path(work, stage, batch) if stage else work / "raw" / f"{batch.key}.parquet"
    path.unlink()
    with pytest.raises(WorkMissingError, match=f"{path.name} is gone"):
        load(batch, work=work, stage=SECOND, columns=SHOUTED.names())


def _cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.99])
def test_a_result_that_a_power_cut_left_short_is_computed_anew(work, batch, share):
    path = stage_path(work, FIRST, batch)
    _cut(path, share)
    assert missing(Corpus((batch,)), work=work, stage=FIRST) == [batch]
    run_batch(batch, work=work, stage=FIRST)
    assert load(batch, work=work, stage=FIRST, columns=["text"]).height == 5


@pytest.mark.parametrize("share", [0, 0.5])
def test_raw_rows_that_a_power_cut_left_short_count_as_not_stored(work, batch, share):
    _cut(work / "raw" / f"{batch.key}.parquet", share)
    assert stored_rows(work).is_empty()
    assert write_raw(work, rows(5)) == batch
    assert stored_rows(work).height == 5


@pytest.mark.parametrize("name", ["raw", "shouted/k1", "marked/k2"])
def test_a_damaged_result_is_a_named_error_and_missing_from_then_on(work, batch, name):
    path = work / name / f"{batch.key}.parquet"
    content = bytearray(path.read_bytes())
    content[4:60] = bytes(56)
    path.write_bytes(content)
    with pytest.raises(WorkMissingError, match="was damaged and has been removed"):
        load(batch, work=work, stage=SECOND, columns=SHOUTED.names())
    assert not path.exists()


def test_a_draft_that_was_left_behind_is_no_result(work):
    path = work / "f.parquet"
    write_frame(path, rows(2))
    draft = path.with_name(f".{path.name}.1-1.tmp")
    shutil.copy(path, draft)
    path.unlink()
    assert not is_stored(path)
    assert stored_rows(work).is_empty()


FILL = """
import resource, sys
from pathlib import Path
import polars as pl
from pipeline.errors import OutputUnwritableError
from pipeline.store.batches import write_frame

frame = pl.DataFrame({"text": [f"{n * n} words" for n in range(10_000)]})
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
try:
    write_frame(Path(sys.argv[1]), frame)
except OutputUnwritableError as error:
    print(error)
"""


def test_a_full_disk_is_a_named_error_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "full.parquet"
    done = subprocess.run([sys.executable, "-c", FILL, path], capture_output=True, text=True)
    assert "full.parquet could not be written" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_batch_may_be_run_anywhere_that_sees_the_folder(work, batch):
    # What a pool or a cluster sends to its workers is this, and a batch.
    one = partial(run_batch, work=work, stage=FIRST)
    stage_path(work, FIRST, batch).unlink()
    assert one(batch) == 5


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"ARROW1\0\0 and nothing more ARROW1"])
def test_a_damaged_arrow_file_is_a_named_error_and_gone_from_then_on(tmp_path, content):
    path = tmp_path / "table.arrow"
    path.write_bytes(content)
    with pytest.raises(WorkMissingError, match="was damaged and has been removed"):
        read_frame(path)
    with pytest.raises(WorkMissingError, match="is gone"):
        read_frame(path)
