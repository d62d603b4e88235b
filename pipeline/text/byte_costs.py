"""What a text would cost if its bytes were in a single-byte encoding, from counts of byte pairs.

Costs are nats: how much less likely the characters are than those of healthy prose. They were set
by hand on texts in two dozen encodings, and only their order of magnitude matters.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.text.alphabets import FREQUENT, LETTERS_OF
from pipeline.text.encodings import SINGLE_BYTE, UNDEFINED, Encoding, characters
from pipeline.text.letters import ALPHABETS, LATIN, LETTERS, Kind, is_letter, traits
from pipeline.text.neighbours import BEFORE_LETTERS, CLOSING, OPENING, odd_pair

ODDITY = 2.2  # one odd pair of neighbours
STRANGER = 1.6  # a letter that the best alphabet does not hold
WESTERN_STRANGER = 0.4  # the same, if Western Europe uses it: the letter of a foreign name
# Signs that stand beside words rather than in them. A dash joins two words now and then, and hangs
# behind one only where another word was meant to follow.
INSIDE = {"…": 1.0, "—": 0.5, "–": 0.7, "\xa0": 0.5, "ƒ": 1.0}
HANGING = {"…": 0.4, "—": 1.5, "–": 1.0, "ƒ": 1.0}

_FREQUENT = frozenset(char for letters in FREQUENT.values() for char in letters)
_TYPOGRAPHY = frozenset("‘“”„–—…•«»§°£€©®™·¿¡ªº²½×‹›‚″′№")
_EVERYDAY = frozenset("’´\xa0")
_WESTERN = frozenset("àáâãäçèéêëìíîïñòóôõöùúûüÀÁÂÃÄÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜ")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes of a document, counted; pairs are those with a byte above 127.

    `inside` counts those between two small letters of ASCII, `hanging` those behind such a letter
    and before a blank and another one; both speak of the bytes above 127.
    """

    counts: NDArray[np.int64]
    inside: NDArray[np.int64]
    hanging: NDArray[np.int64]
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    pairs: NDArray[np.int64]

    @property
    def high(self) -> int:
        """How many bytes are above 127."""
        return int(self.counts[128:].sum())


def strange_letters(evidence: Evidence, encoding: Encoding, language: str) -> int | None:
    """Letters of the document that the language does not write; null for an unknown language."""
    if language not in LETTERS_OF:
        return None
    table = _table(encoding)
    held = table.held[list(LETTERS_OF).index(language)]
    return int((evidence.counts[128:] * table.letters) @ (1.0 - held))


def gather(raw: bytes) -> Evidence:
    """The bytes counted, with a space before and behind them."""
    data = np.frombuffer(b" " + raw + b" ", np.uint8)
    high = data > 127
    seams = np.flatnonzero(high[:-1] | high[1:])  # pairs begin just before or at a high byte
    codes = data[seams].astype(np.uint16) * np.uint16(256) + data[seams + 1]
    found = np.bincount(codes, minlength=65_536)
    distinct = np.flatnonzero(found)
    left, right = (distinct >> 8).astype(np.uint8), (distinct & 255).astype(np.uint8)
    small = (data >= ord("a")) & (data <= ord("z"))
    behind = np.flatnonzero(small[:-3] & high[1:-2])  # of the letters before
    inside = data[behind[small[behind + 2]] + 1]
    hanging = data[behind[(data[behind + 2] == ord(" ")) & small[behind + 3]] + 1]
    return Evidence(
        np.bincount(data, minlength=256),
        np.bincount(inside, minlength=256)[128:],
        np.bincount(hanging, minlength=256)[128:],
        left,
        right,
        found[distinct],
    )


def single_byte_cost(evidence: Evidence, encoding: Encoding) -> float | None:
    """Nats for all of the document; null if it holds a byte that the encoding does not have."""
    table = _table(encoding)
    counts = evidence.counts[128:]
    if counts[table.undefined].any():
        return None
    oddities = _oddities()[table.classes[evidence.left], table.classes[evidence.right]]
    odd = float(evidence.pairs @ oddities) + _strange_pairs(evidence, table)
    signs = float(evidence.inside @ table.inside) + float(evidence.hanging @ table.hanging)
    return ODDITY * odd + float(counts @ table.costs) + signs + _letter_cost(evidence, table)


def apostrophes(evidence: Evidence, encoding: Encoding) -> int:
    """How many words of the document hold a typographic apostrophe."""
    return int(evidence.inside[_table(encoding).apostrophe].sum())


@dataclass(frozen=True, slots=True)
class _Table:
    """An encoding's characters as arrays; all but `classes` speak of the bytes above 127."""

    classes: NDArray[np.uint8]  # of all 256, see `_class_of`
    undefined: NDArray[np.bool_]
    costs: NDArray[np.float64]  # of a character whatever stands beside it
    inside: NDArray[np.float64]  # of a character between two letters
    hanging: NDArray[np.float64]  # of a character right behind a word
    apostrophe: NDArray[np.bool_]
    letters: NDArray[np.bool_]
    upper: NDArray[np.bool_]
    western: NDArray[np.bool_]
    held: NDArray[np.float64]  # (alphabets, 128), 0 or 1
    scripts: tuple[str, ...]
    of_script: NDArray[np.float64]  # (scripts, 128), 0 or 1
    strange: NDArray[np.bool_]  # (128, 128): pairs of Latin letters that no alphabet holds
    frequent: NDArray[np.bool_]


def _letter_cost(evidence: Evidence, table: _Table) -> float:
    """What letters cost that the best alphabet lacks, that are too rare, or too often capital."""
    letters = (evidence.counts[128:] * table.letters).astype(np.float64)
    total = float(letters.sum())
    if not total:
        return 0.0
    script = table.scripts[int((table.of_script @ letters).argmax())]
    strange = letters * (1.0 - table.held[(table.held @ letters).argmax()])
    western = float(strange @ table.western) if script == LATIN else 0.0
    cost = STRANGER * (float(strange.sum()) - western) + WESTERN_STRANGER * western
    if script in FREQUENT:
        cost += 4 * max(0.0, 0.5 * total - float(letters @ table.frequent))
    if total > 8 and float(letters @ table.upper) > 0.5 * total:
        small = float(evidence.counts[ord("a") : ord("z") + 1].sum())
        capital = float(evidence.counts[ord("A") : ord("Z") + 1].sum())
        cost += 0.5 * total * (small + 1) / (small + capital + 2)
    return cost


def _strange_pairs(evidence: Evidence, table: _Table) -> int:
    """Neighbours beyond ASCII that no alphabet has both of."""
    both = np.flatnonzero((evidence.left > 127) & (evidence.right > 127))
    strange = table.strange[evidence.left[both] & 127, evidence.right[both] & 127]
    return int(evidence.pairs[both] @ strange)


@cache
def _table(encoding: Encoding) -> _Table:
    chars = characters(encoding)
    high = chars[128:]
    script = np.array([traits(char).script if is_letter(char) else "" for char in high])
    scripts = sorted(set(script.tolist()))
    latin = np.array([_where(high, letters) for letters in ALPHABETS.values()]).astype(np.uint8)
    return _Table(
        classes=np.array([_classes().index(_class_of(char)) for char in chars], np.uint8),
        undefined=_where(high, frozenset(UNDEFINED)),
        costs=np.array([_cost_alone(char) for char in high]),
        inside=np.array([INSIDE.get(char, 0.0) for char in high]),
        hanging=np.array([HANGING.get(char, 0.0) for char in high]),
        apostrophe=_where(high, frozenset("’")),
        letters=np.array([is_letter(char) for char in high]),
        upper=np.array([traits(char).kind is Kind.UPPER for char in high]),
        western=_where(high, _WESTERN),
        held=np.array([_where(high, letters) for letters in LETTERS_OF.values()], np.float64),
        scripts=tuple(scripts),
        of_script=np.array([script == name for name in scripts], np.float64),
        strange=np.outer(script == LATIN, script == LATIN) & ~(latin.T @ latin).astype(np.bool_),
        frequent=_where(high, _FREQUENT),
    )


def _where(chars: str, members: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([char in members for char in chars])


def _cost_alone(char: str) -> float:
    kind = traits(char).kind
    if char == "\xad":
        return 0.6
    if kind in LETTERS:
        return 0.0
    if kind is Kind.CONTROL:
        return 5.0
    if kind is Kind.GRAPHIC:
        return 3.0
    return 0.01 if char in _EVERYDAY else 0.15 if char in _TYPOGRAPHY else 1.0


_Class = tuple[Kind, str, bool, bool, bool]


def _class_of(char: str) -> _Class:
    """All that `odd_pair` asks of a character."""
    char = "’" if char == "´" else char  # many a keyboard's apostrophe
    known = traits(char)
    return known.kind, known.script, char in BEFORE_LETTERS, char in OPENING, char in CLOSING


@lru_cache(maxsize=1)
def _classes() -> list[_Class]:
    return list(_representatives())


@lru_cache(maxsize=1)
def _representatives() -> dict[_Class, str]:
    every = (char for encoding in SINGLE_BYTE for char in characters(encoding) if char != "´")
    return {_class_of(char): char for char in every}


@lru_cache(maxsize=1)
def _oddities() -> NDArray[np.int64]:
    """How odd a pair is, by the classes of its characters."""
    chars = list(_representatives().values())
    return np.array([[odd_pair(left, right) for right in chars] for left in chars])
