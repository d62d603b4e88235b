"""Every rule carries its own tests: what it must cut, and what no rule may cut."""

import re
import tomllib

import pytest

from pipeline.text.boilerplate import boilerplate_rules, find_cuts
from pipeline.text.line_keys import FOR_LINES, FOR_SENTENCES
from pipeline.text.line_model import GROUPS
from pipeline.text.line_scan import scan_texts
from pipeline.text.line_triggers import first_words
from pipeline.text.rules import (
    WIDEST,
    Scope,
    Zone,
    load_book,
    load_rules,
    parse_rules,
)
from pipeline.text.suspects import encode_texts

BODY = "It rained on the valley all night, and by morning the road to the mill was closed to all."
ARTICLE = [BODY] * 8
RULES = load_rules()
SPARED = [(rule.name, text) for rule in RULES for text in rule.spares]


def places(text, zone):
    """Texts with `text` as a line in every place that the zone covers."""
    if zone is not Zone.HEAD:
        yield "\n".join(["Rain over the valley", *ARTICLE, text])
    if zone is not Zone.TAIL:
        yield "\n".join([text, "Rain over the valley", *ARTICLE])
    if zone is Zone.ANY:
        yield "\n".join(["Rain over the valley", *ARTICLE, text, *ARTICLE])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_cuts_what_it_must_in_its_zone(rule):
    for text in rule.cuts:
        for document in places(text, rule.zone):
            edits = find_cuts(document).edits
            assert [edit.removed.strip() for edit in edits] == [text]
            assert edits[0].rule == rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_sentence_rule_leaves_the_rest_of_its_line(rule):
    if rule.scope is Scope.SENTENCE:
        for text in rule.cuts:
            line = f"What comes next? {text} {BODY}"
            (edit,) = find_cuts("\n".join(["Rain", BODY, line, *ARTICLE])).edits
            assert edit.removed == f"{text} "


@pytest.mark.parametrize(("name", "text"), SPARED)
def test_no_rule_touches_a_spared_text(name, text):
    for document in places(text, Zone.ANY):
        assert find_cuts(document).edits == [], name
    if "." in text:
        inside = "\n".join(["Rain", *ARTICLE, f"{BODY} {text} {BODY}"])
        assert find_cuts(inside).edits == [], name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_quiet_outside_of_its_zone(rule):
    for text in rule.cuts:
        if rule.zone in {Zone.TAIL, Zone.EDGE}:
            middle = "\n".join(["Rain", *ARTICLE, text, *ARTICLE])
            assert rule.name not in {edit.rule for edit in find_cuts(middle).edits}
        if rule.zone is Zone.HEAD:
            bottom = "\n".join(["Rain", *ARTICLE, text])
            assert rule.name not in {edit.rule for edit in find_cuts(bottom).edits}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_it_is_for(rule):
    assert rule.reason.endswith(".")
    assert rule.cuts
    assert not re.search(r"\{\d+,\d{2,}\}", rule.pattern), "bound a line by max_chars"
    assert rule.spares
    assert rule.languages


def test_a_header_is_no_sentence():
    for rule in RULES:
        for text in rule.cuts:
            if rule.is_header:
                document = "\n".join(["Rain", *ARTICLE, text.rstrip(":") + "."])
                assert rule.name not in {edit.rule for edit in find_cuts(document).edits}


def test_names_are_unique_and_eight_languages_are_covered():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    languages = {language for rule in RULES for language in rule.languages}
    assert languages >= {"en", "de", "fr", "es", "tr", "ru", "uk", "pl"}


def test_patterns_mean_the_same_to_every_engine():
    for rule in RULES:
        for engine_dependent in (r"\b", r"\B", r"\w", r"\W", r"\D"):
            assert engine_dependent not in rule.pattern, rule.name
        # A full match needs no anchors, and the search over all lines would read them otherwise.
        assert re.search(r"(?<!\[)\^|\$", rule.pattern) is None, rule.name


def flags_of(text):
    book = load_book()
    return scan_texts(*encode_texts([text]), book.triggers, WIDEST * book.longest_line)[1]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_line_that_a_rule_matches_is_tried(rule):
    flag = FOR_LINES if rule.scope is Scope.LINE else FOR_SENTENCES
    for text in [*rule.cuts, *rule.spares]:
        for written in (text, text.upper(), f"» {text}", f"{text}:"):
            matched = load_book().match_line(written) or load_book().match_sentence(written)
            if rule in matched:
                assert flags_of(f"{BODY}\n \t{written}\r\n{BODY}")[1] & flag


def test_lines_of_prose_are_not_tried():
    assert not flags_of("\n".join(ARTICLE)).any()


def test_a_rule_whose_matches_begin_with_any_word_names_words_they_hold():
    for rule in RULES:
        begins = {words.partition(" ")[0] for words in first_words(rule.expression)}
        if rule.scope is Scope.SENTENCE or any("*" in word for word in begins):
            assert set(rule.words) - {"@"}, rule.name


def test_the_listing_shows_every_rule():
    records = boilerplate_rules()
    names = [rule.name for rule in RULES]
    assert [record.name for record in records] == [
        *names,
        "structure.below_furniture",
        *(f"model.{group}" for group in GROUPS),
    ]
    assert all(record.action and record.zone and record.reason for record in records)


def test_a_new_rule_is_one_table():
    table = """
    [words]
    colour = 'red|blue'
    [[rule]]
    name = "test.colour"
    languages = ["en"]
    zone = "tail"
    scope = "line"
    action = "drop_line"
    pattern = "our {colour} page's end"
    reason = "A test."
    cuts = ["Our red page’s end"]
    spares = ["Our red page"]
    """
    (rule,) = parse_rules(table)
    assert rule.name == "test.colour"
    assert tomllib.loads(table)["rule"][0]["pattern"] == rule.pattern


def test_a_key_that_no_rule_has_is_refused():
    with pytest.raises(TypeError, match="colour"):
        parse_rules(
            '[[rule]]\nname="a"\nlanguages=[]\nzone="any"\nscope="line"\n'
            'action="drop_line"\npattern="a"\nreason="a"\ncuts=[]\nspares=[]\ncolour=1\n'
        )
