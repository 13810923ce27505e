from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation.management.command import Command as Base
from annotation.management.command import progress_bar
from mimic.synthetic import write_corpus
from mimic.synthetic.check import ENOUGH, corpus_figures, outside, report
from mimic.synthetic.wording import STYLES


class Command(Base):
    help = (
        "Write a folder of synthetic discharge summaries in MIMIC-III's schema. "
        "The same seed gives the same bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "out",
            type=Path,
            help="folder to write; may be empty, missing or an earlier synthetic one",
        )
        parser.add_argument("--notes", type=int, required=True, help="admissions in all")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--jobs", type=int, default=1, help="processes; any number gives the same bytes"
        )
        parser.add_argument(
            "--short", action="store_true", help="notes of about 400 words instead of 1,400"
        )
        parser.add_argument(
            "--forms",
            choices=STYLES,
            default="all",
            help="how the notes say a code. all (default): in every way; names: by its title "
            "alone; evidence: by findings and abbreviations, without a word of the title; "
            "held-out: as all, with abbreviations and findings that no other corpus has",
        )
        parser.add_argument(
            "--splits",
            help="train,dev,test admissions instead of MIMIC's shares, e.g. 300,100,3600",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="then print the corpus's figures beside those of MIMIC-III; exit code 1 where "
            f"a corpus of at least {ENOUGH:,} notes is outside its targets",
        )

    def handle(self, *args: object, **options: Any) -> None:
        out = options["out"]
        notes = options["notes"]
        splits = _splits(options["splits"], notes)
        with progress_bar(notes, "notes") as update:
            write_corpus(
                out,
                notes=notes,
                seed=options["seed"],
                jobs=options["jobs"],
                short=options["short"],
                splits=splits,
                forms=options["forms"],
                progress=update,
            )
        self.stdout.write(f"{notes} synthetic admissions in {out}")
        if options["check"]:
            self._check(out, notes)

    def _check(self, out: Path, notes: int) -> None:
        """Print the corpus's figures. CommandError where they are outside their targets."""
        with progress_bar(notes, "checking") as update:
            figures = corpus_figures(out, update)
        self.stdout.write(report("measured, published (for as many notes) and bounds:", figures))
        if notes < ENOUGH:
            self.say(f"{notes} notes are too few to hold to the targets; {ENOUGH:,} are enough")
        names = outside(figures, notes)
        if names:
            raise CommandError(f"outside the targets: {', '.join(names)}")


def _splits(given: str | None, notes: int) -> tuple[int, int, int] | None:
    """The numbers of --splits: train, dev and test admissions. ValueError where they do not fit."""
    if given is None:
        return None
    try:
        train, dev, test = (int(part) for part in given.split(","))
    except ValueError as error:
        raise ValueError(f"--splits wants three numbers like 300,100,3600, not {given}") from error
    if train + dev + test != notes:
        raise ValueError(f"--splits adds up to {train + dev + test}, but --notes is {notes}")
    return train, dev, test
