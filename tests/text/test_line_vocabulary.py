"""What the words of a line weigh."""

import numpy as np
import pytest

from pipeline.text.line_context import NAMES
from pipeline.text.line_features import MOST_BUCKETS, measure_line
from pipeline.text.line_reading import READ_BYTES, room_to_read
from pipeline.text.line_vocabulary import (
    BUCKETS,
    STEP,
    weigh_buckets,
)
from pipeline.text.line_words import word_kinds

LETTERS_AND_SIGNS = "aBzÄßé” а大 19.,-'|"


def buckets(line):
    data = np.frombuffer(line.encode(), np.uint8)
    room, words = np.empty(MOST_BUCKETS, np.int64), np.empty(READ_BYTES, np.uint64)
    x = np.zeros(len(NAMES), np.float32)
    read = room_to_read()
    *_, listed = measure_line(data, 0, len(data), word_kinds(), x, words, room, read)
    return room[:listed].tolist()


def test_a_line_has_its_words_their_pairs_and_its_edges():
    print_, start, this, pair, last = buckets("Print this")
    assert len({print_, start, this, pair, last}) == 5
    assert buckets("this")[0] == this
    assert buckets("Print")[:2] == [print_, start]
    assert buckets("this print")[-1] != last


def test_case_signs_and_the_digits_of_a_number_make_no_difference():
    assert buckets("PRINT (this)!") == buckets("print this")
    assert buckets("Comments (7)") == buckets("comments: 1981")
    assert buckets("Größe") != buckets("Grosse")


@pytest.mark.parametrize("line", [" - | - ", "a " * 5_000, "大雨" * 2_000, "x" * 5_000])
def test_any_line_has_few_enough_buckets(line):
    found = buckets(line)
    assert len(found) <= MOST_BUCKETS
    assert all(0 <= bucket < BUCKETS for bucket in found)
    assert buckets(line + "more" * READ_BYTES)[: len(found) // 2] == found[: len(found) // 2]


def test_the_columns_are_mean_sum_most_and_least():
    weights = np.zeros(BUCKETS, np.int8)
    weights[:4] = [16, -32, 8, 127]
    x = np.zeros(len(NAMES), np.float32)
    weigh_buckets(np.array([0, 1, 2]), weights, x)
    columns = [x[NAMES.index(f"vocabulary{which}")] for which in ("", "_sum", "_most", "_least")]
    assert columns == pytest.approx([-8 * STEP / 3, -8 * STEP, 1.0, -2.0])
    weigh_buckets(np.array([3] * 50), weights, x)
    assert x[NAMES.index("vocabulary_sum")] == 15
