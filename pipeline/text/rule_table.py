"""The rules of a book as numbers, for kernels, with those that no file lists.

What stands below furniture, and what the line model names, goes by rules as well, so that all
protections hold for it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pipeline.text.claims import (
    ANY,
    BLOCK_LINES,
    COLUMNS,
    EDGE,
    FLAG,
    HEAD,
    IS_HEADER,
    ITEM_CHARS,
    TAIL,
    TOPIC,
    UNMISTAKABLE,
    ZONE,
    RuleTable,
)
from pipeline.text.edits import Action
from pipeline.text.line_model import GROUPS
from pipeline.text.rules import Book, Rule, Scope, Zone

# On hand-labelled pages this found half as many lines again as the patterns alone, and of the
# lines it added 97 in 100 were furniture.
BELOW_FURNITURE = Rule(
    name="structure.below_furniture",
    languages=("*",),
    zone=Zone.TAIL,
    scope=Scope.LINE,
    action=Action.DROP_LINE,
    pattern="",
    reason="A short line that is no sentence, below the article's end and below furniture.",
    cuts=("A headline of another story",),
    spares=("The mayor was not asked.",),
    item_max_chars=160,
)
MODEL_RULES = tuple(
    Rule(
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
)
ZONES = {Zone.ANY: ANY, Zone.HEAD: HEAD, Zone.TAIL: TAIL, Zone.EDGE: EDGE}


@dataclass(frozen=True, slots=True)
class Numbered:
    """Rules by number: those of a book, one for all of the model's, what stands below furniture.

    Behind them, without a row in the table, come the model's by group. Topics and flags have
    numbers as well; in the table a flag is a bit.
    """

    rules: tuple[Rule, ...]
    topics: tuple[str, ...]
    flags: tuple[str, ...]
    table: RuleTable

    def flags_of(self, bits: int) -> frozenset[str]:
        """The flags whose bits are set."""
        return frozenset(flag for k, flag in enumerate(self.flags) if bits >> k & 1)


@lru_cache(maxsize=4)
def numbered(book: Book) -> Numbered:
    """The rules of a book by number."""
    listed = (*book.rules, MODEL_RULES[0], BELOW_FURNITURE)
    topics = tuple(sorted({rule.topic for rule in listed} - {""}))
    flags = tuple(sorted({rule.flag for rule in listed} - {""}))
    table = np.zeros((len(listed), COLUMNS), np.int64)
    for row, rule in zip(table, listed, strict=True):
        row[ZONE], row[IS_HEADER] = ZONES[rule.zone], rule.is_header
        row[BLOCK_LINES], row[ITEM_CHARS] = rule.block_max_lines, rule.item_max_chars
        row[TOPIC] = topics.index(rule.topic) if rule.topic else -1
        row[UNMISTAKABLE] = rule.unmistakable
        row[FLAG] = 1 << flags.index(rule.flag) if rule.flag else 0
    return Numbered((*listed, *MODEL_RULES), topics, flags, table)
