"""What an article is about, told by enough of its lines."""

import numpy as np

from pipeline.text.line_scan import scan_texts
from pipeline.text.rules import load_book
from pipeline.text.suspects import encode_texts
from pipeline.text.topics import TOPIC_LINES, is_about, prose_of

ABOUT = "The Newsletter, newsletter by newsletter, was read in the valley all night.\n"
OTHER = "It rained on the valley all night, and by morning the road to the mill was closed.\n"


def test_a_topic_needs_enough_lines_and_not_enough_words():
    assert is_about((OTHER + ABOUT * TOPIC_LINES).encode(), "newsletter")
    assert not is_about((ABOUT * (TOPIC_LINES - 1) + OTHER).encode(), "newsletter")
    assert not is_about(b"", "newsletter")


def test_prose_is_long_lines_that_nobody_speaks_for():
    data, offsets = encode_texts([f"Rain\n{OTHER}{'é' * 79}\n{'é' * 80}\n{ABOUT}"])
    rows = scan_texts(data, offsets, load_book().triggers, 100)[0]
    spoken_for = np.array([False, False, False, False, True])
    assert prose_of(data, rows, spoken_for).decode() == f"{OTHER}{'é' * 80}\n"
