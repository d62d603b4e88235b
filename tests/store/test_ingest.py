import gzip
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputMissingError, InputShrunkError
from pipeline.settings import IngestSettings
from pipeline.store.arrivals import read_arrivals
from pipeline.store.batches import Corpus, load_live
from pipeline.store.ingest import guard_shrink, ingest
from pipeline.store.shelf import Shelf

# Late enough for every file of a test to be settled, whenever the test runs.
LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def run(folder, *, out="out", documents=1_000, size=10**9, now=LATER, **changed):
    output = folder.parent / out
    return ingest(
        str(folder),
        work=output / "work",
        arrivals_path=output / "arrivals.parquet",
        settings=IngestSettings(**changed),
        batch_documents=documents,
        batch_bytes=size,
        now=now,
    )


def rows_of(folder, ingested, *columns, out="out"):
    work = folder.parent / out / "work"
    columns = columns or ("doc_id", "row_key")
    frames = [
        load_live(batch, work=work, stage=None, columns=columns)
        for batch in ingested.corpus.batches
    ]
    return sorted(pl.concat(frames).rows()) if frames else []


def raws_of(folder, ingested, **where):
    return [raw for (raw,) in rows_of(folder, ingested, "raw", **where)]


def stored_batches(folder):
    return sorted(path.name for path in (folder.parent / "out/work/raw").glob("*.parquet"))


def write_lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def texts(*names):
    return [{"text": name} for name in names]


def test_a_folder_becomes_batches_and_arrivals(folder):
    (folder / "a.txt").write_bytes(b"one")
    write_lines(folder / "b.jsonl", *texts("two", "three"))
    (folder / "c.md").write_bytes(b"x")
    done = run(folder)
    assert (done.files, done.documents, done.errors, done.ignored) == (2, 3, 0, ("c.md",))
    assert raws_of(folder, done) == [b"one", b"three", b"two"]
    arrivals = read_arrivals(folder.parent / "out/arrivals.parquet")
    assert arrivals["doc_id"].to_list() == [doc_id for doc_id, _ in rows_of(folder, done)]
    assert arrivals["first_seen"].unique().to_list() == [LATER]


def test_a_second_run_reads_and_writes_nothing(folder):
    write_lines(folder / "a.jsonl", *texts("one", "two"))
    (folder / "empty.jsonl").write_bytes(b"")
    first = run(folder)
    before = stored_batches(folder)
    again = run(folder)
    assert (first.files_read, again.files_read) == (2, 0)
    assert again.corpus == first.corpus
    assert stored_batches(folder) == before


def test_a_file_that_changed_just_now_is_read_again(folder):
    (folder / "a.txt").write_bytes(b"one")
    run(folder, now=datetime.now(UTC))
    assert run(folder).files_read == 1
    assert run(folder).files_read == 0


def test_other_settings_read_every_file_again(folder):
    write_lines(folder / "a.jsonl", {"text": "one", "body": "two"})
    run(folder)
    done = run(folder, text="body")
    assert done.files_read == 1
    assert raws_of(folder, done) == [b"two"]


def test_one_changed_file_is_read_and_only_its_new_rows_are_written(folder):
    for name in ("a", "b", "c"):
        write_lines(folder / f"{name}.jsonl", *texts(*(f"{name}{n}" for n in range(10))))
    first = run(folder)
    write_lines(folder / "b.jsonl", *texts(*(f"b{n}" for n in range(9)), "new"))
    done = run(folder)
    assert done.files_read == 1
    assert [batch.rows - len(batch.dead) for batch in done.corpus.batches] == [29, 1]
    assert done.corpus.batches[0].key == first.corpus.batches[0].key
    assert raws_of(folder, done, out="out") == raws_of(folder, run(folder, out="anew"), out="anew")


def test_documents_of_a_removed_file_leave_and_come_back(folder):
    for name in ("a", "b"):
        write_lines(folder / f"{name}.jsonl", *texts(f"{name}1", f"{name}2"))
    first = run(folder)
    (folder / "b.jsonl").unlink()
    second = run(folder)
    assert raws_of(folder, second) == [b"a1", b"a2"]
    assert second.corpus.batches[0].dead == (2, 3)
    write_lines(folder / "b.jsonl", *texts("b1", "b2"))
    before = stored_batches(folder)
    third = run(folder)
    assert third.corpus == first.corpus
    assert stored_batches(folder) == before


def test_a_batch_that_is_mostly_dead_is_left_behind_for_good(folder):
    for n in range(10):
        (folder / f"{n}.txt").write_text(f"text {n}")
    first = run(folder)
    for n in range(6):
        (folder / f"{n}.txt").unlink()
    second = run(folder)
    (batch,) = second.corpus.batches
    assert (batch.rows, batch.dead) == (4, ())
    assert batch.key != first.corpus.batches[0].key
    assert run(folder).corpus == second.corpus


def test_rows_whose_batches_were_deleted_are_read_again(folder):
    for name in ("a", "b"):
        write_lines(folder / f"{name}.jsonl", {"id": "x", "text": "same", "title": name})
    done = run(folder, documents=1)
    for path in (folder.parent / "out/work/raw").glob("*.parquet"):
        path.unlink()
    again = run(folder, documents=1)
    assert again.files_read == 2
    assert rows_of(folder, again) == rows_of(folder, done)


def test_a_spoilt_memory_of_files_only_costs_reading_them(folder):
    (folder / "a.txt").write_bytes(b"one")
    done = run(folder)
    (folder.parent / "out/work/inputs/seen.parquet").write_bytes(b"spoilt")
    again = run(folder)
    assert (again.files_read, again.corpus) == (1, done.corpus)


def test_batches_keep_to_their_bounds(folder):
    write_lines(folder / "a.jsonl", *texts(*("x" * (50 * n) for n in range(30))))
    done = run(folder, documents=7)
    assert [batch.rows for batch in done.corpus.batches] == [7, 7, 7, 7, 2]
    bounded = run(folder, out="small", size=4_000)
    for batch in bounded.corpus.batches:
        frame = pl.read_parquet(folder.parent / f"small/work/raw/{batch.key}.parquet")
        assert frame.height == 1 or sum(map(len, frame["raw"])) <= 4_000
    assert len(bounded.corpus.batches) > 3


def test_duplicate_ids_with_other_texts_are_documents_of_their_own(folder):
    rows = [{"id": "7", "text": "one"}, {"id": "7", "text": "two"}]
    write_lines(folder / "a.jsonl", *rows)
    done = run(folder)
    assert rows_of(folder, done, "source_id", "raw") == [("7", b"one"), ("7", b"two")]
    assert len({doc_id for doc_id, _ in rows_of(folder, done)}) == 2


def test_identical_records_are_as_many_documents(folder):
    write_lines(folder / "a.jsonl", *[{"id": "7", "text": "one"}] * 2_500)
    write_lines(folder / "b.jsonl", {"id": "7", "text": "one", "title": "other"})
    done = run(folder)
    assert done.documents == 2_501
    assert len({doc_id for doc_id, _ in rows_of(folder, done)}) == 2_501
    assert set(raws_of(folder, done)) == {b"one"}
    again = run(folder)
    assert (again.files_read, again.corpus) == (0, done.corpus)


def test_which_repeat_is_the_first_does_not_depend_on_history(folder):
    for name in ("a", "b", "c"):
        write_lines(folder / f"{name}.jsonl", {"id": "7", "text": "one", "title": name})
    run(folder)
    (folder / "a.jsonl").unlink()
    assert rows_of(folder, run(folder)) == rows_of(folder, run(folder, out="x"), out="x")
    write_lines(folder / "a.jsonl", {"id": "7", "text": "one", "title": "back"})
    done = run(folder)
    assert done.files_read == 1
    assert rows_of(folder, done) == rows_of(folder, run(folder, out="y"), out="y")


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    files=st.dictionaries(
        st.sampled_from(["a", "b", "c/d", "e"]),
        st.lists(
            st.fixed_dictionaries(
                {"text": st.sampled_from("xyz")}, optional={"id": st.sampled_from("12")}
            )
        ),
        min_size=1,
    ),
    documents=st.integers(1, 5),
    size=st.integers(1, 500),
)
def test_batch_sizes_do_not_change_the_rows(tmp_path_factory, files, documents, size):
    folder = tmp_path_factory.mktemp("sizes") / "in"
    folder.mkdir()
    (folder / "last.txt").write_text("last")
    for name, rows in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_lines(folder / f"{name}.jsonl", *rows)
    one = run(folder)
    many = run(folder, out="many", documents=documents, size=size)
    assert rows_of(folder, one) == rows_of(folder, many, out="many")
    assert one.documents == 1 + sum(map(len, files.values()))


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    nights=st.lists(
        st.dictionaries(
            st.sampled_from("abcd"),
            st.lists(
                st.tuples(st.sampled_from("12"), st.sampled_from("xy"), st.sampled_from("st")),
                max_size=6,
            ),
        ),
        min_size=2,
        max_size=4,
    )
)
def test_nights_of_changes_end_where_a_fresh_start_does(tmp_path_factory, nights):
    folder = tmp_path_factory.mktemp("nights") / "in"
    folder.mkdir()
    (folder / "last.txt").write_text("last")
    before = {}
    for night in nights:
        for name in before.keys() - night.keys():
            (folder / f"{name}.jsonl").unlink()
        for name, rows in night.items():
            if rows != before.get(name):
                lines = [{"id": i, "text": text, "title": title} for i, text, title in rows]
                write_lines(folder / f"{name}.jsonl", *lines)
        before = night
        done = run(folder, documents=4)
    anew = run(folder, out="anew", documents=4)
    assert rows_of(folder, done) == rows_of(folder, anew, out="anew")
    assert done.errors == 0


def test_a_run_that_was_cut_short_does_not_write_its_batches_again(folder):
    write_lines(folder / "a.jsonl", *texts(*map(str, range(10))))
    done = run(folder, documents=3)
    (folder.parent / "out/work/inputs/seen.parquet").unlink()
    (folder.parent / f"out/work/raw/{done.corpus.batches[1].key}.parquet").unlink()
    again = run(folder, documents=3)
    assert rows_of(folder, again) == rows_of(folder, done)
    assert again.corpus == done.corpus


def test_a_folder_of_only_bad_files_is_ingested_as_rows_that_say_why(folder):
    (folder / "a.jsonl").write_bytes(b"{\n[]\n")
    (folder / "b.csv").write_bytes(b"body\nx\n")
    (folder / "c.parquet").write_bytes(b"no")
    (folder / "d.txt").symlink_to("gone")
    (folder / "e.txt.gz").write_bytes(gzip.compress(b"x" * 100)[:-9])
    done = run(folder)
    assert (done.documents, done.errors) == (6, 6)
    assert rows_of(folder, done, "source_id", "input_error") == [
        ("a.jsonl#1", "broken_record"),
        ("a.jsonl#2", "broken_record"),
        ("b.csv", "missing_text_column"),
        ("c.parquet", "unreadable_file"),
        ("d.txt", "unreadable_file"),
        ("e.txt.gz", "truncated_file"),
    ]


def test_a_file_that_could_not_be_opened_is_tried_again(folder):
    (folder / "a.txt").symlink_to("../there.txt")
    assert run(folder).errors == 1
    (folder.parent / "there.txt").write_bytes(b"one")
    done = run(folder)
    assert (done.documents, done.errors) == (1, 0)


def test_the_same_bytes_at_two_places_are_two_documents(folder):
    (folder / "a.txt").write_bytes(b"one")
    (folder / "b.txt").write_bytes(b"one")
    assert run(folder).documents == 2


def test_no_row_knows_where_the_input_lies(folder, tmp_path):
    (folder / "a.txt").write_bytes(b"one")
    (folder / "b.txt").symlink_to("gone")
    here = rows_of(folder, run(folder))
    folder.rename(tmp_path / "elsewhere")
    assert rows_of(tmp_path / "elsewhere", run(tmp_path / "elsewhere", out="x"), out="x") == here


def test_an_input_without_any_record_is_missing(folder):
    (folder / "a.jsonl").write_bytes(b"\n")
    with pytest.raises(InputMissingError, match="1 readable files, and not one record"):
        run(folder)


def test_a_shelf_gives_every_row_once_even_if_it_is_stored_twice(folder):
    (folder / "a.txt").write_bytes(b"one")
    (folder / "b.txt").write_bytes(b"two")
    done = run(folder)
    work = folder.parent / "out/work"
    shelf = Shelf(work, batch_documents=1, batch_bytes=10**9)
    keys = shelf.stored["row_key"]
    copies = shelf.stored.with_columns(pl.lit("0").alias("doc_id"))
    shelf.copy(copies)
    assert len(stored_batches(folder)) == 3
    assert shelf.live(keys) == done.corpus
    assert shelf.live(pl.Series([], dtype=pl.String)) == Corpus(())


@pytest.mark.parametrize(("previous", "now"), [(None, 0), (0, 0), (10, 5), (10, 100), (1, 1)])
def test_half_of_the_documents_may_leave(previous, now):
    guard_shrink(previous, now, allow=False)


def test_an_input_that_lost_more_than_half_stops_the_run():
    with pytest.raises(
        InputShrunkError, match=r"holds 4 documents; the last run had 10\. Expected"
    ):
        guard_shrink(10, 4, allow=False)
    guard_shrink(10, 4, allow=True)
