"""The sample documents hold what their README says was planted, down to the bytes."""

import gzip
import json
import re

import polars as pl
import pytest
import zstandard

from pipeline.text.language import guess_language

GLUED = r"(?<=[a-z]{2})[.](?=[A-Z][a-z])|(?<=[a-z]),(?=[a-z])"
FEED_COLUMNS = {"id", "url", "title", "source", "published_at", "text"}


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(left: str, right: str) -> float:
    return len(shingles(left) & shingles(right)) / len(shingles(left) | shingles(right))


def containment(left: str, right: str) -> float:
    return len(shingles(left) & shingles(right)) / len(shingles(left))


def read(seeds, name):
    return (seeds / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def records(seeds):
    """Every readable record of the feeds by its id."""
    wire = (seeds / "feeds/coast-wire.jsonl").read_bytes().splitlines()
    desk = zstandard.ZstdDecompressor().stream_reader(
        (seeds / "feeds/northern-desk.jsonl.zst").read_bytes()
    )
    rows = [json.loads(line) for n, line in enumerate(wire, 1) if n != 3]
    rows += [json.loads(line) for line in desk.read().splitlines()]
    rows += pl.read_csv(
        gzip.decompress((seeds / "feeds/island-gazette.csv.gz").read_bytes())
    ).to_dicts()
    rows += pl.read_parquet(seeds / "feeds/valley-observer.parquet").to_dicts()
    return {row["id"]: row for row in rows}


def test_the_table_lists_every_document_and_no_other(seeds, expected, records):
    files = {path.relative_to(seeds).as_posix() for path in seeds.rglob("*.txt")}
    assert set(expected) == files | set(records) | {"feeds/coast-wire.jsonl#3"}
    assert len(expected) >= 40


def test_the_table_is_consistent(expected):
    for document, row in expected.items():
        assert row.fate in {"curated", "duplicate", "twin", "quarantined"}
        assert (
            (row.partner is None)
            == (row.relation is None)
            == (row.fate not in {"duplicate", "twin"})
        )
        if row.fate == "twin":
            twin = expected[row.partner]
            assert (twin.fate, twin.partner, twin.relation) == ("twin", document, row.relation)
        if row.fate == "duplicate":
            assert expected[row.partner].fate == "curated"
        assert row.says or row.fate != "quarantined"


def test_records_carry_all_that_a_feed_should(records):
    assert all(set(row) == FEED_COLUMNS for row in records.values())
    assert all(row["url"].startswith(f"https://{row['source']}/") for row in records.values())


def test_every_site_is_an_example(seeds, records):
    sites = {path.parent.name for path in seeds.rglob("*.txt")}
    sites |= {row["source"] for row in records.values()}
    assert len(sites) >= 12
    assert all(site.endswith(".example") for site in sites)


def test_at_least_ten_languages_are_spoken(seeds, expected, records):
    assert len({row.language for row in expected.values()} - {""}) >= 10
    for document, row in expected.items():
        if row.language and "was read as" not in row.planted and "Windows-1251" not in row.planted:
            text = records[document]["text"] if document in records else None
            raw = b"" if text else (seeds / document).read_bytes()
            encoding = "utf-16" if raw.startswith(b"\xff\xfe") else "utf-8-sig"
            guess = guess_language((text or raw.decode(encoding))[:1000], floor=0.5)
            assert (document, guess.language) == (document, row.language)


def test_one_file_is_windows_1251(seeds):
    raw = (seeds / "severny-bereg.example/ledokol.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert raw.decode("cp1251").startswith("Последний речной ледокол")


def test_two_files_have_byte_order_marks(seeds):
    utf16 = (seeds / "dniprovyi-visnyk.example/troleibus.txt").read_bytes()
    utf8 = (seeds / "nordkueste-blatt.example/wochenmarkt.txt").read_bytes()
    assert utf16.decode("utf-16").startswith("Старий тролейбус")
    assert utf16.startswith(b"\xff\xfe")
    assert utf8.startswith(b"\xef\xbb\xbfDer Wochenmarkt")


@pytest.mark.parametrize(
    ("name", "read_as", "beginning"),
    [
        ("lettre-du-port.example/criee.txt", "cp1252", "À la criée, les enchères"),
        ("severny-bereg.example/biblioteka.txt", "cp1251", "Сельская библиотека выдаёт"),
    ],
)
def test_mojibake_can_be_read_again(seeds, name, read_as, beginning):
    text = read(seeds, name)
    assert not text.startswith(beginning)
    assert text.encode(read_as).decode("utf-8").startswith(beginning)


def test_entities_hyphens_and_invisible_spaces_are_there(seeds):
    offal = read(seeds, "island-gazette.example/fishery-offal.txt")
    assert set(re.findall(r"&#?\w+;", offal)) >= {"&amp;", "&quot;", "&nbsp;", "&#8217;", "&#39;"}
    bees = read(seeds, "island-gazette.example/roof-bees.txt")
    assert bees.count("\u00ad") >= 5
    assert bees.count("\u200b") >= 3


def test_line_ends_of_one_file_are_those_of_windows(seeds):
    raw = (seeds / "kiyi-haber.example/tersane.txt").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") > 5


def test_one_article_is_glued_and_no_other(seeds):
    hits = {
        path.name: len(re.findall(GLUED, path.read_bytes().decode("utf-8", "ignore")))
        for path in seeds.rglob("*.txt")
    }
    assert hits.pop("wetland.txt") == 15
    assert set(hits.values()) == {0}


def test_exact_copies_are_the_same_bytes(seeds):
    one, other = (
        (seeds / site / "library-flood.txt").read_bytes()
        for site in ("harbour-courier.example", "coast-mirror.example")
    )
    assert one == other


def test_a_copy_with_a_tail_begins_with_the_copy_without(seeds):
    bare = read(seeds, "coast-mirror.example/lighthouse.txt")
    assert read(seeds, "island-gazette.example/lighthouse.txt").startswith(bare)


def test_the_truncated_copy_is_the_first_half(seeds):
    whole = read(seeds, "harbour-courier.example/gannet-bridge.txt")
    half = read(seeds, "coast-mirror.example/gannet-bridge.txt")
    assert whole.startswith(half)
    assert 0.45 < len(half) / len(whole) < 0.5
    assert half[-1].isalpha()


def test_reprints_differ_in_a_few_words(seeds, records):
    one, other = (
        read(seeds, f"{site}.example/school-kitchen.txt")
        for site in ("harbour-courier", "valley-observer")
    )
    assert 0.8 < jaccard(one, other) < 1
    oysters = records["cw-102"]["text"].removesuffix("\n\nRelated Sources:\n")
    assert 0.8 < jaccard(oysters, records["ig-8"]["text"]) < 1


def test_the_updated_version_holds_the_first_one_and_more(records):
    first, later = records["cw-101"], records["cw-106"]
    assert (first["source"], first["title"]) == (later["source"], later["title"])
    assert first["published_at"] < later["published_at"]
    assert containment(first["text"], later["text"]) == 1
    assert len(later["text"]) > 1.5 * len(first["text"])


def test_two_articles_on_one_event_share_next_to_nothing(seeds):
    courier = read(seeds, "harbour-courier.example/town-hall-fire.txt")
    gazette = read(seeds, "island-gazette.example/town-hall-fire.txt")
    assert jaccard(courier, gazette) < 0.02


def test_a_quote_is_far_from_a_copy(seeds):
    review = read(seeds, "harbour-courier.example/press-review.txt")
    gazette = read(seeds, "island-gazette.example/town-hall-fire.txt")
    assert 0.1 < containment(review, gazette) < 0.25


def test_bad_files_are_bad_in_their_ways(seeds):
    folder = seeds / "delta-digest.example"
    assert (folder / "empty.txt").read_bytes() == b""
    picture = (folder / "picture.txt").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) == 2048
    assert len((folder / "road-closed.txt").read_text(encoding="utf-8").split()) == 4
    line = (seeds / "feeds/coast-wire.jsonl").read_text(encoding="utf-8").splitlines()[2]
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)


def test_bodies_are_long_enough_to_be_compared(seeds, expected, records):
    for document, row in expected.items():
        if row.language in {"ja", ""} or "was read as" in row.planted or "short_text" in row.says:
            continue
        raw = (seeds / document).read_bytes() if document not in records else b""
        encoding = (
            "utf-16" if raw.startswith(b"\xff\xfe") else "cp1251" if b"\xcb\xe5" in raw else "utf-8"
        )
        text = records[document]["text"] if document in records else raw.decode(encoding)
        assert 110 <= len(re.findall(r"\w+", text)) <= 560
