"""Imports without the collector of cyclic garbage."""

import gc

import pytest

from index.importing import importing


def fail_to_import() -> None:
    with importing():
        raise ImportError("still" if not gc.isenabled() else "at work")


def test_the_collector_is_still_during_an_import_and_works_again_even_after_one_that_failed() -> None:
    with pytest.raises(ImportError, match="still"):
        fail_to_import()
    assert gc.isenabled()


def test_a_collector_that_was_still_stays_so() -> None:
    gc.disable()
    try:
        with importing():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
