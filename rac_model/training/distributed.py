"""Several processes on one training, as `torchrun` starts them; one process where it did not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.distributed as dist


@dataclass(frozen=True)
class Place:
    """This process, number `rank` of `world`.

    The first one writes, prints and looks at the dev notes.
    """

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def agree(self, value: float) -> float:
        """The first process's value, in every process."""
        if self.world == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.broadcast(shared, 0)
        return float(shared.item())

    def total(self, value: float) -> float:
        """The sum over all processes."""
        if self.world == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.all_reduce(shared)
        return float(shared.item())


@contextmanager
def place() -> Iterator[Place]:
    """This process's place: NCCL between GPUs, Gloo between CPUs, nothing where it is alone."""
    gpu = torch.cuda.is_available()
    world = int(os.environ.get("WORLD_SIZE", "1"))
    device = torch.device("cpu")
    if gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        device = torch.device("cuda", torch.cuda.current_device())
    if world == 1:
        yield Place(device=device)
        return
    dist.init_process_group("nccl" if gpu else "gloo")
    try:
        yield Place(dist.get_rank(), world, device)
        dist.barrier()
    finally:
        dist.destroy_process_group()
