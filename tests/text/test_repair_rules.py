import re

import pytest

from pipeline.text.edits import apply_edits
from pipeline.text.entities import MARKUP, find_entities
from pipeline.text.invisible import (
    find_controls,
    find_line_ends,
    find_soft_hyphens,
    find_zero_width,
)


def made(find, text):
    return apply_edits(text, list(find(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("caf&eacute; &#8211; caf&#xE9;", "café – café"),
        ("Twickenham. &lt;", "Twickenham. <"),
        ("P&EACUTE;REZ", "PÉREZ"),
        ("this&not that, AT&T; R&D", "this&not that, AT&T; R&D"),
        ("write `&amp;` for an ampersand", "write `&amp;` for an ampersand"),
        ("&amp;lt; is the outer one first", "&lt; is the outer one first"),
    ],
)
def test_entities_of_running_text_become_their_characters(text, expected):
    assert made(find_entities, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<p>Tom &amp; Jerry</p>",
        "Use a tag:\n```\n&lt;b&gt;\n```",
        "&lt;div class='x'&gt;",
        "h1 {\n  content: '&quot;';\n}",
    ],
)
def test_a_text_that_shows_markup_keeps_its_entities(text):
    assert re.search(MARKUP, text)


@pytest.mark.parametrize(
    "text", ["Tom &amp; Jerry", "5 &lt; 6 and a &gt; b", "one; two;\nthree &amp; four;"]
)
def test_prose_is_not_taken_for_markup(text):
    assert not re.search(MARKUP, text)


def test_control_characters_and_colours_of_a_terminal_go():
    assert made(find_controls, "a\x00b\x07 \x1b[31mred\x1b[0m\ttab\n") == "ab red\ttab\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffA file’s mark", "A file’s mark"),
        ("one\n\u200b\ntwo\u2060\u2060\n", "one\n\ntwo\n"),
        ("foot\u200bball", "football"),
        ("two \u200bwords and -\ufeff-", "two \u200bwords and -\ufeff-"),
        (
            "می\u200cخواهم \N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
            "می\u200cخواهم \N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
        ),
        ("ภาษา\u200bไทย", "ภาษา\u200bไทย"),
    ],
)
def test_zero_width_characters_go_from_edges_of_lines_and_from_within_words(text, expected):
    assert made(find_zero_width, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not\xadfall\xaddaten", "Notfalldaten"),
        ("over to \xadforces", "over to forces"),
        ("a mojibake Ã\xad stays", "a mojibake Ã\xad stays"),
        ("at the end\xad\nof a line", "at the end\xad\nof a line"),
    ],
)
def test_soft_hyphens_go_from_words(text, expected):
    assert made(find_soft_hyphens, text) == expected


def test_line_ends_of_all_systems_become_newlines():
    assert made(find_line_ends, "a\r\nb\rc\x0cd\x0be\n") == "a\nb\nc\nd\ne\n"


def test_a_line_that_its_author_broke_by_a_character_of_its_own_stays_so():
    assert made(find_line_ends, "a\u2028b\u2029c") == "a\u2028b\u2029c"


def test_of_a_windows_line_end_only_the_carriage_return_is_edited():
    (edit,) = find_line_ends("a\r\nb")
    assert (edit.start, edit.removed, edit.replacement) == (1, "\r", "")
