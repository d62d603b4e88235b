"""What is read off the bytes of a line is what the string says."""

import re
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.line_forms import (
    COLON,
    ENDS,
    LEADS,
    LETTERS_END,
    LIST_INTRO_CHARS,
    LONG,
    LOWER,
    MARKED,
    PROSE,
    QUOTED,
    SHORT_PROSE,
    TITLE,
    forms_of,
    letters,
)
from pipeline.text.line_scan import scan_texts
from pipeline.text.lines import split_lines
from pipeline.text.rules import QUOTES, load_book
from pipeline.text.structure import ANSWER, QUESTION, SPEAKER
from pipeline.text.suspects import encode_texts
from pipeline.text.zones import (
    BODY_CHARS,
    CLOSERS,
    SENTENCE_ENDS,
    SHORT_BODY_CHARS,
    ends_sentence,
    find_zones,
)

PARTS = st.sampled_from([
    "Rain", "rain on the mill ", "It rained on the valley all night, and by morning ", "大雨" * 9,
    "Q", "A", "Frage", "Ответ", "Réponse", ":", ": ", ". ", ".", "!", "?", "：", " ", "\u3000",
    "\u00a0", "\x1c", "ß", "Ⓐ", "²", "٣", "ª", "ǆ", *SENTENCE_ENDS, *CLOSERS, *QUOTES,
])  # fmt: skip
LINES = st.one_of(st.lists(PARTS, max_size=16).map("".join), st.text(max_size=60))


def forms(text, title=""):
    data, offsets = encode_texts([text])
    rows = scan_texts(data, offsets, load_book().triggers, 100)[0]
    return forms_of(data, rows, np.frombuffer(title.encode(), np.uint8), letters())


def said(line, title):
    """The bits of a line, as strings have them."""
    last, prose = line[-1], find_zones({0: line}, ()).body
    return {
        ENDS: ends_sentence(line),
        LOWER: line[0].islower(),
        QUOTED: line.startswith(QUOTES),
        COLON: last == ":",
        LEADS: last in ":：" and len(line) >= LIST_INTRO_CHARS,
        PROSE | SHORT_PROSE | LONG: 0 in prose,
        LONG: len(line) >= BODY_CHARS,
        SHORT_PROSE: len(line) >= SHORT_BODY_CHARS and ends_sentence(line),
        TITLE: line == title,
        MARKED: bool(QUESTION.match(line) or ANSWER.match(line)),
    }


@settings(max_examples=500, deadline=None)
@given(st.lists(LINES, max_size=6), LINES)
def test_forms_are_what_strings_say(lines, title):
    text = "\n".join([*lines, title])
    filled = list(split_lines(text).filled.values())
    found = forms(text, title.strip())
    assert found.chars.tolist() == list(map(len, filled))
    for line, bits in zip(filled, found.bits.tolist(), strict=True):
        wanted = said(line, title.strip())
        assert {bit: bool(bits & bit) for bit in wanted} == wanted, line
    names = [match[1] if (match := SPEAKER.match(line)) else "" for line in filled]
    for name, speaker in zip(names, found.speakers.tolist(), strict=True):
        assert (name == "") == (speaker == 0)
        others = zip(names, found.speakers.tolist(), strict=True)
        assert all((name == other) == (speaker == number) for other, number in others)


def test_no_letter_lies_beyond_those_that_are_known():
    beyond = map(chr, range(LETTERS_END, sys.maxunicode + 1))
    assert not any(sign.isalnum() or sign.islower() for sign in beyond)
    assert re.match(r"[^\W\d_]", "²")  # a letter to a pattern, so one here
