import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema import JUDGED, MEASURED
from pipeline.stages.judge import Limit, Limits, judge
from pipeline.stages.measure import outermost_lines
from pipeline.validation.limits import compile_limits
from pipeline.validation.suites import load_suites

LIMITS = compile_limits(load_suites())
GOOD = {
    "doc_id": "0" * 32,
    "text": "A first line of prose.\nAnd a second one that ends the story here.",
    "n_chars": 4_000,
    "n_words": 700,
    "language": "en",
    "language_confidence": 0.97,
    "flags": ["double_title"],
    "encoding": "utf-8",
    "decoded_sha256": "0" * 64,
    "url": "https://news.example/story",
    "signals": {
        "symbol_word_ratio": 0.0,
        "alpha_word_share": 0.97,
        "digit_char_share": 0.01,
        "duplicate_line_char_share": 0.0,
        "duplicate_10gram_char_share": 0.0,
        "short_line_share": 0.1,
        "glued_per_1000_words": 0.0,
        "replacement_chars": 0,
    },
}


def judged(**changes):
    """The one document, changed, after judging."""
    signals = {**GOOD["signals"], **changes.pop("signals", {})}
    row = {name: {**GOOD, **changes, "signals": signals}.get(name) for name in MEASURED}
    digest = pl.when(pl.col("text").is_not_null()).then(pl.lit("0" * 64))
    measured = pl.DataFrame([row], schema=MEASURED).with_columns(
        **outermost_lines(), text_sha256=digest
    )
    return judge(measured, LIMITS).row(0, named=True)


def reasons(**changes):
    return [(v["suite"], v["rule"], v["value"]) for v in judged(**changes)["verdicts"]]


def new_flags(**changes):
    return sorted(set(judged(**changes)["flags"]) - set(GOOD["flags"]))


def test_a_sound_document_breaks_no_rule_and_keeps_its_flags():
    assert reasons() == []
    assert judged()["flags"] == ["double_title"]


@pytest.mark.parametrize(("text", "words"), [("", 0), (" \n ", 0), ("!!!", 0)])
def test_a_text_without_a_word_is_quarantined_as_empty(text, words):
    assert reasons(text=text, n_words=words, n_chars=len(text)) == [("cleaned", "empty_text", "0")]


def test_a_short_text_is_flagged_and_stays():
    assert reasons(n_chars=40, n_words=6) == []
    assert new_flags(n_chars=40, n_words=6) == ["short_text"]


def test_few_lost_characters_are_flagged_and_many_are_quarantined():
    assert reasons(signals={"replacement_chars": 200}) == []
    assert new_flags(signals={"replacement_chars": 200}) == ["replacement_characters"]
    assert reasons(signals={"replacement_chars": 300}) == [("cleaned", "lost_characters", "0.075")]


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"language_confidence": 0.3}, "uncertain_language"),
        ({"n_chars": 600_000}, "very_long_text"),
        ({"signals": {"symbol_word_ratio": 0.2}}, "many_symbols"),
        ({"signals": {"alpha_word_share": 0.4}}, "few_letters"),
        ({"signals": {"digit_char_share": 0.4}}, "many_digits"),
        ({"signals": {"duplicate_line_char_share": 0.4}}, "repeated_lines"),
        ({"signals": {"duplicate_10gram_char_share": 0.4}}, "repeated_passages"),
        ({"signals": {"short_line_share": 0.9}}, "many_short_lines"),
        ({"signals": {"glued_per_1000_words": 12}}, "glued_words"),
        ({"url": "www.news.example/story"}, "malformed_url"),
        ({"text": "Prose.\nMore prose.\nRead more in our weekend issue"}, "residual_boilerplate"),
        ({"text": "Skip to content\nProse.\nMore prose."}, "residual_boilerplate"),
    ],
)
def test_a_weak_signal_marks_the_document_and_never_removes_it(changes, flag):
    assert new_flags(**changes) == [flag]
    assert reasons(**changes) == []


@pytest.mark.parametrize(
    "text",
    [
        "He told them to read more.\nSubscribe to a theory, he said, and you stop looking.",
        "Home is where the heart is, the old song goes, and so it went for the whole town again.",
        "Shares fell by a tenth.\nComments by the minister were awaited with concern.",
    ],
)
def test_prose_that_begins_like_boilerplate_is_not_marked(text):
    assert new_flags(text=text) == []


def test_an_unreadable_record_is_refused_with_what_was_found_and_nothing_else():
    found = reasons(
        text=None,
        n_words=0,
        n_chars=0,
        signals={},
        input_error="broken_line",
        input_detail="{" * 999,
    )
    assert found == [("raw", "broken_line", "{" * 200)]


@pytest.mark.parametrize("flag", ["undecodable", "binary"])
def test_bytes_that_no_encoding_fits_are_refused_as_what_they_are(flag):
    found = reasons(text=None, n_words=None, n_chars=None, encoding=None, flags=[flag])
    assert found == [("raw", flag, "no encoding fits")]


def test_a_document_that_breaks_several_rules_names_them_in_the_order_of_the_suites():
    found = reasons(text="\ufffd", n_words=0, n_chars=1, signals={"replacement_chars": 1})
    assert [rule for _, rule, _ in found] == ["empty_text", "lost_characters"]


def test_judging_adds_columns_and_keeps_rows_in_their_order():
    rows = pl.DataFrame(
        [dict.fromkeys(MEASURED) | {"doc_id": str(i)} for i in range(50)], schema=MEASURED
    )
    out = judge(rows, LIMITS)
    assert out.schema == JUDGED
    assert out["doc_id"].to_list() == rows["doc_id"].to_list()
    assert judge(rows.head(0), LIMITS).schema == JUDGED


def test_without_rules_only_unreadable_records_are_refused():
    none = Limits(facts=(), rules=(), digest="")
    row = {name: GOOD.get(name) for name in MEASURED}
    out = judge(pl.DataFrame([row, {**row, "text": None}], schema=MEASURED), none)
    assert [len(v) for v in out["verdicts"].to_list()] == [0, 1]


@given(st.lists(st.sampled_from(["b", "a", "z"]), max_size=3), st.booleans())
def test_flags_are_sorted_and_occur_once(own, short):
    limit = Limit("cleaned", "r", pl.col("n_chars") < 5, pl.col("n_chars"), flag="a")
    limits = Limits(facts=(pl.col("n_chars"),), rules=(limit,), digest="")
    row = {n: GOOD.get(n) for n in MEASURED} | {"flags": own, "n_chars": 1 if short else 9}
    flags = judge(pl.DataFrame([row], schema=MEASURED), limits)["flags"].to_list()[0]
    assert flags == sorted({*own, *(["a"] if short else [])})


def test_batches_judged_apart_give_what_they_give_together():
    rows = [
        {n: GOOD.get(n) for n in MEASURED} | {"doc_id": str(i), "n_words": i % 3, "n_chars": i * 50}
        for i in range(9)
    ]
    frame = pl.DataFrame(rows, schema=MEASURED)
    parts = [judge(frame[start : start + 2], LIMITS) for start in range(0, 9, 2)]
    assert pl.concat(parts).equals(judge(frame, LIMITS))
