"""The content of a gzip file whose members are records, past those that are damaged.

A packed crawl is a file of many small ones. Where one is damaged, the next is found by its first
bytes; they also occur by chance, so what unpacks from them has to begin as a record does.
"""

import zlib
from collections.abc import Iterator

from pipeline.store.streams import BrokenInputError

MAGIC = b"\x1f\x8b\x08"
RECORD = b"WARC/"
STEP = 1 << 16  # bytes that come out at once, whatever a member grows to
PROBE = 1 << 12  # bytes that tell whether a member begins: its own head holds a file name at most


class Members:
    """Pieces of the content; after a BrokenInputError it can be asked for what follows."""

    def __init__(self, packed: Iterator[bytes], *, max_bytes: int) -> None:
        """`packed` is the file in pieces; at most `max_bytes` are unpacked of it."""
        self._packed = packed
        self._rest = b""
        self._unpacker = zlib.decompressobj(wbits=31)
        self._size, self._max_bytes = 0, max_bytes
        self._inside = self._lost = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while self._find() if self._lost else self._rest or self._refill():
            try:
                grown = self._unpacker.decompress(self._rest, STEP)
            except zlib.error as error:
                self._lost, self._inside = True, False
                self._rest = self._rest[1:]
                raise self._broken("damaged_file", f"damaged here: {error}") from error
            self._inside = not self._unpacker.eof
            self._rest = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                # Tapes and block devices pad with zeros.
                self._rest = self._unpacker.unused_data.lstrip(b"\0")
                self._unpacker = zlib.decompressobj(wbits=31)
            if grown:
                return self._counted(grown)
        if self._inside:
            self._inside = False
            raise self._broken("truncated_file", "ends early")
        raise StopIteration

    def _counted(self, grown: bytes) -> bytes:
        self._size += len(grown)
        if self._size > self._max_bytes:
            self._packed, self._rest, self._inside = iter(()), b"", False
            raise BrokenInputError(
                "file_too_large", f"more than {self._max_bytes:,} bytes unpacked"
            )
        return grown

    def _broken(self, reason: str, detail: str) -> BrokenInputError:
        return BrokenInputError(reason, f"{detail}, after {self._size:,} bytes unpacked")

    def _refill(self) -> bool:
        more = next(self._packed, b"")
        self._rest += more
        return bool(more)

    def _find(self) -> bool:
        """Go on to the next member that begins as a record does; whether there is one."""
        place = 0
        while True:
            place = self._rest.find(MAGIC, place)
            if place < 0 or place + PROBE > len(self._rest):
                keep = place if place >= 0 else max(len(self._rest) - len(MAGIC), 0)
                self._rest, place = self._rest[keep:], 0
                if self._refill():
                    continue
                if not self._rest.startswith(MAGIC):
                    self._rest = b""
                    return False
            if _begins_record(self._rest[place : place + PROBE]):
                self._rest = self._rest[place:]
                self._unpacker = zlib.decompressobj(wbits=31)
                self._lost = False
                return True
            place += 1


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(wbits=31).decompress(packed, len(RECORD)) == RECORD
    except zlib.error:
        return False
