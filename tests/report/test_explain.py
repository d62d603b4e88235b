"""The story of one document, read from made-up snapshots."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import DocumentNotFoundError
from pipeline.report.explain import PASSAGES_PER_RULE, RELATIVES, explain
from pipeline.report.lookup import LISTED
from pipeline.report.passages import Mark
from pipeline.stages.digests import Fate

BODY = " ".join(
    f"On day {day} the ferry carried {day * 17} people to the island." for day in range(60)
)


@pytest.fixture
def snap(fake, tmp_path):
    """Writes the fake snapshot and explains a document of it."""

    def tell(asked):
        folder = tmp_path / "snap"
        if not folder.exists():
            fake.write(folder)
        return explain(folder, asked)

    return tell


def refuse(fake, source_id, **columns):
    """Adds a quarantined document without a text."""
    row = {
        "doc_id": f"{source_id:0>32}"[:32],
        "source_id": source_id,
        "stage": "decode",
        "reasons": ["binary"],
        "detail": "binary: no encoding fits",
        "first_seen": datetime(2026, 3, 1, tzinfo=UTC),
        "flags": ["binary"],
        "raw_sha256": "ab" * 32,
    }
    fake.rows["quarantine"].append(row | columns)
    return row["doc_id"]


def joined(passage, *marks):
    return "".join(span.text for span in passage if span.mark in marks)


def test_a_curated_document_tells_its_edits_in_context_with_reasons(fake, snap):
    edits = [
        (8, "glue.comma", "repair", "", " "),
        (len(BODY), "related.header", "drop_block", "\nRead more", ""),
    ]
    doc_id = fake.document("site/a.txt", BODY, edits=edits)
    story = snap(doc_id)
    assert story.fate is Fate.CURATED
    assert story.decoded_chars == len(BODY) - 1 + len("\nRead more")
    assert story.rebuilt is True
    assert story.rules == {"glue.comma": 1, "related.header": 1}
    assert "links to other articles" in story.meanings["related.header"]
    first, last = story.changes
    assert [first.first, last.first] == [1, 2]
    assert joined(first.passage, Mark.SAME, Mark.ADDED).startswith(BODY[:40])
    assert joined(last.passage, Mark.REMOVED) == "\nRead more"
    assert joined(last.passage, Mark.SAME).endswith("people to the island.")
    assert story.edits_left_out == 0


def test_a_text_that_its_edits_do_not_rebuild_is_found_out(fake, snap):
    doc_id = fake.document("site/a.txt", BODY, decoded_sha256="00" * 32)
    assert snap(doc_id).rebuilt is False


@pytest.mark.parametrize("asked", ["site/deep/a.txt", "a.txt", "deep/a.txt"])
def test_a_document_is_found_by_its_source_id_or_the_end_of_it(fake, snap, asked):
    doc_id = fake.document("site/deep/a.txt", BODY)
    fake.document("site/b.md", BODY)
    assert snap(asked).document.doc_id == doc_id


def test_a_document_is_found_by_four_characters_of_its_id_but_not_by_three(fake, snap):
    doc_id = fake.document("site/a.txt", BODY)
    assert snap(doc_id[:4]).document.doc_id == doc_id
    with pytest.raises(DocumentNotFoundError):
        snap(doc_id[:3])


def test_an_exact_source_id_is_meant_before_the_end_of_another(fake, snap):
    short = fake.document("7", BODY)
    fake.document("feed-7", BODY)
    assert snap("7").document.doc_id == short


def test_a_question_that_many_documents_answer_lists_five_of_them(fake, snap):
    for number in range(LISTED + 2):
        fake.document(f"site/{number}/a.txt", BODY)
    with pytest.raises(DocumentNotFoundError, match="may mean 7 documents") as raised:
        snap("a.txt")
    message = str(raised.value)
    assert sum(f"site/{number}/a.txt" in message for number in range(7)) == LISTED
    assert "and 2 more" in message
    assert "Give more of it" in message


def test_an_unknown_document_is_named_with_the_nearest_that_there_are(fake, snap):
    fake.document("site/gannet-bridge.txt", BODY)
    fake.document("site/school-kitchen.txt", BODY)
    with pytest.raises(DocumentNotFoundError) as raised:
        snap("site/gannet-brigde.txt")
    message = str(raised.value)
    assert "No document of snapshot snap is “site/gannet-brigde.txt”" in message
    assert "Expected a doc_id" in message
    assert "Did you mean site/gannet-bridge.txt (" in message


def test_a_mistyped_doc_id_is_recognised(fake, snap):
    doc_id = fake.document("site/gannet-bridge.txt", BODY)
    wrong = doc_id[:10] + ("0" if doc_id[10] != "0" else "1") + doc_id[11:]
    with pytest.raises(DocumentNotFoundError, match=doc_id):
        snap(wrong)


@pytest.mark.parametrize("asked", ["", "x", "\x1b[2J" * 9000, "(.*", "%", "'; drop"])
def test_whatever_was_asked_is_printed_bounded_and_harmless(fake, snap, asked):
    fake.document("site/a.txt", BODY)
    with pytest.raises(DocumentNotFoundError) as raised:
        snap(asked)
    assert "\x1b" not in str(raised.value)
    assert len(str(raised.value)) < 1_000


def test_a_duplicate_stands_beside_its_canonical_with_what_differs(fake, snap):
    kept = fake.document("site/a.txt", BODY)
    copy = BODY.replace("day 30", "Sunday")
    fake.duplicate(kept, "mirror/a.txt", copy, "near_copy", 0.75)
    story = snap("mirror/a.txt")
    assert story.fate is Fate.DUPLICATE
    assert story.kept.source_id == "site/a.txt"
    assert (story.kept.jaccard, story.kept.shared_shingles) == (0.75, 150)
    assert story.kept.containment == pytest.approx(0.95)
    assert story.kept.containment_back == pytest.approx(0.75)
    (passage,) = story.differences.passages
    assert joined(passage, Mark.REMOVED) == "day 30 "
    assert joined(passage, Mark.ADDED) == "Sunday "
    assert story.members == ()


def test_a_canonical_lists_its_duplicates_the_most_alike_first(fake, snap):
    kept = fake.document("site/a.txt", BODY)
    for number in range(RELATIVES + 5):
        fake.duplicate(kept, f"mirror/{number}.txt", BODY, "near_copy", 0.6 + number / 100)
    story = snap("site/a.txt")
    assert story.cluster_size == RELATIVES + 6
    assert len(story.members) == RELATIVES
    assert story.members[0].source_id == f"mirror/{RELATIVES + 4}.txt"
    assert story.kept is None


def test_a_review_pair_is_seen_from_both_its_sides(fake, snap):
    left, right = fake.document("site/a.txt", BODY), fake.document("site/b.txt", BODY)
    fake.pair(left, right, 0.5, "review")
    (seen,), (back,) = snap(left).reviews, snap(right).reviews
    assert (seen.doc_id, back.doc_id) == (right, left)
    assert (seen.containment, seen.containment_back) == (back.containment_back, back.containment)


def test_a_document_without_a_text_tells_why(fake, snap):
    fake.document("site/a.txt", BODY)
    refuse(fake, "picture.txt")
    story = snap("picture.txt")
    assert story.fate is Fate.QUARANTINED
    assert (story.decoded_chars, story.rebuilt, story.changes) == (None, None, ())
    assert story.document.detail == "binary: no encoding fits"
    assert "not of a text" in story.meanings["binary"]


def test_a_snapshot_of_refused_documents_alone_can_be_asked(fake, snap):
    assert snap(refuse(fake, "picture.txt")).cluster_size == 0


def test_many_edits_of_one_rule_do_not_hide_the_one_of_another(fake, snap):
    lines = [f"Line {number} of a long list of ferries. " + "x" * 120 for number in range(90)]
    ends = [sum(len(line) + 1 for line in lines[:number]) for number in range(1, 90)]
    text = "\n".join(lines)
    edits = [(end - 1, "line_ends", "repair", "\r\n", "\n") for end in ends]
    edits.append((len(text), "trim.edges", "trim", "\n", ""))
    story = snap(fake.document("site/a.txt", text, edits=edits))
    assert story.rules == {"line_ends": 89, "trim.edges": 1}
    assert len(story.changes) == PASSAGES_PER_RULE + 1
    assert story.changes[-1].first == 90
    assert story.edits_left_out == 89 - PASSAGES_PER_RULE


def test_a_rule_that_is_no_more_is_told_without_a_reason(fake, snap):
    doc_id = fake.document("site/a.txt", BODY, edits=[(4, "old.rule", "repair", "", BODY[4])])
    assert snap(doc_id).meanings == {}
