"""Whether two short texts differ in the words that tell: numbers, dates, names.

Agencies fill forms: two notices of other companies share all but what matters. Such a pair overlaps
like a reprint and is none. Only short texts are asked; in long ones a few changed figures are an
update. Number words and dates are those of eight languages, digits are everyone's.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Set as AbstractSet
from typing import NamedTuple

# Numbers in words, compared without regard to case, so none that is a common word of another of the
# languages. A reprint may write them in digits.
VALUES = dict(
    pair.split("=")
    for pair in """
    one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12
    thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20
    thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90
    zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12
    deux=2 trois=3 quatre=4 cinq=5 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quinze=15
    vingt=20 trente=30
    dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 doce=12 trece=13 quince=15
    veinte=20 treinta=30
    два=2 две=2 три=3 четыре=4 пять=5 шесть=6 семь=7 восемь=8 девять=9 десять=10 двадцать=20
    чотири=4 сім=7 вісім=8
    dwa=2 dwie=2 trzy=3 cztery=4 pięć=5 sześć=6 siedem=7 osiem=8 dziewięć=9 dziesięć=10
    iki=2 üç=3 dört=4 beş=5 altı=6 yedi=7 sekiz=8 dokuz=9 yirmi=20 otuz=30
    """.split()  # noqa: SIM905  a hundred lines of one word each read worse
)
# Without a value of their own, or with one that depends on what stands beside them.
OTHER_NUMBERS = frozenset({
    "hundred", "nil", "first", "second", "third", "fourth", "fifth", "half", "quarter",
})  # fmt: skip
MONTHS = dict(
    pair.split("=")
    for pair in """
    Jan=january Feb=february Mar=march Apr=april Jun=june Jul=july Aug=august Sep=september
    Sept=september Oct=october Nov=november Dec=december
    """.split()  # noqa: SIM905  a dozen lines of one word each read worse
)
DATE_WORDS = frozenset(
    """
    January February March April May June July August September October November December
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
# As with the numbers: compared without regard to case.
ELSEWHERE = frozenset(
    """
    januar februar märz april juni juli oktober dezember montag dienstag mittwoch donnerstag
    freitag samstag sonntag
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi
    mercredi jeudi vendredi samedi dimanche
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes
    martes miércoles jueves viernes sábado domingo
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря понедельник
    вторник среду четверг пятницу субботу воскресенье
    січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    понеділок вівторок середу четвер суботу неділю
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada
    grudnia poniedziałek wtorek środę czwartek piątek sobotę niedzielę
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık pazartesi salı
    çarşamba perşembe cuma cumartesi pazar
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
COMMON_TITLE_WORDS = frozenset(
    """
    the of to a in on for and at by said says say is are was were be it its from with as an that
    this will has have not but or s u inc corp co ltd
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
ANY_CASE = OTHER_NUMBERS | ELSEWHERE
KNOWN = ANY_CASE | VALUES.keys() | {word.casefold() for word in (*MONTHS, *DATE_WORDS)}
# What stands beside most words that do not stand alone.
SIGNS = ".,;:!?\"'()[]\u2013\u2014\u2018\u2019\u201c\u201d\u2026"
# Kana, Han and Hangul.
UNPARTED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
ANY_UNPARTED = re.compile(f"[{UNPARTED}]")
ENDS = frozenset('.!?\n"')
# Numbers stand alone where words are not parted; amid other words ("B12") they are as letters.
PIECE = re.compile(rf"\d+(?:[.,/]\d+)*|[{UNPARTED}]+|[^\W_{UNPARTED}]+|[.!?\n\"]")

# Found on wire items read pair by pair: below these shares the differing words are spelling.
NUMBER_SHARE = 0.10
TELLING_SHARE = 0.15
TELLING_WORDS = 2


class Placed(NamedTuple):
    """A number between the words around it that are none; "" is where the text ends.

    `time` counts the same number between the same words.
    """

    number: str
    before: str
    after: str
    time: int


class Telling(NamedTuple):
    """The words of a text that tell it from others of the same form.

    `numbers` are those where they stand; `all` has them and names and the title's words, where
    these are asked for.
    """

    numbers: frozenset[Placed]
    all: frozenset[str]


def find_telling(title: str, text: str, *, names: bool = True) -> Telling:
    """Numbers, dates and number words, and these together with names and the title's words."""
    plain, plain_title = (unicodedata.normalize("NFKC", one) for one in (text, title))
    numbers = _find_numbers(plain)
    if title not in text:  # else they were found
        numbers |= _find_numbers(plain_title)
    if not names:
        return Telling(numbers, frozenset())
    named = {placed.number for placed in numbers} | _find_names(plain_title) | _find_names(plain)
    words = {word.casefold() for word in PIECE.findall(title)} - COMMON_TITLE_WORDS
    return Telling(numbers, frozenset(named | words))


def _find_numbers(text: str) -> frozenset[Placed]:
    """The numbers between words.

    Words of letters that are no numbers are told by a look at each: 30 µs for 200 words, where it
    takes 60 to part them all from their signs.
    """
    words = text.split() if text.isascii() or not ANY_UNPARTED.search(text) else [text]
    small = [word.casefold() for word in words]
    numbers, before, waiting, last = Counter[tuple[str, str, str]](), "", list[str](), -1
    for k, word in enumerate(small):
        bare = word if word.isalpha() else word.strip(SIGNS)
        if bare.isalpha() and bare not in KNOWN:
            small[k] = bare
            continue
        if k > last + 1:
            numbers.update([(one, before, small[last + 1]) for one in waiting])
            before, waiting = small[k - 1], []
        for piece in PIECE.findall(words[k]):
            folded = piece.casefold()
            if (piece[0].isdigit() or folded in KNOWN) and (number := _number(piece, folded)):
                waiting.append(number)
            elif piece not in ENDS:
                if waiting:
                    numbers.update([(one, before, folded) for one in waiting])
                    waiting = []
                before = folded
        last = k
    after = small[last + 1] if last + 1 < len(small) else ""
    numbers.update([(one, before, after) for one in waiting])
    placed = (Placed(*at, time) for at, times in numbers.items() for time in range(times))
    return frozenset(placed)


def _find_names(text: str) -> set[str]:
    """The words with a capital amid a sentence."""
    names, last = set[str](), "."
    for piece in PIECE.findall(text):
        if last not in ENDS and piece[0].isupper() and len(piece) > 1:
            word = piece.casefold()
            if not _number(piece, word):
                names.add(word)
        last = piece
    return names


def _number(piece: str, folded: str) -> str | None:
    """A number or date as it is compared, however it was written."""
    if piece[0].isdigit():
        return plain_number(piece)
    if piece in MONTHS:
        return MONTHS[piece]
    if folded in VALUES:
        return VALUES[folded]
    return folded if folded in ANY_CASE or piece in DATE_WORDS else None


def plain_number(number: str) -> str:
    """A number without thousands separators and leading zeros.

    >>> plain_number("1,250.50"), plain_number("007")
    ('1250.50', '7')
    """
    return number.replace(",", "").lstrip("0") or "0"


def differ_in_numbers(left: Telling, right: Telling) -> bool:
    """Whether the numbers of two texts contradict each other: between the same words, others.

    A number that only one text has, in a line that the other lacks, is no contradiction.
    """
    ours, theirs = left.numbers - right.numbers, right.numbers - left.numbers
    if not ours or not theirs:
        return False
    places = Counter((placed.before, placed.after) for placed in ours)
    lacking = 0
    for placed in theirs:
        place = placed.before, placed.after
        if places[place]:
            places[place] -= 1
            lacking += 1
    common = len(left.numbers) - len(ours)
    return lacking > 0 and lacking >= NUMBER_SHARE * (lacking + common)


def have_other_numbers(left: Telling, right: Telling) -> bool:
    """Whether each of two texts has numbers that the other lacks, wherever they stand."""
    ours, theirs = ({placed.number for placed in one.numbers} for one in (left, right))
    return _each_lacks(ours, theirs, share=NUMBER_SHARE, least=1)


def differ_in_telling_words(left: Telling, right: Telling) -> bool:
    """Whether each of two texts has numbers, names and title words that the other lacks."""
    return _each_lacks(left.all, right.all, share=TELLING_SHARE, least=TELLING_WORDS)


def _each_lacks(
    left: AbstractSet[str], right: AbstractSet[str], *, share: float, least: int
) -> bool:
    """Whether each side has enough that the other lacks: `least`, and `share` of the lesser set."""
    lacking = min(len(left - right), len(right - left))
    return lacking >= least and lacking >= share * (lacking + len(left & right))
