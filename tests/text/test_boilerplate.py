"""Cutting by rules: zones, protections, the form of the edits, and the fixpoint."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.boilerplate import find_cuts
from pipeline.text.edits import Action, apply_edits, undo_edits
from pipeline.text.rules import load_rules

RAIN = "It rained on the valley all night, and by morning the road to the mill was closed to all."
MILL = "The miller, who has kept the sluice for thirty years, said he had never seen the like."
SHORT = "It rained on the valley all night."


def document(*lines):
    return "\n".join(lines)


def cut(*lines, title=None):
    text = document(*lines)
    findings = find_cuts(text, title=title)
    after = apply_edits(text, findings.edits)
    assert undo_edits(after, findings.edits) == text
    return after.split("\n")


def test_a_cut_takes_its_line_feed_and_leaves_the_blank_lines_around_it():
    lines = ["Rain", "", RAIN, "", "Follow us on Facebook", "", MILL]
    assert cut(*lines) == ["Rain", "", RAIN, "", "", MILL]


def test_a_header_at_the_end_goes_with_its_items_as_one_cut():
    lines = ["Rain", RAIN, MILL, "Read also:", "A bridge opens", "A mill closes"]
    (edit,) = find_cuts(document(*lines)).edits
    assert edit.action is Action.DROP_BLOCK
    assert edit.removed == "Read also:\nA bridge opens\nA mill closes"


def test_a_furniture_line_below_a_header_has_a_cut_of_its_own():
    lines = ["Rain", RAIN, "", "You may also like", "", "Leave a Comment"]
    assert [e.rule for e in find_cuts(document(*lines)).edits] == [
        "related.header",
        "comments.invite",
    ]


def test_labels_below_furniture_at_the_end_are_furniture_and_sentences_are_not():
    lines = ["Rain", RAIN, MILL, "A last word", "Tags: mill, road", "Weather desk", "Mill street"]
    findings = find_cuts(document(*lines, "The mayor was not asked.", "A last word"))
    assert [(edit.rule, edit.removed) for edit in findings.edits] == [
        ("related.tags.inline", "Tags: mill, road\n"),
        ("structure.below_furniture", "Weather desk\nMill street\n"),
    ]


def test_only_the_sentence_goes_where_the_rest_of_the_line_is_the_articles():
    line = "What do you think? Share your thoughts in the comments below. Will the road open?"
    assert cut("Rain", RAIN, line, MILL)[2] == "What do you think? Will the road open?"


def test_the_last_sentence_takes_the_blank_before_it():
    line = "Will the road open? Share your thoughts in the comments below."
    assert cut("Rain", RAIN, line, MILL)[2] == "Will the road open?"


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.name)
def test_quotes_are_never_cut(rule):
    for text in rule.cuts:
        for quoted in (f"“{text}”", f'"{text}" he said.', f"«{text}»", f"„{text}“"):
            lines = ["Rain", RAIN, quoted, MILL, quoted]
            assert cut(*lines) == lines


def test_a_sentence_inside_a_quotation_stays():
    line = "“What now? Share your thoughts in the comments below. And pray,” the sign read."
    assert cut("Rain", RAIN, line, MILL) == ["Rain", RAIN, line, MILL]


@pytest.mark.parametrize(
    "title", ["Advertisement", "Leave a Comment", "Related Stories", "Cookies"]
)
def test_a_title_stays_even_where_it_reads_like_furniture(title):
    assert cut(title, RAIN, MILL) == [title, RAIN, MILL]


def test_the_records_own_title_stays_wherever_it_stands():
    lines = ["Rain", RAIN, MILL, "Leave a Comment"]
    assert cut(*lines, title="Leave a Comment") == lines


def test_a_list_that_the_article_leads_in_stays():
    intro = "The state blocked four services on the day of the vote:"
    lines = ["Blocked", RAIN, MILL, intro, "Facebook", "WhatsApp", "Telegram", "YouTube"]
    assert cut(*lines) == lines


def test_a_bulleted_list_stays():
    lines = ["Blocked", RAIN, MILL, "- Facebook", "- WhatsApp", "• Telegram"]
    assert cut(*lines) == lines


def test_an_article_about_newsletters_stays_whole():
    lines = [
        "The return of the newsletter",
        "A newsletter used to be a sheet of paper that a parish printed for those who could read.",
        "Today every newsletter wants to be a habit, the publisher said over coffee on Tuesday.",
        "Her newsletter opens with one plain line, which she has never changed in eleven years.",
        "Sign up for our newsletter",
        "It is the line that works, she says, and her newsletter now pays for a staff of nine.",
    ]
    assert cut(*lines) == lines


def test_an_article_about_comments_stays_whole():
    lines = [
        "Why the comment section closed",
        "The comment section was the liveliest room of the house, its moderator the last to leave.",
        "In the end the moderator read four hundred posts a day, most of them by the same six men.",
        "Commenters had their own nicknames, their own feuds and, twice, their own weddings, too.",
        "The old page asked for little. Share your thoughts in the comments below. Nobody paid.",
    ]
    assert cut(*lines) == lines


def test_an_article_about_cookies_stays_whole():
    lines = [
        "What the banner hides",
        "The cookie is thirty years old, and the court has now read every one of its clauses.",
        "A cookie may follow a reader for two years, the judge wrote, if nobody tells him so.",
        "Most cookies are set before the first click, a study of nine hundred pages has found.",
        "We use cookies to improve your experience.",
        "The sentence above stands on nine pages of ten, and the court called it a cookie fable.",
    ]
    assert cut(*lines) == lines


POEM = ["The mill", "", "Next", "the water", "more", "and more", "", "close", "the door", "Watch"]
TABLE = ["Results", RAIN, "Name  | Views", "Mill  | 12 views", "Road  | 3", "Bridge | 7"]
TALK = [
    "Interview",
    RAIN,
    "Moderator: Follow us on Facebook?",
    "Guest: Yes, and share this article.",
    "Moderator: Leave a comment?",
    "Guest: No.",
]
ASKED = ["Help page", RAIN, "Q: How do I subscribe?", "A: Sign up for our newsletter.", MILL]
CHINESE = [
    "大雨",
    "昨夜山谷里下了一整夜的雨，到了早晨，通往磨坊的道路已经对所有人关闭了。",
    "更多",
    "编辑：某",
]
ARABIC = [
    "مطر",
    "هطلت الأمطار على الوادي طوال الليل، وبحلول الصباح كان الطريق إلى الطاحونة مغلقا أمام الجميع.",
    "شارك",
]


@pytest.mark.parametrize(
    "lines",
    [POEM, TABLE, TALK, ASKED, CHINESE, ARABIC],
    ids=["poem", "table", "talk", "asked", "zh", "ar"],
)
def test_other_forms_of_text_stay_whole(lines):
    assert cut(*lines) == lines


@pytest.mark.parametrize("text", ["", "\n\n", "Advertisement", "Leave a Comment\nFollow us", "Hi."])
def test_a_text_without_a_body_is_left_alone(text):
    assert find_cuts(text).edits == []


def test_a_very_short_item_loses_its_furniture_alone():
    assert cut("Rain", SHORT, "Leave a Comment") == ["Rain", SHORT, ""]


def test_the_last_words_of_a_sentence_wrapped_by_hand_stay():
    wrapped = ["The office asks everyone to write to it before Friday, by letter or by", "e-mail."]
    assert cut("Rain", SHORT, *wrapped) == ["Rain", SHORT, *wrapped]


def test_furniture_words_in_the_middle_are_headings():
    lines = ["Rain", RAIN, "Comments", MILL, "Related", RAIN, "Tags", MILL]
    assert cut(*lines) == lines


def test_a_rule_may_flag_what_it_cuts():
    findings = find_cuts(document("Rain", RAIN, MILL, "Continue reading"))
    assert findings.flags == {"truncated"}
    assert len(findings.edits) == 1


FURNITURE = [text for rule in load_rules() for text in rule.cuts]
LINES = st.one_of(
    st.sampled_from([*FURNITURE, "", RAIN, MILL, SHORT, "A heading", "These are the five:"]),
    st.sampled_from(FURNITURE).map(lambda text: f"{RAIN} {text}"),
    st.tuples(st.sampled_from([RAIN, SHORT]), st.sampled_from(FURNITURE)).map(" ".join),
    st.text(max_size=30),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=25), st.sampled_from([None, "A heading", "Share this article"]))
def test_cutting_twice_is_cutting_once(lines, title):
    text = document(*lines)
    edits = find_cuts(text, title=title).edits
    after = apply_edits(text, edits)
    assert undo_edits(after, edits) == text
    assert find_cuts(after, title=title).edits == []


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_a_body_line_is_never_cut(lines):
    text = document(*lines)
    after = apply_edits(text, find_cuts(text).edits).split("\n")
    assert after.count(RAIN) >= lines.count(RAIN)
    assert after.count(MILL) >= lines.count(MILL)


@pytest.mark.parametrize(
    "text",
    ["a" * 2_000_000, "a\n" * 300_000, "Follow us\n" * 50_000 + RAIN, "Share. " * 100_000],
    ids=["one long line", "short lines", "all furniture", "all sentences"],
)
def test_hostile_texts_are_read_in_linear_time(text):
    findings = find_cuts(text)
    assert apply_edits(text, findings.edits).count("a") <= text.count("a")


def test_a_label_that_introduces_an_example_stays_in_the_middle_of_an_article():
    prose = "The council met for six hours on Tuesday and put off the vote on the bridge again."
    text = f"The vote\n{prose}\nLike this:\n{prose}\n{prose}"
    assert find_cuts(text).edits == []


@pytest.mark.parametrize(
    "line",
    [
        "We use cookies to improve your experience. The bakery on the quay gave away four hundred.",
        "We use cookies: that is what the banner over the bakery on the quay has said since June.",
        "Sign up for our newsletter: with these words the harbour office lost half of its readers.",
        "Sign up for our newsletter. The council laughed, put off the vote and went home.",
        "Follow us on Facebook. The line stood on every wall of the village when the water came.",
        "Wir verwenden Cookies. Mit diesem Satz wirbt seit Montag die Bäckerei am Markt um Gäste.",
        "Ce site utilise des cookies : la phrase orne depuis mardi la porte de la boulangerie.",
        "Abonnez-vous à la newsletter : le mot du maire a fait rire toute la salle du conseil.",
        "Подписывайтесь на наш канал: с этим лозунгом мэрия пришла на ярмарку в воскресенье утром.",
    ],
)
def test_a_line_that_goes_on_as_prose_stays(line):
    assert cut("Rain", line, RAIN, MILL) == ["Rain", line, RAIN, MILL]
    assert cut("Rain", RAIN, line, MILL) == ["Rain", RAIN, line, MILL]


def test_labels_between_readers_comments_go_and_the_comments_stay():
    buttons = ["Like · Reply · 3h", "Reply", "4 replies", "2 hours ago", "Yanıtla", "Ответить"]
    for button in buttons:
        assert cut("Rain", RAIN, MILL, button, RAIN) == ["Rain", RAIN, MILL, RAIN]
    assert cut("Rain", RAIN, "|> reply.", MILL) == ["Rain", RAIN, "|> reply.", MILL]


def test_a_column_that_looks_back_keeps_its_headings():
    lines = ["Looking back", RAIN, "10 years ago", MILL, "25 years ago", RAIN]
    assert cut(*lines) == lines


def test_the_head_of_a_page_goes_and_its_title_stays():
    head = ["Skip to content", "Menu", "Home > News > Local", "English", "A- A+"]
    below = ["4 min read", "Save", "Listen", "Share"]
    assert cut(*head, "Rain over the valley", *below, RAIN, MILL) == [
        "Rain over the valley",
        RAIN,
        MILL,
    ]


@pytest.mark.parametrize("title", ["Menu", "Search", "Weather", "News", "English"])
def test_a_title_of_one_word_that_is_also_a_label_stays(title):
    assert cut(title, RAIN, MILL) == [title, RAIN, MILL]
