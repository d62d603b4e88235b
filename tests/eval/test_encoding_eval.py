"""Labelled sets of damaged, clean and legacy texts: what was reached once is not given up again.

A floor is the figure that was measured when it was pinned; it may rise, and falls only with a
reason in the commit that lowers it. The kernels are asked first, since they name the row; then the
command, which may also cut what the kernels left, or keep a text out.
"""

import base64
from dataclasses import dataclass

import polars as pl
import pytest

from pipeline.stages.repair import repair
from pipeline.text.decoding import decode_bytes
from pipeline.text.edits import apply_edits, undo_edits


def bare(text):
    """The text but for line ends, blanks at the ends of lines and outer blank space."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


def repaired(column):
    found = repair(column)
    for row, edits in found.edits.items():
        assert apply_edits(column[row], edits) == found.text[row]
        assert undo_edits(found.text[row], edits) == column[row]
    again = repair(found.text)
    assert not again.edits
    return found.text.to_list()


def test_clean_texts_in_hundreds_of_languages_do_not_change(labelled):
    clean = labelled("encoding_clean")
    pairs = zip(clean["id"], clean["text"], repaired(clean["text"]), strict=True)
    changed = [ident for ident, text, result in pairs if bare(text) != bare(result)]
    assert changed == ["sco"]  # holds a C1 control character where a quotation mark stood


def test_mojibake_is_restored(labelled):
    damaged = labelled("encoding_mojibake")
    pairs = zip(damaged["text"], repaired(damaged["mojibake"]), strict=True)
    assert sum(bare(text) == bare(result) for text, result in pairs) >= 692
    assert damaged.height == 693


def test_every_case_that_ftfy_passes_is_passed(labelled):
    cases = labelled("encoding_ftfy").filter(pl.col("expect") == "pass")
    wanted = zip(cases["fixed_encoding"], cases["fixed"], strict=True)
    results = zip(wanted, repaired(cases["original"]), strict=True)
    assert all(bare(result) in {bare(text) for text in texts} for texts, result in results)
    assert cases.height == 151


def test_files_are_decoded_right_or_doubted(labelled):
    files = labelled("encoding_bytes")
    right = wrong_and_sure = doubted = 0
    for raw, text in files.select("b64", "text").iter_rows():
        found = decode_bytes(base64.b64decode(raw))
        good = bare(found.text) == bare(text)
        right += good
        doubted += bool(found.flags)
        wrong_and_sure += not good and not found.flags and found.text is not None
    assert files.height == 186
    assert right >= 184
    assert wrong_and_sure == 0
    assert doubted <= 13


@dataclass(frozen=True)
class Figures:
    """Of a whole set: right, wrong without a flag in the corpus, and of doubtful encoding."""

    right: int
    silently_wrong: int
    doubted: int = 0


# The nine cases of encoding_ftfy that ftfy itself fails are among the wrong ones, and one text of
# encoding_clean holds a control character where a quotation mark stood.
THROUGH_THE_COMMAND = {
    "encoding_bytes": Figures(183, 0, 13),
    "encoding_clean": Figures(978, 1),
    "encoding_ftfy": Figures(152, 0),
    "encoding_mojibake": Figures(692, 0),
}
DOUBTS = {"encoding_uncertain", "encoding_mixed", "invalid_bytes"}


@pytest.mark.parametrize("name", THROUGH_THE_COMMAND)
def test_the_command_reaches_the_same_figures(name, labelled, published):
    right = silent = doubted = 0
    for row, outcome in zip(
        labelled(name).iter_rows(named=True), published(name).outcomes, strict=True
    ):
        truths = {bare(row[key]) for key in ("fixed_encoding", "fixed", "text") if row.get(key)}
        good = bare(outcome.text) in truths
        right += good
        silent += not good and outcome.fate == "curated" and not outcome.flags
        doubted += not DOUBTS.isdisjoint(outcome.flags)
    figures = THROUGH_THE_COMMAND[name]
    assert right >= figures.right
    assert silent <= figures.silently_wrong
    assert doubted <= figures.doubted
