"""The words of a line, read 64 bytes at once, are those that a slow reading finds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.line_reading import READ_BYTES, longest_run, read_words, room_to_read
from pipeline.text.line_words import NUMBER, OFFSET, PRIME, hash_word

SIGNS = "aBzZÄßéÀ” аЖ大😀 019.,-'|_\u00a0"
LINES = st.one_of(st.text(SIGNS), st.text(SIGNS[:4], min_size=30), st.text(min_size=60))
FULL = 1 << 64


def read(line, *, before="", behind=""):
    """Words with their letters and whether a capital is first; the hashes of parts; the room."""
    data = np.frombuffer((before + line + behind).encode("utf-8", "replace"), np.uint8)
    start, size = len(before.encode()), len(line.encode("utf-8", "replace"))
    room = room_to_read()
    words, parts = read_words(data, start, start + size, room)
    sizes = room.sizes[:words].tolist()
    found = [
        (value, size >> 1, size & 1)
        for value, size in zip(room.words[:words].tolist(), sizes, strict=True)
    ]
    return found, room.parts[:parts].tolist(), room


def hashed(signs):
    value = int(OFFSET)
    for sign in signs:
        value = (value ^ sign) * int(PRIME) % FULL
    return value


def slowly(line):
    """Byte by byte: what is folded of a word, and of a part, until something ends it."""
    words, parts, word, part, first, in_number = [], [], [], [], 0, False
    data = [*line.encode("utf-8", "replace"), 32]
    for at, byte in enumerate(data):
        before = data[at - 1] if at else 0
        letter, digit = bytes([byte]).isalpha() and byte < 128, 48 <= byte <= 57
        high = (byte >= 0xC3 and byte not in (0xE2, 0xE3) and byte < 0xF0) or (
            0x80 <= byte < 0xC0 and bool(word) and before >= 0x80
        )
        if letter or high:
            first = first if word else int(letter and byte < 97)
            latin = before == 0xC3 and 0x80 <= byte <= 0x9E
            word.append(byte | 32 if letter else byte + 32 * latin)
        elif word:
            words, word = [*words, (hashed(word), len(word), first)], []
        if letter or digit or byte >= 0x80:
            if not (digit and in_number):
                part.append(int(NUMBER) if digit else byte | 32 if letter else byte)
        elif part:
            parts, part = [*parts, hashed(part)], []
        in_number = digit
    return words, parts


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_words_and_parts_are_those_of_a_slow_reading(line):
    line = line.encode("utf-8", "replace")[:READ_BYTES].decode("utf-8", "ignore")
    assert read(line)[:2] == slowly(line)


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_what_stands_around_a_line_makes_no_difference(line, other):
    line = line.encode("utf-8", "replace")[:READ_BYTES].decode("utf-8", "ignore")
    assert read(line, before="x", behind=other + "x" * 64)[:2] == read(line)[:2]


def test_a_word_is_known_by_the_hash_that_lists_have_it_by():
    found, parts, _ = read("Read ALSO: Größe")
    assert [value for value, _, _ in found] == [hash_word(w) for w in ("read", "also", "größe")]
    assert [size for _, size, _ in found] == [4, 4, 7]
    assert [capital for *_, capital in found] == [1, 1, 1]
    assert parts[:2] == [hash_word("read"), hash_word("also")]


@settings(max_examples=100, deadline=None)
@given(st.text("a. ", max_size=READ_BYTES))
def test_the_longest_run_is_the_longest_piece_between_spaces(line):
    *_, room = read(line)
    assert longest_run(room.spaces, len(line)) == max(map(len, line.split(" ")))
