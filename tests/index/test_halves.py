"""Half precision to single, beside NumPy's own conversion."""

import numpy as np

from index.halves import to_single


def test_every_finite_half_becomes_the_same_single() -> None:
    every = np.arange(65_536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 4)

    singles = to_single(finite)

    assert singles.dtype == np.float32
    assert np.array_equal(singles.view(np.uint32), finite.astype(np.float32).view(np.uint32))


def test_halves_are_left_as_they_are() -> None:
    halves = np.array([0.5, -2.0], np.float16)
    to_single(halves)
    assert halves.tolist() == [0.5, -2.0]
