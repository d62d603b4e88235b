"""Characters that no reader sees and every search stumbles over, and line ends of other systems.

Only what is surely damage goes. Joiners and direction marks stay, for scripts and emoji need them;
so do a zero-width space between words and a zero-width no-break space inside a line, which
hide nothing and break no word; a no-break space and Unicode's own line separators stay too: they
are how the author set the line.
"""

import re
from collections.abc import Iterator

from pipeline.text.edits import Action, Edit
from pipeline.text.letters import Kind, traits

# Whatever the rules find holds an ASCII control character or one of these.
TRIGGER = "[\xad\u200b\u2060\u206a-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]"
CONTROLS = "[\x00-\x08\x0b-\x1f\x7f]"

# A colour code of a terminal, else a character that no text can contain.
_CONTROL = re.compile(
    "\x1b\\[[0-9;]*[A-Za-z]|[\x00-\x08\x0e-\x1f\x7f\u206a-\u206f\ufff9-\ufffc\ufffe\uffff]"
)
_HIDDEN = "[\u200b\u2060\ufeff]+"
_SPACE = re.compile("\u200b+")
_EDGE = re.compile(f"^{_HIDDEN}|{_HIDDEN}(?=[ \t]*$)", re.MULTILINE)
_HYPHEN = re.compile("\xad+")
_LINE_END = re.compile("\r(?=\n)|[\r\v\f]")


def find_controls(text: str) -> Iterator[Edit]:
    """Control characters and the colour codes of terminals."""
    for match in _CONTROL.finditer(text):
        yield _edit("chars.control", match)


def find_zero_width(text: str) -> Iterator[Edit]:
    """What is left of a file's mark or a page's layout at the edges of lines, or splits a word."""
    edges = {match.start(): match for match in _EDGE.finditer(text)}
    inside = {match.start(): match for match in _SPACE.finditer(text) if _splits_a_word(match)}
    for _, match in sorted((inside | edges).items()):
        yield _edit("chars.zero_width", match)


def find_soft_hyphens(text: str) -> Iterator[Edit]:
    """Hints where a word may be broken."""
    for match in _HYPHEN.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        # After a capital beyond ASCII it is more likely a part of mojibake, as in `Ã\xad`.
        word = before.islower() or not before.strip() or (before.isascii() and before.isalpha())
        if word and after.isalpha():
            yield _edit("chars.soft_hyphen", match)


def find_line_ends(text: str) -> Iterator[Edit]:
    """Line ends of other systems, form feeds and vertical tabs."""
    for match in _LINE_END.finditer(text):
        before_newline = text.startswith("\r\n", match.start())
        yield _edit("line_ends", match, replacement="" if before_newline else "\n")


def _splits_a_word(match: re.Match[str]) -> bool:
    """Whether letters of a script that puts spaces between words stand on both sides."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    cased = {Kind.UPPER, Kind.LOWER}
    return traits(before).kind in cased and traits(after).kind is Kind.LOWER


def _edit(rule: str, match: re.Match[str], *, replacement: str = "") -> Edit:
    return Edit(match.start(), match.end(), Action.REPAIR, rule, match[0], replacement)
