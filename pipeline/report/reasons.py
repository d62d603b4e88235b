"""Why the line model cut a line, in words: the features that decided, loudest first.

The text before the cuts is rebuilt from a document's edits and measured again, so this holds for
every snapshot that was made with the model of this version.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from pipeline.text.boilerplate import read_page
from pipeline.text.edits import Edit
from pipeline.text.line_model import Reason, explain_lines

# A text can have a thousand cuts; of these many the reasons are told.
MOST_LINES, MOST_REASONS = 200, 3
MODEL = "model."
# Odds from here on are told without a decimal.
FEW = 10

ENDS = ("a letter", "a full stop", "a colon", "a comma or dash", "dots", "a digit", "a sign")
STARTS = (
    "a capital", "a small letter", "a digit", "a sign", "a quotation mark", "a bracket",
    "another sign", "a letter of another script",
)  # fmt: skip
KINDS = (
    "no list", "small words", "reporting verbs", "personal words", "share bars", "comments",
    "offers", "sections", "related links", "dates", "notices", "picture credits", "bylines",
)  # fmt: skip
NO_LINE = "nothing"

# How a value is told; what is in none of these is told as the feature's name and its value.
SHARES: Mapping[str, str] = {
    "site_share": "{} of its words are a site's",
    "stop_words": "{} of its words are small words",
    "capitals": "{} of its words begin with a capital",
    "upper_letters": "{} of its letters are capitals",
    "digit_chars": "{} of its characters are digits",
    "symbol_chars": "{} of its characters are signs",
    "narrative": "{} of its words are reporting verbs",
    "person": "{} of its words speak of me, us or you",
    "social": "{} of its words are those of share bars",
    "comment": "{} of its words are those of comment sections",
    "promo": "{} of its words are those of offers",
    "nav": "{} of its words name sections and pages",
    "related": "{} of its words are those above related links",
    "date": "{} of its words are those of dates",
    "legal": "{} of its words are those of notices",
    "credit": "{} of its words are those of picture credits",
    "byline": "{} of its words are those of bylines",
    "words_elsewhere": "{} of its longer words stand in other lines too",
    "words_in_body": "{} of its longer words stand in the article's prose",
    "body_below": "{} of the prose stands below it",
    "body_above": "{} of the prose stands above it",
    "sentences_around": "{} of the lines around it are sentences",
    "site_share_around": "{} of the words around it are a site's",
    "capitals_around": "{} of the words around it begin with a capital",
    "words_in_body_around": "{} of the longer words around it stand in the prose",
    "stop_words_around": "{} of the words around it are small words",
    "most_site_share_above": "up to {} of the words of a label above it are a site's",
    "site_share_1_above": "{} of the words of the line above are a site's",
    "site_share_2_above": "{} of the words two lines above are a site's",
    "site_share_1_below": "{} of the words of the line below are a site's",
    "site_share_2_below": "{} of the words two lines below are a site's",
    "date_above": "{} of the words of the line above are those of dates",
    "date_below": "{} of the words of the line below are those of dates",
    "words_in_body_above": "{} of the longer words of the line above stand in the prose",
    "words_in_body_below": "{} of the longer words of the line below stand in the prose",
    "stop_words_above": "{} of the words of the line above are small words",
    "stop_words_below": "{} of the words of the line below are small words",
    "capitals_above": "{} of the words of the line above begin with a capital",
    "capitals_below": "{} of the words of the line below begin with a capital",
}
COUNTS: Mapping[str, str] = {
    "chars": "it has {} characters",
    "words": "it has {} words",
    "site_words": "{} of its words are a site's",
    "number": "{} lines stand above it",
    "number_from_end": "{} lines stand below it",
    "lines_to_body": "it stands {} lines above the first line of prose",
    "lines_from_body": "it stands {} lines below the last line of prose",
    "lines_to_long_body": "it stands {} lines above the first long paragraph",
    "lines_from_long_body": "it stands {} lines below the last long paragraph",
    "lines_since_body": "{} lines stand between it and the prose above",
    "body_lines_below": "{} lines of prose stand below it",
    "site_lines_above": "{} labels in a site's words stand right above it",
    "site_lines_below": "{} labels in a site's words stand right below it",
    "rules_above": "rules match {} lines right above it",
    "rules_below": "rules match {} lines right below it",
    "lines_below_header": "it stands {} lines below a heading over links",
    "repeated": "the same line stands {} times in the text",
    "first_word_again": "{} short lines begin with its first word",
    "run_of_labels": "{} labels in a row stand around it",
    "chars_1_above": "the line above has {} characters",
    "chars_2_above": "the line two above has {} characters",
    "chars_1_below": "the line below has {} characters",
    "chars_2_below": "the line two below has {} characters",
    "chars_around": "lines around it have {} characters on average",
    "word_length": "its words have {} letters on average",
    "longest_run": "its longest run without a blank has {} characters",
    "clocks": "it shows {} times of day",
    "years": "it names {} years",
    "separators": "it has {} bars, arrows or slashes",
    "addresses": "it has {} signs of an address",
    "brackets": "it has {} square brackets",
    "quotes": "it has {} quotation marks",
    "commas": "it has {} commas",
    "sentences_inside": "{} sentences end inside of it",
    "copyright": "it has {} copyright signs",
}
# Log odds: above 0 they speak for furniture, below for the article.
WEIGHTS: Mapping[str, str] = {
    "vocabulary": "its words have {} for furniture on average",
    "vocabulary_sum": "its words have {} for furniture together",
    "vocabulary_most": "its most telling word or pair has {} for furniture",
    "vocabulary_least": "its least telling word or pair has {} for furniture",
}
NAMED: Mapping[str, tuple[str, Sequence[str]]] = {
    "end": ("it ends in {}", ENDS),
    "end_1_above": ("the line above ends in {}", ENDS),
    "end_2_above": ("the line two above ends in {}", ENDS),
    "end_1_below": ("the line below ends in {}", ENDS),
    "end_2_below": ("the line two below ends in {}", ENDS),
    "start": ("it begins with {}", STARTS),
    "first_kind": ("its first word is in the list of {}", KINDS),
    "last_kind": ("its last word is in the list of {}", KINDS),
}


def cut_reasons(decoded: str, edits: Sequence[Edit]) -> dict[int, str]:
    """By the start of an edit of the line model: what decided, in one short sentence.

    Empty where the model was not at work, or is no longer the one that was.
    """
    cuts = [edit for edit in edits if edit.rule.startswith(MODEL)][:MOST_LINES]
    if not cuts:
        return {}
    numbers = _line_numbers(decoded, [edit.start for edit in cuts])
    found = explain_lines(*read_page(decoded), set(numbers), most=MOST_REASONS)
    return {
        edit.start: "; ".join(map(in_words, found[number]))
        for edit, number in zip(cuts, numbers, strict=True)
        if found.get(number)
    }


def _line_numbers(text: str, places: Sequence[int]) -> list[int]:
    """The line each place is in, from 0; `places` in ascending order."""
    numbers, at, line = [], 0, 0
    for place in places:
        line += text.count("\n", at, place)
        at = place
        numbers.append(line)
    return numbers


def in_words(reason: Reason) -> str:
    """A feature and its value as a reader says it."""
    return next(_told(reason), f"{reason.feature.replace('_', ' ')}: {reason.value:.3g}")


def _odds(log_odds: float) -> str:
    odds = math.exp(abs(log_odds))
    told = f"{odds:,.0f}" if odds >= FEW else f"{odds:.1f}"
    return f"odds of {told} to 1" if log_odds >= 0 else f"odds of 1 to {told}"


def _told(reason: Reason) -> Iterator[str]:
    name, value = reason.feature, reason.value
    if name == "rule":
        yield "a rule matches it" if value else "no rule matches it"
    elif name in WEIGHTS:
        yield WEIGHTS[name].format(_odds(value))
    elif value < 0 and name not in NAMED:
        yield f"nothing to measure: {name.replace('_', ' ')}"
    elif name in SHARES:
        yield SHARES[name].format("none" if value == 0 else f"{value:.0%}")
    elif name in COUNTS:
        yield COUNTS[name].format(f"{value:.0f}")
    elif name in NAMED:
        pattern, values = NAMED[name]
        yield pattern.format(values[int(value)] if value >= 0 else NO_LINE)
