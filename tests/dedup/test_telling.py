"""Forms that were filled in anew are told from reprints."""

from pipeline.dedup.telling import differ_in_numbers, differ_in_telling_words, find_telling


def numbers_differ(left: str, right: str) -> bool:
    return differ_in_numbers(find_telling("", left), find_telling("", right))


def test_two_reports_of_one_form_differ_in_their_numbers():
    assert numbers_differ("Net rose to 14 mln from 12 mln.", "Net rose to 9 mln from 7 mln.")


def test_a_number_written_otherwise_is_the_same_number():
    assert not numbers_differ("Sold 1,500 shares on day 07.", "Sold 1500 shares on day 7.")


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
