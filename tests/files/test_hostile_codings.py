"""Bad files of codings: each refused soon and in words, and nothing of them is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from annotation.models import Code, Coding, Event, Rater, Upload
from annotation.selectors.uploads import parts_of
from tests.cast import logged_in
from tests.hostile_codings import codings_hostile
from tests.imports import looked_at

ROOT = Path(__file__).resolve().parents[2]
FILES = codings_hostile()
SMALL = [kind for kind, bad in FILES.items() if not bad.large]
LARGE = [kind for kind, bad in FILES.items() if bad.large]
MOST_SECONDS = 5
MOST_MIB = 300
TABLES = (Rater, Coding, Code, Event)


def test_there_are_over_fifty_kinds():
    assert len(FILES) >= 50 and len(LARGE) >= 10


@pytest.mark.slow
def test_the_small_ones(study, rae, tmp_path):
    """All in one test: the study is made once."""
    client = logged_in(rae)
    before = [table.objects.count() for table in TABLES]
    taken = {}
    for kind in SMALL:
        bad = FILES[kind]
        path = tmp_path / bad.name
        bad.write(path)
        data = path.read_bytes()
        page = looked_at(client, "/studies/small/import/", bad.name, data, kind="model", rater="V")
        said = page.content.decode().lower().replace("rows ", "row ")
        missing = [words for words in bad.words if words.lower() not in said]
        if page.status_code != 422 or missing:
            told = Upload.objects.latest("pk").found
            taken[kind] = (page.status_code, missing, str(told)[:300])
    assert taken == {}, "\n".join(f"{kind}: {each}" for kind, each in taken.items())
    assert [table.objects.count() for table in TABLES] == before
    for upload in Upload.objects.all():
        client.post(f"/imports/{upload.pk}/discard/")
        assert not any(part.exists() for part in parts_of(upload))


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict[str, dict]:
    """Every large file through the upload's check in one process: time, memory, what is left."""
    home = tmp_path_factory.mktemp("hostile")
    environment = {**os.environ, "CODERBENCH_HOME": str(home)}
    command = [sys.executable, "-m", "tests.files.measure_codings", str(home), *LARGE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.chaos
@pytest.mark.parametrize("kind", LARGE)
def test_a_large_one(kind, measured):
    bad = FILES[kind]
    found = measured[kind]
    print(kind, found)
    assert found["state"] == "refused"
    for words in bad.words:
        assert words.lower() in found["said"].lower().replace("rows ", "row "), words
    assert found["busy_seconds"] < MOST_SECONDS  # the machine may have other work
    assert found["mib"] < MOST_MIB
    assert found["codings"] == 0 and found["raters"] == 0
