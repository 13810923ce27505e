"""Every address that the site has, found by walking its URLconf.

Parameters are filled from what the database holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from django.contrib import admin
from django.contrib.admindocs.views import extract_views_from_urlpatterns, simplify_regex
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import get_resolver

from annotation.models import Assignment, Purge, Study, Upload
from annotation.selectors.code_search import list_hash
from benchmark.models import ModelRun
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.charts import CHARTS
from benchmark.tables.details import DETAILS
from benchmark.tables.notes.lists import ALL_SHOWS
from pages.choices import DOWNLOADS

TABLES = (
    "table1",
    "table2",
    "definitions",
    "spread",
    "work",
    "codes",
    "notes",
    *DETAILS,
    *AGREEMENT,
)


@dataclass(frozen=True)
class Route:
    """One row of the URLconf: its pattern, with parameters as <name>, and what answers."""

    pattern: str
    view: object

    @property
    def parameters(self) -> list[str]:
        """Their names, in the order of the address."""
        return [part.partition(">")[0] for part in self.pattern.split("<")[1:]]

    def filled(self, values: Mapping[str, object]) -> str:
        """The address with these values."""
        address = self.pattern
        for name in self.parameters:
            address = address.replace(f"<{name}>", str(values[name]))
        return address


def routes() -> list[Route]:
    """Every route, those of the admin pages and the API among them."""
    found = {}
    for view, pattern, _, _ in extract_views_from_urlpatterns(get_resolver().url_patterns):
        simple = re.sub(r"<\w+:(\w+)>", r"<\1>", simplify_regex(pattern)).replace("\\.", ".")
        found.setdefault(simple, Route(simple, view))
    return list(found.values())


def addresses(study: Study) -> list[str]:
    """Every route, filled with parameters that exist, and the pages' own choices.

    A choice is something in the query other than a place in a list.
    """
    found = []
    for route in routes():
        found += list(dict.fromkeys(_of_route(route, study)))
    return [*found, *_choices(study)]


def _of_route(route: Route, study: Study) -> Iterator[str]:
    known = {name: values for name in route.parameters if (values := _values(name, route, study))}
    for values in product(*known.values()):
        given = dict(zip(known, values, strict=True))
        if route.parameters == list(known):
            yield route.filled(given)


def _values(name: str, route: Route, study: Study) -> Sequence[object]:
    """What a parameter of a route may be."""
    note = study.notes.order_by("pk").values_list("pk", flat=True).first()
    simple = {
        "slug": [study.slug],
        "note_id": [note],
        "rater_id": study.workspaces.values_list("rater", flat=True).order_by("rater")[:1],
        "run_id": ModelRun.objects.filter(study=study).values_list("pk", flat=True)[:1],
        "assignment_id": Assignment.objects.filter(study=study).values_list("pk", flat=True)[:1],
        "export_id": study.exports.values_list("pk", flat=True)[:1],
        "place": [1],
        "project_id": [1],
        "batch_id": [study.batch_id],
        "purge_id": Purge.objects.values_list("pk", flat=True)[:1],
        "upload_id": Upload.objects.values_list("pk", flat=True)[:1],
        "code_set_id": [study.code_set_id],
        "digest": [list_hash(study.code_set)],
        "table": [*TABLES, *CHARTS],
        "extension": [*DOWNLOADS, "svg"],
        "format": [".json" if route.pattern.endswith("/<format>") else "json"],
        "app_label": ["annotation", "benchmark", "axes", "auth"],
        "content_type_id": ContentType.objects.filter(model="study").values_list("pk", flat=True),
        "url": ["nowhere"],
    }
    if name in simple:
        return list(simple[name])
    if name in ("pk", "object_id"):
        model = model_of(route, study)
        return list(model._default_manager.values_list("pk", flat=True)[:1]) if model else [1]
    return [study.pk]


def model_of(route: Route, study: Study) -> type[Model] | None:
    """Whose rows a route of the API or of the admin pages shows."""
    if hasattr(route.view, "cls"):
        return (
            route.view.cls.serializer_class.Meta.model
            if hasattr(route.view.cls.serializer_class, "Meta")
            else None
        )
    for model in admin.site._registry:
        if route.pattern.startswith(f"/admin/{model._meta.app_label}/{model._meta.model_name}/"):
            return model
    return None


def _choices(study: Study) -> Iterator[str]:
    """The choices that pages have in their addresses."""
    results = f"/studies/{study.slug}/results"
    for preset in ("present", "full", "tuned", "panel", "union"):
        yield f"{results}/?preset={preset}"
    for by in ("category", "chapter", "kind", "frequency"):
        yield f"{results}/codes/?by={by}&a=model+two"
    for query in ("q=heart+failure", "least=0&rows=all", "a=ada&b=ben", "code=428.0"):
        yield f"{results}/codes/?{query}"
        yield f"{results}/code/?{query}"
    yield f"{results}/code/?code=250&by=category"
    for show in ALL_SHOWS:
        yield f"{results}/notes/?by=kind&of=Diagnoses&show={show}&a=model+two"
        yield f"{results}/notes.csv?by=kind&of=Diagnoses&show={show}&a=model+two"
    last = 10**6
    for page in ("results/codes/", "results/notes/", "notes/"):
        yield f"/studies/{study.slug}/{page}?page={last}"
    yield "/models/?preset=panel"
    yield "/queue/?page=2"
    for show in ("changed", "none", "unlisted"):
        yield f"/queue/?study={study.slug}&show={show}"
    for name in ("notes", "codings", "assignments", "evidence"):
        yield f"/api/v1/{name}/?page=20"
        yield f"/api/v1/{name}/?study={study.pk}"
