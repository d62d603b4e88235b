"""The sentences inside a paragraph that a rule cuts, and what they leave of their line.

A sentence from inside a quotation stays, and so does one that no blank parts from the one before.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.text.edits import Action, Edit
from pipeline.text.rules import Book, Rule

SENTENCE = re.compile(r"[^.!?…]+[.!?…]+[\"”’)]*\s*|[^.!?…]+$")
OPENING, CLOSING = "“«„「『", "”»」』"


@dataclass(frozen=True, slots=True)
class SentenceCut:
    """A sentence and the first rule that matches it from end to end."""

    rule: Rule
    start: int
    end: int


def find_sentences(
    text: str, starts: Sequence[int], asked: Iterable[int], book: Book
) -> dict[int, list[SentenceCut]]:
    """By number of an asked line the sentences to cut; line i begins at starts[i]."""
    found: dict[int, list[SentenceCut]] = {}
    for i in asked:
        start, end = starts[i], starts[i + 1] - 1
        line = text[start:end]
        cuts = [
            SentenceCut(rules[0], start + at, start + to)
            for at, to in _unquoted(line)
            if (rules := book.match_sentence(line[at:to].strip()))
        ]
        if cuts and cuts[-1].end == end:  # the last sentence takes the blank before it along
            at = len(line[: cuts[-1].start - start].rstrip())
            cuts[-1] = replace(cuts[-1], start=start + at)
        if cuts:
            found[i] = cuts
    return found


def residue(text: str, starts: Sequence[int], i: int, cuts: Iterable[SentenceCut]) -> str:
    """What the cuts leave of line i, without blanks around."""
    pieces, at = [], starts[i]
    for cut in cuts:
        pieces.append(text[at : cut.start])
        at = max(at, cut.end)
    return "".join([*pieces, text[at : starts[i + 1] - 1]]).strip()


def sentence_edits(text: str, inside: Mapping[int, Iterable[SentenceCut]]) -> Iterator[Edit]:
    """The cuts of all lines as edits."""
    for cuts in inside.values():
        at = 0
        for cut in cuts:
            start = max(cut.start, at)
            at = cut.end
            yield Edit(start, at, Action.DROP_SENTENCE, cut.rule.name, text[start:at], "")


def _unquoted(line: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences that a blank parts from the one before, outside of quotations."""
    opened = straight = 0
    for tile in SENTENCE.finditer(line):
        at = tile.start()
        if opened <= 0 and straight % 2 == 0 and (at == 0 or line[at - 1].isspace()):
            yield tile.span()
        opened += sum(map(tile[0].count, OPENING)) - sum(map(tile[0].count, CLOSING))
        straight += tile[0].count('"')
