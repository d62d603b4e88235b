"""Whether two short texts differ in the words that tell: numbers, dates, names.

Agencies fill forms: two notices of other companies share all but what matters. Such a pair overlaps
like a reprint and is none. Only short texts are asked; in long ones a few changed figures are an
update. Number words and dates are those of eight languages, digits are everyone's.
"""

import re
import unicodedata
from typing import NamedTuple

NUMBER_WORDS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    hundred nil first second third fourth fifth half quarter
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
DATE_WORDS = frozenset(
    """
    January February March April May June July August September October November December Jan
    Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
# Compared without regard to case, so none that is a common word of English or of each other.
ELSEWHERE = frozenset(
    """
    zwei drei vier fünf sechs sieben acht neun zehn elf zwölf januar februar märz april juni juli
    oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
    deux trois quatre cinq sept huit neuf dix onze douze treize quinze vingt trente janvier février
    mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi
    vendredi samedi dimanche
    dos tres cuatro cinco seis siete ocho nueve diez doce trece quince veinte treinta enero febrero
    marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes
    miércoles jueves viernes sábado domingo
    два две три четыре пять шесть семь восемь девять десять двадцать тридцать января февраля марта
    апреля мая июня июля августа сентября октября ноября декабря понедельник вторник среду четверг
    пятницу субботу воскресенье
    чотири сім вісім січня лютого березня квітня травня червня липня серпня вересня
    жовтня листопада грудня понеділок вівторок середу четвер суботу неділю
    dwa dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć stycznia lutego marca kwietnia
    maja czerwca lipca sierpnia września października listopada grudnia poniedziałek wtorek środę
    czwartek piątek sobotę niedzielę
    iki üç dört beş altı yedi sekiz dokuz yirmi otuz ocak şubat mart nisan mayıs haziran temmuz
    ağustos eylül ekim kasım aralık pazartesi salı çarşamba perşembe cuma cumartesi pazar
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
COMMON_TITLE_WORDS = frozenset(
    """
    the of to a in on for and at by said says say is are was were be it its from with as an that
    this will has have not but or s u inc corp co ltd
    """.split()  # noqa: SIM905  forty lines of one word each read worse
)
NUMBERS_ANYWHERE = NUMBER_WORDS | ELSEWHERE
SENTENCE_ENDS = '.!?\n"'
PIECE = re.compile(r"\d+(?:[.,/]\d+)*|[^\W_]+|[.!?\n\"]")

# Found on wire items read pair by pair: below these shares the differing words are spelling.
NUMBER_SHARE = 0.10
TELLING_SHARE = 0.15
TELLING_WORDS = 2


class Telling(NamedTuple):
    """The words of a text that tell it from others of the same form."""

    numbers: frozenset[str]
    all: frozenset[str]


def find_telling(title: str, text: str) -> Telling:
    """Numbers, dates and number words, and these together with names and the title's words."""
    numbers, names = set[str](), set[str]()
    before = "."
    for piece in PIECE.findall(unicodedata.normalize("NFKC", f"{title}\n{text}")):
        if piece[0].isdigit():
            numbers.add(plain_number(piece))
        elif (folded := piece.casefold()) in NUMBERS_ANYWHERE or piece in DATE_WORDS:
            numbers.add(folded)
        elif piece[0].isupper() and before not in SENTENCE_ENDS and len(piece) > 1:
            names.add(piece.casefold())
        before = piece
    words = {word.casefold() for word in PIECE.findall(title)} - COMMON_TITLE_WORDS
    return Telling(frozenset(numbers), frozenset(numbers | names | words))


def plain_number(number: str) -> str:
    """A number without thousands separators and leading zeros.

    >>> plain_number("1,250.50"), plain_number("007")
    ('1250.50', '7')
    """
    return number.replace(",", "").lstrip("0") or "0"


def contradict(left: frozenset[str], right: frozenset[str], *, share: float, least: int) -> bool:
    """Whether each side has enough that the other lacks: `least`, and `share` of the lesser set."""
    lacking = min(len(left - right), len(right - left))
    return lacking >= least and lacking >= share * (lacking + len(left & right))


def differ_in_numbers(left: Telling, right: Telling) -> bool:
    """Whether the numbers of two texts contradict each other."""
    return contradict(left.numbers, right.numbers, share=NUMBER_SHARE, least=1)


def differ_in_telling_words(left: Telling, right: Telling) -> bool:
    """Whether numbers, names and titles of two texts together contradict each other."""
    return contradict(left.all, right.all, share=TELLING_SHARE, least=TELLING_WORDS)
