"""The API keeps to its own schema.

Whatever is asked, as each role, nothing breaks and answers have their shape.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from annotation.models import Purge, User
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.claims import chunk_claim
from benchmark.services.import_table2 import evaluation_import
from benchmark.services.runs import chunk_work, run_create
from tests.cast import PASSWORD, logged_in
from tests.generated import given

EXAMPLES = {"sam": 12, "rae": 6, "cid": 3, "ada": 3, None: 2}
"""Requests an operation, by who asks: most where most is allowed."""
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def furnished(study, titles, rae, cid, sam):
    """A study with a model's codings and a benchmark, so that lists have rows."""
    run = run_create(study=study, rater=titles, actor=None, poke=lambda run_id: None)
    while chunk := chunk_claim(run.pk):
        chunk_work(chunk)
    study.workspaces.all().delete()
    benchmark_run(study=study)
    Purge.objects.create(number=1, name="gone", notes=1)
    evaluation_import(text=(FIXTURES / "table2_full_length.json").read_text())
    logged_in(sam).get(f"/studies/small/notes/{study.notes.first().pk}/")
    return study


ROWS = (
    "batches", "codes", "code-sets", "raters", "notes", "assignments", "codings", "studies",
    "model-runs", "benchmark-runs", "evidence", "evaluations", "openings", "purges",
)  # fmt: skip


def existing(study, name: str) -> dict[str, object]:
    """Path parameters of a row that is there."""
    if name == "studies":
        return {"slug": study.slug}
    rows = logged_in(User.objects.get(username="sam")).get(f"/api/v1/{name}/").json()["results"]
    assert rows, name
    return {"id": rows[0]["id"]}


@pytest.fixture(scope="module")
def operations() -> list:
    """Every operation that the schema names."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_breaks_and_answers_have_their_shape(furnished, operations, name):
    login = {"auth": (name, PASSWORD)} if name else {}
    assert len(operations) > 25
    real = {name: existing(furnished, name) for name in ROWS}
    for operation in operations:

        @settings(
            max_examples=EXAMPLES[name],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), there=st.booleans())
        def check(case, there):
            if there and case.path_parameters:
                case.path_parameters = real[case.path.split("/")[3]]
            answer = case.call(**login)
            case.validate_response(answer, checks=CHECKS)

        check()
