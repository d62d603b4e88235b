"""The main text of an HTML page, and what the page says of itself.

The extractor is an optional package and takes 0.2 s to import, so it is imported when the first
page comes. It is held to what it can do alone: no network, no language filter, no guessed dates.
Its time has no bound of its own: tags and attributes are counted before it sees a page.
"""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from types import ModuleType
from typing import Protocol

# What a page's text depends on, beside our own code.
EXTRACTORS = ("courlan", "htmldate", "justext", "lxml", "trafilatura")
# A page of 1 MB took 78 s of CPU as one tag of 110,000 attributes and 19 s as 100,000 cells of a
# row; within these bounds the slowest of 48 hostile shapes of up to 5 MB took 5 s.
MAX_TAGS = 30_000
MAX_ATTRIBUTES = 1_000
MAX_FIELD_CHARS = 2_000
# The parser silently drops what is nested 255 deep, and all that stands behind it.
TOO_DEEP = f"boolean({'/*' * 250})"
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?i:script|style)\b[^>]*+>.*?(?:</|\Z)"
    r"|(?P<tag><[a-zA-Z](?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+|[\"'])*+)",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"[\s/]++[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+")
# What code that is not ours raises on pages nobody thought of; lack of memory is not among it.
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
PUBLISHED = (
    "//meta[@property='article:published_time' or @property='og:article:published_time']/@content",
    "//*[@itemprop='datePublished']/@content | //*[@itemprop='datePublished']/@datetime",
    "//time[@pubdate]/@datetime",
)
LANGUAGES = (
    "/html/@lang",
    "/html/@xml:lang",
    "//meta[translate(@http-equiv, 'CL', 'cl')='content-language']/@content",
    "//meta[@property='og:locale']/@content",
)


class NoTextError(Exception):
    """Nothing could be extracted from a page; says why in a few words."""


@dataclass(frozen=True, slots=True)
class Page:
    """The main text, one line per paragraph, and the page's own words, null where it has none."""

    text: str
    title: str | None = None
    url: str | None = None  # the canonical address
    site: str | None = None
    published_at: str | None = None
    language: str | None = None


class _Tree(Protocol):
    def xpath(self, path: str) -> list[str]: ...


@cache
def extractor_versions() -> str:
    """Name and installed version of all that a page's text depends on.

    Raises PackageNotFoundError where the extractor is not installed.
    """
    return " ".join(f"{name}={metadata.version(name)}" for name in EXTRACTORS)


def extract_page(html: str, *, url: str | None = None) -> Page:
    """The main text of a page: no navigation, no comments, no banners. Raises NoTextError."""
    _check_bounds(html)
    extractor = _extractor()
    try:
        # The doctype keeps fragments from being refused for the lack of an <html> tag.
        tree = extractor.load_html("<!doctype html>\n" + html.removeprefix("\ufeff"))
        if tree is None:
            raise NoTextError("no HTML in it")
        if tree.xpath(TOO_DEEP):
            raise NoTextError("tags nested 250 deep, and maybe lost behind that")
        own = {
            "published_at": _published(tree),
            "language": next(_values(tree, *LANGUAGES), None),
        }
        found = extractor.bare_extraction(
            tree,
            url=url,
            include_comments=False,
            with_metadata=True,
            # Its date may be a guess and is not used; without a bound it asks for today's.
            date_extraction_params={"extensive_search": False, "max_date": "2100-01-01"},
        )
    except (*FAULTS, import_module("lxml.etree").LxmlError) as error:
        raise NoTextError(f"the extractor gave up: {type(error).__name__}") from error
    if found is None or not (found.text or "").strip():
        raise NoTextError("no main text in it")
    return Page(found.text, _short(found.title), _short(found.url), _short(found.sitename), **own)


@cache
def _extractor() -> ModuleType:
    extractor = import_module("trafilatura")
    # Its messages quote pages, and say nothing that the quarantine does not.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    return extractor


def _check_bounds(html: str) -> None:
    tags = 0
    for found in TAG.finditer(html):
        tags += 1
        start, end = found.span("tag")
        # An attribute has two characters at least.
        if end - start > 2 * MAX_ATTRIBUTES:
            attributes = sum(1 for _ in ATTRIBUTE.finditer(html, start, end))
            if attributes > MAX_ATTRIBUTES:
                raise NoTextError(
                    f"a tag of {attributes:,} attributes, at most {MAX_ATTRIBUTES:,} are read"
                )
    if tags > MAX_TAGS:
        raise NoTextError(f"{tags:,} tags, at most {MAX_TAGS:,} are read")


def _published(tree: _Tree) -> str | None:
    """The time of publication; a page that names two different ones names none."""
    for path in PUBLISHED:
        named = set(_values(tree, path))
        if named:
            return named.pop() if len(named) == 1 else None
    named = {
        value
        for script in tree.xpath("//script[@type='application/ld+json']/text()")
        for value in _named_times(script)
    }
    return named.pop() if len(named) == 1 else None


def _named_times(script: str) -> Iterator[str]:
    try:
        waiting = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            time = value.get("datePublished")
            if isinstance(time, str):
                yield time
            waiting += value.values()


def _values(tree: _Tree, *paths: str) -> Iterator[str]:
    for path in paths:
        for value in tree.xpath(path):
            if short := _short(value):
                yield short


def _short(value: str | None) -> str | None:
    """The value trimmed, if it has the length of a field and not of a page."""
    trimmed = (value or "").strip()
    return trimmed if 0 < len(trimmed) <= MAX_FIELD_CHARS else None
