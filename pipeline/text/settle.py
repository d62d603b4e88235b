"""The texts that a batch of texts becomes where only whole lines go, until nothing more is found.

All is decided on bytes; strings are made of the texts alone that change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.text.edits import Action, Edit, apply_edits
from pipeline.text.line_batch import load_judge
from pipeline.text.line_bits import Bytes
from pipeline.text.line_forms import letters
from pipeline.text.line_pages import TRIM
from pipeline.text.line_rounds import OPEN, OVER_CAP, Orders, settle_texts
from pipeline.text.line_scan import Offsets
from pipeline.text.rule_table import numbered
from pipeline.text.rules import Rule, load_book
from pipeline.text.suspects import Means, encode_texts, read_lines, sentence_rows, texts_of
from pipeline.text.topics import muted_topics

TRIM_RULE = "trim.edges"
OVER_FLAG = "boilerplate_over_cap"


@dataclass(frozen=True, slots=True)
class Tidied:
    """The tidy text, the edits that made it, and what a reader should know of it."""

    text: str
    edits: list[Edit]
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """By number of a text what became of it, and the numbers of those that are left to `tidy`."""

    done: dict[int, Tidied]
    left: list[int]


def settle_lines(  # noqa: PLR0913  texts, their titles, and what is to be done
    data: Bytes,
    offsets: Offsets,
    titles: Sequence[str | None],
    *,
    means: Means,
    max_cut_share: float,
    without: Sequence[int] = (),
) -> Settled:
    """The texts that lose lines, as `tidy` leaves them; those in `without` are not looked at.

    Text k is data[offsets[k]:offsets[k + 1]].
    """
    if len(data) == 0 or not (means.rules or means.model):
        return Settled({}, [])
    book = load_book()
    known, lines = numbered(book), read_lines(data, offsets, book)
    left = np.zeros(len(offsets) - 1, np.bool_)
    left[list(without)] = True
    if means.rules:
        asked = np.unique(texts_of(lines, sentence_rows(lines, book)))
    else:
        asked, lines = np.empty(0, np.int64), lines._replace(firsts=np.full_like(lines.firsts, -1))
    opened = asked[~left[asked]].tolist()
    left[opened] = True
    named = encode_texts(title or "" for title in titles)
    model = (load_judge(), letters())
    orders = Orders(known.table, *model, means.rules, means.structure, means.model, max_cut_share)
    texts, spans = settle_texts(lines, named, muted_topics(lines, known), left, orders)
    rows, done = spans.tolist(), {}
    for k, state, bits, begin, end in texts.tolist():
        if state == OPEN:
            opened.append(k)
        else:
            text = bytes(data[offsets[k] : offsets[k + 1]]).decode()
            flags = known.flags_of(bits) | ({OVER_FLAG} if state == OVER_CAP else set())
            done[k] = _tidied(text, rows[begin:end], flags, known.rules)
    return Settled(done, sorted(opened))


def _tidied(
    text: str, spans: Iterable[list[int]], flags: frozenset[str], rules: Sequence[Rule]
) -> Tidied:
    edits = []
    for start, end, number in spans:
        action, name = (
            (Action.TRIM, TRIM_RULE)
            if number == TRIM
            else (rules[number].action, rules[number].name)
        )
        edits.append(Edit(start, end, action, name, text[start:end], ""))
    return Tidied(apply_edits(text, edits), edits, flags)
