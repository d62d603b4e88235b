"""What repair and decoding do to texts made from the labelled ones: more ways, more lengths.

The labelled sets are what was measured against while rules were written; these variations, drawn
by a fixed seed, say how far beyond them the figures hold.
"""

import random
import re
from collections import Counter
from itertools import product

import ftfy.bad_codecs
import polars as pl
import pytest

from pipeline.stages.repair import fix_encoding, repair
from pipeline.text.decoding import decode_bytes
from pipeline.text.glue import find_glue

ftfy.bad_codecs.ok()  # registers the codecs that also read the bytes a charset leaves undefined

WAYS = (
    ("latin-1",),
    ("sloppy-windows-1252",),
    ("sloppy-windows-1252", "sloppy-windows-1252"),
    ("sloppy-windows-1251",),
    ("sloppy-windows-1250",),
    ("mac_roman",),
    ("cp437",),
)
UNSEEN = "\xad\u200b\ufeff"
WINDOW = 60
WESTERN = ("cp1252", "latin-1", "iso8859-15")
CENTRAL = ("cp1250", "iso8859-2")
CYRILLIC = ("cp1251", "koi8-r", "iso8859-5")
# Texts of the sets by the encodings that their languages were written in.
ENCODINGS = {
    **dict.fromkeys(["dan", "deu", "fin", "nld", "por_BR", "por_PT"], WESTERN),
    **dict.fromkeys(["udhr/Italian-Latin1", "udhr/Spanish-Latin1", "conv/fra-utf-8-sig"], WESTERN),
    **dict.fromkeys(["hun", "slk", "slv", "conv/ces-cp1250", "conv/pol-cp1250"], CENTRAL),
    **dict.fromkeys(["bul", "mkd", "rus", "srp_cyrl"], CYRILLIC),
    "ukr": ("cp1251", "koi8-u", "iso8859-5"),
    "lit": ("cp1257", "iso8859-13", "iso8859-4"),
    "arb": ("cp1256", "iso8859-6"),
    "udhr/Greek_Ellinika-Greek": ("cp1253", "iso8859-7"),
    "conv/tur-utf-16": ("cp1254", "iso8859-9"),
    "conv/heb-cp1255": ("cp1255",),
    "conv/jpn-shift_jis": ("cp932", "euc_jp", "iso2022_jp"),
    "conv/kor-euc_kr": ("cp949",),
    "conv/cmn_hans-utf-16": ("gb18030", "big5hkscs", "hz"),
}
# The same languages as some machines wrote them that hardly anyone uses any more.
OLD = {name: ("mac_roman", "cp850", "cp437") for name in ENCODINGS if ENCODINGS[name] is WESTERN}
OLD |= {name: ("cp852",) for name in ENCODINGS if ENCODINGS[name] is CENTRAL}
OLD |= {name: ("mac_cyrillic", "cp866") for name in ENCODINGS if ENCODINGS[name] is CYRILLIC}
LENGTHS = (60, 200, 1000)
OF_EACH = 8


def damaged(text, way):
    for charset in way:
        text = text.encode().decode(charset)
    return text


def share_restored(texts, seed):
    """Of texts that stay as they are, the share that comes back from three of the seven ways."""
    rnd = random.Random(seed)
    healthy = pl.Series(texts)
    healthy = healthy.filter(repair(healthy).text == healthy)
    pairs = [(text, damaged(text, way)) for text in healthy for way in rnd.sample(WAYS, 3)]
    results = repair(pl.Series([mojibake for _, mojibake in pairs])).text
    return sum(text == done for (text, _), done in zip(pairs, results, strict=True)) / len(pairs)


def test_sentences_in_hundreds_of_languages_are_restored_from_seven_ways_of_damage(labelled):
    rnd = random.Random(1)
    sentences = []
    for text in labelled("encoding_clean")["text"]:
        lines = [line.strip() for line in text.split("\n")]
        fit = [line for line in lines if 60 <= len(line) <= 250 and not line.isascii()]
        sentences += rnd.sample(fit, min(6, len(fit)))
    assert len(sentences) > 1_500
    assert share_restored(sentences, seed=2) >= 0.985


def test_single_words_are_restored(labelled):
    rnd = random.Random(3)
    words = {word for text in labelled("encoding_clean")["text"] for word in text.split()}
    words = sorted(word for word in words if not word.isascii())
    assert share_restored(rnd.sample(words, 4_000), seed=4) >= 0.95


def windows(text):
    """A text in pieces of about sixty characters, cut at blanks; those with more than ASCII."""
    for line in text.split("\n"):
        if not line.isascii():
            pieces = re.findall(rf".{{1,{WINDOW}}}(?: |$)|\S+ ?", line)
            yield from (piece for piece in pieces if not piece.isascii())


def test_hundreds_of_thousands_of_natural_windows_lose_nothing_but_what_no_reader_sees(labelled):
    texts = labelled("volume_multilingual")["text"]
    pieces = pl.Series(sorted({piece for text in texts for piece in windows(text)}))
    assert len(pieces) >= 200_000
    seen_by_ftfy = fix_encoding(pieces).text
    found = repair(seen_by_ftfy)
    changes = Counter(edit.rule for edits in found.edits.values() for edit in edits)
    assert changes.keys() <= {"chars.soft_hyphen", "chars.zero_width"}
    assert changes.total() <= 100
    removed = {edit.removed.strip(UNSEEN) for edits in found.edits.values() for edit in edits}
    assert removed == {""}
    assert not any(find_glue(piece) for piece in pieces)


def cuttings(labelled, encodings):
    """Pieces of texts in the encodings of their languages: length, text, bytes."""
    rnd = random.Random(5)
    rows = [*labelled("encoding_clean").select("id", "text").rows()]
    rows += labelled("encoding_bytes").select("id", "text").rows()
    texts = {name: re.sub(r"\s*\n\s*", "\n", text) for name, text in rows if name in encodings}
    for name, codecs in encodings.items():
        for codec, length in product(codecs, LENGTHS):
            for _ in range(OF_EACH):
                at = rnd.randrange(len(texts[name]) - length)
                raw = texts[name][at : at + length].encode(codec, "ignore")
                if not raw.isascii() or codec in {"hz", "iso2022_jp"}:
                    yield length, raw.decode(codec), raw


@pytest.mark.parametrize(
    ("encodings", "right", "right_at_length", "wrong", "doubted"),
    [(ENCODINGS, 0.97, 0.995, 0.005, 0.05), (OLD, 0.82, 0.93, 0.035, 0.27)],
    ids=["in use", "old"],
)
def test_files_cut_short_are_decoded_right_or_doubted(  # noqa: PLR0913, PLR0917  a row of the table
    encodings, right, right_at_length, wrong, doubted, labelled
):
    """`right_at_length`: of pieces of a thousand characters."""
    counts = Counter()
    for length, text, raw in cuttings(labelled, encodings):
        found = decode_bytes(raw)
        same, sure = found.text == text, found.text is not None and not found.flags
        for size in (length, "all"):
            counts[size] += 1
            counts[size, "right"] += same
            counts[size, "wrong"] += sure and not same
            counts[size, "doubted"] += not sure
    assert counts["all", "right"] >= right * counts["all"]
    assert counts["all", "wrong"] <= wrong * counts["all"]
    assert counts["all", "doubted"] <= doubted * counts["all"]
    assert counts[LENGTHS[-1], "right"] >= right_at_length * counts[LENGTHS[-1]]
