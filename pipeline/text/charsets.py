"""The text of an HTML page's bytes, where the page or its server may name the encoding.

What proves itself still comes first: a page that is valid UTF-8 is UTF-8, whatever it says. A
claim is heard only in the place of a guess, and not at all if it is a Western one: servers send
that to everything, and the weighing starts from it anyway.
"""

import codecs
import re
from dataclasses import replace

from pipeline.text.decoding import UNCERTAIN, Decoded, decode_bytes
from pipeline.text.encodings import MULTI_BYTE, SINGLE_BYTE

# Where browsers look for the claim, and how far: they stop at 1,024 bytes, pages do not.
HEAD_BYTES = 4_096
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
WESTERN = {"ascii", "iso8859-1", "cp1252"}
# What pages mean by a narrower name, as browsers read them; by Python's names.
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
_NAMES = {codecs.lookup(e.codec).name: e.name for e in (*SINGLE_BYTE, *MULTI_BYTE)}


def decode_page(raw: bytes, *, charset: str | None = None) -> Decoded:
    """The text of a page; `charset` is what its server said, heard before the page itself.

    >>> decode_page("<meta charset=koi8-r><p>Дождь".encode("koi8-r")).encoding
    'koi8-r'
    """
    claims = [claim for claim in (charset, claimed_charset(raw)) if claim]
    names = [name for claim in claims if (name := _codec_name(claim))]
    if not _proves_itself(raw):
        for name in names:
            codec = WIDER.get(name, name)
            text = _strictly(raw, codec) if codec in _NAMES and codec not in WESTERN else None
            if text is not None:
                return Decoded(text, _NAMES[codec])
    found = decode_bytes(raw)
    if found.encoding == "windows-1252" and names and set(names) <= WESTERN:
        # Two witnesses that are weak alone: the weighing, and a claim that agrees with it.
        return replace(found, flags=tuple(flag for flag in found.flags if flag != UNCERTAIN))
    return found


def claimed_charset(raw: bytes) -> str | None:
    """The encoding that the first bytes of a page name, as they spell it."""
    head = raw[:HEAD_BYTES]
    found = XML_ENCODING.match(head) or CHARSET.search(head)
    return found[1].decode("ascii", "replace") if found else None


def _proves_itself(raw: bytes) -> bool:
    return raw.startswith(MARKS) or b"\0" in raw or _strictly(raw, "utf-8") is not None


def _codec_name(label: str) -> str | None:
    try:
        return codecs.lookup(label).name
    except (LookupError, ValueError):
        return None


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeError:
        return None
