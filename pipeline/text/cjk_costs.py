"""What a text costs that a multi-byte encoding of Chinese, Japanese or Korean gives.

Any even run of bytes decodes in some of them, so that it decodes says little: the characters have
to be the frequent ones of the language that the encoding was made for.
"""

import re
from collections import Counter

from pipeline.text.alphabets import FREQUENT_CJK
from pipeline.text.letters import is_letter

LANGUAGE_OF = {"shift_jis": "ja", "euc-jp": "ja", "euc-kr": "ko"}  # of the others Chinese
# The least share of frequent characters in healthy text.
_FREQUENT_SHARE = {"zh": 0.09, "ko": 0.2, "ja": 0.3}
_KANA, _HANGUL, _HAN = ("\u3041", "\u30ff"), ("\uac00", "\ud7a3"), ("\u3400", "\u9fff")
_WIDE = re.compile("[\u3000-\u303f\uff01-\uff5e・’]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
# A single character between Latin letters: a pair of accented letters misread.
_ONE = "[\u3041-\u9fff\uac00-\ud7a3]"
_BESIDE = "[\u3001-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
_GLUED = re.compile(f"[A-Za-z]{_ONE}(?!{_BESIDE})")
_GLUED_BEHIND = re.compile(f"(?<!{_BESIDE}){_ONE}[A-Za-z]")
# A wide sign in the midst of a Latin word: an accented letter misread.
_IN_A_WORD = re.compile("[a-z][\u3000-\u303f\uff01-\uff5e][a-z]")


def cjk_cost(text: str, language: str) -> float:
    """Nats for all of the text, read as a text in `ja`, `ko` or `zh`."""
    counts = Counter(text)
    letters = {char: n for char, n in counts.items() if char > "\x7f" and is_letter(char)}
    total = sum(letters.values())
    kana, hangul, han = (_between(letters, *block) for block in (_KANA, _HANGUL, _HAN))
    half = len(_HALF_KANA.findall(text))
    signs = sum(counts[char] for char in counts if char > "\x7f" and char not in letters)
    cost = signs - len(_WIDE.findall(text)) + 0.2 * half
    cost += 2.0 * max(0, total - kana - hangul - han - half)
    cost += 3.0 * len(_GLUED.findall(text)) + 1.5 * len(_GLUED_BEHIND.findall(text))
    cost += 2.0 * len(_IN_A_WORD.findall(text))
    frequent = sum(n for char, n in letters.items() if char in FREQUENT_CJK[language])
    cost += 8 * max(0.0, _FREQUENT_SHARE[language] * total - frequent)
    if language == "ja":
        return cost + 4 * max(0.0, 0.3 * total - kana) + 2 * hangul
    if language == "ko":
        return cost + 3 * max(0.0, 0.7 * total - hangul) + 2 * kana
    return cost + 2 * (kana + hangul)


def _between(letters: dict[str, int], first: str, last: str) -> int:
    return sum(n for char, n in letters.items() if first <= char <= last)
