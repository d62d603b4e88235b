"""The rules of `boilerplate_rules.toml`, loaded and compiled.

A rule matches a whole stripped line (or a whole sentence), never a part of one: a sentence that
merely mentions "related sources" is news. Patterns are written in plain words: a space stands for
any blank space, an apostrophe for either shape, `{name}` for an entry of the file's [words].
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources

import re2

from pipeline.text.edits import Action

# Enough for the automaton of all rules at once; RE2 gives a set up in silence when it runs out.
MEMORY = 256 << 20
# What sites put around a label: arrows in front; colons, dots and arrows behind.
LEAD = r"(?:[»›>▸►▶→◄+|]+[ \t\x{a0}]*)?"
TRAIL = r"(?:[ \t\x{a0}]*[:…»›>▸►▶→↓|]+|[ \t\x{a0}]*\.\.\.)?"
CLOSED_TRAIL = r"(?:[ \t\x{a0}]*[:.!…»›>▸►▶→↓|]+)?"
APOSTROPHES = "'’ʼ"
BLANKS = r" \t\x{a0}"
# All that Python strips off a line, the line feed aside.
BLANK = r"[ \t\r\x0b\x0c\x1c-\x1f\x{85}\pZ]*"
TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|[ ']")
QUOTES = tuple('"“”„«‹‘「『')
HEADERS = {Action.DROP_BLOCK, Action.DROP_TO_END}


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

    `action` None means that the rule only sets its flag. `topic` names what an article is about
    where it may quote the line itself: such an article's middle is spared. `unmistakable` lines
    are cut even where a title would stand.
    """

    name: str
    languages: tuple[str, ...]
    zone: Zone
    scope: Scope
    action: Action | None
    pattern: str
    reason: str
    cuts: tuple[str, ...]
    spares: tuple[str, ...]
    max_chars: int = 120
    item_max_chars: int = 160
    block_max_lines: int = 12
    flag: str = ""
    topic: str = ""
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
    """Rules compiled to one automaton per scope."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._of_lines = [rule for rule in rules if rule.scope is Scope.LINE]
        self._of_sentences = [rule for rule in rules if rule.scope is Scope.SENTENCE]
        self.longest_line = max((rule.max_chars for rule in self._of_lines), default=0)
        self._lines = _full_match_set(self._of_lines)
        self._sentences = _full_match_set(self._of_sentences)
        self._any_line = _one_of(self._of_lines, before=f"(?m)^{BLANK}", behind=f"{BLANK}$")
        self._any_sentence = _one_of(self._of_sentences)

    def match_lines(self, text: str) -> Iterator[tuple[int, list[Rule]]]:
        """Where lines that rules match begin, and those rules in file order."""
        if self._any_line is not None:
            for found in self._any_line.finditer(text):
                if rules := self.match_line(found[0].strip()):
                    yield found.start(), rules

    def match_line(self, stripped: str) -> list[Rule]:
        """The rules that match a stripped line, in file order."""
        if len(stripped) > self.longest_line:
            return []
        return _matches(self._lines, self._of_lines, stripped)

    def match_sentence(self, stripped: str) -> list[Rule]:
        """The rules that match a stripped sentence, in file order."""
        return _matches(self._sentences, self._of_sentences, stripped)

    def touches(self, text: str) -> bool:
        """Whether some rule matches a line or a part of `text`: False means no rule will cut."""
        return self.touches_line(text) or self.touches_sentence(text)

    def touches_line(self, text: str) -> bool:
        """Whether a pattern matches some line of `text`, whatever its length and zone."""
        return self._any_line is not None and self._any_line.search(text) is not None

    def touches_sentence(self, text: str) -> bool:
        """Whether a sentence's pattern matches anywhere in `text`."""
        return self._any_sentence is not None and self._any_sentence.search(text) is not None


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


def rules_digest() -> str:
    """SHA-256 of the rules file: part of what stored results are addressed by."""
    return hashlib.sha256(_source().encode()).hexdigest()


def _source() -> str:
    path = resources.files(__package__).joinpath("boilerplate_rules.toml")
    return path.read_text("utf-8").replace("\r\n", "\n")


def _parse_rule(table: Mapping[str, str], words: Mapping[str, str]) -> Rule:
    action = None if table["action"] == "flag" else Action(table["action"])
    trail = TRAIL if action in HEADERS else CLOSED_TRAIL
    read = {
        "languages": tuple(table["languages"]),
        "zone": Zone(table["zone"]),
        "scope": Scope(table["scope"]),
        "action": action,
        "cuts": tuple(table["cuts"]),
        "spares": tuple(table["spares"]),
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


def _one_of(rules: Sequence[Rule], before: str = "", behind: str = "") -> re2._Regexp | None:
    inner = "|".join(rule.expression for rule in rules)
    return re2.compile(f"{before}(?:{inner}){behind}", _options()) if rules else None


def _full_match_set(rules: Sequence[Rule]) -> re2.Set:
    together = re2.Set.FullMatchSet(_options())
    for rule in rules:
        together.Add(rule.expression)
    together.Compile()
    return together


def _matches(together: re2.Set, rules: Sequence[Rule], stripped: str) -> list[Rule]:
    found = together.Match(stripped.encode("utf-8", "replace"))
    if not found:
        return []
    return [rule for rule in (rules[number] for number in sorted(found)) if rule.fits(stripped)]
