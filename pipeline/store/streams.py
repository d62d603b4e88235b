"""The bytes of an input file in pieces, and its lines, within bounds.

Everything here is written for hostile input: a file is never held whole, a line no longer than its
bound is, and what a packed file grows to is counted while it grows.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard

from pipeline.store.listing import Packing

PIECE = 1 << 20
# A zstd block of 4 bytes can say "128 KiB of zeros": what one slice may grow to is 32 MiB.
SLICE = 1 << 10
BOM = b"\xef\xbb\xbf"


class BrokenInputError(Exception):
    """A file cannot be read to its end; never leaves the store, it becomes a quarantine row."""

    def __init__(self, reason: str, detail: str, *, tail: bytes = b"") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.tail = tail  # bytes of the record that was being read


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end; `data` is None where it is longer than allowed."""

    number: int
    size: int
    data: bytes | None


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def read_pieces(stream: BinaryIO, packing: Packing, *, max_bytes: int) -> Iterator[bytes]:
    """The unpacked content in pieces of bounded size.

    Raises BrokenInputError where it cannot be read on or is longer than `max_bytes`.
    """
    pieces = _read(stream)
    if packing == Packing.GZIP:
        pieces = _unpack(pieces, lambda: zlib.decompressobj(wbits=31))
    elif packing == Packing.ZSTD:
        pieces = _unpack(pieces, lambda: zstandard.ZstdDecompressor().decompressobj())
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise BrokenInputError("file_too_large", f"more than {max_bytes:,} bytes unpacked")
        yield piece


def read_lines(pieces: Iterable[bytes], *, max_bytes: int) -> Iterator[Line]:
    """The lines, without a byte order mark before the first; only "\\n" ends one.

    A BrokenInputError on the way carries the unfinished line as its tail.
    """
    held = list[bytes]()
    size, number = 0, 1
    try:
        for piece in pieces:
            start = 0
            while start < len(piece):
                end = piece.find(b"\n", start) + 1 or len(piece)
                size += end - start
                if size > max_bytes:
                    held.clear()
                else:
                    held.append(piece[start:end])
                if piece[end - 1] == 0x0A:
                    yield _line(number, size, held)
                    held.clear()
                    size, number = 0, number + 1
                start = end
    except BrokenInputError as error:
        raise BrokenInputError(error.reason, error.detail, tail=b"".join(held)) from error
    if size:
        yield _line(number, size, held)


def _line(number: int, size: int, held: list[bytes]) -> Line:
    if not held:
        return Line(number, size, None)
    data = b"".join(held)
    return Line(number, size, data.removeprefix(BOM) if number == 1 else data)


def _read(stream: BinaryIO) -> Iterator[bytes]:
    size = 0
    while True:
        try:
            piece = stream.read(PIECE)
        except OSError as error:
            detail = f"{error.strerror or error} after {size:,} bytes"
            raise BrokenInputError("unreadable_file", detail) from error
        if not piece:
            return
        size += len(piece)
        yield piece


def _unpack(pieces: Iterator[bytes], begin: Callable[[], _Unpacker]) -> Iterator[bytes]:
    """The content of all members, one after the other, as both formats allow."""
    unpacker, begun, size = begin(), False, 0
    for data in _slices(pieces):
        rest = data
        while rest:
            if unpacker.eof:
                rest = rest.lstrip(b"\0")  # tapes and block devices pad with zeros
                if not rest:
                    break
                unpacker = begin()
            try:
                grown = unpacker.decompress(rest)
            except (zlib.error, zstandard.ZstdError) as error:
                detail = f"damaged after {size:,} bytes unpacked: {error}"
                raise BrokenInputError("damaged_file", detail) from error
            begun, rest = True, unpacker.unused_data
            size += len(grown)
            yield grown
    if not begun or not unpacker.eof:
        raise BrokenInputError("truncated_file", f"ends early, after {size:,} bytes unpacked")


def _slices(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), SLICE):
            yield piece[start : start + SLICE]
