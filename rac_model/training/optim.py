"""How weights are changed: optimizer, its schedule, weight averaging; and a state to go on from."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rac_model.config import ConfigError, Training
from rac_model.models.base import Model

WARM_UP = 0.1
"""Share of a one-cycle schedule in which the step grows."""


class Mover:
    """Optimizer, schedule and average of a model's weights."""

    def __init__(self, model: Model, config: Training, steps: int) -> None:
        """`steps`: gradient steps an epoch."""
        self.model = model
        self.config = config
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
        self.optimizer = kind(
            self.weights, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.schedule = _schedule(self.optimizer, config, steps)
        self.averaged = _averaged(model, config)

    def step(self) -> None:
        """After a step's gradients: clip, move, average."""
        if self.config.clip:
            torch.nn.utils.clip_grad_norm_(self.weights, self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if isinstance(self.schedule, OneCycleLR):
            self.schedule.step()
        if self.averaged is not None and self.config.averaging == "ema":
            self.averaged.update_parameters(self.model)

    def epoch_done(self, epoch: int) -> None:
        """Add the weights to SWA's average: after epochs 1, 1 + average_every, ..."""
        if self.averaged is None or self.config.averaging != "swa":
            return
        if (epoch - 1) % self.config.average_every == 0:
            self.averaged.update_parameters(self.model)

    def judged(self, micro_f1: float) -> None:
        """What the plateau schedule waits for."""
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(micro_f1)

    def watched(self) -> dict[str, Model]:
        """Weights that are looked at after an epoch: as they are, and averaged."""
        found = {"raw": self.model}
        if self.averaged is not None:
            found["averaged"] = self.averaged.module
        return found

    def state(self) -> dict[str, Any]:
        """Everything that a later process needs to go on."""
        parts = {
            "model": self.model,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "averaged": self.averaged,
        }
        return {name: part.state_dict() for name, part in parts.items() if part is not None}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        if self.averaged is not None:
            self.averaged.load_state_dict(state["averaged"])


def keep(path: Path, state: dict[str, Any]) -> None:
    """Write the state beside the checkpoint, readable by its owner alone.

    A kill leaves the old state or the new one, whole.
    """
    clear_scratch(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(state, file)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def clear_scratch(path: Path) -> None:
    """Remove what a process killed while it kept a state has left."""
    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)


def is_state(path: Path) -> bool:
    """Whether the file is the state of an interrupted training."""
    if not path.is_file():
        return False
    try:
        state = torch.load(path, weights_only=True, mmap=True)
    except (RuntimeError, ValueError, EOFError, UnpicklingError):
        return False
    return isinstance(state, dict) and "fingerprint" in state


def kept(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """The state of an interrupted training, None where there is none."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    if state["fingerprint"] != fingerprint:
        raise ConfigError(
            f"{path.parent.name} holds an unfinished training with other settings or notes; "
            "give another --out, or --restart to forget it"
        )
    return state


def _schedule(
    optimizer: torch.optim.Optimizer, config: Training, steps: int
) -> LRScheduler | ReduceLROnPlateau | None:
    if config.schedule == "one-cycle":
        total = steps * config.epochs
        # OneCycleLR divides by the steps of warm-up less one, so a short training has two of them.
        share = max(WARM_UP, 2 / total) if total > 2 else 0.9
        return OneCycleLR(
            optimizer,
            config.learning_rate,
            total_steps=total,
            pct_start=share,
            cycle_momentum=False,
        )
    if config.schedule == "plateau":
        return ReduceLROnPlateau(optimizer, "max", factor=0.9, patience=5)
    return None


def _averaged(model: Model, config: Training) -> AveragedModel | None:
    if config.averaging == "none":
        return None
    if config.averaging == "ema":
        decay = get_ema_multi_avg_fn(config.ema_decay)
        return AveragedModel(model, multi_avg_fn=decay, use_buffers=False)
    return AveragedModel(model, use_buffers=False)
