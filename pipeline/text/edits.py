"""Edits: what was changed in a text, precise enough to change it back.

An edit speaks in code points of the text it was made on. A list of edits is ordered by `start`
and its spans do not overlap; an edit that only inserts has `start == end`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What kind of change an edit is; the published `action` column."""

    REPAIR = "repair"
    DROP_LINE = "drop_line"
    DROP_BLOCK = "drop_block"
    DROP_TO_END = "drop_to_end"
    DROP_SENTENCE = "drop_sentence"
    TRIM = "trim"


@dataclass(frozen=True, slots=True)
class Edit:
    """`removed` at `start:end` became `replacement`, because `rule` said so."""

    start: int
    end: int
    action: Action
    rule: str
    removed: str
    replacement: str
