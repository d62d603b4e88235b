import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.errors import WorkMissingError
from pipeline.settings import DedupSettings
from pipeline.stages.fingerprint import fingerprint
from pipeline.store.batches import (
    Batch,
    Corpus,
    MapStage,
    load_live,
    read_frame,
    run_batch,
    stage_path,
    write_frame,
    write_raw,
)
from pipeline.store.clusters import cluster_corpus
from pipeline.store.finishing import Finisher, find_rows
from pipeline.store.rows import KEPT_BATCHES, RowReader

SETTINGS = DedupSettings()
ADDED = tuple(name for name in schema.JUDGED if name not in schema.RAW)
JUDGED = MapStage("judged", lambda rows: rows, schema.RAW, ADDED, key="j")
FINGERPRINTS = MapStage(
    "fingerprints",
    lambda judged: fingerprint(judged, SETTINGS),
    schema.JUDGED,
    tuple(schema.FINGERPRINTED),
    key="f",
    before=JUDGED,
)


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def store(work, docs, size=7):
    """The corpus of these documents, judged and fingerprinted, in batches of this many."""
    batches = []
    for start in range(0, len(docs), size):
        rows = [doc.judged() for doc in docs[start : start + size]]
        frame = pl.DataFrame(rows, schema=schema.JUDGED)
        batch = write_raw(work, frame.select(schema.RAW.names()))
        write_frame(stage_path(work, JUDGED, batch), frame.select(ADDED))
        run_batch(batch, work=work, stage=FINGERPRINTS)
        batches.append(batch)
    return Corpus(tuple(batches))


def finisher(work, docs, **changed):
    members = [doc.clustered() | changed.get(doc.doc_id, {}) for doc in docs if doc.valid]
    seen = [{"doc_id": doc.doc_id, "first_seen": doc.seen} for doc in docs]
    return Finisher(
        work=work,
        judged=JUDGED,
        members=pl.DataFrame(members, schema=schema.CLUSTERED).sort("doc_id"),
        arrivals=pl.DataFrame(seen, schema=schema.ARRIVALS).sort("doc_id"),
    )


def clusters_of(work, corpus):
    return cluster_corpus(corpus, work=work, fingerprints=FINGERPRINTS, settings=SETTINGS)


@given(
    st.sets(st.text("ab", max_size=3)),
    st.lists(st.text("abc", max_size=3), unique=True),
)
def test_rows_are_found_by_their_ids_as_by_a_join(table_ids, asked):
    table = pl.DataFrame({"doc_id": sorted(table_ids)}, schema={"doc_id": pl.String})
    table = table.with_columns((pl.col("doc_id") + "!").alias("value"))
    ids = pl.Series("doc_id", asked, pl.String)
    joined = ids.to_frame().join(table, on="doc_id", maintain_order="left")
    assert find_rows(table, ids).equals(joined)


def test_only_the_batches_whose_fates_changed_are_finished_anew(work, corpus):
    docs = corpus(20)
    batches = store(work, docs).batches
    first = [finisher(work, docs)(batch) for batch in batches]
    inodes = [path.stat().st_ino for path in first]
    assert [finisher(work, docs)(batch) for batch in batches] == first
    assert [path.stat().st_ino for path in first] == inodes
    moved = next(doc for doc in docs[7:14] if doc.valid and doc.copy_of is None)
    other = {moved.doc_id: {"reason": "another reason"}}
    again = [finisher(work, docs, **other)(batch) for batch in batches]
    assert [a == b for a, b in zip(again, first, strict=True)] == [True, False, True]


def test_the_history_of_a_table_does_not_finish_anything_anew(work, corpus):
    docs = corpus(20)
    batches = store(work, docs).batches
    one = finisher(work, docs)
    half = one.members.height // 2
    # The same rows in two chunks, and as views into a table that holds much more.
    members = pl.concat([one.members[:half], one.members[half:]], rechunk=False)
    more = [doc.clustered() for doc in corpus(60) if doc.valid]
    arrivals = pl.concat([one.arrivals, one.arrivals]).unique(maintain_order=True)
    wide = pl.DataFrame(more, schema=schema.CLUSTERED).unique("doc_id").sort("doc_id")
    for other in (members, wide.filter(pl.col("doc_id").is_in(members["doc_id"].implode()))):
        again = Finisher(work=work, judged=JUDGED, members=other, arrivals=arrivals)
        assert [again(batch) for batch in batches] == [one(batch) for batch in batches]


def test_finished_rows_are_all_but_the_bytes_and_without_dead_ones(work, corpus):
    docs = corpus(7)
    (batch,) = store(work, docs).batches
    worn = Batch(batch.key, batch.rows, dead=(0, 3))
    rows = read_frame(finisher(work, docs)(worn))
    assert rows["doc_id"].to_list() == [docs[n].doc_id for n in (1, 2, 4, 5, 6)]
    assert set(rows.columns) == set(schema.FINISHED) - {"raw", "row_key"}
    assert rows["raw_sha256"].null_count() == 0
    assert finisher(work, docs)(worn) != finisher(work, docs)(batch)


def test_finished_rows_that_a_power_cut_left_short_are_finished_anew(work, corpus):
    docs = corpus(7)
    (batch,) = store(work, docs).batches
    path = finisher(work, docs)(batch)
    path.write_bytes(path.read_bytes()[:100])
    assert read_frame(finisher(work, docs)(batch)).height == 7


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_any_rows_are_read_by_their_numbers_in_the_order_asked(tmp_path_factory, data):
    work = tmp_path_factory.mktemp("rows")
    frame = pl.DataFrame({name: [] for name in schema.RAW}, schema=schema.RAW)
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=2 * KEPT_BATCHES))
    batches, live = [], []
    for number, size in enumerate(sizes):
        names = [f"{number}-{n}" for n in range(size)]
        dead = data.draw(st.sets(st.integers(0, size - 1)))
        ids = pl.Series("row_key", names)
        rows = frame.clear(size).with_columns(ids)
        batch = write_raw(work, rows)
        texts = pl.DataFrame({"title": names, "text": [name * 2 for name in names]})
        write_frame(stage_path(work, TEXTS, batch), texts)
        batches.append(Batch(batch.key, size, dead=tuple(sorted(dead))))
        live += [name for n, name in enumerate(names) if n not in dead]
    asked = data.draw(st.lists(st.integers(0, len(live) - 1)) if live else st.just([]))
    read = RowReader(Corpus(tuple(batches)), work=work, stage=TEXTS)
    found = read(pl.Series(asked, dtype=pl.Int64).to_numpy())
    assert found["title"].to_list() == [live[n] for n in asked]
    assert found["text"].to_list() == [live[n] * 2 for n in asked]


TEXTS = MapStage("cleaned", lambda rows: rows, schema.RAW, ("title", "text"), key="t")


def test_clusters_do_not_depend_on_batches_and_are_found_again(work, corpus):
    docs = corpus(30)
    found = clusters_of(work, store(work, docs))
    other = clusters_of(work, store(work, docs[::-1], size=4))
    assert other.folder != found.folder
    assert found.members().equals(other.members())
    assert found.pairs().equals(other.pairs())
    inode = (found.folder / "company.arrow").stat().st_ino
    assert clusters_of(work, store(work, docs)) == found
    assert (found.folder / "company.arrow").stat().st_ino == inode


@pytest.mark.parametrize("name", ["ids.arrow", "company.arrow", "pairs.arrow", "counts.json"])
@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_clusters_that_are_not_complete_are_computed_anew(work, corpus, name, content):
    stored = store(work, corpus(12))
    found = clusters_of(work, stored)
    members = found.members()
    path = found.folder / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    again = clusters_of(work, stored)
    # What was measured is remembered apart from the clusters, so it need not be measured again.
    assert (again.folder, again.candidates, again.verified) == (
        found.folder,
        found.candidates,
        found.verified,
    )
    assert again.members().equals(members)


def test_clusters_that_are_gone_are_a_named_error(work, corpus):
    found = clusters_of(work, store(work, corpus(12)))
    (found.folder / "pairs.arrow").unlink()
    with pytest.raises(WorkMissingError, match="is gone"):
        found.pairs()


def test_dead_rows_take_no_part_in_clusters(work, corpus):
    docs = corpus(12)
    whole = store(work, docs, size=12)
    worn = Corpus((Batch(whole.batches[0].key, 12, dead=(0,)),))
    ids = load_live(worn.batches[0], work=work, stage=JUDGED, columns=["doc_id"])["doc_id"]
    members = clusters_of(work, worn).members()["doc_id"]
    assert docs[0].doc_id not in members
    assert set(members) <= set(ids)
