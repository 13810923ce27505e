"""Label Studio as a WSGI server loads it: the way its container serves it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.live import VENV_BIN, LiveLabelStudio

pytestmark = pytest.mark.label_studio

ASK = """
from wsgiref.util import setup_testing_defaults
from label_studio_guard.wsgi import application

def status(path):
    environ, answered = {}, []
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = path
    application(environ, lambda status, headers: answered.append(status))
    return answered[0]

paths = ["/health/", "/static/icons/logo-black.svg", "/guard/accounts"]
print(*map(status, paths), sep=" | ")
"""


def test_a_wsgi_server_answers_pages_files_and_the_guards_own(
    label_studio: LiveLabelStudio,
) -> None:
    done = subprocess.run(
        [VENV_BIN / "python", "-c", ASK],
        env={**os.environ, **label_studio.environment},
        cwd=label_studio.data_dir,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "200 OK | 200 OK | 403 Forbidden"
