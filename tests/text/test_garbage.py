import gc

from pipeline.text.garbage import no_cycles


def test_the_search_for_cycles_is_off_inside_and_on_again_behind():
    with no_cycles():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_turned_the_search_off_finds_it_off():
    gc.disable()
    try:
        with no_cycles():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
