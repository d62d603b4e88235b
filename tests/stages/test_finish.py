import datetime as dt

import polars as pl
import pytest

from pipeline import schema
from pipeline.errors import LedgerError, WorkMissingError
from pipeline.stages.finish import DETAIL_CHARS, finish

SEEN = dt.datetime(2026, 3, 1, 2, tzinfo=dt.UTC)
EDIT = {"start": 0, "end": 1, "action": "trim", "rule": "r", "removed": "x", "replacement": ""}


def _judged(*rows):
    usual = {"text": "A text.", "text_sha256": "t", "flags": [], "edits": [], "verdicts": []}
    return pl.DataFrame([{**usual, **row} for row in rows], schema=schema.JUDGED)


def _clustered(*rows):
    frame = pl.DataFrame(list(rows), schema=schema.CLUSTERED)
    return frame.with_columns(pl.col("cluster_id", "canonical_id").fill_null(pl.col("doc_id")))


def _arrived(*ids):
    return pl.DataFrame({"doc_id": ids, "first_seen": SEEN}, schema=schema.ARRIVALS)


def _verdict(rule, value="1", suite="cleaned"):
    return {"suite": suite, "rule": rule, "value": value}


def _finish_one(**row):
    """The finished row of one document, which is in a cluster only if it is valid."""
    refused = row.get("verdicts") or row.get("input_error") or row.get("text", "") is None
    clusters = _clustered() if refused else _clustered({"doc_id": "a"})
    return finish(_judged({"doc_id": "a", **row}), clusters, _arrived("a")).row(0, named=True)


def test_every_document_gets_its_fate_and_no_row_is_lost():
    judged = _judged(
        {"doc_id": "c", "verdicts": [_verdict("too_short")]}, {"doc_id": "b"}, {"doc_id": "a"}
    )
    copy = {"doc_id": "b", "cluster_id": "a", "canonical_id": "a", "relation": "near_copy"}
    clusters = _clustered({"doc_id": "other"}, {"doc_id": "a"}, {**copy, "reason": "shorter"})
    finished = finish(judged, clusters, _arrived("other", "a", "b", "c"))
    assert finished.schema == schema.FINISHED
    assert finished["doc_id"].to_list() == ["c", "b", "a"]
    assert finished["fate"].to_list() == ["quarantined", "duplicate", "curated"]
    assert finished["canonical_id"].to_list() == [None, "a", "a"]
    assert finished["reason"].to_list() == [None, "shorter", None]
    assert finished["first_seen"].to_list() == [SEEN] * 3


def test_a_valid_document_carries_no_reason_for_quarantine():
    row = _finish_one()
    assert (row["stage"], row["reasons"], row["detail"]) == (None, None, None)


def test_a_record_that_could_not_be_read_is_refused_by_ingest():
    row = _finish_one(input_error="json_invalid", input_detail="{oops", text=None)
    assert (row["stage"], row["reasons"]) == ("ingest", ["json_invalid"])
    assert row["detail"] == "{oops"


def test_what_ingest_refused_is_not_refused_again_for_being_empty():
    row = _finish_one(input_error="too_long", text=None, verdicts=[_verdict("empty")])
    assert (row["stage"], row["reasons"], row["detail"]) == ("ingest", ["too_long"], None)


def test_bytes_that_are_no_text_are_refused_by_decoding():
    row = _finish_one(text=None, text_sha256=None, flags=["binary", "missing_title"])
    assert (row["stage"], row["reasons"], row["detail"]) == ("decode", ["binary"], None)


def test_a_document_without_text_never_passes():
    row = _finish_one(text=None, text_sha256=None)
    assert (row["fate"], row["stage"], row["reasons"]) == ("quarantined", "decode", ["no_text"])


def test_broken_rules_are_named_in_order_and_told_with_their_values():
    row = _finish_one(
        verdicts=[_verdict("short", "12"), _verdict("few_words", "2"), _verdict("short", "13")]
    )
    assert (row["stage"], row["reasons"]) == ("cleaned", ["few_words", "short"])
    assert row["detail"] == "short: 12; few_words: 2; short: 13"


def test_a_detail_is_bounded_and_shows_control_characters_as_escapes():
    assert (
        _finish_one(input_error="e", input_detail="a\x00\n\u202eb")["detail"] == "a\\x00\\n\\u202eb"
    )
    long = _finish_one(input_error="e", input_detail="é" * 10_000)["detail"]
    assert long == "é" * (DETAIL_CHARS - 1) + "…"
    assert len(_finish_one(input_error="e", input_detail="\x00" * 499)["detail"]) == DETAIL_CHARS
    assert _finish_one(input_error="e", input_detail="é" * 500)["detail"] == "é" * 500


def test_the_digest_of_a_row_follows_every_published_value():
    usual = _finish_one()["row_sha256"]
    assert usual == _finish_one()["row_sha256"]
    for change in (
        {"title": "T"},
        {"text_sha256": "u"},
        {"flags": ["digest"]},
        {"edits": [EDIT]},
        {"language_confidence": 0.5},
        {"signals": {"n_lines": 3}},
        {"published_at": SEEN},
    ):
        assert _finish_one(**change)["row_sha256"] != usual, change
    one = _finish_one(edits=[EDIT])
    other = _finish_one(edits=[{**EDIT, "rule": "s"}])
    assert one["row_sha256"] != other["row_sha256"]


def test_the_digest_of_a_row_ignores_what_is_not_published():
    usual = _finish_one()["row_sha256"]
    assert _finish_one(row_key="k", declared_language="de", raw=b"x")["row_sha256"] == usual


def test_digests_do_not_depend_on_the_batch_a_row_lies_in():
    rows = [{"doc_id": f"{n}", "edits": [EDIT] * (n % 3), "title": f"T{n}"} for n in range(50)]
    ids = [row["doc_id"] for row in rows]
    clusters = _clustered(*({"doc_id": id_} for id_ in ids))
    whole = finish(_judged(*rows), clusters, _arrived(*ids))
    parts = [
        finish(_judged(*rows)[at : at + 7], clusters, _arrived(*ids)) for at in range(0, 50, 7)
    ]
    assert pl.concat(parts).equals(whole)


def test_no_documents_are_finished_too():
    assert finish(_judged(), _clustered(), _arrived()).schema == schema.FINISHED


def test_a_valid_document_without_a_cluster_stops_the_run():
    with pytest.raises(WorkMissingError, match="1 documents lie in no cluster"):
        finish(_judged({"doc_id": "a"}), _clustered(), _arrived("a"))


def test_a_document_without_an_arrival_stops_the_run():
    with pytest.raises(WorkMissingError, match="have no arrival"):
        finish(_judged({"doc_id": "a"}), _clustered({"doc_id": "a"}), _arrived("b"))


def test_a_refused_document_in_a_cluster_stops_the_run():
    judged = _judged({"doc_id": "a", "verdicts": [_verdict("short")]})
    with pytest.raises(LedgerError, match="were refused, yet lie in a cluster"):
        finish(judged, _clustered({"doc_id": "a"}), _arrived("a"))


def test_an_id_that_stands_twice_in_the_clusters_stops_the_run():
    with pytest.raises(LedgerError, match="1 documents became 2 rows"):
        finish(
            _judged({"doc_id": "a"}), _clustered({"doc_id": "a"}, {"doc_id": "a"}), _arrived("a")
        )
