import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import CleanSettings, Settings
from pipeline.stages.clean import clean
from pipeline.stages.cut_lines import Cutting, cut_lines
from pipeline.stages.judge import Limit, Limits, judge
from pipeline.stages.measure import measure
from pipeline.text.edits import read_edit, undo_edits
from pipeline.validation.limits import compile_limits
from pipeline.validation.suites import load_suites

BODY = (
    "It rained on the valley all night, and by morning the road to the mill was closed to carts.\n"
    "Nobody in the upper village had seen the brook so high since the year of the great thaw.\n"
    "By noon the miller had moved his sacks to the loft, where the swallows had nested in May."
)
FOOTER = "Valley Post, printed beside the mill"
KNOWN = {FOOTER: "learned.f"}


@pytest.fixture(scope="module")
def limits():
    return compile_limits(load_suites())


def _raw(text, **row):
    empty = dict.fromkeys(schema.RAW)
    known = {"doc_id": "a", "row_key": "a", "source_id": "a", "raw": text.encode()}
    return pl.DataFrame([{**empty, **known, **row}], schema=schema.RAW)


def _cut(text, limits, *, known=KNOWN, share=0.3, **row):
    """The changed row of one document, as it was and as it is."""
    settings = Settings(clean=CleanSettings(max_cut_share=share))
    cleaned = clean(_raw(text, **row), settings.clean)
    judged = judge(measure(cleaned, settings.measure), limits)
    flags = cleaned["flags"].to_list()
    found = cut_lines(judged, flags, [known], Cutting(settings, limits))
    assert found.schema == schema.JUDGED
    return judged.row(0, named=True), found.row(0, named=True) if found.height else None


def _edits(row):
    return [read_edit(tuple(edit.values())) for edit in row["edits"]]


def test_text_edits_and_every_number_of_a_cut_document_agree(limits):
    _, row = _cut(f"Rain in the valley\n{BODY}\n{FOOTER}\n", limits)
    fresh = measure(clean(_raw(f"Rain in the valley\n{BODY}"), CleanSettings()), Settings().measure)
    expected = fresh.row(0, named=True)
    assert row["text"] == f"Rain in the valley\n{BODY}"
    for name in ("n_chars", "n_words", "language", "text_sha256", "flags"):
        assert row[name] == expected[name], name
    assert row["signals"]["n_lines"] == expected["signals"]["n_lines"]
    assert row["signals"]["n_cuts"] == 1
    assert undo_edits(row["text"], _edits(row)) == f"Rain in the valley\n{BODY}\n{FOOTER}\n"


def test_cuts_by_rules_keep_their_names_beside_it(limits):
    before, row = _cut(f"{BODY}\nShare on Facebook\n{FOOTER}", limits)
    assert [edit["rule"] for edit in before["edits"]] != []
    rules = [edit["rule"] for edit in row["edits"]]
    assert "learned.f" in rules
    assert {edit["rule"] for edit in before["edits"]} <= set(rules)
    assert undo_edits(row["text"], _edits(row)) == f"{BODY}\nShare on Facebook\n{FOOTER}"


def test_a_document_without_a_line_to_cut_is_not_changed(limits):
    _, row = _cut(BODY, limits)
    assert row is None


def test_above_the_cap_nothing_is_cut_and_the_document_says_so(limits):
    before, row = _cut(f"{BODY}\n{FOOTER}", limits, share=0.1)
    assert (row["text"], row["edits"]) == (before["text"], before["edits"])
    assert row["flags"] == sorted([*before["flags"], "learned_over_cap"])


def test_the_cap_counts_the_cuts_of_rules_too(limits):
    label = "Share on Facebook"
    text = f"{BODY}\n{label}\n{FOOTER}"
    share = (len(label) + len(FOOTER)) / len(text)
    assert "learned_over_cap" not in _cut(text, limits, share=share + 0.02)[1]["flags"]
    assert "learned_over_cap" in _cut(text, limits, share=share - 0.02)[1]["flags"]


def test_a_document_that_would_be_refused_without_its_lines_keeps_them():
    text = f"{BODY}\n{FOOTER}"
    short = Limit("cleaned", "short", pl.col("n_chars") < len(text), pl.col("n_chars"))
    strict = Limits((pl.col("n_chars"),), (short,), "strict")
    before, row = _cut(text, strict)
    assert before["verdicts"] == []
    assert row == before | {"flags": row["flags"]}
    assert set(row["flags"]) - set(before["flags"]) == {"learned_cut_undone"}
    assert row["text"] == text


def test_flags_of_form_are_those_of_the_text_that_is_left(limits):
    cut_off = "Nobody in the upper village had seen the brook so high since the year of the great"
    tail = (
        f"{cut_off} thaw, when the miller and his brothers had moved all of their sacks up to the"
    )
    before, row = _cut(f"Rain in the valley\n{BODY}\n{tail}\n{FOOTER}", limits)
    assert "truncated" not in before["flags"]
    assert "truncated" in row["flags"]
