"""What a record says of itself: id, address, title, outlet, time and language.

A field that makes no sense is absent, never an error: a text with a bad date is still a text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pipeline.settings import IngestSettings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ISO_DATE = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ].+)?")
# The parser of the standard library makes a time of nearly anything, so the shape comes first.
MAIL_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? "
    r"(?:[+-]\d{4}|UTC?|GMT|Z|[ECMP][SD]T)"
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The record's own words, null where it has none."""

    id: str | None = None
    url: str | None = None
    title: str | None = None
    source: str | None = None
    published_at: int | None = None  # microseconds since 1970, UTC
    language: str | None = None


NO_FIELDS = Fields()


def read_fields(values: Mapping[str, object], settings: IngestSettings) -> Fields:
    """The mapped fields; `source` is the host of the url where the record names none."""
    url = as_text(values.get(settings.url))
    return Fields(
        id=as_text(values.get(settings.id)),
        url=url,
        title=as_text(values.get(settings.title)),
        source=as_text(values.get(settings.source)) or host_of(url),
        published_at=parse_time(values.get(settings.published_at)),
        language=as_text(values.get(settings.language)),
    )


def as_text(value: object) -> str | None:
    """The value as text that can be stored: a string as it is, anything else as JSON.

    Blank strings are absent. Lone surrogates, which no UTF-8 can hold, are spelled out.

    >>> as_text(7), as_text(" "), as_text("a\\ud800")
    ('7', None, 'a\\\\ud800')
    """
    if value is None:
        return None
    if isinstance(value, bytes):
        text = value.decode("utf-8", "backslashreplace")
    elif isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
    else:
        text = as_json(value).encode("utf-8", "backslashreplace").decode()
    return text if text.strip() else None


def as_json(value: object) -> str:
    """The value as JSON; what JSON has no word for (times, decimals, bytes) as a string."""
    return json.dumps(value, ensure_ascii=False, default=str)


def host_of(url: str | None) -> str | None:
    """The host of an address in lower case, without "www."; None where there is none."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return (host or "").removeprefix("www.").rstrip(".") or None


def parse_time(value: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 or RFC 2822 time; UTC where it names no zone.

    Anything else is None: a bare number could be seconds, milliseconds or a year.

    >>> parse_time("1970-01-01T02:00:01+02:00"), parse_time("Thu, 01 Jan 1970 00:00:01 GMT")
    (1000000, 1000000)
    >>> parse_time("yesterday"), parse_time(1_700_000_000)
    (None, None)
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        value = _parse_text(value.strip())
    if not isinstance(value, datetime):
        return None
    try:
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (aware - EPOCH) // MICROSECOND


def _parse_text(text: str) -> datetime | None:
    try:
        if ISO_DATE.fullmatch(text):
            return datetime.fromisoformat(text)
        if MAIL_DATE.fullmatch(text):
            return parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return None
