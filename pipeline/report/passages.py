"""Short pieces of texts for a reader: bounded, harmless, with what changed in them marked.

Everything here treats a text as hostile: it may hold terminal sequences, direction overrides,
a word of a million letters. Escaping for HTML is the template's business, not done here.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.text.edits import Edit

# Control characters but the newline, direction embeddings and isolates, line separators, soft
# hyphen, zero-width space, byte order mark. Joiners and direction marks belong to scripts.
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# One letter of a script without spaces, or a run of anything else, each with the blanks after it.
_SPACELESS = r"\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
_WORD = re.compile(rf"(?:[{_SPACELESS}]|[^\s{_SPACELESS}]+)\s*")

CONTEXT = 90
CONTEXT_WORDS = 10
TITLE_CHARS = 160
SPAN_CHARS = 600
COMPARED_CHARS = 60_000
# difflib is quadratic at worst; common beginnings and ends are taken off before this bound.
COMPARED_WORDS = 2_000


class Mark(StrEnum):
    """What a span is: as it was, taken away, or put in."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and what happened to it."""

    mark: Mark
    text: str


Passage = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where two texts differ; `left_out` counts differing passages that are not listed."""

    passages: tuple[Passage, ...]
    left_out: int


def visible(text: str) -> str:
    """`text` on one line with every control character drawn, so that no terminal obeys it.

    >>> visible("a\\x1b[31mb\\nc")
    'a␛[31mb ↵ c'
    """
    return _INVISIBLE.sub(lambda match: _drawn(match[0]), text).replace("\n", " ↵ ")


def visible_change(text: str) -> str:
    """As `visible`, and a change that is nothing but blanks is drawn too.

    >>> visible_change(" ")
    '␣'
    """
    if text.strip(" \u00a0\u2009\u202f\u3000\u200c\u200d\u200e\u200f"):
        return visible(text)
    return "".join("␣" if char == " " else _code_point(char) for char in text)


def bounded(text: str, limit: int) -> str:
    """`text`, or its beginning and end around a note of how much was left out."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    left_out = len(text) - limit
    return f"{text[: limit - tail]} […{left_out:,} characters…] {text[len(text) - tail :]}"


def undo(text: str, edits: Sequence[Edit]) -> str:
    """The decoded text that these edits turned into `text`."""
    parts: list[str] = []
    read = decoded = 0
    for edit in edits:
        kept = edit.start - decoded
        parts += [text[read : read + kept], edit.removed]
        read += kept + len(edit.replacement)
        decoded = edit.end
    return "".join([*parts, text[read:]])


def changed_passages(decoded: str, edits: Sequence[Edit]) -> Iterator[tuple[Passage, list[Edit]]]:
    """Every stretch of `decoded` that holds edits, with words around, and the edits in it.

    Edits nearer to each other than the context share a passage.
    """
    group: list[Edit] = []
    for edit in edits:
        if group and edit.start - group[-1].end > CONTEXT:
            yield _passage(decoded, group), group
            group = []
        group.append(edit)
    if group:
        yield _passage(decoded, group), group


def before(text: str, end: int) -> str:
    """The words of `text` that stand before `end`, at most CONTEXT characters."""
    start = max(0, end - CONTEXT)
    if start == 0:
        return text[:end]
    blank = text.find(" ", start, start + CONTEXT // 3)
    return "…" + text[max(start, blank + 1) : end]


def after(text: str, start: int) -> str:
    """The words of `text` that stand from `start` on, at most CONTEXT characters."""
    end = start + CONTEXT
    if end >= len(text):
        return text[start:]
    blank = text.rfind(" ", end - CONTEXT // 3, end)
    return text[start : blank if blank > start else end] + "…"


def split_words(text: str) -> list[str]:
    """The words of the text, each with the blanks after it; of spaceless scripts the letters."""
    return _WORD.findall(text)


def compare(kept: str, dropped: str, *, passages: int) -> Comparison:
    """Where `dropped` differs from `kept`, word by word: REMOVED is only in `kept`.

    Only the first COMPARED_CHARS of each are looked at, and COMPARED_WORDS of what differs.
    """
    left, right = split_words(kept[:COMPARED_CHARS]), split_words(dropped[:COMPARED_CHARS])
    groups = _grouped(_changes(left, right))
    return Comparison(
        tuple(_differing(left, right, group) for group in groups[:passages]),
        max(0, len(groups) - passages),
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """Words `left_from:left_to` of the one text stand where the other has `right_from:right_to`."""

    left_from: int
    left_to: int
    right_from: int
    right_to: int


def _changes(left: list[str], right: list[str]) -> list[_Change]:
    ours, theirs = [word.rstrip() for word in left], [word.rstrip() for word in right]
    head = _common(ours, theirs)
    tail = _common(ours[head:][::-1], theirs[head:][::-1])
    middle = ours[head : len(ours) - tail][:COMPARED_WORDS]
    others = theirs[head : len(theirs) - tail][:COMPARED_WORDS]
    matcher = difflib.SequenceMatcher(None, middle, others)
    return [
        _Change(head + left_from, head + left_to, head + right_from, head + right_to)
        for tag, left_from, left_to, right_from, right_to in matcher.get_opcodes()
        if tag != "equal"
    ]


def _common(left: list[str], right: list[str]) -> int:
    pairs = zip(left, right, strict=False)
    ends = min(len(left), len(right))
    return next((at for at, (one, other) in enumerate(pairs) if one != other), ends)


def _grouped(changes: list[_Change]) -> list[list[_Change]]:
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change.left_from - groups[-1][-1].left_to <= 2 * CONTEXT_WORDS:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _differing(left: list[str], right: list[str], group: list[_Change]) -> Passage:
    at = max(0, group[0].left_from - CONTEXT_WORDS)
    parts = [(Mark.SAME, "…" if at else "")]
    for change in group:
        parts += [
            (Mark.SAME, "".join(left[at : change.left_from])),
            (Mark.REMOVED, "".join(left[change.left_from : change.left_to])),
            (Mark.ADDED, "".join(right[change.right_from : change.right_to])),
        ]
        at = change.left_to
    rest = "".join(left[at : at + CONTEXT_WORDS])
    parts.append((Mark.SAME, rest + ("…" if at + CONTEXT_WORDS < len(left) else "")))
    return _spans(parts)


def _passage(decoded: str, edits: list[Edit]) -> Passage:
    parts = [(Mark.SAME, before(decoded, edits[0].start))]
    for at, edit in enumerate(edits):
        parts += [(Mark.REMOVED, edit.removed), (Mark.ADDED, edit.replacement)]
        if at + 1 < len(edits):
            parts.append((Mark.SAME, decoded[edit.end : edits[at + 1].start]))
    parts.append((Mark.SAME, after(decoded, edits[-1].end)))
    return _spans(parts)


def _spans(parts: list[tuple[Mark, str]]) -> Passage:
    return tuple(Span(mark, bounded(text, SPAN_CHARS)) for mark, text in parts if text)


def _drawn(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return "⇥" if char == "\t" else chr(0x2400 + code)
    return "␡" if code == 0x7F else _code_point(char)


def _code_point(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"
