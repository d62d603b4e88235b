import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.mojibake import CHARSETS, TRIGGER, undo_mojibake

PHRASES = [
    "Überraschung für die Schüler",
    "décision prise à l’unanimité",
    "świadkowie zdarzenia mówili",
    "Новый мост открыли вчера",
    "Δεν επιτρέπεται η διέλευση",
    "新しい橋が開通しました",
]
HEALTHY = [
    "x = √π und r√π",
    "«Été» — l’été, l’œuvre",
    "CAFÉ® NESCAFÉ™ Å² 10 Å²",
    "├── src │ └─ é.txt",
    "MĘŻCZYŹNI ŚĆŹ ŁÓDŹ",
    "90°±2° ½¾ 5¼° £€¥",
    "Ρόδος «Ήταν» Β΄ τάξη",
    "צה״ל ד״ר ג׳ירפה ₪5",
    "СССР № 5 «Её Величество»",
    "/œ̃/ [ˈwɔːtə] tʰaɪ",
    "Đà Nẵng, HÀ NỘI, ĐÔLA",
    "ÎŞÇİ GÜNEŞ DÜŞÜ",
    "CAFÉ“bar” in the MAMÃ»",
    "├á la carte",
    "oui…êtes",
    "the Γ\xa0rays and a Δ—called",
    "C´est la À´la",
    "¬£, ¬¥ and 5 В",
]
SMALL = [
    ("windows-1251", "Habla más de lo que sabe"),
    ("windows-1251", "A ƙasa ɓangaren ya fi"),
    ("windows-1250", "It cost £125 there"),
    ("windows-1250", "Il va à Paris"),
    ("windows-1250", "Die Künste der Stadt"),
    ("windows-1250", "naša država je"),
    ("windows-1252", "a cikin haɗari"),
    ("mac-roman", "wɔrem nkɔ asɛm"),
]


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize(
    "charset", ["latin-1", "windows-1252", "windows-1251", "mac-roman", "cp437"]
)
def test_a_line_read_in_the_wrong_charset_is_undone(phrase, charset):
    undone = undo_mojibake(phrase.encode().decode(CHARSETS[charset]))
    assert undone is not None
    assert undone.text == phrase


@pytest.mark.parametrize(("charset", "line"), SMALL)
def test_a_line_with_hardly_a_trace_is_undone_where_the_trace_is_sure(charset, line):
    undone = undo_mojibake(line.encode().decode(CHARSETS[charset]))
    assert undone is not None
    assert undone.text == line


@pytest.mark.parametrize("line", HEALTHY + PHRASES)
def test_a_healthy_line_is_left_alone(line):
    assert undo_mojibake(line) is None


def test_one_healthy_character_in_the_line_is_reason_enough_to_leave_it():
    assert undo_mojibake("Ã¼ber und über") is None


def test_a_line_that_lost_characters_is_left_alone():
    assert undo_mojibake("Ã¼ber Ã\ufffd") is None


@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3), st.sampled_from(list(CHARSETS)))
def test_whatever_is_undone_the_trigger_finds(phrases, charset):
    line = " ".join(phrases).encode().decode(CHARSETS[charset])
    assert undo_mojibake(line) is None or pl.Series([line]).str.contains(TRIGGER).item()


@given(st.text(max_size=40))
def test_what_is_undone_is_the_same_bytes_read_as_utf_8(line):
    undone = undo_mojibake(line)
    if undone is not None:
        assert line.encode(CHARSETS[undone.charset]).decode() == undone.text
