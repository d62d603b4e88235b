"""Five real articles, read by hand: exactly these cuts, these repairs, these flags."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import CleanSettings
from pipeline.stages.clean import clean
from pipeline.text.edits import Action, apply_edits, read_edit, undo_edits

ARTICLES = Path(__file__).parents[3] / "shared" / "seeds"
FILES = sorted(ARTICLES.glob("*.txt"))

pytestmark = pytest.mark.skipif(not FILES, reason="the shared articles are not on this machine")

CUTS = {
    "000": {15},
    "001": {22, 23},
    "002": {12},
    "003": {14},
    "004": {125, 165, 167},
}
FLAGS = {
    "000": ["related_digest"],
    "001": ["missing_title"],
    "002": [],
    "003": [],
    "004": ["double_title", "glued_sentences", "multi_part", "qa_block"],
}
# Sentence ends, commas and the one abbreviation, by line.
GLUED = {
    9: 1, 11: 2, 17: 1, 23: 1, 43: 1, 55: 1, 63: 1, 69: 1, 71: 1,
    85: 1, 93: 2, 137: 2, 149: 3, 155: 1, 159: 3,
}  # fmt: skip
INVITATION = "Share your thoughts in the comments below. "


@pytest.fixture(scope="module")
def rows():
    raws = [path.read_bytes() for path in FILES]
    columns = {
        "doc_id": [path.name[:3] for path in FILES],
        "raw": raws,
        "raw_sha256": [hashlib.sha256(raw).hexdigest() for raw in raws],
    }
    names = schema.RAW.names()
    raw = pl.DataFrame(
        {name: columns.get(name, [None] * len(raws)) for name in names}, schema=schema.RAW
    )
    found = clean(raw, CleanSettings()).to_dicts()
    return {row["doc_id"]: {**row, "decoded": row["raw"].decode()} for row in found}


def edits_of(row):
    return [read_edit(tuple(edit.values())) for edit in row["edits"]]


def line_of(row, edit):
    return row["decoded"].count("\n", 0, edit.start) + 1


@pytest.mark.parametrize("name", CUTS)
def test_exactly_these_lines_are_cut(rows, name):
    row = rows[name]
    cut = {
        line_of(row, edit) + offset
        for edit in edits_of(row)
        if edit.action in {Action.DROP_LINE, Action.DROP_BLOCK, Action.DROP_TO_END}
        for offset in range(edit.removed.rstrip("\n").count("\n") + 1)
    }
    assert cut == CUTS[name]


@pytest.mark.parametrize("name", CUTS)
def test_the_text_is_the_decoded_one_without_cuts_and_edges(rows, name):
    row = rows[name]
    kept = [
        line
        for number, line in enumerate(row["decoded"].split("\n"), start=1)
        if number not in CUTS[name]
    ]
    expected = "\n".join(kept).strip("\n")
    if name == "004":
        expected = expected.replace(INVITATION, "")
        repairs = [edit for edit in edits_of(row) if edit.action is Action.REPAIR]
        assert all(edit.replacement == " " and not edit.removed for edit in repairs)
        assert len(row["text"]) == len(expected) + 22
        assert row["text"].replace(" ", "") == expected.replace(" ", "")
    else:
        assert row["text"] == expected


def test_one_sentence_goes_and_its_paragraph_stays(rows):
    (edit,) = [e for e in edits_of(rows["004"]) if e.action is Action.DROP_SENTENCE]
    assert line_of(rows["004"], edit) == 59
    assert edit.removed == INVITATION


def test_the_glued_places_are_repaired(rows):
    found = [e for e in edits_of(rows["004"]) if e.action is Action.REPAIR]
    lines = [line_of(rows["004"], edit) for edit in found]
    assert {line: lines.count(line) for line in lines} == GLUED
    rules = [edit.rule for edit in found]
    assert rules.count("glue.sentence") == 9
    assert rules.count("glue.comma") == 12
    assert rules.count("glue.abbreviation") == 1


@pytest.mark.parametrize("name", FLAGS)
def test_the_flags_are_these(rows, name):
    assert rows[name]["flags"] == FLAGS[name]


@pytest.mark.parametrize("name", CUTS)
def test_titles_are_first_lines_and_stay_in_the_text(rows, name):
    title = rows[name]["title"]
    assert (title is None) == (name == "001")
    assert title is None or rows[name]["text"].startswith(f"{title}\n")


@pytest.mark.parametrize("name", CUTS)
def test_edits_rebuild_the_decoded_text(rows, name):
    row = rows[name]
    assert apply_edits(row["decoded"], edits_of(row)) == row["text"]
    assert undo_edits(row["text"], edits_of(row)) == row["decoded"]
