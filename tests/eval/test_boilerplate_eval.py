"""Quality floors of boilerplate cutting; a floor goes down only on purpose.

The labelled pages lie beside the repository. The small set at the end was written after the
rules, is carried by every clone, and no rule is tuned to it.
"""

import re
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from pipeline.text.boilerplate import Means
from pipeline.text.edits import apply_edits, undo_edits
from pipeline.text.tidy import tidy

JUNK, NEUTRAL = frozenset("BKR"), frozenset("TMAN")
RULES, ALL = Means(), Means(model=True)
# Set, ids, means, floors of: precision, recall, content characters kept. The ids `l3s` are never
# trained on; the others are what the line model learned from, so its folds tell more of it.
FLOORS = [
    ("boilerplate_window", "l3s", RULES, 0.973, 0.26, 0.9985),
    ("boilerplate_window", "aeb", RULES, 0.98, 0.577, 0.9989),
    ("boilerplate_extractor", "", RULES, 0.957, 0.165, 0.9997),
    ("boilerplate_window", "l3s", ALL, 0.962, 0.818, 0.9936),
    ("boilerplate_window", "aeb", ALL, 0.957, 0.848, 0.9973),
    ("boilerplate_extractor", "", ALL, 0.905, 0.614, 0.9981),
]


class Score(NamedTuple):
    """What cutting did to labelled pages."""

    precision: float
    recall: float
    kept: float
    titles_cut: int


def kept_lines(lines, means=RULES):
    """For every line whether at least half of it is left."""
    text = "\n".join(lines)
    edits = tidy(text, title=None, glued=True, means=means, max_cut_share=0.6).edits
    assert undo_edits(apply_edits(text, edits), edits) == text
    cuts = [(edit.start, edit.end) for edit in edits if not edit.replacement]
    at = 0
    for line in lines:
        end = at + len(line)
        gone = sum(max(0, min(stop, end) - max(start, at)) for start, stop in cuts)
        yield gone * 2 < max(1, len(line)) if line else True
        at = end + 1


@pytest.mark.parametrize(("name", "ids", "means", "precision", "recall", "kept"), FLOORS)
def test_cuts_on_labelled_pages_stay_above_their_floors(  # noqa: PLR0913, PLR0917  a row of the table
    labelled, name, ids, means, precision, recall, kept
):
    pages = labelled(name).filter(pl.col("id").str.starts_with(ids)).select("lines", "labels")
    found = score(pages.rows(), means)
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.kept >= kept


@pytest.mark.parametrize(
    ("means", "precision", "recall", "kept", "titles"),
    [(RULES, 0.985, 0.219, 0.998, 2), (ALL, 0.934, 0.839, 0.979, 128)],
    ids=["rules", "defaults"],
)
def test_cuts_on_pages_of_other_kinds_that_the_model_never_saw(
    means, precision, recall, kept, titles
):
    pages = list(unseen_pages())
    assert len(pages) == 653
    found = score(pages, means)
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.kept >= kept
    assert found.titles_cut <= titles


def unseen_pages():
    """Lines and labels of every page; a byline counts as furniture, as in the labelled sets."""
    for file in sorted((Path(__file__).parent / "unseen").glob("*.txt")):
        for page in re.split(r"(?m)^=== ", file.read_text("utf-8"))[1:]:
            lines = page.rstrip("\n").split("\n")[1:]
            yield [line[2:] for line in lines], [line[0].replace("Y", "B") for line in lines]


def score(pages, means):
    """Precision and recall of junk lines, share of content characters kept, titles cut."""
    hits = cuts = junk = content = content_kept = titles_cut = 0
    for lines, labels in pages:
        for line, label, stays in zip(lines, labels, kept_lines(lines, means), strict=True):
            titles_cut += label == "T" and not stays
            if label in NEUTRAL:
                continue
            is_junk = label in JUNK
            junk += is_junk
            cuts += not stays
            hits += is_junk and not stays
            content += 0 if is_junk else len(line)
            content_kept += len(line) if stays and not is_junk else 0
    return Score(hits / cuts, hits / junk, content_kept / content, titles_cut)


PROSE = "The council met for six hours on Tuesday and put off the vote on the bridge until spring."
UNSEEN = [
    ("en", ["Be the first to comment", "More in Local News", "© 2024 Example Valley News"], []),
    ("en", ["Sign up to our free weekly newsletter", "Related articles"], ["The bridge is old."]),
    ("de", ["Kommentare (4)", "Mehr zum Thema", "Artikel drucken"], ["Mehr Geld gibt es nicht."]),
    ("fr", ["Laissez un commentaire", "À lire aussi"], ["Lire, dit-elle, c'est vivre."]),
    ("es", ["Noticias relacionadas", "Síguenos en Instagram"], ["Más tarde llegó el alcalde."]),
    ("tr", ["İlgili Konular", "Yorum ekle"], ["Yorum yok, dedi başkan."]),
    ("ru", ["Читать далее", "Подписаться на рассылку"], ["Читать он не умел."]),
    ("uk", ["Читати далі", "Поділитися"], ["Поділитися було нічим."]),
    ("pl", ["Zobacz także", "Dodaj komentarz"], ["Zobacz, powiedziała, pada."]),
]


def test_lines_written_after_the_rules_are_told_apart():
    found = wrong = total = 0
    for _, junk, content in UNSEEN:
        for line in junk:
            (*_, stays) = kept_lines(["The vote", *[PROSE] * 6, line])
            found += not stays
            total += 1
        for line in content:
            (*_, stays) = kept_lines(["The vote", *[PROSE] * 6, line])
            wrong += not stays
    assert found >= 0.8 * total
    assert wrong == 0
