"""Codings imported: in one call, and by the page: the file is given, looked at, confirmed."""

from __future__ import annotations

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.models import Study
from benchmark.selectors.import_plan import ImportOptions
from benchmark.selectors.import_planning import plan_of_codings, plan_of_study
from benchmark.services.import_codings import Imported, plan_store, study_store
from files.given import given


def codings_import(
    *,
    study: Study,
    kind: str,
    file: str,
    data: bytes,
    name: str = "",
    options: ImportOptions | None = None,
) -> Imported:
    """Plan what a file says, and store it. `file` is the file's name."""
    plan = plan_of_codings(
        study=study, kind=kind, file=given(file, data), name=name, options=options
    )
    return plan_store(plan=plan, study=study)


def study_from_codings(*, slug: str, file: str, data: bytes) -> Study:
    """The study of nothing but the codings of a reference's file."""
    return study_store(plan=plan_of_study(file=given(file, data)), slug=slug)


def looked_at(client: Client, address: str, name: str, data: bytes, **fields: object):
    """The page that shows what would be stored of a file, or what is wrong with it."""
    file = SimpleUploadedFile(name, data)
    return client.post(address, {"file": file, **fields}, follow=True)


def confirmed(client: Client, page):
    """What comes of confirming what a page shows; the page itself where it refuses the file."""
    if page.status_code != 200:
        return page
    text = page.content.decode()
    seen = re.search(r'name="shown" value="(\w+)"', text)
    action = re.search(r'action="(/imports/\d+/confirm/)"', text)
    assert seen and action, text
    return client.post(action[1], {"shown": seen[1]}, follow=True)


def imported(client: Client, address: str, name: str, data: bytes, **fields: object):
    """Both: the last page."""
    return confirmed(client, looked_at(client, address, name, data, **fields))
