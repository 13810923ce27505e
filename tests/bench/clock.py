"""Seconds, on a machine that may be busy with other things."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

SQUARE = 2048


def timed(work: Callable[[], object], times: int = 3) -> float:
    """Least seconds of a few runs."""
    return min(_once(work) for _ in range(times))


def in_turns(work: Mapping[str, Callable[[], object]], rounds: int = 4) -> dict[str, float]:
    """Least seconds of each, all of them once a round, so that a busy moment harms none alone."""
    each = [{name: _once(run) for name, run in work.items()} for _ in range(rounds)]
    return {name: min(seconds[name] for seconds in each) for name in work}


def product(kind: torch.dtype) -> Callable[[], object]:
    """A product of large matrices, of which a processor computes the most in a second."""
    one = torch.randn(SQUARE, SQUARE).to(kind)
    return lambda: one @ one


def per_second(seconds: float) -> float:
    """FLOP a second of `product`."""
    return 2 * SQUARE**3 / seconds


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
