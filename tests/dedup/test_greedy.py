"""Who is kept: what greedy choice promises, on pairs made at random."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.greedy import choose_kept, put_in_order

COUNT = 12
PAIRS = st.lists(
    st.tuples(
        st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.sampled_from([0.6, 0.8, 1.0])
    ).filter(lambda pair: pair[0] != pair[1]),
    max_size=40,
)


def choose(position, pairs):
    dropped, kept, score = (np.array(column) for column in zip(*pairs, strict=True))
    return choose_kept(np.array(position), dropped, kept, score)


@settings(deadline=None)
@given(st.permutations(range(COUNT)), PAIRS.filter(bool))
def test_every_duplicate_is_dropped_for_a_kept_document_and_kept_ones_are_free(position, pairs):
    chosen = choose(position, pairs)
    for document, pair in enumerate(chosen.tolist()):
        earlier_kept = [
            k
            for k, (dropped, kept, _) in enumerate(pairs)
            if dropped == document and position[kept] < position[document] and chosen[kept] < 0
        ]
        if pair < 0:
            assert not earlier_kept
        else:
            assert pair in earlier_kept
            assert pairs[pair][2] == max(pairs[k][2] for k in earlier_kept)


def test_a_chain_does_not_merge_its_ends():
    chosen = choose([0, 1, 2], [(1, 0, 0.9), (2, 1, 0.9)])
    assert chosen.tolist() == [-1, 0, -1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_wishes_that_do_not_contradict_each_other_are_all_granted(wishes):
    wishes = [(max(wish), min(wish)) for wish in wishes if wish[0] != wish[1]]
    before = np.array([wish[0] for wish in wishes], np.int64)
    after = np.array([wish[1] for wish in wishes], np.int64)
    position = put_in_order(10, before, after, np.zeros(len(wishes), np.bool_))
    assert sorted(position.tolist()) == list(range(10))
    assert all(position[first] < position[then] for first, then in wishes)


def test_without_wishes_the_order_stays():
    nothing = np.zeros(0, np.int64)
    position = put_in_order(5, nothing, nothing, np.zeros(0, np.bool_))
    assert position.tolist() == [0, 1, 2, 3, 4]


def test_in_a_circle_the_firm_wish_wins():
    before, after = np.array([2, 1]), np.array([1, 2])
    position = put_in_order(3, before, after, np.array([True, False]))
    assert position[2] < position[1]
