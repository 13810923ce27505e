"""An installation of before the coding page is brought up to date: nothing changes its meaning."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEFORE = """
import json
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

before = [("annotation", "0004_indexes")]
call_command("migrate", "annotation", "0004", verbosity=0)
old = MigrationExecutor(connection).loader.project_state(before).apps
of = lambda name: old.get_model("annotation", name)
batch = of("Batch").objects.create(name="b", sha256="1" * 64, origin="own")
note = of("Note").objects.create(batch=batch, external_id="n1", text="t", sha256="2" * 64)
codes = of("CodeSet").objects.create(name="c", sha256="3" * 64)
rater = of("Rater").objects.create(kind="coder", name="Ada")
for interface in ("list", "search", "both"):
    of("Study").objects.create(
        slug=interface, batch=batch, code_set=codes, interface=interface, protocol_sha256="4" * 64
    )
for number, seconds in enumerate((61.5, None)):
    of("Coding").objects.create(
        note=note,
        rater=rater,
        submitted_at=timezone.now(),
        active_seconds=seconds,
        source_key=f"label-studio:1:{number}:x",
    )
call_command("migrate", verbosity=0)
from annotation.models import Coding, Study
print(json.dumps([
    [[s.slug, s.interface, s.arms, s.search_sha256, s.protocol_sha256 == "4" * 64]
     for s in Study.objects.order_by("pk")],
    list(Coding.objects.order_by("pk").values_list("active_seconds", "lead_time")),
]))
"""


@pytest.mark.slow
def test_studies_and_times_of_before_keep_their_meaning(tmp_path):
    environment = {
        **os.environ,
        "CODERBENCH_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", BEFORE], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    studies, times = json.loads(done.stdout)
    assert studies == [
        ["list", "list", ["list"], "", True],
        ["search", "search", ["search"], "", True],
        ["both", "list+search", ["list", "search"], "", True],
    ]
    assert times == [[None, 61.5], [None, None]], "what was measured was Label Studio's clock"
