"""The entries of a WARC file in order, and what stands where there should be one.

Written for crawls that were cut off, damaged or put together wrongly: a bad entry is one fault,
and reading goes on where the next one begins. No package does that: they stop at the first fault,
or unpack a body whole, however much it grows. ISO 28500 describes the format.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.store.records import PassedOver
from pipeline.store.streams import BrokenInputError

MAX_HEAD = 1 << 16
NEXT = re.compile(rb"(?:\A|\n)(?=WARC/[01]\.\d)")
HEAD_END = re.compile(rb"\r?\n\r?\n")
MARK_BYTES = len(b"\nWARC/1.0")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the archive; `body` holds its first bytes where it is longer than allowed."""

    headers: Mapping[str, str]
    body: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that make no record, as many as are kept of them."""

    reason: str
    detail: str
    data: bytes


def parse_headers(lines: bytes) -> dict[str, str]:
    """Names in lower case and their values; of two with one name the first one counts.

    >>> parse_headers(b"Content-Type: text/html;\\r\\n charset=utf-8\\r\\nX: 1")
    {'content-type': 'text/html; charset=utf-8', 'x': '1'}
    """
    headers: dict[str, str] = {}
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", lines)
    for line in unfolded.splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            shown = value.strip().decode("utf-8", "backslashreplace")
            headers.setdefault(name.strip().decode("latin-1").lower(), shown)
    return headers


def read_entries(
    pieces: Iterator[bytes], wanted: Callable[[Mapping[str, str]], bool], *, max_bytes: int
) -> Iterator[Entry | Fault | PassedOver]:
    """The entries, with at most `max_bytes` of a body, and a fault for each that is none.

    `pieces` may raise BrokenInputError and be asked again: what comes then is read on.
    """
    window = _Window(pieces)
    while window.skip_blank():
        head = _read_head(window)
        headers = parse_headers(bytes(window.held[:head]))
        length = headers.get("content-length", "")
        if not head:
            yield _fault(window, "no record begins here", max_bytes)
        elif not (length.isascii() and length.isdigit() and len(length) < 19):
            yield _fault(window, "a record that does not say its length", max_bytes)
        else:
            found = _read_body(window, head, int(length), max_bytes)
            if isinstance(found, Fault):
                yield found
            elif wanted(headers):
                yield Entry(headers, found, int(length))
            else:
                yield PassedOver()


def _read_head(window: "_Window") -> int:
    """The length of the head that begins here, with its blank line; 0 where there is none."""
    while (found := HEAD_END.search(window.held, 0, MAX_HEAD)) is None:
        if len(window.held) >= MAX_HEAD or not window.reach(len(window.held) + 1):
            return 0
    return found.end() if NEXT.match(window.held) else 0


def _read_body(window: "_Window", head: int, size: int, max_bytes: int) -> bytes | Fault:
    """The body, and the window behind it; a fault where the length proves to be wrong."""
    if size > max_bytes:
        # Not held, so not looked through for the record that a wrong length may have swallowed.
        window.reach(head + max_bytes)
        body = bytes(window.held[head : head + max_bytes])
        whole = window.drop(head + size)
        return body if whole else Fault(*window.take_fault(), body)
    if not window.reach(head + size):
        return _fault(window, "a record longer than what there is of it", max_bytes)
    window.reach(head + size + 1)
    behind = bytes(window.held[head + size : head + size + 5])
    if behind[:1] not in (b"", b"\r", b"\n") and behind != b"WARC/":
        return _fault(window, "a record of another length than it says", max_bytes)
    body = bytes(window.held[head : head + size])
    window.drop(head + size)
    return body


def _fault(window: "_Window", detail: str, max_bytes: int) -> Fault:
    """What stands here up to where the next record begins, which is where the window is then."""
    kept = bytearray()
    while (found := NEXT.search(window.held, 1)) is None:
        # The last bytes may be the beginning of the next one.
        before = max(len(window.held) - MARK_BYTES, 1)
        kept += window.held[: min(before, max_bytes - len(kept))]
        window.drop(before)
        if not window.reach(len(window.held) + 1):
            kept += window.held[: max_bytes - len(kept)]
            window.drop(len(window.held))
            if window.broken:
                return Fault(*window.take_fault(), bytes(kept))
            return Fault("broken_record", detail, bytes(kept))
    kept += window.held[: min(found.end(), max_bytes - len(kept))]
    window.drop(found.end())
    return Fault("broken_record", detail, bytes(kept))


class _Window:
    """The bytes from the current place on, as many as were asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.held = bytearray()
        self.broken: BrokenInputError | None = None

    def reach(self, size: int) -> bool:
        """Whether so many bytes are held; no more are read past a break in the file."""
        while len(self.held) < size and self.broken is None:
            try:
                piece = next(self._pieces, None)
            except BrokenInputError as error:
                self.broken = error
                return False
            if piece is None:
                return False
            self.held += piece
        return len(self.held) >= size

    def drop(self, size: int) -> bool:
        """Go on so many bytes, held or not; whether there were so many."""
        while size > len(self.held):
            size -= len(self.held)
            self.held.clear()
            if not self.reach(1):
                return False
        del self.held[:size]
        return True

    def skip_blank(self) -> bool:
        """Go on to the next byte that is no line end; whether there is one, or a break."""
        while self.reach(1):
            blank = len(self.held) - len(self.held.lstrip(b"\r\n"))
            del self.held[:blank]
            if self.held:
                return True
        return self.broken is not None

    def take_fault(self) -> tuple[str, str]:
        """Reason and detail of the break, behind which reading goes on; else of an early end."""
        broken, self.broken = self.broken, None
        if broken is None:
            return "truncated_file", "ends within a record"
        return broken.reason, broken.detail
