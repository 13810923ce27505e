"""Ada and Ben with a project each in a real Label Studio, and people who ask it for things."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from annotation.label_studio.client import Account
from annotation.label_studio.labeling_page import Interface, ListedCode, label_config
from icd.chapters import chapter
from icd.codes import CodeRow
from tests.live import LiveLabelStudio, label_studio

__all__ = ["label_studio"]

ENDOCRINE = "Endocrine, nutritional and metabolic diseases, and immunity disorders"
CIRCULATORY = "Diseases of the circulatory system"
CODES = (
    ListedCode("250.00", "Diabetes mellitus", "dx", ENDOCRINE),
    ListedCode("401.9", "Essential hypertension", "dx", CIRCULATORY),
    ListedCode("428.0", 'Heart failure, "left" & <right>', "dx", CIRCULATORY),
)
ADA, BEN = "ada@example.org", "ben@example.org"
Person = Callable[..., httpx.Response]


@dataclass(frozen=True)
class Desk:
    """A coder with one project of two notes; the first is answered, the second has a draft."""

    account: Account
    project: int
    view: int
    tasks: dict[str, int]
    annotation: int
    draft: int


def listed(rows: Iterable[CodeRow]) -> list[ListedCode]:
    """Codes of the tables as a study offers them."""
    return [ListedCode(row.code, row.long, row.kind, chapter(row.code, row.kind)) for row in rows]


def new_project(
    live: LiveLabelStudio, email: str, codes: Any = CODES, interface: Interface = "list"
) -> int:
    """A project that names the coder."""
    title = f"{email.partition('@')[0]} {uuid.uuid4().hex[:8]}"
    return live.client().create_project(
        title, label_config(codes, interface), email, "<p>Code the note.</p>"
    )


def new_desk(live: LiveLabelStudio, email: str, name: str) -> Desk:
    """A desk of a coder, made through our adapter and the coder's own requests."""
    client = live.client()
    account = client.ensure_account(email, name)
    project = new_project(live, email)
    tasks = client.push_tasks(
        project, [("n-1", f"Note one of {name}."), ("n-2", f"Note two of {name}.")]
    )
    annotation = client.submit(account.token, tasks["n-1"], ["401.9"], 5.0)
    person = person_with(live, account.token)
    draft = person(
        "POST", f"/api/tasks/{tasks['n-2']}/drafts", json={"result": [], "lead_time": 1}
    ).json()["id"]
    sam = person_with(live, live.token)
    view = sam("GET", f"/api/dm/views/?project={project}").json()[0]["id"]
    return Desk(account, project, view, tasks, annotation, draft)


def person_with(live: LiveLabelStudio, token: str | None) -> Person:
    """Somebody who sends requests, with an API token or without; redirects are not followed."""
    headers = {"Authorization": f"Token {token}"} if token else {}
    client = httpx.Client(base_url=live.url, headers=headers, timeout=60)
    return client.request


@pytest.fixture(scope="session")
def ada(label_studio: LiveLabelStudio) -> Desk:
    """Ada's desk."""
    return new_desk(label_studio, ADA, "Ada")


@pytest.fixture(scope="session")
def ben(label_studio: LiveLabelStudio) -> Desk:
    """Ben's desk."""
    return new_desk(label_studio, BEN, "Ben")


@pytest.fixture(scope="session")
def as_ada(label_studio: LiveLabelStudio, ada: Desk) -> Person:
    """Requests as Ada."""
    return person_with(label_studio, ada.account.token)


@pytest.fixture(scope="session")
def as_nobody(label_studio: LiveLabelStudio) -> Person:
    """Requests without an account."""
    return person_with(label_studio, None)


@pytest.fixture(scope="session")
def as_sam(label_studio: LiveLabelStudio) -> Person:
    """Requests as the admin."""
    return person_with(label_studio, label_studio.token)
