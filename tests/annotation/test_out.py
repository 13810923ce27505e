"""No command of the site destroys what it did not make."""

from __future__ import annotations

import fcntl
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Code, Study
from annotation.services.codings import Given, coding_append
from tests.hostile import folder_of_others, picture

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = {
    "text": ["run_benchmark", "small", "--format", "text", "--out"],
    "md": ["run_benchmark", "small", "--format", "md", "--out"],
    "tex": ["run_benchmark", "small", "--format", "tex", "--out"],
    "csv": ["run_benchmark", "small", "--format", "csv", "--out"],
    "json": ["run_benchmark", "small", "--format", "json", "--out"],
    "xlsx": ["run_benchmark", "small", "--format", "xlsx", "--out"],
    "zip": ["export_study", "small", "--out"],
}
"""Commands that write a file, by their format."""


@pytest.fixture
def coded(study: Study) -> Study:
    """Everybody has given one code to every note."""
    for assignment in study.assignments.select_related("note", "rater"):
        codes = dict.fromkeys(Code.objects.filter(code="401.9"))
        given = Given(assignment.note, codes, f"t{assignment.pk}", timezone.now(), 30.5)
        coding_append(study=study, rater=assignment.rater, given=given)
    return study


def refused(tmp_path: Path, *arguments: str | Path) -> str:
    """Run a command; it must refuse as bad input and change nothing. Returns its words."""
    before = picture(tmp_path)
    with pytest.raises(CommandError) as error:
        call_command(*map(str, arguments))
    assert error.value.returncode == 2
    assert picture(tmp_path) == before
    return str(error.value)


@pytest.mark.parametrize("form", FILES)
def test_a_file_is_written_over_only_if_it_is_an_earlier_output(
    form: str, coded: Study, tmp_path: Path
) -> None:
    out = tmp_path / f"out.{form}"
    for _ in ("new", "over the first"):
        call_command(*FILES[form], str(out))
    (tmp_path / "thesis.txt").write_text("years of work\n")
    (tmp_path / "theirs.json").write_text('{"raters": {}}')
    (tmp_path / "theirs.csv").write_text("note_id,code\nn1,401.9\n")
    (tmp_path / "theirs.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "link").symlink_to(out)
    (tmp_path / "folder").mkdir()
    for name in (
        "thesis.txt",
        "theirs.json",
        "theirs.csv",
        "theirs.zip",
        "link",
        "folder",
        "no/where",
    ):
        assert "give" in refused(tmp_path, *FILES[form], tmp_path / name) or name == "no/where"


def test_a_bundle_does_not_write_over_a_table_nor_a_table_over_a_bundle(
    coded: Study, tmp_path: Path
) -> None:
    for form in FILES:
        call_command(*FILES[form], str(tmp_path / form))
    for form in ("text", "md", "tex", "csv", "json", "xlsx"):
        refused(tmp_path, *FILES["zip"], tmp_path / form)
        refused(tmp_path, *FILES[form], tmp_path / "zip")


@pytest.mark.slow
def test_the_generator_writes_over_its_own_folder_and_over_no_other(tmp_path: Path) -> None:
    generate = ["make_synthetic_mimic", "--notes", "3", "--splits", "1,1,1", "--short"]
    out = tmp_path / "synthetic"
    for _ in ("new", "over the first"):
        call_command(*generate, str(out))
    (tmp_path / "file").write_text("years of work")
    (tmp_path / "link").symlink_to(out)
    folder_of_others(tmp_path / "theirs")
    folder_of_others(tmp_path / "notes", ("NOTEEVENTS.csv",))
    for name in ("file", "link", "theirs", "notes"):
        refused(tmp_path, *generate, tmp_path / name)
    (out / "NOTEEVENTS.csv").rename(tmp_path / "real.csv")
    (out / "NOTEEVENTS.csv").symlink_to(tmp_path / "real.csv")
    assert "NOTEEVENTS.csv is a link" in refused(tmp_path, *generate, out)


def reset(home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "demo-reset", home]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def demo_home(tmp_path: Path) -> Path:
    home = tmp_path / "demo"
    home.mkdir()
    (home / "secret_key").write_text("secret")
    with sqlite3.connect(home / "coderbench.sqlite3") as database:
        database.execute("CREATE TABLE annotation_study (slug TEXT)")
        database.execute("CREATE TABLE annotation_batch (name TEXT, origin TEXT)")
        database.execute("INSERT INTO annotation_study VALUES ('demo')")
        database.execute("INSERT INTO annotation_batch VALUES ('demo', 'synthetic')")
    database.close()
    return home


def test_a_demo_is_forgotten(demo_home: Path) -> None:
    assert reset(demo_home).returncode == 0
    assert not demo_home.exists()
    assert reset(demo_home).returncode == 0


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO annotation_study VALUES ('ward-7')",
        "INSERT INTO annotation_batch VALUES ('ward-7', 'own')",
    ],
)
def test_a_demo_that_also_holds_other_work_is_not_forgotten(demo_home: Path, row: str) -> None:
    with sqlite3.connect(demo_home / "coderbench.sqlite3") as database:
        database.execute(row)
    database.close()
    before = picture(demo_home)
    done = reset(demo_home)
    assert done.returncode == 2 and "more than the demo: ward-7" in done.stderr
    assert picture(demo_home) == before


def test_neither_is_one_that_runs_nor_a_folder_of_others(demo_home: Path, tmp_path: Path) -> None:
    with (demo_home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = reset(demo_home)
    assert done.returncode == 1 and "is running" in done.stderr
    before = picture(tmp_path)
    assert reset(folder_of_others(tmp_path / "theirs")).returncode == 2
    (tmp_path / "link").symlink_to(demo_home)
    assert reset(tmp_path / "link").returncode == 2
    assert before.items() <= picture(tmp_path).items()
