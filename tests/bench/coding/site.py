"""A whole installation with one coder: her notes of 1,500 words, 4,075 codes to choose from.

Real Label Studio with our guard, real site, worker and Redis, in a folder that is deleted after.
"""

from __future__ import annotations

import csv
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import httpx

from annotation.label_studio.client import LabelStudio
from demo.processes import ROOT, Services
from icd.codes import CodeRow
from icd.tables import read_icd9_tables
from mimic.synthetic.discharge_summary import write_discharge_summary
from mimic.synthetic.stays import make_stay
from mimic.synthetic.world import world

CODES = Path(__file__).resolve().parents[2] / "icd" / "study_codes.txt"
"""The list of the demo's study."""
CODER = "ada"
PASSWORD = "a long enough phrase"
BATCH = "bench.csv"
WORDS = 1_500
SEED = 77


def code_rows() -> list[CodeRow]:
    """4,075 codes with their titles, in code order: the list of the demo's study.

    A few of its codes are retired, which a file of notes may not have; as many of today's stand
    for them.
    """
    wanted = CODES.read_text().split()
    today = {row.code: row for row in read_icd9_tables()}
    codes = today.keys() & set(wanted)
    others = sorted(today.keys() - codes)
    codes |= set(random.Random(SEED).sample(others, len(wanted) - len(codes)))
    return [today[code] for code in sorted(codes)]


def texts(number: int, words: int = WORDS) -> list[str]:
    """Synthetic notes of exactly so many words: summaries joined, the last one cut."""
    made = []
    stay = 0
    for _ in range(number):
        text = ""
        while len(text.split()) < words:
            text += _summary(stay)
            stay += 1
        made.append(first_words(text, words))
    return made


def _summary(stay: int) -> str:
    return write_discharge_summary(world(), SEED, make_stay(world(), SEED, stay), False).report


def first_words(text: str, words: int) -> str:
    """The text as far as its so many-th word, with the blanks and lines that it has.

    >>> first_words("Sex:  F\\n\\nService: MEDICINE", 3)
    'Sex:  F\\n\\nService:'
    """
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    return text[: ends[words - 1]]


@dataclass
class Site:
    """A running installation, used by commands and pages as its people do."""

    services: Services

    @property
    def address(self) -> str:
        return self.services.addresses["CODERBENCH_URL"]

    @property
    def label_studio(self) -> LabelStudio:
        addresses = self.services.addresses
        return LabelStudio(
            addresses["LABEL_STUDIO_URL"],
            addresses["LABEL_STUDIO_TOKEN"],
            addresses["CODERBENCH_GUARD_SECRET"],
        )

    def label_studio_version(self) -> str:
        token = self.services.addresses["LABEL_STUDIO_TOKEN"]
        headers = {"Authorization": f"Token {token}"}
        answer = httpx.get(f"{self.label_studio.url}/api/version", headers=headers, timeout=60)
        return str(answer.raise_for_status().json()["release"])

    def manage(self, *arguments: str, stdin: str = "") -> None:
        """Run a command of the site. Raises RuntimeError with what it said where it fails."""
        environment = {**os.environ, "CODERBENCH_HOME": str(self.services.home)}
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {done.stderr.strip()}")


@contextmanager
def installed(notes: int) -> Iterator[Site]:
    """An installation with the coder and a batch of so many notes; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="coderbench-coding-") as folder:
        home = Path(folder)
        os.environ["CODERBENCH_HOME"] = folder
        services = Services(home)
        try:
            services.start()
            services.wait()
            site = Site(services)
            _furnish(site, home / BATCH, notes)
            yield site
        finally:
            services.stop()


def _furnish(site: Site, file: Path, notes: int) -> None:
    """The coder, the codes, the notes. The list of a study is what the notes' reference has."""
    site.manage("load_codes")
    site.manage("create_user", CODER, "--role", "coder", "--stdin", stdin=PASSWORD)
    codes = [row.code for row in code_rows()]
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["note_id", "text", "codes"])
        for number, text in enumerate(texts(notes)):
            writer.writerow([f"note-{number:02}", text, "|".join(codes[number::notes])])
    site.manage("load_notes", str(file))


@contextmanager
def open_study(site: Site, interface: str) -> Iterator[None]:
    """The coder has one open study, with this interface; it is closed after."""
    name = f"bench-{interface}"
    site.manage(
        "open_study",
        name,
        "--batch",
        BATCH,
        "--coders",
        CODER,
        "--overlap",
        "0",
        "--interface",
        interface,
        "--codes",
        "reference",
    )
    yield
    site.manage("close_study", name, "--yes")


def stock_config(rows: list[CodeRow]) -> str:
    """What Label Studio's own documentation would have one write: the text, and a choice a code."""
    choices = "".join(f"<Choice value={quoteattr(f'{row.code} {row.long}')}/>" for row in rows)
    return (
        '<View><Text name="note" value="$text"/>'
        f'<Choices name="codes" toName="note" choice="multiple">{choices}</Choices></View>'
    )


def stock_project(site: Site, notes: int) -> int:
    """A project as Label Studio makes it where nothing is set, with the same codes and notes."""
    addresses = site.services.addresses
    headers = {"Authorization": f"Token {addresses['LABEL_STUDIO_TOKEN']}"}
    with httpx.Client(
        base_url=addresses["LABEL_STUDIO_URL"], headers=headers, timeout=120
    ) as client:
        made = _sent(
            client, "/api/projects/", {"title": "stock", "label_config": stock_config(code_rows())}
        )
        tasks = [{"data": {"text": text}} for text in texts(notes)]
        _sent(client, f"/api/projects/{made['id']}/import", tasks)
    return int(made["id"])


def _sent(client: httpx.Client, path: str, body: Any) -> Any:
    answer = client.post(path, json=body)
    answer.raise_for_status()
    return answer.json()
