import pytest

from pipeline.text.charsets import claimed_charset, decode_page
from pipeline.text.decoding import UNCERTAIN

GREEK = "<p>Το συμβούλιο αποφάσισε να χτίσει μια νέα γέφυρα πάνω από το ποτάμι."


@pytest.mark.parametrize(
    ("head", "claim"),
    [
        (b"<meta charset=utf-8>", "utf-8"),
        (b"<META CHARSET = 'Shift_JIS'>", "Shift_JIS"),
        (b'<meta content="text/html; charset=windows-1250" http-equiv=x>', "windows-1250"),
        (b'<?xml version="1.0" encoding="ISO-8859-2"?><html><meta charset=x>', "ISO-8859-2"),
        (b"<html><body>no claim", None),
        (b" " * 5_000 + b"<meta charset=utf-8>", None),
    ],
)
def test_the_claim_is_found_where_pages_make_it(head, claim):
    assert claimed_charset(head) == claim


@pytest.mark.parametrize(
    ("claim", "codec", "name"),
    [
        ("ISO-8859-7", "cp1253", "iso-8859-7"),
        ("windows-1253", "cp1253", "windows-1253"),
        ("x-user-defined", "cp1253", "iso-8859-7"),
        ("idna", "cp1253", "iso-8859-7"),
        ("..\\..\\x", "cp1253", "iso-8859-7"),
        ("\x00", "cp1253", "iso-8859-7"),
        ("iso-8859-1", "cp1253", "iso-8859-7"),
        ("windows-1253", "utf-8", "utf-8"),
        ("ascii", "utf-16", "utf-16"),
    ],
)
def test_a_claim_counts_where_it_fits_and_only_in_the_place_of_a_guess(claim, codec, name):
    page = decode_page(GREEK.encode(codec), charset=claim)
    assert (page.text, page.encoding) == (GREEK, name)


def test_the_server_is_heard_before_the_page():
    page = b"<meta charset=windows-1251>\xd4\xe5\xf1\xf4"
    assert decode_page(page, charset="windows-1253").encoding == "windows-1253"
    assert decode_page(page).encoding == "windows-1251"


def test_a_chinese_claim_is_read_as_the_widest_of_its_kind():
    text = "<meta charset=gb2312>朱镕基在会上讲话"
    assert decode_page(text.encode("gbk")).text == text


def test_a_western_claim_settles_a_western_guess():
    raw = b"A word with \x9e in it"
    assert UNCERTAIN in decode_page(raw).flags
    assert UNCERTAIN not in decode_page(raw, charset="windows-1252").flags
