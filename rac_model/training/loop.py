"""The loop: epochs of gradient steps, which a kill at any step does not change."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from files.output import write_whole
from icd.codes import CodeRow
from rac_model import checkpoint as checkpoints
from rac_model.build import weights_of
from rac_model.checkpoint import Checkpoint
from rac_model.config import Training
from rac_model.data.samples import (
    Notes,
    Samples,
    batches,
    padded,
)
from rac_model.evaluation.thresholds import best_threshold, scored
from rac_model.inference.reader import Reader
from rac_model.models.base import Model
from rac_model.training.curves import draw
from rac_model.training.distributed import Place
from rac_model.training.optim import Mover, keep, kept

STATE, LOG, REPORT, CURVES = "state.pt", "log.jsonl", "training.json", "training.svg"
KEEP_SECONDS = 300
"""Seconds between two states kept; a kill loses no more."""


@dataclass
class Task:
    """What a model is trained on."""

    name: str
    config: Training
    codes: list[CodeRow]
    vocabulary: list[str]
    note_words: int
    model: Model
    samples: Samples
    dev: Notes
    dev_labels: csr_matrix
    dev_missed: int
    corpus: str


@dataclass
class Progress:
    """How far a training has come; kept with the state."""

    epoch: int = 1
    step: int = 0
    loss: float = 0.0
    tokens: int = 0
    notes: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    best: dict[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    stale: int = 0
    stop: str = "interrupted"
    history: list[dict[str, Any]] = field(default_factory=list)


def fit(task: Task, out: Path, here: Place, *, minutes: float = 0, progress: bool = True) -> None:
    """Epochs of gradient steps, weight averaging, the best dev P@8 kept, early stop."""
    config, model = task.config, task.model.to(here.device)
    steps = -(-len(task.samples) // config.batch_size)
    mover, done = Mover(model, config, steps), Progress()
    fingerprint = hashlib.sha256(json.dumps([task.name, asdict(config), task.corpus]).encode()).hexdigest()
    state = kept(out / STATE, fingerprint)
    if state is not None:
        mover.restore(state["mover"])
        done = Progress(**state["progress"])
    loop = Loop(task, mover, done, here, _stepper(model, here), out / STATE, fingerprint)
    with tqdm(total=steps * config.epochs, initial=done.notes // config.batch_size, disable=not progress) as bar:
        while done.stop == "interrupted":
            spent = loop.run_epoch(bar, minutes)
            judge(loop, out)
            if spent:
                done.stop = "budget"
            elif done.stale >= config.patience:
                done.stop = "patience"
            elif done.epoch >= config.epochs:
                done.stop = "epochs"
            done.epoch, done.step, done.loss = done.epoch + 1, 0, 0.0
            if here.first:
                loop.keep()
                report(task, done, here, out)
    if here.first:
        (out / STATE).unlink(missing_ok=True)


@dataclass
class Loop:
    """A running training."""

    task: Task
    mover: Mover
    done: Progress
    here: Place
    stepper: nn.Module
    state: Path
    fingerprint: str
    clock: tuple[float, float] = field(default_factory=lambda: (time.monotonic(), time.process_time()))
    kept_at: float = field(default_factory=time.monotonic)

    def run_epoch(self, bar: tqdm, minutes: float) -> bool:
        """Steps of the epoch that are not done yet; whether the time was spent before its end."""
        config, done = self.task.config, self.done
        self.mover.model.train()
        generator = np.random.default_rng([config.seed, done.epoch])
        lengths = self.task.samples.lengths()
        for step, chosen in enumerate(batches(lengths, config.batch_size, generator)):
            if step < done.step:
                continue
            done.loss += self.one_step(step, chosen)
            done.step += 1
            done.notes += len(chosen)
            done.tokens += int(lengths[chosen].sum())
            bar.set_description(f"epoch {done.epoch}/{config.epochs}", refresh=False)
            best = max(done.best.values(), default=0)
            bar.set_postfix({"loss": f"{done.loss / done.step / config.batch_size:.1f}", "P@8": f"{best:.3f}"}, False)
            bar.update()
            self.tick()
            if minutes and self.here.agree(self.spent()) > 60 * minutes:
                return True
            if self.here.first and time.monotonic() - self.kept_at > KEEP_SECONDS:
                self.keep()
        return False

    def one_step(self, step: int, chosen: NDArray[np.int64]) -> float:
        """Gradients of the batch, this process's share in parts that fit, then a move; the share's loss summed."""
        config, here = self.task.config, self.here
        key = [config.seed, self.done.epoch, step]
        rows, targets, weights = chosen_codes(
            self.task.samples.labels(chosen), config.negatives, np.random.default_rng(key)
        )
        torch.manual_seed(int(np.random.SeedSequence([*key, here.rank]).generate_state(1)[0]))
        mine = np.arange(len(chosen))[here.rank :: here.world]
        scale = here.world / len(chosen) if len(mine) else 0.0
        mine = mine if len(mine) else np.zeros(1, np.int64)
        parts = np.split(mine, range(config.at_once, len(mine), config.at_once)) if config.at_once else [mine]
        total = 0.0
        for i, part in enumerate(parts):
            ids, mask = padded([self.task.samples.ids(int(chosen[j]), self.done.epoch) for j in part])
            wanted = [x if x is None else x.to(here.device) for x in (ids, mask, rows, targets[part], weights)]
            if isinstance(self.stepper, DistributedDataParallel):
                self.stepper.require_backward_grad_sync = i == len(parts) - 1
            with torch.autocast(here.device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
                loss = self.stepper(*wanted)
            (loss * scale).backward()
            total += float(loss.detach()) if scale else 0.0
        self.mover.step()
        return total

    def tick(self) -> None:
        """Add the time since the last tick."""
        now = time.monotonic(), time.process_time()
        self.done.seconds += now[0] - self.clock[0]
        self.done.cpu_seconds += now[1] - self.clock[1]
        self.clock = now

    def spent(self) -> float:
        """Seconds that count against a budget: of the processor, on a GPU of the clock."""
        return self.done.cpu_seconds if self.here.device.type == "cpu" else self.done.seconds

    def keep(self) -> None:
        """Keep the state, for a later process to go on from."""
        state = {"fingerprint": self.fingerprint, "mover": self.mover.state(), "progress": asdict(self.done)}
        keep(self.state, state)
        self.kept_at = time.monotonic()


class Stepper(nn.Module):  # type: ignore[misc]
    """A model's loss as a forward pass, which is what DistributedDataParallel follows."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: Tensor, mask: Tensor | None, rows: Tensor | None, targets: Tensor, weights: Tensor
    ) -> Tensor:
        """See `Model.loss`."""
        return self.model.loss(ids, mask, rows, targets, weights)


def chosen_codes(
    reference: csr_matrix, negatives: int, generator: np.random.Generator
) -> tuple[Tensor | None, Tensor, Tensor]:
    """(codes or None for all, targets (B, C), weights (C,)): the batch's codes and `negatives` drawn from the others.

    A drawn code stands for as many as were not drawn, so the expected loss is that over all codes.
    """
    size = reference.shape[1]
    present = np.unique(reference.indices)
    absent = size - len(present)
    if not negatives or negatives >= absent:
        return None, torch.from_numpy(reference.toarray()), torch.ones(size)
    others: NDArray[np.int64] = np.setdiff1d(np.arange(size), present, assume_unique=True)
    rows = np.concatenate([present, generator.choice(others, negatives, replace=False)])
    weights = np.concatenate([np.ones(len(present)), np.full(negatives, absent / negatives)])
    return torch.from_numpy(rows), torch.from_numpy(reference[:, rows].toarray()), torch.from_numpy(weights).float()


def judge(loop: Loop, out: Path) -> None:
    """The end of an epoch: average, look at the development notes, keep the best, count epochs without a better one."""
    task, done, mover = loop.task, loop.done, loop.mover
    mover.epoch_done(done.epoch)
    loss = loop.here.total(done.loss) / max(done.step * task.config.batch_size, 1)
    better = False
    for which, candidate in mover.watched().items():
        figures = development(task, candidate) if loop.here.first else {}
        p8 = loop.here.agree(figures.get("p@8", 0.0))
        if which == "raw":
            mover.judged(loop.here.agree(figures.get("micro_f1", 0.0)))
        line: dict[str, Any] = {"epoch": done.epoch, "weights": which, "loss": loss, **figures}
        if p8 > max(done.best.values(), default=-1.0):
            done.best_epoch = done.epoch
            if loop.here.first:
                checkpoints.save(snapshot(task, candidate, line), out)
        better = better or p8 > done.best.get(which, -1.0)
        done.best[which] = max(p8, done.best.get(which, -1.0))
        loop.tick()
        done.history.append({**line, "seconds": round(done.seconds, 1), "cpu_seconds": round(done.cpu_seconds, 1)})
    done.stale = 0 if better else done.stale + 1


def development(task: Task, model: Model) -> dict[str, float]:
    """Figures on the development notes, at .5 and at the threshold they serve best."""
    probabilities = Reader(model).probabilities(list(task.dev))
    tuned = best_threshold(probabilities, task.dev_labels, task.dev_missed)
    return scored(probabilities, task.dev_labels, threshold=0.5, tuned=tuned, missed=task.dev_missed)


def snapshot(task: Task, model: Model, line: dict[str, Any]) -> Checkpoint:
    """The model as it is now, with the development figures of `line` and how often its codes stand in training."""
    counts = np.asarray(task.samples.reference.sum(axis=0)).ravel().astype(int)
    metrics = {
        "development": line,
        "notes": {"train": len(task.samples.notes), "dev": len(task.dev)},
        "corpus": task.corpus,
        "code_counts": {row.code: int(count) for row, count in zip(task.codes, counts, strict=True)},
    }
    weights = weights_of(model, task.config.stored)
    return Checkpoint(task.name, task.config, task.codes, task.vocabulary, weights, metrics, note_words=task.note_words)


def report(task: Task, done: Progress, here: Place, out: Path) -> None:
    """What is not part of the checkpoint's identity: log, times, why it stopped, curves."""
    write_whole(out / LOG, "".join(json.dumps(line) + "\n" for line in done.history).encode())
    facts = {
        "epochs": done.epoch - 1 if done.epoch else 0,
        "best_epoch": done.best_epoch,
        "stop": done.stop,
        "tokens": done.tokens,
        "seconds": round(done.seconds, 1),
        "cpu_seconds": round(done.cpu_seconds, 1),
        "notes_per_second": round(done.notes / max(done.seconds, 1e-9), 2),
        "device": torch.cuda.get_device_name() if here.device.type == "cuda" else "cpu",
        "processes": here.world,
        "threads": torch.get_num_threads(),
        "seed": task.config.seed,
        "notes": {"train": len(task.samples.notes), "dev": len(task.dev)},
        "parameters": sum(weight.numel() for weight in task.model.parameters()),
    }
    write_whole(out / REPORT, (json.dumps(facts, indent=1) + "\n").encode())
    write_whole(out / CURVES, draw(done.history).encode())


def _stepper(model: Model, here: Place) -> nn.Module:
    step = Stepper(model)
    return DistributedDataParallel(step) if here.world > 1 else step
