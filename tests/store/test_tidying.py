import os

import polars as pl
import pytest

from pipeline import schema
from pipeline.store.batches import Batch, Corpus, MapStage, stage_path, write_frame
from pipeline.store.tidying import KEPT_KEYS, mark_used, tidy
from pipeline.store.workspace import Workspace

ROWS = pl.DataFrame({"n": [1]})


def stages(first="a1", second="b1"):
    before = MapStage("cleaned", lambda rows: rows, schema.RAW, ("n",), key=first)
    return MapStage("judged", lambda rows: rows, schema.RAW, ("n",), key=second, before=before)


def corpus(*names):
    return Corpus(tuple(Batch(name, 1) for name in names))


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def fill(work, names, last):
    """What a run over these batches leaves behind, used one after the other."""
    for name in names:
        write_frame(work / "raw" / f"{name}.parquet", ROWS)
        for stage in (last.before, last):
            write_frame(stage_path(work, stage, Batch(name, 1)), ROWS)


def age(path, hours):
    os.utime(path, (1e9 - 3600 * hours,) * 2)


def found(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))


def test_batches_that_left_the_corpus_go_with_all_their_results(work):
    last = stages()
    fill(work, ["x", "y"], last)
    tidy(Workspace(work.parent), corpus("y"), last=last)
    assert found(work) == ["cleaned/a1/y.parquet", "judged/b1/y.parquet", "raw/y.parquet"]


def test_results_under_the_settings_used_last_stay_and_older_ones_go(work):
    for hours, key in enumerate(["b1", "b4", "b2", "b3"]):
        fill(work, ["x", "y"], stages(second=key))
        age(work / "judged" / key, hours)
    tidy(Workspace(work.parent), corpus("x"), last=stages(second="b1"))
    assert KEPT_KEYS == 2
    assert found(work / "judged") == ["b1/x.parquet", "b4/x.parquet"]
    assert found(work / "cleaned") == ["a1/x.parquet"]


def test_the_settings_of_this_run_stay_however_long_ago_they_were_computed(work):
    for hours, key in enumerate(["b1", "b2", "b3"]):
        fill(work, ["x"], stages(second=key))
        age(work / "judged" / key, hours)
    tidy(Workspace(work.parent), corpus("x"), last=stages(second="b3"))
    assert found(work / "judged") == ["b1/x.parquet", "b3/x.parquet"]
    tidy(Workspace(work.parent), corpus("x"), last=stages(second="b1"))
    assert found(work / "judged") == ["b1/x.parquet", "b3/x.parquet"]


def test_of_each_live_batch_the_finished_rows_used_last_stay(work):
    fill(work, ["x", "y"], stages())
    for hours, name in enumerate(["x-1", "x-2", "gone-1", "y-2", "y-1"]):
        write_frame(work / "finished" / f"{name}.parquet", ROWS)
        age(work / "finished" / f"{name}.parquet", hours)
    mark_used(work / "finished" / "y-1.parquet")
    tidy(Workspace(work.parent), corpus("x", "y"), last=stages())
    assert found(work / "finished") == ["x-1.parquet", "y-1.parquet"]


def test_the_clusters_used_last_stay(work):
    fill(work, ["x"], stages())
    for hours, key in enumerate(["k1", "k2", "k3"]):
        write_frame(work / "clusters" / key / "members.parquet", ROWS)
        age(work / "clusters" / key, hours)
    mark_used(work / "clusters" / "k3")
    tidy(Workspace(work.parent), corpus("x"), last=stages())
    assert found(work / "clusters") == ["k1/members.parquet", "k3/members.parquet"]


def test_drafts_of_a_run_that_was_killed_go(work):
    fill(work, ["x"], stages())
    (work.parent / "corpus").mkdir()
    drafts = [work / "raw" / ".x.parquet.1-1.tmp", work / "judged" / "b1" / ".x.parquet.7-7.tmp"]
    drafts += [work.parent / ".arrivals.parquet.1-1.tmp", work.parent / "corpus" / ".l.json.7.tmp"]
    for draft in drafts:
        draft.write_bytes(b"PAR1")
    tidy(Workspace(work.parent), corpus("x"), last=stages())
    assert not any(draft.exists() for draft in drafts)


def test_what_ingest_remembers_of_the_input_stays(work):
    fill(work, ["x"], stages())
    write_frame(work / "inputs" / "seen.parquet", ROWS)
    tidy(Workspace(work.parent), corpus("x"), last=stages())
    assert found(work / "inputs") == ["seen.parquet"]


def test_tidying_twice_is_tidying_once(work):
    fill(work, ["x", "y"], stages())
    tidy(Workspace(work.parent), corpus("x"), last=stages())
    once = found(work)
    tidy(Workspace(work.parent), corpus("x"), last=stages())
    assert found(work) == once


def test_of_learned_lines_and_what_they_dropped_those_used_last_stay(work):
    last = stages()
    fill(work, ["x"], last)
    for step in ("learned", "settled"):
        for hours, key in ((1, "k1"), (2, "k2"), (3, "k3")):
            write_frame(work / step / f"{key}.parquet", ROWS)
            age(work / step / f"{key}.parquet", hours)
    tidy(Workspace(work.parent), corpus("x"), last=last)
    for step in ("learned", "settled"):
        assert found(work / step) == ["k1.parquet", "k2.parquet"]


def test_of_each_live_batch_the_rows_cut_last_stay(work):
    last = stages()
    fill(work, ["x"], last)
    for hours, name in ((1, "x-a"), (2, "x-b"), (1, "y-a")):
        write_frame(work / "cut" / f"{name}.parquet", ROWS)
        age(work / "cut" / f"{name}.parquet", hours)
    tidy(Workspace(work.parent), corpus("x"), last=last)
    assert found(work / "cut") == ["x-a.parquet"]


def test_a_stage_that_branches_off_is_kept_like_the_others(work):
    last = stages()
    beside = MapStage("edges", lambda rows: rows, schema.RAW, ("n",), key="e1", before=last.before)
    fill(work, ["x", "y"], last)
    for name in ("x", "y"):
        write_frame(stage_path(work, beside, Batch(name, 1)), ROWS)
    tidy(Workspace(work.parent), corpus("y"), last=last, beside=[beside])
    assert found(work / "edges") == ["e1/y.parquet"]
