"""The legacy encodings that a document may be in, and how often each is met.

`lead` is the logarithm (nats) of how much likelier than Western windows-1252 an encoding is before
a byte is read; it decides only where the text itself does not. A charset of ISO 8859 stands below
the Windows one of its region: files that claim it mostly hold the latter.
"""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Encoding:
    """A name that both IANA and Python know, the codec that reads it, and its lead."""

    name: str
    codec: str
    lead: float


SINGLE_BYTE = (
    Encoding("windows-1252", "cp1252", 0.0),
    Encoding("windows-1251", "cp1251", -1.5),
    Encoding("windows-1250", "cp1250", -2.0),
    Encoding("iso-8859-2", "iso8859-2", -2.2),
    Encoding("koi8-r", "koi8-r", -2.0),
    Encoding("koi8-u", "koi8-u", -3.0),
    Encoding("iso-8859-5", "iso8859-5", -3.0),
    Encoding("ibm866", "cp866", -4.0),
    Encoding("windows-1253", "cp1253", -2.2),
    Encoding("iso-8859-7", "iso8859-7", -2.0),
    Encoding("windows-1255", "cp1255", -2.0),
    Encoding("iso-8859-8", "iso8859-8", -2.5),
    Encoding("windows-1256", "cp1256", -2.0),
    Encoding("iso-8859-6", "iso8859-6", -3.0),
    Encoding("windows-1254", "cp1254", -2.5),
    Encoding("iso-8859-9", "iso8859-9", -3.0),
    Encoding("windows-1257", "cp1257", -2.5),
    Encoding("iso-8859-4", "iso8859-4", -3.5),
    Encoding("iso-8859-13", "iso8859-13", -3.5),
    Encoding("iso-8859-15", "iso8859-15", -3.0),
    Encoding("iso-8859-16", "iso8859-16", -4.5),
    Encoding("iso-8859-3", "iso8859-3", -5.0),
    Encoding("iso-8859-10", "iso8859-10", -6.0),
    Encoding("windows-874", "cp874", -2.0),
    Encoding("macintosh", "mac_roman", -5.0),
    Encoding("ibm437", "cp437", -6.0),
    Encoding("ibm850", "cp850", -5.0),
    Encoding("ibm852", "cp852", -5.0),
    Encoding("mac-cyrillic", "mac_cyrillic", -5.0),
)
MULTI_BYTE = (
    Encoding("shift_jis", "cp932", -2.5),
    Encoding("euc-jp", "euc_jp", -2.5),
    Encoding("euc-kr", "cp949", -2.5),
    Encoding("gb18030", "gb18030", -2.5),
    Encoding("big5-hkscs", "big5hkscs", -2.7),
)
UNDEFINED = "\ufffe"  # stands in a table for a byte that the encoding does not have


@cache
def characters(encoding: Encoding) -> str:
    """The 256 characters of a single-byte encoding.

    Windows reads the bytes it leaves undefined as control characters, and so do its files.
    """
    chars = bytes(range(256)).decode(encoding.codec, "replace").replace("\ufffd", UNDEFINED)
    if not encoding.name.startswith("windows-"):
        return chars
    return "".join(chr(n) if c == UNDEFINED and n < 0xA0 else c for n, c in enumerate(chars))
