"""The longest run of words that two texts have in common, and where it stands in each.

What differs tells why two copies are not equal; this tells what makes them copies: one block from
the first word on, or a paragraph quoted in the middle of another article.
"""

from dataclasses import dataclass

from pipeline.report.passages import COMPARED_CHARS, split_words

MODULUS = (1 << 61) - 1
BASE = 0x1F3D5B79A
FEWEST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """So many words, the first of them at these places (from 0), of so many in all."""

    words: int
    kept_from: int
    kept_words: int
    dropped_from: int
    dropped_words: int
    text: str


def find_shared_passage(kept: str, dropped: str) -> Shared | None:
    """The longest run of words of both, the first of several; None where all are very short.

    Blanks do not count. Only the first COMPARED_CHARS of each are looked at.
    """
    left, right = split_words(kept[:COMPARED_CHARS]), split_words(dropped[:COMPARED_CHARS])
    numbers: dict[str, int] = {}
    ours, theirs = (
        [numbers.setdefault(word.rstrip(), len(numbers) + 1) for word in words]
        for words in (left, right)
    )
    best: tuple[int, int] | None = None
    length, too_long = FEWEST_WORDS - 1, min(len(left), len(right)) + 1
    # A run of both holds shorter ones of both, so the longest is found by halving.
    while too_long - length > 1:
        middle = (length + too_long) // 2
        found = _find_common(ours, theirs, middle)
        if found is None:
            too_long = middle
        else:
            length, best = middle, found
    if best is None:
        return None
    start, other = best
    text = "".join(right[other : other + length]).rstrip()
    return Shared(length, start, len(left), other, len(right), text)


def _find_common(ours: list[int], theirs: list[int], length: int) -> tuple[int, int] | None:
    """Where a run of this length stands in both: the first in `theirs` that is in `ours`."""
    places: dict[int, int] = {}
    for place, digest in enumerate(_digests(ours, length)):
        places.setdefault(digest, place)
    for other, digest in enumerate(_digests(theirs, length)):
        start = places.get(digest)
        if start is not None and ours[start : start + length] == theirs[other : other + length]:
            return start, other
    return None


def _digests(numbers: list[int], length: int) -> list[int]:
    """A digest of every run of this length, each from the one before it (Karp and Rabin, 1987)."""
    highest = int(pow(BASE, length - 1, MODULUS))
    digest = 0
    digests: list[int] = []
    for place, number in enumerate(numbers):
        if place >= length:
            digest -= numbers[place - length] * highest
        digest = (digest * BASE + number) % MODULUS
        if place >= length - 1:
            digests.append(digest)
    return digests
