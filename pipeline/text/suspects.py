"""The lines of many texts and what speaks against them: what is asked before a text is a string.

Most texts have nothing that speaks against a line and cost no more than a reading of their bytes.
What becomes of a text that has is up to `boilerplate` and `settle`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from pipeline.text.line_bits import Bytes
from pipeline.text.line_groups import group_lines, join_spans
from pipeline.text.line_keys import FOR_LINES, FOR_SENTENCES, WRAPPED
from pipeline.text.line_rounds import Lines
from pipeline.text.line_scan import Offsets, scan_texts
from pipeline.text.rules import WIDEST, Book

# Rules are asked about so many lines together, once about those that are written alike.
TOGETHER = 100_000


@dataclass(frozen=True, slots=True)
class Means:
    """What may cut: rules, what stands below furniture they cut, the line model."""

    rules: bool = True
    structure: bool = True
    model: bool = False


def encode_texts(texts: Iterable[str]) -> tuple[Bytes, Offsets]:
    """Texts as bytes end to end, and where each begins and the last one ends."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    offsets = np.array([0, *accumulate(map(len, encoded))], np.int64)
    offsets.flags.writeable = False  # as those of a column are, so that kernels compile once
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def read_lines(data: Bytes, offsets: Offsets, book: Book) -> Lines:
    r"""The lines of texts, and the rules that match them.

    >>> from pipeline.text.rules import load_book
    >>> lines = read_lines(*encode_texts(["The mill is closed.\nLeave a Comment"]), load_book())
    >>> [load_book().rules[lines.rules[first]].name for first in lines.firsts if first >= 0]
    ['comments.invite']
    """
    rows, flags, ends = scan_texts(data, offsets, book.triggers, WIDEST * book.longest_line)
    hits, matches = np.zeros(len(rows), np.uint8), np.full(len(rows), -1, np.int32)
    lines = Lines(data, offsets, rows, ends, flags, hits, matches, matches, np.empty(0, np.int16))
    asked = np.flatnonzero(flags & FOR_LINES)
    found: list[int] = []
    for at in range(0, len(asked), TOGETHER):
        _match(lines, asked[at : at + TOGETHER], book, found)
    wrapped = asked[(flags[asked] & WRAPPED > 0) & (matches[asked] >= 0)]
    firsts = matches.copy() if len(wrapped) else matches
    firsts[wrapped], hits[wrapped] = -1, 0
    return lines._replace(firsts=firsts, rules=np.array(found, np.int16))


def _match(lines: Lines, asked: Offsets, book: Book, found: list[int]) -> None:
    """Fill in hits and matches of the rows asked; lines written alike share their rules."""
    groups = group_lines(lines.data, *_spans_of(lines, asked))
    hits, matches = np.zeros(len(groups.starts), np.uint8), np.full(len(groups.starts), -1)
    for group, numbers in book.match_all(_written(lines.data, groups.starts, groups.stops)):
        hits[group], matches[group] = 1 + book.rules[numbers[0]].is_header, len(found)
        found += [*numbers, -1]
    lines.hits[asked], lines.matches[asked] = hits[groups.of], matches[groups.of]


def sentence_rows(lines: Lines, book: Book) -> Offsets:
    """The rows that may hold a sentence which a rule cuts."""
    asked = np.flatnonzero(lines.flags & FOR_SENTENCES)
    written = _written(lines.data, *_spans_of(lines, asked))
    held = [book.may_hold_sentence(line) for line in written]
    return asked[np.array(held, np.bool_)]


def texts_of(lines: Lines, rows: Offsets) -> Offsets:
    """The number of the text that each row is in."""
    return np.searchsorted(lines.ends, rows, "right") - 1


def _spans_of(lines: Lines, rows: Offsets) -> tuple[Offsets, Offsets]:
    """Where each row, of rows in order, starts and stops in the bytes of all texts."""
    counts = np.diff(np.searchsorted(rows, lines.ends))
    begins = np.repeat(lines.offsets[:-1], counts)
    return lines.rows[rows, 1] + begins, lines.rows[rows, 2] + begins


def _written(data: Bytes, starts: Offsets, stops: Offsets) -> Iterator[bytes]:
    """The bytes of each span."""
    joined, ends = join_spans(data, starts, stops).tobytes(), np.cumsum(stops - starts)
    return (joined[start:stop] for start, stop in pairwise([0, *ends.tolist()]))
