"""What `winnow explain` prints, read as a person without colours would."""

import io
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from pipeline.report.explain import explain
from pipeline.report.passages import Mark, Span
from pipeline.report.story import render_story
from pipeline.report.terminal import marked

BODY = " ".join(
    f"On day {day} the ferry carried {day * 17} people to the island." for day in range(60)
)
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printed(renderable, *, colour=False):
    file = io.StringIO()
    system = "truecolor" if colour else None
    Console(file=file, width=80, force_terminal=colour, color_system=system).print(renderable)
    return file.getvalue()


@pytest.fixture
def told(fake, tmp_path):
    """Writes the fake snapshot and prints the story of a document of it."""

    def tell(asked, *, colour=False):
        folder = tmp_path / "snap"
        if not folder.exists():
            fake.write(folder)
        return printed(render_story(explain(folder, asked)), colour=colour)

    return tell


def unfolded(text):
    return " ".join(text.split())


def test_no_line_is_wider_than_80_columns_and_no_control_character_is_printed(snapshot):
    files = [*snapshot.glob("d*/*.parquet"), snapshot / "quarantine.parquet"]
    ids = [one for file in files for one in pl.read_parquet(file)["doc_id"][:12]]
    for doc_id in ids:
        story = printed(render_story(explain(snapshot, doc_id)))
        assert doc_id in story
        assert max(cell_len(line) for line in story.splitlines()) <= 80
        assert not CONTROLS.search(story)


def test_changes_read_without_colour(fake, told):
    edits = [
        (7, "glue.comma", "repair", "dáy", "day"),
        (len(BODY), "related.header", "drop_block", "\nRead more", ""),
    ]
    text = "On the day" + BODY[2:]
    story = unfolded(told(fake.document("site/a.txt", text, edits=edits)))
    assert "On the [-dáy-]{+day+}" in story
    assert "[- ↵ Read more-]" in story
    assert "What was changed: 2 edits by 2 rules" in story
    assert "related.header (drop_block): The heading over links to other articles" in story


def test_colour_strikes_what_was_removed_and_greens_what_was_put_in(fake, told):
    edits = [(0, "ftfy.encoding", "repair", "Ã–n", "On")]
    story = told(fake.document("site/a.txt", BODY, edits=edits), colour=True)
    assert "\x1b[9;31m[-Ã–n-]\x1b[0m\x1b[32m{+On+}\x1b[0m" in story


def test_a_reason_is_told_once_and_the_number_of_edits_every_time(fake, told):
    edits = [(at, "glue.comma", "repair", "", BODY[at]) for at in (3, 5, 900)]
    story = unfolded(told(fake.document("site/a.txt", BODY, edits=edits)))
    assert "1–2 at characters" in story
    assert "glue.comma (repair, 2 ×): A scraper lost the space" in story
    assert story.count("A scraper lost the space") == 1
    assert "3 at characters" in story


def test_markup_in_texts_titles_and_names_is_printed_as_it_stands(fake, told):
    text = f"A word of [bold red]markup[/] and [/] :smile: {BODY}"
    fake.document("[blink]site[/]", text, title="[red]title[/red]", flags=["[u]flag[/]"])
    story = unfolded(told("[blink]site[/]"))
    for shown in ("[bold red]markup[/] and [/] :smile:", "[blink]site[/]", "[red]title[/red]"):
        assert shown in story
    assert "[u]flag[/]" in story


def test_a_long_text_is_shown_by_its_beginning_and_its_end(fake, told):
    cut = "Weather " * 5_000
    edits = [(len(BODY), "related.header", "drop_to_end", cut, "")]
    story = told(fake.document("site/a.txt", BODY, edits=edits))
    assert len(story) < 6_000
    assert re.search(r"…39,400\s+characters…", story)
    assert f"{len(BODY) - 600:,}" in story


def test_a_duplicate_is_told_with_its_figures_and_differences(fake, told):
    kept = fake.document("site/a.txt", BODY)
    copy = BODY.replace("day 30", "Sunday")
    fake.duplicate(kept, "mirror/a.txt", copy, "near_copy", 0.75)
    story = unfolded(told("mirror/a.txt"))
    assert "duplicate: dropped as near_copy of site/a.txt" in story
    assert "It has nearly the same words as the document that was kept" in story
    assert "Jaccard 0.750, 150 shared shingles" in story
    assert "95.0% of this one is in that one, and 75.0% of that one in this one" in story
    assert "[-day 30 -]{+Sunday +}" in story
    assert "Longest passage of both" in story
    assert "in the kept one words" in story
    assert "curated: published, standing for 1 duplicate" in unfolded(told(kept))


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("exact_raw", "It has the same bytes as"),
        ("exact_text", "It has the same words as"),
        ("near_copy", "It has nearly the same words as"),
        ("truncated_copy", "It is a part of"),
        ("updated_version", "It is an older version of"),
    ],
)
def test_every_relation_is_put_into_words(fake, told, relation, words):
    fake.duplicate(fake.document("site/a.txt", BODY), "b.txt", BODY, relation, 1.0)
    story = unfolded(told("b.txt"))
    assert words in story
    assert "No word of what was compared differs." in story


def test_a_refused_document_says_what_kept_it_out(snapshot):
    story = unfolded(printed(render_story(explain(snapshot, "dump/bad-1.txt"))))
    assert "quarantined: kept out at decode, for undecodable" in story
    assert "decoded not: nothing could be read as a text" in story
    assert "undecodable: No encoding fits its bytes" in story
    assert "found value 1, limit 20 <b>" in story


def test_a_tampered_text_is_not_told_as_sound(fake, told):
    story = unfolded(told(fake.document("site/a.txt", BODY, decoded_sha256="00" * 32)))
    assert "do NOT rebuild the decoded original" in story


def test_an_untouched_text_says_so(fake, told):
    assert "Nothing: the text is as it was decoded." in told(fake.document("site/a.txt", BODY))


def test_a_passage_of_hundreds_of_edits_shows_its_beginning_and_its_end():
    passage = tuple(Span(Mark.REMOVED, f"n{number}") for number in range(400))
    line = marked(passage).plain
    assert line.startswith("[-n0-]")
    assert "… 340 pieces …" in line
    assert line.endswith("[-n399-]")


@given(st.lists(st.tuples(st.sampled_from(Mark), st.text()), max_size=8))
def test_no_text_reaches_the_terminal_as_a_control_sequence(spans):
    passage = tuple(Span(mark, text) for mark, text in spans)
    assert not CONTROLS.search(printed(marked(passage)))
