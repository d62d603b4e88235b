"""The rules of `boilerplate_rules.toml`, loaded and compiled.

A rule matches a whole stripped line (or a whole sentence), never a part of one: a sentence that
merely mentions "related sources" is news. Patterns are written in plain words: a space stands for
any blank space, an apostrophe for either shape, `{name}` for an entry of the file's [words].
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import takewhile

import re2

from pipeline.text.edits import Action
from pipeline.text.line_keys import (
    ASKS_SECOND,
    BEGINS_RULE,
    GOES_BEYOND,
    NEEDED_BY_LINE,
    NEEDED_BY_SENTENCE,
    STANDS_ALONE,
    word_table,
)
from pipeline.text.line_triggers import LETTER_BEYOND, first_words

# Enough for the automaton of all rules at once; RE2 gives a set up in silence when it runs out.
MEMORY = 256 << 20
# What sites put around a label: arrows in front; colons, dots and arrows behind.
LEAD = r"(?:[»›>▸►▶→◄+|]+[ \t\x{a0}]*)?"
TRAIL = r"(?:[ \t\x{a0}]*[:…»›>▸►▶→↓|]+|[ \t\x{a0}]*\.\.\.)?"
CLOSED_TRAIL = r"(?:[ \t\x{a0}]*[:.!…»›>▸►▶→↓|]+)?"
APOSTROPHES = "'’ʼ"
BLANKS = r" \t\x{a0}"
TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|[ ']")
# A character is at most four bytes.
WIDEST = 4
QUOTES = tuple('"“”„«‹‘「『')
HEADERS = (Action.DROP_BLOCK, Action.DROP_TO_END)


class Zone(StrEnum):
    """Where a rule looks. The tail begins behind the last body line, the head ends at the first."""

    HEAD = "head"
    TAIL = "tail"
    EDGE = "edge"  # head or tail
    ANY = "any"


class Scope(StrEnum):
    """What a rule must match from end to end."""

    LINE = "line"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One table of the rules file.

    `flag` is set where the rule cuts. `topic` names what an article is about where it may quote the
    line itself: such an article's middle is spared. `unmistakable` lines are cut even where a title
    would stand. `words`, where a match may begin with any word, are those of which one must stand
    in it.
    """

    name: str
    languages: tuple[str, ...]
    zone: Zone
    scope: Scope
    action: Action
    pattern: str
    reason: str
    cuts: tuple[str, ...]
    spares: tuple[str, ...]
    max_chars: int = 120
    item_max_chars: int = 160
    block_max_lines: int = 12
    flag: str = ""
    topic: str = ""
    words: tuple[str, ...] = ()
    unmistakable: bool = False
    expression: str = field(default="", repr=False)

    @property
    def is_header(self) -> bool:
        """Whether the rule takes lines below its own with it."""
        return self.action in HEADERS

    def fits(self, stripped: str) -> bool:
        """Whether a match is short enough, no quotation and no sentence that a header begins."""
        if len(stripped) > self.max_chars or stripped.startswith(QUOTES):
            return False
        return (
            not self.is_header or not stripped.endswith((".", "?", "!")) or stripped[-3:] == "..."
        )


class Book:
    """Rules compiled to one automaton per scope, and the words that ask for trying it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._of_lines = [k for k, rule in enumerate(rules) if rule.scope is Scope.LINE]
        self._of_sentences = [k for k, rule in enumerate(rules) if rule.scope is Scope.SENTENCE]
        self.longest_line = max((rules[k].max_chars for k in self._of_lines), default=0)
        self.triggers = word_table(_triggers(rules))
        self._lines = self._set_of(self._of_lines, re2.Set.FullMatchSet)
        self._sentences = self._set_of(self._of_sentences, re2.Set.FullMatchSet)
        self._within = self._set_of(self._of_sentences, re2.Set.SearchSet)

    def match_line(self, stripped: str) -> list[Rule]:
        """The rules that match a stripped line, in file order."""
        return [self.rules[k] for k in self.match_bytes(stripped.encode("utf-8", "replace"))]

    def match_bytes(self, stripped: bytes) -> list[int]:
        """`match_line` for a line that is still UTF-8: the numbers of the rules."""
        if len(stripped) > WIDEST * self.longest_line:
            return []
        return self._matches(self._lines, self._of_lines, stripped)

    def match_all(self, lines: Iterable[bytes]) -> Iterator[tuple[int, list[int]]]:
        """The number of each line that some rule matches, and `match_bytes` of it."""
        match, numbers = self._lines.Match, self._of_lines
        for k, line in enumerate(lines):
            if (found := match(line)) and (fitting := self._fitting(found, numbers, line)):
                yield k, fitting

    def may_hold_sentence(self, line: bytes) -> bool:
        """Whether some part of a line, be it a sentence or not, is one for `match_sentence`."""
        return self._within.Match(line) is not None

    def match_sentence(self, stripped: str) -> list[Rule]:
        """The rules that match a stripped sentence, in file order."""
        encoded = stripped.encode("utf-8", "replace")
        found = self._matches(self._sentences, self._of_sentences, encoded)
        return [self.rules[k] for k in found]

    def _set_of(self, numbers: Iterable[int], kind: Callable[[re2.Options], re2.Set]) -> re2.Set:
        together = kind(_options())
        for k in numbers:
            together.Add(self.rules[k].expression)
        together.Compile()
        return together

    def _matches(self, together: re2.Set, numbers: Sequence[int], line: bytes) -> list[int]:
        found = together.Match(line)
        return self._fitting(found, numbers, line) if found else []

    def _fitting(self, found: Iterable[int], numbers: Sequence[int], line: bytes) -> list[int]:
        stripped = line.decode("utf-8", "replace")
        return [k for k in map(numbers.__getitem__, sorted(found)) if self.rules[k].fits(stripped)]


@cache
def load_rules() -> tuple[Rule, ...]:
    """The rules of the project's file, in file order, which is the order they claim lines in."""
    return parse_rules(_source())


@cache
def load_book() -> Book:
    """The project's rules, compiled once per process."""
    return Book(load_rules())


def parse_rules(source: str) -> tuple[Rule, ...]:
    """The rules of a TOML text; a key that no rule has is a TypeError."""
    tables = tomllib.loads(source)
    words = tables.get("words", {})
    return tuple(_parse_rule(table, words) for table in tables["rule"])


def _source() -> str:
    path = resources.files(__package__).joinpath("boilerplate_rules.toml")
    return path.read_text("utf-8").replace("\r\n", "\n")


def _parse_rule(table: Mapping[str, str], words: Mapping[str, str]) -> Rule:
    action = Action(table["action"])
    trail = TRAIL if action in HEADERS else CLOSED_TRAIL
    read = {
        "languages": tuple(table["languages"]),
        "zone": Zone(table["zone"]),
        "scope": Scope(table["scope"]),
        "action": action,
        "cuts": tuple(table["cuts"]),
        "spares": tuple(table["spares"]),
        "words": tuple(table.get("words", ())),
        "expression": f"{LEAD}(?:{expand(table['pattern'], words)}){trail}",
    }
    return Rule(**{**table, **read})  # type: ignore[arg-type]  # the test of each rule tells


def expand(pattern: str, words: Mapping[str, str]) -> str:
    r"""A pattern in plain words as a regular expression.

    >>> expand("read {what} ?now", {"what": "more|on"})
    'read(?:[ \\t\\x{a0}]+)(?:more|on)(?:[ \\t\\x{a0}]+)?now'
    """
    while (found := re.search(r"\{([a-z_]+)\}", pattern)) is not None:
        pattern = pattern.replace(found[0], f"(?:{words[found[1]]})")
    return TOKEN.sub(_plain, pattern)


def _plain(token: re.Match[str]) -> str:
    if token[0] == r"\S":  # spelled out: engines differ over which blanks it leaves out
        return rf"[^{BLANKS}\n]"
    if token[0].startswith("\\"):
        return token[0]
    if token[0].startswith("["):
        # A search over a whole text must not run on from one line into the next.
        opened = "[^\\n" if token[0].startswith("[^") else "["
        inner = token[0].removeprefix("[").removeprefix("^")
        return opened + inner.replace("'", APOSTROPHES).replace(" ", BLANKS)
    return f"[{APOSTROPHES}]" if token[0] == "'" else f"(?:[{BLANKS}]+)"


def _options() -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MEMORY
    return options


def _triggers(rules: Iterable[Rule]) -> Iterator[tuple[str, int]]:
    """What words say of a line that holds them: that it may be one for the rules."""
    for rule in rules:
        need = NEEDED_BY_LINE if rule.scope is Scope.LINE else NEEDED_BY_SENTENCE
        yield from ((ascii_head(word), need) for word in rule.words if word != "@")
        if rule.scope is Scope.LINE:
            for words in first_words(rule.expression):
                first, parted, second = words.partition(" ")
                if not first or "*" in first:
                    continue
                if first.endswith(LETTER_BEYOND):
                    yield first.removesuffix(LETTER_BEYOND), GOES_BEYOND
                elif not parted:
                    yield first, STANDS_ALONE
                elif second == "*":
                    yield first, BEGINS_RULE
                else:
                    yield first, ASKS_SECOND
                    yield words, BEGINS_RULE


def ascii_head(word: str) -> str:
    """The ASCII letters that a word begins with: all that is compared of it."""
    return "".join(takewhile(str.isascii, word))
