"""Titles and oddities of form."""

import pytest

from pipeline.text.structure import (
    detect_title,
    edge_flags,
    first_lines,
    form_flags,
    last_lines,
)

RAIN = "It rained on the valley all night, and by morning the road to the mill was closed to all."
MILL = "The miller, who has kept the sluice for thirty years, said he had never seen the like."


def edges(*lines):
    text = "\n".join(lines)
    return edge_flags(first_lines(text, 6), last_lines(text, 2))


def form(*lines):
    return form_flags("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Rain closes the road\n{RAIN}", "Rain closes the road"),
        (f"\n  Rain closes the road \n\n{RAIN}", "Rain closes the road"),
        (f"Rain closes the road\nThe mill stands still\n{RAIN}", "Rain closes the road"),
        (f"“The worst night”: rain in the valley\n{RAIN}", "“The worst night”: rain in the valley"),
        (f"{RAIN}\n{MILL}", None),
        (f"It rained.\n{RAIN}", None),
        (f"- Rain\n{RAIN}", None),
        ("Rain closes the road", None),
        ("Rain\nMill\nRoad", None),
        (f"{'rain ' * 50}\n{RAIN}", None),
        ("", None),
    ],
)
def test_the_title_is_the_first_line_that_reads_like_one(text, title):
    assert detect_title(text) == title


def test_two_headlines_on_one_matter_are_a_double_title():
    first, second = "Rain closes valley road for a week", "Valley road closed: what comes next?"
    assert edges(first, "", second, "", RAIN) == {"double_title"}
    assert edges(first, RAIN, second, RAIN) == set()
    assert edges(first, "Weather", RAIN) == set()
    assert edges(first, "The valley and its road are closed.", RAIN) == set()


def test_questions_and_answers_are_a_block_from_two_on():
    pair = ["Q: Is the road open?", "A: Not before the spring."]
    assert form("Rain", RAIN, *pair, *pair) == {"qa_block"}
    assert form("Rain", RAIN, *pair) == set()


def test_an_interview_below_an_article_makes_it_of_several_parts():
    article = [RAIN, MILL] * 3
    talk = ["Reporter: Is it open?", f"Engineer: No. {RAIN}"] * 4
    assert form("Rain", *article, "A talk with an engineer", *talk) == {"multi_part"}
    assert form("A talk with an engineer", RAIN, *talk) == set()


def test_news_items_at_the_end_are_a_digest():
    assert form("Rain", RAIN, MILL, RAIN, f"- {RAIN}", f"- {MILL}") == {"related_digest"}
    assert form("Rain", RAIN, MILL, RAIN, "- Road", "- Mill") == set()
    assert form("Rain", RAIN, f"- {RAIN}", f"- {MILL}", RAIN) == set()


@pytest.mark.parametrize(
    "last",
    [
        f"{RAIN[:-1]} and then…",
        f"{RAIN[:-1]} and [...]",
        f"{RAIN[:-1]} and… [+1234 chars]",
        f"{RAIN} {MILL} The mayor",
    ],
)
def test_a_text_that_stops_in_mid_sentence_is_truncated(last):
    assert edges("Rain", RAIN, last) == {"truncated"}


@pytest.mark.parametrize("last", [RAIN, "The mayor", "“No.”", "To be continued…", f"- {RAIN[:-1]}"])
def test_a_text_that_ends_is_not_truncated(last):
    assert edges("Rain", RAIN, last) == set()


def test_empty_texts_have_no_flags():
    assert edges("") == set()
    assert form("") == set()
