"""The longest passage that two texts share, and where it stands."""

import random
from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.shared import find_shared_passage


def test_a_passage_in_the_middle_is_found_with_its_places():
    quoted = "the river rose over the lower road in the night"
    kept = f"It was plain at noon that {quoted} and nobody slept."
    dropped = f"Readers wrote that {quoted} and\nothers did not."
    found = find_shared_passage(kept, dropped)
    assert (found.words, found.text) == (12, f"that {quoted} and")
    assert (found.kept_from, found.kept_words) == (5, 19)
    assert (found.dropped_from, found.dropped_words) == (2, 17)


def test_blanks_do_not_part_a_passage():
    found = find_shared_passage("one two three four five six", "one  two\n\nthree four five six")
    assert (found.words, found.kept_from, found.dropped_from) == (6, 0, 0)


def test_a_word_or_two_is_no_passage():
    assert find_shared_passage("the mayor spoke", "the mayor slept") is None
    assert find_shared_passage("", "") is None


def test_letters_of_scripts_without_spaces_count_as_words():
    found = find_shared_passage("今日は東京都で雨が降った", "昨日は東京都で雨が降らない")
    assert found.text == "日は東京都で雨が降"


@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_no_longer_passage_is_in_both(left, right):
    found = find_shared_passage(" ".join(left), " ".join(right))
    longest = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
    assert (found.words if found else 0) == (longest.size if longest.size >= 5 else 0)
    if found:
        there = left[found.kept_from : found.kept_from + found.words]
        assert there == right[found.dropped_from : found.dropped_from + found.words]
        assert found.text.split() == there


def test_a_long_text_takes_no_long_time():
    drawn = random.Random(1)
    words = [drawn.choice("abcdefgh") for _ in range(30_000)]
    found = find_shared_passage(" ".join(words), " ".join(["x", *words[1_000:]]))
    assert found.dropped_from == 1
    assert found.words == len(words) - 1_000
