"""What is counted in a text: one record of whole numbers, from which all signals are ratios."""

from typing import Protocol

import numpy as np


class TextCounts(Protocol):
    """The counts of one text. A word is a run of word characters, a line one that is not blank."""

    chars: int
    newlines: int
    digits: int
    hash_signs: int
    ellipses: int
    replacement_chars: int
    glued: int  # marks after which a space is missing

    words: int
    word_chars: int
    upper_words: int  # in capitals, at least two
    alpha_words: int  # with a letter
    stop_words: int  # different ones of STOP_WORDS
    top_2gram_chars: int  # of words, in the most frequent pair of words
    top_3gram_chars: int
    top_4gram_chars: int
    duplicate_5gram_chars: int  # of words, in five words that stood in this order before
    duplicate_6gram_chars: int
    duplicate_7gram_chars: int
    duplicate_8gram_chars: int
    duplicate_9gram_chars: int
    duplicate_10gram_chars: int

    lines: int
    line_chars: int
    stopped_lines: int  # ending like a sentence or a quote
    short_lines: int
    ellipsis_lines: int
    bullet_lines: int
    duplicate_lines: int  # the first of equal ones not counted
    duplicate_line_chars: int
    paragraphs: int  # lines without a blank one between
    duplicate_paragraphs: int
    duplicate_paragraph_chars: int

    c4_sentences: int  # in the lines that C4 keeps
    c4_refused: int  # 1 where a phrase makes C4 refuse the page


COUNTS = np.dtype([(name, np.int64) for name in TextCounts.__annotations__])
