"""What each character becomes before words are compared: one table, made from Unicode's own.

Case and compatibility forms are folded (NFKD of the case fold, so that composed and decomposed
accents agree), digits stay, punctuation separates, invisible characters vanish. Scripts written
without spaces have a kind of their own: their words are overlapping pairs of characters.
"""

import hashlib
import unicodedata
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pipeline.compile import CACHE

SEPARATOR, WORD, SPACELESS, NOTHING = 0, 1, 2, 3

# Planes 0 and 1. Above them lie rare Chinese characters, which fold to themselves.
TABLE_SIZE = 0x20000
# Bytes that a character may become, per byte it has: what the kernels' buffers are made for. The
# few that would grow more (squared katakana words, Arabic phrases in one character) stay whole.
GROWTH = 3

SPACELESS_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration, closing mark and zero
    (0x3041, 0x312F),  # kana, Bopomofo
    (0x31A0, 0x31FF),  # their extensions
    (0x3400, 0x4DBF),
    (0x4E00, 0xA4CF),  # Chinese characters, Yi
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width katakana
    (0x1B000, 0x1B16F),
)
HANGUL = (0xAC00, 0xD7A3)
INVISIBLE = (0x00AD, 0x034F, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF)
INVISIBLE_BLOCKS = ((0x2060, 0x206F), (0xFE00, 0xFE0F))


class CharacterTable(NamedTuple):
    """`pool[first[c]:first[c + 1]]` are the bytes that code point c becomes."""

    kind: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int32]
    pool: npt.NDArray[np.uint8]


def within(blocks: tuple[tuple[int, int], ...]) -> npt.NDArray[np.bool_]:
    """Which code points lie in one of the blocks, ends included."""
    inside = np.zeros(TABLE_SIZE, np.bool_)
    for low, high in blocks:
        inside[low : high + 1] = True
    return inside


def fold_all(points: list[str]) -> list[str]:
    """Each character folded, decomposed unless it is Hangul or of a script without spaces."""
    decomposed = unicodedata.normalize("NFKD", "\n".join(points)).casefold()
    folded = unicodedata.normalize("NFKD", decomposed).split("\n")
    composed = unicodedata.normalize("NFKC", "\n".join(points)).split("\n")
    whole = within((*SPACELESS_BLOCKS, HANGUL))
    return [composed[c] if whole[c] else folded[c] for c in range(TABLE_SIZE)]


def is_word(character: str) -> bool:
    """Whether it is a letter, a digit, or a mark on one of them."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


@cache
def character_table() -> CharacterTable:
    """The table, made once per machine: it takes 80 ms, and to read it takes 2."""
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    path = CACHE / f"characters-{made_by}-{unicodedata.unidata_version}.npz"
    try:
        with path.open("rb") as file, np.load(file) as stored:
            return CharacterTable(*(stored[field] for field in CharacterTable._fields))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        table = make_table()
    # Where the folder is full or not ours the next process makes its own.
    with suppress(OSError), NamedTemporaryFile(dir=path.parent, suffix=".npz") as draft:
        np.savez(draft, **table._asdict())
        draft.flush()
        path.unlink(missing_ok=True)
        path.hardlink_to(draft.name)
    return table


def make_table() -> CharacterTable:
    """The table, from what Python knows of Unicode."""
    points = [chr(c) for c in range(TABLE_SIZE)]
    points[0x0A] = " "
    points[0xD800:0xE000] = [" "] * 0x800
    kind = np.array([is_word(c) for c in points], np.uint8)
    kind[within(SPACELESS_BLOCKS) & (kind == WORD)] = SPACELESS
    pieces = [
        (point.encode() if word else b"\0") if point == folded else folded_bytes(point, folded)
        for point, folded, word in zip(points, fold_all(points), kind.tolist(), strict=True)
    ]
    kind[within(INVISIBLE_BLOCKS)] = NOTHING
    kind[list(INVISIBLE)] = NOTHING
    for c in np.flatnonzero(kind == NOTHING).tolist():
        pieces[c] = b""
    first = np.zeros(TABLE_SIZE + 1, np.int32)
    first[1:] = np.cumsum([len(piece) for piece in pieces])
    return CharacterTable(kind, first, np.frombuffer(b"".join(pieces), np.uint8).copy())


def folded_bytes(character: str, folded: str) -> bytes:
    """UTF-8 of the folded form with zeros for what separates, or of the character itself."""
    if character.isascii() and not character.isalnum():
        return b"\0"
    kept = "".join(c if is_word(c) else "\0" for c in folded).encode()
    if not any(c.isalnum() for c in folded) and not is_word(character):
        return b"\0"
    own = character.encode()
    return kept if len(kept) <= GROWTH * len(own) else own
