"""Languages are named offline, alike in every thread, and not at all where there are no words."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.text.language import guess_language

SENTENCES = {
    "en": "The harbour master said on Tuesday that the new ferry would not sail before spring.",
    "de": "Der Hafenmeister sagte am Dienstag, die neue Fähre werde nicht vor dem Frühjahr fahren.",
    "fr": "Le capitaine du port a déclaré mardi que le nouveau ferry ne partirait pas avant avril.",
    "es": "El capitán del puerto dijo el martes que el nuevo barco no saldría antes de primavera.",
    "tr": "Liman başkanı salı günü yeni feribotun bahardan önce kalkmayacağını söyledi.",
    "ru": "Начальник порта сообщил во вторник, что новый паром не выйдет в море до весны.",
    "uk": "Начальник порту повідомив у вівторок, що новий пором не вийде в море до весни.",
    "pl": "Kapitan portu powiedział we wtorek, że nowy prom nie wypłynie przed wiosną.",
    "ja": "港の責任者は火曜日、新しいフェリーは春まで運航しないと述べた。",
    "ar": "قال مدير الميناء يوم الثلاثاء إن العبارة الجديدة لن تبحر قبل الربيع.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_recognised(language):
    guess = guess_language(SENTENCES[language], floor=0.5)
    assert guess.language == language
    assert 0.5 <= guess.confidence <= 1


@pytest.mark.parametrize("text", ["", "\n \n", "12.5 % – 300 €", "\u200b", "•••", "\x00"])
def test_a_text_without_letters_has_no_language(text):
    assert guess_language(text, floor=0) == ("und", 0.0)


def test_below_the_floor_the_language_is_undetermined_but_the_confidence_stays():
    sure = guess_language(SENTENCES["en"], floor=0)
    unsure = guess_language(SENTENCES["en"], floor=1)
    assert (sure.language, unsure.language) == ("en", "und")
    assert unsure.confidence == sure.confidence < 1


def test_line_breaks_are_spaces():
    broken = SENTENCES["de"].replace(" ", "\n")
    assert guess_language(broken, floor=0) == guess_language(SENTENCES["de"], floor=0)


def test_the_model_needs_no_network(monkeypatch):
    def refuse(*_arguments, **_options):
        message = "the language model tried to reach the network"
        raise OSError(message)

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    from pipeline.text import language

    language._detector.cache_clear()
    assert guess_language(SENTENCES["pl"], floor=0.5).language == "pl"


def test_many_threads_give_the_answers_of_one():
    texts = list(SENTENCES.values()) * 20
    alone = [guess_language(text, floor=0.5) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: guess_language(text, floor=0.5), texts))
    assert together == alone
