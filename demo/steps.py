"""The demo's steps, in order.

Each step looks first at what is there, so that a second demo goes on where the last one stopped.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from annotation.management.command import progress_bar
from annotation.models import Batch, Coding, Rater, Role, Study, User
from annotation.services.people import user_create
from annotation.services.simulate import coders_simulate
from benchmark.management.commands.run_model import wait_for
from benchmark.models import ModelRun
from benchmark.selectors.runs import run_progress
from benchmark.services.checkpoints import model_register
from benchmark.services.import_table2 import evaluation_import, evaluation_known
from benchmark.services.runs import run_create, run_resume
from benchmark.tasks import poke
from demo.processes import kept_secrets, write_private
from mimic.synthetic import DEMO_SEED, DEMO_TEST_NOTES

SLUG = "demo"
SAMPLE = 508
SHORTLIST = 4075
OVERLAP = 10
"""Notes that both coders code."""
SPLITS = (20, 20, DEMO_TEST_NOTES)
"""Synthetic admissions in train, dev and test; the study's notes are drawn from test."""
ARMS = "arms"
"""The short name of a second, small study: Label Studio's list against our own page."""
ARMS_SAMPLE = 80
ARMS_OVERLAP = 40
"""Enough notes of both coders, and of each in either arm, for every page to have something to say:
below 20 the pages call them too few."""
ARMS_SEED = 3
"""A draw in which the two sometimes agree on diabetes, and sometimes not."""
CAST = {
    "ada": Role.CODER,
    "ben": Role.CODER,
    "cid": Role.ADJUDICATOR,
    "rae": Role.RESEARCHER,
    "sam": Role.ADMIN,
}
RAC = "RAC"
TITLES = "Title matching"
OTHER_PRESETS = ("present", "full", "tuned")


class DemoError(RuntimeError):
    """A step failed; the message is for the person at the terminal."""


def steps() -> dict[str, Callable[[], None]]:
    """The steps by name, in order."""
    return {
        "make the synthetic notes": make_corpus,
        "load codes, notes and references": load,
        "create the people": create_people,
        "open a small study of two arms": open_arms,
        "open the study in Label Studio": open_study,
        "register the models": register_models,
        "simulated coders and models code every note": code_everything,
        "bring in Table 2": import_table2,
        "score everybody": score,
    }


def corpus() -> Path:
    """The folder of synthetic notes."""
    return Path(settings.HOME) / "corpus"


def make_corpus() -> None:
    """Make the synthetic notes. A folder that was half-made is made anew."""
    if (corpus() / "SYNTHETIC").exists():
        return
    making = corpus().with_name("corpus.making")
    call_command(
        "make_synthetic_mimic",
        making,
        notes=sum(SPLITS),
        seed=DEMO_SEED,
        jobs=2,
        splits=",".join(map(str, SPLITS)),
        stdout=sys.stderr,
    )
    making.rename(corpus())


def load() -> None:
    """Load the study's notes with their reference, and the list of codes."""
    if Batch.objects.filter(name=SLUG).exists():
        return
    call_command(
        "load_mimic",
        corpus(),
        name=SLUG,
        sample=SAMPLE,
        shortlist_size=SHORTLIST,
        stdout=sys.stderr,
    )


def create_people() -> None:
    """Create the people of CAST. Its coders are simulated."""
    password = password_of_everyone()
    for username, role in CAST.items():
        if not User.objects.filter(username=username).exists():
            user_create(username=username, password=password, role=role, simulated=True)


def password_of_everyone() -> str:
    """The one password of all people in the demo."""
    return kept_secrets(Path(settings.HOME))["people"][:16]


def open_arms() -> None:
    """Open the study of two arms, before the demo's own, which stays the newest.

    A demo that was made before there was one does without.
    """
    known = Study.objects.filter(slug__in=(ARMS, SLUG)).values_list("slug", flat=True)
    if SLUG in known and ARMS not in known:
        return
    call_command(
        "open_study",
        ARMS,
        batch=SLUG,
        coders="ada,ben",
        sample=ARMS_SAMPLE,
        overlap=ARMS_OVERLAP,
        seed=ARMS_SEED,
        interface="list+page",
        stdout=sys.stderr,
    )


def open_study() -> None:
    """Open the study. One that is open already is opened again: the command does what an earlier
    start left undone, and gives Label Studio the site's address of today."""
    call_command(
        "open_study",
        SLUG,
        batch=SLUG,
        coders="ada,ben",
        overlap=OVERLAP,
        interface="list",
        stdout=sys.stderr,
    )


def register_models() -> None:
    """Register the RAC model that is shipped, and title matching, which learns from no note."""
    try:
        model_register(folder=Path(settings.ROOT) / "fixtures" / "rac_demo", name=RAC)
    except ValueError as error:
        raise DemoError(f"{error}; or start over with `make demo-reset`") from error
    titles = Path(settings.HOME) / "title-match"
    if not titles.exists():
        making = titles.with_name("title-match.making")
        train = [sys.executable, "-m", "rac_model", "train", "title-match"]
        command = [*train, "--data", str(corpus()), "--out", str(making)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        making.rename(titles)
    model_register(folder=titles, name=TITLES)


def code_everything() -> None:
    """Have the models code every note of both studies while the simulated coders submit theirs.

    Waits for both. The small study comes first: what its coders gave on our own page is copied to
    Label Studio while they are at the other study.
    """
    studies = [*Study.objects.filter(slug=ARMS), Study.objects.get(slug=SLUG)]
    runs = []
    for study in studies:
        runs += [_run_of(study, name) for name in (RAC, TITLES)]
    with ThreadPoolExecutor(1) as thread:
        submitting = thread.submit(_simulate, studies)
        ends = [wait_for(run) for run in runs]
        submitting.result()
    for end in ends:
        name = f"{end.run.rater.name}, {end.run.study.slug}"
        print(f"  {name}: {end.done} notes, {end.truncated} truncated", file=sys.stderr)
        if end.failed:
            raise DemoError(f"{name}: {end.failed[0].error}")
    for study in studies:
        _wait_for_answers(study)


def _run_of(study: Study, name: str) -> ModelRun:
    """The model's run on the study: a new one, or the last one that goes on where it stopped."""
    rater = Rater.objects.get(kind=Rater.Kind.MODEL, name=name)
    run = study.model_runs.filter(rater=rater).first()
    if run and run_progress(run).state != "failed":
        run_resume(run=run, poke=poke)
        return run
    return run_create(study=study, rater=rater, actor=None, poke=poke)


def _simulate(studies: list[Study]) -> None:
    """Have the simulated coders submit what is left, one study after the other."""
    for study in studies:
        total = study.assignments.filter(rater__simulated=True).count()
        if coded(study) < total:
            with progress_bar(total, f"simulated coders, {study.slug}") as update:
                coders_simulate(study=study, progress=update)


def coded(study: Study) -> int:
    """How many notes coders have coded, a note that both have coded twice."""
    codings = Coding.objects.filter(study=study, rater__kind=Rater.Kind.CODER)
    return codings.values("rater", "note").distinct().count()


def _wait_for_answers(study: Study, seconds: float = 120) -> None:
    """Wait until the site's own sync has brought in every answer from Label Studio."""
    total = study.assignments.count()
    end = time.monotonic() + seconds
    there = coded(study)
    while there < total:
        if time.monotonic() > end:
            raise DemoError(
                f"only {there} of {total} answers came back from Label Studio in {seconds:.0f} s"
            )
        time.sleep(0.5)
        there = coded(study)


def import_table2() -> None:
    """Import the Table 2 that is shipped, once: a table imported since stays the newest."""
    shipped = Path(settings.ROOT) / "fixtures" / "table2.json"
    if shipped.exists() and not evaluation_known(text=shipped.read_text()):
        evaluation_import(text=shipped.read_text())


def score() -> None:
    """Run the benchmark as the paper does, into table1.json; and by the other presets.

    The small study's comes first.
    """
    home = Path(settings.HOME)
    if Study.objects.filter(slug=ARMS).exists():
        call_command("run_benchmark", ARMS, format="json", stdout=io.StringIO())
    for preset in OTHER_PRESETS:
        call_command("run_benchmark", SLUG, preset=preset, format="json", stdout=io.StringIO())
    call_command("run_benchmark", SLUG, format="json", final=True, out=home / "table1.new")
    (home / "table1.new").replace(home / "table1.json")


def access() -> dict[str, object]:
    """Addresses and log-ins, also written to access.json (mode 0600)."""
    password = password_of_everyone()
    people = {}
    for name, role in CAST.items():
        people[name] = {"role": str(role), "password": password}
    content: dict[str, object] = {
        "site": settings.SITE_URL,
        "label_studio": settings.LABEL_STUDIO_URL,
        "study": f"{settings.SITE_URL}/studies/{SLUG}/results/",
        "people": people,
    }
    write_private(Path(settings.HOME) / "access.json", content)
    return content
