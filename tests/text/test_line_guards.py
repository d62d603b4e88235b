"""What the line model is not asked about, and what it may not cut."""

import numpy as np
import pytest

from pipeline.text.boilerplate import read_page
from pipeline.text.line_context import describe_lines
from pipeline.text.line_guards import can_be_judged, cut_rows, likely_titles, may_be_asked
from pipeline.text.line_model import load_model
from pipeline.text.line_words import word_kinds

PROSE = [
    "It rained on the valley all night, and by morning the road to the mill was closed to all.",
    "The miller, who has kept the sluice for thirty years, said he had never seen the like of it.",
    "Two families were taken to the school in boats, and nobody was hurt, a spokeswoman said.",
    "The council will meet on Thursday to decide whether the old bridge can be saved at all.",
]
TITLE = "Rain closes the road to the mill"
LABELS = ["Print this page", "Most popular", "Contact us"]
FAR_MORE, TITLE_ODDS = 20.0, 3.0


def features(*lines):
    page = read_page("\n".join(lines))
    return describe_lines(*page, load_model().words)


def asked(*lines):
    return may_be_asked(*read_page("\n".join(lines)), word_kinds())


def cut(odds, *lines):
    return cut_rows(features(*lines), np.array(odds), 1.0, 0.0).tolist()


def test_articles_without_any_sign_of_furniture_are_not_asked_about():
    assert not asked(TITLE, *PROSE)
    assert not asked(TITLE, *PROSE[:2], "What happens next", *PROSE[2:])
    assert asked(TITLE, *PROSE, *LABELS)


@pytest.mark.parametrize("heading", ["Article {}", "§ Artikel {}.", "Стаття {}:", "Part {})"])
def test_a_text_under_headings_that_count_up_is_not_asked_about(heading):
    parts = [line for k in range(9, 13) for line in (heading.format(k), *PROSE[:2])]
    assert asked(*PROSE, *LABELS)
    assert not asked(*parts, *LABELS)
    assert asked(*parts[:6], *PROSE, *LABELS)


@pytest.mark.parametrize(
    "lines", [["Page 1", "Page 2", "Page 3"], ["1", PROSE[0], "2", PROSE[1], "3"]]
)
def test_a_row_of_page_numbers_is_no_heading(lines):
    assert asked(*PROSE, *lines, *LABELS)


def test_a_text_wrapped_by_hand_needs_many_signs():
    mail = [
        "It rained on the valley all night, and by morning the",
        "road to the mill was closed, which nobody here had",
        "seen in thirty years of keeping the sluice, as the old",
        "miller told us when he came for his bread and his beer",
        "on the next day, and so we left the valley by the pass.",
    ]
    assert not asked(*mail * 4, "Print this page")
    assert asked(*mail * 2, *LABELS)


@pytest.mark.parametrize("lines", [["大雨。"] * 60, ["Rain", "Print this page"], PROSE * 300])
def test_other_scripts_and_sizes_are_not_asked_about(lines):
    assert not asked(*lines)


def test_a_short_sentence_right_below_the_prose_is_its_last():
    closing = "The mill will open again when the water has gone."
    lines = [TITLE, *PROSE[:3], closing, "Print this page", closing]
    assert cut([-FAR_MORE] * 4 + [FAR_MORE] * 3, *lines) == [5, 6]


def test_a_title_is_known_by_the_words_it_shares_with_the_body():
    body = [f"{PROSE[0]} {PROSE[1]}", f"{PROSE[2]} {PROSE[3]}"]
    two = ["The road to the mill is closed", "The old bridge can be saved"]
    page = ["Home", "Weather desk", TITLE, "Tuesday 4 March", *body]
    assert likely_titles(features(*page)) == (2, -1)
    assert likely_titles(features(*two, *body)) == (0, 1)
    assert likely_titles(features("Home", "Contact", *body)) == (-1, -1)


def test_prose_and_quotations_amid_the_article_stay_whatever_the_odds():
    lines = [TITLE, *PROSE, "“Contact us”", "word " * 60, PROSE[0]]
    assert cut([-9, -9, *[FAR_MORE] * 5, -9], *lines) == []


def test_prose_goes_where_all_lines_beyond_it_go():
    lines = [TITLE, *PROSE, "Contact us", "“Word for word,” as we say.", "word " * 60]
    assert cut([-9] * 5 + [FAR_MORE] * 3, *lines) == [5, 6, 7]


def test_a_likely_title_goes_only_if_that_is_much_likelier():
    lines = [TITLE, *PROSE]
    assert cut([TITLE_ODDS, -9, -9, -9, -9], *lines) == []
    assert cut([FAR_MORE, -9, -9, -9, -9], *lines) == [0]


def test_among_few_lines_of_prose_only_the_edges_go():
    lines = ["Contents", TITLE, *PROSE[:2], "Contact us", "Mill Lane", "Print this page"]
    odds = [FAR_MORE, -9, -9, -9, FAR_MORE, -9, FAR_MORE]
    assert cut(odds, *lines) == [0, 6]
    assert cut([*odds, -9], *lines, PROSE[2]) == [0, 4, 6]


def test_a_text_of_few_lines_of_prose_must_show_several_signs_of_furniture():
    assert not can_be_judged(features(TITLE, *PROSE[:2], *LABELS[:1]))
    assert can_be_judged(features(TITLE, *PROSE[:2], *LABELS))
    assert can_be_judged(features(TITLE, *PROSE))


def test_parts_of_a_sentence_that_a_link_broke_stay_with_it():
    end = "which left the valley long before the war, as many who once worked at the mill did."
    lines = [*PROSE[:2], "The dam was built by", "Mill Works", end, *PROSE[2:]]
    assert cut([-9, -9, -9, FAR_MORE, -9, -9, -9], *lines) == []
