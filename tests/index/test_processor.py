"""What the processor says of itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import processor

SKYLAKE = "fpu sse2 avx2 avx512f avx512dq avx512cd avx512bw avx512vl"


@pytest.fixture
def cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A processor's description, to be written."""
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    processor._flags.cache_clear()
    yield tmp_path / "cpuinfo"
    processor._flags.cache_clear()


@pytest.mark.parametrize(
    ("flags", "bfloat16", "avx512"),
    [
        ("fpu sse2 avx2", False, False),
        (SKYLAKE, False, True),
        (SKYLAKE.replace(" avx512cd", ""), False, False),
        (f"{SKYLAKE} avx512_bf16", True, True),
        (f"{SKYLAKE} amx_tile amx_bf16", True, True),
    ],
)
def test_what_it_can_do_is_read_from_its_flags(cpuinfo: Path, flags: str, bfloat16: bool, avx512: bool) -> None:
    cpuinfo.write_text(f"processor : 0\nflags\t\t: {flags}\nbugs : none\n\nprocessor : 1\n", encoding="utf-8")
    assert (processor.computes_in_bfloat16(), processor.has_avx512()) == (bfloat16, avx512)


def test_where_nothing_is_said_nothing_is_assumed(cpuinfo: Path) -> None:
    assert (processor.computes_in_bfloat16(), processor.has_avx512()) == (False, False)
