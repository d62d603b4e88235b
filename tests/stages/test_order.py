"""Canonical order is total, and that of ids is that of their bytes, however long they are."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.order import order_of_ids, rank_documents

IDS = st.lists(st.one_of(st.text(max_size=12), st.text("01é", min_size=8, max_size=10)))
DOCUMENT = st.tuples(
    st.sampled_from([3, 4]), st.booleans(), st.integers(0, 1), st.sampled_from(["a", "b", None])
)


@given(IDS)
def test_ids_are_put_in_the_order_of_their_bytes_and_equal_ones_stay_as_they_are(names):
    found = order_of_ids(pl.Series(names, dtype=pl.String)).tolist()
    assert found == sorted(range(len(names)), key=lambda row: (names[row].encode(), row))


@given(st.lists(DOCUMENT, min_size=1, max_size=30), st.randoms())
def test_the_order_of_rows_and_what_is_not_valid_are_irrelevant(documents, shuffled):
    frame = fingerprints(documents)
    settings = DedupSettings(preferred_sources=["b"])
    mixed = list(range(len(documents)))
    shuffled.shuffle(mixed)
    refused = frame.with_columns(valid=pl.lit(value=False), doc_id=pl.col("doc_id") + "x")
    some = rank_documents(frame, settings)
    other = rank_documents(pl.concat([refused, frame])[np.argsort([*mixed, *mixed])], settings)
    assert other.frame("doc_id").equals(some.frame("doc_id"))
    assert other.ids().to_list() == sorted(frame["doc_id"])
    assert (other.by_id == some.by_id).all()
    assert (other.places == some.places).all()
    merits = some.frame("length_class", "truncated", "n_defects", "source", "doc_id").rows()
    assert merits == sorted(
        merits, key=lambda row: (-row[0], row[1], row[2], row[3] != "b", row[4])
    )


def fingerprints(documents: list[tuple[int, bool, int, str | None]]) -> pl.DataFrame:
    """Narrow rows of documents, of which every third has the words of the one before."""
    rows = [
        {
            "doc_id": f"{7 * k % 31:08}",
            "valid": True,
            "token_key": k - (k % 3 == 2),
            "n_tokens": 9,
            "n_shingles": 7,
            "length_class": length,
            "truncated": truncated,
            "n_defects": defects,
            "source": source,
        }
        for k, (length, truncated, defects, source) in enumerate(documents)
    ]
    return pl.DataFrame(rows, schema={name: schema.FINGERPRINTED[name] for name in rows[0]}).select(
        pl.col(name) if name in rows[0] else pl.lit(None, kind).alias(name)
        for name, kind in schema.FINGERPRINTED.items()
    )
