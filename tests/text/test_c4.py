"""What C4 would keep: long lines that end like sentences, on pages without code or filler."""

import numpy as np
import pytest

from pipeline.text.signals import count_texts


def c4(text: str) -> tuple[int, bool]:
    data = text.encode()
    (row,) = count_texts(np.frombuffer(data, np.uint8), np.array([0, len(data)]))
    return int(row["c4_sentences"]), bool(row["c4_refused"])


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("The ferry left at noon and came back.", 1),
        ("The ferry left at noon. It came back at three! Why?", 3),
        ("“The ferry left at noon,” the captain said. “It came back.”", 2),
        ("The ferry left at noon and came back", 0),
        ("Ferry left at noon.", 0),
        ("Please enable JavaScript to see the ferry times.", 0),
        ("By going on board you accept our Terms of Use.", 0),
        ("The bakery uses cookies of its own making, the baker said.", 0),
        ("Паром ушёл в полдень и вернулся. Все довольны!", 2),
        ("वह नाव दोपहर को चली गई।", 1),
    ],
)
def test_sentences_count_only_in_lines_that_c4_keeps(line, sentences):
    assert c4(line) == (sentences, False)


@pytest.mark.parametrize("text", ["if (x) { return; }", "Lorem Ipsum dolor sit amet."])
def test_code_and_filler_refuse_the_page(text):
    assert c4(text)[1]


def test_a_phrase_at_the_very_end_is_seen():
    assert c4("We ask you to read the privacy policy.") == (0, False)
    assert c4("We ask you to read the privacy polic.") == (1, False)
