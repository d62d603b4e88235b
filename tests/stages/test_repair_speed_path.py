"""The short way to ftfy's answer gives ftfy's answer, on tens of thousands of planted faults."""

import random
import re
from importlib.metadata import version

import ftfy
import polars as pl
from ftfy.badness import is_bad
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.repair import BADNESS, fix_encoding
from pipeline.text.repair import FTFY

CASES = 24_000
CHARSETS = ("cp1252", "latin-1", "cp1251", "cp1250", "cp1253", "cp1257", "mac_roman", "cp437")
WORDS = (
    "naïve",
    "Übergang",
    "“quoted”",
    "l’été",
    "déjà vu",
    "Привет",
    "αβγ",
    "日本語",
    "żółw",
    "…",
)
ODD = (
    "ÃÂâ€™œž¢©®°·»ñéèüßÀÉØÙ×²³¼½√≈‚Äв–—…“”‘’\xa0\xad¡¿£¥ŠšŽŸ¬¦§¨ªº´¸¹ВГРСЂўΒΓΞΟ"
    "□►☺한عربé\u200b\ufb01Ａ\x85\x9d\x1b\x1c\u2028\ufffd"
)
PLAIN = "aeiouAEB019 .,!?'\"\n\r\t&;<"


def planted(seed, count):
    rnd = random.Random(seed)
    for _ in range(count):
        kind = rnd.random()
        if kind < 0.4:
            yield "".join(rnd.choices(ODD + PLAIN * 3, k=rnd.randint(1, 16)))
            continue
        words = [rnd.choice(WORDS) for _ in range(rnd.randint(1, 4))]
        text = rnd.choice(" \n").join([*words, rnd.choice(["", "plain words", "&amp;"])])
        for _ in range(rnd.choice((0, 1, 1, 2))):
            text = text.encode().decode(rnd.choice(CHARSETS), "replace")
        if kind < 0.7:
            text += rnd.choice(["\n", " and ", ""]) + "".join(rnd.choices(ODD + PLAIN, k=3))
        yield text


def fixed_by_ftfy(texts):
    return [ftfy.fix_text(text, FTFY) for text in texts]


def test_the_short_way_equals_ftfy_on_planted_faults():
    texts = list(planted(20_250_101, CASES))
    fixed = fix_encoding(pl.Series(texts)).text.to_list()
    expected = fixed_by_ftfy(texts)
    assert fixed == expected
    assert sum(a != b for a, b in zip(texts, fixed, strict=True)) > CASES / 4


def test_the_proof_holds_for_the_version_of_ftfy_that_was_read():
    # With another version read its `fix_encoding` anew: the short way rests on its returning
    # unchanged whatever BADNESS_RE does not find.
    assert version("ftfy") == "6.3.1"


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text(st.sampled_from(ODD + PLAIN), max_size=12), max_size=6))
def test_the_short_way_equals_ftfy_on_any_text(lines):
    text = "\n".join(lines)
    assert fix_encoding(pl.Series([text])).text.to_list() == fixed_by_ftfy([text])


def test_whatever_ftfy_calls_bad_the_translated_pattern_finds():
    texts = list(planted(7, 6_000))
    found = pl.Series(texts).str.contains(BADNESS).to_list()
    assert all(hit for text, hit in zip(texts, found, strict=True) if is_bad(text))


def test_the_translated_classes_hold_every_character_of_the_original_ones():
    chars = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    column = pl.Series(chars)
    for python, rust in ((r"\w", r"[\w\p{N}]"), (r"\s", r"[\s\x1c-\x1f]")):
        original = re.compile(python)
        held = column.str.contains(rust).to_list()
        assert all(hit for char, hit in zip(chars, held, strict=True) if original.match(char))
