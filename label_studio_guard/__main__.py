"""`python -m label_studio_guard`: the guarded Label Studio in the foreground, as a container runs it.

Everything comes from the environment; see docker-compose.yml.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from label_studio_guard.serve import command, environment

PORT = 8080


def settings_from(given: Mapping[str, str]) -> dict[str, str]:
    """What the server's environment needs, from the container's. Raises KeyError naming a variable that is missing."""
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
    """Become the server; returns only when it cannot start."""
    try:
        added = settings_from(os.environ)
    except (KeyError, ValueError) as error:
        print(f"the environment is not complete: {error}", file=sys.stderr)
        return 2
    program = shutil.which("label-studio", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        print("label-studio is not installed here; see requirements-label-studio.txt", file=sys.stderr)
        return 1
    line = command(Path(program).parent, PORT, host="0.0.0.0")  # noqa: S104  (inside a container, behind its port map)
    os.chdir(added["LABEL_STUDIO_BASE_DATA_DIR"])
    return os.execve(line[0], line, {**os.environ, **added})  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
