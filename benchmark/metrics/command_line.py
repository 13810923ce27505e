"""The arguments of `python -m benchmark.metrics` and the help that explains them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from files.problems import refused

DESCRIPTION = """\
Score sets of codes against a reference: micro and macro Jaccard, precision, recall and F1;
on demand with intervals, a margin, weights, by groups of notes.
Results go to standard output, messages to standard error.
Exit status: 0 scored, 1 failed, 2 bad input (one line says what, where and how to mend it)."""

EPILOG = """\
files of codings, in any common shape, which is found out and said (docs/files.md shows each):
  a table  note_id,code or hadm_id,icd9_code: a code a row, a list in a cell, a column a code; CSV, TSV,
           semicolons, .gz, .xlsx, and .parquet and .feather where pyarrow is installed
  JSON     {"note_id": "n1", "codes": ["401.9", {"code": "428.0"}]} a note a line, or {"n1": ["401.9"]}
  PSV      n1|401.9|428.0                                           a note a line
  - reads JSONL from standard input. A file with a column rater (or coder, annotator, origin) has several
  raters, which then have the names that it gives; in the reference --reference-rater says which is meant.
  Codes are strings: 250.00 and 250 differ. A repeated (note, code) counts once. An empty code says "coded,
  with no code". Rows are the file's own lines.

label space, the codes that macro figures average over:
  Without --labels it is the union of the codes in all files; so it changes with the raters compared.
  With --labels, reference codes outside the list are misses in the micro figures (--outside miss) or
  dropped (--outside drop); codes that a rater gives outside the list are dropped and counted.

macro-F1 is published under three definitions, so it comes under three names:
  f1_caml          harmonic mean of macro precision and macro recall
  f1_mean_all      mean of each code's F1 over the label space
  f1_mean_present  mean of each code's F1 over the codes in the reference
docs/metrics.md defines every figure. A figure whose denominator is 0 is 0.

more figures, each on demand (text, md, tex: tables below the first; csv: each under its title; json: keys of
its own, null where undefined):
  --intervals         95% intervals of all figures over notes: these raters, on notes like these
  --counts FILE       macro figures over frequent codes alone, frequent by other notes: most codes of a long list
                      come once or never here. code,count and a row ,N that says how many notes were counted;
                      training writes such a file into its checkpoint: training_counts.csv
  --margin M          is a model not worse than the coders by more than M (micro Jaccard)? --models names the
                      models, all others are coders. Decide M before you look
  --weights FILE      codes count by code,weight; with a column tier (0 none, 1 CC, 2 MCC) also who codes higher
                      or lower than the reference. A code that is not in it counts --default-weight (0)
  --groups FILE       figures by note_id,group, such as ward or year
How many coders and notes does a study need? python -m benchmark.metrics.plan --help

examples:
  python -m benchmark.metrics hospital.csv Ada=ada.csv Ben=ben.csv
  python -m benchmark.metrics hospital.csv Ada=ada.csv --labels shortlist.txt --format json
  python -m benchmark.metrics hospital.csv Ada=ada.csv Ben=ben.csv RAC=rac.csv --margin .05 --models RAC
  python -m rac_model predict CHECKPOINT notes.csv | python -m benchmark.metrics hospital.csv RAC=-\
"""  # noqa: E501


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def parser() -> Parser:
    """The parser of the files and options; docs/metrics.md lists them."""
    made = Parser(
        prog="python -m benchmark.metrics",
        usage="%(prog)s REFERENCE NAME=FILE [NAME=FILE ...] [options]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "reference",
        metavar="REFERENCE",
        help="the codings to score against; its notes are the notes",
    )
    made.add_argument(
        "raters", metavar="NAME=FILE", nargs="+", help="a rater's name and its codings"
    )
    made.add_argument(
        "--labels",
        metavar="FILE",
        help="the label space: a code a line, or a CSV with a code column",
    )
    made.add_argument(
        "--outside",
        choices=["miss", "drop"],
        default="miss",
        help="reference codes outside --labels",
    )
    made.add_argument(
        "--reference-rater",
        metavar="NAME",
        help="whose codings are the reference, where its file has several raters",
    )
    made.add_argument(
        "--threshold",
        type=_share,
        metavar="T",
        help="of raters whose files have scores: a code is given where its score is above T",
    )
    notes = made.add_mutually_exclusive_group()
    notes.add_argument(
        "--intersect", action="store_true", help="score only the notes that all files have"
    )
    notes.add_argument(
        "--missing-as-empty",
        action="store_true",
        help="a note that a rater lacks got no code from it",
    )
    _add_further(made)
    made.add_argument(
        "--errors",
        metavar="FILE",
        help="write every error of a bad file here as CSV: row,cause,message",
    )
    made.add_argument(
        "--input-format", choices=["csv", "jsonl", "psv"], help="whatever the files' endings are"
    )
    made.add_argument(
        "--format",
        choices=["text", "json", "csv", "md", "tex"],
        default="text",
        help="json and csv have fractions",
    )
    return made


def _add_further(made: Parser) -> None:
    """The options that add figures."""
    further = made.add_argument_group("more figures")
    further.add_argument(
        "--intervals", action="store_true", help="95%% intervals of all figures, over notes"
    )
    further.add_argument(
        "--counts", metavar="FILE", help="code,count of other notes: macro over frequent codes"
    )
    further.add_argument(
        "--margin",
        type=float,
        metavar="M",
        help="the loss in micro Jaccard that would not matter, such as .05; with --models",
    )
    further.add_argument(
        "--models", metavar="NAMES", help="names of the raters that are models, by commas"
    )
    further.add_argument(
        "--weights", metavar="FILE", help="code,weight[,tier]: what each code counts for"
    )
    further.add_argument(
        "--default-weight",
        type=float,
        default=0.0,
        metavar="W",
        help="of codes that the file lacks (default: 0)",
    )
    further.add_argument("--groups", metavar="FILE", help="note_id,group: figures by group")


def _share(text: str) -> float:
    """A number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def named_files(arguments: Sequence[str]) -> dict[str, str]:
    """NAME=FILE arguments, in order.

    FileError for one without a name, and for a name given twice.
    """
    files: dict[str, str] = {}
    for argument in arguments:
        name, _, file = argument.partition("=")
        if not name.strip() or not file:
            example = argument.strip("=") or "ada.csv"
            raise refused(f"{argument}: not NAME=FILE; write for example Ada={example}")
        if not name.isprintable():
            raise refused(f"{name!r}: a name with unprintable characters; write it plainly")
        if name in files:
            raise refused(f"{name} names two files; give each rater a name of its own")
        files[name] = file
    return files
