"""UTF-8 with a few bytes gone wrong: the text, without what cannot belong to it.

Most of the bytes still prove the encoding, so throwing the document at a detector would turn all
of it into mojibake for the sake of a handful of bytes. What is mended is always flagged.
"""

import re
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


@dataclass(frozen=True, slots=True)
class Mended:
    """The text, and the sorted names of what a reader should know of it."""

    text: str
    flags: tuple[str, ...]


def mend_utf8(raw: bytes) -> Mended | None:
    """The text of bytes that are UTF-8 but for few of them; null where they are not."""
    paired = _surrogates(raw)
    if paired is not None:
        return Mended(paired, (INVALID,))
    sequences = [len(match) for match in _SEQUENCE.findall(raw)]
    stray = len(_HIGH.findall(raw)) - sum(sequences)
    long = sum(length >= 3 for length in sequences)
    # Two letters of a legacy text look like a sequence now and then; three or more hardly ever.
    few = (len(sequences) >= 2 and stray <= len(sequences)) or (long >= 2 and stray <= 8 * long)
    if not few:
        return None
    rejoined = _SPLIT.sub(rb"\1\2\3", raw)
    return Mended(rejoined.decode("utf-8", "ignore"), (INVALID,))


def _surrogates(raw: bytes) -> str | None:
    """The text of bytes that are UTF-8 but for surrogates: pairs joined, lone ones U+FFFD."""
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
