"""One real Label Studio with the guard in it.

Started once for all tests that ask for the fixture `label_studio`.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import signal
import socket
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from label_studio_guard import serve
from tests.require import require

VENV_BIN = Path(__file__).resolve().parent.parent / ".venv-label-studio" / "bin"


@dataclass(frozen=True)
class LiveLabelStudio:
    """A running server; coderbench_url answers nothing unless a test listens there."""

    url: str
    port: int
    data_dir: Path
    log: Path
    secret: str
    admin_email: str
    admin_password: str
    token: str
    coderbench_url: str
    started_in: float
    environment: dict[str, str]
    processes: list[Any]

    def client(self) -> Any:
        """Our adapter, as the admin."""
        from annotation.label_studio.client import LabelStudio

        return LabelStudio(self.url, self.token, self.secret)

    def kill(self) -> None:
        """The server dies as by a power cut."""
        process = self.processes.pop()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start(self) -> None:
        """The server comes back with what it had."""
        self.processes.append(serve.start(VENV_BIN, self.port, self.environment, self.log))
        serve.wait_until_up(self.processes[-1], self.port)


@pytest.fixture(scope="session")
def label_studio() -> LiveLabelStudio:
    """Label Studio on a free loopback port, with its data in a temporary folder."""
    installed = (VENV_BIN / "label-studio").exists()
    require("Label Studio", installed, "make setup installs it into .venv-label-studio")
    return _server()


@cache
def _server() -> LiveLabelStudio:
    folder = Path(tempfile.mkdtemp(prefix="coderbench-label-studio-"))
    port, site_port = free_port(), free_port()
    made: dict[str, Any] = {
        name: secrets.token_hex(20) for name in ("secret", "admin_password", "admin_token")
    }
    site = f"http://127.0.0.1:{site_port}"
    settings = serve.environment(folder, port, site, admin_email="sam@example.org", **made)
    log = folder / "label-studio.log"
    process = serve.start(VENV_BIN, port, settings, log)
    processes = [process]
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(lambda: [serve.stop(each) for each in processes])
    seconds = serve.wait_until_up(process, port)
    return LiveLabelStudio(
        url=f"http://127.0.0.1:{port}",
        port=port,
        data_dir=folder,
        log=log,
        secret=made["secret"],
        admin_email="sam@example.org",
        admin_password=made["admin_password"],
        token=made["admin_token"],
        coderbench_url=site,
        started_in=seconds,
        environment=settings,
        processes=processes,
    )


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
