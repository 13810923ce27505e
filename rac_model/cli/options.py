"""The command line of `python -m rac_model`: its commands, their arguments and their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rac_model.data.note_files import FORMATS

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

ABOUT = "python -m rac_model: train coding models, measure them, code notes with them."
EXAMPLES = """examples:
  python -m rac_model list
  python -m rac_model train rac-small --data /data/mimic --out models/rac-small
  python -m rac_model train rac --set modules=2 --data /data/mimic --out models/rac-2
  python -m rac_model evaluate models/rac-small models/lr-small --data /data/mimic --split test
  python -m rac_model predict models/rac-small note.txt --evidence --top 5

Exit status: 0 done, 1 failed, 2 bad input. \
Results go to standard output, all else to standard error."""
ABOUT_PREPARE = (
    "token ids of folders on disk, which `train --data` then opens; codes are checked: lower case, "
    "blanks and dots are taken, NULL and nan are no code, ICD-10, words and codes that lost their "
    "leading zeros are refused"
)
SPLITS = ("train", "dev", "test")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(
        "python -m rac_model",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _command(commands, "list", "presets, and the fields that --set and a config file can change")
    _train(commands)
    _prepare(commands)
    _extend(commands)
    _evaluate(commands)
    _table(commands)
    _predict(commands)
    _deletion(commands)
    for name in ("train", "evaluate", "deletion", "predict"):
        commands.choices[name].add_argument(
            "--threads", type=_count, help="PyTorch threads (default: RAC_THREADS, else PyTorch's)"
        )
    return root


def _command(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=about, description=about)


def _train(commands: Commands) -> None:
    command = _command(commands, "train", "train a model; --out becomes a checkpoint folder")
    command.add_argument(
        "config",
        metavar="PRESET|CONFIG",
        help="a preset of `list`, or a .toml/.json file of fields",
    )
    command.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        help="MIMIC-shaped folder; repeat to join",
    )
    command.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    command.add_argument(
        "--prepared",
        type=Path,
        help="where token ids are kept (default: `prepared` beside --out)",
    )
    command.add_argument(
        "--minutes",
        type=float,
        default=0,
        help="processor time (on a GPU: time) after which it stops",
    )
    command.add_argument(
        "--restart",
        action="store_true",
        help="write over what an earlier training left in --out",
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="change one field; repeatable",
    )


def _prepare(commands: Commands) -> None:
    command = _command(commands, "prepare", ABOUT_PREPARE)
    command.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        help="MIMIC-shaped folder; repeatable",
    )
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        help="corpus folder to write, new, empty or an earlier one; patient data like the notes",
    )


def _extend(commands: Commands) -> None:
    command = _command(
        commands,
        "extend",
        "a RAC checkpoint that also gives codes it never saw, by their titles",
    )
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    command.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        help="folder whose code titles are added",
    )
    command.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")


def _evaluate(commands: Commands) -> None:
    command = _command(
        commands,
        "evaluate",
        "Table 2: figures of checkpoints on a split, the paper's beside",
    )
    command.add_argument("checkpoints", nargs="+", type=Path, metavar="CHECKPOINT")
    command.add_argument(
        "--data",
        type=Path,
        required=True,
        help="MIMIC-shaped folder; thresholds are tuned on its dev",
    )
    command.add_argument("--split", choices=SPLITS, default="test")
    command.add_argument(
        "--notes",
        type=_count,
        default=0,
        help="first notes of the split by id (default: all)",
    )
    command.add_argument(
        "--labels",
        choices=("union", "train"),
        default="union",
        help="codes that figures are over",
    )
    command.add_argument(
        "--reading",
        choices=("correct", "caml"),
        default="correct",
        help="caml: procedure codes read as numbers, by all",
    )
    command.add_argument(
        "--train-data",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder whose training notes say how frequent a code is; repeatable "
        "(default: as each checkpoint says)",
    )
    _layout(command)
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="write here instead of standard output"
    )
    command.add_argument(
        "--predictions",
        type=Path,
        metavar="DIR",
        help="write codings at .5, the reference's too; patient data",
    )


def _table(commands: Commands) -> None:
    command = _command(
        commands, "table", "lay an evaluation out again, from the JSON that evaluate wrote"
    )
    command.add_argument("document", type=Path, metavar="FILE.json")
    _layout(command)


def _layout(command: argparse.ArgumentParser) -> None:
    """How Table 2 is laid out."""
    command.add_argument(
        "--by",
        action="append",
        default=[],
        choices=("frequency", "kind", "training"),
        help="a further table of text, md and tex; repeatable (JSON and CSV have all)",
    )
    command.add_argument("--format", choices=("text", "md", "tex", "csv", "json"), default="text")


def _predict(commands: Commands) -> None:
    command = _command(commands, "predict", "code notes with a checkpoint")
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    command.add_argument("files", nargs="+", metavar="FILE", help=FORMATS)
    command.add_argument(
        "--threshold",
        type=float,
        help="give codes above this probability (default: the checkpoint's)",
    )
    command.add_argument(
        "--evidence",
        action="store_true",
        help="where the model looked: weights that sum to the logit",
    )
    command.add_argument(
        "--top",
        type=_count,
        metavar="K",
        help="only the K strongest weights, the others as `rest`",
    )
    command.add_argument("--format", choices=("jsonl", "text"), default="jsonl")


def _deletion(commands: Commands) -> None:
    command = _command(
        commands,
        "deletion",
        "how far evidence is a reason: take its words out and ask again",
    )
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    command.add_argument("--data", type=Path, required=True, help="MIMIC-shaped folder")
    command.add_argument("--split", choices=SPLITS, default="test")
    command.add_argument(
        "--notes",
        type=_count,
        default=100,
        help="first notes of the split by id (default: 100)",
    )
    command.add_argument(
        "--top",
        type=_count,
        default=10,
        metavar="K",
        help="words taken out a code (default: 10)",
    )
    command.add_argument(
        "--draws",
        type=_count,
        default=5,
        help="draws of K random words a note (default: 5)",
    )
    command.add_argument("--seed", type=int, default=0, help="of the random words")
    command.add_argument("--format", choices=("text", "json"), default="text")


def _count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
