"""What kind of character each code point is, as one table that compiled kernels can index.

The surprise: building the table asks Unicode 1,114,112 questions (about 0.1 s), so it is made
once, on first use, and never at import.
"""

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LETTER = 1
UPPER = 2
LOWER = 4
DIGIT = 8
WORD = 16
SPACE = 32
STOP = 64  # ends a sentence
CLOSING_QUOTE = 128  # may follow the mark that ends a sentence
WIDE_STOP = 256  # ends a sentence and needs no space after it
BULLET = 512
DASH_BULLET = 1024  # a bullet only where a space follows
JOINED = 2048  # letter of a script that knows case, so that a space follows its commas

_BITS_OF_CATEGORY = {
    "Lu": LETTER | WORD | UPPER | JOINED,
    "Lt": LETTER | WORD | UPPER | JOINED,
    "Ll": LETTER | WORD | LOWER | JOINED,
    "Lm": LETTER | WORD,
    "Lo": LETTER | WORD,
    "Mn": WORD,
    "Mc": WORD,
    "Me": WORD,
    "Nd": DIGIT | WORD,
    "Nl": WORD,
    "Pc": WORD,
    "Zs": SPACE,
    "Zl": SPACE,
    "Zp": SPACE,
}
_BITS_OF_CHARACTER = {
    "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85": SPACE,
    ".!?…": STOP,
    "。！？｡।॥؟۔": STOP | WIDE_STOP,
    "\"'”’“»«›」』": CLOSING_QUOTE,
    "•‣◦▪●·∙": BULLET,
    "-*": DASH_BULLET,
    "\u200c\u200d": WORD,  # joiners stand inside words of Persian and Indic scripts
}


@lru_cache(maxsize=1)
def character_classes() -> NDArray[np.uint16]:
    """The classes of every code point as bits, indexed by code point; uint16, (0x110000,)."""
    categories = map(unicodedata.category, map(chr, range(0x110000)))
    table = np.fromiter(
        (_BITS_OF_CATEGORY.get(category, 0) for category in categories), np.uint16, 0x110000
    )
    for characters, bits in _BITS_OF_CHARACTER.items():
        for character in characters:
            table[ord(character)] |= bits
    table.flags.writeable = False  # numba would otherwise compile twice, once per mutability
    return table
