"""The clean stage on small frames: every row stays, every change is an edit, twice is once."""

import hashlib

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import schema
from pipeline.settings import CleanSettings
from pipeline.stages.clean import clean
from pipeline.text.edits import apply_edits, read_edit, undo_edits
from pipeline.text.rules import load_rules

RAIN = "It rained on the valley all night, and by morning the road to the mill was closed to all."
GLUED = (
    "The road is closed.The mill stands still,and nobody knows why.Even the ferry waits,tied to "
    "its pole.The end."
)
DEFAULT = CleanSettings()


def frame(*raws, **columns):
    values = [raw.encode() if isinstance(raw, str) else raw for raw in raws]
    known = {
        "doc_id": [f"{number:032x}" for number in range(len(values))],
        "raw": values,
        "raw_sha256": [hashlib.sha256(value or b"").hexdigest() for value in values],
        **columns,
    }
    return pl.DataFrame(
        {name: known.get(name, [None] * len(values)) for name in schema.RAW.names()},
        schema=schema.RAW,
    )


def edits_of(row):
    return [read_edit(tuple(edit.values())) for edit in row["edits"]]


def cleaned(*raws, rules=DEFAULT, **columns):
    return clean(frame(*raws, **columns), rules).to_dicts()


def test_a_document_comes_out_clean_with_every_change_on_record():
    decoded = f"\n\nRain closes the road\n{RAIN}\n{GLUED}\n{RAIN}\nLeave a Comment\n"
    (row,) = cleaned(decoded)
    assert row["title"] == "Rain closes the road"
    assert row["text"].startswith("Rain closes the road\nIt rained")
    assert row["text"].endswith(RAIN)
    assert row["flags"] == ["glued_sentences"]
    edits = edits_of(row)
    assert apply_edits(decoded, edits) == row["text"]
    assert undo_edits(row["text"], edits) == decoded
    assert {edit.rule for edit in edits} == {
        "trim.edges",
        "glue.sentence",
        "glue.comma",
        "comments.invite",
    }


def test_a_markdown_file_has_no_site_around_it():
    links = "See [the map](https://example.org/map) and [below](#roads)."
    text = f"Rain\n{RAIN} {links}\n{GLUED}\nLeave a Comment"
    authored, page = cleaned(text, text.replace("](", "] ("))
    assert (authored["text"], authored["edits"]) == (text, [])
    assert "Leave a Comment" not in page["text"]


def test_edits_speak_of_the_decoded_text_even_where_it_was_repaired_too():
    decoded = (
        f"Rain\nThe cafÃ© by the mill &amp; the road stayed open. {RAIN}\n{RAIN}\nLeave a Comment"
    )
    (row,) = cleaned(decoded)
    assert "café by the mill & the road" in row["text"]
    assert apply_edits(decoded, edits_of(row)) == row["text"]
    assert undo_edits(row["text"], edits_of(row)) == decoded
    assert all(decoded[edit.start : edit.end] == edit.removed for edit in edits_of(row))


def test_rows_that_cannot_be_read_stay_without_a_text():
    rows = cleaned(
        None,
        b"\x00\x01\x02\xff\xfe\x00PNG" * 50,
        f"Rain\n{RAIN}",
        input_error=["bad_json", None, None],
    )
    assert [row["text"] is None for row in rows] == [True, True, False]
    assert rows[0]["edits"] == rows[1]["edits"] == []
    assert "missing_title" not in rows[0]["flags"] + rows[1]["flags"]
    assert rows[1]["flags"]


def test_text_of_an_unreadable_record_is_not_used():
    (row,) = cleaned(f"Rain\n{RAIN}", input_error=["not_a_string"])
    assert row["text"] is None


def test_the_records_title_is_kept_and_its_encoding_repaired():
    rows = cleaned(RAIN, RAIN, RAIN, title=[" Rain closes the road ", "CafÃ© closed by rain", "  "])
    assert [row["title"] for row in rows] == ["Rain closes the road", "Café closed by rain", None]
    assert [row["flags"] for row in rows] == [[], ["title_repaired"], ["missing_title"]]


def test_an_empty_document_has_an_empty_text():
    rows = cleaned("", " \n ")
    assert [row["text"] for row in rows] == ["", ""]


def test_an_empty_batch_is_an_empty_batch():
    assert clean(frame(), DEFAULT).schema == schema.CLEANED


def test_a_switch_turns_boilerplate_off():
    text = f"Rain\n{RAIN}\nLeave a Comment"
    (row,) = cleaned(text, rules=CleanSettings(rules=False, structure=False, model=False))
    assert row["text"] == text
    assert row["edits"] == []


def test_a_switch_turns_repair_off():
    text = f"Rain\nThe cafÃ© stayed open. {RAIN}"
    (row,) = cleaned(text, rules=CleanSettings(repair=False))
    assert row["text"] == text


def test_the_cap_is_a_setting():
    text = "\n".join(["Rain", RAIN, "Related:", *["A headline of another story"] * 9])
    (capped,) = cleaned(text)
    assert capped["flags"] == ["boilerplate_over_cap"]
    (cut,) = cleaned(text, rules=CleanSettings(max_cut_share=0.9))
    assert cut["text"] == f"Rain\n{RAIN}"


def test_a_row_is_cleaned_alike_in_any_company():
    texts = [f"Rain\n{RAIN}\nLeave a Comment", GLUED, "\n\n", f"{RAIN}\n\n", "Read more", RAIN]
    together = cleaned(*texts)
    for text, row in zip(texts, together, strict=True):
        (alone,) = cleaned(text)
        assert {**alone, "doc_id": ""} == {**row, "doc_id": ""}


FURNITURE = [text for rule in load_rules() for text in rule.cuts]
PIECES = st.one_of(
    st.sampled_from([*FURNITURE, "", " ", RAIN, GLUED, "A heading", "Q: Why?", "A: So.", "- Rain"]),
    st.text(max_size=12),
    st.sampled_from(["cafÃ©", "&amp;amp;", "it\u200bs", "\u00ad", "a\r", "Wait…"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=12).map("\n".join), max_size=6))
def test_cleaning_twice_is_cleaning_once(texts):
    once = cleaned(*(text.encode("utf-8", "replace") for text in texts))
    known = [row["text"] for row in once if row["text"] is not None]
    again = cleaned(*known)
    assert [row["text"] for row in again] == known


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=12).map("\n".join), max_size=6))
def test_edits_rebuild_the_decoded_text(texts):
    rows = cleaned(*(text.encode("utf-8", "replace") for text in texts))
    assert len(rows) == len(texts)
    for row in rows:
        if row["text"] is not None:
            decoded = undo_edits(row["text"], edits_of(row))
            assert hashlib.sha256(decoded.encode()).hexdigest() == row["decoded_sha256"]
            assert apply_edits(decoded, edits_of(row)) == row["text"]


@pytest.mark.parametrize("name", ["text", "edits", "flags", "title", "encoding"])
def test_no_row_and_no_column_is_lost(name):
    out = clean(frame(RAIN, None, "\xff", RAIN), DEFAULT)
    assert out.height == 4
    assert name in out.columns
    assert out["doc_id"].to_list() == [f"{number:032x}" for number in range(4)]
