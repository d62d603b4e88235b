"""Records of HTML pages: a page's main text, taken out as it comes in.

The surprise: a page's `raw` is its extracted text, as a JSON record's is its mapped text, not the
file's bytes. Cleaning, edits and copies speak of that text. It hangs on the extractor's version,
which is why that is part of what tells whether a file has to be read again. Only a page that gives
no text keeps its own bytes, for whoever looks into the quarantine.
"""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError

from pipeline.errors import ExtraMissingError
from pipeline.settings import IngestSettings
from pipeline.store.fields import NO_FIELDS, Fields, host_of, parse_time
from pipeline.store.listing import InputFile, Kind
from pipeline.store.records import Record, text_record
from pipeline.store.streams import BrokenInputError
from pipeline.text.charsets import decode_page
from pipeline.text.decoding import UNCERTAIN, UNDECODABLE
from pipeline.text.pages import NoTextError, Page, extract_page, extractor_versions

EXTRACTED = {Kind.HTML, Kind.WARC}


def reader_versions(file: InputFile) -> str:
    """Versions of the packages that the file's texts depend on; empty where there is none.

    Raises ExtraMissingError where such a package is not installed: every page would be refused.
    """
    if file.kind not in EXTRACTED:
        return ""
    try:
        return extractor_versions()
    except PackageNotFoundError as error:
        message = (
            f"The input holds {file.relpath}, and {error.name} is not installed. Expected the "
            "packages that take the text out of HTML. Run `pip install 'winnow[html]'`, or keep "
            "such files out of the input."
        )
        raise ExtraMissingError(message) from error


def read_html(pieces: Iterator[bytes], settings: IngestSettings) -> Record:
    """The whole file as one page; what is longer than that is not even read to its end."""
    held = bytearray()
    try:
        for piece in pieces:
            held += piece
            if len(held) > settings.max_page_bytes:
                return page_too_large(0, "a longer file", NO_FIELDS, settings)
    except BrokenInputError as error:
        raise BrokenInputError(error.reason, error.detail, tail=bytes(held)) from error
    return page_record(0, bytes(held), NO_FIELDS, settings)


def page_record(
    number: int, raw: bytes, known: Fields, settings: IngestSettings, *, charset: str | None = None
) -> Record:
    """The page's text with its fields; what is `known` of it counts more than what it says."""
    decoded = decode_page(raw, charset=charset)
    if decoded.text is None:
        detail = f"a page of {len(raw):,} bytes"
        return Record(number, raw, known, decoded.reason or UNDECODABLE, detail)
    if UNCERTAIN in decoded.flags:
        # A text file keeps its bytes and a flag; of a page only the text stays, so it must be sure.
        detail = f"maybe {decoded.encoding}; the page names no encoding that fits"
        return Record(number, raw, known, UNDECODABLE, detail)
    try:
        page = extract_page(decoded.text, url=known.url)
    except NoTextError as error:
        return Record(number, raw, known, "no_text_extracted", str(error))
    return text_record(number, page.text, _fields(page, known), settings)


def page_too_large(number: int, size: str, known: Fields, settings: IngestSettings) -> Record:
    """A page that costs more to extract than any article is worth."""
    detail = f"{size}, at most {settings.max_page_bytes:,} of a page are read"
    return Record(number, None, known, "document_too_large", detail)


def _fields(page: Page, known: Fields) -> Fields:
    url = known.url or page.url
    return Fields(
        id=known.id,
        url=url,
        title=page.title,
        # The host first: a crawl's plain texts know nothing else, and sections rename the site.
        source=host_of(url) or page.site,
        published_at=parse_time(page.published_at),
        language=page.language,
    )
