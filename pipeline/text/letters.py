"""What a character is to a reader: its kind, its script, and which alphabets write it.

Kinds differ from Unicode's categories where these deceive: `ª` and `º` are letters to Unicode and
symbols in a text, and block graphics are a kind of their own because no prose has them.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache


class Kind(Enum):
    """What a character does in running text."""

    UPPER = auto()
    LOWER = auto()
    CASELESS = auto()
    MARK = auto()
    DIGIT = auto()
    SYMBOL = auto()
    GRAPHIC = auto()
    PUNCTUATION = auto()
    SPACE = auto()
    CONTROL = auto()


LETTERS = frozenset({Kind.UPPER, Kind.LOWER, Kind.CASELESS, Kind.MARK})
ANY_SCRIPT = "ANY"
LATIN = "LATIN"
CJK = "CJK"


@dataclass(frozen=True, slots=True)
class Traits:
    """Kind and script of a character; the script is the first word of its Unicode name."""

    kind: Kind
    script: str


_KINDS = {
    "Lu": Kind.UPPER,
    "Lt": Kind.UPPER,
    "Ll": Kind.LOWER,
    "Nd": Kind.DIGIT,
    "Nl": Kind.DIGIT,
    "No": Kind.SYMBOL,
}
_KINDS_BY_CLASS = {
    "L": Kind.CASELESS,
    "M": Kind.MARK,
    "S": Kind.SYMBOL,
    "P": Kind.PUNCTUATION,
    "Z": Kind.SPACE,
    "C": Kind.CONTROL,
}
_SYMBOLS = frozenset("ªº§¶†‡•‰¿¡")
_SCRIPTS = {
    "MICRO": ANY_SCRIPT,
    "MODIFIER": ANY_SCRIPT,
    "COMBINING": ANY_SCRIPT,
    "VARIATION": ANY_SCRIPT,
    "HIRAGANA": CJK,
    "KATAKANA": CJK,
    "HANGUL": CJK,
    "BOPOMOFO": CJK,
}
SPACE = Traits(Kind.SPACE, ANY_SCRIPT)


@lru_cache(maxsize=20_000)
def traits(char: str) -> Traits:
    """Kind and script of one character; of no character (the edge of a text), those of a space."""
    if not char or char in "\t\n\r\f":
        return SPACE
    if char in _SYMBOLS:
        return Traits(Kind.SYMBOL, ANY_SCRIPT)
    if "\u2500" <= char < "\u25a0":
        return Traits(Kind.GRAPHIC, ANY_SCRIPT)
    category = unicodedata.category(char)
    kind = _KINDS.get(category) or _KINDS_BY_CLASS[category[0]]
    if category[0] not in "LM":
        return Traits(kind, ANY_SCRIPT)
    script = unicodedata.name(char, "?").split(" ")[0]
    return Traits(kind, _SCRIPTS.get(script, script))


def is_letter(char: str) -> bool:
    """Whether it is part of words: a letter, or a mark on one."""
    return traits(char).kind in LETTERS


def differ_in_script(left: str, right: str) -> bool:
    """Whether two letters belong to scripts that no word mixes."""
    scripts = {traits(left).script, traits(right).script}
    return len(scripts) > 1 and not scripts & {ANY_SCRIPT, CJK}


# Letters beyond a-z of languages written in Latin, by ISO 639 code; from their orthographies.
# They are what the languages use in print, loan words and proper names of neighbours included.
LATIN_ALPHABETS = {
    "de": "äöüß",
    "fr": "àâçéèêëîïôùûüœæ",
    "es": "áéíñóúü",
    "pt": "ãáàâçéêíóôõúü",
    "it": "àèéìíîòóù",
    "ca": "àçèéíïòóúü·",
    "sv": "åäöé",
    "da": "æøåéèáó",
    "is": "æðþáéíóöúý",
    "fo": "áðíóúýæø",
    "fi": "äöå",
    "et": "äöõüšž",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "pl": "ąćęłńóśźż",
    "hu": "áéíóöőúüű",
    "ro": "ăâîșțşţ",
    "hr": "čćđšž",
    "tr": "çğıöşüâîûİ",
    "tk": "äçňöşüýž",
    "az": "çəğıöşüİ",
    "lv": "āčēģīķļņšūž",
    "lt": "ąčęėįšųūž",
    "sq": "ëç",
    "mt": "ċġħżàèìòù",
    "cy": "ŵŷâêîôûäëïöàèìòùáéíóú",
    "eo": "ĉĝĥĵŝŭ",
    "ha": "ɓɗƙƴ",
    "vi": "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ",
    "yo": "ẹọṣáàéèíìóòúùńǹ",
    "ig": "ịọụṅńáàéèíìóòúù",
    "ee": "ŋɛɔɖɣƒáàâãéèêíìîóòôúùûñ",
    "zh-Latn": "āēīōūäöüñáéíóúǎěǐǒǔàèìòù",
}
ALPHABETS: dict[str, frozenset[str]] = {
    code: frozenset(s + s.upper()) for code, s in LATIN_ALPHABETS.items()
}


@lru_cache(maxsize=20_000)
def share_an_alphabet(left: str, right: str) -> bool:
    """Whether some language writes both Latin letters beyond a-z."""
    return any(left in letters and right in letters for letters in ALPHABETS.values())
