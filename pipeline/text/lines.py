"""A text as lines, by number.

Lists instead of objects per line: a text may hold a million lines of one character each.
"""

from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Lines:
    """Line `i` is `text[starts[i] : starts[i + 1] - 1]`; `filled` names those not blank."""

    starts: list[int]
    stripped: list[str]
    filled: list[int]


def split_lines(text: str) -> Lines:
    r"""The lines of `text`, parted by line feeds alone.

    >>> split_lines("a \n\nb").stripped
    ['a', '', 'b']
    """
    lines = text.split("\n")
    stripped = list(map(str.strip, lines))
    before = accumulate(map(len, lines), initial=0)
    starts = [at + feeds for feeds, at in enumerate(before)]
    return Lines(starts, stripped, [i for i, line in enumerate(stripped) if line])
