import pytest

from pipeline.text.edits import apply_edits, undo_edits
from pipeline.text.learned_lines import Reach, find_learned_cuts

BODY = "It rained on the valley all night, and by morning the road to the mill was closed to carts."
MORE = "Nobody in the upper village had seen the brook so high since the year of the great thaw."
FOOTER = "Valley Post"
HEAD = "Valley Post, evening pages"
LONG = "The Valley Post belongs to its readers, who meet on the first Sunday of every other month."
REACH = Reach(3, 8)
KNOWN = {FOOTER: "learned.f", HEAD: "learned.h", LONG: "learned.l"}


def _left(*lines, title=None, known=KNOWN, reach=REACH):
    text = "\n".join(lines)
    cuts = find_learned_cuts(text, title=title, known=known, reach=reach)
    left = apply_edits(text, cuts)
    assert undo_edits(left, cuts) == text
    return left.split("\n")


def test_known_lines_go_above_and_below_the_body():
    assert _left(HEAD, "Rain", BODY, MORE, LONG, FOOTER) == ["Rain", BODY, MORE]


def test_the_same_lines_stay_in_the_middle_of_the_body():
    assert _left(BODY, FOOTER, LONG, MORE) == [BODY, FOOTER, LONG, MORE]


def test_blank_lines_that_a_cut_bares_go_too_and_others_stay():
    assert _left(HEAD, "", "", "Rain", "", BODY, "", FOOTER, "") == ["Rain", "", BODY]


def test_the_first_words_keep_their_indent():
    assert _left(HEAD, "", "   Rain", BODY) == ["   Rain", BODY]


@pytest.mark.parametrize("title", [FOOTER, FOOTER.upper(), "Valley Post: rain", "  Valley Post "])
def test_the_title_stays_and_so_does_a_part_of_it(title):
    assert _left(FOOTER, BODY, title=title) == [FOOTER, BODY]


def test_a_line_that_merely_holds_a_word_of_the_title_goes():
    assert _left(BODY, HEAD, title="Post") == [BODY]


def test_a_text_without_a_line_of_its_own_body_keeps_everything():
    assert _left("Rain", LONG, FOOTER) == ["Rain", LONG, FOOTER]


def test_very_short_texts_are_judged_by_any_sentence():
    assert _left("The road to the mill is closed.", FOOTER) == ["The road to the mill is closed."]


def test_a_line_inside_a_quotation_stays():
    lines = [BODY, "The sign says “what follows", FOOTER, "and nothing else”"]
    assert _left(*lines) == lines
    assert _left(*(line.replace("“", '"').replace("”", '"') for line in lines))[1:3] == [
        'The sign says "what follows',
        FOOTER,
    ]


def test_a_quotation_that_nobody_closes_protects_nothing():
    assert _left(f"“{BODY}", FOOTER) == [f"“{BODY}"]


def test_an_item_between_items_that_stay_stays():
    known = {"- salt": "learned.s"}
    lines = [BODY, "- flour", "- salt", "- water"]
    assert _left(*lines, known=known) == lines


def test_a_list_that_is_known_altogether_goes():
    known = {"- Sport": "learned.1", "- Weather": "learned.2"}
    assert _left(BODY, "- Sport", "- Weather", known=known) == [BODY]


def test_what_a_line_that_stays_leads_in_stays():
    lines = [BODY, "These are the names of those who came:", FOOTER]
    assert _left(*lines) == lines


def test_what_heads_a_list_that_stays_stays():
    known = {"What we know": "learned.w"}
    lines = ["What we know", "- The brook is high", "- The mill stands", BODY]
    assert _left(*lines, known=known) == lines


def test_the_heading_of_a_table_stays():
    known = {"Club won drawn lost": "learned.c", "Club | won | lost": "learned.d"}
    rows = [BODY, "Club won drawn lost", "Upper Village 3 2 1", "Lower Village 1 2 3"]
    assert _left(*rows, known=known) == rows
    rows = [BODY, "Club | won | lost", "Upper | three | one", "Lower | one | three"]
    assert _left(*rows, known=known) == rows


def test_a_menu_of_cells_that_is_known_altogether_goes():
    known = {"Home | News | Sport": "learned.1", "Terms | Contact | Shop": "learned.2"}
    assert _left("Home | News | Sport", BODY, "Terms | Contact | Shop", known=known) == [BODY]


def test_a_line_that_goes_on_with_the_sentence_above_stays():
    known = {"at the mill.": "learned.m"}
    lines = [BODY, "The carts of the upper village waited all day", "at the mill."]
    assert _left(*lines, known=known) == lines


def test_what_stands_far_from_the_edge_stays():
    names = [f"Name {n}" for n in "abcdefgh"]
    assert _left(BODY, FOOTER, *names[:7]) == [BODY, *names[:7]]
    assert _left(BODY, FOOTER, *names) == [BODY, FOOTER, *names]
    assert _left(*names[:2], HEAD, BODY) == [*names[:2], BODY]
    assert _left(*names[:3], HEAD, BODY) == [*names[:3], HEAD, BODY]


def test_each_cut_names_the_rule_of_its_line():
    text = f"{HEAD}\n{BODY}\n{FOOTER}"
    cuts = find_learned_cuts(text, title=None, known=KNOWN, reach=REACH)
    assert [cut.rule for cut in cuts] == ["learned.h", "trim.edges", "learned.f"]


def test_cutting_twice_is_cutting_once():
    once = _left(HEAD, "Rain", BODY, MORE, LONG, "", FOOTER)
    assert _left(*once) == once
