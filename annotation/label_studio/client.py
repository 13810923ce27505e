"""The one door to Label Studio. Nothing else imports its SDK; no note text in any error, log or URL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx
from label_studio_sdk.core.api_error import ApiError

from annotation.label_studio.labeling_page import (
    ParsedAnswer,
    answer_result,
    parse_result,
    shown_text,
)
from label_studio_guard.token import GUARD_HEADER, LEAVING, sign, sign_admin

WEBHOOK_HEADER = "X-Coderbench-Webhook"
WEBHOOK_ACTIONS = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED")
SHORTEST_TITLE, LONGEST_TITLE = 3, 50
PAGE = 100
NOTES_A_REQUEST = 200
SECONDS = 60.0


class LabelStudioError(RuntimeError):
    """What went wrong, in words that name no note."""


class LabelStudioDown(LabelStudioError):
    """Nothing answers at the address, or not in time: worth trying again later."""


class LabelStudioRefused(LabelStudioError):
    """Label Studio or the guard answered and said no; `status` is the HTTP status, `why` words that hold no note."""

    def __init__(self, what: str, status: int | None, why: str = "") -> None:
        super().__init__(f"Label Studio refused to {what}: {why or f'status {status}'}")
        self.status = status


@dataclass(frozen=True)
class Account:
    """A coder's account in Label Studio, with the API token of that account."""

    id: int
    token: str


@dataclass(frozen=True)
class Answer:
    """One annotation as it stands. completed_by is the account's id; lead_time is wall clock seconds, idle included."""

    annotation_id: int
    task_id: int
    note_id: str
    project_id: int
    completed_by: int
    created_at: datetime
    updated_at: datetime
    lead_time: float | None
    parsed: ParsedAnswer


class LabelStudio:
    """Label Studio as an admin sees it. Every method raises LabelStudioDown or LabelStudioRefused."""

    def __init__(self, url: str, token: str, guard_secret: str, seconds: float = SECONDS) -> None:
        """`seconds`: how long one answer may take."""
        self.url = url.rstrip("/")
        self._seconds = seconds
        self._token = token
        self._secret = guard_secret

    @cached_property
    def _sdk(self) -> Any:
        from label_studio_sdk import (
            LabelStudio as Sdk,
        )  # only here: it loads pandas and takes a second

        make: Any = Sdk
        return make(base_url=self.url, api_key=self._token, timeout=self._seconds)

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=self._seconds)

    def health(self) -> None:
        """Does it answer."""
        with _errors("answer"):
            self._http.get("/health/").raise_for_status()

    # People

    def ensure_account(self, email: str, name: str) -> Account:
        """The coder's account, made when it is not there. It has no password: the way in is `login_url`."""
        made = self._guard("make an account", "accounts", email=email, name=name)
        return Account(id=made["id"], token=made["token"])

    def set_session(self, email: str, active: bool) -> None:
        """End every session of the coder; with active=False the account takes no token and no ticket either."""
        self._guard("end sessions", "end-sessions", email=email, active=active)

    def login_url(self, email: str, project_id: int, task_id: int) -> str:
        """Address that signs the coder in and opens one note: good for 60 seconds, once. Send it as a redirect."""
        return f"{self.url}/guard/login?token={sign(self._secret, email, project_id, task_id)}"

    def admin_login_url(self) -> str:
        """Address that signs an admin in, good for 60 seconds, once. Send it as a redirect, and to admins only."""
        return f"{self.url}/guard/admin?token={sign_admin(self._secret)}"

    def end_admin_sessions(self) -> None:
        """End every session of the administrator's account; our own token goes on working."""
        self._guard("end the sessions of admins", "end-admin-sessions")

    def leave_url(self, email: str) -> str:
        """Address that sends what a browser still keeps of the coder's ticks: good for 60 seconds, once."""
        return f"{self.url}/guard/leave?token={sign(self._secret, email, 0, 0, audience=LEAVING)}"

    # Projects and notes

    def create_project(
        self,
        title: str,
        config: str,
        coder_email: str,
        guideline_html: str,
        mark: str = "",
        made: Callable[[int], object] = lambda project_id: None,
    ) -> int:
        """A project for one coder, open for answers; nobody else but admins can reach it. Gives its id.

        `made` is told the id as soon as there is one. Should it not arrive at all, `find_project` knows the project by
        its `mark`; then `furnish_project` does what is left.
        """
        if not SHORTEST_TITLE <= len(title) <= LONGEST_TITLE:
            raise ValueError(
                f"a project title has {SHORTEST_TITLE} to {LONGEST_TITLE} characters, this one {len(title)}"
            )
        with _errors("create a project"):
            project = self._sdk.projects.create(
                title=title,
                description=mark,
                label_config=config,
                expert_instruction=guideline_html,
                show_instruction=False,
                show_skip_button=False,
                enable_empty_annotation=False,
                show_collab_predictions=False,
                maximum_annotations=1,
                sampling="Sequential sampling",
            )
        made(int(project.id))
        self.furnish_project(int(project.id), coder_email)
        return int(project.id)

    def find_project(self, mark: str) -> int | None:
        """The project that was created with this mark; None where there is none."""
        found: int | None = self._guard("find a project", "find-project", mark=mark)["project"]
        return found

    def furnish_project(self, project_id: int, coder_email: str) -> None:
        """Open a new project for its one coder; done twice it changes nothing."""
        with _errors("furnish a project"):
            # The page of a project without a view makes one, which a coder may not.
            if not self._sdk.views.list(project=project_id):
                self._sdk.views.create(
                    project=project_id, data={"title": "Notes", "type": "list", "target": "tasks"}
                )
        self.name_coder(project_id, coder_email)

    def name_coder(self, project_id: int, coder_email: str, is_open: bool = True) -> None:
        """Make this coder the only one whom the project lets in; is_open=False leaves it to be read, not answered."""
        self._guard("name a coder", "projects", project=project_id, email=coder_email, open=is_open)

    def delete_project(self, project_id: int) -> None:
        """The project with its notes and answers, for good. One that is not there any more is no error."""
        try:
            with _errors("delete a project"):
                self._sdk.projects.delete(project_id)
        except LabelStudioRefused as refusal:
            if refusal.status != 404:
                raise

    def push_tasks(
        self,
        project_id: int,
        notes: Sequence[tuple[str, str]],
        arrived: Callable[[dict[str, int]], object] = lambda task_of: None,
    ) -> dict[str, int]:
        """Make a task of each (note id, text) that the project lacks; gives the task id of every note of `notes`.

        Sending the same notes again makes nothing: Label Studio would, so what is there is read first. `arrived` is
        told of notes with their tasks, some at a time.
        """
        there = self._task_ids(project_id)
        task_of = {note_id: there[note_id] for note_id, _ in notes if note_id in there}
        arrived(task_of)
        absent = [(note_id, text) for note_id, text in notes if note_id not in there]
        for start in range(0, len(absent), NOTES_A_REQUEST):
            sent = absent[start : start + NOTES_A_REQUEST]
            tasks = [
                {"data": {"note_id": note_id, "text": shown_text(text)}} for note_id, text in sent
            ]
            with _errors("take the notes"):
                made = self._sdk.projects.import_tasks(
                    project_id, request=tasks, return_task_ids=True
                ).task_ids
            ids = [note_id for note_id, _ in sent]
            known = (
                self._task_ids(project_id) if made is None else dict(zip(ids, made, strict=True))
            )
            new = {note_id: known[note_id] for note_id in ids}
            arrived(new)
            task_of |= new
        return task_of

    def task_texts_sha256(self, project_id: int) -> dict[str, str]:
        """SHA-256 of the text that Label Studio holds of each note, to be compared with that of its `shown_text`."""
        held = (row["data"] for row in self._tasks(project_id, include="id,data"))
        return {
            data["note_id"]: hashlib.sha256(data["text"].encode()).hexdigest()
            for data in held
            if "note_id" in data
        }

    def _task_ids(self, project_id: int) -> dict[str, int]:
        rows = self._tasks(project_id, include="id,data")
        return {row["data"]["note_id"]: row["id"] for row in rows if "note_id" in row["data"]}

    # Answers

    def changed(self, project_id: int, since: datetime | None = None) -> list[Answer]:
        """Answers on notes touched after `since`, all without it. Let `since` overlap, and upsert by annotation id.

        Skipped notes are no answers. Deletions are not seen here: compare with `annotation_ids`.
        """
        query = {} if since is None else {"query": json.dumps(_touched_after(since))}
        rows = self._tasks(project_id, fields="all", **query)
        return [
            _answer(project_id, row, given)
            for row in rows
            for given in row["annotations"]
            if _counts(given)
        ]

    def annotation_ids(self, project_id: int) -> set[int]:
        """Ids of all answers that exist now."""
        return {answer.annotation_id for answer in self.changed(project_id)}

    def submit(
        self,
        coder_token: str,
        task_id: int,
        codes: Sequence[str],
        seconds: float,
        unlisted: str = "",
    ) -> int:
        """Answer a note as its coder, through the same request as the page makes; gives the annotation's id.

        No code at all is the answer "No listed code applies".
        """
        body = {"result": answer_result(codes, unlisted), "lead_time": seconds}
        made = self._post(
            "take an answer", f"/api/tasks/{task_id}/annotations/", body, _by_token(coder_token)
        )
        return int(made["id"])

    def add_webhook(self, project_id: int, url: str, secret: str) -> int:
        """Have changes of answers announced to `url` with `secret` in the header X-Coderbench-Webhook, without content.

        Asking again changes the one that is there, known by its path: our site may have moved. Gives its id.
        LabelStudioRefused names the address and says what is wrong with it.
        """
        settings = {
            "url": url,
            "actions": list(WEBHOOK_ACTIONS),
            "headers": {WEBHOOK_HEADER: secret},
            "is_active": True,
            "send_for_all_actions": False,
            "send_payload": False,
        }
        with _errors(f"send webhooks to {url}", why=_why_not_there):
            for hook in self._sdk.webhooks.list(project=str(project_id)):
                if _path(hook.url) == _path(url):
                    self._sdk.webhooks.update(hook.id, **settings)
                    return int(hook.id)
            return int(self._sdk.webhooks.create(project=project_id, **settings).id)

    # Wires

    def _tasks(self, project_id: int, **options: str) -> Iterator[dict[str, Any]]:
        """Tasks page by page. The SDK's pager asks for one page too many, which Label Studio logs as an error."""
        seen, total = 0, 1
        while seen < total:
            asked: dict[str, Any] = {
                "project": project_id,
                "page": 1 + seen // PAGE,
                "page_size": PAGE,
                "resolve_uri": "false",
            }
            with _errors("list tasks"):
                response = self._http.get(
                    "/api/tasks/", params={**asked, **options}, headers=_by_token(self._token)
                )
                response.raise_for_status()
            page = response.json()
            yield from page["tasks"]
            seen, total = seen + PAGE, page["total"]

    def _guard(self, what: str, page: str, **body: Any) -> Any:
        return self._post(what, f"/guard/{page}", body, {GUARD_HEADER: self._secret})

    def _post(self, what: str, path: str, body: Mapping[str, Any], headers: dict[str, str]) -> Any:
        with _errors(what):
            response = self._http.post(path, json=body, headers=headers)
            response.raise_for_status()
            return response.json()


@contextmanager
def _errors(what: str, why: Callable[[ApiError], str] = lambda error: "") -> Iterator[None]:
    """Errors of the wire as ours. Theirs are cut off: they carry answers of the server, and those may hold a note.

    `why` makes words of an answer where that is known to hold none.
    """
    try:
        yield
    except ApiError as error:
        raise LabelStudioRefused(what, error.status_code, why(error)) from None
    except httpx.HTTPStatusError as error:
        raise LabelStudioRefused(what, error.response.status_code) from None
    except httpx.HTTPError as error:
        raise LabelStudioDown(
            f"Label Studio does not answer ({type(error).__name__}): could not {what}"
        ) from None


def _path(url: str) -> str:
    """What follows the host in an address, of a malformed one too."""
    return url.partition("://")[2].partition("/")[2]


def _why_not_there(error: ApiError) -> str:
    """What Label Studio has against a webhook's address: a malformed one it names by field, another by `detail`."""
    body = error.body if isinstance(error.body, Mapping) else {}
    by_field = body.get("validation_errors")
    if isinstance(by_field, Mapping) and "url" in by_field:
        return f"{' '.join(by_field['url'])} Its host must be an IP address, localhost or a name with a dot in it"
    return str(body.get("detail", ""))


def _by_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}


def _touched_after(since: datetime) -> dict[str, Any]:
    moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    item = {
        "filter": "filter:tasks:updated_at",
        "operator": "greater",
        "type": "Datetime",
        "value": moment,
    }
    return {"filters": {"conjunction": "and", "items": [item]}}


def _counts(given: Mapping[str, Any]) -> bool:
    return not given.get("was_cancelled")


def _answer(project_id: int, row: Mapping[str, Any], given: Mapping[str, Any]) -> Answer:
    who = given["completed_by"]
    return Answer(
        annotation_id=given["id"],
        task_id=row["id"],
        note_id=row["data"].get("note_id", ""),
        project_id=project_id,
        completed_by=who["id"] if isinstance(who, Mapping) else who,
        created_at=datetime.fromisoformat(given["created_at"]),
        updated_at=datetime.fromisoformat(given["updated_at"]),
        lead_time=given["lead_time"],
        parsed=parse_result(given["result"]),
    )
