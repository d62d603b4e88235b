"""Where an article's body begins and ends, judged by its lines alone.

The head and the tail are where site furniture stands; between the first and the last body line
only rules that are sure of themselves may cut.
"""

import re
import string
from collections.abc import Container, Mapping
from dataclasses import dataclass

# A body line is a sentence of some length. 80 characters was the length that told prose from
# labels and headlines on hand-labelled pages; texts without one (verse, very short items, lines
# wrapped by hand) fall back to any sentence, and texts without any to any long line. Re-run
# tests/eval before touching them.
BODY_CHARS = 80
SHORT_BODY_CHARS = 20
WIDE_BODY_CHARS = 25

# A sentence ends in one of these, with what closes behind it, within so many characters.
SENTENCE_ENDS, CLOSERS, TAIL_CHARS = ".!?…。！？؟۔।։", "\"'”’»«“)]）」』", 12
ENDS = re.compile(rf"[{SENTENCE_ENDS}]\s*[{re.escape(CLOSERS)}]*$")
STOPS = ".!?"
PLAIN = frozenset(f"{STOPS},:;-{string.ascii_letters}{string.digits}")
# Scripts that say more in fewer characters: kana, Chinese characters, Hangul, Thai.
WIDE_RANGES = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0x0E00, 0x0E7F))
WIDE = re.compile(f"[{''.join(f'{chr(a)}-{chr(b)}' for a, b in WIDE_RANGES)}]")


@dataclass(frozen=True, slots=True)
class Zones:
    """Numbers of the body lines, and of the first and last of them; -1 where there is none."""

    body: Container[int]
    first: int
    last: int


def ends_sentence(stripped: str) -> bool:
    """Whether a line ends as a sentence does, closing quotes and brackets aside."""
    last = stripped[-1:]
    if last in PLAIN:  # nearly all lines
        return last in STOPS
    return ENDS.search(stripped[-TAIL_CHARS:]) is not None


def find_zones(filled: Mapping[int, str], hits: Container[int]) -> Zones:
    """The body of a text, given its non-blank lines and the numbers of those that rules match."""
    body = {
        i
        for i, line in filled.items()
        if (len(line) >= BODY_CHARS or (len(line) >= WIDE_BODY_CHARS and not line.isascii()))
        and i not in hits
        and _is_prose(line)
    }
    if not body:
        body = {
            i
            for i, line in filled.items()
            if i not in hits and len(line) >= SHORT_BODY_CHARS and ends_sentence(line)
        }
    if not body:
        body = {i for i, line in filled.items() if i not in hits and len(line) >= BODY_CHARS}
    return Zones(body, min(body, default=-1), max(body, default=-1))


def _is_prose(line: str) -> bool:
    if len(line) >= BODY_CHARS:
        return ends_sentence(line)
    return ends_sentence(line) and WIDE.search(line) is not None
