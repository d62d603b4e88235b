"""Records of web archives: WARC with its pages, WET with its plain texts.

Documents are the texts a crawler took out (`conversion`) and the pages a server sent with success
(`response`, `resource`). Everything else - requests, redirects, pictures - is no document. When a
page was fetched says nothing of when it was written, so WARC-Date is no time of publication.
"""

from collections.abc import Iterator, Mapping

from pipeline.settings import IngestSettings
from pipeline.store.archives import Entry, Fault, read_entries
from pipeline.store.fields import Fields, as_text, host_of
from pipeline.store.html_records import page_record, page_too_large
from pipeline.store.records import PassedOver, Record, text_record, too_large
from pipeline.store.responses import Response, read_response, split_media, unpack_body
from pipeline.store.streams import BrokenInputError

HEAD_BYTES = 1 << 16  # of an HTTP response, before its body
PAGES = {"text/html", "application/xhtml+xml"}


def read_warc(pieces: Iterator[bytes], settings: IngestSettings) -> Iterator[Record | PassedOver]:
    """A record per page or text of a crawl; its number counts the archive's records."""
    max_bytes = max(settings.max_page_bytes, settings.max_document_bytes) + HEAD_BYTES
    entries = read_entries(pieces, _may_hold_page, max_bytes=max_bytes)
    yield from _records(entries, settings)


def read_wet(pieces: Iterator[bytes], settings: IngestSettings) -> Iterator[Record | PassedOver]:
    """A record per text that a crawler took out of a page."""
    entries = read_entries(pieces, _is_text, max_bytes=settings.max_document_bytes)
    yield from _records(entries, settings)


def _records(
    entries: Iterator[Entry | Fault | PassedOver], settings: IngestSettings
) -> Iterator[Record | PassedOver]:
    for number, found in enumerate(entries, 1):
        if isinstance(found, Fault):
            raw = found.data if 0 < len(found.data) <= settings.max_document_bytes else None
            yield Record(number, raw, error=found.reason, detail=found.detail)
        elif isinstance(found, PassedOver):
            yield found
        elif _is_text(found.headers):
            yield _text(number, found, settings)
        else:
            yield _page(number, found, settings)


def _is_text(headers: Mapping[str, str]) -> bool:
    media, _ = split_media(headers.get("content-type", ""))
    return headers.get("warc-type") == "conversion" and media == "text/plain"


def _may_hold_page(headers: Mapping[str, str]) -> bool:
    media, _ = split_media(headers.get("content-type", ""))
    match headers.get("warc-type"):
        case "response":
            return media == "application/http"
        case "resource":
            return media in PAGES
        case _:
            return _is_text(headers)


def _text(number: int, entry: Entry, settings: IngestSettings) -> Record:
    fields = _fields(entry)
    if entry.size > settings.max_document_bytes:
        return too_large(number, f"{entry.size:,} bytes", fields, settings)
    return text_record(number, entry.body, fields, settings)


def _page(number: int, entry: Entry, settings: IngestSettings) -> Record | PassedOver:
    response = _response(entry)
    fields = _fields(entry)
    if response is None:
        return Record(number, entry.body, fields, "broken_record", "no HTTP response in it")
    media = response.media or entry.headers.get("warc-identified-payload-type", "")
    if media not in PAGES or not 200 <= response.status < 300:
        return PassedOver()
    if entry.size > len(entry.body):
        return page_too_large(number, f"{entry.size:,} bytes", fields, settings)
    try:
        body = unpack_body(response, max_bytes=settings.max_page_bytes)
    except BrokenInputError as error:
        if error.reason == "file_too_large":
            return page_too_large(number, error.detail, fields, settings)
        detail = f"its body cannot be unpacked: {error.detail}"
        return Record(number, response.body, fields, "broken_record", detail)
    return page_record(number, body, fields, settings, charset=response.charset)


def _response(entry: Entry) -> Response | None:
    """The response, or what a `resource` holds in its place."""
    if entry.headers.get("warc-type") == "response":
        return read_response(entry.body)
    media, charset = split_media(entry.headers.get("content-type", ""))
    return Response(200, media, charset, chunked=False, packing="", body=entry.body)


def _fields(entry: Entry) -> Fields:
    # Some crawlers write the address in angle brackets.
    url = as_text(entry.headers.get("warc-target-uri", "").removeprefix("<").removesuffix(">"))
    own = None if url else as_text(entry.headers.get("warc-record-id"))
    return Fields(id=own, url=url, source=host_of(url))
