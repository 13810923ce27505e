"""python -m rac_model: train coding models, measure them, code notes with them.

A command imports what it needs when it runs: PyTorch takes longer to load than the help to print.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType

from files.output import OutputError, check_file, in_words, write_file
from files.problems import FileError
from mimic.table import MimicError
from rac_model.checkpoint import CheckpointError
from rac_model.cli.options import parser
from rac_model.config import ConfigError
from rac_model.data.note_files import InputError, read_notes

BAD_INPUT = (CheckpointError, ConfigError, FileError, InputError, MimicError, OutputError)
"""What is raised with a message that says what is wrong and how to mend it."""
TABLE2_BEGINNINGS = ("Table 2. Systems on", "system,name,kind,", "coderbench-evaluation-")
"""What an evaluation in any of its formats says at its head."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 done, 1 failed, 2 bad input (one line says what and how to mend it)."""
    options = parser().parse_args(arguments)
    try:
        COMMANDS[options.command](options)
        sys.stdout.flush()
    except BAD_INPUT as error:
        return _fail(options, str(error), 2)
    except BrokenPipeError:
        # `| head` ends us quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(options, in_words(error), 1)
    except KeyboardInterrupt:
        return _fail(options, f"stopped; {_what_is_left(options)}", 1)
    return 0


def _fail(options: argparse.Namespace, message: str, status: int) -> int:
    _tell(options, message)
    return status


def _tell(options: argparse.Namespace, message: str) -> None:
    """A line on standard error."""
    print(f"rac_model {options.command}: {message}", file=sys.stderr)


def _what_is_left(options: argparse.Namespace) -> str:
    """What somebody who stopped a command can count on."""
    if options.command != "train":
        return "nothing half-made was left, and the same command starts from the beginning"
    state = options.out / "state.pt"  # loop.STATE, but Ctrl-C may come while PyTorch is imported
    if not state.is_file():
        return "no step was kept yet, and the same command starts from the beginning"
    kept = datetime.fromtimestamp(state.stat().st_mtime).astimezone()
    return f"the same command goes on from what was kept at {kept:%H:%M:%S}"


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Ends a command by way of its `finally`, so that nothing half-made stays."""
    raise KeyboardInterrupt


def _set_threads(options: argparse.Namespace) -> None:
    from rac_model.inference.predict import set_threads

    set_threads(options.threads)


def _list(options: argparse.Namespace) -> None:
    from rac_model.cli.listing import lines

    for line in lines():
        print(line)


def _train(options: argparse.Namespace) -> None:
    from rac_model.models.registry import load_config
    from rac_model.training.train import train

    _set_threads(options)
    name, config = load_config(options.config, options.set)
    checkpoint = train(
        name,
        config,
        options.data,
        options.out,
        prepared=options.prepared,
        minutes=options.minutes,
        restart=options.restart,
    )
    _print_checkpoint(options.out, checkpoint.metrics.get("development", {}))


def _prepare(options: argparse.Namespace) -> None:
    from rac_model.data.corpus import prepare

    manifest = prepare(options.data, options.out)
    print(json.dumps(manifest))


def _extend(options: argparse.Namespace) -> None:
    from rac_model.training.extend import extend

    added = extend(options.checkpoint, options.data, options.out)
    _print_checkpoint(options.out, {"codes_added": added})


def _print_checkpoint(folder: Path, facts: dict[str, object]) -> None:
    """A line of JSON: the folder, its sha256, and the facts."""
    from rac_model.checkpoint import sha256

    print(json.dumps({"checkpoint": str(folder), "sha256": sha256(folder), **facts}))


def _evaluate(options: argparse.Namespace) -> None:
    from rac_model.cli.evaluation_output import table2
    from rac_model.evaluation.evaluate import evaluate

    if options.out:
        inputs = [options.data, *options.train_data, *options.checkpoints]
        check_file(options.out, marks=TABLE2_BEGINNINGS, inputs=inputs)
    _set_threads(options)
    document = evaluate(
        options.checkpoints,
        options.data,
        options.split,
        limit=options.notes,
        labels=options.labels,
        reading=options.reading,
        train_data=options.train_data,
        predictions=options.predictions,
    )
    text = table2(document, options.format, options.by)
    if options.out:
        write_file(options.out, text.encode())
    else:
        print(text, end="")


def _table(options: argparse.Namespace) -> None:
    from benchmark.metrics.files.table2_document import read_evaluation
    from rac_model.cli.evaluation_output import table2

    name = options.document.name
    try:
        document = read_evaluation(options.document.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{name}: it cannot be read; is it the file that evaluate wrote?"
        ) from error
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error
    print(table2(document, options.format, options.by), end="")


def _deletion(options: argparse.Namespace) -> None:
    from rac_model.evaluation.deletion import as_text, deletion

    _set_threads(options)
    document = deletion(
        options.checkpoint,
        options.data,
        options.split,
        notes=options.notes,
        top=options.top,
        draws=options.draws,
        seed=options.seed,
    )
    if options.format == "text":
        print(as_text(document))
    else:
        print(json.dumps(document))


def _predict(options: argparse.Namespace) -> None:
    from rac_model import checkpoint
    from rac_model.cli import prediction_output
    from rac_model.inference import predict

    _set_threads(options)
    loaded = checkpoint.load(options.checkpoint)
    model = predict.predictor(loaded)
    titles = {row.code: row.long for row in loaded.codes}
    threshold = model.threshold
    if options.threshold is not None:
        threshold = options.threshold
    write = prediction_output.as_text
    if options.format == "jsonl":
        write = prediction_output.as_jsonl

    def tell(sentence: str) -> None:
        _tell(options, sentence)

    for file in options.files:
        for note_id, text in read_notes(file, tell):
            result = prediction_output.prediction(
                model,
                titles,
                note_id,
                text,
                threshold=threshold,
                evidence=options.evidence,
                top=options.top,
            )
            print(write(result))


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "list": _list,
    "train": _train,
    "prepare": _prepare,
    "extend": _extend,
    "evaluate": _evaluate,
    "table": _table,
    "predict": _predict,
    "deletion": _deletion,
}

if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    sys.exit(main())
