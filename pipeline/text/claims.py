"""Which line goes by which rule: one walk down the lines of a text.

What a rule may take depends on what was kept above it, never on what was cut, so a second walk
over the result finds nothing more.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.text.edits import Action
from pipeline.text.rules import QUOTES, Rule, Scope, Zone
from pipeline.text.zones import BODY_CHARS, Zones, ends_sentence

# Site furniture above an article is a handful of lines: kicker, byline, date, share bar.
HEAD_LINES = 8
# "Ask any of these offices:" leads in a list; shorter ones ("Pros:") are headings as a rule.
LIST_INTRO_CHARS = 30
LIST_LINES = 12
COLONS = (":", "：")
# Texts wrapped by hand break their lines at 60 to 80 characters, rarely below 40.
WRAPPED_CHARS = 40
ANY = Zone.ANY  # read per line: a look-up in an enumeration costs more than the comparison
# What the names of the line model's rules begin with.
MODEL = "model."
# Prose lines with the topic's word from which an article is about that topic itself.
TOPIC_LINES = 3


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


@dataclass(frozen=True, slots=True)
class Claim:
    """A line that goes. Lines of one `unit` (a header and its items) go as one cut."""

    rule: Rule
    unit: int


class Topics:
    """What the prose of a text is about."""

    def __init__(self, filled: Mapping[int, str], spoken_for: Container[int]) -> None:
        self._filled, self._spoken_for = filled, spoken_for
        self._about: dict[str, bool] = {}

    def mute(self, rule: Rule) -> bool:
        """Whether the text is about what the rule cuts, and so may quote it."""
        if not rule.topic:
            return False
        if rule.topic not in self._about:
            search = re.compile(rule.topic, re.IGNORECASE).search
            mentions = sum(search(line) is not None for line in self._prose())
            self._about[rule.topic] = mentions >= TOPIC_LINES
        return self._about[rule.topic]

    def _prose(self) -> Iterator[str]:
        """Long lines that no rule has anything to say about."""
        for i, line in self._filled.items():
            if len(line) >= BODY_CHARS and i not in self._spoken_for:
                yield line


class Walk:
    """State of one walk: what was kept so far, and what is protected by it."""

    def __init__(  # noqa: PLR0913  all that it reads
        self,
        filled: Mapping[int, str],
        hits: Mapping[int, Sequence[Rule]],
        zones: Zones,
        topics: Topics,
        title: str | None,
        *,
        structure: bool,
    ) -> None:
        self.claims: dict[int, Claim] = {}
        self.flags: set[str] = set()
        self._filled, self._hits, self._zones, self._topics = filled, hits, zones, topics
        self._title, self._structure = title, structure
        self._kept = 0
        self._last_kept = -1
        self._list_left = 0
        self._block: Claim | None = None
        self._block_left = 0
        self._below: Claim | None = None

    def run(self) -> None:
        """Claim lines from top to bottom."""
        for i, below in pairwise([*self._filled, -1]):
            if i not in self._hits and self._block is None and self._below is None:
                self._keep(i)
                continue
            rule = self._rule_for(i, below) if i in self._hits else None
            free = self._block is None and self._below is None
            if rule is not None and (free or not rule.name.startswith(MODEL)):
                self._claim_by(rule, i)
            elif self._block is not None and self._is_item(i):
                self.claims[i] = self._block
                self._block_left -= 1
            elif self._below is not None and self._is_furniture(i):
                self.claims[i] = self._below
            elif rule is not None:
                self._claim_by(rule, i)
            else:
                self._keep(i)

    def _rule_for(self, i: int, below: int) -> Rule | None:
        if self._filled[i] == self._title or self._is_listed(i) or self._goes_on(i):
            return None
        # The first line right above the body is the article's title as a rule.
        titled = self._kept == 0 and below in self._zones.body
        for rule in self._hits[i]:
            anywhere = rule.zone is ANY and not rule.topic
            if not (anywhere or self._in_zone(rule, i)) or (titled and not rule.unmistakable):
                continue
            if rule.flag:
                self.flags.add(rule.flag)
            return rule
        return None

    def _in_zone(self, rule: Rule, i: int) -> bool:
        if i > self._zones.last:
            return rule.zone is not Zone.HEAD
        if i < self._zones.first and self._kept < HEAD_LINES:
            return rule.zone is not Zone.TAIL
        return rule.zone is ANY and not self._topics.mute(rule)

    def _claim_by(self, rule: Rule, i: int) -> None:
        claim = Claim(rule, unit=i)
        self.claims[i] = claim
        if rule.is_header:
            self._block = claim
            self._block_left = rule.block_max_lines
        if self._structure and rule.zone is not ANY and i > self._zones.last:
            self._below = Claim(BELOW_FURNITURE, unit=-i - 1)

    def _is_item(self, i: int) -> bool:
        block = self._block
        return (
            block is not None
            and self._block_left > 0
            and i not in self._zones.body
            and len(self._filled[i]) <= block.rule.item_max_chars
            and self._filled[i] != self._title
        )

    def _is_furniture(self, i: int) -> bool:
        line = self._filled[i]
        return (
            len(line) <= BELOW_FURNITURE.item_max_chars
            and not ends_sentence(line)
            and not line.startswith(QUOTES)
            and line != self._title
            and not (self._is_listed(i) or self._goes_on(i))
        )

    def _keep(self, i: int) -> None:
        self._block = self._below = None
        self._kept += 1
        self._last_kept = i
        if self._list_left and i not in self._zones.body:
            self._list_left -= 1
            return
        line = self._filled[i]
        leads = line[-1:] in COLONS and len(line) >= LIST_INTRO_CHARS
        self._list_left = LIST_LINES if leads else 0

    def _is_listed(self, i: int) -> bool:
        """Whether the line stands in a list that a kept line leads in, without a gap."""
        return self._list_left > 0 and i - self._last_kept <= 1 + (self._list_left == LIST_LINES)

    def _goes_on(self, i: int) -> bool:
        """Whether the line goes on with a sentence of the line above, in a text wrapped by hand.

        Where only the model would cut it, it also does so where it ends the sentence.
        """
        if self._last_kept != i - 1 or i == 0 or len(self._filled[i - 1]) < WRAPPED_CHARS:
            return False
        line, above = self._filled[i], self._filled[i - 1]
        guessed = i in self._hits and self._hits[i][0].name.startswith(MODEL)
        return (
            (line[:1].islower() or (guessed and ends_sentence(line)))
            and not above.endswith(":")
            and not ends_sentence(above)
        )
