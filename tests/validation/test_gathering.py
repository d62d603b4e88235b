"""What only a look into the tables beside one can tell of its rows."""

import polars as pl
import pytest

from pipeline.schema import DOCUMENTS, DUPLICATES, PAIRS
from pipeline.validation.facts import CURATED, DROPPED
from pipeline.validation.gathering import _curated, _dropped


def table(schema, *rows):
    return pl.LazyFrame([dict.fromkeys(schema) | row for row in rows], schema=schema)


def tables(pairs=(), duplicates=()):
    """Documents a and b, and what is said of them elsewhere."""
    return {
        "documents": table(DOCUMENTS, {"doc_id": "a"}, {"doc_id": "b"}),
        "duplicates": table(DUPLICATES, *duplicates),
        "pairs": table(PAIRS, *pairs),
    }


def pair(left, right, decision="merge"):
    return {"left_id": left, "right_id": right, "decision": decision}


@pytest.mark.parametrize(
    ("pairs", "tied"),
    [
        ([], [False, False]),
        ([pair("a", "b")], [True, True]),
        ([pair("b", "a")], [True, True]),
        ([pair("a", "b", "review")], [False, False]),
        ([pair("gone", "a")], [False, False]),
        ([pair("gone", "a"), pair("b", "gone")], [False, False]),
    ],
)
def test_two_curated_documents_of_a_verified_pair_are_both_known(pairs, tied):
    found = _curated(tables(pairs)).collect()
    assert found.schema == CURATED
    assert found["has_verified_copy"].to_list() == tied


@pytest.mark.parametrize(
    ("duplicate", "pairs", "facts"),
    [
        (("x", "a"), [pair("x", "a")], (False, True, True)),
        (("x", "a"), [pair("x", "b")], (False, True, False)),
        (("x", "a"), [pair("x", "a", "review")], (False, True, False)),
        (("x", "gone"), [pair("x", "gone")], (False, False, True)),
        (("b", "a"), [pair("b", "a")], (True, True, True)),
    ],
)
def test_a_duplicate_is_held_against_the_corpus_and_the_pairs(duplicate, pairs, facts):
    row = dict(zip(("doc_id", "canonical_id"), duplicate, strict=True))
    found = _dropped(tables(pairs, [row])).collect()
    assert found.schema == DROPPED
    columns = ["is_curated_too", "canonical_is_curated", "has_evidence"]
    assert found.select(columns).row(0) == facts
