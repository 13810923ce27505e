"""Training from a MIMIC-shaped folder to a checkpoint folder."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from files.output import check_folder, check_names
from mimic.table import MimicError
from rac_model import checkpoint as checkpoints
from rac_model.build import new
from rac_model.checkpoint import Checkpoint
from rac_model.config import Coder, ConfigError, Training
from rac_model.data.corpus import Corpus, opened
from rac_model.data.samples import (
    Notes,
    Samples,
    codes_of,
    guidelines,
)
from rac_model.models.base import Model
from rac_model.models.registry import SYSTEMS
from rac_model.training.distributed import Place, place
from rac_model.training.loop import (
    CURVES,
    LOG,
    REPORT,
    STATE,
    Progress,
    Task,
    development,
    fit,
    report,
    snapshot,
)
from rac_model.training.optim import clear_scratch, is_state

LEFT_BESIDE = (LOG, REPORT, CURVES)
"""Files that a training leaves beside its checkpoint."""


def train(
    name: str,
    config: Coder,
    folders: Sequence[Path],
    out: Path,
    *,
    prepared: Path | None = None,
    minutes: float = 0,
    restart: bool = False,
    progress: bool = True,
) -> Checkpoint:
    """Train on the train split of the folders, and leave the best epoch's checkpoint in `out`.

    The dev split says which epoch is best and when to stop. Beside the checkpoint: log.jsonl (a
    line an epoch), training.json (how long, why it stopped), training.svg. An unfinished training
    of the same settings and notes is gone on with, unless `restart`. The notes' token ids are kept
    in `prepared` (default: a folder of that name beside `out`). After `minutes` of processor time,
    on a GPU of the clock, the epoch is cut short. OutputError, and nothing is gone, where `out`
    holds files of these names that no training wrote, or is or lies in one of the folders;
    ConfigError where it holds a checkpoint of other settings.
    """
    check_out(out, folders, name, config, restart=restart)
    beside = prepared or out.parent / "prepared"
    with place() as here:
        if here.first:
            opened(folders, beside, progress)
        here.agree(0)  # the others wait until the notes are prepared
        corpus = opened(folders, beside, progress)
        out.mkdir(parents=True, exist_ok=True)
        if not isinstance(config, Training):
            codes, _ = codes_of(corpus, corpus.where("train"), config)
            learned_nothing = Checkpoint(name, config, codes, [], {}, {})
            checkpoints.save(learned_nothing, out)
            return learned_nothing
        clear_scratch(out / STATE)
        if restart:
            (out / STATE).unlink(missing_ok=True)
        task = prepare_task(name, config, corpus)
        solve = SYSTEMS[config.kind].solve
        if solve is None:
            fit(task, out, here, minutes=minutes, progress=progress and here.first)
        else:
            started = time.monotonic()
            cpu_started = time.process_time()
            solve(task.model, list(task.samples.notes), task.samples.reference, progress)
            seconds = time.monotonic() - started
            cpu_seconds = time.process_time() - cpu_started
            keep_solved(task, out, seconds, cpu_seconds)
        here.agree(0)  # the others wait until the checkpoint is written
        return checkpoints.load(out)


def check_out(
    out: Path, folders: Sequence[Path], name: str, config: Coder, *, restart: bool
) -> None:
    """Raise OutputError or ConfigError where this training must not write to `out`."""
    check_folder(out, inputs=folders, holds=False)
    there = checkpoints.settings_in(out)
    unfinished = is_state(out / STATE)
    ours = there is not None or unfinished
    names = [*checkpoints.ALL_FILES, *LEFT_BESIDE]
    check_names(out, [STATE], ours=unfinished, writer="train")
    check_names(out, names, ours=ours, writer="train")
    if there is None or unfinished or restart:
        return
    if there["name"] != name or there["model"] != json.loads(json.dumps(asdict(config))):
        raise ConfigError(
            f"{out.name} holds a checkpoint of other settings ({there['name']}); "
            "give another --out, or --restart to write over it"
        )


def prepare_task(name: str, config: Training, corpus: Corpus) -> Task:
    """Choose the vocabulary and the codes, and make the model, for a training that begins."""
    places = {split: corpus.where(split) for split in ("train", "dev")}
    for split, found in places.items():
        if not len(found):
            raise MimicError(f"the {split} split has no notes; check the id files and NOTEEVENTS")
    dev_places = places["dev"]
    if config.dev_notes:
        dev_places = dev_places[: config.dev_notes]
    codes, reference = codes_of(corpus, places["train"], config)
    if not codes:
        raise MimicError(
            "the train split has no codes; check DIAGNOSES_ICD and PROCEDURES_ICD, or use codes=all"
        )
    vocabulary, note_words, model = new(config, corpus, places["train"], codes)
    if config.r_drop and type(model).loss is not Model.loss:
        raise ConfigError(
            f"r_drop does not go with {config.kind}, which has a loss of its own; set r_drop=0"
        )
    words = vocabulary[:note_words]
    manual = guidelines(codes, words) if config.guideline_notes else []
    train_notes = Notes(corpus, places["train"], words, config.max_tokens)
    return Task(
        name=name,
        config=config,
        codes=codes,
        vocabulary=vocabulary,
        note_words=note_words,
        model=model,
        samples=Samples(train_notes, reference[places["train"]], config, manual),
        dev=Notes(corpus, dev_places, words, config.max_tokens),
        dev_labels=reference[dev_places],
        dev_missed=int(corpus.reference[dev_places].nnz) - int(reference[dev_places].nnz),
        corpus=corpus.sha256,
    )


def keep_solved(task: Task, out: Path, seconds: float, cpu_seconds: float) -> None:
    """Measure and keep a model that its own solver has trained."""
    line: dict[str, Any] = {"epoch": 0, "weights": "raw", **development(task, task.model)}
    checkpoints.save(snapshot(task, task.model, line), out)
    done = Progress(
        epoch=0,
        tokens=int(task.samples.notes.lengths.sum()),
        notes=len(task.samples.notes),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        stop="solved",
        history=[line],
    )
    report(task, done, Place(), out)
