"""Fingerprints: which documents get one, and what else is known of a document alone."""

from datetime import UTC, datetime

import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import DedupSettings
from pipeline.stages.fingerprint import fingerprint

TEXT = "The mayor opened the bridge on Monday. It had been closed for repairs since the spring."
FACTS = {
    "doc_id": "a",
    "raw_sha256": "0",
    "title": None,
    "text": TEXT,
    "published_at": datetime(2024, 5, 1, tzinfo=UTC),
    "source": "site.test",
    "flags": [],
    "verdicts": [],
    "input_error": None,
}
TYPES = {name: schema.JUDGED[name] for name in FACTS}


def judged(*documents: dict) -> pl.DataFrame:
    return pl.DataFrame([{**FACTS, **document} for document in documents], schema=TYPES)


def test_a_fingerprint_has_the_promised_columns_and_one_row_per_document():
    frame = fingerprint(judged({}, {"doc_id": "b"}), DedupSettings())
    assert frame.schema == schema.FINGERPRINTED
    assert frame["doc_id"].to_list() == ["a", "b"]


def test_only_a_document_without_verdicts_errors_and_gaps_is_valid():
    verdict = {"suite": "cleaned", "rule": "too_short", "value": "3"}
    frame = fingerprint(
        judged({}, {"verdicts": [verdict]}, {"text": None}, {"input_error": "unreadable"}),
        DedupSettings(),
    )
    assert frame["valid"].to_list() == [True, False, False, False]
    assert frame["bands"].list.len().to_list() == [42, 0, 0, 0]


def test_a_document_without_words_is_valid_and_has_no_bands():
    frame = fingerprint(judged({"text": "— … —"}), DedupSettings())
    assert frame.select("valid", "n_tokens", "n_shingles", "length_class").row(0) == (
        True,
        0,
        0,
        -1,
    )
    assert frame["bands"].to_list() == [[]]


@pytest.mark.parametrize(
    ("ending", "truncated"),
    [
        ("and then the council …", True),
        ("and then the council...", True),
        ("and then the council [+1234 chars]", True),
        ("and then the council. Continue reading", True),
        ("and then the council met.", False),
        ("She said: read more books.", False),
    ],
)
def test_a_text_that_goes_on_elsewhere_is_known_by_its_end(ending, truncated):
    frame = fingerprint(judged({"text": f"{TEXT} {ending}\n"}), DedupSettings())
    assert frame["truncated"].to_list() == [truncated]


def test_only_flags_that_make_a_copy_worse_count_as_defects():
    flags = ["double_title", "glued_sentences", "short_lines"]
    frame = fingerprint(judged({"flags": flags}), DedupSettings())
    assert frame["n_defects"].to_list() == [2]


def test_lengths_within_a_tenth_share_a_class_and_the_next_one_is_higher():
    texts = [" ".join(["word"] * count) for count in (1, 100, 104, 121)]
    frame = fingerprint(judged(*({"text": text} for text in texts)), DedupSettings())
    assert frame["length_class"].to_list() == [0, 48, 48, 50]


def test_batches_and_rows_around_a_document_do_not_change_its_row():
    documents = [{"doc_id": str(k), "text": f"{TEXT} Part {k}."} for k in range(7)]
    whole = fingerprint(judged(*documents), DedupSettings())
    parts = [fingerprint(judged(document), DedupSettings()) for document in documents]
    assert whole.equals(pl.concat(parts))


def test_an_empty_batch_stays_empty():
    assert fingerprint(judged().head(0), DedupSettings()).schema == schema.FINGERPRINTED
