"""Names of array types for annotations. Nothing imports it at run time, so that numpy loads only where it computes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
