import gzip
import io
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.settings import IngestSettings
from pipeline.store.formats import read_records
from pipeline.store.ingest import ingest
from pipeline.store.listing import Kind, Packing, suffix_of
from pipeline.store.records import Record, raw_frame
from pipeline.store.sources import find_inputs

LINES = (
    "The council agreed on a new bridge on Tuesday, after three hours of talk about its price.",
    "Nobody voted against the plan, which the mayor called a good day for both banks.",
)
BODY = "".join(f"<p>{line}</p>" for line in LINES)
HTML = f"<html lang=en><head><title>Bridge {{n}}</title></head><body>{BODY}</body></html>"
URL = "https://www.paper.example/{n}"


class Crawl:
    """An archive in the making, written by a package that is not ours."""

    def __init__(self, packed=True):
        self.out = io.BytesIO()
        self.writer = WARCWriter(self.out, gzip=packed)
        self.ends = [0]

    def add(self, kind, url, body, *, media="text/plain", **headers):
        record = self.writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            warc_content_type=media,
            warc_headers_dict=headers,
        )
        return self._write(record)

    def fetch(self, url, body, *, status="200 OK", **headers):
        named = {"content-type": "text/html; charset=utf-8", **headers}
        http = StatusAndHeaders(
            status, [(n.replace("_", "-"), v) for n, v in named.items() if v], "HTTP/1.1"
        )
        record = self.writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), length=len(body), http_headers=http
        )
        return self._write(record)

    def _write(self, record):
        self.writer.write_record(record)
        self.ends.append(self.out.tell())
        return self

    @property
    def bytes(self):
        return self.out.getvalue()


def pages(count, *, packed=True):
    crawl = Crawl(packed)
    for n in range(count):
        crawl.fetch(URL.format(n=n), HTML.format(n=n).encode())
    return crawl


def read(path, content, **changed):
    path.write_bytes(content)
    inputs = find_inputs(str(path))
    found = read_records(inputs.filesystem, inputs.files[0], IngestSettings(**changed))
    return [record for record in found if isinstance(record, Record)]


def told(records):
    """Title, text or error of each record."""
    return [r.error or r.fields.title or r.raw.decode() for r in records]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("x.warc", (Kind.WARC, Packing.NONE)),
        ("x.warc.gz", (Kind.WARC, Packing.GZIP)),
        ("x.warc.wet.gz", (Kind.WET, Packing.GZIP)),
        ("x.wet", (Kind.WET, Packing.NONE)),
        ("x.wet.zst", (Kind.WET, Packing.ZSTD)),
        ("x.gz", None),
    ],
)
def test_an_archive_is_known_by_its_suffixes(name, found):
    assert suffix_of(name) == found


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_a_fetched_page_is_a_document_with_its_address_and_no_time(tmp_path, packing):
    crawl = pages(1, packed=packing == ".gz").bytes
    content = zstandard.compress(crawl) if packing == ".zst" else crawl
    name = f"x.warc{packing}"
    frame = raw_frame([(name, record) for record in read(tmp_path / name, content)])
    columns = ["source_id", "source", "url", "title", "published_at", "raw", "input_error"]
    assert frame.select(columns).row(0) == (
        "https://www.paper.example/0",
        "paper.example",
        "https://www.paper.example/0",
        "Bridge 0",
        None,
        "\n".join(LINES).encode(),
        None,
    )


@pytest.mark.parametrize("packed", [True, False])
def test_a_text_that_a_crawler_took_out_is_a_document_as_it_is(tmp_path, packed):
    crawl = Crawl(packed).add(
        "warcinfo", "", b"software: a crawler", media="application/warc-fields"
    )
    text = b"Erste Zeile\nWARC/1.0 steht hier am Anfang.\r\n\r\n  Ende\n"
    crawl.add("conversion", "https://a.example/1", text)
    crawl.add("conversion", None, b"without an address")
    first, second = read(tmp_path / f"x.warc.wet{'.gz' * packed}", crawl.bytes)
    assert (first.raw, first.error, first.number) == (text, None, 2)
    assert (first.fields.url, first.fields.source) == ("https://a.example/1", "a.example")
    assert second.raw == b"without an address"
    assert second.fields.id.startswith("<urn:uuid:")


def test_what_is_no_page_and_no_text_is_no_document(tmp_path):
    crawl = pages(1)
    crawl.add("request", URL, b"GET / HTTP/1.1\r\n\r\n", media="application/http; msgtype=request")
    crawl.add("metadata", URL, b"fetchTimeMs: 3", media="application/warc-fields")
    crawl.add("revisit", URL, b"", media="application/http; msgtype=response")
    crawl.fetch(URL, b"\x89PNG" + bytes(5_000), **{"content-type": "image/png"})
    crawl.fetch(URL, b"User-agent: *", **{"content-type": "text/plain"})
    crawl.fetch(URL, HTML.encode(), status="404 Not Found")
    crawl.fetch(URL, b"", status="301 Moved Permanently", location="/")
    crawl.add("conversion", URL, b"<x/>", media="application/xml")
    crawl.fetch(URL, HTML.format(n=8).encode())
    crawl.add("resource", URL, HTML.format(n=9).encode(), media="text/html")
    records = read(tmp_path / "x.warc.gz", crawl.bytes)
    assert told(records) == ["Bridge 0", "Bridge 8", "Bridge 9"]
    assert [record.number for record in records] == [1, 10, 11]


def in_chunks(body):
    parts = [body[n : n + 100] for n in range(0, len(body), 100)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def deflated(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        (in_chunks, {"transfer_encoding": "chunked"}),
        (gzip.compress, {"content_encoding": "gzip"}),
        (lambda b: in_chunks(gzip.compress(b)), {"transfer_encoding": "chunked"}),
        (zlib.compress, {"content_encoding": "deflate"}),
        (deflated, {"content_encoding": "deflate"}),
        (zstandard.compress, {"content_encoding": "zstd"}),
        (bytes, {"content_encoding": "gzip", "transfer_encoding": "chunked"}),
        (bytes, {"content_encoding": "br"}),
        (lambda b: in_chunks(b)[:-40], {"transfer_encoding": "chunked"}),
    ],
)
def test_a_body_is_read_as_it_was_sent_whatever_its_headers_say(tmp_path, change, headers):
    body = HTML.format(n=0).encode() + b"<!-- " + b"x" * 300 + b" -->"
    crawl = Crawl().fetch(URL, change(body), **headers)
    (record,) = read(tmp_path / "x.warc.gz", crawl.bytes)
    assert record.raw.decode() == "\n".join(LINES)


def test_a_body_that_cannot_be_unpacked_is_one_row(tmp_path):
    packed = gzip.compress(HTML.encode())
    crawl = Crawl().fetch(URL, packed[:100]).fetch(URL, b"\x8b\x02\x80br", content_encoding="br")
    crawl.fetch(URL, HTML.format(n=2).encode())
    records = read(tmp_path / "x.warc.gz", crawl.bytes)
    assert told(records) == ["broken_record", "broken_record", "Bridge 2"]
    assert records[0].raw == packed[:100]
    assert records[1].detail == "its body cannot be unpacked: packed as 'br'"


def test_the_servers_charset_counts_where_the_page_names_none(tmp_path):
    line = "Городской совет решил построить новый мост через реку и выделил на него деньги."
    page = f"<html><body><p>{line}</p></body></html>".encode("koi8-r")
    crawl = Crawl().fetch(URL, page, **{"content-type": "Text/HTML; Charset=KOI8-R"})
    (record,) = read(tmp_path / "x.warc.gz", crawl.bytes)
    assert record.raw.decode() == line


@pytest.mark.parametrize("suffix", ["warc", "warc.gz"])
def test_an_archive_that_ends_early_keeps_its_whole_records(tmp_path, suffix):
    crawl = pages(5, packed=suffix.endswith("gz"))
    records = read(tmp_path / f"x.{suffix}", crawl.bytes[: crawl.ends[3] + 300])
    assert told(records) == ["Bridge 0", "Bridge 1", "Bridge 2", records[-1].error]
    assert records[-1].error in {"truncated_file", "broken_record"}
    assert records[-1].raw.startswith(b"WARC/1.0")


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        (b"Content-Length: 3", b"Content-Length: 4", "another length"),
        (b"Content-Length: ", b"Content-Length: 9", "longer than"),
        (b"Content-Length: ", b"Content-Length: -", "does not say its length"),
        (b"Content-Length", b"Content-Longth", "does not say its length"),
        (b"WARC/1.0", b"WORC/1.0", "no record begins"),
        (b"WARC/1.0\r\n", b"WARC/1.0\r\n" + b"x" * 100_000, "no record begins"),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path, old, new, lost):
    crawl = pages(5, packed=False)
    parts = [crawl.bytes[a:b] for a, b in zip(crawl.ends, crawl.ends[1:], strict=False)]
    parts[2] = parts[2].replace(old, new, 1)
    records = read(tmp_path / "x.warc", b"".join(parts))
    assert told(records) == ["Bridge 0", "Bridge 1", "broken_record", "Bridge 3", "Bridge 4"]
    assert lost in records[2].detail
    assert records[2].raw == parts[2]


@pytest.mark.parametrize("place", [0, 3, 30, 200, -5])
def test_a_damaged_member_costs_itself_alone(tmp_path, place):
    crawl = pages(5)
    content = bytearray(crawl.bytes)
    at = (crawl.ends[2] if place >= 0 else crawl.ends[3]) + place
    content[at] ^= 0xFF
    records = read(tmp_path / "x.warc.gz", bytes(content))
    assert [r.fields.title for r in records if not r.error][:2] == ["Bridge 0", "Bridge 1"]
    assert told(records)[-2:] == ["Bridge 3", "Bridge 4"]
    assert [r.error for r in records if r.error] == ["damaged_file"]


def test_what_only_looks_like_a_member_behind_a_damaged_one_is_passed_over(tmp_path):
    crawl = pages(3)
    fakes = b"\x1f\x8b\x08" * 5_000 + gzip.compress(b"no record") + b"\x1f\x8b\x08\xff"
    content = crawl.bytes[: crawl.ends[1]] + b"\xff" * 50 + fakes + crawl.bytes[crawl.ends[1] :]
    assert told(read(tmp_path / "x.warc.gz", content)) == [
        "Bridge 0",
        "damaged_file",
        "Bridge 1",
        "Bridge 2",
    ]


@pytest.mark.parametrize("content", [b"no archive at all\n" * 100, b"\r\n\r\n", b"", b"\0" * 9_000])
def test_what_is_no_archive_is_one_row_at_most(tmp_path, content):
    records = read(tmp_path / "x.warc", content)
    assert told(records) in ([], ["broken_record"])
    assert "".join(r.raw.decode() for r in records) == content.decode().strip(
        "\r\n" * (not records)
    )


def test_a_huge_record_is_passed_in_bounded_memory(tmp_path):
    crawl = Crawl(packed=True)
    crawl.fetch(URL, bytes(60_000_000), **{"content-type": "video/mp4"})
    crawl.fetch(URL, b"<p>" * 20_000_000)
    crawl.add("conversion", URL, b"x" * 40_000_000)
    crawl.fetch(URL, gzip.compress(b"<p>" + bytes(60_000_000)))
    crawl.fetch(URL, HTML.format(n=5).encode())
    content = crawl.bytes
    tracemalloc.start()
    records = read(tmp_path / "x.warc.gz", content, max_page_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(records) == ["document_too_large"] * 3 + ["Bridge 5"]
    assert {record.raw for record in records[:3]} == {None}
    assert peak < 60_000_000


def test_a_length_beyond_all_measure_ends_the_file_with_a_row(tmp_path):
    crawl = pages(2, packed=False)
    content = crawl.bytes.replace(b"Content-Length: ", b"Content-Length: 99999999999", 1)
    (record,) = read(tmp_path / "x.warc", content)
    assert (record.error, record.detail) == ("truncated_file", "ends within a record")


def test_an_archive_is_read_up_to_its_bound(tmp_path):
    content = pages(1).bytes + gzip.compress(b"WARC/1.0\r\n" + bytes(5_000_000))
    records = read(tmp_path / "x.warc.gz", content, max_file_bytes=1_000_000)
    assert told(records) == ["Bridge 0", "file_too_large"]


def test_texts_of_a_crawl_need_no_extractor(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.text.pages.EXTRACTORS", ("a package that nobody has",))
    crawl = Crawl().add("conversion", URL, b"a text")
    assert told(read(tmp_path / "x.warc.wet.gz", crawl.bytes)) == ["a text"]


def test_what_is_no_document_is_counted_and_the_count_is_remembered(tmp_path):
    crawl = pages(3).add("warcinfo", "", b"software: a crawler", media="application/warc-fields")
    crawl.fetch(URL, b"User-agent: *", **{"content-type": "text/plain"})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.warc.gz").write_bytes(crawl.bytes)
    none = Crawl().add("metadata", URL, b"a: 1", media="application/warc-fields")
    (tmp_path / "in" / "y.warc.gz").write_bytes(none.bytes)
    (tmp_path / "in" / "z.txt").write_text("a", "utf-8")
    for files_read in (3, 0):
        done = ingest(
            str(tmp_path / "in"),
            work=tmp_path / "work",
            arrivals_path=tmp_path / "arrivals.parquet",
            settings=IngestSettings(),
            batch_documents=100,
            batch_bytes=1_000_000,
            now=datetime(2100, 1, 1, tzinfo=UTC),
        )
        assert (done.documents, done.errors, done.passed) == (4, 0, 3)
        assert done.files_read == files_read
