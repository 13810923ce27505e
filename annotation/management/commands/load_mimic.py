from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.management.command import progress_bar, to_total
from annotation.mimic_sample import draw_sample
from annotation.models import CodingItem, Rater
from annotation.selectors.studies import stays_in_studies
from annotation.services.samples import Loaded, batch_from_sample
from mimic.folder import read_splits


class Command(Base):
    help = (
        "Load a random sample of a MIMIC-III folder: notes, their reference codings and the "
        "shortlist, and a few notes of other patients for practice. The same seed draws the same "
        "notes. Codes are checked: lower case, blanks and codes with their dot are taken, NULL and "
        "nan are no code; ICD-10, words, codes that lost their leading zeros and swapped tables "
        "are refused. The command says what it left out or merged."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="folder with NOTEEVENTS, DIAGNOSES_ICD, ... (.csv or .csv.gz)"
        )
        parser.add_argument("--name", default="mimic", help="name of the batch and of its code set")
        parser.add_argument("--split", default="test", choices=["train", "dev", "test"])
        parser.add_argument(
            "--sample", type=int, default=508, help="notes to draw (the paper: 508)"
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--shortlist-size", type=int, help="the most frequent codes of the split; default: all"
        )
        parser.add_argument(
            "--practice",
            type=int,
            default=3,
            help="further notes of the split, of no patient of the sample, to practise on",
        )

    def handle(self, *args: object, **options: Any) -> None:
        folder = options["folder"]
        total = len(read_splits(folder)[options["split"]])
        with progress_bar(total, "admissions") as update:
            sample = draw_sample(
                folder,
                size=options["sample"],
                seed=options["seed"],
                split=options["split"],
                shortlist_size=options["shortlist_size"],
                practice=options["practice"],
                in_studies=stays_in_studies(),
                progress=to_total(update),
            )
        loaded = batch_from_sample(sample, name=options["name"])
        self.stdout.write(_summary(loaded))
        self.stdout.write(f"  {_of_practice(loaded, options['practice'])}")
        if loaded.patients_filled:
            self.stdout.write(f"  patients added to {loaded.patients_filled} notes")
        if loaded.ranks_filled:
            self.stdout.write(f"  ranks (SEQ_NUM) added to {loaded.ranks_filled} reference codes")
        self.stdout.write(f"  {_of_outside(loaded)}")
        for remark in sample.details["remarks"]:
            self.stdout.write(f"  {remark}")


def _summary(loaded: Loaded) -> str:
    """One line of what was drawn."""
    batch = loaded.batch
    details = batch.details
    outcome = "loaded" if loaded.new else "here already, nothing changed"
    return (
        f"{batch.name}: {batch.notes.count()} notes of {details['split_admissions']} "
        f"in the {details['split']} split, {outcome}; "
        f"shortlist {details['shortlist']} of {details['split_distinct_codes']} codes; "
        f"{details['reference_codes_outside_shortlist']} reference codes lie outside it "
        "and count as misses"
    )


def _of_outside(loaded: Loaded) -> str:
    """What tells which codes are frequent, and whether the reference is ranked."""
    counts = loaded.batch.outside_counts
    words = f"counts of {len(counts.counts):,} codes kept, over {counts.stays:,} other stays"
    ranked = CodingItem.objects.filter(
        coding__note__batch=loaded.batch, coding__rater__kind=Rater.Kind.REFERENCE, rank=1
    )
    if not ranked.exists():
        words += "; no ranks: the folder has no SEQ_NUM"
    return words


def _of_practice(loaded: Loaded, asked: int) -> str:
    """What became of the practice notes; fewer than asked for are said."""
    if asked == 0:
        return "practice notes: none asked for"
    drawn = loaded.practice.notes.count() if loaded.practice else 0
    too_few = ""
    if drawn < asked:
        too_few = f", not {asked}: the split has too few other patients with a coded note"
    if loaded.practice is None:
        return f"practice notes: none{too_few}"
    return f"practice notes: {drawn} in the batch {loaded.practice.name}{too_few}"
