"""From bytes to text, with the encoding that was found and what a reader should doubt.

The order is the argument: what proves itself comes first (byte order marks, escape sequences,
strict UTF-8), what is weighed comes last, and a guess without a clear lead says so in its flags.
A text may hold NULs and control characters: they are removed later, as repairs that can be undone.
"""

import codecs
import re
from dataclasses import dataclass

from pipeline.text.legacy import weigh_encodings
from pipeline.text.near_utf8 import mend_utf8

UNDECODABLE = "undecodable"
BINARY = "binary"
UNCERTAIN = "encoding_uncertain"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and its encoding, or null and the reason; flags are sorted names."""

    text: str | None
    encoding: str | None
    flags: tuple[str, ...] = ()
    reason: str | None = None


# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = (
    (re.compile(rb"\x1b\$(?:[@B]|\([@D])|\x1b\([JI]"), "iso2022_jp_ext"),
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), "hz"),
)
# Formats that begin with plain letters are left to the share of control characters.
_SIGNATURES = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|PK\x03\x04|%PDF-|\x1f\x8b\x08|\x7fELF|\x28\xb5\x2f\xfd"
    rb"|7z\xbc\xaf|Rar!\x1a|\xd0\xcf\x11\xe0|BZh\d1AY&SY|OggS\x00|wOF[F2]\x00"
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_HIGH = re.compile(rb"[\x80-\xff]")


def decode_bytes(raw: bytes) -> Decoded:
    """The text of a document's bytes; never an exception, never a silent guess."""
    if _SIGNATURES.match(raw):
        return Decoded(None, None, reason=BINARY)
    proven = _marked(raw) or _escaped(raw) or _unmarked_wide(raw)
    if proven is not None:
        return proven
    controls = len(raw) - len(raw.translate(None, _CONTROLS))
    text = _strictly(raw, "utf-8")
    # Valid UTF-8 may hold what a terminal left behind; random bytes are hardly ever valid.
    if controls > (max(2, 0.02 * len(raw)) if text is None else 0.3 * len(raw)):
        return Decoded(None, None, reason=BINARY)
    return Decoded(text, "utf-8") if text is not None else _weighed(raw)


def _weighed(raw: bytes) -> Decoded:
    """Bytes that prove no encoding: UTF-8 with faults, else the likeliest legacy one."""
    mended = mend_utf8(raw.removeprefix(codecs.BOM_UTF8))
    if mended is not None:
        return Decoded(mended.text, "utf-8", flags=mended.flags)
    guess = weigh_encodings(raw)
    if guess is None:
        return Decoded(None, None, reason=UNDECODABLE)
    return Decoded(guess.text, guess.encoding, flags=() if guess.certain else (UNCERTAIN,))


def _marked(raw: bytes) -> Decoded | None:
    for mark, encoding in _MARKS:
        if raw.startswith(mark) and (text := _strictly(raw, encoding)) is not None:
            return Decoded(text, encoding)
    return None


def _strictly(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        return None


def _escaped(raw: bytes) -> Decoded | None:
    """Seven-bit encodings that announce themselves by escape sequences."""
    if (b"\x1b" not in raw and b"~{" not in raw) or _HIGH.search(raw):
        return None
    for pattern, encoding in _ESCAPED:
        if pattern.search(raw) and (text := _strictly(raw, encoding)) is not None:
            return Decoded(text, encoding)
    return None


def _unmarked_wide(raw: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark: the NULs of its ASCII characters stand on one side."""
    nulls = raw.count(0)
    if nulls < max(2, len(raw) / 100) or len(raw) % 2:
        return None
    if len(raw) % 4 == 0 and nulls * 2 >= len(raw):
        for encoding in ("utf-32-le", "utf-32-be"):
            if (text := _strictly(raw, encoding)) is not None and _reads_well(text):
                return Decoded(text, encoding)
    odd = raw[1::2].count(0)
    if min(odd, nulls - odd) * 20 > nulls:
        return None
    encoding = "utf-16-le" if odd * 2 > nulls else "utf-16-be"
    text = _strictly(raw, encoding)
    return Decoded(text, encoding) if text is not None and _reads_well(text) else None


def _reads_well(text: str) -> bool:
    """Whether nearly all characters print, most of them from few blocks of Unicode."""
    odd = sum(not (char.isprintable() or char in "\t\n\r\f\ufeff") for char in text)
    blocks: dict[int, int] = {}
    for char in text:
        blocks[ord(char) >> 8] = blocks.get(ord(char) >> 8, 0) + 1
    han = sum(count for block, count in blocks.items() if 0x4E <= block <= 0x9F)
    top = sum(sorted((c for b, c in blocks.items() if not 0x4E <= b <= 0x9F), reverse=True)[:4])
    return odd * 50 <= len(text) and (han + top) * 10 >= len(text) * 9
