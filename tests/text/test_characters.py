"""The character table says what Unicode and the regex engine say."""

import unicodedata

import polars as pl
import pytest

from pipeline.text.characters import DIGIT, LETTER, LOWER, SPACE, UPPER, WORD, character_classes


def test_word_characters_are_those_of_the_regex_engine():
    table = character_classes()
    points = [p for p in range(0x30000) if unicodedata.category(chr(p)) not in {"Cn", "Cs"}]
    frame = pl.DataFrame({"character": [chr(point) for point in points]})
    engine = frame.select(pl.col("character").str.contains(r"^\w$")).to_series().to_list()
    ours = [bool(table[point] & WORD) for point in points]
    differing = [point for point, one, two in zip(points, ours, engine, strict=True) if one != two]
    # Circled and squared letters, which the regex engine takes for letters and Unicode for symbols.
    assert {unicodedata.category(chr(point)) for point in differing} <= {"So"}


@pytest.mark.parametrize("character", "aZéßЯя中ا٣5 \u00a0\u3000\n\t\x1c\x85_-")
def test_letters_digits_and_spaces_are_those_of_python(character):
    kind = character_classes()[ord(character)]
    assert bool(kind & LETTER) == character.isalpha()
    assert bool(kind & UPPER) == character.isupper()
    assert bool(kind & LOWER) == character.islower()
    assert bool(kind & DIGIT) == character.isdecimal()
    assert bool(kind & SPACE) == character.isspace()
