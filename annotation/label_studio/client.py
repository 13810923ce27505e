"""The one way to Label Studio: nothing else imports its SDK.

No error, log line or address from here holds note text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx

from annotation.label_studio.answers import Answer, answer_from, touched_after
from annotation.label_studio.errors import (
    LabelStudioDown,
    LabelStudioError,
    LabelStudioRefused,
    errors,
    why_not_there,
)
from annotation.label_studio.labeling_page import answer_result, shown_text
from annotation.label_studio.openings import OpenedThere
from label_studio_guard.token import GUARD_HEADER, LEAVING, sign, sign_admin

__all__ = ["Account", "LabelStudio", "LabelStudioDown", "LabelStudioError", "LabelStudioRefused"]

WEBHOOK_HEADER = "X-Coderbench-Webhook"
WEBHOOK_ACTIONS = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED")
BASED_ON = "X-Coderbench-Based-On"
"""Names the answer that a change goes on from; the guard refuses a change to another."""
SHORTEST_TITLE = 3
LONGEST_TITLE = 50
"""Characters of a project's title that Label Studio takes."""
PAGE = 100
"""Tasks that one request lists."""
NOTES_A_REQUEST = 200
SECONDS = 60.0
"""How long one answer of Label Studio may take, where nothing else is said."""


@dataclass(frozen=True)
class Account:
    """A coder's account in Label Studio, with the API token of that account."""

    id: int
    token: str


class LabelStudio:
    """Label Studio as an admin sees it.

    Every method raises LabelStudioDown where nothing answers, LabelStudioRefused where it says no.
    """

    def __init__(self, url: str, token: str, guard_secret: str, seconds: float = SECONDS) -> None:
        """`seconds`: how long one answer may take."""
        self.url = url.rstrip("/")
        self._seconds = seconds
        self._token = token
        self._secret = guard_secret

    @cached_property
    def _sdk(self) -> Any:
        # Imported only where it is used: it loads pandas, which takes a second.
        import label_studio_sdk

        make: Any = label_studio_sdk.LabelStudio
        return make(base_url=self.url, api_key=self._token, timeout=self._seconds)

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=self._seconds)

    def health(self) -> None:
        """Returns when Label Studio answers; raises where it does not."""
        with errors("answer"):
            self._http.get("/health/").raise_for_status()

    # People

    def ensure_account(self, email: str, name: str) -> Account:
        """The coder's account, made where there is none.

        It has no password: the coder comes in by `login_url`.
        """
        made = self.guard("make an account", "accounts", email=email, name=name)
        return Account(id=made["id"], token=made["token"])

    def set_session(self, email: str, active: bool) -> None:
        """End every session of the coder. With active=False nobody can sign in to it any more."""
        self.guard("end sessions", "end-sessions", email=email, active=active)

    def login_url(self, email: str, project_id: int, task_id: int) -> str:
        """The address that signs the coder in and opens one note; it works once, for 60 seconds.

        Send it as a redirect.
        """
        return f"{self.url}/guard/login?token={sign(self._secret, email, project_id, task_id)}"

    def admin_login_url(self, user: int = 0) -> str:
        """As `login_url`, for an admin: the person of that id on our site."""
        return f"{self.url}/guard/admin?token={sign_admin(self._secret, user)}"

    def end_admin_sessions(self) -> None:
        """End every session of the administrator's account; our own token goes on working."""
        self.guard("end the sessions of admins", "end-admin-sessions")

    def leave_url(self, email: str) -> str:
        """As `login_url`: the page that sends the ticks which the coder's browser still keeps."""
        ticket = sign(self._secret, email, 0, 0, audience=LEAVING)
        return f"{self.url}/guard/leave?token={ticket}"

    def openings(self, taken: Sequence[str] = ()) -> list[OpenedThere]:
        """Who opened which note there: some that were not taken yet, oldest first.

        `taken` names those of the last call; Label Studio forgets them.
        """
        told = self.guard("tell who opened notes", "openings", taken=list(taken))
        return [OpenedThere.read(row) for row in told["openings"]]

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
        """Make a project for one coder, open for answers. Returns its id.

        Nobody but the coder and admins can reach it. `made` is told the id as soon as there is
        one. Where the id never arrives, `find_project` finds the project by its `mark`, and
        `furnish_project` does what is left.
        """
        if not SHORTEST_TITLE <= len(title) <= LONGEST_TITLE:
            raise ValueError(
                f"a project title has {SHORTEST_TITLE} to {LONGEST_TITLE} characters, "
                f"this one {len(title)}"
            )
        with errors("create a project"):
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
        """Id of the project that was made with this mark; None where there is none."""
        found: int | None = self.guard("find a project", "find-project", mark=mark)["project"]
        return found

    def furnish_project(self, project_id: int, coder_email: str) -> None:
        """Give a new project its view and its one coder; doing so twice changes nothing."""
        with errors("furnish a project"):
            # The page of a project without a view makes one, which a coder may not.
            if not self._sdk.views.list(project=project_id):
                self._sdk.views.create(
                    project=project_id, data={"title": "Notes", "type": "list", "target": "tasks"}
                )
        self.name_coder(project_id, coder_email)

    def name_coder(self, project_id: int, coder_email: str, is_open: bool = True) -> None:
        """Let this coder into the project, and no other.

        With is_open=False the coder can read it, but not answer.
        """
        self.guard("name a coder", "projects", project=project_id, email=coder_email, open=is_open)

    def delete_project(self, project_id: int) -> None:
        """Delete a project with its notes and answers. It is no error where it is gone already."""
        try:
            with errors("delete a project"):
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
        """Make a task of each (note id, text) that the project lacks.

        Returns the task id of every note of `notes`. `arrived` is told the task ids of some notes
        at a time, as soon as they are known. Sending the same notes twice makes no second task:
        Label Studio would make one, so what is there is read first.
        """
        there = self._task_ids(project_id)
        task_of: dict[str, int] = {}
        absent = []
        for note_id, text in notes:
            if note_id in there:
                task_of[note_id] = there[note_id]
            else:
                absent.append((note_id, text))
        arrived(task_of)
        for start in range(0, len(absent), NOTES_A_REQUEST):
            new = self._import(project_id, absent[start : start + NOTES_A_REQUEST])
            arrived(new)
            task_of |= new
        return task_of

    def _import(self, project_id: int, notes: Sequence[tuple[str, str]]) -> dict[str, int]:
        """Make a task of each (note id, text), in one request. Returns their task ids."""
        tasks = []
        for note_id, text in notes:
            tasks.append({"data": {"note_id": note_id, "text": shown_text(text)}})
        with errors("take the notes"):
            answer = self._sdk.projects.import_tasks(
                project_id, request=tasks, return_task_ids=True
            )
        note_ids = [note_id for note_id, _ in notes]
        if answer.task_ids is not None:
            return dict(zip(note_ids, answer.task_ids, strict=True))
        known = self._task_ids(project_id)
        return {note_id: known[note_id] for note_id in note_ids}

    def task_texts_sha256(self, project_id: int) -> dict[str, str]:
        """Note id -> SHA-256 of the text that Label Studio holds; it should be the `shown_text`."""
        found = {}
        for row in self._tasks(project_id, include="id,data"):
            data = row["data"]
            if "note_id" in data:
                found[data["note_id"]] = hashlib.sha256(data["text"].encode()).hexdigest()
        return found

    def _task_ids(self, project_id: int) -> dict[str, int]:
        """Note id -> task id, of every note in the project."""
        found = {}
        for row in self._tasks(project_id, include="id,data"):
            if "note_id" in row["data"]:
                found[row["data"]["note_id"]] = row["id"]
        return found

    # Answers

    def changed(self, project_id: int, since: datetime | None = None) -> list[Answer]:
        """The answers on notes that were touched after `since`; without it all answers.

        Let `since` overlap the last call, and expect answers that are known. Skipped notes are no
        answers. Deleted answers are not seen here: compare with `annotation_ids`.
        """
        query = {}
        if since is not None:
            query["query"] = json.dumps(touched_after(since))
        answers = []
        for row in self._tasks(project_id, fields="all", **query):
            for given in row["annotations"]:
                if not given.get("was_cancelled"):
                    answers.append(answer_from(project_id, row, given))
        return answers

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
        active_seconds: float | None = None,
    ) -> int:
        """Answer a note as its coder, by the request that the page makes. Returns the answer's id.

        No codes at all is the answer "No listed code applies".
        """
        result = answer_result(codes, unlisted, active_seconds)
        body = {"result": result, "lead_time": seconds}
        made = self._post(
            "take an answer", f"/api/tasks/{task_id}/annotations/", body, _by_token(coder_token)
        )
        return int(made["id"])

    def answer_on(self, project_id: int, task_id: int) -> Answer | None:
        """The answer on one note as it stands now; None where it has none."""
        with errors("read an answer"):
            response = self._http.get(f"/api/tasks/{task_id}/", headers=_by_token(self._token))
            response.raise_for_status()
        row = response.json()
        for given in row["annotations"]:
            if not given.get("was_cancelled"):
                return answer_from(project_id, row, given)
        return None

    def resubmit(
        self,
        coder_token: str,
        answer: Answer,
        codes: Sequence[str],
        seconds: float,
        unlisted: str = "",
        active_seconds: float | None = None,
    ) -> None:
        """Change an answer as its coder. LabelStudioRefused where it was changed meanwhile."""
        result = answer_result(codes, unlisted, active_seconds)
        body = {"result": result, "lead_time": seconds}
        seen = answer.updated_at.isoformat().replace("+00:00", "Z")
        with errors("change an answer"):
            response = self._http.patch(
                f"/api/annotations/{answer.annotation_id}/",
                json=body,
                headers={**_by_token(coder_token), BASED_ON: seen},
            )
            response.raise_for_status()

    def add_webhook(self, project_id: int, url: str, secret: str) -> int:
        """Have Label Studio tell `url` when an answer changes, without saying what it is.

        It sends `secret` in the header X-Coderbench-Webhook. A webhook with the same path is
        changed, for our site may have moved to another host. Returns the webhook's id. Raises
        LabelStudioRefused, which names the address and what is wrong with it.
        """
        settings = {
            "url": url,
            "actions": list(WEBHOOK_ACTIONS),
            "headers": {WEBHOOK_HEADER: secret},
            "is_active": True,
            "send_for_all_actions": False,
            "send_payload": False,
        }
        with errors(f"send webhooks to {url}", why=why_not_there):
            for hook in self._sdk.webhooks.list(project=str(project_id)):
                if _path(hook.url) == _path(url):
                    self._sdk.webhooks.update(hook.id, **settings)
                    return int(hook.id)
            return int(self._sdk.webhooks.create(project=project_id, **settings).id)

    # Requests

    def _tasks(self, project_id: int, **options: str) -> Iterator[dict[str, Any]]:
        """Every task of a project, read page by page.

        The SDK's own pager asks for one page too many, which Label Studio logs as an error.
        """
        page = 1
        while True:
            params: dict[str, Any] = {
                "project": project_id,
                "page": page,
                "page_size": PAGE,
                "resolve_uri": "false",
                **options,
            }
            with errors("list tasks"):
                response = self._http.get(
                    "/api/tasks/", params=params, headers=_by_token(self._token)
                )
                response.raise_for_status()
            answer = response.json()
            yield from answer["tasks"]
            if page * PAGE >= answer["total"]:
                return
            page += 1

    def guard(self, what: str, page: str, **body: Any) -> Any:
        """Ask the guard, which lives in Label Studio's process (`label_studio_guard`)."""
        return self._post(what, f"/guard/{page}", body, {GUARD_HEADER: self._secret})

    def _post(self, what: str, path: str, body: Mapping[str, Any], headers: dict[str, str]) -> Any:
        """The answer to a POST; `what` is asked for, in words for an error."""
        with errors(what):
            response = self._http.post(path, json=body, headers=headers)
            response.raise_for_status()
            return response.json()


def _path(url: str) -> str:
    """What follows the host in an address; a malformed address is no error."""
    return url.partition("://")[2].partition("/")[2]


def _by_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"}
