"""Codings by the page: the file is given, looked at and confirmed."""

from __future__ import annotations

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


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
