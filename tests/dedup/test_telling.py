"""Forms that were filled in anew are told from reprints."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.dedup.telling import (
    differ_in_numbers,
    differ_in_telling_words,
    find_telling,
    have_other_numbers,
)


def numbers_differ(left: str, right: str) -> bool:
    return differ_in_numbers(find_telling("", left), find_telling("", right))


def test_two_reports_of_one_form_differ_in_their_numbers():
    assert numbers_differ("Net rose to 14 mln from 12 mln.", "Net rose to 9 mln from 7 mln.")


def test_a_number_written_otherwise_is_the_same_number():
    assert not numbers_differ("Sold 1,500 shares on day 07.", "Sold 1500 shares on day 7.")


def test_a_number_or_a_month_is_the_same_in_words_and_cut_short():
    assert not numbers_differ("Seventeen were found.", "17 were found.")
    assert not numbers_differ("Siebzehn Tote, zwölf Verletzte.", "Siebzehn Tote, 12 Verletzte.")
    assert not numbers_differ("It ends Dec 31.", "It ends on December 31.")


def test_numbers_are_found_where_words_are_not_parted():
    assert numbers_differ("第3届会议在上海举行。", "第4届会议在上海举行。")
    assert not numbers_differ("Flight AB12 is late.", "Flight AB34 is late.")


def test_a_number_contradicts_only_another_one_between_the_same_words():
    assert numbers_differ("Six ships load, seven wait.", "Six ships load, six wait.")
    text = "Six ships load.\nSeven wait.\n"
    assert not numbers_differ(text + "14 comments", "Updated 9 May\n" + text)


def test_a_number_that_a_place_repeats_counts_each_time():
    assert numbers_differ("Rates: 5 5 6 percent", "Rates: 5 5 5 percent")


def test_of_a_part_each_number_counts_wherever_it_stands():
    left, right = find_telling("", "He paid 30 crowns."), find_telling("", "In 1990 all was lost.")
    assert not differ_in_numbers(left, right)
    assert have_other_numbers(left, right)
    assert not have_other_numbers(left, find_telling("", "In 1990 he paid 30 crowns."))


@given(
    st.lists(st.sampled_from(["six", "ships.", "3", "3rd", "B12", "(in", "May", "7-9", "!", "a"]))
)
def test_numbers_are_the_same_where_all_words_are_parted_from_their_signs(words):
    text = " ".join(words)
    parted = find_telling("", text + " \u4e2d")  # so that all are parted: it needs no spaces
    assert find_telling("", text + " word").numbers == {
        placed._replace(after="word") if placed.after == "\u4e2d" else placed
        for placed in parted.numbers
    }


def test_numbers_of_a_title_count_as_those_of_its_text():
    text = "Ten of forty mills will close in three weeks."
    left, right = find_telling("Ten mills close", text), find_telling("Mills: forty of them", text)
    assert not differ_in_numbers(left, right)
    left, right = find_telling("Notice for mill 3", text), find_telling("Notice for mill 8", text)
    assert differ_in_numbers(left, right)
    assert find_telling("Ten of forty mills", text).numbers == find_telling("", text).numbers


def test_a_text_that_only_adds_numbers_does_not_contradict():
    assert not numbers_differ("The fire hurt 3 people.", "The fire hurt 3 people on May 4 at 9.")


def test_dates_and_number_words_are_numbers():
    assert numbers_differ("The court meets on Monday.", "The court meets on Friday.")
    assert numbers_differ("It lost three seats.", "It lost seven seats.")


def test_other_names_under_other_titles_are_telling():
    left = find_telling("Alpha buys", "The board of Alpha Mills of Northtown agreed.")
    right = find_telling("Beta buys", "The board of Beta Works of Southtown agreed.")
    assert differ_in_telling_words(left, right)


def test_one_corrected_name_is_not():
    left = find_telling("", "The board of Alpha Mills agreed.")
    right = find_telling("", "The board of Alpha Mill agreed.")
    assert not differ_in_telling_words(left, right)


def test_dates_and_numbers_in_words_are_known_in_other_languages_too():
    assert numbers_differ("Das Gericht tagt am Montag.", "Das Gericht tagt am Freitag.")
    assert numbers_differ("Le tribunal siège en janvier.", "Le tribunal siège en juin.")
    assert numbers_differ("El tribunal tuvo cinco casos.", "El tribunal tuvo ocho casos.")
    assert numbers_differ("Суд соберётся 3 мая.", "Суд соберётся 3 июня.")
    assert numbers_differ("Суд збереться у травня.", "Суд збереться у липня.")
    assert numbers_differ("Sąd zbierze się w środę.", "Sąd zbierze się w piątek.")
    assert numbers_differ("Mahkeme salı günü.", "Mahkeme cuma günü.")
