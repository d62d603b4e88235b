"""Lines that are UTF-8 read as something else, and that `ftfy` cannot tell from healthy text.

A line is undone only as a whole and only when three things agree: it re-encodes in one charset to
bytes that are strict UTF-8; its characters stand where no language puts them; and what comes out
reads like words. No language model is asked. A wrong repair costs more than a miss, so a pair
that could be prose stays: `√º` may be a formula.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import ftfy.bad_codecs

from pipeline.text.letters import (
    ANY_SCRIPT,
    LATIN,
    LETTERS,
    Kind,
    differ_in_script,
    is_letter,
    share_an_alphabet,
    traits,
)
from pipeline.text.neighbours import CLOSING, OPENING, odd_pair, odd_within

ftfy.bad_codecs.ok()  # registers the codecs that also read the bytes a charset leaves undefined

# In the order in which they are tried; the first of equally good ones wins.
CHARSETS = {
    "latin-1": "latin-1",
    "windows-1252": "sloppy-windows-1252",
    "windows-1251": "sloppy-windows-1251",
    "windows-1250": "sloppy-windows-1250",
    "windows-1253": "sloppy-windows-1253",
    "windows-1254": "sloppy-windows-1254",
    "windows-1257": "sloppy-windows-1257",
    "iso-8859-2": "iso8859-2",
    "mac-roman": "mac_roman",
    "cp437": "cp437",
    "cp850": "cp850",
}


def _characters(first: int, last: int) -> str:
    """A regex class of what the bytes from first to last are in any of the charsets."""
    raw = bytes(range(first, last + 1))
    chars = {char for codec in CHARSETS.values() for char in raw.decode(codec)}
    return "[" + "".join(sorted(chars)) + "]"


_ASCII = r"[\x00-\x09\x0b-\x7f]*"
# No line without this pattern can be repaired here: every run of other than ASCII characters could
# be UTF-8 sequences. For linear-time engines only; one that backtracks would never come back.
TRIGGER = (
    rf"(?m)^{_ASCII}(?:(?:{_characters(0xC2, 0xF4)}{_characters(0x80, 0xBF)}{{1,3}})+{_ASCII})+$"
)

_LONE = re.compile(r"(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\ufeff")
# Latin letters of phonetic or historical writing only.
_ODD = re.compile(
    "[\u0180-\u0186\u0189-\u0191\u0193-\u0198\u019a-\u019f\u01a2-\u01ae\u01b1-\u01b2\u01b5-\u01cc"
    "\u01dd-\u0217\u021c-\u0248\u024c-\u0252\u0258\u025a\u025c-\u0262\u0264-\u0267\u026a-\u0271"
    "\u0273-\u0282\u0284-\u0289\u028b-\u02af\u013f\u0140\u0149\u017f]"
)
_CURRENCIES = frozenset("£¥¢€")
_DASHES = frozenset("-–—")
_WORD = 4  # letters of a word that could hardly come out by chance
_HOPELESS = 99


@dataclass(frozen=True, slots=True)
class Undone:
    """A line as it was meant, and the charset it had been read in."""

    text: str
    charset: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    """`width` characters of the line at `start` that are one character at `place` when undone."""

    start: int
    width: int
    place: int


def undo_mojibake(line: str) -> Undone | None:
    """The line one reading earlier, or null where not enough speaks for it."""
    # The codecs write U+FFFD as a control character: what it stood for is lost.
    if line.isascii() or "\ufffd" in line or _LONE.search(line):
        return None
    best: Undone | None = None
    best_score = -1.0
    for charset, codec in CHARSETS.items():
        try:
            text = line.encode(codec).decode()
        except UnicodeError:
            continue
        score = _score(line, text)
        if score is not None and (best is None or score > best_score):
            best, best_score = Undone(text, charset), score
    return best


def _score(line: str, text: str) -> float | None:
    """How much better the text reads than the line; null where the line may well be healthy."""
    sequences = list(_sequences(text))
    evidence = [_oddity(line, sequence) + _gain(line, text, sequence) for sequence in sequences]
    total = sum(evidence)
    faults = _faults(text, [sequence.place for sequence in sequences])
    if faults > 0.15 * len(sequences) or faults > total / 4:
        return None
    strong = max(evidence) >= 3 and any(sequence.width >= 3 for sequence in sequences)
    if total < max(2, min(len(sequences), 4 + len(sequences) / 8)):
        return None
    if not strong and not _in_a_word(line, text, sequences, total):
        return None
    return total - 2.0 * faults


def _sequences(text: str) -> Iterator[_Sequence]:
    start = 0
    for place, char in enumerate(text):
        width = 1 if char < "\x80" else 2 if char < "\u0800" else 3 if char < "\U00010000" else 4
        if width > 1:
            yield _Sequence(start, width, place)
        start += width


def _oddity(line: str, sequence: _Sequence) -> int:
    """How wrong the characters of a sequence look beside each other and their neighbours."""
    end = sequence.start + sequence.width
    before = line[sequence.start - 1] if sequence.start else ""
    chain = [before, *line[sequence.start : end], line[end : end + 1]]
    oddity = 0
    for index, (left, right) in enumerate(pairwise(chain)):
        after_letter = index > 0 and is_letter(chain[index - 1])
        oddity += odd_pair(left, right, after_letter=after_letter)
        if 1 <= index < sequence.width:
            oddity += odd_within(left, right)
    if any(traits(char).kind is Kind.CONTROL for char in chain[1:-1]):
        oddity += 2
    return oddity + sequence.width - 2 if oddity else 0


def _gain(line: str, text: str, sequence: _Sequence) -> int:
    """What shows that a sequence is damage only when it is seen beside what comes out of it."""
    if _stands_alone(line, text, sequence):
        return 2
    char = text[sequence.place]
    if traits(char).kind is not Kind.LOWER or _ODD.match(char):
        return 0
    end = sequence.start + sequence.width
    before = line[sequence.start - 1] if sequence.start else ""
    first, last, after = line[sequence.start], line[end - 1], line[end : end + 1]
    # No word goes on behind an ellipsis, and a blank stands between quotations: `w…îm`, `б»‹`.
    within = first == "…" and traits(last).kind is Kind.LOWER and is_letter(before)
    if within or (line[end - 2] in CLOSING and last in OPENING):
        return 1
    if _mixes_scripts(before, first, last, after):
        return 0 if differ_in_script(before, first) else sequence.width - 1  # `Й“angaren`
    word = text[slice(*_word(text, sequence.place))]
    if len(word) < _WORD or not word[1:].islower():
        return 0
    jump = traits(before).kind is Kind.LOWER and traits(first).kind is Kind.UPPER
    letters = traits(first).kind is not Kind.PUNCTUATION and traits(last).script == LATIN
    return int(jump or (letters and not share_an_alphabet(first, last)))  # `drĹľave`, `KĂĽnsten`


def _stands_alone(line: str, text: str, sequence: _Sequence) -> bool:
    """Whether what comes out is no part of a word: a currency, or `à` of half a dozen languages."""
    start, place = sequence.start, sequence.place
    char, after = text[place], text[place + 1 : place + 2]
    if char in _CURRENCIES:
        return after.isdigit()  # `ÂŁ125`
    beside = (text[place - 1 : place], after)
    word = char == "à" and is_letter(line[start]) and not any(map(is_letter, beside))
    return word and line[start + 1] == "\xa0"  # `Ă\xa0 Paris`


def _mixes_scripts(before: str, first: str, last: str, after: str) -> bool:
    """Whether a word goes on in another script behind a letter and a sign, other than a dash."""
    outside = [char for char in (before, after) if traits(char).script == LATIN]
    return bool(outside) and differ_in_script(outside[0], first) and last not in _DASHES


def _faults(text: str, places: list[int]) -> int:
    """What is wrong with the characters that came out, beside their new neighbours."""
    faults = 0
    for place in places:
        char, kind = text[place], traits(text[place]).kind
        if kind is Kind.CONTROL and char not in _INVISIBLE:
            return _HOPELESS
        before, after = text[place - 1] if place else "", text[place + 1 : place + 2]
        if kind in LETTERS:
            faults += _misplaced_letter(before, char, after)
        elif kind is Kind.SYMBOL:
            faults += is_letter(before) and is_letter(after)
        elif kind is Kind.GRAPHIC and (is_letter(before) or is_letter(after)):
            faults += 2
    return faults


def _misplaced_letter(before: str, char: str, after: str) -> int:
    kind, left, right = traits(char).kind, traits(before).kind, traits(after).kind
    faults = 2 * sum(
        is_letter(other) and differ_in_script(char, other) for other in (before, after)
    )
    faults += 2 * (kind is Kind.MARK and left not in LETTERS)
    faults += (kind is Kind.UPPER and left is Kind.LOWER) + (
        kind is Kind.LOWER and right is Kind.UPPER
    )
    return faults + (_ODD.match(char) is not None)


def _in_a_word(line: str, text: str, sequences: list[_Sequence], total: int) -> bool:
    """Whether a character that came out stands inside a real word, or at a number."""
    alone = len(sequences) == 1
    for sequence in sequences:
        place = sequence.place
        char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
        if _stands_alone(line, text, sequence):
            return True
        start, end = _word(text, place)
        foreign = traits(char).script not in {LATIN, ANY_SCRIPT}
        least = _WORD if alone else 2 if foreign or total >= len(sequences) >= 3 else 3
        plain = traits(char).kind is Kind.LOWER and not _ODD.match(char)
        if plain and before and differ_in_script(line[sequence.start - 1], line[sequence.start]):
            least = 2  # `yГґ`: two scripts in one word
        if end - start >= least and any(map(is_letter, (char, before, after))):
            return True
    return False


def _word(text: str, place: int) -> tuple[int, int]:
    """From where to where the word around a place goes."""
    start, end = place, place + 1
    while start and (is_letter(text[start - 1]) or text[start - 1] in "’'-"):
        start -= 1
    while end < len(text) and (is_letter(text[end]) or text[end] in "’'-"):
        end += 1
    return start, end
