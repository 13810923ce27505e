"""Commands as a person meets them: their output, and their exit status when the input is bad."""

from __future__ import annotations

import errno
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.management.command import Command
from annotation.models import Batch, Code, Coding, Note, Rater, Study
from files.output import in_words, write_file
from tests.cast import MIMIC_30

ROOT = Path(__file__).resolve().parent.parent.parent


def output_of(*args, **options) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_loading_codes_twice_adds_nothing():
    assert output_of("load_codes") == "ICD-9-CM v32: 18449 codes, 0 new\n"


@pytest.mark.django_db
def test_a_mimic_folder_becomes_notes_references_and_a_shortlist():
    out = output_of(
        "load_mimic", MIMIC_30, name="thirty", split="train", sample=5, seed=3, shortlist_size=40
    )
    assert "thirty: 5 notes" in out and "shortlist 40" in out and "count as misses" in out
    assert "practice notes: 3 in the batch thirty practice" in out
    assert Note.objects.count() == 8 and Coding.objects.count() == 8
    assert {batch.origin for batch in Batch.objects.all()} == {"synthetic"}
    assert "nothing changed" in output_of(
        "load_mimic", MIMIC_30, name="thirty", split="train", sample=5, seed=3, shortlist_size=40
    )
    assert Note.objects.count() == 8


@pytest.mark.django_db
def test_retired_codes_are_kept_with_the_nearest_title():
    from annotation.services.codes import codes_ensure

    row = codes_ensure(["518.5"])["518.5"]
    assert row.retired and row.kind == "dx" and "respiratory" in row.long_title.lower()
    assert Code.objects.filter(retired=True).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["load_mimic", "/nowhere"], "nowhere"),
        (["load_mimic", str(MIMIC_30), "--sample", "999"], "fewer than the 999"),
        (["open_study", "x"], "no batch"),
        (["run_benchmark"], "no study; there is: none yet"),
        (["run_model", "RAC"], "no study"),
        (["register_model", "/nowhere", "--name", "x"], ""),
    ],
)
def test_bad_input_is_one_line_and_status_2(command, words):
    with pytest.raises(CommandError) as refused:
        call_command(*command, stdout=io.StringIO())
    assert refused.value.returncode == 2
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.django_db
def test_open_study_names_the_coders_there_are(batch, codes, ada):
    with pytest.raises(CommandError, match="no active coder named zed; there is: ada"):
        call_command("open_study", "s", coders="zed", codes="eight")
    assert not Study.objects.exists()


@pytest.mark.slow
def test_the_exit_status_reaches_the_shell(tmp_path):
    environment = {**os.environ, "CODERBENCH_HOME": str(tmp_path)}
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    done = subprocess.run(
        [*run, "run_benchmark", "x"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout == "" and "no study named x" in done.stderr
    person = [*run, "create_user", "sam", "--role", "admin"]
    done = subprocess.run(
        person,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert done.returncode == 2 and "give it on standard input, with --stdin" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_written_whole_is_not_written_at_all(tmp_path):
    """A limit on the size of files stands for a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError) as error:
            write_file(tmp_path / "a.zip", bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    assert in_words(error.value).startswith(f"{tmp_path / 'a.zip'}: the file is larger than may be")
    with pytest.raises(OSError) as error:
        write_file(tmp_path / "nowhere" / "a.zip", b"")
    assert in_words(error.value).endswith("nowhere/a.zip: there is no such file or folder")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_what_a_disk_refuses_is_said_with_its_mend(number):
    class Failing(Command):
        def handle(self, *args, **options):
            raise OSError(number, os.strerror(number), "store/model.safetensors")

    with pytest.raises(CommandError) as refused:
        call_command(Failing())
    assert refused.value.returncode == 1
    assert str(refused.value).startswith("store/model.safetensors: ")
    assert "Errno" not in str(refused.value)
    assert "make room" in str(refused.value) or "choose" in str(refused.value)


@pytest.mark.django_db
def test_doctor_says_what_to_mend():
    Rater.objects.create(kind="model", name="Theirs", checkpoint_sha256="f" * 64)
    with pytest.raises(CommandError, match="parts need mending"):
        call_command("doctor", stdout=(out := io.StringIO()))
    lines = out.getvalue().splitlines()
    assert "ok      database: sqlite" in lines and "ok      code system: 18449 codes" in lines
    assert any(
        "model store: 0 checkpoints" in line and "1 of imported studies are elsewhere" in line
        for line in lines
    )
    assert any(
        line.startswith("broken  Label Studio") and "LABEL_STUDIO_URL" in line for line in lines
    )
