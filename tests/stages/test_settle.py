from itertools import permutations

import polars as pl
import pytest

from pipeline import schema
from pipeline.stages.settle import Candidate, list_dropped, settle, settle_members, settle_pairs


def _one(doc_id, before, after, *, rank=0, copies=0):
    return Candidate(doc_id, before, after, rank, copies, n_shingles=7)


def test_of_documents_that_became_equal_the_best_in_canonical_order_is_kept():
    found = settle([_one("a", 1, 9, rank=2), _one("b", 2, 9, rank=1), _one("c", 3, 9, rank=3)])
    assert found.dropped == {"a": "b", "c": "b"}
    assert found.undone == frozenset()


def test_a_document_that_became_equal_to_an_unchanged_one_is_measured_by_rank_too():
    found = settle([_one("a", 1, 9, rank=1), _one("b", 9, 9, rank=2)])
    assert found.dropped == {"b": "a"}


def test_a_document_with_copies_is_kept_whatever_its_rank():
    found = settle([_one("a", 1, 9, rank=1), _one("b", 2, 9, rank=2, copies=3)])
    assert found.dropped == {"a": "b"}


def test_of_two_with_copies_the_cuts_of_one_are_undone():
    found = settle([_one("a", 1, 9, rank=1, copies=1), _one("b", 2, 9, rank=2, copies=3)])
    assert (found.dropped, found.undone) == ({}, {"b"})


def test_the_cuts_of_a_document_that_was_never_changed_are_not_undone():
    found = settle([_one("a", 1, 9, rank=1, copies=1), _one("b", 9, 9, rank=2, copies=3)])
    assert (found.dropped, found.undone) == ({}, {"a"})


def test_what_an_undone_cut_makes_equal_again_is_settled_too():
    first, second = _one("a", 1, 9, copies=1), _one("b", 2, 9, rank=1, copies=1)
    third = _one("c", 5, 2, rank=2)
    found = settle([first, second, third])
    assert found.undone == {"b"}
    assert found.dropped == {"c": "b"}


def test_documents_that_stay_different_are_left_alone():
    found = settle([_one("a", 1, 8), _one("b", 2, 9)])
    assert (found.dropped, found.undone) == ({}, frozenset())


def test_the_order_of_documents_does_not_show():
    some = [
        _one("a", 1, 9, rank=3),
        _one("b", 2, 9, rank=1, copies=1),
        _one("c", 3, 9, rank=2, copies=1),
        _one("d", 4, 3, rank=0),
    ]
    results = [settle(order) for order in permutations(some)]
    assert all(one == results[0] for one in results)


@pytest.fixture
def members():
    rows = [
        {"doc_id": "a", "cluster_id": "a", "reason": "alone"},
        {"doc_id": "b", "cluster_id": "b", "reason": "kept of 2: longest"},
        {"doc_id": "c", "cluster_id": "b", "canonical_id": "b", "relation": "near_copy"},
        {"doc_id": "d", "cluster_id": "d", "reason": "alone"},
    ]
    return pl.DataFrame(rows, schema=schema.CLUSTERED)


def test_who_is_dropped_moves_into_the_cluster_of_who_is_kept(members):
    settled = settle([_one("a", 1, 9), _one("b", 2, 9, copies=1)])
    rows = {row["doc_id"]: row for row in settle_members(members, settled).iter_rows(named=True)}
    dropped = rows["a"]
    assert (dropped["cluster_id"], dropped["canonical_id"]) == ("b", "b")
    assert (dropped["relation"], dropped["jaccard"]) == ("exact_text", 1.0)
    assert rows["b"]["reason"].startswith("kept of 3:")
    assert rows["c"]["cluster_id"] == "b"
    assert rows["d"]["reason"] == "alone"


def test_every_document_dropped_has_its_evidence_and_no_review_is_left_of_it():
    some = [_one("a", 1, 9), _one("b", 2, 9, copies=1)]
    settled = settle(some)
    pair = {"left_id": "d", "right_id": "a", "jaccard": 0.5, "decision": "review"}
    other = {**pair, "right_id": "b"}
    merged = {**pair, "left_id": "c", "right_id": "b", "decision": "merge"}
    pairs = pl.DataFrame([pair, other, merged], schema=schema.PAIRS)
    found = settle_pairs(pairs, list_dropped(settled, some))
    assert found.select("left_id", "right_id", "decision").rows() == [
        ("a", "b", "merge"),
        ("c", "b", "merge"),
        ("d", "b", "review"),
    ]
    assert found["shared_shingles"][0] == 7


def test_where_nothing_was_settled_the_tables_stay_as_they_are(members):
    settled = settle([])
    pairs = pl.DataFrame(schema=schema.PAIRS)
    assert settle_members(members, settled).equals(members)
    assert settle_pairs(pairs, list_dropped(settled, [])).equals(pairs)
