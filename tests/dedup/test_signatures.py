"""Signatures are datasketch's own, bit for bit."""

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dedup.signatures import BLOCK, hash_bands, mix, permutations, sign


def signature_of(shingles: list[int], count: int) -> np.ndarray:
    given_shingles = np.array(shingles, np.uint32)
    mixed = np.empty(len(shingles) + BLOCK, np.uint32)
    factors, summands = permutations(count)
    out = np.empty(count, np.uint32)
    sign(mixed, mix(given_shingles, len(shingles), mixed), factors, summands, out)
    return out


@pytest.mark.parametrize("count", [1, 64, 126, 128, 256])
def test_permutations_are_those_that_datasketch_draws(count):
    ours, theirs = permutations(count), MinHash(count).permutations
    assert (ours[0] == theirs[0]).all()
    assert (ours[1] == theirs[1]).all()


@settings(deadline=None)
@given(st.sets(st.integers(0, 2**32 - 1), min_size=1, max_size=300))
def test_signatures_are_bit_identical_to_datasketch(shingles):
    reference = MinHash(126, hashfunc=int)
    reference.update_batch(sorted(shingles))
    ours = signature_of(sorted(shingles), 126)
    assert reference.hashvalues.dtype == np.uint32
    assert (ours == reference.hashvalues).all()


def test_a_signature_can_be_handed_to_datasketch():
    left, right = signature_of(list(range(100)), 128), signature_of(list(range(50, 150)), 128)
    estimate = MinHash(hashvalues=left, scheme="affine32").jaccard(
        MinHash(hashvalues=right, scheme="affine32")
    )
    assert abs(estimate - 50 / 150) < 0.15


def test_equal_rows_in_another_band_are_another_bucket():
    bands = np.empty(4, np.uint64)
    hash_bands(np.zeros(12, np.uint32), 3, bands)
    assert len(set(bands.tolist())) == 4


def test_a_band_changes_with_each_of_its_rows_and_no_other():
    signature = np.arange(12, dtype=np.uint32)
    before, after = np.empty(4, np.uint64), np.empty(4, np.uint64)
    hash_bands(signature, 3, before)
    for row in range(12):
        changed = signature.copy()
        changed[row] += 1
        hash_bands(changed, 3, after)
        assert np.flatnonzero(before != after).tolist() == [row // 3]
