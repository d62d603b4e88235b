"""What the names say that a reader meets: flags, reasons of quarantine, relations.

A rule of the suites or of the rules file carries its own reason. Only what is found in code is put
into words here.
"""

from collections.abc import Mapping
from functools import cache

from pipeline.text.rules import load_rules
from pipeline.validation.suites import load_suites

FLAGS: Mapping[str, str] = {
    "boilerplate_over_cap": "The rules would have cut more than is allowed, so nothing was cut.",
    "double_title": "A page title and an article title stand above the body.",
    "encoding_mixed": "Parts of it were written in another encoding than the rest.",
    "encoding_uncertain": "Another encoding fits nearly as well as the one that was taken.",
    "glued_sentences": "Spaces were missing after full stops or commas, all over the text.",
    "invalid_bytes": "Some bytes of it could not be read as any character.",
    "learned_cut_undone": "Lines that its source repeats were left: it would not be valid, or not "
    "the one that its copies were dropped for, without them.",
    "learned_over_cap": "Lines that its source repeats were left: they are more than may be cut.",
    "missing_title": "Neither the record nor the first line gives a title.",
    "multi_part": "An interview or a second piece follows the article.",
    "qa_block": "It holds questions and answers that are marked as such.",
    "related_digest": "It ends in short pieces about something else.",
    "title_repaired": "The title's encoding damage was repaired, like that of the text.",
    "truncated": "It shows that it was cut off where it was taken from.",
}
REASONS: Mapping[str, str] = {
    "binary": "Its bytes are those of a picture, an archive or a program, not of a text.",
    "broken_record": "The record could not be parsed.",
    "damaged_file": "The file is damaged: what stands behind this place could not be read.",
    "document_too_large": "It is longer than a document may be.",
    "file_too_large": "The file unpacks to more than one file may hold.",
    "line_too_long": "The line is longer than a line may be.",
    "no_text_extracted": "No main text could be taken from the page.",
    "lone_surrogate": "The text holds half a character, which no encoding can store.",
    "missing_text_column": "The file has no column of the name that texts are read from.",
    "no_text": "Nothing of it could be read as a text.",
    "text_not_a_string": "The record has something other than a text where its text should be.",
    "truncated_file": "The file ends before its compressed data do.",
    "undecodable": "No encoding fits its bytes well enough to be trusted.",
    "unreadable_file": "The file could not be opened or is not of the kind its name says.",
}
RELATIONS: Mapping[str, str] = {
    "exact_raw": "has the same bytes as",
    "exact_text": "has the same words as",
    "near_copy": "has nearly the same words as",
    "truncated_copy": "is a part of",
    "updated_version": "is an older version of",
}


@cache
def flag_meanings() -> Mapping[str, str]:
    """What each flag says of a document, by name."""
    rules = (rule for suite in load_suites().values() for rule in suite.rules)
    by_suites = {rule.flag: rule.reason for rule in rules if rule.flag is not None}
    by_rules = {rule.flag: rule.reason for rule in load_rules() if rule.flag}
    return {**by_rules, **by_suites, **FLAGS}


@cache
def quarantine_meanings() -> Mapping[str, str]:
    """Why each reason keeps a document out, by name."""
    rules = (rule for suite in load_suites().values() for rule in suite.rules)
    return {**{rule.name: rule.reason for rule in rules if rule.quarantine}, **REASONS}
