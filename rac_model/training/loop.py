"""The training loop. Resumable: killed at any step, it ends with the same weights."""

from __future__ import annotations

import hashlib
import json
import math
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

from files.code_files import CountsFile
from files.output import write_whole
from icd.codes import CodeRow
from rac_model import checkpoint as checkpoints
from rac_model.build import weights_of
from rac_model.checkpoint import Checkpoint
from rac_model.config import Training
from rac_model.data.samples import Notes, Samples, batches, padded
from rac_model.evaluation.thresholds import best_threshold, figures_at_thresholds
from rac_model.inference.reader import Reader
from rac_model.models.base import Model
from rac_model.training.curves import draw
from rac_model.training.distributed import Place
from rac_model.training.optim import Mover, keep, kept

STATE = "state.pt"
LOG = "log.jsonl"
REPORT = "training.json"
CURVES = "training.svg"
KEEP_SECONDS = 300
"""Seconds between two states kept; a kill loses no more."""


@dataclass
class Task:
    """A model and what it is trained on.

    `note_words`: how many words of the vocabulary come from notes. `dev_missed`: how many reference
    codes of the dev notes the model cannot give. `corpus`: the sha256 of the notes.
    """

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
    """How far a training has come; kept with the state.

    `step` and `loss` are of the epoch under way, `loss` of this process alone. `best` has the best
    dev P@8 of each kind of weights (as they are, averaged); `stale` counts the epochs since one of
    them was beaten. `stop` says why training ended; until it has, it is interrupted.
    """

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

    @property
    def goes_on(self) -> bool:
        """Whether nothing has ended the training yet."""
        return self.stop == "interrupted"


def fit(task: Task, out: Path, here: Place, *, minutes: float = 0, progress: bool = True) -> None:
    """Train until the epochs, the patience or the minutes are used up.

    Leaves the checkpoint of the best dev P@8 in `out`. `minutes=0` is no limit.
    """
    config = task.config
    model = task.model.to(here.device)
    steps = math.ceil(len(task.samples) / config.batch_size)
    mover = Mover(model, config, steps)
    done = Progress()
    settings = json.dumps([task.name, asdict(config), task.corpus])
    fingerprint = hashlib.sha256(settings.encode()).hexdigest()
    state = kept(out / STATE, fingerprint)
    if state is not None:
        mover.restore(state["mover"])
        done = Progress(**state["progress"])
    loop = Loop(task, mover, done, here, _loss_module(model, here), out / STATE, fingerprint)
    steps_done = (done.epoch - 1) * steps + done.step
    with tqdm(total=steps * config.epochs, initial=steps_done, disable=not progress) as bar:
        while done.goes_on:
            out_of_time = loop.run_epoch(bar, minutes)
            judge(loop, out)
            if out_of_time:
                done.stop = "budget"
            elif done.stale >= config.patience:
                done.stop = "patience"
            elif done.epoch >= config.epochs:
                done.stop = "epochs"
            done.epoch += 1
            done.step = 0
            done.loss = 0.0
            if here.first:
                loop.keep()
                report(task, done, here, out)
    if here.first:
        (out / STATE).unlink(missing_ok=True)


@dataclass
class Loop:
    """A running training: its task, weights, progress and clock, and where its state is kept."""

    task: Task
    mover: Mover
    done: Progress
    here: Place
    loss_module: nn.Module
    state: Path
    fingerprint: str
    clock: tuple[float, float] = field(
        default_factory=lambda: (time.monotonic(), time.process_time())
    )
    kept_at: float = field(default_factory=time.monotonic)

    def run_epoch(self, bar: tqdm, minutes: float) -> bool:
        """Do the steps of the epoch that are not done yet.

        Returns whether the minutes were used up before its end.
        """
        config = self.task.config
        done = self.done
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
            self.show(bar)
            self.tick()
            if minutes and self.here.agree(self.spent()) > 60 * minutes:
                return True
            if self.here.first and time.monotonic() - self.kept_at > KEEP_SECONDS:
                self.keep()
        return False

    def show(self, bar: tqdm) -> None:
        """Move the progress bar by a step."""
        config = self.task.config
        done = self.done
        loss = done.loss * self.here.world / done.step / config.batch_size  # as if all were alike
        best = max(done.best.values(), default=0)
        bar.set_description(f"epoch {done.epoch}/{config.epochs}", refresh=False)
        bar.set_postfix({"loss": f"{loss:.1f}", "P@8": f"{best:.3f}"}, refresh=False)
        bar.update()

    def one_step(self, step: int, chosen: NDArray[np.int64]) -> float:
        """One gradient step on a batch, the samples numbered `chosen`.

        Each of several processes takes its share of them, in parts that fit into memory.
        Returns this process's loss, summed over its samples.
        """
        config = self.task.config
        here = self.here
        key = [config.seed, self.done.epoch, step]
        labels = self.task.samples.labels(chosen)
        codes, targets, code_weights = sampled_codes(
            labels, config.negatives, np.random.default_rng(key)
        )
        torch.manual_seed(_seed_of([*key, here.rank]))
        mine = np.arange(len(chosen))[here.rank :: here.world]
        # DistributedDataParallel averages over processes; the loss is the mean over the batch.
        scale = here.world / len(chosen)
        if not len(mine):
            # Processes step together; one that has no sample takes one that counts nothing.
            mine = np.zeros(1, np.int64)
            scale = 0.0
        parts = [mine]
        if config.at_once:
            parts = np.split(mine, range(config.at_once, len(mine), config.at_once))
        total = 0.0
        for number, part in enumerate(parts):
            if isinstance(self.loss_module, DistributedDataParallel):
                self.loss_module.require_backward_grad_sync = number == len(parts) - 1
            loss = self.loss(chosen[part], codes, targets[part], code_weights)
            (loss * scale).backward()
            if scale:
                total += float(loss.detach())
        self.mover.step()
        return total

    def loss(
        self,
        samples: NDArray[np.int64],
        codes: Tensor | None,
        targets: Tensor,
        code_weights: Tensor,
    ) -> Tensor:
        """The model's loss on some samples of a batch: see `Model.loss`."""
        config = self.task.config
        device = self.here.device
        notes = [self.task.samples.ids(int(sample), self.done.epoch) for sample in samples]
        ids, mask = padded(notes)
        if mask is not None:
            mask = mask.to(device)
        if codes is not None:
            codes = codes.to(device)
        lean = config.precision == "bfloat16"
        with torch.autocast(device.type, torch.bfloat16, enabled=lean):
            return self.loss_module(
                ids.to(device), mask, codes, targets.to(device), code_weights.to(device)
            )

    def tick(self) -> None:
        """Add the time since the last tick."""
        seconds, cpu_seconds = self.clock
        self.clock = (time.monotonic(), time.process_time())
        self.done.seconds += self.clock[0] - seconds
        self.done.cpu_seconds += self.clock[1] - cpu_seconds

    def spent(self) -> float:
        """Seconds that count against the minutes: of the processor, or on a GPU of the clock."""
        if self.here.device.type == "cpu":
            return self.done.cpu_seconds
        return self.done.seconds

    def keep(self) -> None:
        """Keep the state, for a later process to go on from."""
        state = {
            "fingerprint": self.fingerprint,
            "mover": self.mover.state(),
            "progress": asdict(self.done),
        }
        keep(self.state, state)
        self.kept_at = time.monotonic()


class LossModule(nn.Module):  # type: ignore[misc]
    """A model's loss as `forward`: DistributedDataParallel syncs gradients through that alone."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        ids: Tensor,
        mask: Tensor | None,
        codes: Tensor | None,
        targets: Tensor,
        code_weights: Tensor,
    ) -> Tensor:
        """See `Model.loss`."""
        return self.model.loss(ids, mask, codes, targets, code_weights)


def sampled_codes(
    labels: csr_matrix, negatives: int, generator: np.random.Generator
) -> tuple[Tensor | None, Tensor, Tensor]:
    """(codes C or None for all, targets (B, C), weights (C,) in the loss) for a step on a batch.

    The codes are those of the batch and `negatives` drawn from the others. A drawn code stands for
    as many as were not drawn, so the expected loss is that over all codes.
    """
    size = labels.shape[1]
    present = np.unique(labels.indices)
    absent = size - len(present)
    if not negatives or negatives >= absent:
        return None, torch.from_numpy(labels.toarray()), torch.ones(size)
    others: NDArray[np.int64] = np.setdiff1d(np.arange(size), present, assume_unique=True)
    codes = np.concatenate([present, generator.choice(others, negatives, replace=False)])
    weights = np.concatenate([np.ones(len(present)), np.full(negatives, absent / negatives)])
    return (
        torch.from_numpy(codes),
        torch.from_numpy(labels[:, codes].toarray()),
        torch.from_numpy(weights).float(),
    )


def judge(loop: Loop, out: Path) -> None:
    """The end of an epoch: average the weights, look at the dev notes, keep the best checkpoint."""
    task = loop.task
    done = loop.done
    here = loop.here
    loop.mover.epoch_done(done.epoch)
    loss = here.total(done.loss) / max(done.step * task.config.batch_size, 1)
    better = False
    for which, candidate in loop.mover.watched().items():
        # The first process alone looks at the dev notes, and tells the others.
        figures = development(task, candidate) if here.first else {}
        p8 = here.agree(figures.get("p@8", 0.0))
        if which == "raw":
            loop.mover.judged(here.agree(figures.get("micro_f1", 0.0)))
        line: dict[str, Any] = {"epoch": done.epoch, "weights": which, "loss": loss, **figures}
        if p8 > max(done.best.values(), default=-1.0):
            done.best_epoch = done.epoch
            if here.first:
                checkpoints.save(snapshot(task, candidate, line), out)
        if p8 > done.best.get(which, -1.0):
            better = True
            done.best[which] = p8
        loop.tick()
        times = {"seconds": round(done.seconds, 1), "cpu_seconds": round(done.cpu_seconds, 1)}
        done.history.append(line | times)
    if better:
        done.stale = 0
    else:
        done.stale += 1


def development(task: Task, model: Model) -> dict[str, float]:
    """Figures on the development notes, at .5 and at the threshold that is best on them."""
    probabilities = Reader(model).probabilities(list(task.dev))
    tuned = best_threshold(probabilities, task.dev_labels, task.dev_missed)
    return figures_at_thresholds(
        probabilities, task.dev_labels, threshold=0.5, tuned=tuned, missed=task.dev_missed
    )


def snapshot(task: Task, model: Model, line: dict[str, Any]) -> Checkpoint:
    """The model as it is now, with its dev figures (`line`) and its codes' counts in training."""
    counts = np.asarray(task.samples.reference.sum(axis=0), dtype=np.int64).ravel()
    codes = [row.code for row in task.codes]
    code_counts = dict(zip(codes, counts.tolist(), strict=True))
    metrics = {
        "development": line,
        "notes": {"train": len(task.samples.notes), "dev": len(task.dev)},
        "corpus": task.corpus,
        "code_counts": code_counts,
    }
    return Checkpoint(
        name=task.name,
        config=task.config,
        codes=task.codes,
        vocabulary=task.vocabulary,
        weights=weights_of(model, task.config.stored),
        metrics=metrics,
        note_words=task.note_words,
        counts=CountsFile(code_counts, len(task.samples.notes)),
    )


def report(task: Task, done: Progress, here: Place, out: Path) -> None:
    """Write the log, the report and the curves, which are no part of the checkpoint."""
    log = "".join(json.dumps(line) + "\n" for line in done.history)
    write_whole(out / LOG, log.encode())
    facts = {
        "epochs": done.epoch - 1,  # `fit` has moved on to the next one
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


def _loss_module(model: Model, here: Place) -> nn.Module:
    """The model's loss, in step with other processes where there are any."""
    if here.world > 1:
        return DistributedDataParallel(LossModule(model))
    return LossModule(model)


def _seed_of(key: list[int]) -> int:
    """A seed for PyTorch that differs where any number of the key does."""
    return int(np.random.SeedSequence(key).generate_state(1)[0])
