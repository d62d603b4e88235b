"""Everything that is done to one repaired text: lost spaces put back, furniture cut, edges trimmed.

Goes on until nothing more is found, so tidying twice is tidying once: a space put back may
complete a sentence that a rule cuts, and a cut may leave a fault that is dense enough to repair.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.text.boilerplate import Means, find_cuts
from pipeline.text.edits import Action, Edit, apply_edits, compose_edits
from pipeline.text.glue import find_glue

CUTS = {Action.DROP_LINE, Action.DROP_BLOCK, Action.DROP_TO_END, Action.DROP_SENTENCE}
# Two rounds settle nearly every text; the bound is for texts made to need more.
ROUNDS = 20

BLANK_HEAD = re.compile(r"\A(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Tidied:
    """The tidy text, the edits that made it, and what a reader should know of it."""

    text: str
    edits: list[Edit]
    flags: frozenset[str]


def tidy(
    text: str, *, title: str | None, glued: bool, means: Means | None, max_cut_share: float
) -> Tidied:
    """`text` without faults of spacing, furniture and blank edges.

    `glued` says whether to look for the first at all, `means` by which means for the second.
    Where the cuts of all rounds would take more than `max_cut_share` of the characters, none is
    made and the flag `boilerplate_over_cap` is set.
    """
    whole = done = Tidied(text, [], frozenset())
    if glued:
        whole = done = _settle(text, title=title, glued=True, means=None)
    if means:
        done = _settle(text, title=title, glued=glued, means=means)
    # Of the text with its spaces put back, so that the share is the same when it is asked again.
    if cut_chars(done.edits) > max_cut_share * len(whole.text):
        done = replace(whole, flags=done.flags | whole.flags | {"boilerplate_over_cap"})
    trims = [part for trim in find_blank_edges(done.text) for part in _part(trim, done.edits)]
    edits = compose_edits(done.edits, trims)
    return Tidied(apply_edits(done.text, trims), edits, done.flags)


def cut_chars(edits: Iterable[Edit]) -> int:
    """Characters that cuts remove; what is only trimmed does not count."""
    return sum(len(edit.removed) - len(edit.replacement) for edit in edits if edit.action in CUTS)


def find_blank_edges(text: str) -> Iterator[Edit]:
    """Trims of the blank lines above the first word and of all blank space behind the last."""
    kept = len(text.rstrip())
    head = BLANK_HEAD.match(text)
    if head and kept:
        yield Edit(0, head.end(), Action.TRIM, "trim.edges", head[0], "")
    if kept < len(text):
        yield Edit(kept, len(text), Action.TRIM, "trim.edges", text[kept:], "")


def _part(trim: Edit, edits: Iterable[Edit]) -> Iterator[Edit]:
    """A trim in parts, so that every cut between them keeps its own name."""
    at, shift = trim.start, 0
    for edit in edits:
        point = edit.start + shift
        shift += len(edit.replacement) - len(edit.removed)
        if not edit.replacement and at < point < trim.end:
            yield _slice(trim, at, point)
            at = point
    yield _slice(trim, at, trim.end)


def _slice(trim: Edit, start: int, end: int) -> Edit:
    removed = trim.removed[start - trim.start : end - trim.start]
    return replace(trim, start=start, end=end, removed=removed)


def _settle(text: str, *, title: str | None, glued: bool, means: Means | None) -> Tidied:
    edits: list[Edit] = []
    flags: set[str] = set()
    for _ in range(ROUNDS):
        glue = find_glue(text) if glued else []
        if glue:
            flags.add("glued_sentences")
            text = apply_edits(text, glue)
            edits = compose_edits(edits, glue)
        found = find_cuts(text, title=title, means=means) if means else None
        if found is not None:
            flags |= found.flags
            text = apply_edits(text, found.edits)
            edits = compose_edits(edits, found.edits)
        settled = not glued and not (means and means.model)  # one round does
        if settled or not (glue or (found and found.edits)):
            break
    return Tidied(text, edits, frozenset(flags))
