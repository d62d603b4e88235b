"""The page in an archived HTTP response: its head read, its body joined and unpacked.

Archives disagree on whether they keep a body as it was sent, and their headers often speak of what
was sent where the body has been unpacked since. So a body's own bytes decide, not its headers.
"""

import io
import re
import zlib
from dataclasses import dataclass

from pipeline.store.archives import HEAD_END, parse_headers
from pipeline.store.listing import Packing
from pipeline.store.streams import BrokenInputError, read_pieces

STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})\b")
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
CHUNK = re.compile(rb"\s{0,4}([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,256})?\r?\n")
PACKINGS = ((b"\x1f\x8b\x08", Packing.GZIP), (b"\x28\xb5\x2f\xfd", Packing.ZSTD))
PLAIN = {"", "identity", "gzip", "x-gzip", "zstd", "deflate"}


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, its body still as it was sent."""

    status: int
    media: str  # in lower case, without parameters
    charset: str | None
    chunked: bool
    packing: str
    body: bytes


def read_response(block: bytes) -> Response | None:
    """The response that an archive's record holds; None where it holds none."""
    status = STATUS.match(block)
    end = HEAD_END.search(block)
    if status is None or end is None:
        return None
    headers = parse_headers(block[: end.start()])
    media, charset = split_media(headers.get("content-type", ""))
    return Response(
        status=int(status[1]),
        media=media,
        charset=charset,
        chunked=headers.get("transfer-encoding", "").lower() == "chunked",
        packing=headers.get("content-encoding", "").lower(),
        body=block[end.end() :],
    )


def split_media(value: str) -> tuple[str, str | None]:
    """The media type and the encoding of a Content-Type.

    >>> split_media('Text/HTML; charset="utf-8"')
    ('text/html', 'utf-8')
    """
    charset = CHARSET.search(value)
    return value.partition(";")[0].strip().lower(), charset[1] if charset else None


def unpack_body(response: Response, *, max_bytes: int) -> bytes:
    """The body as the server meant it.

    Raises BrokenInputError where it cannot be unpacked or is longer than `max_bytes`.
    """
    body = _joined(response.body) if response.chunked else response.body
    for magic, packing in PACKINGS:
        if body.startswith(magic):
            return b"".join(read_pieces(io.BytesIO(body), packing, max_bytes=max_bytes))
    if response.packing == "deflate":
        body = _inflated(body, max_bytes)
    elif response.packing not in PLAIN and b"<" not in body[:1_000].lstrip()[:1]:
        raise BrokenInputError("broken_record", f"packed as {response.packing[:40]!r}")
    if len(body) > max_bytes:
        raise BrokenInputError("file_too_large", f"{len(body):,} bytes")
    return body


def _joined(body: bytes) -> bytes:
    """The chunks in one; the body as it is from where it is not in chunks."""
    parts = list[bytes]()
    place = 0
    while (found := CHUNK.match(body, place)) is not None:
        size = int(found[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + size])
        place = found.end() + size
    return b"".join([*parts, body[place:].lstrip(b"\r\n") if parts else body])


def _inflated(body: bytes, max_bytes: int) -> bytes:
    """Deflated bytes with or without the head they should have; others as they are."""
    for wbits in (15, -15):
        try:
            return zlib.decompressobj(wbits=wbits).decompress(body, max_bytes + 1)
        except zlib.error:
            continue
    return body
