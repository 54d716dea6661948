"""What the processor can do, in Linux's words. Elsewhere nothing is known of it."""

from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_BFLOAT16 = frozenset(("avx512_bf16", "amx_bf16"))
_AVX512 = frozenset(("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"))


def computes_in_bfloat16() -> bool:
    """Tell whether the processor multiplies matrices in bfloat16."""
    return not _BFLOAT16.isdisjoint(_flags())


def has_avx512() -> bool:
    """Tell whether the processor has the parts of AVX-512 that servers have had since Skylake."""
    return _flags() >= _AVX512


@cache
def _flags() -> frozenset[str]:
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").partition(":")[2].split())
