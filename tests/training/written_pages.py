"""Pages made up for training: furniture as many sites stack it, and content that looks like it.

Real pages are few and of one decade; what these teach is the vocabulary of others.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pen import WORDS, Pen
from written_blocks import block, subhead

# The share of pages that are wrapped by hand.
WRAPPED = 0.25
# A name or another telling word of an article.
THEME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,12}\b|\b[a-z]{8,14}\b")


@dataclass(frozen=True, slots=True)
class Page:
    """Lines and one label per line: C content, B furniture, T title, A neither."""

    url: str
    lines: Sequence[str]
    labels: str


def written_pages(
    bodies: Sequence[tuple[str, Sequence[str]]], count: int, seed: int
) -> Iterator[Page]:
    """Pages around given bodies of content; three in ten have no furniture at all."""
    pen = Pen(seed)
    for _ in range(count):
        url, body = pen.pick(bodies)
        yield _page(pen, url, _shortened(pen, list(body)))


def _shortened(pen: Pen, body: list[str]) -> list[str]:
    chance = pen.chance
    if len(body) > 30 and chance.random() < 0.6:
        body = body[: chance.randint(8, 30)]
    return body[: chance.randint(2, 8)] if chance.random() < 0.25 else body


def _page(pen: Pen, url: str, body: Sequence[str]) -> Page:  # noqa: C901  one choice per part
    chance = pen.chance
    language = pen.pick(list(WORDS["other_languages"])) if chance.random() < 0.12 else None
    plain = chance.random() < 0.3
    pen.themes = THEME.findall(" ".join(body))[:400] if chance.random() < 0.7 else []
    insets = 0.0 if plain or chance.random() < 0.6 else chance.choice((0.03, 0.08, 0.2))
    own = chance.random() < (0.7 if plain else 0.35)
    lines: list[tuple[str, str]] = []
    if not plain and chance.random() < 0.8:
        lines += _labelled(pen.head(chance.randint(1, 3), language), "B")
    if chance.random() < 0.6:
        lines.append((pen.headline(), "T"))
    if not plain and chance.random() < 0.4:
        lines += _labelled(pen.head(chance.randint(1, 2), language), "B")
    if chance.random() < 0.15:
        lines.append((pen.fill(pen.pick(WORDS["teasers"])), "A"))
    breaks = range(1, len(body)) if own and len(body) > 2 else ()
    places = chance.sample(breaks, min(len(breaks), chance.randint(1, 3)))
    for number, line in enumerate(body):
        if number in places:
            lines += _labelled([subhead(pen)] if chance.random() < 0.5 else block(pen), "C")
        elif number and chance.random() < insets:
            lines += _labelled(pen.inset(), "B")
        lines.append((line, "C"))
    if own and chance.random() < 0.4:
        lines += _labelled(block(pen), "C")
    if not plain and chance.random() < 0.95:
        most = pen.pick((8, 8, 8, chance.randint(1, 12)))
        lines += pen.tail(most, language)
    if chance.random() < WRAPPED:
        lines = _wrapped(lines, chance.randint(58, 80), upper_title=chance.random() < 0.5)
    return Page(url, [line for line, _ in lines], "".join(label for _, label in lines))


def _wrapped(
    lines: Sequence[tuple[str, str]], width: int, *, upper_title: bool
) -> list[tuple[str, str]]:
    """The lines as a text wrapped by hand, like mail and old wire copy."""
    return [
        (part.upper() if label == "T" and upper_title else part, label)
        for line, label in lines
        for part in textwrap.wrap(line, width)
    ]


def _labelled(lines: Sequence[str], label: str) -> list[tuple[str, str]]:
    return [(line, label) for line in lines]
