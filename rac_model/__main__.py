"""python -m rac_model: train coding models, measure them, code notes with them."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from files.output import OutputError, check_file, in_words, write_file
from files.problems import FileError
from mimic.table import MimicError
from rac_model.checkpoint import CheckpointError
from rac_model.config import ConfigError
from rac_model.data.note_files import FORMATS, InputError, read_notes

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """examples:
  python -m rac_model list
  python -m rac_model train rac-small --data /data/mimic --out models/rac-small
  python -m rac_model train rac --set modules=2 --data /data/mimic --out models/rac-2
  python -m rac_model evaluate models/rac-small models/lr-small --data /data/mimic --split test
  python -m rac_model predict models/rac-small note.txt --evidence --top 5

Exit status: 0 done, 1 failed, 2 bad input. Results go to standard output, all else to standard error."""


PREPARE = (
    "token ids of folders on disk, which `train --data` then opens; codes are checked: lower case, blanks and dots are "
    "taken, NULL and nan are no code, ICD-10, words and codes that lost their leading zeros are refused"
)
EVALUATIONS = ("Table 2. Systems on", "system,name,kind,", "coderbench-evaluation-")
"""What an evaluation in any of its formats says at its head."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 done, 1 failed, 2 bad input (one line says what and how to mend it)."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except (CheckpointError, ConfigError, FileError, InputError, MimicError, OutputError) as error:
        return _fail(options, str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head` ends us quietly
        return 1
    except OSError as error:
        return _fail(options, in_words(error), 1)
    except KeyboardInterrupt:
        return _fail(options, f"stopped; {_what_is_left(options)}", 1)
    return 0


def _fail(options: argparse.Namespace, message: str, status: int) -> int:
    print(f"rac_model {options.command}: {message}", file=sys.stderr)
    return status


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


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser("python -m rac_model", description=__doc__, epilog=EXAMPLES, formatter_class=_Raw)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "list", _list, "presets, and the fields that --set and a config file can change")
    train = _add(commands, "train", _train, "train a model; --out becomes a checkpoint folder")
    train.add_argument("config", metavar="PRESET|CONFIG", help="a preset of `list`, or a .toml/.json file of fields")
    train.add_argument("--data", type=Path, action="append", required=True, help="MIMIC-shaped folder; repeat to join")
    train.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    train.add_argument("--prepared", type=Path, help="where token ids are kept (default: `prepared` beside --out)")
    train.add_argument("--minutes", type=float, default=0, help="processor time (on a GPU: time) after which it stops")
    train.add_argument("--restart", action="store_true", help="write over what an earlier training left in --out")
    train.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change one field; repeatable")
    prepare = _add(commands, "prepare", _prepare, PREPARE)
    prepare.add_argument("--data", type=Path, action="append", required=True, help="MIMIC-shaped folder; repeatable")
    prepare.add_argument(
        "--out",
        type=Path,
        required=True,
        help="corpus folder to write, new, empty or an earlier one; patient data like the notes",
    )
    _add_evaluate(commands)
    predict = _add(commands, "predict", _predict, "code notes with a checkpoint")
    predict.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    predict.add_argument("files", nargs="+", metavar="FILE", help=FORMATS)
    predict.add_argument(
        "--threshold", type=float, help="give codes above this probability (default: the checkpoint's)"
    )
    predict.add_argument(
        "--evidence", action="store_true", help="where the model looked: weights that sum to the logit"
    )
    predict.add_argument("--top", type=_count, metavar="K", help="only the K strongest weights, the others as `rest`")
    predict.add_argument("--format", choices=("jsonl", "text"), default="jsonl")
    _add_deletion(commands)
    for command in (train, commands.choices["evaluate"], commands.choices["deletion"], predict):
        command.add_argument("--threads", type=_count, help="PyTorch threads (default: RAC_THREADS, else PyTorch's)")
    return root


def _add_evaluate(commands: Commands) -> None:
    extend = _add(commands, "extend", _extend, "a RAC checkpoint that also gives codes it never saw, by their titles")
    extend.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    extend.add_argument("--data", type=Path, action="append", required=True, help="folder whose code titles are added")
    extend.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    evaluate = _add(commands, "evaluate", _evaluate, "Table 2: figures of checkpoints on a split, the paper's beside")
    evaluate.add_argument("checkpoints", nargs="+", type=Path, metavar="CHECKPOINT")
    evaluate.add_argument(
        "--data", type=Path, required=True, help="MIMIC-shaped folder; thresholds are tuned on its dev"
    )
    evaluate.add_argument("--split", choices=("train", "dev", "test"), default="test")
    evaluate.add_argument("--notes", type=_count, default=0, help="first notes of the split by id (default: all)")
    evaluate.add_argument("--labels", choices=("union", "train"), default="union", help="codes that figures are over")
    evaluate.add_argument(
        "--reading",
        choices=("correct", "caml"),
        default="correct",
        help="caml: procedure codes read as numbers, by all",
    )
    evaluate.add_argument(
        "--train-data", type=Path, action="append", default=[], metavar="DIR",
        help="folder whose training notes say how frequent a code is; repeatable (default: as each checkpoint says)",
    )  # fmt: skip
    table = _add(commands, "table", _table, "lay an evaluation out again, from the JSON that evaluate wrote")
    table.add_argument("document", type=Path, metavar="FILE.json")
    for command in (evaluate, table):
        command.add_argument(
            "--by", action="append", default=[], choices=("frequency", "kind", "training"),
            help="a further table of text, md and tex; repeatable (JSON and CSV have all)",
        )  # fmt: skip
        command.add_argument("--format", choices=("text", "md", "tex", "csv", "json"), default="text")
    evaluate.add_argument("--out", type=Path, metavar="FILE", help="write here instead of standard output")
    evaluate.add_argument(
        "--predictions", type=Path, metavar="DIR", help="write codings at .5, the reference's too; patient data"
    )


def _add_deletion(commands: Commands) -> None:
    deletion = _add(commands, "deletion", _deletion, "how far evidence is a reason: take its words out and ask again")
    deletion.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    deletion.add_argument("--data", type=Path, required=True, help="MIMIC-shaped folder")
    deletion.add_argument("--split", choices=("train", "dev", "test"), default="test")
    deletion.add_argument("--notes", type=_count, default=100, help="first notes of the split by id (default: 100)")
    deletion.add_argument("--top", type=_count, default=10, metavar="K", help="words taken out a code (default: 10)")
    deletion.add_argument("--draws", type=_count, default=5, help="draws of K random words a note (default: 5)")
    deletion.add_argument("--seed", type=int, default=0, help="of the random words")
    deletion.add_argument("--format", choices=("text", "json"), default="text")


class _Raw(argparse.RawDescriptionHelpFormatter):
    pass


def _add(commands: Commands, name: str, run: object, about: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about)
    command.set_defaults(run=run)
    return command


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _threads(options: argparse.Namespace) -> None:
    from rac_model.inference.predict import set_threads

    set_threads(options.threads)


def _list(options: argparse.Namespace) -> None:
    from rac_model.cli.listing import lines

    for line in lines():
        print(line)


def _train(options: argparse.Namespace) -> None:
    from rac_model.checkpoint import sha256
    from rac_model.models.registry import load_config
    from rac_model.training.train import train

    _threads(options)
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
    print(
        json.dumps(
            {"checkpoint": str(options.out), "sha256": sha256(options.out), **checkpoint.metrics.get("development", {})}
        )
    )


def _prepare(options: argparse.Namespace) -> None:
    from rac_model.data.corpus import prepare

    print(json.dumps(prepare(options.data, options.out)))


def _extend(options: argparse.Namespace) -> None:
    from rac_model.checkpoint import sha256
    from rac_model.training.extend import extend

    added = extend(options.checkpoint, options.data, options.out)
    print(json.dumps({"checkpoint": str(options.out), "sha256": sha256(options.out), "codes_added": added}))


def _evaluate(options: argparse.Namespace) -> None:
    from rac_model.cli.evaluation_output import table2
    from rac_model.evaluation.evaluate import evaluate

    if options.out:
        inputs = [options.data, *options.train_data, *options.checkpoints]
        check_file(options.out, marks=EVALUATIONS, inputs=inputs)
    _threads(options)
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

    try:
        document = read_evaluation(options.document.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = "it cannot be read; is it the file that evaluate wrote?" if isinstance(error, OSError) else error
        raise InputError(f"{options.document.name}: {what}") from error
    print(table2(document, options.format, options.by), end="")


def _deletion(options: argparse.Namespace) -> None:
    from rac_model.evaluation.deletion import as_text, deletion

    _threads(options)
    found = deletion(
        options.checkpoint, options.data, options.split,
        notes=options.notes, top=options.top, draws=options.draws, seed=options.seed,
    )  # fmt: skip
    print(as_text(found) if options.format == "text" else json.dumps(found))


def _predict(options: argparse.Namespace) -> None:
    from rac_model import checkpoint
    from rac_model.cli import prediction_output
    from rac_model.inference import predict

    _threads(options)
    loaded = checkpoint.load(options.checkpoint)
    model, titles = predict.predictor(loaded), {row.code: row.long for row in loaded.codes}
    threshold = model.threshold if options.threshold is None else options.threshold

    def tell(sentence: str) -> None:
        print(f"rac_model predict: {sentence}", file=sys.stderr)

    write = prediction_output.as_jsonl if options.format == "jsonl" else prediction_output.as_text
    for file in options.files:
        for note_id, text in read_notes(file, tell):
            result = prediction_output.prediction(
                model, titles, note_id, text, threshold=threshold, evidence=options.evidence, top=options.top
            )
            print(write(result))


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    sys.exit(main())
