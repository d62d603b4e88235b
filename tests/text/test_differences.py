from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.differences import changed_spans


def removed_and_put(before, after):
    return [(before[a:b], after[c:d]) for a, b, c, d in changed_spans(before, after)]


def test_equal_texts_have_no_differences():
    assert changed_spans("same é", "same é") == []


def test_changes_far_apart_in_a_line_are_found_apart():
    assert removed_and_put("to-day and to-morrow", "today and tomorrow") == [("-", ""), ("-", "")]


def test_a_lost_line_and_a_new_line_are_found_between_their_neighbours():
    lines = [f"{n} bottles\n" for n in range(99)]
    before, after = "".join(lines), "".join([*lines[:9], *lines[10:40], "none\n", *lines[40:]])
    spans = changed_spans(before, after)
    assert len(spans) == 2
    assert spans[0][1] - spans[0][0] == len("9 bottles\n")
    assert spans[1][3] - spans[1][2] == len("none\n")


def test_characters_that_share_no_ascii_are_found_word_by_word():
    before = "Привет, мир".encode().decode("latin-1")
    assert [put for _, put in removed_and_put(before, "Привет, мир")] == ["Привет", "мир"]


@given(st.text("ab é€\n", max_size=60), st.text("ab é€\n", max_size=60))
def test_what_lies_between_differences_is_equal(before, after):
    at = new_at = 0
    for start, end, new_start, new_end in changed_spans(before, after):
        assert before[at:start] == after[new_at:new_start]
        at, new_at = end, new_end
    assert before[at:] == after[new_at:]


def test_ten_million_characters_without_a_line_end_are_compared_in_linear_time():
    before = "abcdefghij" * 1_000_000
    after = "x" + before[:5_000_000] + "é" + before[5_000_000:-1]
    assert len(changed_spans(before, after)) <= 3
