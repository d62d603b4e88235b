"""Records of CSV files: comma, double quote, a header, UTF-8.

The csv module finds the records; this feeds it lines and remembers which ones a record took. If
they do not make a record, only the first of them is given up and reading goes on at the second:
an unclosed quote costs one line, not the rest of the file.
"""

import csv
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.settings import IngestSettings
from pipeline.store.fields import read_fields
from pipeline.store.records import Record, broken, shown, text_record
from pipeline.store.streams import BrokenInputError, Line, read_lines


class _Feed:
    """Lines for the csv module; `taken` are those of the record that is being read."""

    def __init__(self, lines: Iterator[Line], *, max_bytes: int) -> None:
        self._lines = lines
        self._again = deque[Line]()
        self._max_bytes = max_bytes
        self._size = 0
        self.taken: list[Line] = []

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self._size += line.size
        if line.data is None or self._size > self._max_bytes:
            raise csv.Error(f"longer than {self._max_bytes:,} bytes")
        # Bytes that are not UTF-8 pass as lone surrogates: whether the commas make a record is
        # one question, whether it can be used another.
        return line.data.decode("utf-8", "surrogateescape")

    def take(self) -> bytes:
        """The bytes of the record, which is done with."""
        data = b"".join(line.data or b"" for line in self.taken)
        self.taken, self._size = [], 0
        return data

    def give_up(self) -> Line:
        """The first line taken; the others will come again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self.taken, self._size = [], 0
        return first


@dataclass(frozen=True, slots=True)
class _Header:
    columns: dict[str, int]
    width: int


def read_csv(pieces: Iterator[bytes], settings: IngestSettings) -> Iterator[Record]:
    """A record per row; a single one that says so where the header does not name the text."""
    csv.field_size_limit(sys.maxsize)  # the feed bounds records, and knows what to do then
    lines = read_lines(pieces, max_bytes=settings.max_line_bytes)
    feed = _Feed(lines, max_bytes=settings.max_line_bytes)
    rows = _rows(feed)
    try:
        header = _read_header(next(rows, []), settings)
        if isinstance(header, str):
            yield Record(0, None, error="missing_text_column", detail=header)
            return
        feed.take()
        for number, row in enumerate(rows, 1):
            if isinstance(row, csv.Error):
                yield _give_up(number, feed.give_up(), str(row), settings)
            else:
                yield _record(number, row, header, feed, settings)
    except BrokenInputError as error:
        raise BrokenInputError(error.reason, error.detail, tail=feed.take() + error.tail) from error


def _read_header(row: list[str] | csv.Error, settings: IngestSettings) -> _Header | str:
    if isinstance(row, csv.Error):
        return f"the header is no CSV: {row}"
    # Of two columns with one name the first one counts.
    columns = {row[n].strip(): n for n in reversed(range(len(row)))}
    if row and settings.text not in columns:
        return f"no column {settings.text!r} among {shown(row)}"
    return _Header(columns, len(row))


def _rows(feed: _Feed) -> Iterator[list[str] | csv.Error]:
    """Rows that are not blank, or the error in place of one."""
    reader = csv.reader(feed, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error
            reader = csv.reader(feed, strict=True)
        else:
            if row:
                yield row
            else:
                feed.take()


def _record(
    number: int, row: list[str], header: _Header, feed: _Feed, settings: IngestSettings
) -> Record:
    where = f"line {feed.taken[0].number}"
    raw = feed.take()
    if len(row) != header.width:
        detail = f"{where}: {len(row)} fields, the header has {header.width}"
        return broken(number, raw.rstrip(b"\r\n"), detail, settings)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        detail = f"{where}: not UTF-8 at byte {error.start} of the record"
        return broken(number, raw.rstrip(b"\r\n"), detail, settings)
    values = {name: row[n] for name, n in header.columns.items()}
    return text_record(number, values[settings.text], read_fields(values, settings), settings)


def _give_up(number: int, line: Line, why: str, settings: IngestSettings) -> Record:
    if line.data is None:
        detail = f"line {line.number}: {line.size:,} bytes, at most {settings.max_line_bytes:,}"
        return Record(number, None, error="line_too_long", detail=detail)
    return broken(number, line.data.rstrip(b"\r\n"), f"line {line.number}: {why}", settings)
