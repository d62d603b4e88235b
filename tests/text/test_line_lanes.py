"""What is asked of 64 bytes at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.compile import kernel
from pipeline.text.line_lanes import LANES, count_ones, count_range, in_range

BYTES = st.integers(0, 255)


@kernel
def asked(data, at, fold, low, size):
    return in_range(data, at, fold, low, size)


@kernel
def ones(bits):
    return count_ones(bits)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=LANES, max_size=3 * LANES), BYTES, BYTES, BYTES)
def test_a_bit_says_of_each_of_64_bytes_whether_it_is_in_the_range(text, fold, low, size):
    data, at = np.frombuffer(text, np.uint8), len(text) - LANES
    bits = asked(data, at, *np.array([fold, low, size], np.uint8))
    held = [((byte | fold) - low) % 256 < size for byte in text[at:]]
    assert [bits >> k & 1 for k in range(LANES)] == held
    assert ones(np.uint64(bits)) == sum(held)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3 * LANES), st.data(), BYTES, BYTES)
def test_bytes_of_a_range_are_counted_wherever_they_stand(text, spans, low, size):
    start = spans.draw(st.integers(0, len(text)))
    stop = spans.draw(st.integers(start, len(text)))
    data, bounds = np.frombuffer(text, np.uint8), np.array([low, size], np.uint8)
    held = sum((byte - low) % 256 < size for byte in text[start:stop])
    assert count_range(data, start, stop, *bounds) == held
