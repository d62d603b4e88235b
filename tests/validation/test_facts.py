import polars as pl
import pytest

from pipeline.schema import MEASURED
from pipeline.validation.facts import FACTS, SUITE_SCHEMAS, fact_types, facts


def of_text(text, name):
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    return facts(frame.lazy(), [name]).collect().item()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("one", "one", "one"),
        ("one\ntwo\nthree", "one", "three"),
        ("one\n\nthree", "one", "three"),
        ("a" * 200, "a" * 200, "a" * 200),
        ("a" * 201, None, None),
        ("x\n" + "a" * 200, "x", "a" * 200),
        ("x\n" + "a" * 201, "x", None),
        ("é" * 200 + "\nend", "é" * 200, "end"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_the_outermost_lines_are_facts_where_they_are_short(text, first, last):
    assert of_text(text, "first_line") == first
    assert of_text(text, "last_line") == last


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


def test_no_fact_is_a_whole_text():
    assert {"text", "raw", "edits"}.isdisjoint(FACTS)
