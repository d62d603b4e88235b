"""Edits: what was changed in a text, precise enough to change it back.

An edit speaks in code points of the text it was made on. A list of edits is ordered by `start`
and its spans do not overlap; an edit that only inserts has `start == end`, and of two edits with
the same `start` the one that comes first in the list stands first in the text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from pipeline.text.differences import changed_spans


class Action(StrEnum):
    """What kind of change an edit is; the published `action` column."""

    REPAIR = "repair"
    DROP_LINE = "drop_line"
    DROP_BLOCK = "drop_block"
    DROP_TO_END = "drop_to_end"
    DROP_SENTENCE = "drop_sentence"
    TRIM = "trim"


class Edit(NamedTuple):
    """`removed` at `start:end` became `replacement`, because `rule` said so."""

    start: int
    end: int
    action: Action
    rule: str
    removed: str
    replacement: str


def read_edit(row: tuple[int, int, str, str, str, str]) -> Edit:
    """The edit from the columns of `schema.EDIT`, in their order."""
    start, end, action, rule, removed, replacement = row
    return Edit(start, end, Action(action), rule, removed, replacement)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with every edit made."""
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += text[at : edit.start], edit.replacement
        at = edit.end
    return "".join([*pieces, text[at:]])


def undo_edits(text: str, edits: Iterable[Edit]) -> str:
    """What stood there before the edits that made `text`."""
    pieces: list[str] = []
    at = original_at = 0
    for edit in edits:
        kept_end = at + edit.start - original_at
        pieces += text[at:kept_end], edit.removed
        at, original_at = kept_end + len(edit.replacement), edit.end
    return "".join([*pieces, text[at:]])


def find_edits(before: str, after: str, *, rule: str, action: Action) -> list[Edit]:
    """Small edits that turn `before` into `after`, all in the name of one rule.

    Spans begin and end at a difference; see `changed_spans` for how small they are.
    """
    return [
        Edit(start, end, action, rule, before[start:end], after[new_start:new_end])
        for start, end, new_start, new_end in changed_spans(before, after)
    ]


def compose_edits(first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """One list that does what `first` and then, on its result, `second` do.

    Coordinates are those of the text `first` was made on. An edit of `second` that covers edits
    of `first` takes them in under its own rule. A cut that takes away only a part of what an
    edit of `first` had put there shortens that replacement and stays a pure cut beside it; only
    a cut from the inside of one replacement leaves no span of its own: it lends its rule.
    """
    if not first or not second:
        return list(first or second)
    cuts = [edit for edit in second if not edit.replacement]
    merged = _compose(first, cuts, merge=_merge_cuts)
    if len(cuts) == len(second):
        return merged
    return _compose(merged, list(_after_cuts(second)), merge=_merge_replacements)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An edit and the span it takes in the text between `first` and `second`."""

    start: int
    end: int
    of_second: bool
    edit: Edit

    @property
    def text(self) -> str:
        return self.edit.removed if self.of_second else self.edit.replacement


def _after_cuts(edits: Iterable[Edit]) -> Iterator[Edit]:
    """The edits that are no cuts, in coordinates of the text with the cuts made."""
    gone = 0
    for edit in edits:
        if edit.replacement:
            yield edit._replace(start=edit.start - gone, end=edit.end - gone)
        else:
            gone += edit.end - edit.start


def _compose(
    first: Sequence[Edit],
    second: Sequence[Edit],
    *,
    merge: Callable[[Sequence[_Placed], int], Iterable[Edit]],
) -> list[Edit]:
    """`compose_edits` for a `second` of cuts alone or of replacements alone."""
    composed: list[Edit] = []
    shift = 0  # from the text between the two to the text of `first`
    for group in _overlapping(_place(first, second)):
        start, end, of_second, edit = group[0]
        if len(group) > 1:
            composed += merge([_Placed(*span) for span in group], shift)
            last = next((span for span in reversed(group) if not span[2]), None)
            shift = shift if last is None else last[3].end - last[1]
        elif of_second:
            moved = edit._replace(start=start + shift, end=end + shift) if shift else edit
            composed.append(moved)
        else:
            composed.append(edit)
            shift = edit.end - end
    return composed


# The fields of `_Placed`: made of the few spans that overlap alone.
_Span = tuple[int, int, bool, Edit]


def _place(first: Iterable[Edit], second: Iterable[Edit]) -> list[_Span]:
    spans: list[_Span] = []
    shift = 0
    for edit in first:
        start, size = edit.start + shift, len(edit.replacement)
        spans.append((start, start + size, False, edit))
        shift += size - (edit.end - edit.start)
    spans += [(edit.start, edit.end, True, edit) for edit in second]
    return sorted(spans, key=itemgetter(0, 1, 2))


def _overlapping(spans: Iterable[_Span]) -> Iterator[list[_Span]]:
    """Spans that overlap, together; spans that only touch stay apart."""
    group: list[_Span] = []
    reach = 0
    for span in spans:
        if group and span[0] >= reach:
            yield group
            group = []
        reach = max(reach, span[1]) if group else span[1]
        group.append(span)
    if group:
        yield group


def _merge_replacements(group: Sequence[_Placed], shift: int) -> Iterator[Edit]:
    """One edit in the name of the last replacement of the group."""
    start, end = group[0].start, max(span.end for span in group)
    between = _text_between(group, start, end)
    changes = [span for span in group if span.of_second]
    removed = _original(group, between, start)
    relative = [c.edit._replace(start=c.start - start, end=c.end - start) for c in changes]
    yield changes[-1].edit._replace(
        start=start + shift,
        end=start + shift + len(removed),
        removed=removed,
        replacement=apply_edits(between, relative),
    )


def _merge_cuts(group: Sequence[_Placed], shift: int) -> Iterator[Edit]:
    """Pure cuts, and between them what they leave of earlier replacements."""
    cuts = [span for span in group if span.of_second]
    starts, ends = [cut.start for cut in cuts], [cut.end for cut in cuts]
    gone: list[_Placed] = []  # spans that vanish together, from `at` on
    at = group[0].start
    for span in group:
        if span.of_second:
            gone += [span] if span.end > at else []
            continue
        over = cuts[bisect_right(ends, span.start) : bisect_left(starts, span.end)]
        kept = _survivor(span, over)
        if not kept:
            gone.append(span)
            continue
        yield from _swallow(gone, at, span.start, shift)
        inside = over[0].start >= span.start and over[-1].end <= span.end
        rule = over[0].edit.rule if inside else span.edit.rule
        yield span.edit._replace(rule=rule, replacement=kept)
        gone, at, shift = [], span.end, span.edit.end - span.end
    yield from _swallow(gone, at, max(span.end for span in group), shift)


def _survivor(span: _Placed, cuts: Iterable[_Placed]) -> str:
    """What the cuts leave of a span's text."""
    pieces, at = [], span.start
    for cut in cuts:
        pieces.append(span.text[at - span.start : max(cut.start - span.start, 0)])
        at = cut.end
    return "".join([*pieces, span.text[at - span.start :]])


def _swallow(gone: Sequence[_Placed], start: int, end: int, shift: int) -> Iterator[Edit]:
    """The cut that stands for all of `gone`, if anything of it lies between start and end."""
    if start < end:
        removed = _original(gone, _text_between(gone, start, end), start)
        cut = next(span.edit for span in gone if span.of_second)
        start += shift
        yield cut._replace(start=start, end=start + len(removed), removed=removed)


def _text_between(spans: Iterable[_Placed], start: int, end: int) -> str:
    """The text between the two lists of edits, read off the spans that cover it."""
    pieces, at = [], start
    for span in spans:
        if span.end > at:
            pieces.append(span.text[at - span.start : end - span.start])
            at = span.end
    return "".join(pieces)


def _original(spans: Iterable[_Placed], between: str, start: int) -> str:
    """`between` with the earlier edits undone."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        if not span.of_second:
            pieces += between[at : span.start - start], span.edit.removed
            at = span.end - start
    return "".join([*pieces, between[at:]])
