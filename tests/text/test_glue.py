"""Lost spaces come back where the fault is systematic, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.edits import Action, apply_edits
from pipeline.text.glue import find_glue

MANGLED = (
    "The road is closed.The mill stands still,and nobody knows why.Even the ferry waits. "
    "For U.S.Steel the loss is small,but for the valley it is not.It will take years."
)


def test_lost_spaces_behind_sentences_commas_and_abbreviations_come_back():
    edits = find_glue(MANGLED)
    assert apply_edits(MANGLED, edits) == (
        "The road is closed. The mill stands still, and nobody knows why. Even the ferry waits. "
        "For U.S. Steel the loss is small, but for the valley it is not. It will take years."
    )
    assert [edit.rule for edit in edits] == [
        "glue.sentence",
        "glue.comma",
        "glue.sentence",
        "glue.abbreviation",
        "glue.comma",
        "glue.sentence",
    ]
    assert all(e.action is Action.REPAIR and e.start == e.end and not e.removed for e in edits)


def test_other_alphabets_are_repaired_too():
    text = "Дорога закрыта.Мельница стоит,и никто не знает.Паром ждёт,а воды много."
    assert apply_edits(text, find_glue(text)).count(" ") == text.count(" ") + 4


def test_a_text_that_lacks_blanks_behind_commas_alone_was_typed_so():
    line = "The mill stands still,and nobody knows why. Even the ferry waits,as does the bus.\n"
    assert find_glue(line * 3) == []


def test_lost_breaks_between_paragraphs_are_not_guessed_to_be_blanks():
    line = "The road is closed.The mill stands still, and nobody knows why.Even the ferry waits.\n"
    assert find_glue(line * 3) == []


@pytest.mark.parametrize(
    "text",
    [
        "Barabara imefungwa.Kinu kimesimama,na hakuna anayejua kwa nini.Kivuko kinasubiri,maji.",
        "Cesta je zatvorena.Mlin stoji,a nitko ne zna zašto.Skela čeka,a vode je mnogo.",
    ],
    ids=["Swahili", "Croatian"],
)
def test_a_language_whose_punctuation_is_not_known_keeps_it(text):
    assert find_glue(text) == []


def test_a_few_faults_are_typing_slips():
    assert find_glue("The road is closed.The mill stands still,and nobody knows why.") == []


def test_three_faults_in_a_long_text_are_typing_slips():
    assert find_glue(MANGLED + " The river rose again." * 5_000) == []


@pytest.mark.parametrize(
    "token",
    [
        "Booking.Com",
        "Yahoo.Finance",
        "Node.js",
        "1,000",
        "e.g.x",
        "https://example.org/a,b.Html",
        "www.example.Org",
        "desk@Mill.Example",
        "System.Out.println",
        "obj.method(a,b)",
        "oak,ash,elm,birch",
        "x,y",
        "3.5",
        "J.K.Mill",
        "C:\\mill.Txt",
        "#rain,#mill",
    ],
)
def test_names_addresses_numbers_and_code_stay(token):
    text = MANGLED + f" It stood as {token} in the book."
    assert token in apply_edits(text, find_glue(text))
    assert find_glue(f"{token} and {token} or {token} for {token}") == []


def test_a_table_of_values_stays():
    assert find_glue("name,place,year\nmill,valley,old\nroad,hill,new\nferry,river,old") == []


@given(st.lists(st.sampled_from([*MANGLED.split(), "a.Bc", "Ab.Cd", "x,y,zz", ".", ",", "\n"])))
def test_only_spaces_are_added(words):
    text = " ".join(words)
    repaired = apply_edits(text, find_glue(text))
    assert repaired.replace(" ", "") == text.replace(" ", "")


def test_names_in_a_program_are_not_sentences():
    program = """
using Newtonsoft.Json;
class Lists extends React.Component {
    id = db.Column(db.Integer, primary_key=True)
exports.hello = (event,context,callback) => {
Run `Install-Package Newtonsoft.Json` in the console.
"""
    assert find_glue(program * 3) == []
