import codecs
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.decoding import BINARY, UNCERTAIN, UNDECODABLE, decode_bytes
from pipeline.text.near_utf8 import INVALID, MIXED

TEXTS = {
    "de": "Die Bürgermeisterin eröffnete gestern die Straße über den Fluss. Für viele Anwohner "
    "verkürzt sich der Weg zur Arbeit um zwanzig Minuten, große Lastwagen müssen draußen bleiben.",
    "fr": "Le conseil a voté à l’unanimité la rénovation du théâtre. Les travaux débuteront cet "
    "été et la façade, déjà abîmée, sera restaurée grâce à une collecte menée auprès des élèves.",
    "es": "El año pasado la compañía abrió tres líneas más. Según el informe, los niños viajan "
    "gratis y la mañana del sábado habrá también un autobús hacia el río.",
    "pl": "Wczoraj wieczorem strażacy gasili pożar łąki pod miastem. Przyczyną był prawdopodobnie "
    "niedopałek, ale świadkowie mówią też o wyładowaniu i błysku, który było widać z daleka.",
    "cs": "Včera večer skončila v městském divadle výstava plakátů. Příští týden ji přivezou do "
    "dalšího města, kde zůstane až do září, řekla mluvčí pořádající společnosti.",
    "hu": "Tegnap este megnyílt az új könyvtár a főtéren. Az első látogatók között sok diák volt, "
    "akik örültek a hosszabb nyitvatartásnak és a csendes olvasóteremnek.",
    "tr": "Belediye dün akşam yeni köprüyü açtı. Sürücüler artık şehrin güneyine on dakikada "
    "ulaşıyor, ancak ağır taşıtların geçişine hâlâ izin verilmiyor.",
    "ru": "Вчера вечером в городе открыли новый мост через реку. Водители смогут добираться до "
    "центра быстрее, но тяжёлым машинам проезд пока закрыт, сообщили в мэрии.",
    "uk": "Учора ввечері в місті відкрили новий міст через річку. Водії зможуть діставатися до "
    "центру швидше, але важким машинам проїзд поки що закрито.",
    "el": "Χθες το βράδυ άνοιξε η νέα γέφυρα της πόλης. Οι οδηγοί φτάνουν πλέον πιο γρήγορα στο "
    "κέντρο, όμως τα βαριά οχήματα δεν επιτρέπεται ακόμη να περάσουν.",
    "he": "אמש נפתח הגשר החדש של העיר. הנהגים מגיעים עכשיו מהר יותר למרכז, אך עדיין אסור לרכב "
    "כבד לעבור בו, כך מסרה העירייה הבוקר.",
    "ar": "افتتح الجسر الجديد في المدينة مساء أمس. يصل السائقون الآن إلى المركز بسرعة أكبر لكن "
    "الشاحنات الثقيلة لا يسمح لها بالعبور حتى الآن.",
    "ja": "昨日の夜、市の新しい橋が開通しました。運転手は中心部までこれまでより早く行くことが"
    "できますが、大型車の通行はまだ認められていません。",
    "ko": "어젯밤 시의 새 다리가 개통되었습니다. 운전자들은 이제 도심까지 더 빨리 갈 수 있지만 "
    "대형 차량의 통행은 아직 허용되지 않습니다.",
    "zh": "昨天晚上，这个城市的新大桥通车了。司机们现在可以更快地到达市中心，但是大型车辆还不能"
    "通过，市政府今天上午说。",
}
LEGACY = [
    ("de", "cp1252"),
    ("fr", "cp1252"),
    ("es", "latin-1"),
    ("de", "mac_roman"),
    ("fr", "cp850"),
    ("pl", "cp1250"),
    ("pl", "iso8859-2"),
    ("cs", "cp1250"),
    ("hu", "cp1250"),
    ("tr", "cp1254"),
    ("ru", "cp1251"),
    ("ru", "koi8-r"),
    ("ru", "cp866"),
    ("ru", "iso8859-5"),
    ("uk", "cp1251"),
    ("el", "cp1253"),
    ("el", "iso8859-7"),
    ("he", "cp1255"),
    ("ar", "cp1256"),
    ("ja", "cp932"),
    ("ja", "euc_jp"),
    ("ko", "cp949"),
    ("zh", "gb18030"),
]


@pytest.mark.parametrize(("language", "codec"), LEGACY)
def test_a_legacy_text_is_read_as_it_was_written(language, codec):
    text = TEXTS[language].encode(codec, "ignore").decode(codec)
    assert decode_bytes(text.encode(codec)).text == text


@pytest.mark.parametrize("language", TEXTS)
def test_utf_8_is_read_without_a_doubt(language):
    found = decode_bytes(TEXTS[language].encode())
    assert (found.text, found.encoding, found.flags) == (TEXTS[language], "utf-8", ())


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(codec):
    assert decode_bytes(TEXTS["uk"].encode(codec)).text == TEXTS["uk"]


@pytest.mark.parametrize("language", ["de", "ru", "ar"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_recognised_by_its_nulls(language, codec):
    assert decode_bytes(TEXTS[language].encode(codec)).text == TEXTS[language]


@pytest.mark.parametrize(
    ("language", "codec"), [("ja", "iso2022_jp"), ("ko", "iso2022_kr"), ("zh", "hz")]
)
def test_seven_bit_text_announces_itself_by_escapes(language, codec):
    assert decode_bytes(TEXTS[language].encode(codec)).text == TEXTS[language]


def test_no_bytes_are_an_empty_text():
    assert decode_bytes(b"").text == ""


def test_a_text_with_a_few_nulls_and_controls_is_a_text():
    assert decode_bytes(b"A line\x00 with\x07 leftovers\x1b[0m of a terminal").text is not None
    assert decode_bytes("Ein Gerät\x00 schreibt für alle".encode("cp1252")).text is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x14\x00\x06\x00" + b"plain words" * 20,
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        bytes(1_000),
        bytes(range(256)) * 8,
        random.Random(4).randbytes(5_000),
    ],
)
def test_what_is_no_text_is_called_binary(raw):
    found = decode_bytes(raw)
    assert (found.text, found.reason) == (None, BINARY)


def test_noise_without_control_characters_is_undecodable_or_doubted():
    rnd = random.Random(5)
    raw = bytes(rnd.choice(range(0x80, 0x100)) for _ in range(2_000))
    found = decode_bytes(raw)
    assert found.reason == UNDECODABLE or UNCERTAIN in found.flags


def test_stray_bytes_leave_utf_8_and_the_letters_they_split_come_together_again():
    raw = TEXTS["pl"].encode()
    cut = raw.index("ż".encode()) + 1
    found = decode_bytes(raw[:cut] + b"\xff" + raw[cut:50] + b"\xfe" + raw[50:])
    assert (found.text, found.flags) == (TEXTS["pl"], (INVALID,))


def test_lines_from_another_file_are_read_in_its_encoding():
    lines = [TEXTS["fr"], TEXTS["es"], TEXTS["de"]]
    raw = b"\n".join([lines[0].encode(), lines[1].encode("cp1252"), lines[2].encode()])
    found = decode_bytes(raw)
    assert (found.text, found.flags) == ("\n".join(lines), (MIXED,))


@pytest.mark.parametrize(("language", "codec"), LEGACY)
def test_one_line_from_another_file_is_read_rightly_whatever_both_languages_are(language, codec):
    foreign = TEXTS[language].replace("’", "'")
    for own in TEXTS.keys() - {language}:
        raw = f"{TEXTS[own]}\n\0\n{TEXTS[own]}\n{TEXTS[own]}".encode()
        found = decode_bytes(raw.replace(b"\0", foreign.encode(codec)))
        assert found.text == f"{TEXTS[own]}\n{foreign}\n{TEXTS[own]}\n{TEXTS[own]}"
        assert found.flags == (MIXED,)


def test_a_mark_before_a_damaged_text_is_no_part_of_it():
    found = decode_bytes(codecs.BOM_UTF8 + TEXTS["pl"].encode() + b"\xff")
    assert (found.text, found.flags) == (TEXTS["pl"], (INVALID,))


def test_surrogate_pairs_are_joined_and_a_lone_surrogate_is_marked_as_lost():
    found = decode_bytes("a \ud83d\ude00 b \ud83d c".encode("utf-8", "surrogatepass"))
    assert (found.text, found.flags) == ("a \N{GRINNING FACE} b \ufffd c", (INVALID,))


def test_a_sign_that_two_encodings_read_differently_is_doubted():
    assert UNCERTAIN in decode_bytes(b"Twenty \xa4 a piece, said the woman at the counter.").flags


@given(st.binary(max_size=300))
def test_bytes_are_either_a_text_or_have_a_reason(raw):
    found = decode_bytes(raw)
    assert (found.text is None) == (found.reason is not None)
    assert (found.text is None) == (found.encoding is None)
    if found.text is not None:
        found.text.encode()


@given(st.text(max_size=200))
def test_any_text_without_nulls_comes_back_from_its_utf_8(text):
    text = text.replace("\x00", "")
    raw = text.encode()
    if decode_bytes(raw).encoding == "utf-8":
        assert decode_bytes(raw).text == text
