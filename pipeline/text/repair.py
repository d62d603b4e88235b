"""Damage of encoding and markup undone, style left alone; every change an edit with its rule.

Repairing runs until nothing changes, so a repaired text is a fixpoint: an entity may hide
mojibake, mojibake a control character. Curly quotes, ligatures, full-width forms, ellipses and
the normal form of accents are style, whatever `ftfy` does by default.
"""

import re
from collections.abc import Callable, Iterable, Iterator

import ftfy
from ftfy.badness import BADNESS_RE

from pipeline.text.edits import Action, Edit, apply_edits, compose_edits, find_edits
from pipeline.text.entities import find_entities
from pipeline.text.invisible import (
    find_controls,
    find_line_ends,
    find_soft_hyphens,
    find_zero_width,
)
from pipeline.text.mojibake import undo_mojibake

FTFY_RULE = "ftfy.encoding"
FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
# Damage within damage took two rounds at most in 67,000 real texts; a line that still changes after
# this many was made to go round in circles and is left as it was.
_ROUNDS = 12
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def fix_line(line: str) -> list[Edit]:
    """What `ftfy` changes in a line with its line end."""
    if line.isascii() or not BADNESS_RE.search(line):
        return []
    return find_edits(line, ftfy.fix_text(line, FTFY), rule=FTFY_RULE, action=Action.REPAIR)


def repair_line(line: str, *, keep_entities: bool) -> list[Edit]:
    """The edits that repair what `ftfy` leaves in a line, and what comes to light by that."""
    edits: list[Edit] = []
    for _ in range(_ROUNDS):
        found = _repair_once(line, keep_entities=keep_entities)
        if not found:
            return edits
        line = apply_edits(line, found)
        edits = compose_edits(edits, found)
    return []


def shift_edits(edits: Iterable[Edit], distance: int) -> Iterator[Edit]:
    """The same edits further on in a longer text."""
    for edit in edits:
        yield edit._replace(start=edit.start + distance, end=edit.end + distance)


def _repair_once(line: str, *, keep_entities: bool) -> list[Edit]:
    edits: list[Edit] = []
    for find in _STEPS:
        if (find is find_entities and keep_entities) or (find in _BEYOND_ASCII and line.isascii()):
            continue
        if found := list(find(line)):
            line = apply_edits(line, found)
            edits = compose_edits(edits, found)
    return compose_edits(edits, list(_by_line(line, fix_line))) if edits else []


def _undo_mojibake(line: str) -> Iterator[Edit]:
    return _by_line(line, _undo_line)


def _undo_line(line: str) -> list[Edit]:
    body = line.removesuffix("\n")
    undone = undo_mojibake(body)
    if undone is None:
        return []
    rule = f"mojibake.{undone.charset}"
    return find_edits(body, undone.text, rule=rule, action=Action.REPAIR)


def _by_line(text: str, find: Callable[[str], list[Edit]]) -> Iterator[Edit]:
    """The edits of every line: a repair may have made several lines of one."""
    for line in _LINES.finditer(text):
        yield from shift_edits(find(line[0]), line.start())


_STEPS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    _undo_mojibake,
    find_entities,
    find_controls,
    find_soft_hyphens,
    find_zero_width,
    find_line_ends,
)
_BEYOND_ASCII = (_undo_mojibake, find_soft_hyphens, find_zero_width)  # find nothing elsewhere
