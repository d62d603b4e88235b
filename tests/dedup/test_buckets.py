"""Candidate pairs: all that share a key, but never more than linearly many."""

from collections import defaultdict
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.buckets import merge_pairs, propose

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


def test_merging_keeps_each_pair_once_and_only_where_it_comes_up_often_enough():
    found = [np.array([3, 1], np.uint64), np.array([1, 2], np.uint64)]
    assert merge_pairs(list(found)).tolist() == [1, 2, 3]
    assert merge_pairs(list(found), at_least=2).tolist() == [1]
    assert merge_pairs([]).tolist() == []
