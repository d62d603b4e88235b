"""What the prose of a text is about, so that an article may quote what rules cut elsewhere.

A topic is a pattern; a text is about it if enough of its long lines have a match. Asked in the
rules' own engine, of lines that no rule has anything to say about.
"""

from functools import cache

import numpy as np
import re2
from numpy.typing import NDArray

from pipeline.compile import kernel
from pipeline.text.claims import ANY, TOPIC, UNKNOWN, ZONE, RuleTable
from pipeline.text.line_bits import NEWLINE, Bytes
from pipeline.text.line_forms import count_chars
from pipeline.text.line_rounds import Lines
from pipeline.text.line_scan import Rows
from pipeline.text.rule_table import Numbered
from pipeline.text.zones import BODY_CHARS

# Prose lines with the topic's word from which an article is about that topic itself.
TOPIC_LINES = 3


def muted_topics(lines: Lines, known: Numbered) -> NDArray[np.int8]:
    """Of each text and topic whether the text is about it: UNKNOWN where no rule would ask.

    As claimed before anything is cut.
    """
    muted = np.full((len(lines.offsets) - 1, len(known.topics)), UNKNOWN, np.int8)
    prose, before = b"", -1
    for text, topic in _asked_topics(lines, known.table).tolist():
        if text != before:
            first, end = lines.ends[text : text + 2]
            data = lines.data[lines.offsets[text] : lines.offsets[text + 1]]
            prose = prose_of(data, lines.rows[first:end], lines.firsts[first:end] >= 0)
            before = text
        muted[text, topic] = is_about(prose, known.topics[topic])
    return muted


def prose_of(data: Bytes, rows: Rows, spoken_for: NDArray[np.bool_]) -> bytes:
    """The long lines of a text that are not spoken for, one below the other."""
    return _join_prose(data, rows, spoken_for).tobytes()


def is_about(prose: bytes, topic: str) -> bool:
    """Whether enough lines have a match."""
    search, at = _pattern(topic).search, 0
    for _ in range(TOPIC_LINES):
        found = search(prose, at)
        if found is None:
            return False
        at = prose.find(b"\n", found.end())  # every line ends with one
    return True


@cache
def _pattern(topic: str) -> "re2._Regexp[bytes]":
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    return re2.compile(topic, options)


@kernel
def _join_prose(data: Bytes, rows: Rows, spoken_for: NDArray[np.bool_]) -> Bytes:
    joined = np.empty(data.size + 1, np.uint8)
    size = 0
    for row in range(rows.shape[0]):
        start, stop = rows[row, 1], rows[row, 2]
        long = stop - start >= BODY_CHARS and count_chars(data, start, stop) >= BODY_CHARS
        if long and not spoken_for[row]:
            joined[size : size + stop - start] = data[start:stop]
            size += stop - start + 1
            joined[size - 1] = NEWLINE
    return joined[:size]


@kernel
def _asked_topics(lines: Lines, table: RuleTable) -> NDArray[np.int64]:
    """Text and topic where a rule may have to know whether the text is about it, in order."""
    topics, count = table[:, TOPIC].max() + 1, 0
    found = np.empty(((lines.firsts >= 0).sum() * topics, 2), np.int64)
    for text in range(lines.offsets.size - 1):
        seen = 0
        for row in range(lines.ends[text], lines.ends[text + 1]):
            at = lines.firsts[row]
            while at >= 0 and lines.rules[at] >= 0:
                topic = table[lines.rules[at], TOPIC]
                asks = topic >= 0 and table[lines.rules[at], ZONE] == ANY
                if asks and not seen >> topic & 1:
                    seen |= 1 << topic
                    found[count, 0], found[count, 1] = text, topic
                    count += 1
                at += 1
    return found[:count]
