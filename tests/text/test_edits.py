from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.edits import Action, Edit, apply_edits, compose_edits, find_edits, undo_edits

ALPHABET = "ab\n é€Привет"


@st.composite
def edits_of(draw, text):
    marks = draw(st.lists(st.integers(0, len(text)), max_size=10).map(sorted))
    edits = []
    for number, (start, end) in enumerate(zip(marks[::2], marks[1::2], strict=False)):
        replacement = draw(st.one_of(st.just(""), st.text("xyz", max_size=3)))
        if start < end or (replacement and (not edits or edits[-1].end < start)):
            action = Action.REPAIR if replacement else Action.DROP_LINE
            edits.append(Edit(start, end, action, f"rule.{number}", text[start:end], replacement))
    return edits


@st.composite
def texts_edited_twice(draw):
    text = draw(st.text(ALPHABET, max_size=30))
    first = draw(edits_of(text))
    between = apply_edits(text, first)
    return text, first, between, draw(edits_of(between))


def in_order(edits):
    return all(a.start <= a.end <= b.start <= b.end for a, b in pairwise(edits))


def cut(start, text, rule="junk"):
    return Edit(start, start + len(text), Action.DROP_LINE, rule, text, "")


def repair(start, removed, replacement, rule="mend"):
    return Edit(start, start + len(removed), Action.REPAIR, rule, removed, replacement)


@given(texts_edited_twice())
def test_undoing_edits_gives_the_original_back(case):
    text, first, between, _ = case
    assert undo_edits(between, first) == text


@given(texts_edited_twice())
def test_composed_edits_do_what_both_lists_do_one_after_the_other(case):
    text, first, between, second = case
    after = apply_edits(between, second)
    composed = compose_edits(first, second)
    assert apply_edits(text, composed) == after
    assert undo_edits(after, composed) == text


@given(texts_edited_twice())
def test_composed_edits_are_in_order_and_say_what_stood_there(case):
    text, first, _, second = case
    composed = compose_edits(first, second)
    assert in_order(composed)
    assert all(text[edit.start : edit.end] == edit.removed for edit in composed)


@given(texts_edited_twice())
def test_no_composed_cut_puts_anything_in_its_place(case):
    _, first, _, second = case
    composed = compose_edits(first, second)
    assert all(not e.replacement for e in composed if e.action is Action.DROP_LINE)


@given(texts_edited_twice(), st.data())
def test_it_does_not_matter_which_two_of_three_lists_are_composed_first(case, data):
    text, first, between, second = case
    third = data.draw(edits_of(apply_edits(between, second)))
    left = compose_edits(compose_edits(first, second), third)
    right = compose_edits(first, compose_edits(second, third))
    assert apply_edits(text, left) == apply_edits(text, right)


@given(st.text(ALPHABET, max_size=40), st.text(ALPHABET, max_size=40))
def test_found_edits_turn_one_text_into_the_other_and_back(before, after):
    edits = find_edits(before, after, rule="mend", action=Action.REPAIR)
    assert apply_edits(before, edits) == after
    assert undo_edits(after, edits) == before
    assert in_order(edits)


@given(st.text(ALPHABET, max_size=40), st.text(ALPHABET, max_size=40))
def test_a_found_edit_begins_and_ends_with_a_difference(before, after):
    for edit in find_edits(before, after, rule="mend", action=Action.REPAIR):
        assert edit.removed != edit.replacement
        assert not edit.removed or edit.removed[:1] != edit.replacement[:1]
        assert not edit.removed or edit.removed[-1:] != edit.replacement[-1:]


def test_a_cut_over_a_repair_takes_it_in_and_removes_the_decoded_text():
    first = [repair(4, "â€™", "’")]
    second = [cut(0, "don ’t ask")]
    assert compose_edits(first, second) == [cut(0, "don â€™t ask")]


def test_a_repair_before_a_cut_only_moves_it():
    first = [repair(0, "â€™", "’")]
    assert compose_edits(first, [cut(3, "ads")]) == [repair(0, "â€™", "’"), cut(5, "ads")]


def test_a_cut_that_takes_the_end_of_a_repair_leaves_the_repair_its_beginning():
    first = [repair(2, "....", "one two")]
    second = [cut(5, " two and more")]
    assert compose_edits(first, second) == [repair(2, "....", "one"), cut(6, " and more")]


def test_a_cut_from_the_inside_of_a_repair_lends_it_its_rule():
    first = [repair(2, "....", "one two six")]
    second = [cut(5, " two")]
    assert compose_edits(first, second) == [repair(2, "....", "one six", rule="junk")]


def test_a_later_repair_across_an_earlier_one_takes_both_over():
    first = [repair(1, "&amp;amp;", "&amp;")]
    second = [repair(0, "x&amp;y", "x&y", rule="again")]
    assert compose_edits(first, second) == [repair(0, "x&amp;amp;y", "x&y", rule="again")]


def test_edits_that_only_touch_stay_apart():
    first = [repair(0, "aa", "b"), cut(2, "cc")]
    second = [cut(1, "dd", rule="other")]
    assert compose_edits(first, second) == [*first, cut(4, "dd", rule="other")]


def test_composing_with_nothing_changes_nothing():
    edits = [repair(1, "aa", "b")]
    assert compose_edits(edits, []) == edits
    assert compose_edits([], edits) == edits


def test_each_mended_place_of_a_line_is_an_edit_of_its_own():
    before = "He said â€œnoâ€\x9d and left the cafÃ© at once."
    after = "He said “no” and left the café at once."
    edits = find_edits(before, after, rule="mend", action=Action.REPAIR)
    assert [(e.removed, e.replacement) for e in edits] == [
        ("â€œ", "“"),
        ("â€\x9d", "”"),
        ("Ã©", "é"),
    ]
