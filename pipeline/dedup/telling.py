"""Whether two short texts differ in the words that tell: numbers, dates, names.

Agencies fill forms: two notices of other companies share all but what matters. Such a pair overlaps
like a reprint and is none. Only short texts are asked; in long ones a few changed figures are an
update. Number words are English, digits are everyone's.
"""

import re
import unicodedata
from typing import NamedTuple

NUMBER_WORDS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred nil first second third fourth fifth half quarter
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
DATE_WORDS = frozenset(
    """
    January February March April May June July August September October November December Jan
    Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
COMMON_TITLE_WORDS = frozenset(
    """
    the of to a in on for and at by said says say is are was were be it its from with as an that
    this will has have not but or s u inc corp co ltd
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
SENTENCE_ENDS = '.!?\n"'
PIECE = re.compile(r"\d+(?:[.,/]\d+)*|[^\W_]+|[.!?\n\"]")
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")

# Found on wire items read pair by pair: below these shares the differing words are spelling.
NUMBER_SHARE = 0.10
TELLING_SHARE = 0.15
TELLING_WORDS = 2


class Telling(NamedTuple):
    """The words of a text that tell it from others of the same form."""

    numbers: frozenset[str]
    all: frozenset[str]


def find_telling(title: str, text: str) -> Telling:
    """Numbers, dates and number words, and these together with names and the title's words."""
    numbers, names = set[str](), set[str]()
    before = "."
    for piece in PIECE.findall(unicodedata.normalize("NFKC", f"{title}\n{text}")):
        if piece[0].isdigit():
            numbers.add(plain_number(piece))
        elif piece.casefold() in NUMBER_WORDS or piece in DATE_WORDS:
            numbers.add(piece.casefold())
        elif piece[0].isupper() and before not in SENTENCE_ENDS and len(piece) > 1:
            names.add(piece.casefold())
        before = piece
    words = {word.casefold() for word in PIECE.findall(title)} - COMMON_TITLE_WORDS
    return Telling(frozenset(numbers), frozenset(numbers | names | words))


def plain_number(number: str) -> str:
    """A number without thousands separators and leading zeros.

    >>> plain_number("1,250.50"), plain_number("007")
    ('1250.50', '7')
    """
    return number.replace(",", "").lstrip("0") or "0"


def contradict(left: frozenset[str], right: frozenset[str], *, share: float, least: int) -> bool:
    """Whether each side has enough that the other lacks: `least`, and `share` of the lesser set."""
    lacking = min(len(left - right), len(right - left))
    return lacking >= least and lacking >= share * (lacking + len(left & right))


def differ_in_numbers(left: Telling, right: Telling) -> bool:
    """Whether the numbers of two texts contradict each other."""
    return contradict(left.numbers, right.numbers, share=NUMBER_SHARE, least=1)


def differ_in_telling_words(left: Telling, right: Telling) -> bool:
    """Whether numbers, names and titles of two texts together contradict each other."""
    return contradict(left.all, right.all, share=TELLING_SHARE, least=TELLING_WORDS)
