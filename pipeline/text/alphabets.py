"""The letters of languages, and of scripts other than Latin the frequent ones.

Frequencies are orders of magnitude known of any text in the language, not measured on a corpus:
they only have to tell a language from noise with the same letters.
"""

from pipeline.text.letters import ALPHABETS as LATIN_LETTERS

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_POINTS = "".join(map(chr, range(0x05B0, 0x05C3)))  # vowels of Hebrew and Yiddish
_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيـًٌٍَُِّْ،؛؟"

_OTHER_LETTERS = {
    # Written in Latin with few letters of their own; those of `letters.py` are enough elsewhere.
    "en": "éèêëàâäáíïîóôöúüñçæœ",
    "nl": "áéíóúàèëïöüêçñ",
    "af": "áéíóúèêëîïôöûü",
    "no": "æøåéèêóòôü",
    "nn": "æøåéèêóòôü",
    "gl": "áéíóúïüñç",
    "eu": "ñçüáéíóú",
    "oc": "áàçèéíïòóúü",
    "br": "âêîôûùüñéàè",
    "lb": "äëéöüèêôûç",
    "ga": "áéíóú",
    "gd": "àèìòùáéíóú",
    "tl": "ñáàâéíóú",
    "sl": "čšžćđ",
    "bs": "čćđšž",
    "ru": _RUSSIAN,
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "kk": _RUSSIAN + "әғқңөұүһі",
    "mn": _RUSSIAN + "өү",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "he": "אבגדהוזחטיךכלםמןנסעףפץצקרשת" + _POINTS,
    "yi": "אבגדהוזחטיךכלםמןנסעףפץצקרשתװױײ" + _POINTS,
    "ar": _ARABIC,
    "fa": _ARABIC + "پچژگکیهٔ",
    "th": "".join(map(chr, range(0x0E01, 0x0E3B))) + "".join(map(chr, range(0x0E40, 0x0E4E))),
}
LETTERS_OF: dict[str, frozenset[str]] = LATIN_LETTERS | {
    code: frozenset(s + s.upper()) for code, s in _OTHER_LETTERS.items()
}

# The ten to twelve letters that make up well over half of any text, by script.
FREQUENT = {
    "CYRILLIC": frozenset("оеаинтсрвлкмОЕАИНТСРВЛКМіІ"),
    "GREEK": frozenset("αοιετσνηυρπκΑΟΙΕΤΣΝΗΥΡΠΚςάόί"),
    "HEBREW": frozenset("יוהלאתרבמשנם"),
    "ARABIC": frozenset("اليمونرتبعده"),
    "THAI": frozenset("านรอกเงมยลวดท่้"),
}
# Frequent characters of running text, nearly half of it in Chinese, more in the other two.
FREQUENT_CJK = {
    "ja": frozenset("のにはをたがでとしてるいれなっすかもあんりらこさくきまうよ"),
    "ko": frozenset("이다는의을가에하고은를지한사로자인도기리서대어나시해라만일"),
    "zh": frozenset(
        "的一是不了在有人我他这大来上个国们到说时要就出会可也你对生能中年得着下自学多成之方于家本文法公"
        "這大來個國們說時會對後發過為與學開長經種關無"
    ),
}
