"""`python -m label_studio_guard`: the guarded Label Studio in the foreground, as containers run it.

Everything comes from the environment; see docker-compose.yml.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from label_studio_guard.serve import environment

PORT = 8080
SERVER = (
    "gunicorn label_studio_guard.wsgi --workers 2 --threads 8 --timeout 120"
    f" --limit-request-line 8190 --bind 0.0.0.0:{PORT}"
)
"""`label-studio start` would be Django's development server. Port 8080 is the container's own."""


def settings_from(given: Mapping[str, str]) -> dict[str, str]:
    """What to add to the server's environment, from the container's. KeyError: what is missing."""
    return environment(
        Path(given["LABEL_STUDIO_DATA"]),
        PORT,
        given["CODERBENCH_URL"],
        given["CODERBENCH_GUARD_SECRET"],
        given["LABEL_STUDIO_ADMIN_EMAIL"],
        given["LABEL_STUDIO_ADMIN_PASSWORD"],
        given["LABEL_STUDIO_TOKEN"],
        database={
            "host": given["POSTGRES_HOST"],
            "port": given.get("POSTGRES_PORT", "5432"),
            "user": given.get("POSTGRES_USER", "coderbench"),
            "password": given["POSTGRES_PASSWORD"],
            "name": "label_studio",
        },
        url=given["LABEL_STUDIO_PUBLIC_URL"],
    )


def main() -> int:
    """Bring the database up to date, then become the server; returns only when it cannot start."""
    try:
        added = settings_from(os.environ)
    except (KeyError, ValueError) as error:
        print(f"the environment is not complete: {error}", file=sys.stderr)
        return 2
    # Programs of this environment come first.
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, **added, "PATH": programs}
    for program in ("label-studio", "gunicorn"):
        if shutil.which(program, path=programs) is None:
            print(
                f"{program} is not installed here; see requirements-label-studio.txt",
                file=sys.stderr,
            )
            return 1
    os.chdir(added["LABEL_STUDIO_BASE_DATA_DIR"])
    # Migrations, and the admin's account where there is none yet.
    prepared = subprocess.run(["label-studio", "init", "--quiet"], env=environ)
    if prepared.returncode != 0:
        print("Label Studio could not set up its database; see the lines above", file=sys.stderr)
        return 1
    server = SERVER.split()
    return os.execvpe(server[0], server, environ)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
