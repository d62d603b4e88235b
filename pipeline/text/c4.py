"""What the C4 paper's rules would keep of a text, counted and never carried out.

Source: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
Transformer" (2020), section 2.2. Its list of obscene words is left out: news quotes them.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.characters import CLOSING_QUOTE, SPACE, STOP, WIDE_STOP, WORD

MIN_LINE_WORDS = 5
REFUSING_LINE = (
    "javascript",
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
REFUSING_PAGE = ("lorem ipsum", "{")

_PHRASES = REFUSING_LINE + REFUSING_PAGE
_N_LINE_PHRASES = len(REFUSING_LINE)
_LENGTHS = np.array([len(phrase) for phrase in _PHRASES])
_POINTS = np.array([[*map(ord, phrase.ljust(_LENGTHS.max()))] for phrase in _PHRASES])
_STARTS = np.isin(np.arange(128), _POINTS[:, 0])


@kernel
def _lower(point: int) -> int:
    return point + 32 if 65 <= point <= 90 else point  # A-Z alone: the phrases are ASCII


@kernel
def _find_phrase(points: NDArray[np.int32], at: int, end: int) -> int:
    """The number of the phrase that begins at `at`, or -1."""
    first = _lower(points[at])
    if first >= 128 or not _STARTS[first]:
        return -1
    for phrase in range(_LENGTHS.size):
        length = _LENGTHS[phrase]
        if at + length <= end:
            matched = 0
            while matched < length and _lower(points[at + matched]) == _POINTS[phrase, matched]:
                matched += 1
            if matched == length:
                return phrase
    return -1


@kernel
def refusals(points: NDArray[np.int32], start: int, end: int) -> tuple[bool, bool]:
    """Whether `start:end` holds a phrase that refuses its line, and one that refuses the page."""
    line, page = False, False
    for at in range(start, end):
        phrase = _find_phrase(points, at, end)
        line |= 0 <= phrase < _N_LINE_PHRASES
        page |= phrase >= _N_LINE_PHRASES
    return line, page


@kernel
def count_sentences(kinds: NDArray[np.uint16], start: int, end: int) -> int:
    """Sentence ends in `start:end`: marks at its end or before a space, quotes between allowed.

    An abbreviation inside a sentence counts as one more; the rule that reads this asks for three.
    """
    sentences = 0
    for at in range(start, end):
        if not kinds[at] & STOP or (at + 1 < end and kinds[at + 1] & STOP):
            continue
        after = at + 1
        while after < end and after < at + 4 and kinds[after] & CLOSING_QUOTE:
            after += 1
        sentences += bool(kinds[at] & WIDE_STOP or after >= end or kinds[after] & SPACE)
    return sentences


@kernel
def kept_sentences(
    points: NDArray[np.int32], kinds: NDArray[np.uint16], start: int, end: int
) -> int:
    """Sentences of the line `start:end` if C4 would keep it, else 0.

    Kept are lines of five words or more that end in a stop or a closing quote and hold no phrase
    of policies or scripts. Other scripts' stops count like the Latin ones.
    """
    if not kinds[end - 1] & (STOP | CLOSING_QUOTE):
        return 0
    words = 0
    for at in range(start, end):
        words += bool(kinds[at] & WORD and (at == start or not kinds[at - 1] & WORD))
    if words < MIN_LINE_WORDS or refusals(points, start, end)[0]:
        return 0
    return max(1, count_sentences(kinds, start, end))
