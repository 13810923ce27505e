"""Ask Label Studio for addresses and print the headers of the answers as JSON.

One after the other in one browser.
Runs in Label Studio's own environment, by path; the addresses come as JSON on standard input.
"""

import json
import os
import sys
from pathlib import Path

import label_studio

sys.path.insert(0, str(Path(label_studio.__file__).parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_guard.settings")

import django

django.setup()

from django.test import Client  # noqa: E402

client = Client()
told = []
for address in json.load(sys.stdin):
    answer = client.get(address)
    given = {name: morsel for name, morsel in answer.cookies.items() if morsel.value}
    cookies = {name: bool(morsel["secure"]) for name, morsel in given.items()}
    told.append(
        {
            "address": address,
            "status": answer.status_code,
            "headers": dict(answer.items()),
            "cookies": cookies,
        }
    )

print(json.dumps(told))
