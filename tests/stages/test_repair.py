from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.repair import repair
from pipeline.text.edits import apply_edits, undo_edits

PIECES = [
    "cafÃ©",
    "â€œno",
    "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    "├╝ber",
    "&amp;",
    "&amp;amp;lt;",
    "&Atilde;&copy;",
    "&shy;",
    "&#13;",
    "\x00",
    "\r\n",
    "\r",
    "\u2028",
    "\x0c",
    "\xad",
    "\u200b",
    "\ufeff",
    "\x85",
    "\x92",
    "\x1b[1m",
    "<b>",
    "{",
    "`",
    "Ã",
    "\xa0",
    "“so”",
    "ﬁne",
    "Ａ",
    "e\u0301",
    "…",
    "plain",
    " ",
    "\n",
    "é",
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def repaired(text):
    return repair(pl.Series([text])).text.item()


@settings(deadline=None, max_examples=200)
@given(texts)
def test_repairing_twice_is_repairing_once(text):
    once = repaired(text)
    again = repair(pl.Series([once]))
    assert again.text.item() == once
    assert not again.edits


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=5))
def test_edits_rebuild_every_original_and_are_in_order(column):
    series = pl.Series(column, dtype=pl.String)
    found = repair(series)
    for row, text in enumerate(column):
        edits = found.edits.get(row, [])
        assert apply_edits(text, edits) == found.text[row]
        assert undo_edits(found.text[row], edits) == text
        assert all(edit.removed == text[edit.start : edit.end] for edit in edits)
        assert all(a.end <= b.start for a, b in pairwise(edits))


@settings(deadline=None, max_examples=40)
@given(st.lists(texts, min_size=2, max_size=5))
def test_a_text_is_repaired_the_same_whatever_stands_in_other_rows(column):
    together = repair(pl.Series(column, dtype=pl.String)).text.to_list()
    assert together == [repaired(text) for text in column]


@pytest.mark.parametrize(
    "text",
    [
        "“Curly”, ‘single’ and an ellipsis…",
        "ﬁne ligatures, ＦＵＬＬ　ＷＩＤＴＨ, e\u0301 and é",
        "100\xa0km, l’été, 5 € – 6 €",
        "an empty file",
        "",
    ],
)
def test_style_is_left_alone(text):
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("text", "expected", "rules"),
    [
        ("Le cafÃ© est fermÃ©", "Le café est fermé", ["ftfy.encoding"] * 2),
        ("Die Br├╝cke f├╝r alle", "Die Brücke für alle", ["mojibake.cp437"] * 2),
        ("РќРѕРІС‹Р№ РјРѕСЃС‚", "Новый мост", None),
        ("Tom &amp;amp; Jerry", "Tom & Jerry", ["html.entity"]),
        ("one\r\ntwo", "one\ntwo", ["line_ends"]),
        ("Not\xadfall", "Notfall", ["chars.soft_hyphen"]),
        ("a\x00b", "ab", ["chars.control"]),
        ("\ufeffText", "Text", ["chars.zero_width"]),
    ],
)
def test_each_kind_of_damage_is_repaired_by_a_rule_of_its_own(text, expected, rules):
    found = repair(pl.Series([text]))
    assert found.text.item() == expected
    if rules is not None:
        assert [edit.rule for edit in found.edits[0]] == rules


def test_the_second_reading_names_the_charset_it_undid():
    text = "Dostęp i łączność".encode().decode("cp850")
    found = repair(pl.Series([text]))
    assert found.text.item() == "Dostęp i łączność"
    assert {edit.rule for edit in found.edits[0]} == {"mojibake.cp850"}


def test_damage_that_another_repair_lays_bare_is_repaired_too():
    assert repaired("caf&Atilde;&copy; und Stra\xc3\x9fe") == "café und Straße"


def test_entities_in_a_text_with_markup_stay():
    text = "<p>Tom &amp; Jerry</p>\nTom &amp; Jerry"
    assert repaired(text) == text


def test_null_and_empty_rows_pass_through():
    found = repair(pl.Series([None, "", "a\x00"], dtype=pl.String))
    assert found.text.to_list() == [None, "", "a"]
    assert repair(pl.Series([], dtype=pl.String)).text.len() == 0


def test_a_column_without_damage_is_returned_as_it_is():
    column = pl.Series(["plain", "Ærlig talt – “godt”"])
    assert repair(column).text.equals(column)
    assert not repair(column).edits


def test_a_text_that_always_finds_more_to_undo_is_left_as_it_was():
    text = "&" + "#38;" * 40 + "amp;"
    assert repaired(repaired(text)) == repaired(text)
