"""What a clerk does on the pages that take notes: bring a file, wait, look, confirm."""

from __future__ import annotations

from html import unescape

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.models import Upload
from annotation.services.notes_in import upload_work_on


def brought(client: Client, name: str, data: bytes, *, for_practice: bool = False) -> Upload:
    """A file that was given on the page and checked by a worker; nothing is confirmed."""
    fields: dict[str, object] = {"file": SimpleUploadedFile(name, data)}
    if for_practice:
        fields["for_practice"] = "on"
    answer = client.post("/batches/", fields)
    assert answer.status_code == 302, answer.content[:300]
    return worked_on(Upload.objects.latest("pk"))


def worked_on(upload: Upload) -> Upload:
    """As it is when a worker has done what is asked for."""
    upload_work_on(upload.pk)
    upload.refresh_from_db()
    return upload


def page_of(client: Client, upload: Upload) -> str:
    answer = client.get(f"/batches/uploads/{upload.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def confirmed(client: Client, upload: Upload, **fields: object) -> Upload:
    """After Store was pressed and a worker has stored it."""
    given = {"name": upload.name, "origin": "own", **fields}
    client.post(f"/batches/uploads/{upload.pk}/confirm/", given)
    upload.refresh_from_db()
    return worked_on(upload)


def brought_in(client: Client, name: str, data: bytes, *, for_practice: bool = False) -> str:
    """The upload's page at the end: stored where all rows are good, else what is wrong."""
    upload = brought(client, name, data, for_practice=for_practice)
    if upload.state == Upload.State.CHECKED:
        confirmed(client, upload)
    return page_of(client, upload)
