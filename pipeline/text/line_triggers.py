"""The words that a line must begin with, or else no rule of a book matches it.

Trying a regular expression on every line of a corpus costs more than all the rest of cutting, and
nearly all lines begin with a word that no rule begins with. The words are read off the patterns.
"""

import re

from pipeline.text.line_keys import KEY_LETTERS

ITEM = re.compile(
    r"\\x\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\p.|\\.|\[(?:\\.|[^\]])*\]"
    r"|\(\?[a-z-]*:|[()|]|[?*+]|\{[\d,]+\}|.",
    re.DOTALL,
)
QUANTIFIERS = ("?", "*", "+", "{")
# Wider classes of letters are not spelled out: what begins with one may begin with any word.
WIDEST_CLASS = 4
# Pairs of words worth joining at a place; of a longer pattern only the first words are told.
MOST_WORDS = 10_000

# Words that so many lines begin with that the second word is asked in any case.
COMMON = frozenset((
    "a", "all", "an", "and", "as", "at", "by", "for", "from", "i", "if", "in", "no", "not", "of",
    "on", "or", "the", "this", "to", "up", "we", "what", "when", "with", "you", "your",
))  # fmt: skip

LETTER_BEYOND = "é"

# Signs that ask for trying a line they begin.
SIGNS = frozenset("©ⓒ@")


class TooManyWordsError(Exception):
    """A pattern may begin with more words than are worth telling apart."""


# Words, and whether no more is to be told of what follows.
Runs = frozenset[tuple[str, bool]]
START: Runs = frozenset({("", False)})
BREAK: Runs = frozenset({(" ", False)})
FOREIGN: Runs = frozenset({(LETTER_BEYOND, True)})
ANYTHING: Runs = frozenset({("*", True)})


def first_words(expression: str) -> frozenset[str]:
    r"""The first two ASCII words that a match may begin with, letters alone.

    What stands before the first letter does not count; "" stands for a match without ASCII ones.
    "more" is a match with no second word, "more *" one with any or none, "moreé" one in which a
    letter beyond ASCII comes next.

    >>> sorted(first_words(r"(?:read|see)[ ]also|\d+ comments|recommend(?:ed|s)?|view .+"))
    ['comments', 'read also', 'recommend', 'recommended', 'recommends', 'see also', 'view *']

    A star in a first word stands for any letters. Where there are too many pairs of words to tell,
    all are of the form "more *".
    """
    items = ITEM.findall(expression)
    try:
        runs, at = _alternatives(items, 0, seconds=True)
    except TooManyWordsError:
        runs, at = _alternatives(items, 0, seconds=False)
    if at != len(items):
        message = f"unbalanced pattern: {expression}"
        raise ValueError(message)
    return frozenset(_named(word, ended=ended) for word, ended in runs)


def _named(run: str, *, ended: bool) -> str:
    first, parted, second = run.strip(" ").partition(" ")
    if first.startswith(LETTER_BEYOND):
        return ""
    if not parted:
        return f"{first} *" if ended and not first.endswith((LETTER_BEYOND, "*")) else first
    if "*" in second:
        return f"{first} *"
    second = second.rstrip(LETTER_BEYOND)
    return f"{first} {second}" if second else f"{first}{LETTER_BEYOND}"


def _alternatives(items: list[str], at: int, *, seconds: bool) -> tuple[Runs, int]:
    found: set[tuple[str, bool]] = set()
    while True:
        runs, at = _sequence(items, at, seconds=seconds)
        found |= runs
        if at == len(items) or items[at] == ")":
            return frozenset(found), at
        at += 1


def _sequence(items: list[str], at: int, *, seconds: bool) -> tuple[Runs, int]:
    runs = START
    while at < len(items) and items[at] not in {"|", ")"}:
        if items[at].startswith("("):
            step, at = _alternatives(items, at + 1, seconds=seconds)
        else:
            step = _step(items[at])
        at += 1
        while at < len(items) and items[at].startswith(QUANTIFIERS):
            step = _quantified(step, items[at])
            at += 1
        if seconds and sum(not ended for _, ended in runs) * len(step) > MOST_WORDS:
            raise TooManyWordsError
        runs = _joined(runs, step, seconds=seconds)
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
        repeated |= {_again(word) for word, ended in step if word.strip() and not ended}
    if sign[0] in "?*" or sign.startswith("{0"):
        repeated.add(("", False))
    return frozenset(repeated)


def _again(word: str) -> tuple[str, bool]:
    """What is known of a run that is said more than once: no more than its first word."""
    if word.startswith(" "):
        return word, True
    first, parted, _ = word.partition(" ")
    return (f"{first} *" if parted else "*"), True  # without a blank it goes on with more letters


def _joined(runs: Runs, step: Runs, *, seconds: bool) -> Runs:
    joined = {run for run in runs if run[1]}
    joined |= {
        _extended(word, more, ends, seconds=seconds)
        for word, ended in runs
        if not ended
        for more, ends in step
    }
    return frozenset(joined)


def _extended(word: str, more: str, ends: bool, *, seconds: bool) -> tuple[str, bool]:
    """A run and what follows; a space in front stands for signs before the first letter."""
    if more == LETTER_BEYOND:
        known = word.strip()
        return (known if " " in known else f"{known}{LETTER_BEYOND}"), True
    run = word + more
    lead = " " if run.startswith(" ") else ""
    first, parted, rest = run.lstrip().partition(" ")
    if not parted:
        closed = not seconds and len(first) >= KEY_LETTERS
        return lead + first, ends or closed
    if not seconds and first not in COMMON:
        return lead + first, True
    second, parted, _ = rest.lstrip().partition(" ")
    whole = parted != "" or len(second) >= KEY_LETTERS
    return f"{lead}{first} {second[:KEY_LETTERS]}", ends or whole
