"""Everything that is done to repaired texts: lost spaces put back, furniture cut, edges trimmed.

Goes on until nothing more is found, so tidying twice is tidying once: a space put back may
complete a sentence that a rule cuts, and a cut may leave a fault that is dense enough to repair.
Texts that need another round are read again together, which costs a tenth of one by one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.text.boilerplate import find_all_cuts
from pipeline.text.edits import Action, Edit, apply_edits, compose_edits
from pipeline.text.glue import find_glue
from pipeline.text.line_rounds import ROUNDS
from pipeline.text.page_cuts import NOTHING, Findings
from pipeline.text.settle import OVER_FLAG, TRIM_RULE, Tidied
from pipeline.text.suspects import Means

CUTS = (Action.DROP_LINE, Action.DROP_BLOCK, Action.DROP_TO_END, Action.DROP_SENTENCE)
BLANK_HEAD = re.compile(r"\A(?:[^\S\n]*\n)+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to be tidied: `glued` says whether to look for lost spaces.

    `title` is the record's own. `first` is what the means find in the text as it is, where that
    is known.
    """

    text: str
    title: str | None
    glued: bool
    first: Findings | None = None


@dataclass(slots=True)
class _Course:
    """How far a text has come."""

    text: str
    title: str | None
    found: Findings | None
    edits: list[Edit] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)

    def mend_glue(self) -> bool:
        """Whether there was a space to put back."""
        glue = find_glue(self.text)
        if glue:
            self.flags.add("glued_sentences")
            self._apply(glue)
            self.found = None
        return bool(glue)

    def cut(self, found: Findings) -> bool:
        """Whether there was something to cut."""
        self.flags |= found.flags
        if found.edits:
            self._apply(found.edits)
        self.found = None
        return bool(found.edits)

    def _apply(self, edits: list[Edit]) -> None:
        self.text = apply_edits(self.text, edits)
        self.edits = compose_edits(self.edits, edits)


def tidy(
    text: str, *, title: str | None, glued: bool, means: Means | None, max_cut_share: float
) -> Tidied:
    """`tidy_all` of one text."""
    (tidied,) = tidy_all([Draft(text, title, glued)], means=means, max_cut_share=max_cut_share)
    return tidied


def tidy_all(drafts: Sequence[Draft], *, means: Means | None, max_cut_share: float) -> list[Tidied]:
    """The texts without faults of spacing, without what `means` cut, and without blank edges.

    Where the cuts of all rounds would take more than `max_cut_share` of the characters, none is
    made and the flag `boilerplate_over_cap` is set.
    """
    wholes = [_mended(draft) for draft in drafts]
    # Of the text with its spaces put back, so that the share is the same when it is asked again.
    most = [max_cut_share * len(whole.text) for whole in wholes]
    dones = _settled(drafts, means, most) if means else wholes
    return [
        _trimmed(_capped(whole, done, allowed))
        for whole, done, allowed in zip(wholes, dones, most, strict=True)
    ]


def cut_chars(edits: Iterable[Edit]) -> int:
    """Characters that cuts remove; what is only trimmed does not count."""
    return sum([len(edit.removed) - len(edit.replacement) for edit in edits if edit.action in CUTS])


def _mended(draft: Draft) -> Tidied:
    """The text with its spaces put back, and nothing else."""
    course = _Course(draft.text, draft.title, None)
    for _ in range(ROUNDS if draft.glued else 0):
        if not course.mend_glue():
            break
    return Tidied(course.text, course.edits, frozenset(course.flags))


def _settled(drafts: Sequence[Draft], means: Means, most: Sequence[float]) -> list[Tidied]:
    """The texts with spaces put back and furniture cut, until `most` characters are exceeded."""
    courses = [_Course(draft.text, draft.title, draft.first) for draft in drafts]
    active = list(range(len(drafts)))
    for _ in range(ROUNDS):
        mended = {k for k in active if drafts[k].glued and courses[k].mend_glue()}
        unknown = [k for k in active if courses[k].found is None]
        texts, titles = [courses[k].text for k in unknown], [courses[k].title for k in unknown]
        for k, found in zip(unknown, find_all_cuts(texts, titles, means=means), strict=True):
            courses[k].found = found
        changed = mended | {k for k in active if courses[k].cut(courses[k].found or NOTHING)}
        # By rules alone, without spaces put back, one round does.
        active = [
            k
            for k in active
            if k in changed
            and (drafts[k].glued or means.model)
            and cut_chars(courses[k].edits) <= most[k]
        ]
    return [Tidied(course.text, course.edits, frozenset(course.flags)) for course in courses]


def _capped(whole: Tidied, done: Tidied, most: float) -> Tidied:
    if cut_chars(done.edits) <= most:
        return done
    return replace(whole, flags=done.flags | whole.flags | {OVER_FLAG})


def _trimmed(done: Tidied) -> Tidied:
    trims = [part for trim in find_blank_edges(done.text) for part in _part(trim, done.edits)]
    if not trims:
        return done
    edits = compose_edits(done.edits, trims)
    return Tidied(apply_edits(done.text, trims), edits, done.flags)


def find_blank_edges(text: str) -> Iterator[Edit]:
    """Trims of the blank lines above the first word and of all blank space behind the last."""
    kept = len(text.rstrip())
    head = BLANK_HEAD.match(text)
    if head and kept:
        yield Edit(0, head.end(), Action.TRIM, TRIM_RULE, head[0], "")
    if kept < len(text):
        yield Edit(kept, len(text), Action.TRIM, TRIM_RULE, text[kept:], "")


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
    return trim._replace(start=start, end=end, removed=removed)
