"""Training: one loop for every model that learns."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from rac_model.build import Model, new_linear, new_rac, weights_of
from rac_model.checkpoint import Checkpoint, save
from rac_model.codes import CodeRow, code_rows
from rac_model.config import Config, LinearConfig, RacConfig, TitleMatchConfig
from rac_model.data import (
    Lexicon,
    Note,
    batches,
    in_vocabulary,
    labels,
    padded,
    permuted,
    read_notes,
    with_permutations,
)
from rac_model.inference import Reader
from rac_model.mimic import MimicError, Title, read_titles
from rac_model.scores import best_threshold, scored

Log = Callable[[dict[str, Any]], None]


@dataclass
class Task:
    """What a model is trained on: notes in the ids of its vocabulary, its code list, labels in that order."""

    name: str
    config: RacConfig | LinearConfig
    codes: list[CodeRow]
    vocabulary: list[str]
    model: Model
    train: list[Note]
    train_labels: csr_matrix
    dev: list[Note]
    dev_labels: csr_matrix


def train(name: str, config: Config, folders: Sequence[Path], out: Path, progress: bool = True) -> Checkpoint:
    """Train on the train split of the folders, stop by their dev split, leave the best epoch's checkpoint in `out`.

    A line an epoch goes to `out`/log.jsonl. Stopped early by hand, `out` holds the best epoch so far.
    """
    out.mkdir(parents=True, exist_ok=True)
    if isinstance(config, TitleMatchConfig):
        checkpoint = Checkpoint(name, config, _codes(config, folders, _codes_of_train(folders)), [], {}, {})
        save(checkpoint, out)
        return checkpoint
    torch.manual_seed(config.seed)
    task = prepare(name, config, folders)
    with (out / "log.jsonl").open("w") as log:
        return fit(task, out, lambda line: print(json.dumps(line), file=log, flush=True), progress)


def prepare(name: str, config: RacConfig | LinearConfig, folders: Sequence[Path]) -> Task:
    """Read the notes, choose vocabulary and code list, start the model."""
    lexicon = Lexicon()
    notes = {split: read_notes(folders, split, lexicon, config.max_tokens) for split in ("train", "dev")}
    for split, found in notes.items():
        if not found:
            raise MimicError(f"the {split} split has no notes; check the id files and NOTEEVENTS")
    train_notes, dev_notes = notes["train"], notes["dev"][: config.dev_notes or None]
    codes = _codes(config, folders, {code for note in train_notes for code in note.codes})
    if isinstance(config, RacConfig):
        vocabulary, model = new_rac(config, train_notes, lexicon, codes)
    else:
        vocabulary, model = new_linear(config, train_notes, lexicon, len(codes))
    names, known = [row.code for row in codes], vocabulary[: _note_words(model)]
    train_notes, dev_notes = (in_vocabulary(part, lexicon, known) for part in (train_notes, dev_notes))
    if config.permutations and not config.fresh_permutations:
        train_notes = with_permutations(train_notes, config.permutations, np.random.default_rng(config.seed))
    return Task(
        name,
        config,
        codes,
        vocabulary,
        model,
        train_notes,
        labels(train_notes, names),
        dev_notes,
        labels(dev_notes, names),
    )


def fit(task: Task, out: Path, log: Log, progress: bool = True) -> Checkpoint:
    """The loop: epochs of Adam on binary cross-entropy, weight averaging, the best dev P@8 kept, early stop."""
    config, device = task.config, torch.device("cuda" if torch.cuda.is_available() else "cpu")
    generator = np.random.default_rng(config.seed)
    model = task.model.to(device)
    optimizer = torch.optim.Adam(
        [weight for weight in model.parameters() if weight.requires_grad],
        lr=config.learning_rate,
        weight_decay=getattr(config, "weight_decay", 0.0),
    )
    schedule = _schedule(optimizer, config, -(-len(task.train) // config.batch_size))
    averaged = _averaged(model, config)
    watched = {"raw": model} if averaged is None else {"raw": model, "averaged": averaged.module}
    best: dict[str, float] = {}
    stale = 0
    for epoch in range(1, config.epochs + 1):
        start = time.monotonic()
        loss = run_epoch(task, model, optimizer, schedule, averaged, generator, f"epoch {epoch}" if progress else None)
        if averaged is not None and config.averaging == "swa" and (epoch - 1) % config.average_every == 0:
            averaged.update_parameters(model)
        better = False
        for which, candidate in watched.items():
            line: dict[str, Any] = {"epoch": epoch, "weights": which, "loss": loss, **development(task, candidate)}
            log({**line, "seconds": round(time.monotonic() - start, 1)})
            if line["p@8"] > max(best.values(), default=-1.0):
                kept = checkpoint(task, candidate, line)
                save(kept, out)
            better = better or line["p@8"] > best.get(which, -1.0)
            best[which] = max(line["p@8"], best.get(which, -1.0))
        stale = 0 if better else stale + 1
        if stale >= config.patience:
            break
    return kept


def run_epoch(
    task: Task,
    model: Model,
    optimizer: torch.optim.Optimizer,
    schedule: LRScheduler | None,
    averaged: AveragedModel | None,
    generator: np.random.Generator,
    title: str | None,
) -> float:
    """One pass over the training notes; returns the mean loss a note (summed over codes)."""
    config, device, total = task.config, next(model.parameters()).device, 0.0
    notes = task.train
    if config.fresh_permutations:
        notes = [permuted(note, generator) if generator.random() < 0.5 else note for note in notes]
    model.train()
    plan = list(batches([len(note.ids) for note in notes], config.batch_size, generator))
    for chosen in tqdm(plan, desc=title, disable=title is None):
        ids, mask = padded([notes[i].ids for i in chosen])
        rows, targets, weights = chosen_codes(task.train_labels[chosen], config.negatives, generator)
        with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
            logits = model(*(part if part is None else part.to(device) for part in (ids, mask, rows))).float()
        losses = F.binary_cross_entropy_with_logits(logits, targets.to(device), reduction="none")
        loss = (losses * weights.to(device)).sum()
        optimizer.zero_grad(set_to_none=True)
        (loss / len(chosen)).backward()
        if config.clip:
            torch.nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        optimizer.step()
        if schedule is not None:
            schedule.step()
        if averaged is not None and config.averaging == "ema":
            averaged.update_parameters(model)
        total += float(loss.detach())
    return total / len(notes)


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


def development(task: Task, model: Model) -> dict[str, float]:
    """Figures on the development notes, at .5 and at the threshold they serve best."""
    probabilities = Reader(model).probabilities([note.ids for note in task.dev])
    missed = sum(len(note.codes) for note in task.dev) - int(task.dev_labels.nnz)
    tuned = best_threshold(probabilities, task.dev_labels, missed)
    return scored(probabilities, task.dev_labels, threshold=0.5, tuned=tuned, missed=missed)


def checkpoint(task: Task, model: Model, line: dict[str, Any]) -> Checkpoint:
    """The model as it is now, with the development figures of `line`."""
    metrics = {"development": line, "notes": {"train": len(task.train), "dev": len(task.dev)}}
    weights = weights_of(model, task.config.stored)
    return Checkpoint(task.name, task.config, task.codes, task.vocabulary, weights, metrics)


def _schedule(optimizer: torch.optim.Optimizer, config: RacConfig | LinearConfig, steps: int) -> LRScheduler | None:
    if config.schedule == "constant":
        return None
    return OneCycleLR(
        optimizer, config.learning_rate, total_steps=steps * config.epochs, pct_start=0.1, cycle_momentum=False
    )


def _averaged(model: Model, config: RacConfig | LinearConfig) -> AveragedModel | None:
    if config.averaging == "none":
        return None
    decay = get_ema_multi_avg_fn(config.ema_decay) if config.averaging == "ema" else None
    return AveragedModel(model, multi_avg_fn=decay)


def _codes(config: Config, folders: Sequence[Path], seen: set[str]) -> list[CodeRow]:
    titles: dict[str, Title] = {}
    for folder in folders:
        titles |= read_titles(folder)
    rows = code_rows(seen | set(titles) if config.codes == "all" else seen, titles)
    if not rows:
        raise MimicError("the train split has no codes; check DIAGNOSES_ICD and PROCEDURES_ICD, or use codes=all")
    return rows


def _codes_of_train(folders: Sequence[Path]) -> set[str]:
    return {code for note in read_notes(folders, "train", Lexicon(), 1) for code in note.codes}


def _note_words(model: Model) -> int:
    return len(model.note_words.weight if hasattr(model, "note_words") else model.rarity) - 2
