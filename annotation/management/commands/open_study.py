from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import CommandParser
from django.db.models import QuerySet

from annotation.guideline import DEFAULT_GUIDELINE
from annotation.management.command import Command as Base
from annotation.models import Batch, CodeSet, Rater, Study, WeightList
from annotation.selectors.codes import WHOLE_SYSTEM, list_preview
from annotation.services.codes import code_set_chosen
from annotation.services.statements import weights_keep, weights_words
from annotation.services.studies import study_draft, study_open
from annotation.services.titles import study_retitle, title_checked
from benchmark.metrics.certainty.planning import Design
from benchmark.metrics.plan import plan_words
from files.code_files import parse_weights
from files.source import from_path

CODES = (
    f"name of the code set, {WHOLE_SYSTEM} for the whole code system, or reference for the "
    "distinct codes of the notes' reference; "
    "default: the one that came with the batch, else the newest"
)

Named = TypeVar("Named", Batch, CodeSet)


class Command(Base):
    help = (
        "Open a study: freeze its protocol, plan who codes what, "
        "and load one Label Studio project per coder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="short name in addresses, e.g. demo")
        parser.add_argument(
            "--title",
            default="",
            help="what people read, at most 100 characters; no part of the protocol; "
            "default: the short name",
        )
        parser.add_argument("--batch", help="name of the batch; default: the newest")
        parser.add_argument("--codes", help=CODES)
        parser.add_argument(
            "--coders", default="", help="log-in names, separated by commas; default: every coder"
        )
        parser.add_argument(
            "--sample", type=int, help="notes drawn from the batch with the seed; default: all"
        )
        parser.add_argument(
            "--overlap",
            type=int,
            default=10,
            help="notes that every coder codes, for agreement only",
        )
        parser.add_argument(
            "--interface",
            type=lambda name: Study.NAMED_BEFORE.get(name, name),
            choices=Study.Interface.values,
            default=Study.Interface.PAGE,
            help="; ".join(f"{name}: {about}" for name, about in Study.Interface.choices),
        )
        parser.add_argument(
            "--guideline", type=Path, help="text file; default: what the paper told its coders"
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--margin",
            type=float,
            help="the loss in micro Jaccard that would not matter, such as .05, for the claim that "
            "a model is not worse than coders; part of the protocol",
        )
        parser.add_argument(
            "--weights",
            type=Path,
            metavar="FILE",
            help="code,weight[,tier]: what each code counts for; part of the protocol",
        )
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        title = title_checked(options["title"])
        study = Study.objects.filter(slug=options["name"]).first()
        if study is None:
            study = self.drafted(options)
        else:
            _check_stated(study, options)
        if study.status == Study.Status.CLOSED:
            raise ValueError(
                f"study {study.slug} is closed; an admin can reopen it on its page, "
                f"/studies/{study.slug}/reopen/, and what is answered then is marked. "
                "For a new study choose another name"
            )
        if title:
            study_retitle(study=study, title=title, actor=None)
        study = study_open(study=study, actor=None, progress=self.say)
        self.stdout.write(f"study {study.slug} is open; protocol {study.protocol_sha256}")

    def drafted(self, options: dict[str, Any]) -> Study:
        """A new draft. Says how long its list of codes is, and warns of a bad one."""
        coders = _coders(options["coders"])
        study = _draft(options, coders)
        preview = list_preview(study.code_set, study.batch, study.arms)
        self.say(f"codes to tick: {preview.size_words}, {preview.name}")
        if preview.answer_key:
            self.say(
                "warning: such a list gives the answers away; "
                f"--codes {WHOLE_SYSTEM} is the whole code system"
            )
        if preview.long_page:
            self.say(
                "warning: that many codes on one page of Label Studio are slow; "
                "--interface search is quicker"
            )
        if study.weights:
            self.say(weights_words(study))
        for sentence in plan_of(study, len(coders)):
            self.say(sentence)
        return study


def plan_of(study: Study, coders: int) -> list[str]:
    """What a study of so many coders could show, a sentence each."""
    return plan_words(Design(coders, study.notes.count(), study.overlap), study.margin)


def _check_stated(study: Study, options: dict[str, Any]) -> None:
    """ValueError where a study is there already, and its protocol says something else."""
    other_margin = options["margin"] not in (None, study.margin)
    other_weights = bool(options["weights"]) and (
        study.weights is None or _weights(options["weights"]) != study.weights
    )
    if other_margin or other_weights:
        raise ValueError(
            f"study {study.slug} is there already, with another margin or other weights; a draft "
            f"can be changed on its page, /studies/{study.slug}/edit/"
        )


def _draft(options: dict[str, Any], coders: list[Rater]) -> Study:
    """A draft with the settings that the options name. ValueError where something is not there."""
    batches = Batch.objects.all()
    if not options["batch"]:
        batches = batches.filter(for_practice=False, withdrawn_at=None)
    batch = _named(batches, options["batch"], "batch", "load_mimic or load_notes")
    codes = options["codes"] or batch.details.get("code_set")
    code_set = _code_set(codes, batch)
    guideline = DEFAULT_GUIDELINE
    if options["guideline"]:
        guideline = options["guideline"].read_text()
    weights = None
    if options["weights"]:
        weights = _weights(options["weights"])
    return study_draft(
        slug=options["name"],
        batch=batch,
        code_set=code_set,
        coders=coders,
        sample=options["sample"],
        overlap=options["overlap"],
        interface=options["interface"],
        guideline=guideline,
        seed=options["seed"],
        margin=options["margin"],
        weights=weights,
    )


def _weights(path: Path) -> WeightList:
    """The file, kept. Raises FileError."""
    source = from_path(path)
    return weights_keep(source.name, parse_weights(source))


def _code_set(name: str | None, batch: Batch) -> CodeSet:
    """The list of codes of that name. Two names stand for lists that are made when needed."""
    if name == "reference":
        return code_set_chosen("", batch)
    if name and name.replace(" ", "-") == WHOLE_SYSTEM:
        return code_set_chosen(WHOLE_SYSTEM, batch)
    return _named(CodeSet.objects.order_by("-id"), name, "code set", "load_mimic")


def _named(rows: QuerySet[Named], name: str | None, what: str, command: str) -> Named:
    """The row of that name, without a name the first. ValueError says which names there are.

    `what` the rows are, and the `command` that makes one, are for the message.
    """
    if name:
        rows_of_name = rows.filter(name=name)
    else:
        rows_of_name = rows
    found = rows_of_name.first()
    if found is None:
        names = ", ".join(rows.values_list("name", flat=True))
        there = names or f"none yet, make one with {command}"
        raise ValueError(f"no {what} named {name}; there is: {there}")
    return found


def _coders(names: str) -> list[Rater]:
    """The coders with these log-in names, separated by commas; without names every active one."""
    coders = Rater.objects.filter(kind=Rater.Kind.CODER, user__is_active=True).order_by("pk")
    if not names:
        return list(coders)
    by_name = {}
    for rater in coders.select_related("user"):
        if rater.user:
            by_name[rater.user.username] = rater
    wanted = [name.strip() for name in names.split(",")]
    missing = [name for name in wanted if name not in by_name]
    if missing:
        there = ", ".join(by_name) or "none"
        raise ValueError(f"no active coder named {', '.join(missing)}; there is: {there}")
    return [by_name[name] for name in wanted]
