"""A text as lines, by number.

Lists instead of objects per line: a text may hold a million lines of one character each.
"""

from dataclasses import dataclass
from itertools import accumulate, count
from operator import add


@dataclass(frozen=True, slots=True)
class Lines:
    """Line `i` is `text[starts[i] : starts[i + 1] - 1]`; `filled` has those not blank, stripped."""

    starts: list[int]
    filled: dict[int, str]


def split_lines(text: str) -> Lines:
    r"""The lines of `text`, parted by line feeds alone.

    >>> split_lines("a \n\nb").filled
    {0: 'a', 2: 'b'}
    """
    lines = text.split("\n")
    starts = list(map(add, accumulate(map(len, lines), initial=0), count()))
    return Lines(starts, {i: line for i, line in enumerate(map(str.strip, lines)) if line})
