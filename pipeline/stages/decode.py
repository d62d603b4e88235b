"""Raw bytes become text: in bulk where they are UTF-8, one by one where they have to be weighed."""

import hashlib

import polars as pl

from pipeline.text.decoding import decode_bytes

# What valid UTF-8 may be besides UTF-8: marked, wide (it holds NULs), escaped in seven bits, or
# a file format that begins with plain letters.
_MARK = b"\xef\xbb\xbf"
_HELD = (b"\x00", b"\x1b", b"~{")
_BEGUN = (_MARK, b"%PDF-", b"GIF8", b"PK\x03\x04", b"BZh")

_ODD = pl.Schema(
    [
        ("row", pl.UInt32),
        ("odd_text", pl.String),
        ("odd_sha256", pl.String),
        ("odd_encoding", pl.String),
        ("flags", pl.List(pl.String)),
        ("decode_error", pl.String),
    ]
)


def decode(raw: pl.DataFrame) -> pl.DataFrame:
    """`raw` with `encoding`, `decoded`, `decoded_sha256`, `flags` and `decode_error`.

    `decoded` is null where there are no bytes, and where they are no text: then `decode_error`
    says `binary` or `undecodable`.
    """
    bytes_ = pl.col("raw").bin
    suspicious = pl.any_horizontal(
        *(bytes_.contains(held) for held in _HELD), *(bytes_.starts_with(mark) for mark in _BEGUN)
    )
    plain = raw.with_row_index("row").with_columns(
        decoded=pl.when(~suspicious).then(_as_utf8(raw["raw"]))
    )
    odd = plain.filter(pl.col("raw").is_not_null() & pl.col("decoded").is_null())
    is_plain = pl.col("decoded").is_not_null()
    return (
        plain.join(_decode_odd(odd), on="row", how="left", maintain_order="left")
        .with_columns(
            encoding=pl.when(is_plain).then(pl.lit("utf-8")).otherwise("odd_encoding"),
            # The bytes of plain UTF-8 are those of its text.
            decoded_sha256=pl.when(is_plain).then("raw_sha256").otherwise("odd_sha256"),
            decoded=pl.coalesce("decoded", "odd_text"),
            flags=pl.col("flags").fill_null([]),
        )
        .select(*raw.columns, "encoding", "decoded", "decoded_sha256", "flags", "decode_error")
    )


def _as_utf8(raw: pl.Series) -> pl.Series:
    """The bytes as text, null where they are not UTF-8."""
    try:
        return raw.cast(pl.String)
    except pl.exceptions.ComputeError:  # says nothing of where, so each row is asked
        return pl.Series([_utf8_or_null(value) for value in raw], dtype=pl.String)


def _utf8_or_null(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _decode_odd(odd: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for row, raw in odd.select("row", "raw").iter_rows():
        result = decode_bytes(raw)
        digest = None if result.text is None else hashlib.sha256(result.text.encode()).hexdigest()
        rows.append((row, result.text, digest, result.encoding, list(result.flags), result.reason))
    return pl.DataFrame(rows, schema=_ODD, orient="row")
