"""A recurrent layer read in both directions, each note from its own end.

The same as a bidirectional layer over packed notes. On a CPU PyTorch is some ten times slower with
packed notes than with padded ones, so each note is turned round within its length instead, and
padding comes last both ways.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BothWays(nn.Module):  # type: ignore[misc]
    """Two layers of `kind` (nn.LSTM or nn.GRU), `hidden` wide each."""

    def __init__(self, kind: type[nn.RNNBase], width: int, hidden: int) -> None:
        super().__init__()
        self.onward = kind(width, hidden, batch_first=True)
        self.back = kind(width, hidden, batch_first=True)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x (B, n, width), mask (B, n) true at words -> states (B, n, 2 hidden).

        States past a note's end mean nothing.
        """
        turn = turned(x.shape[1], mask, x.device)
        onward, _ = self.onward(x)
        back, _ = self.back(_taken(x, turn))
        return torch.cat([onward, _taken(back, turn)], -1)


def last_states(states: Tensor, mask: Tensor | None) -> Tensor:
    """(B, 2 hidden): the onward direction's at each note's last word, the other's at its first."""
    half = states.shape[-1] // 2
    if mask is None:
        onward = states[:, -1, :half]
    else:
        last_words = mask.sum(1) - 1
        onward = states[torch.arange(len(states)), last_words, :half]
    return torch.cat([onward, states[:, 0, half:]], -1)


def turned(length: int, mask: Tensor | None, device: torch.device) -> Tensor:
    """Places (B or 1, n) that turn each note round within its own length.

    >>> turned(4, torch.tensor([[True, True, True, False]]), torch.device("cpu")).tolist()
    [[2, 1, 0, 3]]
    """
    places = torch.arange(length, device=device)[None]
    if mask is None:
        return places.flip(1)
    ends = mask.sum(1, keepdim=True)
    return torch.where(places < ends, ends - 1 - places, places)


def _taken(x: Tensor, places: Tensor) -> Tensor:
    """The words of x (B, n, d) at these places (B or 1, n)."""
    return x.gather(1, places.unsqueeze(-1).expand(len(x), -1, x.shape[-1]))
