"""Why the line model cut a line, in words."""

import pytest

from pipeline.report.reasons import COUNTS, NAMED, SHARES, WEIGHTS, cut_reasons, in_words
from pipeline.text.boilerplate import Means, find_cuts
from pipeline.text.edits import Action, Edit
from pipeline.text.line_context import NAMES
from pipeline.text.line_model import Reason

PROSE = [
    "It rained on the valley all night, and by morning the road to the mill was closed to all.",
    "The miller, who has kept the sluice for thirty years, said he had never seen the like of it.",
    "Two families were taken to the school in boats, and nobody was hurt, a spokeswoman said.",
    "The council will meet on Thursday to decide whether the old bridge can be saved at all.",
]
FURNITURE = ["Print this page", "Bookmark", "Site index", "Contact us", "Classifieds", "Weather"]
PAGE = "\n".join(["Rain closes the road", *PROSE, *FURNITURE])


def test_every_cut_of_the_model_says_what_decided():
    edits = find_cuts(PAGE, means=Means(rules=False, structure=False, model=True)).edits
    told = cut_reasons(PAGE, edits)
    assert edits
    assert set(told) == {edit.start for edit in edits}
    assert all(0 < len(sentence) < 300 for sentence in told.values())


def test_cuts_of_rules_have_reasons_of_their_own():
    assert cut_reasons(PAGE, find_cuts(PAGE, means=Means(model=False)).edits) == {}


def test_a_text_the_model_is_not_asked_about_has_no_reasons():
    edit = Edit(0, 4, Action.DROP_LINE, "model.words", "Rain", "")
    assert cut_reasons("Rain\n" + PROSE[0], [edit]) == {}


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("site_share", 0.5, "50% of its words are a site's"),
        ("words_in_body", 0.0, "none of its longer words stand in the article's prose"),
        ("lines_from_body", 3.0, "it stands 3 lines below the last line of prose"),
        ("end", 1.0, "it ends in a full stop"),
        ("end_1_below", -1.0, "the line below ends in nothing"),
        ("rule", 0.0, "no rule matches it"),
        ("words_in_body", -1.0, "nothing to measure: words in body"),
        ("vocabulary", -0.5, "its words have odds of 1 to 1.6 for furniture on average"),
        ("vocabulary_sum", 9.0, "its words have odds of 8,103 to 1 for furniture together"),
    ],
)
def test_features_are_told_in_words(feature, value, words):
    assert in_words(Reason(feature, value, 1.0)) == words


def test_only_features_that_exist_have_words():
    assert SHARES.keys() | COUNTS.keys() | NAMED.keys() | WEIGHTS.keys() <= set(NAMES)
