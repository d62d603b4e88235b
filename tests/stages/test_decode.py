import hashlib

import polars as pl

from pipeline import schema
from pipeline.stages.decode import decode
from pipeline.text.decoding import decode_bytes

VALUES = [
    b"",
    b"plain words",
    None,
    "Привет, мир".encode(),
    b"\xef\xbb\xbfmarked",
    "Grüße aus Köln".encode("utf-16"),
    "Die Brücke über den Fluß ist für alle geöffnet".encode("cp1252"),
    b"a\x00b, a text with one null in the middle of it",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "lone \ud83d surrogate".encode("utf-8", "surrogatepass"),
    bytes(2_000),
    b"%PDF-1.4 and words",
    b"x" * 10_000_000,
]


def raw_frame(values):
    digests = [None if value is None else hashlib.sha256(value).hexdigest() for value in values]
    given = {"raw": (values, pl.Binary), "raw_sha256": (digests, pl.String)}
    columns = {
        name: pl.Series(given[name][0], dtype=kind)
        if name in given
        else pl.Series([None] * len(values), dtype=kind)
        for name, kind in schema.RAW.items()
    }
    return pl.DataFrame(columns)


def test_a_frame_is_decoded_as_each_of_its_rows_would_be():
    frame = decode(raw_frame(VALUES))
    found = [None if value is None else decode_bytes(value) for value in VALUES]
    assert frame["decoded"].to_list() == [row and row.text for row in found]
    assert frame["encoding"].to_list() == [row and row.encoding for row in found]
    assert frame["decode_error"].to_list() == [row and row.reason for row in found]
    assert frame["flags"].to_list() == [list(row.flags) if row else [] for row in found]


def test_valid_utf_8_alone_goes_the_bulk_way_to_the_same_result():
    valid = [b"", b"one", "zwei – drei".encode(), None]
    assert decode(raw_frame(valid))["decoded"].to_list() == ["", "one", "zwei – drei", None]


def test_the_digest_is_that_of_the_decoded_text():
    for text, digest in decode(raw_frame(VALUES)).select("decoded", "decoded_sha256").iter_rows():
        assert digest == (None if text is None else hashlib.sha256(text.encode()).hexdigest())


def test_decoding_keeps_every_column_and_row_and_adds_five():
    raw = raw_frame(VALUES)
    frame = decode(raw)
    assert frame.select(raw.columns).equals(raw)
    assert frame.columns[len(raw.columns) :] == [
        "encoding",
        "decoded",
        "decoded_sha256",
        "flags",
        "decode_error",
    ]


def test_an_empty_frame_has_the_same_columns():
    assert decode(raw_frame([])).schema == decode(raw_frame(VALUES)).schema
