import csv
import gzip
import hashlib
import io
import json
from datetime import UTC, date, datetime

import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.settings import IngestSettings
from pipeline.store.formats import read_records
from pipeline.store.records import Record, raw_frame, repeated
from pipeline.store.sources import find_inputs

PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(st.fixed_dictionaries({"text": TEXTS, "title": TEXTS}), max_size=20)
A_ROW = {
    "id": "a-1",
    "url": "https://www.example.org/a",
    "title": "Rain",
    "published_at": "2024-05-01T10:00:00Z",
    "language": "en",
    "text": "It rained.\nIt rained on.",
}


def as_jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows):
    out = io.StringIO(newline="")
    names = dict.fromkeys(name for row in rows for name in row) or ["text"]
    writer = csv.DictWriter(out, list(names), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows):
    out = io.BytesIO()
    names = dict.fromkeys(name for row in rows for name in row) or ["text"]
    columns = {name: [row.get(name) for row in rows] for name in names}
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


WRITE = {"jsonl": as_jsonl, "csv": as_csv, "parquet": as_parquet}


def records_of(path, content, **changed):
    path.write_bytes(content)
    inputs = find_inputs(str(path))
    return list(read_records(inputs.filesystem, inputs.files[0], IngestSettings(**changed)))


def frame_of(path, content, **changed):
    return raw_frame([(path.name, record) for record in records_of(path, content, **changed)])


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("kind", WRITE)
def test_every_format_gives_the_same_row_for_the_same_record(tmp_path, kind, packing):
    frame = frame_of(tmp_path / f"x.{kind}{packing}", PACK[packing](WRITE[kind]([A_ROW])))
    assert frame.drop("doc_id", "row_key").row(0, named=True) == {
        "source_id": "a-1",
        "source": "example.org",
        "url": "https://www.example.org/a",
        "title": "Rain",
        "published_at": datetime(2024, 5, 1, 10, tzinfo=UTC),
        "declared_language": "en",
        "raw": b"It rained.\nIt rained on.",
        "raw_sha256": hashlib.sha256(b"It rained.\nIt rained on.").hexdigest(),
        "input_error": None,
        "input_detail": None,
    }
    assert frame.schema == schema.RAW
    assert frame["doc_id"].item() == "c4a5fb018ffa90d5686828100636bd8d"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, packing=st.sampled_from(list(PACK)), kind=st.sampled_from(list(WRITE)))
def test_any_texts_come_back_from_any_format(tmp_path, rows, packing, kind):
    found = records_of(tmp_path / f"x.{kind}{packing}", PACK[packing](WRITE[kind](rows)))
    assert [record.raw for record in found] == [row["text"].encode() for row in rows]
    assert [record.fields.title for record in found] == [
        row["title"] if row["title"].strip() else None for row in rows
    ]
    assert [record.number for record in found] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("content", [b"", b"one\r\ntwo", b"\xff\xfe\x00\x00\x80", b"\xef\xbb\xbfx"])
def test_a_text_file_is_one_document_byte_for_byte(tmp_path, content, packing):
    (record,) = records_of(tmp_path / f"x.txt{packing}", PACK[packing](content))
    assert record == Record(0, content)


def test_a_record_is_known_by_its_id_else_its_url_else_its_place(tmp_path):
    rows = [{"id": 7, "url": "u", "text": "a"}, {"url": "u", "text": "b"}, {"text": "c"}]
    frame = frame_of(tmp_path / "x.jsonl", as_jsonl(rows))
    assert frame["source_id"].to_list() == ["7", "u", "x.jsonl#3"]
    assert frame_of(tmp_path / "y.txt", b"a")["source_id"].to_list() == ["y.txt"]


def test_blank_lines_are_no_records(tmp_path):
    content = b'\n{"text": "a"}\r\n \t\r\n{"text": "b"}'
    frame = frame_of(tmp_path / "x.jsonl", content)
    assert frame["source_id"].to_list() == ["x.jsonl#1", "x.jsonl#2"]
    assert [r.raw for r in records_of(tmp_path / "x.csv", b"\ntext\n\na\n\n")] == [b"a"]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_byte_order_mark_at_the_start_is_no_part_of_the_first_record(tmp_path, kind):
    content = b"\xef\xbb\xbf" + WRITE[kind]([{"text": "a"}])
    assert [r.raw for r in records_of(tmp_path / f"x.{kind}", content)] == [b"a"]


def test_nul_bytes_pass_through(tmp_path):
    for kind, write in WRITE.items():
        found = records_of(tmp_path / f"x.{kind}", write([{"text": "a\0b"}]))
        assert [(r.raw, r.error) for r in found] == [(b"a\0b", None)]


def test_of_two_columns_with_one_name_the_first_counts(tmp_path):
    (record,) = records_of(tmp_path / "x.csv", b"text,text\na,b\n")
    assert record.raw == b"a"
    twice = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(twice, tmp_path / "x.parquet")
    (record,) = records_of(tmp_path / "x.parquet", (tmp_path / "x.parquet").read_bytes())
    assert record.raw == b"a"


def test_other_columns_may_be_mapped(tmp_path):
    (record,) = records_of(tmp_path / "x.csv", b"body,text\na,b\n", text="body")
    assert record.raw == b"a"


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["é"], pa.large_string()),
        pa.array(["é"], pa.string_view()),
        pa.array(["é"]).dictionary_encode(),
        pa.array(["é".encode()]),
        pa.array(["é".encode()], pa.large_binary()),
    ],
    ids=lambda column: str(column.type),
)
def test_texts_of_every_parquet_type_are_read(tmp_path, column):
    pq.write_table(pa.table({"text": column}), tmp_path / "x.parquet")
    (record,) = records_of(tmp_path / "x.parquet", (tmp_path / "x.parquet").read_bytes())
    assert (record.raw, record.error) == ("é".encode(), None)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([datetime(2024, 5, 1, tzinfo=UTC)], pa.timestamp("ns", "Europe/Kyiv")),
        pa.array([datetime(2024, 5, 1, tzinfo=UTC)], pa.timestamp("s")),
        pa.array([date(2024, 5, 1)]),
        pa.array(["2024-05-01"]),
    ],
    ids=lambda column: str(column.type),
)
def test_times_of_every_parquet_type_are_read(tmp_path, column):
    table = pa.table({"text": ["a"], "published_at": column})
    pq.write_table(table, tmp_path / "x.parquet")
    frame = frame_of(tmp_path / "x.parquet", (tmp_path / "x.parquet").read_bytes())
    assert frame["published_at"].to_list() == [datetime(2024, 5, 1, tzinfo=UTC)]


def test_a_parquet_file_of_polars_is_read(tmp_path):
    pl.DataFrame({"text": ["a", None], "id": [1, 2]}).write_parquet(tmp_path / "x.parquet")
    found = records_of(tmp_path / "x.parquet", (tmp_path / "x.parquet").read_bytes())
    assert [(r.raw, r.error, r.fields.id) for r in found] == [
        (b"a", None, "1"),
        (None, "null_text", "2"),
    ]


def test_remote_files_give_the_rows_of_local_ones(tmp_path):
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe("/in/x.jsonl.gz", gzip.compress(as_jsonl([A_ROW])))
    inputs = find_inputs("memory://in")
    remote = list(read_records(inputs.filesystem, inputs.files[0], IngestSettings()))
    filesystem.store.clear()
    assert remote == records_of(tmp_path / "x.jsonl", as_jsonl([A_ROW]))


def test_an_id_hangs_on_source_id_and_bytes_alone():
    first = raw_frame([("a.txt", Record(0, b"x"))])
    assert first.row(0) == raw_frame([("a.txt", Record(0, b"x"))]).row(0)
    others = raw_frame(
        [("a.txt", Record(0, b"y")), ("a.tx", Record(0, b"tx")), ("b", Record(0, b""))]
    )
    ids = [*first["doc_id"], *others["doc_id"]]
    assert len(set(ids)) == 4
    assert all(len(bytes.fromhex(doc_id)) == 16 for doc_id in ids)


def test_a_changed_field_changes_the_row_and_not_the_document(tmp_path):
    before = frame_of(tmp_path / "x.jsonl", as_jsonl([A_ROW]))
    after = frame_of(tmp_path / "x.jsonl", as_jsonl([{**A_ROW, "title": "Snow"}]))
    assert before["doc_id"].item() == after["doc_id"].item()
    assert before["row_key"].item() != after["row_key"].item()


def test_an_absent_field_is_another_row_than_any_value_it_could_have(tmp_path):
    rows = [{"id": "1", "text": "a"}, {"id": "1", "text": "a", "title": "="}]
    assert frame_of(tmp_path / "x.jsonl", as_jsonl(rows))["row_key"].n_unique() == 2


def test_the_first_occurrence_keeps_its_id():
    assert repeated("00", 0) == "00"
    assert len({repeated("00", n) for n in range(5)}) == 5
