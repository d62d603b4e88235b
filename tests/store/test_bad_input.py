import gzip
import io
import json
import os
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.settings import IngestSettings
from pipeline.store.formats import read_records
from pipeline.store.records import raw_frame
from pipeline.store.sources import find_inputs


def read(path, **changed):
    inputs = find_inputs(str(path))
    return list(read_records(inputs.filesystem, inputs.files[0], IngestSettings(**changed)))


def write(path, content):
    path.write_bytes(content)
    return path


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def told(records):
    """Text or error of each record."""
    return [record.error or record.raw.decode() for record in records]


def test_a_fifo_is_an_unreadable_file_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "x.txt")
    (record,) = read(tmp_path)
    assert (record.error, record.detail) == ("unreadable_file", "not a regular file")


def test_a_link_that_leads_nowhere_is_an_unreadable_file(tmp_path):
    (tmp_path / "x.jsonl").symlink_to("gone")
    (record,) = read(tmp_path)
    assert (record.error, record.detail) == ("unreadable_file", "No such file or directory")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_a_file_that_fails_on_reading_is_an_unreadable_file(tmp_path):
    (tmp_path / "x.csv").symlink_to("/proc/self/mem")
    (record,) = read(tmp_path)
    assert record.error == "unreadable_file"


def test_a_file_that_went_away_after_listing_is_an_unreadable_file(tmp_path):
    inputs = find_inputs(str(write(tmp_path / "x.txt", b"a")))
    (tmp_path / "x.txt").unlink()
    (record,) = read_records(inputs.filesystem, inputs.files[0], IngestSettings())
    assert record.error == "unreadable_file"
    assert str(tmp_path) not in record.detail


def test_a_malformed_json_line_in_mid_file_costs_that_line_alone(tmp_path):
    path = write(tmp_path / "x.jsonl", b'{"text": "a"}\n{"text": "b\r\n{"text": "c"}\n')
    records = read(path)
    assert told(records) == ["a", "broken_record", "c"]
    assert records[1].raw == b'{"text": "b'
    assert records[1].detail.startswith("line 2: Unterminated string")
    assert raw_frame([("x.jsonl", r) for r in records])["source_id"].to_list() == [
        "x.jsonl#1",
        "x.jsonl#2",
        "x.jsonl#3",
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'["text"]', "JSON, but not an object"),
        (b'{"text": "\xe9t\xe9"}', "not UTF-8 at byte 10"),
        (b'{"text": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"text": 1' + b"0" * 5_000 + b"}", "a number of too many digits"),
        (b'{"text": "a"} x', "Extra data"),
    ],
)
def test_a_line_that_is_no_record_says_why_and_keeps_its_bytes(tmp_path, line, why):
    (broken, good) = read(write(tmp_path / "x.jsonl", line + b'\n{"text": "a"}'))
    assert broken.error == "broken_record"
    assert f"line 1: {why}" in broken.detail
    assert broken.raw == line
    assert good.raw == b"a"


def test_a_truncated_gzip_keeps_its_readable_records(tmp_path):
    rows = [json.dumps({"text": f"text number {n} " + os.urandom(20).hex()}) for n in range(9_000)]
    packed = gzip.compress("\n".join(rows).encode())
    *good, broken = read(write(tmp_path / "x.jsonl.gz", packed[: len(packed) // 2]))
    assert [json.dumps({"text": r.raw.decode()}) for r in good] == rows[: len(good)]
    assert len(good) > 3_000
    assert broken.error == "truncated_file"
    assert rows[len(good)].encode().startswith(broken.raw)


def test_a_truncated_gzip_with_a_whole_last_record_keeps_that_too(tmp_path):
    packed = gzip.compress(b'{"text": "a"}\n{"text": "b"}')
    records = read(write(tmp_path / "x.jsonl.gz", packed[:-6]))
    assert told(records) == ["a", "b", "truncated_file"]
    assert records[-1].raw is None


def test_a_truncated_packed_text_keeps_its_bytes(tmp_path):
    packed = gzip.compress(os.urandom(200_000))
    (record,) = read(write(tmp_path / "x.txt.gz", packed[:150_000]))
    assert record.error == "truncated_file"
    assert len(record.raw) > 100_000


def test_a_truncated_packed_csv_loses_one_row(tmp_path):
    body = b"".join(
        b'%d,"a text\nof %s"\n' % (n, os.urandom(20).hex().encode()) for n in range(9_000)
    )
    packed = gzip.compress(b"id,text\n" + body)
    *good, broken = read(write(tmp_path / "x.csv.gz", packed[: len(packed) // 2]))
    assert {r.error for r in good} == {None}
    assert len(good) > 3_000
    assert broken.error == "truncated_file"
    assert body.split(b'"\n')[len(good)].startswith(broken.raw.removesuffix(b'"'))


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.parquet.gz"])
def test_a_file_without_the_text_column_is_one_row(tmp_path, name):
    table = pa.table({"body": ["a", "b"]})
    out = io.BytesIO()
    pq.write_table(table, out)
    content = {"x.csv": b"body\na\nb\n", "x.parquet": out.getvalue()}
    content["x.parquet.gz"] = gzip.compress(out.getvalue())
    (record,) = read(write(tmp_path / name, content[name]))
    assert (record.error, record.number) == ("missing_text_column", 0)
    assert record.detail == "no column 'text' among 'body'"


def test_a_csv_in_utf16_has_no_text_column(tmp_path):
    (record,) = read(write(tmp_path / "x.csv", "text\nä\n".encode("utf-16")))
    assert record.error == "missing_text_column"
    assert raw_frame([("x.csv", record)])["input_detail"].item()


def test_null_and_non_string_texts_are_told_apart(tmp_path):
    values = [None, 7, ["a", "é"], {"a": 1}, True, ""]
    lines = [json.dumps({"text": value}) for value in values] + ['{"body": "a"}']
    records = read(write(tmp_path / "x.jsonl", "\n".join(lines).encode()))
    assert [r.error for r in records] == [
        "null_text",
        *["text_not_a_string"] * 4,
        None,
        "null_text",
    ]
    assert [r.raw for r in records] == [
        None,
        b"7",
        '["a", "é"]'.encode(),
        b'{"a": 1}',
        b"true",
        b"",
        None,
    ]
    assert records[-1].detail == "no field 'text'"


def test_null_and_non_string_texts_in_parquet_are_told_apart(tmp_path):
    numbers = read(parquet(tmp_path / "x.parquet", text=[1, None]))
    assert [(r.raw, r.error) for r in numbers] == [(b"1", "text_not_a_string"), (None, "null_text")]
    (lists,) = read(parquet(tmp_path / "y.parquet", text=[[b"\xff"]]))
    assert lists.error == "text_not_a_string"


def test_lone_surrogates_are_kept_and_refused(tmp_path):
    path = write(
        tmp_path / "x.jsonl", b'{"text": "a\\ud800b", "id": "\\udfff", "title": "\\ud83d\\ude00"}'
    )
    (record,) = read(path)
    assert record.error == "lone_surrogate"
    assert record.raw == "a\ud800b".encode("utf-8", "surrogatepass")
    frame = raw_frame([("x.jsonl", record)])
    assert frame["source_id"].item() == "\\udfff"
    assert frame["title"].item() == "😀"


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv"])
def test_a_single_line_of_50_mb_is_one_row_in_bounded_memory(tmp_path, name):
    start, end = {"x.jsonl": (b'{"text": "', b'"}'), "x.csv": (b"text\n", b"")}[name]
    path = tmp_path / name
    path.write_bytes(
        start + b"x" * 50_000_000 + end + b"\n" + start.replace(b"text\n", b"") + b"a" + end
    )
    tracemalloc.start()
    records = read(path, max_document_bytes=1_000_000, max_line_bytes=4_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(records) == ["line_too_long", "a"]
    assert "bytes, at most 4,000,000" in records[0].detail
    assert peak < 30_000_000


def test_a_line_of_50_mb_is_too_long_by_default(tmp_path):
    (record,) = read(write(tmp_path / "x.jsonl", b'{"text": "' + b"x" * 50_000_000 + b'"}'))
    assert (record.error, record.raw) == ("line_too_long", None)


@pytest.mark.parametrize("name", ["x.txt", "x.jsonl", "x.csv", "x.parquet"])
def test_a_document_beyond_the_bound_is_refused_and_its_neighbours_are_not(tmp_path, name):
    long = "x" * 5_000
    content = {
        "x.txt": long.encode(),
        "x.jsonl": b'{"text": "%s"}\n{"text": "a"}' % long.encode(),
        "x.csv": b"text\n%s\na" % long.encode(),
    }
    if name in content:
        write(tmp_path / name, content[name])
    else:
        parquet(tmp_path / name, text=[long, "a"])
    large, *others = read(tmp_path / name, max_document_bytes=1_000)
    assert (large.error, large.raw) == ("document_too_large", None)
    assert "at most 1,000" in large.detail
    assert told(others) == ([] if name == "x.txt" else ["a"])


def test_a_file_beyond_the_bound_is_read_up_to_it(tmp_path):
    lines = b'{"text": "abcdefghij"}\n' * 200_000
    path = write(tmp_path / "x.jsonl.gz", gzip.compress(lines))
    *good, broken = read(path, max_file_bytes=1_000_000)
    assert {r.raw for r in good} == {b"abcdefghij"}
    assert broken.error == "file_too_large"


def test_ragged_rows_are_broken_records(tmp_path):
    records = read(write(tmp_path / "x.csv", b'id,text\n1,a\n2\n3,b,"c\nd"\n4,e\n'))
    assert told(records) == ["a", "broken_record", "broken_record", "e"]
    assert [r.raw for r in records[1:3]] == [b"2", b'3,b,"c\nd"']
    assert records[2].detail == "line 4: 3 fields, the header has 2"


def test_a_csv_row_that_is_not_utf8_is_a_broken_record(tmp_path):
    records = read(write(tmp_path / "x.csv", b'text\n"\xe9t\xe9"\n"\xc3\xa9"\n'))
    assert told(records) == ["broken_record", "é"]
    assert records[0].raw == b'"\xe9t\xe9"'
    assert records[0].detail == "line 2: not UTF-8 at byte 1 of the record"


def test_an_unclosed_quote_costs_its_line_and_not_the_rest_of_the_file(tmp_path):
    body = b'id,text\n1,"a\n' + b"".join(b"%d,b\n" % n for n in range(2, 50_000))
    records = read(write(tmp_path / "x.csv", body))
    assert told(records[:3]) == ["broken_record", "b", "b"]
    assert len(records) == 49_999
    assert records[0].raw == b'1,"a'


def test_text_after_a_closing_quote_is_a_broken_record(tmp_path):
    records = read(write(tmp_path / "x.csv", b'text\n"a "quoted" word"\n5" pipe\n'))
    assert told(records) == ["broken_record", '5" pipe']


def test_a_field_may_be_longer_than_the_csv_module_likes(tmp_path):
    records = read(write(tmp_path / "x.csv", b'text\n"%s"\n' % (b"x" * 500_000)))
    assert [len(r.raw) for r in records] == [500_000]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all" * 10])
def test_what_is_no_parquet_is_an_unreadable_file(tmp_path, content):
    (record,) = read(write(tmp_path / "x.parquet", content))
    assert record.error == "unreadable_file"


def test_a_damaged_parquet_page_ends_the_file_with_a_row_that_says_so(tmp_path):
    path = tmp_path / "x.parquet"
    texts = [os.urandom(500).hex() for _ in range(5_000)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=1_000, compression="zstd")
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 3_000] = bytes(3_000)
    *good, broken = read(write(path, bytes(content)))
    assert told(good) == texts[: len(good)]
    assert broken.error == "damaged_file"
    assert f"after {len(good):,} rows" in broken.detail


def test_broken_bytes_beyond_the_bound_are_not_kept(tmp_path):
    (record,) = read(write(tmp_path / "x.jsonl", b"x" * 5_000), max_document_bytes=1_000)
    assert (record.error, record.raw) == ("broken_record", None)


def test_every_row_of_bad_input_can_be_stored(tmp_path):
    lines = [
        b'"\xff',
        b"\x00",
        b'{"text": "\\ud800", "url": "http://[\\udc00"}',
        b'{"text": "a", "id": {"\\udc00": 1}}',
    ]
    content = b"\n".join(lines)
    records = read(write(tmp_path / "x.jsonl", content))
    frame = raw_frame([("x.jsonl", record) for record in records])
    frame.write_parquet(tmp_path / "out.parquet")
    assert frame["doc_id"].n_unique() == 4
