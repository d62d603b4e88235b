"""What a scan says of lines is what their words say, one by one."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.text.line_keys import (
    ASKS_SECOND,
    BEGINS_RULE,
    FOR_LINES,
    FOR_SENTENCES,
    GOES_BEYOND,
    KEY_LETTERS,
    NEEDED_BY_LINE,
    NEEDED_BY_SENTENCE,
    STANDS_ALONE,
    WRAPPED,
    meaning_of,
    word_key,
    word_table,
)
from pipeline.text.line_scan import scan_texts
from pipeline.text.suspects import encode_texts

MEANINGS = {
    "more": BEGINS_RULE,
    "the": ASKS_SECOND,
    "the mill": BEGINS_RULE,
    "ago": STANDS_ALONE,
    "caf": GOES_BEYOND,
    "reserved": NEEDED_BY_LINE,
    "ap": NEEDED_BY_LINE,
    "comments": NEEDED_BY_SENTENCE,
}
TABLE = word_table(MEANINGS.items())
LONGEST = 200
WORDS = ("mill", "rain", "the", "more", "ago", "caf", "Reserved", "AP", "COMMENTS", "reservedly")
PIECES = st.one_of(
    st.sampled_from([word + sign for word in WORDS for sign in (" ", " ", ".", "é", "")]),
    st.sampled_from([" ", "\n", '"', "\n\n", "@", "... ", "7", "x" * 57, "rain " * 45]),
)


def key_of(word):
    return word.lower()[:KEY_LETTERS]


def said(meaning, word):
    return any(key_of(known) == key_of(word) and kind & meaning for known, kind in MEANINGS.items())


def flags_of(line):
    """By regular expressions what the scan tells from bits, for lines that do not look odd."""
    words = list(re.finditer("[A-Za-z]+", line))
    names = [word[0] for word in words]
    flags = FOR_SENTENCES if any(said(NEEDED_BY_SENTENCE, name) for name in names) else 0
    if not names or len(line.encode()) > LONGEST or line.startswith('"'):
        return flags
    gap = line[words[0].end() : words[1].start() if len(words) > 1 else len(line)]
    asks = said(BEGINS_RULE, names[0]) or any(said(NEEDED_BY_LINE, name) for name in names)
    asks |= len(names) == 1 and said(STANDS_ALONE, names[0])
    asks |= said(GOES_BEYOND, names[0]) and re.search("[^\\x00-?A-\\x7f]", gap) is not None
    asks |= [name.lower() for name in names[:2]] == ["the", "mill"]
    return flags | (FOR_LINES if asks else 0)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=4))
@example(["rain AP", "AP rain\nreserve", "dly comments"])
def test_flags_are_what_the_words_of_a_line_say(texts):
    rows, flags, ends = scan_texts(*encode_texts(texts), TABLE, LONGEST)
    for k, text in enumerate(texts):
        data = text.encode()
        found = rows[ends[k] : ends[k + 1]]
        lines = [data[start:stop].decode() for _, start, stop in found.tolist()]
        plain = [line for line in lines if re.match("[^A-Za-z]*[é@7]", line) is None]
        told = {
            line: int(bits) & ~WRAPPED for line, bits in zip(lines, flags[ends[k] :], strict=False)
        }
        assert {line: told[line] for line in plain} == {line: flags_of(line) for line in plain}


def test_words_are_told_by_their_first_letters():
    assert word_key("Reserved") == word_key("reservation") != word_key("reset")
    assert meaning_of(TABLE, TABLE.keys.dtype.type(word_key("RESERVES"))) == NEEDED_BY_LINE
    assert meaning_of(TABLE, TABLE.keys.dtype.type(word_key("rain"))) == 0
