"""The compiled counts agree with plain Python, and each means what its name says."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.counts import COUNTS
from pipeline.text.signals import count_texts

ALPHABET = "abAB \n.,!?…12-#é中Я\u0301\u200b\U0001f600"


def count(*texts: str) -> list[dict[str, int]]:
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
    rows = count_texts(np.frombuffer(b"".join(encoded), np.uint8), offsets)
    return [dict(zip(COUNTS.names, row.tolist(), strict=True)) for row in rows]


def repeated_gram_chars(words: list[str], n: int) -> int:
    seen, covered = set(), set()
    for at in range(len(words) - n + 1):
        gram = tuple(words[at : at + n])
        covered |= set(range(at, at + n)) if gram in seen else set()
        seen.add(gram)
    return sum(len(words[at]) for at in covered)


@settings(deadline=None)  # the first call compiles
@given(st.text(ALPHABET, max_size=60))
def test_sizes_agree_with_plain_python(text):
    (row,) = count(text)
    words = re.findall(r"[\w\u0301]+", text)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    assert row["chars"] == len(text)
    assert row["words"] == len(words)
    assert row["word_chars"] == sum(map(len, words))
    assert row["alpha_words"] == sum(any(map(str.isalpha, word)) for word in words)
    assert row["newlines"] == text.count("\n")
    assert row["digits"] == sum(map(str.isdecimal, text))
    assert row["lines"] == len(lines)
    assert row["line_chars"] == sum(map(len, lines))
    assert row["short_lines"] == sum(len(line) < 30 for line in lines)
    assert row["duplicate_lines"] == len(lines) - len(set(lines))


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=40))
def test_repeated_sequences_agree_with_plain_python(words):
    (row,) = count(" ".join(words))
    for n in (5, 6, 7, 8, 9, 10):
        assert row[f"duplicate_{n}gram_chars"] == repeated_gram_chars(words, n)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text(ALPHABET, max_size=30), max_size=6))
def test_a_text_is_counted_alike_alone_and_among_others(texts):
    assert count(*texts) == [count(text)[0] for text in texts]


def test_an_empty_text_counts_nothing():
    assert set(count("")[0].values()) == {0}
    assert count() == []


def test_the_most_frequent_pair_of_words_is_measured():
    (row,) = count("red bus, red bus, red bus and a blue car, a blue car")
    assert row["top_2gram_chars"] == 3 * len("redbus")
    assert row["top_3gram_chars"] == 2 * len("bus red bus".replace(" ", ""))


def test_an_overlapping_pair_never_counts_more_than_the_text():
    (row,) = count("ha " * 200)
    assert row["top_2gram_chars"] == row["word_chars"] == 400


@pytest.mark.parametrize(
    ("text", "glued"),
    [
        ("Two experts.This is where they differ.", 1),
        ("After the talks,which went on all night,nothing changed.", 2),
        ("The U.S.Foreign Office said so.", 1),
        ("Так сказал мэр.Потом он ушёл,не прощаясь.", 2),
        ("Prices rose 3.5 per cent, 1,200 people left, e.g. by bus.", 0),
        ("See https://paper.example/news,World.Html or mail desk.World@paper.example.", 0),
        ("U.S. troops and a J.R. Smith; the P.S. was short.", 0),
        ("他说,好的,然后走了.", 0),
        ("", 0),
        (".A.b!", 0),
    ],
)
def test_missing_spaces_are_counted_where_a_reader_would_miss_them(text, glued):
    assert count(text)[0]["glued"] == glued


def test_lines_are_known_by_how_they_begin_and_end():
    (row,) = count("He left.\n“Really?”\nTo be continued...\n- a point\n• another\n-5 degrees\n")
    assert row["stopped_lines"] == 3
    assert row["ellipsis_lines"] == 1
    assert row["bullet_lines"] == 2


def test_paragraphs_are_separated_by_blank_lines():
    (row,) = count("One\ntwo\n\nthree\n \t\nOne\ntwo\n")
    assert (row["paragraphs"], row["duplicate_paragraphs"]) == (3, 1)
    assert row["duplicate_paragraph_chars"] == len("Onetwo")


def test_stop_words_are_counted_once_each_whatever_their_case():
    assert count("The end of THE day, and of the week. Bees, tobe.")[0]["stop_words"] == 3


def test_capitals_need_two_letters_and_a_script_that_has_them():
    assert count("NATO and a B-52 met A man from 中国 at МИД")[0]["upper_words"] == 2


@pytest.mark.parametrize("text", ["a" * 200_000, "a\n" * 100_000, ".A" * 100_000, "{" * 200_000])
def test_hostile_texts_are_counted_whole(text):
    assert count(text)[0]["chars"] == 200_000
