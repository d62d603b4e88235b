"""The kernel that reads words from bytes, against a slow one that goes character by character."""

import itertools
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.dedup.characters import NOTHING, SPACELESS, TABLE_SIZE, character_table
from pipeline.dedup.tokens import SLACK, hash_words, normalise

MASK = (1 << 64) - 1
ALPHABETS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("abcXYZ019 .,-_'’\n"),
    st.sampled_from("中文字符カタかな  ไทยລາວ𠀀𠀁"),
    st.sampled_from("éÉßﬁ½Σς\u0301\u00ad\u200b가ｶﾞ"),
)


def kernel_words(text: str, *, behind: bytes = b"") -> tuple[list[bytes], list[int]]:
    """The words as the kernel writes them, and their hashes."""
    encoded = text.encode()
    data = np.frombuffer(encoded + behind, np.uint8)
    buffer = np.full(3 * len(encoded) + SLACK, 7, np.uint8)
    length = normalise(data, 0, len(encoded), character_table(), buffer)
    hashes = np.empty(length + 1, np.uint64)
    count = hash_words(buffer, length, hashes)
    words = [word for word in bytes(buffer[:length]).split(b"\0") if word]
    return words, hashes[:count].tolist()


def slow_words(text: str) -> list[bytes]:
    """The same by the book: fold each character, pair up what is written without spaces."""
    table = character_table()
    out, run = [], []

    def close() -> None:
        if run:
            pairs = [a + b for a, b in itertools.pairwise(run)] or run
            out.append(b"\0" + b"\0".join(pairs) + b"\0")
            run.clear()

    for character in text:
        point = ord(character)
        if point >= TABLE_SIZE:
            kind = SPACELESS if point < 0x40000 else 0
            folded = character.encode() if kind else b"\0"
        else:
            kind = int(table.kind[point])
            folded = bytes(table.pool[table.first[point] : table.first[point + 1]])
        if kind == NOTHING:
            continue
        if kind == SPACELESS:
            run.append(folded)
            continue
        close()
        out.append(folded)
    close()
    return [word for word in b"".join(out).split(b"\0") if word]


def slow_hash(word: bytes) -> int:
    """The hash of a word in plain integers."""
    multiplier, tail_multiplier = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
    start = int.from_bytes(word[:8], "little") << 8 * max(0, 8 - len(word)) & MASK
    h = (0x2545F4914F6CDD1D ^ start) * multiplier & MASK
    h ^= h >> 32
    at = 8
    while len(word) - at > 8:
        h = (h ^ int.from_bytes(word[at : at + 8], "little")) * multiplier & MASK
        h ^= h >> 32
        at += 8
    tail = int.from_bytes(word[-8:], "little") if len(word) > 8 else 0
    h = ((h ^ tail) * tail_multiplier & MASK) ^ len(word)
    h ^= h >> 32
    h = h * 0xD6E8FEB86659FD93 & MASK
    return h ^ h >> 29


@settings(deadline=None)
@given(st.text(ALPHABETS, max_size=300))
@example("x" * 63 + "é" + "y" * 64)
@example("中" * 100)
@example("a" * 128 + " " + "b" * 64)
def test_the_kernel_reads_the_words_that_the_slow_reader_reads(text):
    words, hashes = kernel_words(text)
    assert words == slow_words(text)
    assert hashes == [slow_hash(word) for word in words]


@settings(deadline=None)
@given(st.text(ALPHABETS, max_size=100), st.binary(max_size=80))
def test_what_lies_behind_a_text_in_memory_does_not_matter(text, behind):
    assert kernel_words(text, behind=behind) == kernel_words(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The “Quick” fox—don’t!", "the 'quick' fox - don't"),
        ("Ｆｕｌｌ ｗｉｄｔｈ １２３", "full width 123"),
        ("caf\u00e9", "cafe\u0301"),
        ("STRASSE", "straße"),
        ("ofﬁce", "office"),
        ("news\u00adpaper zero\u200bwidth", "newspaper zerowidth"),
        ("snake_case", "snake case"),
        ("ｶﾀｶﾅ", "カタカナ"),
    ],
)
def test_forms_of_the_same_words_are_the_same_words(one, other):
    assert kernel_words(one)[1] == kernel_words(other)[1]


def test_digits_are_words_and_punctuation_is_not():
    assert kernel_words("In 1,987 of 50% ... (†)")[0] == [b"in", b"1", b"987", b"of", b"50"]


def test_text_without_spaces_becomes_overlapping_pairs():
    words = [word.decode() for word in kernel_words("東京都で abc ไทย")[0]]
    assert words == ["東京", "京都", "都で", "abc", "ไท", "ทย"]


def test_every_folded_form_is_folded_already():
    table = character_table()
    for start, end in zip(table.first[:-1].tolist(), table.first[1:].tolist(), strict=True):
        piece = bytes(table.pool[start:end]).replace(b"\0", b" ").decode()
        assert piece == unicodedata.normalize("NFKD", piece) or len(piece) == 1
