"""Imports of large libraries, without what makes them longer."""

import gc
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.importing import as_if_not_installed, importing, putting_off, putting_off_all_of, undisturbed


def fail_to_import() -> None:
    with importing():
        raise ImportError("still" if not gc.isenabled() else "at work")


def test_the_collector_is_still_during_an_import_and_works_again_even_after_one_that_failed() -> None:
    with pytest.raises(ImportError, match="still"):
        fail_to_import()
    assert gc.isenabled()


def test_the_collector_never_looks_at_what_an_import_made() -> None:
    with importing():
        made: list[object] = []
    later: list[object] = []
    seen = {id(thing) for thing in gc.get_objects()}

    assert id(later) in seen
    assert id(made) not in seen


def test_a_collector_that_was_still_stays_so() -> None:
    gc.disable()
    try:
        with importing():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


class Finalised:
    """Has Ctrl-C pressed when it goes."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_not_lost_in_a_finaliser_but_waits_for_the_end_of_an_import() -> None:
    reached: list[str] = []

    def import_something() -> None:
        with undisturbed():
            Finalised()
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        import_something()
    assert reached == ["the end"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_import_in_another_thread_leaves_ctrl_c_alone() -> None:
    def look() -> None:
        with undisturbed():
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


@pytest.fixture
def herons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that nobody has imported."""
    (tmp_path / "herons").mkdir()
    (tmp_path / "herons/__init__.py").touch()
    (tmp_path / "herons/nests.py").write_text("def count(*, reeds): return 3 * reeds\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("herons", "herons.nests"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_function_that_was_put_off_is_imported_when_it_is_called(herons: None) -> None:
    with putting_off("herons.nests", "count"):
        from herons.nests import count
    before = "herons" in sys.modules

    assert (before, count(reeds=2), "herons.nests" in sys.modules) == (False, 6, True)


def test_what_was_not_put_off_is_not_found_until_the_end(herons: None) -> None:
    with putting_off("herons.nests", "count"), pytest.raises(ImportError):
        import herons.eggs  # noqa: F401
    from herons.nests import count

    assert count.__module__ == "herons.nests"


def test_a_module_that_is_here_already_is_not_put_off(herons: None) -> None:
    from herons.nests import count

    with putting_off("herons.nests", "count"):
        from herons.nests import count as same
    assert same is count


def test_what_is_as_if_not_installed_is_found_again_afterwards_and_where_it_was_here_before(herons: None) -> None:
    with as_if_not_installed("herons"), pytest.raises(ImportError):
        import herons
    import herons

    with as_if_not_installed("herons"):
        import herons as same
    assert same is herons


def test_a_module_that_was_put_off_as_a_whole_is_imported_with_the_first_call_of_what_was_taken_from_it(
    herons: None,
) -> None:
    with putting_off_all_of("herons.nests"):
        from herons.nests import count
    before = "herons.nests" in sys.modules

    assert (before, count(reeds=2), "herons.nests" in sys.modules) == (False, 6, True)


def test_a_module_that_was_put_off_is_itself_when_it_is_asked_afterwards(herons: None) -> None:
    with putting_off_all_of("herons.nests"):
        import herons.nests as nests
    import herons.nests as real

    assert nests is not real
    assert nests.count is real.count
    with pytest.raises(AttributeError, match="no attribute 'eggs'"):
        nests.eggs  # noqa: B018


def test_nothing_about_a_module_that_is_put_off_looks_as_if_it_were_there(herons: None) -> None:
    with putting_off_all_of("herons"):
        import herons

        assert not hasattr(herons, "__path__")
        with pytest.raises(ImportError, match="not a package"):
            import herons.eggs


def test_a_module_that_is_here_already_is_not_put_off_as_a_whole_either(herons: None) -> None:
    import herons.nests

    with putting_off_all_of("herons.nests"):
        import herons.nests as same
    assert same is sys.modules["herons.nests"] is herons.nests


EMBED = """
import sys
from index.sentence_transformers import import_sentence_transformers

import_sentence_transformers()
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"sklearn", "pandas", "torch"}))
from sentence_transformers.util.similarity import pairwise_distances
print(pairwise_distances([[0.0, 0.0]], [[3.0, 4.0]], metric="manhattan"))
"""


def test_sentence_transformers_loads_nothing_that_is_not_used_and_what_it_put_off_works() -> None:
    done = subprocess.run([sys.executable, "-c", EMBED], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["torch", "[[7.]]"]
