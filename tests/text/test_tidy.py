"""Spaces, furniture and edges together, until nothing more is found."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.boilerplate import BY_RULES
from pipeline.text.edits import apply_edits, undo_edits
from pipeline.text.rules import load_rules
from pipeline.text.tidy import cut_chars, find_blank_edges, tidy

RAIN = "It rained on the valley all night, and by morning the road to the mill was closed to all."
GLUED = (
    "The road is closed.The mill stands still,and nobody knows why.Even the ferry waits,tied to "
    "its pole.The end."
)


def tidied(text, *, share=0.3, title=None):
    done = tidy(text, title=title, glued=True, means=BY_RULES, max_cut_share=share)
    assert apply_edits(text, done.edits) == done.text
    assert undo_edits(done.text, done.edits) == text
    return done


def test_blank_edges_go_and_an_indent_stays():
    assert tidied(f"\n \n  Rain\n\n{RAIN}\n \n").text == f"  Rain\n\n{RAIN}"


def test_a_blank_text_becomes_empty():
    assert tidied(" \n\n ").text == ""


def test_blank_lines_left_by_a_cut_at_the_end_go_with_the_edge():
    done = tidied(f"Rain\n{RAIN}\n{RAIN}\n\nYou may also like\n\nLeave a Comment\n")
    assert done.text == f"Rain\n{RAIN}\n{RAIN}"
    assert [(edit.rule, edit.removed.strip()) for edit in done.edits] == [
        ("trim.edges", ""),
        ("related.header", "You may also like"),
        ("trim.edges", ""),
        ("comments.invite", "Leave a Comment"),
    ]


def test_above_the_cap_nothing_is_cut_and_the_flag_is_set():
    text = "\n".join(["Rain", RAIN, "Related:", *["A short headline of another story"] * 9])
    assert tidied(text).text == text
    assert tidied(text).flags == {"boilerplate_over_cap"}
    assert tidied(text, share=0.9).text == f"Rain\n{RAIN}"


def test_the_cap_leaves_repairs_and_edges_alone():
    text = "\n".join(["Rain", GLUED, "Related:", *["A headline of another story"] * 9, ""])
    done = tidied(text)
    assert done.flags == {"boilerplate_over_cap", "glued_sentences"}
    assert "closed. The" in done.text
    assert not done.text.endswith("\n")


def test_a_sentence_that_a_lost_space_hid_is_cut():
    line = f"{GLUED}Share your thoughts in the comments below.Will it rain?"
    assert "Share your thoughts" not in tidied(f"Rain\n{RAIN}\n{line}\n{RAIN}").text


def test_only_cuts_count_as_cut():
    done = tidied(f"\n\nRain\n{RAIN}\n{GLUED}\n{RAIN}\nLeave a Comment\n\n")
    assert cut_chars(done.edits) == len("Leave a Comment\n")


def test_a_text_with_clean_edges_is_not_trimmed():
    assert list(find_blank_edges("  Rain\n\nMill")) == []


FURNITURE = [text for rule in load_rules() for text in rule.cuts]
PIECES = st.one_of(
    st.sampled_from([*FURNITURE, "", " ", RAIN, GLUED, "A heading", "Here is a list of them all:"]),
    st.text(max_size=12),
    st.sampled_from(FURNITURE).map(lambda text: f"{GLUED}{text}"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=20), st.sampled_from([0.0, 0.3, 1.0]))
def test_tidying_twice_is_tidying_once(pieces, share):
    once = tidied("\n".join(pieces), share=share)
    assert tidied(once.text, share=share).text == once.text
