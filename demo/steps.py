"""The demo's steps, in order. Each looks first at what is there, so a second demo goes on where the last stopped."""

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
SAMPLE, SHORTLIST, OVERLAP = 508, 4075, 10
SPLITS = (20, 20, DEMO_TEST_NOTES)
CAST = {
    "ada": Role.CODER,
    "ben": Role.CODER,
    "cid": Role.ADJUDICATOR,
    "rae": Role.RESEARCHER,
    "sam": Role.ADMIN,
}
RAC, TITLES = "RAC", "Title matching"
OTHER_PRESETS = ("present", "full", "tuned")


class DemoError(RuntimeError):
    """A step failed; the message is for the person at the terminal."""


def steps() -> dict[str, Callable[[], None]]:
    """Name -> what it does."""
    return {
        "make the synthetic notes": make_corpus,
        "load codes, notes and references": load,
        "create the people": create_people,
        "open the study in Label Studio": open_study,
        "register the models": register_models,
        "simulated coders and models code every note": code_everything,
        "bring in Table 2": import_table2,
        "score everybody": score,
    }


def corpus() -> Path:
    return Path(settings.HOME) / "corpus"


def make_corpus() -> None:
    if (corpus() / "SYNTHETIC").exists():
        return
    making = corpus().with_name("corpus.making")  # a half-made one is written over
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
    if not Batch.objects.filter(name=SLUG).exists():
        call_command(
            "load_mimic",
            corpus(),
            name=SLUG,
            sample=SAMPLE,
            shortlist_size=SHORTLIST,
            stdout=sys.stderr,
        )


def create_people() -> None:
    password = password_of_everyone()
    for username, role in CAST.items():
        if not User.objects.filter(username=username).exists():
            user_create(username=username, password=password, role=role, simulated=True)


def password_of_everyone() -> str:
    return kept_secrets(Path(settings.HOME))["people"][:16]


def open_study() -> None:
    """Also when it is open already: what an earlier start left undone is done, and the webhook gets today's address."""
    call_command(
        "open_study", SLUG, batch=SLUG, coders="ada,ben", overlap=OVERLAP, stdout=sys.stderr
    )


def register_models() -> None:
    """The shipped RAC, and title matching made from the code tables: it learns from no note."""
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
    """The workers start on the models' runs while the simulated coders submit; then their answers are waited for."""
    study = Study.objects.get(slug=SLUG)
    runs = [_run_of(study, name) for name in (RAC, TITLES)]
    with ThreadPoolExecutor(1) as beside:
        submitting = beside.submit(_simulate, study)
        ends = [wait_for(run) for run in runs]
        submitting.result()
    for end in ends:
        print(
            f"  {end.run.rater.name}: {end.done} notes, {end.truncated} truncated", file=sys.stderr
        )
        if end.failed:
            raise DemoError(f"{end.run.rater.name}: {end.failed[0].error}")
    _answers_arrive(study)


def _run_of(study: Study, name: str) -> ModelRun:
    rater = Rater.objects.get(kind=Rater.Kind.MODEL, name=name)
    run = study.model_runs.filter(rater=rater).first()
    if run and run_progress(run).state != "failed":
        run_resume(run=run, poke=poke)
        return run
    return run_create(study=study, rater=rater, actor=None, poke=poke)


def _simulate(study: Study) -> None:
    total = study.assignments.filter(rater__simulated=True).count()
    if coded(study) < total:
        with progress_bar(total, "simulated coders") as update:
            coders_simulate(study=study, progress=update)


def coded(study: Study) -> int:
    return (
        Coding.objects.filter(study=study, rater__kind=Rater.Kind.CODER)
        .values("rater", "note")
        .distinct()
        .count()
    )


def _answers_arrive(study: Study, patience: float = 120) -> None:
    """The site learns of the answers by its own sync, not from us."""
    total, end = study.assignments.count(), time.monotonic() + patience
    while (there := coded(study)) < total:
        if time.monotonic() > end:
            raise DemoError(
                f"only {there} of {total} answers came back from Label Studio in {patience:.0f} s"
            )
        time.sleep(0.5)


def import_table2() -> None:
    """The figures of all systems that are shipped; a table imported since stays the newest."""
    shipped = Path(settings.ROOT) / "fixtures" / "table2.json"
    if shipped.exists() and not evaluation_known(text=shipped.read_text()):
        evaluation_import(text=shipped.read_text())


def score() -> None:
    """As the paper does, into table1.json; and over other codes, for the compare pages."""
    home = Path(settings.HOME)
    for preset in OTHER_PRESETS:
        call_command("run_benchmark", SLUG, preset=preset, format="json", stdout=io.StringIO())
    call_command("run_benchmark", SLUG, format="json", final=True, out=home / "table1.new")
    (home / "table1.new").replace(home / "table1.json")


def access() -> dict[str, object]:
    """Addresses and log-ins, also written to access.json (mode 0600)."""
    password = password_of_everyone()
    content: dict[str, object] = {
        "site": settings.SITE_URL,
        "label_studio": settings.LABEL_STUDIO_URL,
        "study": f"{settings.SITE_URL}/studies/{SLUG}/compare/",
        "people": {name: {"role": str(role), "password": password} for name, role in CAST.items()},
    }
    write_private(Path(settings.HOME) / "access.json", content)
    return content
