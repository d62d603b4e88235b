import dataclasses

import pytest

from pipeline.validation.suites import load_suites
from pipeline.validation.wording import describe_suites, in_words

RULES = {rule.name: rule for suite in load_suites().values() for rule in suite.rules}


def test_every_rule_is_described_once_in_the_order_of_the_suites():
    assert [rule.name for rule in describe_suites(load_suites())] == list(RULES)


def test_only_critical_rules_block():
    described = describe_suites(load_suites())
    assert all(rule.blocking == (rule.severity == "critical") for rule in described)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("empty_text", "n_words is at least 1"),
        ("text_is_not_short", "n_chars is at least 200, for at least 90% of documents"),
        ("document_id_is_a_hash", "doc_id matches ^[0-9a-f]{32}$"),
        ("cluster_id_resolves", "cluster_id equals doc_id"),
        ("canonical_id_resolves", "canonical_is_curated is true"),
        ("texts_have_not_halved", "mean_chars is at least previous_mean_chars * 0.5"),
        ("corpus_is_not_empty", "the number of rows is at least 1"),
        ("most_languages_are_known", "language is not und, for at least 90% of documents"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, words):
    assert in_words(RULES[rule]) == words


def test_strict_bounds_read_as_strict():
    kwargs = {"column": "n_words", "min_value": 1, "max_value": 9, "strict_max": True}
    rule = dataclasses.replace(RULES["empty_text"], kwargs=kwargs)
    assert in_words(rule) == "n_words is at least 1 and below 9"


@pytest.mark.parametrize(
    ("rule", "consequence"),
    [
        ("empty_text", "the document goes to quarantine"),
        ("text_is_not_short", "the document is flagged short_text"),
        ("curated_id_is_unique", "nothing is published"),
        ("most_languages_are_known", "it is shown"),
    ],
)
def test_the_consequence_of_a_broken_rule_is_said(rule, consequence):
    described = {d.name: d for d in describe_suites(load_suites())}
    assert described[rule].consequence == consequence
