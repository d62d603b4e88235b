"""Bytes that are UTF-8 but for a few, or but for some lines: the text, mended and flagged.

Most of the bytes prove the encoding, so weighing the whole document as something else would turn
all of it into mojibake for the sake of a handful. A line that hardly holds a sequence and reads
well in a legacy encoding came from another file; any other stray byte is noise and goes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.text.legacy import weigh_encodings

INVALID = "invalid_bytes"
MIXED = "encoding_mixed"

_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
# A sequence that one or two stray bytes have split.
_STRAY = rb"[\x80\xc0\xc1\xf5-\xff]{1,2}"
_SPLIT = re.compile(
    rb"([\xc2-\xdf])" + _STRAY + rb"(?=[\x80-\xbf](?![\x80-\xbf]))"
    rb"|([\xe0-\xef])" + _STRAY + rb"(?=[\x80-\xbf]{2}(?![\x80-\xbf]))"
    rb"|([\xe0-\xef][\x80-\xbf])" + _STRAY + rb"(?=[\x80-\xbf](?![\x80-\xbf]))"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[\x81-\xbf\xc2-\xfd]")  # the other bytes are what noise is made of


@dataclass(frozen=True, slots=True)
class Mended:
    """The text, and the sorted names of what a reader should know of it."""

    text: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    raw: bytes
    sequences: int
    quotes: int  # sequences of U+2000 to U+203F: dashes, quotation marks, bullets
    stray: int  # bytes above 127 that are in no sequence

    @property
    def foreign(self) -> bool:
        """Whether the line could come from a file in another encoding.

        Noise in UTF-8 is sparse. Two letters of another encoding look like a sequence by chance
        now and then, in East Asian ones up to once in four.
        """
        return self.stray >= 2 * self.sequences and _LETTER.search(self.raw) is not None

    @property
    def damaged(self) -> bool:
        return self.stray > 0 and not self.foreign


def mend_utf8(raw: bytes) -> Mended | None:
    """The text of bytes that are mostly UTF-8; null where they are not."""
    paired = _join_surrogates(raw)
    if paired is not None:
        return Mended(paired, (INVALID,))
    lines = [_line(line) for line in raw.split(b"\n")]
    if not _mostly_utf8(lines):
        return None
    foreign = _read_foreign([line for line in lines if line.foreign])
    flags = set()
    texts = []
    for line in lines:
        read = next(foreign, None) if line.foreign else None
        if line.stray:
            flags.add(INVALID if read is None else MIXED)
        rejoined = _SPLIT.sub(rb"\1\2\3", line.raw) if line.stray else line.raw
        texts.append(rejoined.decode("utf-8", "ignore") if read is None else read)
    return Mended("\n".join(texts), tuple(sorted(flags)))


def _line(raw: bytes) -> _Line:
    if raw.isascii():
        return _Line(raw, 0, 0, 0)
    sequences = _SEQUENCE.findall(raw)
    stray = len(_HIGH.findall(raw)) - sum(map(len, sequences))
    return _Line(raw, len(sequences), sum(s.startswith(b"\xe2\x80") for s in sequences), stray)


def _mostly_utf8(lines: Sequence[_Line]) -> bool:
    """Letters of a legacy text look like a sequence now and then, but like a quote hardly ever."""
    sequences = sum(line.sequences for line in lines)
    quotes = sum(line.quotes for line in lines)
    stray = sum(line.stray for line in lines)
    if (sequences >= 2 and stray <= sequences) or (quotes >= 2 and stray <= 8 * quotes):
        return True
    # Files put together: then hardly a line holds both. In a legacy text it is hardly otherwise.
    foreign = sum(line.foreign for line in lines)
    damaged = sum(line.damaged for line in lines)
    proper = sum(line.sequences for line in lines if not line.foreign)
    few = proper >= 3 and stray <= 3 * proper and damaged * 10 <= foreign
    return few or (proper >= 4 and not damaged)


def _read_foreign(lines: Sequence[_Line]) -> Iterator[str]:
    """The foreign lines read in the one encoding that suits them all; none if none surely does."""
    guess = weigh_encodings(b"\n".join(line.raw for line in lines)) if lines else None
    return iter(guess.text.split("\n") if guess is not None and guess.certain else ())


def _join_surrogates(raw: bytes) -> str | None:
    """The text of bytes that are UTF-8 but for surrogates: pairs joined, lone ones U+FFFD."""
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
