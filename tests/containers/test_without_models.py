"""The web image holds no PyTorch.

Its pages, its clock and its commands work where no model can be loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmark.services.benchmarks import benchmark_run
from benchmark.services.checkpoints import model_register
from benchmark.services.claims import chunk_claim
from benchmark.services.runs import chunk_work, run_create
from benchmark.tasks import score_study, sweep_chunks
from tests.cast import logged_in
from tests.containers.absent import ROOT, absent_modules, finders_without, packages
from tests.pages.test_walls import PAGES

HEAVY = {"torch", "gensim", "sklearn", "safetensors"}


def without_models(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """`manage.py` in a process that has none of these packages."""
    environment = {**os.environ, "CODERBENCH_HOME": str(home), "REDIS_URL": "redis://127.0.0.1:9/0"}
    command = [sys.executable, "-m", "tests.containers.absent", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def test_requirements_are_split_and_the_whole_includes_the_web():
    assert absent_modules() >= HEAVY
    assert not packages("requirements-web.txt") & packages("requirements.txt")
    assert "-r requirements-web.txt" in (ROOT / "requirements.txt").read_text().splitlines()


IMPORT_ALL = """
import importlib, pkgutil, config.wsgi
for package in ("annotation", "api", "benchmark", "config", "demo", "pages"):
    for module in pkgutil.walk_packages([package], f"{package}."):
        importlib.import_module(module.name)
"""


@pytest.mark.slow
def test_every_module_of_the_site_is_imported(tmp_path):
    done = without_models("shell", "--no-imports", "-c", IMPORT_ALL, home=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_database_is_made_and_checked(tmp_path):
    for command in (["migrate", "--noinput"], ["check"], ["load_codes"]):
        done = without_models(*command, home=tmp_path)
        assert done.returncode == 0, done.stderr
    told = without_models("doctor", home=tmp_path)
    assert "ok      database" in told.stdout
    assert "ok      model store" in told.stdout
    assert "broken  Redis" in told.stdout, "none is there: said in words, not by a traceback"
    assert "Traceback" not in told.stderr


@pytest.fixture
def scored(study, titles):
    """A study with a model's codings and a Table 1."""
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    benchmark_run(study=study, preset="paper", actor=None)
    return run


@pytest.fixture
def no_models(monkeypatch):
    """From here on no model can be loaded in this process either."""
    for name in list(sys.modules):
        top = name.partition(".")[0]
        if top in absent_modules() or top == "rac_model":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", finders_without(absent_modules()))


DOWNLOADS = ["/studies/small/results/table1.csv", "/studies/small/results/table1.xlsx"]


def test_every_page_opens_for_an_admin(scored, sam, no_models):
    client = logged_in(sam)
    there = {
        "note": scored.study.notes.first().pk,
        "batch": scored.study.batch_id,
        "coder": scored.study.workspaces.order_by("pk").first().rater_id,
    }
    addresses = [address.format(**there) for address in PAGES]
    for address in [*addresses, *DOWNLOADS, f"/runs/{scored.pk}/", "/", "/admin/", "/healthz"]:
        assert client.get(address).status_code == 200, address


def test_the_clock_and_its_worker_do_their_work(scored, queue, no_models):
    before = scored.study.benchmarks.count()
    score_study(scored.study.pk, "full", None)
    sweep_chunks()
    assert scored.study.benchmarks.count() == before + 1


def test_a_model_is_registered_elsewhere_and_doctor_says_so(
    scored, no_models, title_checkpoint, capsys
):
    with pytest.raises(ValueError, match="exec worker python manage"):
        model_register(folder=title_checkpoint, name="again")
    with pytest.raises(CommandError):
        call_command("doctor")
    printed = capsys.readouterr().out
    assert "ok      model store: 1 checkpoints are here; doctor in a worker" in printed
