"""Every document of every labelled set leads back to its decoded original, through the command."""

import base64
import hashlib
import re
from collections import defaultdict

import polars as pl
import pytest

from pipeline.text.decoding import decode_bytes
from pipeline.text.edits import Edit, apply_edits, read_edit, undo_edits

SETS = [
    "boilerplate_extractor",
    "boilerplate_window",
    "encoding_bytes",
    "encoding_clean",
    "encoding_ftfy",
    "encoding_mojibake",
]


def original_of(row):
    """The text of a row of a set before anything was done to it."""
    if "b64" in row:
        return decode_bytes(base64.b64decode(row["b64"])).text
    damaged = row.get("mojibake") or row.get("original")
    return damaged or ("\n".join(row["lines"]) if "lines" in row else row["text"])


def edits_of(snapshot):
    """The edits of every document that has any, from the published table alone."""
    found = defaultdict(list)
    rows = pl.read_parquet(snapshot / "edits").sort("doc_id", "seq")
    for doc_id, *edit in rows.select("doc_id", *Edit._fields).iter_rows():
        found[doc_id].append(read_edit(tuple(edit)))
    return found


@pytest.mark.parametrize("name", SETS)
def test_edits_rebuild_the_decoded_original_of_every_document(name, labelled, published, winnow):
    run = published(name)
    edits = edits_of(run.snapshot)
    for row, outcome in zip(labelled(name).iter_rows(named=True), run.outcomes, strict=True):
        original = original_of(row)
        made = edits.pop(outcome.doc_id, [])
        assert undo_edits(outcome.text, made) == original
        assert apply_edits(original, made) == outcome.text
        assert hashlib.sha256(original.encode()).hexdigest() == outcome.decoded_sha256
    assert not edits
    verified = winnow("verify", "--output", run.output)
    assert verified.returncode == 0, verified.stdout
    assert re.search(rf"\btexts +{labelled(name).height:,} +0\b", verified.stdout)
