"""What goes of one text that has suspect lines: the lines, and the sentences inside of others.

Where sentences go, what they leave of a line is what rules and protections look at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.text.claims import BY_MODEL, UNKNOWN, Claims, Hits, claim_lines, spare_turns
from pipeline.text.edits import Edit
from pipeline.text.line_bits import Bytes
from pipeline.text.line_forms import Forms, forms_of, letters
from pipeline.text.line_pages import runs_of
from pipeline.text.line_scan import Rows
from pipeline.text.lines import Lines, split_lines
from pipeline.text.rule_table import Numbered, numbered
from pipeline.text.rules import Book
from pipeline.text.sentences import SentenceCut, find_sentences, residue, sentence_edits
from pipeline.text.topics import is_about, prose_of


@dataclass(frozen=True, slots=True)
class Findings:
    """Edits in order and without overlap, and the flags that rules set."""

    edits: list[Edit]
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class SuspectPage:
    """A text, its lines as by `scan_texts`, and what is suspect, by row.

    The numbers of the rules that match, the number of the group that spoke for it to the model,
    and the rows to ask by sentence. `title` is the record's own, in UTF-8.
    """

    text: str
    title: bytes
    data: Bytes
    rows: Rows
    rules: Mapping[int, Sequence[int]]
    likely: Mapping[int, int]
    asked: Sequence[int]


NOTHING = Findings([], frozenset())


def find_page_cuts(page: SuspectPage, book: Book, *, structure: bool) -> Findings:
    """The edits and flags of one look at a text."""
    known, lines = numbered(book), split_lines(page.text)
    numbers = page.rows[:, 0].tolist()
    inside = find_sentences(page.text, lines.starts, [numbers[row] for row in page.asked], book)
    spoken_for = np.isin(page.rows[:, 0], list(inside))
    spoken_for[list(page.rules)] = True
    prose = prose_of(page.data, page.rows, spoken_for)
    inside = _unmuted(inside, prose)
    places = np.searchsorted(page.rows[:, 0], list(inside)).tolist()
    left = {
        row: residue(page.text, lines.starts, i, cuts)
        for row, (i, cuts) in zip(places, inside.items(), strict=True)
    }
    rules = dict(page.rules)
    for row, rest in left.items():
        cut = book.rules.index(inside[numbers[row]][0].rule)
        rules[row] = book.match_bytes(rest.encode("utf-8", "replace")) if rest else [cut]
    claims = _claims(page, left, rules, prose, known, structure=structure)
    if not claims.has_body:
        return NOTHING
    kept = {numbers[row] for row, rest in left.items() if rest and claims.rules[row] < 0}
    edits = [
        *_line_edits(page, claims, lines, known),
        *sentence_edits(page.text, {i: cuts for i, cuts in inside.items() if i in kept}),
    ]
    return Findings(sorted(edits, key=lambda edit: edit.start), known.flags_of(claims.flags))


def _unmuted(inside: Mapping[int, list[SentenceCut]], prose: bytes) -> dict[int, list[SentenceCut]]:
    kept = {
        i: [cut for cut in cuts if not cut.rule.topic or not is_about(prose, cut.rule.topic)]
        for i, cuts in inside.items()
    }
    return {i: cuts for i, cuts in kept.items() if cuts}


def _claims(  # noqa: PLR0913  all that speaks for and against
    page: SuspectPage,
    left: Mapping[int, str],
    rules: Mapping[int, Sequence[int]],
    prose: bytes,
    known: Numbered,
    *,
    structure: bool,
) -> Claims:
    """What the walk claims, once the topics are known that it asks for."""
    forms = _forms(page, left)
    hits = _hits(page, rules)
    if page.likely:
        spare_turns(forms, hits.likely)
        hits.likely[[row for row, rest in left.items() if not rest]] = False
    muted = np.full(len(known.topics), UNKNOWN, np.int8)
    while True:
        claims = claim_lines(page.rows[:, 0], forms, hits, known.table, muted, structure)
        if claims.asked < 0:
            return claims
        muted[claims.asked] = is_about(prose, known.topics[claims.asked])


def _forms(page: SuspectPage, left: Mapping[int, str]) -> Forms:
    """The forms of the lines, or of what is left of them."""
    title = np.frombuffer(page.title, np.uint8)
    forms = forms_of(page.data, page.rows, title, letters())
    for row, rest in left.items():
        data = np.frombuffer(rest.encode("utf-8", "replace"), np.uint8)
        line = np.array([[0, 0, len(data)]], np.int64)[: len(data)]
        new = forms_of(data, line, title, letters())
        forms.chars[row] = new.chars.sum()  # of one line, or of none
        forms.bits[row] = new.bits.sum()
        forms.speakers[row] = new.speakers.sum()
    return forms


def _hits(page: SuspectPage, rules: Mapping[int, Sequence[int]]) -> Hits:
    firsts, flat = np.full(len(page.rows), -1, np.int32), list[int]()
    for row, found in rules.items():
        if found:
            firsts[row] = len(flat)
            flat += [*found, -1]
    likely = np.zeros(len(page.rows), np.bool_)
    likely[list(page.likely)] = True
    return Hits(firsts, np.array(flat, np.int16), likely)


def _line_edits(page: SuspectPage, claims: Claims, lines: Lines, known: Numbered) -> Iterator[Edit]:
    """One edit per line, or per header with its items where nothing else stands between."""
    numbers, by_model = page.rows[:, 0].tolist(), len(known.table) + BY_MODEL
    for first, last, number in runs_of(claims).tolist():
        named = len(known.table) + page.likely[first] if number == by_model else number
        rule = known.rules[named]
        start = lines.starts[numbers[first]]
        end = min(lines.starts[numbers[last] + 1], len(page.text))
        yield Edit(start, end, rule.action, rule.name, page.text[start:end], "")
