"""Whether a model's strongest words stand where the note says the code; for synthetic notes only.

The pointing game of Zhang et al. 2018 ("Top-down neural attention by excitation backprop"): a hit
is a strongest point inside the true region; here also the share of all of a code's strongest words.
Where a note says a code is in a side file of the generator, which nothing that codes, trains or
scores ever opens.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mimic.truth import Places


def pointed(
    codes: Sequence[str], strongest: NDArray[np.int64], words: int, said: Places
) -> dict[str, NDArray[np.float64]]:
    """Three figures of each code (C,), nan where the note does not say it.

    hit: whether its strongest word is in a mention. share: how many of its `strongest` (C, k) words
    are. chance: how many of all `words` read are, which is what random words would have.
    """
    hit, share, chance = np.full((3, len(codes)), np.nan)
    for row, code in enumerate(codes):
        places = {place for place in said.get(code, ()) if place < words}
        if places:
            inside = [place in places for place in strongest[row].tolist()]
            hit[row] = inside[0]
            share[row] = np.mean(inside)
            chance[row] = len(places) / words
    return {"points.hit": hit, "points.share": share, "points.chance": chance}
