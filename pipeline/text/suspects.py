"""The lines of many texts that may have to go: what is asked before a text is read as a string.

Most texts have none and cost no more than a reading of their bytes. What becomes of a text that
has some is up to `boilerplate`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.text.line_batch import find_junk_rows
from pipeline.text.line_bits import Bytes
from pipeline.text.line_scan import FOR_LINES, FOR_SENTENCES, Offsets, Rows, scan_texts
from pipeline.text.rules import WIDEST, Book, Rule, load_book


@dataclass(frozen=True, slots=True)
class Means:
    """What may cut: rules, what stands below furniture they cut, the line model."""

    rules: bool = True
    structure: bool = True
    model: bool = False


@dataclass(frozen=True, slots=True)
class Suspects:
    """Numbers of lines: those that rules match, those the model names, those to ask by sentence."""

    hits: dict[int, list[Rule]] = field(default_factory=dict)
    likely: dict[int, str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)


class Pages(NamedTuple):
    """Texts as the line model is shown them: their bytes, their lines, what rules say of those.

    Text k is data[offsets[k]:offsets[k + 1]], its lines are rows[ends[k]:ends[k + 1]]. `hits` has
    1 where a rule would cut the line, 2 where one would that heads the lines below.
    """

    data: Bytes
    offsets: Offsets
    rows: Rows
    ends: Offsets
    hits: NDArray[np.uint8]


def encode_texts(texts: Iterable[str]) -> tuple[Bytes, Offsets]:
    """Texts as bytes end to end, and where each begins and the last one ends."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    offsets = np.array([0, *accumulate(map(len, encoded))], np.int64)
    offsets.flags.writeable = False  # as those of a column are, so that kernels compile once
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def suspect_lines(
    data: Bytes, offsets: Offsets, *, means: Means, book: Book | None = None
) -> dict[int, Suspects]:
    r"""What is suspect in each text; a text without suspects is left out.

    >>> texts = encode_texts(["The mill is closed.\nLeave a Comment"])
    >>> found = suspect_lines(*texts, means=Means())
    >>> [rule.name for rule in found[0].hits[1]]
    ['comments.invite']
    """
    if len(data) == 0 or not (means.rules or means.model):
        return {}
    book = book or load_book()
    pages, flags = _scan(data, offsets, book)
    found: dict[int, Suspects] = {}
    matched = _match_rows(pages, np.flatnonzero(flags & FOR_LINES), book)
    texts = _texts_of(pages, np.fromiter(matched, np.int64))
    if means.rules:
        for k, (row, rules) in zip(texts.tolist(), matched.items(), strict=True):
            found.setdefault(k, Suspects()).hits[int(pages.rows[row, 0])] = rules
        asked = np.flatnonzero(flags & FOR_SENTENCES)
        for k, row, line in _spans(pages, asked):
            if book.may_hold_sentence(line):
                found.setdefault(k, Suspects()).asked.append(int(pages.rows[row, 0]))
    if means.model:
        rows, groups = find_junk_rows(*pages)
        numbers = pages.rows[rows, 0].tolist()
        named, firsts = np.unique(_texts_of(pages, rows), return_index=True)
        for k, (first, end) in zip(
            named.tolist(), pairwise([*firsts.tolist(), len(rows)]), strict=True
        ):
            likely = dict(zip(numbers[first:end], groups[first:end], strict=True))
            found.setdefault(k, Suspects()).likely.update(likely)
    return found


def read_pages(data: Bytes, offsets: Offsets, book: Book) -> Pages:
    """What the line model is shown of some texts."""
    pages, flags = _scan(data, offsets, book)
    _match_rows(pages, np.flatnonzero(flags & FOR_LINES), book)
    return pages


def _scan(data: Bytes, offsets: Offsets, book: Book) -> tuple[Pages, NDArray[np.uint8]]:
    """The lines and their flags; what rules say is still to be filled in."""
    rows, flags, ends = scan_texts(data, offsets, book.triggers, WIDEST * book.longest_line)
    return Pages(data, offsets, rows, ends, np.zeros(len(rows), np.uint8)), flags


def _match_rows(pages: Pages, asked: Offsets, book: Book) -> dict[int, list[Rule]]:
    """The rules that match, by row; `hits` of the pages is filled in."""
    matched: dict[int, list[Rule]] = {}
    for _, row, line in _spans(pages, asked):
        if rules := book.match_bytes(line):
            matched[row] = rules
            pages.hits[row] = 1 + rules[0].is_header
    return matched


def _spans(pages: Pages, rows: Offsets) -> Iterator[tuple[int, int, memoryview]]:
    """Of each row the number of its text, its own, and its bytes."""
    texts = _texts_of(pages, rows)
    begins = pages.offsets[texts]
    starts, stops = pages.rows[rows, 1] + begins, pages.rows[rows, 2] + begins
    whole = pages.data.data
    listed = (column.tolist() for column in (texts, rows, starts, stops))
    for text, row, start, stop in zip(*listed, strict=True):
        yield text, row, whole[start:stop]


def _texts_of(pages: Pages, rows: Offsets) -> Offsets:
    return np.searchsorted(pages.ends, rows, "right") - 1
