"""Candidate pairs: all that share a key, but never more than linearly many."""

from collections import defaultdict
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.buckets import add_up, count_pairs, find_equal, propose

ENTRIES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)), max_size=120)


def unpacked(pairs: np.ndarray) -> list[tuple[int, int]]:
    return [(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in pairs]


def slow(entries: list[tuple[int, int]], head: int) -> tuple[list[tuple[int, int]], int]:
    buckets = defaultdict(set)
    for key, member in entries:
        buckets[key].add(member)
    found, left_out = [], 0
    for bucket in buckets.values():
        first = sorted(bucket)[:head]
        compared = [(a, b) for a, b in combinations(sorted(bucket), 2) if a in first]
        found += compared
        left_out += len(bucket) * (len(bucket) - 1) // 2 - len(compared)
    return sorted(found), left_out


@settings(deadline=None)
@given(ENTRIES, st.integers(1, 6), st.randoms())
def test_pairs_are_those_of_every_bucket_whatever_the_order(entries, head, random):
    random.shuffle(entries)
    keys = np.array([key for key, _ in entries], np.uint64)
    members = np.array([member for _, member in entries], np.uint32)
    pairs, left_out = propose(keys, members, head)
    assert (sorted(unpacked(pairs)), left_out) == slow(entries, head)


def test_a_huge_bucket_gives_linearly_many_pairs_and_counts_the_rest():
    size, head = 200_000, 16
    keys = np.full(size, 7, np.uint64)
    pairs, left_out = propose(keys, np.arange(size, dtype=np.uint32), head)
    assert len(pairs) < size * head
    assert len(pairs) + left_out == size * (size - 1) // 2


def test_pairs_are_counted_however_they_were_found():
    found = [np.array([3, 1], np.uint64), np.array([1, 2], np.uint64)]
    pairs, counts = count_pairs(found)
    assert (pairs.tolist(), counts.tolist()) == ([1, 2, 3], [2, 1, 1])
    assert [part.tolist() for part in count_pairs([])] == [[], []]


def test_counts_that_cancel_out_leave_no_pair():
    pairs, counts = np.array([1, 5], np.uint64), np.array([2, 1])
    left, sums = add_up([(pairs, counts), (pairs, np.array([1, -1]))])
    assert (left.tolist(), sums.tolist()) == ([1], [3])
    nothing = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    assert [part.tolist() for part in add_up([nothing])] == [[], []]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.integers(0, 20))
def test_exactly_the_keys_that_are_wanted_are_found(keys, wanted):
    ordered = np.array(sorted(keys), np.uint64)
    asked = np.array(sorted([*keys[:wanted], 7, 2**63]), np.uint64)
    found = find_equal(ordered, asked)
    assert found.tolist() == np.flatnonzero(np.isin(ordered, asked)).tolist()
