"""Bad files of notes: each refused soon and in words, and nothing of them is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotation.models import Batch, Note, Upload
from annotation.selectors.uploads import parts_of
from tests.cast import logged_in
from tests.clerk import brought, page_of
from tests.hostile import Bad, notes_hostile

ROOT = Path(__file__).resolve().parents[2]
FILES = notes_hostile()
SMALL = [name for name, bad in FILES.items() if not bad.large]
LARGE = [name for name, bad in FILES.items() if bad.large]
MOST_SECONDS = 5
MOST_MIB = 300


def test_there_are_over_fifty_kinds():
    assert len(FILES) >= 50 and len(LARGE) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_a_small_one(kind, db, sam, tmp_path):
    bad = FILES[kind]
    path = tmp_path / bad.name
    bad.write(path)
    client = logged_in(sam)
    upload = brought(client, bad.name, path.read_bytes())
    assert upload.state == Upload.State.REFUSED
    page = page_of(client, upload)
    for words in bad.words:
        assert words in page.replace("rows ", "row "), words
    left = [part for part in parts_of(upload) if part.exists()]
    assert bool(left) == upload.found["to_mend"]
    client.post(f"/batches/uploads/{upload.pk}/discard/")
    assert not any(part.exists() for part in parts_of(upload))
    with path.open("rb") as file:
        answer = client.post("/api/v1/batches/", {"file": file})
    assert answer.status_code == 422 and answer.json()["total"] > 0
    assert Batch.objects.count() == Note.objects.count() == 0


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict[str, dict]:
    """Every large file through the upload's check in one process: time, memory, what is left."""
    home = tmp_path_factory.mktemp("hostile")
    environment = {**os.environ, "CODERBENCH_HOME": str(home)}
    command = [sys.executable, "-m", "tests.files.measure", str(home), *LARGE, "good"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.chaos
@pytest.mark.parametrize("kind", LARGE)
def test_a_large_one(kind, measured):
    bad: Bad = FILES[kind]
    found = measured[kind]
    print(kind, found)
    assert found["state"] == "refused"
    for words in bad.words:
        assert words in found["said"].replace("rows ", "row "), words
    assert found["busy_seconds"] < MOST_SECONDS  # the machine may have other work
    assert found["mib"] < MOST_MIB
    assert found["batches"] == 0 and found["left"] == []


@pytest.mark.chaos
def test_twenty_thousand_good_notes_are_never_in_memory(measured):
    """167 MB: the texts would be that at least."""
    found = measured["good"]
    print(found)
    assert found["state"] == "stored" and found["batches"] == 1 and found["left"] == []
    assert found["mib"] < 100
