"""The real site in a process of its own, so that it can be killed and started again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.live import free_port
from tests.stack.conftest import seconds_until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class DeskSite:
    """A running site with a study for the coding page."""

    home: Path
    port: int = field(default_factory=free_port)
    furniture: str = "tests.desk.furnish"
    """The module that fills it."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CODERBENCH_HOME": str(self.home), "CODERBENCH_URL": self.url}

    def furnish(self) -> None:
        command = [sys.executable, "-m", self.furniture]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        words = f"gunicorn config.wsgi -b 127.0.0.1:{self.port} --threads 8 --no-control-socket"
        with (self.home / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *words.split()],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        seconds_until(self.answers, 60)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """The site dies as by a power cut."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        database = sqlite3.connect(f"file:{self.home / 'coderbench.sqlite3'}?mode=ro", uri=True)
        try:
            return database.execute(question, values).fetchall()
        finally:
            database.close()

    def change(self, statement: str, *values: object) -> None:
        """Change the database behind the site's back."""
        with sqlite3.connect(self.home / "coderbench.sqlite3", timeout=30) as database:
            database.execute(statement, values)

    def left(self, study: str = "small") -> list[int]:
        """The assignments that are not coded yet, in the order of the queue."""
        rows = self.rows(
            "select a.id from annotation_assignment a join annotation_study s on s.id = a.study_id "
            "where s.slug = ? and not exists (select 1 from annotation_coding c where "
            "c.note_id = a.note_id and c.rater_id = a.rater_id and c.study_id = a.study_id) "
            "order by a.position",
            study,
        )
        return [each for (each,) in rows]

    def codings(self, assignment: int) -> list[list[str]]:
        """The codes of each revision of a note."""
        rows = self.rows(
            "select c.id from annotation_coding c join annotation_assignment a on "
            "a.note_id = c.note_id and a.rater_id = c.rater_id and a.study_id = c.study_id "
            "where a.id = ? order by c.revision",
            assignment,
        )
        return [self._codes(coding) for (coding,) in rows]

    def _codes(self, coding: int) -> list[str]:
        rows = self.rows(
            "select k.code from annotation_codingitem i join annotation_code k on k.id = i.code_id "
            "where i.coding_id = ? order by i.id",
            coding,
        )
        return [code for (code,) in rows]

    def draft(self, assignment: int) -> dict[str, Any] | None:
        """What is ticked and not submitted, as the server has it."""
        names = "codes, none_applies, unlisted, sequence, tab, active_seconds"
        rows = self.rows(
            f"select {names} from annotation_draft where assignment_id = ?", assignment
        )
        return dict(zip(names.split(", "), rows[0], strict=True)) if rows else None
