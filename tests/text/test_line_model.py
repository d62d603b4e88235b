"""The line model: what it is asked about, what it spares, and how it accounts for a cut."""

import hashlib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.boilerplate import Means, find_cuts, read_page
from pipeline.text.edits import apply_edits, undo_edits
from pipeline.text.line_context import NAMES, describe_lines
from pipeline.text.line_model import GROUPS, explain_line, group_of, load_model
from pipeline.text.rules import load_rules
from pipeline.text.tidy import tidy

ALL = Means(rules=True, structure=True, model=True)
ALONE = Means(rules=False, structure=False, model=True)
PROSE = [
    "It rained on the valley all night, and by morning the road to the mill was closed to all.",
    "The miller, who has kept the sluice for thirty years, said he had never seen the like of it.",
    "Two families were taken to the school in boats, and nobody was hurt, a spokeswoman said.",
    "The council will meet on Thursday to decide whether the old bridge can be saved at all.",
]
TITLE = "Rain closes the road to the mill"
SHARE_BAR = ["Print this page", "Mail this story", "Text size", "Bookmark", "Next page »"]
LINKS = ["Latest headlines", "Bakery opens in Tanners Row", "Cup final moved to Sunday", "Weather"]
WEIGHTS = "ca678bd1b284347d43d8f9827e0f5c63161f80bdb342aea7dbbfdc0340ac14b1"
FOOTER = ["Site index", "Contact us", "Advertise with us", "Classifieds", "Jobs", "Obituaries"]


def kept(*lines, title=None):
    text = "\n".join(lines)
    done = tidy(text, title=title, glued=False, means=ALL, max_cut_share=1.0)
    assert undo_edits(done.text, done.edits) == text
    return done.text.split("\n")


def test_furniture_around_an_article_goes_and_the_article_stays():
    left = kept("Home", TITLE, *PROSE, *SHARE_BAR, *LINKS, *FOOTER)
    assert [line for line in left if line in PROSE] == PROSE
    assert TITLE in left
    assert len(set(left) & {*SHARE_BAR, *LINKS, *FOOTER}) <= 3


def test_an_article_without_furniture_stays_whole():
    assert kept(TITLE, *PROSE) == [TITLE, *PROSE]
    assert kept(TITLE, *PROSE[:2], "What happens next", *PROSE[2:]) == [
        TITLE, *PROSE[:2], "What happens next", *PROSE[2:],
    ]  # fmt: skip


POEM = ["The mill", "and the water", "go round", "and round", "Home", "again", "Next", "Weather"]
ASKED = [TITLE, *PROSE, "Q: Will it rain?", "A: It may.", "Q: Until when?", "A: Until Sunday."]
TALK = [
    TITLE,
    *PROSE,
    "Host: Thank you for coming.",
    "Guest: My pleasure.",
    "Host: Good night.",
    "Guest: Good night.",
]
QUOTED = [TITLE, *PROSE, "“Print this page,” the sign read.", "“Contact us”"]
LISTED = [TITLE, *PROSE, "The council named five streets that stay closed until spring:"]
LISTED += ["Mill Lane", "Tanners Row", "Ferry Road", "Church Hill", "Long Acre"]
TABLE = ["Mill 12 3 44", "Road 9 1 20", "Ferry 4 4 12", "Bridge 3 0 9", "School 1 1 1"]
CHINESE = ["大雨", *["昨夜山谷里下了一整夜的雨，到了早晨，通往磨坊的道路已经对所有人关闭了。"] * 5]
CHINESE += ["更多", "分享", "打印"]
SHORT = ["Rain", "It rained on the valley all night.", "Contact us"]
WIRE = [
    "RAIN CLOSES ROAD TO MILL",
    "The road to the mill was closed on Tuesday after it had",
    "rained on the valley all night, and by the morning nobody",
    "could say when it would be open again, a spokesman for the",
    "Council said.",
]


@pytest.mark.parametrize(
    "lines",
    [POEM, ASKED, TALK, QUOTED, LISTED, TABLE, CHINESE, SHORT, WIRE],
    ids=["poem", "asked", "talk", "quoted", "list", "table", "zh", "short", "wire"],
)
def test_other_forms_of_text_stay_whole(lines):
    text = "\n".join(lines)
    assert not find_cuts(text, means=ALONE).edits


def test_the_records_title_stays_wherever_it_stands():
    assert "Latest headlines" in kept(TITLE, *PROSE, *LINKS, *FOOTER, title="Latest headlines")


def test_every_cut_of_the_model_names_what_spoke_for_it():
    text = "\n".join([TITLE, *PROSE, *SHARE_BAR, *LINKS, *FOOTER])
    rules = {edit.rule for edit in find_cuts(text, means=ALL).edits}
    named = {f"model.{group}" for group in GROUPS}
    assert rules & named
    assert rules <= named | {rule.name for rule in load_rules()} | {"structure.below_furniture"}


def test_the_features_that_decided_can_be_asked_for():
    data, rows, hits = read_page("\n".join([TITLE, *PROSE, *SHARE_BAR, *FOOTER]))
    x = describe_lines(data, rows, hits, load_model().words)
    reasons = explain_line(x, len(rows) - 1, load_model())
    assert reasons
    assert {reason.feature for reason in reasons} <= set(NAMES)
    assert [abs(r.weight) for r in reasons] == sorted(
        (abs(r.weight) for r in reasons), reverse=True
    )


def test_every_feature_is_of_one_group():
    assert {group_of(name) for name in NAMES} == set(GROUPS)


def test_the_weights_are_the_calibrated_ones():
    packed = resources.files("pipeline.text").joinpath("line_model.npz").read_bytes()
    assert hashlib.sha256(packed).hexdigest() == WEIGHTS


@pytest.mark.parametrize("lines", [["a"] * 300_000, ["a" * 2_000_000], [*PROSE, "a " * 500_000]])
def test_hostile_texts_are_read_in_linear_time(lines):
    assert not find_cuts("\n".join(lines), means=ALONE).edits


PIECES = st.sampled_from([TITLE, *PROSE, *SHARE_BAR, *LINKS, *FOOTER, "", "- Rain", "Q: Why?"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_tidying_twice_is_tidying_once(lines):
    once = kept(*lines)
    assert kept(*once) == once


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12), st.lists(PIECES, max_size=12))
def test_whatever_is_cut_can_be_put_back(strange, lines):
    text = "\n".join([*strange, *lines])
    edits = find_cuts(text, means=ALL).edits
    assert undo_edits(apply_edits(text, edits), edits) == text
