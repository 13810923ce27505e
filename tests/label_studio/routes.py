"""Print every route of Label Studio with its methods as JSON.

Runs in Label Studio's own environment, by path.
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

from django.contrib.admindocs.views import simplify_regex  # noqa: E402
from django.urls import get_resolver  # noqa: E402

METHODS = ("get", "post", "put", "patch", "delete")


def walk(resolver, prefix=""):
    """(route, methods) of every view below a resolver."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from walk(entry, route)
        else:
            yield simplify_regex(route), methods(entry.callback)


def methods(view):
    """Methods that a view answers to; a plain function may take any."""
    if getattr(view, "actions", None):
        return sorted(view.actions)
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return [name for name in METHODS if hasattr(owner, name)] if owner else ["get", "post"]


print(json.dumps(list(walk(get_resolver()))))
