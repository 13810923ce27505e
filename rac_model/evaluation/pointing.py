"""Do a model's strongest words stand where the note says the code? Only a synthetic corpus knows where that is.

The pointing game of Zhang et al. 2018 ("Top-down neural attention by excitation backprop"): a hit is a strongest point
inside the true region; here also the share of all of a code's strongest words. The truth is a side file of the
generator that nothing which codes, trains or scores ever opens.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mimic.truth import Places


def pointed(
    codes: Sequence[str], leaned: NDArray[np.int64], words: int, said: Places
) -> dict[str, NDArray[np.float64]]:
    """Of each code (C,): whether its strongest word is in a true mention, the share of its `leaned` (C, k) words that
    are, and the share of all `words` read that are, which is what random ones would have. nan: not said in the note."""
    found = np.full((3, len(codes)), np.nan)
    for i, code in enumerate(codes):
        places = {place for place in said.get(code, ()) if place < words}
        if places:
            inside = [place in places for place in leaned[i].tolist()]
            found[:, i] = inside[0], np.mean(inside), len(places) / words
    return {"points.hit": found[0], "points.share": found[1], "points.chance": found[2]}
