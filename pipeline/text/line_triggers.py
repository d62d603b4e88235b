"""The words that a line must begin with, or else no rule of a book matches it.

Trying a regular expression on every line of a corpus costs more than all the rest of cutting, and
nearly all lines begin with a word that no rule begins with. The words are read off the patterns.
"""

import re

from pipeline.text.line_scan import KEY_LETTERS

ITEM = re.compile(
    r"\\x\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\p.|\\.|\[(?:\\.|[^\]])*\]"
    r"|\(\?[a-z-]*:|[()|]|[?*+]|\{[\d,]+\}|.",
    re.DOTALL,
)
QUANTIFIERS = ("?", "*", "+", "{")
# Wider classes of letters are not spelled out: what begins with one may begin with any word.
WIDEST_CLASS = 4
MOST_WORDS = 20_000

LETTER_BEYOND = "é"

# Signs that ask for trying a line they begin.
SIGNS = frozenset("©ⓒ@")
# Words that so many lines begin with that the second word is asked as well.
COMMON = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "i",
        "if",
        "in",
        "no",
        "not",
        "of",
        "on",
        "or",
        "the",
        "this",
        "to",
        "up",
        "we",
        "what",
        "when",
        "with",
        "you",
        "your",
    ]
)

Runs = frozenset[tuple[str, bool]]
START: Runs = frozenset({("", False)})
BREAK: Runs = frozenset({(" ", False)})
FOREIGN: Runs = frozenset({(LETTER_BEYOND, True)})
ANYTHING: Runs = frozenset({("*", True)})


class AnyWordError(Exception):
    """A pattern may begin with any word at all."""


def first_words(expression: str) -> frozenset[str]:
    r"""The first letters of the ASCII words that a match may begin with.

    What stands before the first letter does not count; "" stands for a match without ASCII ones.

    >>> sorted(first_words(r"(?:read|see)[ ]also|\d+ comments|recommend(?:ed|s)?"))
    ['commen', 'read', 'recomm', 'see']

    A star in a word stands for any letters; AnyWordError where there is no telling at all.
    """
    items = ITEM.findall(expression)
    runs, at = _alternatives(items, 0)
    if at != len(items):
        message = f"unbalanced pattern: {expression}"
        raise ValueError(message)
    return frozenset(word.strip(f" {LETTER_BEYOND}") for word, _ in runs)


def _alternatives(items: list[str], at: int) -> tuple[Runs, int]:
    found: set[tuple[str, bool]] = set()
    while True:
        runs, at = _sequence(items, at)
        found |= runs
        if at == len(items) or items[at] == ")":
            return frozenset(found), at
        at += 1


def _sequence(items: list[str], at: int) -> tuple[Runs, int]:
    runs = START
    while at < len(items) and items[at] not in {"|", ")"}:
        if items[at].startswith("("):
            step, at = _alternatives(items, at + 1)
        else:
            step = _step(items[at])
        at += 1
        while at < len(items) and items[at].startswith(QUANTIFIERS):
            step = _quantified(step, items[at])
            at += 1
        runs = _joined(runs, step)
        if len(runs) > MOST_WORDS:
            raise AnyWordError
    return runs, at


def _step(item: str) -> Runs:
    """What one character of a pattern adds to a run: a letter, an end, or no telling."""
    if item.startswith("["):
        return _class(item)
    if item == "." or item in {r"\w", r"\S", r"\D"} or item.startswith(r"\p"):
        return ANYTHING
    if len(item) == 1 and item.isalpha():
        return frozenset({(item.lower(), False)}) if item.isascii() else FOREIGN
    return FOREIGN if item in SIGNS else BREAK


def _class(item: str) -> Runs:
    inner = item[1:-1]
    plain = re.sub(r"\\x\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\p.|\\.", "", inner)
    if inner.startswith("^") or re.search(r"[a-z]-[a-z]", plain, re.IGNORECASE):
        return ANYTHING
    letters = {c.lower() for c in plain if c.isascii() and c.isalpha()}
    if len(letters) > WIDEST_CLASS:
        return ANYTHING
    others = BREAK if len(letters) < len(plain) or plain != inner else frozenset()
    beyond = FOREIGN if any(c.isalpha() and not c.isascii() for c in plain) else frozenset()
    return frozenset({(c, False) for c in letters} | others | beyond)


def _quantified(step: Runs, sign: str) -> Runs:
    repeated: set[tuple[str, bool]] = set(step)
    if sign != "?":
        for word, ended in step:
            if word.strip() and not ended:  # said again, it ends or goes on with more letters
                repeated |= {(word, True)} if word.startswith(" ") else ANYTHING
    if sign[0] in "?*" or sign.startswith("{0"):
        repeated.add(("", False))
    return frozenset(repeated)


def _joined(runs: Runs, step: Runs) -> Runs:
    joined = {run for run in runs if run[1]}
    joined |= {
        _extended(word, more, ends) for word, ended in runs if not ended for more, ends in step
    }
    return frozenset(joined)


def _extended(word: str, more: str, ends: bool) -> tuple[str, bool]:
    """A run and what follows; a space in front stands for signs before the first letter."""
    if more == LETTER_BEYOND:
        known = word.strip()
        return f"{known} *" if word.endswith(" ") and known else known or more, True
    run = word + more
    lead = " " if run.startswith(" ") else ""
    first, parted, rest = run.lstrip().partition(" ")
    if not parted or first not in COMMON:
        return lead + first[:KEY_LETTERS], ends or parted != "" or len(first) >= KEY_LETTERS
    second, closed, _ = rest.lstrip().partition(" ")
    whole = closed != "" or len(second) >= KEY_LETTERS
    return f"{lead}{first} {second[:KEY_LETTERS]}", ends or whole
