"""The measure stage: every row measured, none filtered, every number reproducible."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipeline import schema
from pipeline.settings import MeasureSettings
from pipeline.stages.measure import measure

SETTINGS = MeasureSettings()
STORY = (
    "Ferry to the islands waits for spring\n"
    "The new ferry to the outer islands will not sail before April, the harbour master said on "
    "Tuesday. A crack in the hull was found during the last trial, and the yard has asked for "
    "eight more weeks.\n"
    "Islanders have waited for the ship since the old one was sold two years ago. “We have heard "
    "many dates,” the owner of the only shop said. “I will believe it when I see smoke.”\n"
    "Until then the mail boat carries up to twelve people a day, and has to turn others away.\n"
)


def cleaned(*texts: str | None, edits: list[list[dict[str, object]]] | None = None) -> pl.DataFrame:
    n = len(texts)
    columns = {name: pl.Series(name, [None] * n, kind) for name, kind in schema.CLEANED.items()}
    columns["doc_id"] = pl.Series("doc_id", [f"{number:032x}" for number in range(n)])
    columns["text"] = pl.Series("text", texts, pl.String)
    columns["edits"] = pl.Series("edits", edits or [[]] * n, schema.CLEANED["edits"])
    columns["flags"] = pl.Series("flags", [[]] * n, schema.CLEANED["flags"])
    return pl.DataFrame(columns, schema=schema.CLEANED)


def signals(*texts: str | None) -> list[dict[str, float]]:
    return measure(cleaned(*texts), SETTINGS)["signals"].to_list()


def edit(start: int, end: int, action: str, replacement: str = "") -> dict[str, object]:
    removed = "x" * (end - start)
    return {
        "start": start,
        "end": end,
        "action": action,
        "rule": "r",
        "removed": removed,
        "replacement": replacement,
    }


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("one", "one", "one"),
        ("one\ntwo\nthree", "one", "three"),
        ("one\n\nthree", "one", "three"),
        ("one\n", "one", None),
        ("a" * 200, "a" * 200, "a" * 200),
        ("a" * 201, None, None),
        ("x\n" + "a" * 200, "x", "a" * 200),
        ("x\n" + "a" * 201, "x", None),
        ("é" * 200 + "\nend", "é" * 200, "end"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_the_outermost_lines_are_measured_where_they_are_short(text, first, last):
    measured = measure(cleaned(text), SETTINGS)
    assert measured["first_line"].to_list() == [first]
    assert measured["last_line"].to_list() == [last]


def test_rows_keep_their_order_and_all_they_had():
    frame = cleaned(STORY, None, "", "Zwölf Wörter reichen nicht.")
    measured = measure(frame, SETTINGS)
    assert measured.schema == schema.MEASURED
    assert measured.select(schema.CLEANED.names()).equals(frame)


def test_counts_language_and_digest_are_those_of_the_text():
    row = measure(cleaned(STORY), SETTINGS).row(0, named=True)
    assert (row["language"], row["n_chars"], row["n_words"]) == ("en", len(STORY), 98)
    assert row["text_sha256"] == hashlib.sha256(STORY.encode()).hexdigest()


def test_a_document_without_text_is_measured_like_an_empty_one():
    none, empty = measure(cleaned(None, ""), SETTINGS).drop("doc_id").to_dicts()
    assert (none["text_sha256"], none["language_confidence"]) == (None, None)
    assert (empty["text_sha256"], empty["language_confidence"]) == (hashlib.sha256().hexdigest(), 0)
    assert (none["language"], none["n_chars"], none["n_words"]) == ("und", 0, 0)
    assert none["signals"] == empty["signals"]


def test_a_share_of_nothing_is_null_and_passes_no_filter():
    (row,) = signals("")
    assert {name for name, value in row.items() if value is None} == {
        name
        for name in row
        if "_share" in name or "mean_" in name or "ratio" in name or "per_" in name
    }
    assert not any(row[name] for name in ("c4_pass", "gopher_pass", "fineweb_pass"))


def test_a_frame_without_rows_is_measured():
    assert measure(cleaned(), SETTINGS).schema == schema.MEASURED


def test_a_slice_is_measured_like_the_whole():
    frame = cleaned(STORY, None, "Ein Satz, der für sich steht.", STORY * 2, "中文。")
    whole = measure(frame, SETTINGS)
    assert pl.concat([measure(frame[:2], SETTINGS), measure(frame[2:], SETTINGS)]).equals(whole)
    assert measure(pl.concat([frame[:3], frame[3:]], rechunk=False), SETTINGS).equals(whole)


def test_an_ordinary_story_passes_all_three_published_filters():
    (story,) = signals(STORY)
    assert (story["c4_pass"], story["gopher_pass"], story["fineweb_pass"]) == (True, True, True)


def test_the_stop_word_rule_is_asked_of_english_only():
    german = (
        "Die neue Fähre zu den Inseln fährt erst im April, sagte der Hafenmeister am Dienstag. "
        "Bei der letzten Probefahrt wurde ein Riss im Rumpf entdeckt. Die Werft bittet um acht "
        "weitere Wochen. Bis dahin bringt das Postboot täglich höchstens zwölf Menschen hinüber, "
        "alle anderen müssen warten oder auf dem Festland übernachten, wie schon im vergangenen "
        "Jahr."
    )
    list_of_words = "Harbour news island weather report yesterday morning evening today " * 3
    (de, en) = signals(german, "This is what people read: " + list_of_words)
    assert de["stop_words"] == 0
    assert de["gopher_pass"]
    assert not en["gopher_pass"]


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        (STORY.replace(".", "").replace("”", ""), {"c4_pass", "fineweb_pass"}),
        (STORY + "{", {"c4_pass"}),
        (STORY * 3, {"gopher_pass", "fineweb_pass"}),
        ("\n".join(STORY.split(" ")), {"c4_pass", "fineweb_pass"}),
        ("The end of it.", {"c4_pass", "gopher_pass", "fineweb_pass"}),
    ],
)
def test_each_published_filter_refuses_what_its_paper_says(text, failed):
    (row,) = signals(text)
    assert {name for name in ("c4_pass", "gopher_pass", "fineweb_pass") if not row[name]} == failed


def test_shares_are_exact_ratios():
    (row,) = signals("One two three.\nFOUR five\n#hash one two... \n")
    assert row["n_lines"] == 3
    assert row["newline_word_ratio"] == row["upper_word_share"] * 3 == 0.375
    assert row["symbol_word_ratio"] == 0.125
    assert row["mean_word_chars"] == 3.625


def test_edits_are_summed_by_what_they_did():
    edits = [
        edit(0, 20, "drop_line"),
        edit(30, 33, "repair", "é"),
        edit(40, 50, "drop_sentence"),
        edit(60, 61, "trim"),
        edit(61, 61, "repair", " "),
    ]
    frame = measure(cleaned("t" * 68, None, edits=[edits, []]), SETTINGS)
    row, none = frame["signals"].to_list()
    assert (row["n_cuts"], row["n_repairs"]) == (2, 2)
    assert row["cut_char_share"] == pytest.approx(30 / 100)
    assert (none["n_cuts"], none["n_repairs"], none["cut_char_share"]) == (0, 0, None)


def test_missing_edits_count_as_none():
    frame = cleaned(STORY).with_columns(edits=pl.lit(None, schema.CLEANED["edits"]))
    assert measure(frame, SETTINGS)["signals"].to_list() == signals(STORY)


def test_the_settings_bound_what_the_language_model_sees():
    text = "Der Hafenmeister sprach am Dienstag mit den Leuten von den Inseln. " * 2 + STORY
    languages = [
        measure(cleaned(text), MeasureSettings(language_chars=chars))["language"][0]
        for chars in (120, 1000)
    ]
    assert languages == ["de", "en"]


DIGEST = """
import sys
sys.path[:0] = [{tests!r}, {root!r}]
import hashlib
from test_measure import STORY, SETTINGS, cleaned, measure
texts = [(STORY * (1 + n % 3))[n:] for n in range(300)]
frame = measure(cleaned(*texts), SETTINGS).drop("raw")
print(hashlib.sha256(frame.write_json().encode()).hexdigest())
"""


def test_the_number_of_threads_changes_nothing():
    here = Path(__file__).resolve()
    script = DIGEST.format(tests=str(here.parent), root=str(here.parents[2]))
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "16")
    }
    assert len(digests) == 1
