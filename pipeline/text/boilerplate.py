"""Cuts site furniture ("Leave a Comment", "Read also: …") out of an article.

What is a body line is decided before anything is cut, and body lines are never cut, so the zones
of a cut text are the zones of the text before: rules and structure reach their fixpoint in one
call. The model looks at what stands around a line, so it may have to be asked again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.text.claims import BELOW_FURNITURE, Claim, Topics, Walk
from pipeline.text.edits import Action, Edit
from pipeline.text.line_bits import Bytes
from pipeline.text.line_model import GROUPS
from pipeline.text.lines import Lines, split_lines
from pipeline.text.rules import QUOTES, Book, Rule, Scope, Zone, load_book, load_rules
from pipeline.text.structure import ANSWER, QUESTION, SPEAKER
from pipeline.text.suspects import Means, Suspects, encode_texts, read_pages, suspect_lines
from pipeline.text.zones import find_zones

SENTENCE = re.compile(r"[^.!?…]+[.!?…]+[\"”’)]*\s*|[^.!?…]+$")
# What stands behind the mark of a question or an answer, and how soon.
MARK, MARK_REACH = frozenset(":."), 12
# What those marks begin with; most lines begin with something else.
MARKED = frozenset("QFPSARCВЗПО")
OPENING, CLOSING = "“«„「『", "”»」』"


# A line of the model's goes by one of these, so that all protections hold for it as well.
MODEL_RULES = {
    group: Rule(
        name=f"model.{group}",
        languages=("*",),
        zone=Zone.ANY,
        scope=Scope.LINE,
        action=Action.DROP_LINE,
        pattern="",
        reason=reason,
        cuts=(),
        spares=(),
        unmistakable=True,  # it knows a title by itself
    )
    for group, reason in GROUPS.items()
}
MODEL_ALONE = {group: (rule,) for group, rule in MODEL_RULES.items()}
NO_LABEL = frozenset({"", *QUOTES})


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What a reader is told of a rule."""

    name: str
    languages: tuple[str, ...]
    zone: str
    action: str
    reason: str
    cuts: tuple[str, ...]
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Edits in order and without overlap, and the flags that rules set."""

    edits: list[Edit]
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class _SentenceCut:
    rule: Rule
    start: int
    end: int


NOTHING = Findings([], frozenset())
BY_RULES = Means()


def boilerplate_rules() -> list[RuleRecord]:
    """The rules in file order and what follows from them, for listings."""
    return [
        RuleRecord(r.name, r.languages, r.zone, r.action, r.reason, r.cuts, r.spares)
        for r in (*load_rules(), BELOW_FURNITURE, *MODEL_RULES.values())
    ]


def find_cuts(
    text: str,
    *,
    title: str | None = None,
    book: Book | None = None,
    means: Means = BY_RULES,
    suspects: Suspects | None = None,
) -> Findings:
    r"""The lines and sentences of `text` that are no part of the article.

    A cut line takes its line feed along, so that the lines around it stay as they were. `title`
    is the record's own; a line that repeats it stays. `suspects` are looked for if not given.

    >>> body = "It rained on the valley all night, and by morning the road to the mill was closed."
    >>> [edit.removed for edit in find_cuts(body + "\nLeave a Comment").edits]
    ['Leave a Comment']
    """
    book = book or load_book()
    suspects = suspects or suspect_lines(*encode_texts([text]), means=means, book=book).get(0)
    if suspects is None:
        return NOTHING
    return _walk(text, suspects, title=title, book=book, structure=means.structure)


def read_page(text: str) -> tuple[Bytes, NDArray[np.int64], NDArray[np.uint8]]:
    """What the line model is shown: the bytes of a text, its lines, and where rules match."""
    page = read_pages(*encode_texts([text]), load_book())
    return page.data, page.rows, page.hits


def _walk(
    text: str, suspects: Suspects, *, title: str | None, book: Book, structure: bool
) -> Findings:
    hits: dict[int, Sequence[Rule]] = dict(suspects.hits)
    likely = suspects.likely
    lines = split_lines(text)
    filled = dict(lines.filled)
    inside = _find_sentences(text, lines, suspects.asked, book)
    topics = Topics(filled, inside.keys() | hits.keys())
    inside = _unmuted(inside, topics)
    for i, cuts in inside.items():
        filled[i] = _residue(text, lines, i, cuts)
        hits[i] = book.match_line(filled[i]) if filled[i] else [cuts[0].rule]
    hits = {i: rules for i, rules in hits.items() if rules and i in filled}
    turns = _turns(filled) if likely else set()
    for i, group in likely.items():
        if filled.get(i, "")[:1] not in NO_LABEL and i not in turns:
            hits[i] = [*hits[i], *MODEL_ALONE[group]] if i in hits else MODEL_ALONE[group]
    if not hits and not inside:
        return NOTHING
    zones = find_zones(filled, hits.keys())
    if zones.first < 0:
        return NOTHING
    walk = Walk(filled, hits, zones, topics, title, structure=structure)
    walk.run()
    edits = [
        *_line_edits(text, lines, walk.claims),
        *_sentence_edits(
            text, {i: cuts for i, cuts in inside.items() if i not in walk.claims and filled[i]}
        ),
    ]
    return Findings(sorted(edits, key=lambda edit: edit.start), frozenset(walk.flags))


def _turns(filled: Mapping[int, str]) -> set[int]:
    """The lines of a talk: at least two speakers who speak twice each, or marked answers."""
    speakers: dict[str, list[int]] = {}
    for i, line in filled.items():
        if ":" in line and (found := SPEAKER.match(line)):
            speakers.setdefault(found[1], []).append(i)
    talk = [turns for turns in speakers.values() if len(turns) > 1]
    spoken = {i for turns in talk for i in turns} if len(talk) > 1 else set()
    marked = {
        i
        for i, line in filled.items()
        if line[:1] in MARKED
        and not MARK.isdisjoint(line[:MARK_REACH])
        and (QUESTION.match(line) or ANSWER.match(line))
    }
    return spoken | marked if len(marked) > 2 else spoken


def _find_sentences(
    text: str, lines: Lines, asked: list[int], book: Book
) -> dict[int, list[_SentenceCut]]:
    """Sentences that a rule matches from end to end, by line; none from inside a quotation."""
    found: dict[int, list[_SentenceCut]] = {}
    for i in asked:
        start, end = lines.starts[i], lines.starts[i + 1] - 1
        line = text[start:end]
        cuts = [
            _SentenceCut(rules[0], start + at, start + to)
            for at, to in _unquoted(line)
            if (rules := book.match_sentence(line[at:to].strip()))
        ]
        if cuts and cuts[-1].end == end:  # the last sentence takes the blank before it along
            at = len(line[: cuts[-1].start - start].rstrip())
            cuts[-1] = replace(cuts[-1], start=start + at)
        if cuts:
            found[i] = cuts
    return found


def _unquoted(line: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences that a blank parts from the one before, outside of quotations."""
    opened = straight = 0
    for tile in SENTENCE.finditer(line):
        at = tile.start()
        if opened <= 0 and straight % 2 == 0 and (at == 0 or line[at - 1].isspace()):
            yield tile.span()
        opened += sum(map(tile[0].count, OPENING)) - sum(map(tile[0].count, CLOSING))
        straight += tile[0].count('"')


def _unmuted(
    inside: Mapping[int, list[_SentenceCut]], topics: Topics
) -> dict[int, list[_SentenceCut]]:
    kept = {i: [cut for cut in cuts if not topics.mute(cut.rule)] for i, cuts in inside.items()}
    return {i: cuts for i, cuts in kept.items() if cuts}


def _residue(text: str, lines: Lines, i: int, cuts: list[_SentenceCut]) -> str:
    pieces, at = [], lines.starts[i]
    for cut in cuts:
        pieces.append(text[at : cut.start])
        at = max(at, cut.end)
    return "".join([*pieces, text[at : lines.starts[i + 1] - 1]]).strip()


def _line_edits(text: str, lines: Lines, claims: Mapping[int, Claim]) -> Iterator[Edit]:
    """One edit per line, or per header with its items where nothing else stands between."""
    run: list[int] = []
    unit = -1
    for i, claim in claims.items():
        if run and not (claim.unit == unit and _adjoin(lines, run[-1], i)):
            yield _line_edit(text, lines, run, claims[run[0]].rule)
            run = []
        run.append(i)
        unit = claim.unit
    if run:
        yield _line_edit(text, lines, run, claims[run[0]].rule)


def _adjoin(lines: Lines, above: int, below: int) -> bool:
    return below == above + 1 or not any(map(lines.filled.get, range(above + 1, below)))


def _line_edit(text: str, lines: Lines, run: list[int], rule: Rule) -> Edit:
    start, end = lines.starts[run[0]], min(lines.starts[run[-1] + 1], len(text))
    return Edit(start, end, rule.action, rule.name, text[start:end], "")


def _sentence_edits(text: str, inside: Mapping[int, list[_SentenceCut]]) -> Iterator[Edit]:
    for cuts in inside.values():
        at = 0
        for cut in cuts:
            start = max(cut.start, at)
            at = cut.end
            yield Edit(start, at, Action.DROP_SENTENCE, cut.rule.name, text[start:at], "")
