"""Puts back the space that a bad scraper lost: "ended.The next" becomes "ended. The next".

Only where the fault is systematic. A single "Node.Js" or "rock,paper" is somebody's style; a text
that lacks blanks behind commas alone was typed so; one that lacks them behind sentences alone lost
the breaks between its paragraphs, and a blank would be a guess at what stood there.
"""

import re
from collections import Counter
from functools import cached_property

from pipeline.text.edits import Action, Edit
from pipeline.text.language import guess_language

# A text with fewer, or with fewer per thousand characters, may owe them to names and typing slips.
# On hand-read news one mangled page had 22 (1.3 per thousand characters), healthy ones none. Of
# 20,168 clean texts in 16 languages 96 have that many, 17 of them behind both marks, and of these
# none is in a language of the list.
FEWEST = 3
FEWEST_OF_EACH = 2
PER_1000_CHARS = 0.1
# Where it is known that prose puts a blank behind both marks. Orthographies differ: elsewhere a
# comma or a full stop without one may be how the language is written.
LANGUAGES = frozenset(["de", "en", "es", "fr", "pl", "ru", "tr", "uk"])
SURE = 0.5
SAMPLE = 2_000  # characters that the language is guessed from
# A run of words between commas and without a space is a list or a table, not a sentence.
MOST_COMMAS = 3

REACH = 60  # characters looked at on either side
LINE_REACH = 200

LETTER = r"[^\W\d_]"
SENTENCE = re.compile(rf"[.!?](?<={LETTER}{{2}}.)(?={LETTER}{{2}})")
COMMA = re.compile(rf",(?<={LETTER}{{2}}.)(?={LETTER})")
WORD = re.compile(rf"{LETTER}+")
BLANK = re.compile(r"\s")
ABBREVIATION = re.compile(r"\b(?:U\.S\.|U\.K\.|U\.N\.|E\.U\.|D\.C\.)(?=[A-Z][a-z])")
# Addresses, paths, handles, code: a dot or comma in them is no punctuation.
NO_PROSE = re.compile(r"[/\\@_=<>{}|#*&+~^\d]|\b(?:www|http)|::", re.IGNORECASE)
# A line of code, where a dot parts names: braces, assignments, calls, a closing semicolon.
CODE = re.compile(r"[{}=<>`]|\w\(|;\s*$")
ENDINGS = "com org net edu gov mil biz tv io co uk ru ua js py ai php html pdf txt csv jpg png"
DOMAINS = frozenset(ENDINGS.split())


def find_glue(text: str) -> list[Edit]:
    """Spaces to insert, in order; none at all unless the fault is systematic.

    >>> edits = find_glue("The rain ended.The cup,the bowl,and all the rest were lost.He left.")
    >>> [edit.rule for edit in edits]
    ['glue.sentence', 'glue.comma', 'glue.comma', 'glue.sentence']
    >>> find_glue("It ended there.The cup was lost.He left at once.She stayed on.")
    []
    """
    page = _Page(text)
    found = [
        (match.end(), rule)
        for rule, pattern, holds in (
            ("glue.sentence", SENTENCE, page.ends_sentence),
            ("glue.comma", COMMA, page.parts_clauses),
            ("glue.abbreviation", ABBREVIATION, page.ends_abbreviation),
        )
        for match in pattern.finditer(text)
        if holds(match.end())
    ]
    if not _is_systematic(Counter(rule for _, rule in found), text):
        return []
    return [Edit(at, at, Action.REPAIR, rule, "", " ") for at, rule in sorted(found)]


def _is_systematic(found: Counter[str], text: str) -> bool:
    total = found.total()
    if total < FEWEST or total * 1000 < PER_1000_CHARS * len(text):
        return False
    if min(found["glue.sentence"], found["glue.comma"]) < FEWEST_OF_EACH:
        return False
    return guess_language(text[:SAMPLE], floor=SURE).language in LANGUAGES


class _Page:
    """A text and, once somebody asks, the words it uses."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(WORD.findall(self.text))

    def ends_sentence(self, at: int) -> bool:
        text = self.text
        before, after = text[at - 3 : at - 1], text[at : at + 2]
        if not (before.islower() and after[0].isupper() and after[1].islower()):
            return False
        left, right = _word_before(text, at - 1), _word_after(text, at)
        if NO_PROSE.search(_token(text, at)) or right.lower() in DOMAINS or _is_code(text, at):
            return False
        # "Yahoo.Finance" is a name; "Ukraine.This" is none, for "this" is a word of the text.
        return left[0].islower() or right.lower() in self.words

    def parts_clauses(self, at: int) -> bool:
        token = _token(self.text, at)
        return (
            self.text[at].islower()
            and token.count(",") < MOST_COMMAS
            and not NO_PROSE.search(token)
            and "." not in token[:-1].rstrip(".")
            and not _is_code(self.text, at)
        )

    def ends_abbreviation(self, at: int) -> bool:
        return not NO_PROSE.search(_token(self.text, at))


def _token(text: str, at: int) -> str:
    """The run of characters without a blank around `at`, bounded on both sides."""
    before, behind = text[max(at - REACH, 0) : at], text[at : at + REACH]
    return BLANK.split(before)[-1] + BLANK.split(behind, maxsplit=1)[0]


def _is_code(text: str, at: int) -> bool:
    """Whether the line around `at`, as far as it is looked at, reads like a program's."""
    start = text.rfind("\n", max(at - LINE_REACH, 0), at) + 1 or max(at - LINE_REACH, 0)
    end = text.find("\n", at, at + LINE_REACH)
    return CODE.search(text[start : end if end >= 0 else at + LINE_REACH]) is not None


def _word_before(text: str, at: int) -> str:
    """The run of letters that ends at `at`; never empty behind a match."""
    start = at
    while start > max(at - REACH, 0) and text[start - 1].isalpha():
        start -= 1
    return text[start:at]


def _word_after(text: str, at: int) -> str:
    found = WORD.match(text[at : at + REACH])
    return found[0] if found else ""
