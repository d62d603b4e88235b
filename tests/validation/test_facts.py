import polars as pl

from pipeline.schema import MEASURED
from pipeline.validation.facts import FACTS, SUITE_SCHEMAS, fact_types, facts


def test_a_record_without_text_has_no_facts_about_text():
    row = dict.fromkeys(MEASURED) | {
        "n_words": 0,
        "n_chars": 0,
        "signals": {"replacement_chars": 0},
    }
    rows = pl.LazyFrame([row], schema=MEASURED)
    found = facts(rows, ["n_words", "n_chars", "replacement_chars"]).collect()
    assert found.row(0) == (None, None, None)


def test_every_fact_is_one_that_some_suite_can_judge():
    known = [set(fact_types(schema)) for schema in SUITE_SCHEMAS.values()]
    assert set.union(*known) == set(FACTS)


def test_no_suite_reads_a_whole_text():
    read = {root for fact in FACTS.values() for root in fact.meta.root_names()}
    assert read.isdisjoint({"text", "raw", "edits"})
