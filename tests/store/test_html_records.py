import gzip
import hashlib
import socket
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from importlib.metadata import PackageNotFoundError

import pytest

from pipeline.errors import ExtraMissingError
from pipeline.settings import CleanSettings, IngestSettings
from pipeline.stages.clean import clean
from pipeline.store.formats import read_records
from pipeline.store.ingest import ingest
from pipeline.store.records import raw_frame
from pipeline.store.seen import file_key
from pipeline.store.sources import find_inputs
from pipeline.text import pages

LINES = (
    "The council agreed on a new bridge on Tuesday, after three hours of talk about its price.",
    "A spokesman said that work begins in autumn and ends in two years, if the river allows it.",
    "Nobody voted against the plan, which the mayor called a good day for both banks.",
)
HEAD = """<title>Bridge agreed | The Paper</title>
<link rel="canonical" href="https://www.paper.example/bridge">
<meta property="og:site_name" content="The Paper">
<meta property="article:published_time" content="2024-05-01T10:00:00+02:00">"""
PAGE = """<!doctype html><html lang="en-GB"><head>{head}</head><body>
<nav><ul><li><a href="/">Home</a><li><a href="/s">Sport</a><li><a href="/w">Weather</a></ul></nav>
<div id="cookie-banner" class="cookie-consent">We use cookies. <button>Accept all</button></div>
<article><h1>Bridge agreed</h1>{body}</article>
<section class="comments"><p>First comment: I have never seen such a bridge.</p></section>
<aside><h3>Read more</h3><a href="/x">Ten other bridges</a></aside>
<footer>Copyright The Paper. All rights reserved.</footer></body></html>"""
BODY = "".join(f"<p>{line}</p>" for line in LINES)
RUSSIAN = (
    "Городской совет решил построить новый мост через реку и выделил на него деньги.",
    "Работы начнутся осенью и закончатся через два года, если позволит река, сказал мэр.",
    "Против не голосовал никто, и жители обоих берегов назвали этот день хорошим.",
    "Старый мост останется на своём месте: по нему будут ходить только пешеходы.",
)
TEXT = "\n".join(["Bridge agreed", *LINES])


def page(head=HEAD, body=BODY):
    return PAGE.format(head=head, body=body)


def read(path, content=None, **changed):
    if content is not None:
        path.write_bytes(content)
    inputs = find_inputs(str(path))
    (record,) = read_records(inputs.filesystem, inputs.files[0], IngestSettings(**changed))
    return record


@pytest.mark.parametrize("name", ["x.html", "x.HTM", "x.xhtml", "x.html.gz"])
def test_a_page_is_its_article_without_what_stands_around_it(tmp_path, name):
    content = page().encode()
    packed = gzip.compress(content) if name.endswith("gz") else content
    frame = raw_frame([(name, read(tmp_path / name, packed))])
    assert frame.drop("doc_id", "row_key").row(0, named=True) == {
        "source_id": "https://www.paper.example/bridge",
        "source": "paper.example",
        "url": "https://www.paper.example/bridge",
        "title": "Bridge agreed",
        "published_at": datetime(2024, 5, 1, 8, tzinfo=UTC),
        "declared_language": "en-GB",
        "raw": TEXT.encode(),
        "raw_sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "input_error": None,
        "input_detail": None,
    }


def test_a_page_without_words_of_its_own_is_known_by_its_path(tmp_path):
    record = read(tmp_path / "x.html", page(head="").encode())
    frame = raw_frame([("x.html", record)])
    assert frame["source_id"].item() == "x.html"
    assert frame["url"].item() is frame["published_at"].item() is None


def test_a_page_goes_through_the_same_cleaning(tmp_path):
    body = BODY.replace("plan, which", "plan â€“ which") + "<p>Share this on Facebook</p>"
    record = read(tmp_path / "x.html", page(body=body).encode())
    cleaned = clean(raw_frame([("x.html", record)]), CleanSettings())
    text = cleaned["text"].item()
    assert text == TEXT.replace("plan, which", "plan – which")
    removed = [edit["removed"] for edit in cleaned["edits"].item()]
    assert "".join(removed) == "â€“\nShare this on Facebook"


@pytest.mark.parametrize(
    ("meta", "codec"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta charset=koi8-r>", "koi8-r"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-5">',
            "iso8859-5",
        ),
        ("", "cp1251"),
        ("", "utf-16"),
        ("<meta charset=utf-8>", "utf-8-sig"),
        ('<meta charset="windows-1251">', "utf-8"),
    ],
)
def test_a_page_is_decoded_by_what_it_proves_then_by_what_it_claims(tmp_path, meta, codec):
    body = "".join(f"<p>{line}</p>" for line in RUSSIAN)
    record = read(tmp_path / "x.html", page(head=meta, body=body).encode(codec))
    assert record.raw.decode() == "\n".join(["Bridge agreed", *RUSSIAN])


def test_a_page_whose_encoding_is_a_toss_up_is_refused_rather_than_guessed(tmp_path):
    content = page(body=f"{BODY}<p>A word with \x9e in it").encode("latin-1")
    record = read(tmp_path / "x.html", content)
    assert (record.error, record.raw) == ("undecodable", content)


@pytest.mark.parametrize(
    ("head", "time"),
    [
        ('<script type="application/ld+json">{"datePublished": "2024-05-01"}</script>', "05-01"),
        ('<meta itemprop="datePublished" content="2024-05-02">', "05-02"),
        (
            (
                '<script type="application/ld+json">[{"datePublished": "2024-05-01"}, {"@graph": '
                '[{"datePublished": "2023-05-01"}]}]</script>'
            ),
            None,
        ),
        ('<script type="application/ld+json">{"datePublished": </script>', None),
        ('<meta property="article:modified_time" content="2024-05-02">', None),
        ('<meta property="article:published_time" content="yesterday">', None),
    ],
)
def test_the_time_of_publication_is_what_the_page_says_and_never_a_guess(tmp_path, head, time):
    body = BODY + "<p>Last year, on 3 March 2023, it had said no.</p>"
    record = read(tmp_path / "x.html", page(head=head, body=body).encode())
    frame = raw_frame([("x.html", record)])
    found = frame["published_at"].item()
    assert (found and f"{found:%m-%d}") == time


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body></body></html>",
        b"<html><head><title>Only a title</title></head><body><script>x()</script></body></html>",
        b"<div>" * 1_000_000,
        b"<p " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b">text</p>",
        b"<!-- <p> --><p " + b"a " * 5_000 + b">text</p>",
        b"<td>x" * 100_000,
        page(body="<div>" * 300 + BODY).encode(),
        page(body="<b><i>" * 20_000 + BODY).encode(),
        b"<html" * 100_000,
    ],
)
def test_a_page_without_text_or_made_to_be_slow_is_one_row_with_its_bytes(tmp_path, content):
    record = read(tmp_path / "x.html", content)
    assert (record.error, record.raw) == ("no_text_extracted", content)
    assert record.detail


@pytest.mark.parametrize(
    "body",
    [
        BODY + "<p title=unquoted class='a\">open",
        "<script>if (a<b && c=\"'\") document.write('<p " + "a " * 3_000 + ">')</script>" + BODY,
        "<p data-state='" + '{"a": 1} ' * 5_000 + "'></p>" + BODY,
        BODY + "&#xD800;&#0;&#x110000;",
        BODY + "<!-- never closed " + "<p>" * 100_000,
    ],
)
def test_odd_markup_costs_no_text(tmp_path, body):
    record = read(tmp_path / "x.html", page(body=body).encode())
    assert record.raw.decode().startswith(TEXT)


def test_a_page_of_50_mb_is_refused_unread(tmp_path):
    record = read(tmp_path / "x.html", b"<p>" + b"x" * 50_000_000)
    assert (record.error, record.raw) == ("document_too_large", None)
    assert record.detail == "a longer file, at most 5,000,000 of a page are read"


def test_a_picture_named_as_a_page_is_binary(tmp_path):
    content = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    record = read(tmp_path / "x.html", content)
    assert (record.error, record.raw) == ("binary", content)


def test_extraction_needs_no_network(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert read(tmp_path / "x.html", page().encode()).raw == TEXT.encode()


def test_a_page_gives_the_same_text_in_any_order_and_process(tmp_path):
    other = page(body="<p>Something else entirely, of which there is hardly anything.</p>" * 9)
    (tmp_path / "x.html").write_text(page(), "utf-8")
    (tmp_path / "y.html").write_text(other, "utf-8")
    here = [read(tmp_path / name).raw for name in ("y.html", "x.html", "y.html", "x.html")]
    assert here[:2] == here[2:]
    code = (
        "import sys; from pathlib import Path; from pipeline.text.pages import extract_page; "
        "sys.stdout.buffer.write(extract_page(Path(sys.argv[1]).read_text('utf-8')).text.encode())"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "x.html"], capture_output=True)
    assert done.stdout == here[1]


def test_the_extractor_is_imported_only_when_a_page_comes():
    code = "import sys, pipeline.store.ingest; sys.exit('trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_page_without_its_extractor_stops_the_run_before_anything_is_read(tmp_path, monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a", "utf-8")
    (tmp_path / "in" / "b.html").write_text(page(), "utf-8")
    pages.extractor_versions.cache_clear()
    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(ExtraMissingError, match=r"b\.html.*pip install 'winnow\[html\]'"):
        run(tmp_path)
    assert not (tmp_path / "work").exists()
    (tmp_path / "in" / "b.html").unlink()
    assert run(tmp_path).documents == 1


def test_another_version_of_the_extractor_reads_pages_again_and_nothing_else(tmp_path, monkeypatch):
    for name in ("a.txt", "b.html"):
        (tmp_path / name).write_text("a", "utf-8")
    files = find_inputs(str(tmp_path)).files
    now = datetime(2100, 1, 1, tzinfo=UTC)
    before = [file_key(file, IngestSettings(), now) for file in files]
    assert all(before)
    pages.extractor_versions.cache_clear()
    monkeypatch.setattr(metadata, "version", lambda _: "0")
    after = [file_key(file, IngestSettings(), now) for file in files]
    pages.extractor_versions.cache_clear()
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def run(folder):
    return ingest(
        str(folder / "in"),
        work=folder / "work",
        arrivals_path=folder / "arrivals.parquet",
        settings=IngestSettings(),
        batch_documents=100,
        batch_bytes=1_000_000,
        now=datetime(2024, 5, 1, tzinfo=UTC),
    )
